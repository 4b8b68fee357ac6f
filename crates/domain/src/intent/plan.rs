//! Planning: from an intent to one step per document, checked against the schema.

use super::{FirstValues, Intent, InvalidIntent, Step};
use crate::{
    Entity, Facet, FieldDef, FieldEdit, MergeClass, Operation, RecordId, Schema, Value, ValueType,
};

impl Intent {
    /// Checks the intent against the schema and splits it into one step per document.
    ///
    /// # Errors
    /// [`InvalidIntent`] names the field, what is wrong and what to do.
    pub fn plan(&self, schema: &Schema) -> Result<Vec<Step>, InvalidIntent> {
        match self {
            Self::Create { record, entity, fields } => create(schema, *record, *entity, fields),
            Self::AddNote { note, fields } => create(schema, *note, Entity::Note, fields),
            Self::EditFields { record, entity, edits } => edit(schema, *record, *entity, edits),
            Self::AdjustCounter { record, entity, field, by } => {
                adjust(schema, *record, *entity, field, *by)
            }
            Self::MoveStage { record, entity, from, to } => {
                move_stage(schema, *record, *entity, from, to)
            }
            Self::LogActivity { activity, account, fields } => {
                log_activity(schema, *activity, *account, fields)
            }
            Self::CompleteTask { task, from, at_ms } => complete(schema, *task, from, *at_ms),
            Self::Tag { record, entity, add, remove } => tag(schema, *record, *entity, add, remove),
            Self::Delete { record, entity } => {
                Ok(vec![one(*record, *entity, Facet::Internal, Operation::Delete)])
            }
            Self::Restore { record, entity } => {
                Ok(vec![one(*record, *entity, Facet::Internal, Operation::Restore)])
            }
            Self::ResolveConflict { record, entity, field, sides, choice } => {
                let def = known(schema, *entity, field)?;
                let mut sides = sides.clone();
                sides.sort();
                let choice = def.check(choice.clone())?;
                let resolve = Operation::Resolve { field: field.clone(), sides, choice };
                Ok(vec![one(*record, *entity, def.facet(), resolve)])
            }
            Self::ProposeInConflict { record, entity, field, value, why } => {
                let def = known(schema, *entity, field)?;
                let value = def.check(value.clone())?;
                let propose = Operation::Propose { field: field.clone(), value, why: why.clone() };
                Ok(vec![one(*record, *entity, def.facet(), propose)])
            }
            Self::ConvertLead { lead, from, made, opportunity } => {
                convert(schema, *lead, from, made, *opportunity)
            }
        }
    }
}

fn adjust(
    schema: &Schema,
    record: RecordId,
    entity: Entity,
    field: &str,
    by: i64,
) -> Result<Vec<Step>, InvalidIntent> {
    let def = known(schema, entity, field)?;
    if def.class != MergeClass::Counter {
        return Err(InvalidIntent::NotWritable {
            entity,
            field: field.to_owned(),
            code: "wrong_class",
            problem: "is not a counter",
            remedy: "set it instead",
        });
    }
    let adjust = Operation::Adjust { field: field.to_owned(), by };
    Ok(vec![one(record, entity, def.facet(), adjust)])
}

fn move_stage(
    schema: &Schema,
    record: RecordId,
    entity: Entity,
    from: &Value,
    to: &Value,
) -> Result<Vec<Step>, InvalidIntent> {
    let unknown = || InvalidIntent::UnknownField {
        entity,
        field: "stage".into(),
        known: field_names(schema, entity),
    };
    let def = schema.entity(entity).state_field().ok_or_else(unknown)?;
    let field = def.name.to_owned();
    let edit = FieldEdit { field, from: from.clone(), to: def.check(to.clone())? };
    if edit.from == edit.to {
        return Err(InvalidIntent::Empty);
    }
    Ok(vec![one(record, entity, def.facet(), Operation::Move { edit })])
}

