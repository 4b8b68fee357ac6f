//! Tests of lists.

use roadbook_domain::{Entity, Value};

use super::Way;
use crate::testing::{Device, euros, text, user};
use crate::{Closed, Comparison, Direction, IdPart, ListQuery, Order, StoreError, Trash};

fn device() -> Device {
    let mut device = Device::new(3, "Manager");
    let deals = [("Alpha", 100, "Bern"), ("beta", 50, "Zug"), ("Gamma", 200, "Bern")];
    for (name, amount, step) in deals {
        let fields = [("name", text(name)), ("amount", euros(amount)), ("next_step", text(step))];
        device.create(Entity::Opportunity, &fields);
    }
    device.create(Entity::Opportunity, &[("name", text("Delta"))]);
    device
}

fn names(device: &Device, query: &ListQuery) -> Vec<String> {
    let rows = device.replica.list(query).unwrap();
    assert_eq!(device.replica.count(query).unwrap(), rows.len() as u64);
    rows.iter().map(|row| row.value("name").to_string()).collect()
}

fn all() -> ListQuery {
    ListQuery::newest(Entity::Opportunity, 50)
}

#[test]
fn filters_compare_by_type() {
    let device = device();
    let with = |field, comparison, value| names(&device, &all().with(field, comparison, value));
    assert_eq!(with("amount", Comparison::Greater, euros(60)), ["Gamma", "Alpha"]);
    assert_eq!(with("amount", Comparison::Less, euros(60)), ["beta"]);
    assert_eq!(with("amount", Comparison::Equal, Value::Null), ["Delta"]);
    assert_eq!(with("amount", Comparison::NotEqual, euros(50)), ["Delta", "Gamma", "Alpha"]);
    assert_eq!(with("amount", Comparison::NotEqual, Value::Null).len(), 3);
    assert_eq!(with("next_step", Comparison::Contains, text("BER")), ["Gamma", "Alpha"]);
    assert_eq!(with("stage", Comparison::Equal, text("Prospecting")).len(), 4);
}

#[test]
fn order_is_by_value_then_newest_and_nothing_comes_last() {
    let device = device();
    let by = |field: &str, direction| {
        names(&device, &ListQuery { order: Order::Field(field.into(), direction), ..all() })
    };
    assert_eq!(by("name", Direction::Ascending), ["Alpha", "beta", "Delta", "Gamma"]);
    assert_eq!(by("amount", Direction::Descending), ["Gamma", "Alpha", "beta", "Delta"]);
    assert_eq!(by("amount", Direction::Ascending), ["beta", "Alpha", "Gamma", "Delta"]);
    assert_eq!(by("next_step", Direction::Ascending), ["Gamma", "Alpha", "beta", "Delta"]);
    let window = ListQuery { limit: 2, offset: 1, ..all() };
    let rows = device.replica.list(&window).unwrap();
    let found: Vec<_> = rows.iter().map(|row| row.value("name").to_string()).collect();
    assert_eq!(found, ["Gamma", "beta"]);
}

#[test]
fn finished_and_deleted_records_are_apart() {
    let mut device = device();
    let won = device.replica.list(&all()).unwrap()[0].record;
    device.set(won, "stage", text("Closed won"));
    let gone = device.replica.list(&all()).unwrap()[1].record;
    let entity = Entity::Opportunity;
    device.commit(&roadbook_domain::Intent::Delete { record: gone, entity }).unwrap();
    assert_eq!(names(&device, &ListQuery { closed: Closed::Open, ..all() }).len(), 2);
    assert_eq!(names(&device, &ListQuery { closed: Closed::Closed, ..all() }), ["Delta"]);
    assert_eq!(names(&device, &ListQuery { trash: Trash::Only, ..all() }), ["Gamma"]);
}

#[test]
fn an_unknown_field_is_named_with_those_that_there_are() {
    let device = device();
    let error =
        device.replica.list(&all().with("x\"; DROP", Comparison::Equal, Value::Null)).unwrap_err();
    assert!(matches!(&error, StoreError::Query(words) if words.contains("next_step")), "{error}");
}

