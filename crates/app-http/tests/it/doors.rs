//! Who is let in, and what everybody else is told.

use std::io::{BufRead as _, BufReader};
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::served::Served;

const JSON: &str = "content-type: application/json";

#[test]
fn a_link_lets_one_browser_in_and_commands_are_carried_out() {
    let served = Served::start(None);
    let link = served.doors.link();
    assert_eq!(served.send("GET", &format!("/open?token={link}"), &[], "").status, 303);
    let again = served.send("GET", &format!("/open?token={link}"), &[], "");
    assert_eq!(again.status, 403, "a link that was used opens nothing");
    assert!(again.header("set-cookie").is_none());
    assert_eq!(served.send("GET", "/open?token=guess", &[], "").status, 403);
    assert_eq!(served.send("GET", "/open", &[], "").status, 403);
    let late = served.doors.link();
    served.host.now_ms.fetch_add(10 * 60 * 1_000, Ordering::SeqCst);
    assert_eq!(served.send("GET", &format!("/open?token={late}"), &[], "").status, 403);

    let (cookie, csrf) = served.enter();
    let shown = served.send("POST", "/api/show_session", &[JSON, &cookie, &csrf], "{}");
    assert_eq!((shown.status, shown.json()["state"].as_str()), (200, Some("absent")));
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    let list = served.send(
        "POST",
        "/api/list_records",
        &[JSON, &cookie, &csrf],
        r#"{"entity":"account","limit":5}"#,
    );
    assert_eq!(list.code(), (404, "no_device".to_owned()));
    let unknown = served.send("POST", "/api/drop_tables", &[JSON, &cookie, &csrf], "{}");
    assert_eq!(unknown.code(), (400, "bad_input".to_owned()));
    let sign_in = served.send(
        "POST",
        "/api/sign_in",
        &[JSON],
        r#"{"tenant":"a","login":"b","password":"c"}"#,
    );
    assert_eq!(sign_in.code(), (403, "not_here".to_owned()));
}

#[test]
fn a_cookie_without_its_token_carries_nothing_out() {
    let served = Served::start(None);
    let (cookie, csrf) = served.enter();
    let send = |headers: &[&str]| served.send("POST", "/api/show_session", headers, "{}");
    assert_eq!(send(&[JSON, &cookie, &csrf]).status, 200);
    assert_eq!(send(&[JSON, &cookie]).code(), (403, "refused".to_owned()), "no token");
    let session = served.send("GET", "/api/session", &[&cookie], "").json();
    let given = format!("x-roadbook-csrf: {}", session["csrf"].as_str().unwrap());
    assert_eq!(given, csrf, "whoever holds the cookie gets it: the cookie is the whole session");
    let wrong = format!("x-roadbook-csrf: {}", "0".repeat(64));
    assert_eq!(send(&[JSON, &cookie, &wrong]).code(), (403, "refused".to_owned()));
    let (_, other) = served.enter();
    assert_eq!(send(&[JSON, &cookie, &other]).status, 403, "another session's token");
    assert_eq!(send(&[JSON, &csrf]).code(), (401, "not_signed_in".to_owned()), "no cookie");
    let guess = format!("cookie: roadbook-test={}", "0".repeat(64));
    assert_eq!(send(&[JSON, &guess, &csrf]).code(), (401, "not_signed_in".to_owned()));
    let form = "content-type: application/x-www-form-urlencoded";
    assert_eq!(send(&[form, &cookie, &csrf]).code(), (400, "bad_input".to_owned()));
    let outside = served.send("GET", "/api/session", &[], "");
    assert_eq!(outside.code(), (401, "not_signed_in".to_owned()));
    assert_eq!(outside.json()["mode"], "device", "the page knows where to send the person");
}

#[test]
fn a_write_that_is_sent_again_to_another_run_of_the_host_is_refused() {
    let served = Served::start(None);
    let (cookie, csrf) = served.enter();
    let session = served.send("GET", "/api/session", &[&cookie], "").json();
    let run = format!("x-roadbook-run: {}", session["run"].as_str().unwrap());
    let send = |headers: &[&str]| {
        let all = [&[JSON, cookie.as_str(), csrf.as_str()], headers].concat();
        served.send("POST", "/api/show_session", &all, "{}")
    };
    let other = "x-roadbook-run: 0";
    let refused = send(&["x-roadbook-once: a", other]);
    assert_eq!(refused.code(), (503, "unreachable".to_owned()), "the run before may have done it");
    assert_eq!(send(&["x-roadbook-once: a", &run]).status, 200, "the first one never came");
    assert_eq!(send(&["x-roadbook-once: a", other]).status, 200, "it is known by now");
    let long = format!("x-roadbook-once: {}", "a".repeat(65));
    assert_eq!(send(&[&long]).code(), (400, "bad_input".to_owned()));
}

