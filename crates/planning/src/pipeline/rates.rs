//! Win rates by stage and age, calibrated on deals that are decided, and how long deals take.
//!
//! A stage starts from the rate that the seller wrote down for it and moves towards what was seen,
//! as if the written rate were worth [`PRIOR`] deals (the beta-binomial posterior mean; Gelman et
//! al., *Bayesian Data Analysis*, 3rd edition, section 2.4). Age shifts the log-odds by how much
//! likelier or less likely deals of that age were won than deals on the whole, drawn to nothing in
//! the same way. Deals whose stages are not known teach the effect of age alone.

use crate::forecast::number::quantile;

/// Deals that a written rate is worth.
const PRIOR: f64 = 20.0;
/// Bands of age, by quantiles of the ages at which deals were decided.
const BANDS: usize = 5;
/// Rates stay this far from 0 and 1.
const EDGE: f64 = 0.005;
/// Won deals that must have taken longer for their durations to tell when this one closes.
const ENOUGH: usize = 20;

/// A deal that is decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Stages in order, each with the age in days at which the deal came to it; empty where they
    /// are not known.
    pub stages: Vec<(usize, f64)>,
    /// Age in days at which it was decided.
    pub closed_age: f64,
    /// Whether it was won.
    pub won: bool,
}

/// What was learned from decided deals.
#[derive(Debug, Clone, PartialEq)]
pub struct WinRates {
    stages: Vec<f64>,
    /// Ends of the bands of age, and the shift of the log-odds of each band.
    ends: Vec<f64>,
    shifts: Vec<f64>,
    /// Ages at which deals were won, rising.
    durations: Vec<f64>,
    seen: usize,
}

impl WinRates {
    /// Learns from decided deals; `written` is the rate of each stage by the seller's book.
    ///
    /// Rates outside 0 to 1 are brought to it, deals with an age that is not finite are passed
    /// over, negative ages count as 0, and stages beyond `written` are not read.
    #[must_use]
    pub fn learn(written: &[f64], past: &[Past]) -> Self {
        let past: Vec<&Past> = past.iter().filter(|deal| deal.closed_age.is_finite()).collect();
        let mut ages: Vec<f64> = past.iter().map(|deal| deal.closed_age.max(0.0)).collect();
        let mut ends: Vec<f64> =
            (1..BANDS).map(|band| quantile(&mut ages, band as f64 / BANDS as f64)).collect();
        ends.dedup_by(|a, b| *a <= *b);
        let won = past.iter().filter(|deal| deal.won).count() as f64;
        let all = past.len() as f64;
        let overall = if all > 0.0 { kept(won / all) } else { 0.5 };
        let mut in_stage = vec![(0.0, 0.0); written.len()];
        let mut in_band = vec![(0.0, 0.0); ends.len() + 1];
        for deal in &past {
            let gain = if deal.won { 1.0 } else { 0.0 };
            // Once for each band of age that the deal lived to see: who asks, asks about a deal
            // that is still open at that age.
            let last = ends.partition_point(|end| *end < deal.closed_age);
            for (wins, seen) in &mut in_band[..=last] {
                *wins += gain;
                *seen += 1.0;
            }
            let mut been: Vec<usize> = deal.stages.iter().map(|(stage, _)| *stage).collect();
            been.sort_unstable();
            been.dedup();
            for stage in been {
                if let Some((wins, seen)) = in_stage.get_mut(stage) {
                    *wins += gain;
                    *seen += 1.0;
                }
            }
        }
        let rate = |(written, (wins, seen)): (&f64, &(f64, f64))| {
            let written = if written.is_finite() { written.clamp(0.0, 1.0) } else { 0.5 };
            kept((wins + PRIOR * written) / (seen + PRIOR))
        };
        let shift = |(wins, seen): &(f64, f64)| {
            logit(kept((wins + PRIOR * overall) / (seen + PRIOR))) - logit(overall)
        };
        let mut durations: Vec<f64> =
            past.iter().filter(|deal| deal.won).map(|deal| deal.closed_age.max(0.0)).collect();
        durations.sort_unstable_by(f64::total_cmp);
        Self {
            stages: written.iter().zip(&in_stage).map(rate).collect(),
            shifts: in_band.iter().map(shift).collect(),
            ends,
            durations,
            seen: past.len(),
        }
    }

