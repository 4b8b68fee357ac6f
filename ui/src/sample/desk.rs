//! A queue, a device and its storage of an example company.

use std::collections::BTreeMap;

use roadbook_api::commands::queries::SearchPage;
use roadbook_api::commands::queue::Queue;
use roadbook_api::views::{
    ChangeView, CheckOutcome, CheckView, DiscardedView, DoctorView, KeyForm, NamedValue,
    NeedsYouView, PendingState, PendingView, SearchHitView, SessionMode, SessionState, SessionView,
    StorageView, SyncStatusView,
};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::{Currency, DeviceId, Entity, IntentId, Money, Value};

use super::link;
use crate::bridge::script::ScriptWire;
use crate::route::{Place, Route};
use crate::words::Wall;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

fn intent(number: u8) -> IntentId {
    IntentId::from_bytes([number; 16])
}

fn euros(euros: i64) -> NamedValue {
    NamedValue::plain(&Value::Money(Money::new(euros * 100, Currency::EUR)))
}

fn text(text: &str) -> NamedValue {
    NamedValue::plain(&Value::Text(text.into()))
}

fn change(
    field: &str,
    label: &str,
    action: &str,
    from: Option<NamedValue>,
    to: NamedValue,
) -> ChangeView {
    ChangeView {
        field: field.into(),
        label: label.into(),
        action: action.into(),
        from,
        to: Some(to),
        why: None,
    }
}

/// The sample at a door: `/sign-in?q=hosted`, `?q=absent`, `?q=locked`, `?q=lost`.
pub fn prepare(wire: &ScriptWire, place: &Place) {
    let (state, mode) = match (&place.route, place.query.as_deref()) {
        (Route::SignIn, Some("hosted")) => (SessionState::Absent, SessionMode::Hosted),
        (Route::SignIn, Some("absent")) => (SessionState::Absent, SessionMode::Device),
        (Route::SignIn, Some("locked")) => (SessionState::Locked, SessionMode::Device),
        (Route::SignIn, Some("lost")) => {
            wire.answer_by("show_session", |_| {
                Err(ApiError::new(ErrorCode::NotSignedIn, "open the link"))
            });
            return;
        }
        _ => return,
    };
    wire.answer("show_session", &SessionView { state, mode, ..super::session() });
    let refused = [
        ("sign_in", ErrorCode::SignInFailed),
        ("unlock_device", ErrorCode::Locked),
        ("enrol_device", ErrorCode::Unreachable),
    ];
    for (name, code) in refused {
        wire.answer_by(name, move |_| Err(ApiError::new(code, "no")));
    }
}

/// A queue with something in every part.
#[must_use]
pub fn queue(wall: Wall) -> Queue {
    let at = |minutes: i64| wall.now_ms - minutes * MINUTE;
    let deal = link(22, Entity::Opportunity, "Renewal 2027");
    let long = link(
        24,
        Entity::Opportunity,
        "Rahmenvertrag Instandhaltungsdienstleistungen Nordseehäfen 2027 bis 2029",
    );
    let pending = |number, kind: &str, record, changes, state, minutes| PendingView {
        intent: intent(number),
        kind: kind.into(),
        records: vec![record],
        changes,
        at_ms: at(minutes),
        state,
        waits_for: None,
    };
    let amount = change("amount", "Amount", "set", Some(euros(10_000)), euros(12_000));
    let stage = change("stage", "Stage", "move", Some(text("Proposal")), text("Negotiation"));
    let note = change("body", "Text", "set", None, text("They want delivery before Easter."));
    Queue {
        pending: vec![
            pending(1, "edit_fields", deal.clone(), vec![amount], PendingState::Sending, 1),
            pending(2, "move_stage", long.clone(), vec![stage], PendingState::Saved, 35),
            PendingView {
                waits_for: Some(intent(11)),
                ..pending(
                    3,
                    "add_note",
                    link(41, Entity::Note, "They want delivery before Easter."),
                    vec![note],
                    PendingState::Held,
                    30,
                )
            },
        ],
        needs_you: vec![
            NeedsYouView {
                intent: intent(11),
                kind: "edit_fields".into(),
                records: vec![deal],
                changes: vec![
                    change("amount", "Amount", "set", Some(euros(12_000)), euros(10_200)),
                    change(
                        "next_step",
                        "Next step",
                        "set",
                        Some(text("Send the contract")),
                        text("Call Finance"),
                    ),
                ],
                at_ms: at(50),
                code: "discount_limit".into(),
                reason: "A rep may give at most 10 % discount on a renewal.".into(),
                remedy: "lower the discount, or ask a Manager".into(),
                field: Some("amount".into()),
                policy: Some("discount_by_role".into()),
                holds: vec![intent(3)],
            },
            NeedsYouView {
                intent: intent(12),
                kind: "edit_fields".into(),
                records: vec![long],
                changes: vec![change(
                    "description",
                    "Description",
                    "rewrite",
                    Some(text("Three harbours, maintenance twice a year, spare parts apart.")),
                    text("Three harbours, maintenance four times a year, spare parts included."),
                )],
                at_ms: wall.now_ms - 2 * DAY,
                code: "record_deleted".into(),
                reason: "Ben Okafor put the record in the trash on Wednesday".into(),
                remedy: "restore it from the trash, then try again; or discard this".into(),
                field: None,
                policy: None,
                holds: vec![],
            },
        ],
        discarded: vec![DiscardedView {
            intent: intent(21),
            kind: "delete".into(),
            records: vec![link(104, Entity::Account, "Cyan Health")],
            changes: vec![],
            at_ms: wall.now_ms - 3 * DAY,
            discarded_ms: wall.now_ms - 2 * DAY,
            denied: true,
        }],
    }
}

