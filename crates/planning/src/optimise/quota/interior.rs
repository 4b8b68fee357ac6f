//! Interior point method for the quota program.
//!
//! Mehrotra's predictor-corrector (SIAM Journal on Optimization 2, 1992) for variables between
//! zero and an upper limit, as in Wright, *Primal-Dual Interior-Point Methods*, 1997, chapter 10.

use super::model::Program;
use super::rows::{
    Columns, Count, Factor, RowVec, costs_and_limits, right_side, times, transposed,
};

/// Steps after which the method gives up.
const STEPS: usize = 100;
/// Refinements of one linear solve.
const REFINEMENTS: usize = 4;
/// Error with which an answer is still given when rounding ends progress; the bound, which is
/// computed apart, says what it is worth.
const ENOUGH: f64 = 1e-5;
/// Relative accuracy of rows, prices and gap.
const ACCURACY: f64 = 1e-9;

/// A solution with its prices.
pub(super) struct Solution {
    pub(super) up: Vec<f64>,
    pub(super) down: Vec<f64>,
    pub(super) rep_price: Vec<f64>,
    pub(super) territory_price: Vec<f64>,
    pub(super) product_price: Vec<f64>,
    /// Short and over, by territory.
    pub(super) territory_elastic: Vec<(f64, f64)>,
    /// Short and over, by product.
    pub(super) product_elastic: Vec<(f64, f64)>,
}

/// Solves the program; the error is the number of steps after which there was no answer.
pub(super) fn solve(program: &Program<'_>) -> Result<Solution, usize> {
    let mut state = State::new(program);
    let mut best = f64::INFINITY;
    let mut kept = state.clone();
    let mut since = 0;
    for step in 0..STEPS {
        let before = state.clone();
        let error = state.step(program);
        if error.is_some_and(|e| e < ACCURACY) {
            return Ok(state.solution(program));
        }
        match error {
            Some(error) if error < 0.9 * best => {
                best = error;
                kept = before;
                since = 0;
            }
            Some(error) if since < 12 && error < 1e3 * best => since += 1,
            // Rounding ends progress above the accuracy when numbers differ much in size.
            Some(_) | None if best < ENOUGH => return Ok(kept.solution(program)),
            Some(_) if since < 12 => since += 1,
            Some(_) | None => return Err(step),
        }
    }
    Err(STEPS)
}

/// A variable that takes part.
#[derive(Clone, Copy)]
struct Variable {
    index: usize,
    /// Value, and distance to the upper limit (infinite without one).
    x: f64,
    room: f64,
    /// Price of the lower and of the upper limit.
    z: f64,
    w: f64,
    limit: f64,
    cost: f64,
}

struct Direction {
    x: Vec<f64>,
    room: Vec<f64>,
    z: Vec<f64>,
    w: Vec<f64>,
    y: RowVec,
}

#[derive(Clone)]
struct State {
    variables: Vec<Variable>,
    y: RowVec,
    right: RowVec,
}

impl State {
    fn new(program: &Program<'_>) -> Self {
        let (cost, limit) = costs_and_limits(program);
        let right = right_side(program);
        let variables = (0..limit.all.len())
            .filter(|v| limit.all[*v] > 1e-9)
            .map(|v| {
                let limit = limit.all[v];
                let x = if limit.is_finite() { 0.5 * limit } else { 1.0 };
                let price = 1.0_f64.max(cost.all[v]);
                Variable {
                    index: v,
                    x,
                    room: if limit.is_finite() { limit - x } else { f64::INFINITY },
                    z: price,
                    w: if limit.is_finite() { price } else { 0.0 },
                    limit,
                    cost: cost.all[v],
                }
            })
            .collect();
        let y = RowVec {
            rep: vec![0.0; right.rep.len()],
            territory: vec![0.0; right.territory.len()],
            product: vec![0.0; right.product.len()],
        };
        Self { variables, y, right }
    }

