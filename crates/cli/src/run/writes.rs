//! Commands that write. "Saved" is said only after the app has saved.

use std::io::Read as _;

use roadbook_api::commands::writes::{
    AddNote, CompleteTask, ConvertLead, ConvertTo, CreateRecord, DeleteRecord, LogActivity,
    MoveRecord, RestoreRecord, SetFields, TagRecord,
};
use roadbook_api::views::WrittenView;
use roadbook_api::{ApiError, ErrorCode};
use roadbook_app::Run as _;

use super::{Place, assignments, bad_input, nothing_more, only_target, target};
use crate::args::{Complete, Convert, Create, Log, Move, Note, Remove, Set, Tag};
use crate::exit::{self, Exit};
use crate::show;

pub(super) fn create(at: &Place<'_>, args: &Create) -> Result<Exit, ApiError> {
    let assignments = assignments(&args.assignments)?;
    let entity = args.entity.clone();
    saved(at, &at.open()?.run(CreateRecord { entity, assignments, why: args.why.clone() })?)
}

pub(super) fn set(at: &Place<'_>, args: &Set) -> Result<Exit, ApiError> {
    let (target, rest) = target(&args.words)?;
    let assignments = assignments(rest)?;
    if assignments.is_empty() {
        return Err(bad_input("assignment", "is missing", "say what to set, like stage=Proposal"));
    }
    let (entity, record) = (target.entity, target.record);
    let command = SetFields { entity, record, assignments, why: args.why.clone() };
    saved(at, &at.open()?.run(command)?)
}

pub(super) fn move_record(at: &Place<'_>, args: &Move) -> Result<Exit, ApiError> {
    let (target, rest) = target(&args.words)?;
    let [to, more @ ..] = rest else {
        return Err(bad_input("stage", "is missing", "say where to move it"));
    };
    nothing_more(more)?;
    let (entity, record) = (target.entity, target.record);
    let command = MoveRecord { entity, record, to: to.clone(), why: args.why.clone() };
    saved(at, &at.open()?.run(command)?)
}

pub(super) fn log(at: &Place<'_>, args: &Log) -> Result<Exit, ApiError> {
    let (target, rest) = target(&args.words)?;
    let command = LogActivity {
        kind: args.kind.clone(),
        entity: target.entity,
        record: target.record,
        assignments: assignments(rest)?,
        why: None,
    };
    saved(at, &at.open()?.run(command)?)
}

pub(super) fn note(at: &Place<'_>, args: &Note) -> Result<Exit, ApiError> {
    let (target, rest) = target(&args.words)?;
    let [text, more @ ..] = rest else {
        return Err(bad_input("text", "is missing", "write what to note, in quotes"));
    };
    nothing_more(more)?;
    let mut text = text.clone();
    if text == "-" {
        text.clear();
        std::io::stdin().lock().read_to_string(&mut text).map_err(|error| {
            ApiError::new(ErrorCode::File, format!("cannot read standard input: {error}"))
        })?;
    }
    let (entity, record) = (target.entity, target.record);
    let command = AddNote { entity, record, text, title: args.title.clone() };
    saved(at, &at.open()?.run(command)?)
}

pub(super) fn tag(at: &Place<'_>, args: &Tag) -> Result<Exit, ApiError> {
    let (target, add) = target(&args.words)?;
    let command = TagRecord {
        entity: target.entity,
        record: target.record,
        add: add.to_vec(),
        remove: args.remove.clone(),
    };
    saved(at, &at.open()?.run(command)?)
}

pub(super) fn complete(at: &Place<'_>, args: &Complete) -> Result<Exit, ApiError> {
    saved(at, &at.open()?.run(CompleteTask { record: args.record.clone() })?)
}

pub(super) fn convert(at: &Place<'_>, args: &Convert) -> Result<Exit, ApiError> {
    let to = match (&args.account, args.new_account) {
        (Some(account), _) => ConvertTo::Account { account: account.clone() },
        (None, true) => ConvertTo::NewAccount,
        (None, false) => ConvertTo::ItsName,
    };
    let command = ConvertLead {
        lead: args.record.clone(),
        to,
        opportunity: args.opportunity.clone(),
        why: args.why.clone(),
    };
    let view = at.open()?.run(command)?;
    at.terminal.say(&view, |view| show::records::converted(view, at.terminal))?;
    Ok(exit::OK)
}

pub(super) fn delete(at: &Place<'_>, args: &Remove) -> Result<Exit, ApiError> {
    let target = only_target(&args.words)?;
    let (entity, record) = (target.entity, target.record);
    saved(at, &at.open()?.run(DeleteRecord { entity, record, why: args.why.clone() })?)
}

pub(super) fn restore(at: &Place<'_>, args: &Remove) -> Result<Exit, ApiError> {
    let target = only_target(&args.words)?;
    let (entity, record) = (target.entity, target.record);
    saved(at, &at.open()?.run(RestoreRecord { entity, record, why: args.why.clone() })?)
}

fn saved(at: &Place<'_>, view: &WrittenView) -> Result<Exit, ApiError> {
    at.terminal.say(view, |view| show::records::written(view, at.terminal, &at.now()))?;
    Ok(exit::OK)
}
