//! What a restore lost comes back from devices, whole or not at all.

use roadbook_domain::{Entity, Facet, Intent, RecordId, Value};
use roadbook_policy::Role;
use roadbook_sync_protocol::{RelayRequest, RelayResponse, Standing, Verdict};

use super::{INCOMPLETE, NewUser, Tenant, TenantError};
use crate::trial::{Trial, TrialDevice, create, edit, money, text};

const ACCOUNT: Entity = Entity::Account;
const DEAL: Entity = Entity::Opportunity;

/// A backup of now; what comes later will be lost.
fn back_up(trial: &Trial) -> std::path::PathBuf {
    let to = trial.folder.path().join(format!("backup{}.db", trial.now_ms));
    trial.tenant.backup(&to).unwrap();
    to
}

fn restore(trial: &mut Trial, from: &std::path::Path) {
    trial.now_ms += 1_000;
    trial.tenant = Tenant::open(from, trial.now_ms).unwrap();
}

fn standings(response: &RelayResponse) -> Vec<&'static str> {
    response.standings.iter().map(|(_, standing)| standing.name()).collect()
}

/// The last so many.
fn last<T: Clone>(all: &[T], count: usize) -> Vec<T> {
    all[all.len() - count..].to_vec()
}

fn head(trial: &Trial) -> u64 {
    trial.tenant.status().unwrap().head
}

#[test]
fn a_colleague_hands_back_what_a_device_that_is_gone_had_done() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let backup = back_up(&trial);
    let city = |from, to| edit(account, ACCOUNT, "city", from, text(to));
    ana.commit(&mut trial, &city(Value::Null, "Riga"));
    let deal = trial.record();
    let fields = [("name", text("Pumps")), ("account", Value::Reference(account))];
    ana.commit(&mut trial, &create(deal, DEAL, &fields));
    ana.sync_clean(&trial);
    ben.sync_clean(&trial);
    let before = head(&trial);
    restore(&mut trial, &backup);
    let lost = before - head(&trial);
    // Ana's device is gone for ever, and revoked; that is no reason not to take her work back.
    trial.tenant.revoke(ana.device.id, trial.now_ms).unwrap();
    let response = ben.relay(&trial);
    assert_eq!(lost, 2);
    assert_eq!(last(&standings(&response), 2), ["in_log", "in_log"]);
    assert_eq!(head(&trial), before);
    ben.sync_clean(&trial);
    ben.assert_equal(&trial);
    let mut mia = trial.device(trial.mia);
    mia.sync(&trial);
    assert_eq!(mia.value(account, ACCOUNT, "city"), text("Riga"));
    assert_eq!(mia.value(deal, DEAL, "name"), text("Pumps"));
    mia.assert_equal(&trial);
    let again = ben.relay(&trial).standings;
    let same = again.starts_with(&response.standings);
    assert!(same, "the same again changes nothing: {again:?}");
    assert_eq!(head(&trial), before);
}

#[test]
fn the_answer_says_what_was_never_lost() {
    let mut trial = Trial::new();
    let (_, ana) = trial.with_account();
    let backup = back_up(&trial);
    let (end, first) = (head(&trial), trial.tenant.restore_epoch());
    restore(&mut trial, &backup);
    let device = trial.tenant.device(ana.device.id).unwrap().unwrap();
    let answer = trial.tenant.relay(&device, RelayRequest::default(), trial.now_ms).unwrap();
    assert_eq!(answer.restore_epoch, trial.tenant.restore_epoch());
    let spans: Vec<_> = answer.log.iter().map(|span| (span.restore_epoch, span.end)).collect();
    assert_eq!(spans, [(first, end)]);
}

