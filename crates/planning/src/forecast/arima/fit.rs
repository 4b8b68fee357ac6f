//! Fitting one order by exact maximum likelihood.
//!
//! With the variance concentrated out, the likelihood is highest where the sum of squared
//! standardised errors times the geometric mean of their variances is lowest: a sum of squares,
//! which the method of Levenberg and Marquardt brings down with few evaluations (Marquardt (1963),
//! "An algorithm for least-squares estimation of nonlinear parameters").

use super::super::number::{mean, solve_positive};
use super::filter::Filter;
use super::polynomial::{product, stationary};

/// The orders of the stationary part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Order {
    pub(crate) p: usize,
    pub(crate) q: usize,
    pub(crate) seasonal_p: usize,
    pub(crate) seasonal_q: usize,
    pub(crate) constant: bool,
}

impl Order {
    /// Returns the numbers that are fitted, without the variance.
    pub(crate) fn parameters(self) -> usize {
        self.p + self.q + self.seasonal_p + self.seasonal_q + usize::from(self.constant)
    }
}

/// How long to go down: rounds at most, and the share of the sum below which a round is the last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort(usize, f64);

/// Enough to compare orders: a five hundredth of the sum is a fifth of AICc on a hundred points.
pub(crate) const ROUGH: Effort = Effort(4, 2e-3);
/// For the order that is kept.
pub(crate) const FINE: Effort = Effort(15, 1e-6);

/// A fitted order.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    pub(crate) order: Order,
    pub(crate) ar: Vec<f64>,
    pub(crate) ma: Vec<f64>,
    pub(crate) centre: f64,
    pub(crate) variance: f64,
    pub(crate) aicc: f64,
    /// The free numbers, where a further search starts.
    pub(crate) point: Vec<f64>,
}

/// Partial autocorrelations stay inside these: roots at least 1 % outside the unit circle.
const BOUND: f64 = 0.99;
/// The same for the seasonal factor; measured, .89 (roots as far out as the plain ones) is worse.
const SEASONAL_BOUND: f64 = 0.95;

/// Turns free numbers into polynomials and runs the filter.
struct Model<'a> {
    order: Order,
    period: usize,
    values: &'a [f64],
    /// Size of the constant: the spread of the values, so that steps are alike.
    spread: f64,
    average: f64,
    filter: Filter,
    plain: Vec<f64>,
    seasonal: Vec<f64>,
    ar: Vec<f64>,
    ma: Vec<f64>,
}

impl Model<'_> {
    /// Writes the errors at a point, scaled so that their squares sum to what is minimised.
    fn errors(&mut self, point: &[f64], errors: &mut Vec<f64>) -> Option<(f64, f64)> {
        let Order { p, q, seasonal_p, seasonal_q, constant } = self.order;
        let (ar, rest) = point.split_at(p);
        let (seasonal_ar, rest) = rest.split_at(seasonal_p);
        let (ma, rest) = rest.split_at(q);
        let (seasonal_ma, rest) = rest.split_at(seasonal_q);
        stationary(ar, BOUND, &mut self.plain);
        stationary(seasonal_ar, SEASONAL_BOUND, &mut self.seasonal);
        product(&self.plain, &self.seasonal, self.period, &mut self.ar);
        stationary(ma, BOUND, &mut self.plain);
        stationary(seasonal_ma, SEASONAL_BOUND, &mut self.seasonal);
        product(&self.plain, &self.seasonal, self.period, &mut self.ma);
        let centre = if constant { self.average + self.spread * rest[0] } else { 0.0 };
        let found = self.filter.run(&self.ar, &self.ma, centre, self.values, errors)?;
        let factor = (found.logs / self.values.len() as f64 / 2.0).exp();
        errors.iter_mut().for_each(|error| *error *= factor);
        let total = found.squares * factor * factor;
        total.is_finite().then_some((total, centre))
    }
}

