//! The benches of `cargo xtask bench`.
//!
//! `intent` gives medians of interleaved rounds beside a baseline of the same run, which writes the
//! very rows that the device writes. `lists` gives medians and percentiles without a baseline,
//! `sync` one run of each scene without a baseline: both still owe one.
//!
//! One JSON object a line on stdout. Nothing here decides pass or fail: a timed test would.

pub mod bare;
pub mod device;
pub mod intent;
pub mod lists;
pub mod measure;
pub mod record;
pub mod sync;

pub use measure::{Figure, Samples, interleave};
