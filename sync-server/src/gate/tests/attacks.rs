//! What forged or broken clients send. Each is refused by its own code, leaves nothing, and does
//! not hinder the honest envelope behind it.

use roadbook_domain::{
    ChangeHash, DeviceId, DocumentKey, Entity, Facet, FieldEdit, Hlc, IntentKind, Operation, Step,
    UserId, Value,
};
use roadbook_merge::{Header, Part};
use roadbook_sync_protocol::{SyncRequest, Verdict};

use super::code;
use crate::tenant::TenantError;
use crate::trial::{DAY_MS, Trial, TrialDevice, create, edit, money, text};

/// Forges an edit of Ana's deal, lets an honest one on another record follow, and returns the
/// verdict on the forgery.
fn forged(change: impl FnOnce(&mut Header, &mut Vec<Part>)) -> Verdict {
    let mut trial = Trial::new();
    let (account, deal, mut ana) = trial.with_deal();
    let before = trial.tenant.status().unwrap();
    let intent = edit(deal, Entity::Opportunity, "next_step", Value::Null, text("Call"));
    ana.commit(&mut trial, &intent);
    ana.forge(change);
    let honest = edit(account, Entity::Account, "nickname", Value::Null, text("The big one"));
    ana.commit(&mut trial, &honest);
    let verdicts = ana.push(&trial);
    assert!(matches!(verdicts[1], Verdict::Applied { .. }), "the neighbour: {:?}", verdicts[1]);
    let after = trial.tenant.status().unwrap();
    assert_eq!(after.head, before.head + 1, "only the honest envelope is in the log");
    let mut fresh = trial.device(trial.ana);
    fresh.sync(&trial);
    assert_eq!(fresh.value(deal, Entity::Opportunity, "next_step"), Value::Null);
    assert_eq!(fresh.value(account, Entity::Account, "nickname"), text("The big one"));
    fresh.assert_equal(&trial);
    verdicts.into_iter().next().unwrap()
}

fn to(value: Value) -> impl FnOnce(&mut Header, &mut Vec<Part>) {
    move |_, parts| {
        let Operation::Edit(edit) = &mut parts[0].operations[0] else { panic!("an edit") };
        edit.to = value;
    }
}

#[test]
fn operations_that_do_not_make_the_signed_change_are_a_lie() {
    assert_eq!(code(&forged(to(text("Something else")))), "bytes_differ");
}

#[test]
fn a_change_on_a_branch_that_is_not_named_has_the_wrong_actor() {
    assert_eq!(code(&forged(|_, parts| parts[0].branch = 3)), "bytes_differ");
}

#[test]
fn a_change_of_another_install_epoch_has_the_wrong_actor() {
    let mut trial = Trial::new();
    let (_, deal, mut ana) = trial.with_deal();
    let intent = edit(deal, Entity::Opportunity, "next_step", Value::Null, text("Call"));
    ana.commit(&mut trial, &intent);
    ana.install_epoch = 2;
    ana.forge(|header, _| header.install_epoch = 2);
    assert_eq!(code(&ana.push(&trial)[0]), "bytes_differ");
}

#[test]
fn the_session_decides_who_pushes_and_not_the_envelope() {
    // The signature covers the header, so that a stolen envelope does not verify.
    let mut trial = Trial::new();
    let (_, deal, mut ana) = trial.with_deal();
    let intent = edit(deal, Entity::Opportunity, "next_step", Value::Null, text("Call"));
    for forge in [
        (|header: &mut Header| header.user = UserId::from_bytes([1; 16])) as fn(&mut Header),
        |header| header.device = DeviceId::from_bytes([1; 16]),
        |header| header.tenant = roadbook_domain::TenantId::from_bytes([1; 16]),
    ] {
        ana.pending.clear();
        ana.commit(&mut trial, &intent);
        ana.forge(|header, _| forge(header));
        let error = ana.exchange(&trial, ana.request(&trial)).unwrap_err();
        assert!(matches!(error, TenantError::BadSignature), "{error}");
    }
}