/// Fits one order to the differenced values, from a start where one is known.
pub(crate) fn fit(
    values: &[f64],
    period: usize,
    order: Order,
    effort: Effort,
    start: Option<&[f64]>,
) -> Option<Fitted> {
    let n = values.len();
    let size = order.parameters();
    let average = mean(values);
    let spread = mean(&values.iter().map(|v| (v - average).powi(2)).collect::<Vec<_>>()).sqrt();
    let mut model = Model {
        order,
        period,
        values,
        spread,
        average,
        filter: Filter::default(),
        plain: Vec::new(),
        seasonal: Vec::new(),
        ar: Vec::new(),
        ma: Vec::new(),
    };
    let mut point = start.map_or_else(|| first_point(order), <[f64]>::to_vec);
    let total = descend(&mut model, &mut point, effort)?;
    let mut errors = Vec::with_capacity(n);
    let (_, centre) = model.errors(&point, &mut errors)?;
    let count = n as f64;
    let parameters = size as f64 + 1.0;
    let room = count - parameters - 1.0;
    if room <= 0.0 {
        return None;
    }
    let aicc = count * (total / count).max(1e-30).ln()
        + 2.0 * parameters
        + 2.0 * parameters * (parameters + 1.0) / room;
    let variance = total / (count - size as f64).max(1.0);
    let Model { ar, ma, .. } = model;
    Some(Fitted { order, ar, ma, centre, variance, aicc, point })
}

/// Returns where a search starts: off 0, so that autoregression and moving average differ.
fn first_point(order: Order) -> Vec<f64> {
    let ar = order.p + order.seasonal_p;
    let ma = order.q + order.seasonal_q;
    let mut point = vec![0.1; ar];
    point.resize(ar + ma, 0.2);
    point.resize(order.parameters(), 0.0);
    point
}

/// Goes down by Levenberg and Marquardt from a point; returns the lowest sum of squares.
fn descend(model: &mut Model<'_>, point: &mut Vec<f64>, effort: Effort) -> Option<f64> {
    let size = point.len();
    let (mut errors, mut moved) = (Vec::new(), Vec::new());
    let (mut total, _) = model.errors(point, &mut errors)?;
    if size == 0 {
        return Some(total);
    }
    let mut slopes = vec![Vec::new(); size];
    let mut damping = 1e-2;
    for _ in 0..effort.0 {
        for (i, slope) in slopes.iter_mut().enumerate() {
            let width = 1e-5 * point[i].abs().max(1.0);
            let kept = point[i];
            point[i] += width;
            model.errors(point, &mut moved)?;
            point[i] = kept;
            slope.clear();
            slope.extend(moved.iter().zip(&errors).map(|(new, old)| (new - old) / width));
        }
        let before = total;
        for _ in 0..4 {
            let Some(next) = step(&slopes, &errors, point, damping) else {
                damping *= 10.0;
                continue;
            };
            match model.errors(&next, &mut moved) {
                Some((reached, _)) if reached < total => {
                    total = reached;
                    *point = next;
                    std::mem::swap(&mut errors, &mut moved);
                    damping = (damping * 0.2).max(1e-8);
                    break;
                }
                _ => damping *= 8.0,
            }
        }
        if before - total <= effort.1 * before {
            break;
        }
    }
    Some(total)
}

/// Returns the point after one damped step.
fn step(slopes: &[Vec<f64>], errors: &[f64], point: &[f64], damping: f64) -> Option<Vec<f64>> {
    let size = slopes.len();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let mut matrix = vec![0.0; size * size];
    let mut right = Vec::with_capacity(size);
    for i in 0..size {
        for j in 0..=i {
            let value = dot(&slopes[i], &slopes[j]);
            matrix[i * size + j] = value;
            matrix[j * size + i] = value;
        }
        right.push(-dot(&slopes[i], errors));
    }
    for i in 0..size {
        matrix[i * size + i] = matrix[i * size + i] * (1.0 + damping) + 1e-12;
    }
    solve_positive(&mut matrix, &mut right)?;
    // Free numbers far out are all the same bound; steps are held short.
    let next = point.iter().zip(&right).map(|(at, by)| (at + by.clamp(-1.0, 1.0)).clamp(-8.0, 8.0));
    Some(next.collect())
}

#[cfg(test)]
mod tests {
    use super::super::super::rng::Random;
    use super::*;

    #[test]
    fn an_autoregression_is_found_again() {
        let mut random = Random::new(7);
        let mut value = 0.0;
        let values: Vec<f64> = (0..400)
            .map(|_| {
                value = 0.7 * value + random.normal();
                value + 3.0
            })
            .collect();
        let order = Order { p: 1, q: 0, seasonal_p: 0, seasonal_q: 0, constant: true };
        let fitted = fit(&values, 1, order, FINE, None).unwrap();
        assert!((fitted.ar[0] - 0.7).abs() < 0.1, "{:?}", fitted.ar);
        assert!((fitted.centre - 3.0).abs() < 0.5, "{}", fitted.centre);
        assert!((fitted.variance - 1.0).abs() < 0.2, "{}", fitted.variance);
    }
}
