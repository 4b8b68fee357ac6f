//! Fields of forms: text, long text, choice, money, day. Each with a label, a hint and a problem.

use roadbook_domain::Money;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// What stands under a field.
struct Below<'a> {
    id: &'a AttrValue,
    hint: Option<&'a AttrValue>,
    problem: Option<&'a AttrValue>,
}

impl Below<'_> {
    fn described_by(&self) -> Option<String> {
        (self.hint.is_some() || self.problem.is_some()).then(|| format!("{}-below", self.id))
    }

    fn invalid(&self) -> Option<&'static str> {
        self.problem.map(|_| "true")
    }

    /// The frame around a field: label above, hint or problem below, tied for screen readers.
    fn framed(&self, label: &AttrValue, control: Html) -> Html {
        let id = self.id;
        html! {
            <div class={classes!("field", self.problem.map(|_| "field-wrong"))}>
                <label class="field-label" for={id.clone()}>{ label }</label>
                { control }
                if let Some(problem) = self.problem {
                    <p class="field-problem" id={format!("{id}-below")} role="alert">{ problem }</p>
                } else if let Some(hint) = self.hint {
                    <p class="field-hint" id={format!("{id}-below")}>{ hint }</p>
                }
            </div>
        }
    }
}

/// A line of text.
#[derive(Properties, PartialEq)]
pub struct TextFieldProps {
    /// Its id, unique on the page.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// Its text.
    pub value: AttrValue,
    /// What the browser takes it for: `text`, `password`, `email`, `tel`, `url`.
    #[prop_or(AttrValue::Static("text"))]
    pub kind: AttrValue,
    /// What helps to fill it in.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// What is wrong with it and what to do.
    #[prop_or_default]
    pub problem: Option<AttrValue>,
    /// What the browser may fill in, such as `username`.
    #[prop_or(AttrValue::Static("off"))]
    pub autocomplete: AttrValue,
    /// It must be filled in.
    #[prop_or_default]
    pub required: bool,
    /// It cannot be changed now.
    #[prop_or_default]
    pub disabled: bool,
    /// Its text is another.
    #[prop_or_default]
    pub on_change: Callback<AttrValue>,
}

/// A line of text.
#[function_component]
pub fn TextField(props: &TextFieldProps) -> Html {
    let below = Below { id: &props.id, hint: props.hint.as_ref(), problem: props.problem.as_ref() };
    let oninput = props.on_change.reform(|event: InputEvent| input_text(&event));
    let control = html! {
        <input
            class="field-input" id={props.id.clone()} type={props.kind.clone()}
            value={props.value.clone()} autocomplete={props.autocomplete.clone()}
            required={props.required} disabled={props.disabled} aria-invalid={below.invalid()}
            aria-describedby={below.described_by()} {oninput}
        />
    };
    below.framed(&props.label, control)
}

/// The text of the input field in which something was typed.
pub(crate) fn input_text(event: &InputEvent) -> AttrValue {
    let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
    input.map_or_else(AttrValue::default, |input| input.value().into())
}

/// A text of several lines.
#[derive(Properties, PartialEq)]
pub struct TextAreaProps {
    /// Its id, unique on the page.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// Its text.
    pub value: AttrValue,
    /// How many lines are seen.
    #[prop_or(3)]
    pub lines: u8,
    /// What helps to fill it in.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// What is wrong with it and what to do.
    #[prop_or_default]
    pub problem: Option<AttrValue>,
    /// Its text is another.
    #[prop_or_default]
    pub on_change: Callback<AttrValue>,
}

/// A text of several lines.
#[function_component]
pub fn TextArea(props: &TextAreaProps) -> Html {
    let below = Below { id: &props.id, hint: props.hint.as_ref(), problem: props.problem.as_ref() };
    let oninput = props.on_change.reform(|event: InputEvent| {
        let area = event.target().and_then(|it| it.dyn_into::<HtmlTextAreaElement>().ok());
        area.map_or_else(AttrValue::default, |area| area.value().into())
    });
    let control = html! {
        <textarea
            class="field-input field-area" id={props.id.clone()} rows={props.lines.to_string()}
            value={props.value.clone()} aria-invalid={below.invalid()}
            aria-describedby={below.described_by()} {oninput}
        />
    };
    below.framed(&props.label, control)
}

/// One of a list of words.
#[derive(Properties, PartialEq)]
pub struct SelectProps {
    /// Its id, unique on the page.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// The choices: value and words.
    pub options: Vec<(AttrValue, AttrValue)>,
    /// The value that is chosen; empty for none.
    pub value: AttrValue,
    /// What the empty choice says; without it there is none.
    #[prop_or_default]
    pub empty: Option<AttrValue>,
    /// What helps to choose.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// What is wrong and what to do.
    #[prop_or_default]
    pub problem: Option<AttrValue>,
    /// Another value is chosen.
    #[prop_or_default]
    pub on_change: Callback<AttrValue>,
}

