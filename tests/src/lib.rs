//! What crosses crates: the story, the world simulator and the benches.
//!
//! Everything here drives the real parts; nothing here is shipped.

pub mod bench;
pub mod story;
pub mod world;
