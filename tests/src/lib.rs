//! What crosses crates: the story, the world simulator, the benches.
