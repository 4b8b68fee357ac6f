//! A second opinion: what a record must be, computed from the accepted envelopes alone by rules
//! written down here once more, with sets of changes and without Automerge.
//!
//! Slow and plain on purpose. It knows each operation, its basis, clock and author; from the bases
//! it knows which change had seen which.
//!
//! Long because it holds one rule for every merge class, beside one another.

use std::collections::{BTreeMap, BTreeSet};

use roadbook_domain::value::LogEntry;
use roadbook_domain::{
    ChangeHash, DocumentKey, Entity, Facet, FieldDef, Hlc, IntentId, MergeClass, Money, Operation,
    RecordId, Schema, Value,
};
use roadbook_merge::view::Proposal;
use roadbook_merge::{Conflict, Envelope, FieldState, RecordView, Rule, Side, actor_of};

use crate::office::{stamp_of, text};

type Changes = BTreeSet<ChangeHash>;

/// One change of one document.
#[derive(Debug, Clone)]
struct Fact {
    change: ChangeHash,
    clock: Hlc,
    actor: Vec<u8>,
    intent: IntentId,
    operations: Vec<Operation>,
    /// Everything that its author had seen, without itself.
    seen: Changes,
}

/// All that is known of one document.
#[derive(Debug, Clone, Default)]
struct Story {
    facts: Vec<Fact>,
}

/// What accepted envelopes amount to.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    schema: Schema,
    stories: BTreeMap<DocumentKey, (Entity, Story)>,
}

/// A single-valued field by the model.
enum Single {
    None,
    One(Value),
    Settled(Value),
    Disputed(Vec<Side>),
}

impl Model {
    pub(crate) fn new(schema: &Schema) -> Self {
        Self { schema: schema.clone(), stories: BTreeMap::new() }
    }

    pub(crate) fn take_in(&mut self, envelope: &Envelope) {
        for (part, _) in &envelope.parts {
            let stamp = stamp_of(&envelope.header, part);
            let (_, story) = self
                .stories
                .entry(part.document)
                .or_insert_with(|| (part.entity, Story::default()));
            let mut seen = Changes::new();
            for basis in &part.basis {
                let before = story.facts.iter().find(|fact| fact.change == *basis);
                seen.extend(before.expect("a basis is accepted first").seen.iter().copied());
                seen.insert(*basis);
            }
            story.facts.push(Fact {
                change: part.change,
                clock: stamp.clock,
                actor: actor_of(&stamp.author, &part.document).to_bytes().to_vec(),
                intent: stamp.intent,
                operations: part.operations.clone(),
                seen,
            });
        }
    }

    pub(crate) fn records(&self) -> BTreeSet<RecordId> {
        self.stories.keys().map(|key| key.record).collect()
    }

    /// The record, but for its texts: those are checked by [`Model::check_text`].
    pub(crate) fn view(&self, record: RecordId, shown: &RecordView) -> RecordView {
        let mut fields = BTreeMap::new();
        let mut conflicts = Vec::new();
        let internal = DocumentKey::first(record, Facet::Internal);
        let entity = self.stories[&internal].0;
        for def in &self.schema.entity(entity).fields {
            let key = DocumentKey::first(record, def.facet());
            let Some((_, story)) = self.stories.get(&key) else { continue };
            let (value, disputed) = match def.class {
                MergeClass::Set => (Value::Set(story.set(def.name)), false),
                MergeClass::Append => (Value::Log(story.log(def.name)), false),
                MergeClass::Counter => (story.sum(def.name), false),
                MergeClass::Text => {
                    let text = shown.value(def.name).clone();
                    story.check_text(def.name, text.as_text().unwrap_or_default());
                    (text, false)
                }
                MergeClass::Derived => (Value::Null, false),
                MergeClass::Preference
                | MergeClass::Confirmed
                | MergeClass::Review
                | MergeClass::State
                | MergeClass::Structured => match story.single(def, None) {
                    Single::None => (Value::Null, false),
                    Single::One(value) | Single::Settled(value) => (value, false),
                    Single::Disputed(sides) => {
                        let last = sides.last().expect("a dispute has sides").value.clone();
                        conflicts.push(story.conflict(def, sides));
                        (last, true)
                    }
                },
            };
            let empty = match &value {
                Value::Null => true,
                Value::Set(members) => members.is_empty(),
                Value::Log(entries) => entries.is_empty(),
                _ => false,
            };
            if !empty || disputed {
                fields.insert(def.name, FieldState { value, disputed });
            }
        }
        if entity == Entity::Opportunity {
            derive(&mut fields);
        }
        let documents = Facet::ALL.map(|facet| DocumentKey::first(record, facet));
        let stories = documents.iter().filter_map(|key| self.stories.get(key));
        RecordView {
            entity,
            alive: self.stories[&internal].1.is_alive(),
            updated: stories.map(|(_, story)| story.updated()).max().unwrap(),
            fields,
            conflicts,
        }
    }