#[test]
fn my_open_opportunities_are_read_from_an_index_in_order() {
    let device = device();
    let query = ListQuery { closed: Closed::Open, ..all() }.with(
        "owner",
        Comparison::Equal,
        Value::Reference(user(3).into()),
    );
    device.replica.list(&query).unwrap();
    let plan: Vec<String> = device
        .replica
        .connection
        .prepare(
            "EXPLAIN QUERY PLAN SELECT * FROM row_opportunities
             WHERE row_alive = ? AND row_closed = 0 AND \"owner\" = ?
             ORDER BY row_updated DESC LIMIT ? OFFSET ?",
        )
        .unwrap()
        .query_map([1, 2, 3, 4], |row| row.get(3))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(plan.len(), 1, "no sorting: {plan:?}");
    assert!(plan[0].contains("row_opportunities_owner"), "{plan:?}");
}

#[test]
fn records_are_found_by_external_id() {
    let mut device = Device::new(3, "Administrator");
    let fields = [("name", text("Acme")), ("external_ids", Value::Set(vec!["crm:7".into()]))];
    let account = device.create(Entity::Account, &fields);
    let find = |device: &Device, entity, id| device.replica.find_external(entity, id).unwrap();
    assert_eq!(find(&device, Entity::Account, "crm:7"), Some(account));
    assert_eq!(find(&device, Entity::Contact, "crm:7"), None);
    device.set(account, "external_ids", Value::Set(vec!["crm:8".into()]));
    assert_eq!(find(&device, Entity::Account, "crm:7"), None);
    assert_eq!(find(&device, Entity::Account, "crm:8"), Some(account));
}

/// The plan of a list, as the database tells it.
fn plan(device: &Device, query: &ListQuery) -> String {
    let way = device.replica.way(query);
    let clause = device.replica.clause(query, way).unwrap();
    let order = device.replica.order(query).unwrap();
    let table = device.replica.tables.of(query.entity);
    let select = match way {
        Way::Direct => table.select.clone(),
        Way::Keys => format!("SELECT row_number FROM {}", table.name),
    };
    let sql = format!("EXPLAIN QUERY PLAN {select}{} ORDER BY {order}", clause.sql);
    explain(device, &sql, clause.bound)
}

fn explain(device: &Device, sql: &str, bound: Vec<rusqlite::types::Value>) -> String {
    let mut statement = device.replica.connection.prepare(sql).unwrap();
    let rows = statement
        .query_map(rusqlite::params_from_iter(bound), |row| row.get::<_, String>(3))
        .unwrap();
    rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
}

#[test]
fn lists_of_screens_are_read_by_an_index() {
    let device = device();
    let me = Value::Reference(user(3).into());
    let plan = |query: &ListQuery| plan(&device, query);
    let by = |name: &str| Order::Field(name.into(), Direction::Ascending);
    assert!(plan(&all()).contains("opportunities_newest (row_alive=?)"));
    let named = plan(&ListQuery { order: by("name"), ..all() });
    assert!(named.contains("opportunities_name") && !named.contains("TEMP B-TREE"), "{named}");
    let column = plan(&all().with("stage", Comparison::Equal, text("Proposal")));
    assert!(column.contains("opportunities_board (row_alive=? AND stage=?)"), "{column}");
    assert!(!column.contains("TEMP B-TREE"), "{column}");
    let mine = ListQuery { closed: Closed::Open, ..all() };
    let mine = mine.with("owner", Comparison::Equal, me);
    assert!(plan(&mine).contains("opportunities_owner (owner=? AND row_alive=? AND row_closed=?"));
    let stuck = plan(&mine.clone().with("next_step", Comparison::Equal, Value::Null));
    assert!(stuck.contains("opportunities_stuck"), "{stuck}");
    let day = Value::Date("2026-11-20".parse().unwrap());
    let slipped = ListQuery { order: by("close_date"), ..mine };
    let slipped = plan(&slipped.with("close_date", Comparison::Less, day));
    assert!(slipped.contains("opportunities_close_date"), "{slipped}");
    let account = Value::Reference(roadbook_domain::RecordId::from_bytes([9; 16]));
    let related = plan(&all().with("account", Comparison::Equal, account));
    assert!(related.contains("opportunities_account (account=?)"), "{related}");
}

