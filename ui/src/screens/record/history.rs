//! Why a field has its value: every change of it, who, when, on which device, and why.

use roadbook_api::commands::queries::ShowHistory;
use roadbook_api::views::{HistoryEntryView, RecordView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::other_side::{self, OtherSides, use_other_sides};
use super::taking_back::{self, TakingBack, use_taking_back};
use super::words;
use crate::components::{
    Avatar, Button, ButtonKind, Dialog, Empty, FieldMark, Icon, Problem, Skeleton, Standing, When,
};
use crate::context::{Watch, use_bridge, use_query, use_wall};
use crate::words::{Wall, sentence};

/// The history of a record or of one of its fields.
#[derive(Properties, PartialEq)]
pub struct HistoryProps {
    /// The record.
    pub record: RecordView,
    /// The field; the whole record where absent.
    #[prop_or_default]
    pub field: Option<&'static str>,
}

/// The history of a record or of one of its fields: asks for it.
#[function_component]
pub fn History(props: &HistoryProps) -> Html {
    let request = ShowHistory {
        entity: None,
        record: props.record.record.to_string(),
        field: props.field.map(str::to_owned),
        older: false,
    };
    let found = use_query(Some(request.clone()), Watch::All);
    let undo = use_taking_back();
    let sides = use_other_sides(&props.record);
    match (&found.data, &found.error) {
        (Some(entries), _) => html! {
            <>
                <HistoryList entries={(**entries).clone()} {undo} {sides} />
                <Older
                    request={ShowHistory { older: true, ..request }} known={entries.len()}
                    on_came={found.reload.clone()}
                />
            </>
        },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={4} /> },
    }
}

#[derive(Properties, PartialEq)]
struct OlderProps {
    request: ShowHistory,
    /// How many entries are here already.
    known: usize,
    /// More may be here now.
    on_came: Callback<()>,
}

/// Asks the server for what is older than what devices keep.
#[function_component]
fn Older(props: &OlderProps) -> Html {
    let bridge = use_bridge();
    let busy = use_state(|| false);
    let said = use_state(|| Ok::<&'static str, AttrValue>(""));
    let on_press = {
        let (busy, said) = (busy.setter(), said.setter());
        let (request, known, came) = (props.request.clone(), props.known, props.on_came.clone());
        Callback::from(move |()| {
            let Some(bridge) = bridge.clone() else {
                return;
            };
            let (busy, said, came) = (busy.clone(), said.clone(), came.clone());
            let request = request.clone();
            busy.set(true);
            said.set(Ok(""));
            spawn_local(async move {
                let answer = bridge.call(request).await;
                busy.set(false);
                said.set(match answer {
                    Ok(all) if all.len() > known => Ok("Older changes are shown now."),
                    Ok(_) => Ok("The server knows of nothing older."),
                    Err(error) => Err(sentence(&error.message).into()),
                });
                came.emit(());
            });
        })
    };
    html! {
        <div class="history-older">
            <Button
                label="Ask the server for older changes" kind={ButtonKind::Quiet} busy={*busy}
                {on_press}
            />
            <p class="quiet small" role="status">{ (*said).clone().unwrap_or_default() }</p>
            if let Err(why) = &*said {
                <p class="field-problem" role="alert">{ why }</p>
            }
        </div>
    }
}

/// Entries of a history.
#[derive(Properties, PartialEq)]
pub struct HistoryListProps {
    /// Them, newest first.
    pub entries: Vec<HistoryEntryView>,
    /// How one's own entries are taken back.
    #[prop_or_default]
    pub undo: Option<TakingBack>,
    /// How what was set aside is taken.
    #[prop_or_default]
    pub sides: Option<OtherSides>,
}

/// Entries of a history.
#[function_component]
pub fn HistoryList(props: &HistoryListProps) -> Html {
    let wall = use_wall();
    if props.entries.is_empty() {
        return html! {
            <Empty
                icon={Icon::History} title="No change is known here"
                text="It came with the first load of this device, or nobody has changed it."
            />
        };
    }
    html! { <ol class="history">{ for props.entries.iter().map(|it| entry(it, wall, props)) }</ol> }
}

fn entry(entry: &HistoryEntryView, wall: Wall, props: &HistoryListProps) -> Html {
    let (undo, sides) = (props.undo.as_ref(), props.sides.as_ref());
    let standing = if entry.accepted { Standing::Accepted } else { Standing::Saved };
    html! {
        <li class="history-line" key={entry.intent.to_string()}>
            <Avatar name={entry.made_by.who.clone()} named_beside=true />
            <div class="timeline-words">
                { for words::changes(entry, wall).into_iter().map(|it| html! {
                    <p class="timeline-title">{ it }</p>
                }) }
                { for entry.settled.iter().map(|it| html! {
                    <p>{ words::settled(it, wall) }{ " " }{ other_side::buttons(it, wall, sides) }</p>
                }) }
                if let Some(why) = &entry.made_by.rationale {
                    <p class="timeline-why">{ format!("“{why}”") }</p>
                }
                <p class="quiet small">
                    { format!("{} · {}", words::circumstances(&entry.made_by), words::arrival(entry, wall)) }
                </p>
            </div>
            <span class="timeline-when small quiet">
                { taking_back::button(entry, wall, undo) }
                <FieldMark {standing} /><When at_ms={entry.made_by.at_ms} />
            </span>
        </li>
    }
}

/// The dialog that opens from the mark of a field.
#[derive(Properties, PartialEq)]
pub struct WhyDialogProps {
    /// The record.
    pub record: RecordView,
    /// The field.
    pub field: &'static str,
    /// The field's name for people.
    pub label: AttrValue,
    /// It closes.
    pub on_close: Callback<()>,
}

/// Why this value.
#[function_component]
pub fn WhyDialog(props: &WhyDialogProps) -> Html {
    html! {
        <Dialog
            title={format!("Why this value: {}", props.label)} on_close={props.on_close.clone()}
        >
            <History record={props.record.clone()} field={Some(props.field)} />
        </Dialog>
    }
}
