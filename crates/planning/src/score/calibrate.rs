//! Calibration: making probabilities mean what they say, again when new labels come in.

use serde::{Deserialize, Serialize};

use super::ScoreError;
use super::dataset::check_labels;
use super::linear::cholesky_solve;
use super::num::{logit, sigmoid};

/// A correction of probabilities that keeps their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Calibration {
    /// Probabilities are left as they are.
    AsIs,
    /// Log-odds times `slope` plus `shift` (Platt 1999; with slope one a shift of the base rate,
    /// with shift zero a temperature, Guo et al. 2017).
    Line {
        /// Factor of log-odds, not negative.
        slope: f64,
        /// Added to log-odds.
        shift: f64,
    },
    /// Steps that rise (isotonic regression by pooling adjacent violators, Ayer et al. 1955), with
    /// straight lines between them.
    Steps {
        /// Log-odds told, rising.
        told: Vec<f64>,
        /// Probabilities seen, not falling.
        seen: Vec<f64>,
    },
}

/// Kinds of correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CalibrationKind {
    /// Slope and shift.
    Platt,
    /// Slope alone.
    Temperature,
    /// Shift alone: for a base rate that has moved.
    Shift,
    /// Rising steps.
    Isotonic,
}

/// Rows of either label that isotonic steps need.
const STEPS_NEED: usize = 50;

impl Calibration {
    /// Corrects a probability.
    #[must_use]
    pub fn apply(&self, p: f64) -> f64 {
        match self {
            Self::AsIs => p,
            Self::Line { slope, shift } => sigmoid(slope * logit(p) + shift),
            Self::Steps { told, seen } => {
                let x = logit(p);
                let at = told.partition_point(|t| *t <= x);
                match (at.checked_sub(1), seen.get(at)) {
                    (None, first) => first.copied().unwrap_or(p),
                    (Some(before), None) => seen[before],
                    (Some(before), Some(after)) => {
                        let width = (told[at] - told[before]).max(1e-12);
                        seen[before] + (after - seen[before]) * (x - told[before]) / width
                    }
                }
            }
        }
    }

    /// Returns this correction followed by another one, of log-odds times `slope`, which is not
    /// negative, plus `shift`. Between steps the lines stay straight.
    pub(super) fn then_line(&self, slope: f64, shift: f64) -> Self {
        match self {
            Self::AsIs => Self::Line { slope, shift },
            Self::Line { slope: first, shift: before } => {
                Self::Line { slope: first * slope, shift: before * slope + shift }
            }
            Self::Steps { told, seen } => Self::Steps {
                told: told.clone(),
                seen: seen.iter().map(|p| sigmoid(slope * logit(*p) + shift)).collect(),
            },
        }
    }

    /// Refuses a correction, read from bytes, that does not fit together.
    pub(super) fn check(&self) -> Result<(), ScoreError> {
        let sound = match self {
            Self::AsIs => true,
            Self::Line { slope, shift } => slope.is_finite() && *slope >= 0.0 && shift.is_finite(),
            Self::Steps { told, seen } => {
                let rises = |list: &[f64]| list.windows(2).all(|w| w[0] <= w[1]);
                told.len() == seen.len()
                    && rises(told)
                    && rises(seen)
                    && told.iter().all(|t| t.is_finite())
                    && seen.iter().all(|p| (0.0..=1.0).contains(p))
            }
        };
        if sound { Ok(()) } else { Err(ScoreError::Artefact { reason: "calibration is broken" }) }
    }
}

/// Fits a correction to labels that the model has not seen.
///
/// # Errors
/// Labels that do not fit or are all the same; too few of them for steps.
pub fn fit_calibration(
    kind: CalibrationKind,
    labels: &[bool],
    probabilities: &[f64],
) -> Result<Calibration, ScoreError> {
    let needed = if kind == CalibrationKind::Isotonic { STEPS_NEED } else { 1 };
    check_labels("calibration", probabilities.len(), labels, needed)?;
    if probabilities.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return Err(ScoreError::Setting { setting: "probability" });
    }
    Ok(match kind {
        CalibrationKind::Platt => line(labels, probabilities, [true, true]),
        CalibrationKind::Temperature => line(labels, probabilities, [true, false]),
        CalibrationKind::Shift => line(labels, probabilities, [false, true]),
        CalibrationKind::Isotonic => steps(labels, probabilities),
    })
}

