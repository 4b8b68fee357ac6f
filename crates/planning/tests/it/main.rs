//! Tests of the planning crate from outside.

mod forecast;
mod optimise;
mod score;
