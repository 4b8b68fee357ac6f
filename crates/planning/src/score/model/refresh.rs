//! What to do with a model when new outcomes are known: keep, recalibrate, or train again.

use super::super::ScoreError;
use super::super::dataset::Dataset;
use super::super::drift::{Advice, Drift};
use super::super::recalibrate::{LEAST, Recalibration};
use super::super::validate::Pace;
use super::{ScoreModel, TrainOptions, check_lengths, train_watched};

/// What came of looking at new outcomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Refresh {
    /// Rows that the model had not learned from.
    pub newest: usize,
    /// How those rows differ from what was expected; `None` with too few outcomes of either kind to
    /// tell.
    pub drift: Option<Drift>,
    /// What was done.
    pub done: Advice,
    /// The new version; `None` if the model is kept.
    pub model: Option<ScoreModel>,
}

/// Looks at the outcomes that have become known since `model` learned, and does what they call for:
/// keeps it, recalibrates it on them, or trains again on everything.
///
/// `data` holds all labelled rows, old and new, in any order, with their `labels` and `times` in the
/// unit of training. `newest` names the rows whose outcomes the model has not learned from, by their
/// place: the caller knows them, as an outcome can become known long after its time. The model is
/// kept with fewer than [`LEAST`] new outcomes of the rarer kind, when nothing moved, and when no
/// correction does better than the one in force. A new version bears `options.version`. `watch` is
/// asked while training, as in [`train_watched`].
///
/// # Errors
/// Labels or times that do not fit; a new row that there is not; a column that is absent or of
/// another kind; training that fails or was stopped.
pub fn refresh(
    model: &ScoreModel,
    data: &Dataset,
    labels: &[bool],
    times: &[i64],
    newest: &[usize],
    options: &TrainOptions,
    watch: &dyn Fn(usize) -> Pace,
) -> Result<Refresh, ScoreError> {
    check_lengths(data.rows(), labels, times)?;
    if let Some(row) = newest.iter().find(|row| **row >= data.rows()) {
        return Err(ScoreError::Shape { what: "newest", expected: data.rows(), got: *row });
    }
    let rows = newest;
    let new_labels: Vec<bool> = rows.iter().map(|row| labels[*row]).collect();
    let yes = new_labels.iter().filter(|label| **label).count();
    let kept = |drift| Refresh { newest: rows.len(), drift, done: Advice::Keep, model: None };
    if yes.min(rows.len() - yes) < LEAST {
        return Ok(kept(None));
    }
    let newest = data.select(rows)?;
    let drift = model.drift(&newest, Some(&new_labels))?;
    let new_model = match drift.advice {
        Advice::Keep => return Ok(kept(Some(drift))),
        Advice::Recalibrate => {
            let new_times: Vec<i64> = rows.iter().map(|row| times[*row]).collect();
            let (again, found) =
                model.recalibrated(&newest, &new_labels, &new_times, options.version)?;
            if found.how == Recalibration::Kept {
                return Ok(kept(Some(drift)));
            }
            again
        }
        Advice::Retrain => train_watched(data, labels, times, options, watch)?,
    };
    let (done, newest) = (drift.advice, rows.len());
    Ok(Refresh { newest, drift: Some(drift), done, model: Some(new_model) })
}