    /// Decided deals that were learned from.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// The rate of a stage, whatever the age; one half for a stage that there is not.
    #[must_use]
    pub fn of_stage(&self, stage: usize) -> f64 {
        self.stages.get(stage).copied().unwrap_or(0.5)
    }

    /// The probability that a deal that is open at this stage and age will be won.
    #[must_use]
    pub fn probability(&self, stage: usize, age_days: f64) -> f64 {
        let age = if age_days.is_finite() { age_days.max(0.0) } else { 0.0 };
        let odds = logit(self.of_stage(stage)) + self.shifts[band(&self.ends, age)];
        kept(1.0 / (1.0 + (-odds).exp()))
    }

    /// The bands of age: first day and shift of the log-odds of each.
    #[must_use]
    pub fn bands(&self) -> Vec<(f64, f64)> {
        let starts = std::iter::once(0.0).chain(self.ends.iter().copied());
        starts.zip(self.shifts.iter().copied()).collect()
    }

    /// Days that deals still took that were won later than this age, rising; `None` where they are
    /// too few to tell.
    #[must_use]
    pub fn days_left(&self, age_days: f64) -> Option<Vec<f64>> {
        let first = self.durations.partition_point(|duration| *duration < age_days);
        let later = &self.durations[first..];
        (later.len() >= ENOUGH).then(|| later.iter().map(|d| d - age_days.max(0.0)).collect())
    }
}

fn band(ends: &[f64], age: f64) -> usize {
    ends.partition_point(|end| *end <= age)
}

fn kept(rate: f64) -> f64 {
    rate.clamp(EDGE, 1.0 - EDGE)
}

fn logit(rate: f64) -> f64 {
    (rate / (1.0 - rate)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deals(count: usize, stage: usize, age: f64, won_of_ten: usize) -> Vec<Past> {
        let one =
            |n| Past { stages: vec![(stage, 0.0)], closed_age: age, won: n % 10 < won_of_ten };
        (0..count).map(one).collect()
    }

    #[test]
    fn a_stage_moves_from_its_written_rate_to_what_was_seen() {
        let rates = |count| WinRates::learn(&[0.5], &deals(count, 0, 30.0, 9));
        assert!((rates(0).of_stage(0) - 0.5).abs() < 1e-12, "nothing was seen");
        assert!((rates(20).of_stage(0) - 0.7).abs() < 1e-12, "half way after twenty deals");
        assert!(rates(2_000).of_stage(0) > 0.89);
    }

    #[test]
    fn old_deals_are_less_likely_where_they_were_lost() {
        let mut past = deals(300, 0, 20.0, 9);
        past.extend(deals(300, 0, 200.0, 1));
        let rates = WinRates::learn(&[0.5], &past);
        let (young, old) = (rates.probability(0, 5.0), rates.probability(0, 150.0));
        assert!(young > 0.4 && old < 0.25, "{young} {old}");
        let left = rates.days_left(150.0).unwrap();
        assert!(left.iter().all(|days| (days - 50.0).abs() < 1e-9), "won ones took 200 days");
        assert!(rates.days_left(300.0).is_none());
    }

    #[test]
    fn nonsense_is_passed_over() {
        let odd = Past { stages: vec![(9, f64::NAN)], closed_age: f64::NAN, won: true };
        let early = Past { closed_age: -5.0, ..odd.clone() };
        let rates = WinRates::learn(&[f64::NAN, 7.0], &[odd, early]);
        assert_eq!(rates.seen(), 1);
        for stage in 0..4 {
            let p = rates.probability(stage, f64::INFINITY);
            assert!((0.0..=1.0).contains(&p), "{p}");
        }
    }
}
