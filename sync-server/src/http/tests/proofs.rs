//! Who is let in: device proofs.

use roadbook_domain::{IntentId, TenantId};
use roadbook_sync_protocol::{Quarantined, RequestProof, SyncResponse, decode, encode};

use super::super::Clock as _;
use super::world::{TestDevice, World, nothing_new};
use crate::tenant::Tenant;

fn refusal(code: &str) -> (u16, String) {
    (401, code.to_owned())
}

#[test]
fn an_enrolled_device_syncs() {
    let world = World::start();
    let answer = world.sync();
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert!(answer.head.contains("content-type: application/vnd.roadbook.sync"));
    assert!(answer.head.contains("x-request-id: "));
    let response: SyncResponse = decode(&answer.body).unwrap();
    assert_eq!(response.hello.wall_ms, world.clock.now_ms());
}

#[test]
fn a_request_without_a_proof_is_refused() {
    let world = World::start();
    let body = nothing_new(0);
    assert_eq!(world.post("/v1/sync", "", &body).refusal(), refusal("proof_missing"));
    let header = "Authorization: Roadbook-Device nonsense\r\n";
    assert_eq!(world.post("/v1/sync", header, &body).refusal(), refusal("bad_proof"));
}

#[test]
fn a_signature_of_another_key_is_refused() {
    let world = World::start();
    let body = nothing_new(0);
    let stranger = TestDevice::new(8).key;
    let proof = RequestProof::sign(
        &stranger,
        world.tenant.id(),
        world.device.id,
        world.clock.now_ms(),
        "POST",
        "/v1/sync",
        &body,
    );
    assert_eq!(world.proven(&proof, "/v1/sync", &body).refusal(), refusal("bad_proof"));
}

#[test]
fn a_body_or_a_path_changed_on_the_way_is_refused() {
    let world = World::start();
    let body = nothing_new(0);
    let proof = world.proof("POST", "/v1/sync", &body);
    let mut changed = body.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(world.proven(&proof, "/v1/sync", &changed).refusal(), refusal("bad_proof"));
    assert_eq!(world.proven(&proof, "/v1/surrender", &body).refusal(), refusal("bad_proof"));
    assert_eq!(world.proven(&proof, "/v1/sync?x=1", &body).refusal(), refusal("bad_proof"));
    assert_eq!(world.proven(&proof, "/v1/sync", &body).status, 200, "unchanged it is fine");
}

#[test]
fn a_clock_more_than_ten_minutes_off_is_told_the_servers_time() {
    let world = World::start();
    let body = nothing_new(0);
    let proof = world.proof("POST", "/v1/sync", &body);
    world.clock.advance(10 * 60_000);
    assert_eq!(world.proven(&proof, "/v1/sync", &body).status, 200, "ten minutes are fine");
    world.clock.advance(1);
    let answer = world.proven(&proof, "/v1/sync", &body);
    assert_eq!(answer.refusal(), refusal("clock_skew"));
    assert_eq!(answer.problem().server_wall_ms, Some(world.clock.now_ms()));
    let (tenant, device) = (world.tenant.id(), &world.device);
    let early = world.clock.now_ms() + 10 * 60_000 + 1;
    let proof =
        RequestProof::sign(&device.key, tenant, device.id, early, "POST", "/v1/sync", &body);
    assert_eq!(world.proven(&proof, "/v1/sync", &body).refusal(), refusal("clock_skew"));
}

#[test]
fn unknown_tenants_and_devices_are_refused() {
    let mut world = World::start();
    let body = nothing_new(0);
    let (key, now) = (&world.device.key, world.clock.now_ms());
    let nowhere = TenantId::from_bytes([1; 16]);
    let proof = RequestProof::sign(key, nowhere, world.device.id, now, "POST", "/v1/sync", &body);
    assert_eq!(world.proven(&proof, "/v1/sync", &body).refusal(), refusal("unknown_tenant"));
    world.device = TestDevice::new(99);
    assert_eq!(world.sync().refusal(), refusal("unknown_device"));
}

#[test]
fn a_revoked_device_may_only_surrender() {
    let world = World::start();
    assert_eq!(world.sync().status, 200);
    let outside: Tenant = world.outside();
    outside.revoke(world.device.id, world.clock.now_ms()).unwrap();
    assert_eq!(world.sync().refusal(), (403, "revoked".to_owned()), "noticed at once");
    let proof = world.proof("POST", "/v1/directory", b"{}");
    let answer = world.proven(&proof, "/v1/directory", b"{}");
    assert_eq!(answer.refusal(), (403, "revoked".to_owned()));
    let intent = IntentId::from_bytes([4; 16]);
    let unsent = Quarantined { intent, envelope: vec![1, 2], reason: "revoked".to_owned() };
    let body = encode(&vec![unsent]).unwrap();
    let proof = world.proof("POST", "/v1/surrender", &body);
    let answer = world.proven(&proof, "/v1/surrender", &body);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(decode::<Vec<IntentId>>(&answer.body).unwrap(), [intent]);
}

#[test]
fn strange_bodies_are_refused_with_codes() {
    let world = World::start();
    let proof = world.proof("POST", "/v1/sync", b"not a frame");
    let answer = world.proven(&proof, "/v1/sync", b"not a frame");
    assert_eq!(answer.refusal(), (400, "not_a_frame".to_owned()));
    let large = vec![0; 5 * 1024 * 1024];
    let proof = world.proof("POST", "/v1/directory", &large);
    let answer = world.proven(&proof, "/v1/directory", &large);
    assert_eq!(answer.refusal(), (413, "too_large".to_owned()));
    assert_eq!(world.get("/v1/nowhere").refusal(), (404, "unknown_route".to_owned()));
    assert_eq!(world.get("/v1/sync").refusal(), (405, "wrong_method".to_owned()));
}

#[test]
fn who_is_refused_while_still_sending_sees_why() {
    let world = World::start();
    let large = vec![0; 8 * 1024 * 1024];
    for _ in 0..8 {
        assert_eq!(world.post("/v1/sync", "", &large).refusal(), refusal("proof_missing"));
    }
    assert_eq!(world.post("/v1/nowhere", "", &large).refusal().1, "unknown_route");
}

#[test]
fn a_tenant_that_asks_too_often_waits_and_then_goes_on() {
    let limits = [("limits.requests_per_minute", "60"), ("limits.requests_at_once", "2")];
    let world = World::start_with(&limits);
    assert_eq!(world.sync().status, 200);
    assert_eq!(world.sync().status, 200);
    let answer = world.sync();
    assert_eq!(answer.refusal(), (429, "rate_limited".to_owned()));
    assert!(answer.head.contains("retry-after: "), "{}", answer.head);
    world.clock.advance(1_000);
    assert_eq!(world.sync().status, 200);
    let text = String::from_utf8(world.get("/metrics").body).unwrap();
    assert!(text.contains("roadbook_rate_limited_total{limit=\"tenant\"} 1"), "{text}");
}

#[test]
fn who_keeps_failing_is_refused_before_anything_is_looked_up() {
    let world = World::start_with(&[("limits.failures_per_minute", "3")]);
    let body = nothing_new(0);
    for _ in 0..3 {
        assert_eq!(world.post("/v1/sync", "", &body).refusal(), refusal("proof_missing"));
    }
    assert_eq!(world.post("/v1/sync", "", &body).refusal(), (429, "rate_limited".to_owned()));
    world.clock.advance(60_000);
    assert_eq!(world.sync().status, 200);
}
