//! A record, in the panel beside a list and on a page of its own.
//!
//! This file asks and writes. [`head`] shows name, stage and key facts; [`field`] edits one field
//! where it stands; [`convert`] makes a deal of a lead; [`timeline`], [`related`] and [`history`]
//! are behind the tabs; [`taking_back`] undoes there and [`other_side`] takes
//! what was set aside; `words` makes the sentences.

pub mod convert;
pub mod field;
pub mod head;
pub mod history;
pub mod other_side;
pub mod related;
pub mod taking_back;
pub mod timeline;
mod words;

use roadbook_api::commands::conflicts::{ConflictOrder, ListConflicts};
use roadbook_api::commands::queries::ShowRecord;
use roadbook_api::commands::writes::{CompleteTask, DeleteRecord, MoveRecord, RestoreRecord};
use roadbook_api::views::RecordView;
use roadbook_api::{ErrorCode, ValueView};
use roadbook_domain::{Classification, Entity, Schema, ValueType};
use yew::prelude::*;

use self::field::RecordField;
use self::head::{Asked, RecordHead, Shown, is_worked_on};
use self::history::{History, WhyDialog};
use self::related::Related;
use self::timeline::Timeline;
use crate::browser;
use crate::components::{Empty, Icon, Problem, Skeleton, Tab, Tabs};
use crate::context::{
    Making, Watch, Write, use_action, use_announce, use_go, use_make, use_panel, use_query,
    use_session, use_write,
};
use crate::keys::Action;
use crate::parts::{Later, Part};
use crate::route::Route;

/// A record by its id.
#[derive(Properties, PartialEq)]
pub struct RecordProps {
    /// Its id.
    pub record: AttrValue,
}

/// A record in the panel.
#[function_component]
pub fn RecordBody(props: &RecordProps) -> Html {
    let go = use_go();
    let record = props.record.to_string();
    use_action(Action::Open, Callback::from(move |()| go.to(Route::Record(record.clone()))));
    html! { <Sheet key={props.record.as_str()} record={props.record.clone()} shown={Shown::Panel} /> }
}

