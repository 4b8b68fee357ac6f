//! Scoring of leads and opportunities: from labelled records to probabilities with reasons.
//!
//! [`model::train`] picks a model by validation in the order of time, fits and calibrates it;
//! [`model::ScoreModel`] scores, explains, notices drift, and is stored as canonical bytes that the
//! caller signs. [`model::refresh`] is what a device calls as outcomes become known: it keeps the
//! model, recalibrates it on the newest labels, or trains again. Models: logistic regression, one tree, random forest, boosted trees.
//!
//! Deliberately not here: turning records into columns, keys and signatures, a clock. Chance comes
//! from seeds, so the same data gives the same bytes.

pub mod calibrate;
pub mod dataset;
pub mod drift;
pub mod explain;
pub mod learner;
pub mod linear;
pub mod metrics;
pub mod model;
pub mod priority;
pub mod recalibrate;
pub mod rolling;
pub mod tree;
pub mod validate;

mod error;
mod num;

pub use error::ScoreError;
