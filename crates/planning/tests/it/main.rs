//! Tests of the planning crate from outside.

mod forecast;
mod forecast_clean;
mod optimise;
mod score;
