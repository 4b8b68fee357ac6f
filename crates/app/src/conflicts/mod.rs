//! The review queue: conflicts, their sides, and what settles them.

use roadbook_api::commands::conflicts::{
    Choice, ConflictOrder, ListConflicts, ProposeValue, ResolveConflict, ShowConflict,
};
use roadbook_api::views::{
    ConflictView, Leave, MadeByView, NamedValue, ProposalView, SideView, WrittenView,
};
use roadbook_api::{ApiError, ErrorCode, ValueView};
use roadbook_domain::{Entity, Intent, IntentKind, Value};
use roadbook_replica::{ConflictSide, HistoryRow, OpenConflict, Replica};

use crate::errors::{self, ApiResult, bad_input, not_found};
use crate::records::Names;
use crate::{App, Run, assign, describe, history, lookup};

/// An error lists so many candidates.
const LISTED: usize = 5;

impl Run<ListConflicts> for App {
    fn run(&self, command: ListConflicts) -> ApiResult<Vec<ConflictView>> {
        self.with(|replica| {
            let mut conflicts = ordered(replica, command.order)?;
            if let Some(record) = &command.record {
                let row = lookup::record(replica, None, record)?;
                conflicts.retain(|conflict| conflict.record == row.record);
            }
            let names = Names::new(replica);
            (0..conflicts.len()).map(|place| view(&names, &conflicts, place)).collect()
        })
    }
}

impl Run<ShowConflict> for App {
    fn run(&self, command: ShowConflict) -> ApiResult<ConflictView> {
        self.with(|replica| {
            let conflict = find(replica, &command.conflict)?;
            let conflicts = ordered(replica, command.order)?;
            let same = |other: &OpenConflict| {
                other.record == conflict.record && other.field == conflict.field
            };
            let place = conflicts.iter().position(same);
            let place = place.ok_or_else(|| not_found("open conflict", &command.conflict))?;
            view(&Names::new(replica), &conflicts, place)
        })
    }
}

impl Run<ResolveConflict> for App {
    fn run(&self, command: ResolveConflict) -> ApiResult<WrittenView> {
        self.with(|replica| {
            let conflict = find(replica, &command.conflict)?;
            check_seen(&conflict, &command.seen)?;
            let choice = chosen(replica, &conflict, &command.choice)?;
            let intent = Intent::ResolveConflict {
                record: conflict.record,
                entity: conflict.entity,
                field: conflict.field.clone(),
                sides: conflict.side_changes(),
                choice,
            };
            self.settle(replica, &conflict, &intent, command.why.as_deref())
        })
    }
}

impl Run<ProposeValue> for App {
    fn run(&self, command: ProposeValue) -> ApiResult<WrittenView> {
        self.with(|replica| {
            let conflict = find(replica, &command.conflict)?;
            if command.why.trim().is_empty() {
                return Err(bad_input("why", "is empty", "say why, so that others can follow"));
            }
            let intent = Intent::ProposeInConflict {
                record: conflict.record,
                entity: conflict.entity,
                field: conflict.field.clone(),
                value: chosen(replica, &conflict, &command.choice)?,
                why: command.why.trim().to_owned(),
            };
            self.settle(replica, &conflict, &intent, None)
        })
    }
}

/// A decision is about the sides that the person saw: a sync may have brought another since.
fn check_seen(conflict: &OpenConflict, seen: &[ValueView]) -> ApiResult<()> {
    let now: Vec<ValueView> = conflict.sides.iter().map(|side| (&side.value).into()).collect();
    if seen.is_empty() || seen == now {
        return Ok(());
    }
    let what = "the sides of this conflict are others than the ones you saw; look at it again";
    Err(ApiError::new(ErrorCode::Stale, what))
}

impl App {
    fn settle(
        &self,
        replica: &mut Replica,
        conflict: &OpenConflict,
        intent: &Intent,
        why: Option<&str>,
    ) -> ApiResult<WrittenView> {
        let saved = self.save(replica, intent, why)?;
        let steps = intent.plan(replica.schema()).map_err(|error| errors::of_invalid(&error))?;
        let names = Names::new(replica);
        let parts = steps.iter().map(|step| (step.record, step.entity, step.operations.as_slice()));
        let (_, changes) = describe::of_parts(&names, parts)?;
        Ok(WrittenView {
            intent: saved.intent,
            link: names.link(conflict.record, conflict.entity)?,
            changes,
            leave: Leave::Allowed,
        })
    }
}

