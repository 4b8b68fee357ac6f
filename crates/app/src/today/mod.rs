//! A rep's day: agenda, what is overdue, what to do next, whom to log a visit with.
//!
//! All lists are bounded, so a day is drawn as quickly for 50,000 deals as for 50: what wants
//! attention is looked for among those that slipped first, those without a next step and those
//! that nobody touched for longest.

use std::collections::HashSet;

use jiff::civil::Date;
use roadbook_api::commands::pages::ShowToday;
use roadbook_api::views::{
    AgendaItemView, NamedValue, NextBestView, NextReason, SuggestedAccountView, SuggestedReason,
    TodayCounts, TodayView,
};
use roadbook_domain::{Entity, RecordId, Value};
use roadbook_replica::{Closed, Comparison, Direction, ListQuery, Order, Replica, Row, SyncMark};

use crate::day::{self, DAY_MS};
use crate::errors::{self, ApiResult};
use crate::records::Names;
use crate::{App, Run, app, lookup};

/// The most items of an agenda.
const AGENDA_MAX: u32 = 200;
/// The most overdue items that are shown.
const OVERDUE_MAX: u32 = 50;
/// Activities without an outcome are overdue for so many days.
const OVERDUE_DAYS: i64 = 14;
/// The most deals that are shown as next.
const NEXT_MAX: usize = 10;
/// So many deals are looked at of each of the three ways to want attention.
const LOOKED_AT: u32 = 60;
/// Nobody being in touch for so many days is a reason.
const QUIET_DAYS: i64 = 30;
/// The most suggested accounts.
const SUGGESTED_MAX: usize = 8;

impl Run<ShowToday> for App {
    fn run(&self, command: ShowToday) -> ApiResult<TodayView> {
        let day = day::parse(&command.day)?;
        let from_ms = day::begins_ms(day, command.offset_minutes)?;
        let now_ms = self.host.wall_ms();
        self.with(|replica| {
            let today = Today {
                names: Names::new(replica),
                replica,
                me: app::user(replica)?.into(),
                day,
                from_ms,
                to_ms: from_ms + DAY_MS,
            };
            today.view(now_ms)
        })
    }
}

struct Today<'a> {
    replica: &'a Replica,
    names: Names<'a>,
    me: RecordId,
    day: Date,
    from_ms: i64,
    to_ms: i64,
}

