//! Plans for people: assignments, territories, quotas, routes. Proposals; nothing is written.

use serde::{Deserialize, Serialize};

use super::super::RecordLink;
use super::forecast::AsOfView;

/// How good a plan is, with proof.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QualityView {
    /// What the plan reaches.
    pub objective: f64,
    /// What no plan can surpass.
    pub bound: f64,
    /// Relative distance of the two; 0 is a proven optimum.
    pub gap: f64,
}

/// A lead with the rep that it is best with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssignedLeadView {
    /// The lead.
    pub lead: RecordLink,
    /// The rep; absent where the lead is left out.
    pub rep: Option<RecordLink>,
    /// The rep who has it today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub had: Option<RecordLink>,
    /// The chance that it is qualified with this rep: its score, more or less as the rep does with
    /// leads of its source; 0 where the lead is left out.
    pub chance: f64,
    /// What it is expected to be worth with this rep: that chance, times what the rep's deals bring
    /// in its territory.
    pub value: f64,
    /// Why: `first_choice`, `first_choice_full`, `no_place`, `fairness`, `only_eligible` or
    /// `left_out`.
    pub why: String,
    /// The same in a sentence.
    pub reason: String,
    /// The next best rep.
    pub runner_up: Option<RecordLink>,
    /// How much better the chosen one is.
    pub margin: f64,
}

/// A rep's part in an assignment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepLoadView {
    /// The rep.
    pub rep: RecordLink,
    /// Open leads today, without those that are assigned anew.
    pub today: u32,
    /// Leads that the rep gets.
    pub gets: u32,
    /// Leads that the rep could get.
    pub capacity: u32,
    /// What one more place would be worth.
    pub price: f64,
}

/// Who should get which lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssignmentView {
    /// As of when.
    pub as_of: AsOfView,
    /// The currency of values.
    pub currency: String,
    /// The leads.
    pub leads: Vec<AssignedLeadView>,
    /// The reps.
    pub reps: Vec<RepLoadView>,
    /// How good it is.
    pub quality: QualityView,
    /// Value given up for fairness.
    pub cost_of_fairness: f64,
}

/// A rep's territory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TerritoryRepView {
    /// The rep.
    pub rep: RecordLink,
    /// Where the rep starts from: latitude and longitude in degrees; absent without places.
    pub home: Option<(f64, f64)>,
    /// Work in visits a month, today and in the design.
    pub work: (f64, f64),
    /// Accounts, today and in the design.
    pub accounts: (u32, u32),
    /// Mean distance per unit of work, today and in the design.
    pub distance: (f64, f64),
}

/// An account in a design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TerritoryAccountView {
    /// The account.
    pub account: RecordLink,
    /// Latitude and longitude in degrees; absent without places.
    pub place: Option<(f64, f64)>,
    /// Visits a month.
    pub work: f64,
    /// Today's rep.
    pub today: Option<RecordLink>,
    /// The rep of the design.
    pub rep: RecordLink,
    /// The rep changes.
    pub changes: bool,
}

/// A territory design beside today.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TerritoriesView {
    /// As of when.
    pub as_of: AsOfView,
    /// What distance means: `kilometres` between places, or `relation`: 0 for whoever works with
    /// the account most, 1 for whoever never did.
    pub distance: String,
    /// The reps.
    pub reps: Vec<TerritoryRepView>,
    /// The accounts.
    pub accounts: Vec<TerritoryAccountView>,
    /// How good it is.
    pub quality: QualityView,
    /// How far loads were allowed to be from the average.
    pub balance: f64,
    /// Largest distance of a load from the average, today and in the design; today's is absent
    /// where an account has no rep.
    pub imbalance: (Option<f64>, f64),
    /// Accounts that change their rep.
    pub changes: u64,
    /// Accounts that lie apart from most of their rep's, today and in the design, of those with a
    /// place; today's is absent where an account has no rep, and all where territories need not hang
    /// together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<(Option<u64>, u64)>,
}

/// A quota of a rep for a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotaCellView {
    /// The product.
    pub product: String,
    /// Sold in the year before.
    pub history: f64,
    /// The quota.
    pub quota: f64,
    /// Why, in a few words.
    pub reason: String,
    /// It was fixed by hand.
    pub edited: bool,
}

/// A rep's quotas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotaRepView {
    /// The rep.
    pub rep: RecordLink,
    /// The rep's territory; empty where there is none.
    pub territory: String,
    /// Sold in the year before.
    pub history: f64,
    /// What the rep could sell: history and open deals by their probability.
    pub potential: f64,
    /// All quotas together.
    pub quota: f64,
    /// Quota over potential.
    pub stretch: f64,
    /// By product.
    pub products: Vec<QuotaCellView>,
}

/// A total of quotas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotaTotalView {
    /// The product or territory.
    pub label: String,
    /// Sold in the year before.
    pub history: f64,
    /// All quotas together.
    pub quota: f64,
}

/// Quotas from the top down, with edits from the bottom up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuotasView {
    /// As of when.
    pub as_of: AsOfView,
    /// The currency.
    pub currency: String,
    /// The goal: the sum of all quotas, to the unit.
    pub goal: f64,
    /// The first day from which they hold.
    pub effective: String,
    /// The reps.
    pub reps: Vec<QuotaRepView>,
    /// Totals of products: they add up to the goal.
    pub products: Vec<QuotaTotalView>,
    /// Totals of territories.
    pub territories: Vec<QuotaTotalView>,
    /// How good it is.
    pub quality: QualityView,
    /// They are kept on this device, and forecasts count against them.
    pub kept: bool,
}

/// A visit of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteStopView {
    /// The account.
    pub account: RecordLink,
    /// Latitude and longitude in degrees.
    pub place: (f64, f64),
    /// Minutes of driving to it.
    pub drive_min: f64,
    /// Arrival, as `HH:MM`.
    pub arrives: String,
    /// Minutes of waiting for its window.
    pub waits_min: f64,
    /// Minutes by which it could begin later without breaking any window.
    pub slack_min: f64,
}

/// The order of visits of a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteView {
    /// As of when.
    pub as_of: AsOfView,
    /// Where the day starts.
    pub start: (f64, f64),
    /// The visits in order.
    pub stops: Vec<RouteStopView>,
    /// Accounts that have no place here and were left out.
    pub without_place: Vec<RecordLink>,
    /// End of the day, as `HH:MM`.
    pub ends: String,
    /// Minutes of driving, on straight lines.
    pub drive_min: f64,
    /// Length of the day in minutes, and the shortest that is possible.
    pub quality: QualityView,
    /// No order is shorter.
    pub proven: bool,
}

/// Places that the device keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacesView {
    /// How many.
    pub places: u64,
}
