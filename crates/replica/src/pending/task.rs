//! What a person's decision in the drawer brings with it for the work that waits.

use std::collections::HashMap;

use roadbook_domain::IntentId;

use crate::database::Meta;
use crate::pending::discarded;
use crate::pending::reads::built_on_what_is_gone;
use crate::pending::rework::{Fate, Issuer, Reworked, run};
use crate::pending::table::{self, Stored};
use crate::{Replica, StoreError, opened};

/// What a person did in the drawer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Sent this one again: what waited with it follows.
    Follow(IntentId),
    /// Gave this one up.
    Discard(IntentId),
    /// Nothing, but a stop of the program may have parted what waits from what it waits for.
    Orphans,
}

impl Replica {
    /// Does what a person's decision in the drawer brings with it, in one transaction.
    pub(crate) fn rework(&mut self, wall_ms: i64, task: Task) -> Result<Reworked, StoreError> {
        let mut fates = HashMap::new();
        if let Task::Discard(intent) = task
            && table::find(&self.connection, intent)?.is_some()
        {
            fates.insert(intent, Fate::Discarded);
        }
        for entry in &table::waiting(&self.connection)? {
            let intent = entry.envelope.header.intent;
            let fate = match (task, entry.state) {
                (Task::Follow(root), Stored::Waits(with)) if with == root => Fate::AtHeads,
                (Task::Discard(given_up), Stored::Waits(with)) if with == given_up => {
                    Fate::Denied(built_on_what_is_gone())
                }
                (Task::Orphans, Stored::Waits(with))
                    if table::in_drawer(&self.connection, with)?.is_none() =>
                {
                    Fate::Denied(built_on_what_is_gone())
                }
                _ => continue,
            };
            fates.insert(intent, fate);
        }
        let in_drawer = match task {
            Task::Discard(intent) => table::in_drawer(&self.connection, intent)?.is_some(),
            Task::Follow(_) | Task::Orphans => false,
        };
        if fates.is_empty() && !in_drawer {
            return Ok(Reworked::default());
        }
        let mut state = self.state.clone();
        let transaction = self.connection.unchecked_transaction()?;
        if let (Task::Discard(intent), true) = (task, in_drawer) {
            discarded::keep_from_drawer(&transaction, intent, wall_ms)?;
            table::remove_from_drawer(&transaction, intent)?;
        }
        let enrolment = self.enrolment.as_ref().ok_or(StoreError::NotEnrolled)?;
        let mut issuer = Issuer {
            device: self.identity.device,
            install_epoch: state.install_epoch,
            tenant: enrolment.tenant,
            user: enrolment.user,
            salt_key: enrolment.salt_key,
            policy_version: self.policies.version,
            stamp_ms: self.stamp_ms(wall_ms),
            clock: &mut self.clock,
            last_number: &mut self.last_number,
            answered_ms: wall_ms,
        };
        let out = run(&transaction, &self.schema, &mut issuer, &fates, HashMap::new())?;
        for record in &out.touched {
            self.open.pop(record);
            let done = opened::reproject(
                &transaction,
                &self.schema,
                &self.tables,
                &mut self.next_search,
                *record,
            );
            opened::was_made(done, *record)?;
        }
        state.last_number = self.last_number;
        Meta(&transaction).put_sync_state(&state)?;
        transaction.commit()?;
        self.state = state;
        Ok(out)
    }
}
