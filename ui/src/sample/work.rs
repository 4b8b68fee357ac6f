//! Records, a pipeline and a timeline of an example company; 50,000 accounts, made as they are seen.
//! Long because it is the example of six kinds of records.
#![expect(clippy::wildcard_enum_match_arm, reason = "an example has something for some kinds")]

use std::collections::BTreeMap;

use roadbook_api::commands::pages::ShowBoard;
use roadbook_api::commands::queries::{
    Finished, ListChoices, ListRecords, RecordPage, ShowRecord, Trash,
};
use roadbook_api::views::{
    BoardView, CardMarker, CardView, ChangeView, ChoiceView, ColumnView, FieldView,
    HistoryEntryView, Layout, Leave, MadeByView, Mark, NamedValue, RecordLink, RecordView,
    RelatedGroupView, RelatedView, SavedView, TimelineEntryView, TimelinePage, TimelineWhat,
    TotalView, WrittenView,
};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::schema::crm::STAGE;
use roadbook_domain::{
    Currency, DeviceId, Entity, IntentId, Money, RecordId, Schema, UserId, Value,
};

use super::link;
use crate::bridge::script::ScriptWire;
use crate::words::Wall;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;
/// As many accounts as a device may hold.
const ACCOUNTS: u64 = 50_000;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn euros(euros: i64) -> Value {
    Value::Money(Money::new(euros * 100, Currency::EUR))
}

fn set(members: &[&str]) -> Value {
    Value::Set(members.iter().map(|it| (*it).to_owned()).collect())
}

fn day(day: &str) -> Value {
    Value::Date(day.parse().expect("an example day"))
}

fn field(value: &Value) -> FieldView {
    let NamedValue { value, text } = NamedValue::plain(value);
    FieldView { value, text, disputed: false, sides: 0, mark: Mark::Accepted }
}

fn reference(link: &RecordLink) -> FieldView {
    FieldView { text: link.title.clone(), ..field(&Value::Reference(link.record)) }
}

fn record(wall: Wall, link: RecordLink, fields: Vec<(&str, FieldView)>) -> RecordView {
    let title = Schema::crm().entity(link.entity).title;
    let mut fields: BTreeMap<String, FieldView> =
        fields.into_iter().map(|(name, field)| (name.to_owned(), field)).collect();
    fields.insert(title.to_owned(), field(&text(&link.title)));
    fields.insert("owner".into(), reference(&person(2, "Ana Lindqvist")));
    RecordView {
        record: link.record,
        entity: link.entity,
        title: link.title,
        deleted: false,
        pending: fields.values().any(|it| it.mark == Mark::Pending),
        disputed: fields.values().any(|it| it.disputed),
        updated_ms: wall.now_ms - 3 * DAY,
        fields,
    }
}

fn person(number: u8, name: &str) -> RecordLink {
    link(number, Entity::User, name)
}

/// The account that most of the example is about.
#[must_use]
pub fn account(wall: Wall) -> RecordView {
    let pending = |value: &Value| FieldView { mark: Mark::Pending, ..field(value) };
    record(
        wall,
        link(102, Entity::Account, "Acme Logistics"),
        vec![
            ("city", field(&text("Kiel"))),
            ("tier", field(&text("A"))),
            ("industry", field(&text("Logistics"))),
            ("revenue", field(&euros(18_400_000))),
            ("employees", field(&Value::Integer(240))),
            ("payment_term_days", field(&Value::Integer(45))),
            ("visits", field(&Value::Integer(7))),
            ("phones", field(&set(&["+49 431 555 0147", "+49 171 555 0199"]))),
            ("next_step", pending(&text("Send the revised offer with the longer payment term"))),
            ("tags", field(&set(&["key account", "north"]))),
            (
                "description",
                field(&text(
                    "Runs the ports of Kiel and Lübeck.\nFrau Petersen decides, Finance has a veto.",
                )),
            ),
            ("territory", reference(&link(5, Entity::Territory, "North"))),
        ],
    )
}