#[test]
fn policy_is_not_asked_again_and_a_denial_of_meanwhile_yields() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let mut mia = trial.device(trial.mia);
    let backup = back_up(&trial);
    let owner = |user: roadbook_domain::UserId| Value::Reference(user.into());
    // Only a manager hands accounts over. Mia was one when she did; after the restore she is not.
    mia.sync(&trial);
    let handing_over = edit(account, ACCOUNT, "owner", owner(trial.ana), owner(trial.ben));
    mia.commit(&mut trial, &handing_over);
    let given = mia.pending.clone();
    mia.sync_clean(&trial);
    ben.sync_clean(&trial);
    restore(&mut trial, &backup);
    let (user, now) = (trial.mia, trial.now_ms);
    trial.tenant.set_role(user, Role::Rep, now, &mut trial.ids).unwrap();
    mia.pending = given;
    let verdicts = mia.push(&trial);
    assert!(matches!(verdicts[0], Verdict::Denied(_)), "{verdicts:?}");
    assert_eq!(last(&standings(&ben.relay(&trial)), 1), ["in_log"]);
    let again = mia.push(&trial);
    assert!(matches!(&again[0], Verdict::Duplicate(given) if given.seq().is_some()), "{again:?}");
    ben.sync_clean(&trial);
    ben.assert_equal(&trial);
    assert_eq!(ben.value(account, ACCOUNT, "owner"), owner(trial.ben));
    ana.sync(&trial);
}

/// Ben, a Senior rep, wrote both facets of a deal; Ana, a Rep, holds the internal one only.
fn both_facets(trial: &mut Trial) -> (RecordId, TrialDevice, TrialDevice, std::path::PathBuf) {
    let (_, deal, mut ana) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(trial);
    ana.sync(trial);
    let backup = back_up(trial);
    let edits = [("amount", money(1_000), money(2_000)), ("margin", Value::Null, percent(500))];
    let edits = edits.map(|(field, from, to)| roadbook_domain::FieldEdit {
        field: field.to_owned(),
        from,
        to,
    });
    let intent = Intent::EditFields { record: deal, entity: DEAL, edits: edits.to_vec() };
    ben.commit(trial, &intent);
    ben.sync_clean(trial);
    ana.sync_clean(trial);
    (deal, ana, ben, backup)
}

const fn percent(basis_points: i64) -> Value {
    Value::Percent(basis_points)
}

#[test]
fn half_an_envelope_waits_until_another_device_brings_the_rest() {
    let mut trial = Trial::new();
    let (deal, ana, mut ben, backup) = both_facets(&mut trial);
    restore(&mut trial, &backup);
    let before = head(&trial);
    assert_eq!(last(&standings(&ana.relay(&trial)), 1), ["waiting"]);
    assert_eq!(head(&trial), before, "nothing of it is in the log");
    assert_eq!(last(&standings(&ana.relay(&trial)), 1), ["waiting"], "half of it twice is half");
    // Mia never had the internal part alone: her page held both.
    ben.kept.last_mut().unwrap().envelopes[0]
        .envelope
        .parts
        .retain(|(part, _)| part.document.facet == Facet::Confidential);
    assert_eq!(last(&standings(&ben.relay(&trial)), 1), ["in_log"], "both halves are whole");
    ben.sync_clean(&trial);
    ben.assert_equal(&trial);
    assert_eq!(ben.value(deal, DEAL, "margin"), percent(500));
    let mut ana = ana;
    ana.sync(&trial);
    ana.assert_equal(&trial);
    assert_eq!(ana.value(deal, DEAL, "amount"), money(2_000));
    assert!(!ana.has(deal, Facet::Confidential));
}

