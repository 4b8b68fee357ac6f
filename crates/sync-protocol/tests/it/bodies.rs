//! The JSON bodies of signing in, enrolling and the directory: other programs write them too.

use std::fmt::Debug;

use roadbook_domain::{DeviceId, RecordId, TenantId, UserId};
use roadbook_sync_protocol::account::{
    DirectoryEntry, DirectoryRequest, DirectoryResponse, EnrolRequest, EnrolResponse, Problem,
    SignInRequest, SignInResponse,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn json<T: Serialize + DeserializeOwned>(value: &T) -> String {
    let text = serde_json::to_string_pretty(value).unwrap();
    let back: T = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string_pretty(&back).unwrap(), text);
    text
}

fn sign_in() -> SignInRequest {
    SignInRequest { tenant: "acme".into(), login: "ana".into(), password: "correct horse".into() }
}

fn enrolled() -> EnrolResponse {
    EnrolResponse {
        tenant: TenantId::from_bytes([1; 16]),
        user: UserId::from_bytes([2; 16]),
        user_name: "Ana".into(),
        role: "Rep".into(),
        server_key: "03".into(),
        recovery_key: "04".into(),
        salt_key: "a secret".into(),
        restore_epoch: 6,
        wall_ms: 7,
    }
}

#[test]
fn signing_in_keeps_its_form() {
    let answer = SignInResponse { id_token: "eyJ".into() };
    insta::assert_snapshot!([json(&sign_in()), json(&answer)].join("\n"));
}

#[test]
fn enrolling_keeps_its_form() {
    let device = DeviceId::from_bytes([1; 16]);
    let request = EnrolRequest { device, name: "Ana's phone".into(), public_key: "ab".into() };
    insta::assert_snapshot!([json(&request), json(&enrolled())].join("\n"));
}

#[test]
fn the_directory_keeps_its_form() {
    let entry = |id: &str, belongs_to: Option<&str>, teams: &[&str]| DirectoryEntry {
        external_id: format!("crm:{id}"),
        name: id.to_owned(),
        belongs_to: belongs_to.map(str::to_owned),
        teams: teams.iter().map(|team| (*team).to_owned()).collect(),
    };
    let request = DirectoryRequest {
        territories: vec![entry("north", None, &[]), entry("coast", Some("crm:north"), &[])],
        teams: vec![entry("pumps", Some("crm:mia"), &[])],
        users: vec![entry("mia", Some("crm:coast"), &["crm:pumps"])],
    };
    let id = |n| RecordId::from_bytes([n; 16]);
    let answer = DirectoryResponse {
        territories: vec![id(1), id(2)],
        teams: vec![id(3)],
        users: vec![id(4)],
        created: 4,
    };
    insta::assert_snapshot!([json(&request), json(&answer)].join("\n"));
}

#[test]
fn problems_keep_their_form() {
    let problem = Problem {
        kind: "/problems/clock".into(),
        title: "The clock is off".into(),
        status: 401,
        detail: "Set the device's clock.".into(),
        server_wall_ms: Some(5),
    };
    let plain = Problem { kind: "about:blank".into(), server_wall_ms: None, ..problem.clone() };
    assert_eq!(problem.code(), "clock");
    assert_eq!(plain.code(), "about:blank");
    insta::assert_snapshot!([json(&problem), json(&plain)].join("\n"));
}

#[test]
fn secrets_are_not_in_debug_texts() {
    let texts = [debug(&sign_in()), debug(&enrolled())];
    assert!(texts.iter().all(|text| text.len() > 10), "{texts:?}");
    for secret in ["correct horse", "a secret"] {
        assert!(texts.iter().all(|text| !text.contains(secret)), "{texts:?}");
    }
}

fn debug(value: &impl Debug) -> String {
    format!("{value:?}")
}
