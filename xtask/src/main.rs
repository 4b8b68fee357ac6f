//! The developer tasks.
fn main() {}
