//! Logistic regression: the design of its columns, and the fit.

mod design;
mod logistic;
mod solve;

pub use design::Design;
pub use logistic::{Logistic, LogisticSettings, fit_logistic};
pub(super) use solve::cholesky_solve;
