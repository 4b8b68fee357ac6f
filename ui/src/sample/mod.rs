//! Example data for tests, the sample of the app and pictures: one Friday of a rep called Ana.

pub mod desk;
pub mod planning;
pub mod review;
pub mod work;

use roadbook_api::commands::queries::{SearchPage, SearchRecords};
use roadbook_api::events::{SyncState, SyncStripView};
use roadbook_api::views::{
    AgendaItemView, NamedValue, NextBestView, NextReason, RecordLink, SearchHitView, SessionMode,
    SessionState, SessionView, SuggestedAccountView, SuggestedReason, TodayCounts, TodayView,
};
use roadbook_api::{ApiError, ErrorCode, Event};
use roadbook_domain::{DeviceId, Entity, Money, RecordId, TenantId, UserId, Value};

use crate::bridge::script::ScriptWire;
use crate::words::Wall;

/// Friday 20 November 2026, 14:30 in a place one hour east of UTC.
pub const WALL: Wall = Wall { now_ms: 1_795_181_400_000, offset_minutes: 60 };

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// A record by a number that makes its id.
#[must_use]
pub fn link(number: u8, entity: Entity, title: &str) -> RecordLink {
    RecordLink { record: RecordId::from_bytes([number; 16]), entity, title: title.to_owned() }
}

/// A session on Ana's laptop.
#[must_use]
pub fn session() -> SessionView {
    SessionView {
        state: SessionState::Ready,
        mode: SessionMode::Device,
        user: Some(UserId::from_bytes([2; 16])),
        who: Some("Ana Lindqvist".into()),
        role: Some("Rep".into()),
        device: Some(DeviceId::from_bytes([3; 16])),
        device_name: Some("Ana's laptop".into()),
        tenant: Some(TenantId::from_bytes([1; 16])),
        tenant_name: Some("acme".into()),
        can_review: true,
        confidential: vec![Entity::Account],
        server: Some("https://crm.example".into()),
    }
}

/// A strip with something in every number.
#[must_use]
pub fn strip(wall: Wall, state: SyncState, saved: u64, needs_you: u64) -> SyncStripView {
    SyncStripView {
        state,
        since_ms: wall.now_ms - 80 * MINUTE,
        last_sync_ms: Some(wall.now_ms - 2 * MINUTE),
        saved,
        sending: 0,
        needs_you,
        conflicts: 3,
        problem: None,
    }
}

fn item(number: u8, entity: Entity, kind: &str, title: &str, account: &str) -> AgendaItemView {
    AgendaItemView {
        link: link(number, entity, title),
        kind: kind.to_owned(),
        at_ms: None,
        ends_ms: None,
        due_on: None,
        days_late: 0,
        account: Some(link(number + 100, Entity::Account, account)),
        about: None,
        priority: None,
        outcome: None,
        done: false,
        pending: false,
    }
}

fn timed(wall: Wall, minutes: i64, item: AgendaItemView) -> AgendaItemView {
    let at_ms = wall.now_ms + minutes * MINUTE;
    AgendaItemView { at_ms: Some(at_ms), ends_ms: Some(at_ms + 45 * MINUTE), ..item }
}

fn deal(number: u8, title: &str, account: &str, stage: &str, euros: i64) -> NextBestView {
    let amount = Value::Money(Money::new(euros * 100, roadbook_domain::Currency::EUR));
    NextBestView {
        link: link(number, Entity::Opportunity, title),
        account: Some(link(number + 100, Entity::Account, account)),
        stage: stage.to_owned(),
        amount: Some(NamedValue::plain(&amount)),
        disputed: false,
        close_date: None,
        reasons: vec![NextReason::NoNextStep],
    }
}

