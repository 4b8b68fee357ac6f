//! The sentences of search.

use roadbook_api::commands::queries::SearchPage;
use roadbook_api::views::SearchHitView;
use roadbook_domain::Entity;

use crate::components::Icon;
use crate::screens::queue::words::noun;
use crate::words::counted;

/// The icon of a kind of record.
pub(crate) const fn icon(entity: Entity) -> Icon {
    match entity {
        Entity::Account => Icon::Account,
        Entity::Contact | Entity::User => Icon::Contact,
        Entity::Lead => Icon::Lead,
        Entity::Opportunity => Icon::Opportunity,
        Entity::Product | Entity::PriceBook => Icon::Tag,
        Entity::Quote => Icon::Quote,
        Entity::Activity => Icon::Visit,
        Entity::Task => Icon::Task,
        Entity::Note => Icon::Note,
        Entity::Territory => Icon::List,
        Entity::Team => Icon::Meeting,
    }
}

/// What stands beside a record: where it was found, else what it is.
pub(crate) fn note(hit: &SearchHitView) -> String {
    let excerpt = hit.excerpt.trim();
    if excerpt.is_empty() || excerpt == hit.link.title {
        noun(hit.link.entity).to_owned()
    } else {
        excerpt.to_owned()
    }
}

/// What must be said about a search besides its results.
pub(crate) fn said(text: &str, page: &SearchPage, hosted: bool) -> Option<String> {
    match (&page.corrected, page.hits.is_empty()) {
        (Some(corrected), false) => Some(format!("Nothing for “{text}”. Shown for “{corrected}”.")),
        (_, true) if hosted => Some(format!("Nothing that you may see for “{text}”.")),
        (_, true) => Some(format!("“{text}” is not on this device.")),
        (None, false) => None,
    }
}

/// How many there are, for screen readers and beside the heading.
pub(crate) fn how_many(page: &SearchPage, limit: u32) -> String {
    let count = page.hits.len().try_into().unwrap_or(u64::MAX);
    if count >= u64::from(limit) {
        return format!("The newest {count}; type more to narrow it");
    }
    counted(count, "record", "records")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_is_not_here_and_what_was_corrected_is_said() {
        let found = sample::desk::found(sample::WALL);
        assert_eq!(said("logi", &found, false), None);
        let corrected = SearchPage { corrected: Some("acme".into()), ..found };
        assert_eq!(
            said("acmee", &corrected, false).unwrap(),
            "Nothing for “acmee”. Shown for “acme”."
        );
        let nothing = SearchPage { hits: vec![], corrected: None };
        assert_eq!(said("xy", &nothing, false).unwrap(), "“xy” is not on this device.");
        assert!(said("xy", &nothing, true).unwrap().starts_with("Nothing that you may see"));
    }

    #[test]
    fn a_full_page_says_that_there_may_be_more() {
        let found = sample::desk::found(sample::WALL);
        let here = u32::try_from(found.hits.len()).unwrap();
        assert!(how_many(&found, here).starts_with("The newest"));
        assert_eq!(how_many(&found, 50), counted(u64::from(here), "record", "records"));
    }
}
