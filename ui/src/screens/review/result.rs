//! The result of a conflict: a value is entered in the field that fits its type, and decided.

use roadbook_api::ValueView;
use roadbook_api::views::{ConflictView, NamedValue, SideView};
use roadbook_domain::{FieldDef, Schema, ValueType};
use yew::prelude::*;

use super::reference::ReferenceEntry;
use crate::components::{Button, ButtonKind, DateField, MoneyField, Select, TextArea, TextField};
use crate::screens::value::{HOME_CURRENCY, money_of};
use crate::state::decision::{Chosen, Decision, DecisionAction, Lacking};
use crate::words::money;

/// The field that is disputed, by the schema.
#[must_use]
pub(super) fn definition(conflict: &ConflictView) -> Option<FieldDef> {
    Schema::crm().field(conflict.link.entity, &conflict.field).copied()
}

/// The currency that is meant where none is typed: that of the sides.
#[must_use]
pub(super) fn currency(conflict: &ConflictView) -> String {
    let values = conflict.sides.iter().map(|side| &side.value.value);
    let found = values.filter_map(money_of).next();
    found.map_or_else(|| HOME_CURRENCY.to_owned(), |money| money.currency.as_str().to_owned())
}

/// A value as it is entered in the field of its type.
pub(super) fn entered(value: &NamedValue, currency: &str) -> String {
    match &value.value {
        ValueView::Money { .. } => {
            let text = money_of(&value.value).map_or_else(|| value.text.clone(), money);
            text.strip_suffix(currency).map_or(text.as_str(), str::trim_end).to_owned()
        }
        ValueView::Date { date } => date.clone(),
        ValueView::Reference { record } => record.to_string(),
        ValueView::Null
        | ValueView::Text { .. }
        | ValueView::Integer { .. }
        | ValueView::Boolean { .. }
        | ValueView::Percent { .. }
        | ValueView::Instant { .. }
        | ValueView::Set { .. }
        | ValueView::Log { .. } => value.text.clone(),
    }
}

/// All sides in one value, where that makes sense: texts, one after the other. Of two amounts,
/// days or stages only one can hold.
#[must_use]
pub(super) fn both(conflict: &ConflictView) -> Option<String> {
    let between = match definition(conflict)?.value_type {
        ValueType::LongText => "\n\n",
        ValueType::Text => " / ",
        ValueType::Integer
        | ValueType::Money
        | ValueType::Percent
        | ValueType::Boolean
        | ValueType::Date
        | ValueType::Instant
        | ValueType::Choice(_)
        | ValueType::State(_)
        | ValueType::Reference(_)
        | ValueType::AnyReference
        | ValueType::Set
        | ValueType::Log
        | ValueType::Structure => return None,
    };
    let texts = conflict.sides.iter().map(|side| side.value.text.trim());
    let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
    (texts.len() > 1).then(|| texts.join(between))
}

/// A value and what it is called, to choose from.
type Choices = Vec<(AttrValue, AttrValue)>;

/// The result of a conflict.
#[derive(Properties, PartialEq)]
pub struct ResultCardProps {
    /// The conflict.
    pub conflict: ConflictView,
    /// What is chosen.
    pub decision: Decision,
    /// Something was chosen or typed.
    #[prop_or_default]
    pub on_act: Callback<DecisionAction>,
    /// The decision is made.
    #[prop_or_default]
    pub on_decide: Callback<()>,
    /// Both sides shall be taken.
    #[prop_or_default]
    pub on_both: Callback<()>,
    /// Something shall be said without deciding.
    #[prop_or_default]
    pub on_comment: Callback<()>,
    /// The people shall be asked.
    #[prop_or_default]
    pub on_ask: Callback<()>,
}

/// The result of a conflict: a form, whose Enter decides.
#[function_component]
pub fn ResultCard(props: &ResultCardProps) -> Html {
    let (conflict, decision) = (&props.conflict, &props.decision);
    let on_why = props.on_act.reform(DecisionAction::Why);
    let onsubmit = {
        let on_decide = props.on_decide.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            on_decide.emit(());
        })
    };
    let why = if conflict.can_decide { "Why (optional)" } else { "Why" };
    let verb = if conflict.can_decide { "Decide" } else { "Propose" };
    let lacks = |what: Lacking| decision.lacking.filter(|it| *it == what).map(Lacking::said);
    html! {
        <form class="value-card value-result" aria-label="Result" novalidate=true {onsubmit}>
            { entry(props, lacks(Lacking::Value).map(AttrValue::from)) }
            <TextField
                id="why" label={why} value={decision.why.clone()} on_change={on_why}
                disabled={decision.busy} required={!conflict.can_decide}
                problem={lacks(Lacking::Why).map(AttrValue::from)}
            />
            <div class="value-actions">
                <Button
                    label={verb} kind={ButtonKind::Primary} submits=true busy={decision.busy}
                    keys="Enter"
                />
                if both(conflict).is_some() {
                    <Button label="Take both" on_press={props.on_both.clone()} />
                }
                <Button label="Comment" on_press={props.on_comment.clone()} />
                <Button label="Ask them" on_press={props.on_ask.clone()} />
            </div>
        </form>
    }
}

