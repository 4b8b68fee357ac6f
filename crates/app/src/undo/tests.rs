//! Tests of undoing, of giving up and taking back, and of sending again with other values.

use roadbook_api::commands::conflicts::{Choice, ConflictOrder, ListConflicts, ResolveConflict};
use roadbook_api::commands::queries::{ShowHistory, ShowRecord};
use roadbook_api::commands::queue::{
    DiscardIntent, Queue, RestoreDiscarded, RetryIntent, ShowQueue, UndoIntent,
};
use roadbook_api::commands::writes::{
    AddNote, CompleteTask, DeleteRecord, LogActivity, MoveRecord, RestoreRecord, SetFields,
    TagRecord,
};
use roadbook_api::views::{DisputeAfter, Mark, RecordView, UndoneHow, UndoneView, WrittenView};
use roadbook_api::{ApiError, Command, ErrorCode};
use roadbook_domain::{IntentId, RecordId};

use crate::testing::{Log, TestApp, assignments, create, deny, device, device_of};
use crate::{App, Run};

fn show(app: &App, record: RecordId) -> RecordView {
    app.run(ShowRecord { entity: None, record: record.to_string() }).unwrap()
}

fn text(app: &App, record: RecordId, field: &str) -> String {
    show(app, record).fields.get(field).map_or_else(String::new, |field| field.text.clone())
}

fn set(app: &App, record: RecordId, values: &[&str]) -> IntentId {
    let command = SetFields {
        entity: None,
        record: record.to_string(),
        assignments: assignments(values),
        why: None,
    };
    app.run(command).unwrap().intent
}

fn undo(app: &App, intent: IntentId) -> Result<UndoneView, ApiError> {
    app.run(UndoIntent { intent: intent.to_string(), record: None })
}

fn queue(app: &App) -> Queue {
    app.run(ShowQueue {}).unwrap()
}

fn take_back(app: &App, intent: IntentId) -> Queue {
    app.run(RestoreDiscarded { intent: intent.to_string() }).unwrap()
}

fn with_deal() -> (TestApp, RecordId, RecordId) {
    let app = device("Manager");
    let account = create(&app, "account", &["name=Acme", "visits=3", "description=One. Two."]);
    let values = ["name=Renewal", &format!("account={account}"), "amount=10000EUR", "tags=hot"];
    let deal = create(&app, "opportunity", &values);
    (app, account, deal)
}

/// Whether what is undone was sent before.
#[derive(Debug, Clone, Copy, PartialEq)]
enum When {
    Unsent,
    Sent,
}

/// Does something, undoes it, and proves that both records are as they were.
fn there_and_back<C: Command<Response = WrittenView>>(make: impl Fn(RecordId, RecordId) -> C)
where
    App: Run<C>,
{
    for when in [When::Unsent, When::Sent] {
        let (app, account, deal) = with_deal();
        let mut log = Log::default();
        log.accept(&app, 0);
        let fields = |app: &App| {
            [account, deal].map(|record| {
                let view = show(app, record);
                let mut fields = view.fields;
                fields.retain(|name, _| !name.ends_with("_history"));
                (
                    view.deleted,
                    fields.into_iter().map(|(name, it)| (name, it.text)).collect::<Vec<_>>(),
                )
            })
        };
        let before = fields(&app);
        let written = app.run(make(account, deal)).unwrap();
        if when == When::Sent {
            log.accept(&app, 0);
            assert!(queue(&app).pending.is_empty());
        }
        let undone = undo(&app, written.intent).unwrap();
        let how = if when == When::Sent { UndoneHow::Reversed } else { UndoneHow::Withdrawn };
        assert_eq!(undone.how, how, "{when:?} {}", C::NAME);
        assert!(!undone.changes.is_empty() && undone.left.is_empty() && undone.dispute.is_none());
        assert_eq!(fields(&app), before, "{when:?} {}", C::NAME);
        let made = ![account, deal].contains(&written.link.record);
        if made && when == When::Sent {
            assert!(show(&app, written.link.record).deleted, "what was made is in the trash");
        } else if made {
            let gone = app.with(|replica| replica.record(written.link.record)).unwrap();
            assert!(gone.is_none(), "it never was");
        }
        // And back again.
        if when == When::Sent {
            log.accept(&app, 0);
            for intent in &undone.reversed_by {
                undo(&app, *intent).unwrap();
            }
        } else {
            let kept = queue(&app).discarded;
            assert_eq!(kept[0].intent, written.intent);
            take_back(&app, written.intent);
            assert!(queue(&app).discarded.is_empty());
        }
        if !made {
            assert_ne!(fields(&app), before, "done again: {when:?} {}", C::NAME);
        } else {
            assert!(!show(&app, written.link.record).deleted, "{when:?} {}", C::NAME);
        }
        assert!(app.doctor_offline().unwrap().healthy);
    }
}

