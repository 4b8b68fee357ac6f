//! A field that offers what fits while a person types: words of a choice, or records.

use yew::prelude::*;

use super::field::input_text;
use crate::state::palette::stepped;

/// One thing that can be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// What is saved.
    pub value: AttrValue,
    /// What people read.
    pub text: AttrValue,
    /// What tells it from others of the same name.
    pub hint: Option<AttrValue>,
}

impl Offer {
    /// A word that is saved as it reads.
    #[must_use]
    pub fn word(word: &'static str) -> Self {
        Self { value: word.into(), text: word.into(), hint: None }
    }
}

/// What can be chosen, and whether it is for what stands in the field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offers {
    /// What can be chosen.
    pub list: Vec<Offer>,
    /// They are of an earlier text; those for this one are on their way.
    pub late: bool,
}

/// A field that offers what fits.
#[derive(Properties, PartialEq)]
pub struct ComboProps {
    /// Its id, unique on the page.
    pub id: AttrValue,
    /// Its name for screen readers, where no label stands beside it.
    #[prop_or_default]
    pub name: Option<AttrValue>,
    /// The text in it.
    pub text: AttrValue,
    /// What can be chosen now. Enter chooses the first of those for what was typed, and waits for
    /// them if they are not here yet.
    pub offers: Offers,
    /// The input element.
    #[prop_or_default]
    pub node: NodeRef,
    /// Its class beside that of every field.
    #[prop_or_default]
    pub class: Classes,
    /// It cannot be changed now.
    #[prop_or_default]
    pub readonly: bool,
    /// The id of the text below it.
    #[prop_or_default]
    pub described_by: Option<AttrValue>,
    /// What is in it cannot be taken.
    #[prop_or_default]
    pub invalid: bool,
    /// The text is another.
    #[prop_or_default]
    pub on_type: Callback<AttrValue>,
    /// One was chosen.
    #[prop_or_default]
    pub on_choose: Callback<Offer>,
    /// Enter was pressed while nothing is offered.
    #[prop_or_default]
    pub on_enter: Callback<()>,
    /// Escape was pressed. Without it, Escape closes the list only.
    #[prop_or_default]
    pub on_escape: Option<Callback<()>>,
    /// The caret left it.
    #[prop_or_default]
    pub on_leave: Callback<()>,
}

/// A field that offers what fits.
#[function_component]
pub fn Combo(props: &ComboProps) -> Html {
    let open = use_state(|| false);
    let at = use_state(|| 0_usize);
    let entered = use_state(|| false);
    let length = props.offers.list.len();
    let here = (*at).min(length.saturating_sub(1));
    let shown = *open && length > 0 && !props.readonly;
    let list = format!("{}-offers", props.id);
    let oninput = {
        let (open, at, on_type) = (open.clone(), at.clone(), props.on_type.clone());
        let entered = entered.clone();
        Callback::from(move |event: InputEvent| {
            open.set(true);
            entered.set(false);
            at.set(0);
            on_type.emit(input_text(&event));
        })
    };
    use_waiting_enter(props, &open, &entered);
    let onkeydown = {
        let (open, at, entered) = (open.clone(), at, entered.clone());
        let (offers, late) = (props.offers.list.clone(), props.offers.late);
        let (on_choose, on_enter) = (props.on_choose.clone(), props.on_enter.clone());
        let (on_escape, readonly) = (props.on_escape.clone(), props.readonly);
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" if shown => at.set(stepped(here, 1, length)),
                "ArrowUp" if shown => at.set(stepped(here, -1, length)),
                "ArrowDown" | "ArrowUp" => open.set(true),
                "Enter" if *open && late && !readonly => entered.set(true),
                "Enter" if shown => {
                    open.set(false);
                    on_choose.emit(offers[here].clone());
                }
                "Enter" => on_enter.emit(()),
                "Escape" => match &on_escape {
                    Some(on_escape) => on_escape.emit(()),
                    None if shown => open.set(false),
                    None => return,
                },
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    let onclick = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(true))
    };
    let onblur = {
        let (open, on_leave) = (open.clone(), props.on_leave.clone());
        Callback::from(move |_: FocusEvent| {
            open.set(false);
            entered.set(false);
            on_leave.emit(());
        })
    };
    let line = |n: usize, offer: &Offer| {
        let (open, on_choose, offer_) = (open.clone(), props.on_choose.clone(), offer.clone());
        // Pressing must not take the focus away first: the list would close under the pointer.
        let onmousedown = Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            open.set(false);
            on_choose.emit(offer_.clone());
        });
        html! {
            <div
                key={offer.value.as_str()} id={format!("{list}-{n}")} class="search-line combo-line"
                role="option" aria-selected={(n == here).to_string()} {onmousedown}
            >
                <span class="combo-text" dir="auto">{ &offer.text }</span>
                if let Some(hint) = &offer.hint {
                    <span class="quiet small truncate" title={hint.clone()}>{ hint }</span>
                }
            </div>
        }
    };
    html! {
        <span class="combo">
            <input
                class={classes!("field-input", props.class.clone())} id={props.id.clone()}
                ref={props.node.clone()} type="text" role="combobox" autocomplete="off"
                aria-label={props.name.clone()} aria-expanded={shown.to_string()}
                aria-controls={shown.then(|| list.clone())} aria-autocomplete="list"
                aria-activedescendant={shown.then(|| format!("{list}-{here}"))}
                aria-describedby={props.described_by.clone()}
                aria-invalid={props.invalid.then_some("true")} value={props.text.clone()}
                readonly={props.readonly} {oninput} {onkeydown} {onclick} {onblur}
            />
            if shown {
                <div
                    class="search-lines combo-lines" id={list.clone()} role="listbox"
                    aria-label="What fits" aria-busy={props.offers.late.then_some("true")}
                >
                    { for props.offers.list.iter().enumerate().map(|(n, offer)| line(n, offer)) }
                </div>
            }
        </span>
    }
}

/// Enter that was pressed before the offers for what was typed were here chooses the first of them.
#[hook]
fn use_waiting_enter(
    props: &ComboProps,
    open: &UseStateHandle<bool>,
    entered: &UseStateHandle<bool>,
) {
    let (open, entered) = (open.clone(), entered.clone());
    let (on_choose, on_enter) = (props.on_choose.clone(), props.on_enter.clone());
    use_effect_with((props.offers.clone(), *entered), move |(offers, waits)| {
        if *waits && !offers.late {
            entered.set(false);
            open.set(false);
            match offers.list.first() {
                Some(first) => on_choose.emit(first.clone()),
                None => on_enter.emit(()),
            }
        }
    });
}
