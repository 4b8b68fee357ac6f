//! Contributions in plain words.

use super::super::dataset::{Cell, Schema};
use super::Explanation;

/// How a feature is put in words. `{value}` stands for its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The feature.
    pub feature: String,
    /// Words for a known value ("opened {value} e-mails").
    pub known: String,
    /// Words for a missing value ("no e-mail opened").
    pub missing: String,
}

/// One reason for a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The feature, by its place in the schema.
    pub feature: usize,
    /// Percentage points.
    pub points: i32,
    /// The reason in words, with its points: "opened 3 e-mails +12".
    pub text: String,
}

/// Returns the reasons that weigh most, largest first, without those of zero points.
#[must_use]
pub fn reasons(
    explanation: &Explanation,
    schema: &Schema,
    row: &[Cell],
    phrases: &[Phrase],
    most: usize,
) -> Vec<Reason> {
    let mut order: Vec<usize> =
        (0..explanation.points.len()).filter(|f| explanation.points[*f] != 0).collect();
    order.sort_by_key(|f| std::cmp::Reverse(explanation.points[*f].abs()));
    order
        .into_iter()
        .filter_map(|feature| {
            let name = &schema.features.get(feature)?.name;
            let points = explanation.points[feature];
            let value = match row.get(feature)? {
                Cell::Number(number) if number.is_nan() => None,
                Cell::Number(number) => Some(plain(*number)),
                Cell::Category(name) => Some(name.clone()),
                Cell::Missing => None,
            };
            let phrase = phrases.iter().find(|p| p.feature == *name);
            let words = match (phrase, value) {
                (Some(phrase), Some(value)) => phrase.known.replace("{value}", &value),
                (Some(phrase), None) => phrase.missing.clone(),
                (None, Some(value)) => format!("{name}: {value}"),
                (None, None) => format!("{name} is not known"),
            };
            // A minus sign, not a hyphen.
            let sign = if points < 0 { '\u{2212}' } else { '+' };
            Some(Reason { feature, points, text: format!("{words} {sign}{}", points.abs()) })
        })
        .take(most)
        .collect()
}

/// A number as people write it: at most two decimals, no trailing zeros.
fn plain(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
