//! Running planning on records, beside the thread that shows progress and listens for Ctrl-C.

use std::path::Path;
use std::sync::Arc;

use roadbook_api::commands::planning::{
    AdjustForecast, AllocateQuotas, AssignLeads, ChooseModel, DesignTerritories, KeepPlaces,
    ListModels, ModelChoice, PlanRoute, QuotaEdit, RefreshScores, Scored, ShowForecast, ShowScores,
    StopPlanning, TrainScores,
};
use roadbook_api::commands::{Command, planning};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_app::{App, Run};

use super::args::{self, ForecastAction, ScoreAction};
use super::{plans, scores, show};
use crate::exit::{self, Exit};
use crate::plan::work;
use crate::run::Place;

/// Carries a command out off this thread.
fn carry<C>(at: &Place<'_>, app: &Arc<App>, command: C) -> Result<C::Response, ApiError>
where
    C: Command + Send + 'static,
    C::Response: Send + 'static,
    App: Run<C>,
{
    let worker = Arc::clone(app);
    let done = work::run_with(at.terminal, move |tell| {
        worker.watch_planning(Some(Arc::new(tell)));
        let done = worker.run(command);
        worker.watch_planning(None);
        done
    });
    if done.as_ref().is_err_and(|error| error.code == ErrorCode::Cancelled) {
        // The work may still go on; it ends at its next step.
        drop(Run::<StopPlanning>::run(&**app, StopPlanning {}));
    }
    done
}

pub(crate) fn forecast(at: &Place<'_>, args: &args::Forecast) -> Result<Exit, ApiError> {
    let app = Arc::new(at.open()?);
    let change = match &args.action {
        None => {
            let view = carry(
                at,
                &app,
                ShowForecast {
                    today: args.today.clone(),
                    whose: args.whose.clone(),
                    quota: args.quota.clone(),
                    months: Some(args.months),
                },
            )?;
            at.terminal.say(&view, |view| show::forecast(view, at.terminal, &at.now()))?;
            return Ok(exit::OK);
        }
        Some(ForecastAction::Adjust(adjust)) => AdjustForecast::Add {
            whose: adjust.whose.clone(),
            category: adjust.category.clone(),
            amount: adjust.amount.clone(),
            why: adjust.why.clone(),
        },
        Some(ForecastAction::Remove { number }) => AdjustForecast::Remove { number: *number },
    };
    let all = app.run(change)?;
    at.terminal.say(&all, |all| show::adjustments(all, at.terminal))?;
    Ok(exit::OK)
}

const fn scored(leads: bool) -> Scored {
    if leads { Scored::Leads } else { Scored::Deals }
}

pub(crate) fn score(at: &Place<'_>, args: &args::Score) -> Result<Exit, ApiError> {
    let app = Arc::new(at.open()?);
    let choose = |of: args::Models, choice: ModelChoice| {
        let what = scored(of.leads);
        Ok::<_, ApiError>((what, app.run(ChooseModel { what, choice })?))
    };
    let (what, models) = match args.action {
        None => {
            show_scores(at, &app, args)?;
            return Ok(exit::OK);
        }
        Some(ScoreAction::Train(of)) => {
            let what = scored(of.leads);
            (what, carry(at, &app, TrainScores { what })?)
        }
        Some(ScoreAction::Refresh(of)) => {
            let what = scored(of.leads);
            let view = carry(at, &app, RefreshScores { what })?;
            at.terminal.say(&view, |view| scores::refreshed(view, what, at.terminal, &at.now()))?;
            return Ok(exit::OK);
        }
        Some(ScoreAction::Models(of)) => {
            let what = scored(of.leads);
            (what, app.run(ListModels { what })?)
        }
        Some(ScoreAction::Pin { version, models }) => choose(models, ModelChoice::Pin { version })?,
        Some(ScoreAction::Unpin(of)) => choose(of, ModelChoice::Unpin {})?,
        Some(ScoreAction::RollBack(of)) => choose(of, ModelChoice::RollBack {})?,
    };
    at.terminal.say(&models, |models| scores::models(models, what, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

fn show_scores(at: &Place<'_>, app: &Arc<App>, args: &args::Score) -> Result<(), ApiError> {
    let what = scored(args.leads);
    let command = ShowScores {
        what,
        record: args.record.clone(),
        owner: args.owner.clone(),
        limit: Some(args.limit),
        today: args.today.clone(),
    };
    let view = carry(at, app, command)?;
    at.terminal.say(&view, |view| match view.scores.first() {
        Some(score) if args.record.is_some() => scores::one(view, score, at.terminal, &at.now()),
        Some(_) | None => scores::list(view, what, at.terminal, &at.now()),
    })
}

pub(crate) fn assign(at: &Place<'_>, args: &args::Assign) -> Result<Exit, ApiError> {
    let app = Arc::new(at.open()?);
    let command = AssignLeads {
        lead: args.lead.clone(),
        all: args.all,
        capacity: Some(args.capacity),
        fairness: args.fairness,
    };
    let view = carry(at, &app, command)?;
    at.terminal.say(&view, |view| plans::assignment(view, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

pub(crate) fn territories(at: &Place<'_>, args: &args::Territories) -> Result<Exit, ApiError> {
    let app = Arc::new(at.open()?);
    if let Some(file) = &args.places {
        let kept = app.run(KeepPlaces { places: places(file)? })?;
        at.terminal.note(&format!("keeping {} places on this device", kept.places));
    }
    let command = DesignTerritories {
        balance: args.balance,
        change_penalty: args.change_penalty,
        pinned: args.pin.clone(),
        contiguous: args.contiguous,
    };
    let view = carry(at, &app, command)?;
    at.terminal.say(&view, |view| plans::territories(view, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

/// Reads places from CSV.
fn places(file: &Path) -> Result<Vec<planning::Place>, ApiError> {
    let wrong = |line: u64, problem: &str| {
        let message = format!(
            "{} line {line}: {problem}; write name,latitude,longitude with a header",
            file.display()
        );
        ApiError::new(ErrorCode::BadInput, message)
    };
    let mut reader = csv::Reader::from_path(file).map_err(|error| {
        ApiError::new(ErrorCode::File, format!("cannot read {}: {error}", file.display()))
    })?;
    let rows = reader.records().map(|row| {
        let row = row.map_err(|error| {
            wrong(error.position().map_or(1, csv::Position::line), "cannot be read")
        })?;
        let line = row.position().map_or(0, csv::Position::line);
        let number = |at: usize| row.get(at).and_then(|cell| cell.trim().parse::<f64>().ok());
        match (row.get(0), number(1), number(2)) {
            (Some(name), Some(latitude), Some(longitude)) => {
                Ok(planning::Place { name: name.trim().to_owned(), latitude, longitude })
            }
            _ => Err(wrong(line, "has no name and two numbers")),
        }
    });
    rows.collect()
}

pub(crate) fn quotas(at: &Place<'_>, args: &args::Quotas) -> Result<Exit, ApiError> {
    let edit = |text: &String| {
        let parts = text.split_once(':').and_then(|(rep, rest)| Some((rep, rest.split_once('=')?)));
        parts
            .map(|(rep, (product, amount))| QuotaEdit {
                rep: rep.trim().to_owned(),
                product: product.trim().to_owned(),
                amount: amount.trim().to_owned(),
            })
            .ok_or_else(|| {
                let message = format!("--edit: `{text}` is none; write it like Anna:GTX=9000EUR");
                ApiError::new(ErrorCode::BadInput, message)
            })
    };
    let edits: Result<Vec<QuotaEdit>, ApiError> = args.edit.iter().map(edit).collect();
    let app = Arc::new(at.open()?);
    let command = AllocateQuotas {
        goal: args.goal.clone(),
        edits: edits?,
        effective: args.effective.clone(),
        today: args.today.clone(),
        keep: args.keep,
    };
    let view = carry(at, &app, command)?;
    at.terminal.say(&view, |view| plans::quotas(view, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

pub(crate) fn route(at: &Place<'_>, args: &args::Route) -> Result<Exit, ApiError> {
    let app = Arc::new(at.open()?);
    let command = PlanRoute {
        accounts: args.accounts.clone(),
        start: args.start.clone(),
        starts: Some(args.starts.clone()),
        ends: Some(args.ends.clone()),
        visit_min: Some(args.visit_min),
        speed_kmh: Some(args.speed_kmh),
    };
    let view = carry(at, &app, command)?;
    at.terminal.say(&view, |view| plans::route(view, at.terminal, &at.now()))?;
    Ok(exit::OK)
}
