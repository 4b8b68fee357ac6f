//! Calibration that follows the newest labels as they come in.
//!
//! For work whose base rate moves faster than models are trained again. Slope and shift of the
//! log-odds are the state of a logistic regression that drifts as a random walk (dynamic logistic
//! regression: West, Harrison, Migon, JASA 80, 1985). How fast it drifts is not a setting: filters
//! with several speeds run side by side and count by how likely each found the newest labels
//! (dynamic model averaging: Raftery, Karny, Ettler, Technometrics 52, 2010). With a base rate that
//! stands still the slowest one wins and hardly anything is corrected. Predictions never use labels
//! that came later.

use serde::{Deserialize, Serialize};

use super::ScoreError;
use super::calibrate::Calibration;
use super::num::{EDGE, logit, sigmoid};

/// Variance of the shift's step from one label to the next, for each filter: from a world that
/// stands still to one in which the odds change e-fold within some thirty labels.
const SPEEDS: [f64; 6] = [0.0, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2];
/// The slope's variance beside the shift's, for its steps and at the start.
const SLOPE_SHARE: f64 = 0.1;
/// Variance of the shift before the first label: a model is trusted to about a seventh of a unit
/// of log-odds.
const START: f64 = 0.02;
/// What a filter's past counts beside its newest label.
const MEMORY: f64 = 0.99;
/// Steps in which the mode of a label's likelihood is found; the equation has one root in -1 to 1.
const STEPS: usize = 24;

/// Follows the newest labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RollingCalibration {
    start: Calibration,
    filters: Vec<Filter>,
}

/// One filter: slope and shift, how sure it is of them, and how well it foretold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Filter {
    slope: f64,
    shift: f64,
    /// Variance of the slope, covariance, variance of the shift.
    variance: [f64; 3],
    /// Variance of the shift's step.
    speed: f64,
    /// Discounted log likelihood of what came.
    likelihood: f64,
}

impl RollingCalibration {
    /// Starts from a model's own correction.
    #[must_use]
    pub fn new(start: Calibration) -> Self {
        let filter = |speed: &f64| Filter {
            slope: 1.0,
            shift: 0.0,
            variance: [START * SLOPE_SHARE, 0.0, START],
            speed: *speed,
            likelihood: 0.0,
        };
        Self { start, filters: SPEEDS.iter().map(filter).collect() }
    }

    /// Corrects a model's uncorrected probability.
    #[must_use]
    pub fn apply(&self, uncorrected: f64) -> f64 {
        let (slope, shift) = self.line();
        sigmoid(slope * logit(self.start.apply(uncorrected)) + shift)
    }

    /// The correction in force, to be stored with a model.
    #[must_use]
    pub fn current(&self) -> Calibration {
        let (slope, shift) = self.line();
        self.start.then_line(slope, shift)
    }

    /// Takes in a label and the uncorrected probability that was told for it, in the order of
    /// time.
    ///
    /// # Errors
    /// A number that is not a probability.
    pub fn observe(&mut self, uncorrected: f64, label: bool) -> Result<(), ScoreError> {
        if !(0.0..=1.0).contains(&uncorrected) {
            return Err(ScoreError::Setting { setting: "probability" });
        }
        let told = logit(self.start.apply(uncorrected));
        self.filters.iter_mut().for_each(|filter| filter.observe(told, label));
        Ok(())
    }

    /// Slope and shift: the filters' mean, weighted by likelihood. The slope is not negative, so
    /// that the order of scores is kept.
    fn line(&self) -> (f64, f64) {
        let best = self.filters.iter().map(|f| f.likelihood).fold(f64::NEG_INFINITY, f64::max);
        let (mut all, mut slope, mut shift) = (0.0, 0.0, 0.0);
        for filter in &self.filters {
            let weight = (filter.likelihood - best).exp();
            all += weight;
            slope += weight * filter.slope;
            shift += weight * filter.shift;
        }
        // No filter can be read from bytes but from none; then nothing is corrected.
        if all > 0.0 { ((slope / all).max(0.0), shift / all) } else { (1.0, 0.0) }
    }
}

