//! Signing in and enrolling.

use ed25519_dalek::SigningKey;
use roadbook_sync_protocol::account::{EnrolResponse, SignInRequest, SignInResponse};

use super::super::{Clock as _, DataDir, Server};
use super::world::{Answer, ManualClock, PASSWORD, TestDevice, World, config, data_dir, ids};
use crate::identity::token::{AUDIENCE, Claims, ISSUER, issue};
use crate::tenant::IdentityKind;

fn sign_in(world: &World, tenant: &str, login: &str, password: &str) -> Answer {
    let request = SignInRequest {
        tenant: tenant.to_owned(),
        login: login.to_owned(),
        password: password.to_owned(),
    };
    world.post("/v1/sign-in", "", &serde_json::to_vec(&request).unwrap())
}

fn token(world: &World) -> String {
    let answer = sign_in(world, "main", "Ana ", PASSWORD);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json::<SignInResponse>().id_token
}

fn enrol(world: &World, token: &str, device: &TestDevice) -> Answer {
    let header = format!("Authorization: Bearer {token}\r\n");
    world.post("/v1/enrol", &header, &device.enrol_request())
}

#[test]
fn signing_in_and_enrolling_makes_a_device_that_syncs() {
    let mut world = World::start();
    let device = TestDevice::new(20);
    let answer = enrol(&world, &token(&world), &device);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let enrolled: EnrolResponse = answer.json();
    assert_eq!(enrolled.tenant, world.tenant.id());
    assert_eq!((enrolled.user, enrolled.role.as_str()), (world.ana, "Rep"));
    assert_eq!(enrolled.recovery_key, "09".repeat(32));
    world.device = device;
    assert_eq!(world.sync().status, 200);
}

#[test]
fn wrong_tenant_login_and_password_look_the_same() {
    let world = World::start();
    let answers = [
        sign_in(&world, "main", "ana", "wrong horse"),
        sign_in(&world, "main", "nobody", PASSWORD),
        sign_in(&world, "elsewhere", "ana", PASSWORD),
    ];
    for answer in &answers {
        assert_eq!(answer.refusal(), (401, "wrong_credentials".to_owned()));
        assert_eq!(answer.body, answers[0].body);
    }
}

#[test]
fn a_locked_out_user_cannot_sign_in() {
    let world = World::start();
    world.outside().deactivate_user(world.ana, world.clock.now_ms(), &mut ids(5)).unwrap();
    let answer = sign_in(&world, "main", "ana", PASSWORD);
    assert_eq!(answer.refusal(), (401, "wrong_credentials".to_owned()));
}

#[test]
fn passwords_can_be_tried_ten_times_a_minute() {
    let world = World::start_with(&[("limits.sign_ins_per_minute", "2")]);
    for _ in 0..2 {
        assert_eq!(sign_in(&world, "main", "ana", "wrong horse").status, 401);
    }
    let answer = sign_in(&world, "main", "ANA", PASSWORD);
    assert_eq!(answer.refusal(), (429, "rate_limited".to_owned()), "right, but too late");
    assert_eq!(sign_in(&world, "main", "ben", "wrong horse").status, 401, "another name");
    world.clock.advance(60_000);
    assert_eq!(sign_in(&world, "main", "ana", PASSWORD).status, 200);
}

#[test]
fn trying_a_name_elsewhere_does_not_keep_its_user_out() {
    let world = World::start_with(&[
        ("limits.sign_ins_per_minute", "2"),
        ("listen.trusted_proxy", "127.0.0.1"),
    ]);
    let from = |address: u8, login: &str, password: &str| {
        let request = SignInRequest {
            tenant: "main".to_owned(),
            login: login.to_owned(),
            password: password.to_owned(),
        };
        let header = format!("X-Forwarded-For: 10.0.0.{address}\r\n");
        world.post("/v1/sign-in", &header, &serde_json::to_vec(&request).unwrap()).status
    };
    for _ in 0..2 {
        assert_eq!(from(1, "ana", "wrong horse"), 401);
    }
    assert_eq!(from(1, "ana", "wrong horse"), 429, "that is enough from there");
    assert_eq!(from(2, "ana", PASSWORD), 200, "who the name belongs to comes in");
    // From everywhere together it is bounded, too: twelve a minute.
    for address in 3..12 {
        assert_eq!(from(address, "ana", "wrong horse"), 401, "{address}");
    }
    assert_eq!(from(12, "ana", "wrong horse"), 429);
    assert_eq!(from(12, "ben", "wrong horse"), 401, "another name");
}

#[test]
fn a_sign_in_name_without_end_is_not_kept() {
    let world = World::start();
    let long = "a".repeat(257);
    for (tenant, login) in [("main", long.as_str()), (long.as_str(), "ana")] {
        let answer = sign_in(&world, tenant, login, PASSWORD);
        assert_eq!(answer.refusal(), (400, "name_too_long".to_owned()));
        assert!(answer.problem().detail.contains("256 bytes"));
    }
}

