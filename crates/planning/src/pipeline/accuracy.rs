//! Whether forecasts have been right, and the alarm when they no longer are.
//!
//! Two alarms. Bias: the sum of the newest errors is large against their mean size (tracking
//! signal; Brown, *Statistical Forecasting for Inventory Control*, 1959; limit of 4 as usual for
//! it). Size: the newest errors are clearly larger than those before.

use crate::forecast::number::mean;

/// Errors that an alarm looks at, and that it needs before them.
const NEWEST: usize = 6;
/// Tracking signal beyond which errors lean to one side.
const LEANS: f64 = 4.0;
/// Newest errors larger than earlier ones by this factor are an alarm.
const GREW: f64 = 2.0;

/// A forecast whose period is over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Told {
    /// What was forecast.
    pub forecast: f64,
    /// What came.
    pub actual: f64,
}

/// Why forecasts should no longer be trusted as they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Alarm {
    /// They lean to one side: positive where too little was forecast.
    Bias {
        /// The tracking signal.
        signal: f64,
    },
    /// Errors have grown.
    Size {
        /// Mean newest error over the mean of those before.
        factor: f64,
    },
}

/// How forecasts did, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Accuracy {
    /// Actual less forecast of each.
    pub errors: Vec<f64>,
    /// Mean absolute error in per cent of what came; `None` where nothing came.
    pub mape: Option<f64>,
    /// Mean error over mean actual: positive where too little was forecast.
    pub bias: Option<f64>,
    /// What is wrong, if anything.
    pub alarm: Option<Alarm>,
}

/// Judges forecasts, oldest first; pairs that are not finite are passed over.
#[must_use]
pub fn accuracy(told: &[Told]) -> Accuracy {
    let told: Vec<Told> = told
        .iter()
        .copied()
        .filter(|one| one.forecast.is_finite() && one.actual.is_finite())
        .collect();
    let errors: Vec<f64> = told.iter().map(|one| one.actual - one.forecast).collect();
    let shares: Vec<f64> = told
        .iter()
        .filter(|one| one.actual != 0.0)
        .map(|one| 100.0 * ((one.actual - one.forecast) / one.actual).abs())
        .collect();
    let came = mean(&told.iter().map(|one| one.actual).collect::<Vec<_>>());
    Accuracy {
        mape: (!shares.is_empty()).then(|| mean(&shares)),
        bias: (came != 0.0).then(|| mean(&errors) / came),
        alarm: alarm(&errors),
        errors,
    }
}

fn alarm(errors: &[f64]) -> Option<Alarm> {
    let (before, newest) = errors.split_at(errors.len().saturating_sub(NEWEST));
    if newest.len() < NEWEST {
        return None;
    }
    let size = |errors: &[f64]| mean(&errors.iter().map(|e| e.abs()).collect::<Vec<_>>());
    let now = size(newest);
    if now <= 0.0 {
        return None;
    }
    let signal = newest.iter().sum::<f64>() / now;
    let then = size(before);
    let grew = before.len() >= NEWEST && then > 0.0 && now > GREW * then;
    if grew {
        return Some(Alarm::Size { factor: now / then });
    }
    (signal.abs() > LEANS).then_some(Alarm::Bias { signal })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(errors: &[f64]) -> Vec<Told> {
        errors.iter().map(|error| Told { forecast: 100.0, actual: 100.0 + error }).collect()
    }

    #[test]
    fn errors_to_both_sides_are_no_alarm() {
        let found = accuracy(&told(&[5.0, -5.0, 4.0, -4.0, 5.0, -5.0, 5.0, -5.0]));
        assert_eq!(found.alarm, None);
        assert!((found.mape.unwrap() - 4.75).abs() < 0.3 && found.bias.unwrap().abs() < 1e-9);
    }

    #[test]
    fn errors_to_one_side_and_larger_errors_are_alarms() {
        let leans = accuracy(&told(&[5.0, 6.0, 4.0, 5.0, 7.0, 5.0]));
        assert!(matches!(leans.alarm, Some(Alarm::Bias { signal }) if signal > 4.0));
        let mut errors = vec![1.0, -1.0, 1.0, -1.0, 1.0, -1.0];
        errors.extend([9.0, -9.0, 9.0, -9.0, 9.0, -9.0]);
        let grew = accuracy(&told(&errors));
        assert!(matches!(grew.alarm, Some(Alarm::Size { factor }) if factor > 8.0));
    }

    #[test]
    fn nothing_and_nonsense_are_no_alarm() {
        assert_eq!(accuracy(&[]).mape, None);
        let odd = Told { forecast: f64::NAN, actual: 1.0 };
        assert!(accuracy(&[odd; 9]).errors.is_empty());
        let exact = Told { forecast: 1.0, actual: 1.0 };
        assert_eq!(accuracy(&[exact; 9]).alarm, None);
    }
}