#[test]
fn another_site_and_another_name_get_nothing() {
    let served = Served::start(None);
    let (cookie, csrf) = served.enter();
    let here = format!("origin: http://127.0.0.1:{}", served.port);
    let send = |headers: &[&str]| {
        let all = [&[JSON, cookie.as_str(), csrf.as_str()], headers].concat();
        served.send("POST", "/api/show_session", &all, "{}").status
    };
    assert_eq!(send(&[&here, "sec-fetch-site: same-origin"]), 200);
    for foreign in [
        "origin: http://evil.example",
        "origin: null",
        "origin: http://127.0.0.1:1",
        &format!("origin: https://127.0.0.1:{}", served.port),
        "sec-fetch-site: cross-site",
        "sec-fetch-site: same-site",
    ] {
        assert_eq!(send(&[foreign]), 403, "{foreign}");
    }
    let rebound = format!("host: evil.example:{}", served.port);
    for (method, path) in [
        ("POST", "/api/show_session"),
        ("GET", "/api/session"),
        ("GET", "/api/events"),
        ("GET", "/today"),
        ("GET", "/open?token=x"),
    ] {
        let answer = served.send(method, path, &[&rebound, JSON, &cookie, &csrf], "");
        assert_eq!(answer.code(), (403, "refused".to_owned()), "{method} {path}");
    }
    let localhost = format!("host: localhost:{}", served.port);
    assert_eq!(send(&[&localhost]), 200, "a name of this machine");
    let session = served.send("GET", "/api/session", &[&cookie, "sec-fetch-site: cross-site"], "");
    assert_eq!(session.status, 403, "the token is for this page alone");
}

#[test]
fn bodies_are_bounded_and_must_be_json() {
    let served = Served::start(None);
    let (cookie, csrf) = served.enter();
    let headers = [JSON, cookie.as_str(), csrf.as_str()];
    let large = format!("{{\"text\":\"{}\"}}", "x".repeat(1024 * 1024));
    let answer = served.send("POST", "/api/add_note", &headers, &large);
    assert_eq!(answer.code(), (413, "bad_input".to_owned()));
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let answer = served.send("POST", "/api/add_note", &headers, &deep);
    assert_eq!(answer.code(), (400, "bad_input".to_owned()));
    assert_eq!(served.send("POST", "/api/show_session", &headers, "").status, 400);
    assert_eq!(served.send("GET", "/api/show_session", &headers, "").status, 405);
    assert_eq!(served.send("DELETE", "/today", &headers, "").status, 405);
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for_for_ever() {
    let served = Served::start_with(None, Duration::from_millis(1));
    let (cookie, csrf) = served.enter();
    for path in ["/api/show_session", "/api/sign_in"] {
        let headers = [JSON, cookie.as_str(), csrf.as_str(), "content-length: 2"];
        let answer = served.send("POST", path, &headers, "");
        assert_eq!(answer.code(), (408, "unreachable".to_owned()), "{path}");
    }
}

#[test]
fn events_begin_with_how_things_stand_and_end_with_the_host() {
    let served = Served::start(None);
    let (cookie, _) = served.enter();
    let open = || {
        let mut lines = BufReader::new(served.open("GET", "/api/events", &[&cookie], "")).lines();
        let head: Vec<_> =
            lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
        (head, lines)
    };
    let (head, mut lines) = open();
    assert!(head[0].contains("200"), "{head:?}");
    assert!(head.iter().any(|line| line.to_lowercase().contains("text/event-stream")), "{head:?}");
    let mut told = lines.by_ref().map_while(Result::ok).filter(|line| line.contains(": "));
    assert_eq!(told.next().as_deref(), Some("event: roadbook"));
    let data = told.next().unwrap();
    assert!(data.starts_with(r#"data: {"event":"sync_changed""#), "{data}");
    let second = open();
    assert!(second.0[0].contains("200"));
    let third = served.send("GET", "/api/events", &[&cookie], "");
    assert_eq!(third.code(), (429, "too_many".to_owned()), "streams are bounded");
    assert_eq!(served.send("GET", "/api/events", &[], "").code().0, 401);
    served.stopping.send_replace(true);
    assert!(told.all(|line| !line.starts_with("event")), "the stream ends");
}
