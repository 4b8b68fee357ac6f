//! What is tested with real processes.

mod story;
