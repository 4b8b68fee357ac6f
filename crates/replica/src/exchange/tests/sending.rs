//! Tests of what a request carries, and of what a revoked device hands over.

use std::collections::HashSet;

use roadbook_sync_protocol::verdict::CLOCK_AHEAD_MAX_MS;
use rusqlite::params;

use super::*;
use crate::pending;

fn held(intent: IntentId) -> (IntentId, Verdict) {
    (intent, Verdict::Held { waits_for: intent, reason: "it waits".into() })
}

fn sent(device: &mut Device) -> Vec<IntentId> {
    let push = device.request().push;
    push.into_iter().flat_map(|push| push.envelopes).map(|envelope| envelope.intent).collect()
}

#[test]
fn many_long_texts_go_in_several_requests_that_the_server_takes() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    for n in 0..60 {
        device.set(account, "description", text(&format!("{n} {}", "long ".repeat(19_000))));
    }
    let all: Vec<_> = device.envelopes().iter().map(|it| it.header.intent).collect();
    let mut seen = Vec::new();
    loop {
        let request = device.request();
        let Some(push) = &request.push else { break };
        let bytes = postcard::to_allocvec(&request).unwrap().len();
        assert!(bytes < 6 * 1024 * 1024, "{bytes} bytes in one request");
        let intents: Vec<_> = push.envelopes.iter().map(|envelope| envelope.intent).collect();
        let given = (seen.len() as u64 + 1..).zip(&intents);
        let given = given.map(|(seq, intent)| (*intent, Verdict::Applied { seq }));
        device.take_in(verdicts(given.collect()));
        seen.extend(intents);
    }
    assert_eq!(seen, all, "everything, once, in order");
}

#[test]
fn nothing_is_read_while_there_is_more_to_send() {
    let mut device = Device::new(3, "Rep");
    for n in 0..3 {
        device.create(Entity::Account, &[("name", text(&format!("Acme {n}")))]);
    }
    let options = RequestOptions { max_envelopes: 2, ..RequestOptions::shipped() };
    let wall_ms = device.wall_ms;
    let first = device.replica.next_request(wall_ms, options).unwrap();
    let pushed = first.push.unwrap().envelopes;
    assert_eq!((pushed.len(), first.pull), (2, None));
    let given = (1..).zip(&pushed).map(|(seq, it)| (it.intent, Verdict::Applied { seq }));
    assert!(device.take_in(verdicts(given.collect())).more, "the rest is still to be sent");
    let second = device.replica.next_request(wall_ms, options).unwrap();
    assert_eq!(second.push.unwrap().envelopes.len(), 1);
    assert!(second.pull.is_some(), "the last of it, so reading begins");
}

#[test]
fn what_is_held_does_not_keep_other_work_from_being_sent() {
    let mut device = Device::new(3, "Rep");
    for n in 0..3 {
        device.create(Entity::Account, &[("name", text(&format!("Waits {n}")))]);
    }
    let options = RequestOptions { max_envelopes: 3, ..RequestOptions::shipped() };
    let waiting: Vec<_> = device.envelopes().iter().map(|it| it.header.intent).collect();
    device.create(Entity::Account, &[("name", text("Free"))]);
    let free = device.envelopes()[3].header.intent;
    let wall_ms = device.wall_ms;
    let first = device.replica.next_request(wall_ms, options).unwrap().push.unwrap();
    assert_eq!(first.envelopes.len(), 3);
    let taken = device.take_in(verdicts(waiting.iter().copied().map(held).collect()));
    assert!(taken.more, "something else can be sent at once");
    let second = device.replica.next_request(wall_ms, options).unwrap().push.unwrap();
    assert_eq!(second.envelopes.iter().map(|it| it.intent).collect::<Vec<_>>(), [free]);
    assert!(device.replica.discard(waiting[0], 5).unwrap(), "what is held is not on the server");
    let taken = device.take_in(verdicts(vec![(free, Verdict::Applied { seq: 1 })]));
    assert!(!taken.more, "nothing but what is held is left");
    assert!(sent(&mut device).is_empty());
    device.replica.begin_sync();
    assert_eq!(sent(&mut device), waiting[1..], "asked again with the next sync");
}

#[test]
fn what_is_held_is_sent_again_when_something_new_has_come() {
    let mut ana = Device::new(3, "Rep");
    ana.create(Entity::Account, &[("name", text("News"))]);
    let mut bo = Device::new(4, "Rep");
    bo.create(Entity::Account, &[("name", text("Waits"))]);
    let waiting = sent(&mut bo);
    bo.take_in(verdicts(waiting.iter().copied().map(held).collect()));
    assert!(sent(&mut bo).is_empty());
    let taken = bo.take_in(page(log_of(&ana, 1), 1));
    assert!(taken.more);
    assert_eq!(sent(&mut bo), waiting);
}

#[test]
fn a_revoked_device_hands_all_of_it_over_and_purges_nothing_that_was_saved_meanwhile() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let bytes = pending::write_envelope(&device.envelopes()[0]).unwrap();
    for n in 0..600_u32 {
        let mut intent = [7; 16];
        intent[..4].copy_from_slice(&n.to_be_bytes());
        device
            .replica
            .connection
            .execute(
                "INSERT INTO quarantine (intent, envelope, reason) VALUES (?1, ?2, 'forgotten')",
                params![intent, bytes],
            )
            .unwrap();
    }
    let items = device.replica.surrendered().unwrap();
    assert_eq!(items.len(), 601, "what was set aside before, too");
    assert_eq!(device.request().quarantine.len(), 500, "a request carries a part of it");
    let safe: HashSet<_> = items.iter().map(|item| item.intent).collect();
    let meanwhile = device.set(account, "city", text("Bern"));
    let left = device.replica.purge_surrendered(&safe).unwrap();
    assert_eq!(left.iter().map(|item| item.intent).collect::<Vec<_>>(), [meanwhile]);
    assert_eq!(device.value(account, "city"), text("Bern"), "nothing was purged");
    let safe = safe.into_iter().chain([meanwhile]).collect();
    assert!(device.replica.purge_surrendered(&safe).unwrap().is_empty());
    assert!(device.replica.record(account).unwrap().is_none());
}

#[test]
fn a_purged_device_whose_clock_ran_ahead_is_not_ahead_for_ever() {
    let mut device = Device::new(3, "Rep");
    let right_ms = device.wall_ms;
    device.wall_ms += 3_600_000;
    device.create(Entity::Account, &[("name", text("Acme"))]);
    let all = device.replica.surrendered().unwrap().iter().map(|item| item.intent).collect();
    assert!(device.replica.purge_surrendered(&all).unwrap().is_empty());
    device.wall_ms = right_ms;
    device.create(Entity::Account, &[("name", text("Let in again"))]);
    let header = device.envelopes()[0].header.clone();
    assert!(header.clock.millis() > right_ms + 3_000_000, "after all that it ever sent");
    let rebase = Verdict::Rebase { reason: "clock".into(), clock_offset_ms: Some(-3_600_000) };
    device.take_in(verdicts(vec![(header.intent, rebase)]));
    let ahead = device.envelopes()[0].header.clock.millis() - answer().hello.wall_ms;
    assert!(ahead <= CLOCK_AHEAD_MAX_MS, "the server takes it in: {ahead} ms");
}
