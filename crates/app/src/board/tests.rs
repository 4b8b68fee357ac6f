//! Tests of boards, lists with totals, choices and saved views.

use roadbook_api::ErrorCode;
use roadbook_api::commands::pages::{ListViews, RemoveView, SaveView, ShowBoard};
use roadbook_api::commands::queries::{Finished, ListChoices, ListRecords};
use roadbook_api::commands::writes::MoveRecord;
use roadbook_api::views::{BoardView, CardMarker, Layout};

use crate::testing::{TestApp, create, device};
use crate::{App, Run as _};

fn ask() -> ShowBoard {
    ShowBoard {
        entity: "opportunity".into(),
        filters: vec![],
        day: Some("2026-11-20".into()),
        order: Some("name".into()),
        limit: 2,
        column: None,
        after: None,
    }
}

fn with_deals() -> TestApp {
    let app = device("Manager");
    let account = create(&app, "account", &["name=Acme", "city=Kiel"]);
    for (name, stage, amount, close) in [
        ("Alpha", "Proposal", "100EUR", "2026-11-10"),
        ("Beta", "Proposal", "200EUR", "2026-12-10"),
        ("Gamma", "Proposal", "50GBP", "2026-12-10"),
        ("Delta", "Closed won", "700EUR", "2026-10-01"),
    ] {
        let values = [
            format!("name={name}"),
            format!("stage={stage}"),
            format!("amount={amount}"),
            format!("close_date={close}"),
            format!("account={account}"),
        ];
        create(&app, "opportunity", &values.each_ref().map(String::as_str));
    }
    app
}

fn column<'b>(board: &'b BoardView, state: &str) -> &'b roadbook_api::views::ColumnView {
    board.columns.iter().find(|column| column.state == state).unwrap()
}

fn texts(values: &[roadbook_api::views::NamedValue]) -> Vec<&str> {
    values.iter().map(|value| value.text.as_str()).collect()
}

#[test]
fn a_board_has_every_stage_with_counts_sums_cards_and_hints() {
    let app = with_deals();
    let board = app.run(ask()).unwrap();
    assert_eq!((board.field.as_str(), board.columns.len()), ("stage", 7));
    let proposal = column(&board, "Proposal");
    assert_eq!((proposal.count, proposal.probability_percent), (3, Some(60)));
    assert_eq!(texts(&proposal.total.as_ref().unwrap().sums), ["300 EUR", "50 GBP"]);
    assert_eq!(texts(&proposal.weighted.as_ref().unwrap().sums), ["180 EUR", "30 GBP"]);
    let needs: Vec<_> = proposal.needs.iter().map(|need| need.label.as_str()).collect();
    assert_eq!(needs, ["Amount", "Close date", "Next step"]);
    let names: Vec<_> = proposal.cards.iter().map(|card| card.link.title.as_str()).collect();
    assert_eq!(names, ["Alpha", "Beta"]);
    let alpha = &proposal.cards[0];
    assert_eq!(alpha.missing, ["next_step"]);
    assert_eq!(alpha.markers, [CardMarker::Slipped]);
    assert_eq!(alpha.account.as_ref().unwrap().title, "Acme");
    assert_eq!(alpha.days, Some(0));
    let won = column(&board, "Closed won");
    assert_eq!((won.count, won.closed, won.cards[0].markers.len()), (1, true, 0));
    assert_eq!(column(&board, "Prospecting").count, 0);
    let next = ShowBoard { column: Some("proposal".into()), after: proposal.next.clone(), ..ask() };
    let next = app.run(next).unwrap();
    assert_eq!(next.columns.len(), 1);
    assert_eq!(next.columns[0].cards[0].link.title, "Gamma");
    assert_eq!(next.columns[0].next, None);
}

#[test]
fn a_move_and_a_filter_show_on_the_board() {
    let app = with_deals();
    let alpha = column(&app.run(ask()).unwrap(), "Proposal").cards[0].link.record;
    let to = "Negotiation".to_owned();
    app.run(MoveRecord { entity: None, record: alpha.to_string(), to, why: None }).unwrap();
    let filtered = ShowBoard { filters: vec!["amount<150EUR".into()], ..ask() };
    let board = app.run(filtered).unwrap();
    assert_eq!(column(&board, "Proposal").count, 0, "the pounds are another currency");
    assert_eq!(column(&board, "Negotiation").cards[0].link.title, "Alpha");
    assert!(column(&board, "Negotiation").cards[0].since_ms > Some(1_700_000_000_000));
    let leads = app.run(ShowBoard { entity: "lead".into(), order: None, ..ask() }).unwrap();
    assert_eq!((leads.columns.len(), leads.columns[0].total.is_none()), (5, true));
    for (wrong, field) in [
        (ShowBoard { entity: "account".into(), ..ask() }, "entity"),
        (ShowBoard { column: Some("Dreaming".into()), ..ask() }, "column"),
        (ShowBoard { after: Some("2".into()), ..ask() }, "after"),
        (ShowBoard { day: Some("soon".into()), ..ask() }, "day"),
    ] {
        let error = app.run(wrong).unwrap_err();
        assert_eq!((error.code, error.fields[0].field.as_str()), (ErrorCode::BadInput, field));
    }
}

