//! Who gets what, when it moves, and how pages go on.

use roadbook_domain::schema::SCHEMA_VERSION;
use roadbook_domain::{
    Classification, DocumentKey, Entity, Facet, FieldDef, MergeClass, RecordId, Schema, Value,
    ValueType,
};
use roadbook_sync_protocol::{Cursor, HistoryRequest, PullRequest, SyncRequest, encode};

use crate::tenant::{TeamChange, Tenant};
use crate::trial::{DAY_MS, Trial, TrialDevice, create, edit, money, text};

const ACCOUNT: Entity = Entity::Account;
const DEAL: Entity = Entity::Opportunity;

fn internal(record: RecordId) -> DocumentKey {
    DocumentKey::first(record, Facet::Internal)
}

/// Moves an account to the south and gives it to Zoe, by the administrator.
fn move_to_zoe(trial: &mut Trial, account: RecordId) {
    give(trial, account, (trial.south, trial.zoe.into()));
}

/// Moves an account to a territory and gives it to a user, by the administrator.
fn give(trial: &mut Trial, account: RecordId, (territory, owner): (RecordId, RecordId)) {
    let mut ada = trial.device(trial.ada);
    ada.sync(trial);
    for (field, to) in [("territory", territory), ("owner", owner)] {
        let from = ada.value(account, ACCOUNT, field);
        ada.commit(trial, &edit(account, ACCOUNT, field, from, Value::Reference(to)));
    }
    ada.sync_clean(trial);
}

/// Accounts of Ana's in the north, each about a page long, by their ids.
fn long_accounts(trial: &mut Trial) -> Vec<RecordId> {
    let (first, mut ana) = trial.with_account();
    let words = "All about it. ".repeat(1_000);
    let mut accounts = vec![first];
    for n in 0..4 {
        let account = trial.record();
        let fields = [
            ("name", text(&format!("Acme {n}"))),
            ("owner", Value::Reference(trial.ana.into())),
            ("territory", Value::Reference(trial.north)),
            ("description", text(&words)),
        ];
        ana.commit(trial, &create(account, ACCOUNT, &fields));
        accounts.push(account);
    }
    ana.sync_clean(trial);
    accounts.sort();
    accounts
}

#[test]
fn a_user_of_another_territory_receives_nothing_of_a_record() {
    let mut trial = Trial::new();
    let (account, deal, _) = trial.with_deal();
    let mut zoe = trial.device(trial.zoe);
    let synced = zoe.sync(&trial);
    assert!(!zoe.has(account, Facet::Internal) && !zoe.has(deal, Facet::Internal));
    assert!(synced.accepted.is_empty(), "no header without a visible part");
    zoe.assert_equal(&trial);
    let directory = zoe.accepted.values().filter(|(entity, _)| *entity == Entity::User).count();
    assert_eq!(directory, 5, "the directory is for everyone");
}

#[test]
fn an_account_that_moves_leaves_one_device_and_arrives_with_history_on_another() {
    let mut trial = Trial::new();
    let (account, deal, mut ana) = trial.with_deal();
    ana.commit(&mut trial, &edit(deal, DEAL, "amount", money(1_000), money(1_500)));
    ana.sync_clean(&trial);
    let mut zoe = trial.device(trial.zoe);
    zoe.sync(&trial);
    move_to_zoe(&mut trial, account);

    let arrived = zoe.sync(&trial);
    let snapshot = |record| {
        let found = arrived.snapshots.iter().find(|found| found.document == internal(record));
        found.unwrap_or_else(|| panic!("a snapshot of {record}"))
    };
    assert_eq!(snapshot(account).history.len(), 3, "made, moved, given away");
    let deals = &snapshot(deal).history;
    assert_eq!(deals.len(), 2, "the children move along, with their history");
    assert!(deals[0].operations.is_empty(), "the document tells what it was made with");
    assert_eq!(deals[1].made_by.user, trial.ana);
    assert_eq!(deals[1].operations.len(), 1);
    assert!(arrived.accepted.is_empty(), "the snapshot says it all");
    assert_eq!(zoe.value(deal, DEAL, "amount"), money(1_500));
    zoe.assert_equal(&trial);

    // Ana's own deal is hers still; the account is not.
    let gone = ana.sync(&trial);
    assert_eq!(gone.forgotten, [internal(account)]);
    assert!(gone.accepted.is_empty(), "not even the envelopes that moved it");
    ana.assert_equal(&trial);

    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    assert!(!ben.has(account, Facet::Internal) && !ben.has(deal, Facet::Internal));
}

