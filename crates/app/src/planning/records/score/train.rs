//! Training: a model learns from what was decided what was known the day before each decision.

use jiff::civil::Date;
use roadbook_api::commands::planning::{RefreshScores, Scored, TrainScores};
use roadbook_api::views::planning::{ModelsView, RefreshView, Refreshed};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_planning::score::drift::Advice;
use roadbook_planning::score::learner::Learner;
use roadbook_planning::score::model::{ScoreModel, TrainOptions, refresh, train_watched};
use roadbook_planning::score::validate::Pace;

use super::models::{active, keep, learned, models, registry};
use super::subject::Subjects;
use crate::errors::{ApiResult, bad_input};
use crate::planning::PlanWatch;
use crate::planning::records::book::Book;
use crate::planning::records::dates;
use crate::planning::records::kept::Learned;
use crate::planning::records::look::{Deals, Leads};
use crate::planning::signed::{About, SignedModel};
use crate::planning::views::{self, TimeKind};
use crate::{App, Run};

/// What is decided, each as it was the day before its decision.
struct Decided<'a, S: Subjects> {
    rows: Vec<(&'a S::Subject, Date)>,
    went_well: Vec<bool>,
    /// The day before each was decided, in milliseconds.
    times: Vec<i64>,
}

impl<'a, S: Subjects> Decided<'a, S> {
    fn of(subjects: &'a S) -> ApiResult<Self> {
        let today = subjects.book().today;
        let mut found = Self { rows: Vec::new(), went_well: Vec::new(), times: Vec::new() };
        for subject in subjects.all() {
            let Some((day, went_well)) = S::decided(subject) else { continue };
            let Some(before) = day.yesterday().ok().filter(|before| *before <= today) else {
                continue;
            };
            found.rows.push((subject, before));
            found.went_well.push(went_well);
            found.times.push(i64::from(dates::number(before)) * 86_400_000);
        }
        if found.rows.is_empty() {
            let (many, _) = S::MANY;
            return Err(bad_input(many, "none is decided yet", S::DECIDE));
        }
        Ok(found)
    }

    /// What a model that learns from all of it has learned from.
    fn learned(&self) -> Learned {
        let ids = self.rows.iter().map(|(subject, _)| S::id(subject));
        Learned(ids.zip(self.went_well.iter().copied()).collect())
    }

    /// The rows whose outcomes a model has not learned from, however long ago they came to be: a
    /// colleague's may come late, and a decision may be changed. Where it is not known what the
    /// model learned from, those that came after all it knew.
    fn newest(&self, learned: Option<&Learned>, model: &ScoreModel) -> Vec<usize> {
        let until = model.card().data_range.1;
        let is_new = |row: &usize| match learned {
            Some(Learned(known)) => {
                !known.contains(&(S::id(self.rows[*row].0), self.went_well[*row]))
            }
            None => self.times[*row] > until,
        };
        (0..self.rows.len()).filter(is_new).collect()
    }
}

/// Tells how far training is; stops it where somebody stopped planning.
fn pace(watch: &PlanWatch<'_>, done: usize, all: usize) -> Pace {
    match watch.step("train", done, all) {
        Ok(()) => Pace::Go,
        Err(_) => Pace::Stop,
    }
}

fn options<S: Subjects>(trained_at: i64) -> TrainOptions {
    TrainOptions {
        // It gets its own when it is kept: others may be trained meanwhile.
        version: 0,
        trained_at,
        candidates: Learner::candidates(1),
        segments: S::SEGMENTS.iter().map(|segment| (*segment).to_owned()).collect(),
    }
}

impl Run<TrainScores> for App {
    fn run(&self, command: TrainScores) -> ApiResult<ModelsView> {
        let book = Book::read(self, None)?;
        match command.what {
            Scored::Deals => train(self, &Deals::new(&book)),
            Scored::Leads => train(self, &Leads::new(&book)),
        }
    }
}

fn train<S: Subjects>(app: &App, subjects: &S) -> ApiResult<ModelsView> {
    let decided = Decided::of(subjects)?;
    let trained_ms = subjects.book().as_of.at_ms;
    let options = options::<S>(trained_ms);
    let model = app.desk.run(|watch| {
        let data = subjects.dataset(&decided.rows)?;
        let all = options.candidates.len() + 1;
        let pace = |done| pace(watch, done, all);
        let model = train_watched(&data, &decided.went_well, &decided.times, &options, &pace)
            .map_err(|error| views::of_score(&error))?;
        watch.step("train", all, all)?;
        Ok::<_, ApiError>(model)
    })?;
    let about = About { outcome: S::OUTCOME.to_owned(), times: TimeKind::Date, trained_ms };
    let learned = decided.learned();
    app.with(|replica| keep(replica, S::WHAT, &about, model, &learned))
}

impl Run<RefreshScores> for App {
    fn run(&self, command: RefreshScores) -> ApiResult<RefreshView> {
        let what = command.what;
        let (before, signed, known) = self.with(|replica| {
            let before = registry(replica, what)?;
            let known = before.active().map(|version| learned(replica, what, version));
            Ok::<_, ApiError>((before, active(replica, what)?, known.transpose()?.flatten()))
        })?;
        let Some(signed) = signed else {
            return Err(ApiError::new(ErrorCode::NotFound, "no model is trained yet; train one"));
        };
        if before.is_pinned() {
            let message = "the model in use is pinned: what is learned would not be used";
            return Err(bad_input("model", message, "follow the newest again first"));
        }
        let book = Book::read(self, None)?;
        match what {
            Scored::Deals => refreshed(self, &Deals::new(&book), signed, known.as_ref()),
            Scored::Leads => refreshed(self, &Leads::new(&book), signed, known.as_ref()),
        }
    }
}

fn refreshed<S: Subjects>(
    app: &App,
    subjects: &S,
    signed: SignedModel,
    known: Option<&Learned>,
) -> ApiResult<RefreshView> {
    let decided = Decided::of(subjects)?;
    let options = options::<S>(subjects.book().as_of.at_ms);
    let found = app.desk.run(|watch| {
        let data = subjects.dataset(&decided.rows)?;
        let all = options.candidates.len() + 1;
        let pace = |done| pace(watch, done, all);
        let newest = decided.newest(known, &signed.model);
        let (outcomes, times) = (&decided.went_well, &decided.times);
        let found = refresh(&signed.model, &data, outcomes, times, &newest, &options, &pace)
            .map_err(|error| views::of_score(&error))?;
        watch.step("train", all, all)?;
        Ok::<_, ApiError>(found)
    })?;
    let (newest, done) = (found.newest as u64, done(found.done));
    let models = match found.model {
        None => app.with(|replica| models(replica, S::WHAT))?,
        Some(model) => {
            // What it learned from stays as old as it is where only the correction is new.
            let trained_ms = match done {
                Refreshed::Recalibrated => signed.about.trained_ms,
                Refreshed::Kept | Refreshed::Retrained => options.trained_at,
            };
            let about = About { trained_ms, ..signed.about };
            let learned = decided.learned();
            app.with(|replica| keep(replica, S::WHAT, &about, model, &learned))?
        }
    };
    Ok(RefreshView { newest, done, models })
}

const fn done(advice: Advice) -> Refreshed {
    match advice {
        Advice::Keep => Refreshed::Kept,
        Advice::Recalibrate => Refreshed::Recalibrated,
        Advice::Retrain => Refreshed::Retrained,
    }
}