fn all(replica: &Replica) -> ApiResult<Vec<OpenConflict>> {
    replica.conflicts().map_err(|error| errors::of_store(&error))
}

/// All open conflicts: by money as the replica gives them, or by age.
fn ordered(replica: &Replica, order: ConflictOrder) -> ApiResult<Vec<OpenConflict>> {
    let mut conflicts = all(replica)?;
    match order {
        ConflictOrder::Stake => {}
        ConflictOrder::Age => conflicts.sort_by_key(since),
    }
    Ok(conflicts)
}

/// The conflict that a text names: an id or a unique beginning of it, a record with one open
/// conflict, or `record.field`.
fn find(replica: &Replica, text: &str) -> ApiResult<OpenConflict> {
    let text = text.trim();
    let conflicts = all(replica)?;
    let id = |conflict: &OpenConflict| conflict.id.as_ref().map(ToString::to_string);
    let by_id = |conflict: &&OpenConflict| id(conflict).is_some_and(|id| id == text);
    if let Some(found) = conflicts.iter().find(by_id) {
        return Ok(found.clone());
    }
    let (record, field) = match text.rsplit_once('.') {
        Some((record, field)) => (record, Some(field)),
        None => (text, None),
    };
    let mut found: Vec<&OpenConflict> = match lookup::record(replica, None, record) {
        Ok(row) => conflicts
            .iter()
            .filter(|conflict| conflict.record == row.record)
            .filter(|conflict| field.is_none_or(|field| conflict.field == field))
            .collect(),
        Err(error) if error.code == ErrorCode::Ambiguous => return Err(error),
        Err(_) => conflicts
            .iter()
            .filter(|conflict| {
                text.len() >= 6 && id(conflict).is_some_and(|id| id.starts_with(text))
            })
            .collect(),
    };
    match found.len() {
        0 => Err(not_found("open conflict", text)),
        1 => Ok(found.remove(0).clone()),
        count => {
            let listed: Vec<String> = found
                .iter()
                .take(LISTED)
                .map(|conflict| format!("{}.{}", conflict.record, conflict.field))
                .collect();
            let message =
                format!("`{text}` fits {count} open conflicts; name one of: {}", listed.join(", "));
            Err(ApiError::new(ErrorCode::Ambiguous, message))
        }
    }
}

fn chosen(replica: &Replica, conflict: &OpenConflict, choice: &Choice) -> ApiResult<Value> {
    match choice {
        Choice::Side { side } => {
            let index = usize::try_from(*side).ok().and_then(|side| side.checked_sub(1));
            let found = index.and_then(|index| conflict.sides.get(index));
            found.map(|side| side.value.clone()).ok_or_else(|| {
                let remedy = format!("take a side from 1 to {}", conflict.sides.len());
                bad_input("take", &format!("there is no side {side}"), &remedy)
            })
        }
        Choice::Value { value } => {
            let def = assign::field(replica.schema(), conflict.entity, &conflict.field)?;
            assign::value(replica, def, value)
        }
    }
}

/// When the second side was set.
fn since(conflict: &OpenConflict) -> i64 {
    conflict.sides.get(1).map_or(0, |side| side.clock.millis())
}

/// What names a conflict in commands.
fn named(conflict: &OpenConflict) -> String {
    let own = || format!("{}.{}", conflict.record, conflict.field);
    conflict.id.as_ref().map_or_else(own, ToString::to_string)
}

/// Whether the policies let the user settle it.
fn can_decide(replica: &Replica, conflict: &OpenConflict) -> bool {
    let intent = Intent::ResolveConflict {
        record: conflict.record,
        entity: conflict.entity,
        field: conflict.field.clone(),
        sides: conflict.side_changes(),
        choice: conflict.sides.first().map_or(Value::Null, |side| side.value.clone()),
    };
    replica.judge(&intent, None).is_ok_and(|decision| decision.is_allowed())
}