#[test]
fn a_batch_signed_by_another_key_is_refused_as_a_whole() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    ana.commit(&mut trial, &edit(account, Entity::Account, "city", Value::Null, text("Riga")));
    let mut request = ana.request(&trial);
    request.push.as_mut().unwrap().signature[0] ^= 1;
    let head = trial.tenant.status().unwrap().head;
    assert!(matches!(ana.exchange(&trial, request), Err(TenantError::BadSignature)));
    assert_eq!(trial.tenant.status().unwrap().head, head);
}

#[test]
fn a_basis_that_nobody_knows_is_refused() {
    let orphan = forged(|_, parts| parts[0].basis = vec![ChangeHash([7; 32])]);
    assert_eq!(code(&orphan), "unknown_basis");
}

#[test]
fn a_number_that_was_used_is_not_taken_again() {
    let repeated = forged(|header, _| header.number = 1);
    assert!(matches!(&repeated, Verdict::Rebase { clock_offset_ms: None, .. }), "{repeated:?}");
    assert_eq!(code(&forged(|header, _| header.number = u64::MAX)), "bad_number");
}

#[test]
fn clocks_far_from_the_servers_are_told_how_far() {
    let year_2099 = 4_070_908_800_000;
    let Verdict::Rebase { clock_offset_ms: Some(ahead), .. } =
        forged(|header, _| header.clock = Hlc::new(year_2099, 0))
    else {
        panic!("rebase");
    };
    assert!(ahead < -70 * 365 * DAY_MS, "{ahead}");
    let year_1999 = 915_148_800_000;
    let Verdict::Rebase { clock_offset_ms: Some(behind), .. } =
        forged(|header, _| header.clock = Hlc::new(year_1999, 0))
    else {
        panic!("rebase");
    };
    assert!(behind > 25 * 365 * DAY_MS, "{behind}");
    let extreme = forged(|header, _| header.clock = Hlc(i64::MIN));
    assert!(matches!(extreme, Verdict::Rebase { .. }), "{extreme:?}");
}

#[test]
fn a_clock_that_did_not_rise_is_refused() {
    let same = forged(|header, _| header.clock = Hlc(header.clock.0 - (5 << 16)));
    assert!(matches!(&same, Verdict::Rebase { clock_offset_ms: None, .. }), "{same:?}");
}

#[test]
fn a_clock_that_did_not_rise_is_refused_on_a_record_that_builds_on_nothing_too() {
    let mut trial = Trial::new();
    let (_, mut ana) = trial.with_account();
    trial.now_ms += 60_000;
    let (first, second) = (trial.record(), trial.record());
    ana.commit(&mut trial, &create(first, Entity::Lead, &[("name", text("One"))]));
    ana.sync_clean(&trial);
    ana.clock = roadbook_domain::HlcClock::default();
    trial.now_ms -= 30_000;
    ana.commit(&mut trial, &create(second, Entity::Lead, &[("name", text("Two"))]));
    let verdicts = ana.push(&trial);
    assert!(matches!(&verdicts[0], Verdict::Rebase { clock_offset_ms: None, .. }), "{verdicts:?}");
}

#[test]
fn envelopes_beyond_the_caps_are_refused() {
    let big = forged(|_, parts| {
        let one = parts[0].operations[0].clone();
        parts[0].operations = vec![one; 65];
    });
    assert_eq!(code(&big), "too_large");
    let fat = forged(|_, parts| {
        let base = "x".repeat(900_000);
        let text = "y".repeat(200_000);
        let field = "description".to_owned();
        parts[0].operations = vec![Operation::EditText { field, base, text }];
    });
    assert_eq!(code(&fat), "too_large");
    let wide = forged(|_, parts| {
        let one = parts[0].clone();
        *parts = (0..17).map(|slot| Part { slot, ..one.clone() }).collect();
    });
    assert_eq!(code(&wide), "too_large");
    assert_eq!(code(&forged(|_, parts| parts[0].operations.clear())), "empty");
    assert_eq!(code(&forged(|_, parts| parts.clear())), "empty");
}

