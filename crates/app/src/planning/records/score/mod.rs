//! Scores of open deals and open leads, with reasons and next steps, and the models of this device.
//!
//! A model learns from what was decided what was known the day before each decision; amounts are
//! not read, because a lost deal often has none, and a lead has none at all.

mod models;
mod subject;
#[cfg(test)]
mod tests;
mod told;
mod train;

use jiff::civil::Date;
use roadbook_api::commands::planning::{Scored, ShowScores};
use roadbook_api::views::planning::{ScoreView, ScoresView};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::{Entity, RecordId};
use roadbook_planning::score::priority::{Prospect, rank};
use roadbook_replica::{Replica, Row};

use self::subject::Subjects;
use self::told::entity;
use super::book::Book;
use super::lead::Lead;
use super::look::{Deals, Leads, Look as _};
use crate::errors::{ApiResult, bad_input};
use crate::planning::PlanWatch;
use crate::planning::signed::SignedModel;
use crate::planning::views;
use crate::{App, Run, lookup};

pub(super) use self::models::active;

/// Scores that are listed where nobody says how many.
const LIMIT: u32 = 20;
const MOST: u32 = 1_000;

/// Which of all are scored.
struct Wanted {
    record: Option<RecordId>,
    owner: Option<RecordId>,
    limit: u32,
}

impl Run<ShowScores> for App {
    fn run(&self, command: ShowScores) -> ApiResult<ScoresView> {
        let limit = command.limit.unwrap_or(LIMIT);
        if limit > MOST {
            return Err(bad_input("limit", "is too high", &format!("ask for {MOST} at most")));
        }
        let book = Book::read(self, command.today.as_deref())?;
        let (what, signed, wanted) = self.with(|replica| {
            let (what, record) = match command.record.as_deref() {
                None => (command.what, None),
                Some(text) => {
                    let (what, record) = named(replica, command.what, text)?;
                    (what, Some(record))
                }
            };
            let owner = match command.owner.as_deref() {
                None => None,
                Some(text) => {
                    lookup::reference(replica, "owner", Some(Entity::User), text)?.as_reference()
                }
            };
            let signed = active(replica, what)?;
            Ok::<_, ApiError>((what, signed, Wanted { record, owner, limit }))
        })?;
        match what {
            Scored::Deals => scored(self, &Deals::new(&book), signed.as_ref(), &wanted),
            Scored::Leads => scored(self, &Leads::new(&book), signed.as_ref(), &wanted),
        }
    }
}

/// The deal or lead that a text names. An id says itself which it is; a name is looked for among
/// what is asked for, then among the others.
fn named(replica: &Replica, what: Scored, text: &str) -> ApiResult<(Scored, RecordId)> {
    let others = match what {
        Scored::Deals => Scored::Leads,
        Scored::Leads => Scored::Deals,
    };
    let of = |what: Scored| lookup::record(replica, Some(entity(what)), text);
    let row: Row = match (lookup::record(replica, None, text), of(what)) {
        (Ok(row), Err(_)) | (_, Ok(row)) => row,
        (Err(_), Err(error)) if error.code == ErrorCode::NotFound => {
            of(others).map_err(|_| error)?
        }
        (Err(_), Err(error)) => return Err(error),
    };
    let known = [what, others].into_iter().find(|what| entity(*what) == row.entity);
    let Some(known) = known else {
        let problem = format!("`{}` is no deal and no lead", lookup::title(replica, &row));
        return Err(bad_input("record", &problem, "name an open deal or an open lead"));
    };
    Ok((known, row.record))
}

