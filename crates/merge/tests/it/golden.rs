//! Golden files: the bytes of mutators v1 for one fixed script of all operations.
//!
//! The server keeps the mutators of every supported client and replays what they made, so these
//! bytes never change once released. `ROADBOOK_WRITE_GOLDEN=1` writes the files anew: only before
//! a release of the mutators that they pin, or for a new mutator version beside the old one.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use roadbook_domain::{Entity, Facet, FieldEdit, Intent, Value};
use roadbook_merge::mutator::perform;
use roadbook_merge::{Document, Envelope};

use crate::office::{ANA, BEN, MIA, Office, Replica, eur, record, set, stamp_of, text};

const DEAL: u8 = 1;
const SHOP: u8 = 2;
const LEAD: u8 = 3;
const TASK: u8 = 4;

/// Every intent and every operation once, with fixed ids and clocks; conflicts, joins and seeds
/// among them.
fn script() -> Office {
    let mut office = Office::new(3);
    office.create(ANA, Entity::Account, SHOP, &[("name", text("Shop")), ("tax_id", text("X1"))]);
    let deal = [
        ("name", text("Pumps \u{2014} renewal")),
        ("account", Value::Reference(record(SHOP))),
        ("amount", eur(10_000)),
        ("close_date", Value::Date(jiff::civil::date(2026, 12, 31))),
        ("probability", Value::Percent(4_000)),
        ("owner", Value::Reference(record(9))),
        ("tags", set(&["old", "pumps"])),
        ("description", text("They want pumps.")),
        ("strategy", text("Be early.")),
    ];
    office.create(ANA, Entity::Opportunity, DEAL, &deal);
    office.create(BEN, Entity::Lead, LEAD, &[("name", text("Lee"))]);
    office.create(BEN, Entity::Task, TASK, &[("subject", text("Call"))]);
    office.meet();

    office.set(ANA, DEAL, "amount", eur(12_000));
    office.move_to(ANA, DEAL, "Qualification");
    office.set(ANA, DEAL, "description", text("They want three pumps."));
    office.tag(ANA, DEAL, &["new"], &["old"]);
    office.set(BEN, DEAL, "amount", eur(9_000));
    office.move_to(BEN, DEAL, "Proposal");
    office.set(BEN, DEAL, "description", text("They want pumps before winter."));
    office.tag(BEN, DEAL, &["old"], &[]);
    office.set(BEN, DEAL, "margin", Value::Percent(1_250));
    office.set(BEN, DEAL, "owner", Value::Reference(record(8)));
    let visit = vec![
        ("subject".into(), text("Basement")),
        ("kind".into(), text("Visit")),
        ("started_at".into(), Value::Instant(1_700_000_000_123)),
    ];
    let (activity, account) = (record(5), Some(record(SHOP)));
    office.act(MIA, &Intent::LogActivity { activity, account, fields: visit });
    let (entity, field) = (Entity::Account, "visits".to_owned());
    office.act(ANA, &Intent::AdjustCounter { record: record(SHOP), entity, field, by: -3 });
    office.set(ANA, SHOP, "description", text("Side door."));
    office.set(ANA, SHOP, "briefing", text("Pays late."));
    office.meet();

    office.act(BEN, &propose());
    office.meet();
    let resolve = office.resolving(MIA, DEAL, eur(12_000));
    office.act(MIA, &resolve);
    office.set(MIA, DEAL, "owner", Value::Reference(record(9)));
    let (task, from, at_ms) = (record(TASK), text("Open"), 1_700_000_100_000);
    office.act(BEN, &Intent::CompleteTask { task, from, at_ms });
    let fields = vec![("title".into(), text("Remark")), ("body".into(), text("Ask Ana."))];
    office.act(BEN, &Intent::AddNote { note: record(6), fields });
    office.move_to(ANA, LEAD, "Working");
    office.move_to(BEN, LEAD, "Nurturing");
    office.meet();
    let resolve = office.resolving(MIA, LEAD, text("Nurturing"));
    office.act(MIA, &resolve);
    office.meet();

    office.delete(ANA, LEAD);
    let edits = vec![
        FieldEdit { field: "source".into(), from: Value::Null, to: text("Fair") },
        FieldEdit { field: "phones".into(), from: set(&[]), to: set(&["+49 1", "+49 2"]) },
    ];
    office.act(BEN, &Intent::EditFields { record: record(LEAD), entity: Entity::Lead, edits });
    office.delete(ANA, TASK);
    office.meet();
    office.act(BEN, &Intent::Restore { record: record(TASK), entity: Entity::Task });
    office.meet();
    office
}

fn propose() -> Intent {
    Intent::ProposeInConflict {
        record: record(DEAL),
        entity: Entity::Opportunity,
        field: "amount".into(),
        value: eur(11_000),
        why: "Said on the phone.".into(),
    }
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).join(name)
}

