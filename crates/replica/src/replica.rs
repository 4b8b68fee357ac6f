//! The replica: one open, encrypted database and what is kept in memory beside it.
//!
//! What is kept in memory is a cache or can be computed from the database; a killed process loses
//! none of it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use lru::LruCache;
use roadbook_domain::{DeviceId, DocumentKey, HlcClock, IntentId, RecordId, Schema};
use roadbook_policy::{Policies, Subject};
use roadbook_sync_protocol::account::EnrolRequest;
use roadbook_sync_protocol::{Quarantined, RequestProof};
use rusqlite::{Connection, OptionalExtension as _};

use crate::database::{self, Meta, Mode, SyncState};
use crate::enrolment::{Enrolment, Identity};
use crate::key::{Entropy, KeyFile, RawKey, Unlock};
use crate::opened::OpenRecord;
use crate::pending::Task;
use crate::projection::Tables;
use crate::projection::tables::fingerprint;
use crate::settings::Settings;
use crate::{OpenError, StoreError, doctor, search};

/// The device's truth. Owns one database connection; blocking; can move between threads.
pub struct Replica {
    pub(crate) connection: Connection,
    pub(crate) schema: Schema,
    pub(crate) tables: Tables,
    pub(crate) policies: Policies,
    pub(crate) identity: Identity,
    pub(crate) enrolment: Option<Enrolment>,
    /// Who asks, for the policies; `None` before enrolment.
    pub(crate) subject: Option<Subject>,
    pub(crate) state: SyncState,
    /// The highest number that an envelope of this device ever had.
    pub(crate) last_number: u64,
    pub(crate) clock: HlcClock,
    pub(crate) open: LruCache<RecordId, OpenRecord>,
    /// The orders of the lists that are scrolled through, and how long lists are.
    pub(crate) windows: std::cell::RefCell<crate::list::window::Windows>,
    pub(crate) next_search: i64,
    /// The greatest intent id that is known here: a greater one is new without looking.
    pub(crate) newest_intent: IntentId,
    /// What the last request carried, until its answer.
    pub(crate) sending: HashSet<IntentId>,
    /// The numbers that the last request carried for the first time.
    pub(crate) newly_sent: Vec<u64>,
    /// The purges that the last request told of, until its answer.
    pub(crate) telling: Vec<DocumentKey>,
    /// The server is of a version that takes nothing back under receipts.
    pub(crate) relay_is_unknown: bool,
    /// What the server has asked to send again later, until something changes.
    pub(crate) deferred: HashSet<IntentId>,
    /// Whether to ask once what has become of own work that waits on the server.
    pub(crate) asks_for_waiting: bool,
    dir: PathBuf,
    key: RawKey,
    keys: KeyFile,
    settings: Settings,
}

impl Replica {
    /// Opens the device in a folder. Projections are made again if the schema changed.
    ///
    /// # Errors
    /// [`OpenError`] says what to do.
    pub fn open(
        dir: &Path,
        schema: Schema,
        unlock: &Unlock,
        settings: &Settings,
    ) -> Result<Self, OpenError> {
        if !Self::exists(dir) {
            return Err(OpenError::NotFound(dir.to_owned()));
        }
        let keys = KeyFile::read(dir)?;
        let key = keys.unwrap(unlock)?;
        Self::open_with(dir, schema, keys, key, *settings)
    }

    pub(crate) fn open_with(
        dir: &Path,
        schema: Schema,
        keys: KeyFile,
        key: RawKey,
        settings: Settings,
    ) -> Result<Self, OpenError> {
        let connection = database::open(&database_path(dir), &key, &settings, Mode::Open)?;
        let identity = Meta(&connection).identity()?;
        let enrolment = Meta(&connection).enrolment()?;
        let state = Meta(&connection).sync_state()?;
        let tables = Tables::new(&schema);
        let (number, clock) = last_stamp(&connection)?;
        let mut replica = Self {
            newest_intent: newest_intent(&connection)?,
            last_number: state.last_number.max(number),
            clock: HlcClock::after(state.accepted_clock.max(clock)),
            open: LruCache::new(settings.open_documents),
            windows: std::cell::RefCell::default(),
            connection,
            schema,
            tables,
            policies: Policies::shipped(),
            identity,
            enrolment,
            subject: None,
            state,
            next_search: 1,
            sending: HashSet::new(),
            newly_sent: Vec::new(),
            telling: Vec::new(),
            relay_is_unknown: false,
            deferred: HashSet::new(),
            asks_for_waiting: false,
            dir: dir.to_owned(),
            key,
            keys,
            settings,
        };
        if Meta(&replica.connection).projections()? != Some(fingerprint(&replica.schema)) {
            doctor::rebuild(&mut replica)?;
        }
        replica.next_search = search::next_place(&replica.connection)?;
        replica.refresh_subject()?;
        if replica.enrolment.is_some() {
            let last_ms = replica.clock.last().millis();
            replica.rework(last_ms, Task::Orphans)?;
        }
        Ok(replica)
    }

