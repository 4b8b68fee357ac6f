//! Export: everything visible as JSON Lines, and unsent work as an encrypted bundle.

use std::io::Write;

use roadbook_domain::{Entity, Value};
use roadbook_merge::Envelope;
use serde_json::{Map, Value as Json, json};

use crate::key::{self, Entropy};
use crate::{Closed, Direction, ListQuery, Order, Replica, Row, StoreError, Trash, pending};

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The target cannot be written.
    #[error("the export cannot be written")]
    Write(#[from] std::io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many rows are in memory at once.
const WINDOW: u32 = 1_000;

impl Replica {
    /// Writes every visible record, those in the trash too, one JSON object a line. Returns how
    /// many.
    ///
    /// # Errors
    /// [`ExportError`] when reading or writing fails.
    pub fn export_records(&self, to: &mut dyn Write) -> Result<u64, ExportError> {
        let mut count = 0;
        for entity in Entity::ALL {
            for trash in [Trash::Without, Trash::Only] {
                count += self.export_list(to, entity, trash)?;
            }
        }
        to.flush()?;
        Ok(count)
    }

    fn export_list(
        &self,
        to: &mut dyn Write,
        entity: Entity,
        trash: Trash,
    ) -> Result<u64, ExportError> {
        let mut query = ListQuery {
            entity,
            filters: Vec::new(),
            closed: Closed::Any,
            trash,
            order: Order::Updated(Direction::Ascending),
            limit: WINDOW,
            offset: 0,
        };
        let mut count = 0;
        loop {
            let rows = self.list(&query)?;
            for row in &rows {
                serde_json::to_writer(&mut *to, &line(row)).map_err(std::io::Error::from)?;
                to.write_all(b"\n")?;
                count += 1;
            }
            if rows.len() < WINDOW as usize {
                return Ok(count);
            }
            query.offset += WINDOW;
        }
    }

    /// All unsent work (pending, waiting, needs you, quarantine), encrypted for the tenant's
    /// recovery key, and under a passphrase where one is given, as JSON.
    ///
    /// # Errors
    /// [`StoreError::NotEnrolled`] before enrolment: then there is no key to encrypt for.
    pub fn export_unsent(
        &self,
        passphrase: Option<&str>,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, StoreError> {
        let enrolment = self.enrolled()?;
        let unreadable = |_| StoreError::Unreadable { what: "the bundle" };
        let unsent = self.surrendered()?;
        let plain = zeroize::Zeroizing::new(
            postcard::to_allocvec(&unsent)
                .map_err(|_| StoreError::Unreadable { what: "the bundle" })?,
        );
        let mut bundle = json!({
            "roadbook": "unsent work",
            "version": 1,
            "tenant": enrolment.tenant.to_string(),
            "user": enrolment.user.to_string(),
            "device": self.device().to_string(),
            "intents": unsent.len(),
            "for_recovery_key": key::seal_for(&enrolment.recovery_key, &plain, entropy),
        });
        if let Some(passphrase) = passphrase {
            let cost = self.settings().key_cost;
            let sealed = key::seal_by_passphrase(passphrase, &plain, cost, entropy)?;
            bundle["for_passphrase"] = json!(sealed);
        }
        serde_json::to_vec_pretty(&bundle).map_err(unreadable)
    }
}

/// Opens a bundle of unsent work with the private half of the tenant's recovery key; `None` if it
/// is another's, or damaged.
#[must_use]
pub fn open_bundle(private: &[u8; 32], bundle: &[u8]) -> Option<Vec<Envelope>> {
    let bundle: Json = serde_json::from_slice(bundle).ok()?;
    let sealed = serde_json::from_value(bundle.get("for_recovery_key")?.clone()).ok()?;
    intents_of(&key::open_sealed(private, &sealed)?)
}

/// Opens a bundle of unsent work with its passphrase; `None` if it is another, if the bundle has
/// none, or is damaged.
#[must_use]
pub fn open_bundle_by_passphrase(passphrase: &str, bundle: &[u8]) -> Option<Vec<Envelope>> {
    let bundle: Json = serde_json::from_slice(bundle).ok()?;
    let sealed = serde_json::from_value(bundle.get("for_passphrase")?.clone()).ok()?;
    intents_of(&key::open_by_passphrase(passphrase, &sealed)?)
}

fn intents_of(plain: &[u8]) -> Option<Vec<Envelope>> {
    let unsent: Vec<roadbook_sync_protocol::Quarantined> = postcard::from_bytes(plain).ok()?;
    unsent.iter().map(|item| pending::read_envelope(&item.envelope).ok()).collect()
}

fn line(row: &Row) -> Json {
    let mut fields = Map::new();
    for (name, value) in &row.values {
        fields.insert((*name).to_owned(), to_json(value));
    }
    json!({
        "record": row.record.to_string(),
        "entity": row.entity.name(),
        "alive": row.alive,
        "updated_ms": row.updated.millis(),
        "sync": row.sync.code(),
        "disputed": row.disputed,
        "fields": fields,
    })
}

/// Values as JSON: numbers with their unit in the name, sets as arrays, the rest as text.
fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => json!(number),
        Value::Boolean(yes) => json!(yes),
        Value::Money(money) => {
            json!({ "minor": money.minor, "currency": money.currency.as_str() })
        }
        Value::Percent(points) => json!({ "basis_points": points }),
        Value::Set(members) => json!(members),
        Value::Log(entries) => entries
            .iter()
            .map(|entry| json!({ "at_ms": entry.at_ms, "text": entry.text }))
            .collect(),
        Value::Text(_) | Value::Date(_) | Value::Instant(_) | Value::Reference(_) => {
            json!(value.to_string())
        }
    }
}

#[cfg(test)]
mod tests;
