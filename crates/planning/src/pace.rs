//! Long work that somebody watches and may stop between two pieces.

/// What whoever watches a long work says before each piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Go on.
    Go,
    /// Stop here.
    Stop,
}
