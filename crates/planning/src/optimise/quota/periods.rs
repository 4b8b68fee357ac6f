//! Quotas over time: splitting into periods, and changes from an effective date.

/// Splits whole units in proportion to weights so that the parts add up (largest remainder,
/// Hamilton's method). Weights that are negative or not finite count as zero; if all are zero the
/// parts are even.
#[must_use]
pub fn split(units: i64, weights: &[f64]) -> Vec<i64> {
    if weights.is_empty() {
        return Vec::new();
    }
    let clean: Vec<f64> =
        weights.iter().map(|w| if w.is_finite() && *w > 0.0 { *w } else { 0.0 }).collect();
    let largest = clean.iter().copied().fold(0.0, f64::max);
    // Whole weights keep the arithmetic exact: 2^40 steps for the largest.
    let steps: Vec<i128> =
        clean.iter().map(|w| if largest > 0.0 { whole_steps(w / largest) } else { 1 }).collect();
    let total: i128 = steps.iter().sum();
    let sign: i128 = if units < 0 { -1 } else { 1 };
    let amount = i128::from(units.unsigned_abs());
    let mut parts: Vec<i128> = steps.iter().map(|s| amount * s / total).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(amount * steps[*i] % total));
    let left = usize::try_from(amount - parts.iter().sum::<i128>()).unwrap_or(0);
    for i in order.into_iter().take(left) {
        parts[i] += 1;
    }
    parts.into_iter().map(|p| i64::try_from(p * sign).unwrap_or(0)).collect()
}

#[allow(clippy::cast_possible_truncation, reason = "the share is between zero and one")]
fn whole_steps(share: f64) -> i128 {
    (share * 1_099_511_627_776.0).round() as i128
}

/// Returns what a period owes when a quota changes within it: the old quota for the days before
/// the change, the new one for the rest, in whole units.
#[must_use]
pub fn blended(old_units: i64, new_units: i64, days_before: u32, days: u32) -> i64 {
    let before = i128::from(days_before.min(days));
    let days = i128::from(days.max(1));
    let sum = i128::from(old_units) * before + i128::from(new_units) * (days - before);
    let rounded = (2 * sum + days).div_euclid(2 * days);
    i64::try_from(rounded).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}