#[test]
fn a_token_that_expired_or_is_for_something_else_enrols_nothing() {
    let world = World::start();
    let device = TestDevice::new(20);
    let late = token(&world);
    world.clock.advance(601_000);
    assert_eq!(enrol(&world, &late, &device).refusal(), (401, "token_expired".to_owned()));
    let now = world.clock.now_ms() / 1_000;
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: world.ana,
        tid: world.tenant.id(),
        jti: uuid::Uuid::from_bytes([1; 16]),
        iat: now,
        exp: now + 600,
    };
    let forged = issue(&SigningKey::from_bytes(&[66; 32]), &claims);
    assert_eq!(enrol(&world, &forged, &device).refusal(), (401, "bad_token_signature".to_owned()));
    let key = world.tenant.keys().signing();
    let other = issue(&key, &Claims { aud: "console".to_owned(), ..claims.clone() });
    assert_eq!(enrol(&world, &other, &device).refusal(), (401, "wrong_audience".to_owned()));
    assert_eq!(enrol(&world, &issue(&key, &claims), &device).status, 200);
    assert_eq!(
        world.post("/v1/enrol", "", &device.enrol_request()).refusal(),
        (401, "token_missing".to_owned())
    );
}

#[test]
fn a_token_enrols_one_device_and_may_be_sent_again() {
    let world = World::start();
    let token = token(&world);
    let (first, second) = (TestDevice::new(20), TestDevice::new(21));
    assert_eq!(enrol(&world, &token, &first).status, 200);
    assert_eq!(enrol(&world, &token, &first).status, 200, "the answer may have been lost");
    assert_eq!(enrol(&world, &token, &second).refusal(), (401, "token_used".to_owned()));
}

#[test]
fn a_device_id_cannot_be_taken_over() {
    let world = World::start();
    let thief = TestDevice { id: world.device.id, key: TestDevice::new(50).key };
    let answer = enrol(&world, &token(&world), &thief);
    assert_eq!(answer.refusal(), (409, "device_taken".to_owned()));
    assert_eq!(world.sync().status, 200, "the rightful device goes on");
}

#[test]
fn demo_identities_keep_the_server_on_loopback() {
    let (folder, _) = data_dir(IdentityKind::Demo);
    let open = |settings: &[(&'static str, &str)]| {
        let clock = std::sync::Arc::new(ManualClock::at_start());
        Server::open(config(folder.path(), settings), clock, Box::new(ids(2)))
    };
    assert!(open(&[]).is_ok());
    for settings in [
        [("listen.address", "0.0.0.0:0")],
        [("listen.address", "[::]:0")],
        [("listen.trusted_proxy", "127.0.0.1")],
    ] {
        let error = open(&settings).err().map(|error| error.to_string());
        assert!(error.is_some_and(|words| words.contains("demo identities")), "{settings:?}");
    }
}

#[test]
fn a_demo_identity_made_later_cannot_sign_in_where_others_can_reach_it() {
    let world = World::start_with(&[("listen.trusted_proxy", "127.0.0.1")]);
    let credential = world.tenant.credential("ana").unwrap().unwrap();
    let credential = crate::tenant::Credential { kind: IdentityKind::Demo, ..credential };
    world.outside().put_credential(&credential).unwrap();
    let answer = sign_in(&world, "main", "ana", PASSWORD);
    assert_eq!(answer.refusal(), (403, "demo_identity".to_owned()));
}

#[test]
fn behind_a_proxy_each_address_has_its_own_limit() {
    let world = World::start_with(&[
        ("listen.trusted_proxy", "127.0.0.1"),
        ("limits.failures_per_minute", "1"),
    ]);
    let from = |addresses: &str| {
        world.post("/v1/sync", &format!("X-Forwarded-For: {addresses}\r\n"), b"").refusal().0
    };
    assert_eq!(from("10.0.0.1"), 401);
    assert_eq!(from("10.0.0.1"), 429);
    assert_eq!(from("10.0.0.9, 10.0.0.1"), 429, "what the caller wrote is not believed");
    assert_eq!(from("10.0.0.1, 10.0.0.2"), 401);
}

#[test]
fn a_tenant_added_while_the_server_runs_is_found() {
    let world = World::start();
    let (other, _) = data_dir(IdentityKind::Real);
    let from = DataDir::new(other.path().to_owned()).path_of("main").unwrap();
    let to = DataDir::new(world.folder.path().to_owned()).path_of("second").unwrap();
    std::fs::copy(from, to).unwrap();
    let answer = sign_in(&world, "second", "ana", PASSWORD);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}