/// A deal with a disputed amount.
#[must_use]
pub fn deal(wall: Wall) -> RecordView {
    let amount = FieldView { disputed: true, sides: 2, ..field(&euros(14_000)) };
    record(
        wall,
        link(22, Entity::Opportunity, "Renewal 2027"),
        vec![
            ("account", reference(&link(102, Entity::Account, "Acme Logistics"))),
            ("stage", field(&text("Negotiation"))),
            ("amount", amount),
            ("close_date", field(&day("2026-11-10"))),
            ("opened_on", field(&day("2026-08-03"))),
            ("probability", field(&Value::Percent(8_000))),
            ("next_step", field(&text("Agree on the service level with Frau Petersen"))),
            ("contacts", field(&set(&["Petra Petersen: decides"]))),
        ],
    )
}

const CITIES: [&str; 6] = ["Kiel", "Malmö", "Gdańsk", "Lübeck", "Aarhus", "Bremen"];
const NAMES: [&str; 7] = [
    "Acme Logistics",
    "Betriebsgenossenschaft Nordhafen eG",
    "Bolt & Sons",
    "Cyan Health",
    "Delta Yards",
    "Ekström Bygg",
    "Fjord Marine",
];

/// Whether an id of the example is that of a lead.
pub(super) fn is_lead(record: RecordId) -> bool {
    (0..100).any(|at| nth(Entity::Lead, at).record == record)
}

fn nth(entity: Entity, at: u64) -> RecordLink {
    let mut id = [7; 16];
    id[..8].copy_from_slice(&at.to_be_bytes());
    id[8] = entity as u8;
    let place = usize::try_from(at).unwrap_or(0);
    let name = NAMES[place % NAMES.len()];
    let title = match entity {
        Entity::Account => format!("{name} {}", at + 1),
        Entity::Opportunity => format!("Framework contract {}", 2027 + at % 4),
        Entity::Task => "Send the revised offer".to_owned(),
        Entity::Quote => format!("Q-2026-{:04}", at + 17),
        _ => ["Petra Petersen", "Jonas Holm", "Agnieszka Nowak"][place % 3].to_owned(),
    };
    RecordLink { record: RecordId::from_bytes(id), entity, title }
}

fn row(wall: Wall, entity: Entity, at: u64) -> RecordView {
    let place = usize::try_from(at).unwrap_or(0);
    let money = i64::try_from(at * 37 % 900 + 4).unwrap_or(4) * 1_000;
    let account = nth(Entity::Account, at);
    let stage = STAGE.states[place % 5].name;
    let due = format!("2026-11-{:02}", 12 + at % 17);
    let mut found = record(
        wall,
        nth(entity, at),
        match entity {
            Entity::Account => vec![
                ("city", field(&text(CITIES[place % CITIES.len()]))),
                ("tier", field(&text(["A", "B", "C"][place % 3]))),
                ("industry", field(&text(["Logistics", "Health care", "Construction"][place % 3]))),
                ("revenue", field(&euros(money * 10))),
                ("next_step", field(&text(["Visit in December", "", "Offer"][place % 3]))),
            ],
            Entity::Opportunity => vec![
                ("account", reference(&account)),
                ("stage", field(&text(stage))),
                (
                    "amount",
                    FieldView {
                        disputed: at % 9 == 3,
                        sides: if at % 9 == 3 { 2 } else { 0 },
                        ..field(&euros(money))
                    },
                ),
                ("close_date", field(&day(&due))),
                ("next_step", field(&text("Call Finance"))),
            ],
            Entity::Task => vec![
                ("account", reference(&account)),
                ("state", field(&text("Open"))),
                ("due_on", field(&day(&due))),
                ("priority", field(&text(["High", "Normal", "Low"][place % 3]))),
            ],
            Entity::Quote => vec![
                ("account", reference(&account)),
                ("opportunity", reference(&nth(Entity::Opportunity, at))),
                ("state", field(&text(["Draft", "Presented", "Approved"][place % 3]))),
                ("valid_until", field(&day(&due))),
            ],
            Entity::Lead => vec![
                ("company", field(&text(&account.title))),
                ("status", field(&text(["New", "Working", "Nurturing"][place % 3]))),
                ("source", field(&text("Trade fair"))),
            ],
            _ => vec![
                ("account", reference(&account)),
                ("role", field(&text(["Head of purchasing", "Site manager"][place % 2]))),
                ("phones", field(&set(&["+49 431 555 0147"]))),
            ],
        },
    );
    found.pending = at % 11 == 4;
    found.updated_ms = wall.now_ms - i64::try_from(at).unwrap_or(0) * 7 * MINUTE;
    found
}

