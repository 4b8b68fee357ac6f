//! How the benches measure: CPU clock, interleaved rounds, medians and percentiles.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

/// The CPU time that this process has used.
#[must_use]
pub fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or(0))
}

/// One measured round: CPU and wall time per unit of work, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sample {
    /// CPU microseconds per unit.
    pub cpu_us: f64,
    /// Wall microseconds per unit.
    pub wall_us: f64,
}

/// Measures one round of `units` units of work.
pub fn round<T>(units: u32, work: impl FnOnce() -> T) -> (Sample, T) {
    let (cpu, wall) = (cpu_time(), Instant::now());
    let out = work();
    let units = f64::from(units.max(1));
    let sample = Sample {
        cpu_us: (cpu_time() - cpu).as_secs_f64() * 1e6 / units,
        wall_us: wall.elapsed().as_secs_f64() * 1e6 / units,
    };
    (sample, out)
}

/// The samples of one contender.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<Sample>);

impl Samples {
    /// Takes a sample in.
    pub fn push(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    /// CPU microseconds per unit at a percentile (0 to 100), by nearest rank.
    #[must_use]
    pub fn cpu_us(&self, percentile: f64) -> f64 {
        nearest_rank(self.0.iter().map(|sample| sample.cpu_us).collect(), percentile)
    }

    /// Wall microseconds per unit at a percentile (0 to 100), by nearest rank.
    #[must_use]
    pub fn wall_us(&self, percentile: f64) -> f64 {
        nearest_rank(self.0.iter().map(|sample| sample.wall_us).collect(), percentile)
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Says whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The median, by nearest rank.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    nearest_rank(values.to_vec(), 50.0)
}

fn nearest_rank(mut values: Vec<f64>, percentile: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank in a short list, between 0 and its last index"
    )]
    let rank = ((values.len() as f64 * percentile / 100.0).ceil() as usize).saturating_sub(1);
    values.get(rank.min(last)).copied().unwrap_or(f64::NAN)
}

/// Runs two contenders in turn, `rounds` times each, so that drift of the machine hits both.
pub fn interleave(
    rounds: u32,
    mut ours: impl FnMut(u32) -> Sample,
    mut baseline: impl FnMut(u32) -> Sample,
) -> (Samples, Samples) {
    let (mut first, mut second) = (Samples::default(), Samples::default());
    for n in 0..rounds {
        first.push(ours(n));
        second.push(baseline(n));
    }
    (first, second)
}

/// One line of the bench's output.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// The bench.
    pub bench: &'static str,
    /// What was measured.
    pub figure: String,
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What it is compared with, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    /// `value / baseline`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// The aim, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aim: Option<f64>,
}

impl Figure {
    /// A figure without a baseline.
    #[must_use]
    pub fn new(
        bench: &'static str,
        figure: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) -> Self {
        Self { bench, figure: figure.into(), value, unit, baseline: None, ratio: None, aim: None }
    }

    /// The same figure beside a baseline of the same run.
    #[must_use]
    pub fn against(self, baseline: f64) -> Self {
        Self { baseline: Some(baseline), ratio: Some(self.value / baseline), ..self }
    }

    /// The same figure with its aim.
    #[must_use]
    pub fn aim(self, aim: f64) -> Self {
        Self { aim: Some(aim), ..self }
    }

    /// The JSON line.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let mut samples = Samples::default();
        for n in 1..=100 {
            samples.push(Sample { cpu_us: f64::from(n), wall_us: f64::from(n * 2) });
        }
        assert!((samples.cpu_us(50.0) - 50.0).abs() < f64::EPSILON);
        assert!((samples.wall_us(99.0) - 198.0).abs() < f64::EPSILON);
        assert!((samples.cpu_us(100.0) - 100.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_cpu_clock_moves_with_work() {
        let (sample, sum) = round(1, || (0..2_000_000_u64).fold(0_u64, u64::wrapping_add));
        assert!(sum > 0);
        assert!(sample.cpu_us > 0.0);
    }
}
