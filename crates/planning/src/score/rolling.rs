//! Calibration that follows the newest labels as they come in.
//!
//! For work whose base rate moves faster than models are trained again: each label is observed in
//! the order of time, and slope and shift of the log-odds are fitted to the newest ones. Predictions
//! never use labels that came later.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::ScoreError;
use super::calibrate::{Calibration, CalibrationKind, fit_calibration};

/// Labels of either kind without which nothing is fitted, and without which only a shift is.
const LEAST: usize = 10;
const SLOPE_NEEDS: usize = 30;

/// Follows the newest labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RollingCalibration {
    window: usize,
    every: usize,
    since: usize,
    seen: VecDeque<(f64, bool)>,
    current: Calibration,
}

impl RollingCalibration {
    /// Starts from a model's own correction. `window` is how many of the newest labels count,
    /// `every` after how many new ones the correction is fitted again.
    ///
    /// # Errors
    /// A window that cannot hold enough labels, or one larger than a million.
    pub fn new(start: Calibration, window: usize, every: usize) -> Result<Self, ScoreError> {
        if !(2 * LEAST..=1_000_000).contains(&window) {
            return Err(ScoreError::Setting { setting: "window" });
        }
        if every == 0 {
            return Err(ScoreError::Setting { setting: "every" });
        }
        Ok(Self { window, every, since: 0, seen: VecDeque::new(), current: start })
    }

    /// Corrects a model's uncorrected probability.
    #[must_use]
    pub fn apply(&self, uncorrected: f64) -> f64 {
        self.current.apply(uncorrected)
    }

    /// The correction in force.
    #[must_use]
    pub fn current(&self) -> &Calibration {
        &self.current
    }

    /// Takes in a label and the uncorrected probability that was told for it.
    ///
    /// # Errors
    /// A number that is not a probability.
    pub fn observe(&mut self, uncorrected: f64, label: bool) -> Result<(), ScoreError> {
        if !(0.0..=1.0).contains(&uncorrected) {
            return Err(ScoreError::Setting { setting: "probability" });
        }
        self.seen.push_back((uncorrected, label));
        if self.seen.len() > self.window {
            self.seen.pop_front();
        }
        self.since += 1;
        if self.since < self.every {
            return Ok(());
        }
        let (told, labels): (Vec<f64>, Vec<bool>) = self.seen.iter().copied().unzip();
        let yes = labels.iter().filter(|l| **l).count();
        let rarer = yes.min(labels.len() - yes);
        if rarer >= LEAST {
            let kind =
                if rarer >= SLOPE_NEEDS { CalibrationKind::Platt } else { CalibrationKind::Shift };
            self.current = fit_calibration(kind, &labels, &told)?;
            self.since = 0;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::metrics::measure;
    use super::super::num::{Rng, logit, sigmoid};
    use super::*;

    #[test]
    fn a_base_rate_that_moves_is_followed() {
        let mut rng = Rng::new(11);
        let mut rolling = RollingCalibration::new(Calibration::AsIs, 400, 50).unwrap();
        let (mut labels, mut fixed, mut followed) = (vec![], vec![], vec![]);
        for at in 0..6000 {
            let told = 0.02 + 0.4 * rng.unit();
            // The odds of yes grow eightfold on the way.
            let label = rng.unit() < sigmoid(logit(told) + 2.1 * f64::from(at) / 6000.0);
            labels.push(label);
            fixed.push(told);
            followed.push(rolling.apply(told));
            rolling.observe(told, label).unwrap();
        }
        let fixed = measure(&labels, &fixed).unwrap();
        let followed = measure(&labels, &followed).unwrap();
        assert!(fixed.ece > 0.1, "the example drifts: {}", fixed.ece);
        assert!(followed.ece < 0.03, "followed: {}", followed.ece);
        assert!(followed.log_loss < fixed.log_loss);
    }

    #[test]
    fn labels_of_one_kind_change_nothing() {
        let mut rolling = RollingCalibration::new(Calibration::AsIs, 100, 1).unwrap();
        (0..200).for_each(|_| rolling.observe(0.3, true).unwrap());
        assert_eq!(rolling.current(), &Calibration::AsIs);
        assert!(rolling.observe(f64::NAN, true).is_err());
        assert!(RollingCalibration::new(Calibration::AsIs, 3, 1).is_err());
    }
}
