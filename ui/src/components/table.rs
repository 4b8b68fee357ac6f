//! The table: a virtual list of any length with a sticky header, sorting and selection.
//!
//! Only the rows that are seen are in the page. The grid has the focus and names the row at hand
//! (`aria-activedescendant`), so that rows may come and go while keys move. Rows are as high as the
//! sheet says; they are measured again whenever the head gets another size, as with larger text.
//!
//! Up from the first row goes into the header: there the headings have the focus themselves, Left
//! and Right move, Enter sorts, and Down goes back to the rows.

use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::progress::Skeleton;
use crate::browser;
use crate::context::use_action;
use crate::keys::Action;
use crate::state::grid::{Direction, Sort, pressed};
use crate::state::selection::{Extent, Selection, SelectionAction};
use crate::state::window::{View, px};

/// How a column is aligned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Align {
    /// Words begin where reading begins.
    #[default]
    Start,
    /// Figures end under each other.
    End,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The field that it is sorted by; also its key.
    pub field: AttrValue,
    /// Its heading.
    pub label: AttrValue,
    /// Its width, as CSS grid writes it: `minmax(12rem, 2fr)`, `8rem`.
    pub width: AttrValue,
    /// How it is aligned.
    pub align: Align,
    /// A press on the heading sorts by it.
    pub sortable: bool,
}

/// A row that is drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What keeps its place when rows move: the record's id.
    pub key: AttrValue,
    /// What screen readers call it.
    pub name: AttrValue,
    /// Its cells, as many as there are columns.
    pub cells: Vec<Html>,
}

/// A table.
#[derive(Properties, PartialEq)]
pub struct TableProps {
    /// What is in it, for screen readers.
    pub name: AttrValue,
    /// Its columns.
    pub columns: Rc<Vec<Column>>,
    /// How many rows there are.
    pub rows: usize,
    /// Gives a row by its place; `None` while it is not here yet.
    pub row: Callback<usize, Option<Row>>,
    /// What is at hand and selected.
    pub selection: Rc<Selection>,
    /// The rows are still those of what was asked for before.
    #[prop_or_default]
    pub busy: bool,
    /// How it is sorted.
    #[prop_or_default]
    pub sort: Option<Sort>,
    /// What is shown at the bottom while rows are selected: actions on all of them.
    #[prop_or_default]
    pub bulk: Html,
    /// Selection changes.
    #[prop_or_default]
    pub on_selection: Callback<SelectionAction>,
    /// A heading was pressed.
    #[prop_or_default]
    pub on_sort: Callback<Option<Sort>>,
    /// A row was opened.
    #[prop_or_default]
    pub on_open: Callback<usize>,
    /// These rows (from, to) are seen now: fetch what is missing.
    #[prop_or_default]
    pub on_seen: Callback<(usize, usize)>,
}

/// What is measured of the page. The rest follows from it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Measured {
    row_px: f64,
    head_px: f64,
    height_px: f64,
    scroll_px: f64,
}

const UNMEASURED: Measured =
    Measured { row_px: 36.0, head_px: 36.0, height_px: 720.0, scroll_px: 0.0 };

fn measure(scroller: &NodeRef) -> Option<Measured> {
    let element = scroller.cast::<HtmlElement>()?;
    let height = |part: &str| {
        let part = element.query_selector(part).ok().flatten()?;
        Some(part.get_bounding_client_rect().height()).filter(|height| *height > 0.0)
    };
    let head_px = height(".table-head")?;
    Some(Measured {
        row_px: height(".table-row").unwrap_or(head_px),
        head_px,
        height_px: f64::from(element.client_height()),
        scroll_px: f64::from(element.scroll_top()),
    })
}

