//! Devices, people, restores and upkeep.

use std::collections::BTreeSet;

use roadbook_domain::{DocumentKey, Entity, Facet, Schema, Value};
use roadbook_policy::Role;
use roadbook_sync_protocol::account::{DirectoryEntry, DirectoryRequest};
use roadbook_sync_protocol::{Quarantined, SyncRequest, Verdict};

use super::{
    BackupError, Credential, IdentityKind, NewDevice, NewUser, Tenant, TenantError, TenantKeys,
};
use crate::ids::IdSource as _;
use crate::trial::{Seeded, Trial, edit, text};

const ACCOUNT: Entity = Entity::Account;

#[test]
fn a_tenant_is_found_again_as_it_was_left() {
    let mut trial = Trial::new();
    let (_, ana) = trial.with_account();
    let path = trial.folder.path().join("tenant.db");
    let again = Tenant::open(&path, trial.now_ms).unwrap();
    assert_eq!((again.id(), again.name()), (trial.tenant.id(), "acme"));
    assert_eq!(again.keys().server_key, trial.tenant.keys().server_key);
    assert_eq!(again.status().unwrap(), trial.tenant.status().unwrap());
    assert_eq!(again.users().unwrap(), trial.tenant.users().unwrap());
    assert_eq!(again.restore_epoch(), trial.tenant.restore_epoch(), "opening is no restore");
    trial.tenant = again;
    ana.assert_equal(&trial);
    let keys = TenantKeys::generate([1; 32], &mut trial.ids);
    let twice = Tenant::create(&path, "acme", keys, trial.now_ms, &mut trial.ids);
    assert!(matches!(twice, Err(TenantError::Exists)));
    let nowhere = trial.folder.path().join("other.db");
    assert!(matches!(Tenant::open(&nowhere, trial.now_ms), Err(TenantError::Missing)));
    assert!(!nowhere.exists(), "looking makes nothing");
}

#[test]
fn what_another_process_writes_is_seen_and_not_overwritten() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let path = trial.folder.path().join("tenant.db");
    let other = Tenant::open(&path, trial.now_ms).unwrap();
    let new = NewUser { name: "Kim".into(), login: None, role: Role::Rep, territory: None };
    let kim = other.add_user(&new, trial.now_ms, &mut trial.ids).unwrap();
    assert_eq!(trial.tenant.user(kim.id).unwrap(), Some(kim));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    ana.sync_clean(&trial);
    other.deactivate_user(trial.ana, trial.now_ms, &mut trial.ids).unwrap();
    let error = ana.exchange(&trial, ana.request(&trial)).unwrap_err();
    assert!(matches!(error, TenantError::Revoked), "its device is to hand over: {error}");
    other.activate_user(trial.ana, trial.now_ms, &mut trial.ids).unwrap();
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", text("Riga"), text("Tartu")));
    ana.sync_clean(&trial);
    ana.assert_equal(&trial);
}

#[test]
fn what_a_panic_left_open_is_read_again() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let (by, subject) = {
        let read = trial.tenant.store.read().unwrap();
        let directory = trial.tenant.directory(read.as_ref()).unwrap();
        let by = roadbook_sync_protocol::message::PushedBy {
            tenant: trial.tenant.id(),
            user: trial.ana,
            device: ana.device.id,
            install_epoch: 1,
        };
        (by, directory.subject(trial.ana).unwrap())
    };
    let (key, salt_key) = (ana.device.verifying().unwrap(), ana.device.salt_key);
    let pusher = crate::gate::Pusher { by, key, salt_key: &salt_key, subject };
    let rules = trial.tenant.rules(trial.now_ms);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        trial.tenant.write(|store, open| -> Result<(), TenantError> {
            let mut gate = crate::gate::Gate::new(rules, store, open)?;
            gate.push(&pusher, ana.batch(&trial))?;
            panic!("in the middle, after documents were written to");
        })
    }));
    assert!(panicked.is_err());
    // Nothing of it is in the log, so nothing of it may get into a document.
    ana.pending.clear();
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Tartu")));
    ana.sync_clean(&trial);
    ana.assert_equal(&trial);
}

