//! The pipeline: deals by stage, moved with the mouse, by keys and by a menu; or as a list.
//!
//! This file asks, writes and says what moved. [`view`] shows.

pub mod view;

use std::rc::Rc;

use roadbook_api::commands::pages::ShowBoard;
use roadbook_api::commands::writes::MoveRecord;
use roadbook_api::views::{BoardView, Layout};
use roadbook_domain::{Entity, RecordId};
use yew::prelude::*;

use self::view::{Board, Moved};
use super::list::filters::{FilterDialog, ListBar};
use super::list::{ListPage, SaveDialog, use_views};
use crate::browser;
use crate::components::{
    Button, ButtonKind, ChoiceChips, Empty, Icon, PageHead, Problem, Skeleton,
};
use crate::context::{
    Making, Turns, Watch, use_announce, use_go, use_make, use_panel, use_place, use_query,
    use_wall, use_write,
};
use crate::route::{Place, Route};
use crate::state::board::{Moves, MovesAction, place_of};
use crate::state::listing::{Listing, ListingAction, built_in_of_board};
use crate::words::counted;

/// The word after `?q=` that shows the list.
const LIST: &str = "list";

/// How many cards of a column are shown at first, and how many more at a time.
const STEP: u32 = 40;

/// The pipeline, as a board or as a list.
#[function_component]
pub fn Pipeline() -> Html {
    let (place, go) = (use_place(), use_go());
    let as_list = place.query.as_deref() == Some(LIST);
    let on_press = Callback::from(move |value: AttrValue| {
        let query = (value == LIST).then(|| LIST.to_owned());
        go.instead(Place { query, ..Route::Pipeline.into() });
    });
    let options = vec![("board".into(), "Board".into()), (LIST.into(), "List".into())];
    let chosen = vec![AttrValue::from(if as_list { LIST } else { "board" })];
    let switch = html! { <ChoiceChips name="Shown as" {options} {chosen} {on_press} /> };
    if as_list {
        return html! { <ListPage entity={Entity::Opportunity} title="Pipeline" {switch} /> };
    }
    html! { <BoardPage {switch} /> }
}

#[derive(Properties, PartialEq)]
struct BoardPageProps {
    switch: Html,
}

#[function_component]
fn BoardPage(props: &BoardPageProps) -> Html {
    let wall = use_wall();
    let entity = Entity::Opportunity;
    let built_in = built_in_of_board(wall.today());
    let listing = use_reducer(|| built_in[0].1.clone());
    let open = use_state(|| Open::Nothing);
    let views = use_views(entity, Layout::Board);
    let limit = use_state(|| STEP);
    let request = ShowBoard {
        entity: entity.name().to_owned(),
        filters: listing.asked(entity),
        day: Some(wall.today().to_string()),
        order: None,
        limit: *limit,
        column: None,
        after: None,
    };
    let found = use_query(Some(request), Watch::Records);
    let (panel, make) = (use_panel(), use_make());
    let moves = use_reducer(Moves::default);
    let told = moves.dispatcher();
    use_effect_with((found.data.clone(), found.turn), move |(board, turn)| {
        if let Some(board) = board.clone() {
            told.dispatch(MovesAction::Arrived(board, *turn));
        }
    });
    let shown = found.data.as_ref().map(|board| Rc::new(moves.shown(board)));
    let on_move = use_moving(&moves, shown.clone(), found.turns.clone());
    let new = Callback::from(move |()| make.open(Making::record(entity, None)));
    let on_open = Callback::from(move |record: RecordId| panel.open(record.to_string()));
    let on_more = Callback::from(move |()| limit.set(*limit + STEP));
    let actions = html! {
        <>
            { props.switch.clone() }
            <Button
                label="New opportunity" kind={ButtonKind::Primary} icon={Icon::Plus}
                on_press={new.clone()}
            />
        </>
    };
    let act = {
        let listing = listing.dispatcher();
        Callback::from(move |action| listing.dispatch(action))
    };
    let bar = {
        let set = |to: Open| {
            let open = open.clone();
            Callback::from(move |()| open.set(to))
        };
        let count = built_in.len();
        let all: Vec<_> = built_in.iter().cloned().chain(views.saved.clone()).collect();
        html! {
            <ListBar
                {entity} listing={(*listing).clone()} views={all} built_in={count}
                on_act={act.clone()} on_filter={set(Open::Filter)} on_save={set(Open::Save)}
                on_remove={views.remove.clone()}
            />
        }
    };
    let is_whole = listing.find.is_empty() && listing.filters.is_empty();
    let body = match (&shown, &found.error) {
        (Some(board), _) if !is_whole && is_empty(board) => {
            let whole = built_in[0].1.clone();
            let show = act.reform(move |()| ListingAction::Show(whole.clone()));
            html! {
                <Empty
                    icon={Icon::Filter} title="Nothing fits"
                    text="No deal has all of what the filters ask for."
                    action={Some(("Show all deals".into(), show))}
                />
            }
        }
        (Some(board), _) if is_empty(board) => html! {
            <Empty
                icon={Icon::Opportunity} title="No deals yet"
                text="Deals that you make or are given stand here by stage, also while you are offline."
                action={Some(("New opportunity".into(), new))}
            />
        },
        (Some(board), _) => html! {
            <Board board={board.clone()} busy={!found.is_of_this} {on_move} {on_open} {on_more} />
        },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={8} /> },
    };
    let open_deals = shown.as_ref().map(|board| {
        let open = board.columns.iter().filter(|column| !column.closed);
        counted(open.map(|column| column.count).sum(), "open deal", "open deals")
    });
    html! {
        <div class="pipeline">
            <PageHead title="Pipeline" note={html! { <span class="number">{ open_deals.unwrap_or_default() }</span> }} {actions} />
            { bar }
            { body }
            { dialog(&open, entity, &listing, act, views.save) }
        </div>
    }
}