#[test]
fn a_device_of_an_earlier_schema_gets_what_it_cannot_make_as_bytes() {
    let mut trial = Trial::new();
    let field = |name, class, value_type| {
        FieldDef::new(name, name, value_type, class, Classification::Internal)
            .since(SCHEMA_VERSION + 1)
    };
    let schema = Schema::crm()
        .with_field(DEAL, field("landmark", MergeClass::Preference, ValueType::Text))
        .unwrap()
        .with_field(DEAL, field("perils", MergeClass::Set, ValueType::Set))
        .unwrap();
    let path = trial.folder.path().join("tenant.db");
    trial.tenant = Tenant::open_with_schema(&path, schema.clone(), trial.now_ms).unwrap();
    let (_, deal, mut ana) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let mut same = trial.device(trial.ben);
    same.schema = schema.clone();
    same.sync(&trial);

    ana.schema = schema;
    ana.commit(&mut trial, &edit(deal, DEAL, "landmark", Value::Null, text("the old crane")));
    ana.commit(&mut trial, &edit(deal, DEAL, "next_step", Value::Null, text("call")));
    ana.sync_clean(&trial);
    let came = ben.sync(&trial).accepted;
    assert!(!came[0].raw[0].is_empty(), "the device does not know the field");
    assert!(came[1].raw[0].is_empty(), "it performs what it knows");
    assert_eq!(ben.value(deal, DEAL, "next_step"), text("call"));
    ben.assert_equal(&trial);
    let came = same.sync(&trial).accepted;
    assert!(came.iter().all(|item| item.raw[0].is_empty()), "it knows them all");

    // What it writes itself builds on the change that it could not make.
    ben.commit(&mut trial, &edit(deal, DEAL, "next_step", text("call"), text("visit")));
    ben.sync_clean(&trial);
    same.sync(&trial);
    assert_eq!(same.value(deal, DEAL, "landmark"), text("the old crane"));
    assert_eq!(same.value(deal, DEAL, "next_step"), text("visit"));
    same.assert_equal(&trial);

    let new = trial.record();
    let fields = [("name", text("New")), ("perils", Value::Set(vec!["flood".to_owned()]))];
    let account = Value::Reference(ana.value(deal, DEAL, "account").as_reference().unwrap());
    let fields = [fields[0].clone(), fields[1].clone(), ("account", account)];
    ana.commit(&mut trial, &create(new, DEAL, &fields));
    ana.sync_clean(&trial);
    ben.sync(&trial);
    ben.assert_equal(&trial);
}

#[test]
fn a_device_that_was_away_learns_that_a_record_left() {
    let mut trial = Trial::new();
    let (account, deal, _) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    assert!(ben.has(account, Facet::Internal) && ben.has(deal, Facet::Internal));
    move_to_zoe(&mut trial, account);
    let mut gone = ben.sync(&trial).forgotten;
    gone.sort();
    let mut expected = vec![internal(account), internal(deal)];
    expected.sort();
    assert_eq!(gone, expected, "the account and its children");
    ben.assert_equal(&trial);
}

#[test]
fn a_user_who_joins_a_team_gets_its_accounts_and_loses_them_on_leaving() {
    let mut trial = Trial::new();
    let (account, _) = trial.with_account();
    let mut mia = trial.device(trial.mia);
    mia.sync(&trial);
    let team = Value::Reference(trial.team);
    mia.commit(&mut trial, &edit(account, ACCOUNT, "team", Value::Null, team));
    mia.sync_clean(&trial);
    let mut zoe = trial.device(trial.zoe);
    zoe.sync(&trial);
    assert!(!zoe.has(account, Facet::Internal));
    let (id, zoe_id, now) = (trial.team, trial.zoe, trial.now_ms);
    let join = TeamChange { add: vec![zoe_id], ..TeamChange::default() };
    trial.tenant.change_team(id, &join, now, &mut trial.ids).unwrap();
    zoe.sync(&trial);
    assert!(zoe.has(account, Facet::Internal));
    zoe.assert_equal(&trial);
    let leave = TeamChange { remove: vec![zoe_id], ..TeamChange::default() };
    trial.tenant.change_team(id, &leave, now, &mut trial.ids).unwrap();
    zoe.sync(&trial);
    assert!(!zoe.has(account, Facet::Internal));
    zoe.assert_equal(&trial);
}