/// A page of a list.
#[must_use]
pub fn list(wall: Wall, request: &ListRecords) -> RecordPage {
    let entity = request.entity.parse().unwrap_or(Entity::Account);
    let all = match entity {
        Entity::Account => ACCOUNTS,
        Entity::Opportunity => 214,
        _ => 61,
    };
    // Nothing is really looked up here: filters make the list shorter, so that it is seen.
    let narrowed = !request.filters.is_empty() || request.finished == Finished::Closed;
    let total = if request.filters.iter().any(|it| it.contains("zzz")) {
        0
    } else if request.trash == Trash::Only {
        4
    } else if narrowed {
        all / 9
    } else {
        all
    };
    let from = u64::from(request.offset.unwrap_or(0));
    let to = (from + u64::from(request.limit)).min(total);
    let descending = request.order.as_deref().is_some_and(|order| order.starts_with('-'));
    let place = |at: u64| if descending { total - 1 - at } else { at };
    let totals = request.totals.iter().map(|name| TotalView {
        field: name.clone(),
        label: "Amount".into(),
        sums: vec![NamedValue::plain(&euros(1_284_000))],
        disputed: 3,
    });
    RecordPage {
        records: (from..to).map(|at| row(wall, entity, place(at))).collect(),
        total,
        next: None,
        totals: totals.collect(),
    }
}

fn sums(euro: i64, disputed: u64) -> Option<TotalView> {
    Some(TotalView {
        field: "amount".into(),
        label: "Amount".into(),
        sums: vec![NamedValue::plain(&euros(euro))],
        disputed,
    })
}

fn card(wall: Wall, number: u8, title: &str, account: &str, euro: i64, days: u32) -> CardView {
    CardView {
        link: link(number, Entity::Opportunity, title),
        account: Some(link(number + 100, Entity::Account, account)),
        owner: Some(person(2, "Ana Lindqvist")),
        amount: (euro > 0).then(|| NamedValue::plain(&euros(euro))),
        ends_on: Some("2026-12-18".into()),
        next_step: Some("Call Finance".into()),
        since_ms: Some(wall.now_ms - i64::from(days) * DAY),
        days: Some(days),
        missing: vec![],
        markers: vec![],
        disputed: vec![],
        pending: false,
        updated_ms: wall.now_ms - DAY,
    }
}

/// A pipeline.
#[must_use]
pub fn board(wall: Wall) -> BoardView {
    let acme = CardView {
        disputed: vec!["amount".into()],
        markers: vec![CardMarker::Slipped],
        ends_on: Some("2026-11-10".into()),
        ..card(wall, 22, "Renewal 2027", "Acme Logistics", 14_000, 12)
    };
    let cyan = CardView {
        markers: vec![CardMarker::Stalled],
        next_step: None,
        missing: vec!["next_step".into()],
        ..card(wall, 21, "Ward tablets", "Cyan Health", 40_000, 61)
    };
    let long = CardView {
        pending: true,
        ..card(
            wall,
            24,
            "Rahmenvertrag Instandhaltungsdienstleistungen Nordseehäfen 2027 bis 2029",
            "Betriebsgenossenschaft Nordhafen eG",
            184_000,
            3,
        )
    };
    let cards = |state: &str| match state {
        "Prospecting" => vec![
            card(wall, 31, "Harbour cranes", "Fjord Marine", 0, 2),
            card(wall, 32, "Second site", "Delta Yards", 9_000, 20),
        ],
        "Qualification" => vec![card(wall, 23, "Cold chain pilot", "Kvarnen Foods", 8_500, 9)],
        "Needs analysis" => vec![
            long.clone(),
            card(wall, 33, "Fleet of 40", "Bolt & Sons", 62_000, 14),
            card(wall, 34, "Scaffolding 2027", "Ekström Bygg", 21_000, 5),
        ],
        "Proposal" => vec![cyan.clone()],
        "Negotiation" => vec![acme.clone(), card(wall, 35, "Depot", "Delta Yards", 33_000, 1)],
        "Closed won" => vec![card(wall, 36, "Pallets", "Acme Logistics", 12_000, 4)],
        _ => vec![],
    };
    let column = |state: &roadbook_domain::schema::StateDef| {
        let cards = cards(state.name);
        let of = |card: &CardView| match card.amount.as_ref().map(|it| &it.value) {
            Some(roadbook_api::ValueView::Money { minor, .. }) => *minor / 100,
            _ => 0,
        };
        let total: i64 = cards.iter().map(of).sum();
        let disputed = cards.iter().filter(|card| !card.disputed.is_empty()).count();
        ColumnView {
            state: state.name.into(),
            closed: state.closed,
            probability_percent: Some(state.probability_percent),
            category: state.category.map(|it| it.name().to_owned()),
            count: u64::try_from(cards.len()).unwrap_or(0),
            total: sums(total, u64::try_from(disputed).unwrap_or(0)),
            weighted: sums(total * i64::from(state.probability_percent) / 100, 0),
            needs: vec![],
            next: None,
            cards,
        }
    };
    BoardView {
        field: "stage".into(),
        label: "Stage".into(),
        as_of_ms: wall.now_ms,
        columns: STAGE.states.iter().map(column).collect(),
        disputed: vec![],
    }
}

