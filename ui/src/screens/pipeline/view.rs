//! What a board looks like: columns with their sums, cards with what matters about a deal.

use std::rc::Rc;

use roadbook_api::views::{BoardView, CardMarker, CardView, ColumnView, TotalView};
use roadbook_domain::{Entity, RecordId, Schema};
use wasm_bindgen::JsCast as _;
use yew::prelude::*;

use crate::components::{
    Amount, Button, ButtonKind, FieldMark, Glyph, Icon, Menu, MenuItem, Standing,
};
use crate::context::use_wall;
use crate::keys::{Action, keys_of};
use crate::route::{Place, Route};
use crate::screens::value::money_of;
use crate::state::board::{neighbour, stepped_column};
use crate::words::{Wall, count, counted};

/// A card that shall go to another column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The record.
    pub record: RecordId,
    /// The state of the column.
    pub to: String,
}

/// A board.
#[derive(Properties, Clone, PartialEq)]
pub struct BoardProps {
    /// It, with moves on their way made.
    pub board: Rc<BoardView>,
    /// It is still that of what was asked for before.
    #[prop_or_default]
    pub busy: bool,
    /// A card shall go to another column.
    #[prop_or_default]
    pub on_move: Callback<Moved>,
    /// A card was opened.
    #[prop_or_default]
    pub on_open: Callback<RecordId>,
    /// More cards were asked for.
    #[prop_or_default]
    pub on_more: Callback<()>,
}

/// The id of a card's name on the page.
#[must_use]
pub fn card_id(record: RecordId) -> String {
    format!("card-{record}")
}

/// What happens to a card while it is dragged.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Drag {
    /// It is lifted.
    Lift(RecordId),
    /// It is over a column.
    Over(String),
    /// It is dropped on a column.
    Drop(String),
    /// It is let go, wherever.
    End,
}

/// What columns and cards call. They stay the same for as long as the board is shown, so that a
/// column is drawn again only when it looks different: a board of hundreds of cards is drawn in
/// parts.
#[derive(Clone, PartialEq)]
struct Hands {
    on_move: Callback<Moved>,
    on_open: Callback<RecordId>,
    on_more: Callback<()>,
    on_drag: Callback<Drag>,
}

/// A board: columns side by side. Drag a card, or press `[` and `]` on it, or use its menu.
#[function_component]
pub fn Board(props: &BoardProps) -> Html {
    let wall = use_wall();
    let lifted = use_state_eq(|| None::<RecordId>);
    let over = use_state_eq(|| None::<String>);
    let hands = use_hands(props, &lifted, &over);
    let column = |at: usize, column: &ColumnView| {
        let is_over = over.as_ref() == Some(&column.state);
        let here = |record: &RecordId| column.cards.iter().any(|it| it.link.record == *record);
        html! {
            <Column
                key={column.state.clone()} board={Rc::clone(&props.board)} {at} {wall} {is_over}
                lifted={lifted.filter(here)} hands={Rc::clone(&hands)}
            />
        }
    };
    let hint = format!(
        "Press {} and {} on a card to move it, arrows to go to the next one.",
        keys_of(Action::StageBack),
        keys_of(Action::StageOn)
    );
    html! {
        <>
            <p class="unseen" id="board-hint">{ hint }</p>
            <div
                class="board" role="group" aria-label="Deals by stage" aria-describedby="board-hint"
                aria-busy={props.busy.then_some("true")} onkeydown={keys(props)}
            >
                { for props.board.columns.iter().enumerate().map(|(at, it)| column(at, it)) }
            </div>
        </>
    }
}

#[hook]
fn use_hands(
    props: &BoardProps,
    lifted: &UseStateHandle<Option<RecordId>>,
    over: &UseStateHandle<Option<String>>,
) -> Rc<Hands> {
    // What is called now, and what is in hand, for callbacks that stay.
    let latest = use_mut_ref(|| props.clone());
    *latest.borrow_mut() = props.clone();
    let in_hand = use_mut_ref(|| None::<RecordId>);
    let (lifted, over) = (lifted.setter(), over.setter());
    use_memo((), move |()| {
        let (moving, opening, more) = (latest.clone(), latest.clone(), latest.clone());
        let on_drag = Callback::from(move |drag: Drag| match drag {
            Drag::Lift(record) => {
                *in_hand.borrow_mut() = Some(record);
                lifted.set(Some(record));
            }
            // A file that is dragged over it is no card.
            Drag::Over(_) if in_hand.borrow().is_none() => {}
            Drag::Over(state) => over.set(Some(state)),
            Drag::Drop(to) => {
                over.set(None);
                lifted.set(None);
                let record = in_hand.borrow_mut().take();
                if let Some(record) = record {
                    let on_move = latest.borrow().on_move.clone();
                    on_move.emit(Moved { record, to });
                }
            }
            Drag::End => {
                *in_hand.borrow_mut() = None;
                over.set(None);
                lifted.set(None);
            }
        });
        Hands {
            on_move: Callback::from(move |moved| {
                let on_move = moving.borrow().on_move.clone();
                on_move.emit(moved);
            }),
            on_open: Callback::from(move |record| {
                let on_open = opening.borrow().on_open.clone();
                on_open.emit(record);
            }),
            on_more: Callback::from(move |()| {
                let on_more = more.borrow().on_more.clone();
                on_more.emit(());
            }),
            on_drag,
        }
    })
}

