//! Running `roadbook plan`: from words to a use case on files, to files and the terminal.

use std::path::{Path, PathBuf};

use roadbook_api::{ApiError, ErrorCode};
use roadbook_app::Host as _;
use roadbook_app::planning::ModelKey;
use roadbook_app::planning::files::{self, Made};
use serde::Serialize;

use super::args::{self, What};
use super::{show, work};
use crate::exit::{self, Exit};
use crate::file;
use crate::host::Machine;
use crate::run::Place;

/// Runs `roadbook plan`.
pub(crate) fn run(at: &Place<'_>, plan: &args::Plan) -> Result<Exit, ApiError> {
    match &plan.what {
        What::Forecast(args) => forecast(at, args),
        What::Clean(args) => clean(at, args),
        What::ScoreTrain(args) => score_train(at, args),
        What::ScorePredict(args) => score_predict(at, args),
        What::ScoreRecalibrate(args) => score_recalibrate(at, args),
        What::Assign(args) => assign(at, args),
        What::Territory(args) => territory(at, args),
        What::Quota(args) => quota(at, args),
        What::Route(args) => route(at, args),
    }
}

/// Writes what was made: to its file and the report to the terminal, or to standard output and
/// the report as a note.
fn give<R: Serialize>(
    at: &Place<'_>,
    made: &Made<R>,
    out: Option<&Path>,
    text: impl FnOnce(&R) -> String,
) -> Result<Exit, ApiError> {
    match out {
        Some(file) => {
            file::write(file, &made.output)?;
            at.terminal.say(&made.report, text)?;
        }
        None => {
            at.terminal.raw(&made.output)?;
            at.terminal.note(text(&made.report).trim_end());
        }
    }
    Ok(exit::OK)
}

/// The same where the report is the answer and a file is only written if it is asked for.
fn tell<R: Serialize>(
    at: &Place<'_>,
    made: &Made<R>,
    out: Option<&Path>,
    text: impl FnOnce(&R) -> String,
) -> Result<Exit, ApiError> {
    if let Some(file) = out {
        file::write(file, &made.output)?;
    }
    at.terminal.say(&made.report, text)?;
    Ok(exit::OK)
}

fn name(path: Option<&PathBuf>) -> Option<String> {
    path.map(|path| path.display().to_string())
}

fn forecast(at: &Place<'_>, args: &args::Forecast) -> Result<Exit, ApiError> {
    let command = files::ForecastFile {
        input: args.input.clone(),
        model: args.model.clone(),
        level: match args.level {
            args::Level::Eighty => files::Level::Eighty,
            args::Level::NinetyFive => files::Level::NinetyFive,
        },
        cleaning: if args.clean { files::Cleaning::On } else { files::Cleaning::Off },
        seed: args.seed,
        on_bad: on_bad(args.skip_bad),
    };
    let mut made = work::run(at.terminal, move |watch| files::forecast(&command, watch))?;
    made.report.out = name(args.out.as_ref());
    give(at, &made, args.out.as_deref(), show::forecast)?;
    Ok(partly(made.report.left_out))
}

fn on_bad(skip: bool) -> files::OnBad {
    if skip { files::OnBad::LeaveOut } else { files::OnBad::Refuse }
}

/// The exit code of work that left so many series to a person.
const fn partly(left_out: u64) -> Exit {
    if left_out == 0 { exit::OK } else { exit::NEEDS_YOU }
}

fn clean(at: &Place<'_>, args: &args::Clean) -> Result<Exit, ApiError> {
    let command = files::CleanFile {
        input: args.input.clone(),
        last: match args.last {
            args::Last::Closed => files::LastPeriod::Closed,
            args::Last::Open => files::LastPeriod::Open,
            args::Last::Unknown => files::LastPeriod::Unknown,
        },
        on_bad: on_bad(args.skip_bad),
    };
    let mut made = work::run(at.terminal, move |watch| files::clean(&command, watch))?;
    made.report.out = name(args.out.as_ref());
    if let Some(file) = &args.repairs {
        file::write(file, &made.beside)?;
    }
    give(at, &made, args.out.as_deref(), show::clean)?;
    Ok(partly(made.report.left_out))
}

/// Where the key for models lies.
fn key_file(at: &Place<'_>, given: Option<&PathBuf>) -> Result<PathBuf, ApiError> {
    match given {
        Some(file) => Ok(file.clone()),
        None => Ok(at.folder()?.join("models.key")),
    }
}

