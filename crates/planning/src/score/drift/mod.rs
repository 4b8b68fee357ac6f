//! Has the world moved since training? Population stability and error.
//!
//! The population stability index is above zero by chance alone: where nothing moved, the index over
//! `1/n + 1/m` (rows then and now) is about chi-squared with one degree less than there are cells
//! (Yurdakul, *Statistical Properties of Population Stability Index*, 2018). Its mean is taken off
//! before the index is told, and advice rests only on what is beyond what chance does.

use serde::{Deserialize, Serialize};

use super::ScoreError;
use super::dataset::{Kind, Matrix, Schema};
use super::metrics::{Metrics, measure};
use super::num::{EDGE, count};

/// Bins of a number or of the score.
const BINS: usize = 10;
/// Below this the population stability index says nothing moved, above the other one that much did
/// (the usual rule; Siddiqi, *Credit Risk Scorecards*, 2006).
const LITTLE: f64 = 0.1;
const MUCH: f64 = 0.25;
/// Standard errors by which log loss may exceed, the level of probabilities may miss, and ranking
/// may fall below what was expected.
const ERRORS: f64 = 3.0;
/// The normal quantile beyond which an index is no chance: one in 30,000, as the most moved of many
/// features is looked at.
const SURE: f64 = 4.0;
/// Categories expected in fewer rows than this are counted as one.
const RARE: f64 = 5.0;

/// How a feature was spread in training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Spread {
    /// Ends of bins and shares, missing first.
    Number { edges: Vec<f64>, share: Vec<f64> },
    /// Shares by code, missing or unseen first.
    Category { share: Vec<f64> },
}

/// How features and scores were spread in training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Background {
    features: Vec<Spread>,
    score: Spread,
}

/// What to do about drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Advice {
    /// Nothing moved much.
    Keep,
    /// The order of scores holds, their level does not: calibrate on the newest labels.
    Recalibrate,
    /// Scores no longer tell records apart as they did, or the records have changed: train again.
    Retrain,
}

/// Drift of one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureDrift {
    /// The feature.
    pub name: String,
    /// Population stability index, less what chance alone would give; zero or above.
    pub psi: f64,
}

/// How error has moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErrorDrift {
    /// Measures on the new labels.
    pub now: Metrics,
    /// Log loss now less log loss expected, in standard errors.
    pub standard_errors: f64,
    /// Positive labels seen less positive labels told, in standard deviations of what chance does
    /// if probabilities are right. Catches what log loss does not: a base rate that falls makes
    /// probabilities wrong and log loss smaller.
    pub level_errors: f64,
}

/// The report on drift.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// Features, most moved first.
    pub features: Vec<FeatureDrift>,
    /// The same of the score.
    pub score_psi: f64,
    /// How error has moved, if labels were given.
    pub error: Option<ErrorDrift>,
    /// What to do.
    pub advice: Advice,
}

impl Background {
    /// Remembers how training data and its scores were spread.
    #[must_use]
    pub fn new(schema: &Schema, data: &Matrix, scores: &[f64]) -> Self {
        let spread = |(f, kind): (usize, &Kind)| {
            let values: Vec<f64> = data.iter().map(|row| row[f]).collect();
            match kind {
                Kind::Numeric => Spread::number(&values),
                Kind::Categorical { levels } => {
                    let mut share = vec![0.0; levels.len() + 1];
                    for value in &values {
                        share[category(*value, levels.len())] += 1.0 / values.len() as f64;
                    }
                    Spread::Category { share }
                }
            }
        };
        Self {
            features: schema.features.iter().map(|f| &f.kind).enumerate().map(spread).collect(),
            score: Spread::number(scores),
        }
    }