#[test]
fn an_absent_part_is_told_from_a_hidden_one_of_a_device_that_the_backup_does_not_know() {
    let mut trial = Trial::new();
    let (account, deal, _) = trial.with_deal();
    let mut ana = trial.device(trial.ana);
    ana.sync(&trial);
    let backup = back_up(&trial);
    // A new colleague, with a new device, after the backup.
    let new = NewUser {
        name: "Kim".into(),
        login: None,
        role: Role::SeniorRep,
        territory: Some(trial.north),
    };
    let kim = trial.tenant.add_user(&new, trial.now_ms, &mut trial.ids).unwrap();
    let mut phone = trial.device(kim.id);
    phone.sync(&trial);
    phone.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    phone.commit(&mut trial, &edit(deal, DEAL, "margin", Value::Null, percent(500)));
    phone.sync_clean(&trial);
    ana.sync(&trial);
    let mut mia = trial.device(trial.mia);
    mia.sync(&trial);
    restore(&mut trial, &backup);
    assert_eq!(trial.tenant.device(phone.device.id).unwrap(), None, "enrolled after the backup");
    let response = ana.relay(&trial);
    assert!(standings(&response).iter().all(|name| *name == "in_log"), "{response:?}");
    let kims = trial.tenant.user(kim.id).unwrap().unwrap();
    assert_eq!((kims.name.as_str(), kims.territory), ("Kim", Some(trial.north)), "and who Kim is");
    ana.sync(&trial);
    ana.assert_equal(&trial);
    assert_eq!(ana.value(account, ACCOUNT, "city"), text("Riga"));
    // Only Kim and Mia had the margin; a device of Kim's that is enrolled anew has her salts.
    let again = super::NewDevice {
        id: phone.device.id,
        user: kim.id,
        name: "phone".into(),
        public_key: phone.device.public_key,
    };
    let enrolled = trial.tenant.enrol(&again, trial.now_ms).unwrap();
    assert_eq!(enrolled.salt_key, phone.device.salt_key);
    let response = phone.relay(&trial);
    assert!(standings(&response).iter().all(|name| *name == "in_log"), "{response:?}");
    phone.sync(&trial);
    assert_eq!(phone.value(deal, DEAL, "margin"), percent(500));
    phone.assert_equal(&trial);
}

#[test]
fn what_builds_on_lost_work_waits_for_it_and_the_order_is_that_of_the_lost_log() {
    let mut trial = Trial::new();
    let (_, deal, mut ana) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let backup = back_up(&trial);
    let amount = |to| edit(deal, DEAL, "amount", money(1_000), money(to));
    ana.commit(&mut trial, &amount(2_000));
    ben.commit(&mut trial, &amount(3_000));
    ana.sync_clean(&trial);
    ben.sync_clean(&trial);
    ana.sync(&trial);
    ben.commit(&mut trial, &edit(deal, DEAL, "next_step", Value::Null, text("call")));
    ben.sync_clean(&trial);
    ana.sync_clean(&trial);
    let open = |trial: &Trial| {
        let read = trial.tenant.store.read().unwrap();
        read.open_conflicts(deal, Facet::Internal).unwrap().pop().unwrap().id
    };
    let conflict = open(&trial);
    restore(&mut trial, &backup);
    // The last page first: what it builds on is not here yet.
    let mut late = ana.clone();
    late.kept = last(&ana.kept, 1);
    assert_eq!(standings(&late.relay(&trial)), ["waiting"]);
    let mut early = ana.clone();
    early.kept = last(&ana.kept, 3)[..2].to_vec();
    // Backwards within the call: the server looks at the places of the lost log.
    early.kept.reverse();
    assert_eq!(standings(&early.relay(&trial)), ["in_log", "in_log"]);
    assert_eq!(standings(&late.relay(&trial)), ["in_log"]);
    assert_eq!(open(&trial), conflict, "the same intent opens it again");
    for device in [&mut ana, &mut ben] {
        device.sync(&trial);
        device.assert_equal(&trial);
    }
}