/// One column of a board.
#[derive(Properties)]
struct ColumnProps {
    board: Rc<BoardView>,
    /// Which one.
    at: usize,
    wall: Wall,
    /// Its card that is dragged.
    lifted: Option<RecordId>,
    /// A card is dragged over it.
    is_over: bool,
    hands: Rc<Hands>,
}

impl ColumnProps {
    /// The column itself, and where its cards can go.
    fn drawn(&self) -> (&ColumnView, impl Iterator<Item = (&str, bool)>) {
        let targets = self.board.columns.iter().map(|it| (it.state.as_str(), it.closed));
        (&self.board.columns[self.at], targets)
    }
}

impl PartialEq for ColumnProps {
    fn eq(&self, other: &Self) -> bool {
        let rest = |it: &Self| (it.at, it.wall, it.lifted, it.is_over);
        let same_board = || {
            let ((column, targets), (its, its_targets)) = (self.drawn(), other.drawn());
            column == its && targets.eq(its_targets)
        };
        rest(self) == rest(other)
            && Rc::ptr_eq(&self.hands, &other.hands)
            && (Rc::ptr_eq(&self.board, &other.board) || same_board())
    }
}

#[function_component]
fn Column(props: &ColumnProps) -> Html {
    let (column, hands) = (&props.board.columns[props.at], &props.hands);
    let state = column.state.clone();
    let ondragover = {
        let (on_drag, state) = (hands.on_drag.clone(), state.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            on_drag.emit(Drag::Over(state.clone()));
        })
    };
    let ondrop = {
        let (on_drag, state) = (hands.on_drag.clone(), state.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            on_drag.emit(Drag::Drop(state.clone()));
        })
    };
    let target = props.is_over.then_some("column-over");
    let closed = column.closed.then_some("column-closed");
    html! {
        <section
            class={classes!("column", target, closed)}
            aria-label={format!("{state}, {}", counted(column.count, "deal", "deals"))}
            {ondragover} {ondrop}
        >
            { head(column) }
            <ul class="cards">{ for column.cards.iter().map(|it| card(it, props)) }</ul>
            if column.next.is_some() {
                <Button label="Show more" kind={ButtonKind::Quiet} on_press={hands.on_more.clone()} />
            }
        </section>
    }
}

fn head(column: &ColumnView) -> Html {
    let sum = |total: &Option<TotalView>| {
        let total = total.as_ref()?;
        let all = total.sums.iter().filter_map(|it| money_of(&it.value));
        let all: Vec<Html> = all.map(|money| html! { <Amount {money} short=true /> }).collect();
        (!all.is_empty()).then_some((all, total.disputed))
    };
    let total = sum(&column.total);
    let weighted = sum(&column.weighted).filter(|_| !column.closed);
    html! {
        <header class="column-head">
            <h2 class="column-name">
                <span class="truncate" dir="auto" title={column.state.clone()}>{ &column.state }</span>
                <span class="section-count number">{ count(column.count) }</span>
            </h2>
            <p class="column-sums small quiet">
                if let Some((sums, disputed)) = total {
                    <span class="column-total">{ for sums }</span>
                    if disputed > 0 {
                        <span class="mark mark-disputed" title={format!("Not final: {} disputed", count(disputed))}>
                            <Glyph icon={Icon::Disputed} size={16} name={format!("not final, {} disputed", count(disputed))} />
                        </span>
                    }
                }
                if let Some((sums, _)) = weighted {
                    <span dir="auto">{ for sums }{ " weighted" }</span>
                }
            </p>
        </header>
    }
}

fn card(card: &CardView, props: &ColumnProps) -> Html {
    let record = card.link.record;
    let hands = &props.hands;
    let ondragstart = {
        let on_drag = hands.on_drag.clone();
        Callback::from(move |event: DragEvent| {
            if let Some(carried) = event.data_transfer() {
                // Some engines drag nothing that carries nothing.
                drop(carried.set_data("text/plain", &record.to_string()));
            }
            on_drag.emit(Drag::Lift(record));
        })
    };
    let ondragend = hands.on_drag.reform(|_: DragEvent| Drag::End);
    let onclick = {
        let on_open = hands.on_open.clone();
        Callback::from(move |event: MouseEvent| {
            let plain = event.button() == 0 && !event.ctrl_key() && !event.meta_key();
            if plain && !event.shift_key() {
                event.prevent_default();
                on_open.emit(record);
            }
        })
    };
    let amount = card.amount.as_ref().and_then(|it| money_of(&it.value));
    let (disputed, pending) = (!card.disputed.is_empty(), card.pending);
    let standing = match (disputed, pending) {
        (true, _) => Standing::Disputed,
        (false, true) => Standing::Saved,
        (false, false) => Standing::Accepted,
    };
    let lifted = (props.lifted == Some(record)).then_some("card-lifted");
    let title = if card.link.title.is_empty() { "No name" } else { &card.link.title };
    html! {
        <li
            key={record.to_string()} class={classes!("card", lifted)} draggable="true"
            data-record={record.to_string()} {ondragstart} {ondragend}
        >
            <div class="card-head">
                <a
                    class="record-name card-name" dir="auto" id={card_id(record)} draggable="false"
                    href={Place::from(Route::Record(record.to_string())).to_string()} {onclick}
                >
                    { title }
                </a>
                { menu(card, props) }
            </div>
            if let Some(account) = &card.account {
                <p class="small quiet card-account" dir="auto">{ &account.title }</p>
            }
            <p class="card-line">
                if let Some(money) = amount {
                    <span class="card-amount"><Amount {money} /></span>
                } else {
                    <span class="quiet">{ "No amount" }</span>
                }
                <FieldMark {standing} />
                { age(card) }
            </p>
            { warnings(card, props.wall) }
        </li>
    }
}

