//! Lists, records and the pipeline as they are shown.

use std::rc::Rc;

use roadbook_api::views::RecordView;
use roadbook_domain::Entity;
use yew::prelude::*;

use super::rendered;
use crate::components::Table;
use crate::context::Room;
use crate::sample::{WALL, work};
use crate::screens::create::form::{CreateDialog, CreateDialogProps};
use crate::screens::list::columns::{self, Fit};
use crate::screens::list::filters::{ListBar, ListBarProps};
use crate::screens::record::Details;
use crate::screens::record::head::{RecordHead, Shown};
use crate::screens::record::history::HistoryList;
use crate::screens::record::related::RelatedList;
use crate::screens::record::taking_back::TakingBack;
use crate::screens::record::timeline::TimelineList;
use crate::state::listing::{Listing, built_in};
use crate::state::selection::Selection;
use crate::words::Wall;

#[derive(Properties)]
struct ShownProps {
    show: fn() -> Html,
}

impl PartialEq for ShownProps {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

/// Anything with a wall around it.
#[function_component]
fn Walled(props: &ShownProps) -> Html {
    html! { <ContextProvider<Wall> context={WALL}>{ (props.show)() }</ContextProvider<Wall>> }
}

fn shown(show: fn() -> Html) -> String {
    rendered::<Walled>(move || ShownProps { show })
}

fn table(entity: Entity, fit: Fit) -> Html {
    let request = roadbook_api::commands::queries::ListRecords::newest(entity.name(), 12);
    let page = work::list(WALL, &request);
    let fields = columns::fitting(entity, fit);
    let rows = page.records.len();
    let row = {
        let fields = fields.clone();
        Callback::from(move |at: usize| {
            page.records
                .get(at)
                .map(|record| columns::row(record, &fields, fit, WALL, &Callback::noop()))
        })
    };
    html! {
        <Table
            name="List" columns={columns::columns(entity, &fields, fit)} {rows} {row}
            selection={Rc::new(Selection::of(rows))}
        />
    }
}

#[test]
fn lists_look_as_they_were_accepted_on_a_desk_and_on_a_phone() {
    insta::assert_snapshot!(
        "list_opportunities",
        shown(|| table(Entity::Opportunity, Fit::of(Room::Desk, None)))
    );
    insta::assert_snapshot!(
        "list_accounts_phone",
        shown(|| table(Entity::Account, Fit::of(Room::Phone, None)))
    );
}

#[test]
fn the_bar_of_a_list_names_its_view_or_shows_its_filters() {
    fn bar(filters: &[&str]) -> Html {
        let entity = Entity::Account;
        let filters = filters.iter().map(|it| (*it).to_owned()).collect();
        let props = ListBarProps {
            entity,
            listing: Listing { filters, ..Listing::default() },
            views: built_in(entity),
            built_in: built_in(entity).len(),
            on_act: Callback::noop(),
            on_filter: Callback::noop(),
            on_save: Callback::noop(),
            on_remove: Callback::noop(),
        };
        html! { <ListBar ..props /> }
    }
    insta::assert_snapshot!("list_bar_view", shown(|| bar(&["owner=me"])));
    insta::assert_snapshot!(
        "list_bar_filters",
        shown(|| bar(&["city=Kiel", "revenue>100000 EUR"]))
    );
}

fn head(record: RecordView, shown: Shown) -> Html {
    html! { <RecordHead {record} {shown} /> }
}

#[test]
fn the_head_of_a_record_looks_as_it_was_accepted() {
    insta::assert_snapshot!(
        "record_head_account",
        shown(|| head(work::account(WALL), Shown::Page))
    );
    insta::assert_snapshot!("record_head_deal", shown(|| head(work::deal(WALL), Shown::Panel)));
    let trashed = || head(RecordView { deleted: true, ..work::deal(WALL) }, Shown::Page);
    let html = shown(trashed);
    assert!(html.contains("This is in the trash") && html.contains("Restore"));
    assert!(!html.contains("edit Amount"), "what is in the trash is not edited");
}

#[test]
fn the_parts_of_a_record_look_as_they_were_accepted() {
    insta::assert_snapshot!(
        "record_details",
        shown(|| html! { <Details record={work::account(WALL)} /> })
    );
    insta::assert_snapshot!(
        "record_timeline",
        shown(|| html! { <TimelineList page={work::timeline(WALL)} /> })
    );
    insta::assert_snapshot!(
        "record_related",
        shown(|| html! { <RelatedList related={work::related(WALL)} /> })
    );
    insta::assert_snapshot!(
        "record_history",
        shown(|| html! { <HistoryList entries={work::history(WALL)} /> })
    );
}

#[test]
fn what_one_did_oneself_can_be_taken_back_where_it_stands() {
    let (with, without) = (
        shown(|| {
            let user = work::history(WALL)[0].made_by.user;
            let undo = Some(TakingBack { user, on_undo: Callback::noop() });
            html! { <HistoryList entries={work::history(WALL)} {undo} /> }
        }),
        shown(|| html! { <HistoryList entries={work::history(WALL)} /> }),
    );
    let mine = work::history(WALL)
        .iter()
        .filter(|it| it.made_by.user == work::history(WALL)[0].made_by.user)
        .count();
    assert_eq!(with.matches("aria-label=\"Undo: ").count(), mine, "one for each of one's own");
    assert!(mine < work::history(WALL).len(), "and none for those of others");
    assert!(!without.contains("Undo"));
}

#[test]
fn empty_parts_of_a_record_say_what_will_be_there() {
    let empty = shown(|| {
        let page = roadbook_api::views::TimelinePage { entries: vec![], total: 0, next: None };
        let related = roadbook_api::views::RelatedView { groups: vec![], ..work::related(WALL) };
        html! {
            <><TimelineList {page} /><RelatedList {related} /><HistoryList entries={vec![]} /></>
        }
    });
    for words in ["Nothing has happened here yet", "Nothing refers to it", "No change is known"] {
        assert!(empty.contains(words), "{words}");
    }
}

#[test]
fn a_step_of_the_stage_stays_among_the_open_ones() {
    use crate::screens::record::stepped_state;
    let deal = work::deal(WALL);
    assert_eq!(stepped_state(&deal, -1).as_deref(), Some("Proposal"));
    assert_eq!(stepped_state(&deal, 1), None, "winning is said by name");
    assert_eq!(stepped_state(&work::account(WALL), 1), None);
}

#[test]
fn the_form_of_a_new_deal_looks_as_it_was_accepted() {
    let html = shown(|| {
        let props = CreateDialogProps {
            entity: Entity::Opportunity,
            about: Some(work::account(WALL)),
            on_close: Callback::noop(),
        };
        html! { <CreateDialog ..props /> }
    });
    insta::assert_snapshot!("create_opportunity", html);
}

#[test]
fn the_pipeline_looks_as_it_was_accepted() {
    use crate::screens::pipeline::view::Board;
    insta::assert_snapshot!(
        "pipeline_board",
        shown(|| html! { <Board board={Rc::new(work::board(WALL))} /> })
    );
}