/// Who had set the value that all sides started from: the last one before them who set it so.
fn base_by<'h>(conflict: &OpenConflict, history: &'h [HistoryRow]) -> Option<&'h HistoryRow> {
    let changes = conflict.side_changes();
    let first = conflict.sides.iter().map(|side| side.clock).min()?;
    let earlier = |row: &&HistoryRow| {
        row.made_by.clock < first
            && row.facet == conflict.facet
            && !changes.contains(&row.made_by.change)
    };
    let set = history
        .iter()
        .filter(earlier)
        .filter(|row| row.value_of(&conflict.field) == Some(&conflict.base))
        .max_by_key(|row| row.made_by.clock);
    // Nobody set it since the record was made: it was made so. What a making did is in the
    // document, not in the history.
    let touched = history.iter().filter(earlier).any(|row| row.value_of(&conflict.field).is_some());
    let made = history
        .iter()
        .find(|row| row.operations.is_empty() && row.made_by.kind == IntentKind::Create);
    set.or(made.filter(|_| !touched && !conflict.base.is_null()))
}

fn view(names: &Names<'_>, all: &[OpenConflict], place: usize) -> ApiResult<ConflictView> {
    let conflict = &all[place];
    let schema = names.replica.schema();
    let last = conflict.sides.len();
    let sides: ApiResult<Vec<SideView>> = (1_u32..)
        .zip(&conflict.sides)
        .map(|(number, side)| of_side(names, number, side, number as usize == last))
        .collect();
    let history =
        names.replica.history(conflict.record, None).map_err(|error| errors::of_store(&error))?;
    let base_by = base_by(conflict, &history)
        .map(|row| describe::made_by(names, &row.made_by))
        .transpose()?;
    let row = lookup::row(names.replica, conflict.record)?;
    let account = row.and_then(|row| row.value("account").as_reference());
    let account = account.map(|account| names.link(account, Entity::Account)).transpose()?;
    let earliest =
        conflict.sides.iter().flat_map(|side| &side.made_by).filter_map(|made| made.seq).min();
    let mut settled = Vec::new();
    for row in history.iter().rev().filter(|row| row.made_by.seq >= earliest) {
        if earliest.is_some() && !row.journal.is_empty() {
            let beside = history::settled(names, conflict.record, conflict.entity, &history, row)?;
            settled.extend(beside.into_iter().filter(|entry| entry.field != conflict.field));
        }
    }
    let mut proposals = Vec::new();
    for proposal in &conflict.proposals {
        let made = history.iter().find(|row| row.made_by.intent == proposal.intent);
        let made = made.map(|row| describe::made_by(names, &row.made_by)).transpose()?;
        proposals.push(ProposalView {
            intent: proposal.intent,
            value: names.value(&proposal.value)?,
            why: proposal.why.clone(),
            made_by: made,
        });
    }
    Ok(ConflictView {
        conflict: conflict.id.as_ref().map(ToString::to_string),
        link: names.link(conflict.record, conflict.entity)?,
        field: conflict.field.clone(),
        label: describe::label(schema, conflict.entity, &conflict.field),
        named: named(conflict),
        account,
        base: names.value(&conflict.base)?,
        base_by,
        sides: sides?,
        proposals,
        stake: conflict.stake.map(|money| NamedValue::plain(&Value::Money(money))),
        rule: conflict.rule.code().to_owned(),
        since_ms: since(conflict),
        position: number(place + 1),
        of: number(all.len()),
        previous: place.checked_sub(1).and_then(|place| all.get(place)).map(named),
        next: all.get(place + 1).map(named),
        can_decide: can_decide(names.replica, conflict),
        settled,
    })
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn of_side(
    names: &Names<'_>,
    number: u32,
    side: &ConflictSide,
    shown: bool,
) -> ApiResult<SideView> {
    let mut made: Vec<&roadbook_replica::MadeBy> = side.made_by.iter().collect();
    made.sort_by_key(|made| made.clock);
    let mut made: Vec<MadeByView> =
        made.into_iter().map(|made| describe::made_by(names, made)).collect::<ApiResult<_>>()?;
    Ok(SideView {
        side: number,
        value: names.value(&side.value)?,
        made_by: made.pop(),
        agreed: made,
        shown,
    })
}

#[cfg(test)]
mod tests;
