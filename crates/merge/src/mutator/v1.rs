//! Mutators of version 1. Never edited once released: bytes depend on every line.

use std::collections::HashMap;

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{Change, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, hydrate};
use roadbook_domain::{
    ChangeHash, Entity, Facet, FieldDef, FieldEdit, MergeClass, Operation, Schema, Value,
};

use crate::mutator::Made;
use crate::mutator::rewrite::{self, Rewrite};
use crate::register::{self, Reading};
use crate::scalar::to_scalar;
use crate::{Document, Refusal, Stamp, actor_of, layout};

/// Performs operations on a document at its heads. After an error the document is as it was.
pub(super) fn mutate(
    schema: &Schema,
    document: &mut Document,
    entity: Entity,
    stamp: &Stamp,
    operations: &[Operation],
) -> Result<Made, Refusal> {
    check(schema, document, entity, operations)?;
    let seeds = seeds(document, operations);
    if seeds.is_empty() {
        return commit(schema, document, entity, stamp, operations, seeds);
    }
    let mut seeded = document.clone();
    seeded.apply_changes(seeds.clone())?;
    let made = commit(schema, &mut seeded, entity, stamp, operations, seeds)?;
    *document = seeded;
    Ok(made)
}

fn commit(
    schema: &Schema,
    document: &mut Document,
    entity: Entity,
    stamp: &Stamp,
    operations: &[Operation],
    seeds: Vec<Change>,
) -> Result<Made, Refusal> {
    let actor = actor_of(&stamp.author, &document.key());
    document.inner.set_actor(actor);
    let mut transaction = document.inner.transaction();
    let mut rest = operations;
    if let [Operation::Create { fields }, others @ ..] = operations {
        create(&mut transaction, schema, entity, stamp, fields)?;
        rest = others;
    }
    for operation in rest {
        write(&mut transaction, schema, entity, stamp, operation)?;
    }
    let deleted = operations.iter().any(|operation| matches!(operation, Operation::Delete));
    let alive = if deleted { -stamp.clock.0 } else { stamp.clock.0 };
    transaction.put(ROOT, layout::ALIVE, ScalarValue::Int(alive))?;
    let (made, _) = transaction.commit_with(CommitOptions::default().with_time(stamp.clock.0));
    let change =
        made.and_then(|hash| document.inner.get_change_by_hash(&hash)).ok_or(Refusal::Empty)?;
    Ok(Made { seeds, change })
}

/// The seeds of the text and counter fields that no change has made yet.
fn seeds(document: &Document, operations: &[Operation]) -> Vec<Change> {
    let mut out: Vec<Change> = Vec::new();
    for operation in operations {
        let seed = match operation {
            Operation::EditText { field, .. } => document.seed(field, Some(ObjType::Text)),
            Operation::Adjust { field, .. } => document.seed(field, None),
            Operation::Create { .. }
            | Operation::Edit(_)
            | Operation::Move { .. }
            | Operation::ChangeSet { .. }
            | Operation::Delete
            | Operation::Restore
            | Operation::Resolve { .. }
            | Operation::Propose { .. } => None,
        };
        let seed = seed.filter(|seed| out.iter().all(|other| other.hash() != seed.hash()));
        out.extend(seed);
    }
    out
}

fn check(
    schema: &Schema,
    document: &Document,
    entity: Entity,
    operations: &[Operation],
) -> Result<(), Refusal> {
    let internal = document.key().facet == Facet::Internal;
    if internal {
        let creates = matches!(operations.first(), Some(Operation::Create { .. }));
        match (creates, !document.is_empty()) {
            (true, true) => return Err(Refusal::Exists),
            (false, false) => return Err(Refusal::NoRecord),
            (true, false) | (false, true) => {}
        }
        let restores = operations.iter().any(|operation| matches!(operation, Operation::Restore));
        match (restores, document.is_alive()) {
            (false, false) => return Err(Refusal::Deleted),
            (true, true) => return Err(Refusal::NotDeleted),
            (true, false) | (false, true) => {}
        }
    }
    if operations.is_empty() {
        return Err(Refusal::Empty);
    }
    let later_create = |operation: &Operation| matches!(operation, Operation::Create { .. });
    if operations.iter().skip(1).any(later_create) {
        return Err(Refusal::WrongOperation { field: "create".to_owned() });
    }
    operations.iter().try_for_each(|operation| check_one(schema, document, entity, operation))
}

