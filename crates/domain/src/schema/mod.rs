//! The schema table: every entity and field, declared once (D2).
//!
//! `merge` obeys it, `policy` filters by it, `replica` and the server project by it, faces build
//! forms by it. It is always a parameter, so that a test can pass one field more.

pub mod crm;
pub(crate) mod field;
mod parse;
pub(crate) mod state;

pub use field::{Classification, Derivation, EntityDef, FieldDef, MergeClass, ValueType};
pub use parse::InvalidValue;
pub use state::{ForecastCategory, StateDef, StateMachine};

use crate::Entity;

/// The version of the shipped table; raised when fields are added.
pub const SCHEMA_VERSION: u32 = 2;

/// A field was to be added under a name that its entity has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{entity} has a field {name} already")]
pub struct DuplicateField {
    /// The entity.
    pub entity: Entity,
    /// The name.
    pub name: &'static str,
}

/// The table of entities and fields.
#[derive(Debug, Clone)]
pub struct Schema {
    entities: Vec<EntityDef>,
}

impl Schema {
    /// The shipped table.
    #[must_use]
    pub fn crm() -> Self {
        Self { entities: crm::entities() }
    }

    /// The definition of an entity.
    #[must_use]
    pub fn entity(&self, entity: Entity) -> &EntityDef {
        &self.entities[entity as usize]
    }

    /// All definitions, in the order of [`Entity::ALL`].
    #[must_use]
    pub fn entities(&self) -> &[EntityDef] {
        &self.entities
    }

    /// The definition of a field; `None` if the entity has no such field.
    #[must_use]
    pub fn field(&self, entity: Entity, name: &str) -> Option<&FieldDef> {
        self.entity(entity).field(name)
    }

    /// The version of the table: that of the newest field.
    #[must_use]
    pub fn version(&self) -> u32 {
        let fields = self.entities.iter().flat_map(|entity| &entity.fields);
        fields.map(|field| field.since).max().unwrap_or(1)
    }

    /// The same table with one field more.
    ///
    /// # Errors
    /// [`DuplicateField`] when the entity has a field of that name.
    pub fn with_field(mut self, entity: Entity, field: FieldDef) -> Result<Self, DuplicateField> {
        if self.field(entity, field.name).is_some() {
            return Err(DuplicateField { entity, name: field.name });
        }
        self.entities[entity as usize].fields.push(field);
        Ok(self)
    }