#[test]
fn the_confidential_part_never_reaches_a_user_without_the_right() {
    const CANARY: &str = "canary: they are about to be bought";
    let mut trial = Trial::new();
    let (_, deal, mut ana) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    ben.commit(&mut trial, &edit(deal, DEAL, "strategy", Value::Null, text(CANARY)));
    let both = roadbook_domain::Intent::EditFields {
        record: deal,
        entity: DEAL,
        edits: vec![
            roadbook_domain::FieldEdit {
                field: "next_step".into(),
                from: Value::Null,
                to: text("Call"),
            },
            roadbook_domain::FieldEdit {
                field: "margin".into(),
                from: Value::Null,
                to: Value::Percent(1_234),
            },
        ],
    };
    ben.commit(&mut trial, &both);
    ben.sync_clean(&trial);
    let holds_canary = |device: &TrialDevice| {
        let request = SyncRequest {
            pull: Some(PullRequest { cursor: Cursor::default(), max_bytes: 1 << 20 }),
            ..device.request(&trial)
        };
        let page = device.exchange(&trial, request).unwrap().page.unwrap();
        let bytes = postcard::to_allocvec(&page).unwrap();
        bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
    };
    assert!(holds_canary(&ben), "the canary is there for those who may see it");
    assert!(!holds_canary(&ana), "and not for those who may not");

    let seen = ana.sync(&trial);
    assert_eq!(seen.accepted.len(), 1, "the envelope without a visible part does not come at all");
    let envelope = &seen.accepted[0].envelope;
    assert_eq!(envelope.parts.len(), 1);
    assert_eq!(envelope.parts[0].0.document.facet, Facet::Internal);
    assert!(!ana.has(deal, Facet::Confidential));
    ana.assert_equal(&trial);

    // Promoted, Ana gets it; demoted again, she loses it.
    let (ana_id, now) = (trial.ana, trial.now_ms);
    let senior = roadbook_policy::Role::SeniorRep;
    trial.tenant.set_role(ana_id, senior, now, &mut trial.ids).unwrap();
    ana.sync(&trial);
    assert_eq!(ana.value(deal, DEAL, "strategy"), text(CANARY));
    ana.assert_equal(&trial);
    let rep = roadbook_policy::Role::Rep;
    trial.tenant.set_role(ana_id, rep, now, &mut trial.ids).unwrap();
    let lost = ana.sync(&trial).forgotten;
    assert_eq!(lost, [DocumentKey::first(deal, Facet::Confidential)]);
    ana.assert_equal(&trial);
}

#[test]
fn what_a_user_lost_between_two_pages_is_not_sent_any_more() {
    let mut trial = Trial::new();
    let accounts = long_accounts(&mut trial);
    let mut ben = trial.device(trial.ben);
    ben.max_bytes = 1;
    let page = ben.exchange(&trial, ben.request(&trial)).unwrap().page.unwrap();
    assert!(page.more, "the rest waits for the next page");
    ben.cursor = page.next;
    let last = accounts[4];
    move_to_zoe(&mut trial, last);
    let rest = ben.sync(&trial);
    let names =
        |record: RecordId| rest.snapshots.iter().any(|found| found.document == internal(record));
    assert!(accounts.iter().any(|account| *account != last && names(*account)), "others come");
    assert!(!names(last), "what is not visible now is not sent, whatever the cursor says");
}

#[test]
fn what_a_user_lost_and_got_back_between_two_pages_comes_in_the_end() {
    let mut trial = Trial::new();
    let accounts = long_accounts(&mut trial);
    let mut ben = trial.device(trial.ben);
    ben.max_bytes = 1;
    let mut synced = crate::trial::Synced::default();
    ben.page(&trial, &mut synced);
    let (away, after) = (accounts[2], accounts[3]);
    assert!(!ben.has(away, Facet::Internal), "it would be on a later page");
    move_to_zoe(&mut trial, away);
    while !ben.has(after, Facet::Internal) {
        ben.page(&trial, &mut synced);
    }
    assert!(!ben.has(away, Facet::Internal), "the pages went past it");
    let home = (trial.north, trial.ana.into());
    give(&mut trial, away, home);
    ben.sync(&trial);
    assert!(ben.has(away, Facet::Internal), "it is Ben's to see, and no page will come to it");
    ben.assert_equal(&trial);
}

