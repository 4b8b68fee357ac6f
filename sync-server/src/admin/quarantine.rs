//! `quarantine list|show|readmit|drop|give-back`: unsent work that devices handed over, and what
//! waits for the rest of it after a restore.

use roadbook_domain::{IntentId, Operation};
use roadbook_sync_protocol::Verdict;
use serde_json::{Value, json};

use super::arguments::{
    Common, QuarantineCommand, QuarantineDrop, QuarantineList, QuarantineShow, Readmit,
};
use super::failure::{Exit, Failure};
use super::output::{Answer, moment, table};
use super::{Host, the_tenant};
use crate::tenant::{INCOMPLETE, Quarantine, Tenant, TenantError};

pub(super) fn run(
    command: &QuarantineCommand,
    common: &Common,
    host: &Host<'_>,
) -> Result<Answer, Failure> {
    let tenant = the_tenant(common, host)?;
    match command {
        QuarantineCommand::List(options) => list(options, &tenant),
        QuarantineCommand::Show(options) => show(options, &tenant),
        QuarantineCommand::Readmit(options) => readmit(options, &tenant, host.clock.now_ms()),
        QuarantineCommand::Drop(options) => drop_one(options, &tenant, host.clock.now_ms()),
        QuarantineCommand::GiveBack(options) => give_back(options, &tenant, host.clock.now_ms()),
    }
}

fn list(options: &QuarantineList, tenant: &Tenant) -> Result<Answer, Failure> {
    let mut found = tenant.quarantine()?;
    found.retain(|item| options.all || item.settled.is_none());
    let names = Names::of(tenant)?;
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|item| {
            let settled = item.settled.as_ref();
            vec![
                item.intent.to_string(),
                names.user(item),
                names.device(item),
                kind(item).to_owned(),
                item.reason.clone(),
                moment(Some(item.received_ms)),
                settled.map_or_else(|| "-".to_owned(), |it| format!("{}: {}", it.how, it.note)),
            ]
        })
        .collect();
    let headings = ["intent", "user", "device", "kind", "why", "received", "settled"];
    let json: Vec<Value> = found.iter().map(|item| names.as_json(item)).collect();
    Ok(Answer { text: table(&headings, &rows), json: json!({ "quarantine": json }) })
}

fn show(options: &QuarantineShow, tenant: &Tenant) -> Result<Answer, Failure> {
    let item = find(tenant, &options.intent)?;
    let names = Names::of(tenant)?;
    let mut text = format!(
        "{} of {} on {}, {} at {}",
        kind(&item),
        names.user(&item),
        names.device(&item),
        item.reason,
        moment(Some(item.received_ms))
    );
    let mut json = names.as_json(&item);
    let mut parts = Vec::new();
    for (part, _) in item.envelope.iter().flat_map(|envelope| &envelope.parts) {
        let entity = part.entity.to_string();
        let record = part.document.record;
        text.push_str(&format!("\n{entity} {record}"));
        for operation in &part.operations {
            text.push_str(&format!("\n  {}", words_of(operation)));
        }
        parts.push(json!({
            "entity": entity,
            "record": record,
            "confidential": part.document.facet == roadbook_domain::Facet::Confidential,
            "kind": part.kind.name(),
            "operations": part.operations.iter().map(words_of).collect::<Vec<_>>(),
            "rationale": part.rationale,
        }));
    }
    if let Some(settled) = &item.settled {
        text.push_str(&format!("\n{}: {}", settled.how, settled.note));
    }
    json["parts"] = Value::Array(parts);
    Ok(Answer { text, json })
}

fn readmit(options: &Readmit, tenant: &Tenant, now_ms: i64) -> Result<Answer, Failure> {
    let reason = words(&options.reason, "--reason")?;
    let item = find(tenant, &options.intent)?;
    let intent = item.intent;
    if is_incomplete(&item) {
        let problem = format!("{intent} waits for what a restore of the server lost");
        let remedy = "let the devices that have the rest sync, or give it back with \
             `roadbook-server quarantine give-back`";
        return Err(Failure::new(Exit::Refused, "incomplete", problem, remedy));
    }
    if options.writing.dry_run {
        return Ok(Answer {
            text: format!("would readmit {intent}: {reason}"),
            json: json!({ "dry_run": true, "intent": intent, "reason": reason }),
        });
    }
    let verdict = tenant.readmit(intent, &reason, now_ms).map_err(|error| {
        if !matches!(error, TenantError::Corrupt(_)) {
            return error.into();
        }
        Failure::new(
            Exit::Refused,
            "not_its_own",
            format!("what was handed over as {intent} is no envelope that its device sealed"),
            "drop it with a note, and ask its user to do it again",
        )
    })?;
    let Some(seq) = verdict.seq() else { return Err(not_taken_in(intent, &verdict)) };
    let name = verdict.name();
    Ok(Answer {
        text: format!("readmitted {intent}: {name} at log position {seq}"),
        json: json!({
            "dry_run": false,
            "intent": intent,
            "verdict": name,
            "seq": seq,
            "reason": reason,
        }),
    })
}

fn not_taken_in(intent: IntentId, verdict: &Verdict) -> Failure {
    let (code, reason, remedy) = match verdict.given() {
        Verdict::Denied(denial) => ("denied", denial.reason.clone(), denial.remedy.clone()),
        Verdict::Held { reason, .. } => {
            ("held", reason.clone(), "readmit first what it builds on".to_owned())
        }
        Verdict::Rebase { reason, .. } => (
            "rebase",
            reason.clone(),
            "readmit first what it builds on, or do it again by hand and drop this".to_owned(),
        ),
        Verdict::Applied { .. }
        | Verdict::Merged { .. }
        | Verdict::Review { .. }
        | Verdict::Duplicate(_) => ("failed", String::new(), String::new()),
    };
    let problem = format!("{intent} was not taken in: {reason}");
    Failure::new(Exit::Refused, code, problem, remedy)
}

