//! Tests of damage: one bad record never blocks another, the sync, or the device.

use roadbook_domain::{Classification, FieldDef, MergeClass, ValueType};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::*;

fn one_field_more() -> Schema {
    let motto = FieldDef::new(
        "motto",
        "Motto",
        ValueType::Text,
        MergeClass::Preference,
        Classification::Internal,
    );
    Schema::crm().with_field(Entity::Account, motto).unwrap()
}

/// Two accounts that both devices have, and the log of them.
fn two_accounts() -> (Device, [RecordId; 2], Vec<PageItem>) {
    let mut ana = Device::new(3, "Rep");
    let bad = ana.create(Entity::Account, &[("name", text("Acme"))]);
    let good = ana.create(Entity::Account, &[("name", text("Other"))]);
    let items = log_of(&ana, 1);
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(items.clone(), 2));
    (bo, [bad, good], items)
}

fn damage(device: &mut Device, record: RecordId) {
    let damaged = device
        .replica
        .connection
        .execute(
            "UPDATE documents SET bytes = x'00ff'
             WHERE document / 2 = (SELECT number FROM records WHERE record = ?1)",
            [record.as_bytes()],
        )
        .unwrap();
    assert_eq!(damaged, 1);
    device.replica.open.clear();
}

fn problems(device: &Device, check: &str) -> Vec<String> {
    let report = device.replica.doctor().unwrap();
    report.checks.into_iter().find(|it| it.name == check).unwrap().problems
}

#[test]
fn a_device_with_a_damaged_document_opens_after_a_change_of_the_schema() {
    let (mut bo, [bad, good], items) = two_accounts();
    bo.set(bad, "city", text("Bern"));
    let unsent = bo.replica.pending().unwrap();
    damage(&mut bo, bad);

    bo.reopen(one_field_more());
    assert_eq!(bo.value(good, "name"), text("Other"), "the other record is there");
    assert_eq!(bo.replica.pending().unwrap(), unsent, "and so is the unsent work");
    assert_eq!(bo.replica.status().unwrap().faults, 1);
    let id = bad.to_string();
    assert!(problems(&bo, "documents").iter().any(|problem| problem.contains(&id)));
    assert!(problems(&bo, "pending").iter().any(|problem| problem.contains(&id)));
    bo.reopen(one_field_more());
    bo.set(good, "motto", text("Onwards"));

    bo.replica.read_again().unwrap();
    bo.take_in(page(items, 2));
    assert_eq!(bo.value(bad, "city"), text("Bern"), "its row is there again, with what was unsent");
    assert!(bo.replica.doctor().unwrap().is_healthy());
}

#[test]
fn a_verdict_about_a_damaged_record_blocks_nothing_and_its_words_are_kept() {
    let rebase = Verdict::Rebase { reason: "clock".into(), clock_offset_ms: None };
    for verdict in [Verdict::Denied(denial()), rebase] {
        let (mut bo, [bad, good], _) = two_accounts();
        let intent = bo.set(bad, "city", text("Bern"));
        damage(&mut bo, bad);
        let mut ana = Device::new(5, "Rep");
        let news = ana.create(Entity::Account, &[("name", text("News"))]);
        let page = page(log_of(&ana, 3), 3).page;
        bo.take_in(SyncResponse { page, ..verdicts(vec![(intent, verdict)]) });
        assert_eq!(bo.value(news, "name"), text("News"));
        assert_eq!(bo.value(good, "name"), text("Other"));
        assert_eq!(bo.replica.needs_you().unwrap()[0].intent, intent);
    }
}

#[test]
fn a_snapshot_that_cannot_be_read_blocks_nothing_else_and_comes_again() {
    let (teller, [bad, good], _) = two_accounts();
    let of = |record| snapshot(record, Facet::Internal, Entity::Account, &teller);
    let unreadable = Snapshot { bytes: vec![0, 255], ..of(bad) };
    let mut cleo = Device::new(5, "Rep");
    let items = vec![PageItem::Snapshot(unreadable), PageItem::Snapshot(of(good))];
    let taken = cleo.take_in(page(items, 2));
    assert_eq!(taken.snapshots, 1);
    assert_eq!(cleo.value(good, "name"), text("Other"));
    assert_eq!(cleo.replica.record(bad).unwrap(), None);
    assert_eq!(cleo.replica.status().unwrap().faults, 1);
    let told = problems(&cleo, "documents");
    assert!(told[0].contains(&bad.to_string()), "{told:?}");

    cleo.take_in(page(vec![PageItem::Snapshot(of(bad))], 3));
    assert_eq!(cleo.value(bad, "name"), text("Acme"));
    assert_eq!(cleo.replica.status().unwrap().faults, 0, "what was missing is here");
    assert!(cleo.replica.doctor().unwrap().is_healthy());
}

