//! What trend, season and regressors leave, carried on: it fades instead of ending at once.
//!
//! Trend and season are smooth; where the newest values lie beside them, the next ones will for a
//! while. The rest is a first-order autoregression seen through chance, in the innovations form of
//! Hyndman, Koehler, Ord, Snyder (2008), "Forecasting with Exponential Smoothing", chapter 11:
//! `r_t = phi s_(t-1) + e_t`, `s_t = phi s_(t-1) + alpha e_t`.

/// Weights that are tried; the pair with the least squared errors of one step is taken.
const PHI: [f64; 7] = [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98];
const ALPHA: [f64; 5] = [0.2, 0.4, 0.6, 0.8, 1.0];

/// The fitted rest, ready to be carried on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rest {
    phi: f64,
    alpha: f64,
    /// State after the last value.
    state: f64,
    /// Variance of the errors of one step.
    variance: f64,
}

impl Rest {
    /// Finds the weights for what is left of each value, oldest first.
    pub(super) fn of(left: &[f64]) -> Self {
        let plain: f64 = left.iter().map(|rest| rest * rest).sum();
        let none = (plain, Self { phi: 0.0, alpha: 0.0, state: 0.0, variance: 0.0 });
        let pairs = PHI.iter().flat_map(|phi| ALPHA.iter().map(move |alpha| (*phi, *alpha)));
        let tried = pairs.map(|(phi, alpha)| {
            let (mut state, mut squares) = (0.0, 0.0);
            for rest in left {
                let error = rest - phi * state;
                squares += error * error;
                state = phi * state + alpha * error;
            }
            (squares, Self { phi, alpha, state, variance: 0.0 })
        });
        let (squares, best) = tried.fold(none, |best, one| if one.0 < best.0 { one } else { best });
        Self { variance: squares / left.len().max(1) as f64, ..best }
    }

    /// Returns for each step ahead what is still there, and the variance of its error.
    pub(super) fn path(&self, horizon: usize) -> impl Iterator<Item = (f64, f64)> {
        let (mut mean, mut factor, mut squares) = (self.state, self.alpha, 1.0);
        (0..horizon).map(move |_| {
            mean *= self.phi;
            let variance = self.variance * squares;
            factor *= self.phi;
            squares += factor * factor;
            (mean, variance)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::rng::Random;
    use super::*;

    #[test]
    fn a_rest_that_fades_is_carried_on_and_chance_is_not() {
        let mut random = Random::new(3);
        let mut state = 0.0;
        let fading: Vec<f64> = (0..300)
            .map(|_| {
                state = 0.9 * state + random.normal();
                state
            })
            .collect();
        let rest = Rest::of(&fading);
        assert!((rest.phi - 0.9).abs() < 0.06 && rest.alpha > 0.7, "{rest:?}");
        assert!((rest.variance - 1.0).abs() < 0.2, "{rest:?}");
        let path: Vec<(f64, f64)> = rest.path(30).collect();
        assert!((path[0].0 / fading[299] - 0.9).abs() < 0.3, "{rest:?}");
        assert!(path[29].0.abs() < 0.2 * path[0].0.abs(), "it fades");
        assert!(path[29].1 > 3.0 * path[0].1, "and doubt grows to that of the rest itself");
        let chance: Vec<f64> = (0..300).map(|_| random.normal()).collect();
        let rest = Rest::of(&chance);
        assert!(rest.path(1).all(|(mean, _)| mean.abs() < 0.3), "{rest:?}");
    }
}