    /// Takes one step and returns the error before it; `None` if numbers got out of hand.
    fn step(&mut self, program: &Program<'_>) -> Option<f64> {
        let count = Count::of(program);
        let mut x = Columns::filled(count, 0.0);
        for v in &self.variables {
            x.all[v.index] = v.x;
        }
        let missing = minus(&self.right, &times(program, &x));
        let priced = transposed(program, &self.y);
        let price_error: Vec<f64> =
            self.variables.iter().map(|v| v.cost - priced.all[v.index] - v.z + v.w).collect();
        let (mut gap, mut pairs, mut objective) = (0.0, 0.0, 0.0);
        for v in &self.variables {
            gap += v.x * v.z;
            pairs += 1.0;
            objective += v.cost * v.x;
            if v.limit.is_finite() {
                gap += v.room * v.w;
                pairs += 1.0;
            }
        }
        let mu = gap / pairs;
        let error = (norm(&missing) / (1.0 + norm(&self.right)))
            .max(
                price_error.iter().fold(0.0_f64, |a, e| a.max(e.abs()))
                    / (1.0 + largest(&self.variables)),
            )
            .max(gap / (1.0 + objective.abs()));
        if !error.is_finite() {
            return None;
        }
        if error < ACCURACY {
            return Some(error);
        }
        let mut scaling = Columns::filled(count, 0.0);
        for v in &self.variables {
            scaling.all[v.index] = 1.0 / (v.z / v.x + v.w / v.room);
        }
        let factor = Factor::new(program, &scaling);
        let none: Vec<(f64, f64)> = vec![(0.0, 0.0); self.variables.len()];
        let aim = Aim { missing: &missing, price_error: &price_error, mu: 0.0, second: &none };
        let predictor = self.direction(program, &factor, &scaling, &aim);
        let (primal, dual) = self.reach(&predictor);
        let after: f64 = self
            .variables
            .iter()
            .enumerate()
            .map(|(i, v)| {
                let low = (v.x + primal * predictor.x[i]) * (v.z + dual * predictor.z[i]);
                if v.limit.is_finite() {
                    low + (v.room + primal * predictor.room[i]) * (v.w + dual * predictor.w[i])
                } else {
                    low
                }
            })
            .sum::<f64>()
            / pairs;
        let centring = (after / mu).powi(3).clamp(0.0, 1.0);
        let second: Vec<(f64, f64)> = (0..self.variables.len())
            .map(|i| (predictor.x[i] * predictor.z[i], predictor.room[i] * predictor.w[i]))
            .collect();
        let aim = Aim {
            missing: &missing,
            price_error: &price_error,
            mu: centring * mu,
            second: &second,
        };
        let corrector = self.direction(program, &factor, &scaling, &aim);
        let (primal, dual) = self.reach(&corrector);
        let keep = 1.0 - (0.1 * error).clamp(1e-6, 1e-2);
        self.advance(&corrector, keep * primal, keep * dual);
        Some(error)
    }

    /// Newton's direction: `Θ⁻¹ dx - Aᵀ dy = -h`, `A dx = missing`.
    fn direction(
        &self,
        program: &Program<'_>,
        factor: &Factor<'_>,
        scaling: &Columns,
        aim: &Aim<'_>,
    ) -> Direction {
        let count = Count::of(program);
        let mut h = Columns::filled(count, 0.0);
        let mut weighted = Columns::filled(count, 0.0);
        for (i, v) in self.variables.iter().enumerate() {
            let low = aim.mu - v.x * v.z - aim.second[i].0;
            let mut value = aim.price_error[i] - low / v.x;
            if v.limit.is_finite() {
                let high = aim.mu - v.room * v.w - aim.second[i].1;
                value += (high - v.w * (v.limit - v.x - v.room)) / v.room;
            }
            h.all[v.index] = value;
            weighted.all[v.index] = scaling.all[v.index] * value;
        }
        let mut right = times(program, &weighted);
        add(&mut right, aim.missing);
        let y = self.refined(program, factor, scaling, &right);
        let along = transposed(program, &y);
        let mut direction = Direction {
            x: Vec::with_capacity(self.variables.len()),
            room: Vec::with_capacity(self.variables.len()),
            z: Vec::with_capacity(self.variables.len()),
            w: Vec::with_capacity(self.variables.len()),
            y,
        };
        for (i, v) in self.variables.iter().enumerate() {
            let dx = scaling.all[v.index] * (along.all[v.index] - h.all[v.index]);
            let low = aim.mu - v.x * v.z - aim.second[i].0;
            direction.x.push(dx);
            direction.z.push((low - v.z * dx) / v.x);
            if v.limit.is_finite() {
                let room = v.limit - v.x - v.room - dx;
                let high = aim.mu - v.room * v.w - aim.second[i].1;
                direction.room.push(room);
                direction.w.push((high - v.w * room) / v.room);
            } else {
                direction.room.push(0.0);
                direction.w.push(0.0);
            }
        }
        direction
    }

