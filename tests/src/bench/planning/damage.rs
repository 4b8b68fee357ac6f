//! Damage to sales, seeded: what happens between a shop and a table.
//!
//! Of the months of each series at least 5 % are missing, 3 % are zeros that mean that nothing was
//! synced, 2 % were imported twice, 1 % have a digit too many; one outage of three months; the last
//! month is not over. Any month may be hit, the first year's too.
//!
//! A device that synced and one that has not for a month hold the same damage: months are drawn once,
//! among those that are over on both. What differs is one month more, and which one is not over.

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

/// Damages one series, as a device holds it that has just synced.
pub(super) fn damage(sales: &Sales, seed: u64) -> Sales {
    let Damage { mut x, open_share } = Damage::of(sales, seed);
    if let Some(last) = x.last_mut() {
        *last = last.map(|value| value * open_share);
    }
    Sales { x, ..sales.clone() }
}

/// The same as a device holds it that has not synced for a month: without the last month, with the
/// one before it not over, and asked for a month more.
pub(super) fn damage_stale(sales: &Sales, seed: u64) -> Sales {
    let Damage { mut x, open_share } = Damage::of(sales, seed);
    x.pop();
    if let Some(last) = x.last_mut() {
        *last = last.map(|value| value * open_share);
    }
    Sales { x, h: sales.h + 1, ..sales.clone() }
}

/// The months of a series, those damaged that are over on both devices.
struct Damage {
    x: Vec<Option<f64>>,
    /// How much of an open month is in.
    open_share: f64,
}

impl Damage {
    fn of(sales: &Sales, seed: u64) -> Self {
        let mix = |sum: u64, byte: u8| sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte);
        let mut dice = Dice::new(sales.id.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, mix));
        let mut x = sales.x.clone();
        // Shares are of all months, also where the last two cannot be hit.
        let length = x.len();
        let over = length.saturating_sub(2);
        let mut free: Vec<usize> = (0..over).collect();
        // The outage first: it needs three free months in a row, neither at the end nor at the
        // beginning, where nobody could tell it from a product that is not sold yet.
        let start = 1 + dice.below(over.saturating_sub(OUTAGE_MONTHS + 1).max(1));
        for month in (start..over).take(OUTAGE_MONTHS) {
            x[month] = Some(0.0);
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
        Self { x, open_share: OPEN_SHARES[dice.below(OPEN_SHARES.len())] }
    }
}

/// How much of an open month may be in.
const OPEN_SHARES: [f64; 5] = [0.2, 0.3, 0.4, 0.5, 0.6];

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

    #[test]
    fn a_device_that_is_a_month_behind_holds_the_same_damage() {
        for sales in made_up(20, 3) {
            let (fresh, stale) = (damage(&sales, 1), damage_stale(&sales, 1));
            let over = sales.x.len() - 2;
            assert_eq!(stale.x.len(), over + 1, "it does not know the last month");
            assert_eq!(stale.h, sales.h + 1, "and forecasts it, too");
            assert_eq!(fresh.x[..over], stale.x[..over], "the months that are over on both");
            assert_eq!(fresh.x[over], sales.x[over], "over on the one");
            assert!(stale.x[over] < sales.x[over], "and not on the other");
        }
    }
}
