//! Where the device stands: with its server, and in itself.

use std::collections::BTreeMap;

use roadbook_api::commands::device::ShowStatus;
use roadbook_api::views::{
    CheckOutcome, CheckView, DoctorView, SessionMode, SessionState, SessionView, SyncStatusView,
};
use roadbook_domain::{Entity, Facet, IntentKind, Operation};
use roadbook_policy::{Decision, Relation, Request, decide};
use roadbook_replica::{ListQuery, Replica};

use crate::errors::{self, ApiResult};
use crate::{App, Run};

impl Run<ShowStatus> for App {
    fn run(&self, _: ShowStatus) -> ApiResult<SyncStatusView> {
        self.with(|replica| {
            let status = replica.status().map_err(|error| errors::of_store(&error))?;
            let mut records = BTreeMap::new();
            for entity in Entity::ALL {
                let count = replica
                    .count(&ListQuery::newest(entity, 1))
                    .map_err(|error| errors::of_store(&error))?;
                if count > 0 {
                    records.insert(entity.name().to_owned(), count);
                }
            }
            let enrolment = replica.enrolment();
            Ok(SyncStatusView {
                device: replica.device(),
                device_name: replica.device_name().to_owned(),
                tenant: enrolment.map(|enrolment| enrolment.tenant),
                user: enrolment.map(|enrolment| enrolment.user),
                who: enrolment.map(|enrolment| enrolment.user_name.clone()),
                role: replica.subject().map(|subject| subject.role.name().to_owned()),
                server: enrolment.map(|enrolment| enrolment.server_url.clone()),
                last_sync_ms: status.last_sync_ms,
                position: status.position,
                pending: status.pending,
                held: status.waiting,
                needs_you: status.needs_you,
                conflicts: status.conflicts,
                records,
                oldest_pending_ms: status.oldest_pending_ms,
                clock_offset_ms: status.clock_offset_ms,
                first_sync_unfinished: status.first_sync_unfinished,
            })
        })
    }
}

impl App {
    /// Who uses this open device.
    pub(crate) fn session(&self, mode: SessionMode) -> SessionView {
        self.with(|replica| {
            let enrolment = replica.enrolment();
            let ready = enrolment.is_some();
            SessionView {
                state: if ready { SessionState::Ready } else { SessionState::NotEnrolled },
                mode,
                user: enrolment.map(|enrolment| enrolment.user),
                who: enrolment.map(|enrolment| enrolment.user_name.clone()),
                role: replica.subject().map(|subject| subject.role.name().to_owned()),
                device: Some(replica.device()),
                device_name: Some(replica.device_name().to_owned()),
                tenant: enrolment.map(|enrolment| enrolment.tenant),
                tenant_name: enrolment.map(|enrolment| enrolment.tenant_name.clone()),
                can_review: may_review(replica),
                confidential: confidential(replica),
                server: enrolment.map(|enrolment| enrolment.server_url.clone()),
            }
        })
    }
}

/// The kinds of records of which the user gets the confidential facet.
fn confidential(replica: &Replica) -> Vec<Entity> {
    let Some(subject) = replica.subject() else { return Vec::new() };
    let gets = |entity: &Entity| {
        replica.policies().may_receive(subject.role, *entity, Facet::Confidential)
    };
    Entity::ALL.into_iter().filter(gets).collect()
}

/// Whether the user may settle a conflict of somebody else's deal.
fn may_review(replica: &Replica) -> bool {
    let Some(subject) = replica.subject() else { return false };
    let settle = Operation::Resolve {
        field: "amount".to_owned(),
        sides: Vec::new(),
        choice: roadbook_domain::Value::Null,
    };
    let request = Request {
        entity: Entity::Opportunity,
        facet: Facet::Internal,
        kind: IntentKind::ResolveConflict,
        operations: &[settle],
        relation: Relation::Other,
        rationale: None,
    };
    matches!(decide(replica.policies(), subject, &request), Decision::Allow { .. })
}

/// The device's health; `equal` is what the server said to the comparison, if it was asked.
pub(crate) fn doctor(replica: &Replica, equal: &ServerWord) -> ApiResult<DoctorView> {
    let report = replica.doctor().map_err(|error| errors::of_store(&error))?;
    let checksum = replica.checksum().map_err(|error| errors::of_store(&error))?;
    let mut checks: Vec<CheckView> = report
        .checks
        .iter()
        .map(|check| CheckView {
            check: check.name.to_owned(),
            outcome: if check.problems.is_empty() {
                CheckOutcome::Passed
            } else {
                CheckOutcome::Failed
            },
            detail: if check.problems.is_empty() {
                format!("{} examined", check.examined)
            } else {
                check.problems.join("; ")
            },
        })
        .collect();
    let (outcome, detail) = match equal {
        ServerWord::Equal => {
            (CheckOutcome::Passed, "this device holds exactly what the server says".to_owned())
        }
        ServerWord::Healed => (
            CheckOutcome::Passed,
            "this device held damaged documents, or others than the server says; it has read \
             all of them again, and holds exactly those now"
                .to_owned(),
        ),
        ServerWord::Different => (
            CheckOutcome::Failed,
            "this device and the server hold different documents, also after reading all of them \
             again; ask the server's operator"
                .to_owned(),
        ),
        ServerWord::NotAsked(why) => (CheckOutcome::Skipped, why.clone()),
    };
    checks.push(CheckView { check: "server".to_owned(), outcome, detail });
    Ok(DoctorView {
        healthy: checks.iter().all(|check| check.outcome != CheckOutcome::Failed),
        equal: match equal {
            ServerWord::Equal | ServerWord::Healed => Some(true),
            ServerWord::Different => Some(false),
            ServerWord::NotAsked(_) => None,
        },
        position: checksum.seq,
        documents: checksum.documents,
        checksum: checksum.digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        checks,
    })
}

/// What the server says of this device's documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ServerWord {
    /// They are what they should be.
    Equal,
    /// They were not, and are after all of them were read again.
    Healed,
    /// They are not.
    Different,
    /// It was not asked; why.
    NotAsked(String),
}
