//! Boards: records by stage, status or state, with what each column adds up to.

use jiff::civil::Date;
use roadbook_api::commands::pages::ShowBoard;
use roadbook_api::views::{BoardView, CardMarker, CardView, ColumnView, FieldNeed, NamedValue};
use roadbook_domain::schema::StateDef;
use roadbook_domain::{Entity, FieldDef, MergeClass, RecordId, Schema, Value, ValueType};
use roadbook_replica::{
    Closed, Comparison, Filter, Group, ListQuery, Order, Replica, Row, SyncMark, Trash,
};

use crate::day::{self, DAY_MS};
use crate::errors::{self, ApiResult, bad_input};
use crate::records::Names;
use crate::{App, Run, describe, lookup, queries};

/// The most cards of one column at once.
const CARDS_MAX: u32 = 500;
/// A record that stands in its column for more days than this is stalled.
const STALLED_DAYS: u32 = 30;
/// The fields that say when a record ends.
const ENDS: [&str; 3] = ["close_date", "valid_until", "due_on"];

/// What a board is made of.
struct Plan<'a> {
    schema: &'a Schema,
    entity: Entity,
    state: &'a FieldDef,
    amount: Option<&'a FieldDef>,
    weighted: Option<&'a FieldDef>,
    filters: Vec<Filter>,
    order: Order,
    limit: u32,
    now_ms: i64,
    day: Date,
}

impl Run<ShowBoard> for App {
    fn run(&self, command: ShowBoard) -> ApiResult<BoardView> {
        let now_ms = self.host.wall_ms();
        let day = command.day.as_deref().map(day::parse).transpose()?;
        self.with(|replica| {
            let entity = errors::entity(&command.entity)?;
            let def = replica.schema().entity(entity);
            let (state, machine) = def
                .state_field()
                .and_then(|field| field.machine().map(|machine| (field, machine)))
                .ok_or_else(|| {
                    let problem = format!("a {entity} has no stage or state");
                    bad_input("entity", &problem, "show it as a list")
                })?;
            let filters: ApiResult<Vec<_>> =
                command.filters.iter().map(|text| queries::filter(replica, entity, text)).collect();
            let money = |class| {
                def.fields.iter().find(move |field| {
                    matches!(field.value_type, ValueType::Money) && field.class == class
                })
            };
            let plan = Plan {
                schema: replica.schema(),
                entity,
                state,
                amount: money(MergeClass::Review),
                weighted: money(MergeClass::Derived),
                filters: filters?,
                order: queries::order(replica, entity, command.order.as_deref())?,
                limit: command.limit.clamp(1, CARDS_MAX),
                now_ms,
                day: day.unwrap_or_else(|| day::of_ms(now_ms)),
            };
            let only = match &command.column {
                None => None,
                Some(name) => Some(machine.state(name).ok_or_else(|| {
                    let known: Vec<_> = machine.names().collect();
                    let problem = format!("`{name}` is no {}", machine.name);
                    bad_input("column", &problem, &format!("name one of {}", known.join(", ")))
                })?),
            };
            let offset = match (&command.after, only) {
                (None, _) => 0,
                (Some(after), Some(_)) => queries::place(after)?,
                (Some(_), None) => {
                    return Err(bad_input("after", "is given without a column", "name the column"));
                }
            };
            board(replica, &plan, machine.states, only, offset)
        })
    }
}

fn board(
    replica: &Replica,
    plan: &Plan<'_>,
    states: &'static [StateDef],
    only: Option<&StateDef>,
    offset: u32,
) -> ApiResult<BoardView> {
    let of_store = |error| errors::of_store(&error);
    let money: Vec<&str> =
        [plan.amount, plan.weighted].into_iter().flatten().map(|f| f.name).collect();
    let groups =
        replica.sums(&plan.query(None, 1, 0), Some(plan.state.name), &money).map_err(of_store)?;
    let empty = Group::default();
    let names = Names::new(replica);
    let mut disputed: Vec<RecordId> = Vec::new();
    let mut columns = Vec::new();
    for state in states.iter().filter(|state| only.is_none_or(|only| only.name == state.name)) {
        let group = groups.get(state.name).unwrap_or(&empty);
        let rows = if group.count == 0 {
            Vec::new()
        } else {
            lookup::list(replica, &plan.query(Some(state.name), plan.limit, offset))?
        };
        disputed.extend(
            rows.iter().filter(|row| row.is_disputed(plan.state.name)).map(|row| row.record),
        );
        let cards: ApiResult<Vec<_>> =
            rows.iter().map(|row| card(&names, plan, state, row)).collect();
        columns.push(column(plan, state, group, cards?, offset));
    }
    Ok(BoardView {
        field: plan.state.name.to_owned(),
        label: plan.state.label.to_owned(),
        as_of_ms: plan.now_ms,
        columns,
        disputed,
    })
}

