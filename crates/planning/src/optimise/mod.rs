//! Assignment, territories, quotas and routes.
//!
//! Every answer carries a [`Quality`]: what it reached, a proven bound on what anybody could
//! reach, and the gap between the two. What cannot be satisfied comes back as an
//! [`OptimiseError`] that names the constraints that clash. Pure functions: no I/O, no clock, no
//! randomness.
//!
//! Deliberately not here: where numbers come from (records, travel times) and how reasons are
//! worded. Own solvers serve instead of a general one because each of the problems has a
//! structure (few bins, nested rows) that a general solver does not see.

pub mod assign;
pub mod instance;
pub mod quota;
pub mod route;
pub mod territory;

mod error;
mod num;
mod quality;
mod transport;

pub use error::OptimiseError;
pub use quality::{Goal, Quality};
