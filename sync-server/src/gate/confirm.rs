//! Rights: whether the user sees the record, may do this to it, and saw what is true now where
//! the server is the truth.

use roadbook_domain::{Facet, MergeClass, Operation, RecordId, UserId};
use roadbook_merge::{Part, view};
use roadbook_policy::{Decision, Relation, Request, Subject, decide};
use roadbook_sync_protocol::Verdict;
use roadbook_sync_protocol::verdict::Denial;

use super::{Gate, Stop, deny, deny_field};
use crate::store::RecordRow;

impl Gate<'_> {
    /// Checks that the user sees the record. Records that are not there and records that the user
    /// may not see look the same.
    pub(super) fn check_visible(&self, user: UserId, record: RecordId) -> Result<(), Stop> {
        if self.store.sees(user, record, Facet::Internal)? { Ok(()) } else { Err(no_record()) }
    }

    /// Asks the policies.
    pub(super) fn check_rights(
        &self,
        subject: &Subject,
        part: &Part,
        row: Option<&RecordRow>,
    ) -> Result<(), Stop> {
        let relation = match row {
            None => Relation::Own,
            Some(row) if row.effective_place().owner == Some(subject.user) => Relation::Own,
            Some(_) => Relation::Other,
        };
        let request = Request {
            entity: part.entity,
            facet: part.document.facet,
            kind: part.kind,
            operations: &part.operations,
            relation,
            rationale: part.rationale.as_deref(),
        };
        let denial = match decide(self.rules.policies, subject, &request) {
            Decision::Allow { .. } => return Ok(()),
            Decision::Deny { code, policy, reason, remedy, field } => {
                Denial { code: code.to_owned(), reason, remedy, field, policy: Some(policy) }
            }
            Decision::NeedsApproval { policy, reason, approvers, field } => {
                let who: Vec<_> = approvers.iter().map(|role| role.name()).collect();
                Denial {
                    code: "needs_approval".to_owned(),
                    reason,
                    remedy: format!("ask for it: {} may approve it", who.join(" or ")),
                    field,
                    policy: Some(policy),
                }
            }
            Decision::ServerDecides { policy, missing } => Denial {
                code: "undecidable".to_owned(),
                reason: format!("the server does not know {}", missing.join(", ")),
                remedy: "ask an Administrator to complete the record".to_owned(),
                field: None,
                policy: Some(policy),
            },
        };
        Err(Stop::Verdict(Verdict::Denied(denial)))
    }

    /// Checks that whoever writes a confirmed field saw the value that it has now.
    pub(super) fn check_confirmed(&mut self, part: &Part) -> Result<(), Stop> {
        let schema = self.rules.schema;
        for operation in &part.operations {
            let Operation::Edit(edit) = operation else { continue };
            let def = schema.field(part.entity, &edit.field);
            if def.is_none_or(|def| def.class != MergeClass::Confirmed) {
                continue;
            }
            let open = self.open.get(self.store, schema, part.document, part.entity)?;
            let Some(open) = open else { continue };
            let now = view(schema, part.entity, &[&open.document]);
            if *now.value(&edit.field) != edit.from {
                let reason = format!("somebody else has changed `{}` meanwhile", edit.field);
                let remedy = "look at its value now, and change it again if it is still wrong";
                return Err(deny_field("confirmed_changed", &edit.field, reason, remedy));
            }
        }
        Ok(())
    }
}

pub(super) fn no_record() -> Stop {
    deny(
        "no_record",
        "there is no such record that you may see",
        "ask its owner or an Administrator; your words are kept",
    )
}
