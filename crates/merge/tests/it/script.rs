//! Random days at the office: steps that a generator can shrink, and what they do.

use std::collections::BTreeMap;

use roadbook_domain::{Entity, FieldEdit, FirstValues, Intent, MergeClass, RecordId, Value};
use roadbook_merge::RecordView;

use crate::office::{Office, eur, record, text};
use crate::versions;

pub(crate) const SHOP: u8 = 1;
const DEALS: [u8; 2] = [2, 3];
pub(crate) const LEAD: u8 = 4;
const TASK: u8 = 5;
const FIRST_NEW: u8 = 20;

/// What somebody does in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Preference,
    Amount,
    CloseDate,
    Stage,
    Status,
    Tag,
    Contacts,
    Count,
    Visit,
    Note,
    Text,
    Margin,
    Strategy,
    /// A probability or a forecast category of one's own.
    Forecast,
    Owner,
    Delete,
    Restore,
    Resolve,
    Propose,
    CompleteTask,
    Create,
    Convert,
    /// Writes a field that only newer devices have (see [`crate::versions`]).
    Newer,
    /// Gets the next version of the program.
    Update,
    Push,
    Pull,
    PullAll,
}

/// Everything that devices of one version can do, the frequent more than once.
pub(crate) const DAY: [What; 38] = [
    What::Preference,
    What::Preference,
    What::Amount,
    What::Amount,
    What::CloseDate,
    What::Stage,
    What::Stage,
    What::Status,
    What::Tag,
    What::Tag,
    What::Contacts,
    What::Count,
    What::Count,
    What::Visit,
    What::Note,
    What::Text,
    What::Text,
    What::Margin,
    What::Strategy,
    What::Forecast,
    What::Owner,
    What::Delete,
    What::Restore,
    What::Resolve,
    What::Resolve,
    What::Resolve,
    What::Resolve,
    What::Propose,
    What::Propose,
    What::CompleteTask,
    What::Create,
    What::Convert,
    What::Push,
    What::Push,
    What::Push,
    What::Pull,
    What::PullAll,
    What::PullAll,
];

/// One step of one device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) who: u8,
    pub(crate) what: What,
    pub(crate) which: u8,
    pub(crate) arg: u8,
}

/// A played script.
#[derive(Debug, Clone)]
pub(crate) struct Played {
    pub(crate) office: Office,
    /// How often each kind of intent was carried out.
    pub(crate) done: BTreeMap<&'static str, usize>,
    /// How often intents were refused, by code.
    pub(crate) refused: BTreeMap<&'static str, usize>,
}

/// How far each device's wall clock is off, in milliseconds.
const SKEW_MS: [i64; 5] = [0, 0, 700, -1_500, 3];

/// Plays steps; in the end everybody has pushed and pulled everything.
pub(crate) fn play(devices: u8, steps: &[Step]) -> Played {
    play_in(Office::new(devices), steps)
}

/// The same in an office whose devices are there, and have nothing yet.
pub(crate) fn play_in(mut office: Office, steps: &[Step]) -> Played {
    let devices = office.devices.len();
    let deal = |name: &str| [("name", text(name)), ("amount", eur(1_000))];
    office.create(0, Entity::Account, SHOP, &[("name", text("Shop"))]);
    office.create(0, Entity::Opportunity, DEALS[0], &deal("Pumps"));
    let written = [&deal("Pipes")[..], &[("description", text("\u{4e00}\u{4e01}"))]].concat();
    office.create(0, Entity::Opportunity, DEALS[1], &written);
    office.create(0, Entity::Lead, LEAD, &[("name", text("Lee"))]);
    office.create(0, Entity::Task, TASK, &[("subject", text("Call back"))]);
    office.meet();
    let (mut done, mut refused) = (BTreeMap::new(), BTreeMap::new());
    let mut fresh = 0x4e10;
    for step in steps {
        let who = usize::from(step.who) % devices;
        match step.what {
            What::Push => office.push(who),
            What::Pull => office.pull(who, 1 + usize::from(step.arg % 4)),
            What::PullAll => office.pull(who, usize::MAX),
            What::Update => {
                let replica = &mut office.devices[who].replica;
                replica.schema = versions::after(&replica.schema);
            }
            _ => {
                office.now_ms += i64::from(step.arg % 3);
                fresh += 1;
                let Some(intent) = intent(&office, who, step, fresh) else { continue };
                let wall_ms = office.now_ms + SKEW_MS[who];
                match office.devices[who].intend(&intent, wall_ms) {
                    Ok(_) => *done.entry(intent.kind().name()).or_insert(0) += 1,
                    Err(code) => *refused.entry(code).or_insert(0) += 1,
                }
            }
        }
    }
    office.meet();
    Played { office, done, refused }
}

/// A long random day of five devices.
pub(crate) fn long(seed: u64) -> Office {
    play(5, &steps(seed, 160, &DAY)).office
}

