//! What the record panel shows: name, key facts, fields. The record page builds on it.

use roadbook_api::commands::queries::ShowRecord;
use roadbook_api::views::{FieldView, Mark, RecordView};
use roadbook_domain::Schema;
use yew::prelude::*;

use crate::components::{InlineField, Problem, Skeleton, Standing};
use crate::context::{Watch, use_query};

/// A record by its id.
#[derive(Properties, PartialEq)]
pub struct RecordBodyProps {
    /// Its id.
    pub record: AttrValue,
}

/// A record: asks for it and shows it.
#[function_component]
pub fn RecordBody(props: &RecordBodyProps) -> Html {
    let request = ShowRecord { entity: None, record: props.record.to_string() };
    let found = use_query(Some(request), Watch::Records);
    match (&found.data, &found.error) {
        (Some(record), _) => html! { <RecordFields record={(**record).clone()} /> },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={6} /> },
    }
}

/// Where a field's value stands.
#[must_use]
pub fn standing(field: &FieldView) -> Standing {
    match field.mark {
        _ if field.disputed => Standing::Disputed,
        Mark::Accepted => Standing::Accepted,
        Mark::Pending => Standing::Saved,
        Mark::Proposed => Standing::Requested,
    }
}

/// A record.
#[derive(Properties, PartialEq)]
pub struct RecordFieldsProps {
    /// The record.
    pub record: RecordView,
}

/// The fields of a record that have a value, in the order of the schema.
#[function_component]
pub fn RecordFields(props: &RecordFieldsProps) -> Html {
    let record = &props.record;
    let schema = Schema::crm();
    let definition = schema.entity(record.entity);
    let fields = definition.fields.iter().filter_map(|definition| {
        let field = record.fields.get(definition.name)?;
        Some(html! {
            <InlineField
                key={definition.name} label={definition.label} shown={html! { &field.text }}
                text={field.text.clone()} standing={standing(field)} editable=false
            />
        })
    });
    html! {
        <article class="record">
            <h2 class="record-title">{ &record.title }</h2>
            <dl class="facts">{ for fields }</dl>
        </article>
    }
}
