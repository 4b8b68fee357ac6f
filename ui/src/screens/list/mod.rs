//! The list of one kind of record: any length, sorted and filtered, with saved views and bulk work.
//!
//! This file asks and writes. [`columns`] says what stands where; [`filters`] is the bar above;
//! [`bulk`] acts on what is selected; `views` keeps views under a name; `words` reads filters aloud.

pub mod bulk;
pub mod columns;
pub mod filters;
mod views;
mod words;

use std::rc::Rc;

use roadbook_api::views::{Layout, TotalView};
use roadbook_domain::Entity;
use yew::prelude::*;

use self::bulk::{Bulk, TagDialog};
use self::columns::Fit;
use self::filters::{FilterDialog, ListBar};
pub(crate) use self::views::{SaveDialog, use_views};
use crate::components::{Button, ButtonKind, Empty, Icon, PageHead, Problem, Skeleton, Table};
use crate::context::{
    Making, Room, Rows, use_go, use_make, use_panel, use_place, use_room, use_rows, use_wall,
    use_write,
};
use crate::route::{Route, list_title};
use crate::screens::record::head::kind_icon;
use crate::screens::value::{kind_word, read_named};
use crate::state::listing::{Listing, ListingAction, built_in, parts};
use crate::state::selection::{Selection, SelectionAction};
use crate::words::{Wall, count, counted};

/// The list of one kind of record.
#[derive(Properties, PartialEq)]
pub struct ListPageProps {
    /// The kind.
    pub entity: Entity,
    /// What the page is called, where that is not the plural of the kind.
    #[prop_or_default]
    pub title: Option<AttrValue>,
    /// What stands beside the button for a new one.
    #[prop_or_default]
    pub switch: Html,
}

/// What is open above a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Filter,
    Save,
    Tag,
}

/// The list of one kind of record.
#[function_component]
pub fn ListPage(props: &ListPageProps) -> Html {
    let entity = props.entity;
    let (place, panel, go, make) = (use_place(), use_panel(), use_go(), use_make());
    let (wall, room) = (use_wall(), use_room());
    let listing = use_reducer(|| at_start(entity, place.query.as_deref()));
    let open = use_state(|| Open::Nothing);
    let views = use_views(entity, Layout::List);
    let fit = Fit::of(room, panel.record());
    let fields: Vec<String> = columns::fields(entity)
        .iter()
        .filter(|field| !["updated", columns::RESTORE].contains(*field))
        .map(|field| (*field).to_owned())
        .collect();
    let rows = use_rows(listing.request(entity, fields));
    let selection = use_selection(&rows, &listing);
    use_panel_that_follows(&rows, &selection);

    let act = {
        let listing = listing.dispatcher();
        Callback::from(move |action| listing.dispatch(action))
    };
    let on_open = {
        let (rows, panel) = (rows.clone(), panel);
        Callback::from(move |at: usize| {
            let Some(record) = rows.with_row(at, |row| row.record.to_string()) else {
                return;
            };
            // A second press opens what the panel shows already on its own page.
            if panel.record() == Some(record.as_str()) {
                go.to(Route::Record(record));
            } else {
                panel.open(record);
            }
        })
    };
    let set = |to: Open| {
        let open = open.clone();
        Callback::from(move |()| open.set(to))
    };
    let add = {
        let (act, open) = (act.clone(), open.clone());
        Callback::from(move |filter| {
            act.emit(ListingAction::Add(filter));
            open.set(Open::Nothing);
        })
    };
    let save = {
        let (save, listing, open) = (views.save.clone(), listing.clone(), open.clone());
        Callback::from(move |name: String| {
            save.emit((name, (*listing).clone()));
            open.set(Open::Nothing);
        })
    };
    let new = Callback::from(move |()| make.open(Making::record(entity, None)));
    let title = props.title.clone().unwrap_or_else(|| list_title(entity).into());
    let actions = html! {
        <>
            { props.switch.clone() }
            <Button
                label={format!("New {}", kind_word(entity))} kind={ButtonKind::Primary}
                icon={Icon::Plus} on_press={new.clone()}
            />
        </>
    };
    let all: Vec<_> = built_in(entity).into_iter().chain(views.saved.clone()).collect();
    // Until the trash is here, living records stand on the screen.
    let in_trash = listing.is_trash() && rows.is_of_this;
    let shown = match in_trash {
        true => columns::of_trash(entity, fit),
        false => columns::fitting(entity, fit),
    };
    let on_restore = {
        let write = use_write();
        Callback::from(move |record| bulk::restore_all(&write, entity, &[record]))
    };
    html! {
        <div class="list">
            <PageHead {title} note={note(&rows, entity, in_trash, wall)} {actions} />
            <ListBar
                {entity} listing={(*listing).clone()} views={all} built_in={built_in(entity).len()}
                on_act={act.clone()} on_filter={set(Open::Filter)} on_save={set(Open::Save)}
                on_remove={views.remove.clone()}
            />
            { body(&Body { entity, rows: &rows, listing: &listing, selection: &selection,
                shown: &shown, fit, wall, act: &act, on_open, on_restore, new, on_tag: set(Open::Tag) }) }
            if *open == Open::Filter {
                <FilterDialog {entity} on_filter={add} on_close={set(Open::Nothing)} />
            }
            if *open == Open::Tag {
                <TagDialog
                    {entity} records={Rc::new(selection.records())} selected={selection.selected.len()}
                    on_tag={set(Open::Nothing)} on_done={{
                        let told = selection.dispatcher();
                        Callback::from(move |()| told.dispatch(SelectionAction::Clear))
                    }}
                />
            }
            if *open == Open::Save {
                <SaveDialog on_save={save} on_close={set(Open::Nothing)} />
            }
        </div>
    }
}

