//! The story of `roadbook-story`, played as a test.

use std::path::Path;
use std::process::Command;

use roadbook_tests::demo::Demo;
use roadbook_tests::story::{Kept, STEPS, import, pages, play, repair, restore};

/// The folder of the real programs, built if they are not.
fn programs() -> &'static Path {
    let story = Path::new(env!("CARGO_BIN_EXE_roadbook-story"));
    let folder = story.parent().expect("a program lies in a folder");
    let missing = ["roadbook", "roadbook-server"]
        .iter()
        .any(|name| !folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)).exists());
    if missing {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--package", "roadbook-cli", "--package", "roadbook-server"]);
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        let built = cargo.status().expect("cargo starts");
        assert!(built.success(), "the programs cannot be built");
    }
    folder
}

#[test]
fn two_reps_one_conflict_one_manager_and_nobody_sees_what_is_not_theirs() {
    let mut kept = Kept::default();
    if let Err(error) = play(programs(), &mut kept) {
        panic!("after {} facts, in `{:?}`: {error:#}", kept.facts.len(), kept.steps.last());
    }
    assert_eq!(kept.steps.len(), STEPS as usize, "the demo counts the steps");
    assert!(kept.facts.len() > 100, "only {} facts were checked", kept.facts.len());
}

#[test]
fn an_import_makes_nothing_twice_and_a_second_device_gets_the_same() {
    let mut kept = Kept::default();
    if let Err(error) = import(programs(), &mut kept) {
        panic!("after {} facts, in `{:?}`: {error:#}", kept.facts.len(), kept.steps.last());
    }
    assert!(kept.facts.len() >= 15, "only {} facts were checked", kept.facts.len());
}

#[test]
fn a_restored_server_gets_back_what_came_after_the_backup() {
    let mut kept = Kept::default();
    if let Err(error) = restore(programs(), &mut kept) {
        panic!("after {} facts, in `{:?}`: {error:#}", kept.facts.len(), kept.steps.last());
    }
    assert!(kept.facts.len() >= 14, "only {} facts were checked", kept.facts.len());
}

#[test]
fn what_is_lost_or_damaged_is_given_back_or_read_again() {
    let mut kept = Kept::default();
    if let Err(error) = repair(programs(), &mut kept) {
        panic!("after {} facts, in `{:?}`: {error:#}", kept.facts.len(), kept.steps.last());
    }
    assert!(kept.facts.len() >= 20, "only {} facts were checked", kept.facts.len());
}

#[test]
fn a_page_that_is_cut_midway_costs_no_other_page() {
    let mut kept = Kept::default();
    if let Err(error) = pages(programs(), &mut kept) {
        panic!("after {} facts, in `{:?}`: {error:#}", kept.facts.len(), kept.steps.last());
    }
    assert!(kept.facts.len() >= 15, "only {} facts were checked", kept.facts.len());
}

#[test]
fn the_demo_lets_everybody_in_and_leaves_nothing_running() {
    let mut kept = Kept::default();
    let demo = match Demo::open(programs(), None, &mut kept) {
        Ok(demo) => demo,
        Err(error) => panic!("in `{:?}`: {error:#}", kept.steps.last()),
    };
    let addresses = demo.addresses();
    assert_eq!(addresses.len(), 3, "two reps and a manager: {addresses:?}");
    for rep in &addresses[..2] {
        assert!(answer("GET", &rep.url, "").starts_with("HTTP/1.1 303"), "{rep:?}");
        assert!(rep.sign_in.is_none());
    }
    let manager = &addresses[2];
    let sign_in = manager.sign_in.as_ref().expect("the manager signs in");
    let body = format!(
        r#"{{"tenant":"{}","login":"{}","password":"{}"}}"#,
        sign_in.tenant, sign_in.login, sign_in.password
    );
    let answered = answer("POST", &format!("{}api/sign_in", manager.url), &body);
    assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
    let processes = demo.processes();
    assert_eq!(processes.len(), 3);
    demo.stop().expect("all programs end in peace");
    for process in processes {
        let gone = !Path::new(&format!("/proc/{process}")).exists();
        assert!(gone, "process {process} still runs");
    }
}

/// The answer to a request.
fn answer(method: &str, url: &str, body: &str) -> String {
    use std::io::{Read as _, Write as _};
    let rest = url.strip_prefix("http://").expect("the demo is on this machine");
    let (host, path) = rest.split_once('/').expect("an address has a path");
    let mut stream = std::net::TcpStream::connect(host).expect("somebody listens");
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("the request is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer comes");
    answer
}