#[test]
fn a_batch_beyond_the_cap_is_refused_as_a_whole() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    ana.commit(&mut trial, &edit(account, Entity::Account, "city", Value::Null, text("Riga")));
    let one = ana.pending[0].clone();
    ana.pending = vec![one; 1_001];
    let error = ana.exchange(&trial, ana.request(&trial)).unwrap_err();
    assert_eq!(error.code(), "too_many");
}

#[test]
fn records_of_another_tenant_are_not_there() {
    let mut other = Trial::new();
    other.ids.0 = 99;
    let (foreign, _) = other.with_account();
    let mut trial = Trial::new();
    let (_, mut ana) = trial.with_account();
    let key = DocumentKey::first(foreign, Facet::Internal);
    let theirs = other.device(other.ana);
    let mut theirs = theirs;
    theirs.sync(&other);
    ana.accepted.insert(key, theirs.accepted[&key].clone());
    ana.commit(&mut trial, &edit(foreign, Entity::Account, "city", Value::Null, text("Riga")));
    assert_eq!(code(&ana.push(&trial)[0]), "no_record");
}

#[test]
fn records_that_the_user_may_not_see_look_like_none() {
    let mut trial = Trial::new();
    let (account, ana) = trial.with_account();
    let mut zoe = trial.device(trial.zoe);
    zoe.sync(&trial);
    let key = DocumentKey::first(account, Facet::Internal);
    zoe.accepted.insert(key, ana.accepted[&key].clone());
    zoe.commit(&mut trial, &edit(account, Entity::Account, "city", Value::Null, text("Riga")));
    let hidden = zoe.push(&trial);
    zoe.pending.clear();
    let nowhere = trial.record();
    zoe.commit(&mut trial, &create(nowhere, Entity::Account, &[("name", text("X"))]));
    zoe.forge(|_, parts| {
        parts[0].kind = IntentKind::EditFields;
        parts[0].operations = vec![Operation::Edit(FieldEdit {
            field: "city".into(),
            from: Value::Null,
            to: text("Riga"),
        })];
    });
    let absent = zoe.push(&trial);
    assert_eq!(super::denial(&hidden[0]), super::denial(&absent[0]), "nothing tells them apart");
}

#[test]
fn confidential_fields_cannot_be_smuggled_through_the_internal_part() {
    let smuggled = forged(|_, parts| {
        parts[0].operations = vec![Operation::Edit(FieldEdit {
            field: "margin".into(),
            from: Value::Null,
            to: Value::Percent(1_000),
        })];
    });
    assert_eq!(code(&smuggled), "wrong_facet");
    let moved = forged(|_, parts| parts[0].document.facet = Facet::Confidential);
    assert_eq!(code(&moved), "wrong_facet");
}

#[test]
fn another_kind_or_generation_of_a_record_is_refused() {
    assert_eq!(code(&forged(|_, parts| parts[0].entity = Entity::Lead)), "unknown_field");
    let generation = forged(|_, parts| parts[0].document.generation = 1);
    assert!(matches!(generation, Verdict::Rebase { .. }), "{generation:?}");
    let twice = forged(|_, parts| {
        let again = parts[0].clone();
        parts.push(again);
    });
    assert_eq!(code(&twice), "bad_slot");
}