fn made_by(wall: Wall, number: u8, who: &str, device: &str, ago_ms: i64) -> MadeByView {
    MadeByView {
        user: UserId::from_bytes([number; 16]),
        who: who.into(),
        device: DeviceId::from_bytes([number; 16]),
        device_name: Some(device.into()),
        at_ms: wall.now_ms - ago_ms,
        accepted_ms: Some(wall.now_ms - ago_ms + 4 * MINUTE),
        offline: Some(number == 3),
        client: "0.1.0".into(),
        policy: 1,
        rationale: None,
    }
}

/// What happened to a deal.
#[must_use]
pub fn history(wall: Wall) -> Vec<HistoryEntryView> {
    let entry = |number: u8, kind: &str, made_by, changes| HistoryEntryView {
        intent: IntentId::from_bytes([number; 16]),
        kind: kind.into(),
        made_by,
        accepted: true,
        seq: Some(number.into()),
        changes,
        settled: vec![],
    };
    let change = |label: &str, action: &str, from: Option<Value>, to: Option<Value>| ChangeView {
        field: label.to_lowercase(),
        label: label.into(),
        action: action.into(),
        from: from.as_ref().map(NamedValue::plain),
        to: to.as_ref().map(NamedValue::plain),
        why: None,
    };
    let amount = change("Amount", "set", Some(euros(10_000)), Some(euros(14_000)));
    let stage = change("Stage", "move", Some(text("Proposal")), Some(text("Negotiation")));
    let ben = MadeByView {
        rationale: Some("incl. service".into()),
        ..made_by(wall, 3, "Ben Okafor", "phone", 3 * DAY)
    };
    vec![
        entry(3, "edit_fields", ben, vec![amount]),
        entry(2, "move", made_by(wall, 2, "Ana Lindqvist", "laptop", 12 * DAY), vec![stage]),
        entry(
            1,
            "create",
            made_by(wall, 2, "Ana Lindqvist", "laptop", 100 * DAY),
            vec![change("Record", "create", None, None)],
        ),
    ]
}

/// A timeline with one of everything.
#[must_use]
pub fn timeline(wall: Wall) -> TimelinePage {
    let ana = || Some(person(2, "Ana Lindqvist"));
    let entry = |id: &str, ago_ms: i64, what| TimelineEntryView {
        id: id.into(),
        at_ms: wall.now_ms - ago_ms,
        pending: id == "a",
        what,
    };
    let past = history(wall);
    let entries = vec![
        entry(
            "a",
            50 * MINUTE,
            TimelineWhat::Activity {
                link: link(1, Entity::Activity, "Visit at Acme Logistics"),
                kind: "visit".into(),
                outcome: Some("Met".into()),
                text: Some("They want a payment term of 45 days and the offer by Friday.".into()),
                ends_ms: None,
                who: ana(),
                about: Some(link(22, Entity::Opportunity, "Renewal 2027")),
            },
        ),
        entry(
            "b",
            DAY,
            TimelineWhat::Task {
                link: link(5, Entity::Task, "Send the revised offer"),
                state: "Open".into(),
                due_on: Some("2026-11-20".into()),
                completed_ms: None,
                who: ana(),
                about: None,
            },
        ),
        entry("c", 3 * DAY, TimelineWhat::Change { entry: Box::new(past[0].clone()) }),
        entry(
            "d",
            5 * DAY,
            TimelineWhat::Note {
                link: link(6, Entity::Note, "Finance has a veto"),
                text: Some("Finance has a veto above 50,000 EUR.\nAsk for Herr Brandt.".into()),
                who: Some(person(3, "Ben Okafor")),
                about: None,
            },
        ),
        entry("e", 12 * DAY, TimelineWhat::Decision { entry: Box::new(past[1].clone()) }),
        entry("f", 100 * DAY, TimelineWhat::Change { entry: Box::new(past[2].clone()) }),
    ];
    TimelinePage { total: 31, next: Some("25".into()), entries }
}