/// What a list shows at first: the first view, or what the address asks for.
fn at_start(entity: Entity, asked: Option<&str>) -> Listing {
    if let Some(filter) = asked.filter(|text| parts(text).is_some()) {
        return Listing { filters: vec![filter.to_owned()], ..Listing::default() };
    }
    built_in(entity).into_iter().next().map(|(_, listing)| listing).unwrap_or_default()
}

/// How long what was deleted stays, as the device and the server keep it.
const KEPT: &str = "kept until they are restored";

fn note(rows: &Rows, entity: Entity, in_trash: bool, wall: Wall) -> Html {
    let Some(total) = rows.total() else {
        return Html::default();
    };
    let total = u64::try_from(total).unwrap_or(u64::MAX);
    let many = entity.plural().replace('_', " ");
    let sums = rows.totals().iter().map(|total| sum(total, wall)).collect::<Vec<_>>();
    let said = std::iter::once(counted(total, &kind_word(entity), &many));
    let said = said.chain(sums.into_iter().filter(|text| !text.is_empty()));
    let said = said.chain((in_trash && total > 0).then(|| KEPT.to_owned()));
    html! { <span class="number">{ said.collect::<Vec<_>>().join(" · ") }</span> }
}

/// A sum, and that it is not final while parts of it are disputed.
fn sum(total: &TotalView, wall: Wall) -> String {
    let sums = total.sums.iter().map(|it| read_named(it, wall)).collect::<Vec<_>>().join(" + ");
    if total.disputed == 0 || sums.is_empty() {
        return sums;
    }
    format!("{sums}, {} disputed", count(total.disputed))
}

struct Body<'a> {
    entity: Entity,
    rows: &'a Rows,
    listing: &'a Listing,
    selection: &'a UseReducerHandle<Selection>,
    shown: &'a [&'static str],
    fit: Fit,
    wall: Wall,
    act: &'a Callback<ListingAction>,
    on_open: Callback<usize>,
    on_restore: Callback<String>,
    new: Callback<()>,
    on_tag: Callback<()>,
}

