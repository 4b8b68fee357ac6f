//! Exponential smoothing in state space form, with automatic selection by AICc.
//!
//! Hyndman, Koehler, Ord, Snyder (2008), "Forecasting with Exponential Smoothing", Springer:
//! recursions of tables 2.2 and 2.3, likelihood of section 5.1, selection of section 7.1. The
//! initial states are not searched for but found by running the filter backwards and forwards
//! again (backcasting, as in Svetunkov (2023), "Forecasting and Analytics with ADAM", section
//! 11.4); they count as parameters in AICc all the same. Where
//! several forms are nearly as likely, the forecast is their mean by Akaike weights. Multiplicative trends are left out, as
//! in Hyndman's own selection.

mod fit;
mod form;
mod recursion;

pub(crate) use fit::{Fitted, select};
use form::{ErrorForm, SeasonPart, Trend};

use super::akaike::Likely;
use super::outlook::Outcome;
use recursion::{Smoothing, States};

impl Likely<Fitted> {
    /// Runs the filters over other values with the same weights: the states that they end in.
    pub(crate) fn replay(&self, values: &[f64], period: usize) -> Option<Self> {
        self.map(|fitted| fitted.replay(values, period))
    }

    /// Returns the mean path of the likely forms.
    pub(crate) fn forecast(&self, values: &[f64], horizon: usize) -> Option<Outcome> {
        self.mean(|fitted| Some(fitted.forecast(values, horizon)))
    }
}

impl Fitted {
    /// Returns the path that the states lead to, with the deviation of each step.
    ///
    /// Deviations of class 1 by table 6.1 of the book; with multiplicative errors they follow the
    /// level of the path, a first-order form of its class 3.
    pub(crate) fn forecast(&self, values: &[f64], horizon: usize) -> Outcome {
        let period = self.states.season.len();
        let Smoothing { alpha, beta, gamma, phi } = self.smoothing;
        // Sum of the damping factors so far: how often the slope has been added.
        let (mut power, mut slopes) = (1.0, 0.0);
        let mut squares = 0.0;
        let (mut mean, mut deviation) = (Vec::new(), Vec::new());
        for step in 1..=horizon {
            if self.form.trend != Trend::None {
                power *= phi;
                slopes += power;
            }
            let base = self.states.level + slopes * self.states.slope;
            let place = values.len() + step - 1;
            let index = if period > 0 { self.states.season[place % period] } else { 0.0 };
            let value = match self.form.season {
                SeasonPart::None => base,
                SeasonPart::Additive => base + index,
                SeasonPart::Multiplicative => base * index,
            };
            mean.push(value);
            let size = match self.form.error {
                ErrorForm::Multiplicative => value.abs(),
                ErrorForm::Additive => 1.0,
            };
            deviation.push(size * (self.variance * (1.0 + squares)).sqrt());
            let seasonal = if period > 0 && step % period == 0 { gamma } else { 0.0 };
            squares += (alpha + beta * slopes + seasonal).powi(2);
        }
        Outcome { mean, deviation, label: self.form.label() }
    }
}

impl States {
    /// Returns whether every state is a number.
    pub(crate) fn is_sound(&self) -> bool {
        self.level.is_finite()
            && self.slope.is_finite()
            && self.season.iter().all(|index| index.is_finite())
    }
}