    /// The codes that a part's journal must have, by field, right after it was taken in.
    pub(crate) fn journal(&self, envelope: &Envelope, at: usize) -> BTreeSet<(String, &str)> {
        let part = &envelope.parts[at].0;
        let (entity, story) = &self.stories[&part.document];
        let mut out = BTreeSet::new();
        for operation in &part.operations {
            if let Some((field, code)) = self.settled(*entity, story, part.change, operation) {
                out.insert((field.to_owned(), code));
            }
        }
        let alive = story.surviving(|fact| Some(fact.kills()), None);
        if alive.iter().any(|(_, kills)| *kills) && alive.iter().any(|(_, kills)| !*kills) {
            out.insert(("alive".to_owned(), "revived"));
        }
        out
    }

    fn settled<'a>(
        &self,
        entity: Entity,
        story: &Story,
        change: ChangeHash,
        operation: &'a Operation,
    ) -> Option<(&'a str, &'static str)> {
        let field = operation.field()?;
        let def = self.schema.field(entity, field)?;
        let own = story.facts.iter().find(|fact| fact.change == change)?;
        let strangers: Vec<&Fact> = story
            .facts
            .iter()
            .filter(|fact| fact.change != change && !own.seen.contains(&fact.change))
            .collect();
        let code = match operation {
            Operation::Resolve { .. } => "decided",
            Operation::Edit(_) | Operation::Move { .. } => match story.single(def, None) {
                Single::Settled(_) if def.class == MergeClass::State => "moves_joined",
                Single::Settled(_) => "later_kept",
                Single::None | Single::One(_) | Single::Disputed(_) => return None,
            },
            Operation::ChangeSet { add, remove, .. } => {
                let fought = add.iter().chain(remove).any(|member| {
                    let writes = story.member(field, member, None);
                    writes.iter().any(|(_, add)| *add) && writes.iter().any(|(_, add)| !*add)
                });
                if !fought {
                    return None;
                }
                "adding_won"
            }
            Operation::Adjust { .. } => {
                let others: i64 = strangers.iter().map(|fact| fact.count(field)).sum();
                if others == 0 {
                    return None;
                }
                "summed"
            }
            Operation::EditText { text, .. } => {
                if story.characters(field) == text.chars().collect() {
                    return None;
                }
                "texts_merged"
            }
            Operation::Create { .. }
            | Operation::Delete
            | Operation::Restore
            | Operation::Propose { .. } => return None,
        };
        Some((field, code))
    }
}

