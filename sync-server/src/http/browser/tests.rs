//! What bounds the cache, and what the gate's word means to a hosted replica.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use roadbook_app_http::hosted::{
    HistoryRequest, HistoryResponse, Hosted, PageBytes, SyncRequest, SyncResponse, Upstream,
};
use roadbook_app_http::{ApiError, Backend as _, Doors as _, ErrorCode, Event};
use roadbook_domain::UserId;
use roadbook_policy::Role;
use serde_json::{Value, json};

use super::super::tests::world::{ManualClock, config, data_dir, ids};
use super::doors::BrowserDoors;
use super::follow::{Retry, follow};
use super::pass::Pass;
use super::seat::Seat;
use super::upstream::TenantUpstream;
use super::*;
use crate::host::Clock as _;
use crate::identity::password;
use crate::tenant::{Credential, IdentityKind, NewUser, Tenant};

/// A safeguard against a hang, not something that a test waits for.
const GIVE_UP: Duration = Duration::from_secs(60);

/// A server that nobody reaches over HTTP, and its cache.
struct Held {
    folder: tempfile::TempDir,
    clock: Arc<ManualClock>,
    server: Arc<Server>,
    tenant: Arc<Tenant>,
    ana: UserId,
    cache: Arc<Cache>,
    runtime: tokio::runtime::Runtime,
}

