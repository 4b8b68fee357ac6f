//! Planning as use cases: turns files and records into numbers for `roadbook-planning`, and its
//! answers into views.
//!
//! The mathematics is pure and lives in that crate; here is what surrounds it: reading, the words
//! of errors, signatures, progress and cancelling. Nothing here waits for a network.

mod desk;
pub mod files;
mod records;
mod signed;
mod views;
mod watch;

pub(crate) use desk::Desk;
pub use desk::PlanListener;
pub use signed::{ModelKey, Signer};
pub use watch::{PlanProgress, PlanWatch};