/// A record on a page of its own.
#[function_component]
pub fn RecordPage(props: &RecordProps) -> Html {
    html! {
        <div class="record-page">
            <Sheet key={props.record.as_str()} record={props.record.clone()} shown={Shown::Page} />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SheetProps {
    record: AttrValue,
    shown: Shown,
}

#[function_component]
fn Sheet(props: &SheetProps) -> Html {
    let request = ShowRecord { entity: None, record: props.record.to_string() };
    let found = use_query(Some(request), Watch::All);
    let go = use_go();
    match (&found.data, &found.error) {
        (_, Some(error)) if error.code == ErrorCode::NotFound => {
            let back = Callback::from(move |()| go.to(Route::Today));
            html! {
                <>
                    if props.shown == Shown::Page {
                        <h1 class="unseen">{ "Record" }</h1>
                    }
                    <Empty
                        icon={Icon::Search} title="This record is not here"
                        text="It was removed, or it belongs to a part of the market that you do not see."
                        action={Some(("Back to Today".into(), back))}
                    />
                </>
            }
        }
        (Some(record), _) => html! { <Whole record={(**record).clone()} shown={props.shown} /> },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={8} /> },
    }
}

#[derive(Properties, PartialEq)]
struct WholeProps {
    record: RecordView,
    shown: Shown,
}

/// A record that is here, with everything that can be done with it.
#[function_component]
fn Whole(props: &WholeProps) -> Html {
    let record = &props.record;
    let tab = use_state(|| AttrValue::from(first_tab(record.entity)));
    let why = use_state(|| None::<&'static str>);
    let (write, make, go, panel) = (use_write(), use_make(), use_go(), use_panel());
    let announce = use_announce();
    let disputes = record.disputed.then(|| ListConflicts {
        record: Some(record.record.to_string()),
        order: ConflictOrder::default(),
    });
    let conflicts = use_query(disputes, Watch::Conflicts);
    let on_ask = {
        let (record, why, shown) = (record.clone(), why.clone(), props.shown);
        let open: Vec<(String, String)> = conflicts
            .data
            .as_ref()
            .map(|list| list.iter().map(|it| (it.field.clone(), it.named.clone())).collect())
            .unwrap_or_default();
        Callback::from(move |asked: Asked| match asked {
            Asked::Move(to) => {
                announce.say(format!("{} to {to}", record.title));
                move_to(&write, &record, to);
            }
            Asked::Log(kind) => make.open(Making::log(kind, Some(record.record.to_string()))),
            Asked::Make(entity) => {
                make.open(Making::record(entity, Some(record.record.to_string())));
            }
            Asked::Trash => {
                trash(&write, &record);
                if shown == Shown::Panel {
                    panel.close();
                }
            }
            Asked::Convert => make.open(Making::conversion(record.record.to_string())),
            Asked::Restore => restore(&write, &record),
            Asked::Conflict => {
                if let Some((_, named)) = open.first() {
                    go.to(Route::Conflict(named.clone()));
                }
            }
            Asked::Why(field) => {
                let disputed = record.fields.get(field).is_some_and(|field| field.disputed);
                let conflict = open.iter().find(|(name, _)| name == field);
                match conflict.filter(|_| disputed) {
                    Some((_, named)) => go.to(Route::Conflict(named.clone())),
                    None => why.set(Some(field)),
                }
            }
        })
    };
    use_record_keys(record, &on_ask);
    let close = {
        let why = why.clone();
        Callback::from(move |()| why.set(None))
    };
    let choose = {
        let tab = tab.clone();
        Callback::from(move |value| tab.set(value))
    };
    let on_timeline = is_worked_on(record.entity).then(|| choose.reform(|()| "timeline".into()));
    let id = AttrValue::from(record.record.to_string());
    let schema = Schema::crm();
    let label = (*why).and_then(|field| schema.field(record.entity, field)).map(|it| it.label);
    html! {
        <article class="record" aria-label={record.title.clone()}>
            <RecordHead record={record.clone()} shown={props.shown} on_ask={on_ask.clone()} />
            if is_scored(record) {
                <Later part={Part::Planning} route={Route::Record(id.to_string())} />
            }
            <Tabs
                id={format!("parts-{id}")} name="Parts of the record" tabs={tabs(record.entity)}
                open={(*tab).clone()} on_choose={choose}
            >
                { match tab.as_str() {
                    "timeline" => html! { <Timeline record={record.clone()} /> },
                    "related" => html! { <Related record={id.clone()} {on_timeline} /> },
                    "history" => html! { <History record={record.clone()} /> },
                    _ => html! {
                        <Details record={record.clone()} on_mark={on_ask.reform(Asked::Why)} />
                    },
                } }
            </Tabs>
            if let Some(field) = *why {
                <WhyDialog record={record.clone()} {field} label={label.unwrap_or_default()} on_close={close} />
            }
        </article>
    }
}

/// Whether a record has a score: a deal or a lead that is still open.
fn is_scored(record: &RecordView) -> bool {
    let can_be = matches!(record.entity, Entity::Opportunity | Entity::Lead);
    can_be && !record.deleted && stepped_state(record, 0).is_some()
}

const fn first_tab(entity: Entity) -> &'static str {
    if is_worked_on(entity) { "timeline" } else { "details" }
}

fn tabs(entity: Entity) -> Vec<Tab> {
    let all = [
        ("timeline", "Timeline"),
        ("details", "Details"),
        ("related", "Related"),
        ("history", "History"),
    ];
    let needed = all.into_iter().filter(|(value, _)| match *value {
        "timeline" => is_worked_on(entity),
        "related" => !matches!(entity, Entity::Task | Entity::Note | Entity::Activity),
        _ => true,
    });
    needed
        .map(|(value, label)| Tab { value: value.into(), label: label.into(), count: None })
        .collect()
}

/// `e` edits the field at hand or the first one, `[` and `]` move the stage, `.` opens the actions.
#[hook]
fn use_record_keys(record: &RecordView, on_ask: &Callback<Asked>) {
    use_action(
        Action::Edit,
        Callback::from(|()| {
            let at_hand = ".record .inline:focus-within button.inline-value";
            browser::press(&[at_hand, ".record button.inline-value"]);
        }),
    );
    use_action(
        Action::Actions,
        Callback::from(|()| {
            browser::press(&[".record-menu button"]);
        }),
    );
    let step = |by: isize| {
        let (on_ask, to) = (on_ask.clone(), stepped_state(record, by));
        Callback::from(move |()| {
            if let Some(to) = to.clone() {
                on_ask.emit(Asked::Move(to));
            }
        })
    };
    use_action(Action::StageBack, step(-1));
    use_action(Action::StageOn, step(1));
}

/// The state before or after the one of a record; `None` at the ends, and where a step on would
/// close it: what is won or lost is said by name.
#[must_use]
pub fn stepped_state(record: &RecordView, by: isize) -> Option<String> {
    let schema = Schema::crm();
    let field = schema.entity(record.entity).state_field()?;
    let machine = field.machine()?;
    let open: Vec<&str> =
        machine.states.iter().filter(|state| !state.closed).map(|state| state.name).collect();
    let now = &record.fields.get(field.name)?.text;
    let at = open.iter().position(|name| name == now)?;
    open.get(at.checked_add_signed(by)?).map(|name| (*name).to_owned())
}

/// Moves a record, and says so in the toast.
pub(crate) fn move_to(write: &Write, record: &RecordView, to: String) {
    let named = record.record.to_string();
    if record.entity == Entity::Task && to == "Done" {
        write.run(CompleteTask { record: named }, format!("Done: {}", record.title));
        return;
    }
    let words = format!("{} moved to {to}", record.title);
    let entity = Some(record.entity.name().to_owned());
    write.run(MoveRecord { entity, record: named, to, why: None }, words);
}

fn trash(write: &Write, record: &RecordView) {
    let entity = Some(record.entity.name().to_owned());
    let command = DeleteRecord { entity, record: record.record.to_string(), why: None };
    write.run(command, format!("{} is in the trash", record.title));
}

fn restore(write: &Write, record: &RecordView) {
    let entity = Some(record.entity.name().to_owned());
    let command = RestoreRecord { entity, record: record.record.to_string(), why: None };
    write.run(command, format!("{} is back", record.title));
}

/// Every field of a record.
#[derive(Properties, PartialEq)]
pub struct DetailsProps {
    /// The record.
    pub record: RecordView,
    /// The mark of a field was pressed.
    #[prop_or_default]
    pub on_mark: Callback<&'static str>,
}

/// Every field of a record, in the order of the schema; what is confidential and empty is left out
/// for people who would not get it.
#[function_component]
pub fn Details(props: &DetailsProps) -> Html {
    let record = &props.record;
    let schema = Schema::crm();
    let is_told = use_session().gets_confidential(record.entity);
    let fields = schema.entity(record.entity).fields.iter().filter(|field| {
        let filled = record.fields.get(field.name).is_some_and(|it| it.value != ValueView::Null);
        let open = is_told || field.classification == Classification::Internal;
        let built = matches!(field.value_type, ValueType::Structure | ValueType::Log);
        filled && !matches!(field.value_type, ValueType::Log) || open && !built
    });
    html! {
        <dl class="facts">
            { for fields.map(|field| html! {
                <RecordField
                    key={field.name} record={record.clone()} field={field.name}
                    on_mark={props.on_mark.clone()}
                />
            }) }
        </dl>
    }
}
