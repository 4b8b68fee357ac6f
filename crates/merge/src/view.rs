//! The merged record and its open conflicts: a pure function of its documents (D2, D7).

use std::collections::BTreeMap;

use automerge::{ROOT, ReadDoc};
use roadbook_domain::schema::Derivation;
use roadbook_domain::{
    ChangeHash, Entity, Facet, FieldDef, Hlc, IntentId, MergeClass, Money, Schema, Value,
};

use crate::keys::Keys;
use crate::register::{self, Reading, Survivor};
use crate::{Document, scalar};

/// One field of a merged record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldState {
    /// The value that is shown.
    pub value: Value,
    /// Several people set it to different values and nobody has decided yet.
    pub disputed: bool,
}

/// The rule that gave up and sent a conflict to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The field's class asks a person whenever two values differ.
    ReviewField,
    /// The state machine has no legal join of the two moves.
    NoLegalJoin,
}

impl Rule {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReviewField => "review_field",
            Self::NoLegalJoin => "no_legal_join",
        }
    }
}

/// One side of a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The value.
    pub value: Value,
    /// The changes that set it, sorted by clock; several when people agreed.
    pub changes: Vec<ChangeHash>,
    /// When it was last set.
    pub clock: Hlc,
}

/// A value that somebody proposed in a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The proposing intent.
    pub intent: IntentId,
    /// The proposed value.
    pub value: Value,
    /// Why.
    pub why: String,
}

/// A disagreement that a person must settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The field.
    pub field: &'static str,
    /// The facet that holds it: who may not receive the facet does not see the conflict.
    pub facet: Facet,
    /// The value that all sides started from.
    pub base: Value,
    /// The sides, by clock; the last one is shown meanwhile.
    pub sides: Vec<Side>,
    /// The rule that gave up.
    pub rule: Rule,
    /// What others propose.
    pub proposals: Vec<Proposal>,
    /// The difference between the highest and the lowest side, for money of one currency.
    pub stake: Option<Money>,
}

impl Conflict {
    /// The changes behind all sides, sorted: what a resolution must name.
    #[must_use]
    pub fn side_changes(&self) -> Vec<ChangeHash> {
        let mut out: Vec<_> = self.sides.iter().flat_map(|side| side.changes.clone()).collect();
        out.sort();
        out
    }
}

/// A merged record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordView {
    /// Its kind.
    pub entity: Entity,
    /// Not in the trash.
    pub alive: bool,
    /// The clock of the last edit that is visible here.
    pub updated: Hlc,
    /// Every field that has a value here, derived ones included.
    pub fields: BTreeMap<&'static str, FieldState>,
    /// What a person must settle, in the order of the schema.
    pub conflicts: Vec<Conflict>,
}

impl RecordView {
    /// The value of a field; `Null` if it has none here.
    #[must_use]
    pub fn value(&self, field: &str) -> &Value {
        self.fields.get(field).map_or(&Value::Null, |state| &state.value)
    }
}

/// Merges the documents of one record that are present here into a record.
#[must_use]
pub fn view(schema: &Schema, entity: Entity, documents: &[&Document]) -> RecordView {
    let mut fields = BTreeMap::new();
    let mut conflicts = Vec::new();
    let all: Vec<Keys<'_>> = documents.iter().map(|document| Keys::all(document)).collect();
    for def in &schema.entity(entity).fields {
        let Some(keys) = all.iter().find(|keys| keys.document.key().facet == def.facet()) else {
            continue;
        };
        let document = keys.document;
        let reading = register::read_from(keys, def);
        let disputed = matches!(reading, Reading::Disputed { .. });
        if let Reading::Disputed { survivors, .. } = &reading {
            conflicts.push(conflict(document, def, survivors));
        }
        let value = reading.value();
        let empty = match &value {
            Value::Null => true,
            Value::Set(members) => members.is_empty(),
            Value::Log(entries) => entries.is_empty(),
            Value::Text(_)
            | Value::Integer(_)
            | Value::Boolean(_)
            | Value::Money(_)
            | Value::Percent(_)
            | Value::Date(_)
            | Value::Instant(_)
            | Value::Reference(_) => false,
        };
        if !empty || disputed {
            fields.insert(def.name, FieldState { value, disputed });
        }
    }
    derive(schema, entity, &mut fields);
    let internal = all.iter().find(|keys| keys.document.key().facet == Facet::Internal);
    RecordView {
        entity,
        alive: internal.is_none_or(Keys::is_alive),
        updated: all.iter().map(Keys::updated).max().unwrap_or_default(),
        fields,
        conflicts,
    }
}