fn check_one(
    schema: &Schema,
    document: &Document,
    entity: Entity,
    operation: &Operation,
) -> Result<(), Refusal> {
    let facet = document.key().facet;
    let wrong = |field: &str| Refusal::WrongOperation { field: field.to_owned() };
    let known = |name: &str| {
        let def = schema.field(entity, name).filter(|def| def.facet() == facet);
        def.ok_or_else(|| wrong(name))
    };
    match operation {
        Operation::Create { fields } => {
            if facet != Facet::Internal {
                return Err(wrong("create"));
            }
            fields.iter().try_for_each(|(name, _)| known(name).map(|_| ()))
        }
        Operation::Delete | Operation::Restore if facet == Facet::Internal => Ok(()),
        Operation::Delete | Operation::Restore => Err(wrong("alive")),
        Operation::Edit(edit) => {
            let def = known(&edit.field)?;
            let single = [MergeClass::Preference, MergeClass::Review, MergeClass::Confirmed];
            if !single.contains(&def.class) {
                return Err(wrong(def.name));
            }
            check_from(document, def, edit)
        }
        Operation::Move { edit } => {
            let def = known(&edit.field)?;
            if def.machine().is_none() {
                return Err(wrong(def.name));
            }
            check_from(document, def, edit)
        }
        Operation::EditText { field, base, .. } => {
            of_class(known(field)?, MergeClass::Text)?;
            let seen = register::read_text(document, field).unwrap_or_default();
            if seen == *base { Ok(()) } else { Err(from_mismatch(field)) }
        }
        Operation::Adjust { field, .. } => of_class(known(field)?, MergeClass::Counter),
        Operation::ChangeSet { field, .. } => of_class(known(field)?, MergeClass::Set),
        Operation::Resolve { field, sides, .. } => check_sides(document, known(field)?, sides),
        Operation::Propose { field, .. } => {
            let reading = register::read(document, known(field)?);
            let disputed = matches!(reading, Reading::Disputed { .. });
            if disputed { Ok(()) } else { Err(Refusal::NotDisputed { field: field.clone() }) }
        }
    }
}

fn of_class(def: &FieldDef, class: MergeClass) -> Result<(), Refusal> {
    if def.class == class {
        Ok(())
    } else {
        Err(Refusal::WrongOperation { field: def.name.to_owned() })
    }
}

fn from_mismatch(field: &str) -> Refusal {
    Refusal::FromMismatch { field: field.to_owned() }
}

/// The edit says what the person saw; that must be what the basis shows, and no dispute.
fn check_from(document: &Document, def: &FieldDef, edit: &FieldEdit) -> Result<(), Refusal> {
    let reading = register::read(document, def);
    if matches!(reading, Reading::Disputed { .. }) {
        return Err(Refusal::Disputed { field: def.name.to_owned() });
    }
    if reading.value() == edit.from { Ok(()) } else { Err(from_mismatch(def.name)) }
}

fn check_sides(document: &Document, def: &FieldDef, sides: &[ChangeHash]) -> Result<(), Refusal> {
    let Reading::Disputed { survivors, .. } = register::read(document, def) else {
        return Err(Refusal::NotDisputed { field: def.name.to_owned() });
    };
    let mut there: Vec<ChangeHash> = survivors.iter().map(|survivor| survivor.change).collect();
    there.sort();
    if there == sides { Ok(()) } else { Err(Refusal::OtherSides { field: def.name.to_owned() }) }
}

fn write(
    transaction: &mut Transaction<'_>,
    schema: &Schema,
    entity: Entity,
    stamp: &Stamp,
    operation: &Operation,
) -> Result<(), Refusal> {
    match operation {
        Operation::Edit(edit) => put(transaction, &edit.field, to_scalar(&edit.to))?,
        Operation::Move { edit } => {
            write_state(transaction, schema, entity, stamp, &edit.field, &edit.to)?;
        }
        Operation::EditText { field, text, .. } => {
            if let Some((_, object)) = transaction.get(ROOT, field)? {
                write_text(transaction, &object, text)?;
            }
        }
        Operation::Adjust { field, by } => transaction.increment(ROOT, field, *by)?,
        Operation::ChangeSet { field, add, remove } => {
            for member in add {
                put_member(transaction, stamp, field, member)?;
            }
            for member in remove {
                let key = layout::member(field, member);
                let there = transaction.get_all(ROOT, &key)?;
                // Who removes what they do not see removes nothing.
                if there.iter().any(|(value, _)| value.is_bytes()) {
                    put(transaction, &key, ScalarValue::Null)?;
                }
            }
        }
        Operation::Resolve { field, choice, .. } => {
            if schema.field(entity, field).is_some_and(|def| def.machine().is_some()) {
                write_state(transaction, schema, entity, stamp, field, choice)?;
            } else {
                put(transaction, field, to_scalar(choice))?;
            }
        }
        Operation::Propose { field, value, why } => {
            let (key, reason) = layout::proposal(field, stamp.intent);
            transaction.put(ROOT, key, to_scalar(value))?;
            transaction.put(ROOT, reason, why.as_str())?;
        }
        Operation::Create { .. } | Operation::Delete | Operation::Restore => {}
    }
    Ok(())
}