    /// Says whether there is a device in a folder.
    #[must_use]
    pub fn exists(dir: &Path) -> bool {
        database_path(dir).exists()
    }

    /// Says whether the device in a folder is opened by the operating system's key store rather
    /// than by a passphrase.
    ///
    /// # Errors
    /// [`OpenError::Key`] when `keys.json` cannot be read.
    pub fn uses_key_store(dir: &Path) -> Result<bool, OpenError> {
        Ok(KeyFile::read(dir)?.uses_key_store())
    }

    pub(crate) const fn key_file(&self) -> &KeyFile {
        &self.keys
    }

    pub(crate) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Proves that a way of unlocking opens this device.
    ///
    /// # Errors
    /// [`StoreError::Key`] when it does not.
    pub fn prove_unlock(&self, unlock: &Unlock) -> Result<(), StoreError> {
        self.keys.unwrap(unlock)?;
        Ok(())
    }

    /// Wraps the key for another passphrase or way of unlocking. The database is not rewritten.
    ///
    /// # Errors
    /// [`StoreError::Key`]; then the old way still works.
    pub fn change_unlock(
        &mut self,
        unlock: &Unlock,
        entropy: &mut dyn Entropy,
    ) -> Result<(), StoreError> {
        let mut keys = self.keys.clone();
        keys.rewrap(&self.key, unlock, self.settings.key_cost, entropy)?;
        keys.write(&self.dir)?;
        self.keys = keys;
        Ok(())
    }

    /// The schema in use.
    #[must_use]
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The policies in use.
    #[must_use]
    pub const fn policies(&self) -> &Policies {
        &self.policies
    }

