//! What a deal or a lead looks like on a day: the features that scores are made of.
//!
//! No look reads an activity or a decision that came on its day or later. Fields without a day of
//! their own (owner, territory, addresses) count as they are now, because what they were before is
//! not kept for long.

mod deals;
mod leads;

use std::collections::HashMap;

use jiff::civil::Date;
use roadbook_domain::RecordId;
use roadbook_planning::score::dataset::{self, Cell, Column, Dataset, Kind, Schema};
use roadbook_planning::score::explain::Phrase;

pub(super) use deals::Deals;
pub(super) use leads::Leads;

use super::book::{Book, Touch};
use super::dates;
use crate::errors::ApiResult;
use crate::planning::views;

/// Days that count as lately.
const LATELY: i32 = 90;

/// What a feature is called, and how it is put in words.
pub(super) struct Feature {
    pub(super) name: &'static str,
    pub(super) known: &'static str,
    pub(super) missing: &'static str,
}

const fn feature(name: &'static str, known: &'static str, missing: &'static str) -> Feature {
    Feature { name, known, missing }
}

const OWNER: Feature = feature("owner", "with {value}", "nobody's");
const TERRITORY: Feature = feature("territory", "territory {value}", "no territory");
const AGE: Feature = feature("age_days", "open for {value} days", "day of opening not known");
const VISITS: Feature = feature("visits", "{value} visits in 90 days", "no visit in 90 days");
const CALLS: Feature = feature("calls", "{value} calls in 90 days", "no call in 90 days");
const MAILS: Feature = feature("mails", "{value} e-mails in 90 days", "no e-mail in 90 days");
const MEETINGS: Feature =
    feature("meetings", "{value} meetings in 90 days", "no meeting in 90 days");
const QUIET: Feature = feature("quiet_days", "no contact for {value} days", "no contact yet");

/// What something looks like on a day.
pub(super) trait Look {
    /// What is looked at.
    type Subject;
    /// Features with a word as their value.
    const CATEGORIES: &'static [Feature];
    /// Features with a number as their value.
    const NUMBERS: &'static [Feature];

    /// The value of one of [`Self::CATEGORIES`]; `None` where it is not known.
    fn category(&self, subject: &Self::Subject, name: &str) -> Option<String>;

    /// The value of one of [`Self::NUMBERS`] on a day, NaN where it is not known.
    fn number(&self, subject: &Self::Subject, name: &str, day: Date) -> f64;

    /// What it is worth if it goes well, in major units.
    fn worth(&self, subject: &Self::Subject) -> f64;

    /// Decided or open ones as columns, each on its day.
    fn dataset(&self, rows: &[(&Self::Subject, Date)]) -> ApiResult<Dataset> {
        let mut columns = Vec::new();
        for feature in Self::CATEGORIES {
            let texts: Vec<Option<String>> =
                rows.iter().map(|(subject, _)| self.category(subject, feature.name)).collect();
            let values: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
            columns.push(Column::categorical(feature.name, &values));
        }
        for feature in Self::NUMBERS {
            let number =
                |(subject, day): &(&Self::Subject, Date)| self.number(subject, feature.name, *day);
            columns.push(Column::numeric(feature.name, rows.iter().map(number).collect()));
        }
        Dataset::new(columns).map_err(|error| views::of_score(&error))
    }

    /// One as the cells of a model.
    fn cells(&self, schema: &Schema, subject: &Self::Subject, day: Date) -> Vec<Cell> {
        let cell = |feature: &dataset::Feature| match feature.kind {
            Kind::Numeric => match self.number(subject, &feature.name, day) {
                number if number.is_nan() => Cell::Missing,
                number => Cell::Number(number),
            },
            Kind::Categorical { .. } => {
                self.category(subject, &feature.name).map_or(Cell::Missing, Cell::Category)
            }
        };
        schema.features.iter().map(cell).collect()
    }

    /// The words of all features.
    fn phrases() -> Vec<Phrase> {
        let phrase = |feature: &Feature| Phrase {
            feature: feature.name.to_owned(),
            known: feature.known.to_owned(),
            missing: feature.missing.to_owned(),
        };
        Self::CATEGORIES.iter().chain(Self::NUMBERS).map(phrase).collect()
    }
}

/// Activities by the record that they are about, and by their account.
struct Touches<'a>(HashMap<RecordId, Vec<&'a Touch>>);

impl<'a> Touches<'a> {
    fn of(book: &'a Book) -> Self {
        let mut by_record: HashMap<RecordId, Vec<&Touch>> = HashMap::new();
        for touch in &book.touches {
            for id in [touch.account, touch.about].into_iter().flatten() {
                by_record.entry(id).or_default().push(touch);
            }
        }
        Self(by_record)
    }

    fn with(&self, record: Option<RecordId>) -> impl Iterator<Item = &'a Touch> {
        record.and_then(|record| self.0.get(&record)).into_iter().flatten().copied()
    }
}

/// Days since the last contact before a day, at most `most`; NaN where there was none.
fn quiet_days<'a>(contacts: impl Iterator<Item = &'a Touch>, day: Date, most: f64) -> f64 {
    contacts
        .filter(|touch| touch.day < day)
        .map(|touch| f64::from(dates::between(touch.day, day)).min(most))
        .fold(f64::NAN, f64::min)
}

/// Contacts of a kind in the 90 days before a day, by the name of the feature; NaN where there was
/// none.
fn lately<'a>(contacts: impl Iterator<Item = &'a Touch>, name: &str, day: Date) -> f64 {
    let kind = match name {
        "visits" => "Visit",
        "calls" => "Call",
        "mails" => "E-mail",
        _ => "Meeting",
    };
    let found = contacts.filter(|touch| {
        touch.kind == kind && touch.day < day && dates::between(touch.day, day) <= LATELY
    });
    match found.count() {
        0 => f64::NAN,
        count => count as f64,
    }
}
