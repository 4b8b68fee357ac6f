//! A bounded search for the lowest value of a function of few variables.
//!
//! Nelder, Mead (1965), "A simplex method for function minimization", The Computer Journal 7,
//! with the points held inside their bounds; no allocation, at most [`MOST`] variables.

/// Variables at most.
pub(crate) const MOST: usize = 12;

/// A point of the search; entries beyond the number of variables are unused.
pub(crate) type Point = [f64; MOST];

/// Where to search and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search<'a> {
    /// First point.
    pub(crate) start: &'a [f64],
    /// Lowest value of each variable.
    pub(crate) lower: &'a [f64],
    /// Highest value of each variable.
    pub(crate) upper: &'a [f64],
    /// Width of the first simplex, as a share of each variable's range.
    pub(crate) step: f64,
    /// Stop after this many evaluations.
    pub(crate) evaluations: usize,
    /// Stop when the simplex's values are this close, relative to their size.
    pub(crate) tolerance: f64,
}

/// Returns the best point found and its value; a value that is not a number counts as infinite.
pub(crate) fn minimise(
    search: &Search<'_>,
    mut function: impl FnMut(&[f64]) -> f64,
) -> (Point, f64) {
    let n = search.start.len().min(MOST);
    let mut value_at = |point: &Point| {
        let value = function(&point[..n]);
        if value.is_nan() { f64::INFINITY } else { value }
    };
    let mut points = [[0.0; MOST]; MOST + 1];
    let mut values = [f64::INFINITY; MOST + 1];
    for i in 0..n {
        points[0][i] = search.start[i].clamp(search.lower[i], search.upper[i]);
    }
    values[0] = value_at(&points[0]);
    for i in 0..n {
        let width = search.step * (search.upper[i] - search.lower[i]);
        points[i + 1] = points[0];
        let moved = points[0][i] + width;
        points[i + 1][i] = if moved <= search.upper[i] {
            moved
        } else {
            (points[0][i] - width).max(search.lower[i])
        };
        values[i + 1] = value_at(&points[i + 1]);
    }
    let mut used = n + 1;
    while n > 0 && used < search.evaluations {
        sort(&mut points, &mut values, n);
        let spread = values[n] - values[0];
        if spread <= search.tolerance * (values[0].abs() + search.tolerance) {
            break;
        }
        let mut centre = [0.0; MOST];
        for point in &points[..n] {
            for i in 0..n {
                centre[i] += point[i] / n as f64;
            }
        }
        let towards = |factor: f64| {
            let mut point = [0.0; MOST];
            for i in 0..n {
                let moved = centre[i] + factor * (points[n][i] - centre[i]);
                point[i] = moved.clamp(search.lower[i], search.upper[i]);
            }
            point
        };
        let mirrored = towards(-1.0);
        let value = value_at(&mirrored);
        used += 1;
        let (candidate, reached) = if value < values[0] {
            let far = towards(-2.0);
            let further = value_at(&far);
            used += 1;
            if further < value { (far, further) } else { (mirrored, value) }
        } else if value < values[n - 1] {
            (mirrored, value)
        } else {
            let near = towards(if value < values[n] { -0.5 } else { 0.5 });
            used += 1;
            (near, value_at(&near))
        };
        if reached < values[n].min(value) || (reached <= value && reached < values[n]) {
            points[n] = candidate;
            values[n] = reached;
            continue;
        }
        for j in 1..=n {
            for i in 0..n {
                points[j][i] = f64::midpoint(points[j][i], points[0][i]);
            }
            values[j] = value_at(&points[j]);
        }
        used += n;
    }
    sort(&mut points, &mut values, n);
    (points[0], values[0])
}

/// Sorts the simplex by value, by insertion: it is nearly sorted at each turn.
fn sort(points: &mut [Point], values: &mut [f64], n: usize) {
    for i in 1..=n {
        let mut j = i;
        while j > 0 && values[j] < values[j - 1] {
            values.swap(j, j - 1);
            points.swap(j, j - 1);
            j -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_valley_of_rosenbrock_is_found() {
        let search = Search {
            start: &[-1.2, 1.0],
            lower: &[-5.0, -5.0],
            upper: &[5.0, 5.0],
            step: 0.05,
            evaluations: 1_000,
            tolerance: 1e-14,
        };
        let valley = |p: &[f64]| 100.0 * (p[1] - p[0] * p[0]).powi(2) + (1.0 - p[0]).powi(2);
        let (point, value) = minimise(&search, valley);
        assert!(value < 1e-8 && (point[0] - 1.0).abs() < 1e-3, "{point:?} {value}");
    }

    #[test]
    fn bounds_hold_and_nan_is_never_best() {
        let search = Search {
            start: &[0.5],
            lower: &[0.0],
            upper: &[1.0],
            step: 0.1,
            evaluations: 200,
            tolerance: 1e-12,
        };
        let (point, value) =
            minimise(&search, |p| if p[0] < 0.2 { f64::NAN } else { (p[0] - 3.0).powi(2) });
        assert!((point[0] - 1.0).abs() < 1e-9 && value < 4.1);
    }
}