fn is_empty(board: &BoardView) -> bool {
    board.columns.iter().all(|column| column.count == 0)
}

/// What is open above a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Filter,
    Save,
}

fn dialog(
    open: &UseStateHandle<Open>,
    entity: Entity,
    listing: &Listing,
    act: Callback<ListingAction>,
    save: Callback<(String, Listing)>,
) -> Html {
    let close = {
        let open = open.clone();
        Callback::from(move |()| open.set(Open::Nothing))
    };
    match **open {
        Open::Nothing => Html::default(),
        Open::Filter => {
            let closed = close.clone();
            let add = Callback::from(move |filter| {
                act.emit(ListingAction::Add(filter));
                closed.emit(());
            });
            html! { <FilterDialog {entity} on_filter={add} on_close={close} /> }
        }
        Open::Save => {
            let (listing, closed) = (listing.clone(), close.clone());
            let save = Callback::from(move |name: String| {
                save.emit((name, listing.clone()));
                closed.emit(());
            });
            html! { <SaveDialog on_save={save} on_close={close} /> }
        }
    }
}

/// Moves a card: shown at once, said to screen readers, undone from the toast; the focus stays.
#[hook]
fn use_moving(
    moves: &UseReducerHandle<Moves>,
    board: Option<Rc<BoardView>>,
    turns: Turns,
) -> Callback<Moved> {
    let (write, announce) = (use_write(), use_announce());
    // The card that moved by a key: it is another element in its new column.
    let followed = use_state(|| None::<RecordId>);
    {
        let column = board.as_ref().zip(*followed).and_then(|(board, it)| place_of(board, it));
        let card = *followed;
        use_effect_with(column, move |_| {
            // Only where the focus went with the card: nobody is fetched back from elsewhere.
            if let Some(card) = card
                && browser::is_focus_free()
            {
                browser::focus_id(&view::card_id(card));
            }
        });
    }
    let moves = moves.dispatcher();
    Callback::from(move |moved: Moved| {
        let Some(board) = &board else {
            return;
        };
        let Some((column, place)) = place_of(board, moved.record) else {
            return;
        };
        if board.columns[column].state == moved.to {
            return;
        }
        let title = board.columns[column].cards[place].link.title.clone();
        let at = board.columns.iter().position(|column| column.state == moved.to);
        let at = at.map_or(0, |at| at + 1);
        announce.say(format!("{title}: {}, column {at} of {}", moved.to, board.columns.len()));
        followed.set(Some(moved.record));
        moves.dispatch(MovesAction::Move(moved.record, moved.to.clone()));
        let (told, turns) = (moves.clone(), turns.clone());
        let then = Callback::from(move |answer: Result<(), roadbook_api::ApiError>| {
            told.dispatch(match answer {
                Ok(()) => MovesAction::Taken(moved.record, turns.newest()),
                Err(_) => MovesAction::Refused(moved.record),
            });
        });
        let words = format!("{title} moved to {}", moved.to);
        let command = MoveRecord {
            entity: Some(Entity::Opportunity.name().to_owned()),
            record: moved.record.to_string(),
            to: moved.to,
            why: None,
        };
        write.run_then(command, words, then);
    })
}
