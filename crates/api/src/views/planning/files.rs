//! What the planning commands on files report beside the files that they write.

use serde::{Deserialize, Serialize};

use super::models::{DriftView, MetricsView, ModelCardView};

/// Something that was done to a series beside the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesNoteView {
    /// The line of the input, from 1.
    pub line: u64,
    /// The series.
    pub id: String,
    /// What: `gaps_filled`, `old_points_left_out`, `constant`, `fallback`, `regressors_left_out`,
    /// `duplicates_left_out`, `repaired`, `not_examined`, `unknown_before`, `zeros_kept`, or
    /// `left_out` where the series was left out.
    pub code: String,
    /// The same in a sentence.
    pub text: String,
}

/// What a forecast of a file did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastFileView {
    /// The model asked for.
    pub model: String,
    /// Series that were forecast.
    pub series: u64,
    /// Per cent of values that `lo` and `hi` are meant to hold.
    pub level: u32,
    /// All levels that are in the output, in per cent.
    pub levels: Vec<u32>,
    /// Series for which a simpler model answered.
    pub fallbacks: u64,
    /// Values that were repaired first.
    pub repairs: u64,
    /// Series that were left out because they cannot be read or forecast.
    #[serde(default)]
    pub left_out: u64,
    /// Every note on every series.
    pub notes: Vec<SeriesNoteView>,
    /// The file that was written; absent for standard output.
    pub out: Option<String>,
}

/// One repair of one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepairView {
    /// The series.
    pub id: String,
    /// Position in the series, from 0.
    pub position: u64,
    /// The period's first day, where the series has a start.
    pub date: Option<String>,
    /// What was wrong: `missing`, `false_zero`, `doubled`, `ten_times`, `a_tenth`, `outage`,
    /// `open_period` or `duplicate`.
    pub damage: String,
    /// Why it was repaired and how, in a sentence.
    pub reason: String,
    /// The value as it was.
    pub before: Option<f64>,
    /// The value as it is now.
    pub after: f64,
}

/// What cleaning a file did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CleanFileView {
    /// Series that were read.
    pub series: u64,
    /// Those among them that were left as they were.
    pub untouched: u64,
    /// Values that were read.
    pub values: u64,
    /// Every repair.
    pub repairs: Vec<RepairView>,
    /// Series that were left out because they cannot be read.
    #[serde(default)]
    pub left_out: u64,
    /// Every note on every series.
    pub notes: Vec<SeriesNoteView>,
    /// The file that was written; absent for standard output.
    pub out: Option<String>,
}

/// What training on a file gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainFileView {
    /// The model.
    pub card: ModelCardView,
    /// Columns that were left out, each with the reason.
    pub left_out: Vec<String>,
    /// The model file.
    pub model: String,
}

/// What correcting a model on newest outcomes gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecalibrateFileView {
    /// The corrected model.
    pub card: ModelCardView,
    /// The version that was corrected.
    pub from_version: u32,
    /// How the correction was found: `shift`, `temperature`, `platt` or `isotonic` fitted to all of
    /// the newest rows alike, `followed` row by row, or `kept` where none beat the one in force.
    pub how: String,
    /// The newest rows, from which it was learned.
    pub rows: u64,
    /// Rows that were left out because they are no later than what the model knows already.
    pub older: u64,
    /// Measures of the correction in force until now, on the newest rows without their first
    /// quarter.
    pub before: MetricsView,
    /// Measures of what is learned block by block, on the same rows: each is told before its own
    /// outcome is known.
    pub after: MetricsView,
    /// Categories that the model has not seen.
    pub unseen: Vec<UnseenView>,
    /// The file that was written.
    pub model: String,
}

/// A category that the model has not seen in training; it counts as not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnseenView {
    /// The column.
    pub column: String,
    /// The category.
    pub category: String,
    /// Rows that hold it.
    pub rows: u64,
}

/// What scoring a file did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PredictFileView {
    /// Rows that were scored.
    pub rows: u64,
    /// The model's version.
    pub version: u32,
    /// What the probability is of.
    pub outcome: String,
    /// Who signed it: the beginning of the public key.
    pub signer: String,
    /// The mean probability.
    pub mean: f64,
    /// Categories that the model has not seen.
    pub unseen: Vec<UnseenView>,
    /// Measures, where labels were given.
    pub metrics: Option<MetricsView>,
    /// Drift against training.
    pub drift: DriftView,
    /// The file that was written; absent for standard output.
    pub out: Option<String>,
}

