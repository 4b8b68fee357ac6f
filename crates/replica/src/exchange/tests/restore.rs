//! Tests of devices and servers that were restored from older copies.

use super::*;

#[test]
fn a_device_that_was_restored_takes_a_new_epoch_and_gets_its_own_work_back() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let first = device.envelopes()[0].clone();
    // The copy that is restored knows only this much; what came later is on the server.
    let backup = copy_of(&device);
    let lost = device.set(account, "city", text("Bern"));
    let later: Vec<Envelope> = device.envelopes();
    let mut restored = Device::new(3, "Rep");
    restored.replica = crate::testing::open(backup.path(), Schema::crm());
    restored.wall_ms = device.wall_ms + 10_000;
    let edit = restored.set(account, "nickname", text("A"));
    let mut response = verdicts(vec![
        (first.header.intent, Verdict::Duplicate(Box::new(Verdict::Applied { seq: 1 }))),
        (edit, Verdict::Rebase { reason: "number".into(), clock_offset_ms: None }),
    ]);
    response.hello.last_number = 9;
    let taken = restored.take_in(response);
    assert!(taken.device_was_restored);
    let envelopes = restored.envelopes();
    let again = envelopes.iter().find(|envelope| envelope.header.intent == edit).unwrap();
    assert_eq!(again.header.install_epoch, 2);
    assert!(again.header.number > 9);
    restored.take_in(page(vec![accepted(1, &later[0]), accepted(2, &later[1])], 2));
    assert_eq!(restored.value(account, "city"), text("Bern"), "pulled back: {lost}");
    assert_eq!(restored.value(account, "nickname"), text("A"));
    assert!(restored.replica.doctor().unwrap().is_healthy());
}

fn copy_of(device: &Device) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(device.dir.path()).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    dir
}
