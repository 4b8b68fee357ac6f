//! Browsers over real HTTP: signing in, acting, and what everybody else is told.

use std::io::{BufRead as _, BufReader, Write as _};

use roadbook_domain::{RecordId, UserId};
use serde_json::{Value, json};

use super::world::*;
use crate::identity::password;
use crate::tenant::{Credential, IdentityKind, NewUser};
use roadbook_policy::Role;

const JSON: &str = "content-type: application/json";

/// A browser that is signed in.
struct Page<'a> {
    world: &'a World,
    cookie: String,
    csrf: String,
}

/// Sends a request with headers, one a line, by a name that the server goes by.
fn send(world: &World, method: &str, path: &str, headers: &[&str], body: &Value) -> Answer {
    let stream = open(world, method, path, headers, body);
    read_answer(stream)
}

fn open(
    world: &World,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &Value,
) -> std::net::TcpStream {
    let body = if method == "POST" { body.to_string() } else { String::new() };
    let mut lines = vec![format!("{method} {path} HTTP/1.1"), "connection: close".to_owned()];
    if !headers.iter().any(|header| header.starts_with("host:")) {
        lines.push(format!("host: {}", world.address));
    }
    lines.extend(headers.iter().map(|header| (*header).to_owned()));
    lines.push(format!("content-length: {}", body.len()));
    let mut stream = world.connect();
    stream.write_all(format!("{}\r\n\r\n{body}", lines.join("\r\n")).as_bytes()).unwrap();
    stream
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json::<Value>()["code"].as_str().unwrap().to_owned())
}

fn credentials(login: &str, password: &str) -> Value {
    json!({ "tenant": "main", "login": login, "password": password })
}

impl<'a> Page<'a> {
    fn sign_in(world: &'a World, login: &str) -> Self {
        let body = credentials(login, PASSWORD);
        let answer = send(world, "POST", "/api/sign_in", &[JSON], &body);
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let set = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        assert!(set.contains("httponly") && set.contains("samesite=strict"), "{set}");
        let cookie = format!("cookie: {}", set.split(';').next().unwrap());
        let session = send(world, "GET", "/api/session", &[&cookie], &Value::Null);
        let session: Value = session.json();
        assert_eq!(session["mode"], "hosted");
        let csrf = format!("x-roadbook-csrf: {}", session["csrf"].as_str().unwrap());
        Self { world, cookie, csrf }
    }

    fn post(&self, name: &str, body: &Value) -> Answer {
        self.post_with(name, &[], body)
    }

    fn post_with(&self, name: &str, headers: &[&str], body: &Value) -> Answer {
        let all = [&[JSON, self.cookie.as_str(), self.csrf.as_str()], headers].concat();
        send(self.world, "POST", &format!("/api/{name}"), &all, body)
    }

