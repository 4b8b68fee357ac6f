//! What devices handed over is taken back in, or dropped, and nothing else.

use roadbook_domain::{Entity, Value};
use roadbook_policy::Role;
use roadbook_sync_protocol::{Quarantined, Verdict};

use super::TenantError;
use super::exchange::put_quarantined;
use crate::store::Share;
use crate::trial::{Trial, TrialDevice, edit, money, text};

const ACCOUNT: Entity = Entity::Account;
const DEAL: Entity = Entity::Opportunity;

/// Everything that waits on a device, as it hands it over before it purges.
fn surrender(trial: &Trial, by: &mut TrialDevice) {
    let items = by.pending.drain(..).map(|pending| Quarantined {
        intent: pending.envelope.header.intent,
        envelope: postcard::to_allocvec(&pending.envelope).unwrap(),
        reason: "revoked".into(),
    });
    let items: Vec<_> = items.collect();
    let device = trial.tenant.device(by.device.id).unwrap().unwrap();
    let safe = trial.tenant.surrender(&device, items.clone(), trial.now_ms).unwrap();
    assert_eq!(safe.len(), items.len());
}

#[test]
fn work_of_a_revoked_device_is_taken_in_under_its_author() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let intent = ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    trial.tenant.revoke(ana.device.id, trial.now_ms).unwrap();
    surrender(&trial, &mut ana);
    let waiting = trial.tenant.quarantine().unwrap();
    assert_eq!((waiting.len(), waiting[0].intent, waiting[0].user), (1, intent, trial.ana));
    assert_eq!(trial.tenant.status().unwrap().quarantined, 1);
    let verdict = trial.tenant.readmit(intent, "Ana left the company", trial.now_ms).unwrap();
    assert!(matches!(verdict, Verdict::Applied { .. }), "{verdict:?}");
    let heard = ben.sync(&trial).accepted;
    let header = &heard.last().unwrap().envelope.header;
    assert_eq!((header.user, header.device), (trial.ana, ana.device.id));
    assert_eq!(ben.value(account, ACCOUNT, "city"), text("Riga"));
    ben.assert_equal(&trial);
    assert_eq!(trial.tenant.status().unwrap().quarantined, 0);
    let settled = trial.tenant.quarantine().unwrap().remove(0).settled.unwrap();
    assert_eq!(
        (settled.how.as_str(), settled.note.as_str()),
        ("readmitted", "Ana left the company")
    );
    let again = trial.tenant.readmit(intent, "again", trial.now_ms).unwrap_err();
    assert!(matches!(again, TenantError::Settled), "{again}");
}

#[test]
fn an_operator_vouches_for_sight_and_not_for_rights() {
    let mut trial = Trial::new();
    let (account, deal, _) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let amount = ben.commit(&mut trial, &edit(deal, DEAL, "amount", money(1_000), money(2_000)));
    let owner = |user: roadbook_domain::UserId| Value::Reference(user.into());
    let handing_over = edit(account, ACCOUNT, "owner", owner(trial.ana), owner(trial.ben));
    let theft = ben.commit(&mut trial, &handing_over);
    surrender(&trial, &mut ben);
    // Ben works in the south now, and sees neither.
    let (user, south, now) = (trial.ben, trial.south, trial.now_ms);
    trial.tenant.set_user_territory(user, Some(south), now, &mut trial.ids).unwrap();
    let team = crate::tenant::TeamChange { remove: vec![user], ..Default::default() };
    trial.tenant.change_team(trial.team, &team, now, &mut trial.ids).unwrap();
    let verdict = trial.tenant.readmit(amount, "agreed on the phone", now).unwrap();
    assert!(verdict.seq().is_some(), "{verdict:?}");
    let verdict = trial.tenant.readmit(theft, "try", now).unwrap();
    assert!(matches!(verdict, Verdict::Denied(_)), "a rep hands nothing over: {verdict:?}");
    assert_eq!(trial.tenant.status().unwrap().quarantined, 1, "it waits on");
    trial.tenant.set_role(user, Role::Manager, now, &mut trial.ids).unwrap();
    let verdict = trial.tenant.readmit(theft, "a manager now", now).unwrap();
    assert!(verdict.seq().is_some(), "judged by the rules in force: {verdict:?}");
}

#[test]
fn what_builds_on_other_work_of_the_quarantine_waits_for_that() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let city = |from, to| edit(account, ACCOUNT, "city", from, text(to));
    let first = ana.commit(&mut trial, &city(Value::Null, "Riga"));
    let second = ana.commit(&mut trial, &city(text("Riga"), "Tartu"));
    surrender(&trial, &mut ana);
    let now = trial.now_ms;
    let verdict = trial.tenant.readmit(second, "wrong order", now).unwrap();
    assert!(verdict.seq().is_none(), "{verdict:?}");
    for intent in [first, second] {
        assert!(trial.tenant.readmit(intent, "in order", now).unwrap().seq().is_some());
    }
    ana.sync(&trial);
    assert_eq!(ana.value(account, ACCOUNT, "city"), text("Tartu"));
    ana.assert_equal(&trial);
}

