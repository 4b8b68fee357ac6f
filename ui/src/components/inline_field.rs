//! A field that is edited where it stands: press it or `e`, Enter saves, Escape reverts.

use roadbook_api::ApiError;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::field::input_text;
use super::mark::{FieldMark, Standing};
use crate::state::edit::{Edit, EditAction};

/// A new text of a field, and where to tell what came of it.
#[derive(Clone, PartialEq)]
pub struct Commit {
    /// What was typed; empty clears the field.
    pub text: AttrValue,
    /// Is told what came of it.
    pub done: Callback<Result<(), ApiError>>,
}

/// A field that is edited where it stands.
#[derive(Properties, PartialEq)]
pub struct InlineFieldProps {
    /// Its label.
    pub label: AttrValue,
    /// The value as it is shown.
    pub shown: Html,
    /// The value as it is edited.
    pub text: AttrValue,
    /// Where the value stands.
    pub standing: Standing,
    /// It can be edited.
    #[prop_or(true)]
    pub editable: bool,
    /// The choices, where it is one of a list; empty for free text.
    #[prop_or_default]
    pub options: Vec<AttrValue>,
    /// A new text is to be saved.
    #[prop_or_default]
    pub on_commit: Callback<Commit>,
    /// The mark was pressed: history, or the conflict.
    #[prop_or_default]
    pub on_mark: Option<Callback<()>>,
}

/// A field that is edited where it stands.
#[function_component]
pub fn InlineField(props: &InlineFieldProps) -> Html {
    let edit = use_reducer(Edit::default);
    let input = use_node_ref();
    {
        let input = input.clone();
        use_effect_with(edit.text().is_some(), move |open| {
            if *open && let Some(input) = input.cast::<HtmlInputElement>() {
                drop(input.focus());
                input.select();
            }
        });
    }
    let begin = {
        let (edit, text) = (edit.dispatcher(), props.text.clone());
        Callback::from(move |_: MouseEvent| edit.dispatch(EditAction::Begin(text.clone())))
    };
    let inside = match edit.text() {
        Some(text) => typing(props, &edit, text, input),
        None if props.editable => html! {
            <button
                type="button" class="inline-value" onclick={begin}
                aria-label={format!("{}, edit {}", props.text, props.label)}
            >
                { shown_or_dash(props) }
            </button>
        },
        None => html! { <span class="inline-value inline-fixed">{ shown_or_dash(props) }</span> },
    };
    let why = match &*edit {
        Edit::Refused { why, .. } => Some(why.clone()),
        Edit::Shown | Edit::Typing(_) | Edit::Saving(_) => None,
    };
    let words = (props.standing == Standing::Disputed).then_some("disputed");
    html! {
        <div class={classes!("inline", format!("inline-{}", props.standing.word()))}>
            <dt class="inline-label">{ &props.label }</dt>
            <dd class="inline-body">
                { inside }
                <FieldMark
                    standing={props.standing} words={words.map(AttrValue::from)}
                    on_press={props.on_mark.clone()}
                />
                if let Some(why) = why {
                    <p class="field-problem" role="alert">{ why }</p>
                }
            </dd>
        </div>
    }
}

fn shown_or_dash(props: &InlineFieldProps) -> Html {
    if props.text.is_empty() {
        return html! { <span class="inline-none" aria-label="empty">{ "–" }</span> };
    }
    props.shown.clone()
}

fn typing(
    props: &InlineFieldProps,
    edit: &UseReducerHandle<Edit>,
    text: &AttrValue,
    node: NodeRef,
) -> Html {
    let save = {
        let (edit, on_commit) = (edit.clone(), props.on_commit.clone());
        let before = props.text.clone();
        Callback::from(move |()| {
            let Some(text) = edit.text().cloned() else {
                return;
            };
            if text == before {
                edit.dispatch(EditAction::Revert);
                return;
            }
            edit.dispatch(EditAction::Save);
            let told = edit.dispatcher();
            let done = Callback::from(move |answer: Result<(), ApiError>| {
                told.dispatch(match answer {
                    Ok(()) => EditAction::Saved,
                    Err(error) => EditAction::Refused(error.message.into()),
                });
            });
            on_commit.emit(Commit { text, done });
        })
    };
    let onkeydown = {
        let (edit, save) = (edit.dispatcher(), save.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" => {
                event.prevent_default();
                save.emit(());
            }
            "Escape" => {
                // The panel around it must not close, too.
                event.prevent_default();
                event.stop_propagation();
                edit.dispatch(EditAction::Revert);
            }
            _ => {}
        })
    };
    let oninput = {
        let edit = edit.dispatcher();
        Callback::from(move |event: InputEvent| edit.dispatch(EditAction::Type(input_text(&event))))
    };
    let list = (!props.options.is_empty()).then(|| format!("choices-{}", props.label));
    html! {
        <>
            <input
                class="field-input inline-input" ref={node} value={text.clone()}
                aria-label={props.label.clone()} list={list.clone()} {onkeydown} {oninput}
                onblur={save.reform(|_: FocusEvent| ())}
                readonly={matches!(**edit, Edit::Saving(_))}
            />
            if let Some(id) = list {
                <datalist {id}>
                    { for props.options.iter().map(|it| html! { <option value={it.clone()} /> }) }
                </datalist>
            }
        </>
    }
}
