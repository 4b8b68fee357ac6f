//! Tests of a rep's day. The tests' clock stands on 14 November 2023, 22:13 UTC.

use roadbook_api::ErrorCode;
use roadbook_api::commands::pages::ShowToday;
use roadbook_api::commands::writes::{CompleteTask, LogActivity, SetFields};
use roadbook_api::views::{NextReason, SuggestedReason, TodayView};
use roadbook_domain::RecordId;

use crate::testing::{assignments, create, device};
use crate::{App, Run as _};

fn today(app: &App, day: &str, offset_minutes: i32) -> TodayView {
    app.run(ShowToday { day: day.into(), offset_minutes }).unwrap()
}

fn titles(items: &[roadbook_api::views::AgendaItemView]) -> Vec<&str> {
    items.iter().map(|item| item.link.title.as_str()).collect()
}

fn task(app: &App, subject: &str, due: &str, more: &[&str]) -> RecordId {
    let (subject, due) = (format!("subject={subject}"), format!("due_on={due}"));
    let mut values = vec![subject.as_str(), due.as_str()];
    values.extend(more);
    create(app, "task", &values)
}

#[test]
fn the_agenda_is_of_the_day_at_the_persons_place() {
    let app = device("Rep");
    let acme = create(&app, "account", &["name=Acme", "city=Kiel"]);
    let of = format!("account={acme}");
    task(&app, "Low", "2023-11-15", &["priority=Low", &of]);
    task(&app, "High", "2023-11-15", &["priority=High"]);
    let done = task(&app, "Done", "2023-11-15", &[]);
    app.run(CompleteTask { record: done.to_string() }).unwrap();
    task(&app, "Tomorrow", "2023-11-16", &[]);
    let visit = create(
        &app,
        "activity",
        &["subject=Visit Acme", "kind=Visit", "started_at=2023-11-15T09:30:00Z", &of],
    );
    create(&app, "activity", &["subject=Late", "kind=Call", "started_at=2023-11-15T23:30:00Z"]);
    let view = today(&app, "2023-11-15", 0);
    assert_eq!(titles(&view.agenda), ["Visit Acme", "Late", "High", "Low", "Done"]);
    assert_eq!((view.counts.agenda, view.counts.done, view.counts.visits), (5, 1, 0));
    assert_eq!(view.agenda[0].account.as_ref().unwrap().title, "Acme");
    assert_eq!((view.agenda[0].kind.as_str(), view.agenda[0].done), ("visit", false));
    let berlin = today(&app, "2023-11-15", 60);
    assert_eq!(titles(&berlin.agenda)[0], "Visit Acme");
    assert!(!titles(&berlin.agenda).contains(&"Late"), "in Berlin that is tomorrow");
    assert!(titles(&today(&app, "2023-11-16", 60).agenda).contains(&"Late"));
    let outcome = SetFields {
        entity: None,
        record: visit.to_string(),
        assignments: assignments(&["outcome=Met"]),
        why: None,
    };
    app.run(outcome).unwrap();
    let view = today(&app, "2023-11-15", 0);
    assert!(view.agenda[0].done && view.agenda[0].pending);
    assert_eq!(view.counts.visits, 1);
    let wrong = app.run(ShowToday { day: "tomorrow".into(), offset_minutes: 0 }).unwrap_err();
    assert_eq!((wrong.code, wrong.fields[0].field.as_str()), (ErrorCode::BadInput, "day"));
}

