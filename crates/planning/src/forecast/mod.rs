//! Forecasting of regular series: models, intervals, combination, cleaning.
//!
//! [`Series`] is what comes in, [`Method`] is asked, [`Forecast`] is the answer. No model panics:
//! bad input is an error of [`Series::new`], and a series that a model cannot read gets a simpler
//! model with a [`Note`] that says so.
//!
//! To add a model: a file with `fn ...(values, period, horizon) -> Result<Outcome, ForecastError>`
//! and the source of its formulas, a variant in [`Method`], a row in the property tests.
#![allow(
    clippy::needless_range_loop,
    reason = "recursions index several arrays at one position, as their formulas do"
)]

mod additive;
mod arima;
mod ces;
pub mod clean;
mod combine;
mod error;
mod ets;
mod hierarchy;
pub mod lstm;
mod method;
pub mod metrics;
mod mstl;
mod naive;
mod number;
mod outlook;
mod regressors;
mod rng;
mod rolling;
mod season;
mod series;
mod simplex;
mod stl;
mod theta;

pub use error::ForecastError;
pub use hierarchy::{Hierarchy, Reconciliation};
pub use method::Method;
pub use outlook::{Forecast, Interval, Note};
pub use regressors::Regressors;
pub use series::{Frequency, MOST_PERIODS, MOST_POINTS, POINTS_READ, Series};
