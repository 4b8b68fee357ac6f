//! Tests of the network adapter; where a server is needed, one that says what a test tells it to.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use roadbook_domain::Entity;
use roadbook_sync_protocol::{Cursor, SyncRequest, decode_request};

use super::*;
use crate::testing::{Device, Fixed, START_MS, accepted, enrolment, page, text};

fn refused(code: &str, status: u16) -> SyncError {
    SyncError::Refused(Box::new(Problem {
        kind: format!("/problems/{code}"),
        title: String::new(),
        status,
        detail: String::new(),
        server_wall_ms: None,
    }))
}

#[test]
fn what_timed_out_at_the_server_is_tried_again_and_may_have_been_done() {
    let error = refused("timeout", 408);
    assert!(error.is_retryable(), "a slow moment of the server ends no background sync");
    assert!(!error.kept_it_here(), "the server may still carry it out");
}

#[test]
fn what_a_gate_on_the_way_says_is_no_last_word() {
    for status in [302, 403, 404, 511] {
        let error = refused(UNEXPLAINED, status);
        assert!(error.is_retryable(), "{status}");
        assert!(!error.kept_it_here(), "nobody knows what stands behind the gate, {status}");
    }
}

#[test]
fn what_the_server_itself_refuses_is_neither_tried_again_nor_done() {
    for (code, status) in [("revoked", 403), ("too_large", 413), ("bad_signature", 400)] {
        let error = refused(code, status);
        assert!(!error.is_retryable() && error.kept_it_here(), "{code}");
    }
}

struct Still;

impl Host for Still {
    fn wall_ms(&self) -> i64 {
        START_MS
    }

    fn fill(&self, out: &mut [u8]) {
        out.fill(7);
    }
}

/// A server that gives these answers, one for each call, and then tells what it was asked.
fn serve(
    answers: Vec<(&'static str, Vec<u8>)>,
) -> (String, std::thread::JoinHandle<Vec<SyncRequest>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let asked = answers.into_iter().map(|(status, body)| {
            let (mut stream, _) = listener.accept().unwrap();
            let frame = read_call(&mut stream);
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&body).unwrap();
            decode_request(&frame).unwrap()
        });
        asked.collect()
    });
    (url, serving)
}

/// The body of a call.
fn read_call(stream: &mut std::net::TcpStream) -> Vec<u8> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    body
}

#[tokio::test]
async fn a_cursor_that_the_server_cannot_read_leads_to_reading_again() {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    let items = vec![accepted(1, &ana.envelopes()[0])];
    let mut bo = Device::new(4, "Rep");
    bo.take_in(page(items.clone(), 1));
    let SyncError::Refused(problem) = refused("bad_cursor", 400) else { panic!("a refusal") };
    let problem = serde_json::to_vec(&*problem).unwrap();
    let whole = encode(&page(items, 1)).unwrap();
    let (url, serving) = serve(vec![("400 Bad Request", problem), ("200 OK", whole)]);
    let there = Enrolment { server_url: url, ..enrolment(4, "Rep") };
    bo.replica.enrol(&there, &mut Fixed(4)).unwrap();
    let Device { replica, dir, .. } = bo;
    let replica = Mutex::new(replica);
    let link = Link::new().unwrap();
    let done = link.sync(&replica, &Still, Verify::No, &|_| {}, &Cancel::default()).await;
    assert_eq!(done.unwrap().exchanges, 1);
    let asked: Vec<Cursor> =
        serving.join().unwrap().into_iter().map(|asked| asked.pull.unwrap().cursor).collect();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1], Cursor::default(), "from the beginning");
    let row = lock(&replica).record(account).unwrap();
    assert_eq!(row.unwrap().value("name"), &text("Acme"), "and nothing went");
    drop(dir);
}
