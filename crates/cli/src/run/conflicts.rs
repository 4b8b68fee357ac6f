//! What needs a person: conflicts and the queue.

use roadbook_api::ApiError;
use roadbook_api::commands::conflicts::{
    Choice, ConflictOrder, ListConflicts, ProposeValue, ResolveConflict,
};
use roadbook_api::commands::queries::ShowRecord;
use roadbook_api::commands::queue::{
    DiscardIntent, RestoreDiscarded, RetryIntent, ShowQueue, UndoIntent,
};
use roadbook_app::Run as _;

use super::{Place, Wanted, assignments, bad_input, checked, only_target};
use crate::args::{Chosen, Conflicts, Pending, PendingAction, Propose, Resolve, Undo};
use crate::exit::{self, Exit};
use crate::show;

pub(super) fn pending(at: &Place<'_>, args: &Pending) -> Result<Exit, ApiError> {
    let app = at.open()?;
    let queue = match &args.action {
        None => app.run(ShowQueue {})?,
        Some(PendingAction::Retry(retry)) => app.run(RetryIntent {
            intent: retry.one.intent.clone(),
            assignments: assignments(&retry.set)?,
            why: retry.why.clone(),
        })?,
        Some(PendingAction::Restore(one)) => {
            app.run(RestoreDiscarded { intent: one.intent.clone() })?
        }
        Some(PendingAction::Discard(one)) => {
            app.run(DiscardIntent { intent: one.intent.clone() })?
        }
    };
    at.terminal.say(&queue, |queue| show::queue::queue(queue, at.terminal, &at.now()))?;
    let waits = !queue.pending.is_empty() || !queue.needs_you.is_empty();
    Ok(checked(Wanted::from(args.check.check), waits))
}

pub(super) fn undo(at: &Place<'_>, args: &Undo) -> Result<Exit, ApiError> {
    let command = UndoIntent { intent: args.one.intent.clone(), record: args.record.clone() };
    let view = at.open()?.run(command)?;
    at.terminal.say(&view, |view| show::undo::undone(view, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

pub(super) fn conflicts(at: &Place<'_>, args: &Conflicts) -> Result<Exit, ApiError> {
    let app = at.open()?;
    let record = if args.words.is_empty() {
        None
    } else {
        let target = only_target(&args.words)?;
        let found = app.run(ShowRecord { entity: target.entity, record: target.record })?;
        Some(found.record.to_string())
    };
    let in_full = record.is_some();
    let conflicts = app.run(ListConflicts { record, order: ConflictOrder::Stake })?;
    at.terminal.say(&conflicts, |conflicts| {
        if in_full {
            show::conflicts::full(conflicts, at.terminal, &at.now())
        } else {
            show::conflicts::list(conflicts, at.terminal, &at.now())
        }
    })?;
    Ok(checked(Wanted::from(args.check.check), !conflicts.is_empty()))
}

pub(super) fn resolve(at: &Place<'_>, args: &Resolve) -> Result<Exit, ApiError> {
    let view = at.open()?.run(ResolveConflict {
        conflict: args.conflict.clone(),
        choice: choice(&args.chosen)?,
        why: args.why.clone(),
        seen: Vec::new(),
    })?;
    at.terminal.say(&view, |view| show::records::written(view, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

pub(super) fn propose(at: &Place<'_>, args: &Propose) -> Result<Exit, ApiError> {
    let view = at.open()?.run(ProposeValue {
        conflict: args.conflict.clone(),
        choice: choice(&args.chosen)?,
        why: args.why.clone(),
    })?;
    at.terminal.say(&view, |view| show::records::written(view, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

fn choice(chosen: &Chosen) -> Result<Choice, ApiError> {
    match (chosen.take, &chosen.value) {
        (Some(side), None) => Ok(Choice::Side { side }),
        (None, Some(value)) => Ok(Choice::Value { value: value.clone() }),
        _ => Err(bad_input("take", "is missing", "give --take SIDE or --value VALUE")),
    }
}