impl Filter {
    fn observe(&mut self, told: f64, label: bool) {
        self.variance[0] += SLOPE_SHARE * self.speed;
        self.variance[2] += self.speed;
        let [slopes, both, shifts] = self.variance;
        let odds = self.slope * told + self.shift;
        // Variance times the input (told, 1), and the variance of the odds.
        let gain = [slopes * told + both, both * told + shifts];
        let spread = (gain[0] * told + gain[1]).max(0.0);
        // The chance of a yes under the whole spread (MacKay, Neural Computation 4, 1992).
        let chance = sigmoid(odds / (1.0 + std::f64::consts::PI / 8.0 * spread).sqrt());
        let chance = chance.clamp(EDGE, 1.0 - EDGE);
        self.likelihood *= MEMORY;
        self.likelihood += if label { chance.ln() } else { (1.0 - chance).ln() };
        // The mode moves along the gain by what the label differs from the chance at the mode.
        let label = f64::from(u8::from(label));
        let mut step = 0.0_f64;
        for _ in 0..STEPS {
            let q = sigmoid(odds + spread * step);
            let off = (step - (label - q)) / (1.0 + spread * q * (1.0 - q));
            step = (step - off).clamp(-1.0, 1.0);
            if off.abs() < 1e-12 {
                break;
            }
        }
        self.slope += gain[0] * step;
        self.shift += gain[1] * step;
        let q = sigmoid(self.slope * told + self.shift);
        let weight = q * (1.0 - q);
        let known = weight / (1.0 + weight * spread);
        self.variance[0] -= known * gain[0] * gain[0];
        self.variance[1] -= known * gain[0] * gain[1];
        self.variance[2] -= known * gain[1] * gain[1];
    }
}

#[cfg(test)]
mod tests {
    use super::super::metrics::{ece_by_chance, measure};
    use super::super::num::Rng;
    use super::*;

    /// What is told, the labels, and the probabilities as they are and as they are followed, when
    /// the log-odds of yes move by `moved` on the way.
    fn followed(rows: u32, moved: f64) -> (Vec<bool>, Vec<f64>, Vec<f64>) {
        let mut rng = Rng::new(11);
        let mut rolling = RollingCalibration::new(Calibration::AsIs);
        let (mut labels, mut fixed, mut followed) = (vec![], vec![], vec![]);
        for at in 0..rows {
            let told = 0.02 + 0.4 * rng.unit();
            let label = rng.unit() < sigmoid(logit(told) + moved * f64::from(at) / f64::from(rows));
            labels.push(label);
            fixed.push(told);
            followed.push(rolling.apply(told));
            rolling.observe(told, label).unwrap();
        }
        (labels, fixed, followed)
    }

    #[test]
    fn a_base_rate_that_moves_is_followed() {
        let (labels, fixed, told) = followed(6000, 2.1);
        let by_chance = ece_by_chance(&told).unwrap();
        let fixed = measure(&labels, &fixed).unwrap();
        let followed = measure(&labels, &told).unwrap();
        assert!(fixed.ece > 0.1, "the example drifts: {}", fixed.ece);
        assert!(followed.ece < 0.01 + by_chance, "followed: {} {by_chance}", followed.ece);
        assert!(followed.log_loss < fixed.log_loss);
    }

    #[test]
    fn a_base_rate_that_stands_still_is_left_alone() {
        let (labels, fixed, followed) = followed(2000, 0.0);
        let fixed = measure(&labels, &fixed).unwrap();
        let followed = measure(&labels, &followed).unwrap();
        let cost = followed.log_loss - fixed.log_loss;
        assert!(cost < 0.005, "following costs next to nothing: {cost}");
    }

    #[test]
    fn labels_of_one_kind_move_it_without_end() {
        let mut rolling = RollingCalibration::new(Calibration::AsIs);
        (0..20_000).for_each(|_| rolling.observe(0.3, true).unwrap());
        let told = rolling.apply(0.3);
        assert!(told > 0.9 && told < 1.0, "{told}");
        rolling.current().check().unwrap();
        (0..500).for_each(|_| rolling.observe(0.3, false).unwrap());
        assert!(rolling.apply(0.3) < 0.2, "and back again: {}", rolling.apply(0.3));
    }

    #[test]
    fn probabilities_at_the_very_ends_stay_finite() {
        let mut rolling = RollingCalibration::new(Calibration::AsIs);
        for at in 0..2000 {
            rolling.observe(f64::from(at % 2), at % 3 == 0).unwrap();
        }
        rolling.current().check().unwrap();
        assert!(rolling.apply(0.0) <= rolling.apply(1.0), "the order is kept");
        assert!(rolling.observe(f64::NAN, true).is_err());
        assert!(rolling.observe(1.5, true).is_err());
    }

    #[test]
    fn the_stored_correction_is_the_one_in_force() {
        let line = Calibration::Line { slope: 0.7, shift: 0.4 };
        let steps = Calibration::Steps { told: vec![-2.0, 0.0, 1.0], seen: vec![0.1, 0.4, 0.9] };
        for start in [Calibration::AsIs, line, steps] {
            let mut rolling = RollingCalibration::new(start);
            (0..200).for_each(|at| rolling.observe(0.4, at % 5 == 0).unwrap());
            let stored = rolling.current();
            stored.check().unwrap();
            for told in [0.01, 0.119_202_922, 0.5, 0.99] {
                let off = stored.apply(told) - rolling.apply(told);
                assert!(off.abs() < 1e-6, "{stored:?} at {told}: off by {off}");
            }
        }
    }
}