    /// A text that changes whenever projections made by this table would look different: it has all
    /// of the table but what is only shown to people or only asked of new records.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        for entity in &self.entities {
            let _ = write!(text, "{}/{}:", entity.entity.name(), entity.title);
            for field in &entity.fields {
                let searched = if field.searched { "s" } else { "" };
                let indexed = if field.indexed { "i" } else { "" };
                let FieldDef { name, class, classification, .. } = field;
                let kind = field.value_type.kind();
                let _ = write!(text, "{name}={kind:?}{searched}{indexed}");
                let _ = write!(text, "/{class:?}/{classification:?}");
                if let Some(derivation) = field.derivation {
                    let _ = write!(text, "/{derivation:?}");
                }
                for state in field.machine().into_iter().flat_map(|machine| machine.states) {
                    let StateDef { name, rank, contested, closed, .. } = state;
                    let (percent, category) = (state.probability_percent, state.category);
                    let _ = write!(text, "[{name} {rank} {contested} {closed}");
                    let _ = write!(text, " {percent} {category:?}]");
                }
                text.push(',');
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_a_state_needs_are_fields_of_its_entity() {
        for entity in Schema::crm().entities() {
            let machine = entity.state_field().and_then(FieldDef::machine);
            for state in machine.into_iter().flat_map(|machine| machine.states) {
                for need in state.needs {
                    assert!(entity.field(need).is_some(), "{}: {need}", state.name);
                }
            }
        }
    }

    #[test]
    fn the_table_has_every_entity_at_its_number() {
        let schema = Schema::crm();
        for entity in Entity::ALL {
            assert_eq!(schema.entity(entity).entity, entity);
        }
    }

    #[test]
    fn field_names_are_unique_flat_and_not_reserved() {
        for entity in Schema::crm().entities() {
            let mut names = BTreeSet::new();
            for field in &entity.fields {
                assert!(names.insert(field.name), "{}.{} twice", entity.entity, field.name);
                let plain = field.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                assert!(plain, "{}.{} is not a plain name", entity.entity, field.name);
                let reserved = ["alive", "entity", "id", "proposal", "record"];
                assert!(!reserved.contains(&field.name), "{} is reserved", field.name);
            }
            assert!(entity.field(entity.title).is_some(), "{} has a title", entity.entity);
        }
    }

    #[test]
    fn types_fit_their_merge_classes() {
        for entity in Schema::crm().entities() {
            for field in &entity.fields {
                let fits = match field.class {
                    MergeClass::Set => matches!(field.value_type, ValueType::Set),
                    MergeClass::Counter => matches!(field.value_type, ValueType::Integer),
                    MergeClass::Append => matches!(field.value_type, ValueType::Log),
                    MergeClass::Text => matches!(field.value_type, ValueType::LongText),
                    MergeClass::State => matches!(field.value_type, ValueType::State(_)),
                    MergeClass::Structured => matches!(field.value_type, ValueType::Structure),
                    MergeClass::Derived => field.derivation.is_some(),
                    MergeClass::Preference | MergeClass::Review | MergeClass::Confirmed => {
                        !matches!(
                            field.value_type,
                            ValueType::Set
                                | ValueType::Log
                                | ValueType::LongText
                                | ValueType::Structure
                        )
                    }
                };
                assert!(
                    fits,
                    "{}.{} has a type that its class cannot merge",
                    entity.entity, field.name
                );
            }
        }
    }

    #[test]
    fn the_shipped_table_has_the_version_that_is_told() {
        assert_eq!(Schema::crm().version(), SCHEMA_VERSION, "a newer field says `.since(n)`");
    }

    #[test]
    fn one_line_more_is_one_field_more() {
        let extra = extra("motto").since(SCHEMA_VERSION + 1);
        assert!(Schema::crm().field(Entity::Account, "motto").is_none());
        let schema = Schema::crm().with_field(Entity::Account, extra).unwrap();
        assert_eq!(schema.version(), SCHEMA_VERSION + 1);
        assert!(schema.field(Entity::Account, "motto").is_some());
        assert_ne!(schema.fingerprint(), Schema::crm().fingerprint());
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let taken = Schema::crm().with_field(Entity::Account, extra("name"));
        let error = DuplicateField { entity: Entity::Account, name: "name" };
        assert_eq!(taken.map(|_| ()), Err(error));
    }

    fn extra(name: &'static str) -> FieldDef {
        FieldDef::new(name, name, ValueType::Text, MergeClass::Preference, Classification::Internal)
    }

    /// The shipped table with one field of one entity made otherwise.
    fn fingerprint_with(
        entity: Entity,
        name: &str,
        change: impl FnOnce(FieldDef) -> FieldDef,
    ) -> String {
        let mut schema = Schema::crm();
        let fields = &mut schema.entities[entity as usize].fields;
        let place = fields.iter().position(|field| field.name == name).unwrap();
        fields[place] = change(fields[place]);
        schema.fingerprint()
    }

    /// The stages of the shipped machine, with one of them made otherwise.
    fn stages_with(change: impl FnOnce(&mut StateDef)) -> FieldDef {
        let field = *Schema::crm().field(Entity::Opportunity, "stage").unwrap();
        let mut states = field.machine().unwrap().states.to_vec();
        change(&mut states[1]);
        let machine = StateMachine { name: "stage", states: states.leak() };
        FieldDef { value_type: ValueType::State(Box::leak(Box::new(machine))), ..field }
    }

    #[test]
    fn whatever_a_row_depends_on_changes_the_fingerprint() {
        let shipped = Schema::crm().fingerprint();
        let deal = Entity::Opportunity;
        let of_field = |name: &str, change: fn(FieldDef) -> FieldDef| {
            assert_ne!(fingerprint_with(deal, name, change), shipped, "{name}");
        };
        of_field("name", |field| FieldDef { searched: !field.searched, ..field });
        of_field("name", |field| FieldDef { indexed: !field.indexed, ..field });
        of_field("amount", |field| FieldDef { class: MergeClass::Preference, ..field });
        of_field("amount", |field| FieldDef {
            classification: Classification::Confidential,
            ..field
        });
        let derived = Schema::crm()
            .entity(deal)
            .fields
            .iter()
            .find_map(|field| field.derivation.map(|derivation| (field.name, derivation)));
        let (name, _) = derived.unwrap();
        of_field(name, |field| FieldDef {
            derivation: Some(Derivation::Category { chosen: "next_step", state: "stage" }),
            ..field
        });
        let of_stage = |what: &str, change: fn(&mut StateDef)| {
            let stages = stages_with(change);
            assert_ne!(fingerprint_with(deal, "stage", |_| stages), shipped, "{what}");
        };
        of_stage("closed", |state| state.closed = !state.closed);
        of_stage("probability", |state| state.probability_percent += 1);
        of_stage("category", |state| state.category = Some(ForecastCategory::Omitted));
        of_stage("contested", |state| state.contested = !state.contested);
        of_stage("rank", |state| state.rank += 100);
        let same = fingerprint_with(deal, "name", |field| FieldDef { label: "Called", ..field });
        assert_eq!(same, shipped, "what people read is no part of a row");
    }
}