fn drop_one(options: &QuarantineDrop, tenant: &Tenant, now_ms: i64) -> Result<Answer, Failure> {
    let note = words(&options.note, "--note")?;
    let item = find(tenant, &options.intent)?;
    let intent = item.intent;
    if is_incomplete(&item) {
        let problem = format!("{intent} was acknowledged once, and waits after a restore");
        let remedy = "give it back with `roadbook-server quarantine give-back`";
        return Err(Failure::new(Exit::Refused, "incomplete", problem, remedy));
    }
    let dry_run = options.writing.dry_run;
    if !dry_run {
        tenant.drop_quarantined(intent, &note, now_ms)?;
    }
    let verb = if dry_run { "would drop" } else { "dropped" };
    Ok(Answer {
        text: format!("{verb} {intent}: {note}"),
        json: json!({ "dry_run": dry_run, "intent": intent, "note": note }),
    })
}

fn give_back(options: &QuarantineDrop, tenant: &Tenant, now_ms: i64) -> Result<Answer, Failure> {
    let note = words(&options.note, "--note")?;
    let item = find(tenant, &options.intent)?;
    let intent = item.intent;
    if !is_incomplete(&item) {
        let problem = format!("{intent} does not wait for anything that a restore lost");
        let remedy = "readmit or drop it";
        return Err(Failure::new(Exit::Refused, "not_incomplete", problem, remedy));
    }
    let dry_run = options.writing.dry_run;
    if !dry_run {
        tenant.give_back(intent, &note, now_ms)?;
    }
    let verb = if dry_run { "would give back" } else { "gave back" };
    Ok(Answer {
        text: format!("{verb} {intent} to its author: {note}"),
        json: json!({ "dry_run": dry_run, "intent": intent, "note": note }),
    })
}

fn is_incomplete(item: &Quarantine) -> bool {
    item.settled.is_none() && item.reason == INCOMPLETE
}

fn find(tenant: &Tenant, text: &str) -> Result<Quarantine, Failure> {
    let remedy = "copy the id from `roadbook-server quarantine list`";
    let intent: IntentId =
        text.trim().parse().map_err(|error: roadbook_domain::id::InvalidId| {
            Failure::new(Exit::Usage, "bad_id", error.to_string(), remedy)
        })?;
    let mut found: Vec<_> =
        tenant.quarantine()?.into_iter().filter(|item| item.intent == intent).collect();
    // What waits comes before what was settled, should two devices have handed it over.
    found.sort_by_key(|item| item.settled.is_none());
    found.pop().ok_or_else(|| {
        let problem = format!("intent {intent} is not in the quarantine");
        Failure::new(Exit::NotFound, "not_found", problem, remedy)
    })
}

/// What an operation does, for people.
fn words_of(operation: &Operation) -> String {
    match operation {
        Operation::Create { fields } => {
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("create with {}", fields.join(", "))
        }
        Operation::Edit(edit) | Operation::Move { edit } => {
            format!("{}: from {} to {}", edit.field, edit.from, edit.to)
        }
        Operation::EditText { field, text, .. } => format!("{field}: to the text {text:?}"),
        Operation::Adjust { field, by } => format!("{field}: by {by:+}"),
        Operation::ChangeSet { field, add, remove } => {
            format!("{field}: add [{}], remove [{}]", add.join(", "), remove.join(", "))
        }
        Operation::Delete => "move to the trash".to_owned(),
        Operation::Restore => "take out of the trash".to_owned(),
        Operation::Resolve { field, choice, .. } => format!("{field}: settle on {choice}"),
        Operation::Propose { field, value, why } => format!("{field}: propose {value}: {why}"),
    }
}

fn words(text: &str, option: &str) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() {
        let problem = format!("{option} is empty");
        return Err(Failure::new(Exit::Usage, "no_reason", problem, "say why, in a few words"));
    }
    Ok(text.to_owned())
}

fn kind(item: &Quarantine) -> &'static str {
    let part = item.envelope.as_ref().and_then(|envelope| envelope.parts.first());
    part.map_or("-", |(part, _)| part.kind.name())
}

/// What users and devices are called.
struct Names {
    users: Vec<crate::tenant::User>,
    devices: Vec<crate::tenant::Device>,
}

impl Names {
    fn of(tenant: &Tenant) -> Result<Self, Failure> {
        Ok(Self { users: tenant.users()?, devices: tenant.devices()? })
    }

    fn user(&self, item: &Quarantine) -> String {
        let user = self.users.iter().find(|user| user.id == item.user);
        user.map_or_else(|| item.user.to_string(), |user| user.name.clone())
    }

    fn device(&self, item: &Quarantine) -> String {
        let device = self.devices.iter().find(|device| device.id == item.device);
        device.map_or_else(|| item.device.to_string(), |device| device.name.clone())
    }

    fn as_json(&self, item: &Quarantine) -> Value {
        let settled = item.settled.as_ref();
        json!({
            "intent": item.intent,
            "user": item.user,
            "user_name": self.user(item),
            "device": item.device,
            "device_name": self.device(item),
            "kind": kind(item),
            "reason": item.reason,
            "received_ms": item.received_ms,
            "readable": item.envelope.is_some(),
            "settled": settled.map(|it| &it.how),
            "note": settled.map(|it| &it.note),
            "settled_ms": settled.map(|it| it.at_ms),
        })
    }
}
