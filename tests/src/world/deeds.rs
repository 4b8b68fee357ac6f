//! What people do: random intents on what their device shows.

use roadbook_domain::{Currency, Money};
use roadbook_domain::{Entity, FieldEdit, Intent, RecordId, Value};
use roadbook_replica::{Closed, ListQuery, Replica, Row, Trash};
use roadbook_server::ids::IdSource as _;

use crate::world::Places;
use crate::world::dice::Dice;

/// An intent of one person, or `None` when there is nothing to do it to.
///
/// # Errors
/// What the replica says.
pub(crate) fn deed(
    replica: &Replica,
    places: &Places,
    now_ms: i64,
    dice: &mut Dice,
) -> anyhow::Result<Option<Intent>> {
    let deal = |dice: &mut Dice| any(replica, Entity::Opportunity, Trash::Without, dice);
    Ok(match dice.below(30) {
        0 => Some(new_account(replica, places, now_ms, dice)),
        1 => Some(new_deal(replica, now_ms, dice)?),
        2..=6 => deal(dice)?.map(|row| edit(&row, dice, &["amount", "close_date"])),
        7..=10 => deal(dice)?.map(|row| edit(&row, dice, &["next_step", "tags", "description"])),
        11 | 12 => deal(dice)?.map(|row| edit(&row, dice, &["margin", "strategy", "competitor"])),
        13..=15 => deal(dice)?.map(|row| moving(&row, dice)),
        16 | 17 => around_account(replica, now_ms, dice)?,
        18 => finish(replica, now_ms, dice)?,
        19 | 20 => any(replica, Entity::Account, Trash::Without, dice)?
            .map(|row| edit(&row, dice, &["nickname", "phones", "description", "tax_id"])),
        21 => {
            let row = any(replica, Entity::Account, Trash::Without, dice)?;
            row.map(|row| Intent::AdjustCounter {
                record: row.record,
                entity: row.entity,
                field: "visits".into(),
                by: 1 + i64::try_from(dice.below(3)).unwrap_or(0),
            })
        }
        22 => deal(dice)?.map(|row| Intent::Delete { record: row.record, entity: row.entity }),
        23 => any(replica, Entity::Opportunity, Trash::Only, dice)?
            .map(|row| Intent::Restore { record: row.record, entity: row.entity }),
        24 => replace(replica, places, dice)?,
        25..=27 => settle(replica, dice)?,
        28 if knows(replica, "landmark") => {
            deal(dice)?.map(|row| edit(&row, dice, &["landmark", "budget", "perils"]))
        }
        _ => deal(dice)?.map(|row| wide(&row, dice)),
    })
}

/// Two accounts of the team with two deals each.
pub(crate) fn beginning(places: &Places, now_ms: i64, dice: &mut Dice) -> Vec<Intent> {
    let mut out = Vec::new();
    for name in ["Harbour works", "Valley works"] {
        let account = dice.record(now_ms);
        let fields = vec![
            ("name".to_owned(), text(name)),
            ("owner".to_owned(), Value::Reference(places.users[1].into())),
            ("team".to_owned(), Value::Reference(places.team)),
        ];
        out.push(Intent::Create { record: account, entity: Entity::Account, fields });
        for name in ["Pumps", "Pipes"] {
            let fields = vec![
                ("name".to_owned(), text(name)),
                ("account".to_owned(), Value::Reference(account)),
                ("amount".to_owned(), amount(dice)),
            ];
            let record = dice.record(now_ms);
            out.push(Intent::Create { record, entity: Entity::Opportunity, fields });
        }
    }
    out
}

fn any(
    replica: &Replica,
    entity: Entity,
    trash: Trash,
    dice: &mut Dice,
) -> anyhow::Result<Option<Row>> {
    let query = ListQuery { trash, closed: Closed::Any, ..ListQuery::newest(entity, 100) };
    let mut rows = replica.list(&query)?;
    rows.sort_by_key(|row| row.record);
    Ok(dice.pick(&rows).cloned())
}