/// Newton's method on slope and shift, with the labels drawn in a little so that separable labels
/// have an answer (Platt 1999; Lin, Lin, Weng 2007).
fn line(labels: &[bool], probabilities: &[f64], free: [bool; 2]) -> Calibration {
    let yes = labels.iter().filter(|l| **l).count() as f64;
    let no = labels.len() as f64 - yes;
    let (high, low) = ((yes + 1.0) / (yes + 2.0), 1.0 / (no + 2.0));
    let (mut slope, mut shift) = (1.0, 0.0);
    for _ in 0..50 {
        let mut hessian = [1e-9, 0.0, 0.0, 1e-9];
        let mut gradient = [0.0, 0.0];
        for (label, p) in labels.iter().zip(probabilities) {
            let x = logit(*p);
            let q = sigmoid(slope * x + shift);
            let error = q - if *label { high } else { low };
            let weight = q * (1.0 - q);
            gradient[0] += error * x;
            gradient[1] += error;
            hessian[0] += weight * x * x;
            hessian[2] += weight * x;
            hessian[3] += weight;
        }
        for fixed in (0..2).filter(|i| !free[*i]) {
            gradient[fixed] = 0.0;
            hessian[2] = 0.0;
            hessian[3 * fixed] = 1.0;
        }
        if cholesky_solve(&mut hessian, &mut gradient).is_none() {
            break;
        }
        let largest = gradient[0].abs().max(gradient[1].abs());
        let damp = 1.0_f64.min(2.0 / largest.max(1e-300));
        slope = (slope - damp * gradient[0]).max(0.0);
        shift -= damp * gradient[1];
        if largest < 1e-10 {
            break;
        }
    }
    Calibration::Line { slope, shift }
}

/// Pools adjacent violators.
fn steps(labels: &[bool], probabilities: &[f64]) -> Calibration {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]));
    // Blocks of (sum of log-odds, sum of labels, rows).
    let mut blocks: Vec<(f64, f64, f64)> = Vec::new();
    for row in order {
        let mut block = (logit(probabilities[row]), f64::from(u8::from(labels[row])), 1.0);
        while let Some(last) = blocks.last() {
            if last.1 * block.2 < block.1 * last.2 {
                break;
            }
            block = (last.0 + block.0, last.1 + block.1, last.2 + block.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    Calibration::Steps {
        told: blocks.iter().map(|b| b.0 / b.2).collect(),
        // Half a row of either label keeps the ends off 0 and 1 (Jeffreys).
        seen: blocks.iter().map(|b| (b.1 + 0.5) / (b.2 + 1.0)).collect::<Vec<_>>(),
    }
    .risen()
}

impl Calibration {
    /// Makes shrunken steps rise again.
    fn risen(mut self) -> Self {
        if let Self::Steps { seen, .. } = &mut self {
            let mut highest = 0.0_f64;
            for p in seen {
                highest = highest.max(*p);
                *p = highest;
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::metrics::measure;

    /// Probabilities that are too sure and too low, with labels by their true chance.
    fn overconfident() -> (Vec<bool>, Vec<f64>) {
        let mut rng = super::super::num::Rng::new(7);
        let mut told = Vec::new();
        let labels = (0..6000)
            .map(|_| {
                let truth = rng.unit();
                told.push(sigmoid(2.0 * logit(truth) - 1.0));
                rng.unit() < truth
            })
            .collect();
        (labels, told)
    }

    #[test]
    fn platt_and_steps_repair_probabilities() {
        let (labels, told) = overconfident();
        let before = measure(&labels, &told).unwrap();
        assert!(before.ece > 0.08, "the example is badly calibrated");
        for kind in [CalibrationKind::Platt, CalibrationKind::Isotonic] {
            let fitted = fit_calibration(kind, &labels[..3000], &told[..3000]).unwrap();
            let better: Vec<f64> = told[3000..].iter().map(|p| fitted.apply(*p)).collect();
            let after = measure(&labels[3000..], &better).unwrap();
            assert!(after.ece < 0.03, "{kind:?}: {}", after.ece);
            assert!(after.log_loss < before.log_loss);
        }
    }

    #[test]
    fn order_is_kept() {
        let (labels, told) = overconfident();
        for kind in [
            CalibrationKind::Platt,
            CalibrationKind::Temperature,
            CalibrationKind::Shift,
            CalibrationKind::Isotonic,
        ] {
            let fitted = fit_calibration(kind, &labels, &told).unwrap();
            fitted.check().unwrap();
            let corrected: Vec<f64> =
                (0..=100).map(|p| fitted.apply(f64::from(p) / 100.0)).collect();
            assert!(corrected.windows(2).all(|w| w[0] <= w[1] + 1e-12), "{kind:?}");
            assert!(corrected.iter().all(|p| (0.0..=1.0).contains(p)));
        }
    }

    #[test]
    fn one_class_is_refused() {
        let error = fit_calibration(CalibrationKind::Platt, &[true; 3], &[0.5; 3]).unwrap_err();
        assert!(matches!(error, ScoreError::OneClass { .. }));
    }
}
