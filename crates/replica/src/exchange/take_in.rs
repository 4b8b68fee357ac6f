//! Taking an answer in: verdicts, acknowledgements, a page, and what they bring with them, in one
//! transaction. Until it is committed nothing in memory changes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use roadbook_domain::{Hlc, HlcClock, IntentId, RecordId};
use roadbook_merge::{Digest, Envelope};
use roadbook_sync_protocol::verdict::CLOCK_AHEAD_MAX_MS;
use roadbook_sync_protocol::{Page, Receipt, ServerHello, SyncResponse, Verdict};
use rusqlite::Connection;

use crate::database::{Meta, SyncState};
use crate::exchange::in_hand::Work;
use crate::exchange::kept::{self, Place};
use crate::exchange::page::Taking;
use crate::exchange::{TakeInError, TakenIn, purge, receipts};
use crate::pending::{self, Fate, Issuer, Stored};
use crate::projection::{self, Projector, Subject};
use crate::{Replica, StoreError, exchange, history, opened};

/// Beyond this the device's clock is called wrong, and stamps are corrected.
const CLOCK_TOLERANCE_MS: i64 = 60_000;

impl Replica {
    /// Takes an answer in, in one transaction. Taking the same answer in again changes nothing.
    ///
    /// # Errors
    /// [`TakeInError`]; then nothing was changed and the same answer may come again.
    pub fn take_in(
        &mut self,
        response: SyncResponse,
        wall_ms: i64,
    ) -> Result<TakenIn, TakeInError> {
        self.enrolled()?;
        let before = (self.clock.clone(), self.last_number, self.next_search);
        let taken = self.take_in_all(response, wall_ms);
        match taken {
            Ok((out, state, purged)) => {
                self.state = state;
                for (intent, _) in &out.verdicts {
                    self.sending.remove(intent);
                }
                self.telling.clear();
                for record in &out.changed {
                    self.open.pop(record);
                }
                self.refresh_subject()?;
                if purged {
                    // What was purged may still stand in the log of the database.
                    self.connection
                        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
                        .map_err(StoreError::from)?;
                }
                Ok(out)
            }
            Err(error) => {
                (self.clock, self.last_number, self.next_search) = before;
                Err(error)
            }
        }
    }

