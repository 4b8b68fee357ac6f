//! The records that refer to a record, by kind.

use roadbook_api::commands::pages::ShowRelated;
use roadbook_api::views::{RecordView, RelatedGroupView, RelatedView};
use roadbook_domain::{Entity, Schema};
use yew::prelude::*;

use super::head::kind_icon;
use crate::components::{
    Button, ButtonKind, Empty, FieldMark, Glyph, Icon, Problem, RecordName, Skeleton,
};
use crate::context::{Watch, use_go, use_query, use_wall};
use crate::route::{Place, Route, list_title};
use crate::screens::value::{read, record_standing};
use crate::words::{Wall, count};

/// How many records of a group are shown.
const SHOWN: u32 = 8;
/// How many more are shown at a time, where there is no other place for them.
const STEP: u32 = 25;

/// A record by its id.
#[derive(Properties, PartialEq)]
pub struct RelatedProps {
    /// Its id.
    pub record: AttrValue,
    /// Its timeline shall be shown, which has all visits and notes; absent where it has none.
    #[prop_or_default]
    pub on_timeline: Option<Callback<()>>,
}

/// What refers to a record: asks for it.
#[function_component]
pub fn Related(props: &RelatedProps) -> Html {
    let limit = use_state(|| SHOWN);
    let request = ShowRelated { entity: None, record: props.record.to_string(), limit: *limit };
    let found = use_query(Some(request), Watch::Records);
    let (go, on_timeline) = (use_go(), props.on_timeline.clone());
    let on_all = Callback::from(move |(entity, filter): (Entity, String)| {
        match (more_of(entity), &on_timeline) {
            (More::List, _) => go.to(Place { query: Some(filter), ..Route::List(entity).into() }),
            (More::Timeline, Some(show)) => show.emit(()),
            (More::Timeline, None) | (More::Here, _) => limit.set(*limit + STEP),
        }
    });
    match (&found.data, &found.error) {
        (Some(related), _) => html! { <RelatedList related={(**related).clone()} {on_all} /> },
        (None, Some(error)) => html! {
            <Problem text={error.message.clone()} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={5} /> },
    }
}

/// What refers to a record.
#[derive(Properties, PartialEq)]
pub struct RelatedListProps {
    /// It.
    pub related: RelatedView,
    /// All of a group were asked for: their kind and the filter that finds them.
    #[prop_or_default]
    pub on_all: Callback<(Entity, String)>,
}

/// What refers to a record, by kind.
#[function_component]
pub fn RelatedList(props: &RelatedListProps) -> Html {
    let wall = use_wall();
    if props.related.groups.is_empty() {
        return html! {
            <Empty
                icon={Icon::List} title="Nothing refers to it yet"
                text="Contacts, deals, quotes, tasks and activities of this record stand here."
            />
        };
    }
    html! { <>{ for props.related.groups.iter().map(|group| section(group, props, wall)) }</> }
}

/// Where the rest of a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    /// In the list of the kind.
    List,
    /// In the timeline of the record.
    Timeline,
    /// Nowhere else.
    Here,
}

const fn more_of(entity: Entity) -> More {
    match entity {
        Entity::Account
        | Entity::Contact
        | Entity::Lead
        | Entity::Opportunity
        | Entity::Quote
        | Entity::Task => More::List,
        Entity::Activity | Entity::Note => More::Timeline,
        Entity::Product | Entity::PriceBook | Entity::Territory | Entity::User | Entity::Team => {
            More::Here
        }
    }
}

fn section(group: &RelatedGroupView, props: &RelatedListProps, wall: Wall) -> Html {
    let (entity, filter) = (group.entity, group.filter.clone());
    let rest = group.total > u64::try_from(group.records.len()).unwrap_or(u64::MAX);
    let on_press = props.on_all.reform(move |()| (entity, filter.clone()));
    html! {
        <section class="related" key={format!("{entity}-{}", group.field)}>
            <h2 class="related-title">
                <Glyph icon={kind_icon(entity)} size={16} />
                { list_title(entity) }
                <span class="section-count number">{ count(group.total) }</span>
            </h2>
            <ul>{ for group.records.iter().map(|record| line(record, wall)) }</ul>
            if rest {
                <Button
                    label={
                        let here = more_of(entity) == More::Here;
                        format!("{} {}", if here { "Show more of" } else { "All" }, count(group.total))
                    }
                    kind={ButtonKind::Quiet} {on_press}
                />
            }
        </section>
    }
}

/// The two fields that tell a record from its like.
const fn telling(entity: Entity) -> &'static [&'static str] {
    match entity {
        Entity::Account => &["city", "tier"],
        Entity::Contact => &["role", "phones"],
        Entity::Lead => &["company", "status"],
        Entity::Opportunity => &["stage", "amount"],
        Entity::Quote => &["state", "valid_until"],
        Entity::Activity => &["outcome", "started_at"],
        Entity::Task => &["state", "due_on"],
        Entity::Product
        | Entity::PriceBook
        | Entity::Note
        | Entity::Territory
        | Entity::User
        | Entity::Team => &[],
    }
}

fn line(record: &RecordView, wall: Wall) -> Html {
    let schema = Schema::crm();
    let told = telling(record.entity).iter().filter_map(|name| {
        let definition = schema.field(record.entity, name)?;
        Some(read(definition, record.fields.get(*name)?, wall))
    });
    let told: Vec<String> = told.filter(|text| !text.is_empty()).collect();
    html! {
        <li class="related-line" key={record.record.to_string()}>
            <RecordName record={record.record.to_string()} title={record.title.clone()} />
            <FieldMark standing={record_standing(record)} />
            <span class="quiet small number related-told" dir="auto">{ told.join(" · ") }</span>
        </li>
    }
}
