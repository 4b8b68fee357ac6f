//! Search: one box over all searched fields, newest first (PEOPLE, "search").
//!
//! An FTS5 index without content: its rows are words and a rising number, nothing that could be
//! read back but the words themselves, and FTS5's secure delete takes those out when a record goes.
//! A changed record gets the next number, so that reading the index backwards gives the newest
//! first without sorting. Which of them suit a person best is for the app to say.

use roadbook_domain::{Entity, EntityDef, Value};
use rusqlite::{Connection, params};

use crate::{Replica, Row, StoreError, projection};

/// Raised when the index of the same schema would look different.
pub(crate) const FORMAT: u32 = 1;

/// What the search box found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The records, newest first.
    pub rows: Vec<Row>,
    /// The words that were looked for instead, when nothing matched what was typed.
    pub corrected: Option<String>,
}

/// Drops the index and makes an empty one.
pub(crate) fn recreate(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(
        "DROP TABLE IF EXISTS search_terms;
         DROP TABLE IF EXISTS search;
         DROP TABLE IF EXISTS search_rows;
         CREATE VIRTUAL TABLE search USING fts5(
             words, content = '', columnsize = 0, detail = 'none', prefix = '2 3',
             tokenize = 'unicode61 remove_diacritics 2'
         );
         INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
         CREATE VIRTUAL TABLE search_terms USING fts5vocab('search', 'row');
         CREATE TABLE search_rows (
             place INTEGER PRIMARY KEY,
             number INTEGER NOT NULL,
             entity INTEGER NOT NULL
         ) STRICT;",
    )?;
    Ok(())
}

/// The words of a record: all searched fields, one after the other.
pub(crate) fn words(
    def: &EntityDef,
    values: &std::collections::BTreeMap<&'static str, Value>,
) -> String {
    let mut out = String::new();
    for field in def.fields.iter().filter(|field| field.searched) {
        match values.get(field.name) {
            Some(Value::Set(members)) => {
                for member in members {
                    out.push_str(member);
                    out.push('\n');
                }
            }
            Some(Value::Text(text)) => {
                out.push_str(text);
                out.push('\n');
            }
            Some(value) => {
                out.push_str(&value.to_string());
                out.push('\n');
            }
            None => {}
        }
    }
    out
}

/// Indexes a record's words at a place.
pub(crate) fn insert(
    connection: &Connection,
    place: i64,
    number: i64,
    entity: Entity,
    words: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO search (rowid, words) VALUES (?1, ?2)")?
        .execute(params![place, words])?;
    connection
        .prepare_cached("INSERT INTO search_rows (place, number, entity) VALUES (?1, ?2, ?3)")?
        .execute(params![place, number, entity as u8])?;
    Ok(())
}

/// Takes a record's words out. They must be the words that were indexed.
pub(crate) fn remove(connection: &Connection, place: i64, words: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO search (search, rowid, words) VALUES ('delete', ?1, ?2)")?
        .execute(params![place, words])?;
    connection.prepare_cached("DELETE FROM search_rows WHERE place = ?1")?.execute([place])?;
    Ok(())
}

/// The next place in the index.
pub(crate) fn next_place(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection
        .query_row("SELECT coalesce(max(place), 0) + 1 FROM search_rows", [], |row| row.get(0))?)
}

/// The words that are typed: runs of letters and digits, as the index cuts them. Accents that are
/// characters of their own are left out, as they are there.
fn typed(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && !is_accent(c))
        .map(|word| word.chars().filter(|c| !is_accent(*c)).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Whether the index refuses the query itself: it knows no phrases.
fn is_refused(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::Unknown)
}

/// Whether a character is an accent on the letter before it that the index leaves out of words
/// (`sqlite3Fts5UnicodeIsdiacritic`). It cuts words at all other combining marks.
const fn is_accent(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{304}'
            | '\u{306}'..='\u{30c}'
            | '\u{30f}'
            | '\u{311}'
            | '\u{31b}'
            | '\u{323}'..='\u{328}'
            | '\u{32d}'..='\u{32e}'
            | '\u{330}'..='\u{331}'
    )
}

