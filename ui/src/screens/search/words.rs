//! The sentences of search.

use roadbook_api::commands::queries::SearchPage;
use roadbook_api::views::{RecordLink, SearchHitView};
use roadbook_domain::Entity;

use crate::components::Icon;
use crate::screens::queue::words::noun;
use crate::words::counted;

/// What was found, in a word: a visit, call or meeting says which of them it is in its title.
pub(crate) fn kind(link: &RecordLink) -> &'static str {
    logged(link).map_or_else(|| noun(link.entity), |(word, _)| word)
}

fn logged(link: &RecordLink) -> Option<(&'static str, Icon)> {
    const KINDS: [(&str, Icon); 4] = [
        ("visit", Icon::Visit),
        ("call", Icon::Call),
        ("meeting", Icon::Meeting),
        ("e-mail", Icon::Mail),
    ];
    let (first, _) = link.title.split_once(':').filter(|_| link.entity == Entity::Activity)?;
    KINDS.into_iter().find(|(word, _)| first.trim().eq_ignore_ascii_case(word))
}

/// The icon of what was found.
pub(crate) fn icon(link: &RecordLink) -> Icon {
    if let Some((_, icon)) = logged(link) {
        return icon;
    }
    match link.entity {
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
        kind(&hit.link).to_owned()
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
    fn a_meeting_is_called_a_meeting() {
        let found = sample::desk::found(sample::WALL);
        let hit = found.hits.first().unwrap();
        let of =
            |entity, title: &str| RecordLink { entity, title: title.into(), ..hit.link.clone() };
        let meeting = of(Entity::Activity, "Meeting: Hansen Brewery");
        assert_eq!((kind(&meeting), icon(&meeting)), ("meeting", Icon::Meeting));
        assert_eq!(kind(&of(Entity::Activity, "First talk")), "visit or call");
        assert_eq!(kind(&of(Entity::Task, "Call: the buyer")), "task");
    }

    #[test]
    fn a_full_page_says_that_there_may_be_more() {
        let found = sample::desk::found(sample::WALL);
        let here = u32::try_from(found.hits.len()).unwrap();
        assert!(how_many(&found, here).starts_with("The newest"));
        assert_eq!(how_many(&found, 50), counted(u64::from(here), "record", "records"));
    }
}
