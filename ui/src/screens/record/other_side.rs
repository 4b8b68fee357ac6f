//! Taking the value that a merge or a decision set aside, where it stands in a history or a timeline.

use roadbook_api::ApiError;
use roadbook_api::views::{JournalView, NamedValue, RecordView};
use roadbook_domain::Schema;
use roadbook_domain::intent::check_editable;
use yew::prelude::*;

use super::field::send;
use super::words::value;
use crate::components::{Button, ButtonKind};
use crate::context::{use_toast, use_write};
use crate::screens::value::{as_sent, is_typed};
use crate::words::{Wall, sentence};

/// The record whose values may be taken instead, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherSides {
    /// The record as it is now.
    pub record: RecordView,
    /// A field shall have a value that was set aside.
    pub on_take: Callback<(String, NamedValue)>,
}

/// Takes values of a record that were set aside: as if somebody edited the field in place.
#[hook]
pub fn use_other_sides(record: &RecordView) -> OtherSides {
    let (write, say) = (use_write(), use_toast());
    let now = record.clone();
    let on_take = Callback::from(move |(field, wanted): (String, NamedValue)| {
        let schema = Schema::crm();
        let (Some(definition), Some(shown)) =
            (schema.field(now.entity, &field), now.fields.get(&field))
        else {
            return;
        };
        let say = say.clone();
        let done = Callback::from(move |answer: Result<(), ApiError>| {
            if let Err(error) = answer {
                say.problem(sentence(&error.message));
            }
        });
        send(&write, &now, definition, shown.value.clone(), as_sent(&wanted), done);
    });
    OtherSides { record: record.clone(), on_take }
}

/// The values that can be taken in place of the one that is shown: those between which a merge or a
/// person chose, as long as the field still shows one of them.
fn offered<'e>(entry: &'e JournalView, now: &RecordView) -> Vec<&'e NamedValue> {
    let chosen = matches!(entry.settled.as_str(), "later_kept" | "decided");
    let schema = Schema::crm();
    let definition = schema.field(now.entity, &entry.field);
    let writable =
        definition.is_some_and(|it| is_typed(it) && check_editable(now.entity, it).is_ok());
    let shown = now.fields.get(&entry.field).filter(|it| !it.disputed);
    let (true, Some(shown)) =
        (chosen && writable && !now.deleted && entry.link.record == now.record, shown)
    else {
        return Vec::new();
    };
    let sides = || std::iter::once(&entry.kept).chain(entry.set_aside.iter().map(|it| &it.value));
    let mut out: Vec<&NamedValue> = Vec::new();
    if sides().any(|it| it.value == shown.value) {
        for side in sides().filter(|it| it.value != shown.value) {
            if !out.iter().any(|had| had.value == side.value) {
                out.push(side);
            }
        }
    }
    out
}

/// The buttons that take what was set aside; nothing where that cannot be done.
pub(super) fn buttons(entry: &JournalView, wall: Wall, how: Option<&OtherSides>) -> Html {
    let Some(how) = how else {
        return Html::default();
    };
    let button = |side: &NamedValue| {
        let (field, taken) = (entry.field.clone(), side.clone());
        let on_press = how.on_take.reform(move |()| (field.clone(), taken.clone()));
        let text = value(side, wall);
        let label = if text.is_empty() {
            "Clear it instead".to_owned()
        } else {
            format!("Take “{text}” instead")
        };
        let name = format!("{label}: {}", entry.label);
        html! { <Button {label} {name} kind={ButtonKind::Quiet} {on_press} /> }
    };
    html! { <>{ for offered(entry, &how.record).into_iter().map(button) }</> }
}

#[cfg(test)]
mod tests {
    use roadbook_api::views::{RecordLink, SetAsideView};
    use roadbook_domain::{Currency, Money, Value};

    use super::*;
    use crate::sample::{WALL, work};

    fn euros(euros: i64) -> NamedValue {
        NamedValue::plain(&Value::Money(Money::new(euros * 100, Currency::EUR)))
    }

    fn settled(record: &RecordView, kept: i64, aside: &[i64]) -> JournalView {
        let aside = aside.iter().map(|it| SetAsideView { value: euros(*it), made_by: None });
        JournalView {
            link: RecordLink {
                record: record.record,
                entity: record.entity,
                title: record.title.clone(),
            },
            field: "amount".into(),
            label: "Amount".into(),
            settled: "later_kept".into(),
            kept: euros(kept),
            set_aside: aside.collect(),
            made_by: None,
        }
    }

    #[test]
    fn a_side_can_be_taken_while_the_field_shows_one_of_them() {
        let mut deal = work::deal(WALL);
        let amount = deal.fields.get_mut("amount").unwrap();
        (amount.value, amount.disputed) = (euros(14_000).value, false);
        let of = |entry: &JournalView, deal: &RecordView| -> Vec<String> {
            offered(entry, deal).into_iter().map(|it| value(it, WALL)).collect()
        };
        let entry = settled(&deal, 14_000, &[12_000, 13_000, 12_000]);
        assert_eq!(of(&entry, &deal), ["12,000 EUR", "13,000 EUR"]);
        let undone = settled(&deal, 12_000, &[14_000]);
        assert_eq!(of(&undone, &deal), ["12,000 EUR"], "after an undo, what had been decided");
        let past = settled(&deal, 9_000, &[8_000]);
        assert!(of(&past, &deal).is_empty(), "somebody changed it since");
        let merged = JournalView { settled: "moves_joined".into(), ..entry.clone() };
        assert!(of(&merged, &deal).is_empty(), "nobody lost");
        let other = settled(&work::account(WALL), 14_000, &[12_000]);
        assert!(of(&other, &deal).is_empty(), "that is another record");
        deal.fields.get_mut("amount").unwrap().disputed = true;
        assert!(of(&entry, &deal).is_empty(), "the conflict is settled first");
        deal.fields.get_mut("amount").unwrap().disputed = false;
        deal.deleted = true;
        assert!(of(&entry, &deal).is_empty());
    }
}