    fn take_in_all(
        &mut self,
        response: SyncResponse,
        wall_ms: i64,
    ) -> Result<(TakenIn, SyncState, bool), TakeInError> {
        let SyncResponse { hello, verdicts, receipt, page, quarantined, checksum } = response;
        let transaction = self.connection.unchecked_transaction().map_err(StoreError::from)?;
        let checked =
            self.check_receipts(&transaction, &verdicts, receipt.as_ref(), page.as_ref())?;
        let answers = judge(&transaction, &verdicts)?;
        let mut out = TakenIn { verdicts, ..TakenIn::default() };
        let mut state = self.state.clone();
        note_hello(&mut state, &hello, wall_ms, answers.clock_was_wrong);
        if hello.last_number > self.last_number {
            state.install_epoch += 1;
            self.last_number = hello.last_number;
            out.device_was_restored = true;
        }
        let epochs = (state.restore_epoch, hello.restore_epoch);
        state.restore_epoch = hello.restore_epoch;
        acknowledge(&transaction, &quarantined, &mut out)?;
        purge::told(&transaction, &self.telling)?;

        let mut touched = BTreeSet::new();
        let mut taking = Taking {
            connection: &transaction,
            schema: &self.schema,
            device: self.identity.device,
            restore_epoch: hello.restore_epoch,
            backup_watermark: hello.backup_watermark,
            receipt: None,
            round: state.round,
            rereads: state.rereads,
            has_pending: has_pending(&transaction)?,
            works: BTreeMap::new(),
            in_hand: 0,
            fates: answers.fates,
            renamed: HashMap::new(),
            greatest_clock: Hlc::default(),
            accepted: 0,
            snapshots: 0,
            forgotten: Vec::new(),
        };
        if epochs.0 != 0 && epochs.0 != epochs.1 {
            // The server goes on from where its backup ended; what it lost is handed back.
            out.server_was_restored = true;
            self.server_restored(&transaction)?;
            if state.restored_from == 0 {
                state.restored_from = epochs.0;
            }
            out.more = true;
        }
        if let Some(receipt) = &receipt {
            keep_pushed(&transaction, &hello, receipt, &checked.pushed, wall_ms)?;
        }
        // A page from before it is known what was lost may be about another log than was read.
        if let Some(page) = page.filter(|_| state.restored_from == 0) {
            read_page(&mut taking, page, &checked.leaves, &mut state, &mut out)?;
        }
        kept::prune(&transaction, &hello)?;
        state.accepted_clock = state.accepted_clock.max(taking.greatest_clock);
        if answers.clock_was_wrong {
            // A purged device holds all that it ever sent for accepted, what was refused among it.
            let greatest = Hlc::new(hello.wall_ms.saturating_add(CLOCK_AHEAD_MAX_MS), 0);
            state.accepted_clock = state.accepted_clock.min(greatest);
            // Readings that ran ahead were never accepted: start again after what was.
            self.clock = HlcClock::after(accepted_clock(&transaction)?);
        }
        self.clock.observe(state.accepted_clock);
        if out.device_was_restored || answers.clock_was_wrong {
            restamp_all(&transaction, &mut taking.fates)?;
        }

        let judged = out.verdicts.iter().map(|(intent, _)| *intent).collect();
        purge::hand_over(&transaction, &judged, &mut taking.fates)?;

        let Taking { works, fates, renamed, .. } = taking;
        (out.accepted, out.snapshots) = (taking.accepted, taking.snapshots);
        out.forgotten = taking.forgotten;
        if !fates.is_empty() || !renamed.is_empty() {
            let enrolment = self.enrolment.as_ref().ok_or(StoreError::NotEnrolled)?;
            let offset_ms = if state.clock_is_corrected { state.clock_offset_ms } else { 0 };
            let mut issuer = Issuer {
                device: self.identity.device,
                install_epoch: state.install_epoch,
                tenant: enrolment.tenant,
                user: enrolment.user,
                salt_key: enrolment.salt_key,
                policy_version: self.policies.version,
                clock: &mut self.clock,
                last_number: &mut self.last_number,
                stamp_ms: wall_ms.saturating_add(offset_ms),
                answered_ms: wall_ms,
            };
            let reworked = pending::run(&transaction, &self.schema, &mut issuer, &fates, renamed)?;
            out.needs_you = reworked.needs_you;
            out.waiting = reworked.waiting;
            out.replayed = reworked.replayed;
            touched.extend(reworked.touched);
        }
        // Only now is everything that must be handed over set aside.
        let gone = purge::purge_acknowledged(&transaction, hello.restore_epoch)?;
        let purged = !gone.is_empty();
        touched.extend(gone);
        let mut projector = Projector {
            connection: &transaction,
            schema: &self.schema,
            tables: &self.tables,
            next_search: &mut self.next_search,
        };
        out.changed = project_all(&mut projector, works, touched)?;

        if !state.unfinished {
            history::upkeep::let_go(&transaction, &mut state, hello.wall_ms)?;
        }
        state.last_number = self.last_number;
        state.last_sync_ms = Some(wall_ms);
        Meta(&transaction).put_sync_state(&state)?;
        if let (Some(theirs), false) = (checksum, out.more) {
            let ours = crate::doctor::checksum(&transaction, theirs.seq)?;
            out.equal = Some(ours == theirs);
        }
        let mut deferred = self.deferred.clone();
        if out.accepted + out.snapshots > 0 {
            // What was waited for may be among it.
            deferred.clear();
        }
        deferred.extend(answers.deferred);
        // What was held and is issued again builds on something else now.
        for intent in &out.replayed {
            deferred.remove(intent);
        }
        out.more |= exchange::has_unsent(&transaction, state.restore_epoch, &deferred)?;
        // The last that can fail: what is in memory follows what is stored.
        transaction.commit().map_err(StoreError::from)?;
        self.deferred = deferred;
        Ok((out, state, purged))
    }
}

fn has_pending(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection.query_row("SELECT EXISTS (SELECT 1 FROM pending)", [], |row| row.get(0))?)
}

/// The greatest clock of own work that the server has accepted and that has not come back yet.
fn accepted_clock(connection: &Connection) -> Result<Hlc, StoreError> {
    Ok(connection.query_row(
        "SELECT coalesce(max(clock), 0) FROM pending WHERE state = 1",
        [],
        |row| row.get(0).map(Hlc),
    )?)
}

fn note_hello(state: &mut SyncState, hello: &ServerHello, wall_ms: i64, clock_was_wrong: bool) {
    state.clock_offset_ms = hello.wall_ms.saturating_sub(wall_ms);
    state.policy_version = hello.policy_version;
    state.backup_watermark = hello.backup_watermark;
    if clock_was_wrong {
        state.clock_is_corrected = true;
    } else if state.clock_offset_ms.abs() < CLOCK_TOLERANCE_MS {
        state.clock_is_corrected = false;
    }
}

/// What the verdicts mean for pending work.
struct Answers {
    fates: HashMap<IntentId, Fate>,
    deferred: HashSet<IntentId>,
    clock_was_wrong: bool,
}

fn judge(connection: &Connection, verdicts: &[(IntentId, Verdict)]) -> Result<Answers, StoreError> {
    let mut out =
        Answers { fates: HashMap::new(), deferred: HashSet::new(), clock_was_wrong: false };
    for (intent, verdict) in verdicts {
        match verdict.given() {
            Verdict::Applied { seq } | Verdict::Merged { seq } | Verdict::Review { seq, .. } => {
                pending::accept(connection, *intent, *seq)?;
            }
            Verdict::Denied(denial) => {
                out.fates.insert(*intent, Fate::Denied(denial.clone()));
            }
            Verdict::Rebase { clock_offset_ms, .. } => {
                out.clock_was_wrong |= clock_offset_ms.is_some();
                out.fates.insert(*intent, Fate::Restamped);
            }
            Verdict::Held { .. } => {
                out.deferred.insert(*intent);
                if let Some(entry) = pending::find(connection, *intent)? {
                    pending::mark_not_sent(connection, entry.number)?;
                }
            }
            // `given` looks behind all of these.
            Verdict::Duplicate(_) => {}
        }
    }
    Ok(out)
}