    fn call(&self, name: &str, body: &Value) -> Value {
        let answer = self.post(name, body);
        assert_eq!(answer.status, 200, "{name}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    fn create(&self, entity: &str, name: &str) -> String {
        let assignments = json!([{ "field": "name", "change": "set", "value": name }]);
        let made =
            self.call("create_record", &json!({ "entity": entity, "assignments": assignments }));
        made["record"].as_str().unwrap().to_owned()
    }

    fn names(&self, entity: &str) -> Vec<String> {
        let page = self.call("list_records", &json!({ "entity": entity, "limit": 50 }));
        let records = page["records"].as_array().unwrap();
        records.iter().map(|record| record["title"].as_str().unwrap().to_owned()).collect()
    }
}

/// Adds a user with the tests' password.
fn user(world: &World, login: &str, role: Role, territory: Option<RecordId>) -> UserId {
    let mut ids = ids(u64::from(login.as_bytes()[0]) * 1_000);
    let new = NewUser { name: login.to_owned(), login: Some(login.to_owned()), role, territory };
    let user = world.tenant.add_user(&new, now(world), &mut ids).unwrap().id;
    let password_hash = password::hash(PASSWORD, &mut ids).unwrap();
    let kind = IdentityKind::Real;
    let credential = Credential { user, login: login.to_owned(), password_hash, kind };
    world.tenant.put_credential(&credential).unwrap();
    user
}

fn now(world: &World) -> i64 {
    use crate::host::Clock as _;
    world.clock.now_ms()
}

#[test]
fn what_a_browser_does_is_in_the_log_when_it_is_answered() {
    let world = World::start();
    let page = Page::sign_in(&world, "ana");
    let shown = page.call("show_session", &json!({}));
    assert_eq!((shown["state"].as_str(), shown["who"].as_str()), (Some("ready"), Some("Ana")));
    assert_eq!(shown["device_name"], "Browser");
    let before = world.tenant.look().unwrap();
    let acme = page.create("account", "Acme");
    assert_eq!(world.tenant.look().unwrap(), before + 1, "the gate has judged it");
    assert_eq!(page.names("account"), ["Acme"]);
    let queue = page.call("show_queue", &json!({}));
    assert_eq!((&queue["pending"], &queue["needs_you"]), (&json!([]), &json!([])));
    let health = page.call("check_health", &json!({}));
    assert_eq!((&health["healthy"], &health["equal"]), (&json!(true), &json!(true)));
    let history = page.call("show_history", &json!({ "record": acme }));
    assert_eq!(history[0]["made_by"]["device_name"], "Browser", "others see where it was done");
    assert_eq!(history[0]["accepted"], true);
    let done =
        page.call("log_activity", &json!({ "kind": "visit", "record": acme, "assignments": [] }));
    let undone = page.post("undo_intent", &json!({ "intent": done["intent"] }));
    assert_eq!(undone.status, 200, "{}", String::from_utf8_lossy(&undone.body));
    let older = page.call("show_history", &json!({ "record": acme, "older": true }));
    assert_eq!(older.as_array().map(Vec::len), Some(3), "the visit, its undo and the making");
    for name in ["import_records", "export_records", "change_passphrase", "enrol_device"] {
        assert_eq!(code(&page.post(name, &json!({}))), (403, "not_here".to_owned()), "{name}");
    }
}

#[test]
fn a_wrong_password_an_unknown_name_and_an_unknown_tenant_look_the_same() {
    let world = World::start_with(&[("limits.sign_ins_per_minute", "3")]);
    let refused = |body: &Value| {
        let answer = send(&world, "POST", "/api/sign_in", &[JSON], body);
        assert!(!answer.head.contains("set-cookie"), "{}", answer.head);
        (answer.status, answer.json::<Value>())
    };
    let wrong = refused(&credentials("ana", "wrong password"));
    assert_eq!((wrong.0, &wrong.1["code"]), (401, &json!("sign_in_failed")));
    assert_eq!(refused(&credentials("nobody", PASSWORD)), wrong);
    let elsewhere = json!({ "tenant": "other", "login": "ana", "password": PASSWORD });
    assert_eq!(refused(&elsewhere), wrong);
    assert_eq!(refused(&json!({ "login": "ana" })).0, 400);
    for _ in 0..2 {
        refused(&credentials("ana", "wrong password"));
    }
    let limited = refused(&credentials("ana", PASSWORD));
    assert_eq!((limited.0, &limited.1["code"]), (429, &json!("too_many")), "even the right one");
    let form = ["content-type: text/plain"];
    assert_eq!(
        send(&world, "POST", "/api/sign_in", &form, &credentials("ana", PASSWORD)).status,
        400
    );
    let foreign = [JSON, "origin: http://evil.example"];
    let answer = send(&world, "POST", "/api/sign_in", &foreign, &credentials("ana", PASSWORD));
    assert_eq!(answer.status, 403, "nobody is signed in by another site");
}

#[test]
fn what_comes_too_often_is_refused_before_it_is_read() {
    let world = World::start_with(&[
        ("limits.sign_ins_per_minute", "1"),
        ("browser.requests_per_minute", "5"),
    ]);
    user(&world, "mia", Role::Manager, None);
    let page = Page::sign_in(&world, "ana");
    for _ in 0..4 {
        assert_eq!(page.post("show_session", &json!({})).status, 200);
    }
    assert_eq!(code(&page.post("show_session", &json!({}))), (429, "too_many".to_owned()));
    let other = Page::sign_in(&world, "mia");
    assert_eq!(
        other.post("show_session", &json!({})).status,
        200,
        "others have a share of their own"
    );
    world.clock.advance(60_000);
    assert_eq!(page.post("show_session", &json!({})).status, 200);

    // Six sign-ins a minute from one address; the next one is refused however large it is.
    let large = credentials(&"x".repeat(32 * 1024), PASSWORD);
    let sign_in = || send(&world, "POST", "/api/sign_in", &[JSON], &large);
    for _ in 0..6 {
        assert_eq!(sign_in().status, 413);
    }
    assert_eq!(code(&sign_in()), (429, "too_many".to_owned()));
    world.clock.advance(60_000);
    let long = credentials(&"x".repeat(257), PASSWORD);
    let answer = send(&world, "POST", "/api/sign_in", &[JSON], &long);
    assert_eq!(code(&answer), (400, "bad_input".to_owned()));
}

#[test]
fn a_cookie_without_its_token_another_origin_and_another_name_carry_nothing_out() {
    let world = World::start();
    let page = Page::sign_in(&world, "ana");
    let body = json!({ "entity": "account", "assignments": [{ "field": "name", "change": "set", "value": "Stolen" }] });
    let before = world.tenant.look().unwrap();
    let create =
        |headers: &[&str]| send(&world, "POST", "/api/create_record", headers, &body).status;
    assert_eq!(create(&[JSON, &page.cookie]), 403, "the cookie without the token");
    assert_eq!(create(&[JSON, &page.csrf]), 401, "the token alone");
    for foreign in ["origin: http://evil.example", "origin: null", "sec-fetch-site: cross-site"] {
        assert_eq!(create(&[JSON, &page.cookie, &page.csrf, foreign]), 403, "{foreign}");
    }
    assert_eq!(create(&["content-type: text/plain", &page.cookie, &page.csrf]), 400);
    let rebound = create(&["host: evil.example", JSON, &page.cookie, &page.csrf]);
    assert_eq!(rebound, 404, "the server does not go by that name");
    assert_eq!(send(&world, "GET", "/today", &["host: evil.example"], &Value::Null).status, 404);
    assert_eq!(world.tenant.look().unwrap(), before, "nothing was done");
    assert_eq!(page.names("account"), [""; 0]);
    let page_answer = send(&world, "GET", "/today", &[], &Value::Null);
    assert!(page_answer.head.contains("content-security-policy"), "{}", page_answer.head);
    assert_eq!(send(&world, "GET", "/v1/unknown", &[], &Value::Null).refusal().1, "unknown_route");
}

#[test]
fn a_user_of_another_territory_opens_a_known_address_and_finds_nothing() {
    let world = World::start();
    let mut ids = ids(50);
    let north = world.tenant.add_territory("North", None, now(&world), &mut ids).unwrap().id;
    let south = world.tenant.add_territory("South", None, now(&world), &mut ids).unwrap().id;
    user(&world, "nora", Role::Rep, Some(north));
    user(&world, "sam", Role::Rep, Some(south));
    let nora = Page::sign_in(&world, "nora");
    let sam = Page::sign_in(&world, "sam");
    let acme = nora.create("account", "Acme");
    assert_eq!(nora.names("account"), ["Acme"]);
    for (name, body) in [
        ("show_record", json!({ "record": acme })),
        ("show_history", json!({ "record": acme })),
        ("show_timeline", json!({ "record": acme, "limit": 10 })),
        ("delete_record", json!({ "record": acme })),
    ] {
        let answer = sam.post(name, &body);
        assert_eq!(code(&answer), (404, "not_found".to_owned()), "{name}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("Acme"), "{name}");
    }
    sam.call("sync_now", &json!({}));
    assert_eq!(sam.names("account"), [""; 0], "also after looking again");
    let found = sam.call("search_records", &json!({ "text": "Acme", "limit": 10 }));
    assert_eq!(found["hits"], json!([]));
    assert_eq!(nora.names("account"), ["Acme"], "nothing was deleted");
}

#[test]
fn what_others_do_is_pushed_to_the_page() {
    let world = World::start();
    let mut ids = ids(50);
    let north = world.tenant.add_territory("North", None, now(&world), &mut ids).unwrap().id;
    user(&world, "mia", Role::Manager, Some(north));
    user(&world, "nora", Role::Rep, Some(north));
    let mia = Page::sign_in(&world, "mia");
    mia.names("account");
    let stream = open(&world, "GET", "/api/events", &[&mia.cookie], &Value::Null);
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert!(lines.next().unwrap().contains("200"));
    Page::sign_in(&world, "nora").create("account", "Acme");
    let told = lines.find(|line| line.contains("records_changed")).unwrap();
    assert!(told.contains("account"), "{told}");
    // An event comes after the change can be seen.
    assert_eq!(mia.names("account"), ["Acme"]);
}

#[test]
fn sessions_end_by_signing_out_by_time_and_with_their_user_or_device() {
    let world = World::start();
    let page = Page::sign_in(&world, "ana");
    let stranger = send(&world, "POST", "/api/sign_out", &[JSON, &page.cookie], &json!({}));
    assert_eq!(stranger.status, 403, "nobody is signed out by another site");
    let out = page.post("sign_out", &json!({}));
    assert!(out.status == 200 && out.head.contains("max-age=0"), "{}", out.head);
    assert_eq!(code(&page.post("show_session", &json!({}))), (401, "not_signed_in".to_owned()));

    let page = Page::sign_in(&world, "ana");
    world.clock.advance(59 * 60_000);
    assert_eq!(page.post("show_session", &json!({})).status, 200);
    world.clock.advance(60 * 60_000);
    assert_eq!(page.post("show_session", &json!({})).status, 401, "idle for an hour");

    let page = Page::sign_in(&world, "ana");
    let acme = page.create("account", "Acme");
    let browsers = || {
        let devices = world.tenant.devices().unwrap();
        devices.into_iter().filter(|device| device.name == "Browser").collect::<Vec<_>>()
    };
    assert_eq!(browsers().len(), 1, "one device for all of a user's sessions");
    world.tenant.revoke(browsers()[0].id, now(&world)).unwrap();
    assert_eq!(page.post("show_record", &json!({ "record": acme })).status, 401, "revoked");
    let page = Page::sign_in(&world, "ana");
    assert_eq!(page.names("account"), ["Acme"], "who signs in again gets a new device");
    assert_eq!(browsers().len(), 2);
    world.tenant.deactivate_user(world.ana, now(&world), &mut ids(70)).unwrap();
    assert_eq!(page.post("show_record", &json!({ "record": acme })).status, 401, "kept out");
    let again = send(&world, "POST", "/api/sign_in", &[JSON], &credentials("ana", PASSWORD));
    assert_eq!(code(&again), (401, "sign_in_failed".to_owned()));
}

#[test]
fn behind_tls_the_cookie_is_bound_to_the_host_and_only_its_names_are_answered() {
    let world = World::start_with(&[("browser.hosts", "crm.example")]);
    let body = credentials("ana", PASSWORD);
    let named = ["host: crm.example", JSON, "origin: https://crm.example"];
    let answer = send(&world, "POST", "/api/sign_in", &named, &body);
    assert_eq!(answer.status, 200);
    let cookie = answer.head.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
    assert!(cookie.contains("__host-roadbook=") && cookie.contains("; secure"), "{cookie}");
    assert!(answer.head.contains("strict-transport-security"), "{}", answer.head);
    let plain = ["host: crm.example", JSON, "origin: http://crm.example"];
    assert_eq!(send(&world, "POST", "/api/sign_in", &plain, &body).status, 403);
    assert_eq!(send(&world, "POST", "/api/sign_in", &[JSON], &body).status, 404, "by its address");
    let off = World::start_with(&[("browser.access", "off")]);
    assert_eq!(send(&off, "POST", "/api/sign_in", &[JSON], &body).status, 404);
}