/// One of a list of words.
#[function_component]
pub fn Select(props: &SelectProps) -> Html {
    let below = Below { id: &props.id, hint: props.hint.as_ref(), problem: props.problem.as_ref() };
    let onchange = props.on_change.reform(|event: Event| {
        let select = event.target().and_then(|it| it.dyn_into::<HtmlSelectElement>().ok());
        select.map_or_else(AttrValue::default, |select| select.value().into())
    });
    let option = |value: &AttrValue, label: &AttrValue| {
        let selected = *value == props.value;
        html! { <option value={value.clone()} {selected}>{ label }</option> }
    };
    let control = html! {
        <select
            class="field-input field-select" id={props.id.clone()} aria-invalid={below.invalid()}
            aria-describedby={below.described_by()} {onchange}
        >
            if let Some(empty) = &props.empty {
                { option(&AttrValue::Static(""), empty) }
            }
            { for props.options.iter().map(|(value, label)| option(value, label)) }
        </select>
    };
    below.framed(&props.label, control)
}

/// An amount of money in one currency.
#[derive(Properties, PartialEq)]
pub struct MoneyFieldProps {
    /// Its id, unique on the page.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// The text as typed.
    pub value: AttrValue,
    /// The currency that is meant where none is typed.
    pub currency: AttrValue,
    /// What is wrong with it and what to do, besides that it is no amount.
    #[prop_or_default]
    pub problem: Option<AttrValue>,
    /// The text is another.
    #[prop_or_default]
    pub on_change: Callback<AttrValue>,
}

/// Reads money as people type it: `12,000`, `12000.50`, `12 000 USD`.
#[must_use]
pub fn read_money(text: &str, currency: &str) -> Option<Money> {
    let text = text.trim();
    let named = text.chars().rev().take(3).all(|letter| letter.is_ascii_alphabetic());
    let whole = if named { text.to_owned() } else { format!("{text} {currency}") };
    whole.parse().ok()
}

/// An amount of money in one currency.
#[function_component]
pub fn MoneyField(props: &MoneyFieldProps) -> Html {
    let empty = props.value.trim().is_empty();
    let wrong = !empty && read_money(&props.value, &props.currency).is_none();
    let problem = wrong.then(|| {
        AttrValue::from(format!("Write an amount like 12,000 or 12,000.50 {}", props.currency))
    });
    let problem = problem.or_else(|| props.problem.clone());
    let below = Below { id: &props.id, hint: None, problem: problem.as_ref() };
    let oninput = props.on_change.reform(|event: InputEvent| input_text(&event));
    let control = html! {
        <span class="field-money">
            <input
                class="field-input number" id={props.id.clone()} inputmode="decimal"
                autocomplete="off" value={props.value.clone()} aria-invalid={below.invalid()}
                aria-describedby={below.described_by()} {oninput}
            />
            <span class="field-unit">{ &props.currency }</span>
        </span>
    };
    below.framed(&props.label, control)
}

/// A day.
#[derive(Properties, PartialEq)]
pub struct DateFieldProps {
    /// Its id, unique on the page.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// The day, year-month-day; empty for none.
    pub value: AttrValue,
    /// What helps to choose.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// What is wrong and what to do.
    #[prop_or_default]
    pub problem: Option<AttrValue>,
    /// Another day.
    #[prop_or_default]
    pub on_change: Callback<AttrValue>,
}

/// A day; the browser's own calendar opens from it.
#[function_component]
pub fn DateField(props: &DateFieldProps) -> Html {
    let below = Below { id: &props.id, hint: props.hint.as_ref(), problem: props.problem.as_ref() };
    let oninput = props.on_change.reform(|event: InputEvent| input_text(&event));
    let control = html! {
        <input
            class="field-input number" id={props.id.clone()} type="date"
            value={props.value.clone()} aria-invalid={below.invalid()}
            aria-describedby={below.described_by()} {oninput}
        />
    };
    below.framed(&props.label, control)
}

#[cfg(test)]
mod tests {
    use super::read_money;

    #[test]
    fn money_is_read_as_people_type_it() {
        let read = |text| read_money(text, "EUR").map(|money| money.to_string());
        assert_eq!(read("12,000").as_deref(), Some("12000 EUR"));
        assert_eq!(read(" 12000.5 ").as_deref(), Some("12000.50 EUR"));
        assert_eq!(read("12 000 usd").as_deref(), Some("12000 USD"));
        assert_eq!(read("a lot"), None);
        assert_eq!(read(""), None);
    }
}
