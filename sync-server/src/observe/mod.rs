//! What operators see: metrics and logs. Never customer data, never secrets.

pub mod logging;
mod metrics;

pub(crate) use metrics::{Metrics, RequestLabels};
