//! Tests of replaying after denials, and of the drawer.

use super::*;

#[test]
fn after_a_denial_later_work_that_only_builds_on_its_bytes_is_issued_again() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.take_in(page(log_of(&device, 1), 1));
    let bad = device.set(account, "name", text("Mine now"));
    let good = device.set(account, "nickname", text("A"));
    let reads = device.set(account, "name", text("Mine, really"));
    let other = device.create(Entity::Note, &[("title", text("Apart"))]);
    let before = device.envelopes();
    let taken = device.take_in(denied(bad));
    assert_eq!(taken.needs_you, [bad]);
    assert_eq!(taken.replayed, [good]);
    assert_eq!(taken.waiting, [reads], "it reads what the denied one wrote");
    assert_eq!(device.value(account, "name"), text("Acme"));
    assert_eq!(device.value(account, "nickname"), text("A"));
    let pending = device.replica.pending().unwrap();
    let replayed = pending.iter().find(|entry| entry.intent == good).unwrap();
    assert_eq!(replayed.parts[0].branch, 1);
    assert_eq!(replayed.parts[0].basis, before[0].parts[0].0.basis, "its own accepted basis");
    assert!(replayed.number > before[3].header.number);
    let untouched = pending.iter().find(|entry| entry.number == before[3].header.number);
    assert_eq!(untouched.unwrap().parts[0].document.record, other);
    let waits = pending.iter().find(|entry| entry.intent == reads).unwrap();
    assert_eq!(waits.state, PendingState::WaitsFor(bad));
    let drawer = device.replica.needs_you().unwrap();
    assert_eq!((drawer[0].intent, &drawer[0].denial), (bad, &denial()));
    assert_eq!(drawer[0].waiting, [reads]);
    assert!(matches!(&drawer[0].parts[0].operations[0],
        Operation::Edit(edit) if edit.to == text("Mine now")));
    let sent = device.request().push.unwrap();
    let sent: Vec<_> = sent.envelopes.iter().map(|envelope| envelope.intent).collect();
    assert!(!sent.contains(&reads) && !sent.contains(&bad) && sent.contains(&good));
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn replays_keep_a_conflict_that_newer_heads_would_hide() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    let fields = [("name", text("Deal")), ("account", Value::Reference(account))];
    let deal = ana.create(Entity::Opportunity, &fields);
    ana.set(deal, "amount", euros(10));
    let start = log_of(&ana, 1);
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(start.clone(), 3));
    ana.take_in(page(start, 3));
    // Bo edits and is denied for another field; Ana's amount arrives before the denial.
    let bad = bo.set(deal, "name", text("Renamed"));
    bo.set(deal, "amount", euros(20));
    bo.set(deal, "stage", text("Closed won"));
    ana.set(deal, "amount", euros(30));
    ana.set(deal, "stage", text("Closed lost"));
    bo.take_in(page(log_of(&ana, 4), 5));
    assert!(bo.replica.record(deal).unwrap().unwrap().is_disputed("amount"), "before the denial");
    bo.take_in(denied(bad));
    let row = bo.replica.record(deal).unwrap().unwrap();
    assert!(row.is_disputed("amount"), "replayed at its own basis, not on Ana's heads");
    let conflict = bo.replica.conflict(deal, "amount").unwrap().unwrap();
    assert_eq!(conflict.base, euros(10));
    assert_eq!(conflict.sides.len(), 2);
    assert_eq!(conflict.id, None, "one side is pending");
    assert!(conflict.sides.iter().all(|side| side.made_by.len() == 1), "who stands behind it");
    let all = bo.replica.conflicts().unwrap();
    assert_eq!((all.len(), &all[0]), (2, &conflict), "highest stake first");
    let disputed = ["amount", "forecast_category", "stage", "weighted_amount"];
    assert_eq!(row.disputed, disputed, "what is computed from it, too");
    assert!(bo.replica.doctor().unwrap().is_healthy());
}

