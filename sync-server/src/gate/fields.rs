//! What an operation says of fields, against the schema: the check that a device makes when it
//! plans, made again.

use roadbook_domain::intent::check_editable;
use roadbook_domain::{Facet, FieldDef, IntentKind, MergeClass, Operation, Schema, Value};
use roadbook_merge::Part;

use super::{Stop, deny_field, deny_forged, repeated};

/// Checks every field that a part writes.
pub(super) fn check(schema: &Schema, part: &Part) -> Result<(), Stop> {
    part.operations.iter().try_for_each(|operation| check_operation(schema, part, operation))
}

fn check_operation(schema: &Schema, part: &Part, operation: &Operation) -> Result<(), Stop> {
    let def = |name: &str| known(schema, part, name);
    match operation {
        Operation::Create { fields } => check_creation(schema, part, fields),
        Operation::Edit(edit) | Operation::Move { edit } => {
            let def = def(&edit.field)?;
            editable(part, def)?;
            check_value(def, &edit.to)
        }
        Operation::EditText { field, text, .. } => {
            let def = def(field)?;
            editable(part, def)?;
            check_value(def, &Value::Text(text.clone()))
        }
        Operation::Adjust { field, .. } => editable(part, def(field)?),
        Operation::ChangeSet { field, add, remove } => {
            let def = def(field)?;
            editable(part, def)?;
            check_value(def, &Value::Set(add.clone()))?;
            check_value(def, &Value::Set(remove.clone()))
        }
        Operation::Resolve { field, choice, .. } => check_value(def(field)?, choice),
        Operation::Propose { field, value, .. } => check_value(def(field)?, value),
        Operation::Delete | Operation::Restore => Ok(()),
    }
}

fn check_creation(schema: &Schema, part: &Part, fields: &[(String, Value)]) -> Result<(), Stop> {
    for (name, value) in fields {
        let def = known(schema, part, name)?;
        // Confirmed fields may have a first value; the policies say whose.
        if def.class != MergeClass::Confirmed {
            editable(part, def)?;
        }
        check_value(def, value)?;
    }
    let required = schema.entity(part.entity).fields.iter().filter(|def| def.required);
    for def in required.filter(|def| def.facet() == Facet::Internal) {
        if !fields.iter().any(|(name, value)| name == def.name && !value.is_null()) {
            let reason = format!("a new {} needs `{}`", part.entity, def.name);
            return Err(deny_field("missing_field", def.name, reason, "fill it in and try again"));
        }
    }
    Ok(())
}

/// The field, if it is one of the part's facet: else somebody smuggles.
fn known<'a>(schema: &'a Schema, part: &Part, name: &str) -> Result<&'a FieldDef, Stop> {
    let Some(def) = schema.field(part.entity, name) else {
        let reason = format!("{} has no field `{}` here", part.entity, repeated(name));
        let remedy = "update the server, or leave the field out";
        return Err(deny_field("unknown_field", name, reason, remedy));
    };
    if def.facet() == part.document.facet {
        Ok(def)
    } else {
        Err(deny_forged("wrong_facet", format!("`{}` belongs to another part", def.name)))
    }
}

fn editable(part: &Part, def: &FieldDef) -> Result<(), Stop> {
    let first_confidential = matches!(part.kind, IntentKind::Create | IntentKind::ConvertLead)
        && part.document.facet == Facet::Confidential
        && def.class == MergeClass::Confirmed;
    if first_confidential {
        return Ok(());
    }
    check_editable(part.entity, def).map_err(|error| {
        let remedy = "leave the field out; what is there stays as it is";
        deny_field(error.code(), def.name, error.to_string(), remedy)
    })
}

/// A value must be one that the field takes, in its proper spelling.
fn check_value(def: &FieldDef, value: &Value) -> Result<(), Stop> {
    match def.check(value.clone()) {
        Ok(proper) if proper == *value => Ok(()),
        Ok(_) => Err(deny_forged("invalid_value", format!("`{}` is misspelt", def.name))),
        Err(error) => Err(deny_field("invalid_value", def.name, error.to_string(), error.remedy)),
    }
}
