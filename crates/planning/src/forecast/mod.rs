//! Forecasting of regular series: models, intervals, combination, cleaning.
//!
//! [`Series`] is what comes in, [`Method`] is asked, [`Forecast`] is the answer. No model panics:
//! bad input is an error of [`Series::new`], and a series that a model cannot read gets a simpler
//! model with a [`Note`] that says so. [`clean::clean`] repairs a series first and lists every
//! repair, [`Regressors`] carry what is known ahead, [`Hierarchy`] makes forecasts add up, and
//! [`lstm::Lstm`] is trained once over all series of a tenant.
//!
//! Inside, models work on a `History`: gap-free, finite, without what the calendar does (where the
//! series has dates), of a size near 1. Where several forms or orders are nearly as likely, `akaike`
//! takes their mean. Models return an `Outcome`
//! (path and deviations), `rolling` widens the deviations by what earlier origins tell, and
//! `Outcome::finish` brings both back to the units of the series.
//!
//! To add a model: a file with `fn ...(values, period, horizon) -> Result<Outcome, ForecastError>`
//! and the source of its formulas, a variant in [`Method`] and in [`Method::ALL`], which puts it
//! under the property tests.
#![allow(
    clippy::needless_range_loop,
    reason = "recursions index several arrays at one position, as their formulas do"
)]

mod additive;
mod akaike;
mod arima;
mod calendar;
mod ces;
pub mod clean;
mod combine;
mod descent;
mod error;
mod ets;
mod hierarchy;
pub mod lstm;
mod method;
pub mod metrics;
mod mstl;
mod naive;
pub(crate) mod number;
mod outlook;
mod regressors;
pub(crate) mod rng;
mod rolling;
mod season;
mod series;
mod stl;
mod theta;

pub use error::ForecastError;
pub use hierarchy::{Hierarchy, Reconciliation};
pub use method::Method;
pub use outlook::{Forecast, Interval, Note};
pub use regressors::Regressors;
pub use series::{Frequency, MOST_PERIODS, MOST_POINTS, POINTS_READ, Series};
