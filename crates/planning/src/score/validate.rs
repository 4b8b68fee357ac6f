//! Which model to trust: validation in the order of time.
//!
//! Models are fitted on the past and judged on the stretch that follows, several times over
//! (rolling origin; Tashman 2000). Random folds are not offered: they let a model see the future,
//! and on data that moves they pick the wrong one. Calibration is judged the same way: fitted on
//! one stretch, measured on the next.
//!
//! The newest fifth of the rows is what a model's card judges by. The correction in force is fitted
//! to its labels, too; the card gets one that is not ([`Selection::earlier_calibration`]).

use serde::{Deserialize, Serialize};

use super::ScoreError;
use super::calibrate::{Calibration, CalibrationKind, fit_calibration};
use super::dataset::{Matrix, Schema, check_labels};
use super::learner::Learner;
use super::metrics::{Metrics, measure};
pub use crate::Pace;

/// Share of rows of which models are fitted first, and stretches that follow.
const FIRST: f64 = 0.4;
const STRETCHES: usize = 4;
/// Rows of each label that a stretch needs to count.
const LABELS: usize = 10;
/// One in so many rows, the newest ones, are judged by; labels before them alone teach how.
const NEWEST: usize = 5;

/// How one candidate did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The candidate.
    pub learner: Learner,
    /// Measures on each stretch, oldest first.
    pub stretches: Vec<Metrics>,
    /// Mean area under the ROC curve.
    pub auc: f64,
    /// Mean log loss.
    pub log_loss: f64,
    /// Mean log loss after a shift of the base rate learned on the stretch before: what counts.
    pub settled_loss: f64,
}

/// The result of validation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// All candidates, in the order given.
    pub trials: Vec<Trial>,
    /// The one that is best on later data.
    pub chosen: usize,
    /// The correction that holds on later data.
    pub calibration: Calibration,
    /// Kind of the correction; `None` if leaving probabilities alone was best.
    pub calibration_kind: Option<CalibrationKind>,
    /// The correction, its kind too, that the rows before [`newest_from`] alone call for: what is
    /// told of the newest rows with it was told without a look at their labels.
    pub earlier_calibration: Calibration,
    /// Measures of the chosen one on the rows from [`newest_from`] on, each stretch of them told by
    /// the rows before it and corrected by the earlier correction.
    pub latest: Metrics,
}

/// Returns where the newest fifth of so many rows, in the order of time, begins.
#[must_use]
pub const fn newest_from(rows: usize) -> usize {
    rows - rows / NEWEST
}

/// Predictions on the stretches of one candidate.
struct Told {
    /// The row with which the first one begins.
    first: usize,
    /// Labels, and what was told of them.
    stretches: Vec<(Vec<bool>, Vec<f64>)>,
}

impl Told {
    /// Returns what was told of the rows before `end`. What is left of the last stretch goes to the
    /// one before it where it has too few rows of a label.
    fn before(&self, end: usize) -> Self {
        let mut stretches: Vec<(Vec<bool>, Vec<f64>)> = Vec::new();
        let mut from = self.first;
        for (labels, told) in &self.stretches {
            let rows = labels.len().min(end.saturating_sub(from));
            from += labels.len();
            let (labels, told) = (&labels[..rows], &told[..rows]);
            match stretches.last_mut() {
                Some(last) if !are_enough(labels) => {
                    last.0.extend_from_slice(labels);
                    last.1.extend_from_slice(told);
                }
                Some(_) | None => stretches.push((labels.to_vec(), told.to_vec())),
            }
        }
        Self { first: self.first, stretches }
    }

    /// Returns labels and what was told of them, of the rows from `start` on.
    fn since(&self, start: usize) -> (Vec<bool>, Vec<f64>) {
        let all = self.stretches.iter().flat_map(|(labels, told)| labels.iter().zip(told));
        all.skip(start.saturating_sub(self.first)).map(|(label, p)| (*label, *p)).unzip()
    }
}

/// Returns whether there are enough rows of each label to learn from, or to judge by.
fn are_enough(labels: &[bool]) -> bool {
    let yes = labels.iter().filter(|label| **label).count();
    yes.min(labels.len() - yes) >= LABELS
}

