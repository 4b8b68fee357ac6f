//! An edit of confidential fields alone meets a deletion.

use roadbook_domain::{DocumentKey, Entity, Facet, Intent, RecordId, Value};
use roadbook_sync_protocol::LogItem;

use crate::trial::{Trial, TrialDevice, edit};

const DEAL: Entity = Entity::Opportunity;

fn is_alive(device: &TrialDevice, record: RecordId) -> bool {
    device.document(DocumentKey::first(record, Facet::Internal)).is_alive()
}

fn delete(record: RecordId) -> Intent {
    Intent::Delete { record, entity: DEAL }
}

fn margin(record: RecordId) -> Intent {
    edit(record, DEAL, "margin", Value::Null, Value::Percent(500))
}

/// What the server wrote itself, of what came.
fn of_the_server(came: &[LogItem]) -> Vec<&LogItem> {
    came.iter().filter(|item| item.envelope.header.device.0.is_nil()).collect()
}

#[test]
fn an_edit_of_the_hidden_facet_revives_and_says_so_without_saying_more() {
    let mut trial = Trial::new();
    let (_, deal, mut ana) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    ben.commit(&mut trial, &margin(deal));
    ana.commit(&mut trial, &delete(deal));
    ana.sync_clean(&trial);
    assert!(!is_alive(&ana, deal));
    let edited = ben.sync_clean(&trial).accepted;
    assert!(is_alive(&ben, deal), "the edit revives");
    let own = of_the_server(&edited);
    assert_eq!(own.len(), 1, "once");
    let why = own[0].envelope.parts[0].0.rationale.clone().unwrap();
    assert!(why.contains("had not seen the deletion"), "{why}");

    let came = ana.sync(&trial).accepted;
    assert!(is_alive(&ana, deal), "also for a Rep, who does not receive the facet");
    assert_eq!(of_the_server(&came).len(), came.len(), "nothing of the edit itself came");
    assert!(!ana.has(deal, Facet::Confidential));
    ana.assert_equal(&trial);
    ben.assert_equal(&trial);
    let row = trial.projected(DEAL, Facet::Internal, deal);
    assert_eq!(row["alive"], "1", "{row:?}");

    ana.commit(&mut trial, &delete(deal));
    ana.sync_clean(&trial);
    assert!(!is_alive(&ana, deal), "who has seen that it was revived may delete it again");
}

#[test]
fn a_deletion_that_comes_after_a_later_edit_does_not_stand() {
    let mut trial = Trial::new();
    let (_, deal, mut ana) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    ana.commit(&mut trial, &delete(deal));
    ben.commit(&mut trial, &margin(deal));
    ben.sync_clean(&trial);
    ana.sync_clean(&trial);
    ana.sync(&trial);
    assert!(is_alive(&ana, deal), "Ben, who edited later, had not seen it");
    ana.assert_equal(&trial);
}

#[test]
fn a_deletion_that_is_later_than_the_edit_stands() {
    let mut trial = Trial::new();
    let (_, deal, mut ana) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    ben.commit(&mut trial, &margin(deal));
    ben.sync_clean(&trial);
    ana.commit(&mut trial, &delete(deal));
    ana.sync_clean(&trial);
    assert!(!is_alive(&ana, deal));
    ben.sync(&trial);
    ben.assert_equal(&trial);
}