/// Fills an empty document in one stroke: keys are written in sorted order, five times faster than
/// one by one.
fn create(
    transaction: &mut Transaction<'_>,
    schema: &Schema,
    entity: Entity,
    stamp: &Stamp,
    fields: &[(String, Value)],
) -> Result<(), Refusal> {
    let scalar = |scalar: ScalarValue| hydrate::Value::Scalar(scalar);
    let mut root: HashMap<String, hydrate::Value> = HashMap::new();
    root.insert(layout::ENTITY.to_owned(), scalar(ScalarValue::Str(entity.name().into())));
    for (name, value) in fields {
        let class = schema.field(entity, name).map(|def| def.class);
        match (class, value) {
            (Some(MergeClass::Set), Value::Set(members)) => {
                for member in members {
                    let mark = ScalarValue::Bytes(stamp.intent.as_bytes().to_vec());
                    root.insert(layout::member(name, member), scalar(mark));
                }
            }
            (Some(MergeClass::Text), Value::Text(text)) => {
                let text = hydrate::Value::text(transaction.text_encoding(), text);
                root.insert(name.clone(), text);
            }
            (Some(MergeClass::Counter), Value::Integer(number)) => {
                root.insert(name.clone(), scalar(ScalarValue::counter(*number)));
            }
            _ => {
                root.insert(name.clone(), scalar(to_scalar(value)));
            }
        }
    }
    Ok(transaction.init_root_from_hydrate(&hydrate::Map::from(root))?)
}

fn write_text(
    transaction: &mut Transaction<'_>,
    object: &ObjId,
    text: &str,
) -> Result<(), Refusal> {
    let old = transaction.text(object)?;
    let Rewrite::Pieces(pieces) = rewrite::compare(&old, text) else {
        return Ok(transaction.update_text(object, text)?);
    };
    for (gone, come) in pieces {
        // Places in a text are counted in letters (Unicode code points).
        let count = |piece: &str| piece.chars().count();
        let (from, letters) = (count(&old[..gone.start]), count(&old[gone]));
        let letters = isize::try_from(letters).map_err(|_| Refusal::Empty)?;
        transaction.splice_text(object, from, letters, come)?;
    }
    Ok(())
}

fn write_state(
    transaction: &mut Transaction<'_>,
    schema: &Schema,
    entity: Entity,
    stamp: &Stamp,
    field: &str,
    to: &Value,
) -> Result<(), Refusal> {
    put(transaction, field, to_scalar(to))?;
    let history = format!("{field}_history");
    if schema.field(entity, &history).is_some() {
        transaction.put(ROOT, layout::entry(&history, stamp.intent), to_scalar(to))?;
    }
    Ok(())
}

/// Overwrites all survivors of a key.
///
/// Among several survivors, Automerge answers a value that equals its own winner by deleting the
/// others: the winner keeps its old change and clock, and a concurrent write that takes another
/// side deletes it in turn. So the key is cleared first, and what is written is always new.
fn put(transaction: &mut Transaction<'_>, key: &str, value: ScalarValue) -> Result<(), Refusal> {
    let several = transaction.get_all(ROOT, key)?.len() > 1;
    if several {
        transaction.delete(ROOT, key)?;
    }
    Ok(transaction.put(ROOT, key, value)?)
}

/// A member holds the intent id, so that adding again is never a no-op that a concurrent removal
/// would win over (D1).
fn put_member(
    transaction: &mut Transaction<'_>,
    stamp: &Stamp,
    field: &str,
    member: &str,
) -> Result<(), Refusal> {
    let mark = ScalarValue::Bytes(stamp.intent.as_bytes().to_vec());
    Ok(transaction.put(ROOT, layout::member(field, member), mark)?)
}
