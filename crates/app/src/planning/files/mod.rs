//! Planning on files, so that anybody can check it: no device, no records.
//!
//! Every use case reads files, and gives back a report and the bytes to write; the caller writes
//! them at the end, so that cancelled work leaves nothing behind. Bad input is an error that names
//! the line, the field and the remedy, or a fallback that the report states.

#[cfg(test)]
mod bad_input;
mod clean;
mod forecast;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod input;
mod instance;
mod period;
mod predict;
mod recalibrate;
mod route;
mod series;
mod sheet;
#[cfg(test)]
mod tests;
mod train;

pub use clean::{CleanFile, LastPeriod, clean};
pub use forecast::{Cleaning, ForecastFile, Level, MODELS, forecast};
pub(in crate::planning) use instance::quota_reason;
pub use instance::{
    AssignFile, Leftover, QuotaFile, Shape, TerritoryFile, allocate_quotas, assign_leads,
    design_territories,
};
pub use predict::{PredictFile, predict};
pub use recalibrate::{RecalibrateFile, recalibrate};
pub use route::{RouteFile, plan_route};
pub use series::OnBad;
pub use train::{TrainFile, train};

/// What a use case on files made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made<R> {
    /// What was done.
    pub report: R,
    /// The main output.
    pub output: Vec<u8>,
    /// A second output: the list of repairs of a cleaning, the card of a model; else empty.
    pub beside: Vec<u8>,
}