    /// Who the policies judge; `None` before enrolment.
    #[must_use]
    pub const fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }

    /// The device's id.
    #[must_use]
    pub const fn device(&self) -> DeviceId {
        self.identity.device
    }

    /// The device's name for people.
    #[must_use]
    pub fn device_name(&self) -> &str {
        &self.identity.name
    }

    /// The name of a device for people; `None` if no history here speaks of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn name_of(&self, device: DeviceId) -> Result<Option<String>, StoreError> {
        if device == self.identity.device {
            return Ok(Some(self.identity.name.clone()));
        }
        Ok(self
            .connection
            .prepare_cached("SELECT name FROM devices WHERE device = ?1")?
            .query_row([device.as_bytes()], |row| row.get(0))
            .optional()?)
    }

    /// What the device remembers of its enrolment; `None` before it.
    #[must_use]
    pub const fn enrolment(&self) -> Option<&Enrolment> {
        self.enrolment.as_ref()
    }

    /// The body of `POST /v1/enrol`.
    #[must_use]
    pub fn enrol_request(&self) -> EnrolRequest {
        self.identity.enrol_request()
    }

    /// Remembers an enrolment, and wraps the key for the tenant's recovery key.
    ///
    /// # Errors
    /// [`StoreError`]; then the device is as before.
    pub fn enrol(
        &mut self,
        enrolment: &Enrolment,
        entropy: &mut dyn Entropy,
    ) -> Result<(), StoreError> {
        let mut keys = self.keys.clone();
        keys.wrap_for_recovery(&self.key, &enrolment.recovery_key, entropy);
        keys.write(&self.dir)?;
        self.keys = keys;
        Meta(&self.connection).put_enrolment(enrolment)?;
        self.enrolment = Some(enrolment.clone());
        self.refresh_subject()
    }

    /// Signs a request with the device's key. `wall_ms` is the device's; the server's offset is
    /// added here.
    ///
    /// # Errors
    /// [`StoreError::NotEnrolled`] before enrolment.
    pub fn sign_request(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        wall_ms: i64,
    ) -> Result<RequestProof, StoreError> {
        let enrolment = self.enrolled()?;
        Ok(RequestProof::sign(
            &self.identity.signing,
            enrolment.tenant,
            self.identity.device,
            wall_ms.saturating_add(self.state.clock_offset_ms),
            method,
            path,
            body,
        ))
    }

    /// Remembers how far the device's clock is off, for the proofs of its requests.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub fn note_clock_offset(&mut self, offset_ms: i64) -> Result<(), StoreError> {
        let state = SyncState { clock_offset_ms: offset_ms, ..self.state.clone() };
        Meta(&self.connection).put_sync_state(&state)?;
        self.state = state;
        Ok(())
    }

    /// Purges everything but who the device is, if all unsent work is safe elsewhere: what a
    /// revoked device does after it has handed its work over. Returns the work that is not safe
    /// yet; while there is some, be it saved a moment ago, nothing is purged.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was purged.
    pub fn purge_surrendered(
        &mut self,
        safe: &HashSet<IntentId>,
    ) -> Result<Vec<Quarantined>, StoreError> {
        let mut left = self.surrendered()?;
        left.retain(|item| !safe.contains(&item.intent));
        if left.is_empty() {
            self.purge_all()?;
        }
        Ok(left)
    }

    pub(crate) fn purge_all(&mut self) -> Result<(), StoreError> {
        const TABLES: [&str; 19] = [
            "records",
            "documents",
            "branches",
            "pending",
            "pending_parts",
            "own_intents",
            "needs_you",
            "history",
            "devices",
            "journal",
            "conflicts",
            "envelopes",
            "receipts",
            "quarantine",
            "forgets",
            "faults",
            "saved_views",
            "discarded",
            "planning",
        ];
        self.open.clear();
        let state = SyncState {
            install_epoch: self.state.install_epoch,
            last_number: self.last_number,
            restore_epoch: self.state.restore_epoch,
            // Should it sync again (its user is let in again): later than all that it ever sent.
            accepted_clock: self.state.accepted_clock.max(self.clock.last()),
            ..SyncState::default()
        };
        let transaction = self.connection.unchecked_transaction()?;
        for table in TABLES {
            transaction.execute(&format!("DELETE FROM {table}"), [])?;
        }
        Meta(&transaction).put_sync_state(&state)?;
        // Should the program stop before the rows are gone too, opening makes them again.
        Meta(&transaction).put_projections(b"")?;
        transaction.commit()?;
        self.state = state;
        doctor::rebuild(self)?;
        self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")?;
        self.refresh_subject()
    }

    pub(crate) fn enrolled(&self) -> Result<&Enrolment, StoreError> {
        self.enrolment.as_ref().ok_or(StoreError::NotEnrolled)
    }

    /// The wall clock for stamps: the device's, corrected once the server said that it is wrong.
    pub(crate) const fn stamp_ms(&self, wall_ms: i64) -> i64 {
        if self.state.clock_is_corrected {
            wall_ms.saturating_add(self.state.clock_offset_ms)
        } else {
            wall_ms
        }
    }

    /// Reads again who the user is: the role and territory of the directory's record where it is
    /// here, else those of the enrolment.
    pub(crate) fn refresh_subject(&mut self) -> Result<(), StoreError> {
        let Some(enrolment) = &self.enrolment else {
            self.subject = None;
            return Ok(());
        };
        let user = self.record(enrolment.user.into())?;
        let role = user.as_ref().and_then(|row| row.value("role").as_text()?.parse().ok());
        let role = match role {
            Some(role) => role,
            None => enrolment
                .role
                .parse()
                .map_err(|_| StoreError::Unreadable { what: "the user's role" })?,
        };
        let territory = user.and_then(|row| row.value("territory").as_reference());
        self.subject = Some(Subject { user: enrolment.user, role, territory });
        Ok(())
    }
}

pub(crate) fn database_path(dir: &Path) -> PathBuf {
    dir.join("device.db")
}

/// The number and clock of the last pending envelope.
fn last_stamp(connection: &Connection) -> Result<(u64, roadbook_domain::Hlc), StoreError> {
    Ok(connection
        .query_row("SELECT number, clock FROM pending ORDER BY number DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, roadbook_domain::Hlc(row.get(1)?)))
        })
        .optional()?
        .unwrap_or_default())
}

fn newest_intent(connection: &Connection) -> Result<IntentId, StoreError> {
    let newest: Option<[u8; 16]> = connection.query_row(
        "SELECT max(intent) FROM (
             SELECT max(intent) AS intent FROM pending
             UNION ALL SELECT max(intent) FROM own_intents
             UNION ALL SELECT max(intent) FROM needs_you
             UNION ALL SELECT max(intent) FROM discarded
             UNION ALL SELECT max(intent) FROM quarantine)",
        [],
        |row| row.get(0),
    )?;
    Ok(IntentId::from_bytes(newest.unwrap_or_default()))
}

/// Reads a record id from a column.
pub(crate) fn record_id(row: &rusqlite::Row<'_>, at: usize) -> Result<RecordId, rusqlite::Error> {
    row.get::<_, [u8; 16]>(at).map(RecordId::from_bytes)
}
