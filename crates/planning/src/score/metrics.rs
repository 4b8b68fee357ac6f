//! How good probabilities are.

use super::ScoreError;
use super::num::{EDGE, count};

/// Bins of the expected calibration error and of calibration plots.
pub const CALIBRATION_BINS: usize = 15;

/// Measures of probabilities against labels.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Metrics {
    /// Rows.
    pub rows: u64,
    /// Share of positive labels.
    pub base_rate: f64,
    /// Area under the ROC curve (Mann-Whitney with ties halved); 0.5 with one class.
    pub auc: f64,
    /// Average precision: area under the precision-recall curve in steps.
    pub pr_auc: f64,
    /// Mean negative log-likelihood, probabilities kept 1e-7 from 0 and 1.
    pub log_loss: f64,
    /// Mean squared error (Brier 1950).
    pub brier: f64,
    /// Expected calibration error over 15 bins of equal width (Naeini, Cooper, Hauskrecht 2015).
    pub ece: f64,
}

/// One bin of a calibration plot.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct CalibrationBin {
    /// Mean probability told.
    pub told: f64,
    /// Share of positive labels.
    pub seen: f64,
    /// Rows.
    pub rows: u64,
}

/// Measures probabilities.
///
/// # Errors
/// Lists of different lengths, empty ones, or a probability outside 0 to 1.
pub fn measure(labels: &[bool], probabilities: &[f64]) -> Result<Metrics, ScoreError> {
    check(labels, probabilities)?;
    let rows = labels.len() as f64;
    let (mut log_loss, mut brier) = (0.0, 0.0);
    for (label, p) in labels.iter().zip(probabilities) {
        let kept = p.clamp(EDGE, 1.0 - EDGE);
        log_loss -= if *label { kept.ln() } else { (1.0 - kept).ln() };
        brier += (p - f64::from(u8::from(*label))).powi(2);
    }
    let (auc, pr_auc) = areas(labels, probabilities);
    let ece = calibration_plot(labels, probabilities)?
        .iter()
        .map(|bin| (bin.told - bin.seen).abs() * bin.rows as f64 / rows)
        .sum();
    Ok(Metrics {
        rows: labels.len() as u64,
        base_rate: labels.iter().filter(|l| **l).count() as f64 / rows,
        auc,
        pr_auc,
        log_loss: log_loss / rows,
        brier: brier / rows,
        ece,
    })
}

/// Returns what was told against what was seen, in bins of equal width; empty bins are left out.
///
/// # Errors
/// As [`measure`].
pub fn calibration_plot(
    labels: &[bool],
    probabilities: &[f64],
) -> Result<Vec<CalibrationBin>, ScoreError> {
    check(labels, probabilities)?;
    let mut bins = vec![CalibrationBin { told: 0.0, seen: 0.0, rows: 0 }; CALIBRATION_BINS];
    for (label, p) in labels.iter().zip(probabilities) {
        let bin = &mut bins[bin(*p)];
        bin.told += p;
        bin.seen += f64::from(u8::from(*label));
        bin.rows += 1;
    }
    bins.retain(|bin| bin.rows > 0);
    for bin in &mut bins {
        bin.told /= bin.rows as f64;
        bin.seen /= bin.rows as f64;
    }
    Ok(bins)
}

/// Returns the expected calibration error that probabilities would show if they were exactly right,
/// because labels are drawn by chance: with few rows it is far from zero, and only what is above it
/// is the probabilities' fault. In each bin the share of positive labels is taken as normal, whose
/// mean distance from its mean is the standard deviation times the root of 2 / pi.
///
/// # Errors
/// An empty list, or a probability outside 0 to 1.
pub fn ece_by_chance(probabilities: &[f64]) -> Result<f64, ScoreError> {
    check(&vec![false; probabilities.len()], probabilities)?;
    let mut variance = [0.0; CALIBRATION_BINS];
    for p in probabilities {
        variance[bin(*p)] += p * (1.0 - p);
    }
    let spread: f64 = variance.iter().map(|v| v.sqrt()).sum();
    Ok((2.0 / std::f64::consts::PI).sqrt() * spread / probabilities.len() as f64)
}

fn bin(p: f64) -> usize {
    count(p * CALIBRATION_BINS as f64).min(CALIBRATION_BINS - 1)
}

fn check(labels: &[bool], probabilities: &[f64]) -> Result<(), ScoreError> {
    if labels.len() != probabilities.len() {
        let (expected, got) = (labels.len(), probabilities.len());
        return Err(ScoreError::Shape { what: "probabilities", expected, got });
    }
    if labels.is_empty() {
        return Err(ScoreError::Empty { what: "labels" });
    }
    if probabilities.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return Err(ScoreError::Setting { setting: "probability" });
    }
    Ok(())
}

/// Areas under the ROC curve and under the precision-recall curve; ties form one step.
fn areas(labels: &[bool], probabilities: &[f64]) -> (f64, f64) {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_unstable_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
    let positives = labels.iter().filter(|l| **l).count() as f64;
    let negatives = labels.len() as f64 - positives;
    let (mut yes, mut no, mut pairs, mut precision) = (0.0, 0.0, 0.0, 0.0);
    let mut at = 0;
    while at < order.len() {
        let p = probabilities[order[at]];
        let (mut more_yes, mut more_no) = (0.0, 0.0);
        while at < order.len() && probabilities[order[at]].total_cmp(&p).is_eq() {
            if labels[order[at]] {
                more_yes += 1.0;
            } else {
                more_no += 1.0;
            }
            at += 1;
        }
        pairs += more_no * (yes + 0.5 * more_yes);
        yes += more_yes;
        no += more_no;
        precision += more_yes * yes / (yes + no);
    }
    let auc =
        if positives > 0.0 && negatives > 0.0 { pairs / (positives * negatives) } else { 0.5 };
    (auc, if positives > 0.0 { precision / positives } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // Values of scikit-learn 1.x for the same input.
        let labels = [false, false, true, true];
        let m = measure(&labels, &[0.1, 0.4, 0.35, 0.8]).unwrap();
        assert!((m.auc - 0.75).abs() < 1e-12);
        assert!((m.pr_auc - 0.833_333_333_333).abs() < 1e-9);
        assert!((m.log_loss - 0.472_287_953_265_551_5).abs() < 1e-9);
        assert!((m.brier - 0.158_125).abs() < 1e-12);
    }

    #[test]
    fn chance_alone_leaves_a_calibration_error() {
        let mut rng = super::super::num::Rng::new(3);
        let told: Vec<f64> = (0..3000).map(|_| rng.unit()).collect();
        let mut draw = || {
            let labels: Vec<bool> = told.iter().map(|p| rng.unit() < *p).collect();
            measure(&labels, &told).unwrap().ece
        };
        let drawn = (0..50).map(|_| draw()).sum::<f64>() / 50.0;
        let by_chance = ece_by_chance(&told).unwrap();
        assert!((drawn / by_chance - 1.0).abs() < 0.1, "drawn {drawn}, computed {by_chance}");
        assert!(ece_by_chance(&[]).is_err() && ece_by_chance(&[f64::NAN]).is_err());
    }

    #[test]
    fn ties_count_half_and_one_class_says_nothing() {
        let m = measure(&[true, false], &[0.5, 0.5]).unwrap();
        assert!((m.auc - 0.5).abs() < 1e-12);
        assert!((measure(&[true, true], &[0.2, 0.9]).unwrap().auc - 0.5).abs() < 1e-12);
        assert!(measure(&[true], &[f64::NAN]).is_err(), "not a probability");
        assert!(measure(&[], &[]).is_err());
    }
}