#[test]
fn an_open_document_is_read_again_when_another_process_changed_it() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let path = trial.folder.path().join("tenant.db");
    let other = Tenant::open(&path, trial.now_ms).unwrap();
    let city = |from: Value, to: &str| edit(account, ACCOUNT, "city", from, text(to));
    ana.commit(&mut trial, &city(Value::Null, "Riga"));
    ana.sync_clean(&trial);
    let first = std::mem::replace(&mut trial.tenant, other);
    ana.commit(&mut trial, &city(text("Riga"), "Tartu"));
    ana.sync_clean(&trial);
    trial.tenant = first;
    ana.commit(&mut trial, &city(text("Tartu"), "Vilnius"));
    ana.sync_clean(&trial);
    ana.assert_equal(&trial);
}

#[test]
fn what_was_rolled_back_does_not_stay_open() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let key = DocumentKey::first(account, Facet::Internal);
    let schema = Schema::crm();
    let torn = trial.tenant.write(|store, open| {
        let found = open.get(store, &schema, key, ACCOUNT)?.expect("the account's document");
        found.document = roadbook_merge::Document::new(key);
        Err::<(), _>(TenantError::Inactive)
    });
    assert!(torn.is_err());
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    ana.sync_clean(&trial);
    ana.assert_equal(&trial);
}

#[test]
fn a_device_is_bound_to_one_user_and_one_key() {
    let mut trial = Trial::new();
    let ana = trial.device(trial.ana);
    let again = NewDevice {
        id: ana.device.id,
        user: trial.ana,
        name: "phone".into(),
        public_key: ana.device.public_key,
    };
    let same = trial.tenant.enrol(&again, trial.now_ms).unwrap();
    assert_eq!(same.salt_key, ana.device.salt_key, "enrolling again keeps the keys");
    let enrol = |new: &NewDevice| trial.tenant.enrol(new, trial.now_ms);
    let stolen = NewDevice { user: trial.zoe, ..again.clone() };
    assert!(matches!(enrol(&stolen), Err(TenantError::DeviceTaken)));
    let other_key = ed25519_dalek::SigningKey::from_bytes(&[5; 32]).verifying_key().to_bytes();
    let rekeyed = NewDevice { public_key: other_key, ..again.clone() };
    assert!(matches!(enrol(&rekeyed), Err(TenantError::DeviceTaken)));
    let nil = roadbook_domain::DeviceId::from_bytes([0; 16]);
    let server = NewDevice { id: nil, ..again.clone() };
    assert!(matches!(enrol(&server), Err(TenantError::DeviceTaken)), "the server's own id");
    let fresh = roadbook_domain::DeviceId::from_bytes([3; 16]);
    let weak = NewDevice { id: fresh, public_key: [0; 32], ..again.clone() };
    assert!(matches!(enrol(&weak), Err(TenantError::BadKey)));
    let nobody = roadbook_domain::UserId::from_bytes([8; 16]);
    let orphan = NewDevice { id: fresh, user: nobody, ..again };
    assert!(matches!(enrol(&orphan), Err(TenantError::NotFound("user"))));
}

#[test]
fn the_hello_tells_a_restored_device_how_far_it_had_come() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    for n in 0..3 {
        let tag = roadbook_domain::Intent::Tag {
            record: account,
            entity: ACCOUNT,
            add: vec![format!("tag {n}")],
            remove: vec![],
        };
        ana.commit(&mut trial, &tag);
    }
    ana.sync_clean(&trial);
    let hello = ana.exchange(&trial, ana.request(&trial)).unwrap().hello;
    assert_eq!(hello.last_number, ana.number);
    ana.install_epoch = 2;
    let hello = ana.exchange(&trial, ana.request(&trial)).unwrap().hello;
    assert_eq!(hello.last_number, 0, "a new installation begins anew");
}