/// A full day.
#[must_use]
pub fn today(wall: Wall) -> TodayView {
    use Entity::{Activity, Task};
    let met = AgendaItemView {
        outcome: Some("Met".into()),
        done: true,
        pending: true,
        ..item(1, Activity, "visit", "Quarterly visit", "Betriebsgenossenschaft Nordhafen eG")
    };
    let late = |days: u32, of: AgendaItemView| AgendaItemView { days_late: days, ..of };
    let high = AgendaItemView {
        priority: Some("High".into()),
        ..item(
            5,
            Task,
            "task",
            "Send the revised offer with the longer payment term",
            "Acme Logistics",
        )
    };
    let ticked = AgendaItemView {
        done: true,
        ..item(6, Task, "task", "Ask Finance about the credit line", "Kvarnen Foods")
    };
    let reasons = vec![NextReason::NoActivity { days: 60 }, NextReason::NoNextStep];
    let passed = vec![NextReason::CloseDatePassed { days: 10 }];
    TodayView {
        day: wall.today().to_string(),
        as_of_ms: wall.now_ms,
        agenda: vec![
            timed(wall, -300, met),
            timed(wall, -20, item(2, Activity, "visit", "Visit: renewal talk", "Acme Logistics")),
            timed(wall, 70, item(3, Activity, "call", "Call about delivery dates", "Bolt & Sons")),
            timed(wall, 130, item(4, Activity, "meeting", "Product demo", "Cyan Health")),
            high,
            ticked,
        ],
        overdue: vec![
            late(9, item(7, Task, "task", "Confirm the site survey", "Delta Yards")),
            late(2, item(8, Activity, "visit", "Visit without an outcome", "Ekström Bygg")),
        ],
        next_best: vec![
            NextBestView { reasons, ..deal(21, "Ward tablets", "Cyan Health", "Proposal", 40_000) },
            NextBestView {
                reasons: passed,
                disputed: true,
                ..deal(22, "Renewal 2027", "Acme Logistics", "Negotiation", 14_000)
            },
            deal(23, "Cold chain pilot", "Kvarnen Foods", "Qualification", 8_500),
        ],
        suggested: suggested(wall),
        counts: TodayCounts {
            agenda: 6,
            done: 2,
            overdue: 2,
            open_deals: 17,
            without_next_step: 4,
            visits: 1,
        },
    }
}

fn suggested(wall: Wall) -> Vec<SuggestedAccountView> {
    let account = |number, title: &str, reason| SuggestedAccountView {
        link: link(number, Entity::Account, title),
        city: Some("Kiel".into()),
        reason,
    };
    let at_ms = Some(wall.now_ms - 20 * MINUTE);
    vec![
        account(102, "Acme Logistics", SuggestedReason::OnAgenda { at_ms }),
        account(103, "Bolt & Sons", SuggestedReason::OnAgenda { at_ms: None }),
        account(109, "Fjord Marine", SuggestedReason::VisitDue { days: 12 }),
        account(104, "Cyan Health", SuggestedReason::Recent { at_ms: wall.now_ms - 3 * DAY }),
    ]
}

/// A day with nothing in it.
#[must_use]
pub fn empty_today(wall: Wall) -> TodayView {
    TodayView {
        agenda: vec![],
        overdue: vec![],
        next_best: vec![],
        suggested: vec![],
        counts: TodayCounts::default(),
        ..today(wall)
    }
}

fn search(wall: Wall, request: &str) -> Result<String, ApiError> {
    let unreadable =
        |error: serde_json::Error| ApiError::new(ErrorCode::BadInput, error.to_string());
    let request: SearchRecords = serde_json::from_str(request).map_err(unreadable)?;
    let words = request.text.to_lowercase();
    let fits = |it: &SuggestedAccountView| it.link.title.to_lowercase().contains(&words);
    let hit = |it: SuggestedAccountView| SearchHitView {
        link: it.link,
        excerpt: "Kiel".into(),
        updated_ms: wall.now_ms,
    };
    let hits = suggested(wall).into_iter().filter(fits).map(hit).collect();
    serde_json::to_string(&SearchPage { hits, corrected: None }).map_err(unreadable)
}

/// An app that answers from this example; what is written is remembered nowhere.
#[must_use]
pub fn wire(wall: Wall) -> ScriptWire {
    let wire = ScriptWire::default();
    wire.answer("show_session", &session());
    wire.answer("show_today", &today(wall));
    wire.answer("list_conflicts", &review::conflicts(wall));
    wire.answer("show_conflict", &review::conflict(wall));
    work::answers(&wire, wall);
    planning::answers(&wire, wall);
    wire.answer_by("search_records", move |request| search(wall, request));
    wire.answer("show_storage", &desk::storage(wall));
    wire.answer("show_status", &desk::status(wall));
    wire.answer("check_health", &desk::doctor());
    wire.answer("show_queue", &desk::queue(wall));
    for name in ["retry_intent", "discard_intent", "restore_discarded"] {
        wire.answer(name, &desk::queue(wall));
    }
    let status = strip(wall, SyncState::Online, 0, 1);
    wire.open_with(Event::SyncChanged { status });
    wire
}