#[test]
fn edits_of_every_class_are_undone() {
    there_and_back(|account, _| SetFields {
        entity: None,
        record: account.to_string(),
        assignments: assignments(&[
            "name=Acme AG",
            "visits+=2",
            "description=One. Two. Three.",
            "tags=new",
            "tax_id=DE1",
        ]),
        why: None,
    });
}

#[test]
fn a_review_field_and_a_set_are_undone() {
    there_and_back(|_, deal| SetFields {
        entity: None,
        record: deal.to_string(),
        assignments: assignments(&["amount=12000EUR", "tags-=hot", "tags+=vip"]),
        why: None,
    });
}

#[test]
fn moves_are_undone() {
    there_and_back(|_, deal| MoveRecord {
        entity: None,
        record: deal.to_string(),
        to: "Negotiation".into(),
        why: None,
    });
}

#[test]
fn tags_are_undone() {
    there_and_back(|_, deal| TagRecord {
        entity: None,
        record: deal.to_string(),
        add: vec!["vip".into()],
        remove: vec!["hot".into()],
    });
}

#[test]
fn a_logged_visit_is_undone_with_its_count() {
    there_and_back(|account, _| LogActivity {
        kind: "visit".into(),
        entity: None,
        record: account.to_string(),
        assignments: assignments(&["outcome=Met"]),
        why: None,
    });
}

#[test]
fn a_note_is_undone() {
    there_and_back(|_, deal| AddNote {
        entity: None,
        record: deal.to_string(),
        text: "Wants a discount.".into(),
        title: None,
    });
}

#[test]
fn deleting_is_undone() {
    there_and_back(|_, deal| DeleteRecord { entity: None, record: deal.to_string(), why: None });
}

#[test]
fn creating_restoring_and_completing_are_undone() {
    for when in [When::Unsent, When::Sent] {
        let app = device("Manager");
        let mut log = Log::default();
        let task = create(&app, "task", &["subject=Call"]);
        log.accept(&app, 0);
        let sent = |log: &mut Log| {
            if when == When::Sent {
                log.accept(&app, 0)
            }
        };
        let done = app.run(CompleteTask { record: task.to_string() }).unwrap().intent;
        sent(&mut log);
        undo(&app, done).unwrap();
        assert_eq!(text(&app, task, "state"), "Open");
        assert_eq!(text(&app, task, "completed_at"), "");
        let (entity, record, why) = (None, task.to_string(), None);
        app.run(DeleteRecord { entity: entity.clone(), record: record.clone(), why }).unwrap();
        log.accept(&app, 0);
        let restored = app.run(RestoreRecord { entity, record, why: None }).unwrap().intent;
        sent(&mut log);
        undo(&app, restored).unwrap();
        assert!(show(&app, task).deleted, "{when:?}");
    }
}

#[test]
fn what_somebody_changed_since_is_left_and_named() {
    let (app, _, deal) = with_deal();
    let mut log = Log::default();
    let edit = set(&app, deal, &["amount=12000EUR", "next_step=Call"]);
    log.accept(&app, 0);
    set(&app, deal, &["amount=15000EUR"]);
    log.accept(&app, 0);
    let undone = undo(&app, edit).unwrap();
    assert_eq!(undone.left.len(), 1);
    assert_eq!(undone.left[0].field, "amount");
    assert_eq!(text(&app, deal, "amount"), "15000 EUR", "later work is not overwritten");
    assert_eq!(text(&app, deal, "next_step"), "");
    let again = undo(&app, edit).unwrap_err();
    assert_eq!(again.code, ErrorCode::Stale);
    assert!(again.message.contains("amount"), "{again}");
    let unknown = undo(&app, IntentId::from_bytes([0x77; 16])).unwrap_err();
    assert_eq!(unknown.code, ErrorCode::NotFound);
}

