//! Which columns a list of a kind has, and what stands in a cell.

use std::rc::Rc;

use roadbook_api::views::RecordView;
use roadbook_domain::{Entity, FieldDef, Schema, ValueType};
use yew::prelude::*;

use crate::components::table::Row;
use crate::components::{Align, Column, FieldMark, When};
use crate::context::Room;
use crate::screens::value::{read, record_standing, shown, standing};
use crate::words::Wall;

/// The fields of a list, the one that names the record first. `updated` is the last edit.
#[must_use]
pub const fn fields(entity: Entity) -> &'static [&'static str] {
    match entity {
        Entity::Account => &["name", "city", "tier", "industry", "owner", "next_step", "revenue"],
        Entity::Contact => &["name", "account", "role", "phones", "owner"],
        Entity::Lead => &["name", "company", "status", "source", "owner", "updated"],
        Entity::Opportunity => {
            &["name", "account", "stage", "amount", "close_date", "owner", "next_step"]
        }
        Entity::Quote => &["number", "account", "opportunity", "state", "valid_until", "owner"],
        Entity::Task => &["subject", "account", "due_on", "priority", "state", "owner"],
        Entity::Activity => &["subject", "account", "kind", "outcome", "started_at"],
        Entity::Note => &["title", "account", "updated"],
        Entity::Product => &["name", "sku", "family", "list_price"],
        Entity::PriceBook => &["name", "currency", "valid_from"],
        Entity::Territory | Entity::User | Entity::Team => &["name", "updated"],
    }
}

/// How many columns fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// The room of the window.
    pub room: Room,
    /// How many columns there may be at most.
    pub most: usize,
}

impl Fit {
    /// What fits in a window, with a record panel beside the list or without.
    #[must_use]
    pub const fn of(room: Room, panel: Option<&str>) -> Self {
        let most = match (room, panel) {
            (Room::Phone, _) => 2,
            (Room::Desk, Some(_)) => 4,
            (Room::Desk, None) => 8,
        };
        Self { room, most }
    }
}

/// The fields that are shown: on a phone the name, with two more under it, and one figure.
#[must_use]
pub fn fitting(entity: Entity, fit: Fit) -> Vec<&'static str> {
    let all = fields(entity);
    if fit.room == Room::Desk {
        return all.iter().take(fit.most).copied().collect();
    }
    let figure = match entity {
        Entity::Account => "tier",
        Entity::Contact => "role",
        Entity::Opportunity => "amount",
        Entity::Quote => "valid_until",
        Entity::Task => "due_on",
        Entity::Lead
        | Entity::Product
        | Entity::PriceBook
        | Entity::Activity
        | Entity::Note
        | Entity::Territory
        | Entity::User
        | Entity::Team => all[all.len().min(3) - 1],
    };
    vec![all[0], figure]
}

/// The column of the trash in which a record is restored; it is no field.
pub const RESTORE: &str = "restore";

/// The columns of the trash: the name, who has it, when it was changed last, and the way back.
#[must_use]
pub fn of_trash(entity: Entity, fit: Fit) -> Vec<&'static str> {
    let all = fields(entity);
    if fit.room == Room::Phone {
        return vec![all[0], RESTORE];
    }
    let mut shown = vec![all[0]];
    shown.extend(all.iter().skip(1).filter(|it| ["account", "company", "owner"].contains(it)));
    shown.truncate(fit.most.saturating_sub(2));
    shown.extend(["updated", RESTORE]);
    shown
}