/// What a search finds.
#[must_use]
pub fn found(wall: Wall) -> SearchPage {
    let hit = |number, entity, title: &str, excerpt: &str, days: i64| SearchHitView {
        link: link(number, entity, title),
        excerpt: excerpt.into(),
        updated_ms: wall.now_ms - days * DAY,
    };
    let long = "Betriebsgenossenschaft für Logistikdienstleistungen Nordhafen eingetragene \
                Genossenschaft";
    SearchPage {
        hits: vec![
            hit(102, Entity::Account, "Acme Logistics", "Kiel", 0),
            hit(61, Entity::Contact, "Lothar Meyer", "Acme Logistics, head of purchasing", 2),
            hit(22, Entity::Opportunity, "Renewal 2027", "", 3),
            hit(
                42,
                Entity::Note,
                "They want a longer payment term",
                "... longer payment term ...",
                12,
            ),
            hit(110, Entity::Account, long, "Nordhafen", 40),
        ],
        corrected: None,
    }
}

fn kinds() -> BTreeMap<String, u64> {
    let numbers =
        [("account", 412), ("contact", 1_230), ("opportunity", 96), ("task", 58), ("note", 2_011)];
    numbers.map(|(kind, number)| (kind.to_owned(), number)).into()
}

/// What is on the laptop.
#[must_use]
pub fn storage(wall: Wall) -> StorageView {
    StorageView {
        records: kinds(),
        documents: 3_807,
        bytes: 48_300_000,
        document_bytes: 31_000_000,
        history_bytes: 9_400_000,
        key: KeyForm::Passphrase,
        recoverable: true,
        unsent: 3,
        last_sync_ms: Some(wall.now_ms - 2 * MINUTE),
    }
}

/// Where the laptop stands.
#[must_use]
pub fn status(wall: Wall) -> SyncStatusView {
    let session = super::session();
    SyncStatusView {
        device: DeviceId::from_bytes([3; 16]),
        device_name: "Ana's laptop".into(),
        tenant: session.tenant,
        user: session.user,
        who: session.who,
        role: session.role,
        server: session.server,
        last_sync_ms: Some(wall.now_ms - 2 * MINUTE),
        position: 48_212,
        pending: 3,
        held: 1,
        needs_you: 2,
        conflicts: 3,
        records: kinds(),
        oldest_pending_ms: Some(wall.now_ms - 35 * MINUTE),
        clock_offset_ms: 61_000,
        first_sync_unfinished: false,
    }
}

/// A check that found nothing wrong.
#[must_use]
pub fn doctor() -> DoctorView {
    let check = |check: &str, outcome, detail: &str| CheckView {
        check: check.into(),
        outcome,
        detail: detail.into(),
    };
    DoctorView {
        healthy: true,
        equal: Some(true),
        position: 48_212,
        documents: 3_807,
        checksum: "9f2c00ff9f2c00ff9f2c00ff9f2c00ff".into(),
        checks: vec![
            check("database", CheckOutcome::Passed, "the database is whole"),
            check("documents", CheckOutcome::Passed, "all 3,807 documents can be read"),
            check("clock", CheckOutcome::Skipped, "the server's clock was not asked"),
        ],
    }
}
