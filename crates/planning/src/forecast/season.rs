//! Is there a season, and what is its shape: the test and the indices of the M competitions.
//!
//! Test and classical decomposition as in Assimakopoulos, Nikolopoulos (2000), "The theta model",
//! International Journal of Forecasting 16, and in the M4 competition's Naive2.

use super::number::mean;

/// How a season acts on the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeasonForm {
    /// Added to the level.
    Additive,
    /// Multiplied with the level.
    Multiplicative,
}

/// A season's shape: one index for each place, counted from the history's first value.
#[derive(Debug, Clone)]
pub(crate) struct Season {
    pub(crate) form: SeasonForm,
    pub(crate) indices: Vec<f64>,
    /// Mean squared standard error of the indices.
    noise: f64,
}

impl Season {
    /// Draws the indices towards no season by as much as their noise says.
    ///
    /// Miller, Williams (2003), "Shrinkage estimators of time series seasonal factors and their
    /// effect on forecasting accuracy", International Journal of Forecasting 19, the James-Stein
    /// form.
    pub(crate) fn shrunk(mut self) -> Self {
        let centre = match self.form {
            SeasonForm::Additive => 0.0,
            SeasonForm::Multiplicative => 1.0,
        };
        let count = self.indices.len() as f64;
        if count < 4.0 {
            return self;
        }
        let square = |index: &f64| (index - centre).powi(2);
        let spread = self.indices.iter().map(square).sum::<f64>() / (count - 1.0);
        let share = (count - 3.0) / (count - 1.0) * self.noise / spread.max(self.noise).max(1e-300);
        self.indices.iter_mut().for_each(|index| *index += share * (centre - *index));
        self
    }

    /// Returns the values without the season.
    pub(crate) fn remove(&self, values: &[f64]) -> Vec<f64> {
        let places = self.indices.iter().cycle();
        let one = |(value, index): (&f64, &f64)| match self.form {
            SeasonForm::Additive => value - index,
            SeasonForm::Multiplicative => value / index,
        };
        values.iter().zip(places).map(one).collect()
    }

    /// Puts the season back on values whose first one stands `start` after the history's first.
    pub(crate) fn restore(&self, values: &mut [f64], start: usize) {
        for (step, value) in values.iter_mut().enumerate() {
            let index = self.indices[(start + step) % self.indices.len()];
            match self.form {
                SeasonForm::Additive => *value += index,
                SeasonForm::Multiplicative => *value *= index,
            }
        }
    }

    /// Returns the factor by which the season widens an error at that place.
    pub(crate) fn factor(&self, place: usize) -> f64 {
        match self.form {
            SeasonForm::Additive => 1.0,
            SeasonForm::Multiplicative => self.indices[place % self.indices.len()],
        }
    }
}

/// Returns the autocorrelation at a lag.
pub(crate) fn autocorrelation(values: &[f64], lag: usize) -> f64 {
    let centre = mean(values);
    let total: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    let pairs = values.iter().zip(values.iter().skip(lag));
    let cross: f64 = pairs.map(|(now, later)| (now - centre) * (later - centre)).sum();
    if total > 0.0 { cross / total } else { 0.0 }
}

/// Tells at 90 % whether there is a season: the autocorrelation at one season's lag is beyond
/// `1.645 sqrt((1 + 2 sum r_i^2) / n)`, with the sum over the shorter lags.
pub(crate) fn is_seasonal(values: &[f64], period: usize) -> bool {
    if period < 2 || values.len() < 3 * period {
        return false;
    }
    let shorter: f64 = (1..period).map(|lag| autocorrelation(values, lag).powi(2)).sum();
    let limit = 1.645 * ((1.0 + 2.0 * shorter) / values.len() as f64).sqrt();
    autocorrelation(values, period).abs() > limit
}