impl Fact {
    fn single(&self, field: &str) -> Option<Value> {
        self.operations.iter().rev().find_map(|operation| match operation {
            Operation::Create { fields } => {
                fields.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone())
            }
            Operation::Edit(edit) | Operation::Move { edit } if edit.field == field => {
                Some(edit.to.clone())
            }
            Operation::Resolve { field: name, choice, .. } if name == field => Some(choice.clone()),
            _ => None,
        })
    }

    /// What the fact does to a member, if it does anything to it.
    fn member(&self, field: &str, member: &String) -> Option<bool> {
        self.operations.iter().rev().find_map(|operation| match operation {
            Operation::Create { fields } => fields
                .iter()
                .any(|(name, value)| name == field && value.members().contains(member))
                .then_some(true),
            Operation::ChangeSet { field: name, add, remove } if name == field => {
                if remove.contains(member) {
                    Some(false)
                } else {
                    add.contains(member).then_some(true)
                }
            }
            _ => None,
        })
    }

    fn count(&self, field: &str) -> i64 {
        let of = |operation: &Operation| match operation {
            Operation::Create { fields } => fields
                .iter()
                .find(|(name, _)| name == field)
                .and_then(|(_, value)| value.as_integer())
                .unwrap_or(0),
            Operation::Adjust { field: name, by } if name == field => *by,
            _ => 0,
        };
        self.operations.iter().map(of).sum()
    }

    fn kills(&self) -> bool {
        self.operations.contains(&Operation::Delete)
    }
}

impl Story {
    /// The writes that no other write (of some changes, or of all) had seen.
    fn surviving<T>(
        &self,
        write: impl Fn(&Fact) -> Option<T>,
        among: Option<&Changes>,
    ) -> Vec<(&Fact, T)> {
        let here = |fact: &&Fact| among.is_none_or(|among| among.contains(&fact.change));
        let writes: Vec<(&Fact, T)> = self
            .facts
            .iter()
            .filter(here)
            .filter_map(|fact| write(fact).map(|value| (fact, value)))
            .collect();
        let buried: Changes = writes.iter().flat_map(|(fact, _)| fact.seen.clone()).collect();
        let mut left: Vec<(&Fact, T)> =
            writes.into_iter().filter(|(fact, _)| !buried.contains(&fact.change)).collect();
        left.sort_by(|(a, _), (b, _)| (a.clock, &a.actor).cmp(&(b.clock, &b.actor)));
        left
    }

    fn single(&self, def: &FieldDef, among: Option<&Changes>) -> Single {
        let left = self.surviving(|fact| fact.single(def.name), among);
        let Some((_, latest)) = left.last() else { return Single::None };
        let distinct: Vec<&Value> =
            left.iter().fold(Vec::new(), |mut distinct: Vec<&Value>, (_, value)| {
                if !distinct.contains(&value) {
                    distinct.push(value);
                }
                distinct
            });
        if distinct.len() == 1 {
            return Single::One(latest.clone());
        }
        match def.class {
            MergeClass::Review => Single::Disputed(sides(&left)),
            MergeClass::State => match joined(def, self.base(def, &left).as_text(), &distinct) {
                Some(value) => Single::Settled(Value::Text(value)),
                None => Single::Disputed(sides(&left)),
            },
            _ => Single::Settled(latest.clone()),
        }
    }

    /// The field among the changes that the authors of all sides had seen.
    fn base(&self, def: &FieldDef, left: &[(&Fact, Value)]) -> Value {
        let mut common = left[0].0.seen.clone();
        for (fact, _) in left {
            common = common.intersection(&fact.seen).copied().collect();
        }
        match self.single(def, Some(&common)) {
            Single::None => Value::Null,
            Single::One(value) | Single::Settled(value) => value,
            Single::Disputed(sides) => sides.last().expect("sides").value.clone(),
        }
    }

    fn conflict(&self, def: &FieldDef, sides: Vec<Side>) -> Conflict {
        let left = self.surviving(|fact| fact.single(def.name), None);
        let behind: Changes = left.iter().map(|(fact, _)| fact.change).collect();
        let mut proposals = Vec::new();
        for fact in &self.facts {
            for operation in &fact.operations {
                if let Operation::Propose { field, value, why } = operation
                    && field == def.name
                    && !fact.seen.is_disjoint(&behind)
                {
                    let (intent, value, why) = (fact.intent, value.clone(), why.clone());
                    proposals.push(Proposal { intent, value, why });
                }
            }
        }
        proposals.sort_by_key(|proposal| proposal.intent);
        let amounts: Vec<Money> = sides.iter().filter_map(|it| it.value.as_money()).collect();
        let minors = || amounts.iter().map(|amount| amount.minor);
        let stake = (amounts.len() == sides.len()).then(|| Money {
            minor: minors().max().unwrap() - minors().min().unwrap(),
            currency: amounts[0].currency,
        });
        Conflict {
            field: def.name,
            facet: def.facet(),
            base: self.base(def, &left),
            sides,
            rule: if def.machine().is_some() { Rule::NoLegalJoin } else { Rule::ReviewField },
            proposals,
            stake,
        }
    }

