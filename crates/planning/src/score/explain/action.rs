//! The next best action: what the model says would change if something were done.
//!
//! A model knows what goes together, not what causes what; a suggestion is a hint for a person,
//! never a trigger.

use super::super::dataset::{Kind, Schema};
use super::super::model::ScoreModel;

/// How an action changes a feature.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Adds to a number; a missing one counts as zero.
    Add(f64),
    /// Sets a number.
    SetNumber(f64),
    /// Sets a category.
    SetCategory(String),
}

/// Something that a rep can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Name, for the caller.
    pub name: String,
    /// Features that it changes.
    pub changes: Vec<(String, Change)>,
    /// What it costs, in the currency of amounts.
    pub cost: f64,
}

/// What to do next, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The action, by its place in the list.
    pub action: usize,
    /// Probability as it is.
    pub probability_now: f64,
    /// Probability after the action, as the model sees it.
    pub probability_then: f64,
    /// Change of probability times amount, less the cost.
    pub gain: f64,
    /// The feature whose change matters most, by its place in the schema.
    pub because: usize,
    /// Percentage points of that feature before and after.
    pub points: (i32, i32),
}

/// Returns the action with the greatest gain; `None` if none gains.
#[must_use]
pub fn next_best_action(
    model: &ScoreModel,
    row: &[f64],
    amount: f64,
    actions: &[Action],
) -> Option<Suggestion> {
    let now = model.explain(row).ok()?;
    let mut best: Option<Suggestion> = None;
    for (index, action) in actions.iter().enumerate() {
        let Some(changed) = changed(model.schema(), row, action) else { continue };
        let Ok(then) = model.explain(&changed) else { continue };
        let gain = (then.probability - now.probability) * amount - action.cost;
        if !(gain.is_finite() && gain > best.as_ref().map_or(0.0, |b| b.gain)) {
            continue;
        }
        let moved = |f: usize| then.log_odds[f] - now.log_odds[f];
        let because =
            (0..row.len()).max_by(|a, b| moved(*a).total_cmp(&moved(*b))).unwrap_or_default();
        best = Some(Suggestion {
            action: index,
            probability_now: now.probability,
            probability_then: then.probability,
            gain,
            because,
            points: (now.points[because], then.points[because]),
        });
    }
    best
}

/// The row after the action; `None` if the action does not fit the model.
fn changed(schema: &Schema, row: &[f64], action: &Action) -> Option<Vec<f64>> {
    let mut row = row.to_vec();
    for (name, change) in &action.changes {
        let place = schema.features.iter().position(|f| f.name == *name)?;
        let value = row.get_mut(place)?;
        *value = match (change, &schema.features[place].kind) {
            (Change::Add(more), Kind::Numeric) => more + if value.is_nan() { 0.0 } else { *value },
            (Change::SetNumber(number), Kind::Numeric) => *number,
            (Change::SetCategory(level), Kind::Categorical { levels }) => {
                levels.iter().position(|l| l == level)? as f64
            }
            (Change::Add(_) | Change::SetNumber(_), Kind::Categorical { .. })
            | (Change::SetCategory(_), Kind::Numeric) => return None,
        };
    }
    Some(row)
}