#[test]
fn what_no_receipt_speaks_of_is_refused() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let backup = back_up(&trial);
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    ana.sync_clean(&trial);
    ben.sync_clean(&trial);
    let honest = ben.kept.last().unwrap().clone();
    assert_eq!(code(&trial, &ben, honest.clone()), "not_lost", "the log is in force");
    restore(&mut trial, &backup);
    let mut forged = honest.clone();
    forged.envelopes[0].envelope.parts[0].0.rationale = Some("forged".to_owned());
    assert_eq!(code(&trial, &ben, forged), "not_intact");
    let mut other = honest.clone();
    other.envelopes[0].envelope.header.number += 1;
    assert_eq!(code(&trial, &ben, other.clone()), "not_in_receipt");
    other.leaves[0] = other.envelopes[0].envelope.header.leaf();
    assert_eq!(code(&trial, &ben, other), "bad_receipt");
    let mut elsewhere = honest.clone();
    elsewhere.envelopes[0].seq += 1;
    assert_eq!(code(&trial, &ben, elsewhere), "not_in_receipt");
    let mut nothing = honest;
    nothing.envelopes[0].envelope.parts.clear();
    assert_eq!(code(&trial, &ben, nothing), "not_intact");
    let row = trial.tenant.store.read().unwrap().relayed_waiting().unwrap();
    assert!(row.is_empty(), "nothing of it is kept");
    trial.tenant.revoke(ben.device.id, trial.now_ms).unwrap();
    let device = trial.tenant.device(ben.device.id).unwrap().unwrap();
    let error = trial.tenant.relay(&device, RelayRequest::default(), trial.now_ms).unwrap_err();
    assert!(matches!(error, TenantError::Revoked), "who hands back must be welcome");
}

fn code(trial: &Trial, by: &TrialDevice, batch: roadbook_sync_protocol::RelayBatch) -> String {
    let device = trial.tenant.device(by.device.id).unwrap().unwrap();
    let request = RelayRequest { batches: vec![batch] };
    let response = trial.tenant.relay(&device, request, trial.now_ms).unwrap();
    let Standing::Refused { code, reason } = &response.standings[0].1 else {
        panic!("{response:?}");
    };
    assert!(!reason.is_empty());
    code.clone()
}

#[test]
fn the_servers_own_lost_work_comes_back_beside_what_it_wrote_since() {
    let mut trial = Trial::new();
    let mut ada = trial.device(trial.ada);
    ada.sync(&trial);
    let backup = back_up(&trial);
    let (zoe, now) = (trial.zoe, trial.now_ms);
    trial.tenant.set_role(zoe, Role::Manager, now, &mut trial.ids).unwrap();
    ada.sync(&trial);
    restore(&mut trial, &backup);
    let (zoe, south, now) = (trial.zoe, trial.north, trial.now_ms);
    trial.tenant.set_user_territory(zoe, Some(south), now, &mut trial.ids).unwrap();
    assert!(standings(&ada.relay(&trial)).iter().all(|name| *name == "in_log"));
    let found = trial.tenant.user(zoe).unwrap().unwrap();
    assert_eq!((found.role, found.territory), (Some(Role::Manager), Some(south)));
    ada.sync(&trial);
    ada.assert_equal(&trial);
}

#[test]
fn a_new_device_keeps_the_envelopes_that_no_backup_has() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let mut mia = trial.device(trial.mia);
    let backup = back_up(&trial);
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    ana.sync_clean(&trial);
    // Mia's device gets all by snapshot, after Ana's work; then Ana's device is gone.
    mia.sync(&trial);
    restore(&mut trial, &backup);
    assert_eq!(last(&standings(&mia.relay(&trial)), 1), ["in_log"]);
    mia.sync(&trial);
    assert_eq!(mia.value(account, ACCOUNT, "city"), text("Riga"));
    mia.assert_equal(&trial);
}

