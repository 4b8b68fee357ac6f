//! Honest disagreement: merges, conflicts, and who may end them.

use roadbook_domain::{Entity, Facet, Intent, Operation, RecordId, Value};
use roadbook_merge::view::all_disputed;
use roadbook_sync_protocol::{LogItem, Verdict};

use super::{code, denial};
use crate::trial::{Trial, TrialDevice, edit, money, text};

const DEAL: Entity = Entity::Opportunity;

/// Ana and Ben both changed the amount of Ana's deal; Mia sees the conflict.
struct Dispute {
    trial: Trial,
    account: RecordId,
    deal: RecordId,
    ana: TrialDevice,
    ben: TrialDevice,
    mia: TrialDevice,
    verdict: Verdict,
}

fn dispute() -> Dispute {
    let mut trial = Trial::new();
    let (account, deal, mut ana) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    ana.commit(&mut trial, &edit(deal, DEAL, "amount", money(1_000), money(1_200)));
    ben.commit(&mut trial, &edit(deal, DEAL, "amount", money(1_000), money(900)));
    let first = ana.sync_clean(&trial);
    assert!(matches!(first.verdicts[0], Verdict::Applied { .. }), "{:?}", first.verdicts);
    let verdict = ben.sync_clean(&trial).verdicts.remove(0);
    ana.sync(&trial);
    let mut mia = trial.device(trial.mia);
    mia.sync(&trial);
    Dispute { trial, account, deal, ana, ben, mia, verdict }
}

impl Dispute {
    fn sides(&self) -> Vec<roadbook_domain::ChangeHash> {
        let key = roadbook_domain::DocumentKey::first(self.deal, Facet::Internal);
        let document = self.mia.document(key);
        let merged = roadbook_merge::view(&roadbook_domain::Schema::crm(), DEAL, &[&document]);
        merged.conflicts[0].side_changes()
    }

    fn resolution(&self, choice: Value) -> Intent {
        Intent::ResolveConflict {
            record: self.deal,
            entity: DEAL,
            field: "amount".to_owned(),
            sides: self.sides(),
            choice,
        }
    }
}

#[test]
fn two_amounts_go_to_a_person_and_all_devices_agree_on_it() {
    let Dispute { trial, deal, ana, ben, mia, verdict, .. } = dispute();
    let Verdict::Review { conflicts, .. } = verdict else { panic!("review: {verdict:?}") };
    assert_eq!(conflicts.len(), 1);
    assert_eq!((conflicts[0].record, conflicts[0].field.as_str()), (deal, "amount"));
    assert_eq!(trial.tenant.status().unwrap().open_conflicts, 1);
    let key = roadbook_domain::DocumentKey::first(deal, Facet::Internal);
    let schema = roadbook_domain::Schema::crm();
    for device in [&ana, &ben, &mia] {
        device.assert_equal(&trial);
        assert_eq!(all_disputed(&schema, DEAL, &device.document(key)), ["amount"]);
    }
}

#[test]
fn a_third_side_joins_the_conflict_that_is_there() {
    let Dispute { mut trial, deal, verdict, .. } = dispute();
    let Verdict::Review { conflicts, .. } = verdict else { panic!("review") };
    // A device that has been offline since before the dispute.
    let mut mia = trial.device(trial.mia);
    mia.sync(&trial);
    let key = roadbook_domain::DocumentKey::first(deal, Facet::Internal);
    let first = mia.document(key);
    let created = oldest(&first);
    mia.accepted.get_mut(&key).unwrap().1 = first.at(&[created]).unwrap();
    mia.commit(&mut trial, &edit(deal, DEAL, "amount", money(1_000), money(5_000)));
    let verdicts = mia.push(&trial);
    let Verdict::Review { conflicts: joined, .. } = &verdicts[0] else { panic!("{verdicts:?}") };
    assert_eq!(*joined, conflicts, "the same conflict");
    assert_eq!(trial.tenant.status().unwrap().open_conflicts, 1);
}

/// The change that made a document: the one that all of its heads come from.
fn oldest(document: &roadbook_merge::Document) -> roadbook_domain::ChangeHash {
    let survivors = document.surviving_changes();
    let clock = |change: &roadbook_domain::ChangeHash| document.clock_of(*change);
    survivors.into_iter().min_by_key(clock).unwrap()
}

#[test]
fn a_manager_ends_the_conflict_and_everybody_hears_who_decided() {
    let mut dispute = dispute();
    let resolution = dispute.resolution(money(1_200));
    let Dispute { ref mut trial, deal, ref mut mia, ref mut ben, .. } = dispute;
    mia.commit(trial, &resolution);
    mia.sync_clean(trial);
    assert_eq!(trial.tenant.status().unwrap().open_conflicts, 0);
    let heard: Vec<LogItem> = ben.sync(trial).accepted;
    let last = heard.last().unwrap();
    assert_eq!(last.envelope.header.user, trial.mia);
    assert_eq!(last.outcomes[0].closed.len(), 1);
    assert_eq!(last.outcomes[0].journal[0].settled.code(), "decided");
    assert_eq!(ben.value(deal, DEAL, "amount"), money(1_200));
    let row = trial.projected(DEAL, Facet::Internal, deal);
    assert_eq!(row["amount_minor"], "120000");
    assert_eq!(row["disputed"], "");
}