/// Steps from a seed, drawn from what may be done.
pub(crate) fn steps(seed: u64, count: usize, from: &[What]) -> Vec<Step> {
    let mut state = seed;
    let mut next = move || {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).to_be_bytes()
    };
    let step = |_| {
        let bytes = next();
        let what = from[usize::from(bytes[1]) % from.len()];
        Step { who: bytes[0], what, which: bytes[2], arg: bytes[3] }
    };
    (0..count).map(step).collect()
}

/// The intent of a step, from what the device shows; `None` if there is nothing to do it to.
fn intent(office: &Office, who: usize, step: &Step, fresh: u32) -> Option<Intent> {
    let replica = &office.devices[who].replica;
    let deal = DEALS[usize::from(step.which) % DEALS.len()];
    let pick = |of: &[&str]| text(of[usize::from(step.arg) % of.len()]);
    let set = |n: u8, field: &str, to: Value| {
        replica.entity(record(n))?;
        Some(office.setting(who, n, field, to))
    };
    let names = ["a", "b", "c"];
    let name = || names[usize::from(step.arg) % names.len()].to_owned();
    match step.what {
        What::Preference => {
            let fields = ["next_step", "competitor"];
            set(deal, fields[usize::from(step.which / 2) % 2], pick(&["call", "visit", "wait"]))
        }
        What::Amount => set(deal, "amount", eur(1_000 + 500 * i64::from(step.arg % 3))),
        What::CloseDate => {
            let day = i8::try_from(1 + step.arg % 3).ok()?;
            set(deal, "close_date", Value::Date(jiff::civil::date(2026, 12, day)))
        }
        What::Margin => set(deal, "margin", Value::Percent(100 * i64::from(step.arg % 3))),
        What::Forecast if (step.which / 2).is_multiple_of(2) => {
            set(deal, "probability", Value::Percent(2_500 * i64::from(step.arg % 5)))
        }
        What::Forecast => {
            let own = [text("Commit"), text("Omitted"), Value::Null];
            set(deal, "category_override", own[usize::from(step.arg) % own.len()].clone())
        }
        What::Owner => set(deal, "owner", Value::Reference(record(200 + step.arg % 3))),
        What::Stage | What::Status | What::CompleteTask => moving(office, who, step, deal),
        What::Tag => {
            replica.entity(record(deal))?;
            let (add, remove) = match step.which / 2 % 2 {
                0 => (vec![], vec![name()]),
                _ => (vec![name()], vec![]),
            };
            Some(Intent::Tag { record: record(deal), entity: Entity::Opportunity, add, remove })
        }
        What::Contacts => {
            let members = (0..3_u8).filter(|bit| step.arg & (1 << bit) != 0);
            let members = members.map(|bit| names[usize::from(bit)].to_owned()).collect();
            set(deal, "contacts", Value::Set(members))
        }
        What::Count => Some(Intent::AdjustCounter {
            record: record(SHOP),
            entity: Entity::Account,
            field: "visits".into(),
            by: i64::from(step.arg % 7) - 2,
        }),
        What::Visit => Some(Intent::LogActivity {
            activity: new_record(fresh)?,
            account: Some(record(SHOP)),
            fields: vec![
                ("subject".into(), text("Basement")),
                ("kind".into(), pick(&["Visit", "Visit", "Call"])),
            ],
        }),
        What::Note => Some(Intent::AddNote {
            note: new_record(fresh)?,
            fields: vec![("title".into(), text("Note")), ("body".into(), text("\u{4e02}"))],
        }),
        What::Create => Some(Intent::Create {
            record: new_record(fresh)?,
            entity: Entity::Contact,
            fields: vec![
                ("name".into(), text("Lee")),
                ("emails".into(), Value::Set(names.map(str::to_owned).to_vec())),
                ("do_not_contact".into(), Value::Boolean(step.arg.is_multiple_of(2))),
            ],
        }),
        What::Convert => converting(office, who, fresh),
        What::Text | What::Strategy => {
            let field = if step.what == What::Text { "description" } else { "strategy" };
            replica.entity(record(deal))?;
            let shown = replica.view(record(deal));
            set(deal, field, text(&rewritten(&shown, field, step, fresh)?))
        }
        What::Delete => {
            replica.entity(record(deal))?;
            Some(Intent::Delete { record: record(deal), entity: Entity::Opportunity })
        }
        What::Restore => {
            replica.entity(record(deal))?;
            Some(Intent::Restore { record: record(deal), entity: Entity::Opportunity })
        }
        What::Resolve | What::Propose => settling(office, who, step, deal),
        What::Newer => {
            let def = versions::newer_field(&replica.schema, usize::from(step.which / 2))?;
            replica.entity(record(deal))?;
            let shown = replica.view(record(deal));
            let one = i64::from(step.arg % 3);
            match def.class {
                MergeClass::Counter => Some(Intent::AdjustCounter {
                    record: record(deal),
                    entity: Entity::Opportunity,
                    field: def.name.to_owned(),
                    by: one + 1,
                }),
                MergeClass::Text => {
                    set(deal, def.name, text(&rewritten(&shown, def.name, step, fresh)?))
                }
                MergeClass::Set => set(deal, def.name, Value::Set(vec![name()])),
                MergeClass::Review => set(deal, def.name, eur(100 * (one + 1))),
                _ => set(deal, def.name, pick(&["crane", "tower", "gate"])),
            }
        }
        What::Update | What::Push | What::Pull | What::PullAll => None,
    }
}