    /// Compares newer data, and its scores and labels, with training, which had so many `rows`.
    ///
    /// # Errors
    /// Data of another width, empty data, labels or scores that do not fit.
    pub fn compare(
        &self,
        rows: u64,
        schema: &Schema,
        data: &Matrix,
        scores: &[f64],
        labels: Option<(&[bool], &Metrics)>,
    ) -> Result<Drift, ScoreError> {
        if data.width() != self.features.len() || schema.features.len() != self.features.len() {
            let (expected, got) = (self.features.len(), data.width());
            return Err(ScoreError::Shape { what: "matrix", expected, got });
        }
        if data.rows() == 0 {
            return Err(ScoreError::Empty { what: "dataset" });
        }
        if scores.len() != data.rows() {
            let (expected, got) = (data.rows(), scores.len());
            return Err(ScoreError::Shape { what: "scores", expected, got });
        }
        let values = |f: usize| data.iter().map(|row| row[f]).collect::<Vec<f64>>();
        let spreads = self.features.iter().zip(&schema.features).enumerate();
        let (mut features, mut far) = (Vec::new(), false);
        for (f, (spread, feature)) in spreads {
            let found = spread.moved(&values(f), rows);
            far |= found.is_sure && found.psi > MUCH;
            features.push(FeatureDrift { name: feature.name.clone(), psi: found.psi });
        }
        features.sort_by(|a, b| b.psi.total_cmp(&a.psi));
        let score = self.score.moved(scores, rows);
        let error =
            labels.map(|(labels, expected)| error_drift(labels, scores, expected)).transpose()?;
        let moved = far && score.is_sure && score.psi > LITTLE;
        let worse =
            error.is_some_and(|e| e.standard_errors > ERRORS || e.level_errors.abs() > ERRORS);
        let blunt = match (&error, labels) {
            (Some(error), Some((_, expected))) => {
                let chance = auc_error(&error.now).hypot(auc_error(expected));
                error.now.auc < expected.auc - ERRORS * chance
            }
            (_, _) => false,
        };
        let advice = if blunt || (moved && error.is_none()) {
            Advice::Retrain
        } else if worse || (score.is_sure && score.psi > MUCH) {
            Advice::Recalibrate
        } else {
            Advice::Keep
        };
        let score_psi = score.psi;
        Ok(Drift { features, score_psi, error, advice })
    }

    /// Number of features, for models read from bytes.
    pub(super) fn width(&self) -> usize {
        self.features.len()
    }
}

impl Spread {
    fn number(values: &[f64]) -> Self {
        let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        known.sort_unstable_by(f64::total_cmp);
        let mut edges: Vec<f64> =
            (1..BINS).filter_map(|i| known.get(i * known.len() / BINS)).copied().collect();
        edges.dedup_by(|a, b| a.total_cmp(b).is_eq());
        let share = shares(values, edges.len() + 2, |v| number_bin(&edges, v));
        Self::Number { edges, share }
    }

    /// How far newer values are from those of training, which had so many `rows`.
    fn moved(&self, values: &[f64], rows: u64) -> Moved {
        let (then_rows, now_rows) = (rows.max(1) as f64, (values.len() as f64).max(1.0));
        let fewer = then_rows.min(now_rows);
        let cells: Vec<(f64, f64)> = match self {
            Self::Number { edges, share } => {
                let now = shares(values, share.len(), |v| number_bin(edges, v));
                share.iter().copied().zip(now).collect()
            }
            Self::Category { share } => {
                let levels = share.len().saturating_sub(1);
                let now = shares(values, share.len(), |v| category(v, levels));
                pooled(share.iter().copied().zip(now), fewer)
            }
        };
        // A share of zero counts as half a row, so that the index stays finite.
        let least = 0.5 / fewer;
        let (mut index, mut filled) = (0.0, 0.0);
        for (then, now) in cells.into_iter().filter(|(then, now)| *then > 0.0 || *now > 0.0) {
            let (then, now) = (then.max(least), now.max(least));
            index += (now - then) * (now / then).ln();
            filled += 1.0;
        }
        let (degrees, chance) = (f64::max(filled - 1.0, 0.0), 1.0 / then_rows + 1.0 / now_rows);
        Moved {
            psi: (index - degrees * chance).max(0.0),
            is_sure: degrees > 0.0 && index > chi_squared(degrees) * chance,
        }
    }
}

