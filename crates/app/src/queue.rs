//! Unsent work, and work that needs a decision.

use roadbook_api::commands::queue::{
    DiscardIntent, Queue, RestoreDiscarded, RetryIntent, ShowQueue,
};
use roadbook_api::views::{DiscardedView, NeedsYouView, PendingState, PendingView};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::IntentId;
use roadbook_replica::{Discarded, NeedsYou, PendingIntent, Replica};

use crate::errors::{self, ApiResult, not_found};
use crate::lookup::{Named, is_short_for};
use crate::records::Names;
use crate::{App, Run, describe, retry};

impl Run<ShowQueue> for App {
    fn run(&self, _: ShowQueue) -> ApiResult<Queue> {
        let now_ms = self.host.wall_ms();
        self.with(|replica| queue(replica, now_ms))
    }
}

impl Run<RetryIntent> for App {
    fn run(&self, command: RetryIntent) -> ApiResult<Queue> {
        self.with(|replica| {
            let drawer = replica.needs_you().map_err(|error| errors::of_store(&error))?;
            let ids: Vec<IntentId> = drawer.iter().map(|item| item.intent).collect();
            let intent = find(&ids, &command.intent)?;
            let wanted = replica.wanted(intent).map_err(|error| errors::of_store(&error))?;
            let wanted = wanted.ok_or_else(|| not_found("denied intent", &command.intent))?;
            let said = wanted.rationale.clone();
            let stamp = self.stamp(command.why.as_deref().or(said.as_deref()));
            let (kind, steps) = retry::edited(replica, wanted, &command.assignments)?;
            replica
                .send_instead(intent, kind, steps, &stamp)
                .map_err(|error| errors::of_commit(&error))?;
            queue(replica, self.host.wall_ms())
        })
    }
}

impl Run<DiscardIntent> for App {
    fn run(&self, command: DiscardIntent) -> ApiResult<Queue> {
        self.with(|replica| {
            let drawer = replica.needs_you().map_err(|error| errors::of_store(&error))?;
            let waiting = replica.pending().map_err(|error| errors::of_store(&error))?;
            let ids: Vec<IntentId> = drawer
                .iter()
                .map(|item| item.intent)
                .chain(waiting.iter().map(|item| item.intent))
                .collect();
            let intent = find(&ids, &command.intent)?;
            let wall_ms = self.host.wall_ms();
            let known = replica.discard(intent, wall_ms).map_err(|error| errors::of_store(&error))?;
            if !known {
                let message = "the server has this intent already, so it can no longer be given up; \
                               change the record instead";
                return Err(ApiError::new(ErrorCode::Stale, message));
            }
            queue(replica, wall_ms)
        })
    }
}

impl Run<RestoreDiscarded> for App {
    fn run(&self, command: RestoreDiscarded) -> ApiResult<Queue> {
        self.with(|replica| {
            let stamp = self.stamp(None);
            let kept =
                replica.discarded(stamp.wall_ms).map_err(|error| errors::of_store(&error))?;
            let ids: Vec<IntentId> = kept.iter().map(|item| item.intent).collect();
            let intent = find(&ids, &command.intent)?;
            replica.take_back(intent, &stamp).map_err(|error| errors::of_commit(&error))?;
            queue(replica, stamp.wall_ms)
        })
    }
}

/// The intent that a text names: an id, or its beginning or end.
pub(crate) fn find(ids: &[IntentId], text: &str) -> ApiResult<IntentId> {
    let found: Vec<IntentId> = match Named::of(text) {
        Named::Id(id) => ids.iter().copied().filter(|intent| intent.0 == id.0).collect(),
        Named::Short(digits) => {
            ids.iter().copied().filter(|intent| is_short_for(*intent.as_bytes(), &digits)).collect()
        }
        Named::External(_) | Named::Name(_) => Vec::new(),
    };
    match found.as_slice() {
        [] => Err(not_found("waiting or denied intent", text)),
        [one] => Ok(*one),
        several => {
            let listed: Vec<String> = several.iter().map(ToString::to_string).collect();
            let message = format!("`{text}` fits several intents: {}", listed.join(", "));
            Err(ApiError::new(ErrorCode::Ambiguous, message))
        }
    }
}

fn queue(replica: &Replica, now_ms: i64) -> ApiResult<Queue> {
    let names = Names::new(replica);
    let pending = replica.pending().map_err(|error| errors::of_store(&error))?;
    let drawer = replica.needs_you().map_err(|error| errors::of_store(&error))?;
    let kept = replica.discarded(now_ms).map_err(|error| errors::of_store(&error))?;
    Ok(Queue {
        pending: pending.iter().map(|item| waiting(&names, item)).collect::<ApiResult<_>>()?,
        needs_you: drawer.iter().map(|item| denied(&names, item)).collect::<ApiResult<_>>()?,
        discarded: kept.iter().map(|item| discarded(&names, item)).collect::<ApiResult<_>>()?,
    })
}

fn waiting(names: &Names<'_>, item: &PendingIntent) -> ApiResult<PendingView> {
    let parts = item
        .parts
        .iter()
        .map(|part| (part.document.record, part.entity, part.operations.as_slice()));
    let (records, changes) = describe::of_parts(names, parts)?;
    let (state, waits_for) = match item.state {
        roadbook_replica::PendingState::Saved => (PendingState::Saved, None),
        roadbook_replica::PendingState::Sending => (PendingState::Sending, None),
        roadbook_replica::PendingState::Accepted { .. } => (PendingState::Sending, None),
        roadbook_replica::PendingState::WaitsFor(intent) => (PendingState::Held, Some(intent)),
    };
    Ok(PendingView {
        intent: item.intent,
        kind: item.kind.name().to_owned(),
        records,
        changes,
        at_ms: item.clock.millis(),
        state,
        waits_for,
    })
}

fn discarded(names: &Names<'_>, item: &Discarded) -> ApiResult<DiscardedView> {
    let parts = item
        .parts
        .iter()
        .map(|part| (part.document.record, part.entity, part.operations.as_slice()));
    let (records, changes) = describe::of_parts(names, parts)?;
    Ok(DiscardedView {
        intent: item.intent,
        kind: item.kind.name().to_owned(),
        records,
        changes,
        at_ms: item.clock.millis(),
        discarded_ms: item.discarded_ms,
        denied: item.denied,
    })
}

fn denied(names: &Names<'_>, item: &NeedsYou) -> ApiResult<NeedsYouView> {
    let parts = item
        .parts
        .iter()
        .map(|part| (part.document.record, part.entity, part.operations.as_slice()));
    let (records, changes) = describe::of_parts(names, parts)?;
    Ok(NeedsYouView {
        intent: item.intent,
        kind: item.kind.name().to_owned(),
        records,
        changes,
        at_ms: item.clock.millis(),
        code: item.denial.code.clone(),
        reason: item.denial.reason.clone(),
        remedy: item.denial.remedy.clone(),
        field: item.denial.field.clone(),
        policy: item.denial.policy.clone(),
        holds: item.waiting.clone(),
    })
}
