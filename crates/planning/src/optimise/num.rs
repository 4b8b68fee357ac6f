//! Conversions between integers and floating point, each with the reason why it is exact.

use super::OptimiseError;

/// The largest magnitude in which sums of integers held in `f64` stay exact (2^53, with room).
pub(super) const EXACT: f64 = 4_503_599_627_370_496.0;

/// Rounds a count down; negative and unordered values become zero.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is clamped to what usize and f64 share"
)]
pub(super) fn floor_count(value: f64) -> usize {
    value.floor().clamp(0.0, EXACT) as usize
}

/// Narrows an index that was checked against [`check_size`].
#[allow(clippy::cast_possible_truncation, reason = "sizes are checked on entry")]
pub(super) fn index_u32(value: usize) -> u32 {
    value as u32
}

/// Refuses lengths that an index of 32 bits cannot hold.
pub(super) fn check_size(what: &'static str, len: usize) -> Result<(), OptimiseError> {
    if len == 0 {
        return Err(OptimiseError::Empty { what });
    }
    if u32::try_from(len).is_err() {
        return Err(OptimiseError::Shape { what, expected: u32::MAX as usize, got: len });
    }
    Ok(())
}

/// Refuses a list of the wrong length.
pub(super) fn check_len(
    what: &'static str,
    expected: usize,
    got: usize,
) -> Result<(), OptimiseError> {
    if expected == got { Ok(()) } else { Err(OptimiseError::Shape { what, expected, got }) }
}

/// Refuses numbers outside `lower..=upper`, and those that are not finite.
pub(super) fn check_range(
    what: &'static str,
    values: &[f64],
    lower: f64,
    upper: f64,
) -> Result<(), OptimiseError> {
    match values.iter().position(|v| !(v.is_finite() && *v >= lower && *v <= upper)) {
        Some(index) => Err(OptimiseError::Number { what, index, value: values[index] }),
        None => Ok(()),
    }
}
