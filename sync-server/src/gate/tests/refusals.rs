//! What a refusal does to its neighbours and to those that build on it (D4).

use roadbook_domain::{Entity, Intent, Value};
use roadbook_sync_protocol::Verdict;

use super::code;
use crate::trial::{Trial, create, edit, text};

const ACCOUNT: Entity = Entity::Account;

#[test]
fn a_denial_does_not_block_later_work_on_other_records_or_of_other_fields() {
    let mut trial = Trial::new();
    let (account, deal, mut ana) = trial.with_deal();
    let (me, zoe) = (Value::Reference(trial.ana.into()), Value::Reference(trial.zoe.into()));
    let denied = ana.commit(&mut trial, &edit(account, ACCOUNT, "owner", me, zoe.clone()));
    let beside = edit(account, ACCOUNT, "city", Value::Null, text("Riga"));
    let rebased = ana.commit(&mut trial, &beside);
    let same = edit(account, ACCOUNT, "owner", zoe, Value::Reference(trial.ben.into()));
    ana.commit(&mut trial, &same);
    let elsewhere = edit(deal, Entity::Opportunity, "next_step", Value::Null, text("Call"));
    ana.commit(&mut trial, &elsewhere);
    let verdicts = ana.push(&trial);
    assert_eq!(code(&verdicts[0]), "not_permitted");
    assert!(
        matches!(&verdicts[1], Verdict::Rebase { clock_offset_ms: None, .. }),
        "another field only needs new bytes: {:?}",
        verdicts[1]
    );
    assert!(
        matches!(&verdicts[2], Verdict::Held { waits_for, .. } if *waits_for == denied),
        "the same field reads what was denied: {:?}",
        verdicts[2]
    );
    assert!(matches!(verdicts[3], Verdict::Applied { .. }), "another record: {:?}", verdicts[3]);

    // The device drops the denied envelope and issues the later one again, one branch up.
    ana.pending.clear();
    ana.branch += 1;
    let steps = beside.plan(&roadbook_domain::Schema::crm()).unwrap();
    trial.now_ms += 1;
    ana.issue(&trial, rebased, beside.kind(), steps);
    let again = ana.sync_clean(&trial);
    assert!(again.verdicts[0].is_final(), "{:?}", again.verdicts);
    assert_eq!(ana.value(account, ACCOUNT, "city"), text("Riga"));
    ana.assert_equal(&trial);
}

#[test]
fn work_that_builds_on_a_rebased_change_is_rebased_too() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let (me, zoe) = (Value::Reference(trial.ana.into()), Value::Reference(trial.zoe.into()));
    let denied = ana.commit(&mut trial, &edit(account, ACCOUNT, "owner", me, zoe.clone()));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "country", Value::Null, text("LV")));
    let same = edit(account, ACCOUNT, "owner", zoe, Value::Reference(trial.ben.into()));
    ana.commit(&mut trial, &same);
    let verdicts = ana.push(&trial);
    let names: Vec<_> = verdicts.iter().map(Verdict::name).collect();
    assert_eq!(names, ["denied", "rebase", "rebase", "held"]);
    let Verdict::Held { waits_for, .. } = verdicts[3] else { panic!("held") };
    assert_eq!(waits_for, denied, "it waits for the denied one, not for those in between");
}

#[test]
fn whatever_refers_to_a_record_whose_creation_was_denied_is_held() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let refused = trial.record();
    let fields = [("name", text("Acme 2")), ("owner", Value::Reference(trial.zoe.into()))];
    let denied = ana.commit(&mut trial, &create(refused, ACCOUNT, &fields));
    ana.commit(&mut trial, &edit(refused, ACCOUNT, "city", Value::Null, text("Riga")));
    let contact = trial.record();
    let fields = [("name", text("Eve")), ("account", Value::Reference(refused))];
    ana.commit(&mut trial, &create(contact, Entity::Contact, &fields));
    ana.commit(&mut trial, &edit(contact, Entity::Contact, "role", Value::Null, text("CFO")));
    let other = trial.record();
    let fields = [("name", text("Bob")), ("account", Value::Reference(account))];
    ana.commit(&mut trial, &create(other, Entity::Contact, &fields));
    let verdicts = ana.push(&trial);
    assert_eq!(code(&verdicts[0]), "not_permitted");
    for held in &verdicts[1..4] {
        let Verdict::Held { waits_for, .. } = held else { panic!("held: {held:?}") };
        assert_eq!(*waits_for, denied);
    }
    assert!(matches!(verdicts[4], Verdict::Applied { .. }), "{:?}", verdicts[4]);

    // Made after all, in a way that is allowed, it lets the others through.
    ana.pending.clear();
    ana.branch += 1;
    ana.sync(&trial);
    ana.commit(&mut trial, &create(refused, ACCOUNT, &[("name", text("Acme 2"))]));
    let fields = [("name", text("Eve")), ("account", Value::Reference(refused))];
    ana.commit(&mut trial, &create(contact, Entity::Contact, &fields));
    ana.sync_clean(&trial);
    ana.assert_equal(&trial);
}

