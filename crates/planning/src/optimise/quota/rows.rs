//! The rows of the program and the factorisation of their normal equations.
//!
//! Rows: one per rep (stretch), one per territory (band), one per product (goal). In `A Θ Aᵀ` the
//! reps' block is diagonal and each rep belongs to one territory, so reps are eliminated first,
//! then territories, then the stretch variable (kept as an unknown of its own, because its column
//! is dense), then a dense system of products. Cost: cells times products.
//!
//! Near the optimum the rows of reps, territories and products nearly add up to each other. The
//! products' matrix is therefore kept as a graph Laplacian plus what exceeds it, both sums of
//! positive terms, so nothing cancels (as for M-matrices: Alfa, Xue, Ye, Mathematics of
//! Computation 71, 2002).

use super::model::{Form, Program};

/// Values of one kind for each row.
#[derive(Debug, Clone)]
pub(super) struct RowVec {
    pub(super) rep: Vec<f64>,
    pub(super) territory: Vec<f64>,
    pub(super) product: Vec<f64>,
}

/// Values of one kind for each variable.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    count: Count,
    pub(super) all: Vec<f64>,
}

/// Sizes of the groups of variables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count {
    pub(super) cells: usize,
    pub(super) reps: usize,
    pub(super) territories: usize,
    pub(super) products: usize,
}

impl Count {
    pub(super) fn of(program: &Program<'_>) -> Self {
        Self {
            cells: program.base.len(),
            reps: program.potential.len(),
            territories: program.territories,
            products: program.products,
        }
    }

    pub(super) fn down(self) -> usize {
        self.cells
    }

    pub(super) fn stretch(self) -> usize {
        2 * self.cells
    }

    pub(super) fn rep_slack(self) -> usize {
        self.stretch() + 1
    }

    pub(super) fn band_slack(self) -> usize {
        self.rep_slack() + self.reps
    }

    /// Elastic variables: territory short, territory over, product short, product over.
    pub(super) fn elastic(self) -> usize {
        self.band_slack() + self.territories
    }

    pub(super) fn total(self) -> usize {
        self.elastic() + 2 * self.territories + 2 * self.products
    }
}

impl Columns {
    pub(super) fn filled(count: Count, value: f64) -> Self {
        Self { count, all: vec![value; count.total()] }
    }
}

/// `A x`.
pub(super) fn times(program: &Program<'_>, x: &Columns) -> RowVec {
    let count = x.count;
    let mut rows = RowVec {
        rep: vec![0.0; count.reps],
        territory: vec![0.0; count.territories],
        product: vec![0.0; count.products],
    };
    let stretch = x.all[count.stretch()];
    for rep in 0..count.reps {
        let mut sum = 0.0;
        for product in 0..count.products {
            let cell = rep * count.products + product;
            let amount = x.all[cell] - x.all[count.down() + cell];
            sum += amount;
            rows.product[product] += amount;
        }
        rows.territory[program.problem.territory[rep]] += sum;
        rows.rep[rep] = sum + x.all[count.rep_slack() + rep] - program.potential[rep] * stretch;
    }
    let elastic = count.elastic();
    for t in 0..count.territories {
        rows.territory[t] += x.all[elastic + t]
            - x.all[elastic + count.territories + t]
            - x.all[count.band_slack() + t];
    }
    let elastic = elastic + 2 * count.territories;
    for p in 0..count.products {
        rows.product[p] += x.all[elastic + p] - x.all[elastic + count.products + p];
    }
    rows
}

/// `Aᵀ y`.
pub(super) fn transposed(program: &Program<'_>, y: &RowVec) -> Columns {
    let count = Count::of(program);
    let mut x = Columns::filled(count, 0.0);
    let mut stretch = 0.0;
    for rep in 0..count.reps {
        let common = y.rep[rep] + y.territory[program.problem.territory[rep]];
        for product in 0..count.products {
            let cell = rep * count.products + product;
            x.all[cell] = common + y.product[product];
            x.all[count.down() + cell] = -x.all[cell];
        }
        x.all[count.rep_slack() + rep] = y.rep[rep];
        stretch -= program.potential[rep] * y.rep[rep];
    }
    x.all[count.stretch()] = stretch;
    let elastic = count.elastic();
    for t in 0..count.territories {
        x.all[count.band_slack() + t] = -y.territory[t];
        x.all[elastic + t] = y.territory[t];
        x.all[elastic + count.territories + t] = -y.territory[t];
    }
    let elastic = elastic + 2 * count.territories;
    for p in 0..count.products {
        x.all[elastic + p] = y.product[p];
        x.all[elastic + count.products + p] = -y.product[p];
    }
    x
}

