//! Planning on this device's records. Everything is computed here, offline; plans are proposals
//! and write no record. What is kept (snapshots, models, adjustments, quotas, prices, places) is
//! kept on this device alone.

use serde::{Deserialize, Serialize};

/// Forecasts revenue and pipeline.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ShowForecast {
    /// The day that counts as today, as `2026-03-01`; the device's own where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub today: Option<String>,
    /// Only deals of this user or territory; `me` is the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whose: Option<String>,
    /// The quota of the quarter, such as `100000EUR`; the kept quotas where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<String>,
    /// Months to forecast; 6 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u32>,
}

/// Adds to or takes from a forecast, or removes an earlier adjustment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum AdjustForecast {
    /// Adds one.
    Add {
        /// The user or territory; all where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        whose: Option<String>,
        /// `commit`, `best_case` or `pipeline`.
        category: String,
        /// What is added, such as `-5000EUR`.
        amount: String,
        /// Why.
        why: String,
    },
    /// Removes one.
    Remove {
        /// Its number.
        number: u32,
    },
}

/// What is scored. Deals and leads have models of their own, which are listed and chosen apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scored {
    /// Open deals: how likely each is to be won.
    #[default]
    Deals,
    /// Open leads: how likely each is to be qualified.
    Leads,
}

/// Scores open deals or open leads; those most worth a call come first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowScores {
    /// Deals or leads. A record that is given by its id decides by what it is itself.
    #[serde(default)]
    pub what: Scored,
    /// Only this deal or lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Only those of this user; `me` is the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// At most so many; 20 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The day that counts as today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub today: Option<String>,
}

/// Trains a new model on decided deals, or on leads that were qualified or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainScores {
    /// Deals or leads.
    #[serde(default)]
    pub what: Scored,
}

/// Looks at the outcomes that became known since the model in use learned, and does what they call
/// for: keeps it, corrects its probabilities, or trains again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshScores {
    /// Deals or leads.
    #[serde(default)]
    pub what: Scored,
}

/// Lists the models of this device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListModels {
    /// Those of deals or those of leads.
    #[serde(default)]
    pub what: Scored,
}

/// Says which model is in use, such as `{"what":"leads","choice":"pin","version":3}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChooseModel {
    /// The model of deals or that of leads.
    #[serde(default)]
    pub what: Scored,
    /// Which one.
    #[serde(flatten)]
    pub choice: ModelChoice,
}

/// Which model is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum ModelChoice {
    /// This version, whatever is trained later.
    Pin {
        /// The version.
        version: u32,
    },
    /// The newest one.
    Unpin {},
    /// The version before the one in use, pinned.
    RollBack {},
}

/// Proposes who should get the open leads that nobody has, or one lead.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AssignLeads {
    /// Only this lead, at once: beside what places were worth when all were assigned last. Then
    /// `all` and `fairness` do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// Leads that somebody has are assigned anew, too.
    #[serde(default)]
    pub all: bool,
    /// Open leads that a rep can have; 50 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// The least share of the average that every rep gets, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fairness: Option<f64>,
}

/// Designs territories of accounts beside today's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DesignTerritories {
    /// How far a load may be from the average, as a share; where absent 0.05, or the next of 0.1,
    /// 0.2, 0.35 and 0.5 that whole accounts allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<f64>,
    /// How much a change must save to be worth it, in the unit of distance; a twentieth of the
    /// mean distance where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_penalty: Option<f64>,
    /// Accounts that stay with their rep of today.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<String>,
    /// Where balance allows, an account that lies apart from its rep's others goes to a rep who has
    /// accounts beside it. Asks for places.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub contiguous: bool,
}

/// A quota fixed by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaEdit {
    /// The rep.
    pub rep: String,
    /// The product.
    pub product: String,
    /// The quota, such as `12000EUR`.
    pub amount: String,
}

/// Allocates the goal of a year to reps and products.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AllocateQuotas {
    /// The goal, such as `1200000EUR`, or growth over the year before, such as `+10%`.
    pub goal: String,
    /// Quotas fixed by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<QuotaEdit>,
    /// The first day from which they hold; today where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<String>,
    /// The day that counts as today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub today: Option<String>,
    /// Keep them on this device, so that forecasts count against them.
    #[serde(default)]
    pub keep: bool,
}

/// Orders the visits of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRoute {
    /// The accounts to visit, each perhaps with a window: `Acme`, `Acme@09:00-11:30`.
    pub accounts: Vec<String>,
    /// Where the day starts: a place that the device keeps, or `latitude,longitude`; the user's
    /// place where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// When it starts, `HH:MM`; 08:00 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<String>,
    /// When it ends at the latest, `HH:MM`; 18:00 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<String>,
    /// Minutes of a visit; 30 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_min: Option<u32>,
    /// Kilometres an hour on straight lines; 50 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed_kmh: Option<u32>,
}

/// A place on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// What it is the place of: an account or user by name or external id, a city, a country.
    pub name: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// Keeps places on this device, in place of those kept before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeepPlaces {
    /// The places.
    pub places: Vec<Place>,
}

/// Stops planning that is under way on this device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopPlanning {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_request_is_enough_and_choices_are_tagged() {
        let request: ShowForecast = serde_json::from_str("{}").unwrap();
        assert_eq!(request, ShowForecast::default());
        let adjust = AdjustForecast::Remove { number: 3 };
        insta::assert_snapshot!(serde_json::to_string(&adjust).unwrap(), @r#"{"change":"remove","number":3}"#);
        let choose = ChooseModel { what: Scored::Deals, choice: ModelChoice::Unpin {} };
        insta::assert_snapshot!(serde_json::to_string(&choose).unwrap(), @r#"{"what":"deals","choice":"unpin"}"#);
    }

    #[test]
    fn what_is_scored_is_named_and_deals_are_meant_where_nobody_says() {
        let scores = ShowScores { what: Scored::Leads, ..ShowScores::default() };
        insta::assert_snapshot!(serde_json::to_string(&scores).unwrap(), @r#"{"what":"leads"}"#);
        let train: TrainScores = serde_json::from_str("{}").unwrap();
        assert_eq!(train.what, Scored::Deals);
        let pin = r#"{"choice":"pin","version":3}"#;
        let pin: ChooseModel = serde_json::from_str(pin).unwrap();
        let choice = ModelChoice::Pin { version: 3 };
        assert_eq!(pin, ChooseModel { what: Scored::Deals, choice });
        let back = ChooseModel { what: Scored::Leads, choice: ModelChoice::RollBack {} };
        let text = serde_json::to_string(&back).unwrap();
        insta::assert_snapshot!(text, @r#"{"what":"leads","choice":"roll_back"}"#);
        assert_eq!(serde_json::from_str::<ChooseModel>(&text).unwrap(), back);
    }
}
