//! Planning on this device's records: `forecast`, `score`, `assign`, `territories`, `quotas` and
//! `route`.

pub(crate) mod args;
mod plans;
mod run;
mod scores;
mod show;

pub(crate) use run::{assign, forecast, quotas, route, score, territories};
