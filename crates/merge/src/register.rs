//! Survivors: the values of one root key that no other change has overwritten, and how each merge
//! class reads them (D2).

use std::collections::BTreeSet;

use automerge::{ObjType, ROOT, ReadDoc, ScalarValue, Value as Stored};
use roadbook_domain::value::LogEntry;
use roadbook_domain::{ChangeHash, FieldDef, Hlc, MergeClass, Value};

use crate::document::to_automerge;
use crate::keys::{Key, Keys};
use crate::{Document, scalar};

/// One value that nothing has overwritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Survivor {
    pub(crate) value: Value,
    pub(crate) change: ChangeHash,
    pub(crate) clock: Hlc,
    pub(crate) actor: Vec<u8>,
}

/// What a field's survivors amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reading {
    /// No change has ever written the field.
    Absent,
    /// One value, or several that agree.
    Agreed(Value),
    /// Several values, settled by the field's rule.
    Settled { value: Value, survivors: Vec<Survivor> },
    /// Several values that a person must settle; `shown` has the highest clock.
    Disputed { shown: Value, survivors: Vec<Survivor> },
}

impl Reading {
    /// The value that is shown.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::Absent => Value::Null,
            Self::Agreed(value) | Self::Settled { value, .. } => value,
            Self::Disputed { shown, .. } => shown,
        }
    }
}

/// Reads one field by its merge class.
pub(crate) fn read(document: &Document, field: &FieldDef) -> Reading {
    read_from(&Keys::of_field(document, field.name), field)
}

/// Reads a field by its merge class, from keys that are there already.
pub(crate) fn read_from(keys: &Keys<'_>, field: &FieldDef) -> Reading {
    match field.class {
        MergeClass::Set => Reading::Agreed(Value::Set(read_set(keys, field.name))),
        MergeClass::Append => Reading::Agreed(Value::Log(read_log(keys, field.name))),
        MergeClass::Text => match keys.find(field.name).and_then(|key| text_of(keys, key)) {
            Some(text) if text.is_empty() => Reading::Agreed(Value::Null),
            Some(text) => Reading::Agreed(Value::Text(text)),
            None => Reading::Absent,
        },
        MergeClass::Counter => match keys.find(field.name) {
            Some(key) => Reading::Agreed(decode(&key.value, field)),
            None => Reading::Absent,
        },
        MergeClass::Derived => Reading::Absent,
        MergeClass::Preference
        | MergeClass::Structured
        | MergeClass::State
        | MergeClass::Review
        | MergeClass::Confirmed => read_register(keys, field),
    }
}

fn read_register(keys: &Keys<'_>, field: &FieldDef) -> Reading {
    let Some(key) = keys.find(field.name) else { return Reading::Absent };
    if !key.conflict {
        return Reading::Agreed(decode(&key.value, field));
    }
    let document = keys.document;
    let survivors = survivors(document, field);
    let Some(latest) =
        survivors.iter().max_by(|a, b| (a.clock, &a.actor).cmp(&(b.clock, &b.actor)))
    else {
        return Reading::Absent;
    };
    let shown = latest.value.clone();
    if survivors.iter().all(|survivor| survivor.value == shown) {
        return Reading::Agreed(shown);
    }
    match field.class {
        MergeClass::Review => Reading::Disputed { shown, survivors },
        MergeClass::State => match join(document, field, &survivors) {
            Some(value) => Reading::Settled { value, survivors },
            None => Reading::Disputed { shown, survivors },
        },
        MergeClass::Preference
        | MergeClass::Confirmed
        | MergeClass::Structured
        | MergeClass::Set
        | MergeClass::Counter
        | MergeClass::Append
        | MergeClass::Text
        | MergeClass::Derived => Reading::Settled { value: shown, survivors },
    }
}

/// All survivors of a single-valued field, by clock and actor.
pub(crate) fn survivors(document: &Document, field: &FieldDef) -> Vec<Survivor> {
    let found = document.inner.get_all(ROOT, field.name).unwrap_or_default();
    let mut out: Vec<Survivor> = found
        .into_iter()
        .filter_map(|(value, id)| {
            let hash = document.inner.hash_for_opid(&id)?;
            let meta = document.inner.get_change_meta_by_hash(&hash)?;
            Some(Survivor {
                value: decode(&value, field),
                change: ChangeHash(hash.0),
                clock: Hlc(meta.timestamp),
                actor: meta.actor.to_bytes().to_vec(),
            })
        })
        .collect();
    out.sort_by(|a, b| (a.clock, &a.actor).cmp(&(b.clock, &b.actor)));
    out
}

