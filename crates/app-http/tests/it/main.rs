//! An app behind real HTTP on loopback.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod doors;
mod page;
mod pages;
mod served;
