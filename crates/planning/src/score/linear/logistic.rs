//! Logistic regression with a penalty on squared weights, fitted by Newton's method (iteratively
//! reweighted least squares; Hastie, Tibshirani, Friedman, *The Elements of Statistical Learning*,
//! section 4.4).

use serde::{Deserialize, Serialize};

use super::super::ScoreError;
use super::super::dataset::{Matrix, Schema, check_labels};
use super::super::num::{logit, sigmoid};
use super::design::Design;
use super::solve::cholesky_solve;

/// Newton steps after which the fit is as good as it gets.
const STEPS: usize = 30;

/// How to fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LogisticSettings {
    /// Penalty on half the sum of squared weights (the inverse of scikit-learn's `C`).
    pub penalty: f64,
    /// Share of the rows after which a row counts half, newest first, for data that moves with
    /// time; infinite if all rows count the same.
    pub half_life: f64,
}

impl LogisticSettings {
    /// A penalty that serves a few thousand to a few hundred thousand rows; all rows count.
    #[must_use]
    pub fn standard() -> Self {
        Self { penalty: 5.0, half_life: f64::INFINITY }
    }

    /// The same with newer rows counting more.
    #[must_use]
    pub fn recent() -> Self {
        Self { half_life: 0.5, ..Self::standard() }
    }

    /// The same with only the newest rows counting much; as they are fewer, they also count more
    /// against the penalty.
    #[must_use]
    pub fn newest() -> Self {
        Self { penalty: 2.0, half_life: 0.25 }
    }
}

/// A fitted logistic regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    design: Design,
    intercept: f64,
    weights: Vec<f64>,
    /// Mean of each column in training, from which contributions are counted.
    means: Vec<f64>,
}

impl Logistic {
    /// Log-odds of a row.
    #[must_use]
    pub fn log_odds(&self, row: &[f64]) -> f64 {
        let mut sum = self.intercept;
        self.design.visit(row, |_, column, value| sum += self.weights[column] * value);
        sum
    }

    /// Log-odds of an average row, and what each feature adds to it. The sum is exactly
    /// [`Self::log_odds`] up to rounding.
    #[must_use]
    pub fn contributions(&self, row: &[f64]) -> (f64, Vec<f64>) {
        let mut parts = vec![0.0; self.design.features()];
        self.design.visit(row, |f, column, value| parts[f] += self.weights[column] * value);
        let mut base = self.intercept;
        for (f, average) in self.averages().into_iter().enumerate() {
            parts[f] -= average;
            base += average;
        }
        (base, parts)
    }

    /// What each feature adds on average.
    fn averages(&self) -> Vec<f64> {
        self.design
            .columns_of_features()
            .into_iter()
            .map(|columns| columns.map(|c| self.weights[c] * self.means[c]).sum())
            .collect()
    }

    /// Refuses a model, read from bytes, that does not fit together.
    pub(in super::super) fn check(&self, features: usize) -> Result<(), ScoreError> {
        let columns = self.design.columns();
        let finite = self.weights.iter().chain(&self.means).all(|w| w.is_finite());
        let fits = self.design.features() == features
            && self.weights.len() == columns
            && self.means.len() == columns
            && self.design.is_sound();
        if fits && finite && self.intercept.is_finite() {
            Ok(())
        } else {
            Err(ScoreError::Artefact { reason: "weights and columns differ" })
        }
    }
}

