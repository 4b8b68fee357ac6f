//! The combination: several models, weighted by how well they retell the newest values.
//!
//! Members as in Petropoulos, Svetunkov (2020), "A simple combination of univariate models",
//! International Journal of Forecasting 36 (exponential smoothing, complex exponential smoothing,
//! ARIMA, theta), STL, and the additive model. The forecast lies halfway between their weighted mean
//! and their median, which no single wild member moves (the median is what that paper takes;
//! measured on the M1, M3, tourism and retail sets at three to eight origins: OWA .797 for the
//! weighted mean, .796 for the median, .791 for both).
//!
//! Weights go by rolling origins (Tashman (2000), "Out-of-sample tests of forecasting accuracy", the
//! same journal 16), but are no test out of sample: each model reads the series up to an earlier
//! origin, forecasts, and is compared with what came, and its form and coefficients are those of the
//! whole series. Models with many coefficients are flattered a little. Fitting them anew at each
//! origin would cost several times the forecast, and moves a twentieth of the weight on average, less
//! than an eighth on any series of the test that bounds it. Theta is fitted anew all the same. The
//! additive model would need a fit at each origin, so it has no weight and stands in the median alone.

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
    let weights = weights(&tried.iter().map(|one| one.error).collect::<Vec<_>>());
    let unweighted = additive::forecast(values, period, horizon, Columns(&[])).ok();
    let unweighted = unweighted.filter(Outcome::is_sound);
    let mut outcome = blend(&tried, &weights, unweighted.as_ref(), horizon);
    let trials = origins.blended(&tried, &weights, &outcome);
    origins.widen(values, &trials, &mut outcome, USUAL);
    Ok(outcome)
}

/// Returns weights that sum to 1, from errors of any unit.
fn weights(errors: &[f64]) -> Vec<f64> {
    let average = mean(errors).max(1e-12);
    let raw: Vec<f64> = errors.iter().map(|error| (error / average + 0.05).powi(-POWER)).collect();
    let total: f64 = raw.iter().sum();
    raw.iter().map(|weight| weight / total).collect()
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
    /// Returns what the combination tells from each origin, with today's weights.
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
    use super::super::rng::Random;
    use super::*;

    #[test]
    fn every_member_is_used_on_a_plain_series() {
        let season = [3.0, -1.0, 0.0, -2.0];
        let values: Vec<f64> =
            (0..60_usize).map(|i| 20.0 + 0.1 * i as f64 + season[i % 4]).collect();
        let names: Vec<&str> = members(&values, 4).iter().map(Member::name).collect();
        assert_eq!(names, ["ETS", "DOT", "CES", "ARIMA", "MSTL"]);
    }

    /// Monthly values with a trend that wanders, a season and chance.
    fn sales(seed: u64, length: usize) -> Vec<f64> {
        let mut random = Random::new(seed);
        let mut level = 1.0;
        let at = |month: usize| {
            level += 0.003 + 0.02 * random.normal();
            let season = 1.0 + 0.2 * (std::f64::consts::TAU * month as f64 / 12.0).sin();
            level * season * (1.0 + 0.05 * random.normal())
        };
        (0..length).map(at).collect()
    }

    #[test]
    fn weights_differ_little_from_those_of_models_that_have_not_seen_what_came() {
        let (period, horizon) = (12, 12);
        let mut most = 0.0_f64;
        let mut sum = 0.0;
        let lengths = [60, 72, 84, 96, 120, 144];
        for (seed, length) in (1..).zip(lengths) {
            let values = sales(seed, length);
            let origins = Origins::of(length, period, horizon);
            let fitted = members(&values, period);
            let held: Vec<f64> = fitted
                .iter()
                .map(|member| {
                    let path = |at: usize, reach| member.forecast(&values[..at], period, reach);
                    origins.error(&values, &origins.each(path))
                })
                .collect();
            // Each origin's models know nothing of what comes after it.
            let all: Vec<(usize, Vec<Member>)> =
                origins.places().map(|at| (at, members(&values[..at], period))).collect();
            let anew: Vec<f64> = fitted
                .iter()
                .map(|member| {
                    let trials: Vec<Option<Outcome>> = origins
                        .reaches()
                        .zip(&all)
                        .map(|(reach, (at, there))| {
                            let same = there.iter().find(|one| one.name() == member.name())?;
                            same.forecast(&values[..*at], period, reach)
                        })
                        .collect();
                    origins.error(&values, &trials)
                })
                .collect();
            let (held, anew) = (weights(&held), weights(&anew));
            // The share of weight that lies with other models.
            let moved = held.iter().zip(&anew).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0;
            most = most.max(moved);
            sum += moved;
        }
        assert!(most < 0.12, "{most} of the weight moves");
        assert!(sum / (lengths.len() as f64) < 0.07, "{sum} over {} series", lengths.len());
    }

    #[test]
    fn a_short_series_has_fewer_members() {
        let found = members(&[1.0, 2.0, 1.5, 2.5, 2.0], 12);
        assert!(found.iter().all(|member| matches!(member, Member::Ets(_) | Member::Theta)));
    }
}