impl Held {
    fn start(settings: &[(&'static str, &str)]) -> Self {
        let (folder, ana) = data_dir(IdentityKind::Real);
        let clock = Arc::new(ManualClock::at_start());
        let config = config(folder.path(), settings);
        let server = Server::open(config, Arc::clone(&clock) as _, Box::new(ids(2))).unwrap();
        let server = Arc::new(server);
        let tenant = server.tenants.all().pop().unwrap();
        let cache = Self::open_cache(&server);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        Self { folder, clock, server, tenant, ana, cache, runtime }
    }

    fn open_cache(server: &Arc<Server>) -> Arc<Cache> {
        let host: Arc<dyn Host> =
            Arc::new(ServerHost { clock: Arc::clone(&server.clock), ids: server.ids.clone() });
        Arc::new(Cache::open(Arc::clone(server), host).unwrap())
    }

    fn user(&self, name: &str) -> UserId {
        let login = Some(name.to_owned());
        let new = NewUser { name: name.to_owned(), login, role: Role::Rep, territory: None };
        let mut ids = ids(u64::from(name.as_bytes()[0]) * 1_000);
        self.tenant.add_user(&new, self.clock.now_ms(), &mut ids).unwrap().id
    }

    fn seat(&self, user: UserId) -> Arc<Seat> {
        let device = device::of(&self.tenant, user, self.clock.now_ms()).unwrap();
        self.cache.seat(&self.tenant, user, device)
    }

    fn host(&self) -> Arc<ServerHost> {
        let clock = Arc::clone(&self.server.clock);
        Arc::new(ServerHost { clock, ids: self.server.ids.clone() })
    }

    /// The doors as a program that was just started opens them.
    fn doors(&self) -> BrowserDoors {
        BrowserDoors::new(Arc::clone(&self.server), Self::open_cache(&self.server), self.host())
    }

    /// Ana's pass, as her sign-in would give it now.
    fn pass(&self) -> Pass {
        let credential = self.tenant.credential_of(self.ana).unwrap().unwrap();
        Pass { seat: self.seat(self.ana), password: credential.mark() }
    }

    /// A session of Ana, whose replica is not open: its cookie.
    fn session(&self, doors: &BrowserDoors) -> String {
        doors.sessions.start(self.pass(), &*self.host())
    }

    fn is_in(&self, doors: &BrowserDoors, cookie: &str) -> bool {
        self.runtime.block_on(doors.visit(cookie)).is_ok()
    }

    fn use_seat(&self, seat: &Arc<Seat>) {
        self.runtime.block_on(self.cache.room(seat)).map(|_| ()).unwrap();
    }

    /// The folders of replicas.
    fn folders(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("browser")).unwrap().count()
    }

    fn metric(&self, line: &str) -> bool {
        self.server.metrics.text().contains(line)
    }
}

#[test]
fn replicas_are_bounded_and_the_one_used_least_recently_makes_room() {
    let held = Held::start(&[("browser.replicas", "2")]);
    let seats = [held.ana, held.user("ben"), held.user("cem")].map(|user| held.seat(user));
    for seat in &seats[..2] {
        held.use_seat(seat);
        held.clock.advance(1_000);
    }
    held.use_seat(&seats[0]);
    held.clock.advance(1_000);
    held.use_seat(&seats[2]);
    let open = |seat: &Arc<Seat>| seat.open_room().is_some();
    assert_eq!(seats.each_ref().map(open), [true, false, true], "ben was there longest ago");
    assert_eq!(held.folders(), 2, "its folder is gone");
    assert!(held.metric("roadbook_hosted_evictions_total{why=\"count\"} 1"));
    assert!(held.metric("roadbook_hosted_replicas 2"));
    held.use_seat(&seats[1]);
    assert!(open(&seats[1]), "who comes back gets a new one");
}

#[test]
fn saved_views_outlive_the_replica_and_the_program_and_are_the_users_own() {
    use std::os::unix::fs::PermissionsExt as _;
    let held = Held::start(&[]);
    let call = |cache: &Arc<Cache>, user, name: &str, request: Value| {
        let device = device::of(&held.tenant, user, held.clock.now_ms()).unwrap();
        let seat = cache.seat(&held.tenant, user, device);
        let guest = seat::Guest { cache: Arc::clone(cache), seat };
        held.runtime.block_on(guest.call(name, request)).unwrap()
    };
    let view = json!({ "entity": "account", "name": "Kiel", "filters": ["city=Kiel"] });
    call(&held.cache, held.ana, "save_view", view);
    let named = |cache: &Arc<Cache>, user| {
        let views = call(cache, user, "list_views", json!({ "entity": "account" }));
        views.as_array().unwrap().iter().map(|it| it["name"].clone()).collect::<Vec<_>>()
    };
    held.cache.evict(&held.seat(held.ana), "idle");
    assert_eq!(named(&held.cache, held.ana), ["Kiel"], "in the next replica");
    let restarted = Held::open_cache(&held.server);
    assert_eq!(named(&restarted, held.ana), ["Kiel"], "and after a restart");
    assert!(named(&restarted, held.user("ben")).is_empty(), "they are Ana's");
    let entries = std::fs::read_dir(held.folder.path().join("browser")).unwrap();
    let file = entries.map(|it| it.unwrap()).find(|it| it.path().extension().is_some()).unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    call(&restarted, held.ana, "remove_view", json!({ "entity": "account", "name": "Kiel" }));
    assert!(named(&restarted, held.ana).is_empty());
}

#[test]
fn idle_replicas_are_closed_and_bytes_are_bounded() {
    let held = Held::start(&[("browser.idle_minutes", "10"), ("browser.cache_mb", "1")]);
    let (ana, ben) = (held.seat(held.ana), held.seat(held.user("ben")));
    held.use_seat(&ana);
    held.clock.advance(9 * 60_000);
    held.cache.sweep();
    assert!(ana.open_room().is_some());
    let listens = ana.hub.subscribe();
    held.clock.advance(60_000);
    held.cache.sweep();
    assert!(ana.open_room().is_some(), "a page listens");
    drop(listens);
    held.cache.sweep();
    assert!(ana.open_room().is_none());
    assert_eq!(held.folders(), 0);
    assert!(held.metric("roadbook_hosted_evictions_total{why=\"idle\"} 1"));

    held.use_seat(&ana);
    let room = ana.open_room().unwrap();
    std::fs::write(room.folder.0.join("ballast"), vec![0; 1024 * 1024]).unwrap();
    drop(room);
    held.cache.sweep();
    assert!(ana.open_room().is_none(), "the disk is bounded");
    held.use_seat(&ben);
    assert!(held.metric("roadbook_hosted_evictions_total{why=\"bytes\"} 1"));
}

#[test]
fn what_an_earlier_run_left_is_wiped_and_nothing_of_it_could_be_read() {
    let held = Held::start(&[]);
    let seat = held.seat(held.ana);
    held.use_seat(&seat);
    let room = seat.open_room().unwrap();
    let create = json!({
        "entity": "account",
        "assignments": [{ "field": "name", "change": "set", "value": "canary" }],
    });
    held.runtime.block_on(room.hosted.call("create_record", create)).unwrap();
    let mut read = 0;
    for entry in std::fs::read_dir(&room.folder.0).unwrap() {
        let path = entry.unwrap().path();
        assert!(!path.ends_with("keys.json"), "the key is in memory alone");
        let bytes = std::fs::read(&path).unwrap();
        read += bytes.len();
        assert!(!bytes.windows(6).any(|found| found == b"canary"), "{}", path.display());
        assert!(!bytes.starts_with(b"SQLite format"), "{}", path.display());
    }
    assert!(read > 10_000, "the scan found the database");
    drop(room);
    let root = held.folder.path().join("browser");
    std::fs::create_dir(root.join("replica-left")).unwrap();
    std::fs::write(root.join("replica-left/device.db"), "x").unwrap();
    std::fs::write(root.join("notes"), "not ours").unwrap();
    Held::open_cache(&held.server);
    let mut left: Vec<_> =
        std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["notes"]);
}

