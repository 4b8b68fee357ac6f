//! From numbers to places on a drawing: a straight scale, and round marks along it.

/// Maps numbers from one range to places in another, straight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    from: (f64, f64),
    to: (f64, f64),
}

impl Scale {
    /// A scale; a range without any width is widened, so that everything has a place.
    #[must_use]
    pub fn new(from: (f64, f64), to: (f64, f64)) -> Self {
        let (low, high) = from;
        let wide = if high > low { from } else { (low, low + 1.0) };
        Self { from: wide, to }
    }

    /// The place of a number; of none that is not a number.
    #[must_use]
    pub fn at(&self, value: f64) -> f64 {
        let share = (value - self.from.0) / (self.from.1 - self.from.0);
        let share = if share.is_finite() { share } else { 0.0 };
        self.to.0 + share * (self.to.1 - self.to.0)
    }

    /// The place of a number as SVG writes it.
    #[must_use]
    pub fn text(&self, value: f64) -> String {
        format!("{:.1}", self.at(value))
    }
}

/// Round numbers from 0 up to what holds the greatest: steps of 1, 2 or 5 times a power of ten.
#[must_use]
pub fn marks(most: f64, about: u32) -> Vec<f64> {
    if !(most.is_finite() && most > 0.0) || about == 0 {
        return vec![0.0];
    }
    let rough = most / f64::from(about);
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|times| times * power)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(10.0 * power);
    let mut out = vec![0.0];
    while out.last().is_some_and(|last| *last < most * 0.999) && out.len() < 50 {
        out.push(out.len() as f64 * step);
    }
    out
}

/// Least and greatest of numbers; `None` where there is none.
#[must_use]
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |found, value| {
        let (low, high) = found.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_straight_and_never_divides_by_nothing() {
        let scale = Scale::new((0.0, 200.0), (300.0, 100.0));
        assert_eq!(scale.text(50.0), "250.0");
        assert_eq!(Scale::new((5.0, 5.0), (0.0, 10.0)).text(5.0), "0.0");
        assert_eq!(scale.text(f64::NAN), "300.0", "a drawing has no place that is no number");
    }

    #[test]
    fn marks_are_round_and_hold_the_greatest() {
        assert_eq!(marks(87_000.0, 4), [0.0, 50_000.0, 100_000.0]);
        assert_eq!(marks(4.0, 4), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(marks(0.0, 4), [0.0]);
        assert_eq!(marks(f64::NAN, 4), [0.0]);
    }

    #[test]
    fn an_extent_leaves_out_what_is_no_number() {
        assert_eq!(extent([3.0, f64::NAN, -1.0]), Some((-1.0, 3.0)));
        assert_eq!(extent([]), None);
    }
}