#[test]
fn undoing_unsent_work_names_what_built_on_it() {
    let (app, _, deal) = with_deal();
    Log::default().accept(&app, 0);
    let first = set(&app, deal, &["next_step=Call"]);
    let second = set(&app, deal, &["next_step=Call again"]);
    let other = set(&app, deal, &["competitor=Bolt"]);
    let undone = undo(&app, first).unwrap();
    assert_eq!((undone.how, undone.set_aside), (UndoneHow::Withdrawn, vec![second]));
    assert_eq!(text(&app, deal, "next_step"), "");
    assert_eq!(text(&app, deal, "competitor"), "Bolt", "it is replayed");
    let queue = queue(&app);
    assert_eq!(queue.pending[0].intent, other);
    assert_eq!(queue.needs_you[0].code, "built_on_dropped");
}

#[test]
fn another_devices_work_is_undone_by_naming_the_record() {
    let ben = device("Manager");
    let ana = device_of(1, "Ana", "Manager");
    let mut log = Log::default();
    let account = create(&ben, "account", &["name=Acme"]);
    log.accept(&ben, 0);
    log.read(&ana);
    let edit = set(&ana, account, &["city=Kiel"]);
    log.accept(&ana, 0);
    log.read(&ben);
    assert_eq!(undo(&ben, edit).unwrap_err().code, ErrorCode::NotFound);
    let record = Some(account.to_string());
    ben.run(UndoIntent { intent: edit.to_string(), record }).unwrap();
    assert_eq!(text(&ben, account, "city"), "");
}

fn disputed() -> (TestApp, Log, RecordId) {
    let ben = device("Manager");
    let ana = device_of(1, "Ana", "Rep");
    let mut log = Log::default();
    let deal = create(&ben, "opportunity", &["name=Renewal", "amount=10000EUR"]);
    log.accept(&ben, 0);
    log.read(&ana);
    set(&ben, deal, &["amount=12000EUR"]);
    set(&ana, deal, &["amount=14000EUR"]);
    log.accept(&ben, 0);
    log.accept(&ana, 0);
    log.read(&ben);
    (ben, log, deal)
}

#[test]
fn a_decision_is_undone_before_and_after_it_was_sent() {
    let open = |app: &App| {
        app.run(ListConflicts { record: None, order: ConflictOrder::Age }).unwrap().len()
    };
    for when in [When::Unsent, When::Sent] {
        let (app, mut log, deal) = disputed();
        assert_eq!((open(&app), text(&app, deal, "amount").as_str()), (1, "14000 EUR"));
        let conflict = format!("{deal}.amount");
        let choice = Choice::Side { side: 1 };
        let decided =
            app.run(ResolveConflict { conflict, choice, why: None, seen: vec![] }).unwrap();
        assert_eq!((open(&app), text(&app, deal, "amount").as_str()), (0, "12000 EUR"));
        if when == When::Sent {
            log.accept(&app, 0);
        }
        let undone = undo(&app, decided.intent).unwrap();
        assert_eq!(text(&app, deal, "amount"), "14000 EUR", "what was shown before");
        let (dispute, left) = match when {
            When::Unsent => (DisputeAfter::Reopened, 1),
            When::Sent => (DisputeAfter::StaysSettled, 0),
        };
        assert_eq!((undone.dispute, open(&app)), (Some(dispute), left), "{when:?}");
        if when == When::Sent {
            let stands = undone.changes[0].to.as_ref().map(|value| value.text.as_str());
            assert_eq!(stands, Some("14000 EUR"), "the answer says which value stands now");
        }
        let record = deal.to_string();
        let field = Some("amount".to_owned());
        let history = app.run(ShowHistory { entity: None, record, field, older: false }).unwrap();
        let told = history.iter().flat_map(|entry| &entry.settled);
        let decided: Vec<_> = told.filter(|settled| settled.settled == "decided").collect();
        let aside = decided.iter().flat_map(|settled| &settled.set_aside);
        let aside: Vec<_> = aside.map(|it| it.value.text.as_str()).collect();
        let wanted: &[&str] = if when == When::Sent { &["14000 EUR"] } else { &[] };
        assert_eq!(aside, wanted, "and the history knows the side that was set aside");
    }
}

#[test]
fn a_field_that_is_disputed_is_not_set_back() {
    let (app, log, deal) = disputed();
    let mine = log.items[1].envelope.header.intent;
    let error = undo(&app, mine).unwrap_err();
    assert!([ErrorCode::Disputed, ErrorCode::Stale].contains(&error.code), "{error}");
    assert_eq!(text(&app, deal, "amount"), "14000 EUR");
}

