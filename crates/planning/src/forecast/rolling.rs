//! Rolling origins: what a model says of the newest periods from those before, and how wide its
//! intervals have to be. Whether the model is fitted anew at each origin is for the caller; one that is
//! not has seen what came, and [`Usual`] makes up for that in the intervals.
//!
//! Origins lie three periods apart and reach to the end of the series, one horizon at most.
//! Intervals are widened by how far the errors at the origins went beyond their deviations
//! (empirical intervals: Lee, Scholtes (2014), "Empirical prediction intervals revisited",
//! International Journal of Forecasting 30), drawn towards the factor that was measured for the
//! model. What is measured here and in [`Usual`] is chosen so that coverage is right over the M1, M3,
//! tourism and retail series at three ends (retail: at eight), and not at their last one. A model's own deviations leave
//! out the doubt in its form and its coefficients (Hyndman, Koehler, Snyder, Grose (2002), "A state
//! space framework for automatic forecasting using exponential smoothing methods", International
//! Journal of Forecasting 18, section 5).

use super::number::mean;
use super::outlook::{MEAN_SIZE, Outcome};

/// Origins at most, and the periods between them.
const MOST: usize = 6;
const GAP: usize = 3;
/// Origins at most where each costs a fit.
const FEW: usize = 3;
/// Origins at most where only the width of intervals is asked for.
const MANY: usize = 12;
/// Seasons left before the first origin at least, and points.
const SEASONS_BEFORE: usize = 3;
const POINTS_BEFORE: usize = 12;
/// Origins for which the measured factor counts. Sizes of errors and not squares are compared: one
/// bad year would widen the intervals of all that come.
const PRIOR: f64 = 1.0;
/// The shorter the history, the less sure its coefficients: variances grow by this over its length.
const DOUBT: f64 = 300.0;

/// The factors by which a model's deviations were off on the measured series, near and far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usual {
    /// Over the first half of the horizon.
    pub(crate) near: f64,
    /// Over the second half.
    pub(crate) far: f64,
    /// What the sizes of errors at the origins are multiplied by. Above 1 where coefficients are many
    /// and held: they have seen what came.
    pub(crate) origins: f64,
}

/// The origins of one series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origins {
    length: usize,
    horizon: usize,
    gap: usize,
    count: usize,
}

impl Origins {
    /// Returns the origins that the length allows, perhaps none.
    pub(crate) fn of(length: usize, period: usize, horizon: usize) -> Self {
        let before = (SEASONS_BEFORE * period).max(POINTS_BEFORE);
        let count = (length.saturating_sub(before) / GAP).min(MOST);
        Self { length, horizon, gap: GAP, count }
    }

    /// Returns as many origins as tell how wide intervals have to be.
    pub(crate) fn many(length: usize, period: usize, horizon: usize) -> Self {
        let before = (SEASONS_BEFORE * period).max(POINTS_BEFORE);
        let count = (length.saturating_sub(before) / GAP).min(MANY);
        Self { length, horizon, gap: GAP, count }
    }

    /// Returns few origins, half a horizon apart: for models that are costly to fit anew.
    pub(crate) fn few(length: usize, period: usize, horizon: usize) -> Self {
        let before = (SEASONS_BEFORE * period).max(POINTS_BEFORE);
        let gap = horizon.div_ceil(2);
        let count = (length.saturating_sub(before) / gap).min(FEW);
        Self { length, horizon, gap, count }
    }

