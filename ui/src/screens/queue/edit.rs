//! Editing denied work before it is sent again.

use roadbook_api::commands::queue::RetryIntent;
use roadbook_api::views::NeedsYouView;
use roadbook_domain::schema::ValueType;
use roadbook_domain::{Entity, Schema};
use yew::prelude::*;

use super::words;
use crate::components::{
    Button, ButtonKind, DateField, Dialog, Offer, Select, TextArea, TextField,
};
use crate::context::{use_draft, use_shown, use_stored, use_write};
use crate::screens::list::filters::ValueInput;
use crate::state::retry::{Blank, Retry, RetryAction};

/// Denied work that is edited.
#[derive(Properties, PartialEq)]
pub struct EditAgainProps {
    /// The work.
    pub item: NeedsYouView,
    /// It is closed: sent, or left as it was.
    pub on_close: Callback<()>,
}

/// Denied work that is edited: asks for choices and sends it.
#[function_component]
pub fn EditAgain(props: &EditAgainProps) -> Html {
    let start = Retry::of(&props.item.changes);
    let draft = use_draft(&format!("retry {}", props.item.intent), || start.clone());
    let retry = {
        let draft = draft.clone();
        use_reducer(move || draft.again())
    };
    use_stored(&draft, retry.again(), start);
    let (write, shown) = (use_write(), use_shown());
    let on_send = {
        let (retry, close, shown) = (retry.clone(), props.on_close.clone(), shown);
        let intent = props.item.intent.to_string();
        Callback::from(move |()| {
            if retry.busy {
                return;
            }
            retry.dispatch(RetryAction::Send);
            let why = Some(retry.why.trim().to_owned()).filter(|why| !why.is_empty());
            let assignments = retry.assignments();
            let command = RetryIntent { intent: intent.clone(), assignments, why };
            let (told, close, shown) = (retry.dispatcher(), close.clone(), shown.clone());
            let draft = draft.clone();
            let then =
                Callback::from(move |answer: Result<(), roadbook_api::ApiError>| match answer {
                    Ok(()) => {
                        draft.forget();
                        if shown.is() {
                            close.emit(());
                        }
                    }
                    Err(error) => told.dispatch(RetryAction::Refused(error.into())),
                });
            write.run_quietly(command, "Saved; it is sent again", then);
        })
    };
    let on_act = {
        let retry = retry.dispatcher();
        Callback::from(move |act| retry.dispatch(act))
    };
    html! {
        <EditAgainForm
            item={props.item.clone()} retry={(*retry).clone()} {on_act} {on_send}
            on_close={props.on_close.clone()}
        />
    }
}

/// The form, from plain values.
#[derive(Properties, PartialEq)]
pub struct EditAgainFormProps {
    /// The work.
    pub item: NeedsYouView,
    /// As far as it is edited.
    pub retry: Retry,
    /// Something was typed.
    #[prop_or_default]
    pub on_act: Callback<RetryAction>,
    /// It is sent.
    #[prop_or_default]
    pub on_send: Callback<()>,
    /// It is left as it was.
    #[prop_or_default]
    pub on_close: Callback<()>,
}

/// The form.
#[function_component]
pub fn EditAgainForm(props: &EditAgainFormProps) -> Html {
    let (item, retry) = (&props.item, &props.retry);
    let entity = item.records.first().map(|it| it.entity);
    let title = item.records.first().map_or("Edit and send again", |it| it.title.as_str());
    let send = props.on_send.clone();
    let onsubmit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        send.emit(());
    });
    let actions = html! {
        <>
            <Button label="Cancel" kind={ButtonKind::Quiet} on_press={props.on_close.clone()} />
            <Button
                label="Send again" kind={ButtonKind::Primary} busy={retry.busy}
                on_press={props.on_send.clone()}
            />
        </>
    };
    html! {
        <Dialog title={title.to_owned()} on_close={props.on_close.clone()} {actions}>
            <form class="stack queue-edit" {onsubmit}>
                <p dir="auto">{ words::what_happened(item) }{ " " }<strong>{ words::what_to_do(item) }</strong></p>
                if let Some(problem) = &retry.problem {
                    <p class="field-problem" role="alert">{ problem }</p>
                }
                { for retry.blanks.iter().enumerate().map(|(at, blank)| html! {
                    <EditBlank
                        key={blank.field.as_str()} {at} {entity} blank={blank.clone()}
                        on_act={props.on_act.clone()}
                    />
                }) }
                <TextArea
                    id="retry-why" label="Why (optional)" value={retry.why.clone()} lines={2}
                    hint="Whoever decides reads it." on_change={props.on_act.reform(RetryAction::Why)}
                />
            </form>
        </Dialog>
    }
}

#[derive(Properties, PartialEq)]
struct EditBlankProps {
    at: usize,
    entity: Option<Entity>,
    blank: Blank,
    on_act: Callback<RetryAction>,
}

/// One value, in the field that fits its type.
#[function_component]
fn EditBlank(props: &EditBlankProps) -> Html {
    let (blank, at) = (&props.blank, props.at);
    let schema = Schema::crm();
    let found = props.entity.and_then(|entity| schema.field(entity, &blank.field));
    let kind = found.map_or(ValueType::Text, |it| it.value_type);
    let on_change = props.on_act.reform(move |text| RetryAction::Type(at, text));
    let id = format!("retry-{at}");
    let (label, value, problem) = (blank.label.clone(), blank.text.clone(), blank.problem.clone());
    let hint = (!blank.was.is_empty())
        .then(|| AttrValue::from(format!("Was {}", words::plain(&blank.was))));
    let named = |names: Vec<&'static str>| -> Vec<(AttrValue, AttrValue)> {
        names.into_iter().map(|name| (name.into(), name.into())).collect()
    };
    let select = |options| {
        html! {
            <Select
                id={id.clone()} label={label.clone()} value={value.clone()} {options} empty="None"
                hint={hint.clone()} problem={problem.clone()} on_change={on_change.clone()}
            />
        }
    };
    match kind {
        ValueType::Choice(names) => select(named(names.to_vec())),
        ValueType::State(machine) => select(named(machine.names().collect())),
        ValueType::Boolean => select(named(vec!["yes", "no"])),
        ValueType::Reference(_) | ValueType::AnyReference => html! {
            if let Some(entity) = props.entity {
                <ValueInput
                    {id} {entity} field={blank.field.clone()} {label} text={blank.shown.clone()}
                    {hint} {problem} on_type={on_change}
                    on_pick={props.on_act.reform(move |it: Offer| RetryAction::Pick(at, it.value, it.text))}
                />
            }
        },
        ValueType::LongText => html! {
            <TextArea {id} {label} {value} {hint} {problem} {on_change} />
        },
        ValueType::Date => {
            html! { <DateField {id} {label} {value} {hint} {problem} {on_change} /> }
        }
        ValueType::Text
        | ValueType::Integer
        | ValueType::Money
        | ValueType::Percent
        | ValueType::Instant
        | ValueType::Set
        | ValueType::Log
        | ValueType::Structure => {
            html! { <TextField {id} {label} {value} {hint} {problem} {on_change} /> }
        }
    }
}
