//! The columns of the regression: trend, changes of slope, Fourier terms, regressors.

use std::ops::Range;

use super::Columns;
use crate::forecast::number::{floor_to_usize, mean};

/// How a weight is held small.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Prior {
    /// Normal, with this deviation.
    Normal(f64),
    /// Laplace, with this scale.
    Laplace(f64),
}

/// Possible changepoints at most, and the share of the history in which they lie.
const MOST_CHANGES: usize = 25;
const REACH: f64 = 0.95;
const POINTS_PER_CHANGE: usize = 4;
/// Prior scales of Prophet: changes of slope .05; slope, level and seasons, weak.
const CHANGE: f64 = 0.05;
const TREND: f64 = 5.0;
/// Less than two seasons do not tell a slope from a season: it is held small.
const SHORT_SLOPE: f64 = 0.1;
const SEASON: f64 = 10.0;
const MOST_TERMS: usize = 10;

/// A matrix of columns over history and horizon, with the prior of each weight.
#[derive(Debug, Clone)]
pub(super) struct Design {
    /// One column after the other: level, slope, changes, season, regressors.
    columns: Vec<Vec<f64>>,
    priors: Vec<Prior>,
    /// The first entry of each column that is not 0.
    firsts: Vec<usize>,
    history: usize,
    changes: usize,
    season: usize,
}

impl Design {
    pub(super) fn new(
        history: usize,
        horizon: usize,
        period: usize,
        regressors: Columns<'_>,
    ) -> Self {
        let length = history + horizon;
        let last = (history - 1) as f64;
        let time = |at: usize| at as f64 / last;
        let mut columns = vec![vec![1.0; length], (0..length).map(time).collect()];
        let slope = if history < 2 * period { SHORT_SLOPE } else { TREND };
        let mut priors = vec![Prior::Normal(TREND), Prior::Normal(slope)];
        let reach = floor_to_usize(last * REACH);
        let changes = MOST_CHANGES.min(history / POINTS_PER_CHANGE).min(reach.saturating_sub(1));
        for change in 1..=changes {
            let from = (change as f64 * reach as f64 / changes as f64) / last;
            columns.push((0..length).map(|at| (time(at) - from).max(0.0)).collect());
            priors.push(Prior::Laplace(CHANGE));
        }
        let before = columns.len();
        if period > 1 && history >= 2 * period {
            let angle = |phase: usize| std::f64::consts::TAU * phase as f64 / period as f64;
            let cosines: Vec<f64> = (0..period).map(|phase| angle(phase).cos()).collect();
            let sines: Vec<f64> = (0..period).map(|phase| angle(phase).sin()).collect();
            for term in 1..=(period / 2).min(MOST_TERMS) {
                let wave = |of: &[f64]| (0..length).map(|at| of[at * term % period]).collect();
                columns.push(wave(&cosines));
                priors.push(Prior::Normal(SEASON));
                if 2 * term < period {
                    columns.push(wave(&sines));
                    priors.push(Prior::Normal(SEASON));
                }
            }
        }
        let season = columns.len() - before;
        for column in regressors.0 {
            columns.push(column.clone());
            let size = mean(&column.iter().map(|value| value.abs()).collect::<Vec<_>>());
            priors.push(Prior::Normal(SEASON / size.max(1e-9)));
        }
        let first = |column: &Vec<f64>| column.iter().position(|value| *value != 0.0).unwrap_or(0);
        let firsts = columns.iter().map(first).collect();
        Self { columns, priors, firsts, history, changes, season }
    }

    /// Returns the same columns with each Fourier term multiplied by the trend.
    pub(super) fn multiplied(&self, trend: &[f64]) -> Self {
        let mut out = self.clone();
        for column in &mut out.columns[self.season()] {
            column.iter_mut().zip(trend).for_each(|(value, level)| *value *= level);
        }
        out
    }

    pub(super) fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    pub(super) fn priors(&self) -> &[Prior] {
        &self.priors
    }

    /// Returns the first position at which a column is not 0.
    pub(super) fn first(&self, column: usize) -> usize {
        self.firsts[column]
    }

    /// Returns which columns are the season's.
    pub(super) const fn season(&self) -> Range<usize> {
        let first = 2 + self.changes;
        first..first + self.season
    }

    pub(super) const fn history(&self) -> usize {
        self.history
    }

    pub(super) const fn has_season(&self) -> bool {
        self.season > 0
    }

    /// Returns the time between two values, where the whole history is 1.
    pub(super) fn time_step(&self) -> f64 {
        1.0 / (self.history - 1) as f64
    }

    /// Returns the changes of slope.
    pub(super) fn changes<'a>(&self, weights: &'a [f64]) -> &'a [f64] {
        &weights[2..2 + self.changes]
    }

    /// Returns the value at a position.
    pub(super) fn value(&self, weights: &[f64], at: usize) -> f64 {
        self.columns.iter().zip(weights).map(|(column, weight)| column[at] * weight).sum()
    }

    /// Returns the sum of all columns at every position.
    pub(super) fn told(&self, weights: &[f64]) -> Vec<f64> {
        self.sum(weights, 0, self.columns.len())
    }

    /// Returns level, slope and changes at every position.
    pub(super) fn trend(&self, weights: &[f64]) -> Vec<f64> {
        self.sum(weights, 0, 2 + self.changes)
    }

    /// Returns what the regressors add at every position.
    pub(super) fn effect(&self, weights: &[f64]) -> Vec<f64> {
        self.sum(weights, 2 + self.changes + self.season, self.columns.len())
    }

    fn sum(&self, weights: &[f64], first: usize, end: usize) -> Vec<f64> {
        let mut out = vec![0.0; self.columns[0].len()];
        for (column, weight) in self.columns[first..end].iter().zip(&weights[first..end]) {
            out.iter_mut().zip(column).for_each(|(sum, value)| *sum += weight * value);
        }
        out
    }
}