/// The field in which the value is entered.
fn entry(props: &ResultCardProps, lacking: Option<AttrValue>) -> Html {
    let (conflict, decision) = (&props.conflict, &props.decision);
    let currency = currency(conflict);
    let of_side = |side: &SideView| AttrValue::from(entered(&side.value, &currency));
    let value = match &decision.chosen {
        Chosen::Nothing => AttrValue::default(),
        Chosen::Typed(text) => text.clone(),
        Chosen::Side(number) => {
            let side = conflict.sides.iter().find(|it| it.side == *number);
            side.map(of_side).unwrap_or_default()
        }
    };
    let problem = decision.problem.clone().or(lacking);
    let on_change = props.on_act.reform(DecisionAction::Type);
    let select = |options: Choices| {
        html! {
            <Select
                id="result" label="Result" value={value.clone()} {options} empty="Choose"
                problem={problem.clone()} on_change={on_change.clone()}
            />
        }
    };
    let words = |names: Vec<&'static str>| -> Choices {
        names.into_iter().map(|name| (name.into(), name.into())).collect()
    };
    match definition(conflict).map_or(ValueType::Text, |it| it.value_type) {
        ValueType::State(machine) => select(words(machine.names().collect())),
        ValueType::Choice(names) => select(words(names.to_vec())),
        ValueType::Boolean => select(words(vec!["yes", "no"])),
        ValueType::Reference(_) | ValueType::AnyReference => {
            html! {
                <ReferenceEntry
                    conflict={conflict.clone()} decision={decision.clone()}
                    problem={problem.clone()} on_act={props.on_act.clone()}
                />
            }
        }
        ValueType::Date => html! {
            <DateField id="result" label="Result" {value} {problem} {on_change} />
        },
        ValueType::Money => html! {
            <MoneyField id="result" label="Result" {value} {currency} {problem} {on_change} />
        },
        ValueType::LongText => html! {
            <TextArea id="result" label="Result" lines={5} {value} {problem} {on_change} />
        },
        ValueType::Text
        | ValueType::Integer
        | ValueType::Percent
        | ValueType::Instant
        | ValueType::Set
        | ValueType::Log
        | ValueType::Structure => html! {
            <TextField
                id="result" label="Result" {value} {on_change} disabled={decision.busy} {problem}
            />
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn of(field: &str, sides: [&str; 2]) -> ConflictView {
        let mut conflict = sample::review::conflict(sample::WALL);
        conflict.link.entity = match field {
            "tax_id" | "description" => roadbook_domain::Entity::Account,
            _ => roadbook_domain::Entity::Opportunity,
        };
        conflict.field = field.into();
        for (side, text) in conflict.sides.iter_mut().zip(sides) {
            side.value = NamedValue::plain(&roadbook_domain::Value::Text(text.into()));
        }
        conflict
    }

    #[test]
    fn both_sides_are_taken_of_texts_only() {
        let both = |field, sides| both(&of(field, sides));
        assert_eq!(both("tax_id", ["DE 811", "DE 812"]).as_deref(), Some("DE 811 / DE 812"));
        assert_eq!(
            both("description", ["Two cranes.", " One crane.\n"]).as_deref(),
            Some("Two cranes.\n\nOne crane.")
        );
        assert_eq!(both("tax_id", ["DE 811", ""]), None, "nothing is no second text");
        for field in ["amount", "close_date", "stage", "account", "margin"] {
            assert_eq!(both(field, ["a", "b"]), None, "of two {field}s only one can hold");
        }
    }

    #[test]
    fn money_is_entered_without_the_currency_that_stands_beside_it() {
        let conflict = sample::review::conflict(sample::WALL);
        assert_eq!(currency(&conflict), "EUR");
        assert_eq!(entered(&conflict.sides[0].value, "EUR"), "12,000");
        assert_eq!(entered(&conflict.sides[0].value, "USD"), "12,000 EUR");
    }
}