#[test]
fn values_that_do_not_fit_are_refused_at_the_gate_too() {
    assert_eq!(code(&forged(to(Value::Integer(5)))), "invalid_value");
    assert_eq!(code(&forged(to(text("two\nlines")))), "invalid_value");
    let currency = postcard::from_bytes(&[0xff, 0, b'x']).unwrap();
    let nonsense = forged(move |_, parts| {
        let to = Value::Money(roadbook_domain::Money::new(5, currency));
        let edit = FieldEdit { field: "amount".into(), from: money(1_000), to };
        parts[0].operations = vec![Operation::Edit(edit)];
    });
    assert_eq!(code(&nonsense), "invalid_value", "nobody could write the amount any more");
    let misspelt = forged(|_, parts| {
        parts[0].kind = IntentKind::MoveStage;
        parts[0].operations = vec![Operation::Move {
            edit: FieldEdit {
                field: "stage".into(),
                from: text("Prospecting"),
                to: text("proposal"),
            },
        }];
    });
    assert_eq!(code(&misspelt), "invalid_value");
    let unknown = forged(|_, parts| {
        let Operation::Edit(edit) = &mut parts[0].operations[0] else { panic!("an edit") };
        edit.field = "z".repeat(100_000);
    });
    assert_eq!(code(&unknown), "unknown_field");
    let named = super::denial(&unknown).field.as_deref().unwrap_or_default();
    assert_eq!(named, "z".repeat(64), "a made-up name is not repeated at length");
    assert_eq!(code(&forged(to(text(&"long ".repeat(20_000))))), "invalid_value");
}

#[test]
fn a_made_up_field_of_a_new_record_a_resolution_or_a_proposal_is_not_repeated_at_length() {
    let field = || "z".repeat(100_000);
    let with = |kind: IntentKind, operation: Operation| {
        forged(move |_, parts| {
            parts[0].kind = kind;
            parts[0].operations = vec![operation];
        })
    };
    let fields = vec![(field(), text("x"))];
    let made = forged(|_, parts| {
        parts[0].kind = IntentKind::Create;
        parts[0].basis.clear();
        parts[0].operations = vec![Operation::Create { fields }];
    });
    let (sides, why) = (vec![ChangeHash([1; 32])], "because".to_owned());
    let resolve = Operation::Resolve { field: field(), sides, choice: text("x") };
    let propose = Operation::Propose { field: field(), value: text("x"), why };
    for verdict in [
        made,
        with(IntentKind::ResolveConflict, resolve),
        with(IntentKind::ProposeInConflict, propose),
        with(IntentKind::AdjustCounter, Operation::Adjust { field: field(), by: 1 }),
    ] {
        assert_eq!(code(&verdict), "unknown_field");
    }
}

#[test]
fn structured_derived_and_append_fields_are_refused_with_a_code() {
    let write = |field: &str, value: Value| {
        let field = field.to_owned();
        forged(move |_, parts| {
            let edit = FieldEdit { field, from: Value::Null, to: value };
            parts[0].operations = vec![Operation::Edit(edit)];
        })
    };
    assert_eq!(code(&write("weighted_amount", money(1))), "derived");
    assert_eq!(code(&write("stage_history", text("x"))), "append_only");
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    ana.commit(&mut trial, &edit(account, Entity::Account, "city", Value::Null, text("Riga")));
    ana.forge(|_, parts| {
        let edit = FieldEdit { field: "address".into(), from: Value::Null, to: text("Street 1") };
        parts[0].operations = vec![Operation::Edit(edit)];
    });
    assert_eq!(code(&ana.push(&trial)[0]), "unsupported_class");
}

#[test]
fn a_field_without_the_right_is_denied_by_a_policy() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let from = Value::Reference(trial.ana.into());
    let to = Value::Reference(trial.zoe.into());
    ana.commit(&mut trial, &edit(account, Entity::Account, "owner", from, to));
    let verdicts = ana.push(&trial);
    let denial = super::denial(&verdicts[0]);
    assert_eq!((denial.code.as_str(), denial.field.as_deref()), ("not_permitted", Some("owner")));
    assert!(denial.policy.is_some());
}

#[test]
fn a_confirmed_value_is_not_a_first_value_because_the_kind_says_so() {
    let mut trial = Trial::new();
    let (account, _) = trial.with_account();
    let mut ada = trial.device(trial.ada);
    ada.sync(&trial);
    let to = text("Blocked");
    let edit = FieldEdit { field: "credit_status".into(), from: Value::Null, to };
    let step = Step {
        record: account,
        entity: Entity::Account,
        facet: Facet::Confidential,
        operations: vec![Operation::Edit(edit)],
    };
    ada.commit_steps(&mut trial, IntentKind::Create, vec![step]);
    assert_eq!(code(&ada.push(&trial)[0]), "kind_mismatch");
}

