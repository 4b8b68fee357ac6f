//! Replaying pending work after an answer that changes what it builds on (D4).
//!
//! What only builds on dropped bytes is issued again under its own intent id, at its own basis
//! without them, never on newer heads: there a conflict would vanish. What reads what the dropped
//! intent made or wrote is set aside with it. What touches neither stays as it is.

use std::collections::{BTreeSet, HashMap, HashSet};

use roadbook_domain::{
    ChangeHash, DeviceId, DocumentKey, HlcClock, IntentId, Operation, RecordId, Schema, TenantId,
    UserId,
};
use roadbook_merge::{
    Author, Document, Envelope, Header, MUTATOR_VERSION, Part, Performed, Refusal, SaltKey, Stamp,
    mutator,
};
use roadbook_sync_protocol::verdict::Denial;
use rusqlite::Connection;

use crate::pending::reads::{built_on_what_is_gone, fields_of, references};
use crate::pending::table::{self, Entry, Stored};
use crate::projection::document_number;
use crate::{CLIENT_VERSION, StoreError, opened};

/// What becomes of one pending intent.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// Into the drawer.
    Denied(Denial),
    /// Set aside for the server's quarantine, with the reason.
    Quarantined(&'static str),
    /// Given up by the person.
    Discarded,
    /// Issued again at its own basis.
    Restamped,
    /// Issued again on what is there now.
    AtHeads,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Reworked {
    pub(crate) needs_you: Vec<IntentId>,
    pub(crate) waiting: Vec<IntentId>,
    pub(crate) replayed: Vec<IntentId>,
    /// The records whose pending work changed.
    pub(crate) touched: BTreeSet<RecordId>,
}

/// Who issues again, and with what clock and numbers.
pub(crate) struct Issuer<'a> {
    pub(crate) device: DeviceId,
    pub(crate) install_epoch: u32,
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
    pub(crate) salt_key: SaltKey,
    pub(crate) policy_version: u32,
    pub(crate) clock: &'a mut HlcClock,
    pub(crate) last_number: &'a mut u64,
    /// The corrected wall clock.
    pub(crate) stamp_ms: i64,
    /// The device's wall clock.
    pub(crate) answered_ms: i64,
}

/// Runs through all pending work in its order.
pub(crate) fn run(
    connection: &Connection,
    schema: &Schema,
    issuer: &mut Issuer<'_>,
    fates: &HashMap<IntentId, Fate>,
    renamed: HashMap<ChangeHash, Vec<ChangeHash>>,
) -> Result<Reworked, StoreError> {
    let entries = table::all(connection)?;
    let mut walk = Walk {
        connection,
        schema,
        fates,
        renamed,
        dirty: HashSet::new(),
        written: HashMap::new(),
        made: HashMap::new(),
        roots: HashMap::new(),
        open: HashMap::new(),
        branches: HashMap::new(),
        last_original: entries.last().map_or(0, |entry| entry.number),
        out: Reworked::default(),
    };
    let mut at_heads = Vec::new();
    for entry in entries {
        let fate = fates.get(&entry.envelope.header.intent);
        match (entry.state, fate) {
            (Stored::Accepted(_), _) => walk.keep(&entry)?,
            (Stored::Waits(_), None | Some(Fate::Restamped)) => {}
            (Stored::Waits(_), Some(Fate::AtHeads)) => at_heads.push(entry),
            (Stored::Saved, None) => walk.judge(issuer, &entry, Need::IfDirty)?,
            (Stored::Saved, Some(Fate::Restamped | Fate::AtHeads)) => {
                walk.judge(issuer, &entry, Need::Always)?;
            }
            (
                Stored::Saved | Stored::Waits(_),
                Some(fate @ (Fate::Denied(_) | Fate::Quarantined(_) | Fate::Discarded)),
            ) => walk.let_go(issuer, &entry, fate)?,
        }
    }
    for entry in at_heads {
        walk.replay(issuer, &entry, Basis::Heads)?;
    }
    Ok(walk.out)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Always,
    IfDirty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basis {
    /// What the person saw, without what was dropped.
    Own,
    /// What is there now.
    Heads,
}

struct Walk<'a> {
    connection: &'a Connection,
    schema: &'a Schema,
    fates: &'a HashMap<IntentId, Fate>,
    /// What stands in the place of a change that is no longer there.
    renamed: HashMap<ChangeHash, Vec<ChangeHash>>,
    /// Documents whose chain of pending changes is not what it was.
    dirty: HashSet<DocumentKey>,
    /// Fields that a dropped intent wrote, with the intent at the root of it.
    written: HashMap<(RecordId, String), IntentId>,
    /// Records that a dropped intent made.
    made: HashMap<RecordId, IntentId>,
    /// The last dropped intent of a document.
    roots: HashMap<DocumentKey, IntentId>,
    /// Documents as far as the walk has come.
    open: HashMap<DocumentKey, Document>,
    branches: HashMap<DocumentKey, u32>,
    /// Greater numbers are replays of this walk.
    last_original: u64,
    out: Reworked,
}

