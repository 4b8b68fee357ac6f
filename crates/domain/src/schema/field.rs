//! What the table says of one entity and one field.

use crate::schema::StateMachine;
use crate::{Entity, Facet};

/// How concurrent values of a field are merged (D2). There is no default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MergeClass {
    /// The last writer wins by hybrid clock; the loser is journalled.
    Preference,
    /// Members are added and removed; adding wins.
    Set,
    /// The sum of all changes.
    Counter,
    /// Immutable entries.
    Append,
    /// Collaborative text merge.
    Text,
    /// Semantic merge by rules of the artefact. Not writable yet.
    Structured,
    /// State machine: a legal join merges, an illegal one goes to review.
    State,
    /// Two different concurrent values go to a person.
    Review,
    /// The server is the truth; the device shows a proposal until it confirms.
    Confirmed,
    /// Never stored or merged; recomputed.
    Derived,
}

/// Who may receive a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Classification {
    /// Everyone who may see the record.
    Internal,
    /// Only those with the right to confidential data.
    Confidential,
}

impl Classification {
    /// The document that holds fields of this classification.
    #[must_use]
    pub const fn facet(self) -> Facet {
        match self {
            Self::Internal => Facet::Internal,
            Self::Confidential => Facet::Confidential,
        }
    }
}

/// What values a field takes.
#[derive(Debug, Clone, Copy)]
pub enum ValueType {
    /// One line of text.
    Text,
    /// Text of many lines, merged word by word.
    LongText,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// Money.
    Money,
    /// A percentage, in basis points.
    Percent,
    /// A day.
    Date,
    /// A point in time.
    Instant,
    /// The id of a record of one entity.
    Reference(Entity),
    /// The id of a record of any entity.
    AnyReference,
    /// One of a list of words.
    Choice(&'static [&'static str]),
    /// A state of a machine.
    State(&'static StateMachine),
    /// A set of short texts.
    Set,
    /// An append-only list of short texts.
    Log,
    /// An artefact with an inner structure (address, quote lines). Not writable yet.
    Structure,
}

impl ValueType {
    /// The name of the type, for schemas and error texts.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long text",
            Self::Integer => "whole number",
            Self::Boolean => "yes or no",
            Self::Money => "money",
            Self::Percent => "percentage",
            Self::Date => "date",
            Self::Instant => "point in time",
            Self::Reference(_) | Self::AnyReference => "record id",
            Self::Choice(_) => "choice",
            Self::State(_) => "state",
            Self::Set => "set",
            Self::Log => "log",
            Self::Structure => "structure",
        }
    }
}

/// How a derived field is computed from the other fields of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derivation {
    /// Money field times the percentage field; where that has no value, times the probability of
    /// the state field.
    Weighted {
        /// The money field.
        amount: &'static str,
        /// The percentage field that overrides the state's probability.
        probability: &'static str,
        /// The state field.
        state: &'static str,
    },
    /// The choice field; where that has no value, the forecast category of the state field.
    Category {
        /// The choice field that overrides.
        chosen: &'static str,
        /// The state field.
        state: &'static str,
    },
}

/// One field of one entity.
#[derive(Debug, Clone, Copy)]
pub struct FieldDef {
    /// The name in documents, tables and commands: lower case letters and underscores.
    pub name: &'static str,
    /// The name for people.
    pub label: &'static str,
    /// What values it takes.
    pub value_type: ValueType,
    /// How concurrent values merge.
    pub class: MergeClass,
    /// Who may receive it.
    pub classification: Classification,
    /// The unit of a number, for people.
    pub unit: Option<&'static str>,
    /// A record cannot be created without it.
    pub required: bool,
    /// The search box looks into it.
    pub searched: bool,
    /// Lists of an owner's records by this field are quick: it gets an index.
    pub indexed: bool,
    /// How a derived field is computed.
    pub derivation: Option<Derivation>,
    /// The version of the table that brought it: devices of an earlier one do not know it.
    pub since: u32,
}

impl FieldDef {
    /// Declares a field. Everything that decides merging and visibility is required.
    #[must_use]
    pub const fn new(
        name: &'static str,
        label: &'static str,
        value_type: ValueType,
        class: MergeClass,
        classification: Classification,
    ) -> Self {
        Self {
            name,
            label,
            value_type,
            class,
            classification,
            unit: None,
            required: false,
            searched: false,
            indexed: false,
            derivation: None,
            since: 1,
        }
    }

    /// The same field, needed to create a record.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same field, found by the search box.
    #[must_use]
    pub const fn searched(self) -> Self {
        Self { searched: true, ..self }
    }

    /// The same field, by which an owner's records are listed quickly.
    #[must_use]
    pub const fn indexed(self) -> Self {
        Self { indexed: true, ..self }
    }

    /// The same field, with a unit for people.
    #[must_use]
    pub const fn unit(self, unit: &'static str) -> Self {
        Self { unit: Some(unit), ..self }
    }

    /// The same field, computed from others.
    #[must_use]
    pub const fn derived(self, derivation: Derivation) -> Self {
        Self { derivation: Some(derivation), ..self }
    }

    /// The same field, brought by a later version of the table.
    #[must_use]
    pub const fn since(self, version: u32) -> Self {
        Self { since: version, ..self }
    }

    /// The document that holds the field.
    #[must_use]
    pub const fn facet(&self) -> Facet {
        self.classification.facet()
    }

    /// The state machine of a state field.
    #[must_use]
    pub const fn machine(&self) -> Option<&'static StateMachine> {
        if let ValueType::State(machine) = self.value_type { Some(machine) } else { None }
    }
}

/// One entity and its fields.
#[derive(Debug, Clone)]
pub struct EntityDef {
    /// Which entity.
    pub entity: Entity,
    /// The field that names a record for people.
    pub title: &'static str,
    /// The reference field whose record lends this one its scopes (D6).
    pub parent: Option<&'static str>,
    /// Written by the server only; read-only on devices.
    pub server_written: bool,
    /// The fields, in the order of forms.
    pub fields: Vec<FieldDef>,
}

impl EntityDef {
    /// The definition of a field; `None` if there is no such field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The first field with a state machine: the one that `MoveStage` moves.
    #[must_use]
    pub fn state_field(&self) -> Option<&FieldDef> {
        self.fields.iter().find(|field| field.machine().is_some())
    }
}