/// A table.
#[function_component]
pub fn Table(props: &TableProps) -> Html {
    let scroller = use_node_ref();
    let measured = use_state_eq(|| UNMEASURED);
    let view = View {
        rows: props.rows,
        row_px: measured.row_px,
        scroll_px: measured.scroll_px,
        height_px: measured.height_px,
    };
    let drawn = view.drawn();
    use_measuring(&scroller, &measured);
    {
        let on_seen = props.on_seen.clone();
        use_effect_with((drawn.clone(), props.rows), move |(drawn, _)| {
            on_seen.emit((drawn.start, drawn.end));
        });
    }
    use_revealing(&scroller, view, props.selection.at_hand);
    use_table_keys(props);

    let onscroll = {
        let (scroller, measured) = (scroller.clone(), measured.clone());
        Callback::from(move |_: Event| {
            if let Some(now) = measure(&scroller) {
                // Within the same row nothing else is drawn.
                let row = (now.scroll_px / now.row_px).floor();
                measured.set(Measured { scroll_px: row * now.row_px, ..now });
            }
        })
    };
    let columns: Vec<&str> = props.columns.iter().map(|column| column.width.as_str()).collect();
    // A row that is scrolled out of the page cannot be named.
    let at_hand = props.selection.at_hand.filter(|row| drawn.contains(row)).map(row_id);
    html! {
        <div class="table" style={format!("--columns: var(--check) {}", columns.join(" "))}>
            <div
                class="table-scroll" role="grid" tabindex="0" ref={scroller.clone()} {onscroll}
                aria-label={props.name.clone()} aria-rowcount={(props.rows + 1).to_string()}
                aria-multiselectable="true" aria-activedescendant={at_hand}
                aria-busy={props.busy.then_some("true")}
                onkeydown={grid_keys(props, &view, &scroller)}
            >
                { head(props) }
                <div
                    class="table-body" role="rowgroup"
                    style={format!("height: {}px", px(props.rows) * view.row_px)}
                >
                    <div
                        class="table-window" role="presentation"
                        style={format!("transform: translateY({}px)", px(drawn.start) * view.row_px)}
                    >
                        { for drawn.map(|at| row(props, at)) }
                    </div>
                </div>
            </div>
            if props.selection.extent() != Extent::Nothing {
                { bulk_bar(props) }
            }
        </div>
    }
}

#[hook]
fn use_measuring(scroller: &NodeRef, measured: &UseStateHandle<Measured>) {
    let (seen, scroller, setter) = (scroller.clone(), scroller.clone(), measured.setter());
    use_effect_with((), move |()| {
        let take = move || {
            if let Some(now) = measure(&scroller) {
                setter.set(now);
            }
        };
        take();
        // The head changes with the window, and with the size of text.
        let head = seen.cast::<Element>().and_then(|it| it.query_selector(".table-head").ok()?);
        let watched = head.and_then(|it| browser::on_size(&it, Callback::from(move |()| take())));
        move || drop(watched)
    });
}

/// Keeps the row at hand in sight when keys move it.
#[hook]
fn use_revealing(scroller: &NodeRef, view: View, at_hand: Option<usize>) {
    let scroller = scroller.clone();
    use_effect_with(at_hand, move |at_hand| {
        let to = at_hand.and_then(|row| {
            let now = measure(&scroller)?;
            View { scroll_px: now.scroll_px, ..view }.reveal(row, now.head_px)
        });
        if let (Some(to), Some(element)) = (to, scroller.cast::<Element>()) {
            #[expect(clippy::cast_possible_truncation, reason = "a place in a list in pixels")]
            element.set_scroll_top(to as i32);
        }
    });
}

#[hook]
fn use_table_keys(props: &TableProps) {
    let act = |action: SelectionAction| props.on_selection.reform(move |()| action.clone());
    use_action(Action::Next, act(SelectionAction::Step(1)));
    use_action(Action::Previous, act(SelectionAction::Step(-1)));
    let at_hand = props.selection.at_hand;
    let on_selection = props.on_selection.clone();
    use_action(
        Action::Select,
        Callback::from(move |()| {
            if let Some(row) = at_hand {
                on_selection.emit(SelectionAction::Toggle(row));
            }
        }),
    );
    let on_open = props.on_open.clone();
    use_action(
        Action::Open,
        Callback::from(move |()| {
            if let Some(row) = at_hand {
                on_open.emit(row);
            }
        }),
    );
}

