//! Commands that read records: lists, one record, the search box. Only projected rows are read.

use roadbook_api::commands::queries::{
    Finished, ListRecords, RecordPage, SearchPage, SearchRecords, ShowRecord, Trash,
};
use roadbook_api::views::{NamedValue, RecordLink, RecordView, SearchHitView, TotalView};
use roadbook_domain::{Entity, FieldDef, Value, ValueType};
use roadbook_replica::{
    Closed, Comparison, Direction, Filter, ListQuery, Order, Replica, Row, Sum,
};

use crate::errors::{self, ApiResult, bad_input};
use crate::records::{Names, Unsent, view, view_of};
use crate::{App, Run, assign, lookup};

/// The most records of one page.
const PAGE_MAX: u32 = 1_000;
/// The most hits of one search.
const HITS_MAX: u32 = 200;
/// An excerpt has so many characters.
const EXCERPT_CHARS: usize = 120;

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

impl Run<SearchRecords> for App {
    fn run(&self, command: SearchRecords) -> ApiResult<SearchPage> {
        self.with(|replica| {
            let limit = command.limit.clamp(1, HITS_MAX);
            let found =
                replica.search(&command.text, limit).map_err(|error| errors::of_store(&error))?;
            let words = found.corrected.as_deref().unwrap_or(&command.text);
            let hit = |row: &Row| SearchHitView {
                link: RecordLink {
                    record: row.record,
                    entity: row.entity,
                    title: lookup::title(replica, row),
                },
                excerpt: excerpt(replica, row, words),
                updated_ms: row.updated.millis(),
            };
            let hits = found.rows.iter().map(hit).collect();
            Ok(SearchPage { hits, corrected: found.corrected })
        })
    }
}

/// The first searched text of a record, its name apart, that has one of the words.
fn excerpt(replica: &Replica, row: &Row, words: &str) -> String {
    let schema = replica.schema().entity(row.entity);
    let wanted: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let texts = schema
        .fields
        .iter()
        .filter(|def| def.searched && def.name != schema.title)
        .map(|def| row.value(def.name).to_string());
    for text in texts {
        let lower = text.to_lowercase();
        let Some(at) = wanted.iter().find_map(|word| lower.find(word.as_str())) else {
            continue;
        };
        // Characters, not bytes: lowering may change lengths, and a cut must not split one.
        let before = lower[..at].chars().count().saturating_sub(EXCERPT_CHARS / 3);
        let cut: String = text.chars().skip(before).take(EXCERPT_CHARS).collect();
        return cut.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    String::new()
}
