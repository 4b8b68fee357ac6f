//! What a mutator, a view and a load cost on a small document, in microseconds of wall time.
//!
//! `cargo run --release -p roadbook-merge --example cost`
#![allow(clippy::print_stdout, reason = "a measuring program speaks on standard output")]

use std::time::Instant;

use roadbook_domain::{
    Currency, DeviceId, DocumentKey, Entity, Facet, FieldEdit, Hlc, IntentId, Money, Operation,
    RecordId, Schema, Value,
};
use roadbook_merge::mutator::{Run, perform};
use roadbook_merge::{Author, Document, Stamp, view};

const ROUNDS: u16 = 2_000;

fn stamp(device: u8, clock: u16) -> Stamp {
    let device = DeviceId::from_bytes([device; 16]);
    let mut intent = [7; 16];
    intent[..2].copy_from_slice(&clock.to_be_bytes());
    Stamp {
        author: Author { device, install_epoch: 1, branch: 0 },
        clock: Hlc::new(1_700_000_000_000, clock),
        intent: IntentId::from_bytes(intent),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn amount(minor: i64) -> Value {
    Value::Money(Money::new(minor, Currency::EUR))
}

fn edit(field: &str, from: Value, to: Value) -> Operation {
    Operation::Edit(FieldEdit { field: field.into(), from, to })
}

/// An opportunity as the importer makes it, then `edits` edits of its amount.
fn opportunity(schema: &Schema, edits: u16) -> Document {
    let key = DocumentKey::first(RecordId::from_bytes([1; 16]), Facet::Internal);
    let mut document = Document::new(key);
    let fields = vec![
        ("name".into(), text("Renewal of the pumps")),
        ("account".into(), Value::Reference(RecordId::from_bytes([9; 16]))),
        ("stage".into(), text("Prospecting")),
        ("amount".into(), amount(0)),
        ("close_date".into(), Value::Date(jiff::civil::date(2026, 12, 31))),
        ("owner".into(), Value::Reference(RecordId::from_bytes([8; 16]))),
        ("tags".into(), Value::Set(vec!["pumps".into(), "renewal".into()])),
        ("description".into(), text("They want three pumps before the winter.")),
    ];
    let create = [Operation::Create { fields }];
    run(schema, &mut document, &stamp(1, 0), &create);
    for n in 0..edits {
        let step = [edit("amount", amount(i64::from(n)), amount(i64::from(n) + 1))];
        run(schema, &mut document, &stamp(1, n + 1), &step);
    }
    document
}

fn run(schema: &Schema, document: &mut Document, stamp: &Stamp, operations: &[Operation]) {
    let basis = document.heads();
    perform(1, schema, document, Entity::Opportunity, stamp, &basis, operations)
        .expect("the script of this program is valid");
}

#[allow(clippy::disallowed_methods, reason = "it measures")]
fn time(what: &str, mut work: impl FnMut()) {
    let start = Instant::now();
    for _ in 0..ROUNDS {
        work();
    }
    let micros = start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
    println!("{what:<44} {micros:8.1} us");
}

fn main() {
    let schema = Schema::crm();
    for edits in [0, 20, 200] {
        println!("an opportunity after {edits} edits");
        let document = opportunity(&schema, edits);
        let bytes = document.save();
        let (from, to) = (amount(i64::from(edits)), amount(77));
        let step = [edit("amount", from, to)];
        let late = stamp(2, 60_000);
        let heads = document.heads();
        let basis = opportunity(&schema, edits.saturating_sub(3)).heads();
        let from = amount(i64::from(edits.saturating_sub(3)));
        let old = [edit("amount", from, amount(78))];
        let mut forked = document.clone();
        run(&schema, &mut forked, &stamp(3, 60_001), &[edit("next_step", Value::Null, text("x"))]);
        time("clone", || drop(document.clone()));
        time("load", || drop(Document::load(document.key(), &bytes)));
        time("save", || drop(document.save()));
        let mut copies: Vec<Document> = (0..ROUNDS).map(|_| document.clone()).collect();
        time("perform in place", || {
            let mut copy = copies.pop().unwrap_or_else(|| document.clone());
            let done = perform(1, &schema, &mut copy, Entity::Opportunity, &late, &heads, &step);
            drop(done.expect("the edit fits"));
            std::mem::forget(copy);
        });
        let mut copies: Vec<Document> = (0..ROUNDS).map(|_| document.clone()).collect();
        time("perform three changes back", || {
            let mut copy = copies.pop().unwrap_or_else(|| document.clone());
            let done = perform(1, &schema, &mut copy, Entity::Opportunity, &late, &basis, &old);
            drop(done.expect("the edit fits"));
            std::mem::forget(copy);
        });
        let mut copies: Vec<Document> = (0..ROUNDS).map(|_| document.clone()).collect();
        time("a run of five, three changes back", || {
            let mut copy = copies.pop().unwrap_or_else(|| document.clone());
            let mut run = Run::new(1, &schema);
            let (mut at, mut from) = (basis.clone(), i64::from(edits.saturating_sub(3)));
            for n in 0..5 {
                let step = [edit("amount", amount(from), amount(1_000 + n))];
                let stamp = stamp(2, 60_000 + u16::try_from(n).unwrap_or(0));
                let done = run.perform(&mut copy, Entity::Opportunity, &stamp, &at, &step);
                at = vec![done.expect("the edit fits").change];
                from = 1_000 + n;
            }
            std::mem::forget(copy);
        });
        time("view", || drop(view(&schema, Entity::Opportunity, &[&document])));
        let mut disputed = document.clone();
        for side in [3, 4] {
            let late = stamp(side, 60_000);
            let value = amount(i64::from(side));
            let step = [edit("amount", amount(i64::from(edits)), value)];
            let done =
                perform(1, &schema, &mut disputed, Entity::Opportunity, &late, &heads, &step);
            drop(done.expect("the edit fits"));
        }
        time("view with a conflict", || {
            drop(view(&schema, Entity::Opportunity, &[&disputed]));
        });
    }
}
