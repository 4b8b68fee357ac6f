//! Commands that write: one intent each, saved before they answer.

use roadbook_api::commands::writes::{
    AddNote, CompleteTask, CreateRecord, DeleteRecord, LogActivity, MoveRecord, RestoreRecord,
    SetFields, TagRecord,
};
use roadbook_api::views::{Leave, WrittenView};
use roadbook_domain::{Entity, FieldEdit, Intent, MergeClass, Operation, RecordId, Value};
use roadbook_replica::{Replica, Row};

use crate::errors::{self, ApiResult, bad_input};
use crate::records::Names;
use crate::{App, Run, app, assign, describe, lookup};

/// A title is made from so many characters of a note's first line.
const TITLE_CHARS: usize = 80;

impl App {
    /// Saves an intent about a record and says what was done.
    fn write(
        &self,
        replica: &mut Replica,
        intent: &Intent,
        record: RecordId,
        entity: Entity,
        why: Option<&str>,
    ) -> ApiResult<WrittenView> {
        let saved = self.save(replica, intent, why)?;
        let steps = intent.plan(replica.schema()).map_err(|error| errors::of_invalid(&error))?;
        // First values count as they are made; a change of such a field waits for the server.
        let confirmed = |step: &roadbook_domain::Step| {
            let later = |operation: &&Operation| !matches!(operation, Operation::Create { .. });
            let mut fields = step.operations.iter().filter(later).flat_map(Operation::fields);
            fields.any(|field| {
                let def = replica.schema().field(step.entity, field);
                def.is_some_and(|def| def.class == MergeClass::Confirmed)
            })
        };
        let leave =
            if steps.iter().any(confirmed) { Leave::NeedsConfirmation } else { Leave::Allowed };
        let names = Names::new(replica);
        let parts = steps.iter().map(|step| (step.record, step.entity, step.operations.as_slice()));
        let (_, changes) = describe::of_parts(&names, parts)?;
        Ok(WrittenView { intent: saved.intent, link: names.link(record, entity)?, changes, leave })
    }

    fn on_record(
        &self,
        entity: Option<&str>,
        record: &str,
        why: Option<&str>,
        intent: impl FnOnce(&Replica, &Row) -> ApiResult<Intent>,
    ) -> ApiResult<WrittenView> {
        self.with(|replica| {
            let entity = entity.map(errors::entity).transpose()?;
            let row = lookup::record(replica, entity, record)?;
            let intent = intent(replica, &row)?;
            self.write(replica, &intent, row.record, row.entity, why)
        })
    }
}

/// Gives a new record the user as its owner, and the user's territory, where none was named. The
/// catalogue and the directory belong to nobody; a record of an account is seen by whoever sees the
/// account, and moves with it.
pub(crate) fn own(
    replica: &Replica,
    entity: Entity,
    fields: &mut Vec<(String, Value)>,
) -> ApiResult<()> {
    let def = replica.schema().entity(entity);
    let belongs =
        def.field("owner").is_some() && !matches!(entity, Entity::Product | Entity::PriceBook);
    if !belongs {
        return Ok(());
    }
    let given =
        |fields: &[(String, Value)], name: &str| fields.iter().any(|(given, _)| given == name);
    let user = app::user(replica)?;
    if !given(fields, "owner") {
        fields.push(("owner".to_owned(), Value::Reference(user.into())));
    }
    if def.parent.is_none() && !given(fields, "territory") {
        let row = replica.record(user.into()).map_err(|error| errors::of_store(&error))?;
        let territory = row.and_then(|row| row.value("territory").as_reference());
        fields.extend(territory.map(|id| ("territory".to_owned(), Value::Reference(id))));
    }
    Ok(())
}

impl Run<CreateRecord> for App {
    fn run(&self, command: CreateRecord) -> ApiResult<WrittenView> {
        self.with(|replica| {
            let entity = errors::entity(&command.entity)?;
            let record = self.new_record();
            let mut fields = assign::first_values(replica, entity, &command.assignments)?;
            own(replica, entity, &mut fields)?;
            let intent = Intent::Create { record, entity, fields };
            self.write(replica, &intent, record, entity, command.why.as_deref())
        })
    }
}

impl Run<SetFields> for App {
    fn run(&self, command: SetFields) -> ApiResult<WrittenView> {
        let entity = command.entity.as_deref();
        self.on_record(entity, &command.record, command.why.as_deref(), |replica, row| {
            let edits = assign::edits(replica, row, &command.assignments)?;
            Ok(Intent::EditFields { record: row.record, entity: row.entity, edits })
        })
    }
}

impl Run<MoveRecord> for App {
    fn run(&self, command: MoveRecord) -> ApiResult<WrittenView> {
        let entity = command.entity.as_deref();
        self.on_record(entity, &command.record, command.why.as_deref(), |replica, row| {
            let def = replica.schema().entity(row.entity).state_field().ok_or_else(|| {
                let problem = format!("a {} has no stage or state", row.entity);
                bad_input("to", &problem, "use `set` for its fields")
            })?;
            let to = assign::value(replica, def, &command.to)?;
            let from = row.value(def.name).clone();
            Ok(Intent::MoveStage { record: row.record, entity: row.entity, from, to })
        })
    }
}

