//! Tests of the file: encryption, refusal, and what survives a cut at any point.

use std::path::Path;

use proptest::prelude::*;
use roadbook_domain::{Entity, Schema};
use roadbook_sync_protocol::SyncResponse;

use crate::key::Unlock;
use crate::testing::{Device, accepted, open, page, settings, text, unlock};
use crate::{KeyError, ListQuery, OpenError, PendingIntent, Replica, Row};

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn refused(dir: &Path, unlock: &Unlock) -> OpenError {
    let opened = Replica::open(dir, Schema::crm(), unlock, &settings());
    opened.map(|_| ()).expect_err("it must not open")
}

#[test]
fn nothing_readable_is_in_the_files() {
    let mut device = Device::new(3, "Rep");
    device.create(Entity::Account, &[("name", text("Zqcanary Holding"))]);
    let (mut seen, words) = (0, [&b"Zqcanary"[..], b"zqcanary", b"row_accounts", b"SQLite format"]);
    for entry in std::fs::read_dir(device.dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        seen += bytes.len();
        for word in words {
            let found = bytes.windows(word.len()).any(|window| window == word);
            assert!(!found, "{} holds {:?}", path.display(), String::from_utf8_lossy(word));
        }
    }
    assert!(seen > 10_000, "there is a database and its log");
}

#[test]
fn a_wrong_passphrase_and_a_strange_key_file_are_told_apart() {
    let mut device = Device::new(3, "Rep");
    device.create(Entity::Account, &[("name", text("Acme"))]);
    let copied = tempfile::tempdir().unwrap();
    copy(device.dir.path(), copied.path());
    let error = refused(copied.path(), &Unlock::Passphrase("wrong".into()));
    assert!(matches!(error, OpenError::Key(KeyError::WrongPassphrase)), "{error}");
    let other = Device::new(4, "Rep");
    std::fs::copy(other.dir.path().join("keys.json"), copied.path().join("keys.json")).unwrap();
    assert!(matches!(refused(copied.path(), &unlock()), OpenError::WrongKey));
}

#[test]
fn a_second_program_is_told_that_the_device_is_in_use() {
    let device = Device::new(3, "Rep");
    assert!(matches!(refused(device.dir.path(), &unlock()), OpenError::InUse(_)));
}

#[test]
fn a_newer_database_is_refused_and_left_as_it_is() {
    let device = Device::new(3, "Rep");
    device.replica.connection.pragma_update(None, "user_version", 99).unwrap();
    let copied = tempfile::tempdir().unwrap();
    copy(device.dir.path(), copied.path());
    let error = refused(copied.path(), &unlock());
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("install the newer"), "{error}");
    assert!(matches!(refused(copied.path(), &unlock()), OpenError::Newer { .. }), "still");
}

#[test]
fn where_there_is_no_device_the_error_says_so() {
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(refused(empty.path(), &unlock()), OpenError::NotFound(_)));
    let device = Device::new(3, "Rep");
    let again = Replica::create(
        device.dir.path(),
        &crate::CreateDevice { device: device.replica.device(), name: "x".into() },
        Schema::crm(),
        &unlock(),
        &settings(),
        &mut crate::testing::Fixed(9),
    );
    assert!(matches!(again.map(|_| ()), Err(OpenError::Exists(_))));
}

#[test]
fn changing_the_passphrase_keeps_the_work() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    let new = Unlock::Passphrase("new words".into());
    device.replica.change_unlock(&new, &mut crate::testing::Fixed(8)).unwrap();
    let copied = tempfile::tempdir().unwrap();
    copy(device.dir.path(), copied.path());
    assert!(matches!(refused(copied.path(), &unlock()), OpenError::Key(_)));
    let opened = Replica::open(copied.path(), Schema::crm(), &new, &settings()).unwrap();
    assert_eq!(opened.record(account).unwrap().unwrap().value("name"), &text("Acme"));
}