#[test]
fn what_a_denied_creation_made_waits_with_it_and_follows_when_it_is_sent_again() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let made = device.envelopes()[0].header.intent;
    let edit = device.set(account, "nickname", text("A"));
    let refers = device
        .create(Entity::Contact, &[("name", text("Ana")), ("account", Value::Reference(account))]);
    let taken = device.take_in(denied(made));
    assert_eq!(taken.waiting.len(), 2);
    assert!(device.replica.record(account).unwrap().is_none());
    assert!(device.replica.record(refers).unwrap().is_none());
    let stamp = device.stamp();
    let again = device.replica.retry(made, &stamp).unwrap();
    assert_eq!(again.intent, stamp.intent);
    assert_eq!(device.value(account, "nickname"), text("A"));
    assert_eq!(device.value(refers, "account"), Value::Reference(account));
    assert!(device.replica.needs_you().unwrap().is_empty());
    let pending = device.replica.pending().unwrap();
    assert_eq!(pending.len(), 3);
    assert!(pending.iter().any(|entry| entry.intent == edit), "under its own id");
    assert!(pending.iter().all(|entry| entry.state == PendingState::Saved));
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn giving_a_denied_intent_up_brings_what_waited_into_the_drawer() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.take_in(page(log_of(&device, 1), 1));
    let bad = device.set(account, "name", text("Mine"));
    let reads = device.set(account, "name", text("Mine, really"));
    device.take_in(denied(bad));
    assert!(device.replica.discard(bad, 5).unwrap());
    let drawer = device.replica.needs_you().unwrap();
    assert_eq!(drawer.len(), 1);
    assert_eq!((drawer[0].intent, drawer[0].denial.code.as_str()), (reads, "built_on_dropped"));
    assert!(device.replica.pending().unwrap().is_empty());
    assert!(device.replica.discard(reads, 6).unwrap());
    assert!(!device.replica.discard(reads, 7).unwrap(), "there is none");
    assert!(device.replica.needs_you().unwrap().is_empty());
}

#[test]
fn giving_up_unsent_work_takes_it_back() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let edit = device.set(account, "nickname", text("A"));
    let city = device.set(account, "city", text("Zürich"));
    assert!(device.replica.discard(edit, 5).unwrap());
    let row = device.replica.record(account).unwrap().unwrap();
    assert_eq!(row.value("nickname"), &Value::Null);
    assert_eq!(row.value("city"), &text("Zürich"));
    assert!(device.replica.pending().unwrap().iter().any(|entry| entry.intent == city));
    assert!(device.replica.search("Zur", 5).unwrap().rows.len() == 1);
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn a_clock_that_ran_ahead_is_stamped_again_within_bounds() {
    let mut device = Device::new(3, "Rep");
    let right_ms = device.wall_ms;
    let year_ms = 365 * 24 * 3_600_000;
    device.wall_ms += year_ms;
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.set(account, "name", text("Acme AG"));
    let intents: Vec<_> =
        device.envelopes().iter().map(|envelope| envelope.header.intent).collect();
    let rebase = Verdict::Rebase { reason: "clock".into(), clock_offset_ms: Some(-year_ms) };
    device.take_in(verdicts(vec![(intents[0], rebase)]));
    let envelopes = device.envelopes();
    assert_eq!(envelopes.len(), 2);
    for envelope in &envelopes {
        let off = envelope.header.clock.millis() - right_ms;
        assert!(off.abs() < 60_000, "stamped by the server's time, {off} ms off");
        assert!(intents.contains(&envelope.header.intent));
    }
    assert!(envelopes[0].header.clock < envelopes[1].header.clock);
    assert_eq!(device.value(account, "name"), text("Acme AG"));
}

#[test]
fn a_corrected_clock_stays_after_what_the_server_has_accepted() {
    let mut device = Device::new(3, "Rep");
    let right_ms = device.wall_ms;
    device.wall_ms += 4 * 60_000;
    let account = device.create(Entity::Account, &[("name", text("Within bounds"))]);
    device.wall_ms += 2 * 60_000;
    device.set(account, "city", text("Beyond them"));
    let [first, second] = device.envelopes().try_into().unwrap();
    device.wall_ms = right_ms;
    let rebase = Verdict::Rebase { reason: "clock".into(), clock_offset_ms: Some(-360_000) };
    device.take_in(verdicts(vec![
        (first.header.intent, Verdict::Applied { seq: 1 }),
        (second.header.intent, rebase),
    ]));
    let envelopes = device.envelopes();
    assert_eq!(envelopes[1].header.intent, second.header.intent);
    assert!(
        envelopes[1].header.clock > first.header.clock,
        "or the server would refuse it again and again"
    );
}