fn score_train(at: &Place<'_>, args: &args::ScoreTrain) -> Result<Exit, ApiError> {
    let key = ModelKey::open_or_create(&key_file(at, args.key.as_ref())?, &Machine)?;
    let command = files::TrainFile {
        input: args.input.clone(),
        label: args.label.clone(),
        positive: args.positive.clone(),
        time: args.time.clone(),
        drop: args.drop.clone(),
        segments: args.segment.clone(),
        seed: args.seed,
        version: args.model_version,
        trained_ms: Machine.wall_ms(),
        model: args.model.clone(),
        key,
    };
    let made = work::run(at.terminal, move |watch| files::train(&command, watch))?;
    file::write(&args.model, &made.output)?;
    if let Some(file) = &args.card {
        file::write(file, &made.beside)?;
    }
    at.terminal.say(&made.report, |report| show::trained(report, at.terminal))?;
    Ok(exit::OK)
}

fn score_predict(at: &Place<'_>, args: &args::ScorePredict) -> Result<Exit, ApiError> {
    // A signer that was named is enough; without one the device's own key is needed.
    let own = match key_file(at, args.key.as_ref()) {
        Ok(file) => ModelKey::open(&file)?,
        Err(error) if args.signer.is_none() => return Err(error),
        Err(_) => None,
    };
    check_signer(args.signer.as_deref())?;
    let command = files::PredictFile {
        input: args.input.clone(),
        model: args.model.clone(),
        own: own.map(|key| key.signer()),
        signer: args.signer.clone(),
        keep: args.keep.clone(),
        label: args.label.clone(),
        positive: args.positive.clone(),
    };
    let mut made = work::run(at.terminal, move |watch| files::predict(&command, watch))?;
    made.report.out = name(args.out.as_ref());
    give(at, &made, args.out.as_deref(), show::predicted)
}

fn score_recalibrate(at: &Place<'_>, args: &args::ScoreRecalibrate) -> Result<Exit, ApiError> {
    check_signer(args.signer.as_deref())?;
    let out = args.out.as_ref().unwrap_or(&args.model);
    let command = files::RecalibrateFile {
        input: args.input.clone(),
        model: args.model.clone(),
        label: args.label.clone(),
        positive: args.positive.clone(),
        time: args.time.clone(),
        signer: args.signer.clone(),
        version: args.model_version,
        out: out.clone(),
        key: ModelKey::open_or_create(&key_file(at, args.key.as_ref())?, &Machine)?,
    };
    let made = work::run(at.terminal, move |watch| files::recalibrate(&command, watch))?;
    file::write(out, &made.output)?;
    if let Some(file) = &args.card {
        file::write(file, &made.beside)?;
    }
    at.terminal.say(&made.report, |report| show::recalibrated(report, at.terminal))?;
    Ok(exit::OK)
}

/// Refuses what names no signer.
fn check_signer(signer: Option<&str>) -> Result<(), ApiError> {
    match signer {
        Some(named) if named.len() < 16 || !named.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            let message =
                format!("--signer: `{named}` is no key; give 16 hex digits of it or more");
            Err(ApiError::new(ErrorCode::BadInput, message))
        }
        Some(_) | None => Ok(()),
    }
}

fn assign(at: &Place<'_>, args: &args::Assign) -> Result<Exit, ApiError> {
    let command = files::AssignFile {
        input: args.input.clone(),
        fairness: args.fairness,
        leftover: if args.leave_out { files::Leftover::LeaveOut } else { files::Leftover::Refuse },
    };
    let mut made = work::run(at.terminal, move |watch| files::assign_leads(&command, watch))?;
    made.report.out = name(args.out.as_ref());
    tell(at, &made, args.out.as_deref(), show::assigned)
}

fn territory(at: &Place<'_>, args: &args::Territory) -> Result<Exit, ApiError> {
    let command = files::TerritoryFile {
        input: args.input.clone(),
        balance: args.balance,
        change_penalty: args.change_penalty,
        shape: if args.contiguous { files::Shape::Connected } else { files::Shape::Any },
    };
    let mut made = work::run(at.terminal, move |watch| files::design_territories(&command, watch))?;
    made.report.out = name(args.out.as_ref());
    tell(at, &made, args.out.as_deref(), show::designed)
}

fn quota(at: &Place<'_>, args: &args::Quota) -> Result<Exit, ApiError> {
    let command = files::QuotaFile {
        input: args.input.clone(),
        quota_band: (args.least, args.most),
        territory_band: (args.territory_least, args.territory_most),
        stretch_weight: args.stretch_weight,
        unit: args.unit,
    };
    let mut made = work::run(at.terminal, move |watch| files::allocate_quotas(&command, watch))?;
    made.report.out = name(args.out.as_ref());
    tell(at, &made, args.out.as_deref(), show::allocated)
}

fn route(at: &Place<'_>, args: &args::Route) -> Result<Exit, ApiError> {
    let command = files::RouteFile { input: args.input.clone() };
    let made = work::run(at.terminal, move |watch| files::plan_route(&command, watch))?;
    tell(at, &made, args.out.as_deref(), |report| show::planned(report, at.terminal))
}
