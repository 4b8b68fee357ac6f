//! The benches of `cargo xtask bench`: medians of interleaved rounds, each with a baseline measured
//! in the same run, in CPU seconds of this process.
//!
//! One JSON object a line on stdout. Nothing here decides pass or fail: a timed test would.

pub mod device;
pub mod intent;
pub mod lists;
pub mod measure;
pub mod sync;

pub use measure::{Figure, Samples, interleave};
