//! What people say about a conflict without deciding it: proposals, and notes on the record since
//! the sides parted.

use roadbook_api::ApiError;
use roadbook_api::commands::conflicts::{Choice, ProposeValue};
use roadbook_api::commands::writes::AddNote;
use roadbook_api::views::{ConflictView, TimelinePage, TimelineWhat};
use yew::prelude::*;

use super::{result, words};
use crate::components::{Avatar, Button, ButtonKind, Dialog, Section, Select, TextArea, When};
use crate::context::{use_draft, use_write};

/// The title of a note is cut after so many characters.
const TITLE_CHARS: usize = 80;

/// Something that somebody said.
#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    /// What tells it from the others.
    pub key: String,
    /// Who; absent where this device was not told.
    pub who: Option<String>,
    /// When; absent where this device was not told.
    pub at_ms: Option<i64>,
    /// What.
    pub text: String,
    /// The value that is proposed: as it is read, and as it is entered.
    pub value: Option<(String, String)>,
}

/// When the first side was set: what was said before is not about the conflict.
#[must_use]
pub fn begun_ms(conflict: &ConflictView) -> i64 {
    let set = conflict.sides.iter().filter_map(|it| it.made_by.as_ref()).map(|by| by.at_ms).min();
    set.unwrap_or(conflict.since_ms)
}

/// What was said about a conflict, oldest first: the proposals in it, and the notes on its record
/// that were written since the first side was set.
#[must_use]
pub fn comments(conflict: &ConflictView, timeline: Option<&TimelinePage>) -> Vec<Comment> {
    let since = begun_ms(conflict);
    let currency = result::currency(conflict);
    let proposed = conflict.proposals.iter().map(|it| Comment {
        key: it.intent.to_string(),
        who: it.made_by.as_ref().map(|by| by.who.clone()),
        at_ms: it.made_by.as_ref().map(|by| by.at_ms),
        text: it.why.clone(),
        value: Some((words::value(&it.value), result::entered(&it.value, &currency))),
    });
    let entries = timeline.map(|page| page.entries.as_slice()).unwrap_or_default();
    let noted = entries.iter().filter(|entry| entry.at_ms >= since).filter_map(|entry| {
        let TimelineWhat::Note { link, text, who, .. } = &entry.what else {
            return None;
        };
        Some(Comment {
            key: entry.id.clone(),
            who: who.as_ref().map(|who| who.title.clone()),
            at_ms: Some(entry.at_ms),
            text: text.clone().unwrap_or_else(|| link.title.clone()),
            value: None,
        })
    });
    let mut all: Vec<Comment> = proposed.chain(noted).collect();
    all.sort_by_key(|it| it.at_ms);
    all
}

/// What was said about a conflict.
#[derive(Properties, PartialEq)]
pub struct CommentListProps {
    /// It, oldest first.
    pub comments: Vec<Comment>,
    /// A proposed value shall be the result.
    #[prop_or_default]
    pub on_take: Callback<AttrValue>,
}

/// What was said about a conflict; nothing while nobody said anything.
#[function_component]
pub fn CommentList(props: &CommentListProps) -> Html {
    if props.comments.is_empty() {
        return Html::default();
    }
    let number = props.comments.len().try_into().unwrap_or(u64::MAX);
    let line = |it: &Comment| {
        let who = it.who.clone().unwrap_or_else(|| "Somebody".to_owned());
        let head = match &it.value {
            Some((value, _)) => format!("{who} proposes {value}"),
            None => who.clone(),
        };
        let take = it.value.as_ref().map(|(value, entered)| {
            let entered = AttrValue::from(entered.clone());
            let on_press = props.on_take.reform(move |()| entered.clone());
            let name = format!("Take it: {value}");
            html! { <Button label="Take it" {name} kind={ButtonKind::Quiet} {on_press} /> }
        });
        html! {
            <li class="comment" key={it.key.clone()}>
                <Avatar name={who} named_beside=true />
                <div class="comment-words">
                    <p class="small">
                        <strong>{ head }</strong>
                        if let Some(at_ms) = it.at_ms {
                            <span class="quiet">{ " · " }<When {at_ms} /></span>
                        }
                    </p>
                    <p class="comment-text">{ &it.text }</p>
                </div>
                { take }
            </li>
        }
    };
    html! {
        <Section title="Comments" count={Some(number)}>
            <ul class="plain-list">{ for props.comments.iter().map(line) }</ul>
        </Section>
    }
}

/// The dialog in which something is said.
#[derive(Properties, PartialEq)]
pub struct CommentDialogProps {
    /// The conflict.
    pub conflict: ConflictView,
    /// It closes.
    pub on_close: Callback<()>,
}