fn new_record(fresh: u32) -> Option<RecordId> {
    let n = u8::try_from(fresh - 0x4e10).ok()?.checked_add(FIRST_NEW)?;
    (n < 200).then(|| record(n))
}

fn converting(office: &Office, who: usize, fresh: u32) -> Option<Intent> {
    let replica = &office.devices[who].replica;
    replica.entity(record(LEAD))?;
    let shown = replica.view(record(LEAD));
    let opportunity = new_record(fresh)?;
    shown.value("converted_to").is_null().then(|| Intent::ConvertLead {
        lead: record(LEAD),
        from: shown.value("status").clone(),
        made: vec![FirstValues {
            record: opportunity,
            entity: Entity::Opportunity,
            fields: vec![("name".into(), text("Lee's pumps"))],
        }],
        opportunity,
    })
}

fn moving(office: &Office, who: usize, step: &Step, deal: u8) -> Option<Intent> {
    let replica = &office.devices[who].replica;
    let stages = ["Qualification", "Needs analysis", "Proposal", "Negotiation", "Prospecting"];
    let statuses = ["Working", "Nurturing", "Qualified", "New"];
    let pick = |of: &[&str]| text(of[usize::from(step.arg / 3) % of.len()]);
    let (n, field, to) = match step.what {
        What::Stage => (deal, "stage", pick(&stages)),
        What::Status => (LEAD, "status", pick(&statuses)),
        _ => (TASK, "state", Value::Null),
    };
    let entity = replica.entity(record(n))?;
    let from = replica.view(record(n)).value(field).clone();
    if from == text("Done") {
        return None;
    }
    Some(if to.is_null() {
        Intent::CompleteTask { task: record(n), from, at_ms: office.now_ms }
    } else {
        Intent::MoveStage { record: record(n), entity, from, to }
    })
}

/// A text with one character more or less; every character is unique.
fn rewritten(shown: &RecordView, field: &str, step: &Step, fresh: u32) -> Option<String> {
    let mut text: Vec<char> = shown.value(field).as_text().unwrap_or_default().chars().collect();
    let at = usize::from(step.arg) % (text.len() + 1);
    if (step.which / 2).is_multiple_of(3) && at < text.len() {
        text.remove(at);
    } else {
        text.insert(at, char::from_u32(fresh)?);
    }
    Some(text.into_iter().collect())
}

fn settling(office: &Office, who: usize, step: &Step, deal: u8) -> Option<Intent> {
    let replica = &office.devices[who].replica;
    let shown = [deal, DEALS[0], DEALS[1], LEAD].into_iter().find_map(|n| {
        let view = replica.entity(record(n)).map(|_| replica.view(record(n)))?;
        (!view.conflicts.is_empty()).then_some((n, view))
    });
    let (target, shown) = shown?;
    let entity = replica.entity(record(target))?;
    let conflict = &shown.conflicts[usize::from(step.which) % shown.conflicts.len()];
    let side = &conflict.sides[usize::from(step.arg) % conflict.sides.len()];
    let (record, field) = (record(target), conflict.field.to_owned());
    Some(if step.what == What::Resolve {
        let sides = conflict.side_changes();
        Intent::ResolveConflict { record, entity, field, sides, choice: side.value.clone() }
    } else {
        let why = "as agreed".to_owned();
        Intent::ProposeInConflict { record, entity, field, value: side.value.clone(), why }
    })
}

/// An edit of several fields of both facets at once.
pub(crate) fn wide_edit(view: &RecordView, id: RecordId, to: i64) -> Intent {
    let edit = |field: &str, to| {
        let from = view.value(field).clone();
        FieldEdit { field: field.to_owned(), from, to }
    };
    let edits = vec![
        edit("amount", eur(to)),
        edit("next_step", text(&format!("step {to}"))),
        edit("description", text(&format!("text {to}"))),
        edit("tags", Value::Set(vec![format!("tag {to}")])),
        edit("margin", Value::Percent(to)),
        edit("strategy", text(&format!("plan {to}"))),
    ];
    Intent::EditFields { record: id, entity: Entity::Opportunity, edits }
}
