//! The exact Gaussian likelihood of an ARMA process in time linear in the order.
//!
//! State space form of Harvey (1989), "Forecasting, Structural Time Series Models and the Kalman
//! Filter", section 3.3; the covariance is never formed: its steps have rank one and follow the
//! recursions of Morf, Sidhu, Kailath (1974), "Some new algorithms for recursive estimation in
//! constant, linear, discrete-time systems", IEEE Transactions on Automatic Control 19, as in
//! Melard (1984), algorithm AS 197.

/// Working space and the state after the last value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    state: Vec<f64>,
    gain: Vec<f64>,
    ar: Vec<f64>,
    ma: Vec<f64>,
    psi: Vec<f64>,
    covariance: Vec<f64>,
    /// Autocovariances of the autoregression alone, and its shorter ones, each after the other.
    plain: Vec<f64>,
    shorter: Vec<f64>,
}

/// What the likelihood needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Likelihood {
    /// Sum of squared standardised errors.
    pub(crate) squares: f64,
    /// Sum of the logarithms of the errors' variances, in units of the shock's.
    pub(crate) logs: f64,
}

/// States at most; larger models are not fitted.
const MOST: usize = 63;

impl Filter {
    /// Runs over the values less `centre` and writes the standardised errors.
    ///
    /// `y_t = sum ar_i y_(t-i) + e_t - sum ma_j e_(t-j)`, the sign convention of the polynomials.
    /// `None` with more than [`MOST`] states, or where the process is not stationary.
    pub(crate) fn run(
        &mut self,
        ar: &[f64],
        ma: &[f64],
        centre: f64,
        values: &[f64],
        errors: &mut Vec<f64>,
    ) -> Option<Likelihood> {
        let order = ar.len().max(ma.len() + 1);
        self.prepare(ar, ma, order)?;
        // Loops of a known length, one longer than the state, are unrolled and need no checks.
        let found = match order {
            0..=3 => self.pass::<4>(centre, values, errors),
            4..=15 => self.pass::<16>(centre, values, errors),
            16..=31 => self.pass::<32>(centre, values, errors),
            32..=MOST => self.pass::<{ MOST + 1 }>(centre, values, errors),
            _ => return None,
        };
        (found.squares.is_finite() && found.logs.is_finite()).then_some(found)
    }

    /// The recursion, on arrays that are longer than the state; what is beyond it stays 0.
    fn pass<const N: usize>(
        &mut self,
        centre: f64,
        values: &[f64],
        errors: &mut Vec<f64>,
    ) -> Likelihood {
        let padded = |from: &[f64]| {
            let mut out = [0.0; N];
            out[..from.len()].copy_from_slice(from);
            out
        };
        let ar = padded(&self.ar);
        let mut gain = padded(&self.gain);
        let mut step = gain;
        let mut state = [0.0; N];
        let mut variance = self.covariance[0];
        let mut scale = -1.0 / variance;
        let (mut squares, mut logs, mut product, mut count) = (0.0, 0.0, 1.0_f64, 0_u32);
        let mut steady = false;
        // Reciprocals are ready before the error is: the chain from state to state stays short.
        let mut inverse = 1.0 / variance;
        let mut inverse_root = inverse.sqrt();
        errors.clear();
        errors.resize(values.len(), 0.0);
        for (value, told) in values.iter().zip(errors.iter_mut()) {
            let error = value - centre - state[0];
            squares += error * error * inverse;
            *told = error * inverse_root;
            product *= variance;
            count += 1;
            if count == 8 {
                logs += product.ln();
                (product, count) = (1.0, 0);
            }
            let first = state[0];
            let pull = error * inverse;
            for i in 0..N - 1 {
                state[i] = ar[i] * first + state[i + 1] + gain[i] * pull;
            }
            if steady {
                continue;
            }
            let head = step[0];
            let moved = scale * head;
            let next = (variance + moved * head).max(1.0);
            let share = head * inverse;
            for i in 0..N - 1 {
                let turned = ar[i] * head + step[i + 1];
                step[i] = turned - gain[i] * share;
                gain[i] += turned * moved;
            }
            inverse = 1.0 / next;
            inverse_root = inverse.sqrt();
            scale -= moved * moved * inverse;
            steady = (variance - next).abs() < 1e-10 && next - 1.0 < 1e-7;
            variance = next;
        }
        logs += product.ln();
        self.state.clear();
        self.state.extend_from_slice(&state[..=self.ar.len()]);
        Likelihood { squares, logs }
    }

    /// Continues the state without further errors: the expected values, `centre` added.
    pub(crate) fn continued(&self, centre: f64, horizon: usize) -> Vec<f64> {
        let mut state = self.state.clone();
        let order = state.len() - 1;
        let mut out = Vec::with_capacity(horizon);
        for _ in 0..horizon {
            let first = state[0];
            out.push(first + centre);
            for i in 0..order {
                state[i] = self.ar[i] * first + state[i + 1];
            }
        }
        out
    }

    /// Sets up coefficients, autocovariances, and the first gain.
    fn prepare(&mut self, ar: &[f64], ma: &[f64], order: usize) -> Option<()> {
        let pad = |target: &mut Vec<f64>, source: &[f64], sign: f64| {
            target.clear();
            target.extend(source.iter().map(|value| sign * value));
            target.resize(order, 0.0);
        };
        pad(&mut self.ar, ar, 1.0);
        pad(&mut self.ma, ma, -1.0);
        self.psi_weights(order, ma.len());
        self.autocovariances(ar, order, ma.len())?;
        // First column of the stationary covariance, then of the gain.
        let theta = |j: usize| if j == 0 { 1.0 } else { self.ma[j - 1] };
        let column = |i: usize| -> f64 {
            (i..order)
                .map(|j| self.ar[j] * self.covariance[1 + j - i] + theta(j) * self.psi[j - i])
                .sum()
        };
        let first = column(0);
        self.gain.clear();
        for i in 0..order {
            let next = if i + 1 < order { column(i + 1) } else { 0.0 };
            self.gain.push(self.ar[i] * first + next);
        }
        (self.covariance[0] >= 0.999).then_some(())
    }

