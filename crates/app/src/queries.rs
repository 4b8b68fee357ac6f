//! Commands that read records: lists, and one record. Only projected rows are read.

use roadbook_api::commands::queries::{Finished, ListRecords, RecordPage, ShowRecord, Trash};
use roadbook_api::views::{NamedValue, RecordView, TotalView};
use roadbook_domain::{Entity, FieldDef, Value, ValueType};
use roadbook_replica::{Closed, Comparison, Direction, Filter, ListQuery, Order, Replica, Sum};

use crate::errors::{self, ApiResult, bad_input};
use crate::records::{Names, Unsent, view, view_of};
use crate::{App, Run, assign, lookup};

/// The most records of one page.
const PAGE_MAX: u32 = 1_000;

impl Run<ListRecords> for App {
    fn run(&self, command: ListRecords) -> ApiResult<RecordPage> {
        self.with(|replica| {
            let query = query(replica, &command)?;
            for name in &command.fields {
                assign::field(replica.schema(), query.entity, name)?;
            }
            let totals = totals(replica, &query, &command.totals)?;
            let total = replica.count(&query).map_err(|error| errors::of_store(&error))?;
            let rows = lookup::list(replica, &query)?;
            let end = u64::from(query.offset) + rows.len() as u64;
            let names = Names::new(replica);
            let unsent = Unsent::new(replica);
            let records: ApiResult<Vec<_>> =
                rows.iter().map(|row| view_of(&names, &unsent, row, &command.fields)).collect();
            Ok(RecordPage {
                records: records?,
                total,
                next: (end < total).then(|| end.to_string()),
                totals,
            })
        })
    }
}

/// The replica's query for a list command.
pub(crate) fn query(replica: &Replica, command: &ListRecords) -> ApiResult<ListQuery> {
    let entity = errors::entity(&command.entity)?;
    let filters: ApiResult<Vec<_>> =
        command.filters.iter().map(|text| filter(replica, entity, text)).collect();
    let offset = match (&command.after, command.offset) {
        (None, offset) => offset.unwrap_or(0),
        (Some(text), None) => place(text)?,
        (Some(_), Some(_)) => {
            let problem = "is given beside `after`";
            return Err(bad_input("offset", problem, "give one of them"));
        }
    };
    Ok(ListQuery {
        entity,
        filters: filters?,
        closed: match command.finished {
            Finished::Any => Closed::Any,
            Finished::Open => Closed::Open,
            Finished::Closed => Closed::Closed,
        },
        trash: match command.trash {
            Trash::Hidden => roadbook_replica::Trash::Without,
            Trash::Only => roadbook_replica::Trash::Only,
        },
        order: order(replica, entity, command.order.as_deref())?,
        limit: command.limit.clamp(1, PAGE_MAX),
        offset,
    })
}

/// The place in a list that `next` of the page before names.
pub(crate) fn place(text: &str) -> ApiResult<u32> {
    text.parse().map_err(|_| {
        bad_input("after", "is not a place in a list", "use `next` of the page before")
    })
}

/// The sums of money fields over a whole list.
fn totals(replica: &Replica, query: &ListQuery, fields: &[String]) -> ApiResult<Vec<TotalView>> {
    if fields.is_empty() {
        return Ok(Vec::new());
    }
    let mut defs = Vec::with_capacity(fields.len());
    for name in fields {
        defs.push(assign::field(replica.schema(), query.entity, name)?);
    }
    let names: Vec<&str> = defs.iter().map(|def| def.name).collect();
    let groups = replica.sums(query, None, &names).map_err(|error| errors::of_store(&error))?;
    let sums = groups.get("").map(|group| group.sums.as_slice()).unwrap_or_default();
    let empty = Sum::default();
    let of = |place: usize| sums.get(place).unwrap_or(&empty);
    Ok(defs.iter().enumerate().map(|(place, def)| total(def, of(place))).collect())
}

/// A sum as faces show it.
pub(crate) fn total(def: &FieldDef, sum: &Sum) -> TotalView {
    let sums = sum.amounts.iter().map(|money| NamedValue::plain(&Value::Money(*money)));
    TotalView {
        field: def.name.to_owned(),
        label: def.label.to_owned(),
        sums: sums.collect(),
        disputed: sum.disputed,
    }
}

pub(crate) fn order(replica: &Replica, entity: Entity, text: Option<&str>) -> ApiResult<Order> {
    let Some(text) = text else {
        return Ok(Order::Updated(Direction::Descending));
    };
    let (name, direction) = match text.strip_prefix('-') {
        Some(name) => (name, Direction::Descending),
        None => (text, Direction::Ascending),
    };
    if name == "updated" {
        return Ok(Order::Updated(direction));
    }
    let def = assign::field(replica.schema(), entity, name)?;
    Ok(Order::Field(def.name.to_owned(), direction))
}

pub(crate) fn filter(replica: &Replica, entity: Entity, text: &str) -> ApiResult<Filter> {
    let wrong = || {
        bad_input(
            "filter",
            &format!("`{text}` is no filter"),
            "write it like stage=Proposal, amount>10000EUR, tags~vip or owner=me",
        )
    };
    let at = text.find(['=', '<', '>', '~', '!']).ok_or_else(wrong)?;
    let (name, rest) = text.split_at(at);
    let (comparison, value) = if let Some(value) = rest.strip_prefix("!=") {
        (Comparison::NotEqual, value)
    } else if let Some(value) = rest.strip_prefix('=') {
        (Comparison::Equal, value)
    } else if let Some(value) = rest.strip_prefix('<') {
        (Comparison::Less, value)
    } else if let Some(value) = rest.strip_prefix('>') {
        (Comparison::Greater, value)
    } else if let Some(value) = rest.strip_prefix('~') {
        (Comparison::Contains, value)
    } else {
        return Err(wrong());
    };
    let def = assign::field(replica.schema(), entity, name.trim())?;
    let value = match (comparison, def.value_type) {
        (Comparison::Contains, _) => Value::Text(value.trim().to_owned()),
        (_, ValueType::Set) => {
            let remedy = format!("write {}~{value}", def.name);
            return Err(bad_input("filter", &format!("{} is a set", def.name), &remedy));
        }
        _ if value.trim().is_empty() => Value::Null,
        _ => assign::value(replica, def, value)?,
    };
    Ok(Filter { field: def.name.to_owned(), comparison, value })
}

impl Run<ShowRecord> for App {
    fn run(&self, command: ShowRecord) -> ApiResult<RecordView> {
        self.with(|replica| {
            let entity = command.entity.as_deref().map(errors::entity).transpose()?;
            let row = lookup::record(replica, entity, &command.record)?;
            view(&Names::new(replica), &Unsent::new(replica), &row)
        })
    }
}
