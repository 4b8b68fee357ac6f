//! Tests of what the screen of a conflict shows.

use roadbook_api::commands::conflicts::{
    Choice, ConflictOrder, ListConflicts, ResolveConflict, ShowConflict,
};
use roadbook_api::commands::writes::SetFields;
use roadbook_api::{ErrorCode, ValueView};
use roadbook_domain::{Entity, Intent, RecordId, Value};
use roadbook_merge::{JournalEntry, journal};

use crate::testing::{Log, assignments, create, device, device_of};
use crate::{App, Run as _};

fn set(app: &App, record: RecordId, values: &[&str], why: Option<&str>) {
    let command = SetFields {
        entity: None,
        record: record.to_string(),
        assignments: assignments(values),
        why: why.map(str::to_owned),
    };
    app.run(command).unwrap();
}

#[test]
fn a_conflict_shows_who_what_when_where_and_what_was_merged_beside_it() {
    let ben = device("Manager");
    let ana = device_of(1, "Ana", "Rep");
    let mut log = Log::default();
    let account = create(&ben, "account", &["name=Acme"]);
    let deal = create(&ben, "opportunity", &["name=Renewal", &format!("account={account}")]);
    let other = create(&ben, "opportunity", &["name=Service", "amount=1000EUR"]);
    log.accept(&ben, 0);
    set(&ben, deal, &["amount=10000EUR"], None);
    log.accept(&ben, 500);
    log.read(&ana);
    set(&ben, deal, &["amount=12000EUR", "next_step=Call"], Some("after the call"));
    set(&ben, other, &["amount=2000EUR"], None);
    set(&ana, deal, &["amount=14000EUR", "next_step=Visit"], Some("incl. service"));
    set(&ana, other, &["amount=3000EUR"], None);
    log.accept(&ben, 500);
    log.accept(&ana, 600_000);
    let last =
        log.items.iter_mut().rev().find(|item| item.envelope.parts[0].0.document.record == deal);
    last.unwrap().outcomes[0].journal = vec![JournalEntry {
        field: "next_step".into(),
        settled: journal::Settled::LaterKept,
        kept: Value::Text("Visit".into()),
        set_aside: vec![],
    }];
    log.read(&ben);
    let all = ben.run(ListConflicts { record: None, order: ConflictOrder::Stake }).unwrap();
    assert_eq!(all.len(), 2);
    let first = &all[0];
    assert_eq!((first.position, first.of), (1, 2), "the most money first");
    assert_eq!(first.link.title, "Renewal");
    assert_eq!(first.account.as_ref().unwrap().title, "Acme");
    assert_eq!(
        (first.base.text.as_str(), first.stake.as_ref().unwrap().text.as_str()),
        ("10000 EUR", "2000 EUR")
    );
    let base_by = first.base_by.as_ref().unwrap();
    assert_eq!((base_by.who.as_str(), base_by.offline), ("Ben", Some(false)));
    let sides: Vec<_> = first
        .sides
        .iter()
        .map(|side| {
            let by = side.made_by.as_ref().unwrap();
            (side.value.text.as_str(), by.offline, by.rationale.as_deref())
        })
        .collect();
    assert_eq!(
        sides,
        [
            ("12000 EUR", Some(false), Some("after the call")),
            ("14000 EUR", Some(true), Some("incl. service")),
        ]
    );
    assert!(first.can_decide, "a Manager may");
    assert_eq!(first.settled.len(), 1);
    assert_eq!(
        (first.settled[0].field.as_str(), first.settled[0].kept.text.as_str()),
        ("next_step", "Visit")
    );
    assert_eq!(
        (first.previous.as_deref(), first.next.as_deref()),
        (None, Some(all[1].named.as_str()))
    );
    assert_eq!(all[1].previous.as_deref(), Some(first.named.as_str()));
    let shown =
        |named: &str, order| ben.run(ShowConflict { conflict: named.to_owned(), order }).unwrap();
    assert_eq!(shown(&all[1].named, ConflictOrder::Stake), all[1]);
    let by_age = ben.run(ListConflicts { record: None, order: ConflictOrder::Age }).unwrap();
    assert!(by_age[0].since_ms <= by_age[1].since_ms);
    for conflict in &by_age {
        let place = shown(&conflict.named, ConflictOrder::Age);
        assert_eq!(&place, conflict, "its place is that in the order that was asked for");
    }
    log.read(&ana);
    let theirs = ana.run(ListConflicts { record: None, order: ConflictOrder::Age }).unwrap();
    assert!(!theirs[0].can_decide, "a Rep proposes");
}

#[test]
fn a_decision_about_sides_that_were_not_seen_settles_nothing() {
    let ben = device("Manager");
    let ana = device_of(1, "Ana", "Rep");
    let mut log = Log::default();
    let deal = create(&ben, "opportunity", &["name=Renewal", "amount=10000EUR"]);
    log.accept(&ben, 0);
    log.read(&ana);
    set(&ben, deal, &["amount=12000EUR"], None);
    set(&ana, deal, &["amount=14000EUR"], None);
    log.accept(&ben, 500);
    log.accept(&ana, 600_000);
    log.read(&ben);
    let shown =
        ben.run(ShowConflict { conflict: deal.to_string(), order: ConflictOrder::Stake }).unwrap();
    let seen: Vec<ValueView> = shown.sides.iter().map(|side| side.value.value.clone()).collect();
    let take_first = |seen: Vec<ValueView>| {
        let choice = Choice::Side { side: 1 };
        ben.run(ResolveConflict { conflict: deal.to_string(), choice, why: None, seen })
    };
    let turned = seen.iter().rev().cloned().collect();
    assert_eq!(take_first(turned).unwrap_err().code, ErrorCode::Stale);
    assert_eq!(
        ben.run(ListConflicts { record: None, order: ConflictOrder::Stake }).unwrap().len(),
        1
    );
    assert_eq!(
        take_first(seen).unwrap().changes[0].to.as_ref().unwrap().text,
        shown.sides[0].value.text
    );
}

#[test]
fn a_manager_may_put_a_task_on_a_colleagues_list_and_a_rep_may_not() {
    let colleague = RecordId::from_bytes([9; 16]);
    let may = |app: &App| {
        let intent = Intent::Create {
            record: app.new_record(),
            entity: Entity::Task,
            fields: vec![
                ("subject".into(), Value::Text("Which amount?".into())),
                ("owner".into(), Value::Reference(colleague)),
            ],
        };
        app.with(|replica| crate::errors::ApiResult::Ok(replica.judge(&intent, None).unwrap()))
            .unwrap()
            .is_allowed()
    };
    assert!(may(&device("Manager")));
    assert!(!may(&device_of(1, "Ana", "Rep")));
}