impl Replica {
    /// Finds live records whose searched fields have words that begin with the words typed.
    ///
    /// Case and accents do not matter. Only when nothing matches, words within one or two typing
    /// errors are looked for.
    ///
    /// # Errors
    /// [`StoreError`] when the index cannot be read.
    pub fn search(&self, text: &str, limit: u32) -> Result<Found, StoreError> {
        let typed = typed(text);
        if typed.is_empty() || limit == 0 {
            return Ok(Found { rows: Vec::new(), corrected: None });
        }
        let places = self.places(&typed, limit)?;
        if !places.is_empty() {
            return Ok(Found { rows: self.rows_at(&places)?, corrected: None });
        }
        let corrected = self.correct(&typed)?;
        if corrected == typed {
            return Ok(Found { rows: Vec::new(), corrected: None });
        }
        let places = self.places(&corrected, limit)?;
        let corrected = (!places.is_empty()).then(|| corrected.join(" "));
        Ok(Found { rows: self.rows_at(&places)?, corrected })
    }

    /// Finds live records of some kinds among the newest that have words that begin so, newest
    /// first. No typing errors are looked for, and no more than a few thousand records are looked
    /// through, so that it is quick however common the words are.
    ///
    /// # Errors
    /// [`StoreError`] when the index cannot be read.
    pub fn search_kinds(
        &self,
        text: &str,
        kinds: &[Entity],
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let typed = typed(text);
        if typed.is_empty() {
            return Ok(Vec::new());
        }
        let mut places = self.places(&typed, LOOKED_THROUGH_MAX)?;
        places.retain(|(_, entity)| kinds.contains(entity));
        places.truncate(limit as usize);
        self.rows_at(&places)
    }

    /// Where records stand that have words that begin so. In some scripts the index cuts words at
    /// signs that are letters here, so that a word is several there; then its letters are looked
    /// for.
    fn places(&self, words: &[String], limit: u32) -> Result<Vec<(i64, Entity)>, StoreError> {
        let found = self.places_of(words, limit);
        if !matches!(&found, Err(StoreError::Database(error)) if is_refused(error)) {
            return found;
        }
        let mut letters = Vec::new();
        for word in words {
            if word.is_ascii() {
                letters.push(word.clone());
            } else {
                letters.extend(word.chars().map(String::from));
            }
        }
        self.places_of(&letters, limit)
    }

