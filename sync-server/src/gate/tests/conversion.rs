//! One intent that makes several records of a lead: taken in whole, or refused whole.

use roadbook_domain::{Entity, Facet, FirstValues, Intent, Operation, RecordId, Value};
use roadbook_sync_protocol::Verdict;

use super::code;
use crate::trial::{Trial, TrialDevice, create, edit, text};

/// What a lead becomes.
struct Becomes {
    lead: RecordId,
    account: RecordId,
    contact: RecordId,
    deal: RecordId,
}

impl Becomes {
    /// A lead of Ana's in the north, at the server; and ids for what it becomes.
    fn of_ana(trial: &mut Trial) -> (Self, TrialDevice) {
        let mut ana = trial.device(trial.ana);
        ana.sync(trial);
        let all = Self {
            lead: trial.record(),
            account: trial.record(),
            contact: trial.record(),
            deal: trial.record(),
        };
        let fields = [("name", text("Wiebke")), place(trial)[0].clone(), place(trial)[1].clone()];
        ana.commit(trial, &create(all.lead, Entity::Lead, &fields));
        ana.sync_clean(trial);
        (all, ana)
    }

    fn intent(&self, trial: &Trial) -> Intent {
        let first = |record, entity, name: &str, more: &[(&str, Value)]| FirstValues {
            record,
            entity,
            fields: [&[("name", text(name))], more]
                .concat()
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        };
        let account = [("account", Value::Reference(self.account))];
        Intent::ConvertLead {
            lead: self.lead,
            from: text("New"),
            made: vec![
                first(self.account, Entity::Account, "Hafen", &place(trial)),
                first(self.contact, Entity::Contact, "Wiebke", &account),
                first(self.deal, Entity::Opportunity, "Cranes", &account),
            ],
            opportunity: self.deal,
        }
    }

    fn made(&self) -> [RecordId; 3] {
        [self.account, self.contact, self.deal]
    }
}

fn place(trial: &Trial) -> [(&'static str, Value); 2] {
    [("owner", Value::Reference(trial.ana.into())), ("territory", Value::Reference(trial.north))]
}

#[test]
fn what_a_lead_becomes_is_taken_in_whole_and_seen_by_who_sees_its_account() {
    let mut trial = Trial::new();
    let (all, mut ana) = Becomes::of_ana(&mut trial);
    let intent = all.intent(&trial);
    ana.commit(&mut trial, &intent);
    let synced = ana.sync_clean(&trial);
    assert_eq!(synced.verdicts.len(), 1, "one intent");
    assert!(matches!(synced.verdicts[0], Verdict::Applied { .. }), "{:?}", synced.verdicts);
    let (mut ben, mut zoe) = (trial.device(trial.ben), trial.device(trial.zoe));
    ben.sync(&trial);
    zoe.sync(&trial);
    for record in all.made() {
        assert!(ben.has(record, Facet::Internal), "he sees the north");
        assert!(!zoe.has(record, Facet::Internal), "she does not");
    }
    assert_eq!(ben.value(all.lead, Entity::Lead, "status"), text("Qualified"));
    assert_eq!(ben.value(all.lead, Entity::Lead, "converted_to"), Value::Reference(all.deal));
    ana.assert_equal(&trial);
    ben.assert_equal(&trial);
}

#[test]
fn a_conversion_of_which_one_part_is_refused_is_refused_whole() {
    let mut trial = Trial::new();
    let (all, mut ana) = Becomes::of_ana(&mut trial);
    let intent = all.intent(&trial);
    ana.commit(&mut trial, &intent);
    // A field that a rep may not set, in the middle of what is made.
    ana.forge(|_, parts| {
        let part = parts.iter_mut().find(|part| part.entity == Entity::Account).unwrap();
        let Operation::Create { fields } = &mut part.operations[0] else { panic!("makes it") };
        fields.push(("credit_status".to_owned(), text("Good")));
    });
    let verdicts = ana.push(&trial);
    assert!(matches!(verdicts[0].given(), Verdict::Denied(_)), "{:?}", verdicts[0]);
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    for record in all.made() {
        assert!(!ben.has(record, Facet::Internal), "nothing of it");
    }
    assert_eq!(ben.value(all.lead, Entity::Lead, "status"), text("New"));
}

#[test]
fn a_conversion_makes_no_room_for_what_its_kind_cannot_do() {
    let mut trial = Trial::new();
    let (all, mut ana) = Becomes::of_ana(&mut trial);
    let intent = all.intent(&trial);
    ana.commit(&mut trial, &intent);
    ana.forge(|_, parts| {
        let part = parts.iter_mut().find(|part| part.entity == Entity::Lead).unwrap();
        part.operations = vec![Operation::Delete];
    });
    assert_eq!(code(&ana.push(&trial)[0]), "kind_mismatch");
}

#[test]
fn work_on_what_a_refused_conversion_makes_is_held() {
    let mut trial = Trial::new();
    let (all, ana) = Becomes::of_ana(&mut trial);
    let mut zoe = trial.device(trial.zoe);
    zoe.sync(&trial);
    // Zoe hands in a conversion of a lead that she does not see.
    let intent = all.intent(&trial);
    let steps = intent.plan(&roadbook_domain::Schema::crm()).unwrap();
    let mine = steps.into_iter().filter(|step| step.entity != Entity::Lead).collect();
    let refused = zoe.commit_steps(&mut trial, intent.kind(), mine);
    zoe.forge(|_, parts| {
        let part = parts.iter_mut().find(|part| part.entity == Entity::Account).unwrap();
        let Operation::Create { fields } = &mut part.operations[0] else { panic!("makes it") };
        fields.push(("credit_status".to_owned(), text("Good")));
    });
    let later = edit(all.deal, Entity::Opportunity, "next_step", Value::Null, text("Call"));
    zoe.commit(&mut trial, &later);
    let verdicts = zoe.push(&trial);
    assert!(matches!(verdicts[0].given(), Verdict::Denied(_)), "{:?}", verdicts[0]);
    assert!(
        matches!(&verdicts[1], Verdict::Held { waits_for, .. } if *waits_for == refused),
        "{:?}",
        verdicts[1]
    );
    ana.assert_equal(&trial);
}
