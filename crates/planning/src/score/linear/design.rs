//! How features become columns of a linear model.
//!
//! Numbers: median for missing values, an indicator of missing, then centred and scaled.
//! Categories: one column each; rare ones, missing and unseen ones share a column. A feature with
//! many categories becomes one column, the log-odds of its category shrunk towards the average
//! (target coding, Micci-Barreca 2001).

use serde::{Deserialize, Serialize};

use super::super::dataset::{Kind, Matrix, Schema};
use super::super::num::{count, index_u32, logit};

/// Categories seen less often share a column.
const RARE: usize = 10;
/// Above this many frequent categories a feature is target coded.
const MANY: usize = 60;
/// Rows that weigh as much as the average in target coding.
const SHRINK: f64 = 20.0;

/// Most standard deviations that a number counts, so that sums stay finite.
const FAR: f64 = 1e9;

/// One feature's columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Coding {
    /// Nothing to learn from.
    Nothing,
    /// A number at `first`, its indicator of missing at `indicator`.
    Number { first: u32, indicator: Option<u32>, median: f64, mean: f64, scale: f64 },
    /// One column for each category by code.
    OneHot { column_of: Vec<u32>, other: u32 },
    /// A number for each category by code.
    Target { first: u32, value_of: Vec<f64>, other: f64, mean: f64, scale: f64 },
}

/// The columns of a linear model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Design {
    codings: Vec<Coding>,
    columns: u32,
}

impl Design {
    /// Chooses columns from training data.
    #[must_use]
    pub fn fit(schema: &Schema, data: &Matrix, labels: &[bool]) -> Self {
        let mut columns = 0;
        let mut take = || {
            columns += 1;
            columns - 1
        };
        let codings = schema
            .features
            .iter()
            .enumerate()
            .map(|(f, feature)| match &feature.kind {
                Kind::Numeric => number(data, f, &mut take),
                Kind::Categorical { levels } => category(data, f, levels.len(), labels, &mut take),
            })
            .collect();
        Self { codings, columns }
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns as usize
    }

    /// Number of features.
    pub(in super::super) fn features(&self) -> usize {
        self.codings.len()
    }

    /// The columns of each feature.
    pub(super) fn columns_of_features(&self) -> Vec<std::ops::Range<usize>> {
        let starts: Vec<usize> = self
            .codings
            .iter()
            .rev()
            .scan(self.columns as usize, |end, coding| {
                match coding {
                    Coding::Nothing => {}
                    Coding::Number { first, .. } | Coding::Target { first, .. } => {
                        *end = *first as usize;
                    }
                    Coding::OneHot { other, .. } => *end = *other as usize,
                }
                Some(*end)
            })
            .collect();
        let starts: Vec<usize> = starts.into_iter().rev().collect();
        let ends = starts.iter().skip(1).copied().chain([self.columns as usize]);
        starts.iter().copied().zip(ends).map(|(start, end)| start..end.max(start)).collect()
    }

    /// Calls `entry(feature, column, value)` for every column of a row that is not zero.
    pub(super) fn visit(&self, row: &[f64], mut entry: impl FnMut(usize, usize, f64)) {
        for (f, (coding, value)) in self.codings.iter().zip(row).enumerate() {
            match coding {
                Coding::Nothing => {}
                Coding::Number { first, indicator, median, mean, scale } => {
                    let known = if value.is_nan() { *median } else { *value };
                    entry(f, *first as usize, ((known - mean) / scale).clamp(-FAR, FAR));
                    if let (Some(indicator), true) = (indicator, value.is_nan()) {
                        entry(f, *indicator as usize, 1.0);
                    }
                }
                Coding::OneHot { column_of, other } => {
                    let known = if value.is_nan() { None } else { column_of.get(count(*value)) };
                    entry(f, *known.unwrap_or(other) as usize, 1.0);
                }
                Coding::Target { first, value_of, other, mean, scale } => {
                    let known = if value.is_nan() { None } else { value_of.get(count(*value)) };
                    entry(f, *first as usize, (known.unwrap_or(other) - mean) / scale);
                }
            }
        }
    }