/// Fits a logistic regression to rows in the order of time.
///
/// # Errors
/// Labels that do not fit or are all the same; a penalty or half life that is not positive.
pub fn fit_logistic(
    schema: &Schema,
    data: &Matrix,
    labels: &[bool],
    settings: &LogisticSettings,
) -> Result<Logistic, ScoreError> {
    if !(settings.penalty > 0.0 && settings.penalty.is_finite()) {
        return Err(ScoreError::Setting { setting: "penalty" });
    }
    if settings.half_life.is_nan() || settings.half_life <= 0.0 {
        return Err(ScoreError::Setting { setting: "half life" });
    }
    check_labels("logistic regression", data.rows(), labels, 1)?;
    let design = Design::fit(schema, data, labels);
    let means = design.means(data);
    let (entries, ends) = design.sparse(data);
    let rows = labels.len() as f64;
    let age = |row: usize| (rows - 1.0 - row as f64) / rows;
    let counts: Vec<f64> =
        (0..labels.len()).map(|row| (-age(row) / settings.half_life).exp2().max(1e-9)).collect();
    let problem = Problem {
        entries: &entries,
        ends: &ends,
        labels,
        counts: &counts,
        penalty: settings.penalty,
    };
    let columns = design.columns();
    let yes = labels.iter().filter(|l| **l).count() as f64;
    // The intercept is the last weight.
    let mut weights = vec![0.0; columns + 1];
    weights[columns] = logit(yes / labels.len() as f64);
    let mut loss = problem.loss(&weights);
    for _ in 0..STEPS {
        let Some(step) = problem.newton(&weights) else { break };
        let mut length = 1.0;
        let mut moved = None;
        while length > 1e-4 {
            let trial: Vec<f64> = weights.iter().zip(&step).map(|(w, s)| w - length * s).collect();
            let new = problem.loss(&trial);
            if new <= loss {
                moved = Some((trial, new));
                break;
            }
            length *= 0.5;
        }
        let Some((trial, new)) = moved else { break };
        let gained = loss - new;
        weights = trial;
        loss = new;
        if gained < 1e-7 * (1.0 + loss.abs()) {
            break;
        }
    }
    let intercept = weights.pop().unwrap_or(0.0);
    Ok(Logistic { design, intercept, weights, means })
}

struct Problem<'a> {
    entries: &'a [(u32, f64)],
    ends: &'a [usize],
    labels: &'a [bool],
    /// How much each row counts.
    counts: &'a [f64],
    penalty: f64,
}

impl Problem<'_> {
    fn rows(&self) -> impl Iterator<Item = (&[(u32, f64)], bool, f64)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(self.ends)
            .zip(self.labels.iter().zip(self.counts))
            .map(|((start, end), (label, counts))| (&self.entries[start..*end], *label, *counts))
    }

    fn log_odds(row: &[(u32, f64)], weights: &[f64]) -> f64 {
        let last = weights.len() - 1;
        row.iter().fold(weights[last], |sum, (c, v)| sum + weights[*c as usize] * v)
    }

    fn loss(&self, weights: &[f64]) -> f64 {
        let last = weights.len() - 1;
        let fit: f64 = self
            .rows()
            .map(|(row, label, counts)| {
                let odds = Self::log_odds(row, weights);
                let against = if label { -odds } else { odds };
                // ln(1 + e^x) without overflow.
                counts * (against.max(0.0) + (-against.abs()).exp().ln_1p())
            })
            .sum();
        fit + 0.5 * self.penalty * weights[..last].iter().map(|w| w * w).sum::<f64>()
    }

    /// Newton's step; `None` if the system cannot be solved.
    fn newton(&self, weights: &[f64]) -> Option<Vec<f64>> {
        let n = weights.len();
        let last = n - 1;
        let mut hessian = vec![0.0; n * n];
        let mut gradient: Vec<f64> = weights.iter().map(|w| self.penalty * w).collect();
        gradient[last] = 0.0;
        for (row, label, counts) in self.rows() {
            let p = sigmoid(Self::log_odds(row, weights));
            let error = counts * (p - f64::from(u8::from(label)));
            let weight = counts * (p * (1.0 - p)).max(1e-10);
            for (at, (i, value)) in row.iter().enumerate() {
                let i = *i as usize;
                gradient[i] += error * value;
                let scaled = weight * value;
                // Columns of a row rise, so the other one is never greater: the lower triangle.
                for (j, other) in &row[..=at] {
                    hessian[i * n + *j as usize] += scaled * other;
                }
                hessian[last * n + i] += scaled;
            }
            gradient[last] += error;
            hessian[last * n + last] += weight;
        }
        for i in 0..last {
            hessian[i * n + i] += self.penalty;
        }
        cholesky_solve(&mut hessian, &mut gradient)?;
        Some(gradient)
    }
}
