//! Conflicts of an example company.

use roadbook_api::views::{
    ConflictView, JournalView, MadeByView, NamedValue, SetAsideView, SideView,
};
use roadbook_domain::{Currency, DeviceId, Entity, Money, UserId, Value};

use super::link;
use crate::words::Wall;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

fn by(wall: Wall, number: u8, who: &str, device: &str, ago_ms: i64, why: &str) -> MadeByView {
    MadeByView {
        user: UserId::from_bytes([number; 16]),
        who: who.to_owned(),
        device: DeviceId::from_bytes([number; 16]),
        device_name: Some(device.to_owned()),
        at_ms: wall.now_ms - ago_ms,
        accepted_ms: Some(wall.now_ms - DAY),
        offline: Some(true),
        client: "0.1.0".into(),
        policy: 1,
        rationale: (!why.is_empty()).then(|| why.to_owned()),
    }
}

fn euros(euros: i64) -> NamedValue {
    NamedValue::plain(&Value::Money(Money::new(euros * 100, Currency::EUR)))
}

fn text(text: &str) -> NamedValue {
    NamedValue::plain(&Value::Text(text.into()))
}

/// The amount of a renewal, that Ana and Ben set differently.
#[must_use]
pub fn conflict(wall: Wall) -> ConflictView {
    // Tuesday, 10:40 and 10:42.
    let ana = by(wall, 2, "Ana Lindqvist", "laptop", 3 * DAY + 230 * MINUTE, "after the call");
    let ben = by(wall, 3, "Ben Okafor", "phone", 3 * DAY + 228 * MINUTE, "incl. service");
    let side =
        |side, value, made_by, shown| SideView { side, value, made_by, agreed: vec![], shown };
    let deal = link(22, Entity::Opportunity, "Renewal 2027");
    let entry = |field: &str, label: &str, settled: &str, kept, made_by| JournalView {
        link: deal.clone(),
        field: field.into(),
        label: label.into(),
        settled: settled.into(),
        kept,
        set_aside: vec![SetAsideView { value: text("Call Finance"), made_by: None }],
        made_by,
    };
    ConflictView {
        conflict: Some("22-amount".into()),
        named: "22-amount".into(),
        link: deal.clone(),
        field: "amount".into(),
        label: "Amount".into(),
        account: Some(link(102, Entity::Account, "Acme Logistics")),
        base: euros(10_000),
        base_by: Some(by(wall, 2, "Ana Lindqvist", "laptop", 17 * DAY, "")),
        settled: vec![
            entry(
                "next_step",
                "Next step",
                "later_kept",
                text("Send the contract"),
                Some(ben.clone()),
            ),
            entry("visits", "Visits", "summed", text("7"), None),
        ],
        sides: vec![
            side(1, euros(12_000), Some(ana), false),
            side(2, euros(14_000), Some(ben), true),
        ],
        proposals: vec![],
        stake: Some(euros(2_000)),
        rule: "review_field".into(),
        since_ms: wall.now_ms - DAY,
        position: 2,
        of: 3,
        previous: Some("23-close".into()),
        next: Some("24-stage".into()),
        can_decide: true,
    }
}

/// The inbox of a manager.
#[must_use]
pub fn conflicts(wall: Wall) -> Vec<ConflictView> {
    let amount = conflict(wall);
    let of = |number: u8,
              title: &str,
              account: &str,
              (field, label): (&str, &str),
              sides: [&str; 2],
              named: &str| {
        let mut found = ConflictView {
            named: named.into(),
            field: field.into(),
            label: label.into(),
            link: link(number, Entity::Opportunity, title),
            account: Some(link(number + 80, Entity::Account, account)),
            base: text("–"),
            stake: None,
            ..amount.clone()
        };
        for (side, value) in found.sides.iter_mut().zip(sides) {
            side.value = text(value);
        }
        found
    };
    let close = ConflictView {
        stake: Some(euros(40_000)),
        since_ms: wall.now_ms - 3 * DAY,
        position: 1,
        ..of(
            23,
            "Ward tablets",
            "Cyan Health",
            ("close_date", "Close date"),
            ["2026-12-11", "2027-01-29"],
            "23-close",
        )
    };
    let long = "Rahmenvertrag Instandhaltungsdienstleistungen Nordseehäfen 2027 bis 2029";
    let stage = ConflictView {
        since_ms: wall.now_ms - 50 * MINUTE,
        position: 3,
        ..of(
            24,
            long,
            "Betriebsgenossenschaft Nordhafen eG",
            ("stage", "Stage"),
            ["Closed won", "Closed lost"],
            "24-stage",
        )
    };
    vec![close, amount, stage]
}