    fn psi_weights(&mut self, order: usize, ma: usize) {
        self.psi.clear();
        self.psi.push(1.0);
        for k in 1..=order {
            let own = if k <= ma { self.ma[k - 1] } else { 0.0 };
            let past: f64 = (1..=k).map(|i| self.ar[i - 1] * self.psi[k - i]).sum();
            self.psi.push(own + past);
        }
    }

    /// Finds the autocovariances at lags up to the order, for shocks of variance 1.
    ///
    /// Those of the autoregression by Durbin and Levinson's recursion, down to its partial
    /// autocorrelations and up again; then the moving average over both sides of each lag
    /// (Brockwell, Davis (1991), "Time Series: Theory and Methods", sections 3.3 and 5.2).
    fn autocovariances(&mut self, ar: &[f64], order: usize, q: usize) -> Option<()> {
        let p = ar.len();
        // The autoregressions of order p, p - 1, ..., 1.
        self.shorter.clear();
        self.shorter.extend_from_slice(ar);
        let mut variance = 1.0;
        let mut start = 0;
        for m in (1..=p).rev() {
            let partial = self.shorter[start + m - 1];
            let left = 1.0 - partial * partial;
            if left <= 1e-12 || left.is_nan() {
                return None;
            }
            variance /= left;
            for i in 0..m - 1 {
                let own = self.shorter[start + i] + partial * self.shorter[start + m - 2 - i];
                self.shorter.push(own / left);
            }
            start += m;
        }
        self.plain.clear();
        self.plain.push(variance);
        let mut error = variance;
        for m in 1..=p {
            start -= m;
            let partial = self.shorter[start + m - 1];
            let before = &self.shorter[start + m..][..m - 1];
            let past: f64 =
                before.iter().zip(self.plain[1..].iter().rev()).map(|(a, g)| a * g).sum();
            self.plain.push(partial * error + past);
            error *= 1.0 - partial * partial;
        }
        for k in p + 1..=order + q {
            let past = ar.iter().zip(self.plain[k - p..].iter().rev()).map(|(a, g)| a * g).sum();
            self.plain.push(past);
        }
        self.covariance.clear();
        self.covariance.resize(order + 1, 0.0);
        let theta = |j: usize| if j == 0 { 1.0 } else { self.ma[j - 1] };
        for lag in 0..=q {
            let product: f64 = (lag..=q).map(|j| theta(j) * theta(j - lag)).sum();
            if product == 0.0 {
                continue;
            }
            for h in 0..=order {
                let sides = if lag == 0 {
                    self.plain[h]
                } else {
                    self.plain[h + lag] + self.plain[h.abs_diff(lag)]
                };
                self.covariance[h] += product * sides;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The likelihood by the definition: the Cholesky factor of the full covariance matrix.
    fn by_definition(ar: &[f64], ma: &[f64], values: &[f64]) -> (f64, f64) {
        let n = values.len();
        let mut psi = vec![1.0];
        for k in 1..2_000_usize {
            let own = if k <= ma.len() { -ma[k - 1] } else { 0.0 };
            let past: f64 = (1..=k.min(ar.len())).map(|i| ar[i - 1] * psi[k - i]).sum();
            psi.push(own + past);
        }
        let covariance =
            |lag: usize| -> f64 { psi.iter().zip(&psi[lag..]).map(|(a, b)| a * b).sum() };
        let mut factor = vec![0.0; n * n];
        let mut whitened = vec![0.0; n];
        for row in 0..n {
            for column in 0..=row {
                let known: f64 =
                    (0..column).map(|k| factor[row * n + k] * factor[column * n + k]).sum();
                let left = covariance(row - column) - known;
                factor[row * n + column] =
                    if row == column { left.sqrt() } else { left / factor[column * n + column] };
            }
            let known: f64 = (0..row).map(|k| factor[row * n + k] * whitened[k]).sum();
            whitened[row] = (values[row] - known) / factor[row * n + row];
        }
        let logs = (0..n).map(|i| 2.0 * factor[i * n + i].ln()).sum();
        (whitened.iter().map(|value| value * value).sum(), logs)
    }

    #[test]
    fn the_likelihood_equals_its_definition() {
        let values: Vec<f64> = (0..30_i32).map(|i| f64::from(i * 7 % 11) - 5.0).collect();
        let cases: [(&[f64], &[f64]); 5] = [
            (&[0.6], &[]),
            (&[], &[0.4, -0.2]),
            (&[0.5, -0.3], &[0.7]),
            (&[0.4, 0.0, 0.0, 0.5, -0.2], &[0.3, 0.0, 0.0, 0.4, -0.12]),
            (&[0.9], &[0.1, 0.2, 0.3]),
        ];
        for (ar, ma) in cases {
            let mut filter = Filter::default();
            let found = filter.run(ar, ma, 0.0, &values, &mut Vec::new()).unwrap();
            let (squares, logs) = by_definition(ar, ma, &values);
            assert!((found.squares / squares - 1.0).abs() < 1e-8, "{ar:?} {ma:?} {found:?}");
            assert!((found.logs - logs).abs() < 1e-8, "{ar:?} {ma:?} {found:?} {logs}");
        }
    }
}