impl Plan<'_> {
    fn query(&self, state: Option<&str>, limit: u32, offset: u32) -> ListQuery {
        let query = ListQuery {
            entity: self.entity,
            filters: self.filters.clone(),
            closed: Closed::Any,
            trash: Trash::Without,
            order: self.order.clone(),
            limit,
            offset,
        };
        match state {
            None => query,
            Some(state) => {
                query.with(self.state.name, Comparison::Equal, Value::Text(state.to_owned()))
            }
        }
    }
}

fn column(
    plan: &Plan<'_>,
    state: &StateDef,
    group: &Group,
    cards: Vec<CardView>,
    offset: u32,
) -> ColumnView {
    let sum = |place: usize, field: Option<&FieldDef>| {
        let empty = roadbook_replica::Sum::default();
        field.map(|field| queries::total(field, group.sums.get(place).unwrap_or(&empty)))
    };
    let entity_label = |name: &&str| FieldNeed {
        field: (*name).to_owned(),
        label: describe::label(plan.schema, plan.entity, name),
    };
    let end = u64::from(offset) + cards.len() as u64;
    ColumnView {
        state: state.name.to_owned(),
        closed: state.closed,
        probability_percent: state.category.map(|_| state.probability_percent),
        category: state.category.map(|category| category.name().to_owned()),
        count: group.count,
        total: sum(0, plan.amount),
        weighted: sum(usize::from(plan.amount.is_some()), plan.weighted),
        needs: state.needs.iter().map(entity_label).collect(),
        cards,
        next: (end < group.count).then(|| end.to_string()),
    }
}

fn card(names: &Names<'_>, plan: &Plan<'_>, state: &StateDef, row: &Row) -> ApiResult<CardView> {
    let link = |field: &str, entity| match row.value(field).as_reference() {
        Some(record) => names.link(record, entity).map(Some),
        None => Ok(None),
    };
    let ends = ENDS.iter().find_map(|name| row.value(name).as_date());
    let since_ms = since(plan.state, row);
    let days = u32::try_from((plan.now_ms - since_ms).max(0) / DAY_MS).unwrap_or(u32::MAX);
    let mut markers = Vec::new();
    if !state.closed {
        if ends.is_some_and(|ends| ends < plan.day) {
            markers.push(CardMarker::Slipped);
        }
        if days > STALLED_DAYS {
            markers.push(CardMarker::Stalled);
        }
    }
    let lacks = |name: &&&str| {
        let value = row.value(name);
        value.is_null() || matches!(value, Value::Set(members) if members.is_empty())
    };
    Ok(CardView {
        link: names.link(row.record, row.entity)?,
        account: link("account", Entity::Account)?,
        owner: link("owner", Entity::User)?,
        amount: plan
            .amount
            .map(|field| row.value(field.name))
            .and_then(|value| (!value.is_null()).then(|| NamedValue::plain(value))),
        ends_on: ends.map(|ends| ends.to_string()),
        next_step: row.value("next_step").as_text().map(str::to_owned),
        since_ms: Some(since_ms),
        days: Some(days),
        missing: state.needs.iter().filter(lacks).map(|name| (*name).to_owned()).collect(),
        markers,
        disputed: row.disputed.iter().map(|name| (*name).to_owned()).collect(),
        pending: row.sync == SyncMark::Saved,
        updated_ms: row.updated.millis(),
    })
}

/// Since when a record stands in its state: its last move, or its making.
fn since(state: &FieldDef, row: &Row) -> i64 {
    let history = format!("{}_history", state.name);
    let last = if let Value::Log(entries) = row.value(&history) {
        entries.iter().map(|entry| entry.at_ms).max()
    } else {
        None
    };
    last.unwrap_or_else(|| row.record.made_ms())
}

#[cfg(test)]
mod tests;