impl Run<LogActivity> for App {
    fn run(&self, command: LogActivity) -> ApiResult<WrittenView> {
        self.with(|replica| {
            let kind_of_record = command.entity.as_deref().map(errors::entity).transpose()?;
            let about = lookup::record(replica, kind_of_record, &command.record)?;
            let account = if about.entity == Entity::Account {
                Some(about.record)
            } else {
                about.value("account").as_reference()
            };
            let mut fields = assign::first_values(replica, Entity::Activity, &command.assignments)?;
            let has =
                |fields: &[(String, Value)], name: &str| fields.iter().any(|(n, _)| n == name);
            if let Some(taken) = ["kind", "account", "about"].iter().find(|name| has(&fields, name))
            {
                let remedy = "name the kind and the record before the assignments";
                return Err(bad_input(taken, "is given by the command itself", remedy));
            }
            let def = assign::field(replica.schema(), Entity::Activity, "kind")?;
            let kind = assign::value(replica, def, &command.kind)?;
            if !has(&fields, "subject") {
                let subject = format!("{kind}: {}", lookup::title(replica, &about));
                fields.push(("subject".to_owned(), Value::Text(subject)));
            }
            if !has(&fields, "started_at") {
                fields.push(("started_at".to_owned(), Value::Instant(self.host.wall_ms())));
            }
            if about.entity != Entity::Account {
                fields.push(("about".to_owned(), Value::Reference(about.record)));
            }
            fields.push(("kind".to_owned(), kind));
            own(replica, Entity::Activity, &mut fields)?;
            let activity = self.new_record();
            let intent = Intent::LogActivity { activity, account, fields };
            let why = command.why.as_deref();
            self.write(replica, &intent, activity, Entity::Activity, why)
        })
    }
}

impl Run<CompleteTask> for App {
    fn run(&self, command: CompleteTask) -> ApiResult<WrittenView> {
        let at_ms = self.host.wall_ms();
        self.on_record(Some("task"), &command.record, None, |_, row| {
            let from = row.value("state").clone();
            if from.as_text() == Some("Done") {
                let message = "the task is done already";
                return Err(roadbook_api::ApiError::new(
                    roadbook_api::ErrorCode::NothingToDo,
                    message,
                ));
            }
            Ok(Intent::CompleteTask { task: row.record, from, at_ms })
        })
    }
}

impl Run<AddNote> for App {
    fn run(&self, command: AddNote) -> ApiResult<WrittenView> {
        self.with(|replica| {
            let kind_of_record = command.entity.as_deref().map(errors::entity).transpose()?;
            let about = lookup::record(replica, kind_of_record, &command.record)?;
            let first = command.text.lines().map(str::trim).find(|line| !line.is_empty());
            let first = first.ok_or_else(|| bad_input("text", "is empty", "write what to note"))?;
            let title = command.title.unwrap_or_else(|| first.chars().take(TITLE_CHARS).collect());
            let account = if about.entity == Entity::Account {
                Value::Reference(about.record)
            } else {
                about.value("account").clone()
            };
            let mut fields = vec![
                ("title".to_owned(), Value::Text(title)),
                ("body".to_owned(), Value::Text(command.text.clone())),
                ("about".to_owned(), Value::Reference(about.record)),
                ("account".to_owned(), account),
            ];
            own(replica, Entity::Note, &mut fields)?;
            let note = self.new_record();
            let intent = Intent::AddNote { note, fields };
            self.write(replica, &intent, note, Entity::Note, None)
        })
    }
}

impl Run<TagRecord> for App {
    fn run(&self, command: TagRecord) -> ApiResult<WrittenView> {
        self.on_record(command.entity.as_deref(), &command.record, None, |_, row| {
            let trimmed = |tags: &[String]| tags.iter().map(|tag| tag.trim().to_owned()).collect();
            Ok(Intent::Tag {
                record: row.record,
                entity: row.entity,
                add: trimmed(&command.add),
                remove: trimmed(&command.remove),
            })
        })
    }
}

impl Run<DeleteRecord> for App {
    fn run(&self, command: DeleteRecord) -> ApiResult<WrittenView> {
        let entity = command.entity.as_deref();
        self.on_record(entity, &command.record, command.why.as_deref(), |_, row| {
            Ok(Intent::Delete { record: row.record, entity: row.entity })
        })
    }
}

impl Run<RestoreRecord> for App {
    fn run(&self, command: RestoreRecord) -> ApiResult<WrittenView> {
        let entity = command.entity.as_deref();
        self.on_record(entity, &command.record, command.why.as_deref(), |_, row| {
            Ok(Intent::Restore { record: row.record, entity: row.entity })
        })
    }
}

/// The edits that bring a record to these values; those that it has already are left out.
pub(crate) fn differences(row: &Row, wanted: &[(String, Value)]) -> Vec<FieldEdit> {
    wanted
        .iter()
        .filter(|(field, to)| row.value(field) != to)
        .map(|(field, to)| FieldEdit {
            field: field.clone(),
            from: row.value(field).clone(),
            to: to.clone(),
        })
        .collect()
}
