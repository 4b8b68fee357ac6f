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

#[test]
fn a_restored_server_gets_again_what_it_lost_of_this_device() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    device.set(account, "city", text("Bern"));
    device.take_in(page(log_of(&device, 1), 2));
    assert!(device.replica.pending().unwrap().is_empty());
    let mut response = answer();
    response.hello.restore_epoch = 2;
    response.hello.last_number = 1;
    let taken = device.take_in(response);
    assert!(taken.server_was_restored && taken.more);
    let pending = device.replica.pending().unwrap();
    assert_eq!(pending.len(), 1, "the first one is in the backup");
    assert_eq!(pending[0].parts[0].operations[0].field(), Some("city"));
    assert_eq!(device.value(account, "city"), text("Bern"), "nothing is gone meanwhile");
    // The server gives the place out again: the envelope with the old receipt stays.
    let mut other = Device::new(4, "Rep");
    other.create(Entity::Account, &[("name", text("Later"))]);
    let mut next = page(log_of(&other, 2), 2);
    next.hello.restore_epoch = 2;
    device.take_in(next);
    let kept: i64 = device
        .replica
        .connection
        .query_row("SELECT count(*) FROM envelopes WHERE seq = 2", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 2);
    assert!(device.replica.doctor().unwrap().is_healthy());
}