    /// Solves the normal equations, refined while that makes them hold better.
    fn refined(
        &self,
        program: &Program<'_>,
        factor: &Factor<'_>,
        scaling: &Columns,
        right: &RowVec,
    ) -> RowVec {
        let residual = |y: &RowVec| {
            let mut back = transposed(program, y);
            back.all.iter_mut().zip(&scaling.all).for_each(|(b, s)| *b *= s);
            minus(right, &times(program, &back))
        };
        let mut y = factor.solve(right);
        let mut off = residual(&y);
        for _ in 0..REFINEMENTS {
            if norm(&off) <= 1e-13 * norm(right) {
                break;
            }
            let mut trial = y.clone();
            add(&mut trial, &factor.solve(&off));
            let new = residual(&trial);
            if norm(&new) >= 0.7 * norm(&off) {
                break;
            }
            y = trial;
            off = new;
        }
        y
    }

    /// Longest primal and dual steps, at most one.
    fn reach(&self, d: &Direction) -> (f64, f64) {
        let (mut primal, mut dual) = (1.0_f64, 1.0_f64);
        for (i, v) in self.variables.iter().enumerate() {
            primal = primal.min(longest(v.x, d.x[i]));
            dual = dual.min(longest(v.z, d.z[i]));
            if v.limit.is_finite() {
                primal = primal.min(longest(v.room, d.room[i]));
                dual = dual.min(longest(v.w, d.w[i]));
            }
        }
        (primal, dual)
    }

    fn advance(&mut self, d: &Direction, primal: f64, dual: f64) {
        for (i, v) in self.variables.iter_mut().enumerate() {
            v.x = (v.x + primal * d.x[i]).max(1e-14);
            v.z = (v.z + dual * d.z[i]).max(1e-14);
            if v.limit.is_finite() {
                v.room = (v.room + primal * d.room[i]).max(1e-14);
                v.w = (v.w + dual * d.w[i]).max(1e-14);
            }
        }
        let more = |to: &mut [f64], by: &[f64]| {
            to.iter_mut().zip(by).for_each(|(t, b)| *t += dual * b);
        };
        more(&mut self.y.rep, &d.y.rep);
        more(&mut self.y.territory, &d.y.territory);
        more(&mut self.y.product, &d.y.product);
    }

    fn solution(&self, program: &Program<'_>) -> Solution {
        let count = Count::of(program);
        let mut x = vec![0.0; count.total()];
        for v in &self.variables {
            x[v.index] = v.x;
        }
        let pairs =
            |from: usize, n: usize| (0..n).map(|i| (x[from + i], x[from + n + i])).collect();
        Solution {
            up: x[..count.cells].to_vec(),
            down: x[count.down()..count.down() + count.cells].to_vec(),
            rep_price: self.y.rep.clone(),
            territory_price: self.y.territory.clone(),
            product_price: self.y.product.clone(),
            territory_elastic: pairs(count.elastic(), count.territories),
            product_elastic: pairs(count.elastic() + 2 * count.territories, count.products),
        }
    }
}

/// What a direction aims at.
struct Aim<'a> {
    missing: &'a RowVec,
    price_error: &'a [f64],
    mu: f64,
    /// Second-order terms at the lower and upper limits.
    second: &'a [(f64, f64)],
}

fn longest(value: f64, change: f64) -> f64 {
    if change < 0.0 { -value / change } else { 1.0 }
}

fn largest(variables: &[Variable]) -> f64 {
    variables.iter().fold(0.0, |a, v| a.max(v.cost))
}

fn minus(a: &RowVec, b: &RowVec) -> RowVec {
    let less = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
    RowVec {
        rep: less(&a.rep, &b.rep),
        territory: less(&a.territory, &b.territory),
        product: less(&a.product, &b.product),
    }
}

fn add(to: &mut RowVec, by: &RowVec) {
    let more = |to: &mut [f64], by: &[f64]| to.iter_mut().zip(by).for_each(|(t, b)| *t += b);
    more(&mut to.rep, &by.rep);
    more(&mut to.territory, &by.territory);
    more(&mut to.product, &by.product);
}

fn norm(rows: &RowVec) -> f64 {
    rows.rep.iter().chain(&rows.territory).chain(&rows.product).fold(0.0, |a, v| a.max(v.abs()))
}