#[test]
fn what_the_gate_denies_is_told_with_its_remedy_and_leaves_nothing_behind() {
    let held = Held::start(&[]);
    let now_ms = held.clock.now_ms();
    held.tenant.set_role(held.ana, Role::Manager, now_ms, &mut ids(60)).unwrap();
    // Filled without anybody who follows the log, so that it does not hear of the next line.
    let (hosted, _folder) = held.cache.fill(&held.seat(held.ana)).unwrap();
    let call = |name: &str, request: Value| held.runtime.block_on(hosted.call(name, request));
    let account = call(
        "create_record",
        json!({ "entity": "account",
                "assignments": [{ "field": "name", "change": "set", "value": "Acme" }] }),
    )
    .unwrap();
    held.tenant.set_role(held.ana, Role::Rep, now_ms, &mut ids(61)).unwrap();
    let before = held.tenant.look().unwrap();
    let product = json!({ "record": account["record"],
        "assignments": [{ "field": "tax_id", "change": "set", "value": "DE123456789" }] });
    let error = call("set_fields", product).unwrap_err();
    assert_eq!(error.code, ErrorCode::Refused, "{error}");
    assert!(error.message.contains("; "), "reason and remedy: {error}");
    assert_eq!(held.tenant.look().unwrap(), before, "nothing of it is in the log");
    let queue = call("show_queue", json!({})).unwrap();
    assert_eq!(
        (&queue["pending"], &queue["needs_you"], &queue["discarded"]),
        (&json!([]), &json!([]), &json!([])),
        "no outbox"
    );
    let shown = call("show_record", json!({ "record": account["record"] })).unwrap();
    assert_eq!(shown["fields"]["tax_id"], Value::Null, "and the record is as it was");
    assert!(hosted.is_usable());
}

/// Makes sixty accounts with long descriptions: more than a first page holds. Gives their ids.
fn make_accounts(held: &Held, hosted: &Hosted) -> Vec<Value> {
    let long = "It rained all day. ".repeat(700);
    let set =
        |field: &str, value: String| json!({ "field": field, "change": "set", "value": value });
    let make = |n| {
        let create = json!({
            "entity": "account",
            "assignments": [set("name", format!("Account {n}")), set("description", long.clone())],
        });
        let done = held.runtime.block_on(hosted.call("create_record", create)).unwrap();
        done["record"].clone()
    };
    (0..60).map(make).collect()
}

/// The way to a tenant, where some exchanges fail before they reach it.
struct Failing {
    upstream: TenantUpstream,
    /// Counts the exchanges from 0; those that these say are refused with the code.
    asked: AtomicU64,
    refused: std::ops::Range<u64>,
    code: ErrorCode,
}

impl Upstream for Failing {
    fn exchange(&self, request: SyncRequest) -> Result<SyncResponse, ApiError> {
        if self.refused.contains(&self.asked.fetch_add(1, Ordering::SeqCst)) {
            return Err(ApiError::new(self.code, "not now"));
        }
        self.upstream.exchange(request)
    }

    fn history(&self, request: HistoryRequest) -> Result<HistoryResponse, ApiError> {
        self.upstream.history(request)
    }

    fn views(&self) -> Result<Vec<u8>, ApiError> {
        self.upstream.views()
    }

    fn keep_views(&self, views: &[u8]) -> Result<(), ApiError> {
        self.upstream.keep_views(views)
    }
}

