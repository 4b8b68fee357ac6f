//! Damage to sales, seeded: what happens between a shop and a table.
//!
//! Of the months of each series at least 5 % are missing, 3 % are zeros that mean that nothing was
//! synced, 2 % were imported twice, 1 % have a digit too many; one outage of three months; the last
//! month is not over. The first year is left alone only where the series is shorter than three.

use super::data::Sales;
use crate::world::dice::Dice;

const MISSING: f64 = 0.05;
const ZEROS: f64 = 0.03;
const DOUBLED: f64 = 0.02;
const TENFOLD: f64 = 0.01;
const OUTAGE_MONTHS: usize = 3;

/// How many of `length` months a share is, at least one.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a count of months"
)]
fn months(length: usize, share: f64) -> usize {
    ((length as f64 * share).ceil() as usize).max(1)
}

/// Damages one series. The same seed and id damage the same months, whatever comes after them.
pub(super) fn damage(sales: &Sales, seed: u64) -> Sales {
    let mix = |sum: u64, byte: u8| sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte);
    let mut dice = Dice::new(sales.id.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, mix));
    let mut x = sales.x.clone();
    let length = x.len();
    let last = length - 1;
    let mut free: Vec<usize> = (0..last).collect();
    // The outage first: it needs three free months in a row, not at the end.
    let start = dice.below(last.saturating_sub(OUTAGE_MONTHS + 1).max(1));
    for (month, value) in x.iter_mut().enumerate().skip(start).take(OUTAGE_MONTHS) {
        *value = Some(0.0);
        free.retain(|other| *other != month);
    }
    let mut hit = |share: f64, change: &dyn Fn(f64) -> Option<f64>| {
        for _ in 0..months(length, share) {
            if free.is_empty() {
                return;
            }
            let month = free.swap_remove(dice.below(free.len()));
            x[month] = x[month].and_then(change);
        }
    };
    hit(MISSING, &|_| None);
    hit(ZEROS, &|_| Some(0.0));
    hit(DOUBLED, &|value| Some(2.0 * value));
    hit(TENFOLD, &|value| Some(10.0 * value));
    x[last] = x[last].map(|value| value * OPEN_SHARES[dice.below(OPEN_SHARES.len())]);
    Sales { x, ..sales.clone() }
}

/// How much of an open month may be in.
const OPEN_SHARES: [f64; 5] = [0.2, 0.3, 0.4, 0.5, 0.6];

/// The series as a device knows it that has not synced for a month: without its last month, and
/// asked for a month more.
pub(super) fn stale(sales: &Sales) -> Sales {
    let x = sales.x[..sales.x.len() - 1].to_vec();
    Sales { x, h: sales.h + 1, ..sales.clone() }
}

#[cfg(test)]
mod tests {
    use super::super::data::made_up;
    use super::*;

    #[test]
    fn every_kind_of_damage_is_done_in_its_share() {
        for sales in made_up(20, 3) {
            let hurt = damage(&sales, 1);
            let pairs = || sales.x.iter().zip(&hurt.x).take(sales.x.len() - 1);
            let ratio = |factor: f64| {
                pairs()
                    .filter(|(a, b)| match (a, b) {
                        (Some(a), Some(b)) => (b / a - factor).abs() < 1e-9,
                        _ => false,
                    })
                    .count()
            };
            assert_eq!(hurt.x.iter().filter(|value| value.is_none()).count(), 6);
            assert_eq!(ratio(0.0), 4 + OUTAGE_MONTHS);
            assert_eq!(ratio(2.0), 3);
            assert_eq!(ratio(10.0), 2);
            assert!(hurt.x.last() < sales.x.last(), "the last month is not over");
            assert_eq!(damage(&sales, 1).x, hurt.x, "seeded");
        }
    }
}
