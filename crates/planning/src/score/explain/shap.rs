//! Contributions of features to the value of an ensemble: path-dependent TreeSHAP (Lundberg et
//! al., *Nature Machine Intelligence* 2, 2020), which sum to it exactly.
//!
//! The Shapley weight of a set of `k` out of `m - 1` others is the integral of
//! `t^k (1 - t)^(m-1-k)` over 0 to 1, so a feature's contribution at a leaf is the integral of a
//! polynomial of degree `m - 1`: the product over the features on the path of
//! `t·one + (1 - t)·zero`. Gauss-Legendre quadrature integrates it exactly, and summing subtrees
//! before dividing makes the cost linear in nodes (the idea of Linear TreeSHAP, Yu et al., NeurIPS
//! 2022).

use super::super::tree::{Ensemble, Go, Shares, Tree};

/// Returns the mean value over the training rows, and what each feature adds to it.
pub(in super::super) fn tree_contributions(model: &Ensemble, row: &[f64]) -> (f64, Vec<f64>) {
    let mut bins = Vec::with_capacity(row.len());
    model.binner.bin_row(row, &mut bins);
    let shares = model.shares();
    // A rule of `n` points is exact up to degree 2n - 1, and paths have at most `deepest` features.
    let parts = if shares.deepest <= 8 {
        run::<4>(model, &shares, &bins)
    } else if shares.deepest <= 16 {
        run::<8>(model, &shares, &bins)
    } else {
        run::<32>(model, &shares, &bins)
    };
    (shares.mean, parts)
}

fn run<const Q: usize>(model: &Ensemble, shares: &Shares, bins: &[u8]) -> Vec<f64> {
    let (points, weights) = gauss_legendre::<Q>();
    let start = OnPath { follows: true, zero: 1.0, inverse: [1.0; Q], pull: [0.0; Q] };
    let mut walk = Walk {
        bins,
        points,
        rests: points.map(|t| 1.0 - t),
        over_rests: std::array::from_fn(|q| weights[q] / (1.0 - points[q])),
        weights,
        path: vec![start; bins.len()],
        parts: vec![0.0; bins.len()],
    };
    for (tree, shares) in model.trees.iter().zip(&shares.of_parent) {
        walk.below(tree, shares, 0, &[1.0; Q]);
    }
    walk.parts
}

/// A feature on the way to a node. While the row follows the way in it, its factor of the
/// polynomial is `t + (1 - t)·zero`; once it does not, `(1 - t)·zero`.
#[derive(Clone, Copy)]
struct OnPath<const Q: usize> {
    /// Whether the row follows the way in this feature; the rest is of use only while it does.
    follows: bool,
    /// Share of training rows that follow it.
    zero: f64,
    /// One over the factor, at each point.
    inverse: [f64; Q],
    /// What the feature contributes per value of a leaf: one less `zero`, over the factor, times
    /// the point's weight.
    pull: [f64; Q],
}

struct Walk<'a, const Q: usize> {
    bins: &'a [u8],
    points: [f64; Q],
    /// One less each point.
    rests: [f64; Q],
    /// The weight of each point, over one less the point.
    over_rests: [f64; Q],
    weights: [f64; Q],
    path: Vec<OnPath<Q>>,
    parts: Vec<f64>,
}

impl<const Q: usize> Walk<'_, Q> {
    /// Returns the sum over the leaves below of value times the path's polynomial.
    #[inline]
    fn below(&mut self, tree: &Tree, shares: &[f64], at: usize, product: &[f64; Q]) -> [f64; Q] {
        if tree.nodes[at].go == Go::Leaf {
            let value = tree.value[at];
            return product.map(|p| p * value);
        }
        self.node(tree, shares, at, product)
    }

    /// The same for a node that is not a leaf.
    fn node(&mut self, tree: &Tree, shares: &[f64], at: usize, product: &[f64; Q]) -> [f64; Q] {
        let node = &tree.nodes[at];
        let feature = usize::from(node.feature);
        let children = node.child as usize;
        if !self.path[feature].follows {
            // The factor of the feature shrinks by the share, and what it contributes per value of
            // a leaf stays: the node above counts it.
            let below = product.map(|p| p * shares[children]);
            let mut sum = self.below(tree, shares, children, &below);
            let below = product.map(|p| p * shares[children + 1]);
            let more = self.below(tree, shares, children + 1, &below);
            sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            return sum;
        }
        let old = self.path[feature];
        let left = tree.goes_left(node, self.bins[feature]);
        let (on, off) = (children + usize::from(!left), children + usize::from(left));
        let mut new = OnPath { follows: true, zero: old.zero * shares[on], ..old };
        let mut below = [0.0; Q];
        for q in 0..Q {
            let factor = self.points[q] + self.rests[q] * new.zero;
            new.inverse[q] = 1.0 / factor;
            new.pull[q] = self.weights[q] * (1.0 - new.zero) * new.inverse[q];
            below[q] = product[q] * factor * old.inverse[q];
        }
        self.path[feature] = new;
        let mut sum = self.below(tree, shares, on, &below);
        let mut part = 0.0;
        for (q, under) in sum.iter().enumerate() {
            part += (new.pull[q] - old.pull[q]) * under;
        }
        let zero = old.zero * shares[off];
        for q in 0..Q {
            below[q] = product[q] * self.rests[q] * zero * old.inverse[q];
        }
        self.path[feature].follows = false;
        let other = self.below(tree, shares, off, &below);
        for (q, under) in other.into_iter().enumerate() {
            part -= (self.over_rests[q] + old.pull[q]) * under;
            sum[q] += under;
        }
        self.parts[feature] += part;
        self.path[feature] = old;
        sum
    }
}