/// Keys of the grid itself, besides those of the key map.
fn grid_keys(props: &TableProps, view: &View, grid: &NodeRef) -> Callback<KeyboardEvent> {
    let (on_selection, on_open) = (props.on_selection.clone(), props.on_open.clone());
    let grid = grid.clone();
    let at_hand = props.selection.at_hand;
    let last = props.rows.saturating_sub(1);
    #[expect(clippy::cast_possible_truncation, reason = "rows on a screen")]
    let page = (view.height_px / view.row_px) as isize - 1;
    Callback::from(move |event: KeyboardEvent| {
        let Some(grid) = grid.cast::<HtmlElement>() else {
            return;
        };
        let heading = event.target().and_then(|it| it.dyn_into::<HtmlElement>().ok());
        if let Some(heading) =
            heading.filter(|it| it.closest(".table-head").is_ok_and(|it| it.is_some()))
        {
            head_keys(&event, &heading, &grid);
            return;
        }
        let action = match (event.key().as_str(), event.shift_key()) {
            ("ArrowUp", false) if at_hand.unwrap_or(0) == 0 && enter_head(&grid) => {
                event.prevent_default();
                return;
            }
            ("ArrowDown", false) => SelectionAction::Step(1),
            ("ArrowUp", false) => SelectionAction::Step(-1),
            ("ArrowDown", true) => SelectionAction::Range(at_hand.map_or(0, |row| row + 1)),
            ("ArrowUp", true) => SelectionAction::Range(at_hand.map_or(0, |row| row.max(1) - 1)),
            ("PageDown", _) => SelectionAction::Step(page),
            ("PageUp", _) => SelectionAction::Step(-page),
            ("Home", _) => SelectionAction::To(0),
            ("End", _) => SelectionAction::To(last),
            (" ", false) => SelectionAction::Toggle(at_hand.unwrap_or(0)),
            (" ", true) => SelectionAction::Range(at_hand.unwrap_or(0)),
            ("a", _) if event.ctrl_key() || event.meta_key() => SelectionAction::All,
            ("Enter", _) => {
                if let Some(row) = at_hand {
                    event.prevent_default();
                    on_open.emit(row);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        on_selection.emit(action);
    })
}

/// What can have the focus in the header, in its order.
const HEADINGS: &str = ".table-head button";

/// What the focus goes to when it comes into the header, the first that is there: the heading that
/// the rows are sorted by, or the first that sorts.
const ENTRIES: [&str; 2] = [".table-head [aria-sort] .table-sort", ".table-head .table-sort"];

/// Brings the focus into the header; `false` where nothing sorts.
fn enter_head(grid: &HtmlElement) -> bool {
    let found = |selector: &str| grid.query_selector(selector).ok().flatten();
    let heading = ENTRIES.into_iter().find_map(found);
    heading.and_then(|it| it.dyn_into::<HtmlElement>().ok()).is_some_and(|it| it.focus().is_ok())
}

/// Keys in the header. Enter and space are those of the button that has the focus.
fn head_keys(event: &KeyboardEvent, heading: &HtmlElement, grid: &HtmlElement) {
    let Ok(all) = grid.query_selector_all(HEADINGS) else {
        return;
    };
    let button = |at: u32| all.item(at).and_then(|it| it.dyn_into::<HtmlElement>().ok());
    let last = all.length().saturating_sub(1);
    let here = (0..=last).find(|at| button(*at).as_ref() == Some(heading)).unwrap_or(0);
    let mirrored = grid.closest("[dir=rtl]").is_ok_and(|it| it.is_some());
    let to = match (event.key().as_str(), mirrored) {
        ("ArrowRight", false) | ("ArrowLeft", true) => button((here + 1).min(last)),
        ("ArrowLeft", false) | ("ArrowRight", true) => button(here.saturating_sub(1)),
        ("Home", _) => button(0),
        ("End", _) => button(last),
        ("ArrowDown" | "Escape", _) => Some(grid.clone()),
        _ => return,
    };
    // A panel beside the list stays open.
    event.prevent_default();
    if let Some(to) = to {
        drop(to.focus());
    }
}

fn head(props: &TableProps) -> Html {
    let cell = |column: &Column| {
        let sorted = props.sort.as_ref().filter(|sort| sort.field == column.field.as_str());
        let (order, icon) = match sorted.map(|sort| sort.direction) {
            Some(Direction::Up) => (Some("ascending"), Some(Icon::SortUp)),
            Some(Direction::Down) => (Some("descending"), Some(Icon::SortDown)),
            None => (None, None),
        };
        let class = classes!("table-cell", (column.align == Align::End).then_some("table-end"));
        let inside = if column.sortable {
            let next = pressed(props.sort.as_ref(), &column.field);
            let onclick = props.on_sort.reform(move |_: MouseEvent| next.clone());
            html! {
                <button type="button" class="table-sort" tabindex="-1" {onclick}>
                    <span class="truncate" title={column.label.clone()}>{ &column.label }</span>
                    if let Some(icon) = icon {
                        <Glyph {icon} size={16} />
                    }
                </button>
            }
        } else {
            html! { <span class="truncate" title={column.label.clone()}>{ &column.label }</span> }
        };
        html! {
            <div key={column.field.as_str()} {class} role="columnheader" aria-sort={order}>
                { inside }
            </div>
        }
    };
    let extent = props.selection.extent();
    let mixed = match extent {
        Extent::Nothing => "false",
        Extent::Some => "mixed",
        Extent::All => "true",
    };
    let all = props.on_selection.reform(|_: MouseEvent| SelectionAction::All);
    html! {
        <div class="table-head" role="row" aria-rowindex="1">
            <div class="table-cell table-check" role="columnheader">
                <button
                    type="button" class={format!("check check-{mixed}")} role="checkbox"
                    tabindex="-1" aria-checked={mixed} aria-label="Select all" onclick={all}
                >
                    if extent == Extent::All {
                        <Glyph icon={Icon::Check} size={16} />
                    }
                </button>
            </div>
            { for props.columns.iter().map(cell) }
        </div>
    }
}

fn row_id(at: usize) -> String {
    format!("row-{at}")
}

fn row(props: &TableProps, at: usize) -> Html {
    let Some(found) = props.row.emit(at) else {
        return html! {
            <div class="table-row" role="row" key={format!("wait-{at}")} aria-rowindex={(at + 2).to_string()}>
                <div class="table-cell table-check" role="gridcell"></div>
                <div class="table-cell" role="gridcell"><Skeleton lines={1} /></div>
            </div>
        };
    };
    let selected = props.selection.selected.contains_key(&at);
    let toggle = {
        let on_selection = props.on_selection.clone();
        Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            let range = event.shift_key();
            on_selection.emit(if range {
                SelectionAction::Range(at)
            } else {
                SelectionAction::Toggle(at)
            });
        })
    };
    let onclick = {
        let (on_selection, on_open) = (props.on_selection.clone(), props.on_open.clone());
        Callback::from(move |event: MouseEvent| {
            if event.shift_key() {
                on_selection.emit(SelectionAction::Range(at));
                return;
            }
            on_selection.emit(SelectionAction::To(at));
            on_open.emit(at);
        })
    };
    let at_hand = props.selection.at_hand == Some(at);
    let class = classes!(
        "table-row",
        selected.then_some("table-selected"),
        at_hand.then_some("table-at-hand")
    );
    let cells = props.columns.iter().zip(found.cells).map(|(column, cell)| {
        let end = (column.align == Align::End).then_some("table-end number");
        html! {
            <div key={column.field.as_str()} class={classes!("table-cell", end)} role="gridcell">
                { cell }
            </div>
        }
    });
    html! {
        <div
            key={found.key.as_str()} id={row_id(at)} {class} role="row"
            aria-rowindex={(at + 2).to_string()} aria-selected={selected.to_string()} {onclick}
        >
            <div class="table-cell table-check" role="gridcell">
                <button
                    type="button" class={format!("check check-{selected}")} role="checkbox"
                    tabindex="-1" aria-checked={selected.to_string()}
                    aria-label={format!("Select {}", found.name)} onclick={toggle}
                >
                    if selected {
                        <Glyph icon={Icon::Check} size={16} />
                    }
                </button>
            </div>
            { for cells }
        </div>
    }
}

fn bulk_bar(props: &TableProps) -> Html {
    let chosen = u64::try_from(props.selection.selected.len()).unwrap_or(u64::MAX);
    let clear = props.on_selection.reform(|_: MouseEvent| SelectionAction::Clear);
    html! {
        <div class="bulk" role="toolbar" aria-label="Actions on what is selected">
            <span class="number" role="status">
                { format!("{} selected", crate::words::count(chosen)) }
            </span>
            { props.bulk.clone() }
            <button type="button" class="button button-quiet" onclick={clear}>{ "Clear" }</button>
        </div>
    }
}