/// What refers to the account.
#[must_use]
pub fn related(wall: Wall) -> RelatedView {
    let group = |entity: Entity, total: u64, records: Vec<RecordView>| RelatedGroupView {
        entity,
        field: "account".into(),
        label: "Account".into(),
        filter: "account=66666666-6666-6666-6666-666666666666".into(),
        total,
        records,
    };
    RelatedView {
        link: link(102, Entity::Account, "Acme Logistics"),
        groups: vec![
            group(Entity::Contact, 2, (0..2).map(|at| row(wall, Entity::Contact, at)).collect()),
            group(Entity::Opportunity, 12, vec![deal(wall), row(wall, Entity::Opportunity, 3)]),
            group(Entity::Task, 1, vec![row(wall, Entity::Task, 0)]),
        ],
    }
}

fn choices(request: &ListChoices) -> Vec<ChoiceView> {
    let wanted = request.text.to_lowercase();
    let fits = |link: &RecordLink| link.title.to_lowercase().contains(&wanted);
    let entity = match request.field.as_str() {
        "owner" => Entity::User,
        "opportunity" => Entity::Opportunity,
        _ => Entity::Account,
    };
    let all = (0..40).map(|at| nth(entity, at)).filter(fits).take(8);
    all.map(|link| ChoiceView {
        value: link.record.to_string(),
        text: link.title.clone(),
        hint: Some("Kiel".into()),
        link: Some(link),
    })
    .collect()
}

pub(super) fn read<T: serde::de::DeserializeOwned>(request: &str) -> Result<T, ApiError> {
    serde_json::from_str(request)
        .map_err(|error| ApiError::new(ErrorCode::BadInput, error.to_string()))
}

pub(super) fn written<T: serde::Serialize>(response: &T) -> Result<String, ApiError> {
    serde_json::to_string(response)
        .map_err(|error| ApiError::new(ErrorCode::BadInput, error.to_string()))
}

/// Answers of the lists, the pipeline and the record pages.
pub(super) fn answers(wire: &ScriptWire, wall: Wall) {
    wire.answer_by("list_records", move |request| {
        written(&list(wall, &read::<ListRecords>(request)?))
    });
    wire.answer_by("show_board", move |request| {
        read::<ShowBoard>(request)?;
        written(&board(wall))
    });
    wire.answer_by("show_record", move |request| {
        let request: ShowRecord = read(request)?;
        let known = [deal(wall), account(wall)];
        let kinds = Entity::ALL.into_iter().flat_map(|it| (0..40).map(move |at| (it, at)));
        let found = known.into_iter().find(|it| it.record.to_string() == request.record);
        let found = found.or_else(|| {
            let mut all = kinds.map(|(entity, at)| row(wall, entity, at));
            all.find(|it| it.record.to_string() == request.record)
        });
        written(&found.unwrap_or_else(|| account(wall)))
    });
    wire.answer("show_timeline", &timeline(wall));
    wire.answer("show_related", &related(wall));
    wire.answer("show_history", &history(wall));
    wire.answer_by("list_choices", |request| written(&choices(&read(request)?)));
    let views = vec![SavedView {
        entity: Entity::Account,
        name: "North, tier A".into(),
        filters: vec!["tier=A".into(), "city=Kiel".into()],
        finished: Finished::Any,
        order: Some("name".into()),
        fields: vec![],
        layout: Layout::List,
    }];
    wire.answer("list_views", &views);
    wire.answer("save_view", &views);
    wire.answer("remove_view", &views);
    let done = WrittenView {
        intent: IntentId::from_bytes([9; 16]),
        link: link(22, Entity::Opportunity, "Renewal 2027"),
        changes: vec![],
        leave: Leave::Allowed,
    };
    for name in [
        "create_record",
        "set_fields",
        "move_record",
        "log_activity",
        "complete_task",
        "add_note",
        "tag_record",
        "delete_record",
        "restore_record",
    ] {
        wire.answer(name, &done);
    }
}
