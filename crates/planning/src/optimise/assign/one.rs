//! The answer for one new lead between two batches.

use super::super::OptimiseError;
use super::super::num::{check_len, check_range, check_size};
use super::Rationale;
use super::reason::explain_one;

/// One lead's rep and why.
#[derive(Debug, Clone, PartialEq)]
pub struct OneLead {
    /// The rep.
    pub rep: usize,
    /// Why.
    pub rationale: Rationale,
}

/// Assigns one lead to the rep with a free place that is worth most after the prices of the last
/// batch (zeros before the first). One pass over the reps.
///
/// # Errors
/// Bad numbers, or [`OptimiseError::Overfull`] if no eligible rep has a place left.
pub fn assign_one(
    value: &[f64],
    eligible: &[bool],
    places_left: &[u32],
    price: &[f64],
) -> Result<OneLead, OptimiseError> {
    check_size("value", value.len())?;
    check_len("eligible", value.len(), eligible.len())?;
    check_len("places left", value.len(), places_left.len())?;
    check_len("price", value.len(), price.len())?;
    check_range("value", value, f64::MIN, f64::MAX)?;
    check_range("price", price, f64::MIN, f64::MAX)?;
    let rep = (0..value.len())
        .filter(|r| eligible[*r] && places_left[*r] > 0)
        .max_by(|a, b| (value[*a] - price[*a]).total_cmp(&(value[*b] - price[*b])));
    let Some(rep) = rep else {
        return Err(OptimiseError::Overfull {
            items: vec![0],
            bins: (0..value.len()).filter(|r| eligible[*r]).collect(),
            capacity: 0.0,
            demand: 1.0,
        });
    };
    Ok(OneLead { rep, rationale: explain_one(value, eligible, Some(rep), price, 0.0) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimise::assign::Why;

    #[test]
    fn a_full_rep_is_passed_over() {
        let found = assign_one(&[9.0, 5.0], &[true, true], &[0, 1], &[0.0, 0.0]).unwrap();
        assert_eq!(found.rep, 1);
        assert_eq!(found.rationale.why, Why::NoPlace { rep: 0, value: 9.0 });
    }

    #[test]
    fn nobody_free_is_an_error() {
        assert!(assign_one(&[9.0], &[true], &[0], &[0.0]).is_err());
        assert!(assign_one(&[f64::NAN], &[true], &[1], &[0.0]).is_err());
    }
}
