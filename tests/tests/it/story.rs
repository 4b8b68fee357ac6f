//! The story of `roadbook-story`, played as a test.

use std::path::Path;
use std::process::Command;

use roadbook_tests::story::{Kept, STEPS, import, play, restore};

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
