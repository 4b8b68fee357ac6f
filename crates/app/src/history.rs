//! Why a value is what it is, and what merges settled by themselves.

use roadbook_api::commands::queries::{ShowHistory, ShowJournal};
use roadbook_api::views::{HistoryEntryView, JournalView, SetAsideView};
use roadbook_domain::{ChangeHash, Entity, RecordId, Value};
use roadbook_replica::{HistoryRow, MadeBy, Row};

use crate::errors::{self, ApiResult};
use crate::records::Names;
use crate::{App, Run, assign, describe, lookup};

/// The most entries of the journal that are shown at once.
const JOURNAL_MAX: u32 = 1_000;

impl Run<ShowHistory> for App {
    fn run(&self, command: ShowHistory) -> ApiResult<Vec<HistoryEntryView>> {
        self.with(|replica| {
            let entity = command.entity.as_deref().map(errors::entity).transpose()?;
            let row = lookup::record(replica, entity, &command.record)?;
            if let Some(field) = &command.field {
                assign::field(replica.schema(), row.entity, field)?;
            }
            entries(&Names::new(replica), &row, command.field.as_deref())
        })
    }
}

/// What happened to a record, newest first, each intent once.
pub(crate) fn entries(
    names: &Names<'_>,
    row: &Row,
    field: Option<&str>,
) -> ApiResult<Vec<HistoryEntryView>> {
    let rows =
        names.replica.history(row.record, field).map_err(|error| errors::of_store(&error))?;
    let mut out: Vec<HistoryEntryView> = Vec::new();
    for (id, history) in rows.iter().map(|history| (history.made_by.intent, history)) {
        let changes = describe::changes(names, row.entity, &history.operations)?;
        let changes =
            changes.into_iter().filter(|change| field.is_none_or(|field| change.field == field));
        let settled = settled(names, row.record, row.entity, &rows, history)?;
        match out.last_mut().filter(|last| last.intent == id) {
            Some(last) => {
                last.changes.extend(changes);
                last.settled.extend(settled);
            }
            None => out.push(HistoryEntryView {
                intent: id,
                kind: history.made_by.kind.name().to_owned(),
                made_by: describe::made_by(names, &history.made_by)?,
                accepted: history.made_by.seq.is_some(),
                seq: history.made_by.seq,
                changes: changes.collect(),
                settled,
            }),
        }
    }
    out.reverse();
    Ok(out)
}

impl Run<ShowJournal> for App {
    fn run(&self, command: ShowJournal) -> ApiResult<Vec<JournalView>> {
        self.with(|replica| {
            let only = match &command.record {
                Some(record) => Some(lookup::record(replica, None, record)?.record),
                None => None,
            };
            let limit = command.limit.clamp(1, JOURNAL_MAX);
            let asked = if only.is_some() { JOURNAL_MAX } else { limit };
            let rows = replica.journal(asked).map_err(|error| errors::of_store(&error))?;
            let rows = rows.iter().filter(|row| only.is_none_or(|record| row.record == record));
            let names = Names::new(replica);
            let mut out = Vec::new();
            for row in rows.take(limit as usize) {
                let history = replica
                    .history(row.record, Some(&row.entry.field))
                    .map_err(|error| errors::of_store(&error))?;
                let entry = Settled {
                    field: &row.entry.field,
                    how: row.entry.settled.code(),
                    kept: &row.entry.kept,
                    set_aside: &row.entry.set_aside,
                    made_by: &row.made_by,
                };
                out.push(of_entry(&names, row.record, row.entity, &history, &entry)?);
            }
            Ok(out)
        })
    }
}

/// One journal entry with whose change it was.
struct Settled<'a> {
    field: &'a str,
    how: &'static str,
    kept: &'a Value,
    set_aside: &'a [(Value, ChangeHash)],
    made_by: &'a MadeBy,
}

pub(crate) fn settled(
    names: &Names<'_>,
    record: RecordId,
    entity: Entity,
    rows: &[HistoryRow],
    of: &HistoryRow,
) -> ApiResult<Vec<JournalView>> {
    let entries = of.journal.iter().map(|entry| Settled {
        field: &entry.field,
        how: entry.settled.code(),
        kept: &entry.kept,
        set_aside: &entry.set_aside,
        made_by: &of.made_by,
    });
    entries.map(|entry| of_entry(names, record, entity, rows, &entry)).collect()
}

fn of_entry(
    names: &Names<'_>,
    record: RecordId,
    entity: Entity,
    history: &[HistoryRow],
    entry: &Settled<'_>,
) -> ApiResult<JournalView> {
    let of = |change: &ChangeHash| history.iter().find(|row| row.made_by.change == *change);
    let mut set_aside = Vec::new();
    for (value, change) in entry.set_aside {
        let author = of(change);
        set_aside.push(SetAsideView {
            value: names.value(value)?,
            made_by: author.map(|row| describe::made_by(names, &row.made_by)).transpose()?,
        });
    }
    // A decision notes between which sides it was made; what they said is in their own entries.
    let decision = of(&entry.made_by.change);
    for row in decision.iter().flat_map(|row| row.sides_of(entry.field)).filter_map(of) {
        if let Some(value) = row.value_of(entry.field).filter(|value| *value != entry.kept) {
            // Several people may have said the same.
            let named = names.value(value)?;
            if set_aside.iter().any(|aside: &SetAsideView| aside.value == named) {
                continue;
            }
            set_aside.push(SetAsideView {
                value: names.value(value)?,
                made_by: Some(describe::made_by(names, &row.made_by)?),
            });
        }
    }
    Ok(JournalView {
        link: names.link(record, entity)?,
        field: entry.field.to_owned(),
        label: describe::label(names.replica.schema(), entity, entry.field),
        settled: entry.how.to_owned(),
        kept: names.value(entry.kept)?,
        set_aside,
        made_by: Some(describe::made_by(names, entry.made_by)?),
    })
}
