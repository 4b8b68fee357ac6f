//! Training: the mean absolute error, by Adam with a falling rate.
//!
//! Kingma, Ba (2015), "Adam: A method for stochastic optimization"; the rate falls along a cosine,
//! Loshchilov, Hutter (2017), "SGDR: Stochastic gradient descent with warm restarts".

use super::Window;
use super::network::{FEATURES, LANES, Lane, Network};
use crate::Pace;
use crate::forecast::error::ForecastError;
use crate::forecast::number::{quantile, single};
use crate::forecast::outlook::QUANTILE_80;
use crate::forecast::rng::Random;

/// Times that each window is seen: more where there are few, but not without end.
const EPOCHS: (usize, usize) = (8, 16);
const LEAST_BATCHES: usize = 120;
const RATE: f64 = 4e-3;
const FIRST_MOMENT: f32 = 0.9;
const SECOND_MOMENT: f32 = 0.999;

/// Returns how often each of so many windows is seen.
pub(super) fn epochs(windows: usize) -> usize {
    LEAST_BATCHES.div_ceil(batches(windows)).clamp(EPOCHS.0, EPOCHS.1)
}

/// Returns how many batches an epoch has.
fn batches(windows: usize) -> usize {
    windows.div_ceil(LANES).max(1)
}

/// Trains on the windows, each once in an epoch. `watch` is asked before each epoch, with how many
/// are done.
///
/// # Errors
/// Stopped.
pub(super) fn train(
    network: &mut Network,
    windows: &[Window],
    epochs: usize,
    random: &mut Random,
    watch: &dyn Fn(usize) -> Pace,
) -> Result<(), ForecastError> {
    let mut order: Vec<usize> = (0..windows.len()).collect();
    let size = network.weights.len();
    let (mut first, mut second) = (vec![0.0_f32; size], vec![0.0_f32; size]);
    let mut slopes = vec![0.0_f32; size];
    let batches = batches(windows.len()) * epochs;
    let mut done = 0_usize;
    for epoch in 0..epochs {
        if watch(epoch) == Pace::Stop {
            return Err(ForecastError::Stopped);
        }
        random.shuffle(&mut order);
        for batch in order.chunks(LANES) {
            slopes.fill(0.0);
            let (answers, memory) = network.forward(&features_of(windows, batch));
            let signs = signs(&answers, windows, batch);
            network.backward(&memory, &signs, &mut slopes);
            let share = done as f64 / batches as f64;
            let rate = RATE * 0.5 * (1.0 + (std::f64::consts::PI * share).cos());
            done += 1;
            // Moments start at 0; the division takes their bias out.
            let start = |moment: f32| 1.0 - f64::from(moment).powf(done as f64);
            let scale = single(rate * start(SECOND_MOMENT).sqrt() / start(FIRST_MOMENT));
            for at in 0..size {
                let slope = slopes[at];
                first[at] = FIRST_MOMENT * first[at] + (1.0 - FIRST_MOMENT) * slope;
                second[at] = SECOND_MOMENT * second[at] + (1.0 - SECOND_MOMENT) * slope * slope;
                network.weights[at] -= scale * first[at] / (second[at].sqrt() + 1e-8);
            }
        }
    }
    Ok(())
}

fn features_of<'a>(
    windows: &'a [Window],
    batch: &[usize],
) -> Vec<&'a [[f32; FEATURES]; super::WINDOW]> {
    batch.iter().map(|which| &windows[*which].features).collect()
}

/// Returns the slopes of the mean absolute error.
fn signs(answers: &[Lane], windows: &[Window], batch: &[usize]) -> Vec<Lane> {
    let size = 1.0 / single((batch.len() * answers.len()) as f64);
    let one = |(period, answer): (usize, &Lane)| {
        let mut out = [0.0; LANES];
        for (lane, which) in batch.iter().enumerate() {
            out[lane] = size * (answer[lane] - windows[*which].wanted[period]).signum();
        }
        out
    };
    answers.iter().enumerate().map(one).collect()
}

/// Shares of the correction that are tried.
const SHARES: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// Returns the share of the correction with the lowest mean absolute error over the windows, and
/// the deviation of the errors at each period.
pub(super) fn judge(network: &Network, windows: &[Window]) -> (f64, Vec<f64>) {
    let mut pairs = vec![Vec::new(); network.horizon];
    let all: Vec<usize> = (0..windows.len()).collect();
    for batch in all.chunks(LANES) {
        let (answers, _) = network.forward(&features_of(windows, batch));
        for (period, answer) in answers.iter().enumerate() {
            for (lane, which) in batch.iter().enumerate() {
                let wanted = f64::from(windows[*which].wanted[period]);
                pairs[period].push((f64::from(answer[lane]), wanted));
            }
        }
    }
    let error = |share: f64| -> f64 {
        pairs.iter().flatten().map(|(answer, wanted)| (share * answer - wanted).abs()).sum()
    };
    let mut best = (f64::INFINITY, 0.0);
    for share in SHARES {
        let error = error(share);
        if error < best.0 {
            best = (error, share);
        }
    }
    let deviation = |pairs: &Vec<(f64, f64)>| {
        let mut sizes: Vec<f64> =
            pairs.iter().map(|(answer, wanted)| (best.1 * answer - wanted).abs()).collect();
        // Few series have errors far beyond the others'; what holds 80 % of them is not moved.
        quantile(&mut sizes, 0.8) / QUANTILE_80
    };
    (best.1, pairs.iter().map(deviation).collect())
}
