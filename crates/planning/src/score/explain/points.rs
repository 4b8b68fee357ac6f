//! Contributions of features to a calibrated probability, as log-odds and as whole points.

use super::super::calibrate::Calibration;
use super::super::learner::Fitted;
use super::super::num::{logit, sigmoid};
use super::super::tree::Link;
use super::tree_contributions;

/// A probability taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The calibrated probability.
    pub probability: f64,
    /// Log-odds of an average record.
    pub base_log_odds: f64,
    /// What each feature adds; with the base they sum to the log-odds of the probability.
    pub log_odds: Vec<f64>,
    /// Percent of an average record.
    pub base_percent: i32,
    /// Percentage points that each feature adds; with the base they sum to the rounded percentage.
    pub points: Vec<i32>,
}

/// Takes the score of a row apart. Linear models and boosted trees are exact in log-odds; a forest
/// or single tree adds probabilities, and those parts are then scaled to log-odds, as is every
/// correction that is not a straight line.
#[must_use]
pub fn explain(model: &Fitted, calibration: &Calibration, row: &[f64]) -> Explanation {
    let (base, parts) = match model {
        Fitted::Logistic(linear) => linear.contributions(row),
        Fitted::Trees(trees) => {
            let (base, parts) = tree_contributions(trees, row);
            match trees.link {
                Link::LogOdds => (base, parts),
                Link::Probability => {
                    let from = logit(base);
                    let to = logit(base + parts.iter().sum::<f64>());
                    (from, scaled(parts, from, to))
                }
            }
        }
    };
    let total = base + parts.iter().sum::<f64>();
    let (base, parts, probability) = match calibration {
        Calibration::AsIs => (base, parts, sigmoid(total)),
        Calibration::Line { slope, shift } => {
            let parts: Vec<f64> = parts.into_iter().map(|p| p * slope).collect();
            let p = calibration.apply(sigmoid(total));
            (base * slope + shift, parts, p)
        }
        Calibration::Steps { .. } => {
            let from = logit(calibration.apply(sigmoid(base)));
            let p = calibration.apply(sigmoid(total));
            (from, scaled(parts, from, logit(p)), p)
        }
    };
    let (base_percent, points) = points(base, &parts, probability);
    Explanation { probability, base_log_odds: base, log_odds: parts, base_percent, points }
}

/// Scales parts so that they lead from one number to another. Parts that cancel out cannot be
/// scaled; what is missing then goes to the largest.
fn scaled(mut parts: Vec<f64>, from: f64, to: f64) -> Vec<f64> {
    let sum: f64 = parts.iter().sum();
    let size: f64 = parts.iter().map(|p| p.abs()).sum();
    if sum.abs() > 1e-3 * size {
        let factor = (to - from) / sum;
        parts.iter_mut().for_each(|p| *p *= factor);
        return parts;
    }
    let largest = (0..parts.len()).max_by(|a, b| parts[*a].abs().total_cmp(&parts[*b].abs()));
    if let Some(largest) = largest {
        parts[largest] += to - from - sum;
    }
    parts
}

/// Spreads the way from the base's percentage to the probability's in proportion to log-odds and
/// rounds so that whole points add up (largest remainder).
fn points(base: f64, parts: &[f64], probability: f64) -> (i32, Vec<i32>) {
    let base_percent = percent(sigmoid(base));
    let aim = percent(probability) - base_percent;
    let sum: f64 = parts.iter().sum();
    let middle = sigmoid(base + 0.5 * sum);
    let slope = if sum.abs() > 1e-6 {
        (sigmoid(base + sum) - sigmoid(base)) / sum
    } else {
        middle * (1.0 - middle)
    };
    let exact: Vec<f64> = parts.iter().map(|p| 100.0 * slope * p).collect();
    let mut points: Vec<i32> = exact.iter().map(|e| whole(*e)).collect();
    let mut left = aim - points.iter().sum::<i32>();
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|a, b| {
        let off = |i: usize| exact[i] - f64::from(points[i]);
        if left > 0 { off(*b).total_cmp(&off(*a)) } else { off(*a).total_cmp(&off(*b)) }
    });
    let step = left.signum();
    for i in order.into_iter().cycle() {
        if left == 0 {
            break;
        }
        points[i] += step;
        left -= step;
    }
    (base_percent, points)
}

fn percent(p: f64) -> i32 {
    whole(100.0 * p)
}

#[allow(clippy::cast_possible_truncation, reason = "clamped to a range that i32 holds")]
fn whole(value: f64) -> i32 {
    value.round().clamp(-1e3, 1e3) as i32
}
