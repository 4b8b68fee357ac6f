//! What is around a record: the records that refer to it, and its timeline.

use std::collections::HashSet;

use roadbook_api::commands::pages::{ShowRelated, ShowTimeline};
use roadbook_api::views::{
    HistoryEntryView, RecordLink, RelatedGroupView, RelatedView, TimelineEntryView, TimelinePage,
    TimelineWhat,
};
use roadbook_domain::{Entity, RecordId};
use roadbook_replica::{Moment, Replica, Row, SyncMark};

use crate::errors::{self, ApiResult, bad_input};
use crate::records::{Names, Unsent, view};
use crate::{App, Run, history, lookup};

/// The most records of one group at once.
const GROUP_MAX: u32 = 500;
/// The most entries of one page of a timeline.
const PAGE_MAX: u32 = 1_000;

impl Run<ShowRelated> for App {
    fn run(&self, command: ShowRelated) -> ApiResult<RelatedView> {
        self.with(|replica| {
            let entity = command.entity.as_deref().map(errors::entity).transpose()?;
            let row = lookup::record(replica, entity, &command.record)?;
            let limit = command.limit.clamp(1, GROUP_MAX);
            let names = Names::new(replica);
            let unsent = Unsent::new(replica);
            let mut groups = Vec::new();
            for (entity, field) in replica.referring(row.entity) {
                let query = Replica::referring_query(entity, field.name, row.record, limit);
                let total = replica.count(&query).map_err(|error| errors::of_store(&error))?;
                if total == 0 {
                    continue;
                }
                let records: ApiResult<Vec<_>> = lookup::list(replica, &query)?
                    .iter()
                    .map(|row| view(&names, &unsent, row))
                    .collect();
                groups.push(RelatedGroupView {
                    entity,
                    field: field.name.to_owned(),
                    label: field.label.to_owned(),
                    filter: format!("{}={}", field.name, row.record),
                    total,
                    records: records?,
                });
            }
            Ok(RelatedView { link: names.link(row.record, row.entity)?, groups })
        })
    }
}

/// What stands at one place of a timeline, before it is read.
enum Found {
    Record(Moment),
    Entry(Box<HistoryEntryView>),
}

impl Run<ShowTimeline> for App {
    fn run(&self, command: ShowTimeline) -> ApiResult<TimelinePage> {
        self.with(|replica| {
            let entity = command.entity.as_deref().map(errors::entity).transpose()?;
            let row = lookup::record(replica, entity, &command.record)?;
            let names = Names::new(replica);
            let mut found = found(&names, &row)?;
            // Newest first; what happened at the same time in an order that stays.
            found.sort_by(|a, b| (b.0, &b.1).cmp(&(a.0, &a.1)));
            let total = found.len() as u64;
            let from = match &command.after {
                None => 0,
                Some(after) => {
                    let (at_ms, id) = place(after)?;
                    found.partition_point(|(at, key, _)| (*at, key.as_str()) >= (at_ms, id))
                }
            };
            let limit = command.limit.clamp(1, PAGE_MAX) as usize;
            let mut page: Vec<_> = found.into_iter().skip(from).collect();
            let more = page.len() > limit;
            page.truncate(limit);
            let next = page.last().filter(|_| more).map(|(at_ms, id, _)| format!("{at_ms}.{id}"));
            let mut entries = Vec::with_capacity(page.len());
            for (at_ms, id, what) in page {
                entries.extend(entry(&names, &row, at_ms, id, what)?);
            }
            Ok(TimelinePage { entries, total, next })
        })
    }
}

/// A place in a timeline, as `next` names it.
fn place(text: &str) -> ApiResult<(i64, &str)> {
    let place = text.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id)));
    place.ok_or_else(|| {
        bad_input("after", "is not a place in a timeline", "use `next` of the page before")
    })
}

fn found(names: &Names<'_>, row: &Row) -> ApiResult<Vec<(i64, String, Found)>> {
    let replica = names.replica;
    let mut out = Vec::new();
    let of_store = |error| errors::of_store(&error);
    for moment in replica.moments(row.record).map_err(of_store)? {
        out.push((moment.at_ms, moment.record.to_string(), Found::Record(moment)));
    }
    // Each time an intent stands in the history once, however many changes it made.
    let mut seen = HashSet::new();
    for entry in history::entries(names, row, None)? {
        // A visit that is counted at its account stands in the timeline itself.
        let counted = entry.kind == "log_activity" && row.entity != Entity::Activity;
        let id = entry.intent.to_string();
        if !counted && seen.insert(id.clone()) {
            out.push((entry.made_by.at_ms, id, Found::Entry(Box::new(entry))));
        }
    }
    Ok(out)
}

fn entry(
    names: &Names<'_>,
    of: &Row,
    at_ms: i64,
    id: String,
    what: Found,
) -> ApiResult<Option<TimelineEntryView>> {
    let moment = match what {
        Found::Entry(entry) => {
            let pending = !entry.accepted;
            let decision = ["resolve_conflict", "propose_in_conflict"].contains(&&*entry.kind);
            let what = if decision {
                TimelineWhat::Decision { entry }
            } else {
                TimelineWhat::Change { entry }
            };
            return Ok(Some(TimelineEntryView { id, at_ms, pending, what }));
        }
        Found::Record(moment) => moment,
    };
    let Some(row) = lookup::row(names.replica, moment.record)? else { return Ok(None) };
    let text = |field: &str| row.value(field).as_text().map(str::to_owned);
    let link = names.link(row.record, row.entity)?;
    let who = match row.value("owner").as_reference() {
        Some(owner) => Some(names.link(owner, Entity::User)?),
        None => None,
    };
    let about = about(names, &row, of.record)?;
    let what = if moment.entity == Entity::Note {
        TimelineWhat::Note { link, text: text("body"), who, about }
    } else if moment.entity == Entity::Task {
        TimelineWhat::Task {
            link,
            state: text("state").unwrap_or_default(),
            due_on: row.value("due_on").as_date().map(|due| due.to_string()),
            completed_ms: row.value("completed_at").as_instant(),
            who,
            about,
        }
    } else {
        TimelineWhat::Activity {
            link,
            kind: text("kind").unwrap_or_default().to_lowercase(),
            outcome: text("outcome"),
            text: text("report"),
            ends_ms: row.value("ended_at").as_instant(),
            who,
            about,
        }
    };
    let pending = row.sync == SyncMark::Saved;
    Ok(Some(TimelineEntryView { id, at_ms, pending, what }))
}

/// The record that something is about, where it is not the one whose timeline is shown.
fn about(names: &Names<'_>, row: &Row, of: RecordId) -> ApiResult<Option<RecordLink>> {
    let about = row.value("about").as_reference().or(row.value("account").as_reference());
    let Some(about) = about.filter(|about| *about != of) else { return Ok(None) };
    match names.of(about)? {
        Some((entity, _)) => names.link(about, entity).map(Some),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
