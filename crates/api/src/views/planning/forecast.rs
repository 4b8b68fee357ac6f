//! The forecast of revenue and pipeline: bands, roll-up, waterfall, accuracy.
//!
//! Amounts are in major units of `currency` as JSON numbers (12000.5), because they are expected
//! values and not somebody's money.

use serde::{Deserialize, Serialize};

use super::super::RecordLink;

/// As of when something was computed, and on what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOfView {
    /// When it was computed.
    pub at_ms: i64,
    /// The day that counted as today.
    pub today: String,
    /// When this device last had everything from the server; absent before the first exchange.
    pub synced_ms: Option<i64>,
    /// Changes of this device that the server does not have yet; they are counted.
    pub unsent: u64,
    /// Records that went in.
    pub records: u64,
    /// Disputed values among them: they count as they stand on this device.
    pub disputed: u64,
}

/// A point of a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PointView {
    /// The first day of the period.
    pub date: String,
    /// For people: `Mar 2026`.
    pub label: String,
    /// The value.
    pub value: f64,
    /// The period is not over, or its value was repaired before the model saw it.
    pub repaired: bool,
}

/// A forecast point with its intervals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BandPointView {
    /// The first day of the period.
    pub date: String,
    /// For people: `Mar 2026`.
    pub label: String,
    /// What is expected.
    pub mean: f64,
    /// Where four of five values are expected: from.
    pub lo80: f64,
    /// To.
    pub hi80: f64,
    /// Where nineteen of twenty values are expected: from.
    pub lo95: f64,
    /// To.
    pub hi95: f64,
}

/// A series with its forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesView {
    /// What it is about: `All`, a product, a territory, a person or a team; `Other` for those that
    /// are forecast together.
    pub label: String,
    /// The record; absent for `All` and for those that are forecast together.
    pub link: Option<RecordLink>,
    /// How deep it stands below `All`, which is 0. A row's parent is the last row before it that
    /// stands higher.
    pub depth: u32,
    /// What was, oldest first.
    pub history: Vec<PointView>,
    /// What is expected; empty where there is too little history.
    pub forecast: Vec<BandPointView>,
    /// The model that was chosen, such as `Combination`.
    pub model: String,
    /// What was done beside the model, in sentences: repairs with their reasons, fallbacks.
    pub notes: Vec<String>,
}

/// A bar of a histogram.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarView {
    /// From.
    pub lower: f64,
    /// To.
    pub upper: f64,
    /// Share of simulated quarters, 0 to 1.
    pub share: f64,
}

/// A deal's part in a quarter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DealPartView {
    /// The deal.
    pub link: RecordLink,
    /// Its stage.
    pub stage: String,
    /// What it is worth.
    pub amount: f64,
    /// Days since it was opened.
    pub age_days: i64,
    /// The probability that it will be won, some day.
    pub probability: f64,
    /// The probability that it will be won within the quarter.
    pub within: f64,
    /// Amount times that probability.
    pub expected: f64,
}

/// What the pipeline says about the quarter: thousands of simulated quarters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutlookView {
    /// Won in the quarter already; part of all figures.
    pub won: f64,
    /// Amount times written probability of the open deals that are to close in the quarter, and
    /// what was won.
    pub weighted: f64,
    /// Expected.
    pub mean: f64,
    /// Median.
    pub median: f64,
    /// Where four of five quarters end: from.
    pub lo80: f64,
    /// To.
    pub hi80: f64,
    /// Where nineteen of twenty quarters end: from.
    pub lo95: f64,
    /// To.
    pub hi95: f64,
    /// Expected from deals that are not there yet; part of the mean.
    pub new_business: f64,
    /// Share of quarters that reach the quota; absent without one.
    pub reach: Option<f64>,
    /// How quarters are spread.
    pub bars: Vec<BarView>,
    /// The deals that matter most for the quarter.
    pub deals: Vec<DealPartView>,
}

/// A stage with its win rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageRateView {
    /// The stage.
    pub stage: String,
    /// The probability that is written for it, 0 to 1.
    pub written: f64,
    /// The probability that decided deals say.
    pub calibrated: f64,
    /// Open deals.
    pub deals: u64,
    /// What they are worth.
    pub amount: f64,
}