/// Right-hand side.
pub(super) fn right_side(program: &Program<'_>) -> RowVec {
    let count = Count::of(program);
    let mut rows = RowVec {
        rep: vec![0.0; count.reps],
        territory: program.territory_lower.clone(),
        product: program.goal.clone(),
    };
    for (cell, base) in program.base.iter().enumerate() {
        let rep = cell / count.products;
        rows.rep[rep] -= base;
        rows.territory[program.problem.territory[rep]] -= base;
        rows.product[cell % count.products] -= base;
    }
    rows
}

/// Costs and upper limits of the variables; an upper limit of zero takes a variable out.
pub(super) fn costs_and_limits(program: &Program<'_>) -> (Columns, Columns) {
    let count = Count::of(program);
    let mut cost = Columns::filled(count, 0.0);
    let mut limit = Columns::filled(count, f64::INFINITY);
    let strict = program.form == Form::Strict;
    for cell in 0..count.cells {
        if strict {
            cost.all[cell] = program.cost[cell];
            cost.all[count.down() + cell] = program.cost[cell];
        }
        limit.all[cell] = program.upper[cell] - program.base[cell];
        limit.all[count.down() + cell] = program.base[cell] - program.lower[cell];
    }
    cost.all[count.stretch()] =
        if strict { program.problem.stretch_weight.max(1e-6) } else { 1e-6 };
    for t in 0..count.territories {
        limit.all[count.band_slack() + t] = program.territory_upper[t] - program.territory_lower[t];
    }
    for v in count.elastic()..count.total() {
        cost.all[v] = 1.0;
        if strict {
            limit.all[v] = 0.0;
        }
    }
    (cost, limit)
}

/// Factorised `A Θ Aᵀ`.
pub(super) struct Factor<'a> {
    program: &'a Program<'a>,
    count: Count,
    /// Θ of each quota (up and down together).
    theta: Vec<f64>,
    /// Diagonal of the rep rows.
    rep: Vec<f64>,
    /// Row sums of `theta`.
    rep_sum: Vec<f64>,
    /// Diagonal of the territory rows after reps are eliminated.
    territory: Vec<f64>,
    /// Territory rows against products after reps are eliminated.
    across: Vec<f64>,
    /// The stretch column against territories and products after elimination, and its pivot.
    stretch_territory: Vec<f64>,
    stretch_product: Vec<f64>,
    stretch_pivot: f64,
    /// Cholesky factor of the products' matrix.
    dense: Vec<f64>,
}

impl<'a> Factor<'a> {
    /// Factorises for one Θ.
    pub(super) fn new(program: &'a Program<'a>, scaling: &Columns) -> Self {
        let count = Count::of(program);
        let (products, all) = (count.products, &scaling.all);
        let theta: Vec<f64> = (0..count.cells).map(|c| all[c] + all[count.down() + c]).collect();
        let slack = &all[count.rep_slack()..count.rep_slack() + count.reps];
        let rep_sum: Vec<f64> = theta.chunks_exact(products).map(|row| row.iter().sum()).collect();
        let rep: Vec<f64> = rep_sum.iter().zip(slack).map(|(s, k)| s + k).collect();
        let elastic = count.elastic();
        // What the band's own variables add to a territory's diagonal.
        let band: Vec<f64> = (0..count.territories)
            .map(|t| {
                let short = all[elastic + t];
                let over = all[elastic + count.territories + t];
                (all[count.band_slack() + t] + short + over).max(1e-300)
            })
            .collect();
        let elastic = elastic + 2 * count.territories;
        let mut excess: Vec<f64> =
            (0..products).map(|p| all[elastic + p] + all[elastic + products + p]).collect();
        let mut factor = Self {
            program,
            count,
            theta,
            rep,
            rep_sum,
            territory: band.clone(),
            across: vec![0.0; count.territories * products],
            stretch_territory: vec![0.0; count.territories],
            stretch_product: vec![0.0; products],
            stretch_pivot: 1.0 / all[count.stretch()],
            dense: vec![0.0; products * products],
        };
        factor.eliminate_reps(slack);
        factor.eliminate_territories(&band, &mut excess);
        factor.close(&excess);
        factor
    }

    fn eliminate_reps(&mut self, slack: &[f64]) {
        let products = self.count.products;
        for (r, slack) in slack.iter().enumerate() {
            let row = &self.theta[r * products..(r + 1) * products];
            let t = self.program.problem.territory[r];
            let kept = slack / self.rep[r];
            let pull = self.program.potential[r] / self.rep[r];
            self.territory[t] += self.rep_sum[r] * kept;
            self.stretch_territory[t] += self.rep_sum[r] * pull;
            self.stretch_pivot += self.program.potential[r] * pull;
            for p in 0..products {
                self.across[t * products + p] += row[p] * kept;
                self.stretch_product[p] += row[p] * pull;
                let share = row[p] / self.rep[r];
                let weights = &mut self.dense[p * products..p * products + p];
                weights.iter_mut().zip(row).for_each(|(weight, theta)| *weight += share * theta);
            }
        }
    }