    /// Whether every column number is in range and every number finite, for models read from
    /// bytes.
    pub(super) fn is_sound(&self) -> bool {
        let fits = |c: &u32| *c < self.columns;
        self.codings.iter().all(|coding| match coding {
            Coding::Nothing => true,
            Coding::Number { first, indicator, median, mean, scale } => {
                let finite = median.is_finite() && mean.is_finite() && scale.is_finite();
                fits(first) && indicator.as_ref().is_none_or(fits) && finite && *scale > 0.0
            }
            Coding::OneHot { column_of, other } => column_of.iter().all(fits) && fits(other),
            Coding::Target { first, value_of, other, mean, scale } => {
                let finite = value_of.iter().chain([other, mean, scale]).all(|v| v.is_finite());
                fits(first) && finite && *scale > 0.0
            }
        })
    }
}

fn number(data: &Matrix, f: usize, take: &mut impl FnMut() -> u32) -> Coding {
    let mut known: Vec<f64> = data.iter().map(|row| row[f]).filter(|v| !v.is_nan()).collect();
    let missing = data.rows() - known.len();
    if known.is_empty() {
        return Coding::Nothing;
    }
    let middle = known.len() / 2;
    let (_, median, _) = known.select_nth_unstable_by(middle, f64::total_cmp);
    let median = *median;
    let rows = data.rows() as f64;
    let mean = (known.iter().sum::<f64>() + missing as f64 * median) / rows;
    let square: f64 = known.iter().map(|v| (v - mean).powi(2)).sum::<f64>()
        + missing as f64 * (median - mean).powi(2);
    let scale = (square / rows).sqrt();
    if !(scale.is_finite() && scale > 1e-12 * mean.abs() && scale > 0.0) && missing == 0 {
        return Coding::Nothing;
    }
    let scale = if scale.is_finite() && scale > 0.0 { scale } else { 1.0 };
    let first = take();
    let indicator = (missing > 0).then(&mut *take);
    Coding::Number { first, indicator, median, mean, scale }
}

fn category(
    data: &Matrix,
    f: usize,
    levels: usize,
    labels: &[bool],
    take: &mut impl FnMut() -> u32,
) -> Coding {
    let mut seen = vec![(0_usize, 0_usize); levels];
    for (row, label) in data.iter().zip(labels) {
        if let (false, Some(entry)) = (row[f].is_nan(), seen.get_mut(count(row[f]))) {
            entry.0 += 1;
            entry.1 += usize::from(*label);
        }
    }
    let frequent = seen.iter().filter(|s| s.0 >= RARE).count();
    if frequent <= MANY {
        let other = take();
        let column_of = seen.iter().map(|s| if s.0 >= RARE { take() } else { other }).collect();
        return Coding::OneHot { column_of, other };
    }
    let yes = labels.iter().filter(|l| **l).count() as f64;
    let average = yes / labels.len() as f64;
    let coded = |s: &(usize, usize)| logit((s.1 as f64 + SHRINK * average) / (s.0 as f64 + SHRINK));
    let value_of: Vec<f64> = seen.iter().map(coded).collect();
    let other = logit(average);
    let total: f64 = seen.iter().map(|s| s.0 as f64).sum::<f64>().max(1.0);
    let weigh = |value: &dyn Fn(f64) -> f64| {
        value_of.iter().zip(&seen).map(|(v, s)| value(*v) * s.0 as f64).sum::<f64>() / total
    };
    let mean = weigh(&|v| v);
    let scale = weigh(&|v| (v - mean).powi(2)).sqrt().max(1e-6);
    Coding::Target { first: take(), value_of, other, mean, scale }
}

impl Design {
    /// Mean of every column over the data.
    pub(super) fn means(&self, data: &Matrix) -> Vec<f64> {
        let mut means = vec![0.0; self.columns()];
        for row in data.iter() {
            self.visit(row, |_, column, value| means[column] += value);
        }
        means.iter_mut().for_each(|m| *m /= data.rows().max(1) as f64);
        means
    }

    /// All rows as lists of columns and values, one after the other, and where each row ends.
    pub(super) fn sparse(&self, data: &Matrix) -> (Vec<(u32, f64)>, Vec<usize>) {
        let mut entries = Vec::with_capacity(data.rows() * self.codings.len());
        let mut ends = Vec::with_capacity(data.rows());
        for row in data.iter() {
            self.visit(row, |_, column, value| entries.push((index_u32(column), value)));
            ends.push(entries.len());
        }
        (entries, ends)
    }
}