fn age(card: &CardView) -> Html {
    let Some(days) = card.days else {
        return Html::default();
    };
    let words = match days {
        0 => "today".to_owned(),
        days => format!("{days} d"),
    };
    let said = format!("{} in this stage", counted(days.into(), "day", "days"));
    html! {
        <span class="card-age small quiet number" title={said.clone()}>
            <span aria-hidden="true" dir="auto">{ words }</span><span class="unseen">{ said }</span>
        </span>
    }
}

/// What is amiss, in words: overdue in red, the rest is only to be looked at.
fn warnings(card: &CardView, wall: Wall) -> Html {
    let schema = Schema::crm();
    let label = |field: &String| {
        let label = schema.field(Entity::Opportunity, field).map_or(field.as_str(), |it| it.label);
        label.to_lowercase()
    };
    let missing: Vec<String> = card.missing.iter().map(label).collect();
    let ends = card.ends_on.as_deref().and_then(|day| day.parse().ok());
    let mut lines = Vec::new();
    if card.markers.contains(&CardMarker::Slipped) {
        let when = ends.map(|day| format!(": {}", wall.near_day(day))).unwrap_or_default();
        lines.push(html! { <li class="late">{ format!("Close date passed{when}") }</li> });
    }
    if card.markers.contains(&CardMarker::Stalled) {
        lines.push(html! { <li class="card-stalled">{ "Stands still" }</li> });
    }
    if !missing.is_empty() {
        lines.push(html! { <li class="quiet">{ format!("Without {}", missing.join(", ")) }</li> });
    }
    if lines.is_empty() {
        return Html::default();
    }
    html! { <ul class="card-warnings small">{ for lines }</ul> }
}

fn menu(card: &CardView, props: &ColumnProps) -> Html {
    let record = card.link.record;
    let (here, column) = (props.at, &props.board.columns[props.at]);
    let items = props.board.columns.iter().enumerate().map(|(at, target)| {
        let to = target.state.clone();
        let choose = props.hands.on_move.reform(move |()| Moved { record, to: to.clone() });
        let item = MenuItem::new(target.state.clone(), choose);
        if here == at {
            item.chosen()
        } else if here + 1 == at && !target.closed {
            item.keys(keys_of(Action::StageOn))
        } else if at + 1 == here && !column.closed {
            item.keys(keys_of(Action::StageBack))
        } else {
            item
        }
    });
    let name = format!("Move {} to", card.link.title);
    html! { <span class="card-menu"><Menu {name} items={items.collect::<Vec<_>>()} /></span> }
}

/// The card that an event is of.
fn card_of(event: &KeyboardEvent) -> Option<RecordId> {
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    target.closest(".card").ok()??.get_attribute("data-record")?.parse().ok()
}

/// Keys on a card: `[` and `]` move it, arrows go to the card beside.
fn keys(props: &BoardProps) -> Callback<KeyboardEvent> {
    let (board, on_move) = (Rc::clone(&props.board), props.on_move.clone());
    Callback::from(move |event: KeyboardEvent| {
        let Some(record) = card_of(&event) else {
            return;
        };
        let key = event.key();
        let beside = match key.as_str() {
            "ArrowDown" => Some((0, 1)),
            "ArrowUp" => Some((0, -1)),
            "ArrowRight" => Some((1, 0)),
            "ArrowLeft" => Some((-1, 0)),
            _ => None,
        };
        if let Some(beside) = beside {
            if let Some(card) = neighbour(&board, record, beside) {
                crate::browser::focus_id(&card_id(card));
            }
            event.prevent_default();
            return;
        }
        let by = match key.as_str() {
            key if key == keys_of(Action::StageBack) => -1,
            key if key == keys_of(Action::StageOn) => 1,
            _ => return,
        };
        event.prevent_default();
        if let Some(to) = stepped_column(&board, record, by) {
            on_move.emit(Moved { record, to: board.columns[to].state.clone() });
        }
    })
}
