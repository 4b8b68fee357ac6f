//! The combination: several models, weighted by how well they would have forecast lately.
//!
//! Members as in Petropoulos, Svetunkov (2020), "A simple combination of univariate models",
//! International Journal of Forecasting 36 (exponential smoothing, complex exponential smoothing,
//! ARIMA, theta), STL, and the additive model. The forecast lies halfway between their weighted mean
//! and their median, which no single wild member moves (the median is what that paper takes;
//! measured on the M1, M3, tourism and retail sets at three to eight origins: OWA .797 for the
//! weighted mean, .796 for the median, .791 for both). Weights from a rolling origin (Tashman (2000), "Out-of-sample tests of
//! forecasting accuracy", the same journal 16): each model reads the series up to an earlier
//! origin with its fitted coefficients held, forecasts, and is compared with what came. Holding
//! the coefficients makes an origin cost one pass instead of a fit. The additive model would need a
//! fit at each, so it has no weight and stands in the median alone.

use super::additive::{self, Columns};
use super::akaike::Likely;
use super::error::ForecastError;
use super::number::{mean, median};
use super::outlook::Outcome;
use super::rolling::{Origins, Usual};
use super::{arima, ces, ets, mstl, theta};

/// A fitted member, ready to forecast from any origin.
pub(crate) enum Member {
    /// Exponential smoothing.
    Ets(Likely<ets::Fitted>),
    /// Theta; its fit is cheap enough to be made anew at each origin.
    Theta,
    /// Complex exponential smoothing.
    Ces(Likely<ces::Fitted>),
    /// ARIMA.
    Arima(arima::Chosen),
    /// Exponential smoothing of what STL leaves.
    Mstl(Likely<ets::Fitted>),
}

impl Member {
    /// Returns the short name.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Ets(_) => "ETS",
            Self::Theta => "DOT",
            Self::Ces(_) => "CES",
            Self::Arima(_) => "ARIMA",
            Self::Mstl(_) => "MSTL",
        }
    }

    /// Returns by how much its deviations are off where coefficients are held.
    pub(crate) const fn usual(&self) -> Usual {
        match self {
            Self::Ets(_) => Usual { near: 0.75, far: 0.75, origins: 0.9 },
            Self::Theta => Usual { near: 0.6, far: 0.6, origins: 0.95 },
            Self::Ces(_) => Usual { near: 0.65, far: 0.65, origins: 1.05 },
            Self::Arima(_) => Usual { near: 0.64, far: 0.64, origins: 1.1 },
            Self::Mstl(_) => Usual { near: 1.2, far: 1.2, origins: 0.8 },
        }
    }

    /// Forecasts after the values, with the coefficients held.
    pub(crate) fn forecast(
        &self,
        values: &[f64],
        period: usize,
        horizon: usize,
    ) -> Option<Outcome> {
        let outcome = match self {
            Self::Ets(fitted) => fitted.replay(values, period)?.forecast(values, horizon)?,
            Self::Theta => theta::dynamic_optimised(values, period, horizon).ok()?,
            Self::Ces(fitted) => fitted.replay(values, period)?.forecast(values.len(), horizon)?,
            Self::Arima(chosen) => chosen.forecast(values, period, horizon)?,
            Self::Mstl(fitted) => {
                let adjusted = mstl::adjust(values, &[period]).ok()?;
                let plain = fitted.replay(adjusted.values(), 1)?;
                adjusted.restore(plain.forecast(adjusted.values(), horizon)?)
            }
        };
        outcome.is_sound().then_some(outcome)
    }
}

/// Fits the members that the series allows.
pub(crate) fn members(values: &[f64], period: usize) -> Vec<Member> {
    let mut found = Vec::new();
    found.extend(ets::select(values, period).ok().map(Member::Ets));
    if values.len() > 3 {
        found.push(Member::Theta);
    }
    found.extend(ces::select(values, period).ok().map(Member::Ces));
    found.extend(arima::select(values, period).ok().map(Member::Arima));
    let adjusted = mstl::adjust(values, &[period]).ok();
    let plain = adjusted.and_then(|adjusted| ets::select(adjusted.values(), 1).ok());
    found.extend(plain.map(Member::Mstl));
    found
}

/// A member with its forecast and how it did at earlier origins.
struct Tried {
    outcome: Outcome,
    trials: Vec<Option<Vec<f64>>>,
    error: f64,
}

/// The share of the median in the forecast; the rest is the weighted mean.
const MEDIAN: f64 = 0.5;

/// Weights fall with this power of the error: measured, 1 to 4 differ by less than .3 % in OWA.
const POWER: i32 = 2;

/// By how much the mean of the members' deviations is off.
const USUAL: Usual = Usual { near: 0.56, far: 0.56, origins: 1.1 };