/// The stored file; written first if that was asked for.
fn golden(name: &str, made: &[u8]) -> Vec<u8> {
    if std::env::var("ROADBOOK_WRITE_GOLDEN").is_ok_and(|value| value == "1") {
        fs::write(path(name), made).unwrap();
    }
    fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn golden_text(name: &str, made: &str) -> String {
    String::from_utf8(golden(name, made.as_bytes())).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

fn each_part(office: &Office) -> impl Iterator<Item = (&Envelope, usize, &Vec<u8>)> {
    office.log.iter().flat_map(|accepted| {
        let raw = accepted.sealed.raw.iter().enumerate();
        raw.map(|(at, raw)| (&accepted.sealed.envelope, at, raw))
    })
}

fn changes(office: &Office) -> String {
    let mut made = String::from("kind record facet change bytes\n");
    for (envelope, at, raw) in each_part(office) {
        let part = &envelope.parts[at].0;
        let (kind, document) = (part.kind.name(), part.document);
        let (record, facet) = (document.record.as_bytes()[0], document.facet as u8);
        writeln!(made, "{kind} {record} {facet} {} {}", part.change, hex(raw)).unwrap();
    }
    made
}

#[test]
fn mutators_of_version_1_make_the_bytes_that_they_always_made() {
    let office = script();
    let made = changes(&office);
    assert_eq!(made, golden_text("changes_v1.txt", &made));
    let operations: Vec<String> =
        each_part(&office).map(|(it, at, _)| format!("{:?}", it.parts[at].0.operations)).collect();
    let all = [
        "Create",
        "Edit(",
        "EditText",
        "Adjust",
        "Move",
        "ChangeSet",
        "Delete",
        "Restore",
        "Resolve",
        "Propose",
    ];
    for name in all {
        assert!(operations.iter().any(|it| it.contains(name)), "the script has no {name}");
    }
}

#[test]
fn envelopes_have_the_leaves_that_they_always_had() {
    let office = script();
    let mut made = String::from("kind number leaf slots\n");
    for accepted in &office.log {
        let header = &accepted.sealed.envelope.header;
        let kind = accepted.sealed.envelope.parts[0].0.kind.name();
        let slots: Vec<String> =
            header.slots.iter().map(|[a, b]| format!("{}/{}", hex(a), hex(b))).collect();
        let leaf = hex(&header.leaf());
        writeln!(made, "{kind} {} {leaf} {}", header.number, slots.join(" ")).unwrap();
    }
    assert_eq!(made, golden_text("leaves_v1.txt", &made));
}

#[test]
fn documents_of_version_1_are_saved_as_they_always_were_and_still_open() {
    let office = script();
    let mut views = String::new();
    let mut opened = Replica::new(&office.server.schema);
    for (key, (entity, document)) in &office.server.documents {
        let facet = match key.facet {
            Facet::Internal => "internal",
            Facet::Confidential => "confidential",
        };
        let name = format!("{entity}_{}_{facet}_v1.bin", key.record.as_bytes()[0]);
        let stored = golden(&name, &document.save());
        assert_eq!(hex(&document.save()), hex(&stored), "{name}");
        let loaded = Document::load(*key, &stored).unwrap();
        assert_eq!(loaded.heads(), document.heads(), "{name}");
        opened.documents.insert(*key, (*entity, loaded));
    }
    assert_eq!(opened.picture(), office.server.picture());
    for (record, view) in opened.picture() {
        writeln!(views, "{} {} alive={}", view.entity, record.as_bytes()[0], view.alive).unwrap();
        for (name, state) in &view.fields {
            let mark = if state.disputed { " (disputed)" } else { "" };
            writeln!(views, "  {name}: {}{mark}", state.value).unwrap();
        }
    }
    for accepted in &office.log {
        for entry in accepted.journal.iter().flatten() {
            let (field, code) = (&entry.field, entry.settled.code());
            writeln!(views, "{code} {field}: {}", entry.kept).unwrap();
        }
    }
    assert_eq!(views, golden_text("views_v1.txt", &views));
}

#[test]
fn the_stored_changes_alone_are_replayed_to_the_same_hashes() {
    let office = script();
    let lines = golden_text("changes_v1.txt", &changes(&office));
    let stored: Vec<&str> = lines.lines().skip(1).collect();
    let mut replica = Replica::new(&office.server.schema);
    let schema = &office.server.schema;
    let mut at_line = stored.iter();
    for (envelope, at, _) in each_part(&office) {
        let part = &envelope.parts[at].0;
        let bytes = at_line.next().unwrap().rsplit(' ').next().unwrap();
        let bytes: Vec<u8> = (0..bytes.len() / 2)
            .map(|i| u8::from_str_radix(&bytes[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        assert!(replica.apply(part, &bytes), "the stored bytes are changes");
        let document = replica.document(part.document, part.entity);
        let stamp = stamp_of(&envelope.header, part);
        let entity = part.entity;
        let again =
            perform(1, schema, document, entity, &stamp, &part.basis, &part.operations).unwrap();
        assert_eq!(again.bytes, bytes, "performed on a document that has it already");
    }
    assert_eq!(replica.picture(), office.server.picture());
}
