//! What the crate promises, from outside: stories, refusals, replay, convergence, golden files.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test picks what it looks at")]

mod convergence;
mod golden;
mod model;
mod office;
mod refusals;
mod replay;
mod rules;
mod script;
mod stories;
mod versions;
