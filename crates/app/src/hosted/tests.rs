//! What becomes of work and of reads when the server's word does not come.

use std::sync::atomic::AtomicUsize;

use roadbook_api::events::SyncState;
use roadbook_domain::{TenantId, UserId};
use roadbook_replica::{HistoryRequest, HistoryResponse, SyncRequest, SyncResponse};
use roadbook_sync_protocol::{Cursor, Page, Verdict};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::host::tests::TestHost;
use crate::testing::{answer, server_key};

/// A server that answers as a test says, and the views that it keeps.
struct Scripted<F>(F, Mutex<Vec<u8>>);

impl<F: Fn(SyncRequest) -> ApiResult<SyncResponse> + Send + Sync> Upstream for Scripted<F> {
    fn exchange(&self, request: SyncRequest) -> ApiResult<SyncResponse> {
        (self.0)(request)
    }

    fn history(&self, _: HistoryRequest) -> ApiResult<HistoryResponse> {
        Ok(HistoryResponse::default())
    }

    fn views(&self) -> ApiResult<Vec<u8>> {
        Ok(self.1.lock().unwrap().clone())
    }

    fn keep_views(&self, views: &[u8]) -> ApiResult<()> {
        if views.windows(6).any(|it| it == b"broken") {
            return Err(busy());
        }
        views.clone_into(&mut self.1.lock().unwrap());
        Ok(())
    }
}

fn hosted(
    script: impl Fn(SyncRequest) -> ApiResult<SyncResponse> + Send + Sync + 'static,
) -> (Hosted, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let place = HostedPlace {
        folder: folder.path().join("replica"),
        host: Arc::new(TestHost::new()),
        device: DeviceId::from_bytes([5; 16]),
        device_name: "Browser".to_owned(),
        seed: [6; 32],
        install_epoch: 1,
        tenant_name: "acme".to_owned(),
        enrolment: EnrolResponse {
            tenant: TenantId::from_bytes([1; 16]),
            user: UserId::from_bytes([2; 16]),
            user_name: "Ben".to_owned(),
            role: "Rep".to_owned(),
            server_key: hex(server_key().verifying_key().as_bytes()),
            recovery_key: hex(&[9; 32]),
            salt_key: hex(&[4; 32]),
            restore_epoch: 1,
            wall_ms: 1_700_000_000_000,
        },
        pages: PageBytes::shipped(),
    };
    (Hosted::open(&place, Box::new(Scripted(script, Mutex::default()))).unwrap(), folder)
}

fn page(more: bool) -> SyncResponse {
    let page = Page {
        items: Vec::new(),
        next: Cursor(vec![1]),
        position: 0,
        more,
        remaining: 0,
        receipt: None,
        devices: Vec::new(),
    };
    SyncResponse { page: Some(page), ..answer() }
}

fn busy() -> ApiError {
    ApiError::new(ErrorCode::Busy, "the server is busy")
}

/// Carries a command out, blocking.
fn call(hosted: &Hosted, name: &str, request: Value) -> ApiResult<Value> {
    match dispatch::way(name).unwrap() {
        Way::Read(carry) => {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(hosted.0.read(carry, request))
        }
        Way::Write(carry) => hosted.0.write(carry, request),
        Way::View(carry) => hosted.0.keep_view(carry, request),
        Way::Keep(_) | Way::Own(_) | Way::Session(_) => panic!("{name} neither reads nor writes"),
    }
}

fn create() -> Value {
    let name = json!({ "field": "name", "change": "set", "value": "Acme" });
    json!({ "entity": "account", "assignments": [name] })
}

#[test]
fn work_that_the_gate_only_holds_is_not_told_as_done() {
    let (hosted, _folder) = hosted(|request| {
        let pushed = request.push.into_iter().flat_map(|batch| batch.envelopes);
        let held = |intent| Verdict::Held { waits_for: intent, reason: "not here yet".to_owned() };
        let verdicts = pushed.map(|it| (it.intent, held(it.intent))).collect();
        Ok(SyncResponse { verdicts, ..page(false) })
    });
    let error = call(&hosted, "create_record", create()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Busy, "{error}");
    assert!(error.message.contains("could not say"), "{error}");
    assert!(!hosted.is_usable(), "nobody can say what becomes of it");
    assert_eq!(hosted.0.news.strip().problem, Some(ErrorCode::Busy), "and the strip says so");
}

#[test]
fn a_replica_that_is_not_full_yet_does_not_take_itself_for_full_after_a_failure() {
    let asked = AtomicUsize::new(0);
    let fails = Arc::new(AtomicBool::new(true));
    let failing = Arc::clone(&fails);
    let (hosted, _folder) = hosted(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(page(true)),
        _ if failing.load(Ordering::SeqCst) => Err(busy()),
        _ => Ok(page(false)),
    });
    assert_eq!(hosted.0.news.strip().state, SyncState::Syncing);
    // A record that has not come is not said to be gone, and nobody waits for ever.
    let record = json!({ "record": "0192f0c1-0000-7000-8000-000000000000" });
    let read = std::thread::scope(|scope| {
        let reads = scope.spawn(|| call(&hosted, "show_record", record.clone()));
        while !reads.is_finished() {
            assert_eq!(hosted.refresh().unwrap_err().code, ErrorCode::Busy);
        }
        reads.join().unwrap()
    });
    assert_eq!(read.unwrap_err().code, ErrorCode::Busy);
    let strip = hosted.0.news.strip();
    assert_eq!((strip.state, strip.problem), (SyncState::Degraded, Some(ErrorCode::Busy)));
    assert!(hosted.is_usable());

    fails.store(false, Ordering::SeqCst);
    hosted.refresh().unwrap();
    assert_eq!(call(&hosted, "show_record", record).unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(hosted.0.news.strip().state, SyncState::Online);
}

#[test]
fn a_browser_keeps_no_more_views_than_the_server_takes() {
    let (hosted, _folder) = hosted(|_| Ok(page(false)));
    let save = |name: &str, filter: &str, times: usize| {
        let filters = vec![filter; times];
        let view = json!({ "entity": "account", "name": name, "filters": filters });
        call(&hosted, "save_view", view)
    };
    let number = || call(&hosted, "list_views", json!({})).unwrap().as_array().unwrap().len();
    for at in 0..100 {
        save(&format!("View {at}"), "city=Kiel", 1).unwrap();
    }
    let error = save("One more", "city=Kiel", 1).unwrap_err();
    assert_eq!((error.code, number()), (ErrorCode::BadInput, 100), "{error}");
    save("View 7", "city=Bergen", 1).unwrap();
    let gone = json!({ "entity": "account", "name": "View 8" });
    call(&hosted, "remove_view", gone).unwrap();
    assert_eq!(save("Long", "city=Kiel", 6_000).unwrap_err().code, ErrorCode::BadInput);
    assert_eq!(save("broken", "city=Kiel", 1).unwrap_err().code, ErrorCode::Busy);
    assert_eq!(number(), 99, "what the server does not keep is not shown");
}