    fn set(&self, field: &str) -> Vec<String> {
        let mut members = BTreeSet::new();
        for fact in &self.facts {
            for operation in &fact.operations {
                match operation {
                    Operation::Create { fields } => {
                        let given = fields.iter().filter(|(name, _)| name == field);
                        members.extend(given.flat_map(|(_, value)| value.members().to_vec()));
                    }
                    Operation::ChangeSet { field: name, add, .. } if name == field => {
                        members.extend(add.iter().cloned());
                    }
                    _ => {}
                }
            }
        }
        let stays = |member: &String| self.member(field, member, None).iter().any(|(_, add)| *add);
        members.into_iter().filter(stays).collect()
    }

    /// The surviving additions and removals of a member. Who removes what they had not seen
    /// removed nothing.
    fn member(&self, field: &str, member: &String, among: Option<&Changes>) -> Vec<(&Fact, bool)> {
        let write = |fact: &Fact| {
            let add = fact.member(field, member)?;
            let there = || {
                let before = self.member(field, member, Some(&fact.seen));
                before.iter().any(|(_, add)| *add)
            };
            (add || there()).then_some(add)
        };
        self.surviving(write, among)
    }

    fn log(&self, field: &str) -> Vec<LogEntry> {
        let of = field.strip_suffix("_history").expect("logs are histories of states");
        let mut out = Vec::new();
        for fact in &self.facts {
            for operation in &fact.operations {
                let (name, to) = match operation {
                    Operation::Move { edit } => (&edit.field, &edit.to),
                    Operation::Resolve { field, choice, .. } => (field, choice),
                    _ => continue,
                };
                if name == of {
                    let text = to.as_text().unwrap().to_owned();
                    let at_ms = fact.clock.millis();
                    out.push((at_ms, fact.intent, LogEntry { at_ms, text }));
                }
            }
        }
        out.sort_by_key(|(at_ms, intent, _)| (*at_ms, *intent));
        out.into_iter().map(|(_, _, entry)| entry).collect()
    }

    fn sum(&self, field: &str) -> Value {
        let writes = |fact: &Fact| {
            fact.operations.iter().any(|operation| match operation {
                Operation::Create { fields } => fields.iter().any(|(name, _)| name == field),
                Operation::Adjust { field: name, .. } => name == field,
                _ => false,
            })
        };
        if !self.facts.iter().any(writes) {
            return Value::Null;
        }
        Value::Integer(self.facts.iter().map(|fact| fact.count(field)).sum())
    }

    /// The texts that authors left, with what they started from.
    fn texts(&self, field: &str) -> Vec<(&str, &str)> {
        let operations = self.facts.iter().flat_map(|fact| &fact.operations);
        let texts = operations.filter_map(|operation| match operation {
            Operation::Create { fields } => {
                let given = fields.iter().find(|(name, _)| name == field);
                Some(("", given.and_then(|(_, value)| value.as_text()).unwrap_or_default()))
            }
            Operation::EditText { field: name, base, text } if name == field => {
                Some((base.as_str(), text.as_str()))
            }
            _ => None,
        });
        texts.collect()
    }

    /// Every character that somebody typed and nobody deleted; each is typed once.
    fn characters(&self, field: &str) -> BTreeSet<char> {
        let (mut typed, mut deleted) = (BTreeSet::new(), BTreeSet::new());
        for (base, text) in self.texts(field) {
            typed.extend(text.chars());
            deleted.extend(base.chars().filter(|c| !text.contains(*c)));
        }
        typed.difference(&deleted).copied().collect()
    }