impl Walk<'_> {
    /// An entry that stays as it is. Its changes stand on documents that the walk has open.
    fn keep(&mut self, entry: &Entry) -> Result<(), StoreError> {
        for (part, _) in &entry.envelope.parts {
            let Some(document) = self.open.get_mut(&part.document) else { continue };
            let Some((number, _)) = opened::find(self.connection, part.document.record)? else {
                continue;
            };
            let id = document_number(number, part.document.facet);
            let Some((_, bytes)) = table::change_bytes(self.connection, id, entry.number)? else {
                continue;
            };
            if let Err(error) = document.apply(&bytes) {
                let record = part.document.record;
                tracing::warn!(%record, "pending work on {record} cannot be read: {error}");
            }
        }
        Ok(())
    }

    fn judge(
        &mut self,
        issuer: &mut Issuer<'_>,
        entry: &Entry,
        need: Need,
    ) -> Result<(), StoreError> {
        if let Some(root) = self.reads_dropped(&entry.envelope) {
            return self.hold(issuer, entry, root);
        }
        let builds_on_dropped = entry.envelope.parts.iter().any(|(part, _)| {
            self.dirty.contains(&part.document)
                || part.basis.iter().any(|change| self.renamed.contains_key(change))
        });
        if need == Need::Always || builds_on_dropped {
            self.replay(issuer, entry, Basis::Own)
        } else {
            self.keep(entry)
        }
    }

    /// The dropped intent whose work this one reads: a field that it wrote, or a record it made.
    fn reads_dropped(&self, envelope: &Envelope) -> Option<IntentId> {
        envelope.parts.iter().find_map(|(part, _)| {
            let record = part.document.record;
            let on_made = self.made.get(&record);
            let refers = || {
                let mut named = part.operations.iter().flat_map(references);
                named.find_map(|other| self.made.get(&other))
            };
            let reads = || {
                let mut fields = part.operations.iter().flat_map(fields_of);
                fields.find_map(|field| self.written.get(&(record, field)))
            };
            on_made.or_else(refers).or_else(reads).copied()
        })
    }

    /// Takes an entry out: what it wrote is no longer there.
    fn drop_out(&mut self, entry: &Entry, root: IntentId) -> Result<(), StoreError> {
        for (part, _) in &entry.envelope.parts {
            let record = part.document.record;
            let instead = self.mapped(&part.basis);
            self.renamed.insert(part.change, instead);
            self.dirty.insert(part.document);
            self.roots.insert(part.document, root);
            self.out.touched.insert(record);
            for operation in &part.operations {
                if matches!(operation, Operation::Create { .. }) {
                    self.made.insert(record, root);
                }
                for field in fields_of(operation) {
                    self.written.insert((record, field), root);
                }
            }
        }
        table::remove(self.connection, entry)
    }

    fn let_go(
        &mut self,
        issuer: &Issuer<'_>,
        entry: &Entry,
        fate: &Fate,
    ) -> Result<(), StoreError> {
        let intent = entry.envelope.header.intent;
        if matches!(entry.state, Stored::Waits(_)) {
            table::remove(self.connection, entry)?;
        } else {
            self.drop_out(entry, intent)?;
        }
        match fate {
            Fate::Denied(denial) => self.put_in_drawer(issuer, entry, denial),
            Fate::Quarantined(reason) => {
                table::quarantine(self.connection, &entry.envelope, reason)
            }
            Fate::Discarded => {
                super::discarded::keep(self.connection, &entry.envelope, None, issuer.answered_ms)
            }
            Fate::Restamped | Fate::AtHeads => Ok(()),
        }
    }

    fn put_in_drawer(
        &mut self,
        issuer: &Issuer<'_>,
        entry: &Entry,
        denial: &Denial,
    ) -> Result<(), StoreError> {
        self.out.needs_you.push(entry.envelope.header.intent);
        table::put_in_drawer(self.connection, &entry.envelope, denial, issuer.answered_ms)
    }

    /// Sets an entry aside with the intent whose work it reads; where that one is not in the
    /// drawer, it goes there itself.
    fn hold(
        &mut self,
        issuer: &Issuer<'_>,
        entry: &Entry,
        root: IntentId,
    ) -> Result<(), StoreError> {
        self.drop_out(entry, root)?;
        let in_drawer = match self.fates.get(&root) {
            Some(Fate::Denied(_)) => true,
            Some(Fate::Quarantined(_) | Fate::Discarded | Fate::Restamped | Fate::AtHeads) => false,
            None => self.out.needs_you.contains(&root),
        };
        if in_drawer {
            self.out.waiting.push(entry.envelope.header.intent);
            return table::insert(self.connection, &entry.envelope, Stored::Waits(root));
        }
        self.put_in_drawer(issuer, entry, &built_on_what_is_gone())
    }

    fn replay(
        &mut self,
        issuer: &mut Issuer<'_>,
        entry: &Entry,
        basis: Basis,
    ) -> Result<(), StoreError> {
        let made = match self.perform_again(issuer, entry, basis) {
            Ok(made) => made,
            Err(Replayed::Store(error)) => return Err(error),
            Err(Replayed::Refused(refusal)) => {
                for (part, _) in &entry.envelope.parts {
                    self.open.remove(&part.document);
                }
                return self.refused(issuer, entry, &refusal);
            }
        };
        let (envelope, changes) = made;
        table::remove(self.connection, entry)?;
        table::insert(self.connection, &envelope, Stored::Saved)?;
        for ((part, _), (old, performed)) in envelope.parts.iter().zip(changes) {
            let record = part.document.record;
            let number = match opened::find(self.connection, record)? {
                Some((number, _)) => number,
                None => opened::number_for(self.connection, record, part.entity)?,
            };
            let id = document_number(number, part.document.facet);
            table::insert_part(self.connection, id, envelope.header.number, &performed)?;
            self.renamed.insert(old, vec![performed.change]);
            self.dirty.insert(part.document);
            self.out.touched.insert(record);
        }
        self.out.replayed.push(envelope.header.intent);
        Ok(())
    }

    fn refused(
        &mut self,
        issuer: &Issuer<'_>,
        entry: &Entry,
        refusal: &Refusal,
    ) -> Result<(), StoreError> {
        let intent = entry.envelope.header.intent;
        tracing::info!(intent = %intent, code = refusal.code(), "intent {intent} cannot be replayed");
        let root = entry.envelope.parts.iter().find_map(|(part, _)| self.roots.get(&part.document));
        let waited = matches!(entry.state, Stored::Waits(_));
        if let Some(root) = root.copied().filter(|root| *root != intent && !waited) {
            return self.hold(issuer, entry, root);
        }
        if waited {
            table::remove(self.connection, entry)?;
        } else {
            self.drop_out(entry, intent)?;
        }
        let denial = Denial {
            code: refusal.code().to_owned(),
            reason: format!("it no longer fits the record: {refusal}"),
            remedy: "look at the record as it is now, then send it again or discard it".to_owned(),
            field: None,
            policy: None,
        };
        self.put_in_drawer(issuer, entry, &denial)
    }

    fn perform_again(
        &mut self,
        issuer: &mut Issuer<'_>,
        entry: &Entry,
        basis: Basis,
    ) -> Result<(Envelope, Vec<(ChangeHash, Performed)>), Replayed> {
        let clock = issuer.clock.tick(issuer.stamp_ms);
        *issuer.last_number += 1;
        let old = &entry.envelope.header;
        let mut parts = Vec::with_capacity(entry.envelope.parts.len());
        let mut changes = Vec::with_capacity(entry.envelope.parts.len());
        for (part, _) in &entry.envelope.parts {
            let mapped = self.mapped(&part.basis);
            let branch = self.raised_branch(part.document)?;
            self.open_up_to(part.document, entry.number, basis)?;
            let document = self
                .open
                .get_mut(&part.document)
                .ok_or(StoreError::Unreadable { what: "a document" })?;
            let at = match basis {
                Basis::Heads => document.heads(),
                Basis::Own if mapped.len() > 1 => {
                    document.at(&mapped).map_err(Refusal::from)?.heads()
                }
                Basis::Own => mapped,
            };
            let author =
                Author { device: issuer.device, install_epoch: issuer.install_epoch, branch };
            let performed = mutator::perform(
                MUTATOR_VERSION,
                self.schema,
                document,
                part.entity,
                &Stamp { author, clock, intent: old.intent },
                &at,
                &part.operations,
            )?;
            parts.push(Part { basis: at, branch, change: performed.change, ..part.clone() });
            changes.push((part.change, performed));
        }
        let header = Header {
            intent: old.intent,
            tenant: issuer.tenant,
            user: issuer.user,
            device: issuer.device,
            install_epoch: issuer.install_epoch,
            number: *issuer.last_number,
            clock,
            client_version: CLIENT_VERSION,
            mutator_version: MUTATOR_VERSION,
            policy_version: issuer.policy_version,
            slots: Vec::new(),
        };
        Ok((Envelope::seal(header, parts, &issuer.salt_key), changes))
    }

    /// What stands in the place of a basis.
    fn mapped(&self, basis: &[ChangeHash]) -> Vec<ChangeHash> {
        let mut out: Vec<ChangeHash> = basis
            .iter()
            .flat_map(|change| match self.renamed.get(change) {
                Some(instead) => instead.clone(),
                None => vec![*change],
            })
            .collect();
        out.sort();
        out.dedup();
        out
    }

    /// The branch of replays on a document: one more than before, once per walk.
    fn raised_branch(&mut self, key: DocumentKey) -> Result<u32, StoreError> {
        if let Some(branch) = self.branches.get(&key) {
            return Ok(*branch);
        }
        let Some((number, _)) = opened::find(self.connection, key.record)? else {
            return Ok(0);
        };
        let id = document_number(number, key.facet);
        let branch = opened::branch(self.connection, id)? + 1;
        self.connection
            .prepare_cached(
                "INSERT INTO branches (document, branch) VALUES (?1, ?2)
                 ON CONFLICT (document) DO UPDATE SET branch = excluded.branch",
            )?
            .execute((id, branch))?;
        self.branches.insert(key, branch);
        Ok(branch)
    }

    /// Opens a document as it stood before an entry: accepted, what stayed, what was replayed.
    fn open_up_to(
        &mut self,
        key: DocumentKey,
        number: u64,
        basis: Basis,
    ) -> Result<(), StoreError> {
        if self.open.contains_key(&key) {
            return Ok(());
        }
        let mut document = Document::new(key);
        if let Some((record, _)) = opened::find(self.connection, key.record)? {
            if let Some(accepted) =
                opened::accepted(self.connection, record, key.record, key.facet)?
            {
                document = accepted;
            }
            let id = document_number(record, key.facet);
            for (of, _, bytes) in opened::pending_changes(self.connection, id)? {
                if basis == Basis::Heads || of < number || of > self.last_original {
                    opened::apply_pending(&mut document, &bytes)?;
                }
            }
        }
        self.open.insert(key, document);
        Ok(())
    }
}

/// Why an entry could not be performed again.
enum Replayed {
    Refused(Refusal),
    Store(StoreError),
}

impl From<Refusal> for Replayed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Replayed {
    fn from(error: StoreError) -> Self {
        // Where only this record is damaged, the person still has the words.
        if let StoreError::Document(error) = error {
            return Self::Refused(error.into());
        }
        Self::Store(error)
    }
}
