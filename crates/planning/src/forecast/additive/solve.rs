//! The most likely weights under normal and Laplace priors.
//!
//! Each absolute value is majorised by a parabola that touches it at the weight of the round
//! before (Hunter, Li (2005), "Variable selection using MM algorithms", Annals of Statistics 33),
//! so that a round is one symmetric system. The errors' variance is found on the way.

use std::ops::Range;

use super::design::{Design, Prior};
use crate::forecast::number::{dot, solve_positive};

const ROUNDS: usize = 5;
/// Changes of slope below this count as this in the majorising parabola.
const LEAST_CHANGE: f64 = 1e-4;

/// Weights and the variance of the errors.
#[derive(Debug, Clone)]
pub(super) struct Solution {
    pub(super) weights: Vec<f64>,
    pub(super) variance: f64,
    products: Products,
}

/// Solves for the weights, from those of a design with another season where there is one.
pub(super) fn solve(design: &Design, values: &[f64], near: Option<&Solution>) -> Option<Solution> {
    let size = design.columns().len();
    let n = design.history();
    let known = near.map(|near| &near.products);
    let products = Products::of(design, values, known, design.season());
    let Products { gram, right } = &products;
    let total: f64 = values.iter().map(|value| value * value).sum();
    let mut weights = near.map_or_else(|| vec![0.1; size], |near| near.weights.clone());
    let mut variance = near.map_or(0.01, |near| near.variance);
    let mut matrix = vec![0.0; size * size];
    for _ in 0..ROUNDS {
        matrix.copy_from_slice(gram);
        for (i, prior) in design.priors().iter().enumerate() {
            matrix[i * size + i] += variance
                * match prior {
                    Prior::Normal(deviation) => 1.0 / (deviation * deviation),
                    Prior::Laplace(scale) => 1.0 / (scale * weights[i].abs().max(LEAST_CHANGE)),
                };
        }
        let mut next = right.clone();
        solve_positive(&mut matrix, &mut next)?;
        let moved: f64 = next.iter().zip(&weights).map(|(new, old)| (new - old).abs()).sum();
        weights = next;
        // |y - Xw|^2 without touching the rows again.
        let mut squares = total;
        for i in 0..size {
            let row = &gram[i * size..(i + 1) * size];
            let fitted: f64 = row.iter().zip(&weights).map(|(g, w)| g * w).sum();
            squares += weights[i] * (fitted - 2.0 * right[i]);
        }
        variance = (squares / n as f64).max(1e-8);
        if moved < 1e-3 {
            break;
        }
    }
    weights.iter().all(|weight| weight.is_finite()).then_some(Solution {
        weights,
        variance,
        products,
    })
}

/// The products of the columns with each other and with the values.
#[derive(Debug, Clone)]
struct Products {
    gram: Vec<f64>,
    right: Vec<f64>,
}

impl Products {
    /// Multiplies; `known` are those of a design that differs in the columns `other` only.
    fn of(design: &Design, values: &[f64], known: Option<&Self>, other: Range<usize>) -> Self {
        let n = design.history();
        let columns = design.columns();
        let size = columns.len();
        let mut out = known
            .cloned()
            .unwrap_or_else(|| Self { gram: vec![0.0; size * size], right: vec![0.0; size] });
        for i in 0..size {
            let is_known = known.is_some() && !other.contains(&i);
            for j in 0..=i {
                if is_known && !other.contains(&j) {
                    continue;
                }
                // A change of slope is 0 before it.
                let first = design.first(i).max(design.first(j)).min(n);
                let value = dot(&columns[i][first..n], &columns[j][first..n]);
                out.gram[i * size + j] = value;
                out.gram[j * size + i] = value;
            }
            if !is_known {
                out.right[i] = dot(&columns[i][..n], values);
            }
        }
        out
    }
}
