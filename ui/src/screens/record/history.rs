//! Why a field has its value: every change of it, who, when, on which device, and why.

use roadbook_api::commands::queries::ShowHistory;
use roadbook_api::views::HistoryEntryView;
use yew::prelude::*;

use super::taking_back::{self, TakingBack, use_taking_back};
use super::words;
use crate::components::{
    Avatar, Dialog, Empty, FieldMark, Icon, Problem, Skeleton, Standing, When,
};
use crate::context::{Watch, use_query, use_wall};
use crate::words::Wall;

/// The history of a record or of one of its fields.
#[derive(Properties, PartialEq)]
pub struct HistoryProps {
    /// The record.
    pub record: AttrValue,
    /// The field; the whole record where absent.
    #[prop_or_default]
    pub field: Option<&'static str>,
}

/// The history of a record or of one of its fields: asks for it.
#[function_component]
pub fn History(props: &HistoryProps) -> Html {
    let request = ShowHistory {
        entity: None,
        record: props.record.to_string(),
        field: props.field.map(str::to_owned),
    };
    let found = use_query(Some(request), Watch::All);
    let undo = use_taking_back();
    match (&found.data, &found.error) {
        (Some(entries), _) => html! { <HistoryList entries={(**entries).clone()} {undo} /> },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={4} /> },
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
    let undo = props.undo.as_ref();
    html! { <ol class="history">{ for props.entries.iter().map(|it| entry(it, wall, undo)) }</ol> }
}

fn entry(entry: &HistoryEntryView, wall: Wall, undo: Option<&TakingBack>) -> Html {
    let standing = if entry.accepted { Standing::Accepted } else { Standing::Saved };
    html! {
        <li class="history-line" key={entry.intent.to_string()}>
            <Avatar name={entry.made_by.who.clone()} named_beside=true />
            <div class="timeline-words">
                { for words::changes(entry, wall).into_iter().map(|it| html! {
                    <p class="timeline-title">{ it }</p>
                }) }
                { for entry.settled.iter().map(|it| html! { <p>{ words::settled(it, wall) }</p> }) }
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
    pub record: AttrValue,
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
