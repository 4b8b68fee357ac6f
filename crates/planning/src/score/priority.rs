//! The high-value list: probability times amount times urgency.

/// A record that may be worth a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prospect {
    /// Calibrated probability.
    pub probability: f64,
    /// Amount in minor units.
    pub amount_minor: i64,
    /// Days until it closes or lapses; past ones count as today.
    pub days_left: f64,
    /// Days since anybody was in touch.
    pub days_quiet: f64,
}

/// A place on the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// The record, by its place in the input.
    pub record: usize,
    /// Probability times amount, in minor units.
    pub expected_minor: f64,
    /// 1 (no hurry) to 2 (today, and long quiet).
    pub urgency: f64,
    /// The product that decides the order.
    pub value: f64,
}

/// Days over which a close date and silence lose their force.
const CLOSE_DAYS: f64 = 30.0;
const QUIET_DAYS: f64 = 30.0;

/// Ranks records, most worth a call first. Records with numbers that are not finite or negative
/// amounts come last, with a value of -1 and no hurry.
#[must_use]
pub fn rank(prospects: &[Prospect]) -> Vec<Ranked> {
    let mut list: Vec<Ranked> = prospects
        .iter()
        .enumerate()
        .map(|(record, p)| {
            let expected_minor = p.probability * p.amount_minor as f64;
            let near = (-p.days_left.max(0.0) / CLOSE_DAYS).exp();
            let quiet = 1.0 - (-p.days_quiet.max(0.0) / QUIET_DAYS).exp();
            let urgency = 1.0 + 0.7 * near + 0.3 * quiet;
            let value = expected_minor * urgency;
            // `max` takes a number that is none for 0, which would be the greatest hurry.
            let days = p.days_left.is_finite() && p.days_quiet.is_finite();
            if days && value.is_finite() && value >= 0.0 {
                Ranked { record, expected_minor, urgency, value }
            } else {
                Ranked { record, expected_minor, urgency: 1.0, value: -1.0 }
            }
        })
        .collect();
    list.sort_by(|a, b| b.value.total_cmp(&a.value));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_large_comes_first_and_nonsense_last() {
        let far =
            Prospect { probability: 0.5, amount_minor: 1000, days_left: 300.0, days_quiet: 0.0 };
        let near = Prospect { days_left: 1.0, ..far };
        let order: Vec<usize> = rank(&[far, near]).iter().map(|r| r.record).collect();
        assert_eq!(order, [1, 0]);
        let nothing = Prospect { amount_minor: 0, ..near };
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for broken in [
                Prospect { probability: odd, ..near },
                Prospect { days_left: odd, ..near },
                Prospect { days_quiet: odd, ..near },
                Prospect { amount_minor: -1, ..near },
            ] {
                let list = rank(&[broken, nothing, near]);
                let order: Vec<usize> = list.iter().map(|r| r.record).collect();
                assert_eq!(order, [2, 1, 0], "{broken:?}");
                assert!((list[2].value + 1.0).abs() < 1e-12, "{broken:?}");
                assert!((list[2].urgency - 1.0).abs() < 1e-12, "{broken:?}");
            }
        }
    }
}