/// The columns of a list.
#[must_use]
pub fn columns(entity: Entity, shown: &[&'static str], fit: Fit) -> Rc<Vec<Column>> {
    let schema = Schema::crm();
    let column = |(at, name): (usize, &&'static str)| {
        let definition = schema.field(entity, name);
        let kind = definition.map(|it| it.value_type);
        let figures = matches!(kind, Some(ValueType::Money | ValueType::Integer));
        Column {
            field: (*name).into(),
            label: match *name {
                RESTORE => "Restore",
                _ => definition.map_or("Edited", |it| it.label),
            }
            .into(),
            width: width(at, name, kind, fit.room).into(),
            align: if figures || *name == RESTORE || at > 0 && fit.room == Room::Phone {
                Align::End
            } else {
                Align::Start
            },
            sortable: !matches!(kind, Some(ValueType::Set)) && *name != RESTORE,
        }
    };
    Rc::new(shown.iter().enumerate().map(column).collect())
}

/// The width of a column, as CSS grid writes it. A figure has room for a mark beside it; one that is
/// longer still takes what it needs in its row rather than being cut.
fn width(at: usize, name: &str, kind: Option<ValueType>, room: Room) -> &'static str {
    let dated = matches!(kind, Some(ValueType::Date | ValueType::Instant) | None);
    match (at, room, kind) {
        _ if name == RESTORE => "7rem",
        (0, Room::Phone, _) => "minmax(0, 1fr)",
        (0, Room::Desk, _) => "minmax(9rem, 1.2fr)",
        // The last column ends at the edge, so that its width may differ from row to row.
        (_, Room::Phone, Some(ValueType::Money | ValueType::Integer)) => "max-content",
        (_, Room::Phone, _) if dated => "max-content",
        (_, Room::Phone, _) => "fit-content(42%)",
        (_, Room::Desk, _) if name == "revenue" => "minmax(8rem, max-content)",
        (_, Room::Desk, Some(ValueType::Money)) => "minmax(9.25rem, max-content)",
        (_, Room::Desk, _) if dated => "minmax(8.25rem, max-content)",
        (_, Room::Desk, Some(ValueType::Choice(_))) => "minmax(4.5rem, 0.5fr)",
        (_, Room::Desk, Some(ValueType::State(_))) => "8.5rem",
        (_, Room::Desk, Some(ValueType::Reference(Entity::User))) => "minmax(5.5rem, 0.6fr)",
        (_, Room::Desk, _) if matches!(name, "city" | "role" | "source" | "industry") => {
            "minmax(6.5rem, 0.6fr)"
        }
        (_, Room::Desk, Some(ValueType::Reference(_))) => "minmax(8rem, 1.5fr)",
        (_, Room::Desk, _) => "minmax(7.5rem, 1.3fr)",
    }
}

