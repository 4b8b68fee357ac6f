//! What the wire looks like, from outside: every form is pinned, every batch comes back whole.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

mod bodies;
mod forms;
mod packing;
mod samples;
mod signatures;