    fn eliminate_territories(&mut self, band: &[f64], excess: &mut [f64]) {
        let products = self.count.products;
        for (t, band) in band.iter().enumerate() {
            let row = &self.across[t * products..(t + 1) * products];
            let pull = self.stretch_territory[t] / self.territory[t];
            self.stretch_pivot += self.stretch_territory[t] * pull;
            for p in 0..products {
                self.stretch_product[p] -= row[p] * pull;
                let share = row[p] / self.territory[t];
                excess[p] += share * band;
                let weights = &mut self.dense[p * products..p * products + p];
                weights.iter_mut().zip(row).for_each(|(weight, theta)| *weight += share * theta);
            }
        }
    }

    /// Turns weights and excess into the products' matrix, adds the stretch, and factorises.
    fn close(&mut self, excess: &[f64]) {
        let products = self.count.products;
        let mut diagonal = excess.to_vec();
        for p in 0..products {
            for q in 0..p {
                let weight = self.dense[p * products + q];
                diagonal[p] += weight;
                diagonal[q] += weight;
                self.dense[p * products + q] = -weight;
            }
        }
        for (p, diagonal) in diagonal.into_iter().enumerate() {
            self.dense[p * products + p] = diagonal;
            for q in 0..=p {
                self.dense[p * products + q] +=
                    self.stretch_product[p] * self.stretch_product[q] / self.stretch_pivot;
            }
        }
        cholesky(&mut self.dense, products);
    }

    /// Solves `A Θ Aᵀ y = right`.
    pub(super) fn solve(&self, right: &RowVec) -> RowVec {
        let products = self.count.products;
        let mut y = right.clone();
        // The stretch unknown: its row is `-potential · y_rep - unknown / θ = 0`.
        let mut stretch = 0.0;
        for r in 0..self.count.reps {
            let t = self.program.problem.territory[r];
            let share = right.rep[r] / self.rep[r];
            y.territory[t] -= share * self.rep_sum[r];
            stretch += share * self.program.potential[r];
            let row = &self.theta[r * products..(r + 1) * products];
            y.product.iter_mut().zip(row).for_each(|(y, theta)| *y -= share * theta);
        }
        for t in 0..self.count.territories {
            let share = y.territory[t] / self.territory[t];
            stretch -= share * self.stretch_territory[t];
            let row = &self.across[t * products..(t + 1) * products];
            y.product.iter_mut().zip(row).for_each(|(y, a)| *y -= share * a);
        }
        let share = stretch / self.stretch_pivot;
        y.product.iter_mut().zip(&self.stretch_product).for_each(|(y, g)| *y += share * g);
        substitute(&self.dense, products, &mut y.product);
        let known: f64 = dot(&self.stretch_product, &y.product);
        let stretch = (stretch - known) / -self.stretch_pivot;
        for t in 0..self.count.territories {
            let row = &self.across[t * products..(t + 1) * products];
            let known = dot(row, &y.product) + self.stretch_territory[t] * stretch;
            y.territory[t] = (y.territory[t] - known) / self.territory[t];
        }
        for r in 0..self.count.reps {
            let row = &self.theta[r * products..(r + 1) * products];
            let t = self.program.problem.territory[r];
            let known = dot(row, &y.product) + self.rep_sum[r] * y.territory[t]
                - self.program.potential[r] * stretch;
            y.rep[r] = (right.rep[r] - known) / self.rep[r];
        }
        y
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Cholesky factor in the lower triangle; a pivot lost to rounding is made huge, which sets that
/// unknown to zero (Wright, *Primal-Dual Interior-Point Methods*, 1997, chapter 11).
fn cholesky(a: &mut [f64], n: usize) {
    let largest = (0..n).map(|i| a[i * n + i]).fold(0.0, f64::max);
    for j in 0..n {
        for k in 0..j {
            let factor = a[j * n + k];
            for i in j..n {
                a[i * n + j] -= a[i * n + k] * factor;
            }
        }
        let pivot = a[j * n + j];
        let root = if pivot > 1e-16 * largest { pivot.sqrt() } else { 1e64 };
        for i in j..n {
            a[i * n + j] /= root;
        }
        a[j * n + j] = root;
    }
}

fn substitute(a: &[f64], n: usize, x: &mut [f64]) {
    for i in 0..n {
        let known: f64 = (0..i).map(|k| a[i * n + k] * x[k]).sum();
        x[i] = (x[i] - known) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| a[k * n + i] * x[k]).sum();
        x[i] = (x[i] - known) / a[i * n + i];
    }
}
