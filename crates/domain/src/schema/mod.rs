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
    #[must_use]
    pub fn with_field(mut self, entity: Entity, field: FieldDef) -> Self {
        self.entities[entity as usize].fields.push(field);
        self
    }

    /// A text that changes whenever projections made by this table would look different.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        for entity in &self.entities {
            let _ = write!(text, "{}:", entity.entity.name());
            for field in &entity.fields {
                let searched = if field.searched { "s" } else { "" };
                let indexed = if field.indexed { "i" } else { "" };
                let kind = field.value_type.kind();
                let _ = write!(text, "{}={kind:?}{searched}{indexed},", field.name);
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
        let extra = FieldDef::new(
            "nickname",
            "Nickname",
            ValueType::Text,
            MergeClass::Preference,
            Classification::Internal,
        )
        .since(SCHEMA_VERSION + 1);
        let schema = Schema::crm().with_field(Entity::Account, extra);
        assert_eq!(schema.version(), SCHEMA_VERSION + 1);
        assert!(schema.field(Entity::Account, "nickname").is_some());
        assert_ne!(schema.fingerprint(), Schema::crm().fingerprint());
    }
}