#[test]
fn a_backup_is_a_tenant_with_a_new_restore_epoch() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let to = trial.folder.path().join("backup.db");
    let report = trial.tenant.backup(&to).unwrap();
    assert_eq!(report.head, trial.tenant.status().unwrap().head);
    assert_eq!(report.bytes, std::fs::metadata(&to).unwrap().len());
    assert!(matches!(trial.tenant.backup(&to), Err(BackupError::Exists(_))), "never overwritten");
    let hello = ana.exchange(&trial, ana.request(&trial)).unwrap().hello;
    assert_eq!(hello.backup_watermark, report.head);

    // What came after the backup is lost with the server, and only that.
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    ana.sync_clean(&trial);
    let before = trial.tenant.restore_epoch();
    trial.now_ms += 1_000;
    trial.tenant = Tenant::open(&to, trial.now_ms).unwrap();
    assert!(trial.tenant.restore_epoch() > before);
    assert_eq!(trial.tenant.status().unwrap().head, report.head);
    let response = ana.exchange(&trial, ana.request(&trial)).unwrap();
    assert_eq!(response.hello.restore_epoch, trial.tenant.restore_epoch());
    assert_eq!(response.page.unwrap().position, report.head, "back to what both logs share");
    let epoch = trial.tenant.restore_epoch();
    let again = Tenant::open(&to, trial.now_ms).unwrap();
    assert_eq!(again.restore_epoch(), epoch, "it is restored once");
}

#[test]
fn after_a_restore_work_waits_for_what_it_builds_on() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let to = trial.folder.path().join("backup.db");
    trial.tenant.backup(&to).unwrap();
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let lost = ana.pending.clone();
    ana.sync_clean(&trial);
    ben.sync(&trial);
    trial.now_ms += 1_000;
    trial.tenant = Tenant::open(&to, trial.now_ms).unwrap();

    ben.commit(&mut trial, &edit(account, ACCOUNT, "city", text("Riga"), text("Tartu")));
    let verdicts = ben.push(&trial);
    assert!(matches!(verdicts[0], Verdict::Held { .. }), "{verdicts:?}");
    ana.pending = lost;
    ana.sync_clean(&trial);
    ben.sync_clean(&trial);
    assert_eq!(ben.value(account, ACCOUNT, "city"), text("Tartu"));
    ben.assert_equal(&trial);
}

#[test]
fn quarantined_work_is_acknowledged_and_kept() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let intent = ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let key = DocumentKey::first(account, Facet::Internal);
    let item = Quarantined { intent, envelope: vec![7; 90], reason: "forgotten".into() };
    let request = SyncRequest {
        push: None,
        quarantine: vec![item],
        purged: vec![key],
        ..ana.request(&trial)
    };
    let response = ana.exchange(&trial, request).unwrap();
    assert_eq!(response.quarantined, [intent]);
    let read = trial.tenant.store.read().unwrap();
    let kept = read.quarantined().unwrap();
    assert_eq!((kept.len(), kept[0].envelope.len()), (1, 90));
    assert_eq!(read.purges(ana.device.id).unwrap(), [key]);
}

#[test]
fn work_that_is_in_the_log_is_acknowledged_and_not_quarantined() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let intent = ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    let pushed = ana.request(&trial);
    ana.exchange(&trial, pushed).unwrap();
    let item = Quarantined { intent, envelope: vec![7; 90], reason: "forgotten".into() };
    let request = SyncRequest { push: None, quarantine: vec![item], ..ana.request(&trial) };
    let response = ana.exchange(&trial, request).unwrap();
    assert_eq!(response.quarantined, [intent], "the device may let go of it");
    assert!(trial.tenant.store.read().unwrap().quarantined().unwrap().is_empty());
}

