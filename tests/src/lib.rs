//! What crosses crates: the story, the demo, the world simulator and the benches.
//!
//! Everything here drives the real parts; nothing here is shipped.

pub mod bench;
pub mod demo;
pub mod story;
pub mod window;
pub mod world;
