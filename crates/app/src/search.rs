//! The search box: what is called as somebody types comes first, then the rest; of both, accounts and
//! contacts before other records, and else the newest edit first.
//!
//! The index gives the newest records that have the words. A company's own record is among them
//! unless many visits and deals that name it are newer; then it is asked for by its kind.

use std::cmp::Reverse;

use roadbook_api::commands::queries::{SearchPage, SearchRecords};
use roadbook_api::views::{RecordLink, SearchHitView};
use roadbook_domain::Entity;
use roadbook_replica::{Replica, Row, StoreError};

use crate::errors::{self, ApiResult};
use crate::{App, Run, lookup};

/// The most hits of one search.
const HITS_MAX: u32 = 200;
/// So many hits are put in order for each that is shown.
const LOOKED_AT: u32 = 4;
/// Fewer letters begin too many names to ask for those of a kind.
const LETTERS_MIN: usize = 3;
/// The kinds that records of other kinds are about.
const FIRST: [Entity; 2] = [Entity::Account, Entity::Contact];
/// An excerpt has so many characters.
const EXCERPT_CHARS: usize = 120;

impl Run<SearchRecords> for App {
    fn run(&self, command: SearchRecords) -> ApiResult<SearchPage> {
        self.with(|replica| {
            let limit = command.limit.clamp(1, HITS_MAX);
            let found = ordered(replica, &command.text, limit);
            let (rows, corrected) = found.map_err(|error| errors::of_store(&error))?;
            let words = corrected.as_deref().unwrap_or(&command.text);
            let hit = |row: &Row| SearchHitView {
                link: RecordLink {
                    record: row.record,
                    entity: row.entity,
                    title: lookup::title(replica, row),
                },
                excerpt: excerpt(replica, row, words),
                updated_ms: row.updated.millis(),
            };
            let hits = rows.iter().map(hit).collect();
            Ok(SearchPage { hits, corrected })
        })
    }
}

/// What was found, best first, and the words that were looked for instead.
fn ordered(
    replica: &Replica,
    text: &str,
    limit: u32,
) -> Result<(Vec<Row>, Option<String>), StoreError> {
    let asked = limit.saturating_mul(LOOKED_AT).min(HITS_MAX);
    let found = replica.search(text, asked)?;
    let (mut rows, corrected) = (found.rows, found.corrected);
    let wanted = folded(corrected.as_deref().unwrap_or(text));
    let may_be_more = u32::try_from(rows.len()).is_ok_and(|found| found >= asked);
    if may_be_more && wanted.chars().count() >= LETTERS_MIN {
        // They are older than all that were found, so they stand behind those.
        for row in replica.search_kinds(&wanted, &FIRST, limit)? {
            if !rows.iter().any(|had| had.record == row.record) {
                rows.push(row);
            }
        }
    }
    // The order within a group is that of the index.
    rows.sort_by_cached_key(|row| {
        let begins = folded(&lookup::title(replica, row)).starts_with(&wanted);
        (Reverse(begins), Reverse(FIRST.contains(&row.entity)))
    });
    rows.truncate(limit as usize);
    Ok((rows, corrected))
}

/// A text as the index compares it: words in small letters without accents, a blank between them.
fn folded(text: &str) -> String {
    let plain: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !matches!(c, '\u{300}'..='\u{331}'))
        .map(without_accent)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A small letter of European names without its accent. What is not here only comes a little later
/// in the list than it might.
const fn without_accent(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        _ => letter,
    }
}

/// The first searched text of a record, its name apart, that has one of the words.
fn excerpt(replica: &Replica, row: &Row, words: &str) -> String {
    let schema = replica.schema().entity(row.entity);
    let wanted: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let texts = schema
        .fields
        .iter()
        .filter(|def| def.searched && def.name != schema.title)
        .map(|def| row.value(def.name).to_string());
    for text in texts {
        let lower = text.to_lowercase();
        let Some(at) = wanted.iter().find_map(|word| lower.find(word.as_str())) else {
            continue;
        };
        // Characters, not bytes: lowering may change lengths, and a cut must not split one.
        let before = lower[..at].chars().count().saturating_sub(EXCERPT_CHARS / 3);
        let cut: String = text.chars().skip(before).take(EXCERPT_CHARS).collect();
        return cut.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestApp, create, device};

    fn titles(app: &TestApp, text: &str, limit: u32) -> Vec<String> {
        let page = app.run(SearchRecords { text: text.to_owned(), limit }).unwrap();
        page.hits.into_iter().map(|hit| hit.link.title).collect()
    }

    #[test]
    fn what_is_called_so_comes_first_then_accounts_and_contacts_then_the_newest() {
        let app = device("Manager");
        create(&app, "account", &["name=Ängelholm Acme"]);
        create(&app, "account", &["name=Ácme-Logistics"]);
        create(&app, "contact", &["name=Ana Acme"]);
        create(&app, "task", &["subject=Acme: call"]);
        create(&app, "task", &["subject=Call Acme"]);
        create(&app, "task", &["subject=Visit Acme"]);
        assert_eq!(
            titles(&app, "acme", 10),
            [
                "Ácme-Logistics",
                "Acme: call",
                "Ana Acme",
                "Ängelholm Acme",
                "Visit Acme",
                "Call Acme"
            ]
            .map(str::to_owned),
        );
        assert_eq!(titles(&app, "ACME log", 10), ["Ácme-Logistics"]);
        assert_eq!(titles(&app, "call", 10), ["Call Acme", "Acme: call"], "one begins so");
        assert_eq!(titles(&app, "acmee", 2), ["Ácme-Logistics", "Acme: call"], "typing errors too");
    }

    #[test]
    fn an_account_is_found_behind_any_number_of_newer_tasks_about_it() {
        let app = device("Manager");
        create(&app, "account", &["name=Acme"]);
        create(&app, "account", &["name=Nordic Acme"]);
        for at in 0..20 {
            create(&app, "task", &[&format!("subject=Visit: Acme {at}")]);
        }
        let found = titles(&app, "acme", 3);
        assert_eq!(found, ["Acme", "Nordic Acme", "Visit: Acme 19"]);
    }

    #[test]
    fn words_are_compared_without_case_accents_and_marks() {
        assert_eq!(folded(" Ångström & Søn,  GmbH"), "angstrom søn gmbh");
        assert_eq!(folded("E\u{301}clair"), "eclair");
        assert_eq!(folded("&"), "");
    }
}
