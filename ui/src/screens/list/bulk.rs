//! What can be done with all selected rows at once: tag, move, put into the trash, restore; one
//! undo for all.

use std::rc::Rc;

use roadbook_api::commands::queries::Trash;
use roadbook_api::commands::writes::{DeleteRecord, MoveRecord, RestoreRecord, TagRecord};
use roadbook_domain::{Entity, Schema};
use yew::prelude::*;

use crate::components::{Button, ButtonKind, Dialog, Icon, Menu, MenuItem, TextField};
use crate::context::{Write, use_draft, use_write};
use crate::screens::value::kind_word;
use crate::state::tally::Many;

/// So many records are changed at once at most.
const MOST: usize = 500;

/// What can be done with what is selected.
#[derive(Properties, PartialEq)]
pub struct BulkProps {
    /// The kind of record.
    pub entity: Entity,
    /// The records that are selected, as far as their rows were seen.
    pub records: Rc<Vec<String>>,
    /// How many rows are selected.
    pub selected: usize,
    /// They are in the trash or not.
    #[prop_or_default]
    pub trash: Trash,
    /// A tag for all of them was asked for.
    pub on_tag: Callback<()>,
    /// It is done.
    pub on_done: Callback<()>,
}

/// What can be done with what is selected.
#[function_component]
pub fn Bulk(props: &BulkProps) -> Html {
    let write = use_write();
    let entity = props.entity;
    let records = Rc::clone(&props.records);
    if props.selected > MOST || records.len() < props.selected {
        return html! {
            <span class="quiet small">{ format!("Select at most {MOST} rows that you have seen to change them together") }</span>
        };
    }
    let kind = Some(entity.name().to_owned());
    if props.trash == Trash::Only {
        let done = props.on_done.clone();
        let restore = Callback::from(move |()| {
            restore_all(&write, entity, &records);
            done.emit(());
        });
        return html! { <Button label="Restore" icon={Icon::Undo} on_press={restore} /> };
    }
    let trash = {
        let (write, records, kind) = (write.clone(), records.clone(), kind.clone());
        let done = props.on_done.clone();
        Callback::from(move |()| {
            let of = |record: &String| DeleteRecord {
                entity: kind.clone(),
                record: record.clone(),
                why: None,
            };
            write.run_all(records.iter().map(of).collect(), many(entity, "in the trash"));
            done.emit(());
        })
    };
    let to_state = |state: &'static str| {
        let (write, records, kind) = (write.clone(), records.clone(), kind.clone());
        let done = props.on_done.clone();
        let move_all = Callback::from(move |()| {
            let of = |record: &String| MoveRecord {
                entity: kind.clone(),
                record: record.clone(),
                to: state.to_owned(),
                why: None,
            };
            let what = many(entity, format!("moved to {state}"));
            write.run_all(records.iter().map(of).collect(), what);
            done.emit(());
        });
        MenuItem::new(state, move_all)
    };
    let schema = Schema::crm();
    let machine = schema.entity(entity).state_field().and_then(|field| field.machine());
    let states: Vec<MenuItem> =
        machine.iter().flat_map(|machine| machine.names()).map(to_state).collect();
    html! {
        <>
            if !states.is_empty() {
                <span class="bulk-menu"><Menu name="Move to" label="Move to" items={states} /></span>
            }
            <Button
                label="Add a tag" kind={ButtonKind::Quiet} icon={Icon::Tag}
                on_press={props.on_tag.clone()}
            />
            <Button label="Trash" kind={ButtonKind::Quiet} icon={Icon::Trash} on_press={trash} />
        </>
    }
}

/// Takes records out of the trash.
pub(super) fn restore_all(write: &Write, entity: Entity, records: &[String]) {
    let of = |record: &String| RestoreRecord {
        entity: Some(entity.name().to_owned()),
        record: record.clone(),
        why: None,
    };
    write.run_all(records.iter().map(of).collect(), many(entity, "restored"));
}

/// Records of a kind, and what is done with them.
fn many(entity: Entity, done: impl Into<String>) -> Many {
    Many::new(&kind_word(entity), &entity.plural().replace('_', " "), done)
}

/// The dialog in which all selected records get a tag.
#[function_component]
pub fn TagDialog(props: &BulkProps) -> Html {
    let tag = use_draft("tag", AttrValue::default);
    let write = use_write();
    let add = {
        let (records, entity) = (Rc::clone(&props.records), props.entity);
        let (on_tag, on_done) = (props.on_tag.clone(), props.on_done.clone());
        let draft = tag.clone();
        Callback::from(move |()| {
            let tag = draft.trim().to_owned();
            if tag.is_empty() {
                return;
            }
            let of = |record: &String| TagRecord {
                entity: Some(entity.name().to_owned()),
                record: record.clone(),
                add: vec![tag.clone()],
                remove: Vec::new(),
            };
            let what = many(entity, format!("tagged {tag}"));
            write.run_all_then(records.iter().map(of).collect(), what, draft.send());
            on_tag.emit(());
            on_done.emit(());
        })
    };
    let submit = {
        let add = add.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            add.emit(());
        })
    };
    let actions = html! {
        <Button
            label="Add" kind={ButtonKind::Primary} disabled={tag.trim().is_empty()} on_press={add}
        />
    };
    let on_change = {
        let tag = tag.clone();
        Callback::from(move |text| tag.set(text))
    };
    html! {
        <Dialog title="Add a tag" on_close={props.on_tag.clone()} {actions}>
            <form class="form" onsubmit={submit}>
                <TextField
                    id="bulk-tag" label="Tag" value={(*tag).clone()} required=true {on_change}
                />
            </form>
        </Dialog>
    }
}
