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
/// amounts come last.
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
            let sound = value.is_finite() && value >= 0.0;
            Ranked { record, expected_minor, urgency, value: if sound { value } else { -1.0 } }
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
        let broken = Prospect { probability: f64::NAN, ..near };
        let order: Vec<usize> = rank(&[far, broken, near]).iter().map(|r| r.record).collect();
        assert_eq!(order, [2, 0, 1]);
    }
}
