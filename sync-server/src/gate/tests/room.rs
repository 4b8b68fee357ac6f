//! How much room a device can take in the store: with what is refused, and with one record.

use roadbook_domain::{Entity, Facet, FieldEdit, IntentKind, Operation, Step, Value};
use roadbook_sync_protocol::Verdict;

use super::{asked, code, denial};
use crate::ids::IdSource as _;
use crate::trial::{Trial, create, edit, text};

const ACCOUNT: Entity = Entity::Account;

#[test]
fn a_chain_of_denied_work_with_made_up_fields_is_remembered_in_few_bytes() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    for round in 0..70 {
        let from = ana.value(account, ACCOUNT, "city");
        ana.commit(&mut trial, &edit(account, ACCOUNT, "city", from, text(&round.to_string())));
        ana.forge(|_, parts| {
            let made_up = |at: u32| {
                Operation::Edit(FieldEdit {
                    field: format!("{:0>64}", round * 100 + at),
                    from: Value::Null,
                    to: text("Riga"),
                })
            };
            parts[0].operations = (0..64).map(made_up).collect();
        });
    }
    for verdict in ana.push(&trial) {
        assert_eq!(code(&verdict), "unknown_field");
    }
    let largest = asked(&trial, "SELECT max(length(causes)) FROM refused_changes");
    assert!(largest < 100, "{largest} bytes of what a device made up");
}

#[test]
fn a_chain_of_denied_work_names_each_field_once() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let (me, zoe) = (Value::Reference(trial.ana.into()), Value::Reference(trial.zoe.into()));
    let first = ana.commit(&mut trial, &edit(account, ACCOUNT, "owner", me.clone(), zoe.clone()));
    for round in 0..100 {
        let (from, to) = if round % 2 == 0 { (&zoe, &me) } else { (&me, &zoe) };
        let intent = edit(account, ACCOUNT, "owner", from.clone(), to.clone());
        ana.commit(&mut trial, &intent);
    }
    let verdicts = ana.push(&trial);
    for verdict in &verdicts[1..] {
        let waits = matches!(verdict, Verdict::Held { waits_for, .. } if *waits_for == first);
        assert!(waits, "{verdict:?}");
    }
    let largest = asked(&trial, "SELECT max(length(causes)) FROM refused_changes");
    assert!(largest < 100, "{largest} bytes");
}

#[test]
fn what_is_denied_held_or_a_duplicate_leaves_no_batch_however_often_it_is_sent() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let batches = "SELECT count(*) FROM batches";
    let before = asked(&trial, batches);
    let (me, zoe) = (Value::Reference(trial.ana.into()), Value::Reference(trial.zoe.into()));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "owner", me, zoe.clone()));
    let ben = Value::Reference(trial.ben.into());
    ana.commit(&mut trial, &edit(account, ACCOUNT, "owner", zoe, ben));
    for _ in 0..3 {
        let verdicts = ana.push(&trial);
        let names: Vec<_> = verdicts.iter().map(Verdict::name).collect();
        assert_eq!(names, ["denied", "held"]);
    }
    assert_eq!(asked(&trial, batches), before);
    assert_eq!(asked(&trial, "SELECT count(*) FROM refused_changes"), 2);

    // What is taken in has its batch, one for all of it.
    ana.pending.clear();
    ana.branch += 1;
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "country", Value::Null, text("LV")));
    ana.sync_clean(&trial);
    assert_eq!(asked(&trial, batches), before + 1);
    let last = "SELECT count(*) FROM log WHERE batch = (SELECT max(id) FROM batches)";
    assert_eq!(asked(&trial, last), 2);
}

#[test]
fn a_device_has_a_share_of_what_is_remembered_and_its_oldest_go() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let store = rusqlite::Connection::open(trial.folder.path().join("tenant.db")).unwrap();
    let fill = "WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 20000)
         INSERT INTO refused_changes (change, device, intent, causes, refused_ms)
         SELECT randomblob(32), ?1, randomblob(16), zeroblob(2), at FROM n";
    store.execute(fill, [ana.device.id.as_bytes()]).unwrap();
    let (me, zoe) = (Value::Reference(trial.ana.into()), Value::Reference(trial.zoe.into()));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "owner", me, zoe));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let names: Vec<_> = ana.push(&trial).iter().map(Verdict::name).collect();
    assert_eq!(names, ["denied", "rebase"], "what is new is remembered");
    assert_eq!(asked(&trial, "SELECT count(*) FROM refused_changes"), 20_000);
    assert_eq!(asked(&trial, "SELECT min(refused_ms) FROM refused_changes"), 3, "the oldest went");
}

/// As many tags as one operation may add, nearly as long as they may be, and never the same.
fn tags(trial: &mut Trial) -> Operation {
    let mut tag = || -> String {
        let mut bytes = [0; 95];
        trial.ids.fill(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let mut add: Vec<String> = (0..500).map(|_| tag()).collect();
    add.sort();
    Operation::ChangeSet { field: "tags".to_owned(), add, remove: Vec::new() }
}

#[test]
fn a_record_whose_history_is_full_says_so_with_what_can_be_done_and_others_go_on() {
    let mut trial = Trial::new();
    let (account, deal, mut ana) = trial.with_deal();
    let mut taken = 0;
    let refused = loop {
        let operations = (0..9).map(|_| tags(&mut trial)).collect();
        let (entity, facet) = (Entity::Opportunity, Facet::Internal);
        let step = Step { record: deal, entity, facet, operations };
        ana.commit_steps(&mut trial, IntentKind::Tag, vec![step]);
        let city = ana.value(account, ACCOUNT, "city");
        let intent = edit(account, ACCOUNT, "city", city, text(&taken.to_string()));
        ana.commit(&mut trial, &intent);
        let verdicts = ana.sync(&trial).verdicts;
        assert!(matches!(verdicts[1], Verdict::Applied { .. }), "the neighbour: {verdicts:?}");
        if verdicts[0].seq().is_none() {
            break verdicts.into_iter().next().unwrap();
        }
        taken += 1;
        assert!(taken < 40, "4 MiB and more were taken in");
    };
    assert_eq!(code(&refused), "document_full");
    assert!(taken > 4, "after {taken} changes of nearly a megabyte");
    let remedy = &denial(&refused).remedy;
    assert!(remedy.contains("new record"), "something that the person can do: {remedy}");
    let next = trial.record();
    let fields = [("name", text("Renewal, continued")), ("account", Value::Reference(account))];
    ana.commit(&mut trial, &create(next, Entity::Opportunity, &fields));
    ana.sync_clean(&trial);
    ana.assert_equal(&trial);
}