/// What assigning a file of leads gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssignFileView {
    /// Leads.
    pub leads: u64,
    /// Reps.
    pub reps: u64,
    /// Leads that got a rep.
    pub assigned: u64,
    /// Value reached.
    pub objective: f64,
    /// What no assignment can surpass.
    pub bound: f64,
    /// Relative distance of the two.
    pub gap: f64,
    /// Value given up for fairness.
    pub cost_of_fairness: f64,
    /// Fewest and most leads of a rep.
    pub load: (u32, u32),
    /// The file that was written; absent where none was asked for.
    pub out: Option<String>,
}

/// What designing territories from a file gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TerritoryFileView {
    /// Accounts.
    pub accounts: u64,
    /// Reps.
    pub reps: u64,
    /// Work times distance, and what changes cost.
    pub objective: f64,
    /// What no design can go below.
    pub bound: f64,
    /// Relative distance of the two.
    pub gap: f64,
    /// Largest distance of a load from the average, as a share of it.
    pub imbalance: f64,
    /// Accounts whose rep changes against today; absent without a today.
    pub changed: Option<u64>,
    /// Work times distance of today; absent without a today.
    pub travel_today: Option<f64>,
    /// Work times distance of the design.
    pub travel: f64,
    /// Accounts that lie apart from most of their rep's, today and in the design; today's is absent
    /// without a today, and all where territories need not hang together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<(Option<u64>, u64)>,
    /// The file that was written; absent where none was asked for.
    pub out: Option<String>,
}

/// What allocating quotas from a file gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotaFileView {
    /// Reps.
    pub reps: u64,
    /// Products.
    pub products: u64,
    /// Territories.
    pub territories: u64,
    /// Deviations from fair shares and the weighted greatest stretch.
    pub objective: f64,
    /// What no allocation can go below.
    pub bound: f64,
    /// Relative distance of the two.
    pub gap: f64,
    /// Greatest quota over potential of a rep.
    pub stretch: f64,
    /// Total of each product: its goal, to the unit.
    pub by_product: Vec<f64>,
    /// The file that was written; absent where none was asked for.
    pub out: Option<String>,
}

/// A visit of a planned day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileVisitView {
    /// The stop's id.
    pub id: String,
    /// Minutes of driving to it.
    pub drive_min: f64,
    /// Arrival, as `HH:MM`.
    pub arrives: String,
    /// Minutes of waiting for its window.
    pub waits_min: f64,
    /// Minutes by which it could begin later without breaking any window.
    pub slack_min: f64,
}

/// A planned day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteFileView {
    /// Visits in order.
    pub visits: Vec<FileVisitView>,
    /// End of the day, as `HH:MM`.
    pub ends: String,
    /// Minutes from start to end.
    pub objective: f64,
    /// Minutes below which no order can come.
    pub bound: f64,
    /// Relative distance of the two.
    pub gap: f64,
    /// Minutes of driving.
    pub drive_min: f64,
    /// Minutes of waiting.
    pub wait_min: f64,
    /// Whether the order is proven to be the best one.
    pub proven: bool,
    /// Where travel times come from: `given` or `straight_line`.
    pub travel: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::tests::json;

    #[test]
    fn the_json_of_a_repair_is_pinned() {
        let repair = RepairView {
            id: "north".into(),
            position: 7,
            date: Some("2026-08-01".into()),
            damage: "false_zero".into(),
            reason: "zero where the values around it are not".into(),
            before: Some(0.0),
            after: 12.5,
        };
        insta::assert_snapshot!(json(&repair), @r#"
        {
          "id": "north",
          "position": 7,
          "date": "2026-08-01",
          "damage": "false_zero",
          "reason": "zero where the values around it are not",
          "before": 0.0,
          "after": 12.5
        }
        "#);
    }

    #[test]
    fn the_json_of_an_assignment_is_pinned() {
        let view = AssignFileView {
            leads: 2,
            reps: 1,
            assigned: 2,
            objective: 19.0,
            bound: 19.0,
            gap: 0.0,
            cost_of_fairness: 0.0,
            load: (1, 1),
            out: None,
        };
        insta::assert_snapshot!(serde_json::to_string(&view).unwrap(), @r#"{"leads":2,"reps":1,"assigned":2,"objective":19.0,"bound":19.0,"gap":0.0,"cost_of_fairness":0.0,"load":[1,1],"out":null}"#);
    }
}
