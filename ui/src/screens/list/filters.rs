//! What stands above a list: views as chips, a part of the name, filters, and saving it all.

use roadbook_api::commands::queries::ShowRecord;
use roadbook_domain::{Entity, FieldDef, Schema, ValueType};
use yew::prelude::*;

use super::words;
use crate::components::field::input_text;
use crate::components::{
    Button, ButtonKind, Chip, ChoiceChips, Combo, DateField, Dialog, Editor, Glyph, Icon, Menu,
    MenuItem, Offer, Select, TextField,
};
use crate::context::{Watch, use_query, use_wall};
use crate::screens::offers::use_offers;
use crate::screens::value::{self, HOME_CURRENCY};
use crate::state::listing::{Listing, ListingAction, NamedListing, parts};

/// What stands above a list.
#[derive(Properties, PartialEq)]
pub struct ListBarProps {
    /// The kind of record.
    pub entity: Entity,
    /// What the list shows.
    pub listing: Listing,
    /// The views that there are; the first so many are built in.
    pub views: Vec<NamedListing>,
    /// How many views are built in.
    pub built_in: usize,
    /// What shall change.
    #[prop_or_default]
    pub on_act: Callback<ListingAction>,
    /// A filter was asked for.
    #[prop_or_default]
    pub on_filter: Callback<()>,
    /// Saving as a view was asked for.
    #[prop_or_default]
    pub on_save: Callback<()>,
    /// Removing a saved view was asked for.
    #[prop_or_default]
    pub on_remove: Callback<String>,
}

/// What stands above a list.
#[function_component]
pub fn ListBar(props: &ListBarProps) -> Html {
    let listing = &props.listing;
    let named = listing.name_in(&props.views).map(str::to_owned);
    let options = props.views.iter().map(|(name, _)| {
        let name = AttrValue::from(name.clone());
        (name.clone(), name)
    });
    let show = {
        let (views, on_act, find) =
            (props.views.clone(), props.on_act.clone(), listing.find.clone());
        Callback::from(move |name: AttrValue| {
            if let Some((_, listing)) = views.iter().find(|(known, _)| *known == name.as_str()) {
                on_act.emit(ListingAction::Show(Listing { find: find.clone(), ..listing.clone() }));
            }
        })
    };
    let saved = props.views.iter().skip(props.built_in).map(|(name, _)| name);
    let removable = saved.into_iter().find(|name| Some(*name) == named.as_ref()).cloned();
    let oninput = props
        .on_act
        .reform(|event: InputEvent| ListingAction::Find(input_text(&event).to_string()));
    let placeholder = format!("Find in {}", props.entity.plural().replace('_', " "));
    let chosen = named.iter().map(|name| AttrValue::from(name.clone())).collect::<Vec<_>>();
    html! {
        <div class="list-bar">
            <div class="list-find">
                <Glyph icon={Icon::Search} size={16} />
                <input
                    class="list-find-input" type="search" aria-label={placeholder.clone()}
                    {placeholder} value={listing.find.clone()} {oninput} autocomplete="off"
                />
            </div>
            <ChoiceChips name="Views" options={options.collect::<Vec<_>>()} {chosen} on_press={show} />
            <div class="list-tools">
                <Button
                    label="Filter" kind={ButtonKind::Quiet} icon={Icon::Filter}
                    on_press={props.on_filter.clone()}
                />
                if named.is_none() && !listing.is_trash() {
                    <Button
                        label="Save view" kind={ButtonKind::Quiet} on_press={props.on_save.clone()}
                    />
                }
                if let Some(name) = removable {
                    { remove_menu(name, &props.on_remove) }
                }
            </div>
            if named.is_none() && !listing.filters.is_empty() {
                <ul class="list-filters" aria-label="Filters">
                    { for listing.filters.iter().map(|filter| html! {
                        <li key={filter.clone()}>
                            <FilterChip
                                entity={props.entity} filter={filter.clone()}
                                on_remove={props.on_act.reform({
                                    let filter = filter.clone();
                                    move |()| ListingAction::Drop(filter.clone())
                                })}
                            />
                        </li>
                    }) }
                </ul>
            }
        </div>
    }
}

