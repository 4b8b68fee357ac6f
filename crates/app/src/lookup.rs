//! Finding what a person names: records by id, shortened id, external id or name.
//!
//! A shortened id is the beginning or the end of one, 6 hex digits or more. (Ids begin with the
//! time, so the end tells records of one day apart better; faces show the end.)

use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::{Entity, RecordId, Value};
use roadbook_replica::{
    Closed, Comparison, Direction, IdPart, ListQuery, Order, Replica, Row, Trash,
};

use crate::app;
use crate::errors::{self, ApiResult, not_found};

/// The fewest hex digits of a shortened id.
const SHORTEST: usize = 6;
/// How many candidates an error lists.
const LISTED: usize = 8;
/// So many records with the same short id are looked at.
const MOST_ALIKE: u32 = 100;
/// How many rows are read at a time when all are looked through.
const PAGE: u32 = 1_000;

/// What a text is, by its looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// A whole id.
    Id(RecordId),
    /// A part of an id, lower case, without hyphens.
    Short(String),
    /// `system:id`.
    External(String),
    /// Anything else.
    Name(String),
}

impl Named {
    pub(crate) fn of(text: &str) -> Self {
        let text = text.trim().trim_start_matches('…');
        if let Ok(id) = text.parse() {
            return Self::Id(id);
        }
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        if digits.len() >= SHORTEST && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Self::Short(digits.to_lowercase());
        }
        if text.split_once(':').is_some_and(|(system, id)| !system.is_empty() && !id.is_empty()) {
            return Self::External(text.to_owned());
        }
        Self::Name(text.to_owned())
    }
}

/// Says whether an id begins or ends with these digits.
pub(crate) fn is_short_for(id: [u8; 16], digits: &str) -> bool {
    use std::fmt::Write as _;
    let mut whole = String::with_capacity(32);
    for byte in id {
        // Writing to a string cannot fail.
        let _ = write!(whole, "{byte:02x}");
    }
    whole.starts_with(digits) || whole.ends_with(digits)
}

/// The record that a text names. With an entity, names work too.
pub(crate) fn record(replica: &Replica, entity: Option<Entity>, text: &str) -> ApiResult<Row> {
    let what = entity.map_or("record", Entity::name);
    let found = match Named::of(text) {
        Named::Id(id) => row(replica, id)?.into_iter().collect(),
        Named::Short(digits) => {
            let found = by_digits(replica, entity, &digits)?;
            match entity {
                Some(entity) if found.is_empty() => by_name(replica, entity, text)?,
                _ => found,
            }
        }
        Named::External(id) => {
            let found = by_external(replica, entity, &id)?;
            match entity {
                Some(entity) if found.is_empty() => by_name(replica, entity, text)?,
                _ => found,
            }
        }
        Named::Name(name) => match entity {
            Some(entity) => by_name(replica, entity, &name)?,
            None => {
                return Err(errors::bad_input(
                    "record",
                    &format!("`{text}` is no record id"),
                    "give an id, its first or last 6 digits, or an external id like crm:1C1I7A6R",
                ));
            }
        },
    };
    let row = one(replica, what, text, found)?;
    match entity {
        Some(entity) if entity != row.entity => Err(ApiError::new(
            ErrorCode::NotFound,
            format!("`{text}` is a {}, not a {entity}", row.entity),
        )),
        _ => Ok(row),
    }
}

/// The record that the value of a reference field names; `me` is the user.
pub(crate) fn reference(
    replica: &Replica,
    field: &str,
    entity: Option<Entity>,
    text: &str,
) -> ApiResult<Value> {
    if entity == Some(Entity::User) && text.trim().eq_ignore_ascii_case("me") {
        return Ok(Value::Reference(app::user(replica)?.into()));
    }
    match record(replica, entity, text) {
        Ok(row) => Ok(Value::Reference(row.record)),
        Err(error) => {
            let problem = error.message.clone();
            Err(ApiError { message: format!("{field}: {problem}"), ..error }.at(
                field,
                problem,
                "give an id, its first or last 6 digits, an external id or a whole name",
            ))
        }
    }
}

/// One record by its id.
pub(crate) fn row(replica: &Replica, id: RecordId) -> ApiResult<Option<Row>> {
    replica.record(id).map_err(|error| errors::of_store(&error))
}

fn one(replica: &Replica, what: &str, named: &str, mut found: Vec<Row>) -> ApiResult<Row> {
    match found.len() {
        0 => Err(not_found(what, named)),
        1 => Ok(found.remove(0)),
        count => {
            let listed: Vec<String> = found
                .iter()
                .take(LISTED)
                .map(|row| format!("{} {} ({})", row.entity, title(replica, row), row.record))
                .collect();
            let more = if count > LISTED {
                format!(" and {} more", count - LISTED)
            } else {
                String::new()
            };
            let message = format!(
                "`{named}` fits {count} records: {}{more}; give more of the id",
                listed.join("; ")
            );
            Err(ApiError::new(ErrorCode::Ambiguous, message))
        }
    }
}