#[test]
fn what_waits_in_vain_is_listed_and_given_back_to_its_author() {
    let mut trial = Trial::new();
    let (deal, ana, mut ben, backup) = both_facets(&mut trial);
    restore(&mut trial, &backup);
    // Ana holds the internal half; Ben's device, which held the other, is silent.
    assert_eq!(last(&standings(&ana.relay(&trial)), 1), ["waiting"]);
    let waiting = trial.tenant.quarantine().unwrap();
    let found: Vec<_> = waiting.iter().map(|item| (item.user, item.reason.as_str())).collect();
    assert_eq!(found, [(trial.ben, INCOMPLETE)]);
    let intent = waiting[0].intent;
    let back = trial.tenant.give_back(intent, "the tablet fell into a lake", trial.now_ms).unwrap();
    assert!(back.envelope.is_some(), "its words stay, as far as they came");
    let settled = trial.tenant.quarantine().unwrap();
    assert_eq!(settled[0].settled.as_ref().unwrap().how, "given back");
    assert!(trial.tenant.give_back(intent, "twice", trial.now_ms).is_err());

    // Whoever hands it back now is told, and its author gets it denied with the operator's words.
    let response = ben.relay(&trial);
    let (_, standing) = response.standings.last().unwrap();
    assert!(
        matches!(standing, Standing::Refused { code, reason }
            if code == "given_back" && reason.contains("lake")),
        "{standing:?}"
    );
    let again = ben.kept.iter().flat_map(|batch| &batch.envelopes).last().unwrap();
    ben.resend(again.envelope.clone());
    let verdicts = ben.push(&trial);
    let Verdict::Duplicate(given) = &verdicts[0] else { panic!("{verdicts:?}") };
    let Verdict::Denied(denial) = &**given else { panic!("{given:?}") };
    assert!(denial.reason.contains("lake") && !denial.remedy.is_empty(), "{denial:?}");
    assert!(trial.tenant.projected(DEAL, Facet::Internal, deal).unwrap().is_some());
}

#[test]
fn what_was_given_back_and_is_handed_over_whole_waits_for_an_operator_again() {
    let mut trial = Trial::new();
    let (_, ana, ben, backup) = both_facets(&mut trial);
    restore(&mut trial, &backup);
    ana.relay(&trial);
    let intent = trial.tenant.quarantine().unwrap()[0].intent;
    trial.tenant.give_back(intent, "the tablet fell into a lake", trial.now_ms).unwrap();
    let whole = ben.kept.iter().flat_map(|batch| &batch.envelopes).last().unwrap();
    let item = roadbook_sync_protocol::Quarantined {
        intent,
        envelope: postcard::to_allocvec(&whole.envelope).unwrap(),
        reason: "revoked".into(),
    };
    let device = trial.tenant.device(ben.device.id).unwrap().unwrap();
    let again = |trial: &Trial| {
        let safe = trial.tenant.surrender(&device, vec![item.clone()], trial.now_ms).unwrap();
        assert_eq!(safe, [intent]);
        trial.tenant.quarantine().unwrap()
    };
    let waiting = again(&trial);
    assert_eq!((waiting.len(), waiting[0].reason.as_str()), (1, "revoked"));
    assert_eq!(waiting[0].settled, None);
    assert_eq!(waiting[0].envelope.as_ref(), Some(&whole.envelope), "with all of its words");
    // What an operator let go after that is known, however often it is handed over.
    trial.tenant.drop_quarantined(intent, "no longer true", trial.now_ms).unwrap();
    assert!(again(&trial)[0].settled.is_some());
}

#[test]
fn work_that_was_readmitted_before_a_restore_leaves_the_quarantine_when_it_is_handed_back() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let intent = ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let item = roadbook_sync_protocol::Quarantined {
        intent,
        envelope: postcard::to_allocvec(&ana.pending[0].envelope).unwrap(),
        reason: "revoked".into(),
    };
    let device = trial.tenant.device(ana.device.id).unwrap().unwrap();
    trial.tenant.surrender(&device, vec![item], trial.now_ms).unwrap();
    let backup = back_up(&trial);
    trial.tenant.readmit(intent, "as agreed", trial.now_ms).unwrap();
    ben.sync(&trial);
    restore(&mut trial, &backup);
    let waiting = |trial: &Trial| trial.tenant.status().unwrap().quarantined;
    assert_eq!(waiting(&trial), 1, "the restore knows nothing of the readmission");
    assert_eq!(last(&standings(&ben.relay(&trial)), 1), ["in_log"]);
    assert_eq!(waiting(&trial), 0, "nobody is to decide about what is in the log");
}