    fn places_of(&self, words: &[String], limit: u32) -> Result<Vec<(i64, Entity)>, StoreError> {
        let query: Vec<String> = words.iter().map(|word| format!("\"{word}\"*")).collect();
        let mut statement = self.connection.prepare_cached(
            "SELECT search_rows.number, search_rows.entity
             FROM search JOIN search_rows ON search_rows.place = search.rowid
             WHERE search MATCH ?1 ORDER BY search.rowid DESC LIMIT ?2",
        )?;
        let found = statement.query_map(params![query.join(" "), limit], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, u8>(1)?))
        })?;
        let mut out = Vec::new();
        for pair in found {
            let (number, entity) = pair?;
            out.extend(Entity::from_number(entity).map(|entity| (number, entity)));
        }
        Ok(out)
    }

    fn rows_at(&self, places: &[(i64, Entity)]) -> Result<Vec<Row>, StoreError> {
        let mut out = Vec::with_capacity(places.len());
        for (number, entity) in places {
            let table = self.tables.of(*entity);
            let sql = format!("{} WHERE row_number = ?1", table.select);
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut rows = statement.query([number])?;
            if let Some(row) = rows.next()? {
                let record = crate::replica::record_id(row, 1)?;
                let projected = projection::Projected::read(&self.schema, *entity, table, row)?;
                out.push(projected.into_row(record, *entity));
            }
        }
        Ok(out)
    }

    /// For each word that begins no indexed word: the nearest indexed word.
    fn correct(&self, typed: &[String]) -> Result<Vec<String>, StoreError> {
        let mut out = Vec::with_capacity(typed.len());
        for word in typed {
            let known = !self.places(std::slice::from_ref(word), 1)?.is_empty();
            let nearest = if known { None } else { self.nearest(word)? };
            out.push(nearest.unwrap_or_else(|| word.clone()));
        }
        Ok(out)
    }

    /// An indexed word that is within reach and near, the commonest of several. No number is taken
    /// for another one.
    ///
    /// People rarely miss the first letter, so only words that begin with it are compared: first
    /// those that begin with the first two, which are few; where none of them is one error away,
    /// all of the first letter and, as the two may be swapped, all of the second. A search runs at
    /// each letter, so it ends after [`ENTRIES_MAX`] entries of the index.
    fn nearest(&self, word: &str) -> Result<Option<String>, StoreError> {
        let letters: Vec<char> = word.chars().collect();
        let reach = match letters.len() {
            0..=2 => return Ok(None),
            3..=5 => 1,
            _ => 2,
        };
        if letters[0].is_numeric() {
            return Ok(None);
        }
        let beginnings = [
            letters[..2].iter().collect::<String>(),
            letters[0].to_string(),
            letters[1].to_string(),
        ];
        let mut looks = Looks { letters, reach, left: ENTRIES_MAX, best: None };
        for beginning in beginnings {
            if looks.best.as_ref().is_some_and(|best| best.errors <= 1) {
                break;
            }
            self.look_through(&beginning, &mut looks)?;
        }
        Ok(looks.best.map(|best| best.term))
    }

    /// Compares the indexed words that begin so, until no more may be looked at.
    fn look_through(&self, beginning: &str, looks: &mut Looks) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT term, doc FROM search_terms WHERE term >= ?1 AND term <= ?2")?;
        let mut rows = statement.query([beginning, &format!("{beginning}\u{10ffff}")])?;
        while looks.left > 0
            && let Some(row) = rows.next()?
        {
            let term = row.get_ref(0)?.as_str().unwrap_or_default();
            looks.compare(term, row.get(1)?);
        }
        Ok(())
    }
}

/// How many records with the same words are looked through for those of a kind.
const LOOKED_THROUGH_MAX: u32 = 4_000;

/// How many entries of the index (a word of a record is one) are gone through for one word that
/// matches nothing: the index counts a word's records by going through them.
const ENTRIES_MAX: u64 = 200_000;

/// The search for the word that was meant.
struct Looks {
    letters: Vec<char>,
    reach: usize,
    /// How many entries may still be gone through.
    left: u64,
    best: Option<Near>,
}

/// A word within reach.
struct Near {
    errors: usize,
    records: u64,
    term: String,
}

impl Looks {
    fn compare(&mut self, term: &str, records: u64) {
        self.left = self.left.saturating_sub(records.max(1));
        let Some(errors) = typing_errors(&self.letters, term, self.reach) else { return };
        let is_better = self.best.as_ref().is_none_or(|best| {
            errors < best.errors || (errors == best.errors && records > best.records)
        });
        if is_better {
            self.best = Some(Near { errors, records, term: term.to_owned() });
        }
    }
}

/// The typing errors (a letter missed, added, changed or two swapped) between a word and the
/// beginning of a term as long as the word; `None` if there are more than `reach`.
fn typing_errors(word: &[char], term: &str, reach: usize) -> Option<usize> {
    let term: Vec<char> = term.chars().take(word.len() + reach).collect();
    if term.len() + reach < word.len() {
        return None;
    }
    let width = term.len() + 1;
    let mut before_last = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    for (i, letter) in word.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, other) in term.iter().enumerate() {
            let changed = last[j] + usize::from(letter != other);
            row[j + 1] = changed.min(last[j + 1] + 1).min(row[j] + 1);
            let swapped = i > 0 && j > 0 && word[i - 1] == *other && *letter == term[j - 1];
            if swapped {
                row[j + 1] = row[j + 1].min(before_last[j - 1] + 1);
            }
        }
        if row.iter().min() > Some(&reach) {
            return None;
        }
        before_last = std::mem::replace(&mut last, row);
    }
    // The word may be the beginning of a longer term: the best end counts.
    last.into_iter().min().filter(|errors| *errors <= reach)
}

#[cfg(test)]
mod tests;