#[test]
fn sign_in_names_are_unique_and_demo_identities_are_known() {
    let mut trial = Trial::new();
    let (ana, zoe, now) = (trial.ana, trial.zoe, trial.now_ms);
    let new =
        NewUser { name: "Ann".into(), login: Some("ana".into()), role: Role::Rep, territory: None };
    let taken = trial.tenant.add_user(&new, now, &mut trial.ids).unwrap_err();
    assert_eq!(taken.code(), "login_taken");
    let credential = |user, login: &str, kind| Credential {
        user,
        login: login.to_owned(),
        password_hash: "$argon2id$...".to_owned(),
        kind,
    };
    trial.tenant.put_credential(&credential(ana, "ana", IdentityKind::Real)).unwrap();
    assert!(!trial.tenant.has_demo_identities().unwrap());
    let stolen = credential(zoe, "ana", IdentityKind::Real);
    assert_eq!(trial.tenant.put_credential(&stolen).unwrap_err().code(), "login_taken");
    trial.tenant.put_credential(&credential(zoe, "zoe", IdentityKind::Demo)).unwrap();
    assert!(trial.tenant.has_demo_identities().unwrap());
    assert_eq!(trial.tenant.credential("ana").unwrap().unwrap().user, ana);
    assert_eq!(trial.tenant.credential("nobody").unwrap(), None);
    trial.tenant.put_credential(&credential(ana, "anna", IdentityKind::Real)).unwrap();
    assert_eq!(trial.tenant.credential("ana").unwrap(), None, "the old name is free again");
}

#[test]
fn directory_writes_are_in_the_log_and_signed_by_the_server() {
    let mut trial = Trial::new();
    let mut ana = trial.device(trial.ana);
    ana.sync(&trial);
    let (user, now) = (trial.zoe, trial.now_ms);
    trial.tenant.set_role(user, Role::Manager, now, &mut trial.ids).unwrap();
    let heard = ana.sync(&trial).accepted;
    assert_eq!(heard.len(), 1);
    let header = &heard[0].envelope.header;
    assert!(header.user.0.is_nil() && header.device.0.is_nil());
    assert_eq!(ana.value(user.into(), Entity::User, "role"), text("Manager"));
    let head = trial.tenant.status().unwrap().head;
    trial.tenant.set_role(user, Role::Manager, now, &mut trial.ids).unwrap();
    assert_eq!(trial.tenant.status().unwrap().head, head, "what is so already is not written");
}

pub(super) fn entry(external_id: &str, name: &str, belongs_to: Option<&str>) -> DirectoryEntry {
    DirectoryEntry {
        external_id: external_id.to_owned(),
        name: name.to_owned(),
        belongs_to: belongs_to.map(str::to_owned),
        teams: vec![],
    }
}

#[test]
fn a_directory_import_writes_what_is_missing_and_nothing_twice() {
    let mut trial = Trial::new();
    let ada = trial.device(trial.ada);
    let in_team = |mut entry: DirectoryEntry| {
        entry.teams = vec!["crm:west".to_owned()];
        entry
    };
    let request = DirectoryRequest {
        territories: vec![
            entry("crm:eu", "Europe", None),
            entry("crm:lv", "Latvia", Some("crm:eu")),
            entry("crm:n", "North", None),
        ],
        teams: vec![entry("crm:west", "West", Some("crm:boss"))],
        users: vec![
            in_team(entry("crm:agent", "Agent", Some("crm:lv"))),
            entry("crm:boss", "Boss", Some("crm:eu")),
        ],
    };
    let mut apply = || {
        trial.tenant.apply_directory(&ada.device, &request, trial.now_ms, &mut trial.ids).unwrap()
    };
    let first = apply();
    assert_eq!(first.created, 5, "North was there, by its name");
    assert_eq!(first.territories[2], trial.north);
    let second = apply();
    assert_eq!(second.created, 0);
    assert_eq!(second.users, first.users);
    let teams = trial.tenant.teams().unwrap();
    let west = teams.iter().find(|team| team.name == "West").unwrap();
    assert_eq!(west.lead.map(|lead| lead.0), Some(first.users[1].0));
    assert_eq!(west.members.len(), 1);
    let agent =
        trial.tenant.users().unwrap().into_iter().find(|user| user.name == "Agent").unwrap();
    assert_eq!((agent.login, agent.territory), (None, Some(first.territories[1])));
    let seen: BTreeSet<_> =
        trial.tenant.territories().unwrap().into_iter().map(|t| t.parent).collect();
    assert!(seen.contains(&Some(first.territories[0])));
}