/// The fields of a document that a person must settle, of those named.
#[must_use]
pub fn disputed(
    schema: &Schema,
    entity: Entity,
    document: &Document,
    fields: &[&str],
) -> Vec<&'static str> {
    if fields.is_empty() {
        return Vec::new();
    }
    let keys = Keys::all(document);
    let defs = schema.entity(entity).fields.iter();
    defs.filter(|def| def.facet() == document.key().facet && fields.contains(&def.name))
        .filter(|def| matches!(register::read_from(&keys, def), Reading::Disputed { .. }))
        .map(|def| def.name)
        .collect()
}

/// All fields of a document that a person must settle.
#[must_use]
pub fn all_disputed(schema: &Schema, entity: Entity, document: &Document) -> Vec<&'static str> {
    let contested: Vec<&str> = schema
        .entity(entity)
        .fields
        .iter()
        .filter(|def| matches!(def.class, MergeClass::Review | MergeClass::State))
        .map(|def| def.name)
        .collect();
    disputed(schema, entity, document, &contested)
}

fn conflict(document: &Document, def: &FieldDef, survivors: &[Survivor]) -> Conflict {
    // Survivors come by clock and author: a side stands where its latest survivor stands, so that
    // the last side is the value that is shown.
    let mut sides: Vec<Side> = Vec::new();
    for survivor in survivors {
        let known = sides.iter().position(|side| side.value == survivor.value);
        let mut changes = known.map_or_else(Vec::new, |at| sides.remove(at).changes);
        changes.push(survivor.change);
        sides.push(Side { value: survivor.value.clone(), changes, clock: survivor.clock });
    }
    Conflict {
        field: def.name,
        facet: def.facet(),
        base: register::base(document, def, survivors),
        stake: stake(&sides),
        sides,
        rule: if def.machine().is_some() { Rule::NoLegalJoin } else { Rule::ReviewField },
        proposals: proposals(document, def, survivors),
    }
}

fn stake(sides: &[Side]) -> Option<Money> {
    let amounts: Option<Vec<Money>> = sides.iter().map(|side| side.value.as_money()).collect();
    let amounts = amounts?;
    let currency = amounts.first()?.currency;
    if amounts.iter().any(|amount| amount.currency != currency) {
        return None;
    }
    let highest = amounts.iter().map(|amount| amount.minor).max()?;
    let lowest = amounts.iter().map(|amount| amount.minor).min()?;
    Some(Money { minor: highest.checked_sub(lowest)?, currency })
}

/// The proposals of those who had seen a side of this very conflict.
fn proposals(document: &Document, def: &FieldDef, survivors: &[Survivor]) -> Vec<Proposal> {
    let from = format!("proposal/{}/", def.name);
    let to = format!("proposal/{}0", def.name);
    let mut out: Vec<Proposal> = Vec::new();
    for item in document.inner.map_range(ROOT, from.clone()..to) {
        let change = document.change_of(&item.id());
        let name = item.key[from.len()..].to_owned();
        let automerge::Value::Scalar(found) = item.value.into_value() else {
            continue;
        };
        if let Some(intent) = name.strip_suffix("/why") {
            let same = |last: &&mut Proposal| last.intent.0.simple().to_string() == intent;
            if let Some(last) = out.last_mut().filter(same) {
                last.why = found.as_str().unwrap_or_default().to_owned();
            }
        } else if let (Ok(intent), Some(change)) = (name.parse(), change) {
            let seen = register::ancestors(document, change);
            if survivors.iter().any(|side| seen.contains(&side.change)) {
                let value = scalar::from_scalar(&found, &def.value_type);
                out.push(Proposal { intent, value, why: String::new() });
            }
        }
    }
    out
}

fn derive(schema: &Schema, entity: Entity, fields: &mut BTreeMap<&'static str, FieldState>) {
    for def in &schema.entity(entity).fields {
        let Some(derivation) = def.derivation else {
            continue;
        };
        let value = |name: &str| fields.get(name).map_or(&Value::Null, |state| &state.value);
        let disputed = |name: &str| fields.get(name).is_some_and(|state| state.disputed);
        let state_of = |name: &str| {
            let machine = schema.field(entity, name)?.machine()?;
            machine.state(value(name).as_text()?)
        };
        let computed = match derivation {
            Derivation::Weighted { amount, probability, state } => {
                let points = if let Value::Percent(points) = value(probability) {
                    Some(*points)
                } else {
                    state_of(state).map(|state| i64::from(state.probability_percent) * 100)
                };
                let share = value(amount).as_money().zip(points);
                let share = share.and_then(|(amount, points)| amount.share(points));
                share.map(|share| (Value::Money(share), disputed(amount) || disputed(state)))
            }
            Derivation::Category { chosen, state } => {
                if let Value::Text(chosen) = value(chosen) {
                    Some((Value::Text(chosen.clone()), false))
                } else {
                    let category = state_of(state).and_then(|state| state.category);
                    category.map(|it| (Value::Text(it.name().to_owned()), disputed(state)))
                }
            }
        };
        if let Some((value, disputed)) = computed {
            fields.insert(def.name, FieldState { value, disputed });
        }
    }
}
