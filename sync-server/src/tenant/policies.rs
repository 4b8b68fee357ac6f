//! Policies of another version: who receives what is brought in line when the tenant is opened.

use roadbook_domain::{Facet, HlcClock, IntentKind, Operation, Step};
use roadbook_policy::user_audiences;

use super::{Tenant, TenantError, keys, number};
use crate::gate::{Gate, Own, derived_intent, rescope_users};

/// Why the server wrote, for the history.
const WHY: &str = "the rules for what each role receives have changed";

impl Tenant {
    /// Recomputes what users see, if the policies are of another version than those by which it was
    /// computed. A change gets a place in the log of its own, so that every device, wherever it has
    /// read to, is told what it may see now and what no longer.
    pub(super) fn follow_policies(&self, now_ms: i64) -> Result<(), TenantError> {
        let version = u64::from(self.policies.version);
        if number(self.store.read()?.as_ref(), keys::POLICIES)? == version {
            return Ok(());
        }
        self.write(|store, open| {
            let directory = self.directory(store)?;
            let mut gate = Gate::new(self.rules(now_ms), store, open)?;
            let mut changed = None;
            for user in directory.users.keys() {
                let now = user_audiences(&self.policies, &directory.rules, *user);
                if gate.store.user_audiences(*user)? != now {
                    changed = Some(*user);
                }
            }
            if let Some(user) = changed {
                let install = gate.own_install();
                let progress = gate.store.progress(&install)?;
                let clock = HlcClock::after(progress.last_clock).tick(now_ms);
                let number = progress.last_number + 1;
                // Nothing is changed by it.
                let nothing = Operation::ChangeSet {
                    field: "external_ids".to_owned(),
                    add: Vec::new(),
                    remove: Vec::new(),
                };
                let cause = [version.to_be_bytes(), gate.head.to_be_bytes()].concat();
                gate.write_own(Own {
                    intent: derived_intent("policies", &cause, now_ms),
                    kind: IntentKind::EditFields,
                    number,
                    clock,
                    rationale: Some(WHY.to_owned()),
                    steps: vec![Step {
                        record: user.into(),
                        entity: roadbook_domain::Entity::User,
                        facet: Facet::Internal,
                        operations: vec![nothing],
                    }],
                })?;
                gate.store.put_progress(&install, number, clock)?;
                tracing::info!(version, "who sees what follows policies of version {version}");
            }
            let Gate { rules, store, open, head, .. } = gate;
            open.save(store, rules.schema)?;
            rescope_users(store, &self.policies, &directory, head)?;
            Ok(store.put_meta(keys::POLICIES, &version.to_be_bytes())?)
        })
    }
}
