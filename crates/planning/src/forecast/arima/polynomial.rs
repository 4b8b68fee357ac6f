//! Lag polynomials: bounded coefficients from free numbers, and products with seasonal factors.

/// Turns free numbers into the coefficients of a stationary autoregression.
///
/// Each number becomes a partial autocorrelation inside `(-bound, bound)`, and the Durbin-Levinson
/// recursion makes the coefficients: Monahan (1984), "A note on enforcing stationarity in
/// autoregressive-moving average models", Biometrika 71.
pub(crate) fn stationary(free: &[f64], bound: f64, out: &mut Vec<f64>) {
    out.clear();
    for (order, number) in free.iter().enumerate() {
        let partial = bound * number / (1.0 + number * number).sqrt();
        for i in 0..order / 2 {
            let (low, high) = (out[i], out[order - 1 - i]);
            out[i] = low - partial * high;
            out[order - 1 - i] = high - partial * low;
        }
        if order % 2 == 1 {
            out[order / 2] *= 1.0 - partial;
        }
        out.push(partial);
    }
}

/// Multiplies `1 - sum a_i B^i` with `1 - sum b_j B^(jm)`; returns the product's coefficients in
/// the same sign convention.
pub(crate) fn product(plain: &[f64], seasonal: &[f64], period: usize, out: &mut Vec<f64>) {
    out.clear();
    out.resize(plain.len() + seasonal.len() * period, 0.0);
    out[..plain.len()].copy_from_slice(plain);
    for (order, factor) in seasonal.iter().enumerate() {
        let shift = (order + 1) * period;
        out[shift - 1] += factor;
        for (i, coefficient) in plain.iter().enumerate() {
            out[shift + i] -= factor * coefficient;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_autocorrelations_give_the_second_order() {
        let mut out = Vec::new();
        let free = |partial: f64| partial / (1.0 - partial * partial).sqrt();
        stationary(&[free(0.5), free(-0.3)], 1.0, &mut out);
        assert!((out[0] - 0.65).abs() < 1e-12 && (out[1] + 0.3).abs() < 1e-12, "{out:?}");
    }

    #[test]
    fn the_product_has_the_cross_term() {
        let mut out = Vec::new();
        product(&[0.5], &[0.4], 4, &mut out);
        assert_eq!(out, [0.5, 0.0, 0.0, 0.4, -0.2]);
    }
}
