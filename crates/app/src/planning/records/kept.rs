//! What planning keeps on this device, as JSON, so that a later version may add members.

use std::collections::BTreeSet;

use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::RecordId;
use roadbook_replica::Replica;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::dates::{self, Quarter};
use crate::errors::{self, ApiResult};

pub(super) const PLACES: &str = "places";
pub(super) const SNAPSHOT: &str = "snapshot";
pub(super) const ADJUSTMENT: &str = "adjustment";
pub(super) const QUOTAS: &str = "quotas";
pub(super) const PRICES: &str = "prices";
/// Models of deals, the list of them, and what each has learned from.
pub(super) const MODEL: &str = "model";
pub(super) const REGISTRY: &str = "registry";
pub(super) const LEARNED: &str = "learned";
/// Models of leads, the list of them, and what each has learned from.
pub(super) const LEAD_MODEL: &str = "lead_model";
pub(super) const LEAD_REGISTRY: &str = "lead_registry";
pub(super) const LEAD_LEARNED: &str = "lead_learned";

/// A deal in a snapshot; short names, as there are many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptDeal {
    pub(super) id: RecordId,
    pub(super) amount: f64,
    /// Days since 1970.
    pub(super) close: Option<i32>,
    /// `o`, `w` or `l`.
    pub(super) state: char,
}

/// A snapshot; its number is its day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Snapshot {
    pub(super) deals: Vec<KeptDeal>,
    /// What was forecast for the quarter, and which.
    pub(super) forecast: f64,
    pub(super) quarter: String,
    pub(super) currency: String,
}

/// An adjustment; its number is its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptAdjustment {
    pub(super) whose: Option<RecordId>,
    pub(super) category: String,
    pub(super) amount: f64,
    pub(super) why: String,
    pub(super) at_ms: i64,
    /// The quarter that it is about, such as `2026-Q4`; an earlier version did not write it.
    #[serde(default)]
    pub(super) quarter: Option<String>,
}

impl KeptAdjustment {
    /// The quarter that it is about: the one in which it was made where it does not say.
    pub(super) fn quarter(&self) -> String {
        let made = || Quarter::of(dates::of_ms(self.at_ms)).label();
        self.quarter.clone().unwrap_or_else(made)
    }
}

/// Quotas of a year by rep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptQuotas {
    pub(super) currency: String,
    /// Days since 1970.
    pub(super) effective: i32,
    pub(super) reps: Vec<(RecordId, f64)>,
}

/// What one more place with each rep was worth when all leads were assigned last, in major units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct KeptPrices {
    pub(super) currency: String,
    pub(super) reps: Vec<(RecordId, f64)>,
}

/// The outcomes that a model has learned from: the record, and whether it went well. Its number is
/// the version of the model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Learned(pub(super) BTreeSet<(RecordId, bool)>);

/// Everything of a kind, by number; what cannot be read was written by another version and waits
/// for it.
pub(super) fn read<T: DeserializeOwned>(replica: &Replica, kind: &str) -> ApiResult<Vec<(i64, T)>> {
    let found = replica.planning(kind).map_err(|error| errors::of_store(&error))?;
    let one = |(number, body): (i64, Vec<u8>)| {
        serde_json::from_slice(&body).ok().map(|body| (number, body))
    };
    Ok(found.into_iter().filter_map(one).collect())
}

pub(super) fn write<T: Serialize>(
    replica: &mut Replica,
    kind: &str,
    number: i64,
    body: &T,
) -> ApiResult<()> {
    let body = serde_json::to_vec(body)
        .map_err(|_| ApiError::new(ErrorCode::Internal, "it cannot be written as JSON"))?;
    replica.keep_planning(kind, number, &body).map_err(|error| errors::of_store(&error))
}