/// How far a feature or the score has moved.
#[derive(Debug, Clone, Copy)]
struct Moved {
    /// The index less what chance gives on average.
    psi: f64,
    /// Chance does not do that.
    is_sure: bool,
}

/// Puts categories that are rare in so many rows together: a count near zero says nothing of its
/// own. What is missing or unseen stays by itself.
fn pooled(cells: impl Iterator<Item = (f64, f64)>, rows: f64) -> Vec<(f64, f64)> {
    let mut out = Vec::new();
    let mut rare = (0.0, 0.0);
    for (at, (then, now)) in cells.enumerate() {
        if at > 0 && then * rows < RARE {
            rare = (rare.0 + then, rare.1 + now);
        } else {
            out.push((then, now));
        }
    }
    out.push(rare);
    out
}

/// The value of chi-squared that chance exceeds as rarely as a normal number exceeds [`SURE`]
/// (Wilson and Hilferty, *The distribution of chi-square*, 1931).
fn chi_squared(degrees: f64) -> f64 {
    let width = 2.0 / (9.0 * degrees);
    degrees * (1.0 - width + SURE * width.sqrt()).powi(3)
}

fn shares(values: &[f64], bins: usize, bin: impl Fn(f64) -> usize) -> Vec<f64> {
    let mut share = vec![0.0; bins];
    for value in values {
        if let Some(share) = share.get_mut(bin(*value)) {
            *share += 1.0 / values.len() as f64;
        }
    }
    share
}

fn number_bin(edges: &[f64], value: f64) -> usize {
    if value.is_nan() { 0 } else { 1 + edges.partition_point(|e| *e <= value) }
}

fn category(value: f64, levels: usize) -> usize {
    if value.is_nan() || count(value) >= levels { 0 } else { count(value) + 1 }
}

fn error_drift(
    labels: &[bool],
    scores: &[f64],
    expected: &Metrics,
) -> Result<ErrorDrift, ScoreError> {
    let now = measure(labels, scores)?;
    let losses: Vec<f64> = labels
        .iter()
        .zip(scores)
        .map(|(label, p)| {
            let p = p.clamp(EDGE, 1.0 - EDGE);
            if *label { -p.ln() } else { -(1.0 - p).ln() }
        })
        .collect();
    let n = losses.len() as f64;
    let variance: f64 =
        losses.iter().map(|l| (l - now.log_loss).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let standard_error = (variance / n + variance / (expected.rows as f64).max(1.0)).sqrt();
    let standard_errors = (now.log_loss - expected.log_loss) / standard_error.max(1e-12);
    let seen = labels.iter().filter(|l| **l).count() as f64;
    let told: f64 = scores.iter().sum();
    let by_chance: f64 = scores.iter().map(|p| p * (1.0 - p)).sum::<f64>().sqrt();
    let level_errors = (seen - told) / by_chance.max(1e-12);
    Ok(ErrorDrift { now, standard_errors, level_errors })
}

/// Standard error of the area under the ROC curve (Hanley and McNeil 1982).
fn auc_error(m: &Metrics) -> f64 {
    let yes = (m.rows as f64 * m.base_rate).max(1.0);
    let no = (m.rows as f64 - yes).max(1.0);
    let a = m.auc;
    let (q1, q2) = (a / (2.0 - a), 2.0 * a * a / (1.0 + a));
    let variance = a * (1.0 - a) + (yes - 1.0) * (q1 - a * a) + (no - 1.0) * (q2 - a * a);
    (variance / (yes * no)).max(0.0).sqrt()
}

#[cfg(test)]
mod tests;