#[test]
fn a_disputed_field_cannot_be_edited_over() {
    let mut dispute = dispute();
    let shown = dispute.mia.value(dispute.deal, DEAL, "amount");
    // The device's own mutator refuses; a forged one does not ask.
    let sneaky = edit(dispute.deal, DEAL, "next_step", Value::Null, text("Call"));
    dispute.mia.commit(&mut dispute.trial, &sneaky);
    dispute.mia.forge(|_, parts| {
        parts[0].operations = vec![Operation::Edit(roadbook_domain::FieldEdit {
            field: "amount".into(),
            from: shown,
            to: money(7),
        })];
    });
    let verdicts = dispute.mia.push(&dispute.trial);
    assert_eq!(code(&verdicts[0]), "disputed");
    assert_eq!(denial(&verdicts[0]).field.as_deref(), Some("amount"));
    assert_eq!(dispute.trial.tenant.status().unwrap().open_conflicts, 1);
}

#[test]
fn a_resolution_must_name_the_sides_that_there_are() {
    let mut dispute = dispute();
    let resolution = dispute.resolution(money(1_200));
    dispute.mia.commit(&mut dispute.trial, &resolution);
    dispute.mia.forge(|_, parts| {
        let Operation::Resolve { sides, .. } = &mut parts[0].operations[0] else {
            panic!("a resolution")
        };
        sides.pop();
    });
    assert_eq!(code(&dispute.mia.push(&dispute.trial)[0]), "other_sides");
}

#[test]
fn a_rep_may_propose_but_not_decide() {
    let mut dispute = dispute();
    let resolution = dispute.resolution(money(1_200));
    dispute.ana.commit(&mut dispute.trial, &resolution);
    assert_eq!(code(&dispute.ana.push(&dispute.trial)[0]), "not_permitted");
    dispute.ana.pending.clear();
    dispute.ana.branch += 1;
    let proposal = Intent::ProposeInConflict {
        record: dispute.deal,
        entity: DEAL,
        field: "amount".to_owned(),
        value: money(1_100),
        why: "the customer said so".to_owned(),
    };
    dispute.ana.commit(&mut dispute.trial, &proposal);
    let synced = dispute.ana.sync_clean(&dispute.trial);
    assert!(matches!(synced.verdicts[0], Verdict::Applied { .. }), "{:?}", synced.verdicts);
    assert_eq!(dispute.trial.tenant.status().unwrap().open_conflicts, 1, "it is still open");
}

#[test]
fn nothing_else_of_a_disputed_record_waits() {
    let mut dispute = dispute();
    let Dispute { ref mut trial, deal, account, ref mut ana, ref mut ben, .. } = dispute;
    ana.commit(trial, &edit(deal, DEAL, "next_step", Value::Null, text("Call")));
    ben.commit(trial, &edit(deal, DEAL, "competitor", Value::Null, text("Umbrella")));
    let tag = Intent::Tag {
        record: account,
        entity: Entity::Account,
        add: vec!["vip".to_owned()],
        remove: vec![],
    };
    ben.commit(trial, &tag);
    ana.sync_clean(trial);
    let verdicts = ben.sync_clean(trial).verdicts;
    assert!(matches!(verdicts[0], Verdict::Merged { .. }), "{verdicts:?}");
    assert!(matches!(verdicts[1], Verdict::Applied { .. }), "{verdicts:?}");
    ana.sync(trial);
    assert_eq!(ana.value(deal, DEAL, "competitor"), text("Umbrella"));
    assert_eq!(ben.value(deal, DEAL, "next_step"), text("Call"));
    ana.assert_equal(trial);
    ben.assert_equal(trial);
}

#[test]
fn a_disputed_value_is_marked_in_the_pipelines_tables() {
    let Dispute { trial, deal, account, .. } = dispute();
    let row = trial.projected(DEAL, Facet::Internal, deal);
    assert!(row["disputed"].split(' ').any(|field| field == "amount"), "{row:?}");
    assert_eq!(row["account"], account.to_string());
    assert_eq!(row["amount_currency"], "EUR");
    let seq: u64 = row["seq"].parse().unwrap();
    assert_eq!(seq, trial.tenant.status().unwrap().head, "each row knows its place in the log");
}

#[test]
fn a_confirmed_field_that_changed_meanwhile_is_not_overwritten() {
    let mut trial = Trial::new();
    let (account, _) = trial.with_account();
    let mut mia = trial.device(trial.mia);
    let mut ada = trial.device(trial.ada);
    mia.sync(&trial);
    ada.sync(&trial);
    let owner = |user: roadbook_domain::UserId| Value::Reference(user.into());
    let (ana, ben, zoe) = (owner(trial.ana), owner(trial.ben), owner(trial.zoe));
    mia.commit(&mut trial, &edit(account, Entity::Account, "owner", ana.clone(), ben.clone()));
    ada.commit(&mut trial, &edit(account, Entity::Account, "owner", ana, zoe));
    mia.sync_clean(&trial);
    let late = ada.push(&trial);
    assert_eq!(code(&late[0]), "confirmed_changed");
    ada.pending.clear();
    ada.sync(&trial);
    assert_eq!(ada.value(account, Entity::Account, "owner"), ben);
}