#[test]
fn what_was_given_up_can_be_taken_back_for_thirty_days() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.take_in(page(log_of(&device, 1), 1));
    let bad = device.set(account, "name", text("Mine"));
    device.take_in(denied(bad));
    let now = device.wall_ms;
    assert!(device.replica.discard(bad, now).unwrap());
    let kept = device.replica.discarded(now).unwrap();
    assert_eq!((kept.len(), kept[0].intent, kept[0].denied), (1, bad, true));
    let stamp = device.stamp();
    assert_eq!(device.replica.take_back(bad, &stamp).unwrap(), None, "back in the drawer");
    let drawer = device.replica.needs_you().unwrap();
    assert_eq!((drawer[0].intent, &drawer[0].denial), (bad, &denial()), "with its words");
    assert!(device.replica.discarded(now).unwrap().is_empty());
    assert!(device.replica.discard(bad, now).unwrap());
    let edit = device.set(account, "nickname", text("A"));
    assert_eq!(device.replica.withdraw(edit, now).unwrap(), Some(vec![]));
    assert_eq!(device.value(account, "nickname"), Value::Null);
    let kept = device.replica.discarded(now).unwrap();
    assert_eq!(kept.iter().filter(|kept| !kept.denied).count(), 1);
    let stamp = device.stamp();
    let again = device.replica.take_back(edit, &stamp).unwrap().unwrap();
    assert_eq!(again.intent, stamp.intent);
    assert_eq!(device.value(account, "nickname"), text("A"));
    let stamp = device.stamp();
    assert!(device.replica.take_back(edit, &stamp).is_err(), "only once");
    let month_ms = 31 * 24 * 3_600_000;
    assert!(device.replica.discarded(now + month_ms).unwrap().is_empty(), "after 30 days");
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn withdrawing_replays_later_work_and_sets_aside_what_builds_on_it() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.take_in(page(log_of(&device, 1), 1));
    let first = device.set(account, "name", text("Mine"));
    let other = device.set(account, "city", text("Bern"));
    let reads = device.set(account, "name", text("Mine, really"));
    assert_eq!(device.replica.standing(first, None).unwrap(), Some(Standing::Unsent));
    let now = device.wall_ms;
    assert_eq!(device.replica.withdraw(first, now).unwrap(), Some(vec![reads]));
    assert_eq!(device.value(account, "name"), text("Acme"));
    assert_eq!(device.value(account, "city"), text("Bern"));
    let pending = device.replica.pending().unwrap();
    assert_eq!(pending.iter().map(|entry| entry.intent).collect::<Vec<_>>(), [other]);
    assert_eq!(device.replica.needs_you().unwrap()[0].intent, reads);
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn what_was_sent_is_not_withdrawn_but_known() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let made = device.envelopes()[0].header.intent;
    let edit = device.set(account, "city", text("Bern"));
    device.request();
    assert_eq!(device.replica.withdraw(edit, 5).unwrap(), None, "it may be on the server");
    assert!(matches!(device.replica.standing(edit, None).unwrap(), Some(Standing::Sent(_))));
    device.take_in(page(log_of(&device, 1), 2));
    assert!(device.replica.pending().unwrap().is_empty());
    let Some(Standing::Sent(parts)) = device.replica.standing(edit, None).unwrap() else {
        panic!("it was sent");
    };
    assert_eq!((parts.len(), parts[0].record), (1, account));
    assert!(matches!(&parts[0].operations.as_ref().unwrap()[..],
        [Operation::Edit(edit)] if edit.to == text("Bern")));
    let Some(Standing::Sent(parts)) = device.replica.standing(made, None).unwrap() else {
        panic!("it was sent");
    };
    assert_eq!(parts[0].operations, None, "it made the record");
    let nobodys = IntentId::from_bytes([0x99; 16]);
    assert_eq!(device.replica.standing(nobodys, Some(account)).unwrap(), None);
    let history = device.replica.history(account, Some("city")).unwrap();
    assert!(history.iter().any(|row| row.made_by.accepted_ms == Some(START_MS)));
}