fn remove_menu(name: String, on_remove: &Callback<String>) -> Html {
    let label = format!("Remove the view “{name}”");
    let remove = on_remove.reform(move |()| name.clone());
    let items = vec![MenuItem::new(label, remove).icon(Icon::Trash)];
    html! { <Menu name="This view" {items} /> }
}

/// A filter as a chip.
#[derive(Properties, PartialEq)]
struct FilterChipProps {
    entity: Entity,
    filter: String,
    on_remove: Callback<()>,
}

/// A filter as a chip; asks for the name of the record it refers to.
#[function_component]
fn FilterChip(props: &FilterChipProps) -> Html {
    let value = parts(&props.filter).map(|(_, _, value)| value.to_owned());
    let id = value.filter(|text| text.parse::<roadbook_domain::RecordId>().is_ok());
    let found = use_query(id.map(|record| ShowRecord { entity: None, record }), Watch::Nothing);
    let name = found.data.as_ref().map(|record| record.title.clone());
    let label = words::filter(props.entity, &props.filter, name.as_deref());
    html! { <Chip {label} on_remove={Some(props.on_remove.clone())} /> }
}

/// The dialog in which a filter is made.
#[derive(Properties, PartialEq)]
pub struct FilterDialogProps {
    /// The kind of record.
    pub entity: Entity,
    /// The filter is made.
    pub on_filter: Callback<String>,
    /// It closes.
    pub on_close: Callback<()>,
}

/// The dialog in which a filter is made: field, comparison, value.
#[function_component]
pub fn FilterDialog(props: &FilterDialogProps) -> Html {
    let wall = use_wall();
    let schema = Schema::crm();
    let fields: Vec<FieldDef> = schema
        .entity(props.entity)
        .fields
        .iter()
        .filter(|it| !matches!(it.value_type, ValueType::Structure | ValueType::Log))
        .copied()
        .collect();
    let field = use_state(|| AttrValue::from(super::columns::fields(props.entity)[1]));
    let sign = use_state(|| None::<AttrValue>);
    let typed = use_state(AttrValue::default);
    let picked = use_state(|| None::<Offer>);
    let problem = use_state(|| None::<AttrValue>);
    let definition = fields.iter().find(|it| it.name == field.as_str()).unwrap_or(&fields[0]);
    let signs = words::comparisons(&definition.value_type);
    let chosen = (*sign).clone().filter(|it| signs.contains(&it.as_str()));
    let chosen = chosen.unwrap_or_else(|| signs[0].into());
    let change_field = {
        let (field, typed, picked, problem) =
            (field.clone(), typed.clone(), picked.clone(), problem.clone());
        Callback::from(move |name: AttrValue| {
            field.set(name);
            typed.set(AttrValue::default());
            picked.set(None);
            problem.set(None);
        })
    };
    let done = {
        let (on_filter, definition, chosen) =
            (props.on_filter.clone(), *definition, chosen.clone());
        let (typed, picked, problem) = (typed.clone(), picked.clone(), problem.clone());
        Callback::from(move |()| {
            let text = picked.as_ref().map_or_else(|| (*typed).clone(), |it| it.value.clone());
            let plain = FieldDef { required: false, ..definition };
            let value = if chosen == "~" {
                Ok(text.trim().to_owned())
            } else {
                value::to_send(&plain, &text, HOME_CURRENCY, wall)
            };
            match value {
                Ok(value) => on_filter.emit(format!("{}{chosen}{value}", definition.name)),
                Err(why) => problem.set(Some(why.into())),
            }
        })
    };
    let set_sign = { Callback::from(move |value| sign.set(Some(value))) };
    let on_type = {
        let (typed, picked) = (typed.clone(), picked.clone());
        Callback::from(move |text| {
            typed.set(text);
            picked.set(None);
        })
    };
    let on_pick = {
        let (typed, picked) = (typed.clone(), picked);
        Callback::from(move |offer: Offer| {
            typed.set(offer.text.clone());
            picked.set(Some(offer));
        })
    };
    let options: Vec<(AttrValue, AttrValue)> =
        fields.iter().map(|it| (it.name.into(), it.label.into())).collect();
    let kinds = signs.iter().map(|sign| {
        let words = words::comparison(sign, Some(&definition.value_type));
        (AttrValue::from(*sign), AttrValue::from(words))
    });
    let submit = {
        let done = done.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            done.emit(());
        })
    };
    let actions = html! {
        <Button label="Filter" kind={ButtonKind::Primary} on_press={done} />
    };
    let input = ValueInputProps {
        id: "filter-value".into(),
        label: "Value".into(),
        entity: props.entity,
        field: definition.name.into(),
        text: (*typed).clone(),
        first: Vec::new(),
        hint: Some("Leave it empty to find those without one.".into()),
        problem: (*problem).clone(),
        on_type,
        on_pick,
    };
    html! {
        <Dialog title="Filter" on_close={props.on_close.clone()} {actions}>
            <form class="form" onsubmit={submit}>
                <Select
                    id="filter-field" label="Field" {options} value={definition.name}
                    on_change={change_field}
                />
                <Select
                    id="filter-sign" label="How" options={kinds.collect::<Vec<_>>()} value={chosen}
                    on_change={set_sign}
                />
                <ValueInput ..input />
            </form>
        </Dialog>
    }
}