/// A record's name for people.
pub(crate) fn title(replica: &Replica, row: &Row) -> String {
    let field = replica.schema().entity(row.entity).title;
    row.value(field).as_text().unwrap_or_default().to_owned()
}

fn by_external(
    replica: &Replica,
    entity: Option<Entity>,
    external_id: &str,
) -> ApiResult<Vec<Row>> {
    let mut found = Vec::new();
    for entity in kinds(entity) {
        let id =
            replica.find_external(entity, external_id).map_err(|error| errors::of_store(&error))?;
        if let Some(id) = id {
            found.extend(row(replica, id)?);
        }
    }
    Ok(found)
}

/// All records of a kind that are called so, whatever the case.
pub(crate) fn named(replica: &Replica, entity: Entity, name: &str) -> ApiResult<Vec<Row>> {
    by_name(replica, entity, name)
}

fn by_name(replica: &Replica, entity: Entity, name: &str) -> ApiResult<Vec<Row>> {
    all_named(replica, entity, name, PAGE)
}

/// All records of a name, however many have it as a part of theirs; read so many at a time.
fn all_named(replica: &Replica, entity: Entity, name: &str, page: u32) -> ApiResult<Vec<Row>> {
    let field = replica.schema().entity(entity).title;
    let text = Value::Text(name.trim().to_owned());
    let query = ListQuery::newest(entity, page).with(field, Comparison::Contains, text);
    let wanted = name.trim().to_lowercase();
    let mut found = Vec::new();
    each_of(replica, query, &mut |row| {
        if title(replica, &row).to_lowercase() == wanted {
            found.push(row);
        }
    })?;
    Ok(found)
}

fn by_digits(replica: &Replica, entity: Option<Entity>, digits: &str) -> ApiResult<Vec<Row>> {
    let mut found: Vec<Row> = Vec::new();
    for part in [IdPart::Beginning, IdPart::End] {
        let ids = replica
            .by_digits(part, digits, MOST_ALIKE)
            .map_err(|error| errors::of_store(&error))?;
        for id in ids {
            let known = found.iter().any(|row| row.record == id);
            let row = if known { None } else { row(replica, id)? };
            found.extend(row.filter(|row| entity.is_none_or(|entity| row.entity == entity)));
        }
    }
    Ok(found)
}

fn kinds(entity: Option<Entity>) -> Vec<Entity> {
    entity.map_or_else(|| Entity::ALL.to_vec(), |entity| vec![entity])
}

/// Shows every record of a kind to `see`, newest first.
pub(crate) fn each(
    replica: &Replica,
    entity: Entity,
    trash: Trash,
    see: &mut dyn FnMut(Row),
) -> ApiResult<()> {
    let query = ListQuery {
        entity,
        filters: Vec::new(),
        closed: Closed::Any,
        trash,
        order: Order::Updated(Direction::Descending),
        limit: PAGE,
        offset: 0,
    };
    each_of(replica, query, see)
}

/// Shows every record of a query to `see`, as many at a time as its limit says.
fn each_of(replica: &Replica, mut query: ListQuery, see: &mut dyn FnMut(Row)) -> ApiResult<()> {
    loop {
        let rows = list(replica, &query)?;
        let last = rows.len() < query.limit as usize;
        rows.into_iter().for_each(&mut *see);
        if last {
            return Ok(());
        }
        query.offset += query.limit;
    }
}

pub(crate) fn list(replica: &Replica, query: &ListQuery) -> ApiResult<Vec<Row>> {
    replica.list(query).map_err(|error| errors::of_store(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{create, device};

    #[test]
    fn a_name_is_found_however_many_have_it_as_a_part_of_theirs() {
        let app = device("Manager");
        let acme = create(&app, "account", &["name=Acme"]);
        for place in 0..5 {
            create(&app, "account", &[&format!("name=Acme {place}")]);
        }
        let found = app.with(|replica| all_named(replica, Entity::Account, "acme", 2)).unwrap();
        assert_eq!(found.iter().map(|row| row.record).collect::<Vec<_>>(), [acme], "the oldest");
    }

    #[test]
    fn a_text_is_an_id_a_short_id_an_external_id_or_a_name() {
        let id = RecordId::from_bytes([0xab; 16]);
        assert_eq!(Named::of(&id.to_string()), Named::Id(id));
        assert_eq!(Named::of("ABABAB"), Named::Short("ababab".into()));
        assert_eq!(Named::of("…abab-ab12"), Named::Short("ababab12".into()));
        assert_eq!(Named::of("abab"), Named::Name("abab".into()), "too short to be told apart");
        assert_eq!(Named::of("crm:1C1I7A6R"), Named::External("crm:1C1I7A6R".into()));
        assert_eq!(Named::of("Acme Corp"), Named::Name("Acme Corp".into()));
    }

    #[test]
    fn both_ends_of_an_id_are_short_for_it() {
        let mut id = [0; 16];
        id[0] = 0x01;
        id[15] = 0xfe;
        assert!(is_short_for(id, "010000"));
        assert!(is_short_for(id, "0000fe"));
        assert!(!is_short_for(id, "fe0000"));
    }
}
