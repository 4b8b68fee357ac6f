//! A field that is edited where it stands: press it or `e`, Enter saves, Escape reverts.

use roadbook_api::ApiError;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::combo::{Combo, Offer, Offers};
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

/// What a value is typed into.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Editor {
    /// A line of text.
    #[default]
    Line,
    /// A text of several lines; Control and Enter saves.
    Area,
    /// A day.
    Day,
    /// A day and a time of the place.
    Moment,
    /// One of these words, which are narrowed down while a person types.
    OneOf(Vec<Offer>),
    /// A record; the offers come from outside and follow what is typed.
    Record(Offers),
}

/// Where the label of a field stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum LabelPlace {
    /// Before the value, in a list of fields.
    #[default]
    Before,
    /// Above the value, for key facts.
    Above,
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
    /// The value as it is said, where it is not said as it is edited.
    #[prop_or_default]
    pub said: Option<AttrValue>,
    /// Where the value stands.
    pub standing: Standing,
    /// How many values it is disputed between.
    #[prop_or_default]
    pub sides: u32,
    /// It can be edited.
    #[prop_or(true)]
    pub editable: bool,
    /// What it is typed into.
    #[prop_or_default]
    pub editor: Editor,
    /// Where its label stands.
    #[prop_or_default]
    pub label_place: LabelPlace,
    /// What stands beside the value and is no part of it: a link to the record it names.
    #[prop_or_default]
    pub beside: Html,
    /// Somebody begins to edit it.
    #[prop_or_default]
    pub on_begin: Callback<()>,
    /// The text is another: for offers that follow it.
    #[prop_or_default]
    pub on_type: Callback<AttrValue>,
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
    let (input, button) = (use_node_ref(), use_node_ref());
    // It closes by a key: the caret goes back to the value, and leaving it saves nothing.
    let by_key = use_mut_ref(|| false);
    {
        let (input, button, by_key) = (input.clone(), button.clone(), by_key.clone());
        use_effect_with(edit.text().is_some(), move |open| {
            if *open {
                take_caret(&input);
            } else if by_key.replace(false)
                && crate::browser::is_focus_free()
                && let Some(button) = button.cast::<HtmlElement>()
            {
                drop(button.focus());
            }
        });
    }
    let begin = {
        let (edit, text, on_type) = (edit.dispatcher(), props.text.clone(), props.on_type.clone());
        let on_begin = props.on_begin.clone();
        Callback::from(move |_: MouseEvent| {
            on_begin.emit(());
            edit.dispatch(EditAction::Begin(text.clone()));
            on_type.emit(AttrValue::default());
        })
    };
    let save = saving(props, &edit, &by_key);
    let inside = match edit.text() {
        Some(text) => typing(props, &edit, text, &input, &save, &by_key),
        None if props.editable => html! {
            <button
                type="button" class="inline-value" onclick={begin} ref={button}
                aria-label={format!("{}, edit {}", said(props), props.label)}
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
    let is_above = props.label_place == LabelPlace::Above;
    let above = is_above.then_some("inline-above");
    let is_disputed = props.standing == Standing::Disputed;
    let words = is_disputed.then(|| match props.sides {
        0 => AttrValue::from("disputed"),
        sides => AttrValue::from(format!("disputed, {sides} values")),
    });
    // Above there is no room for words: they are the name of the mark, and the value has its ground.
    let (words, name) = if is_above { (None, words) } else { (words, None) };
    html! {
        <div class={classes!("inline", format!("inline-{}", props.standing.word()), above)}>
            <dt class="inline-label">{ &props.label }</dt>
            <dd class="inline-body">
                { inside }
                { props.beside.clone() }
                <FieldMark
                    standing={props.standing} {words} {name}
                    on_press={props.on_mark.clone()} about={props.label.clone()}
                />
                if let Some(why) = why {
                    <p class="field-problem" role="alert">{ why }</p>
                }
            </dd>
        </div>
    }
}

fn said(props: &InlineFieldProps) -> AttrValue {
    let text = props.said.as_ref().unwrap_or(&props.text);
    if text.is_empty() { "empty".into() } else { text.clone() }
}

fn shown_or_dash(props: &InlineFieldProps) -> Html {
    if props.text.is_empty() {
        return html! { <span class="inline-none" aria-hidden="true">{ "–" }</span> };
    }
    props.shown.clone()
}

fn take_caret(input: &NodeRef) {
    if let Some(element) = input.cast::<HtmlElement>() {
        drop(element.focus());
    }
    if let Some(line) = input.cast::<HtmlInputElement>() {
        line.select();
    }
}

/// Saves a text once: what is on its way already is not sent again.
fn saving(
    props: &InlineFieldProps,
    edit: &UseReducerHandle<Edit>,
    by_key: &std::rc::Rc<std::cell::RefCell<bool>>,
) -> Callback<AttrValue> {
    let (edit, by_key) = (edit.clone(), std::rc::Rc::clone(by_key));
    let (on_commit, before) = (props.on_commit.clone(), props.text.clone());
    Callback::from(move |text: AttrValue| {
        if !matches!(&*edit, Edit::Typing(_) | Edit::Refused { .. }) {
            return;
        }
        if text == before {
            edit.dispatch(EditAction::Revert);
            return;
        }
        edit.dispatch(EditAction::Save);
        let (told, by_key) = (edit.dispatcher(), std::rc::Rc::clone(&by_key));
        let done = Callback::from(move |answer: Result<(), ApiError>| {
            told.dispatch(match answer {
                Ok(()) => EditAction::Saved,
                Err(error) => {
                    by_key.replace(false);
                    EditAction::Refused(error.message.into())
                }
            });
        });
        on_commit.emit(Commit { text, done });
    })
}

fn typing(
    props: &InlineFieldProps,
    edit: &UseReducerHandle<Edit>,
    text: &AttrValue,
    node: &NodeRef,
    save: &Callback<AttrValue>,
    by_key: &std::rc::Rc<std::cell::RefCell<bool>>,
) -> Html {
    let by_hand = {
        let (save, by_key) = (save.clone(), std::rc::Rc::clone(by_key));
        Callback::from(move |text: AttrValue| {
            by_key.replace(true);
            save.emit(text);
        })
    };
    let revert = {
        let (edit, by_key) = (edit.dispatcher(), std::rc::Rc::clone(by_key));
        Callback::from(move |()| {
            by_key.replace(true);
            edit.dispatch(EditAction::Revert);
        })
    };
    let leave = {
        let (save, by_key, text) = (save.clone(), std::rc::Rc::clone(by_key), text.clone());
        Callback::from(move |()| {
            if !*by_key.borrow() {
                save.emit(text.clone());
            }
        })
    };
    let abandon = {
        let (edit, by_key) = (edit.dispatcher(), std::rc::Rc::clone(by_key));
        Callback::from(move |()| {
            if !*by_key.borrow() {
                edit.dispatch(EditAction::Revert);
            }
        })
    };
    let is_area = props.editor == Editor::Area;
    let onkeydown = {
        let (by_hand, revert, text) = (by_hand.clone(), revert.clone(), text.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" if !is_area || event.ctrl_key() || event.meta_key() => {
                event.prevent_default();
                by_hand.emit(text.clone());
            }
            "Escape" => {
                // The panel around it must not close, too.
                event.prevent_default();
                event.stop_propagation();
                revert.emit(());
            }
            _ => {}
        })
    };
    let on_type = {
        let (edit, on_type) = (edit.dispatcher(), props.on_type.clone());
        Callback::from(move |text: AttrValue| {
            edit.dispatch(EditAction::Type(text.clone()));
            on_type.emit(text);
        })
    };
    let oninput = on_type.reform(|event: InputEvent| typed_text(&event));
    let readonly = matches!(**edit, Edit::Saving(_));
    let label = props.label.clone();
    let onblur = leave.reform(|_: FocusEvent| ());
    let line = |kind: &'static str| {
        html! {
            <input
                class="field-input inline-input" type={kind} ref={node.clone()}
                value={text.clone()} aria-label={label.clone()} onkeydown={onkeydown.clone()}
                oninput={oninput.clone()} onblur={onblur.clone()} {readonly}
            />
        }
    };
    let combo = |offers: Offers| {
        let choose = by_hand.reform(|offer: Offer| offer.value);
        let enter = {
            let (by_hand, text) = (by_hand.clone(), text.clone());
            // An emptied field is cleared; words that fit nothing are no choice.
            Callback::from(move |()| {
                if text.is_empty() {
                    by_hand.emit(AttrValue::default());
                }
            })
        };
        html! {
            <Combo
                id={format!("inline-{}", slug(&props.label))} name={label.clone()}
                text={text.clone()} {offers} node={node.clone()} class={classes!("inline-input")}
                {readonly} on_type={on_type.clone()} on_choose={choose} on_enter={enter}
                on_escape={revert.clone()} on_leave={abandon.clone()}
            />
        }
    };
    match &props.editor {
        Editor::Line => line("text"),
        Editor::Day => line("date"),
        Editor::Moment => line("datetime-local"),
        Editor::Area => html! {
            <textarea
                class="field-input field-area inline-input" rows="5" ref={node.clone()}
                value={text.clone()} aria-label={label.clone()} {onkeydown} {oninput} {onblur}
                {readonly}
            />
        },
        Editor::OneOf(words) => {
            let wanted = if *text == props.text { String::new() } else { text.to_lowercase() };
            let fits = |offer: &&Offer| offer.text.to_lowercase().contains(&wanted);
            combo(Offers { list: words.iter().filter(fits).cloned().collect(), late: false })
        }
        Editor::Record(offers) => combo(offers.clone()),
    }
}

fn slug(label: &str) -> String {
    label.to_lowercase().replace(' ', "-")
}

fn typed_text(event: &InputEvent) -> AttrValue {
    let target = event.target();
    let area = target.clone().and_then(|it| it.dyn_into::<HtmlTextAreaElement>().ok());
    if let Some(area) = area {
        return area.value().into();
    }
    let input = target.and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
    input.map_or_else(AttrValue::default, |input| input.value().into())
}
