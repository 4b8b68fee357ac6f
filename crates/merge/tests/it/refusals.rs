//! Refusals: what a person could not have meant by what they saw, each with its code.

use roadbook_domain::{
    ChangeHash, DeviceId, DocumentKey, Entity, Facet, FieldEdit, Hlc, Intent, IntentId, Operation,
    Schema, Value,
};
use roadbook_merge::mutator::perform;
use roadbook_merge::{Author, Document, Stamp};

use crate::office::{ANA, BEN, MIA, Office, eur, record, set, text};

const DEAL: u8 = 1;

fn office() -> Office {
    let mut office = Office::new(3);
    let fields = [("name", text("Pumps")), ("amount", eur(10)), ("description", text("old"))];
    office.create(ANA, Entity::Opportunity, DEAL, &fields);
    office.meet();
    office
}

fn disputed() -> Office {
    let mut office = office();
    office.set(ANA, DEAL, "amount", eur(11));
    office.set(BEN, DEAL, "amount", eur(12));
    office.meet();
    office
}

/// Performs one operation at the heads and says how it was refused.
fn refused(office: &mut Office, facet: Facet, operations: &[Operation]) -> &'static str {
    let key = DocumentKey::first(record(DEAL), facet);
    let stamp = stamp(office.now_ms + 5_000);
    let document = office.server.document(key, Entity::Opportunity);
    let (before, basis) = (document.save(), document.heads());
    let schema = Schema::crm();
    let entity = Entity::Opportunity;
    let refusal = perform(1, &schema, document, entity, &stamp, &basis, operations).unwrap_err();
    assert_eq!(document.save(), before, "a refusal leaves the document as it was: {refusal}");
    assert!(!refusal.to_string().is_empty());
    refusal.code()
}

fn stamp(ms: i64) -> Stamp {
    let device = DeviceId::from_bytes([9; 16]);
    let author = Author { device, install_epoch: 1, branch: 0 };
    Stamp { author, clock: Hlc::new(ms, 0), intent: IntentId::from_bytes([9; 16]) }
}

fn edit(field: &str, from: Value, to: Value) -> Operation {
    Operation::Edit(FieldEdit { field: field.into(), from, to })
}

#[test]
fn a_record_is_made_once_and_before_anything_else() {
    let mut office = office();
    let create = Operation::Create { fields: vec![("name".into(), text("Again"))] };
    let internal = Facet::Internal;
    assert_eq!(refused(&mut office, internal, std::slice::from_ref(&create)), "exists");
    assert_eq!(
        refused(&mut office, internal, &[edit("name", text("Pumps"), text("x")), create.clone()]),
        "wrong_operation"
    );
    assert_eq!(refused(&mut office, Facet::Confidential, &[create]), "wrong_operation");
    let mut empty = Office::new(1);
    let step = edit("name", Value::Null, text("x"));
    assert_eq!(refused(&mut empty, internal, &[step]), "no_record");
}

#[test]
fn a_deleted_record_is_restored_before_it_is_edited() {
    let mut office = office();
    let restore = [Operation::Restore];
    assert_eq!(refused(&mut office, Facet::Internal, &restore), "not_deleted");
    office.delete(ANA, DEAL);
    office.meet();
    let step = edit("name", text("Pumps"), text("x"));
    assert_eq!(refused(&mut office, Facet::Internal, &[step]), "deleted");
    assert_eq!(refused(&mut office, Facet::Internal, &[Operation::Delete]), "deleted");
    assert_eq!(refused(&mut office, Facet::Confidential, &[Operation::Delete]), "wrong_operation");
}

