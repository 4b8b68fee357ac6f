//! The exact Gaussian likelihood of an ARMA process in time linear in the order.
//!
//! State space form of Harvey (1989), "Forecasting, Structural Time Series Models and the Kalman
//! Filter", section 3.3; the covariance is never formed: its steps have rank one and follow the
//! recursions of Morf, Sidhu, Kailath (1974), "Some new algorithms for recursive estimation in
//! constant, linear, discrete-time systems", IEEE Transactions on Automatic Control 19, as in
//! Melard (1984), algorithm AS 197.

use super::super::number::solve_general;

/// Working space and the state after the last value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    state: Vec<f64>,
    gain: Vec<f64>,
    step: Vec<f64>,
    ar: Vec<f64>,
    ma: Vec<f64>,
    psi: Vec<f64>,
    covariance: Vec<f64>,
    matrix: Vec<f64>,
}

/// What the likelihood needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Likelihood {
    /// Sum of squared standardised errors.
    pub(crate) squares: f64,
    /// Sum of the logarithms of the errors' variances, in units of the shock's.
    pub(crate) logs: f64,
}

impl Filter {
    /// Runs over the values less `centre` and writes the standardised errors.
    ///
    /// `y_t = sum ar_i y_(t-i) + e_t - sum ma_j e_(t-j)`, the sign convention of the polynomials.
    pub(crate) fn run(
        &mut self,
        ar: &[f64],
        ma: &[f64],
        centre: f64,
        values: &[f64],
        errors: &mut Vec<f64>,
    ) -> Option<Likelihood> {
        errors.clear();
        let order = ar.len().max(ma.len() + 1);
        self.prepare(ar, ma, order)?;
        let mut variance = self.covariance[0];
        let mut scale = -1.0 / variance;
        let (mut squares, mut logs, mut product, mut count) = (0.0, 0.0, 1.0_f64, 0_u32);
        self.state.clear();
        self.state.resize(order + 1, 0.0);
        let mut steady = false;
        // Reciprocals are ready before the error is: the chain from state to state stays short.
        let mut inverse = 1.0 / variance;
        let mut inverse_root = inverse.sqrt();
        let state = &mut self.state[..=order];
        let step = &mut self.step[..=order];
        let gain = &mut self.gain[..order];
        let ar = &self.ar[..order];
        for value in values {
            let error = value - centre - state[0];
            squares += error * error * inverse;
            errors.push(error * inverse_root);
            product *= variance;
            count += 1;
            if count == 8 {
                logs += product.ln();
                (product, count) = (1.0, 0);
            }
            let first = state[0];
            let pull = error * inverse;
            for i in 0..order {
                state[i] = ar[i] * first + state[i + 1] + gain[i] * pull;
            }
            if steady {
                continue;
            }
            let head = step[0];
            let moved = scale * head;
            let next = (variance + moved * head).max(1.0);
            let share = head * inverse;
            for i in 0..order {
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
        (squares.is_finite() && logs.is_finite()).then_some(Likelihood { squares, logs })
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

    /// Sets up coefficients, autocovariances, and the first gain and step.
    fn prepare(&mut self, ar: &[f64], ma: &[f64], order: usize) -> Option<()> {
        let pad = |target: &mut Vec<f64>, source: &[f64], sign: f64| {
            target.clear();
            target.extend(source.iter().map(|value| sign * value));
            target.resize(order, 0.0);
        };
        pad(&mut self.ar, ar, 1.0);
        pad(&mut self.ma, ma, -1.0);
        self.psi_weights(order, ma.len());
        self.autocovariances(ar.len(), order, ma.len())?;
        // First column of the stationary covariance, then of the gain.
        let theta = |j: usize| if j == 0 { 1.0 } else { self.ma[j - 1] };
        let column = |i: usize| -> f64 {
            (i..order)
                .map(|j| self.ar[j] * self.covariance[1 + j - i] + theta(j) * self.psi[j - i])
                .sum()
        };
        let columns: Vec<f64> =
            (0..=order).map(|i| if i < order { column(i) } else { 0.0 }).collect();
        self.gain.clear();
        self.gain.extend((0..order).map(|i| self.ar[i] * columns[0] + columns[i + 1]));
        self.step.clone_from(&self.gain);
        self.step.push(0.0);
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

    /// Solves the Yule-Walker equations with the moving average on their right.
    fn autocovariances(&mut self, p: usize, order: usize, q: usize) -> Option<()> {
        let theta = |j: usize| if j == 0 { 1.0 } else { self.ma[j - 1] };
        let right = |k: usize| -> f64 { (k..=q).map(|j| theta(j) * self.psi[j - k]).sum() };
        let size = p + 1;
        self.covariance.clear();
        self.covariance.extend((0..size).map(right));
        self.matrix.clear();
        self.matrix.resize(size * size, 0.0);
        for k in 0..size {
            self.matrix[k * size + k] += 1.0;
            for i in 1..=p {
                self.matrix[k * size + k.abs_diff(i)] -= self.ar[i - 1];
            }
        }
        if p > 0 {
            solve_general(&mut self.matrix, &mut self.covariance)?;
        }
        for k in size..=order {
            let past: f64 = (1..=p.min(k)).map(|i| self.ar[i - 1] * self.covariance[k - i]).sum();
            let own =
                if k <= q { (k..=q).map(|j| self.ma[j - 1] * self.psi[j - k]).sum() } else { 0.0 };
            self.covariance.push(past + own);
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