#[test]
fn a_replica_can_be_used_while_the_rest_of_the_records_comes() {
    let held = Held::start(&[]);
    let seat = held.seat(held.ana);
    let (hosted, folder) = held.cache.fill(&seat).unwrap();
    let made = make_accounts(&held, &hosted);
    drop((hosted, folder));

    let (hosted, _folder) = held.cache.fill(&seat).unwrap();
    let call = |name: &str, request: Value| held.runtime.block_on(hosted.call(name, request));
    let list = json!({ "entity": "account", "limit": 1_000 });
    let first = call("list_records", list.clone()).unwrap()["records"].as_array().unwrap().len();
    assert!((1..60).contains(&first), "{first} accounts are there at once");
    let mut told = hosted.events();
    // One that is not here yet is waited for, whoever asks first.
    let last = json!({ "record": made[59] });
    let shown = std::thread::scope(|scope| {
        let asks = scope.spawn(|| call("show_record", last));
        scope.spawn(|| hosted.refresh().unwrap());
        asks.join().unwrap()
    });
    assert_eq!(shown.unwrap()["title"], "Account 59");
    let all = call("list_records", list).unwrap()["records"].as_array().unwrap().len();
    assert_eq!(all, 60);
    let mut ended = Vec::new();
    while let Ok(event) = told.try_recv() {
        if let Event::FirstSync { finished, .. } = event {
            ended.push(finished);
        }
    }
    assert_eq!(ended.last(), Some(&true), "{ended:?}");
    // What fails is not told as a sync that went well.
    while told.try_recv().is_ok() {}
    hosted.give_up();
    assert!(!hosted.is_usable() && hosted.refresh().is_err());
    assert!(told.try_recv().is_err(), "nothing is told");
}

#[test]
fn what_is_done_while_the_records_come_is_told_as_done_and_kept() {
    let mut held = Held::start(&[]);
    let mut cache = Arc::into_inner(held.cache).unwrap();
    // So small that the records take far more pages than a write makes exchanges.
    cache.pages = PageBytes { first: 16 * 1024, next: 16 * 1024 };
    held.cache = Arc::new(cache);
    let seat = held.seat(held.ana);
    let (hosted, folder) = held.cache.fill(&seat).unwrap();
    make_accounts(&held, &hosted);
    drop((hosted, folder));

    let (hosted, _folder) = held.cache.fill(&seat).unwrap();
    let call = |name: &str, request: Value| held.runtime.block_on(hosted.call(name, request));
    let list = json!({ "entity": "account", "limit": 1_000 });
    let count = || call("list_records", list.clone()).unwrap()["records"].as_array().unwrap().len();
    let before = held.tenant.look().unwrap();
    let create = json!({ "entity": "account",
        "assignments": [{ "field": "name", "change": "set", "value": "Acme" }] });
    let made = call("create_record", create).unwrap();
    assert_eq!(held.tenant.look().unwrap(), before + 1, "it is in the log, once");
    assert!(count() < 30, "most is still to come: {}", count());
    assert!(hosted.is_usable());
    let shown = call("show_record", json!({ "record": made["record"] })).unwrap();
    assert_eq!(shown["title"], "Acme", "and it can be seen");
    hosted.refresh().unwrap();
    assert_eq!(count(), 61);
    assert_eq!(call("show_queue", json!({})).unwrap()["pending"], json!([]));
    assert_eq!(held.tenant.look().unwrap(), before + 1, "nor sent again");
}

#[test]
fn a_refresh_that_failed_is_tried_again_though_the_log_is_quiet() {
    let held = Held::start(&[]);
    let seat = held.seat(held.ana);
    let (hosted, folder) = held.cache.fill(&seat).unwrap();
    make_accounts(&held, &hosted);
    drop((hosted, folder));
    let open = |refused, code| {
        let (place, folder) = held.cache.place(&seat).unwrap();
        let upstream = held.cache.upstream(&seat);
        let failing = Failing { upstream, asked: AtomicU64::new(0), refused, code };
        (Arc::new(Hosted::open(&place, Box::new(failing)).unwrap()), folder)
    };
    let follow = |hosted: &Arc<Hosted>| {
        let retry = Retry { first: Duration::ZERO, longest: Duration::ZERO };
        follow(held.tenant.subscribe(), Arc::downgrade(hosted), retry)
    };

    let (hosted, _folder) = open(1..4, ErrorCode::Busy);
    let mut told = hosted.events();
    let mut problems = Vec::new();
    held.runtime.block_on(async {
        let following = tokio::spawn(follow(&hosted));
        let full = async {
            loop {
                let event = told.recv().await.unwrap();
                if matches!(event, Event::FirstSync { finished: true, .. }) {
                    break;
                }
                if let Event::SyncChanged { status } = event {
                    problems.push(status.problem);
                }
            }
        };
        tokio::time::timeout(GIVE_UP, full).await.unwrap();
        following.abort();
    });
    assert!(problems.contains(&Some(ErrorCode::Busy)), "meanwhile the strip says so");
    let list = json!({ "entity": "account", "limit": 1_000 });
    let listed = held.runtime.block_on(hosted.call("list_records", list)).unwrap();
    assert_eq!(listed["records"].as_array().unwrap().len(), 60);

    let (hosted, _folder) = open(1..2, ErrorCode::Internal);
    held.runtime.block_on(async { tokio::time::timeout(GIVE_UP, follow(&hosted)).await }).unwrap();
    assert!(!hosted.is_usable(), "the next command opens a new one");
}

