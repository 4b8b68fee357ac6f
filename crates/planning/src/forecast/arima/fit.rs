//! Fitting one order by exact maximum likelihood.
//!
//! With the variance concentrated out, the likelihood is highest where the sum of squared
//! standardised errors times the geometric mean of their variances is lowest: a sum of squares,
//! which `descent` brings down with few evaluations.

use super::super::descent::Descent;
use super::super::number::mean;
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

/// How long to search: rounds and steps at most, and the share of the sum that ends it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort(usize, usize, f64);

/// Enough to compare orders: a five hundredth of the sum is a fifth of AICc on a hundred points.
pub(crate) const ROUGH: Effort = Effort(2, 4, 2e-3);
/// For the order that is kept.
pub(crate) const FINE: Effort = Effort(2, 6, 1e-5);

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

/// Free numbers are held inside these.
const FAR_OUT: f64 = 8.0;

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
    /// Writes the errors at a point, scaled so that their squares sum to what is minimised; returns
    /// the centre.
    fn errors(&mut self, point: &[f64], errors: &mut Vec<f64>) -> Option<f64> {
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
        Some(centre)
    }
}

impl Fitted {
    /// Returns where the search for another order starts: at the numbers that both have, and near 0
    /// for those that are new, where the larger order is the smaller one.
    pub(crate) fn start_of(&self, other: Order) -> Vec<f64> {
        let Order { p, q, seasonal_p, seasonal_q, constant } = self.order;
        let mut known = self.point.iter().copied();
        let mut out = Vec::with_capacity(other.parameters());
        let blocks = [
            (p, other.p, NEW_AR),
            (seasonal_p, other.seasonal_p, NEW_AR),
            (q, other.q, NEW_MA),
            (seasonal_q, other.seasonal_q, NEW_MA),
            (usize::from(constant), usize::from(other.constant), 0.0),
        ];
        for (own, wanted, new) in blocks {
            let block: Vec<f64> = known.by_ref().take(own).collect();
            out.extend(block.into_iter().chain(std::iter::repeat(new)).take(wanted));
        }
        out
    }
}

/// Where new numbers of a search start: off 0, so that autoregression and moving average differ.
const NEW_AR: f64 = 0.1;
const NEW_MA: f64 = 0.2;

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
    // Free numbers far out are all the same bound; steps are held short.
    let (lower, upper) = (vec![-FAR_OUT; size], vec![FAR_OUT; size]);
    let Effort(rounds, steps, share) = effort;
    let descent = Descent { lower: &lower, upper: &upper, reach: 1.0, rounds, steps, share };
    let total = descent.minimise(&mut point, |at, errors| model.errors(at, errors).map(|_| ()))?;
    let centre = model.errors(&point, &mut Vec::with_capacity(n))?;
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

/// Returns where a search starts that knows nothing.
fn first_point(order: Order) -> Vec<f64> {
    let ar = order.p + order.seasonal_p;
    let ma = order.q + order.seasonal_q;
    let mut point = vec![NEW_AR; ar];
    point.resize(ar + ma, NEW_MA);
    point.resize(order.parameters(), 0.0);
    point
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
