//! Health, metrics, events, and how the server stops.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};

use serde_json::Value;

use super::super::Clock as _;
use super::world::{World, ids, nothing_new, read_answer, request_bytes};

/// Opens an event stream, past its head.
fn events(world: &World) -> BufReader<std::net::TcpStream> {
    let proof = world.proof("GET", "/v1/events", b"");
    let mut stream = world.connect();
    let request = request_bytes("GET", "/v1/events", &format!("Authorization: {proof}\r\n"), b"");
    stream.write_all(&request).unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    while line.trim() != "" {
        line.clear();
        reader.read_line(&mut line).unwrap();
    }
    reader
}

/// Reads on until an event; its data.
fn next_event(reader: &mut BufReader<std::net::TcpStream>) -> u64 {
    let mut line = String::new();
    let mut is_more = false;
    loop {
        line.clear();
        assert!(reader.read_line(&mut line).unwrap() > 0, "the stream ended");
        is_more |= line.trim() == "event: more";
        if let Some(data) = line.trim().strip_prefix("data: ") {
            assert!(is_more, "an event of another kind");
            return data.parse().unwrap();
        }
    }
}

#[test]
fn an_event_comes_at_once_and_whenever_the_log_grows() {
    let world = World::start();
    let mut stream = events(&world);
    let first = next_event(&mut stream);
    assert_eq!(first, *world.tenant.subscribe().borrow());
    world.tenant.add_territory("North", None, world.clock.now_ms(), &mut ids(5)).unwrap();
    assert!(next_event(&mut stream) > first);
}

#[test]
fn an_event_tells_of_what_another_process_wrote() {
    let world = World::start();
    let mut stream = events(&world);
    let first = next_event(&mut stream);
    let outside = world.outside();
    outside.add_territory("North", None, world.clock.now_ms(), &mut ids(5)).unwrap();
    assert!(next_event(&mut stream) > first);
}

#[test]
fn an_event_stream_ends_when_its_device_is_revoked() {
    let world = World::start();
    let mut stream = events(&world);
    next_event(&mut stream);
    world.tenant.revoke(world.device.id, world.clock.now_ms()).unwrap();
    world.tenant.add_territory("North", None, world.clock.now_ms(), &mut ids(5)).unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("data:"), "{rest}");
}

#[test]
fn an_event_stream_ends_when_its_user_is_locked_out_and_none_begins() {
    let world = World::start();
    let mut stream = events(&world);
    next_event(&mut stream);
    let (user, now_ms) = (world.ana, world.clock.now_ms());
    world.tenant.deactivate_user(user, now_ms, &mut ids(5)).unwrap();
    world.tenant.add_territory("North", None, now_ms, &mut ids(6)).unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("data:"), "{rest}");
    let proof = world.proof("GET", "/v1/events", b"");
    let header = format!("Authorization: {proof}\r\n");
    let answer = world.send("GET", "/v1/events", &header, b"");
    assert_eq!(answer.refusal(), (403, "revoked".to_owned()));
    world.tenant.activate_user(user, now_ms, &mut ids(7)).unwrap();
    next_event(&mut events(&world));
}

#[test]
fn more_devices_than_allowed_are_told_to_poll() {
    let world = World::start_with(&[("limits.event_streams", "1")]);
    let first = events(&world);
    let proof = world.proof("GET", "/v1/events", b"");
    let header = format!("Authorization: {proof}\r\n");
    let answer = world.send("GET", "/v1/events", &header, b"");
    assert_eq!(answer.refusal(), (503, "too_many_streams".to_owned()));
    drop(first);
}

#[test]
fn a_stop_finishes_the_request_in_flight_and_ends_event_streams() {
    let mut world = World::start();
    let mut waiting = events(&world);
    next_event(&mut waiting);
    let body = nothing_new(0);
    let header = format!("Authorization: {}\r\n", world.proof("POST", "/v1/sync", &body));
    let whole = request_bytes("POST", "/v1/sync", &header, &body);
    let head = std::str::from_utf8(&whole[..whole.len() - body.len()]).unwrap();
    // Asking for a "continue" and getting it proves that the server has begun on the request.
    let head = head.replace("Connection: close", "Connection: close\r\nExpect: 100-continue");
    let mut stream = world.connect();
    stream.write_all(head.as_bytes()).unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    world.stop();
    world.wait_until_stopping();
    let mut rest = String::new();
    waiting.read_to_string(&mut rest).unwrap();
    stream.write_all(&body).unwrap();
    let answer = read_answer(stream);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    world.join();
}

#[test]
fn a_request_whose_body_does_not_come_is_given_up() {
    let world = World::start_with(&[("limits.request_timeout_s", "1")]);
    let body = nothing_new(0);
    let header = format!("Authorization: {}\r\n", world.proof("POST", "/v1/sync", &body));
    let whole = request_bytes("POST", "/v1/sync", &header, &body);
    let mut stream = world.connect();
    stream.write_all(&whole[..whole.len() - 1]).unwrap();
    assert_eq!(read_answer(stream).refusal(), (408, "timeout".to_owned()));
}

#[test]
fn health_says_why_the_server_is_not_ready() {
    let world = World::start();
    assert_eq!(world.get("/health/live").status, 200);
    let ready = world.get("/health/ready");
    assert_eq!((ready.status, ready.json::<Value>()["status"].clone()), (200, "ready".into()));
    world.server.stopping.send_replace(true);
    let ready = world.get("/health/ready");
    assert_eq!(ready.status, 503);
    assert_eq!(ready.json::<Value>()["reasons"][0], "the server is stopping");
    assert_eq!(world.get("/health/live").status, 200, "live all the same");
}

#[test]
fn the_version_names_everything_that_must_fit_together() {
    let world = World::start();
    let version: Value = world.get("/version").json();
    for key in ["version", "protocol_min", "protocol_max", "mutator_version", "policy_version"] {
        assert!(!version[key].is_null(), "{key} in {version}");
    }
}

#[test]
fn metrics_count_requests_by_route_and_may_ask_for_a_token() {
    let world = World::start();
    assert_eq!(world.sync().status, 200);
    let text = String::from_utf8(world.get("/metrics").body).unwrap();
    let line = "roadbook_http_requests_total{route=\"/v1/sync\",method=\"POST\",status=\"200\"} 1";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("roadbook_sync_seconds_count 1"), "{text}");
    let world = World::start_with(&[("metrics.token", "a-token-of-16-characters")]);
    assert_eq!(world.get("/metrics").refusal(), (401, "bad_metrics_token".to_owned()));
    let header = "Authorization: Bearer a-token-of-16-characters\r\n";
    assert_eq!(world.send("GET", "/metrics", header, b"").status, 200);
}

#[test]
fn the_key_set_has_the_issuers_key() {
    let world = World::start();
    let keys: Value = world.get("/v1/jwks").json();
    let kid = crate::identity::token::key_id(&world.tenant.keys().verifying());
    assert_eq!(keys["keys"][0]["kid"], kid.as_str());
    assert_eq!(keys["keys"][0]["crv"], "Ed25519");
}
