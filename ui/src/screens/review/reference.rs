//! The result of a conflict over a field that names a record: the record is looked for by its name.

use roadbook_api::ValueView;
use roadbook_api::views::{ConflictView, NamedValue};
use yew::prelude::*;

use crate::components::Offer;
use crate::screens::list::filters::ValueInput;
use crate::state::decision::{Chosen, Decision, DecisionAction};

/// The field in which a record is looked for.
#[derive(Properties, PartialEq)]
pub struct ReferenceEntryProps {
    /// The conflict.
    pub conflict: ConflictView,
    /// What is chosen.
    pub decision: Decision,
    /// What is wrong with it.
    #[prop_or_default]
    pub problem: Option<AttrValue>,
    /// Something was chosen.
    #[prop_or_default]
    pub on_act: Callback<DecisionAction>,
}

/// The field in which a record is looked for: the sides first, then what is found.
#[function_component]
pub fn ReferenceEntry(props: &ReferenceEntryProps) -> Html {
    let (conflict, busy) = (&props.conflict, props.decision.busy);
    // What was picked last, with its id; without one, what is typed to find a record.
    let looked_for = use_state(|| Offer { value: "".into(), text: "".into(), hint: None });
    let text = shown(&props.decision.chosen, conflict, &looked_for);
    let first = sides(conflict, &text);
    let take = |offer: Offer| {
        let told = DecisionAction::Type(offer.value.clone());
        (offer, told)
    };
    let put = {
        let on_act = props.on_act.clone();
        Callback::from(move |(offer, told): (Offer, DecisionAction)| {
            if !busy {
                looked_for.set(offer);
                on_act.emit(told);
            }
        })
    };
    // Nothing is chosen until one of those that are offered is.
    let on_type = put.reform(move |text| take(Offer { value: "".into(), text, hint: None }));
    let on_pick = put.reform(take);
    html! {
        <ValueInput
            id="result" label="Result" entity={conflict.link.entity} field={conflict.field.clone()}
            {text} {first} hint="Type a part of the name." problem={props.problem.clone()} {on_type}
            {on_pick}
        />
    }
}

/// Whether a choice can be shown when somebody comes back to it: a record that was looked for is
/// known by its id alone then.
pub(super) fn may_go_on(conflict: &ConflictView, chosen: &Chosen) -> bool {
    let typed = match chosen {
        Chosen::Typed(value) if !value.is_empty() => value,
        Chosen::Typed(_) | Chosen::Nothing | Chosen::Side(_) => return true,
    };
    let is_reference = named(conflict).next().is_some();
    !is_reference || named(conflict).any(|it| it.value == *typed)
}

/// The values of a conflict that name a record, and what they are called.
fn named(conflict: &ConflictView) -> impl Iterator<Item = Offer> + '_ {
    let sides = conflict.sides.iter().map(|it| &it.value);
    let proposed = conflict.proposals.iter().map(|it| &it.value);
    let offer = |value: &NamedValue| match &value.value {
        ValueView::Reference { record } => Some(Offer {
            value: record.to_string().into(),
            text: value.text.clone().into(),
            hint: None,
        }),
        ValueView::Null
        | ValueView::Text { .. }
        | ValueView::Integer { .. }
        | ValueView::Boolean { .. }
        | ValueView::Money { .. }
        | ValueView::Percent { .. }
        | ValueView::Date { .. }
        | ValueView::Instant { .. }
        | ValueView::Set { .. }
        | ValueView::Log { .. } => None,
    };
    sides.chain(proposed).filter_map(offer)
}

/// The sides that fit what is in the field: they are offered before all others.
fn sides(conflict: &ConflictView, text: &str) -> Vec<Offer> {
    let wanted = text.trim().to_lowercase();
    named(conflict).filter(|it| it.text.to_lowercase().contains(&wanted)).collect()
}

/// What stands in the field.
fn shown(chosen: &Chosen, conflict: &ConflictView, looked_for: &Offer) -> AttrValue {
    match chosen {
        Chosen::Nothing => AttrValue::default(),
        Chosen::Side(number) => {
            let side = conflict.sides.iter().find(|it| it.side == *number);
            let side = side.filter(|it| it.value.value != ValueView::Null);
            side.map(|it| it.value.text.clone().into()).unwrap_or_default()
        }
        Chosen::Typed(value) if *value == looked_for.value => looked_for.text.clone(),
        // A value that somebody proposed was taken.
        Chosen::Typed(value) => {
            let known = named(conflict).find(|it| it.value == *value);
            known.map_or_else(|| value.clone(), |it| it.text)
        }
    }
}

#[cfg(test)]
mod tests {
    use roadbook_domain::RecordId;

    use super::*;
    use crate::sample;

    fn between(names: [&str; 2]) -> ConflictView {
        let mut conflict = sample::review::conflict(sample::WALL);
        for (number, (side, name)) in (1..).zip(conflict.sides.iter_mut().zip(names)) {
            let record = RecordId::from_bytes([number; 16]);
            let value = ValueView::Reference { record };
            side.value = NamedValue { value, text: name.to_owned() };
        }
        conflict
    }

    #[test]
    fn the_sides_are_offered_first_and_what_is_chosen_is_read_by_its_name() {
        let conflict = between(["Ana Lindqvist", "Ben Okafor"]);
        let texts = |text| sides(&conflict, text).into_iter().map(|it| it.text).collect::<Vec<_>>();
        assert_eq!(texts(""), ["Ana Lindqvist", "Ben Okafor"]);
        assert_eq!(texts("ok"), ["Ben Okafor"]);
        assert!(texts("Mia").is_empty());
        let typed = |value: &str, text: &str| Offer {
            value: value.to_owned().into(),
            text: text.to_owned().into(),
            hint: None,
        };
        let ben = RecordId::from_bytes([2; 16]).to_string();
        let picked = typed("9", "Mia");
        assert!(may_go_on(&conflict, &Chosen::Typed(ben.clone().into())), "a side");
        assert!(!may_go_on(&conflict, &Chosen::Typed("9".into())), "nobody knows its name");
        let plain = sample::review::conflict(sample::WALL);
        assert!(may_go_on(&plain, &Chosen::Typed("9".into())), "no record is looked for");
        assert_eq!(shown(&Chosen::Side(1), &conflict, &picked), "Ana Lindqvist");
        assert_eq!(shown(&Chosen::Typed("9".into()), &conflict, &picked), "Mia");
        assert_eq!(shown(&Chosen::Typed("".into()), &conflict, &typed("", "Mi")), "Mi");
        assert_eq!(shown(&Chosen::Typed(ben.into()), &conflict, &picked), "Ben Okafor");
    }
}