#[test]
fn a_team_may_have_more_members_than_one_change_of_a_set() {
    let mut trial = Trial::new();
    let ada = trial.device(trial.ada);
    let user = |n: u32| DirectoryEntry {
        teams: vec!["crm:all".to_owned()],
        ..entry(&format!("crm:{n}"), &format!("Agent {n}"), None)
    };
    let request = DirectoryRequest {
        teams: vec![entry("crm:all", "All", None)],
        users: (0..510).map(user).collect(),
        ..DirectoryRequest::default()
    };
    let (now_ms, ids) = (trial.now_ms, &mut trial.ids);
    trial.tenant.apply_directory(&ada.device, &request, now_ms, ids).unwrap();
    let teams = trial.tenant.teams().unwrap();
    assert_eq!(teams.iter().find(|team| team.name == "All").unwrap().members.len(), 510);
}

#[test]
fn a_directory_entry_that_names_nothing_leaves_nothing() {
    let mut trial = Trial::new();
    let ada = trial.device(trial.ada);
    let request = DirectoryRequest {
        territories: vec![entry("crm:eu", "Europe", None), entry("crm:x", "X", Some("crm:nope"))],
        ..DirectoryRequest::default()
    };
    let head = trial.tenant.status().unwrap().head;
    let error = trial
        .tenant
        .apply_directory(&ada.device, &request, trial.now_ms, &mut trial.ids)
        .unwrap_err();
    assert!(error.to_string().contains("crm:x") && error.to_string().contains("crm:nope"));
    assert_eq!(trial.tenant.status().unwrap().head, head);
    assert_eq!(trial.tenant.territories().unwrap().len(), 2);
}

#[test]
fn only_administrators_write_the_directory() {
    let mut trial = Trial::new();
    for user in [trial.ana, trial.mia] {
        let device = trial.device(user);
        let request = DirectoryRequest::default();
        let error = trial
            .tenant
            .apply_directory(&device.device, &request, trial.now_ms, &mut trial.ids)
            .unwrap_err();
        assert_eq!(error.code(), "forbidden");
    }
}

#[test]
fn the_log_is_chained_over_its_leaves() {
    let mut trial = Trial::new();
    trial.with_deal();
    let read = trial.tenant.store.read().unwrap();
    let mut chain = [0; 32];
    for seq in 1..=read.head().unwrap() {
        let entry = read.log_entry(seq).unwrap().unwrap();
        let header: roadbook_merge::Header = postcard::from_bytes(&entry.header).unwrap();
        chain = crate::gate::chained(&chain, &header.leaf());
        assert_eq!(entry.chain, chain, "entry {seq}");
    }
}

#[test]
fn those_who_wait_hear_of_new_envelopes() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let mut news = trial.tenant.subscribe();
    assert!(!news.has_changed().unwrap());
    ana.sync(&trial);
    assert!(!news.has_changed().unwrap(), "reading is no news");
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    ana.sync_clean(&trial);
    assert!(news.has_changed().unwrap());
    assert_eq!(*news.borrow_and_update(), trial.tenant.status().unwrap().head);

    // What another process writes is heard of by looking.
    let other = Tenant::open(&trial.folder.path().join("tenant.db"), trial.now_ms).unwrap();
    other.add_territory("East", None, trial.now_ms, &mut trial.ids).unwrap();
    assert!(!news.has_changed().unwrap());
    assert_eq!(trial.tenant.look().unwrap(), other.status().unwrap().head);
    assert!(news.has_changed().unwrap());
}

#[test]
fn ids_come_from_the_source_and_carry_their_time() {
    let mut ids = Seeded(1);
    let (a, b) = (ids.uuid(1_000), ids.uuid(1_000));
    assert_ne!(a, b);
    assert_eq!(a.get_version_num(), 7);
    assert_eq!(Seeded(1).uuid(1_000), a, "the same seed gives the same world");
}
