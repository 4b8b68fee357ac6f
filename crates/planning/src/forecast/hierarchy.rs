//! Reconciliation: forecasts of rep, team, region and product that add up.
//!
//! Wickramasuriya, Athanasopoulos, Hyndman (2019), "Optimal forecast reconciliation for
//! hierarchical and grouped time series through trace minimization", Journal of the American
//! Statistical Association 114: `y~ = y^ - W C' (C W C')^-1 C y^` with the constraints
//! `C = [I, -A]` (its equation 10 in constraint form), `W` by weight kind. The shrunk covariance is
//! that of Schafer, Strimmer (2005), "A shrinkage approach to large-scale covariance matrix
//! estimation", Statistical Applications in Genetics and Molecular Biology 4.

use super::error::ForecastError;
use super::number::{mean, solve_positive};

/// Which parts add up to which totals. Series are ordered: totals first, then parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    parts: usize,
    /// For each total, the parts that it sums, in order.
    totals: Vec<Vec<usize>>,
}

/// How forecasts are made to add up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reconciliation<'a> {
    /// Totals are the sums of the parts' forecasts.
    BottomUp,
    /// Every forecast moves as little as possible, all alike (ordinary least squares).
    Equal,
    /// Forecasts move by their errors' covariance (MinT, shrunk); past errors of one step for each
    /// series, totals first, all of one length.
    Shrunk(&'a [Vec<f64>]),
}

impl Hierarchy {
    /// Takes the groups of parts that totals sum.
    ///
    /// # Errors
    /// Without parts, or where a group is empty, repeats a part or names one that is not there.
    pub fn new(parts: usize, mut totals: Vec<Vec<usize>>) -> Result<Self, ForecastError> {
        if parts == 0 {
            return Err(ForecastError::Empty);
        }
        for group in &mut totals {
            group.sort_unstable();
            let given = group.len();
            group.dedup();
            if group.is_empty() || group.len() < given || group.iter().any(|part| *part >= parts) {
                return Err(ForecastError::Shape { what: "a group", given, wanted: parts });
            }
        }
        Ok(Self { parts, totals })
    }

    /// Returns the number of series, totals and parts.
    pub fn series(&self) -> usize {
        self.totals.len() + self.parts
    }

    /// Makes forecasts add up; one path for each series, totals first, all of one length.
    ///
    /// # Errors
    /// Where counts or lengths do not fit, a number or a sum is not finite, or the errors' covariance
    /// cannot be used.
    pub fn reconcile(
        &self,
        forecasts: &[Vec<f64>],
        how: Reconciliation<'_>,
    ) -> Result<Vec<Vec<f64>>, ForecastError> {
        let length = self.check(forecasts, "forecasts")?;
        let mut out = forecasts.to_vec();
        match how {
            Reconciliation::BottomUp => {}
            Reconciliation::Equal => {
                let size = self.series();
                let mut weights = vec![0.0; size * size];
                (0..size).for_each(|i| weights[i * size + i] = 1.0);
                self.project(&mut out, &weights, length)?;
            }
            Reconciliation::Shrunk(errors) => {
                self.check(errors, "errors")?;
                self.project(&mut out, &shrunk_covariance(errors), length)?;
            }
        }
        // To the last digit: totals are the sums of their parts.
        for (total, group) in self.totals.iter().enumerate() {
            for step in 0..length {
                out[total][step] =
                    group.iter().map(|part| out[self.totals.len() + part][step]).sum();
            }
        }
        if out.iter().flatten().all(|value| value.is_finite()) {
            Ok(out)
        } else {
            Err(ForecastError::Unstable { method: "reconciliation" })
        }
    }

    fn check(&self, paths: &[Vec<f64>], what: &'static str) -> Result<usize, ForecastError> {
        let wanted = self.series();
        if paths.len() != wanted {
            return Err(ForecastError::Shape { what, given: paths.len(), wanted });
        }
        let length = paths[0].len();
        if let Some(path) = paths.iter().find(|path| path.len() != length) {
            return Err(ForecastError::Shape { what, given: path.len(), wanted: length });
        }
        let wrong = |path: &Vec<f64>| path.iter().position(|value| !value.is_finite());
        match paths.iter().find_map(wrong) {
            Some(position) => Err(ForecastError::NotFinite { position }),
            None => Ok(length),
        }
    }

    /// Projects the forecasts onto what adds up, in the metric of the weights.
    fn project(
        &self,
        out: &mut [Vec<f64>],
        weights: &[f64],
        length: usize,
    ) -> Result<(), ForecastError> {
        let size = self.series();
        let count = self.totals.len();
        // Column `t` of W C': how every series moves when total `t` is off by one.
        let moves = |series: usize, total: usize| {
            let row = &weights[series * size..(series + 1) * size];
            row[total] - self.totals[total].iter().map(|part| row[count + part]).sum::<f64>()
        };
        let mut columns = vec![0.0; size * count];
        for series in 0..size {
            for total in 0..count {
                columns[series * count + total] = moves(series, total);
            }
        }
        let gap = |at: &dyn Fn(usize) -> f64, total: usize| {
            at(total) - self.totals[total].iter().map(|part| at(count + part)).sum::<f64>()
        };
        let mut matrix = vec![0.0; count * count];
        for column in 0..count {
            for row in 0..count {
                matrix[row * count + column] = gap(&|series| columns[series * count + column], row);
            }
        }
        for step in 0..length {
            let mut gaps: Vec<f64> =
                (0..count).map(|total| gap(&|series| out[series][step], total)).collect();
            solve_positive(&mut matrix.clone(), &mut gaps)
                .ok_or(ForecastError::Unstable { method: "reconciliation" })?;
            for series in 0..size {
                let moved: f64 =
                    (0..count).map(|total| columns[series * count + total] * gaps[total]).sum();
                out[series][step] -= moved;
            }
        }
        Ok(())
    }
}