#[test]
fn small_pages_bring_the_same_as_one_large_page_and_go_on_where_they_ended() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let words = "All about it. ".repeat(100);
    for n in 0..60 {
        let note = trial.record();
        let fields = [
            ("title", text(&format!("Note {n}"))),
            ("account", Value::Reference(account)),
            ("body", text(&words)),
        ];
        ana.commit(&mut trial, &create(note, Entity::Note, &fields));
    }
    ana.sync_clean(&trial);
    let mut large = trial.device(trial.ben);
    assert_eq!(large.sync(&trial).pages, 1);
    let mut small = trial.device(trial.ben);
    small.max_bytes = 1;
    let synced = small.sync(&trial);
    assert!(synced.pages > 3, "{} pages", synced.pages);
    assert!(synced.remaining.is_sorted_by(|a, b| a >= b), "{:?}", synced.remaining);
    assert_eq!(synced.remaining.last(), Some(&0));
    assert_eq!(small.checksum(0), large.checksum(0));
    small.assert_equal(&trial);

    // And the same for a device that was away while they were edited.
    for n in 0..80 {
        let from = if n == 0 { Value::Null } else { text(&format!("{words}{}", n - 1)) };
        let to = text(&format!("{words}{n}"));
        ana.commit(&mut trial, &edit(account, ACCOUNT, "description", from, to));
    }
    ana.sync_clean(&trial);
    let synced = small.sync(&trial);
    assert!(synced.pages > 3, "{} pages", synced.pages);
    let seqs: Vec<u64> = synced.accepted.iter().map(|item| item.seq).collect();
    assert_eq!(seqs.len(), 80, "each envelope once");
    assert!(seqs.is_sorted(), "in the order of the log");
    small.assert_equal(&trial);
}

#[test]
fn a_sync_with_nothing_new_is_an_empty_page_of_a_few_bytes() {
    let mut trial = Trial::new();
    let (_, mut ana) = trial.with_account();
    ana.sync(&trial);
    let request = ana.request(&trial);
    let sent = encode(&request).unwrap().len();
    let response = ana.exchange(&trial, request).unwrap();
    let received = encode(&response).unwrap().len();
    let page = response.page.unwrap();
    assert!(page.items.is_empty() && !page.more && page.receipt.is_none());
    assert_eq!(page.next, ana.cursor);
    assert_eq!(page.remaining, 0);
    assert!(sent + received < 1_000, "{sent} + {received} bytes");
}

#[test]
fn what_is_older_than_the_history_is_known_by_its_surviving_values() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", Value::Null, text("Riga")));
    ana.commit(&mut trial, &edit(account, ACCOUNT, "website", Value::Null, text("acme.lv")));
    ana.sync_clean(&trial);
    trial.now_ms += 100 * DAY_MS;
    ana.commit(&mut trial, &edit(account, ACCOUNT, "city", text("Riga"), text("Tallinn")));
    ana.sync_clean(&trial);
    let mut ben = trial.device(trial.ben);
    let synced = ben.sync(&trial);
    let snapshot =
        synced.snapshots.iter().find(|found| found.document == internal(account)).unwrap();
    assert_eq!(snapshot.history.len(), 1, "the last 90 days");
    let rest: Vec<_> = snapshot.provenance.iter().map(|made| made.kind.name()).collect();
    assert_eq!(rest, ["create", "edit_fields"], "the overwritten city is not told any more");
}

#[test]
fn a_devices_own_new_records_come_back_as_its_own_envelopes() {
    let mut trial = Trial::new();
    let (_, mut ana) = trial.with_account();
    let account = trial.record();
    ana.commit(&mut trial, &create(account, ACCOUNT, &[("name", text("Acme 2"))]));
    let synced = ana.sync_clean(&trial);
    assert_eq!(synced.accepted.len(), 1);
    assert!(synced.snapshots.is_empty());
    // Another device of the same user gets what it cannot know as a snapshot.
    let mut tablet = trial.device(trial.ana);
    let synced = tablet.sync(&trial);
    assert!(synced.accepted.is_empty());
    assert!(synced.snapshots.iter().any(|found| found.document == internal(account)));
    ana.assert_equal(&trial);
    tablet.assert_equal(&trial);
}

