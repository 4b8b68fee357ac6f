//! Trend with changepoints, Fourier seasons and regressors, added up: Prophet's form.
//!
//! Taylor, Letham (2018), "Forecasting at scale", The American Statistician 72: piecewise linear
//! trend (section 3.1.2), Laplace prior on its changes, Fourier terms with normal priors (3.2),
//! holidays as regressors (3.3), trend uncertainty (3.1.4). The maximum a posteriori point is
//! found by penalised least squares, not by sampling; see `solve`.
//!
//! Differences from Prophet: changepoints reach up to 95 % of the history instead of 80 %; as many
//! Fourier terms as the period has (10 terms on 12 months are not told apart); a season that
//! multiplies the trend is chosen where it fits better; what is left of the newest values fades instead
//! of ending at once (see `rest`).

mod design;
mod rest;
mod solve;

use super::error::ForecastError;
use super::outlook::Outcome;
use super::rolling::{Origins, Usual};
use super::season::SeasonForm;
use design::Design;
use rest::Rest;
use solve::Solution;

const METHOD: &str = "Additive";
const LEAST: usize = 8;
/// By how much its deviations are off where it is fitted anew at each origin.
const USUAL: Usual = Usual { near: 0.7, far: 0.95, origins: 1.05 };

/// Columns that the values may depend on, each over the history and the horizon.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns<'a>(pub(crate) &'a [Vec<f64>]);

/// A fitted model.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    design: Design,
    solution: Solution,
    form: SeasonForm,
    rest: Rest,
}

/// Fits and forecasts.
///
/// # Errors
/// With less than eight points, or where the equations have no stable solution.
pub(crate) fn forecast(
    values: &[f64],
    period: usize,
    horizon: usize,
    columns: Columns<'_>,
) -> Result<Outcome, ForecastError> {
    Ok(fit(values, period, horizon, columns)?.forecast(values.len(), horizon))
}

/// Fits and forecasts, the deviations widened by what it tells from a few earlier origins.
///
/// # Errors
/// As [`forecast`].
pub(crate) fn widened(
    values: &[f64],
    period: usize,
    horizon: usize,
    columns: Columns<'_>,
) -> Result<Outcome, ForecastError> {
    let mut outcome = forecast(values, period, horizon, columns)?;
    let origins = Origins::few(values.len(), period, horizon);
    let trials = origins.each(|at, reach| {
        let known = |column: &Vec<f64>| column[..at + reach].to_vec();
        let columns: Vec<Vec<f64>> = columns.0.iter().map(known).collect();
        forecast(&values[..at], period, reach, Columns(&columns)).ok()
    });
    origins.widen(values, &trials, &mut outcome, USUAL);
    Ok(outcome)
}

/// Fits both forms of the season where values allow, and keeps the better one.
///
/// # Errors
/// As [`forecast`].
pub(crate) fn fit(
    values: &[f64],
    period: usize,
    horizon: usize,
    columns: Columns<'_>,
) -> Result<Fitted, ForecastError> {
    if values.len() < LEAST {
        let length = values.len();
        return Err(ForecastError::TooShort { method: METHOD, length, least: LEAST });
    }
    let design = Design::new(values.len(), horizon, period, columns);
    let unstable = || ForecastError::Unstable { method: METHOD };
    let added = solve::solve(&design, values, None).ok_or_else(unstable)?;
    let trend = design.trend(&added.weights);
    let positive = values.iter().all(|value| *value > 0.0);
    if positive && design.has_season() && trend.iter().all(|level| *level > 0.0) {
        let multiplied = design.multiplied(&trend);
        let found = solve::solve(&multiplied, values, Some(&added));
        if let Some(solution) = found.filter(|one| one.variance < added.variance) {
            let form = SeasonForm::Multiplicative;
            return Ok(Fitted::new(multiplied, solution, form, values));
        }
    }
    Ok(Fitted::new(design, added, SeasonForm::Additive, values))
}

impl Fitted {
    fn new(design: Design, solution: Solution, form: SeasonForm, values: &[f64]) -> Self {
        let told = design.told(&solution.weights);
        let left: Vec<f64> = values.iter().zip(&told).map(|(value, told)| value - told).collect();
        Self { design, solution, form, rest: Rest::of(&left) }
    }

    /// Returns the path after the history and its deviations.
    pub(crate) fn forecast(&self, n: usize, horizon: usize) -> Outcome {
        let weights = &self.solution.weights;
        let changes = self.design.changes(weights);
        let count = changes.len().max(1) as f64;
        let size = changes.iter().map(|change| change.abs()).sum::<f64>() / count;
        // Future changes come as often as past ones, with the mean size of theirs.
        let rate = count / n as f64;
        let step = self.design.time_step();
        let mut reach = 0.0;
        let mut squares = 0.0;
        let (mut mean, mut deviation) = (Vec::new(), Vec::new());
        for (ahead, (rest, variance)) in self.rest.path(horizon).enumerate() {
            squares += reach * reach;
            reach += step;
            mean.push(self.design.value(weights, n + ahead) + rest);
            deviation.push((variance + rate * 2.0 * size * size * squares).sqrt());
        }
        let label = match self.form {
            SeasonForm::Additive => "Additive",
            SeasonForm::Multiplicative => "Additive(multiplied season)",
        };
        Outcome { mean, deviation, label: label.to_owned() }
    }

    /// Returns what the regressors add at each position of history and horizon.
    pub(crate) fn effect(&self) -> Vec<f64> {
        self.design.effect(&self.solution.weights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bent_line_is_followed_after_its_bend() {
        let at =
            |i: usize| if i < 40 { 1.0 + 0.02 * i as f64 } else { 1.8 - 0.01 * (i - 40) as f64 };
        let values: Vec<f64> = (0..80).map(at).collect();
        let outcome = forecast(&values, 1, 6, Columns(&[])).unwrap();
        assert!((outcome.mean[5] - at(85)).abs() < 0.03, "{outcome:?}");
    }

    #[test]
    fn a_multiplied_season_is_recognised() {
        let season = [0.7, 1.2, 1.4, 0.7];
        let at = |i: usize| (1.0 + 0.02 * i as f64) * season[i % 4];
        let values: Vec<f64> = (0..60).map(at).collect();
        let outcome = forecast(&values, 4, 4, Columns(&[])).unwrap();
        for (step, value) in outcome.mean.iter().enumerate() {
            assert!((value / at(60 + step) - 1.0).abs() < 0.05, "{outcome:?}");
        }
    }

    #[test]
    fn a_regressor_is_given_its_part() {
        let promotion: Vec<f64> =
            (0..66_usize).map(|i| if i % 9 == 2 { 1.0 } else { 0.0 }).collect();
        let at = |i: usize| 1.0 + 0.01 * i as f64 + 0.5 * promotion[i];
        let values: Vec<f64> = (0..60).map(at).collect();
        let fitted = fit(&values, 12, 6, Columns(std::slice::from_ref(&promotion))).unwrap();
        let effect = fitted.effect();
        assert!((effect[2] - 0.5).abs() < 0.05 && effect[3].abs() < 1e-9, "{effect:?}");
        assert!((fitted.forecast(60, 6).mean[5] - at(65)).abs() < 0.05);
    }
}