/// A row of the roll-up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RollUpRowView {
    /// A user, a territory, or `All`.
    pub label: String,
    /// The user or territory; absent for `All`.
    pub link: Option<RecordLink>,
    /// How deep it stands below `All`, which is 0. A row's parent is the last row before it that
    /// stands higher.
    pub depth: u32,
    /// Won.
    pub closed: f64,
    /// Open in category Commit.
    pub commit: f64,
    /// Open in category Best case.
    pub best_case: f64,
    /// Open in category Pipeline.
    pub pipeline: f64,
    /// What adjustments add, all categories together.
    pub adjusted: f64,
    /// Closed and commit, adjusted: what is promised.
    pub commit_forecast: f64,
    /// That and best case, adjusted.
    pub best_case_forecast: f64,
    /// That and pipeline, adjusted.
    pub pipeline_forecast: f64,
    /// Deals.
    pub deals: u64,
    /// What is to be reached; absent without a quota.
    pub quota: Option<f64>,
    /// Closed over quota.
    pub attainment: Option<f64>,
    /// What is missing.
    pub gap: Option<f64>,
    /// Open pipeline over the gap; absent where nothing is missing.
    pub coverage: Option<f64>,
}

/// Something that a person adds to or takes from a forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdjustmentView {
    /// Its number, by which it is removed.
    pub number: u32,
    /// Whose forecast: a user or territory; absent for all.
    pub link: Option<RecordLink>,
    /// `commit`, `best_case` or `pipeline`.
    pub category: String,
    /// What is added.
    pub amount: f64,
    /// Why.
    pub why: String,
    /// When.
    pub at_ms: i64,
    /// The quarter that it is about: `2026-Q4`. It counts in no other.
    pub quarter: String,
}

/// A part of a waterfall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaterfallPartView {
    /// `new`, `pulled_in`, `pushed`, `won`, `lost`, `amount` or `gone`.
    pub what: String,
    /// What it adds; negative where it takes away.
    pub amount: f64,
    /// Deals.
    pub deals: u64,
}

/// A deal that moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MovedView {
    /// The deal.
    pub link: RecordLink,
    /// What became of it, as in [`WaterfallPartView`].
    pub what: String,
    /// What it adds.
    pub amount: f64,
}

/// What moved within one week: start and all parts add up to the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaterfallView {
    /// The day of the snapshot before.
    pub from: String,
    /// The day of the snapshot after.
    pub to: String,
    /// Open and to close in the quarter, before.
    pub start: f64,
    /// The parts, in the order in which they are drawn.
    pub parts: Vec<WaterfallPartView>,
    /// Open and to close in the quarter, after.
    pub end: f64,
    /// A snapshot was worked out from the records: changes of amounts and dates are not in it.
    pub reconstructed: bool,
    /// The deals that moved; of the newest week only.
    pub moves: Vec<MovedView>,
}

/// How the forecast of one snapshot did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SnapshotAccuracyView {
    /// The day of the snapshot.
    pub day: String,
    /// The quarter that was forecast: `2026-Q1`.
    pub quarter: String,
    /// What was forecast for it.
    pub forecast: f64,
    /// What came.
    pub actual: f64,
    /// Actual less forecast over actual, in per cent; absent where nothing came.
    pub error_percent: Option<f64>,
    /// The forecast was worked out afterwards from what was known then.
    pub reconstructed: bool,
}

/// Whether forecasts have been right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccuracyView {
    /// Snapshots of quarters that are over, oldest first.
    pub snapshots: Vec<SnapshotAccuracyView>,
    /// Mean absolute error in per cent.
    pub mape: Option<f64>,
    /// Mean error over mean actual: positive where too little was forecast.
    pub bias: Option<f64>,
    /// Why forecasts should not be trusted as they are: `bias` or `size`; absent where all is well.
    pub alarm: Option<String>,
}

/// The whole forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastView {
    /// As of when.
    pub as_of: AsOfView,
    /// The currency of all amounts: the commonest among the deals.
    pub currency: String,
    /// Deals in other currencies: they are in no figure.
    pub other_currencies: u64,
    /// Open deals without a close date: they are in the outlook, and in no roll-up or waterfall.
    pub undated: u64,
    /// The quarter: `2026-Q4`.
    pub quarter: String,
    /// Its first day.
    pub first: String,
    /// Its last day.
    pub last: String,
    /// Revenue by month, with bands.
    pub revenue: SeriesView,
    /// Revenue by month and product; history and forecasts add up to `revenue`.
    pub products: Vec<SeriesView>,
    /// Revenue by month of territories and people, parents before children; each is the sum of what
    /// stands right below it, and `revenue` that of the first level. Empty with fewer than two.
    pub people: Vec<SeriesView>,
    /// Revenue by month and team; each is the sum of its members.
    pub teams: Vec<SeriesView>,
    /// The quarter as the pipeline says.
    pub outlook: OutlookView,
    /// Win rates by stage.
    pub stages: Vec<StageRateView>,
    /// Decided deals that win rates were learned from.
    pub decided: u64,
    /// Roll-up, parents before children.
    pub roll_up: Vec<RollUpRowView>,
    /// Adjustments in force.
    pub adjustments: Vec<AdjustmentView>,
    /// Waterfalls of the newest weeks, oldest first.
    pub waterfall: Vec<WaterfallView>,
    /// How earlier forecasts did.
    pub accuracy: AccuracyView,
}
