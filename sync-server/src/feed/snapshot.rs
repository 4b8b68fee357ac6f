//! Documents as they are now, with who made what is in them.

use std::collections::BTreeSet;

use roadbook_domain::{ChangeHash, Operation};
use roadbook_merge::{Document, Header, Part, Salt};
use roadbook_sync_protocol::{HistoryEntry, Outcome, Provenance, Snapshot};

use super::{Filling, read};
use crate::store::{LogEntry, LogPart, StoredDocument};
use crate::tenant::TenantError;

/// How far history travels with a snapshot, in milliseconds: 90 days.
const HISTORY_MS: i64 = 90 * 24 * 60 * 60 * 1_000;
/// How much of it at most, in bytes; what is older is asked for online.
const HISTORY_MAX_BYTES: usize = 256 * 1024;

/// About how much of a page a snapshot's history and provenance take.
pub(super) fn history_bytes(snapshot: &Snapshot) -> usize {
    let operations: usize = snapshot.history.iter().map(|entry| entry.operations.len()).sum();
    (snapshot.history.len() + snapshot.provenance.len()) * 140 + operations * 60
}

impl Filling<'_> {
    /// A snapshot; `None` for a document that this installation made and nobody else has changed
    /// since the cursor: its own envelopes come back to it and say it all.
    pub(super) fn snapshot(&self, stored: StoredDocument) -> Result<Option<Snapshot>, TenantError> {
        let record = stored.key.record;
        let facet = stored.key.facet;
        let rows = self.store.history(record, facet)?;
        let own = self.puller.install;
        let is_own = |(entry, _): &(LogEntry, LogPart)| {
            entry.seq > self.position.from
                && entry.seq <= self.position.to
                && entry.device == own.device
                && entry.install_epoch == own.install_epoch
        };
        if !rows.is_empty() && rows.iter().all(is_own) {
            return Ok(None);
        }
        let since = self.rules.now_ms.saturating_sub(HISTORY_MS);
        let mut kept = 0;
        let recent = rows
            .iter()
            .rev()
            .take_while(|(entry, part)| {
                kept += part.part.len() + part.outcome.len();
                entry.accepted_ms >= since && kept <= HISTORY_MAX_BYTES
            })
            .count();
        let (older, recent) = rows.split_at(rows.len() - recent);
        let history = recent.iter().map(history_entry).collect::<Result<Vec<_>, _>>()?;
        let provenance = surviving(&stored, older)?;
        let open = self.store.open_conflicts(record, facet)?;
        Ok(Some(Snapshot {
            document: stored.key,
            entity: stored.entity,
            seq: self.head,
            bytes: stored.bytes,
            provenance,
            conflicts: open.into_iter().map(|row| row.id).collect(),
            history,
        }))
    }
}

/// Who made the values that survive, of changes older than the history. The document is opened
/// only if there are such. Of one that cannot be read nobody knows; its device will say so, and the
/// other records go on.
fn surviving(
    stored: &StoredDocument,
    older: &[(LogEntry, LogPart)],
) -> Result<Vec<Provenance>, TenantError> {
    if older.is_empty() {
        return Ok(Vec::new());
    }
    let document = match Document::load(stored.key, &stored.bytes) {
        Ok(document) => document,
        Err(error) => {
            tracing::error!(record = %stored.key.record, "a document cannot be read: {error}");
            return Ok(Vec::new());
        }
    };
    let surviving: BTreeSet<ChangeHash> = document.surviving_changes();
    let made = older.iter().filter(|(_, part)| surviving.contains(&part.change));
    made.map(|(entry, part)| {
        let (part, _): (Part, Salt) = read(&part.part, "part")?;
        provenance(entry, &part)
    })
    .collect()
}

fn history_entry((entry, stored): &(LogEntry, LogPart)) -> Result<HistoryEntry, TenantError> {
    past_entry(entry, stored)
}

/// What a stored part did, as history tells it.
pub(crate) fn past_entry(entry: &LogEntry, stored: &LogPart) -> Result<HistoryEntry, TenantError> {
    let (mut part, _): (Part, Salt) = read(&stored.part, "part")?;
    let made_by = provenance(entry, &part)?;
    // The document itself tells what it was made with.
    part.operations.retain(|operation| !matches!(operation, Operation::Create { .. }));
    let outcome: Outcome = read(&stored.outcome, "outcome")?;
    Ok(HistoryEntry { made_by, operations: part.operations, journal: outcome.journal })
}

fn provenance(entry: &LogEntry, part: &Part) -> Result<Provenance, TenantError> {
    let header: Header = read(&entry.header, "header")?;
    Ok(Provenance {
        change: part.change,
        intent: header.intent,
        kind: part.kind,
        user: header.user,
        device: header.device,
        clock: header.clock,
        client_version: header.client_version,
        policy_version: header.policy_version,
        seq: entry.seq,
        rationale: part.rationale.clone(),
    })
}