#[test]
fn what_a_denied_intent_would_have_told_the_next_one_is_remembered_across_batches() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let (me, zoe) = (Value::Reference(trial.ana.into()), Value::Reference(trial.zoe.into()));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "owner", me, zoe));
    assert_eq!(code(&ana.push(&trial)[0]), "not_permitted");
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let verdicts = ana.push(&trial);
    let names: Vec<_> = verdicts.iter().map(Verdict::name).collect();
    assert_eq!(names, ["denied", "rebase"]);
    assert!(matches!(verdicts[0], Verdict::Duplicate(_)), "the denial stands: {:?}", verdicts[0]);
}

#[test]
fn a_held_intent_that_comes_again_as_it_was_is_still_held() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let (me, zoe) = (Value::Reference(trial.ana.into()), Value::Reference(trial.zoe.into()));
    let denied = ana.commit(&mut trial, &edit(account, ACCOUNT, "owner", me, zoe.clone()));
    let same = edit(account, ACCOUNT, "owner", zoe, Value::Reference(trial.ben.into()));
    ana.commit(&mut trial, &same);
    let lead = trial.record();
    ana.commit(&mut trial, &create(lead, Entity::Lead, &[("name", text("Walk-in"))]));
    ana.push(&trial);
    // The answer got lost; everything is sent again.
    let again = ana.push(&trial);
    let names: Vec<_> = again.iter().map(Verdict::name).collect();
    assert_eq!(names, ["denied", "held", "applied"]);
    assert!(
        matches!(&again[1], Verdict::Held { waits_for, .. } if *waits_for == denied),
        "its number is not held against it: {:?}",
        again[1]
    );
}

#[test]
fn the_same_intent_sent_twice_is_applied_once_with_the_same_verdict() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let visits = Intent::AdjustCounter {
        record: account,
        entity: ACCOUNT,
        field: "visits".to_owned(),
        by: 1,
    };
    ana.commit(&mut trial, &visits);
    let first = ana.push(&trial);
    let head = trial.tenant.status().unwrap().head;
    let second = ana.push(&trial);
    assert!(matches!(second[0], Verdict::Duplicate(_)));
    assert_eq!(second[0].given(), &first[0]);
    assert_eq!(trial.tenant.status().unwrap().head, head);
    ana.sync_clean(&trial);
    assert_eq!(ana.value(account, ACCOUNT, "visits"), Value::Integer(1));
}

#[test]
fn the_same_intent_twice_in_one_batch_is_applied_once() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let one = ana.pending[0].clone();
    ana.pending.push(one);
    let verdicts = ana.push(&trial);
    assert!(matches!(verdicts[0], Verdict::Applied { .. }));
    assert_eq!(verdicts[1].given(), &verdicts[0]);
}

#[test]
fn after_a_refused_push_the_next_one_finds_the_documents_as_the_log_has_them() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    // Good, bad, good on one document of one batch; the last builds on the first.
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "country", Value::Null, text("LV")));
    ana.forge(|_, parts| parts[0].change = roadbook_domain::ChangeHash([1; 32]));
    let bad = ana.pending.pop().unwrap();
    ana.branch += 1;
    ana.commit(&mut trial, &edit(account, ACCOUNT, "website", Value::Null, text("acme.lv")));
    ana.pending.insert(1, bad);
    let expected = ["applied", "denied", "applied"];
    let verdicts = ana.push(&trial);
    let names: Vec<_> = verdicts.iter().map(Verdict::name).collect();
    assert_eq!(names, expected);
    ana.pending.clear();
    ana.sync(&trial);
    assert_eq!(ana.value(account, ACCOUNT, "website"), text("acme.lv"));
    assert_eq!(ana.value(account, ACCOUNT, "country"), Value::Null);
    ana.assert_equal(&trial);
}

#[test]
fn what_builds_on_a_held_change_is_held_with_it_and_not_issued_again_for_ever() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let backup = trial.folder.path().join("backup.db");
    trial.tenant.backup(&backup).unwrap();
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    ana.sync_clean(&trial);
    trial.now_ms += 1_000;
    trial.tenant = crate::tenant::Tenant::open(&backup, trial.now_ms).unwrap();
    // All of these build on what was lost with the server, and on one another.
    let first = ana.commit(&mut trial, &edit(account, ACCOUNT, "city", text("Riga"), text("Ogre")));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "country", Value::Null, text("LV")));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "website", Value::Null, text("acme.lv")));
    for _ in 0..2 {
        for verdict in ana.push(&trial) {
            assert!(
                matches!(verdict, Verdict::Held { waits_for, .. } if waits_for == first),
                "issued again it would build on the same change again: {verdict:?}"
            );
        }
    }
    let remembered = "SELECT count(*) FROM refused_changes";
    let file = |sql: &str| -> i64 {
        let store = rusqlite::Connection::open(&backup).unwrap();
        store.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(file(remembered), 3);
    ana.relay(&trial);
    let names: Vec<_> = ana.push(&trial).iter().map(Verdict::name).collect();
    assert_eq!(names, ["applied", "applied", "applied"], "what they wait for has come");
    assert_eq!(file(remembered), 0, "what was taken in is not remembered as refused");
    ana.sync_clean(&trial);
    assert_eq!(ana.value(account, ACCOUNT, "city"), text("Ogre"));
    ana.assert_equal(&trial);
}