#[test]
fn a_list_adds_up_shows_some_fields_and_begins_anywhere() {
    let app = with_deals();
    let list = |change: &dyn Fn(&mut ListRecords)| {
        let mut command =
            ListRecords { order: Some("name".into()), ..ListRecords::newest("opportunity", 2) };
        change(&mut command);
        app.run(command)
    };
    let page = list(&|it| it.totals = vec!["amount".into()]).unwrap();
    assert_eq!((page.total, page.next.as_deref()), (4, Some("2")));
    assert_eq!(texts(&page.totals[0].sums), ["1000 EUR", "50 GBP"]);
    assert_eq!((page.totals[0].label.as_str(), page.totals[0].disputed), ("Amount", 0));
    let page = list(&|it| {
        it.offset = Some(3);
        it.fields = vec!["stage".into()];
    })
    .unwrap();
    assert_eq!((page.records[0].title.as_str(), page.next), ("Gamma", None));
    assert_eq!(page.records[0].fields.keys().collect::<Vec<_>>(), ["stage"]);
    let both = list(&|it| {
        it.offset = Some(3);
        it.after = Some("2".into());
    });
    assert_eq!(both.unwrap_err().fields[0].field, "offset");
    let none = list(&|it| it.totals = vec!["name".into()]).unwrap_err();
    assert!(none.message.contains("holds no money"), "{none}");
    assert_eq!(list(&|it| it.fields = vec!["x".into()]).unwrap_err().code, ErrorCode::UnknownField);
}

#[test]
fn choices_are_the_words_of_a_field_or_records_by_name() {
    let app = with_deals();
    create(&app, "account", &["name=Macme", "city=Ulm"]);
    let ask = |entity: &str, field: &str, text: &str| {
        let (entity, field, text) = (entity.to_owned(), field.to_owned(), text.to_owned());
        app.run(ListChoices { entity, field, text, limit: 10 })
    };
    let words = |entity: &str, field: &str, text: &str| -> Vec<String> {
        ask(entity, field, text).unwrap().into_iter().map(|choice| choice.text).collect()
    };
    assert_eq!(words("opportunity", "stage", "closed"), ["Closed won", "Closed lost"]);
    assert_eq!(words("account", "tier", ""), ["A", "B", "C", "D"]);
    assert_eq!(words("product", "active", "y"), ["yes"]);
    assert_eq!(words("opportunity", "account", "acm"), ["Acme", "Macme"], "beginnings first");
    let first = ask("opportunity", "account", "acm").unwrap().remove(0);
    assert_eq!(first.hint.as_deref(), Some("Kiel"));
    assert_eq!(first.value, first.link.unwrap().record.to_string());
    assert_eq!(words("note", "about", "alph"), ["Alpha"]);
    let none = ask("account", "name", "").unwrap_err();
    assert!(none.message.contains("there is no list"), "{none}");
}

fn saved(app: &App, entity: Option<&str>) -> Vec<String> {
    let views = app.run(ListViews { entity: entity.map(str::to_owned) }).unwrap();
    views.into_iter().map(|view| view.name).collect()
}

#[test]
fn views_are_saved_checked_replaced_and_removed() {
    let app = device("Rep");
    let view = |name: &str, filters: &[&str]| SaveView {
        entity: "opportunities".into(),
        name: name.into(),
        filters: filters.iter().map(|filter| (*filter).to_owned()).collect(),
        finished: Finished::Open,
        order: Some("-amount".into()),
        fields: vec!["name".into(), "amount".into()],
        layout: Layout::Board,
    };
    app.run(view(" Mine ", &["stage=Proposal"])).unwrap();
    let views = app.run(view("Mine", &["amount>10EUR"])).unwrap();
    assert_eq!((views.len(), views[0].filters[0].as_str()), (1, "amount>10EUR"));
    assert_eq!((views[0].finished, views[0].layout), (Finished::Open, Layout::Board));
    assert_eq!(saved(&app, None), ["Mine"]);
    assert_eq!(saved(&app, Some("account")), [""; 0]);
    assert_eq!(app.run(view("", &[])).unwrap_err().fields[0].field, "name");
    assert_eq!(app.run(view("Bad", &["colour=red"])).unwrap_err().code, ErrorCode::UnknownField);
    assert_eq!(saved(&app, None), ["Mine"], "a view that cannot be shown is not saved");
    let remove = || RemoveView { entity: "opportunity".into(), name: "Mine".into() };
    assert!(app.run(remove()).unwrap().is_empty());
    assert_eq!(app.run(remove()).unwrap_err().code, ErrorCode::NotFound);
}
