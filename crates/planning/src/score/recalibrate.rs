//! Learning a correction again on the newest labels, without training again.
//!
//! Candidates are the correction in force, one of each [`CalibrationKind`] fitted to the newest
//! labels, and the state of a [`RollingCalibration`] after them. They are judged in the order of
//! time: learned on the blocks before, measured on the next. The correction in force stays unless
//! another one is better on labels that it has not seen.

use serde::{Deserialize, Serialize};

use super::ScoreError;
use super::calibrate::{Calibration, CalibrationKind, fit_calibration};
use super::dataset::check_labels;
use super::metrics::{Metrics, measure};
use super::rolling::RollingCalibration;

/// Labels of the rarer kind below which nothing is learned.
pub const LEAST: usize = 10;
/// Blocks of newest labels; the first is only learned on.
const BLOCKS: usize = 4;
/// Mean log loss that a correction must save to replace the one in force.
const WORTH: f64 = 1e-4;

/// How a correction was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recalibration {
    /// None was better than the one in force.
    Kept,
    /// Fitted to all of the newest labels alike.
    Fitted(CalibrationKind),
    /// Followed label by label, newer ones counting more.
    Followed,
}

/// A correction with what it did on labels that it had not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Recalibrated {
    /// The correction, learned on all of the newest labels.
    pub calibration: Calibration,
    /// How it was found.
    pub how: Recalibration,
    /// Where the rows begin on which it was judged.
    pub judged_from: usize,
    /// Probabilities of those rows, each told by a correction learned on earlier blocks only.
    pub told: Vec<f64>,
    /// How the correction in force does on those rows.
    pub before: Metrics,
    /// How what was told does on them.
    pub after: Metrics,
}

/// Learns a correction on the newest labels. `uncorrected` are the model's probabilities before
/// any correction, `in_force` is the correction until now; rows are in the order of time, and no
/// label is one that the model was trained on.
///
/// # Errors
/// Labels that do not fit, are all the same or fewer than [`LEAST`] of the rarer kind; a number that
/// is not a probability.
pub fn recalibrate(
    in_force: &Calibration,
    labels: &[bool],
    uncorrected: &[f64],
) -> Result<Recalibrated, ScoreError> {
    check_labels("recalibration", uncorrected.len(), labels, LEAST)?;
    if uncorrected.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return Err(ScoreError::Setting { setting: "probability" });
    }
    let rows = labels.len();
    let cuts: Vec<usize> = (1..=BLOCKS).map(|block| rows * block / BLOCKS).collect();
    let judged_from = cuts[0];
    let ways = [
        Recalibration::Kept,
        Recalibration::Fitted(CalibrationKind::Shift),
        Recalibration::Fitted(CalibrationKind::Temperature),
        Recalibration::Fitted(CalibrationKind::Platt),
        Recalibration::Fitted(CalibrationKind::Isotonic),
        Recalibration::Followed,
    ];
    let mut before = None;
    let mut best: Option<(Metrics, Recalibration, Vec<f64>)> = None;
    for how in ways {
        let mut told = Vec::with_capacity(rows - judged_from);
        for block in cuts.windows(2) {
            let (known, next) = (&labels[..block[0]], &uncorrected[block[0]..block[1]]);
            // With too few labels until then, a kind is judged as if it left things alone.
            let learned = learn(how, in_force, known, &uncorrected[..block[0]])
                .unwrap_or_else(|_| in_force.clone());
            told.extend(next.iter().map(|p| learned.apply(*p)));
        }
        let judged = measure(&labels[judged_from..], &told)?;
        if how == Recalibration::Kept {
            before = Some(judged);
        }
        if best.as_ref().is_none_or(|(least, _, _)| judged.log_loss < least.log_loss - WORTH) {
            best = Some((judged, how, told));
        }
    }
    let (Some(before), Some((after, how, told))) = (before, best) else {
        return Err(ScoreError::Empty { what: "list of corrections" });
    };
    let calibration = learn(how, in_force, labels, uncorrected)?;
    Ok(Recalibrated { calibration, how, judged_from, told, before, after })
}

