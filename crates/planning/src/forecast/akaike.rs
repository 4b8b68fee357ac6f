//! The mean of the likeliest models, each by its Akaike weight.
//!
//! Where several models explain a series nearly alike, the best one by a hair is chance. Kolassa
//! (2011), "Combining exponential smoothing forecasts using Akaike weights", International Journal
//! of Forecasting 27, equation 3: weights `exp(-(AICc - least AICc) / 2)`.

use super::outlook::Outcome;

/// Models with less than this share of the best one's weight are left out.
const LEAST_SHARE: f64 = 0.05;

/// Models with weights that sum to 1, likeliest first.
#[derive(Debug, Clone)]
pub(crate) struct Likely<M>(Vec<(f64, M)>);

impl<M> Likely<M> {
    /// Weighs models by their AICc; `None` without any that has one.
    pub(crate) fn of(mut models: Vec<M>, aicc: impl Fn(&M) -> f64) -> Option<Self> {
        models.retain(|model| !aicc(model).is_nan());
        models.sort_by(|a, b| aicc(a).total_cmp(&aicc(b)));
        let least = aicc(models.first()?);
        let share = |model: &M| (-(aicc(model) - least).max(0.0) / 2.0).exp();
        models.retain(|model| share(model) >= LEAST_SHARE);
        let total: f64 = models.iter().map(share).sum();
        Some(Self(models.into_iter().map(|model| (share(&model) / total, model)).collect()))
    }

    /// Makes each model anew; `None` where one cannot be.
    pub(crate) fn map<N>(&self, anew: impl Fn(&M) -> Option<N>) -> Option<Likely<N>> {
        let one = |(weight, model): &(f64, M)| Some((*weight, anew(model)?));
        Some(Likely(self.0.iter().map(one).collect::<Option<_>>()?))
    }

    /// Returns the mean of the paths, with the deviation of the mixture.
    pub(crate) fn mean(&self, path: impl Fn(&M) -> Option<Outcome>) -> Option<Outcome> {
        let one = |(weight, model): &(f64, M)| Some((*weight, path(model)?));
        let mut paths: Vec<(f64, Outcome)> = self.0.iter().map(one).collect::<Option<_>>()?;
        if paths.len() == 1 {
            return paths.pop().map(|(_, path)| path);
        }
        let horizon = paths.iter().map(|(_, path)| path.mean.len()).min()?;
        let sum = |pick: &dyn Fn(&Outcome) -> f64| -> f64 {
            paths.iter().map(|(weight, path)| weight * pick(path)).sum()
        };
        let mean: Vec<f64> = (0..horizon).map(|step| sum(&|path| path.mean[step])).collect();
        let variance = |step: usize| {
            sum(&|path| path.deviation[step].powi(2) + (path.mean[step] - mean[step]).powi(2))
        };
        let deviation = (0..horizon).map(|step| variance(step).sqrt()).collect();
        let labels: Vec<&str> = paths.iter().map(|(_, path)| path.label.as_str()).collect();
        Some(Outcome { mean, deviation, label: labels.join(" + ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(value: f64, deviation: f64) -> Outcome {
        Outcome { mean: vec![value; 2], deviation: vec![deviation; 2], label: format!("{value}") }
    }

    #[test]
    fn alike_models_count_alike_and_unlikely_ones_not_at_all() {
        let likely = Likely::of(vec![(9.0, 30.0), (1.0, 10.0), (3.0, 10.0)], |m| m.1).unwrap();
        let mean = likely.mean(|model| Some(flat(model.0, 1.0))).unwrap();
        assert_eq!(mean.mean, [2.0, 2.0]);
        assert!((mean.deviation[0] - 2.0_f64.sqrt()).abs() < 1e-12, "1 of each, 1 between them");
        assert_eq!(mean.label, "1 + 3");
    }

    #[test]
    fn a_model_alone_is_itself() {
        let likely = Likely::of(vec![(1.0, 0.0), (7.0, f64::NAN)], |m| m.1).unwrap();
        assert_eq!(likely.mean(|m| Some(flat(m.0, 0.5))).unwrap().deviation, [0.5, 0.5]);
        assert!(Likely::of(vec![f64::NAN], |m| *m).is_none());
    }
}