    /// A merged text has all characters, once, and each author's in the order in which they left
    /// them.
    fn check_text(&self, field: &str, merged: &str) {
        let expected = self.characters(field);
        let found: Vec<char> = merged.chars().collect();
        assert_eq!(found.len(), expected.len(), "`{merged}` has {expected:?} once each");
        assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), expected);
        for (_, text) in self.texts(field) {
            let left: Vec<char> = text.chars().filter(|c| expected.contains(c)).collect();
            let kept: Vec<char> = found.iter().copied().filter(|c| left.contains(c)).collect();
            assert_eq!(kept, left, "the order of `{text}` in `{merged}`");
        }
    }

    fn is_alive(&self) -> bool {
        self.surviving(|fact| Some(fact.kills()), None).iter().any(|(_, kills)| !kills)
    }

    fn updated(&self) -> Hlc {
        let left = self.surviving(|fact| Some(fact.clock), None);
        left.into_iter().map(|(_, clock)| clock).max().unwrap_or_default()
    }
}

fn sides(left: &[(&Fact, Value)]) -> Vec<Side> {
    let mut out: Vec<(&Fact, Side)> = Vec::new();
    for (fact, value) in left {
        if let Some((last, side)) = out.iter_mut().find(|(_, side)| side.value == *value) {
            side.changes.push(fact.change);
            side.clock = fact.clock;
            *last = fact;
        } else {
            let changes = vec![fact.change];
            out.push((fact, Side { value: value.clone(), changes, clock: fact.clock }));
        }
    }
    out.sort_by(|(a, _), (b, _)| (a.clock, &a.actor).cmp(&(b.clock, &b.actor)));
    out.into_iter().map(|(_, side)| side).collect()
}

/// The states again, as the design lists them: name, how far, contested.
const STATES: [(&str, u8, bool); 13] = [
    ("Prospecting", 0, false),
    ("Qualification", 1, false),
    ("Needs analysis", 2, false),
    ("Proposal", 3, false),
    ("Negotiation", 4, true),
    ("Closed won", 5, true),
    ("Closed lost", 5, true),
    ("New", 0, false),
    ("Working", 1, false),
    ("Nurturing", 1, false),
    ("Qualified", 2, false),
    ("Open", 0, false),
    ("Done", 1, false),
];

fn joined(def: &FieldDef, base: Option<&str>, values: &[&Value]) -> Option<String> {
    let state = |name: &str| *STATES.iter().find(|(known, _, _)| *known == name).unwrap();
    let base = state(base.unwrap_or(def.machine()?.initial().name));
    let ends: Vec<_> = values.iter().map(|value| state(value.as_text().unwrap())).collect();
    if base.2 || ends.iter().any(|end| end.2 || end.1 < base.1) {
        return None;
    }
    let farthest = ends.iter().map(|end| end.1).max()?;
    let mut there = ends.iter().filter(|end| end.1 == farthest);
    let only = there.next()?;
    there.next().is_none().then(|| only.0.to_owned())
}

fn derive(fields: &mut BTreeMap<&'static str, FieldState>) {
    let Some(stage) = fields.get("stage").cloned() else { return };
    let (percent, category) = match stage.value.as_text().unwrap() {
        "Prospecting" => (10, "Pipeline"),
        "Qualification" => (20, "Pipeline"),
        "Needs analysis" => (35, "Pipeline"),
        "Proposal" => (60, "Best case"),
        "Negotiation" => (80, "Commit"),
        "Closed won" => (100, "Closed"),
        _ => (0, "Omitted"),
    };
    let category = match fields.get("category_override") {
        Some(own) => FieldState { value: own.value.clone(), disputed: false },
        None => FieldState { value: text(category), disputed: stage.disputed },
    };
    fields.insert("forecast_category", category);
    let own = fields.get("probability").map(|own| own.value.clone());
    let points = if let Some(Value::Percent(points)) = own { points } else { percent * 100 };
    if let Some(amount) = fields.get("amount").cloned()
        && let Value::Money(money) = amount.value
    {
        let (minor, currency) = (money.minor * points / 10_000, money.currency);
        let disputed = amount.disputed || stage.disputed;
        let value = Value::Money(Money { minor, currency });
        fields.insert("weighted_amount", FieldState { value, disputed });
    }
}