#[test]
fn an_edit_says_what_the_person_saw() {
    let mut office = office();
    let internal = Facet::Internal;
    let step = edit("amount", eur(9), eur(12));
    assert_eq!(refused(&mut office, internal, &[step]), "from_mismatch");
    let (field, base, text_) = ("description".to_owned(), "odl".to_owned(), "new".to_owned());
    let step = Operation::EditText { field, base, text: text_ };
    assert_eq!(refused(&mut office, internal, &[step]), "from_mismatch");
    let field = "stage".to_owned();
    let step = FieldEdit { field, from: text("Proposal"), to: text("Negotiation") };
    assert_eq!(refused(&mut office, internal, &[Operation::Move { edit: step }]), "from_mismatch");
}

#[test]
fn a_disputed_field_waits_for_its_resolution() {
    let mut office = disputed();
    let plain = office.setting(ANA, DEAL, "amount", eur(13));
    assert_eq!(office.try_do(ANA, &plain).unwrap_err(), "disputed");
    let step = edit("next_step", Value::Null, text("call"));
    let Operation::Edit(step) = step else { panic!("an edit") };
    let (entity, edits) = (Entity::Opportunity, vec![step]);
    let other = Intent::EditFields { record: record(DEAL), entity, edits };
    office.try_do(ANA, &other).expect("one disputed field does not block the others");
}

#[test]
fn a_resolution_names_the_sides_that_it_settles() {
    let mut office = disputed();
    let stale = office.resolving(MIA, DEAL, eur(11));
    let mut fewer = stale.clone();
    let Intent::ResolveConflict { sides, .. } = &mut fewer else { panic!("a resolution") };
    sides.pop();
    assert_eq!(office.try_do(MIA, &fewer).unwrap_err(), "other_sides");
    office.act(MIA, &stale);
    assert_eq!(office.try_do(MIA, &stale).unwrap_err(), "not_disputed");
    let propose = Intent::ProposeInConflict {
        record: record(DEAL),
        entity: Entity::Opportunity,
        field: "amount".into(),
        value: eur(1),
        why: "too late".into(),
    };
    assert_eq!(office.try_do(MIA, &propose).unwrap_err(), "not_disputed");
}

#[test]
fn each_class_has_its_operation() {
    let mut office = office();
    let field = |name: &str| name.to_owned();
    let wrong = [
        edit("tags", set(&[]), set(&["a"])),
        edit("description", text("old"), text("new")),
        edit("stage", text("Prospecting"), text("Proposal")),
        edit("weighted_amount", Value::Null, eur(1)),
        edit("no_such_field", Value::Null, eur(1)),
        edit("margin", Value::Null, Value::Percent(1)),
        Operation::Adjust { field: field("amount"), by: 1 },
        Operation::ChangeSet { field: field("name"), add: vec!["a".into()], remove: vec![] },
        Operation::EditText { field: field("name"), base: "Pumps".into(), text: "x".into() },
        Operation::Move {
            edit: FieldEdit { field: field("name"), from: text("Pumps"), to: text("x") },
        },
        Operation::Create { fields: vec![] },
    ];
    for operation in wrong {
        let code = refused(&mut office, Facet::Internal, std::slice::from_ref(&operation));
        let expected = if matches!(operation, Operation::Create { .. }) {
            "exists"
        } else {
            "wrong_operation"
        };
        assert_eq!(code, expected, "{operation:?}");
    }
    assert_eq!(refused(&mut office, Facet::Internal, &[]), "nothing_to_do");
}

#[test]
fn an_unknown_mutator_and_an_unknown_basis_are_refused() {
    let mut office = office();
    let key = DocumentKey::first(record(DEAL), Facet::Internal);
    let document: &mut Document = office.server.document(key, Entity::Opportunity);
    let (schema, stamp) = (Schema::crm(), stamp(1));
    let mut code = |version, basis: &[ChangeHash]| {
        let entity = Entity::Opportunity;
        let delete = [Operation::Delete];
        perform(version, &schema, document, entity, &stamp, basis, &delete).unwrap_err().code()
    };
    assert_eq!(code(99, &[]), "unknown_mutator");
    assert_eq!(code(1, &[ChangeHash([7; 32])]), "bad_document");
    assert_eq!(code(1, &[]), "no_record", "before the beginning there was no record");
}
