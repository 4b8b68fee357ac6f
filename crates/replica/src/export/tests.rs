//! Tests of exports.

use roadbook_domain::{Entity, Intent, Value};
use serde_json::Value as Json;
use x25519_dalek::{PublicKey, StaticSecret};

use crate::export::{open_bundle, open_bundle_by_passphrase};
use crate::testing::{Device, Fixed, enrolment, euros, text};

#[test]
fn every_record_is_one_line_with_typed_values() {
    let mut device = Device::new(3, "Manager");
    let deal = device.create(
        Entity::Opportunity,
        &[
            ("name", text("Deal")),
            ("description", text("Deal\n\"one\"")),
            ("amount", euros(12)),
            ("margin", Value::Percent(50)),
        ],
    );
    let gone = device.create(Entity::Account, &[("name", text("Gone"))]);
    device.commit(&Intent::Delete { record: gone, entity: Entity::Account }).unwrap();
    let mut out = Vec::new();
    assert_eq!(device.replica.export_records(&mut out).unwrap(), 2);
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = |id: roadbook_domain::RecordId| {
        lines.iter().find(|line| line["record"] == id.to_string()).unwrap()
    };
    assert_eq!(line(deal)["fields"]["amount"]["minor"], 1_200);
    assert_eq!(line(deal)["fields"]["margin"]["basis_points"], 50);
    assert_eq!(line(deal)["fields"]["description"], "Deal\n\"one\"");
    assert_eq!(line(gone)["alive"], false);
}

#[test]
fn unsent_work_is_readable_with_the_recovery_key_only() {
    let private = [5; 32];
    let public = PublicKey::from(&StaticSecret::from(private));
    let mut device = Device::new(3, "Rep");
    let mut enrolment = enrolment(3, "Rep");
    enrolment.recovery_key = public.to_bytes();
    device.replica.enrol(&enrolment, &mut Fixed(6)).unwrap();
    assert_eq!(device.replica.nowhere_else().unwrap(), 0);
    device.create(Entity::Account, &[("name", text("Zqcanary"))]);
    assert_eq!(device.replica.nowhere_else().unwrap(), 1);
    let bundle = device.replica.export_unsent(None, &mut Fixed(7)).unwrap();
    assert!(!String::from_utf8_lossy(&bundle).contains("Zqcanary"));
    let opened = open_bundle(&private, &bundle).unwrap();
    assert_eq!(opened, device.envelopes());
    assert!(open_bundle(&[6; 32], &bundle).is_none());
    assert!(open_bundle(&private, b"{}").is_none());
    assert!(open_bundle_by_passphrase("", &bundle).is_none(), "none was given");
    let bundle = device.replica.export_unsent(Some("staple"), &mut Fixed(8)).unwrap();
    assert!(!String::from_utf8_lossy(&bundle).contains("Zqcanary"));
    assert_eq!(open_bundle_by_passphrase("staple", &bundle).unwrap(), device.envelopes());
    assert!(open_bundle_by_passphrase("stapler", &bundle).is_none());
    assert_eq!(open_bundle(&private, &bundle).unwrap(), device.envelopes());
}

#[test]
fn a_revoked_device_hands_everything_over_and_keeps_nothing() {
    let mut device = Device::new(3, "Rep");
    device.create(Entity::Account, &[("name", text("Acme"))]);
    assert_eq!(device.replica.surrendered().unwrap().len(), 1);
    let safe = device.replica.surrendered().unwrap().iter().map(|item| item.intent).collect();
    assert!(device.replica.purge_surrendered(&safe).unwrap().is_empty(), "all of it is safe");
    assert_eq!(device.replica.nowhere_else().unwrap(), 0);
    let status = device.replica.status().unwrap();
    assert_eq!((status.records, status.pending, status.last_sync_ms), (0, 0, None));
    assert!(device.replica.search("acme", 5).unwrap().rows.is_empty());
    assert!(device.replica.doctor().unwrap().is_healthy());
}