/// Scores what is open of what is wanted.
fn scored<S: Subjects>(
    app: &App,
    subjects: &S,
    signed: Option<&SignedModel>,
    wanted: &Wanted,
) -> ApiResult<ScoresView> {
    let open = subjects.all().iter().filter(|subject| S::is_open(subject));
    let open: Vec<&S::Subject> = match wanted.record {
        Some(record) => {
            let one: Vec<&S::Subject> = open.filter(|subject| S::id(subject) == record).collect();
            if one.is_empty() {
                return Err(not_open(subjects, record));
            }
            one
        }
        None => open
            .filter(|subject| wanted.owner.is_none_or(|owner| S::owner(subject) == Some(owner)))
            .collect(),
    };
    app.desk.run(|watch| ranked(subjects, &open, signed, wanted.limit, watch))
}

/// Why a record has no score.
fn not_open<S: Subjects>(subjects: &S, record: RecordId) -> ApiError {
    let name = subjects.book().name(Some(record));
    let is_read = subjects.all().iter().any(|subject| S::id(subject) == record);
    let remedy = match S::WHAT {
        Scored::Deals => "name an open deal",
        Scored::Leads => "name an open lead",
    };
    let problem = match S::WHAT {
        Scored::Deals | Scored::Leads if is_read => format!("`{name}` is decided"),
        Scored::Deals => format!("`{name}` is in another currency, deleted, or was not there yet"),
        Scored::Leads => format!("`{name}` is deleted, or was not there yet"),
    };
    bad_input("record", &problem, remedy)
}

/// The scores of what is open, most worth a call first.
fn ranked<S: Subjects>(
    subjects: &S,
    open: &[&S::Subject],
    signed: Option<&SignedModel>,
    limit: u32,
    watch: &PlanWatch<'_>,
) -> ApiResult<ScoresView> {
    let book = subjects.book();
    let mut all = Vec::with_capacity(open.len());
    for (at, subject) in open.iter().enumerate() {
        if at % 64 == 0 {
            watch.step("score", at, open.len())?;
        }
        all.push(match signed {
            Some(signed) => told::by_model(subjects, &signed.model, subject)?,
            None => told::by_rates(subjects, subject),
        });
    }
    let prospects: Vec<Prospect> = open
        .iter()
        .zip(&all)
        .map(|(subject, score)| {
            let quiet = subjects.number(subject, "quiet_days", book.today);
            let quiet = if quiet.is_nan() { f64::from(S::age(subject, book.today)) } else { quiet };
            Prospect {
                probability: score.probability,
                amount_minor: whole(score.amount * 100.0),
                days_left: S::days_left(subject, book.today),
                days_quiet: quiet,
            }
        })
        .collect();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let scores = rank(&prospects).into_iter().take(limit).map(|place| ScoreView {
        urgency: place.urgency,
        value: place.value / 100.0,
        ..all[place.record].clone()
    });
    let drift = match signed {
        Some(signed) if !open.is_empty() => {
            let today: Vec<(&S::Subject, Date)> =
                open.iter().map(|subject| (*subject, book.today)).collect();
            let data = subjects.dataset(&today)?;
            let found = signed.model.drift(&data, None).map_err(|e| views::of_score(&e))?;
            Some(views::drift(&found))
        }
        Some(_) | None => None,
    };
    Ok(ScoresView {
        as_of: book.as_of.clone(),
        currency: book.currency.as_str().to_owned(),
        model: signed.map(models::card),
        drift,
        total: all.len() as u64,
        scores: scores.collect(),
    })
}

/// The chance of each lead to be qualified: by the model in use, or else as leads of its source were.
pub(super) fn lead_chances<'a>(
    leads: &Leads<'a>,
    signed: Option<&SignedModel>,
    wanted: &[&Lead<'a>],
) -> ApiResult<Vec<f64>> {
    let Some(SignedModel { model, .. }) = signed else {
        return Ok(wanted.iter().map(|lead| leads.share(lead)).collect());
    };
    let one = |lead: &&Lead<'a>| {
        let row = model.schema().row(&leads.cells(model.schema(), lead, leads.book.today))?;
        model.probability(&row)
    };
    wanted.iter().map(one).collect::<Result<_, _>>().map_err(|error| views::of_score(&error))
}

#[allow(clippy::cast_possible_truncation, reason = "the cast saturates far beyond any deal")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}