/// The dialog in which something is said: a note on the record, or a proposal where it speaks for
/// a side.
#[function_component]
pub fn CommentDialog(props: &CommentDialogProps) -> Html {
    let conflict = &props.conflict;
    let text = use_draft(&format!("comment {}", conflict.named), AttrValue::default);
    let side = use_state(AttrValue::default);
    let write = use_write();
    let send = {
        let (text, side, close) = (text.clone(), side.clone(), props.on_close.clone());
        let conflict = conflict.clone();
        Callback::from(move |()| {
            let said = text.trim().to_owned();
            if said.is_empty() {
                return;
            }
            let (draft, typed) = (text.clone(), (*text).clone());
            let back = Callback::from(move |answer: Result<(), ApiError>| {
                if answer.is_err() {
                    draft.keep(typed.clone());
                }
            });
            match side.parse() {
                Ok(side) => {
                    let choice = Choice::Side { side };
                    let named = conflict.named.clone();
                    let command = ProposeValue { conflict: named, choice, why: said };
                    write.run_then(command, "Comment added: it proposes a side", back);
                }
                Err(_) => {
                    write.run_then(note(&conflict, said), "Comment added to the record", back)
                }
            }
            text.forget();
            close.emit(());
        })
    };
    let actions = html! {
        <Button
            label="Add comment" kind={ButtonKind::Primary} disabled={text.trim().is_empty()}
            on_press={send}
        />
    };
    let type_in = {
        let text = text.clone();
        Callback::from(move |typed| text.set(typed))
    };
    let change = |state: &UseStateHandle<AttrValue>| {
        let state = state.setter();
        Callback::from(move |typed| state.set(typed))
    };
    let options = conflict.sides.iter().map(|it| {
        let who = words::maker(it.made_by.as_ref(), it.side);
        let label = format!("{}, {}", words::value(&it.value), words::first_name(&who));
        (AttrValue::from(it.side.to_string()), AttrValue::from(label))
    });
    html! {
        <Dialog title="Comment" on_close={props.on_close.clone()} {actions}>
            <div class="form">
                <TextArea
                    id="comment" label="What do you want to say?" value={(*text).clone()}
                    hint="Nothing is decided by it. Whoever sees the record reads it."
                    on_change={type_in}
                />
                <Select
                    id="comment-side" label="Does it speak for a side?" value={(*side).clone()}
                    options={options.collect::<Vec<_>>()} empty="For none" on_change={change(&side)}
                />
            </div>
        </Dialog>
    }
}

/// A note on the record, titled by the field that it is about.
fn note(conflict: &ConflictView, text: String) -> AddNote {
    let first = text.lines().next().unwrap_or_default();
    let title = format!("{}: {first}", conflict.label).chars().take(TITLE_CHARS).collect();
    AddNote {
        entity: Some(conflict.link.entity.name().to_owned()),
        record: conflict.link.record.to_string(),
        text,
        title: Some(title),
    }
}

#[cfg(test)]
mod tests {
    use roadbook_api::views::{NamedValue, ProposalView, TimelineEntryView};
    use roadbook_domain::{Entity, IntentId, Value};

    use super::*;
    use crate::sample::{WALL, link, review};

    #[test]
    fn proposals_and_notes_since_the_sides_parted_are_told_in_their_order() {
        let mut conflict = review::conflict(WALL);
        let by = conflict.sides[1].made_by.clone().unwrap();
        conflict.proposals = vec![ProposalView {
            intent: IntentId::from_bytes([9; 16]),
            value: NamedValue::plain(&Value::Text("13000 EUR".into())),
            why: "half way".into(),
            made_by: Some(by.clone()),
        }];
        let entry = |id: &str, at_ms, what| TimelineEntryView {
            id: id.into(),
            at_ms,
            pending: false,
            what,
        };
        let note = |title: &str, text: Option<&str>| TimelineWhat::Note {
            link: link(70, Entity::Note, title),
            text: text.map(str::to_owned),
            who: Some(link(2, Entity::User, "Ana Lindqvist")),
            about: None,
        };
        let task = TimelineWhat::Task {
            link: link(71, Entity::Task, "Call"),
            state: "Open".into(),
            due_on: None,
            completed_ms: None,
            who: None,
            about: None,
        };
        let entries = vec![
            entry("c", by.at_ms + 10, note("Amount: ask Finance", Some("ask Finance first"))),
            entry("b", by.at_ms + 5, task),
            entry("a", 0, note("from long before", None)),
        ];
        let page = TimelinePage { total: 3, entries, next: None };
        let told = comments(&conflict, Some(&page));
        let said: Vec<(&str, bool)> =
            told.iter().map(|it| (it.text.as_str(), it.value.is_some())).collect();
        assert_eq!(said, [("half way", true), ("ask Finance first", false)]);
        assert_eq!(told[1].who.as_deref(), Some("Ana Lindqvist"));
        assert_eq!(told[0].value.as_ref().map(|it| it.0.as_str()), Some("13,000 EUR"));
    }

    #[test]
    fn a_comment_is_a_note_whose_title_names_the_field() {
        let conflict = review::conflict(WALL);
        let note = note(&conflict, "Ask Finance first.\nThen decide.".into());
        assert_eq!(note.title.as_deref(), Some("Amount: Ask Finance first."));
        assert_eq!(note.record, conflict.link.record.to_string());
    }
}
