//! The pipeline: deals by stage, moved with the mouse, by keys and by a menu; or as a list.
//!
//! This file asks, writes and says what moved. [`view`] shows.

pub mod view;

use std::rc::Rc;

use roadbook_api::commands::pages::ShowBoard;
use roadbook_api::commands::writes::MoveRecord;
use roadbook_api::views::BoardView;
use roadbook_domain::{Entity, RecordId};
use yew::prelude::*;

use self::view::{Board, Moved};
use super::list::ListPage;
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
    let mine = use_state(|| false);
    let limit = use_state(|| STEP);
    let request = ShowBoard {
        entity: Entity::Opportunity.name().to_owned(),
        filters: if *mine { vec!["owner=me".to_owned()] } else { Vec::new() },
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
    let new = Callback::from(move |()| make.open(Making::record(Entity::Opportunity, None)));
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
    let whose = {
        let options = vec![("all".into(), "All".into()), ("mine".into(), "Mine".into())];
        let chosen = vec![AttrValue::from(if *mine { "mine" } else { "all" })];
        let on_press = Callback::from(move |value: AttrValue| mine.set(value == "mine"));
        html! { <ChoiceChips name="Whose" {options} {chosen} {on_press} /> }
    };
    let body = match (&shown, &found.error) {
        (Some(board), _) if board.columns.iter().all(|column| column.count == 0) => html! {
            <Empty
                icon={Icon::Opportunity} title="No deals yet"
                text="Deals that you make or are given stand here by stage, also while you are offline."
                action={Some(("New opportunity".into(), new))}
            />
        },
        (Some(board), _) => html! { <Board board={board.clone()} {on_move} {on_open} {on_more} /> },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={8} /> },
    };
    let open = shown.as_ref().map(|board| {
        let open = board.columns.iter().filter(|column| !column.closed);
        counted(open.map(|column| column.count).sum(), "open deal", "open deals")
    });
    html! {
        <div class="pipeline">
            <PageHead title="Pipeline" note={html! { <span class="number">{ open.unwrap_or_default() }</span> }} {actions} />
            <div class="board-bar">{ whose }</div>
            { body }
        </div>
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
            if let Some(card) = card {
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
        let (told, turns, to) = (moves.clone(), turns.clone(), moved.to.clone());
        let then = Callback::from(move |answer: Result<(), roadbook_api::ApiError>| {
            told.dispatch(match answer {
                Ok(()) => MovesAction::Taken(moved.record, to.clone(), turns.newest()),
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
