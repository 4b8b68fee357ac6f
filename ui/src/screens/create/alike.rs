//! Accounts, contacts and leads that may be what somebody is about to make once more.

use gloo_timers::callback::Timeout;
use roadbook_api::commands::queries::{SearchPage, SearchRecords};
use roadbook_api::views::SearchHitView;
use roadbook_domain::Entity;
use yew::prelude::*;

use crate::components::{Glyph, RecordName};
use crate::context::{Watch, use_query};
use crate::screens::search::words;
use crate::screens::value::kind_word;

/// So many are shown.
const SHOWN: usize = 5;
/// So many hits are looked through for them.
const ASKED: u32 = 20;
/// A shorter name is like too many others.
const LETTERS_MIN: usize = 3;
/// It is looked for when nobody has typed for so long, in milliseconds.
const QUIET_MS: u32 = 300;

/// What may be here already.
#[derive(Properties, PartialEq)]
pub(super) struct AlikeProps {
    /// What the new record is called so far; nothing is looked for without it.
    pub(super) name: AttrValue,
    /// One of them is opened instead.
    pub(super) on_leave: Callback<()>,
}

/// What may be here already: asks for it when somebody stops typing.
#[function_component]
pub(super) fn Alike(props: &AlikeProps) -> Html {
    let name = AttrValue::from(props.name.trim().to_owned());
    let settled = use_state_eq(|| name.clone());
    {
        let settled = settled.setter();
        use_effect_with(name.clone(), move |name| {
            let name = name.clone();
            let timer = Timeout::new(QUIET_MS, move || settled.set(name));
            move || drop(timer)
        });
    }
    let long = settled.chars().count() >= LETTERS_MIN;
    let request = long.then(|| SearchRecords { text: settled.to_string(), limit: ASKED });
    let found = use_query(request, Watch::Nothing);
    // Those of another text are not shown. Meanwhile their number stands for screen readers: the same
    // number is not said once more for each letter.
    let page = found.data.as_deref().filter(|_| long && found.is_of_this && *settled == name);
    let hits = page.map(alike).unwrap_or_default();
    let number = use_mut_ref(|| 0);
    if page.is_some() || !long {
        *number.borrow_mut() = hits.len();
    }
    let number = *number.borrow();
    html! { <AlikeList {hits} {number} on_leave={props.on_leave.clone()} /> }
}

/// The hits that are of the kinds of which there must be one each.
fn alike(page: &SearchPage) -> Vec<SearchHitView> {
    let of_kind = |hit: &&SearchHitView| {
        matches!(hit.link.entity, Entity::Account | Entity::Contact | Entity::Lead)
    };
    page.hits.iter().filter(of_kind).take(SHOWN).cloned().collect()
}

/// What a hit is, and where the words were found: `lead · Acme Logistics`.
fn told(hit: &SearchHitView) -> String {
    let kind = kind_word(hit.link.entity);
    let parts = [kind.as_str(), hit.excerpt.trim()];
    parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" · ")
}

#[derive(Properties, PartialEq)]
struct AlikeListProps {
    hits: Vec<SearchHitView>,
    /// How many there are, as it is said.
    number: usize,
    on_leave: Callback<()>,
}

/// What may be here already. A screen reader hears how many they are, when that changes; they can
/// be read with the form.
#[function_component]
fn AlikeList(props: &AlikeListProps) -> Html {
    let said = match props.number {
        0 => String::new(),
        1 => "One like it is already here".to_owned(),
        number => format!("{number} like it are already here"),
    };
    html! {
        <>
            <p class="unseen" role="status">{ said }</p>
            if !props.hits.is_empty() {
                <div class="alike" role="group" aria-label="Already here">
                    <p class="quiet small">{ "Already here:" }</p>
                    <ul class="plain-list">
                        { for props.hits.iter().map(|hit| html! {
                            <li key={hit.link.record.to_string()}>
                                <Glyph icon={words::icon(&hit.link)} size={16} />
                                { " " }
                                <RecordName
                                    record={hit.link.record.to_string()} title={hit.link.title.clone()}
                                    on_open={props.on_leave.clone()}
                                />
                                <span class="quiet small">{ format!(" {}", told(hit)) }</span>
                            </li>
                        }) }
                    </ul>
                </div>
            }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn only_accounts_contacts_and_leads_are_said_to_be_here() {
        let page = sample::desk::found(sample::WALL);
        let kinds: Vec<Entity> = alike(&page).iter().map(|hit| hit.link.entity).collect();
        let all = page.hits.iter().map(|hit| hit.link.entity);
        let wanted = [Entity::Account, Entity::Contact, Entity::Lead];
        let wanted: Vec<Entity> = all.filter(|it| wanted.contains(it)).collect();
        assert!(!kinds.is_empty() && kinds.len() < page.hits.len());
        assert_eq!(kinds, wanted);
    }
}
