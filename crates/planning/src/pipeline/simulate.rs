//! What a quarter will bring: thousands of possible quarters, drawn from win rates and durations.
//!
//! In each run every open deal is won or not by its probability, and if won, closes after as many
//! days as a deal drawn from those that were won later than its age; deals that are not there yet
//! come as often, and as large, as they used to. Seeded: the same input gives the same answer.

use crate::forecast::number::{floor_to_usize, quantile};
use crate::forecast::rng::Random;

/// Runs at most.
const MOST_RUNS: usize = 20_000;
/// Largest amount: sums over deals and runs stay within the floats.
const MOST_AMOUNT: f64 = 1e290;
/// Bars of the histogram.
const BARS: usize = 20;
/// Days after which a deal is expected whose close date is past or not known.
const OVERDUE_DAYS: f64 = 30.0;

/// An open deal.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenDeal {
    /// What it is worth.
    pub amount: f64,
    /// The probability that it will be won, some day.
    pub probability: f64,
    /// Days after which it may close, one of them is drawn; empty where only the seller's date
    /// tells.
    pub days_left: Vec<f64>,
    /// Days until the close date that the seller wrote down; negative if it is past.
    pub days_to_close: Option<f64>,
}

/// Deals that are not there yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NewBusiness<'a> {
    /// How many of them are won in what is left of the quarter, on average.
    pub wins: f64,
    /// What such deals were worth.
    pub amounts: &'a [f64],
}

/// What is left of a quarter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quarter<'a> {
    /// Days that are left.
    pub days_left: f64,
    /// What was won in it already.
    pub won: f64,
    /// What is to be reached, if there is a quota.
    pub quota: Option<f64>,
    /// Deals that are not there yet.
    pub new_business: NewBusiness<'a>,
    /// Runs, at most 20,000.
    pub runs: usize,
    /// Where chance starts.
    pub seed: u64,
}

/// One bar of a histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// From.
    pub lower: f64,
    /// To.
    pub upper: f64,
    /// Share of runs.
    pub share: f64,
}

/// What the quarter will bring, what was won already included.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Mean over the runs.
    pub mean: f64,
    /// Median.
    pub median: f64,
    /// Where four of five runs end.
    pub interval80: (f64, f64),
    /// Where nineteen of twenty runs end.
    pub interval95: (f64, f64),
    /// How runs are spread.
    pub bars: Vec<Bar>,
    /// Share of runs that reach the quota.
    pub reach: Option<f64>,
    /// The probability of each deal to be won within the quarter.
    pub within: Vec<f64>,
}

/// Draws possible quarters.
///
/// Amounts and probabilities that are not finite count as 0, amounts beyond 1e290 as that; runs are
/// at least one.
#[must_use]
pub fn simulate(deals: &[OpenDeal], quarter: &Quarter<'_>) -> Outlook {
    let runs = quarter.runs.clamp(1, MOST_RUNS);
    let mut random = Random::new(quarter.seed);
    let mut totals = vec![sound(quarter.won); runs];
    let mut within = vec![0.0; deals.len()];
    // Deal by deal, each with its own numbers: one deal more does not change the others' luck.
    for (deal, share) in deals.iter().zip(&mut within) {
        let (amount, probability) = (sound(deal.amount), sound(deal.probability).clamp(0.0, 1.0));
        let mut luck = Random::new(random.bits());
        for total in &mut totals {
            if luck.unit() < probability && days(deal, &mut luck) <= quarter.days_left {
                *total += amount;
                *share += 1.0 / runs as f64;
            }
        }
    }
    let amounts: Vec<f64> =
        quarter.new_business.amounts.iter().filter(|a| a.is_finite()).map(|a| sound(*a)).collect();
    let wins = sound(quarter.new_business.wins).clamp(0.0, 1e4);
    if !amounts.is_empty() && wins > 0.0 {
        for total in &mut totals {
            for _ in 0..poisson(wins, &mut random) {
                *total += pick(&amounts, &mut random);
            }
        }
    }
    let mut sorted = totals;
    let at = |sorted: &mut Vec<f64>, share| quantile(sorted, share);
    Outlook {
        mean: sorted.iter().sum::<f64>() / runs as f64,
        median: at(&mut sorted, 0.5),
        interval80: (at(&mut sorted, 0.1), at(&mut sorted, 0.9)),
        interval95: (at(&mut sorted, 0.025), at(&mut sorted, 0.975)),
        reach: quarter
            .quota
            .map(|quota| sorted.iter().filter(|t| **t >= quota).count() as f64 / runs as f64),
        bars: bars(&sorted),
        within,
    }
}

fn sound(value: f64) -> f64 {
    if value.is_finite() { value.clamp(-MOST_AMOUNT, MOST_AMOUNT) } else { 0.0 }
}