#[test]
fn sums_timelines_and_short_ids_are_read_by_an_index() {
    let device = device();
    let plan = |sql: &str| explain(&device, &format!("EXPLAIN QUERY PLAN {sql}"), Vec::new());
    let sums = "SELECT stage, row_disputed, amount, amount__currency, weighted_amount,
         weighted_amount__currency FROM row_opportunities WHERE row_alive = 1";
    assert!(plan(sums).contains("COVERING INDEX row_opportunities_board"));
    let latest = "SELECT started_at FROM row_activities WHERE account = x'00' AND row_alive = 1
         AND started_at <= 5 ORDER BY started_at DESC LIMIT 1";
    assert!(plan(latest).contains("COVERING INDEX row_activities_account"));
    let end = "SELECT record FROM records WHERE substr(record, 14) = x'000000'";
    assert!(plan(end).contains("INDEX records_ends"));
    let beginning = "SELECT record FROM records WHERE record BETWEEN x'00' AND x'01'";
    assert!(plan(beginning).contains("INDEX sqlite_autoindex_records_1 (record>? AND record<?)"));
}

#[test]
fn a_window_far_down_a_list_shows_what_walking_there_shows() {
    let mut device = Device::new(3, "Manager");
    for n in 0..230 {
        let fields = [("name", text(&format!("Deal {n:03}"))), ("amount", euros(n % 7))];
        device.create(Entity::Opportunity, &fields);
    }
    for order in [
        Order::Updated(Direction::Descending),
        Order::Field("name".into(), Direction::Ascending),
        Order::Field("amount".into(), Direction::Descending),
    ] {
        let whole = ListQuery { order, limit: 500, ..all() };
        let walked: Vec<_> = device.replica.list(&whole).unwrap();
        let far = ListQuery { offset: 215, limit: 10, ..whole.clone() };
        assert_eq!(device.replica.list(&far).unwrap(), walked[215..225]);
        let end = ListQuery { offset: 225, limit: 10, ..whole.clone() };
        assert_eq!(device.replica.list(&end).unwrap(), walked[225..]);
        let beyond = ListQuery { offset: 500, limit: 10, ..whole };
        assert_eq!(device.replica.list(&beyond).unwrap(), []);
    }
    let far = ListQuery { offset: 225, limit: 10, ..all() };
    let before = device.replica.list(&far).unwrap();
    assert_eq!((before.len(), device.replica.count(&far).unwrap()), (5, 230));
    device.create(Entity::Opportunity, &[("name", text("One more"))]);
    let after = device.replica.list(&far).unwrap();
    assert_eq!(after[1..], before, "a write moves the window");
    assert_eq!(device.replica.count(&far).unwrap(), 231);
}

#[test]
fn sums_are_by_state_and_currency() {
    let mut device = device();
    let pounds = roadbook_domain::Money::new(500, "GBP".parse().unwrap());
    let fields = [("name", text("Epsilon")), ("amount", Value::Money(pounds))];
    device.create(Entity::Opportunity, &fields);
    let won = [("name", text("Zeta")), ("amount", euros(7)), ("stage", text("Closed won"))];
    device.create(Entity::Opportunity, &won);
    let groups =
        device.replica.sums(&all(), Some("stage"), &["amount", "weighted_amount"]).unwrap();
    let open = &groups["Prospecting"];
    assert_eq!(open.count, 5);
    let amounts: Vec<_> = open.sums[0].amounts.iter().map(ToString::to_string).collect();
    assert_eq!(amounts, ["350 EUR", "5 GBP"], "what most records have comes first");
    assert_eq!(open.sums[1].amounts[0].minor, 3_500, "10 % of 350");
    assert_eq!(groups["Closed won"].sums[0].amounts[0].minor, 700);
    let some = all().with("amount", Comparison::Less, euros(60));
    assert_eq!(device.replica.sums(&some, None, &["amount"]).unwrap()[""].count, 2);
    let error = device.replica.sums(&all(), None, &["name"]).unwrap_err();
    assert!(error.to_string().contains("holds no money"), "{error}");
}

#[test]
fn short_ids_are_found_by_both_ends() {
    let mut device = device();
    let id = device.create(Entity::Account, &[("name", text("Acme"))]);
    let digits = id.to_string().replace('-', "");
    let find = |part, digits: &str| device.replica.by_digits(part, digits, 50).unwrap();
    for length in [6, 7, 12, 32] {
        assert!(find(IdPart::Beginning, &digits[..length]).contains(&id), "{length}");
        assert!(find(IdPart::End, &digits[32 - length..]).contains(&id), "{length}");
    }
    assert_eq!(find(IdPart::Beginning, &digits), [id]);
    assert_eq!(find(IdPart::End, &digits.to_uppercase()), [id]);
    assert_eq!(find(IdPart::End, "fffffff"), []);
    assert_eq!(find(IdPart::End, "short"), [], "too short, and no digits");
}