fn read_page(
    taking: &mut Taking<'_>,
    page: Page,
    leaves: &[Digest],
    state: &mut SyncState,
    out: &mut TakenIn,
) -> Result<(), TakeInError> {
    state.cursor = page.next;
    state.position = page.position;
    state.unfinished = page.more;
    out.more = page.more;
    out.remaining = page.remaining;
    taking.receipt = receipts::store(taking.connection, page.receipt.as_ref(), leaves)?;
    taking.name_devices(&page.devices)?;
    for item in page.items {
        taking.item(item)?;
    }
    taking.flush()?;
    if !page.more {
        drop_invisible(taking, page.position)?;
        if std::mem::take(&mut state.rereads) {
            taking.leave_behind()?;
        }
    }
    Ok(())
}

/// Keeps what was taken in of a push, until a backup of the server has it.
fn keep_pushed(
    connection: &Connection,
    hello: &ServerHello,
    receipt: &Receipt,
    pushed: &[(u64, Envelope)],
    wall_ms: i64,
) -> Result<(), StoreError> {
    let leaves: Vec<_> = pushed.iter().map(|(_, envelope)| envelope.header.leaf()).collect();
    let number = receipts::store(connection, Some(receipt), &leaves)?;
    for (seq, envelope) in pushed.iter().filter(|(seq, _)| *seq > hello.backup_watermark) {
        let place = Place {
            restore_epoch: hello.restore_epoch,
            seq: *seq,
            accepted_ms: wall_ms,
            receipt: number,
        };
        kept::keep(connection, place, envelope)?;
    }
    Ok(())
}

fn restamp_all(
    connection: &Connection,
    fates: &mut HashMap<IntentId, Fate>,
) -> Result<(), StoreError> {
    for entry in pending::all(connection)? {
        if entry.state == Stored::Saved {
            fates.entry(entry.envelope.header.intent).or_insert(Fate::Restamped);
        }
    }
    Ok(())
}

fn acknowledge(
    connection: &Connection,
    quarantined: &[IntentId],
    out: &mut TakenIn,
) -> Result<(), StoreError> {
    for intent in quarantined {
        let gone = connection
            .prepare_cached("DELETE FROM quarantine WHERE intent = ?1")?
            .execute([intent.as_bytes()])?;
        if gone > 0 {
            out.quarantined.push(*intent);
        }
    }
    Ok(())
}

/// Own work that the server took in, and that has not come back although everything up to it was
/// read, is not visible to its author: it leaves pending, and what nothing accepted stands behind
/// leaves the device.
fn drop_invisible(taking: &mut Taking<'_>, position: u64) -> Result<(), TakeInError> {
    if !taking.has_pending {
        return Ok(());
    }
    for entry in pending::all(taking.connection)? {
        let Stored::Accepted(seq) = entry.state else { continue };
        if seq <= position {
            taking.drop_own(&entry, seq)?;
        }
    }
    Ok(())
}

/// Brings the rows of all records up to date. Returns which.
fn project_all(
    projector: &mut Projector<'_>,
    works: BTreeMap<RecordId, Work>,
    touched: BTreeSet<RecordId>,
) -> Result<Vec<RecordId>, StoreError> {
    let mut changed: BTreeSet<RecordId> = BTreeSet::new();
    let mut again: BTreeSet<RecordId> = touched;
    let anything_pending = has_pending(projector.connection)?;
    for (record, mut work) in works {
        work.present(projector.connection, record)?;
        if work.is_damaged() || again.contains(&record) {
            continue;
        }
        let of = Subject { number: work.number, record, entity: work.entity };
        if anything_pending && has_parts(projector.connection, work.number)? {
            let done = opened::reproject_with(projector, of, work.into_documents());
            if opened::was_made(done, record)? {
                changed.insert(record);
            }
            continue;
        }
        let before = if work.fresh {
            None
        } else {
            projection::read(
                projector.connection,
                projector.schema,
                projector.tables,
                work.entity,
                work.number,
            )?
        };
        let documents = work.present(projector.connection, record)?;
        if documents.is_empty() {
            again.insert(record);
            continue;
        }
        projector.project(of, &documents, false, before.as_ref())?;
        changed.insert(record);
    }
    for record in again {
        let Projector { connection, schema, tables, next_search } = projector;
        let done = opened::reproject(connection, schema, tables, next_search, record);
        if opened::was_made(done, record)? {
            changed.insert(record);
        }
    }
    Ok(changed.into_iter().collect())
}

fn has_parts(connection: &Connection, number: i64) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM pending_parts WHERE document IN (?1, ?2))")?
        .query_row([number * 2, number * 2 + 1], |row| row.get(0))?)
}