fn learn(
    how: Recalibration,
    in_force: &Calibration,
    labels: &[bool],
    uncorrected: &[f64],
) -> Result<Calibration, ScoreError> {
    match how {
        Recalibration::Kept => Ok(in_force.clone()),
        Recalibration::Fitted(kind) => {
            check_labels("recalibration", uncorrected.len(), labels, LEAST)?;
            fit_calibration(kind, labels, uncorrected)
        }
        Recalibration::Followed => {
            let mut rolling = RollingCalibration::new(in_force.clone());
            for (p, label) in uncorrected.iter().zip(labels) {
                rolling.observe(*p, *label)?;
            }
            Ok(rolling.current())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::num::{Rng, logit, sigmoid};
    use super::*;

    /// Labels whose log-odds are what is told times `slope` plus a shift that depends on the row.
    fn world(rows: usize, slope: f64, shift: impl Fn(usize) -> f64) -> (Vec<bool>, Vec<f64>) {
        let mut rng = Rng::new(21);
        (0..rows)
            .map(|row| {
                let told = 0.02 + 0.5 * rng.unit();
                (rng.unit() < sigmoid(slope * logit(told) + shift(row)), told)
            })
            .unzip()
    }

    /// Calibration error on the rows after the cut, before and after recalibration on those before.
    fn before_and_after(labels: &[bool], told: &[f64], cut: usize) -> (Recalibration, f64, f64) {
        let found = recalibrate(&Calibration::AsIs, &labels[..cut], &told[..cut]).unwrap();
        let after: Vec<f64> = told[cut..].iter().map(|p| found.calibration.apply(*p)).collect();
        let ece = |told: &[f64]| measure(&labels[cut..], told).unwrap().ece;
        (found.how, ece(&told[cut..]), ece(&after))
    }

    #[test]
    fn calibration_error_falls_when_the_base_rate_has_jumped() {
        let (labels, told) = world(3000, 1.0, |_| 1.2);
        let (how, before, after) = before_and_after(&labels, &told, 1500);
        assert!(how != Recalibration::Kept && before > 0.2, "{how:?}, before {before}");
        assert!(after < 0.04, "after {after}");
    }

    #[test]
    fn calibration_error_falls_when_scores_have_become_too_sure() {
        let (labels, told) = world(4000, 0.4, |_| -0.5);
        let (_, before, after) = before_and_after(&labels, &told, 2000);
        assert!(before > 0.05 && after < 0.03, "before {before}, after {after}");
    }

    #[test]
    fn a_base_rate_on_the_move_is_followed_to_where_it_is_now() {
        let (labels, told) = world(3000, 1.0, |row| 3.0 * row as f64 / 3000.0);
        let (how, before, after) = before_and_after(&labels, &told, 2600);
        assert_eq!(how, Recalibration::Followed, "old labels say little about now");
        assert!(before > 0.4 && after < 0.1, "before {before}, after {after}");
    }

    #[test]
    fn what_fits_is_kept() {
        let (labels, told) = world(3000, 1.0, |_| 0.0);
        let found = recalibrate(&Calibration::AsIs, &labels, &told).unwrap();
        let plain = measure(&labels[found.judged_from..], &told[found.judged_from..]).unwrap();
        let loss = measure(&labels[found.judged_from..], &found.told).unwrap().log_loss;
        assert!(loss <= plain.log_loss, "never worse on labels that it had not seen");
        for p in [0.1, 0.3, 0.5] {
            assert!((found.calibration.apply(p) - p).abs() < 0.03, "{:?}", found.how);
        }
    }

    #[test]
    fn too_few_labels_teach_nothing() {
        let of = |labels: &[bool]| {
            recalibrate(&Calibration::AsIs, labels, &vec![0.4; labels.len()]).unwrap_err()
        };
        assert!(matches!(of(&[true; 40]), ScoreError::OneClass { .. }));
        let mut few = [false; 40];
        few[..9].fill(true);
        assert!(matches!(of(&few), ScoreError::TooFew { needed: LEAST, got: 9, .. }));
        assert!(matches!(of(&[]), ScoreError::Empty { .. }));
        let mut told = vec![0.5; 40];
        told[7] = f64::NAN;
        few[9] = true;
        let error = recalibrate(&Calibration::AsIs, &few, &told).unwrap_err();
        assert!(matches!(error, ScoreError::Setting { setting: "probability" }));
        // All of the rarer kind at the end: nothing can be learned before them.
        few.rotate_left(10);
        assert!(recalibrate(&Calibration::AsIs, &few, &[0.3; 40]).is_ok());
    }
}