fn log_activity(
    schema: &Schema,
    activity: RecordId,
    account: Option<RecordId>,
    fields: &[(String, Value)],
) -> Result<Vec<Step>, InvalidIntent> {
    let mut fields = fields.to_vec();
    fields.extend(account.map(|account| ("account".into(), Value::Reference(account))));
    let mut steps = create(schema, activity, Entity::Activity, &fields)?;
    let visit =
        fields.iter().any(|(name, value)| name == "kind" && value.as_text() == Some("Visit"));
    if let (Some(account), true) = (account, visit) {
        let adjust = Operation::Adjust { field: "visits".into(), by: 1 };
        steps.push(one(account, Entity::Account, Facet::Internal, adjust));
    }
    Ok(steps)
}

fn complete(
    schema: &Schema,
    task: RecordId,
    from: &Value,
    at_ms: i64,
) -> Result<Vec<Step>, InvalidIntent> {
    let change = |field: &str, from: Value, to: Value| FieldEdit { field: field.into(), from, to };
    edit(
        schema,
        task,
        Entity::Task,
        &[
            change("state", from.clone(), Value::Text("Done".into())),
            change("completed_at", Value::Null, Value::Instant(at_ms)),
        ],
    )
}

/// The status of a lead that was converted.
const QUALIFIED: &str = "Qualified";

fn convert(
    schema: &Schema,
    lead: RecordId,
    from: &Value,
    made: &[FirstValues],
    opportunity: RecordId,
) -> Result<Vec<Step>, InvalidIntent> {
    let mut steps = Vec::new();
    for first in made {
        steps.extend(create(schema, first.record, first.entity, &first.fields)?);
    }
    let change = |field: &str, from: Value, to: Value| FieldEdit { field: field.into(), from, to };
    let edits = [
        change("status", from.clone(), Value::Text(QUALIFIED.into())),
        change("converted_to", Value::Null, Value::Reference(opportunity)),
    ];
    steps.extend(edit(schema, lead, Entity::Lead, &edits)?);
    Ok(steps)
}

fn tag(
    schema: &Schema,
    record: RecordId,
    entity: Entity,
    add: &[String],
    remove: &[String],
) -> Result<Vec<Step>, InvalidIntent> {
    let def = known(schema, entity, "tags")?;
    if add.is_empty() && remove.is_empty() {
        return Err(InvalidIntent::Empty);
    }
    let set = |members: &[String]| -> Result<Vec<String>, InvalidIntent> {
        let mut members = members.to_vec();
        members.sort();
        members.dedup();
        def.check(Value::Set(members.clone()))?;
        Ok(members)
    };
    let field = def.name.to_owned();
    let change = Operation::ChangeSet { field, add: set(add)?, remove: set(remove)? };
    Ok(vec![one(record, entity, def.facet(), change)])
}

fn one(record: RecordId, entity: Entity, facet: Facet, operation: Operation) -> Step {
    Step { record, entity, facet, operations: vec![operation] }
}

fn field_names(schema: &Schema, entity: Entity) -> String {
    let names: Vec<_> = schema.entity(entity).fields.iter().map(|field| field.name).collect();
    names.join(", ")
}

fn known<'a>(
    schema: &'a Schema,
    entity: Entity,
    field: &str,
) -> Result<&'a FieldDef, InvalidIntent> {
    schema.field(entity, field).ok_or_else(|| InvalidIntent::UnknownField {
        entity,
        field: field.to_owned(),
        known: field_names(schema, entity),
    })
}

/// Confirmed fields that may be edited already: those that decide who sees a record.
const SCOPE_FIELDS: [&str; 3] = ["owner", "territory", "team"];

