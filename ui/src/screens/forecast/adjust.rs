//! The dialog in which a forecast is adjusted: whose, which category, how much, why.

use std::rc::Rc;

use roadbook_api::commands::planning::AdjustForecast;
use roadbook_api::views::planning::ForecastView;
use yew::prelude::*;

use super::roll_up::category;
use crate::components::field::read_money;
use crate::components::{Button, ButtonKind, ChoiceChips, Dialog, MoneyField, Select, TextArea};

/// The dialog.
#[derive(Properties, PartialEq)]
pub struct AdjustDialogProps {
    /// The forecast that is adjusted.
    pub view: Rc<ForecastView>,
    /// It is to be carried out.
    pub on_add: Callback<AdjustForecast>,
    /// It closes.
    pub on_close: Callback<()>,
}

const CATEGORIES: [&str; 3] = ["commit", "best_case", "pipeline"];

/// The command of what was typed; `None` while something is missing.
#[must_use]
pub fn command(
    whose: &str,
    category: &str,
    amount: &str,
    why: &str,
    currency: &str,
) -> Option<AdjustForecast> {
    let typed = amount.replace('\u{2212}', "-");
    let typed = typed.trim().trim_start_matches('+');
    let money = read_money(typed, currency).filter(|money| money.minor != 0)?;
    let why = why.trim();
    (!why.is_empty()).then(|| AdjustForecast::Add {
        whose: Some(whose.to_owned()).filter(|it| !it.is_empty()),
        category: category.to_owned(),
        amount: money.to_string(),
        why: why.to_owned(),
    })
}

/// The dialog.
#[function_component]
pub fn AdjustDialog(props: &AdjustDialogProps) -> Html {
    let view = &props.view;
    let whose = use_state(AttrValue::default);
    let chosen = use_state(|| AttrValue::from(CATEGORIES[0]));
    let amount = use_state(AttrValue::default);
    let why = use_state(AttrValue::default);
    let made = command(&whose, &chosen, &amount, &why, &view.currency);
    let add = {
        let (on_add, made) = (props.on_add.clone(), made.clone());
        Callback::from(move |()| {
            if let Some(command) = made.clone() {
                on_add.emit(command);
            }
        })
    };
    let onsubmit = {
        let add = add.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            add.emit(());
        })
    };
    let setter = |state: &UseStateHandle<AttrValue>| {
        let state = state.clone();
        Callback::from(move |text: AttrValue| state.set(text))
    };
    let people = view.roll_up.iter().filter_map(|row| row.link.as_ref());
    let people: Vec<(AttrValue, AttrValue)> =
        people.map(|it| (it.record.to_string().into(), it.title.clone().into())).collect();
    let options = CATEGORIES.map(|word| (AttrValue::from(word), AttrValue::from(category(word))));
    let actions = html! {
        <Button
            label="Adjust" kind={ButtonKind::Primary} disabled={made.is_none()} on_press={add}
        />
    };
    html! {
        <Dialog title="Adjust the forecast" on_close={props.on_close.clone()} {actions}>
            <form class="form" {onsubmit}>
                <Select
                    id="adjust-whose" label="Whose" options={people} value={(*whose).clone()}
                    empty={Some(AttrValue::from("All"))} on_change={setter(&whose)}
                />
                <ChoiceChips
                    name="Category" options={options.to_vec()} chosen={vec![(*chosen).clone()]}
                    on_press={setter(&chosen)}
                />
                <MoneyField
                    id="adjust-amount" label="How much; with a minus to take away"
                    value={(*amount).clone()} currency={view.currency.clone()}
                    on_change={setter(&amount)}
                />
                <TextArea
                    id="adjust-why" label="Why, for those who read it" value={(*why).clone()}
                    hint="It stays on this device, as the forecast does." on_change={setter(&why)}
                />
            </form>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adjustment_needs_an_amount_and_a_reason() {
        assert_eq!(command("", "commit", "5000", " ", "EUR"), None);
        assert_eq!(command("", "commit", "0", "sure", "EUR"), None);
        assert_eq!(command("", "commit", "many", "sure", "EUR"), None);
        let made = command("", "commit", "-5,000", "one is not sure", "EUR").unwrap();
        let AdjustForecast::Add { whose, amount, .. } = made else { panic!("it adds") };
        assert_eq!((whose, amount.as_str()), (None, "-5000 EUR"));
    }
}