#[test]
fn a_change_made_while_others_wrote_comes_along_and_one_made_in_turn_does_not() {
    let mut trial = Trial::new();
    let (account, deal, mut ana) = trial.with_deal();
    let mut tablet = trial.device(trial.ana);
    let mut phone = trial.device(trial.ana);
    tablet.sync(&trial);
    phone.sync(&trial);
    ana.commit(&mut trial, &edit(deal, DEAL, "amount", money(1_000), money(1_500)));
    tablet.commit(&mut trial, &edit(deal, DEAL, "amount", money(1_000), money(1_700)));
    tablet.commit(&mut trial, &edit(account, ACCOUNT, "name", text("Acme"), text("Acme Ltd")));
    ana.sync_clean(&trial);
    tablet.sync_clean(&trial);
    let synced = phone.sync(&trial);
    let raw: Vec<bool> =
        synced.accepted.iter().map(|item| !item.raw.iter().all(Vec::is_empty)).collect();
    assert_eq!(raw, [false, true, false], "only the second amount was made beside another");
    phone.assert_equal(&trial);
}

#[test]
fn a_record_without_owner_belongs_to_its_maker() {
    let mut trial = Trial::new();
    let mut zoe = trial.device(trial.zoe);
    zoe.sync(&trial);
    let lead = trial.record();
    zoe.commit(&mut trial, &create(lead, Entity::Lead, &[("name", text("Walk-in"))]));
    zoe.sync_clean(&trial);
    assert!(zoe.has(lead, Facet::Internal), "nothing vanishes from its author");
    zoe.assert_equal(&trial);
}

#[test]
fn strange_cursors_are_refused_or_harmless() {
    let mut trial = Trial::new();
    let (account, _) = trial.with_account();
    let mut zoe = trial.device(trial.zoe);
    zoe.cursor = Cursor(vec![1, 2, 3]);
    let error = zoe.exchange(&trial, zoe.request(&trial)).unwrap_err();
    assert_eq!(error.code(), "bad_cursor");
    zoe.cursor = Cursor::default();
    zoe.sync(&trial);
    for byte in 0..zoe.cursor.0.len() {
        for bit in 0..8 {
            let mut forged = zoe.clone();
            forged.cursor.0[byte] ^= 1 << bit;
            let Ok(response) = forged.exchange(&trial, forged.request(&trial)) else { continue };
            let bytes = postcard::to_allocvec(&response.page).unwrap();
            let named = bytes.windows(16).any(|window| window == account.as_bytes());
            assert!(!named, "a forged cursor shows nothing new");
        }
    }
}

#[test]
fn history_is_told_from_the_beginning_and_only_of_what_is_seen() {
    let mut trial = Trial::new();
    let (_, deal, mut ana) = trial.with_deal();
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    let percent = Value::Percent(500);
    ben.commit(&mut trial, &edit(deal, DEAL, "margin", Value::Null, percent));
    ben.sync_clean(&trial);
    trial.now_ms += 200 * DAY_MS;
    ana.sync(&trial);
    ana.commit(&mut trial, &edit(deal, DEAL, "amount", money(1_000), money(1_500)));
    ana.sync_clean(&trial);
    let ask = |trial: &Trial, device: &TrialDevice, record, before| {
        let known = trial.tenant.device(device.device.id).unwrap().unwrap();
        trial.tenant.history(&known, HistoryRequest { record, before }).unwrap()
    };
    let told = ask(&trial, &ana, deal, None);
    let facets: Vec<_> = told.entries.iter().map(|past| past.document.facet).collect();
    assert_eq!(facets, [Facet::Internal; 2], "a Rep is told nothing of the other facet");
    assert!(told.entries[0].entry.made_by.seq > told.entries[1].entry.made_by.seq, "newest first");
    assert!(told.entries[0].accepted_ms - told.entries[1].accepted_ms > 90 * DAY_MS);
    assert!(!told.more && !told.devices.is_empty());
    let first = told.entries[0].entry.made_by.seq;
    assert_eq!(ask(&trial, &ana, deal, Some(first)).entries, told.entries[1..]);
    assert_eq!(ask(&trial, &ben, deal, None).entries.len(), 3);
    let zoe = trial.device(trial.zoe);
    assert!(ask(&trial, &zoe, deal, None).entries.is_empty(), "of another territory");
    trial.tenant.revoke(ana.device.id, trial.now_ms).unwrap();
    let known = trial.tenant.device(ana.device.id).unwrap().unwrap();
    let request = HistoryRequest { record: deal, before: None };
    assert!(trial.tenant.history(&known, request).is_err(), "a revoked device is told nothing");
}