/// Returns the covariance of the errors with correlations shrunk towards none.
fn shrunk_covariance(errors: &[Vec<f64>]) -> Vec<f64> {
    let size = errors.len();
    let n = errors[0].len() as f64;
    let scaled: Vec<(Vec<f64>, f64)> = errors
        .iter()
        .map(|path| {
            let square = mean(&path.iter().map(|error| error * error).collect::<Vec<_>>());
            let deviation = square.sqrt().max(1e-9);
            (path.iter().map(|error| error / deviation).collect(), deviation)
        })
        .collect();
    let mut correlations = vec![1.0; size * size];
    let (mut doubt, mut total) = (0.0, 0.0);
    for i in 0..size {
        for j in 0..i {
            let pairs = scaled[i].0.iter().zip(&scaled[j].0);
            let products: Vec<f64> = pairs.map(|(a, b)| a * b).collect();
            let correlation = mean(&products);
            let spread: f64 = products.iter().map(|one| (one - correlation).powi(2)).sum();
            doubt += spread / (n * (n - 1.0)).max(1.0);
            total += correlation * correlation;
            correlations[i * size + j] = correlation;
            correlations[j * size + i] = correlation;
        }
    }
    let shrink = if total > 0.0 { (doubt / total).clamp(0.05, 1.0) } else { 1.0 };
    for i in 0..size {
        for j in 0..size {
            let kept = if i == j { 1.0 } else { 1.0 - shrink };
            correlations[i * size + j] *= kept * scaled[i].1 * scaled[j].1;
        }
    }
    correlations
}

#[cfg(test)]
mod tests {
    use super::super::rng::Random;
    use super::*;

    /// All = north + south, north = 0 + 1, south = 2.
    fn hierarchy() -> Hierarchy {
        Hierarchy::new(3, vec![vec![0, 1, 2], vec![0, 1], vec![2]]).unwrap()
    }

    fn adds_up(paths: &[Vec<f64>]) -> bool {
        (0..paths[0].len()).all(|step| {
            let part = |index: usize| paths[3 + index][step];
            (paths[0][step] - part(0) - part(1) - part(2)).abs() < 1e-9
                && (paths[1][step] - part(0) - part(1)).abs() < 1e-9
        })
    }

    fn errors() -> Vec<Vec<f64>> {
        let mut random = Random::new(2);
        (0..6).map(|_| (0..30).map(|_| random.normal()).collect()).collect()
    }

    #[test]
    fn every_way_adds_up_and_leaves_what_already_does() {
        let consistent = [6.0, 3.0, 3.0, 1.0, 2.0, 3.0].map(|value| vec![value]).to_vec();
        let wrong = [9.0, 3.0, 4.0, 1.0, 2.0, 3.0].map(|value| vec![value, 2.0 * value]).to_vec();
        let past = errors();
        for how in [Reconciliation::BottomUp, Reconciliation::Equal, Reconciliation::Shrunk(&past)]
        {
            assert!(adds_up(&hierarchy().reconcile(&wrong, how).unwrap()), "{how:?}");
            let same = hierarchy().reconcile(&consistent, how).unwrap();
            for (one, other) in same.iter().zip(&consistent) {
                assert!((one[0] - other[0]).abs() < 1e-9, "{how:?}");
            }
        }
    }

    #[test]
    fn equal_weights_share_a_gap_equally() {
        let two = Hierarchy::new(2, vec![vec![0, 1]]).unwrap();
        let out = two.reconcile(&[vec![6.0], vec![1.0], vec![2.0]], Reconciliation::Equal).unwrap();
        let wanted = [5.0, 2.0, 3.0];
        for (path, value) in out.iter().zip(wanted) {
            assert!((path[0] - value).abs() < 1e-9, "{out:?}");
        }
    }

    #[test]
    fn a_sure_total_moves_less_than_unsure_parts() {
        let two = Hierarchy::new(2, vec![vec![0, 1]]).unwrap();
        let mut random = Random::new(1);
        let mut path = |size: f64| (0..50).map(|_| size * random.normal()).collect::<Vec<f64>>();
        let past = vec![path(0.1), path(5.0), path(5.0)];
        let forecasts = [vec![6.0], vec![1.0], vec![2.0]];
        let out = two.reconcile(&forecasts, Reconciliation::Shrunk(&past)).unwrap();
        assert!((out[0][0] - 6.0).abs() < 0.1, "{out:?}");
    }

    #[test]
    fn wrong_groups_and_lengths_are_refused() {
        assert!(Hierarchy::new(0, vec![]).is_err());
        assert!(Hierarchy::new(2, vec![vec![0, 2]]).is_err());
        assert!(Hierarchy::new(2, vec![vec![0, 0]]).is_err());
        let short = hierarchy().reconcile(&[vec![1.0]], Reconciliation::BottomUp);
        assert!(matches!(short, Err(ForecastError::Shape { given: 1, wanted: 6, .. })));
    }
}
