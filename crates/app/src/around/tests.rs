//! Tests of related records and timelines.

use roadbook_api::ErrorCode;
use roadbook_api::commands::pages::{ShowRelated, ShowTimeline};
use roadbook_api::commands::queries::ListRecords;
use roadbook_api::commands::writes::{AddNote, LogActivity, MoveRecord};
use roadbook_api::views::{RelatedView, TimelinePage, TimelineWhat};
use roadbook_domain::{Entity, RecordId};

use crate::testing::{Log, assignments, create, device};
use crate::{App, Run as _};

fn related(app: &App, record: RecordId) -> RelatedView {
    app.run(ShowRelated { entity: None, record: record.to_string(), limit: 2 }).unwrap()
}

fn timeline(app: &App, record: RecordId, limit: u32, after: Option<String>) -> TimelinePage {
    app.run(ShowTimeline { entity: None, record: record.to_string(), limit, after }).unwrap()
}

#[test]
fn related_records_are_grouped_by_kind_and_field() {
    let app = device("Manager");
    let acme = create(&app, "account", &["name=Acme"]);
    let of = format!("account={acme}");
    create(&app, "account", &["name=Acme Kiel", &format!("parent={acme}")]);
    for name in ["Ana", "Ben", "Cyd"] {
        create(&app, "contact", &[&format!("name={name}"), &of]);
    }
    let deal = create(&app, "opportunity", &["name=Renewal", &of]);
    create(&app, "quote", &["number=Q1", &of, &format!("opportunity={deal}")]);
    create(&app, "task", &["subject=Call", &format!("about={deal}")]);
    let view = related(&app, acme);
    let groups: Vec<_> = view
        .groups
        .iter()
        .map(|group| (group.entity, group.field.as_str(), group.total, group.records.len()))
        .collect();
    assert_eq!(
        groups,
        [
            (Entity::Account, "parent", 1, 1),
            (Entity::Contact, "account", 3, 2),
            (Entity::Opportunity, "account", 1, 1),
            (Entity::Quote, "account", 1, 1),
        ]
    );
    let more = ListRecords {
        filters: vec![view.groups[1].filter.clone()],
        ..ListRecords::newest("contact", 10)
    };
    assert_eq!(app.run(more).unwrap().total, 3, "the group's filter finds them all");
    let of_deal: Vec<_> =
        related(&app, deal).groups.iter().map(|group| (group.entity, group.total)).collect();
    assert_eq!(of_deal, [(Entity::Quote, 1), (Entity::Task, 1)]);
}

#[test]
fn a_timeline_holds_everything_about_a_record_newest_first() {
    let app = device("Manager");
    let mut log = Log::default();
    let acme = create(&app, "account", &["name=Acme"]);
    let deal = create(&app, "opportunity", &["name=Renewal", &format!("account={acme}")]);
    log.accept(&app, 0);
    let on = |record: RecordId| record.to_string();
    let note = AddNote { entity: None, record: on(deal), text: "Wants more".into(), title: None };
    app.run(note).unwrap();
    let visit = LogActivity {
        kind: "visit".into(),
        entity: None,
        record: on(deal),
        assignments: assignments(&["outcome=Met", "report=Went well"]),
        why: None,
    };
    app.run(visit).unwrap();
    create(&app, "task", &["subject=Send", &format!("about={deal}"), "due_on=2023-11-20"]);
    let to = "Proposal".to_owned();
    app.run(MoveRecord { entity: None, record: on(deal), to, why: None }).unwrap();
    let page = timeline(&app, deal, 50, None);
    let kinds: Vec<_> = page
        .entries
        .iter()
        .map(|entry| match &entry.what {
            TimelineWhat::Activity { kind, outcome, text, .. } => {
                assert_eq!(outcome.as_deref(), Some("Met"));
                assert_eq!(text.as_deref(), Some("Went well"));
                kind.clone()
            }
            TimelineWhat::Note { text, about, .. } => {
                assert_eq!((text.as_deref(), about), (Some("Wants more"), &None));
                "note".to_owned()
            }
            TimelineWhat::Task { state, due_on, .. } => {
                assert_eq!((state.as_str(), due_on.as_deref()), ("Open", Some("2023-11-20")));
                "task".to_owned()
            }
            TimelineWhat::Change { entry } | TimelineWhat::Decision { entry } => entry.kind.clone(),
        })
        .collect();
    assert_eq!(kinds, ["move_stage", "task", "visit", "note", "create"]);
    let pending: Vec<_> = page.entries.iter().map(|entry| entry.pending).collect();
    assert_eq!(pending, [true, true, true, true, false]);
    assert!(page.entries.is_sorted_by(|a, b| a.at_ms >= b.at_ms));
    let of_account = timeline(&app, acme, 50, None);
    let about: Vec<_> = of_account
        .entries
        .iter()
        .filter_map(|entry| match &entry.what {
            TimelineWhat::Activity { about, .. } | TimelineWhat::Note { about, .. } => {
                about.as_ref().map(|about| about.title.as_str())
            }
            TimelineWhat::Task { .. }
            | TimelineWhat::Change { .. }
            | TimelineWhat::Decision { .. } => None,
        })
        .collect();
    assert_eq!(about, ["Renewal", "Renewal"], "what is about its deals is in it, too");
    let kinds = of_account.entries.len();
    assert_eq!(kinds, 3, "the visit is there once, not again as its count");
}

#[test]
fn a_timeline_is_read_in_pages_without_gap_or_repetition() {
    let app = device("Manager");
    let acme = create(&app, "account", &["name=Acme"]);
    let of = format!("account={acme}");
    for n in 0..7 {
        // Two at each time, so that a place must tell them apart.
        let start = format!("started_at=2023-11-{:02}T09:00:00Z", 1 + n / 2);
        create(&app, "activity", &[&format!("subject=Visit {n}"), "kind=Visit", &start, &of]);
    }
    let whole = timeline(&app, acme, 50, None);
    assert_eq!((whole.total, whole.next), (8, None));
    let mut walked = Vec::new();
    let mut after = None;
    loop {
        let page = timeline(&app, acme, 3, after);
        assert_eq!(page.total, 8);
        walked.extend(page.entries);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(walked, whole.entries);
    let wrong =
        ShowTimeline { entity: None, record: acme.to_string(), limit: 3, after: Some("x".into()) };
    assert_eq!(app.run(wrong).unwrap_err().code, ErrorCode::BadInput);
}
