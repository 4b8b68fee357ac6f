//! Planning on the device: forecasts, scores, the sales pipeline, assignment, territories, quotas and routes.
//!
//! Pure functions on numbers: no I/O, no clock, seeded randomness, no network. Knows no records;
//! `app` turns records into numbers and numbers into sentences.

pub mod forecast;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
pub mod optimise;
mod pace;
pub mod pipeline;
pub mod score;

pub use pace::Pace;