/// Says whether a field may be set by an edit at all. The gate asks the same question.
///
/// # Errors
/// [`InvalidIntent::NotWritable`] with the code `unsupported_class`, `confirmed_only` or
/// `derived`.
pub fn check_editable(entity: Entity, field: &FieldDef) -> Result<(), InvalidIntent> {
    let refuse = |code, problem, remedy| {
        let field = field.name.to_owned();
        Err(InvalidIntent::NotWritable { entity, field, code, problem, remedy })
    };
    match field.class {
        MergeClass::Structured => refuse(
            "unsupported_class",
            "structured fields cannot be edited yet",
            "leave it out; this version keeps what is there",
        ),
        MergeClass::Confirmed if !SCOPE_FIELDS.contains(&field.name) => refuse(
            "confirmed_only",
            "this field moves only through an approval, which this version does not have yet",
            "ask an administrator to set it when the record is made",
        ),
        MergeClass::Derived => refuse(
            "derived",
            "this value is computed",
            "change the fields that it is computed from",
        ),
        MergeClass::Append => {
            refuse("append_only", "entries are written by moves", "move the record instead")
        }
        MergeClass::Preference
        | MergeClass::Set
        | MergeClass::Counter
        | MergeClass::Text
        | MergeClass::State
        | MergeClass::Review
        | MergeClass::Confirmed => Ok(()),
    }
}

fn create(
    schema: &Schema,
    record: RecordId,
    entity: Entity,
    fields: &[(String, Value)],
) -> Result<Vec<Step>, InvalidIntent> {
    for (name, _) in fields {
        let def = known(schema, entity, name)?;
        if !matches!(def.class, MergeClass::Confirmed) {
            check_editable(entity, def)?;
        }
    }
    let mut first = Vec::new();
    let mut confidential = Vec::new();
    for def in &schema.entity(entity).fields {
        let given = fields.iter().rev().find(|(name, _)| name == def.name);
        let value = match given {
            Some((_, value)) => def.check(value.clone())?,
            None if def.required => {
                return Err(InvalidIntent::Missing { entity, field: def.name });
            }
            None => match def.machine() {
                Some(machine) => Value::Text(machine.initial().name.to_owned()),
                None => continue,
            },
        };
        if value.is_null() {
            continue;
        }
        match def.facet() {
            Facet::Internal => first.push((def.name.to_owned(), value)),
            Facet::Confidential => confidential.extend(set_operation(def, Value::Null, value)),
        }
    }
    let mut steps = vec![one(record, entity, Facet::Internal, Operation::Create { fields: first })];
    if !confidential.is_empty() {
        let facet = Facet::Confidential;
        steps.push(Step { record, entity, facet, operations: confidential });
    }
    Ok(steps)
}

fn edit(
    schema: &Schema,
    record: RecordId,
    entity: Entity,
    edits: &[FieldEdit],
) -> Result<Vec<Step>, InvalidIntent> {
    let mut steps: Vec<Step> = Vec::new();
    for edit in edits {
        let def = known(schema, entity, &edit.field)?;
        check_editable(entity, def)?;
        let to = def.check(edit.to.clone())?;
        let Some(operation) = set_operation(def, edit.from.clone(), to) else {
            continue;
        };
        let facet = def.facet();
        match steps.iter_mut().find(|step| step.facet == facet) {
            Some(step) => step.operations.push(operation),
            None => steps.push(one(record, entity, facet, operation)),
        }
    }
    if steps.is_empty() { Err(InvalidIntent::Empty) } else { Ok(steps) }
}

/// The operation that brings a field from one value to another, by its merge class; `None` when
/// they are equal.
fn set_operation(def: &FieldDef, from: Value, to: Value) -> Option<Operation> {
    if from == to {
        return None;
    }
    let field = def.name.to_owned();
    Some(match (&def.class, &def.value_type) {
        (MergeClass::Text, _) => Operation::EditText {
            field,
            base: from.as_text().unwrap_or_default().to_owned(),
            text: to.as_text().unwrap_or_default().to_owned(),
        },
        (MergeClass::Set, _) => {
            let only = |of: &Value, other: &Value| -> Vec<String> {
                let others = other.members();
                of.members().iter().filter(|member| !others.contains(member)).cloned().collect()
            };
            Operation::ChangeSet { field, add: only(&to, &from), remove: only(&from, &to) }
        }
        (MergeClass::Counter, _) => Operation::Adjust {
            field,
            by: to.as_integer().unwrap_or(0).saturating_sub(from.as_integer().unwrap_or(0)),
        },
        (_, ValueType::State(_)) => Operation::Move { edit: FieldEdit { field, from, to } },
        _ => Operation::Edit(FieldEdit { field, from, to }),
    })
}