/// Whether the device's program has one of the newer fields.
fn knows(replica: &Replica, field: &str) -> bool {
    replica.schema().field(Entity::Opportunity, field).is_some()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn word(dice: &mut Dice) -> String {
    let words = ["pump", "pipe", "valve", "call", "visit", "winter", "offer", "price"];
    words[dice.below(words.len())].to_owned()
}

fn new_account(replica: &Replica, places: &Places, now_ms: i64, dice: &mut Dice) -> Intent {
    let mut fields = vec![("name".to_owned(), Value::Text(format!("{} works", word(dice))))];
    if let Some(enrolment) = replica.enrolment() {
        fields.push(("owner".to_owned(), Value::Reference(enrolment.user.into())));
    }
    if dice.percent(60)
        && let Some(territory) = dice.pick(&places.territories)
    {
        fields.push(("territory".to_owned(), Value::Reference(*territory)));
    }
    if dice.percent(40) {
        fields.push(("team".to_owned(), Value::Reference(places.team)));
    }
    Intent::Create { record: dice.record(now_ms), entity: Entity::Account, fields }
}

fn new_deal(replica: &Replica, now_ms: i64, dice: &mut Dice) -> anyhow::Result<Intent> {
    let mut fields = vec![
        ("name".to_owned(), Value::Text(format!("{} deal", word(dice)))),
        ("amount".to_owned(), amount(dice)),
    ];
    if let Some(account) = any(replica, Entity::Account, Trash::Without, dice)? {
        fields.push(("account".to_owned(), Value::Reference(account.record)));
    }
    if dice.percent(50)
        && let Some(enrolment) = replica.enrolment()
    {
        fields.push(("owner".to_owned(), Value::Reference(enrolment.user.into())));
    }
    if dice.percent(30) {
        fields.push(("margin".to_owned(), Value::Percent(1_000)));
    }
    if knows(replica, "landmark") && dice.percent(50) {
        fields.push(("landmark".to_owned(), Value::Text(word(dice))));
        fields.push(("budget".to_owned(), amount(dice)));
        fields.push(("perils".to_owned(), Value::Set(vec![word(dice)])));
    }
    let record = dice.record(now_ms);
    Ok(Intent::Create { record, entity: Entity::Opportunity, fields })
}

fn amount(dice: &mut Dice) -> Value {
    let thousands = i64::try_from(1 + dice.below(4)).unwrap_or(1);
    Value::Money(Money::new(thousands * 100_000, Currency::EUR))
}

/// A new value for one of the fields.
fn edit(row: &Row, dice: &mut Dice, fields: &[&'static str]) -> Intent {
    let field = fields[dice.below(fields.len())];
    Intent::EditFields {
        record: row.record,
        entity: row.entity,
        edits: vec![field_edit(row, field, dice)],
    }
}

fn field_edit(row: &Row, field: &'static str, dice: &mut Dice) -> FieldEdit {
    let from = row.value(field).clone();
    let to = match field {
        "amount" | "budget" => amount(dice),
        "close_date" => {
            let day = i8::try_from(1 + dice.below(28)).unwrap_or(1);
            Value::Date(jiff::civil::date(2026, 12, day))
        }
        "margin" => Value::Percent(i64::try_from(dice.below(5)).unwrap_or(0) * 500),
        "tags" | "phones" | "perils" => {
            let mut members: Vec<String> = from.members().to_vec();
            if !members.is_empty() && dice.percent(40) {
                members.remove(dice.below(members.len()));
            } else {
                members.push(word(dice));
            }
            members.sort();
            members.dedup();
            Value::Set(members)
        }
        "description" | "strategy" => {
            let mut words: Vec<String> =
                from.as_text().unwrap_or_default().split(' ').map(str::to_owned).collect();
            words.insert(dice.below(words.len() + 1), word(dice));
            words.truncate(12);
            Value::Text(words.join(" ").trim().to_owned())
        }
        _ => Value::Text(word(dice)),
    };
    FieldEdit { field: field.to_owned(), from, to }
}

/// Several fields of both facets at once.
fn wide(row: &Row, dice: &mut Dice) -> Intent {
    let fields = ["amount", "next_step", "tags", "margin"];
    let edits = fields.into_iter().map(|field| field_edit(row, field, dice)).collect();
    Intent::EditFields { record: row.record, entity: row.entity, edits }
}

fn moving(row: &Row, dice: &mut Dice) -> Intent {
    let stages = [
        "Prospecting",
        "Qualification",
        "Needs analysis",
        "Proposal",
        "Negotiation",
        "Closed won",
        "Closed lost",
    ];
    Intent::MoveStage {
        record: row.record,
        entity: row.entity,
        from: row.value("stage").clone(),
        to: text(stages[dice.below(stages.len())]),
    }
}

fn around_account(
    replica: &Replica,
    now_ms: i64,
    dice: &mut Dice,
) -> anyhow::Result<Option<Intent>> {
    let Some(account) = any(replica, Entity::Account, Trash::Without, dice)? else {
        return Ok(None);
    };
    let (at, new) = (Value::Reference(account.record), dice.record(now_ms));
    Ok(Some(match dice.below(4) {
        0 => Intent::LogActivity {
            activity: new,
            account: Some(account.record),
            fields: vec![
                ("subject".to_owned(), text("Basement")),
                ("kind".to_owned(), text("Visit")),
            ],
        },
        1 => Intent::AddNote {
            note: new,
            fields: vec![
                ("title".to_owned(), text("Remark")),
                ("account".to_owned(), at),
                ("body".to_owned(), Value::Text(word(dice))),
            ],
        },
        2 => Intent::Create {
            record: new,
            entity: Entity::Contact,
            fields: vec![("name".to_owned(), text("Lee")), ("account".to_owned(), at)],
        },
        _ => Intent::Create {
            record: new,
            entity: Entity::Task,
            fields: vec![("subject".to_owned(), text("Call back")), ("account".to_owned(), at)],
        },
    }))
}

fn finish(replica: &Replica, now_ms: i64, dice: &mut Dice) -> anyhow::Result<Option<Intent>> {
    let task = any(replica, Entity::Task, Trash::Without, dice)?;
    let task = task.filter(|task| *task.value("state") != text("Done"));
    Ok(task.map(|task| Intent::CompleteTask {
        task: task.record,
        from: task.value("state").clone(),
        at_ms: now_ms,
    }))
}

/// Gives a record another owner, territory, team or account: somebody will see it no longer, and
/// somebody else will.
fn replace(replica: &Replica, places: &Places, dice: &mut Dice) -> anyhow::Result<Option<Intent>> {
    let (entity, field) = match dice.below(4) {
        0 => (Entity::Account, "owner"),
        1 => (Entity::Account, "territory"),
        2 => (Entity::Account, "team"),
        _ => (Entity::Opportunity, "account"),
    };
    let Some(row) = any(replica, entity, Trash::Without, dice)? else { return Ok(None) };
    let users: Vec<RecordId> = places.users.iter().map(|user| (*user).into()).collect();
    let to = match field {
        "owner" => dice.pick(&users).copied(),
        "territory" => dice.pick(&places.territories).copied(),
        "team" if row.value("team").is_null() => Some(places.team),
        "team" => None,
        _ => any(replica, Entity::Account, Trash::Without, dice)?.map(|row| row.record),
    };
    let (from, to) = (row.value(field).clone(), to.map_or(Value::Null, Value::Reference));
    let edits = vec![FieldEdit { field: field.to_owned(), from, to }];
    Ok(Some(Intent::EditFields { record: row.record, entity, edits }))
}

/// Takes a side in a conflict, or proposes one.
fn settle(replica: &Replica, dice: &mut Dice) -> anyhow::Result<Option<Intent>> {
    let conflicts = replica.conflicts()?;
    let Some(conflict) = dice.pick(&conflicts) else { return Ok(None) };
    let Some(side) = dice.pick(&conflict.sides) else { return Ok(None) };
    let (record, entity, field) = (conflict.record, conflict.entity, conflict.field.clone());
    let value = side.value.clone();
    Ok(Some(if dice.percent(70) {
        let sides = conflict.side_changes();
        Intent::ResolveConflict { record, entity, field, sides, choice: value }
    } else {
        let why = "as agreed".to_owned();
        Intent::ProposeInConflict { record, entity, field, value, why }
    }))
}