/// A record as a row. In the trash it can be restored from there.
#[must_use]
pub fn row(
    record: &RecordView,
    shown_fields: &[&'static str],
    fit: Fit,
    wall: Wall,
    on_restore: &Callback<String>,
) -> Row {
    let schema = Schema::crm();
    let cell = |(at, name): (usize, &&'static str)| match schema.field(record.entity, name) {
        _ if at == 0 => title(record, &schema, fit, wall),
        _ if *name == RESTORE => restore(record, on_restore),
        Some(definition) => value(record, definition, wall),
        None => html! { <span class="quiet number"><When at_ms={record.updated_ms} /></span> },
    };
    Row {
        key: record.record.to_string().into(),
        name: record.title.clone().into(),
        cells: shown_fields.iter().enumerate().map(cell).collect(),
    }
}

fn title(record: &RecordView, schema: &Schema, fit: Fit, wall: Wall) -> Html {
    let name = if record.title.is_empty() { "No name" } else { &record.title };
    let under = (fit.room == Room::Phone).then(|| {
        let figure = fitting(record.entity, fit)[1];
        let rest = fields(record.entity).iter().skip(1).filter(|it| **it != figure).take(2);
        let said = rest.filter_map(|field| {
            let definition = schema.field(record.entity, field)?;
            Some(read(definition, record.fields.get(*field)?, wall))
        });
        said.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ")
    });
    // On a phone one mark is enough: the one at the figure, if that is what is disputed.
    let figure = fitting(record.entity, fit).get(1).and_then(|name| record.fields.get(*name));
    let is_marked = fit.room == Room::Phone && figure.is_some_and(|field| field.disputed);
    html! {
        <>
            <span class="list-name">
                <span class="truncate list-title" dir="auto" title={name.to_owned()}>{ name }</span>
                if let Some(under) = under.filter(|text| !text.is_empty()) {
                    <span class="truncate quiet small" dir="auto" title={under.clone()}>{ under }</span>
                }
            </span>
            if !is_marked {
                <FieldMark standing={record_standing(record)} />
            }
        </>
    }
}

/// The button that takes a record out of the trash. Like the check of a row, it is pressed; by
/// keys a row is selected and restored from the bar, or opened and restored there.
fn restore(record: &RecordView, on_restore: &Callback<String>) -> Html {
    let (on_restore, id) = (on_restore.clone(), record.record.to_string());
    let onclick = Callback::from(move |event: MouseEvent| {
        // The row does not open.
        event.stop_propagation();
        on_restore.emit(id.clone());
    });
    html! {
        <button
            type="button" class="button button-quiet" tabindex="-1" {onclick}
            aria-label={format!("Restore {}", record.title)}
        >
            { "Restore" }
        </button>
    }
}

fn value(record: &RecordView, definition: &FieldDef, wall: Wall) -> Html {
    let Some(field) = record.fields.get(definition.name) else {
        return Html::default();
    };
    let text = read(definition, field, wall);
    let late = is_late(record, definition, &field.text, wall).then_some("late");
    let inside = match definition.value_type {
        ValueType::Money => shown(definition, field, wall),
        ValueType::State(machine) => {
            let closed = machine.state(&field.text).is_some_and(|state| state.closed);
            let class = classes!("state", closed.then_some("state-closed"));
            html! { <span {class} dir="auto" title={text.clone()}>{ text }</span> }
        }
        ValueType::Integer | ValueType::Percent | ValueType::Date | ValueType::Instant => {
            html! { <span class={classes!("number", late)} dir="auto">{ text }</span> }
        }
        ValueType::Text
        | ValueType::LongText
        | ValueType::Boolean
        | ValueType::Reference(_)
        | ValueType::AnyReference
        | ValueType::Choice(_)
        | ValueType::Set
        | ValueType::Log
        | ValueType::Structure => {
            html! { <span class="truncate" dir="auto" title={text.clone()}>{ &text }</span> }
        }
    };
    html! {
        <>
            { inside }
            if field.disputed {
                <FieldMark standing={standing(field)} />
            }
        </>
    }
}

/// Overdue: a day that has passed, of a record that is not finished.
fn is_late(record: &RecordView, definition: &FieldDef, text: &str, wall: Wall) -> bool {
    let ends = matches!(definition.name, "due_on" | "close_date" | "valid_until");
    let past = text.parse::<jiff::civil::Date>().is_ok_and(|day| day < wall.today());
    let schema = Schema::crm();
    let machine = schema.entity(record.entity).state_field();
    let closed = machine.and_then(|field| {
        let state = field.machine()?.state(&record.fields.get(field.name)?.text)?;
        Some(state.closed)
    });
    ends && past && closed == Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_the_room_that_it_needs() {
        let of = |room| {
            let fit = Fit::of(room, None);
            let columns = columns(Entity::Opportunity, &fitting(Entity::Opportunity, fit), fit);
            columns.iter().find(|it| it.field == "amount").unwrap().width.clone()
        };
        assert_eq!(of(Room::Phone), "max-content", "it ends at the edge in every row");
        assert_eq!(of(Room::Desk), "minmax(9.25rem, max-content)", "with room for a mark");
    }

    #[test]
    fn every_column_is_a_field_and_the_first_one_names_the_record() {
        let schema = Schema::crm();
        for entity in Entity::ALL {
            assert_eq!(fields(entity)[0], schema.entity(entity).title, "{entity}");
            for field in fields(entity) {
                let known = schema.field(entity, field).is_some() || *field == "updated";
                assert!(known, "{entity}: {field}");
            }
            for fit in [Fit::of(Room::Phone, None), Fit::of(Room::Desk, Some("x"))] {
                let trash = of_trash(entity, fit);
                assert!(trash.len() <= fit.most, "{entity}");
                assert_eq!((trash[0], trash.last()), (fields(entity)[0], Some(&RESTORE)));
            }
            let phone = fitting(entity, Fit::of(Room::Phone, None));
            assert_eq!(phone.len(), 2, "{entity}");
            assert!(fields(entity).contains(&phone[1]), "{entity}: {}", phone[1]);
        }
    }
}
