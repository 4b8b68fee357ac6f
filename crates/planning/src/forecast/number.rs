//! Small arithmetic shared by the models: sums, dot products, conversions, a linear solver.

/// Returns the mean, 0 for nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Returns the quantile with linear interpolation between order statistics; sorts in place.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    values.sort_unstable_by(f64::total_cmp);
    let place = share.clamp(0.0, 1.0) * last as f64;
    let low = floor_to_usize(place).min(last);
    let high = (low + 1).min(last);
    values[low] + (values[high] - values[low]) * (place - low as f64)
}

/// Returns the median; sorts in place.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    quantile(values, 0.5)
}

/// Rounds a number down to a count; negative numbers and NaN give 0.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float to integer cast saturates, and negative numbers are meant to give 0"
)]
pub(crate) fn floor_to_usize(value: f64) -> usize {
    value as usize
}

/// Rounds to single precision, in which the network works.
#[allow(clippy::cast_possible_truncation, reason = "rounding is meant; the network needs no more")]
pub(crate) const fn single(value: f64) -> f32 {
    value as f32
}

/// Returns the line `(level at position 0, slope)` that fits the values best by least squares.
pub(crate) fn line(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let centre = (count - 1.0) / 2.0;
    let average = mean(values);
    let (mut cross, mut square) = (0.0, 0.0);
    for (index, value) in values.iter().enumerate() {
        let offset = index as f64 - centre;
        cross += offset * (value - average);
        square += offset * offset;
    }
    let slope = if square > 0.0 { cross / square } else { 0.0 };
    (average - slope * centre, slope)
}

/// Returns the sum of the products, as four sums side by side: the processor need not wait for each
/// addition.
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (a, b) = (left.chunks_exact(4), right.chunks_exact(4));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a.zip(b) {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// Solves a symmetric positive definite system by Cholesky, `matrix` in row order; destroys it.
///
/// Returns `None` where a pivot is not clearly positive.
pub(crate) fn solve_positive(matrix: &mut [f64], right: &mut [f64]) -> Option<()> {
    let size = right.len();
    for row in 0..size {
        let (done, rest) = matrix.split_at_mut(row * size);
        let own = &mut rest[..size];
        for column in 0..row {
            let other = &done[column * size..][..=column];
            // Pivots are kept as their reciprocals: multiplying is faster.
            own[column] = (own[column] - dot(&own[..column], &other[..column])) * other[column];
        }
        let left = own[row] - dot(&own[..row], &own[..row]);
        if left.is_nan() || left <= 1e-14 * own[row].abs() || left <= 0.0 {
            return None;
        }
        own[row] = 1.0 / left.sqrt();
        right[row] = (right[row] - dot(&own[..row], &right[..row])) * own[row];
    }
    for row in (0..size).rev() {
        let own = &matrix[row * size..][..=row];
        let value = right[row] * own[row];
        right[row] = value;
        right[..row].iter_mut().zip(own).for_each(|(rest, factor)| *rest -= value * factor);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again() {
        let values: Vec<f64> = (0..9).map(|index| 3.0 + 0.5 * f64::from(index)).collect();
        let (level, slope) = line(&values);
        assert!((level - 3.0).abs() < 1e-12 && (slope - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_positive_system_is_solved() {
        let matrix = [4.0, 1.0, 0.5, 1.0, 3.0, 0.2, 0.5, 0.2, 2.0];
        let wanted = [1.0, -2.0, 3.0];
        let mut right = [0.0; 3];
        for row in 0..3 {
            right[row] = (0..3).map(|column| matrix[row * 3 + column] * wanted[column]).sum();
        }
        assert!(solve_positive(&mut matrix.clone(), &mut right).is_some());
        for (one, other) in right.iter().zip(wanted) {
            assert!((one - other).abs() < 1e-12);
        }
    }

    #[test]
    fn a_singular_system_has_no_solution() {
        let mut matrix = [1.0, 1.0, 1.0, 1.0];
        assert!(solve_positive(&mut matrix, &mut [1.0, 2.0]).is_none());
    }

    #[test]
    fn quantiles_interpolate() {
        let mut values = [4.0, 1.0, 3.0, 2.0];
        assert!((quantile(&mut values, 0.5) - 2.5).abs() < 1e-12);
        assert!(quantile(&mut [], 0.5).abs() < 1e-12);
    }
}