/// A device with ten saved accounts, and the length of its log after each.
fn story() -> (Device, Vec<u64>) {
    let mut device = Device::new(3, "Rep");
    let log = device.dir.path().join("device.db-wal");
    device.replica.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut lengths = Vec::new();
    for n in 0..10 {
        device.create(Entity::Account, &[("name", text(&format!("Account {n}")))]);
        lengths.push(std::fs::metadata(&log).unwrap().len());
    }
    (device, lengths)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// What was acknowledged before the cut is there, whole; what came after it is not there at
    /// all; and the device goes on.
    #[test]
    fn a_log_cut_or_torn_at_any_point_keeps_whole_intents(
        cut in 0.0_f64..=1.0,
        torn in proptest::option::of(any::<u8>()),
    ) {
        let (device, lengths) = story();
        let (copied, survived) = copy_with_log_cut(&device, &lengths, cut, torn);
        let mut replica = open(copied.path(), Schema::crm());
        let rows = replica.list(&ListQuery::newest(Entity::Account, 50)).unwrap();
        prop_assert_eq!(rows.len(), survived);
        prop_assert_eq!(replica.pending().unwrap().len(), survived);
        let report = replica.doctor().unwrap();
        prop_assert!(report.is_healthy(), "{:?}", report);
        let intent = roadbook_domain::Intent::Create {
            record: roadbook_domain::RecordId::from_bytes([250; 16]),
            entity: Entity::Account,
            fields: vec![("name".into(), text("After"))],
        };
        let stamp = crate::CommitStamp {
            intent: roadbook_domain::IntentId::from_bytes([251; 16]),
            wall_ms: device.wall_ms,
            rationale: None,
        };
        replica.commit(&intent, &stamp).unwrap();
        prop_assert!(replica.doctor().unwrap().is_healthy());
    }

    /// A page that was being taken in is there whole, with all that it brings for pending work, or
    /// not at all; and the next sync makes the device what it would have been.
    #[test]
    fn a_log_cut_or_torn_while_pages_are_taken_in_keeps_whole_pages(
        cut in 0.0_f64..=1.0,
        torn in proptest::option::of(any::<u8>()),
    ) {
        let Synced { device, pages, lengths, held } = synced();
        let (copied, survived) = copy_with_log_cut(&device, &lengths, cut, torn);
        let mut replica = open(copied.path(), Schema::crm());
        prop_assert_eq!(Held::of(&replica), held[survived].clone());
        let report = replica.doctor().unwrap();
        prop_assert!(report.is_healthy(), "{:?}", report);
        for page in pages {
            replica.take_in(page, device.wall_ms).unwrap();
        }
        prop_assert_eq!(Held::of(&replica), held.last().unwrap().clone());
        prop_assert!(replica.doctor().unwrap().is_healthy());
    }
}

/// A copy of a device whose log ends at a part of what it was, maybe with dirt. Returns how many of
/// the lengths of the log lie before the cut.
fn copy_with_log_cut(
    device: &Device,
    lengths: &[u64],
    cut: f64,
    torn: Option<u8>,
) -> (tempfile::TempDir, usize) {
    let copied = tempfile::tempdir().unwrap();
    copy(device.dir.path(), copied.path());
    let path = copied.path().join("device.db-wal");
    let mut log = std::fs::read(&path).unwrap();
    let full = lengths[lengths.len() - 1] as f64;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length")]
    let at = (full * cut) as usize;
    log.truncate(at);
    if let (Some(dirt), Some(last)) = (torn, log.last_mut()) {
        *last ^= dirt | 1;
    }
    // A file system may also leave what was in the blocks before.
    log.extend(torn.map(|dirt| vec![dirt; 5_000]).unwrap_or_default());
    std::fs::write(&path, &log).unwrap();
    let survives = |length: u64| length < at as u64 || (torn.is_none() && length <= at as u64);
    (copied, lengths.iter().filter(|length| survives(**length)).count())
}

/// A device that took pages in.
struct Synced {
    device: Device,
    pages: Vec<SyncResponse>,
    /// The length of its log after each page.
    lengths: Vec<u64>,
    /// What it held before the pages and after each.
    held: Vec<Held>,
}

/// What a device holds.
#[derive(Debug, Clone, PartialEq)]
struct Held {
    position: u64,
    documents: [u8; 32],
    pending: Vec<PendingIntent>,
    rows: Vec<Row>,
    found: usize,
}

impl Held {
    fn of(replica: &Replica) -> Self {
        Self {
            position: replica.status().unwrap().position,
            documents: replica.checksum().unwrap().digest,
            pending: replica.pending().unwrap(),
            rows: replica.list(&ListQuery::newest(Entity::Account, 50)).unwrap(),
            found: replica.search("bern", 50).unwrap().rows.len(),
        }
    }
}

/// Ben's device has unsent work when pages come, of Ana's work and then of its own.
fn synced() -> Synced {
    let mut ana = Device::new(3, "Rep");
    let account = ana.create(Entity::Account, &[("name", text("Acme"))]);
    let mut ben = Device::new(4, "Rep");
    ben.take_in(page(vec![accepted(1, &ana.envelopes()[0])], 1));
    ben.set(account, "nickname", text("A"));
    ben.set(account, "industry", text("Pumps"));
    ana.set(account, "city", text("Bern"));
    ana.create(Entity::Account, &[("name", text("Bernstein"))]);
    let items: Vec<_> = ana.envelopes()[1..].iter().chain(&ben.envelopes()).cloned().collect();
    let items: Vec<_> = (2..).zip(&items).map(|(seq, envelope)| accepted(seq, envelope)).collect();
    let pages = vec![page(items[..2].to_vec(), 3), page(items[2..].to_vec(), 5)];

    let log = ben.dir.path().join("device.db-wal");
    ben.replica.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut held = vec![Held::of(&ben.replica)];
    let mut lengths = Vec::new();
    for page in &pages {
        ben.take_in(page.clone());
        lengths.push(std::fs::metadata(&log).unwrap().len());
        held.push(Held::of(&ben.replica));
    }
    Synced { device: ben, pages, lengths, held }
}

#[test]
fn the_encryption_is_known_to_be_there_by_a_key_that_it_takes() {
    super::wait_for_cipher();
    assert!(super::takes_keys(), "else every first open waits in vain");
}
