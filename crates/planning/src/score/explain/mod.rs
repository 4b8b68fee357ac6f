//! Why a score is what it is: contributions that sum to it, points, plain words, next steps.

mod action;
mod points;
mod reasons;
mod shap;

pub use action::{Action, Change, Suggestion, next_best_action};
pub use points::{Explanation, explain};
pub use reasons::{Phrase, Reason, reasons};
pub(super) use shap::tree_contributions;