fn days(deal: &OpenDeal, random: &mut Random) -> f64 {
    if !deal.days_left.is_empty() {
        return pick(&deal.days_left, random);
    }
    match deal.days_to_close {
        Some(days) if days >= 0.0 => days,
        Some(_) | None => OVERDUE_DAYS,
    }
}

fn pick(values: &[f64], random: &mut Random) -> f64 {
    let at = floor_to_usize(random.unit() * values.len() as f64);
    values[at.min(values.len() - 1)]
}

/// A Poisson number: by products of uniform ones (Knuth, *The Art of Computer Programming*,
/// section 3.4.1), in pieces, so that large means do not run out of floating point.
fn poisson(mean: f64, random: &mut Random) -> usize {
    let (mut left, mut count) = (mean, 0);
    while left > 0.0 {
        let piece = left.min(30.0);
        left -= piece;
        let limit = (-piece).exp();
        let mut product = random.unit();
        while product > limit {
            count += 1;
            product *= random.unit();
        }
    }
    count
}

fn bars(sorted: &[f64]) -> Vec<Bar> {
    let (Some(low), Some(high)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    if high <= low {
        return vec![Bar { lower: *low, upper: *high, share: 1.0 }];
    }
    let width = (high - low) / BARS as f64;
    let bar = |bar: usize| {
        let (lower, upper) = (low + width * bar as f64, low + width * (bar + 1) as f64);
        let from = sorted.partition_point(|total| *total < lower);
        let to = if bar + 1 == BARS {
            sorted.len()
        } else {
            sorted.partition_point(|total| *total < upper)
        };
        let count = to.saturating_sub(if bar == 0 { 0 } else { from });
        Bar { lower, upper, share: count as f64 / sorted.len() as f64 }
    };
    (0..BARS).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quarter(days_left: f64) -> Quarter<'static> {
        Quarter {
            days_left,
            won: 100.0,
            quota: Some(150.0),
            new_business: NewBusiness { wins: 0.0, amounts: &[] },
            runs: 4_000,
            seed: 7,
        }
    }

    fn deal(amount: f64, probability: f64, days: f64) -> OpenDeal {
        OpenDeal { amount, probability, days_left: vec![days], days_to_close: None }
    }

    #[test]
    fn the_mean_is_the_weighted_sum_of_what_closes_in_time() {
        let deals = [deal(60.0, 0.5, 10.0), deal(40.0, 0.25, 20.0), deal(1e6, 0.9, 100.0)];
        let outlook = simulate(&deals, &quarter(30.0));
        assert!((outlook.mean - 140.0).abs() < 2.0, "{}", outlook.mean);
        assert!((outlook.within[0] - 0.5).abs() < 0.03 && outlook.within[2] < 1e-9);
        assert!((outlook.reach.unwrap() - 0.5).abs() < 0.03, "the first deal decides");
        let shares: f64 = outlook.bars.iter().map(|bar| bar.share).sum();
        assert!((shares - 1.0).abs() < 1e-9, "every run is in one bar: {shares}");
    }

    #[test]
    fn new_business_comes_as_often_as_it_used_to() {
        let of = |wins| {
            let new_business = NewBusiness { wins, amounts: &[10.0, 30.0] };
            simulate(&[], &Quarter { new_business, ..quarter(30.0) }).mean
        };
        assert!((of(3.0) - 160.0).abs() < 2.0, "three deals of 20 on average");
        assert!((of(200.0) - 4_100.0).abs() < 30.0, "means beyond one piece, too");
    }

    #[test]
    fn the_same_seed_gives_the_same_quarter_and_nonsense_is_nothing() {
        let deals = [deal(f64::NAN, 0.5, 1.0), deal(10.0, f64::INFINITY, 1.0)];
        let one = simulate(&deals, &quarter(30.0));
        assert_eq!(one, simulate(&deals, &quarter(30.0)));
        assert!((one.mean - 100.0).abs() < 1e-9);
        let other = simulate(&[deal(5.0, 0.5, 1.0)], &Quarter { seed: 8, ..quarter(9.0) });
        let same = simulate(&[deal(5.0, 0.5, 1.0)], &quarter(9.0));
        assert!((other.mean - same.mean).abs() > 0.0, "another seed draws other quarters");
    }

    #[test]
    fn a_date_that_is_past_is_expected_in_a_month() {
        let late = OpenDeal { days_left: vec![], days_to_close: Some(-9.0), ..deal(1.0, 1.0, 0.0) };
        assert!(simulate(std::slice::from_ref(&late), &quarter(40.0)).within[0] > 0.99);
        assert!(simulate(&[late], &quarter(20.0)).within[0] < 0.01);
    }
}