#[test]
fn a_snapshot_that_contradicts_what_is_here_changes_nothing() {
    let (mut bo, [account, _], _) = two_accounts();
    // The same device, record and sequence number, with something else in it.
    let mut forger = Device::new(3, "Rep");
    assert_eq!(forger.create(Entity::Account, &[("name", text("Forged"))]), account);
    let mut teller = Device::new(5, "Rep");
    teller.take_in(page(log_of(&forger, 1), 1));
    let came = Snapshot { seq: 3, ..snapshot(account, Facet::Internal, Entity::Account, &teller) };
    let before = bo.replica.checksum().unwrap().digest;
    let taken = bo.take_in(page(vec![PageItem::Snapshot(came)], 3));
    assert_eq!((taken.snapshots, bo.replica.status().unwrap().faults), (0, 1));
    assert_eq!(bo.value(account, "name"), text("Acme"));
    assert_eq!(bo.replica.checksum().unwrap().digest, before);
}

#[test]
fn what_could_not_be_taken_in_when_all_is_read_again_is_not_taken_for_gone() {
    let (mut bo, [bad, good], items) = two_accounts();
    let unsent = bo.set(bad, "city", text("Bern"));
    let whole = snapshot(bad, Facet::Internal, Entity::Account, &bo);
    let unreadable = PageItem::Snapshot(Snapshot { bytes: vec![0, 255], ..whole });
    bo.replica.read_again().unwrap();
    // What the log says of it comes, too: it is taken into what is here.
    let taken = bo.take_in(page(vec![unreadable, items[0].clone(), items[1].clone()], 2));
    assert_eq!(taken.forgotten, [], "the server did send it");
    assert_eq!(bo.value(bad, "name"), text("Acme"));
    assert_eq!(bo.value(bad, "city"), text("Bern"));
    assert_eq!(bo.value(good, "name"), text("Other"));
    assert_eq!(bo.replica.pending().unwrap()[0].intent, unsent);
    assert!(bo.request().quarantine.is_empty());

    bo.replica.read_again().unwrap();
    bo.take_in(page(items, 2));
    assert!(bo.replica.doctor().unwrap().is_healthy());
}

#[test]
fn lists_search_and_boards_read_no_document() {
    let mut device = Device::new(3, "Rep");
    let fields = [("name", text("Brücke")), ("amount", euros(20))];
    let deal = device.create(Entity::Opportunity, &fields);
    device.take_in(page(log_of(&device, 1), 1));
    device.set(deal, "next_step", text("Call"));
    device
        .replica
        .connection
        .execute_batch(
            "UPDATE documents SET bytes = x'00ff';
             UPDATE pending_parts SET bytes = x'00ff';",
        )
        .unwrap();
    device.reopen(Schema::crm());
    let query = ListQuery::newest(Entity::Opportunity, 9);
    let rows = device.replica.list(&query).unwrap();
    assert_eq!((rows.len(), rows[0].value("next_step")), (1, &text("Call")));
    assert_eq!(device.replica.count(&query).unwrap(), 1);
    assert_eq!(device.replica.search("brucke", 9).unwrap().rows, rows);
    assert_eq!(device.replica.search("bruckw", 9).unwrap().rows, rows, "with a typing error");
    let board = device.replica.sums(&query, Some("stage"), &["amount"]).unwrap();
    let amounts: Vec<_> = board.values().flat_map(|group| &group.sums[0].amounts).collect();
    assert_eq!((board.len(), amounts.len()), (1, 1));
    assert_eq!(device.replica.record(deal).unwrap().as_ref(), Some(&rows[0]));
    assert_eq!(device.replica.moments(deal).unwrap(), []);
    assert!(!problems(&device, "documents").is_empty(), "no document could have been loaded");
}

#[test]
fn an_answer_whose_end_fails_leaves_nothing_behind() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    let mut bo = Device::new(4, "Rep");
    // What is still to be said is looked at last; it cannot be read.
    bo.replica
        .connection
        .authorizer(Some(|asks: AuthContext<'_>| {
            let reads = matches!(asks.action, AuthAction::Read { table_name: "quarantine", .. });
            if reads { Authorization::Deny } else { Authorization::Allow }
        }))
        .unwrap();
    let wall_ms = bo.wall_ms;
    let answer = page(log_of(&ana, 1), 1);
    assert!(bo.replica.take_in(answer.clone(), wall_ms).is_err());
    assert_eq!(bo.replica.record(account).unwrap(), None, "nor is anything of it in the database");
    assert_eq!(bo.replica.status().unwrap().position, 0);
    bo.replica.connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).unwrap();
    assert_eq!(bo.take_in(answer).accepted, 1, "the same answer comes again");
    assert!(bo.replica.doctor().unwrap().is_healthy());
}