#[test]
fn a_denied_intent_is_sent_again_with_other_values() {
    let (app, _, deal) = with_deal();
    Log::default().accept(&app, 0);
    let bad = set(&app, deal, &["amount=90000EUR", "next_step=Sign", "tags+=vip"]);
    deny(&app, bad);
    assert_eq!(text(&app, deal, "amount"), "10000 EUR");
    let mark = |field: &str| show(&app, deal).fields[field].mark;
    assert_eq!(mark("amount"), Mark::NeedsYou, "the value is the accepted one, and says so");
    assert_eq!(mark("name"), Mark::Accepted);
    let retry = |values: &[&str]| RetryIntent {
        intent: bad.to_string(),
        assignments: assignments(values),
        why: Some("the limit".into()),
    };
    let wrong = app.run(retry(&["amount=a lot"])).unwrap_err();
    assert_eq!((wrong.code, wrong.fields[0].field.as_str()), (ErrorCode::InvalidValue, "amount"));
    assert_eq!(queue(&app).needs_you.len(), 1, "it stays");
    let after = app.run(retry(&["amount=20000EUR", "competitor=Bolt", "next_step="])).unwrap();
    assert!(after.needs_you.is_empty());
    assert_eq!(mark("amount"), Mark::Pending);
    assert_eq!(text(&app, deal, "amount"), "20000 EUR");
    assert_eq!(text(&app, deal, "competitor"), "Bolt");
    assert_eq!(text(&app, deal, "tags"), "hot, vip", "what was not named stays as it was wanted");
    assert_eq!(text(&app, deal, "next_step"), "");
    let changed: Vec<_> = after.pending[0].changes.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(changed, ["amount", "tags", "competitor"], "what would not change is left out");
}

#[test]
fn a_denied_creation_is_sent_again_with_other_values() {
    let app = device("Manager");
    let lead = create(&app, "lead", &["name=Ana", "company=Acme", "tags=hot"]);
    let made = queue(&app).pending[0].intent;
    deny(&app, made);
    let retry = RetryIntent {
        intent: made.to_string(),
        assignments: assignments(&["company=Bolt", "tags+=vip"]),
        why: None,
    };
    app.run(retry).unwrap();
    assert_eq!(text(&app, lead, "company"), "Bolt");
    assert_eq!(text(&app, lead, "tags"), "hot, vip");
    assert_eq!(text(&app, lead, "name"), "Ana");
}

#[test]
fn a_denied_decision_is_sent_again_with_another_value() {
    let (app, _, deal) = disputed();
    let conflict = format!("{deal}.amount");
    let choice = Choice::Side { side: 1 };
    let decided = app.run(ResolveConflict { conflict, choice, why: None, seen: vec![] }).unwrap();
    deny(&app, decided.intent);
    let retry = |values: &[&str]| RetryIntent {
        intent: decided.intent.to_string(),
        assignments: assignments(values),
        why: None,
    };
    let wrong = app.run(retry(&["next_step=Call"])).unwrap_err();
    assert_eq!(wrong.code, ErrorCode::BadInput);
    app.run(retry(&["amount=13000EUR"])).unwrap();
    assert_eq!(text(&app, deal, "amount"), "13000 EUR");
    assert!(!show(&app, deal).disputed);
}

#[test]
fn what_was_discarded_returns_to_needs_you_with_its_words() {
    let (app, _, deal) = with_deal();
    Log::default().accept(&app, 0);
    let bad = set(&app, deal, &["amount=90000EUR"]);
    deny(&app, bad);
    let before = queue(&app).needs_you;
    let id = bad.to_string();
    let given_up = app.run(DiscardIntent { intent: id.clone() }).unwrap();
    assert!(given_up.needs_you.is_empty());
    assert!(given_up.discarded[0].denied);
    assert_eq!(given_up.discarded[0].changes, before[0].changes);
    let back = app.run(RestoreDiscarded { intent: id.clone() }).unwrap();
    assert_eq!(back.needs_you, before);
    assert!(back.discarded.is_empty());
    let none = app.run(RestoreDiscarded { intent: id }).unwrap_err();
    assert_eq!(none.code, ErrorCode::NotFound);
}