/// Points and weights on 0 to 1: roots of the Legendre polynomial by Newton's method (Press et
/// al., *Numerical Recipes*, section 4.5).
fn gauss_legendre<const Q: usize>() -> ([f64; Q], [f64; Q]) {
    let (mut points, mut weights) = ([0.0; Q], [0.0; Q]);
    let n = Q as f64;
    for i in 0..Q {
        let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..100 {
            let (mut now, mut before) = (1.0, 0.0);
            for k in 0..Q {
                let k = k as f64;
                let next = ((2.0 * k + 1.0) * x * now - k * before) / (k + 1.0);
                before = now;
                now = next;
            }
            slope = n * (x * now - before) / (x * x - 1.0);
            let step = now / slope;
            x -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        points[i] = 0.5 * (1.0 + x);
        weights[i] = 1.0 / ((1.0 - x * x) * slope * slope);
    }
    (points, weights)
}

#[cfg(test)]
mod tests {
    use super::super::super::dataset::{Column, Dataset};
    use super::super::super::num::Rng;
    use super::super::super::tree::{BoostSettings, fit_boosted};
    use super::*;

    /// Value of a tree when only the features of a set are known.
    fn expected(tree: &Tree, at: usize, bins: &[u8], known: usize) -> f64 {
        let node = &tree.nodes[at];
        let child = node.child as usize;
        if node.go == Go::Leaf {
            return tree.value[at];
        }
        let feature = usize::from(node.feature);
        if known >> feature & 1 == 1 {
            let left = tree.goes_left(node, bins[feature]);
            return expected(tree, child + usize::from(!left), bins, known);
        }
        let (l, r) = (tree.cover[child], tree.cover[child + 1]);
        (l * expected(tree, child, bins, known) + r * expected(tree, child + 1, bins, known))
            / (l + r)
    }

    /// Shapley values by their definition.
    fn by_definition(model: &Ensemble, bins: &[u8]) -> Vec<f64> {
        let m = bins.len();
        let value =
            |known: usize| -> f64 { model.trees.iter().map(|t| expected(t, 0, bins, known)).sum() };
        let factorial = |n: usize| (1..=n).map(|i| i as f64).product::<f64>();
        (0..m)
            .map(|f| {
                (0..1_usize << m)
                    .filter(|s| s >> f & 1 == 0)
                    .map(|s| {
                        let k = s.count_ones() as usize;
                        let weight = factorial(k) * factorial(m - 1 - k) / factorial(m);
                        weight * (value(s | 1 << f) - value(s))
                    })
                    .sum()
            })
            .collect()
    }

    #[test]
    fn contributions_are_shapley_values() {
        let mut rng = Rng::new(3);
        let mut column = |levels: f64| -> Vec<f64> {
            (0..600)
                .map(|_| if rng.unit() < 0.1 { f64::NAN } else { (rng.unit() * levels).floor() })
                .collect()
        };
        let (a, b, c, d) = (column(9.0), column(5.0), column(30.0), column(3.0));
        let labels: Vec<bool> =
            (0..600).map(|i| a[i] * b[i] + if c[i] > 12.0 { d[i] } else { 0.0 } > 9.0).collect();
        let names: Vec<Option<&str>> = b
            .iter()
            .map(|v| {
                ["v", "w", "x", "y", "z"]
                    .get(super::super::super::num::count(*v))
                    .copied()
                    .filter(|_| !v.is_nan())
            })
            .collect();
        let data = Dataset::new(vec![
            Column::numeric("a", a),
            Column::categorical("b", &names),
            Column::numeric("c", c),
            Column::numeric("d", d),
        ])
        .unwrap();
        let schema = data.schema();
        let matrix = schema.matrix(&data).unwrap();
        let settings = BoostSettings { rounds: 12, leaf_rows: 5, ..BoostSettings::standard(1) };
        let model = fit_boosted(&schema, &matrix, &labels, &settings).unwrap();
        for row in 0..12 {
            let mut bins = Vec::new();
            model.binner.bin_row(matrix.row(row), &mut bins);
            let (mean, parts) = tree_contributions(&model, matrix.row(row));
            for (ours, right) in parts.iter().zip(by_definition(&model, &bins)) {
                assert!((ours - right).abs() < 1e-9, "row {row}: {ours} against {right}");
            }
            let total = mean + parts.iter().sum::<f64>();
            assert!((total - model.raw(matrix.row(row))).abs() < 1e-9, "they sum to the score");
        }
    }
}