/// A value that is typed for a field, outside of a record.
#[derive(Properties, PartialEq, Clone)]
pub struct ValueInputProps {
    /// Its id, unique on the page.
    pub id: AttrValue,
    /// Its label.
    pub label: AttrValue,
    /// The kind of record that has the field.
    pub entity: Entity,
    /// The field.
    pub field: AttrValue,
    /// The text in it.
    pub text: AttrValue,
    /// Records that are offered before those that are found.
    #[prop_or_default]
    pub first: Vec<Offer>,
    /// What helps to fill it in.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    /// What is wrong with it.
    #[prop_or_default]
    pub problem: Option<AttrValue>,
    /// The text is another.
    #[prop_or_default]
    pub on_type: Callback<AttrValue>,
    /// A record or word was picked.
    #[prop_or_default]
    pub on_pick: Callback<Offer>,
}

/// A value that is typed for a field: the input that fits its type.
#[function_component]
pub fn ValueInput(props: &ValueInputProps) -> Html {
    let schema = Schema::crm();
    let definition = schema.field(props.entity, &props.field).copied();
    let mut offers = use_offers(props.entity, definition.as_ref(), Some(props.text.as_str()));
    offers.list.retain(|it| props.first.iter().all(|first| first.value != it.value));
    offers.list.splice(0..0, props.first.iter().cloned());
    let Some(definition) = definition else {
        return Html::default();
    };
    let (id, label, value) = (props.id.clone(), props.label.clone(), props.text.clone());
    let (hint, problem) = (props.hint.clone(), props.problem.clone());
    let on_change = props.on_type.clone();
    match value::editor(&definition, offers) {
        Editor::Day => html! { <DateField {id} {label} {value} {hint} {problem} {on_change} /> },
        Editor::Moment => html! {
            <TextField {id} {label} {value} {hint} {problem} {on_change} kind="datetime-local" />
        },
        Editor::Area => html! {
            <crate::components::TextArea {id} {label} {value} {hint} {problem} {on_change} />
        },
        Editor::OneOf(words) => {
            let options = words.into_iter().map(|it| (it.value, it.text)).collect::<Vec<_>>();
            html! {
                <Select {id} {label} {options} {value} empty="–" {hint} {problem} {on_change} />
            }
        }
        Editor::Record(offers) => {
            let below = format!("{id}-below");
            let wrong = problem.is_some();
            html! {
                <div class={classes!("field", wrong.then_some("field-wrong"))}>
                    <label class="field-label" for={id.clone()}>{ label }</label>
                    <Combo
                        {id} text={value} {offers} on_type={on_change}
                        on_choose={props.on_pick.clone()} invalid={wrong}
                        described_by={(wrong || hint.is_some()).then(|| AttrValue::from(below.clone()))}
                    />
                    if let Some(problem) = problem {
                        <p class="field-problem" id={below} role="alert">{ problem }</p>
                    } else if let Some(hint) = hint {
                        <p class="field-hint" id={below}>{ hint }</p>
                    }
                </div>
            }
        }
        Editor::Line => html! { <TextField {id} {label} {value} {hint} {problem} {on_change} /> },
    }
}