#[test]
fn the_directory_is_read_only_on_devices() {
    let mut trial = Trial::new();
    let mut ada = trial.device(trial.ada);
    ada.sync(&trial);
    let user = trial.zoe;
    let edit = edit(user.into(), Entity::User, "name", text("Zoe"), text("Queen Zoe"));
    ada.commit(&mut trial, &edit);
    assert_eq!(code(&ada.push(&trial)[0]), "server_written");
}

#[test]
fn an_operation_that_its_kind_cannot_have_is_refused() {
    let kind = forged(|_, parts| parts[0].kind = IntentKind::Delete);
    assert_eq!(code(&kind), "kind_mismatch");
    let smuggled = forged(|_, parts| {
        let create = Operation::Create { fields: vec![("name".into(), text("x"))] };
        parts[0].operations.push(create);
    });
    assert_eq!(code(&smuggled), "wrong_operation");
}

#[test]
fn an_intent_of_somebody_else_is_not_answered_with_their_verdict() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    ana.commit(&mut trial, &edit(account, Entity::Account, "city", Value::Null, text("Riga")));
    let stolen = ana.pending[0].envelope.header.intent;
    ana.sync_clean(&trial);
    let mut ben = trial.device(trial.ben);
    ben.sync(&trial);
    ben.commit(&mut trial, &edit(account, Entity::Account, "country", Value::Null, text("LV")));
    ben.forge(|header, _| header.intent = stolen);
    assert_eq!(code(&ben.push(&trial)[0]), "intent_taken");
}

#[test]
fn a_revoked_device_may_only_surrender() {
    let mut trial = Trial::new();
    let (account, mut ana) = trial.with_account();
    let intent =
        ana.commit(&mut trial, &edit(account, Entity::Account, "city", Value::Null, text("Riga")));
    trial.tenant.revoke(ana.device.id, trial.now_ms).unwrap();
    let device = trial.tenant.device(ana.device.id).unwrap().unwrap();
    let request: SyncRequest = ana.request(&trial);
    assert!(matches!(trial.tenant.sync(&device, request, trial.now_ms), Err(TenantError::Revoked)));
    let item = roadbook_sync_protocol::Quarantined {
        intent,
        envelope: vec![1, 2, 3],
        reason: "revoked".to_owned(),
    };
    for _ in 0..2 {
        let safe = trial.tenant.surrender(&device, vec![item.clone()], trial.now_ms).unwrap();
        assert_eq!(safe, [intent]);
    }
    assert_eq!(trial.tenant.status().unwrap().quarantined, 1, "the same twice is once");
}

#[test]
fn a_full_step_list_is_atomic_when_its_last_part_is_refused() {
    let mut trial = Trial::new();
    let (account, deal, mut ana) = trial.with_deal();
    let set = |field: &str, to: Value| {
        Operation::Edit(FieldEdit { field: field.to_owned(), from: Value::Null, to })
    };
    let step = |record, entity, operation| Step {
        record,
        entity,
        facet: Facet::Internal,
        operations: vec![operation],
    };
    let steps = vec![
        step(account, Entity::Account, set("city", text("Riga"))),
        step(deal, Entity::Opportunity, set("next_step", text("Call"))),
    ];
    ana.commit_steps(&mut trial, IntentKind::EditFields, steps);
    ana.forge(|_, parts| parts[1].change = ChangeHash([1; 32]));
    let good = edit(account, Entity::Account, "country", Value::Null, text("LV"));
    let mut fresh: TrialDevice = trial.device(trial.ana);
    fresh.sync(&trial);
    fresh.commit(&mut trial, &good);
    assert_eq!(code(&ana.push(&trial)[0]), "bytes_differ");
    fresh.sync_clean(&trial);
    assert_eq!(fresh.value(account, Entity::Account, "city"), Value::Null, "not even one part");
    fresh.assert_equal(&trial);
}
