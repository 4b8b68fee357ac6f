//! Tests of sessions without a server: nothing listens where the devices were enrolled.

use std::sync::Arc;

use roadbook_api::commands::writes::SetFields;
use roadbook_api::events::SyncState;
use roadbook_api::views::{BundleView, SessionState, SessionView};
use roadbook_api::{ErrorCode, Event};
use roadbook_domain::{DocumentKey, Facet};
use serde_json::{Value, json};

use super::{Place, Session};
use crate::host::tests::TestHost;
use crate::testing;
use crate::{App, KeyCost, Run as _, Settings};

const PASSPHRASE: &str = "open sesame";

fn place(folder: &std::path::Path, passphrase: Option<&str>) -> Place {
    Place {
        folder: folder.to_owned(),
        settings: Settings { key_cost: KeyCost::least(), ..Settings::shipped() },
        host: Arc::new(TestHost::new()),
        passphrase: passphrase.map(str::to_owned),
        files: None,
    }
}

/// The folder of a closed device that was enrolled.
fn enrolled() -> tempfile::TempDir {
    let testing::TestApp { app, folder } = testing::device("Rep");
    drop(app);
    folder
}

async fn shown(session: &Session) -> SessionView {
    serde_json::from_value(session.call("show_session", json!({})).await.unwrap()).unwrap()
}

async fn refused(session: &Session, name: &str, request: Value) -> ErrorCode {
    session.call(name, request).await.unwrap_err().code
}

async fn account(session: &Session, name: &str) -> Value {
    let assignment = json!({ "field": "name", "change": "set", "value": name });
    let request = json!({ "entity": "account", "assignments": [assignment] });
    session.call("create_record", request).await.unwrap()
}

#[tokio::test]
async fn without_a_device_enrolling_makes_one_that_waits_for_its_server() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::open(place(folder.path(), None)).await.unwrap();
    assert_eq!(shown(&session).await.state, SessionState::Absent);
    let list = json!({ "entity": "account", "limit": 5 });
    assert_eq!(refused(&session, "list_records", list).await, ErrorCode::NoDevice);
    let enrol = |passphrase: Option<&str>| {
        json!({
            "server": "http://127.0.0.1:1", "tenant": "acme", "login": "ben",
            "password": "secret password", "device_name": "Ben's phone", "passphrase": passphrase,
        })
    };
    let error = session.call("enrol_device", enrol(None)).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Locked, "no key store here: {error}");
    assert_eq!(error.fields[0].field, "passphrase");
    assert_eq!(shown(&session).await.state, SessionState::Absent);
    let offline = refused(&session, "enrol_device", enrol(Some(PASSPHRASE))).await;
    assert_eq!(offline, ErrorCode::Unreachable);
    assert_eq!(shown(&session).await.state, SessionState::NotEnrolled);
}

#[tokio::test]
async fn a_locked_device_opens_with_its_passphrase_only_and_for_one_program_only() {
    let folder = enrolled();
    let session = Session::open(place(folder.path(), None)).await.unwrap();
    assert_eq!(shown(&session).await.state, SessionState::Locked);
    let list = json!({ "entity": "account", "limit": 5 });
    assert_eq!(refused(&session, "list_records", list).await, ErrorCode::Locked);
    assert_eq!(refused(&session, "sign_out", json!({})).await, ErrorCode::Locked);
    let wrong = json!({ "passphrase": "a guess" });
    assert_eq!(refused(&session, "unlock_device", wrong).await, ErrorCode::Locked);
    let mut events = session.events();
    session.call("unlock_device", json!({ "passphrase": PASSPHRASE })).await.unwrap();
    let view = shown(&session).await;
    assert_eq!((view.state, view.can_review), (SessionState::Ready, false));
    assert_eq!(view.who.as_deref(), Some("Ben"));
    loop {
        if let Event::SessionChanged { session } = events.recv().await.unwrap() {
            assert_eq!(*session, view);
            break;
        }
    }
    let second = Session::open(place(folder.path(), Some(PASSPHRASE))).await;
    assert_eq!(second.err().map(|error| error.code), Some(ErrorCode::Busy));
    session.stop().await;
    let second = Session::open(place(folder.path(), Some(PASSPHRASE))).await.unwrap();
    assert_eq!(shown(&second).await.state, SessionState::Ready, "the first let go of it");
}

#[tokio::test]
async fn a_write_is_told_with_its_records_and_the_strip_counts_it() {
    let folder = enrolled();
    let session = Session::open(place(folder.path(), Some(PASSPHRASE))).await.unwrap();
    let acme = account(&session, "Acme").await;
    let mut events = session.events();
    let visit = json!({ "kind": "visit", "record": acme["record"], "assignments": [] });
    let visit = session.call("log_activity", visit).await.unwrap();
    let made = visit["record"].as_str().unwrap().to_owned();
    let (mut told, mut queued) = (None, None);
    // The answer does not wait for the news: those of the account may come now.
    while told.is_none() || queued != Some(2) {
        match events.recv().await.unwrap() {
            Event::RecordsChanged { entities, records, .. } => {
                let is_of_visit = records.iter().any(|record| record.to_string() == made);
                if is_of_visit {
                    told = Some(entities);
                }
            }
            Event::QueueChanged { pending, .. } => queued = Some(pending),
            Event::SyncChanged { .. }
            | Event::ConflictsChanged { .. }
            | Event::FirstSync { .. }
            | Event::PlanProgress { .. }
            | Event::SessionChanged { .. } => {}
        }
    }
    let entities = told.unwrap();
    assert_eq!(entities, ["account", "activity"], "the visit is counted at its account");
    let strip = session.call("show_sync", json!({})).await.unwrap();
    let number = |name: &str| strip[name].as_u64().unwrap();
    assert_eq!(number("saved") + number("sending"), 2, "the background sync may be trying");
    let failed = json!({ "kind": "visit", "record": "ffffffff", "assignments": [] });
    assert_eq!(refused(&session, "log_activity", failed).await, ErrorCode::NotFound);
}

