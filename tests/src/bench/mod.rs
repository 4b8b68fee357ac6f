//! The benches of `cargo xtask bench`.
//!
//! Each gives medians of interleaved rounds, and beside each time a baseline of the same run:
//! `intent` a bare SQLCipher transaction that writes the very rows that the device writes, `lists`
//! plain SQL that finds the same rows, `sync` a bare endpoint that takes and gives the very bytes
//! and writes the very rows of the server. `docs/performance.md` has the figures.
//!
//! `planning` does the published experiment, holds our figures against those of peers and writes
//! `docs/planning-report.md`; `window` opens the real window.
//!
//! One JSON object a line on stdout. Nothing here decides pass or fail: a timed test would.
#![allow(clippy::disallowed_methods, reason = "benches measure, and play the hosts")]

pub mod bare;
pub mod device;
pub mod intent;
pub mod lists;
pub mod measure;
pub mod planning;
pub mod process;
pub mod record;
pub mod sync;
pub mod window;

pub use measure::{Figure, Samples, interleave};