/// The value that all sides started from: the field at the meet of their histories, read by its
/// own rule.
pub(crate) fn base(document: &Document, field: &FieldDef, survivors: &[Survivor]) -> Value {
    let mut common: Option<BTreeSet<ChangeHash>> = None;
    for survivor in survivors {
        let mut before = ancestors(document, survivor.change);
        before.remove(&survivor.change);
        common = Some(match common {
            None => before,
            Some(others) => others.intersection(&before).copied().collect(),
        });
    }
    let common: Vec<ChangeHash> = common.unwrap_or_default().into_iter().collect();
    if common.is_empty() {
        return Value::Null;
    }
    let found = document.inner.get_all_at(ROOT, field.name, &to_automerge(&common));
    match found.unwrap_or_default().as_slice() {
        [] => Value::Null,
        [(value, _)] => decode(value, field),
        // The sides started from several values themselves: read as everyone saw them there.
        _ => document.at(&common).map_or(Value::Null, |then| read(&then, field).value()),
    }
}

/// A change and all that it builds on.
pub(crate) fn ancestors(document: &Document, change: ChangeHash) -> BTreeSet<ChangeHash> {
    let mut seen = BTreeSet::new();
    let mut queue = vec![change];
    while let Some(next) = queue.pop() {
        if !seen.insert(next) {
            continue;
        }
        let hash = automerge::ChangeHash(next.0);
        if let Some(meta) = document.inner.get_change_meta_by_hash(&hash) {
            queue.extend(meta.deps.iter().map(|dep| ChangeHash(dep.0)));
        }
    }
    seen
}

/// Joins moves: the farthest first, so that the order of arrival or of clocks decides nothing.
fn join(document: &Document, field: &FieldDef, survivors: &[Survivor]) -> Option<Value> {
    let machine = field.machine()?;
    let base = base(document, field, survivors);
    let mut values = BTreeSet::new();
    for survivor in survivors {
        let name = survivor.value.as_text()?;
        values.insert((std::cmp::Reverse(machine.state(name)?.rank), name));
    }
    let mut names = values.into_iter().map(|(_, name)| name);
    let farthest = names.next()?;
    for name in names {
        machine.join(base.as_text(), farthest, name)?;
    }
    Some(Value::Text(farthest.to_owned()))
}

/// The members of a set, sorted. Adding wins over removing.
fn read_set(keys: &Keys<'_>, field: &str) -> Vec<String> {
    let present = |key: &Key<'_>| {
        if key.conflict {
            keys.survivors(key).iter().any(Stored::is_bytes)
        } else {
            key.value.is_bytes()
        }
    };
    let members = keys.members(field).filter(|(_, key)| present(key));
    members.map(|(name, _)| name.to_owned()).collect()
}

fn read_log(keys: &Keys<'_>, field: &str) -> Vec<LogEntry> {
    let document = keys.document;
    let mut out: Vec<(LogEntry, &str)> = Vec::new();
    for (name, key) in keys.members(field) {
        let Some(text) = key.value.as_str() else { continue };
        let change = document.change_of(&key.id);
        let clock = change.and_then(|change| document.clock_of(change)).unwrap_or_default();
        out.push((LogEntry { at_ms: clock.millis(), text: text.to_owned() }, name));
    }
    out.sort_by(|a, b| (a.0.at_ms, a.1).cmp(&(b.0.at_ms, b.1)));
    out.into_iter().map(|(entry, _)| entry).collect()
}

/// The text of a text field; `None` if it has never been written.
pub(crate) fn read_text(document: &Document, field: &str) -> Option<String> {
    let keys = Keys::of_field(document, field);
    keys.find(field).and_then(|key| text_of(&keys, key))
}

fn text_of(keys: &Keys<'_>, key: &Key<'_>) -> Option<String> {
    let text = matches!(key.value, Stored::Object(ObjType::Text));
    if text { keys.document.inner.text(&key.id).ok() } else { None }
}

fn decode(value: &Stored<'_>, field: &FieldDef) -> Value {
    match value {
        Stored::Scalar(found) => {
            let found: &ScalarValue = found;
            scalar::from_scalar(found, &field.value_type)
        }
        Stored::Object(_) => Value::Null,
    }
}
