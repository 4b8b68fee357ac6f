//! A bounded search for the lowest sum of squares of a list of errors.
//!
//! Marquardt (1963), "An algorithm for least-squares estimation of nonlinear parameters", Journal of
//! the Society for Industrial and Applied Mathematics 11, in the secant form of Madsen, Nielsen,
//! Tingleff (2004), "Methods for non-linear least squares problems", section 3.5: slopes are found
//! by differences once, and then kept up by what each step shows (Broyden (1965), "A class of
//! methods for solving nonlinear simultaneous equations", Mathematics of Computation 19), so that a
//! step costs one evaluation. Points are held inside their bounds.

use super::number::{dot, solve_positive};

/// Where to search and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Descent<'a> {
    /// Lowest value of each variable.
    pub(crate) lower: &'a [f64],
    /// Highest value of each variable.
    pub(crate) upper: &'a [f64],
    /// No variable moves further than this in a round.
    pub(crate) reach: f64,
    /// How often slopes are found anew, at most.
    pub(crate) rounds: usize,
    /// Steps that are tried with the same slopes, kept up, at most.
    pub(crate) steps: usize,
    /// A step that takes less than this share off the sum is the last one of its slopes, and the last
    /// one at all where these were new.
    pub(crate) share: f64,
}

/// Width of the differences, relative to the variable where it is beyond 1.
const WIDTH: f64 = 1e-5;
/// Damping at first, and its least.
const DAMPING: f64 = 1e-2;
const LEAST_DAMPING: f64 = 1e-8;

impl Descent<'_> {
    /// Moves a point downwards; returns the sum that it reaches.
    ///
    /// `errors` writes the errors at a point, or says that there are none. `None` where there are
    /// none at the first point or beside it.
    pub(crate) fn minimise(
        &self,
        point: &mut Vec<f64>,
        mut errors: impl FnMut(&[f64], &mut Vec<f64>) -> Option<()>,
    ) -> Option<f64> {
        let size = point.len();
        for i in 0..size {
            point[i] = point[i].clamp(self.lower[i], self.upper[i]);
        }
        let (mut here, mut moved) = (Vec::new(), Vec::new());
        errors(point, &mut here)?;
        let mut total = finite(dot(&here, &here))?;
        if size == 0 {
            return Some(total);
        }
        let mut slopes = vec![Vec::new(); size];
        let mut damping = DAMPING;
        for round in 0..self.rounds {
            if !self.slopes(&mut slopes, point, &here, &mut errors) {
                // Beside a point that was reached there may be none; the point stands.
                return (round > 0).then_some(total);
            }
            let before = total;
            for _ in 0..self.steps {
                let next = self.step(&slopes, &here, point, damping);
                let reached = next.as_ref().and_then(|next| {
                    errors(next, &mut moved)?;
                    finite(dot(&moved, &moved)).filter(|reached| *reached < total)
                });
                let (Some(next), Some(reached)) = (next, reached) else {
                    damping *= 8.0;
                    continue;
                };
                let gained = total - reached;
                learn(&mut slopes, point, &next, &here, &moved);
                total = reached;
                *point = next;
                std::mem::swap(&mut here, &mut moved);
                damping = (damping * 0.2).max(LEAST_DAMPING);
                if gained <= self.share * total {
                    break;
                }
            }
            if before - total <= self.share * before {
                break;
            }
        }
        Some(total)
    }

    /// Finds the slopes at a point by differences; says whether there are any.
    fn slopes(
        &self,
        slopes: &mut [Vec<f64>],
        point: &mut [f64],
        here: &[f64],
        errors: &mut impl FnMut(&[f64], &mut Vec<f64>) -> Option<()>,
    ) -> bool {
        let mut beside = Vec::with_capacity(here.len());
        for (i, slope) in slopes.iter_mut().enumerate() {
            let kept = point[i];
            let width = WIDTH * kept.abs().max(1.0);
            // Inwards, where the bound is near.
            let width = if kept + width > self.upper[i] { -width } else { width };
            point[i] += width;
            let found = errors(point, &mut beside);
            point[i] = kept;
            if found.is_none() {
                return false;
            }
            slope.clear();
            slope.extend(beside.iter().zip(here).map(|(new, old)| (new - old) / width));
        }
        true
    }

    /// Returns the point after one damped step.
    fn step(
        &self,
        slopes: &[Vec<f64>],
        errors: &[f64],
        point: &[f64],
        damping: f64,
    ) -> Option<Vec<f64>> {
        let size = slopes.len();
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
        let moved = |i: usize| {
            let by = right[i].clamp(-self.reach, self.reach);
            (point[i] + by).clamp(self.lower[i], self.upper[i])
        };
        Some((0..size).map(moved).collect())
    }
}

/// Keeps slopes up: along the step they are what the step showed, across it they stay.
fn learn(slopes: &mut [Vec<f64>], from: &[f64], to: &[f64], before: &[f64], after: &[f64]) {
    let step: Vec<f64> = to.iter().zip(from).map(|(to, from)| to - from).collect();
    let square = dot(&step, &step);
    if square <= 0.0 {
        return;
    }
    let mut missed: Vec<f64> = after.iter().zip(before).map(|(new, old)| new - old).collect();
    for (slope, by) in slopes.iter().zip(&step) {
        missed.iter_mut().zip(slope).for_each(|(rest, slope)| *rest -= slope * by);
    }
    for (slope, by) in slopes.iter_mut().zip(&step) {
        let share = by / square;
        slope.iter_mut().zip(&missed).for_each(|(slope, rest)| *slope += share * rest);
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Descent<'static> = Descent {
        lower: &[-5.0, -5.0],
        upper: &[5.0, 5.0],
        reach: 1.0,
        rounds: 50,
        steps: 6,
        share: 1e-12,
    };

    #[test]
    fn the_valley_of_rosenbrock_is_found() {
        let mut point = vec![-1.2, 1.0];
        let errors = |p: &[f64], out: &mut Vec<f64>| {
            *out = vec![10.0 * (p[1] - p[0] * p[0]), 1.0 - p[0]];
            Some(())
        };
        let least = WIDE.minimise(&mut point, errors).unwrap();
        assert!(least < 1e-8 && (point[0] - 1.0).abs() < 1e-3, "{point:?} {least}");
    }

    #[test]
    fn bounds_hold_and_what_has_no_errors_is_not_taken() {
        let mut point = vec![0.0, 9.0];
        let errors = |p: &[f64], out: &mut Vec<f64>| {
            *out = vec![p[0] - 7.0, p[1]];
            (p[0] <= 4.0).then_some(())
        };
        let least = WIDE.minimise(&mut point, errors).unwrap();
        assert!(point[0] <= 4.0 && least < 16.0, "{point:?} {least}");
        assert!(WIDE.minimise(&mut vec![5.0, 0.0], errors).is_none(), "no errors at the start");
    }
}