/// Picks the candidate that does best on later data; `data` is in the order of time. `watch` is
/// asked before each candidate, with how many are done.
///
/// # Errors
/// Labels that do not fit; too few rows to validate in the order of time; stopped.
pub fn select(
    schema: &Schema,
    data: &Matrix,
    labels: &[bool],
    candidates: &[Learner],
    watch: &dyn Fn(usize) -> Pace,
) -> Result<Selection, ScoreError> {
    check_labels("validation", data.rows(), labels, 2 * LABELS)?;
    if candidates.is_empty() {
        return Err(ScoreError::Empty { what: "list of candidates" });
    }
    let cuts = cuts(labels);
    if cuts.len() < 2 {
        let later = &labels[cuts.first().copied().unwrap_or(0)..];
        let yes = later.iter().filter(|label| **label).count();
        let what = "validation on later rows, in the order of time,";
        let got = yes.min(later.len() - yes);
        return Err(ScoreError::TooFew { what, needed: 2 * LABELS, got });
    }
    let mut trials = Vec::with_capacity(candidates.len());
    let mut told = Vec::with_capacity(candidates.len());
    for (at, learner) in candidates.iter().enumerate() {
        if watch(at) == Pace::Stop {
            return Err(ScoreError::Stopped);
        }
        let predictions = predict(schema, data, labels, *learner, &cuts)?;
        let stretches: Vec<Metrics> = predictions
            .stretches
            .iter()
            .map(|(labels, told)| measure(labels, told))
            .collect::<Result<_, _>>()?;
        let mean =
            |f: fn(&Metrics) -> f64| stretches.iter().map(f).sum::<f64>() / stretches.len() as f64;
        let (auc, log_loss) = (mean(|m| m.auc), mean(|m| m.log_loss));
        let settled_loss = corrected_losses(&predictions, Some(CalibrationKind::Shift))
            .map_or(log_loss, |losses| mean_loss(&losses));
        trials.push(Trial { learner: *learner, stretches, auc, log_loss, settled_loss });
        told.push(predictions);
    }
    let chosen = best_of(&trials);
    let predictions = &told[chosen];
    let (calibration_kind, calibration) = best_calibration(predictions);
    let newest = newest_from(labels.len());
    let (_, earlier_calibration) = best_calibration(&predictions.before(newest));
    let (newest_labels, newest_told) = predictions.since(newest);
    let corrected: Vec<f64> = newest_told.iter().map(|p| earlier_calibration.apply(*p)).collect();
    let latest = measure(&newest_labels, &corrected)?;
    Ok(Selection { trials, chosen, calibration, calibration_kind, earlier_calibration, latest })
}

/// Where stretches begin and the last one ends; stretches without enough labels are joined.
fn cuts(labels: &[bool]) -> Vec<usize> {
    let rows = labels.len();
    let mut cuts = Vec::new();
    let mut from = 0;
    for stretch in 0..=STRETCHES {
        let share = FIRST + (1.0 - FIRST) * stretch as f64 / STRETCHES as f64;
        let to = super::num::count(rows as f64 * share).min(rows);
        let last = stretch == STRETCHES;
        if to > from && are_enough(&labels[from..to]) {
            cuts.push(to);
            from = to;
        } else if last && cuts.len() > 1 {
            // What is left goes to the stretch before.
            cuts.pop();
            cuts.push(to);
        }
    }
    cuts
}

fn predict(
    schema: &Schema,
    data: &Matrix,
    labels: &[bool],
    learner: Learner,
    cuts: &[usize],
) -> Result<Told, ScoreError> {
    let stretches = cuts
        .windows(2)
        .map(|cut| {
            let model = learner.fit(schema, &data.slice(0..cut[0]), &labels[..cut[0]])?;
            let told = model.probabilities(&data.slice(cut[0]..cut[1]));
            Ok((labels[cut[0]..cut[1]].to_vec(), told))
        })
        .collect::<Result<_, ScoreError>>()?;
    Ok(Told { first: cuts[0], stretches })
}

/// Log losses of a correction fitted on the stretch before; `None` with one stretch.
fn corrected_losses(told: &Told, kind: Option<CalibrationKind>) -> Option<Vec<f64>> {
    let mut losses = Vec::new();
    for pair in told.stretches.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        let correction = match kind {
            Some(kind) => fit_calibration(kind, &before.0, &before.1).ok()?,
            None => Calibration::AsIs,
        };
        let corrected: Vec<f64> = after.1.iter().map(|p| correction.apply(*p)).collect();
        losses.push(measure(&after.0, &corrected).ok()?.log_loss);
    }
    if losses.is_empty() { None } else { Some(losses) }
}

fn mean_loss(losses: &[f64]) -> f64 {
    losses.iter().sum::<f64>() / losses.len().max(1) as f64
}

/// The best by order of scores on later data, the earlier (simpler) one when that is as good.
///
/// Order (AUC) and loss after settling both count: ranks on each are added, AUC breaks ties.
fn best_of(trials: &[Trial]) -> usize {
    let rank = |value: &dyn Fn(&Trial) -> f64, of: usize| {
        trials.iter().filter(|t| value(t) < value(&trials[of]) - 1e-4).count()
    };
    (0..trials.len())
        .min_by_key(|i| {
            (rank(&|t| -t.auc, *i) + rank(&|t| t.settled_loss, *i), rank(&|t| -t.auc, *i))
        })
        .unwrap_or(0)
}

/// The correction with the least loss among those that helped on every later stretch: one that
/// helped now and harmed then follows the past, not the future.
fn best_calibration(told: &Told) -> (Option<CalibrationKind>, Calibration) {
    let Some(as_is) = corrected_losses(told, None) else { return (None, Calibration::AsIs) };
    let kinds = [
        CalibrationKind::Shift,
        CalibrationKind::Temperature,
        CalibrationKind::Platt,
        CalibrationKind::Isotonic,
    ];
    let mut best = (None, Calibration::AsIs, mean_loss(&as_is));
    for kind in kinds {
        let Some(losses) = corrected_losses(told, Some(kind)) else { continue };
        let Some((labels, p)) = told.stretches.last() else { continue };
        let Ok(fitted) = fit_calibration(kind, labels, p) else { continue };
        let always = losses.iter().zip(&as_is).all(|(new, old)| new < old);
        if always && mean_loss(&losses) < best.2 - 1e-4 {
            best = (Some(kind), fitted, mean_loss(&losses));
        }
    }
    (best.0, best.1)
}
