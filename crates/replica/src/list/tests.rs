//! Tests of lists.

use roadbook_domain::{Entity, Value};

use crate::testing::{Device, euros, text, user};
use crate::{Closed, Comparison, Direction, ListQuery, Order, StoreError, Trash};

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