impl Today<'_> {
    fn view(&self, now_ms: i64) -> ApiResult<TodayView> {
        let (agenda, visits) = self.agenda()?;
        let (overdue, overdue_count) = self.overdue()?;
        let next_best = self.next_best()?;
        let suggested = self.suggested(&agenda)?;
        let open = self.mine(Entity::Opportunity, Closed::Open, 1);
        let stuck = open.clone().with("next_step", Comparison::Equal, Value::Null);
        let counts = TodayCounts {
            agenda: agenda.len() as u64,
            done: agenda.iter().filter(|item| item.done).count() as u64,
            overdue: overdue_count,
            open_deals: self.count(&open)?,
            without_next_step: self.count(&stuck)?,
            visits,
        };
        let day = self.day.to_string();
        Ok(TodayView { day, as_of_ms: now_ms, agenda, overdue, next_best, suggested, counts })
    }

    fn mine(&self, entity: Entity, closed: Closed, limit: u32) -> ListQuery {
        let query = ListQuery { closed, ..ListQuery::newest(entity, limit) };
        query.with("owner", Comparison::Equal, Value::Reference(self.me))
    }

    fn count(&self, query: &ListQuery) -> ApiResult<u64> {
        self.replica.count(query).map_err(|error| errors::of_store(&error))
    }

    /// The user's activities that begin in a span, earliest first.
    fn activities(&self, from_ms: i64, to_ms: i64) -> ApiResult<Vec<Row>> {
        let query = self
            .mine(Entity::Activity, Closed::Open, AGENDA_MAX)
            .with("started_at", Comparison::Greater, Value::Instant(from_ms - 1))
            .with("started_at", Comparison::Less, Value::Instant(to_ms));
        let order = Order::Field("started_at".to_owned(), Direction::Ascending);
        lookup::list(self.replica, &ListQuery { order, ..query })
    }

    /// What the day brings, and how many visits took place.
    fn agenda(&self) -> ApiResult<(Vec<AgendaItemView>, u64)> {
        let mut out = Vec::new();
        let mut visits = 0;
        for row in self.activities(self.from_ms, self.to_ms)? {
            let item = self.of_activity(&row)?;
            visits += u64::from(item.done && item.kind == "visit");
            out.push(item);
        }
        for closed in [Closed::Open, Closed::Closed] {
            let due = self.mine(Entity::Task, closed, AGENDA_MAX).with(
                "due_on",
                Comparison::Equal,
                Value::Date(self.day),
            );
            for row in lookup::list(self.replica, &due)? {
                out.push(self.of_task(&row)?);
            }
        }
        out.sort_by_key(|item| {
            (item.at_ms.is_none(), item.at_ms, item.done, rank(item.priority.as_deref()))
        });
        Ok((out, visits))
    }

    fn overdue(&self) -> ApiResult<(Vec<AgendaItemView>, u64)> {
        let query = self.mine(Entity::Task, Closed::Open, OVERDUE_MAX).with(
            "due_on",
            Comparison::Less,
            Value::Date(self.day),
        );
        let order = Order::Field("due_on".to_owned(), Direction::Ascending);
        let query = ListQuery { order, ..query };
        let mut count = self.count(&query)?;
        let mut out = Vec::new();
        for row in lookup::list(self.replica, &query)? {
            out.push(self.of_task(&row)?);
        }
        for row in self.activities(self.from_ms - OVERDUE_DAYS * DAY_MS, self.from_ms)? {
            let item = self.of_activity(&row)?;
            if !item.done {
                count += 1;
                out.push(item);
            }
        }
        out.sort_by_key(|item| std::cmp::Reverse(item.days_late));
        out.truncate(OVERDUE_MAX as usize);
        Ok((out, count))
    }

    fn of_activity(&self, row: &Row) -> ApiResult<AgendaItemView> {
        let at_ms = row.value("started_at").as_instant();
        let outcome = row.value("outcome").as_text().map(str::to_owned);
        // What was written down afterwards took place; what was planned needs an outcome.
        let planned = at_ms.is_some_and(|at_ms| at_ms > row.record.made_ms());
        let done = outcome.is_some() || !planned;
        let late_ms = if done { 0 } else { self.from_ms - at_ms.unwrap_or(self.from_ms) };
        let days_late = (late_ms.max(0) + DAY_MS - 1) / DAY_MS;
        Ok(AgendaItemView {
            kind: row.value("kind").as_text().unwrap_or("activity").to_lowercase(),
            at_ms,
            ends_ms: row.value("ended_at").as_instant(),
            due_on: None,
            days_late: u32::try_from(days_late).unwrap_or(u32::MAX),
            priority: None,
            outcome,
            done,
            ..self.item(row)?
        })
    }

    fn of_task(&self, row: &Row) -> ApiResult<AgendaItemView> {
        let due = row.value("due_on").as_date();
        let done = row.value("state").as_text() == Some("Done");
        let late = due.filter(|_| !done).map_or(0, |due| day::between(due, self.day));
        Ok(AgendaItemView {
            due_on: due.map(|due| due.to_string()),
            days_late: u32::try_from(late.max(0)).unwrap_or(u32::MAX),
            priority: row.value("priority").as_text().map(str::to_owned),
            done,
            ..self.item(row)?
        })
    }

    /// What tasks and activities have in common.
    fn item(&self, row: &Row) -> ApiResult<AgendaItemView> {
        let account = self.link(row.value("account"), Entity::Account)?;
        let about = match row.value("about").as_reference() {
            Some(record) if row.value("account").as_reference() != Some(record) => {
                match self.names.of(record)? {
                    Some((entity, _)) => Some(self.names.link(record, entity)?),
                    None => None,
                }
            }
            _ => None,
        };
        Ok(AgendaItemView {
            link: self.names.link(row.record, row.entity)?,
            kind: "task".to_owned(),
            at_ms: None,
            ends_ms: None,
            due_on: None,
            days_late: 0,
            account,
            about,
            priority: None,
            outcome: None,
            done: false,
            pending: row.sync == SyncMark::Saved,
        })
    }

    fn link(
        &self,
        value: &Value,
        entity: Entity,
    ) -> ApiResult<Option<roadbook_api::views::RecordLink>> {
        value.as_reference().map(|record| self.names.link(record, entity)).transpose()
    }

    fn next_best(&self) -> ApiResult<Vec<NextBestView>> {
        let open = self.mine(Entity::Opportunity, Closed::Open, LOOKED_AT);
        let oldest = Order::Updated(Direction::Ascending);
        let by_close = Order::Field("close_date".to_owned(), Direction::Ascending);
        let looked_at = [
            ListQuery { order: by_close, ..open.clone() }.with(
                "close_date",
                Comparison::Less,
                Value::Date(self.day),
            ),
            ListQuery { order: oldest.clone(), ..open.clone() }.with(
                "next_step",
                Comparison::Equal,
                Value::Null,
            ),
            ListQuery { order: oldest, ..open },
        ];
        let mut seen = HashSet::new();
        let mut found: Vec<(u32, i64, Row, Vec<NextReason>)> = Vec::new();
        for query in &looked_at {
            for row in lookup::list(self.replica, query)? {
                if !seen.insert(row.record) {
                    continue;
                }
                let reasons = self.reasons(&row)?;
                let weight = reasons.iter().map(weight).sum();
                let minor = row.value("amount").as_money().map_or(0, |money| money.minor);
                if !reasons.is_empty() {
                    found.push((weight, minor, row, reasons));
                }
            }
        }
        found.sort_by_key(|(weight, minor, row, _)| {
            (std::cmp::Reverse(*weight), std::cmp::Reverse(*minor), row.record)
        });
        found.truncate(NEXT_MAX);
        found.into_iter().map(|(_, _, row, reasons)| self.next(&row, reasons)).collect()
    }

    fn next(&self, row: &Row, reasons: Vec<NextReason>) -> ApiResult<NextBestView> {
        let amount = row.value("amount");
        let close = row.value("close_date").as_date().map(|close| close.to_string());
        Ok(NextBestView {
            link: self.names.link(row.record, row.entity)?,
            account: self.link(row.value("account"), Entity::Account)?,
            stage: row.value("stage").as_text().unwrap_or_default().to_owned(),
            amount: (!amount.is_null()).then(|| NamedValue::plain(amount)),
            disputed: row.is_disputed("amount"),
            close_date: close,
            reasons,
        })
    }

    /// Why a deal wants attention, the weightiest first.
    fn reasons(&self, row: &Row) -> ApiResult<Vec<NextReason>> {
        let mut out = Vec::new();
        if let Some(close) = row.value("close_date").as_date() {
            let days = day::between(close, self.day);
            if days > 0 {
                let days = u32::try_from(days).unwrap_or(u32::MAX);
                out.push(NextReason::CloseDatePassed { days });
            }
        }
        let account = row.value("account").as_reference();
        let mut last = self.latest("about", row.record)?;
        if let Some(account) = account {
            last = last.max(self.latest("account", account)?);
        }
        match last {
            None => out.push(NextReason::NeverInTouch),
            Some(at_ms) => {
                let days = (self.to_ms - 1 - at_ms) / DAY_MS;
                if days >= QUIET_DAYS {
                    let days = u32::try_from(days).unwrap_or(u32::MAX);
                    out.push(NextReason::NoActivity { days });
                }
            }
        }
        if row.value("next_step").is_null() {
            out.push(NextReason::NoNextStep);
        }
        Ok(out)
    }

    /// When somebody was last in touch, up to the end of the day.
    fn latest(&self, by: &str, of: RecordId) -> ApiResult<Option<i64>> {
        self.replica
            .latest(Entity::Activity, by, of, "started_at", self.to_ms - 1)
            .map_err(|error| errors::of_store(&error))
    }

    fn suggested(&self, agenda: &[AgendaItemView]) -> ApiResult<Vec<SuggestedAccountView>> {
        let mut out: Vec<(RecordId, SuggestedReason)> = Vec::new();
        for item in agenda.iter().filter(|item| !item.done) {
            let reason = SuggestedReason::OnAgenda { at_ms: item.at_ms };
            out.extend(item.account.as_ref().map(|account| (account.record, reason)));
        }
        out.extend(self.visits_due()?);
        for row in self.recent()? {
            let started = row.value("started_at").as_instant();
            let at_ms = started.unwrap_or_else(|| row.updated.millis());
            let account = row.value("account").as_reference();
            let account = account.or((row.entity == Entity::Account).then_some(row.record));
            out.extend(account.map(|account| (account, SuggestedReason::Recent { at_ms })));
        }
        let mut seen = HashSet::new();
        let mut views = Vec::new();
        for (account, reason) in out {
            if views.len() == SUGGESTED_MAX {
                break;
            }
            if !seen.insert(account) {
                continue;
            }
            let Some(row) = lookup::row(self.replica, account)?.filter(|row| row.alive) else {
                continue;
            };
            let city = row.value("city").as_text().map(str::to_owned);
            let link = self.names.link(account, Entity::Account)?;
            views.push(SuggestedAccountView { link, city, reason });
        }
        Ok(views)
    }

    /// The user's accounts that are due for a visit, the longest overdue first.
    fn visits_due(&self) -> ApiResult<Vec<(RecordId, SuggestedReason)>> {
        let query = self.mine(Entity::Account, Closed::Open, LOOKED_AT).with(
            "visit_every_days",
            Comparison::Greater,
            Value::Integer(0),
        );
        let order = Order::Field("visit_every_days".to_owned(), Direction::Ascending);
        let mut due: Vec<(i64, RecordId)> = Vec::new();
        for row in lookup::list(self.replica, &ListQuery { order, ..query })? {
            let every = row.value("visit_every_days").as_integer().unwrap_or(0);
            let since_ms = self.latest("account", row.record)?.unwrap_or(row.record.made_ms());
            let late = (self.to_ms - 1 - since_ms) / DAY_MS - every;
            if late >= 0 {
                due.push((late, row.record));
            }
        }
        due.sort_by_key(|(late, record)| (std::cmp::Reverse(*late), *record));
        let reason = |late| SuggestedReason::VisitDue { days: u32::try_from(late).unwrap_or(0) };
        Ok(due.into_iter().map(|(late, record)| (record, reason(late))).collect())
    }

    /// What the user worked on lately: activities up to the end of the day, then accounts.
    fn recent(&self) -> ApiResult<Vec<Row>> {
        let limit = u32::try_from(SUGGESTED_MAX * 2).unwrap_or(u32::MAX);
        let query = self.mine(Entity::Activity, Closed::Open, limit).with(
            "started_at",
            Comparison::Less,
            Value::Instant(self.to_ms),
        );
        let order = Order::Field("started_at".to_owned(), Direction::Descending);
        let mut rows = lookup::list(self.replica, &ListQuery { order, ..query })?;
        rows.extend(lookup::list(self.replica, &self.mine(Entity::Account, Closed::Open, limit))?);
        Ok(rows)
    }
}

const fn weight(reason: &NextReason) -> u32 {
    match reason {
        NextReason::CloseDatePassed { .. } => 4,
        NextReason::NoActivity { .. } => 3,
        NextReason::NeverInTouch => 2,
        NextReason::NoNextStep => 1,
    }
}

/// Tasks of high priority come first, those without one in the middle.
fn rank(priority: Option<&str>) -> u8 {
    match priority {
        Some("High") => 0,
        Some("Low") => 2,
        Some(_) | None => 1,
    }
}

#[cfg(test)]
mod tests;