    /// Returns how many periods are known after each origin, at most a horizon.
    pub(crate) fn reaches(&self) -> impl Iterator<Item = usize> + '_ {
        (1..=self.count).map(|order| (order * self.gap).min(self.horizon))
    }

    /// Returns the number of values before each origin, the newest origin first.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> + '_ {
        (1..=self.count).map(|order| self.length - order * self.gap)
    }

    /// Asks for a forecast at each origin.
    pub(crate) fn each(
        &self,
        forecast: impl Fn(usize, usize) -> Option<Outcome>,
    ) -> Vec<Option<Outcome>> {
        self.places().zip(self.reaches()).map(|(at, reach)| forecast(at, reach)).collect()
    }

    /// Returns the mean absolute error over the origins, the longer reaches counting more.
    ///
    /// A failed forecast counts as an error of 9, at a series' size of 1; without origins 1.
    pub(crate) fn error(&self, values: &[f64], trials: &[Option<Outcome>]) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for (order, trial) in trials.iter().enumerate() {
            let at = self.length - (order + 1) * self.gap;
            let error = trial.as_ref().map_or(9.0, |trial| {
                let pairs = trial.mean.iter().zip(&values[at..]);
                mean(&pairs.map(|(f, y)| (f - y).abs()).collect::<Vec<_>>())
            });
            let weight = (((order + 1) * self.gap).min(self.horizon) as f64).sqrt();
            sum += weight * error;
            count += weight;
        }
        if count > 0.0 { sum / count } else { 1.0 }
    }

    /// Widens the deviations of a forecast, near and far apart: a model may be right about the
    /// next period and wrong about how doubt grows.
    pub(crate) fn widen(
        &self,
        values: &[f64],
        trials: &[Option<Outcome>],
        outcome: &mut Outcome,
        usual: Usual,
    ) {
        let doubt = (1.0 + DOUBT / self.length as f64).sqrt();
        let half = self.horizon.div_ceil(2);
        let factor = |steps: std::ops::Range<usize>, own: f64| {
            let (mut sum, mut count) = (PRIOR * own * doubt, PRIOR);
            for (order, trial) in trials.iter().enumerate() {
                let Some(trial) = trial else { continue };
                let at = self.length - (order + 1) * self.gap;
                let pairs = trial.mean.iter().zip(&trial.deviation).zip(&values[at..]);
                let ratios: Vec<f64> = pairs
                    .skip(steps.start)
                    .take(steps.len())
                    .filter(|((_, deviation), _)| **deviation > 1e-9)
                    .map(|((f, deviation), y)| ((f - y) / deviation).abs().min(5.0) / MEAN_SIZE)
                    .collect();
                let share = ratios.len() as f64 / steps.len() as f64;
                sum += share * usual.origins * mean(&ratios);
                count += share;
            }
            sum / count
        };
        let near = factor(0..half, usual.near);
        let far = if half < self.horizon { factor(half..self.horizon, usual.far) } else { near };
        // A line through the middles of both halves.
        for (step, deviation) in outcome.deviation.iter_mut().enumerate() {
            let share = ((step as f64 + 0.5) / self.horizon as f64 - 0.25) / 0.5;
            *deviation *= (near + (far - near) * share).max(0.5 * near.min(far));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(horizon: usize, deviation: f64) -> Outcome {
        let label = String::new();
        Outcome { mean: vec![0.0; horizon], deviation: vec![deviation; horizon], label }
    }

    #[test]
    fn a_short_series_has_no_origin() {
        assert_eq!(Origins::of(10, 12, 6).reaches().count(), 0);
        assert_eq!(Origins::of(100, 12, 6).reaches().collect::<Vec<_>>(), [3, 6, 6, 6, 6, 6]);
    }

    #[test]
    fn intervals_widen_where_errors_were_larger() {
        let values: Vec<f64> = (0..60).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let origins = Origins::of(60, 4, 6);
        let width = |deviation: f64| {
            let trials = origins.each(|_, reach| Some(flat(reach, deviation)));
            let mut outcome = flat(6, deviation);
            origins.widen(
                &values,
                &trials,
                &mut outcome,
                Usual { near: 0.7, far: 0.7, origins: 1.0 },
            );
            outcome.deviation[0] / deviation
        };
        assert!(width(0.3) > 2.0, "errors three times the deviation");
        assert!(width(3.0) < 1.0, "errors a third of the deviation");
    }

    #[test]
    fn the_error_is_the_mean_absolute_one() {
        let values = vec![2.0; 40];
        let origins = Origins::of(40, 4, 6);
        let trials = origins.each(|_, reach| Some(flat(reach, 1.0)));
        assert!((origins.error(&values, &trials) - 2.0).abs() < 1e-12);
    }
}