#[test]
fn a_session_outlives_the_program_and_signing_out_ends_it_for_good() {
    let held = Held::start(&[]);
    let before = held.doors();
    let cookies = [(); 2].map(|()| held.session(&before));
    held.runtime.block_on(before.keep());
    let file = held.folder.path().join("browser/sessions.json");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains(&cookies[0]), "only the hash is kept");
    let after = held.doors();
    assert!(cookies.iter().all(|cookie| held.is_in(&after, cookie)), "nobody signs in again");
    assert!(!held.is_in(&after, &"0".repeat(64)));
    assert!(after.sign_out(&cookies[0]));
    let third = held.doors();
    assert!(!held.is_in(&third, &cookies[0]) && held.is_in(&third, &cookies[1]));
    held.clock.advance(61 * 60_000);
    assert!(!held.is_in(&held.doors(), &cookies[1]), "it was idle for too long");
    std::fs::write(&file, "{").unwrap();
    assert!(!held.is_in(&held.doors(), &cookies[1]), "a broken file lets nobody in");
}

#[test]
fn revoking_the_browser_ends_its_sessions_also_when_their_replica_is_closed() {
    let held = Held::start(&[]);
    let doors = held.doors();
    let cookies = [(); 2].map(|()| held.session(&doors));
    held.runtime.block_on(doors.keep());
    let seat = held.seat(held.ana);
    assert!(held.is_in(&doors, &cookies[0]) && seat.open_room().is_none());
    held.tenant.revoke(seat.device, held.clock.now_ms()).unwrap();
    assert!(!held.is_in(&doors, &cookies[0]));
    assert!(!held.is_in(&doors, &cookies[1]), "all of the user's sessions");
    assert!(!held.is_in(&held.doors(), &cookies[0]), "nor after a restart");
    assert!(held.cache.fill(&seat).is_err(), "no replica is opened as another device");
    assert_eq!(held.tenant.devices().unwrap().len(), 1, "no other device was enrolled");
    let anew = held.session(&doors);
    assert!(held.is_in(&doors, &anew), "who signs in again comes in by the next device");
    assert_eq!(held.tenant.devices().unwrap().len(), 2);
}

#[test]
fn a_new_password_ends_the_sessions_that_the_old_one_opened() {
    let held = Held::start(&[]);
    let doors = held.doors();
    let old = [(); 3].map(|()| held.session(&doors));
    held.runtime.block_on(doors.keep());
    let credential = held.tenant.credential_of(held.ana).unwrap().unwrap();
    let password_hash = password::hash("another horse", &mut ids(90)).unwrap();
    held.tenant.put_credential(&Credential { password_hash, ..credential }).unwrap();
    let new = held.session(&doors);
    assert!(!held.is_in(&held.doors(), &old[0]), "nor after a restart");
    assert!(!held.is_in(&doors, &old[1]), "at once for an action");
    assert!(held.is_in(&doors, &new), "what the new one opened goes on");

    let listens = held.session(&doors);
    let lasts = held.runtime.block_on(doors.visit(&listens)).unwrap().lasts;
    let credential = held.tenant.credential_of(held.ana).unwrap().unwrap();
    let password_hash = password::hash("a third horse", &mut ids(91)).unwrap();
    held.tenant.put_credential(&Credential { password_hash, ..credential }).unwrap();
    held.runtime.block_on(doors.sweep());
    assert!(lasts.has_changed().is_err(), "a page that only listens is told");
}

#[test]
fn a_list_of_sessions_from_before_a_sign_out_is_never_the_last_one_written() {
    let held = Held::start(&[]);
    let doors = held.doors();
    let cookie = held.session(&doors);
    let mut lasts = held.runtime.block_on(doors.visit(&cookie)).unwrap().lasts;
    std::thread::scope(|scope| {
        let list = || {
            let before = doors.sessions.kept(held.clock.now_ms());
            scope.spawn(|| doors.sign_out(&cookie));
            // Signed out, and not written: that waits for this list to be written.
            assert!(held.runtime.block_on(lasts.changed()).is_err());
            before
        };
        doors.kept.write(list).unwrap();
    });
    assert!(!held.is_in(&held.doors(), &cookie), "no restart brings it back");
}
