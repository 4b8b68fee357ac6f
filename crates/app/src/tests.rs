//! Tests of the use cases on a device without a server.

use roadbook_api::commands::conflicts::{ConflictOrder, ListConflicts, ShowConflict};
use roadbook_api::commands::device::ShowStatus;
use roadbook_api::commands::queries::{
    Finished, ListRecords, SearchRecords, ShowHistory, ShowRecord,
};
use roadbook_api::commands::queue::{DiscardIntent, ShowQueue};
use roadbook_api::commands::transfer::{ExportFormat, ExportRecords};
use roadbook_api::commands::writes::{
    AddNote, CompleteTask, CreateRecord, DeleteRecord, LogActivity, MoveRecord, RestoreRecord,
    SetFields, TagRecord,
};
use roadbook_api::views::{Leave, Mark, RecordView};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::{Classification, Entity, FieldDef, MergeClass, RecordId, Schema, ValueType};
use roadbook_replica::{Replica, Settings, Unlock};

use crate::host::tests::TestHost;
use crate::testing::{TestApp, assignments, create, device};
use crate::{App, Run as _};

fn show(app: &App, record: RecordId) -> RecordView {
    app.run(ShowRecord { entity: None, record: record.to_string() }).unwrap()
}

fn text(app: &App, record: RecordId, field: &str) -> String {
    show(app, record).fields.get(field).map_or_else(String::new, |field| field.text.clone())
}

fn set(app: &App, record: &str, values: &[&str]) -> Result<RecordId, ApiError> {
    let command = SetFields {
        entity: None,
        record: record.into(),
        assignments: assignments(values),
        why: None,
    };
    app.run(command).map(|written| written.link.record)
}

fn list(app: &App, entity: &str, filters: &[&str]) -> Vec<String> {
    let page = app
        .run(ListRecords {
            filters: filters.iter().map(|filter| (*filter).to_owned()).collect(),
            order: Some("name".into()),
            ..ListRecords::newest(entity, 10)
        })
        .unwrap();
    assert_eq!(page.total, page.records.len() as u64);
    page.records.into_iter().map(|record| record.title).collect()
}

fn with_opportunity() -> (TestApp, RecordId) {
    let app = device("Manager");
    let account = create(&app, "account", &["name=Acme Corporation"]);
    let account = format!("account={account}");
    let values = ["name=Renewal", account.as_str(), "amount=10000EUR", "stage=Proposal"];
    let opportunity = create(&app, "opportunity", &values);
    (app, opportunity)
}

#[test]
fn what_is_set_is_saved_shown_and_not_sent_yet() {
    let (app, record) = with_opportunity();
    let id = record.to_string();
    set(&app, &id, &["stage=negotiation", "amount=12000EUR", "tags+=vip", "tags+=hot"]).unwrap();
    let view = show(&app, record);
    assert_eq!(view.fields["stage"].text, "Negotiation");
    assert_eq!(view.fields["amount"].text, "12000 EUR");
    assert_eq!(view.fields["tags"].text, "hot, vip");
    assert_eq!(view.fields["account"].text, "Acme Corporation", "references read as names");
    assert_eq!(view.fields["amount"].mark, Mark::Pending);
    assert!(view.pending && !view.disputed);
    set(&app, &id, &["tags-=hot", "next_step="]).unwrap();
    assert_eq!(text(&app, record, "tags"), "vip");
}

#[test]
fn counters_add_up_within_one_command() {
    let app = device("Manager");
    let account = create(&app, "account", &["name=Acme"]);
    set(&app, &account.to_string(), &["visits+=2", "visits-=1"]).unwrap();
    assert_eq!(text(&app, account, "visits"), "1");
}