/// Forecasts by the weighted mean of the members.
///
/// # Errors
/// Where no member can be fitted.
pub(crate) fn forecast(
    values: &[f64],
    period: usize,
    horizon: usize,
) -> Result<Outcome, ForecastError> {
    let origins = Origins::of(values.len(), period, horizon);
    let tried: Vec<Tried> = members(values, period)
        .iter()
        .filter_map(|member| {
            let outcome = member.forecast(values, period, horizon)?;
            let path = |at: usize, reach: usize| member.forecast(&values[..at], period, reach);
            let trials: Vec<Option<Outcome>> = origins.each(path);
            let error = origins.error(values, &trials);
            let means = trials.iter().map(|one| one.as_ref().map(|one| one.mean.clone()));
            Some(Tried { outcome, trials: means.collect(), error })
        })
        .collect();
    if tried.is_empty() {
        return Err(ForecastError::Unstable { method: "Combination" });
    }
    let average = mean(&tried.iter().map(|one| one.error).collect::<Vec<_>>()).max(1e-12);
    let raw: Vec<f64> = tried.iter().map(|one| (one.error / average + 0.05).powi(-POWER)).collect();
    let total: f64 = raw.iter().sum();
    let weights: Vec<f64> = raw.iter().map(|weight| weight / total).collect();
    let unweighted = additive::forecast(values, period, horizon, Columns(&[])).ok();
    let unweighted = unweighted.filter(Outcome::is_sound);
    let mut outcome = blend(&tried, &weights, unweighted.as_ref(), horizon);
    let trials = origins.blended(&tried, &weights, &outcome);
    origins.widen(values, &trials, &mut outcome, USUAL);
    Ok(outcome)
}

/// Returns the path between weighted mean and median, and the weighted mean of deviations.
///
/// The mean of deviations is the deviation of the mean if errors go together; they mostly do.
fn blend(
    tried: &[Tried],
    weights: &[f64],
    unweighted: Option<&Outcome>,
    horizon: usize,
) -> Outcome {
    let sum = |pick: &dyn Fn(&Outcome) -> f64| -> f64 {
        tried.iter().zip(weights).map(|(one, weight)| weight * pick(&one.outcome)).sum()
    };
    let all = || tried.iter().map(|one| &one.outcome).chain(unweighted);
    let at = |step: usize| {
        let mut values: Vec<f64> = all().map(|outcome| outcome.mean[step]).collect();
        between(sum(&|outcome| outcome.mean[step]), &mut values)
    };
    let mean = (0..horizon).map(at).collect();
    let deviation = (0..horizon).map(|step| sum(&|outcome| outcome.deviation[step])).collect();
    Outcome { mean, deviation, label: "Combination".to_owned() }
}

/// Returns what lies between the weighted mean and the median; sorts the values.
fn between(weighted: f64, values: &mut [f64]) -> f64 {
    weighted + MEDIAN * (median(values) - weighted)
}

impl Origins {
    /// Returns what the combination would have forecast at each origin, with today's weights.
    fn blended(&self, tried: &[Tried], weights: &[f64], now: &Outcome) -> Vec<Option<Outcome>> {
        let one = |order: usize, reach: usize| {
            let paths = tried.iter().zip(weights);
            let known: Vec<(&Vec<f64>, f64)> = paths
                .filter_map(|(one, weight)| Some((one.trials[order].as_ref()?, *weight)))
                .collect();
            let used: f64 = known.iter().map(|(_, weight)| weight).sum();
            let at = |step: usize| {
                let sum: f64 = known.iter().map(|(path, weight)| weight * path[step]).sum();
                let mut values: Vec<f64> = known.iter().map(|(path, _)| path[step]).collect();
                between(sum / used, &mut values)
            };
            (used > 0.0).then(|| Outcome {
                mean: (0..reach).map(at).collect(),
                deviation: now.deviation[..reach].to_vec(),
                label: String::new(),
            })
        };
        self.reaches().enumerate().map(|(order, reach)| one(order, reach)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_used_on_a_plain_series() {
        let season = [3.0, -1.0, 0.0, -2.0];
        let values: Vec<f64> =
            (0..60_usize).map(|i| 20.0 + 0.1 * i as f64 + season[i % 4]).collect();
        let names: Vec<&str> = members(&values, 4).iter().map(Member::name).collect();
        assert_eq!(names, ["ETS", "DOT", "CES", "ARIMA", "MSTL"]);
    }

    #[test]
    fn a_short_series_has_fewer_members() {
        let found = members(&[1.0, 2.0, 1.5, 2.5, 2.0], 12);
        assert!(found.iter().all(|member| matches!(member, Member::Ets(_) | Member::Theta)));
    }
}
