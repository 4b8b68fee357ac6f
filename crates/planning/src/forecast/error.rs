//! Why a forecast cannot be made.

use thiserror::Error;

/// What is wrong with a series, or with what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ForecastError {
    /// The series has no known value at all.
    #[error("the series has no value")]
    Empty,
    /// A value is NaN or infinite.
    #[error("the value at position {position} is not a finite number")]
    NotFinite {
        /// Position in the series, from 0.
        position: usize,
    },
    /// The series is longer than the library reads.
    #[error("the series has {length} points, at most {most} are read")]
    TooLong {
        /// Points given.
        length: usize,
        /// Points read at most.
        most: usize,
    },
    /// The model needs more points than there are.
    #[error("{method} needs {least} points and the series has {length}")]
    TooShort {
        /// Name of the model.
        method: &'static str,
        /// Points given.
        length: usize,
        /// Points needed.
        least: usize,
    },
    /// A model that takes logarithms was asked for, and a value is negative.
    #[error("{method} takes logarithms and the value at position {position} is negative")]
    Negative {
        /// Name of the model.
        method: &'static str,
        /// Position in what the model reads, from 0.
        position: usize,
    },
    /// No period, or more periods than may be forecast, are asked for.
    #[error("a horizon of {horizon} periods was asked for; 1 to {most} can be forecast")]
    Horizon {
        /// Periods asked for.
        horizon: usize,
        /// Periods that can be forecast at most.
        most: usize,
    },
    /// Regressors, weights or groups do not have the length of what they belong to.
    #[error("{what} has {given} entries and {wanted} are needed")]
    Shape {
        /// What was given.
        what: &'static str,
        /// Entries given.
        given: usize,
        /// Entries needed.
        wanted: usize,
    },
    /// Whoever watched stopped the work.
    #[error("stopped")]
    Stopped,
    /// The numbers cannot be told apart well enough to solve for the answer.
    #[error("{method} found no stable solution")]
    Unstable {
        /// Name of the model.
        method: &'static str,
    },
}