fn body(it: &Body<'_>) -> Html {
    let error = it.rows.error();
    match (it.rows.total(), error) {
        (_, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={it.rows.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={8} /> },
        (Some(0), None) => nothing(it),
        (Some(total), None) => {
            let row = {
                let (rows, wall, fit) = (it.rows.clone(), it.wall, it.fit);
                let (shown, restore) = (it.shown.to_vec(), it.on_restore.clone());
                Callback::from(move |at| {
                    rows.with_row(at, |record| columns::row(record, &shown, fit, wall, &restore))
                })
            };
            let on_selection = {
                let selection = it.selection.dispatcher();
                Callback::from(move |action| selection.dispatch(action))
            };
            let clear = on_selection.reform(|()| SelectionAction::Clear);
            let bulk = html! {
                <Bulk
                    entity={it.entity} records={Rc::new(it.selection.records())} on_done={clear}
                    on_tag={it.on_tag.clone()} selected={it.selection.selected.len()}
                    trash={it.listing.trash}
                />
            };
            html! {
                <Table
                    name={list_title(it.entity)} columns={columns::columns(it.entity, it.shown, it.fit)}
                    rows={total} {row} busy={!it.rows.is_of_this} selection={Rc::new((**it.selection).clone())}
                    sort={it.listing.sort.clone()} {bulk} {on_selection}
                    on_sort={it.act.reform(ListingAction::Sort)} on_open={it.on_open.clone()}
                    on_seen={it.rows.on_seen.clone()}
                />
            }
        }
    }
}

/// Nothing is found, or nothing is there yet.
fn nothing(it: &Body<'_>) -> Html {
    let first = at_start(it.entity, None);
    let one = kind_word(it.entity);
    if it.listing.is_trash() && it.listing.find.is_empty() && it.listing.filters.is_empty() {
        let back = it.act.reform(move |()| ListingAction::Show(first.clone()));
        return html! {
            <Empty
                icon={Icon::Trash} title="The trash is empty"
                text="What is deleted stands here until it is restored. Nothing leaves it by itself."
                action={Some(("Back to the list".into(), back))}
            />
        };
    }
    if it.listing.find.is_empty() && it.listing.filters == first.filters {
        return html! {
            <Empty
                icon={kind_icon(it.entity)} title={format!("No {} here yet", it.entity.plural().replace('_', " "))}
                text="What you make or are given stands here, also while you are offline."
                action={Some((format!("New {one}").into(), it.new.clone()))}
            />
        };
    }
    let all = it.act.reform(move |()| ListingAction::Show(first.clone()));
    html! {
        <Empty
            icon={Icon::Filter} title="Nothing fits"
            text="No record has all of what the filters ask for."
            action={Some(("Show the first view again".into(), all))}
        />
    }
}

/// The selection of a list; another list begins with none. It goes with its records when rows move.
#[hook]
fn use_selection(rows: &Rows, listing: &Listing) -> UseReducerHandle<Selection> {
    let selection = use_reducer(Selection::default);
    let total = rows.total().unwrap_or(0);
    let told = selection.dispatcher();
    use_effect_with(listing.clone(), move |_| {
        told.dispatch(SelectionAction::Clear);
        told.dispatch(SelectionAction::To(0));
    });
    let told = selection.dispatcher();
    use_effect_with(total, move |total| told.dispatch(SelectionAction::Length(*total)));
    {
        let (rows, selection) = (rows.clone(), selection.clone());
        use_effect(move || {
            let shown = |at| rows.with_row(at, |row| Rc::from(row.record.to_string()));
            let behind = selection.behind(rows.is_settled(), shown, |record| rows.place(record));
            if !behind.is_empty() {
                selection.dispatch(SelectionAction::Follow(behind.into()));
            }
        });
    }
    selection
}

/// While the panel is open, it shows the record at hand.
#[hook]
fn use_panel_that_follows(rows: &Rows, selection: &Selection) {
    let (panel, room) = (use_panel(), use_room());
    let rows = rows.clone();
    use_effect_with(selection.at_hand, move |at| {
        let record = at.and_then(|at| rows.with_row(at, |row| row.record.to_string()));
        if let Some(record) = record
            && room == Room::Desk
            && panel.record().is_some_and(|shown| shown != record)
        {
            panel.open(record);
        }
    });
}