#[test]
fn bad_input_names_the_field_and_changes_nothing() {
    let (app, record) = with_opportunity();
    let id = record.to_string();
    for (values, code, field) in [
        (&["colour=red"][..], ErrorCode::UnknownField, "colour"),
        (&["amount=a lot"], ErrorCode::InvalidValue, "amount"),
        (&["stage=Dreaming"], ErrorCode::InvalidValue, "stage"),
        (&["amount=1EUR", "amount=2EUR"], ErrorCode::BadInput, "amount"),
        (&["amount+=1EUR"], ErrorCode::BadInput, "amount"),
        (&["weighted_amount=1EUR"], ErrorCode::NotWritable, "weighted_amount"),
        (&["account=Nobody Inc"], ErrorCode::NotFound, "account"),
        (&["name="], ErrorCode::InvalidValue, "name"),
    ] {
        let error = set(&app, &id, values).unwrap_err();
        assert_eq!(error.code, code, "{values:?}: {error}");
        assert_eq!(error.fields[0].field, field, "{values:?}");
    }
    let same = set(&app, &id, &["amount=10000EUR"]).unwrap_err();
    assert_eq!(same.code, ErrorCode::NothingToDo);
    assert_eq!(text(&app, record, "amount"), "10000 EUR");
}

#[test]
fn records_are_found_by_id_short_id_external_id_and_name() {
    let app = device("Manager");
    let acme = create(&app, "account", &["name=Acme", "external_ids=crm:account:Acme"]);
    create(&app, "account", &["name=Other"]);
    let whole = acme.to_string();
    let end = whole[whole.len() - 8..].to_owned();
    let find = |entity: Option<&str>, text: &str| {
        let command = ShowRecord { entity: entity.map(str::to_owned), record: text.to_owned() };
        app.run(command).map(|view| view.record)
    };
    for named in [whole.as_str(), &end, "crm:account:Acme"] {
        assert_eq!(find(None, named), Ok(acme), "{named}");
    }
    assert_eq!(find(Some("account"), "acme"), Ok(acme));
    let unknown = find(None, "Acme").unwrap_err();
    assert!(unknown.message.contains("crm:1C1I7A6R"), "{unknown}");
    assert_eq!(find(None, "ffffffffff").unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(find(Some("lead"), &whole).unwrap_err().code, ErrorCode::NotFound);
    create(&app, "account", &["name=ACME"]);
    let several = find(Some("account"), "acme").unwrap_err();
    assert_eq!(several.code, ErrorCode::Ambiguous);
    assert!(several.message.contains(&whole), "candidates are listed: {several}");
}

#[test]
fn lists_filter_page_and_count() {
    let app = device("Manager");
    for (name, amount) in [("Alpha", "5000EUR"), ("Beta", "15000EUR"), ("Gamma", "25000EUR")] {
        let (name, amount) = (format!("name={name}"), format!("amount={amount}"));
        create(&app, "opportunity", &[&name, &amount, "tags=hot"]);
    }
    assert_eq!(list(&app, "opportunities", &["amount>5000EUR"]), ["Beta", "Gamma"]);
    assert_eq!(list(&app, "opportunities", &["tags~hot", "name~lph"]), ["Alpha"]);
    assert_eq!(list(&app, "opportunities", &["owner=me", "stage!=Prospecting"]), [""; 0]);
    assert_eq!(list(&app, "opportunities", &["close_date="]).len(), 3, "without a value");
    let page = |after: Option<String>| {
        app.run(ListRecords {
            finished: Finished::Open,
            order: Some("-amount".into()),
            after,
            ..ListRecords::newest("opportunity", 2)
        })
        .unwrap()
    };
    let first = page(None);
    assert_eq!(first.records[0].title, "Gamma");
    assert_eq!((first.total, first.next.as_deref()), (3, Some("2")));
    let second = page(first.next);
    assert_eq!((second.records.len(), second.next), (1, None));
}

#[test]
fn a_visit_counts_at_the_account_and_notes_hang_on_their_record() {
    let (app, opportunity) = with_opportunity();
    let account = show(&app, opportunity).fields["account"].value.clone();
    let roadbook_api::ValueView::Reference { record: account } = account else {
        panic!("an account is a reference");
    };
    let visit = app
        .run(LogActivity {
            kind: "visit".into(),
            entity: None,
            record: opportunity.to_string(),
            assignments: assignments(&["outcome=Met"]),
            why: None,
        })
        .unwrap();
    assert_eq!(text(&app, account, "visits"), "1");
    let activity = show(&app, visit.link.record);
    assert_eq!(activity.title, "Visit: Renewal");
    assert_eq!(activity.fields["about"].text, "Renewal");
    assert_eq!(activity.fields["account"].text, "Acme Corporation");
    let note = app
        .run(AddNote {
            entity: None,
            record: opportunity.to_string(),
            text: "Budget is there.\nSigns in June.".into(),
            title: None,
        })
        .unwrap();
    assert_eq!(note.link.title, "Budget is there.");
    let found = app.run(SearchRecords { text: "budg".into(), limit: 10 }).unwrap();
    assert_eq!(found.hits[0].link.record, note.link.record);
    assert!(found.hits[0].excerpt.starts_with("Budget"), "{}", found.hits[0].excerpt);
}

#[test]
fn moves_tags_tasks_and_the_trash() {
    let (app, record) = with_opportunity();
    let id = record.to_string();
    let moved =
        MoveRecord { entity: None, record: id.clone(), to: "Negotiation".into(), why: None };
    app.run(moved).unwrap();
    assert_eq!(text(&app, record, "stage"), "Negotiation");
    let tag =
        TagRecord { entity: None, record: id.clone(), add: vec!["vip".into()], remove: vec![] };
    app.run(tag).unwrap();
    assert_eq!(text(&app, record, "tags"), "vip");
    let task = create(&app, "task", &["subject=Call back"]);
    app.run(CompleteTask { record: task.to_string() }).unwrap();
    assert_eq!(text(&app, task, "state"), "Done");
    let again = app.run(CompleteTask { record: task.to_string() }).unwrap_err();
    assert_eq!(again.code, ErrorCode::NothingToDo);
    app.run(DeleteRecord { entity: None, record: id.clone(), why: Some("twice".into()) }).unwrap();
    assert!(show(&app, record).deleted);
    let error = set(&app, &id, &["amount=1EUR"]).unwrap_err();
    assert_eq!(error.code, ErrorCode::Deleted);
    app.run(RestoreRecord { entity: None, record: id, why: None }).unwrap();
    assert!(!show(&app, record).deleted);
}

#[test]
fn a_rep_is_refused_with_a_reason_and_a_manager_proposes() {
    let rep = device("Rep");
    let account = create(&rep, "account", &["name=Acme"]);
    let error = set(&rep, &account.to_string(), &["tax_id=DE123"]).unwrap_err();
    assert_eq!(error.code, ErrorCode::Refused);
    assert!(error.message.contains("confidential"), "{error}");
    let product = CreateRecord {
        entity: "product".into(),
        assignments: assignments(&["name=GTX"]),
        why: None,
    };
    assert_eq!(rep.run(product).unwrap_err().code, ErrorCode::Refused);

    let manager = device("Manager");
    let account = create(&manager, "account", &["name=Acme"]);
    let owner = SetFields {
        entity: None,
        record: account.to_string(),
        assignments: assignments(&["owner="]),
        why: None,
    };
    let written = manager.run(owner).unwrap();
    assert_eq!(written.leave, Leave::NeedsConfirmation);
}

#[test]
fn the_queue_the_history_and_the_status_tell_of_unsent_work() {
    let (app, record) = with_opportunity();
    let command = SetFields {
        entity: Some("opportunity".into()),
        record: record.to_string(),
        assignments: assignments(&["amount=12000EUR"]),
        why: Some("they asked for more".into()),
    };
    let written = app.run(command).unwrap();
    let queue = app.run(ShowQueue {}).unwrap();
    assert_eq!(queue.pending.len(), 3);
    assert_eq!(queue.pending[2].intent, written.intent);
    assert_eq!(queue.pending[2].records[0].title, "Renewal");
    let history = ShowHistory {
        entity: None,
        record: record.to_string(),
        field: Some("amount".into()),
        older: false,
    };
    let history = app.run(history).unwrap();
    let newest = &history[0];
    assert_eq!(newest.made_by.rationale.as_deref(), Some("they asked for more"));
    assert_eq!(newest.made_by.device_name.as_deref(), Some("Ben's phone"));
    assert!(!newest.accepted);
    let change = &newest.changes[0];
    assert_eq!(change.from.as_ref().unwrap().text, "10000 EUR");
    assert_eq!(change.to.as_ref().unwrap().text, "12000 EUR");
    let status = app.run(ShowStatus {}).unwrap();
    assert_eq!((status.pending, status.records["opportunity"]), (3, 1));
    let unknown = DiscardIntent { intent: "ffffffffff".into() };
    assert_eq!(app.run(unknown).unwrap_err().code, ErrorCode::NotFound);
    let discard = DiscardIntent { intent: written.intent.to_string() };
    assert_eq!(app.run(discard).unwrap().pending.len(), 2);
    assert_eq!(text(&app, record, "amount"), "10000 EUR");
}

#[test]
fn nothing_is_disputed_on_one_device() {
    let (app, record) = with_opportunity();
    assert_eq!(app.run(ListConflicts { record: None, order: ConflictOrder::Stake }).unwrap(), []);
    let error = app
        .run(ShowConflict { conflict: record.to_string(), order: ConflictOrder::Stake })
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
}

#[test]
fn exports_hold_every_record() {
    let (app, _) = with_opportunity();
    let mut lines = Vec::new();
    let all = ExportRecords { entities: vec![], format: ExportFormat::JsonLines };
    assert_eq!(app.export(&all, &mut lines).unwrap().records, 2);
    let text = String::from_utf8(lines).unwrap();
    for line in text.lines() {
        let view: RecordView = serde_json::from_str(line).unwrap();
        assert!(matches!(view.entity, Entity::Account | Entity::Opportunity));
    }
    let mut table = Vec::new();
    let one = ExportRecords { entities: vec!["account".into()], format: ExportFormat::Csv };
    assert_eq!(app.export(&one, &mut table).unwrap().records, 1);
    let table = String::from_utf8(table).unwrap();
    assert!(table.starts_with("id,name,") && table.contains(",Acme Corporation,"), "{table}");
    let two = ExportRecords { entities: vec![], format: ExportFormat::Csv };
    assert_eq!(app.export(&two, &mut Vec::new()).unwrap_err().code, ErrorCode::BadInput);
}

#[test]
fn a_device_that_is_not_there_is_locked_or_twice_says_so() {
    let TestApp { app, folder } = device("Rep");
    let (settings, unlock) = (Settings::shipped(), Unlock::Passphrase("guess".into()));
    let host = || Box::new(TestHost::new());
    let code = |result: Result<App, ApiError>| result.err().map(|error| error.code);
    let there = crate::Device { folder: folder.path(), unlock: &unlock, settings: &settings };
    assert_eq!(code(App::create(&there, "x", host())), Some(ErrorCode::AlreadyThere));
    drop(app);
    assert_eq!(code(App::open(&there, host())), Some(ErrorCode::Locked));
    let empty = tempfile::tempdir().unwrap();
    let nowhere = crate::Device { folder: empty.path(), ..there };
    assert_eq!(code(App::open(&nowhere, host())), Some(ErrorCode::NoDevice));
}

#[test]
fn one_schema_line_more_is_shown_listed_and_found() {
    let TestApp { app, folder } = device("Rep");
    drop(app);
    let extra = FieldDef::new(
        "motto",
        "Motto",
        ValueType::Text,
        MergeClass::Preference,
        Classification::Internal,
    )
    .searched();
    let schema = Schema::crm().with_field(Entity::Account, extra).unwrap();
    let unlock = Unlock::Passphrase("open sesame".into());
    let settings = Settings::shipped();
    let replica = Replica::open(folder.path(), schema, &unlock, &settings).unwrap();
    let app = App::over(replica, Box::new(TestHost::new()));
    let acme = create(&app, "account", &["name=Acme", "motto=Ever onwards"]);
    let shown = show(&app, acme);
    assert_eq!(shown.fields["motto"].text, "Ever onwards");
    assert_eq!(list(&app, "accounts", &["motto~onwards"]), ["Acme"]);
    let search = SearchRecords { text: "onwa".into(), limit: 5 };
    assert_eq!(app.run(search).unwrap().hits.len(), 1);
}