#[test]
fn what_is_dropped_loses_its_words_and_keeps_the_note() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let intent = ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    surrender(&trial, &mut ana);
    let now = trial.now_ms;
    let dropped = trial.tenant.drop_quarantined(intent, "a test entry", now).unwrap();
    assert_eq!((dropped.envelope, dropped.settled.unwrap().how.as_str()), (None, "dropped"));
    let kept = trial.tenant.quarantine().unwrap().remove(0);
    assert_eq!((kept.envelope, kept.settled.unwrap().note.as_str()), (None, "a test entry"));
    let gone = trial.tenant.readmit(intent, "changed my mind", now).unwrap_err();
    assert!(matches!(gone, TenantError::Settled), "{gone}");
    let unknown = roadbook_domain::IntentId::from_bytes([1; 16]);
    let missing = trial.tenant.drop_quarantined(unknown, "x", now).unwrap_err();
    assert!(matches!(missing, TenantError::NotFound(_)), "{missing}");
}

#[test]
fn what_is_not_its_devices_is_not_taken_in() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let intent = ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    // Ben hands over an envelope that bears Ana's name.
    ben.pending = std::mem::take(&mut ana.pending);
    surrender(&trial, &mut ben);
    let refused = trial.tenant.readmit(intent, "looks fine", trial.now_ms).unwrap_err();
    assert!(matches!(refused, TenantError::Corrupt(_)), "{refused}");
}

#[test]
fn a_device_has_a_bounded_share_and_keeps_what_is_not_acknowledged() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    for (from, to) in [(Value::Null, text("a")), (text("a"), text("b")), (text("b"), text("c"))] {
        ana.commit(&mut trial, &edit(account, ACCOUNT, "city", from, to));
    }
    let items: Vec<_> = ana
        .pending
        .iter()
        .map(|pending| Quarantined {
            intent: pending.envelope.header.intent,
            envelope: postcard::to_allocvec(&pending.envelope).unwrap(),
            reason: "revoked".into(),
        })
        .collect();
    let ids: Vec<_> = items.iter().map(|item| item.intent).collect();
    let device = trial.tenant.device(ana.device.id).unwrap().unwrap();
    let put = |max: Share, items: &[Quarantined]| {
        let items = items.to_vec();
        let put = trial.tenant.write(|store, _| put_quarantined(store, &device, items, &max, 9));
        put.unwrap()
    };
    let two = Share { envelopes: 2, bytes: u64::MAX };
    assert_eq!(put(two, &items), ids[..2], "the third has no room");
    assert_eq!(put(two, &items), ids[..2], "what is there already takes no more room");
    let bytes = Share { envelopes: 9, bytes: 1 };
    assert_eq!(put(bytes, &items[2..]), [], "nor by bytes");
    trial.tenant.drop_quarantined(ids[0], "decided", 9).unwrap();
    assert_eq!(put(two, &items), ids, "a decision makes room");
}

#[test]
fn work_of_a_deactivated_user_is_handed_over_and_taken_in() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let intent = ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    trial.tenant.deactivate_user(trial.ana, trial.now_ms, &mut trial.ids).unwrap();
    let error = ana.exchange(&trial, ana.request(&trial)).unwrap_err();
    assert!(matches!(error, TenantError::Revoked), "its device hands over and purges: {error}");
    surrender(&trial, &mut ana);
    let verdict = trial.tenant.readmit(intent, "Ana left the company", trial.now_ms).unwrap();
    assert!(matches!(verdict, Verdict::Applied { .. }), "{verdict:?}");
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    assert_eq!(ben.value(account, ACCOUNT, "city"), text("Riga"));
}

#[test]
fn what_was_dropped_is_denied_should_its_device_send_it_after_all() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let (now, user) = (trial.now_ms, trial.ana);
    trial.tenant.deactivate_user(user, now, &mut trial.ids).unwrap();
    let intent = ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let sent = ana.pending.clone();
    surrender(&trial, &mut ana);
    // The acknowledgement is lost; the operator decides; the user is let in again.
    trial.tenant.drop_quarantined(intent, "no longer wanted", trial.now_ms).unwrap();
    trial.tenant.activate_user(user, trial.now_ms, &mut trial.ids).unwrap();
    ana.pending = sent;
    let verdicts = ana.push(&trial);
    let Verdict::Denied(denial) = verdicts[0].given() else { panic!("{verdicts:?}") };
    assert!(denial.reason.contains("no longer wanted"), "{denial:?}");
}

#[test]
fn what_waits_in_the_quarantine_and_comes_from_its_device_after_all_is_settled() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let sent = ana.pending.clone();
    surrender(&trial, &mut ana);
    ana.pending = sent;
    ana.sync_clean(&trial);
    let settled = trial.tenant.quarantine().unwrap().remove(0).settled;
    assert_eq!(settled.unwrap().how, "taken in", "nobody is to decide about it any more");
}

#[test]
fn work_of_a_clock_that_was_ahead_is_not_readmitted_before_its_time() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let now = trial.now_ms;
    trial.now_ms += 20 * 60 * 1_000;
    let intent = ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let then = trial.now_ms;
    trial.now_ms = now;
    surrender(&trial, &mut ana);
    let verdict = trial.tenant.readmit(intent, "as agreed", now).unwrap();
    assert!(matches!(verdict, Verdict::Rebase { clock_offset_ms: Some(_), .. }), "{verdict:?}");
    ben.sync(&trial);
    ben.commit(&mut trial, &edit(account, ACCOUNT, "country", Value::Null, text("LV")));
    ben.sync_clean(&trial);
    let verdict = trial.tenant.readmit(intent, "as agreed", then).unwrap();
    assert!(verdict.seq().is_some(), "when its time has come: {verdict:?}");
}