/// Returns the centred moving average over one season, and the position of its first value.
pub(crate) fn moving_average(values: &[f64], period: usize) -> (Vec<f64>, usize) {
    let width = period as f64;
    if period % 2 == 1 {
        let middle = values.windows(period).map(|window| window.iter().sum::<f64>() / width);
        return (middle.collect(), period / 2);
    }
    let middle = values.windows(period + 1).map(|window| {
        let ends = f64::midpoint(window[0], window[period]);
        (ends + window[1..period].iter().sum::<f64>()) / width
    });
    (middle.collect(), period / 2)
}

/// Returns the shape of the season by classical decomposition.
///
/// Multiplicative asks for positive values. `None` with less than two seasons.
pub(crate) fn decompose(values: &[f64], period: usize, form: SeasonForm) -> Option<Season> {
    if period < 2 || values.len() < 2 * period {
        return None;
    }
    let (trend, first) = moving_average(values, period);
    let (mut sums, mut counts) = (vec![0.0; period], vec![0.0; period]);
    let mut squares = vec![0.0; period];
    for (step, level) in trend.iter().enumerate() {
        let place = (first + step) % period;
        let found = match form {
            SeasonForm::Additive => values[first + step] - level,
            SeasonForm::Multiplicative => values[first + step] / level,
        };
        sums[place] += found;
        squares[place] += found * found;
        counts[place] += 1.0;
    }
    let mut indices: Vec<f64> =
        sums.iter().zip(&counts).map(|(sum, count)| sum / f64::max(*count, 1.0)).collect();
    let error = |place: usize| {
        let count: f64 = counts[place];
        let spread: f64 = squares[place] / count - indices[place].powi(2);
        if count > 1.0 { spread.max(0.0) / (count - 1.0) } else { 0.0 }
    };
    let noise = mean(&(0..period).map(error).collect::<Vec<_>>());
    let centre = mean(&indices);
    for index in &mut indices {
        match form {
            SeasonForm::Additive => *index -= centre,
            SeasonForm::Multiplicative => *index /= centre,
        }
    }
    let usable = |index: &f64| match form {
        SeasonForm::Additive => index.is_finite(),
        SeasonForm::Multiplicative => index.is_finite() && *index > 1e-3,
    };
    indices.iter().all(usable).then_some(Season { form, indices, noise })
}

/// Returns the shape of the season, be it clear or not: multiplicative for positive values, else
/// additive. `None` with less than two seasons.
pub(crate) fn shape(values: &[f64], period: usize) -> Option<Season> {
    let positive = values.iter().all(|value| *value > 0.0);
    let multiplicative = positive.then(|| decompose(values, period, SeasonForm::Multiplicative));
    multiplicative.flatten().or_else(|| decompose(values, period, SeasonForm::Additive))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seasonal() -> Vec<f64> {
        let season = [0.5, 1.5, 1.2, 0.8];
        (0..32).map(|index| (10.0 + index as f64) * season[index % 4]).collect()
    }

    #[test]
    fn a_season_is_found_and_removed() {
        let values = seasonal();
        let season = shape(&values, 4).unwrap();
        assert!(is_seasonal(&values, 4), "the test finds it");
        assert!((season.indices[1] - 1.5).abs() < 0.05, "{:?}", season.indices);
        let plain = season.remove(&values);
        for (index, value) in plain.iter().enumerate() {
            assert!((value / (10.0 + index as f64) - 1.0).abs() < 0.03, "{index} {value}");
        }
    }

    #[test]
    fn restoring_undoes_removing() {
        let values = seasonal();
        let season = decompose(&values, 4, SeasonForm::Additive).unwrap();
        let mut plain = season.remove(&values);
        season.restore(&mut plain, 0);
        for (one, other) in plain.iter().zip(&values) {
            assert!((one - other).abs() < 1e-9);
        }
    }

    #[test]
    fn a_line_has_no_season() {
        let values: Vec<f64> = (0..12).map(f64::from).collect();
        assert!(!is_seasonal(&values, 12), "three seasons are needed");
    }
}