#[tokio::test]
async fn offline_is_a_state_that_the_background_sync_tells() {
    let folder = enrolled();
    let session = Session::open(place(folder.path(), Some(PASSPHRASE))).await.unwrap();
    let mut events = session.events();
    let report = refused(&session, "sync_now", json!({})).await;
    assert_eq!(report, ErrorCode::Unreachable);
    account(&session, "Acme").await;
    let mut strip = session.strip();
    while strip.state != SyncState::Offline || strip.saved != 1 {
        if let Event::SyncChanged { status } = events.recv().await.unwrap() {
            strip = status;
        }
    }
    assert_eq!(strip.problem, None, "being offline is no problem");
}

#[tokio::test]
async fn signing_out_is_refused_while_work_is_nowhere_else() {
    let folder = enrolled();
    let session = Session::open(place(folder.path(), Some(PASSPHRASE))).await.unwrap();
    account(&session, "Acme").await;
    let error = session.call("sign_out", json!({})).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::UnsentWork);
    assert!(error.message.contains("export"), "{error}");
    assert_eq!(shown(&session).await.state, SessionState::Ready, "it stays usable");
    account(&session, "Acorn").await;
}

#[tokio::test]
async fn signing_out_is_refused_while_work_waits_for_the_quarantine() {
    let testing::TestApp { app, folder } = testing::device("Rep");
    let account = testing::create(&app, "account", &["name=Acme"]);
    testing::Log::default().accept(&app, 0);
    let assignments = testing::assignments(&["city=Bern"]);
    app.run(SetFields { record: account.to_string(), entity: None, assignments, why: None })
        .unwrap();
    testing::forget(&app, DocumentKey::first(account, Facet::Internal));
    assert!(app.with(|replica| replica.pending()).unwrap().is_empty(), "it was set aside");
    drop(app);
    let session = Session::open(place(folder.path(), Some(PASSPHRASE))).await.unwrap();
    assert_eq!(refused(&session, "sign_out", json!({})).await, ErrorCode::UnsentWork);
    let bundle = session.call("export_bundle", json!({ "passphrase": null })).await.unwrap();
    assert_eq!(bundle["intents"], 1, "the bundle holds it");
    session.call("sign_out", json!({})).await.unwrap();
    assert!(!App::exists(folder.path()), "what is in a bundle may go");
}

#[tokio::test]
async fn signing_out_leaves_nothing_of_the_device() {
    let folder = enrolled();
    let session = Session::open(place(folder.path(), Some(PASSPHRASE))).await.unwrap();
    // What a request carries at this very moment could not be given up.
    session.0.stop_syncing().await;
    let acme = account(&session, "Acme").await;
    session.call("discard_intent", json!({ "intent": acme["intent"] })).await.unwrap();
    session.call("sign_out", json!({})).await.unwrap();
    assert_eq!(shown(&session).await.state, SessionState::Absent);
    assert!(!App::exists(folder.path()));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "nothing of the device stays: {left:?}");
}

#[tokio::test]
async fn planning_tells_its_progress_as_events() {
    let folder = enrolled();
    let session = Session::open(place(folder.path(), Some(PASSPHRASE))).await.unwrap();
    let mut events = session.events();
    session.call("show_forecast", json!({})).await.unwrap();
    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let Event::PlanProgress { what, done, total } = event {
            assert!(done <= total, "{what}: {done} of {total}");
            told.push(what);
        }
    }
    assert!(told.iter().any(|what| what == "validate"), "{told:?}");
    session.call("stop_planning", json!({})).await.unwrap();
    session.call("show_forecast", json!({})).await.unwrap();
}

#[tokio::test]
async fn a_bundle_is_written_where_files_go_and_then_the_device_may_go() {
    let (device, files) = (enrolled(), tempfile::tempdir().unwrap());
    let place =
        Place { files: Some(files.path().to_owned()), ..place(device.path(), Some(PASSPHRASE)) };
    let session = Session::open(place).await.unwrap();
    let account = json!({
        "entity": "account",
        "assignments": [{ "field": "name", "change": "set", "value": "Zqcanary" }],
    });
    session.call("create_record", account).await.unwrap();
    assert!(session.call("sign_out", json!({})).await.is_err(), "that work is nowhere else");
    let bundle = session.call("export_bundle", json!({ "passphrase": null })).await.unwrap();
    let bundle: BundleView = serde_json::from_value(bundle).unwrap();
    let file = bundle.file.expect("it is in a file");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), bundle.text);
    session.call("sign_out", json!({})).await.unwrap();
    assert!(std::path::Path::new(&file).is_file(), "the file outlives the device");
}
