//! What changes between two starts of the server: its rules, and the room on its disk.

use roadbook_domain::{DocumentKey, Entity, Facet, Schema, Value};
use roadbook_policy::{Compartment, Policies, Role};

use super::{Tenant, TenantError};
use crate::trial::{Trial, edit, text};

const ACCOUNT: Entity = Entity::Account;
const DEAL: Entity = Entity::Opportunity;

#[test]
fn policies_of_another_version_change_what_devices_hold() {
    let mut trial = Trial::new();
    let (_, deal, mut ana) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let margin = edit(deal, DEAL, "margin", Value::Null, Value::Percent(500));
    ben.commit(&mut trial, &margin);
    ben.sync_clean(&trial);
    ana.sync(&trial);
    assert!(!ana.has(deal, Facet::Confidential), "a Rep does not receive it");
    let before = trial.tenant.status().unwrap().head;
    let open = |trial: &Trial, policies| {
        let path = trial.folder.path().join("tenant.db");
        let store = crate::store::sqlite::SqliteStore::open(&path, &Schema::crm()).unwrap();
        Tenant::on(Box::new(store), Schema::crm(), policies, trial.now_ms).unwrap()
    };
    let mut policies = Policies::shipped();
    policies.version += 1;
    trial.tenant = open(&trial, policies.clone());
    assert_eq!(trial.tenant.status().unwrap().head, before, "nobody sees anything else");

    policies.version += 1;
    for (role, compartments) in &mut policies.receives {
        if *role == Role::Rep {
            *compartments = &Compartment::ALL;
        }
    }
    trial.tenant = open(&trial, policies);
    assert_eq!(trial.tenant.status().unwrap().head, before + 1);
    ana.sync(&trial);
    assert_eq!(ana.value(deal, DEAL, "margin"), Value::Percent(500), "now a Rep does");
    ana.assert_equal(&trial);

    trial.tenant = open(&trial, Policies::shipped());
    let gone = ana.sync(&trial).forgotten;
    assert_eq!(gone, [DocumentKey::first(deal, Facet::Confidential)], "and now no longer");
    ana.assert_equal(&trial);
    ben.sync(&trial);
    ben.assert_equal(&trial);
}

#[test]
fn on_a_full_disk_nothing_is_taken_in_by_halves() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let path = trial.folder.path().join("tenant.db");
    trial.tenant = Tenant::open_limited(&path, Schema::crm(), Some(1), trial.now_ms).unwrap();
    let before = trial.tenant.status().unwrap().head;
    let words = text(&"All about it. ".repeat(1_000));
    for _ in 0..10 {
        let record = trial.record();
        let fields = [("name", text("More")), ("description", words.clone())];
        ana.commit(&mut trial, &crate::trial::create(record, ACCOUNT, &fields));
    }
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let error = ana.exchange(&trial, ana.request(&trial)).unwrap_err();
    assert!(matches!(error, TenantError::Store(crate::store::StoreError::Full(_))), "{error}");
    assert_eq!(trial.tenant.status().unwrap().head, before);
    trial.tenant = Tenant::open(&path, trial.now_ms).unwrap();
    ana.sync_clean(&trial);
    assert_eq!(ana.value(account, ACCOUNT, "city"), text("Riga"));
    ana.assert_equal(&trial);
}
