//! Tests of the planning crate from outside.

mod forecast;
mod forecast_clean;
mod forecast_input;
mod optimise;
mod score;