#[test]
fn what_is_overdue_is_counted_in_days_and_what_was_logged_is_not_overdue() {
    let app = device("Rep");
    let acme = create(&app, "account", &["name=Acme"]);
    task(&app, "Old", "2023-11-10", &[]);
    task(&app, "Older", "2023-11-01", &[]);
    let done = task(&app, "Done", "2023-11-01", &[]);
    app.run(CompleteTask { record: done.to_string() }).unwrap();
    create(&app, "activity", &["subject=Planned", "kind=Visit", "started_at=2023-11-15T09:00:00Z"]);
    let log = LogActivity {
        kind: "call".into(),
        entity: None,
        record: acme.to_string(),
        assignments: vec![],
        why: None,
    };
    app.run(log).unwrap();
    let view = today(&app, "2023-11-17", 0);
    assert_eq!(titles(&view.overdue), ["Older", "Old", "Planned"]);
    let late: Vec<_> = view.overdue.iter().map(|item| item.days_late).collect();
    assert_eq!(late, [16, 7, 2]);
    assert_eq!(view.counts.overdue, 3);
    assert!(view.agenda.is_empty());
}

#[test]
fn deals_that_want_attention_say_why() {
    let app = device("Rep");
    let mut deals = Vec::new();
    for (name, close, step) in [
        ("Slipped", "2023-11-01", "next_step=Call"),
        ("Fine", "2023-12-20", "next_step=Call"),
        ("Stuck", "2023-12-20", "next_step="),
        ("Quiet", "2024-06-01", "next_step=Call"),
    ] {
        let account = create(&app, "account", &[&format!("name={name} AG")]);
        let values = [
            format!("name={name}"),
            format!("close_date={close}"),
            format!("account={account}"),
            "amount=1000EUR".to_owned(),
            step.to_owned(),
        ];
        deals.push(create(&app, "opportunity", &values.each_ref().map(String::as_str)));
        let started = if name == "Quiet" { "2023-08-01" } else { "2023-11-10" };
        let started = format!("started_at={started}T09:00:00Z");
        let of = format!("account={account}");
        create(&app, "activity", &["subject=Call", "kind=Call", "outcome=Met", &started, &of]);
    }
    create(&app, "opportunity", &["name=Won", "stage=Closed won", "close_date=2023-01-01"]);
    let view = today(&app, "2023-11-15", 0);
    let found: Vec<_> =
        view.next_best.iter().map(|next| (next.link.title.as_str(), &next.reasons[..])).collect();
    let expected = [
        ("Slipped", &[NextReason::CloseDatePassed { days: 14 }][..]),
        ("Quiet", &[NextReason::NoActivity { days: 106 }][..]),
        ("Stuck", &[NextReason::NoNextStep][..]),
    ];
    assert_eq!(found, expected, "and Fine is fine");
    assert_eq!((view.counts.open_deals, view.counts.without_next_step), (4, 1));
    assert_eq!(view.next_best[0].account.as_ref().unwrap().title, "Slipped AG");
}

#[test]
fn the_quick_log_suggests_the_agenda_first_then_visits_due_then_what_is_recent() {
    let app = device("Rep");
    let account = |name: &str, more: &str| {
        create(&app, "account", &[&format!("name={name}"), "city=Kiel", more])
    };
    let recent = account("Recent", "tier=A");
    let due = account("Due", "visit_every_days=1");
    let planned = account("Planned", "tier=A");
    account("Not due", "visit_every_days=90");
    let of = |account: RecordId| format!("account={account}");
    let start = "started_at=2023-11-17T09:30:00Z";
    create(&app, "activity", &["subject=Visit", "kind=Visit", start, &of(planned)]);
    let earlier = "started_at=2023-11-14T09:30:00Z";
    create(&app, "activity", &["subject=Call", "kind=Call", "outcome=Met", earlier, &of(recent)]);
    let view = today(&app, "2023-11-17", 0);
    let found: Vec<_> = view.suggested.iter().map(|it| (it.link.record, &it.reason)).collect();
    assert_eq!(found[0].0, planned);
    assert!(matches!(found[0].1, SuggestedReason::OnAgenda { at_ms: Some(_) }));
    assert_eq!(found[1], (due, &SuggestedReason::VisitDue { days: 2 }));
    assert_eq!(found[2].0, recent);
    assert!(matches!(found[2].1, SuggestedReason::Recent { .. }));
    assert_eq!(found.len(), 4, "each account once");
    assert_eq!(view.suggested[0].city.as_deref(), Some("Kiel"));
}
