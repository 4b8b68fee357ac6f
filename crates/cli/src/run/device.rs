//! The device itself: init, sync, status, doctor.

use std::io::BufRead as _;
use std::sync::atomic::{AtomicBool, Ordering};

use roadbook_api::commands::device::{EnrolDevice, ShowStatus};
use roadbook_api::views::SyncReport;
use roadbook_api::{ApiError, ErrorCode};
use roadbook_app::{App, Cancel, Progress, Run as _, Step};

use super::{Place, Wanted, checked};
use crate::args::{Check, Doctor, Init, Sync};
use crate::exit::{self, Exit};
use crate::show::{exchange, health};
use crate::terminal::{Form, Milestone, Terminal};
use crate::unlock;

const PASSWORD: &str = "ROADBOOK_PASSWORD";

pub(super) fn init(at: &Place<'_>, args: &Init) -> Result<Exit, ApiError> {
    let folder = at.folder()?;
    let app = if App::exists(&folder) {
        let app = unlock::open(&folder)?;
        if app.run(ShowStatus {})?.user.is_some() {
            let message = format!(
                "there is an enrolled device in {} already; name another folder with --dir",
                folder.display()
            );
            return Err(ApiError::new(ErrorCode::AlreadyThere, message));
        }
        app
    } else {
        unlock::create(&folder, &args.device_name)?
    };
    let command = EnrolDevice {
        server: args.server.clone(),
        tenant: args.tenant.clone(),
        login: args.user.clone(),
        password: password(args)?,
        device_name: args.device_name.clone(),
        passphrase: None,
    };
    let enrolled = runtime()?.block_on(app.enrol(&command))?;
    at.terminal.say(&enrolled, exchange::enrolled)?;
    Ok(exit::OK)
}

fn password(args: &Init) -> Result<String, ApiError> {
    if args.password_stdin {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        read.map_err(|error| {
            ApiError::new(ErrorCode::File, format!("cannot read standard input: {error}"))
        })?;
        let password = line.trim_end_matches(['\n', '\r']).to_owned();
        return Some(password).filter(|password| !password.is_empty()).ok_or_else(|| {
            ApiError::new(ErrorCode::BadInput, "there is no password on standard input")
        });
    }
    match std::env::var(PASSWORD) {
        Ok(password) if !password.is_empty() => Ok(password),
        _ if unlock::can_ask() => unlock::ask(&format!("Password of {}: ", args.user)),
        _ => Err(ApiError::new(
            ErrorCode::BadInput,
            format!("no password: use --password-stdin, set {PASSWORD}, or run this on a terminal"),
        )),
    }
}

pub(super) fn sync(at: &Place<'_>, args: &Sync) -> Result<Exit, ApiError> {
    let app = at.open()?;
    let runtime = runtime()?;
    let cancel = Cancel::default();
    let stopped = AtomicBool::new(false);
    if args.watch {
        let wake = tokio::sync::Notify::new();
        let watch = |step: Step| {
            if let Step::Ended(done) = step {
                watched(at.terminal, done.map(|done| done.report));
            }
        };
        let ended = runtime.block_on(until_interrupted(&cancel, &stopped, async {
            app.keep_in_sync(&wake, &watch, &cancel).await
        }));
        return match ended {
            Ok(()) => Ok(exit::OK),
            Err(error) if error.code == ErrorCode::Cancelled => Ok(exit::OK),
            Err(error) => Err(error),
        };
    }
    let progress = |progress: Progress| at.terminal.progress(&how_far(progress), Milestone::Yes);
    let done = runtime.block_on(until_interrupted(&cancel, &stopped, async {
        app.sync(&progress, &cancel).await
    }))?;
    let report = done.report;
    at.terminal.say(&report, exchange::sync)?;
    if report.pending > 0 || report.needs_you > 0 {
        return Ok(exit::NEEDS_YOU);
    }
    Ok(checked(args.check.into(), report.conflicts > 0))
}

fn how_far(progress: Progress) -> String {
    let mut text = format!("syncing: {} sent, {} received", progress.pushed, progress.pulled);
    if progress.remaining > 0 {
        text.push_str(&format!(", about {} to come", progress.remaining));
    }
    text
}

fn watched(terminal: &Terminal, done: Result<SyncReport, ApiError>) {
    match (terminal.form, done) {
        // The stream goes on whatever becomes of its reader.
        (Form::Json, Ok(report)) => drop(terminal.json_line(&report)),
        (Form::Json, Err(error)) => {
            drop(terminal.json_line(&serde_json::json!({ "error": error })));
        }
        (Form::Text, Ok(report)) => {
            if report.sent + report.received + report.forgotten > 0 {
                drop(terminal.line(&exchange::sync(&report)));
            }
        }
        (Form::Text, Err(error)) => terminal.note(&error.message),
    }
}

pub(super) fn status(at: &Place<'_>, args: &Check) -> Result<Exit, ApiError> {
    let view = at.open()?.run(ShowStatus {})?;
    at.terminal.say(&view, |view| health::status(view, at.terminal, &at.now()))?;
    let waits = view.pending + view.held + view.needs_you + view.conflicts > 0;
    Ok(checked(Wanted::from(args.check), waits))
}

pub(super) fn doctor(at: &Place<'_>, args: &Doctor) -> Result<Exit, ApiError> {
    let app = at.open()?;
    let view = if args.offline {
        app.doctor_offline()?
    } else {
        runtime()?.block_on(app.doctor(&Cancel::default()))?
    };
    at.terminal.say(&view, |view| health::doctor(view, at.terminal))?;
    Ok(if view.healthy { exit::OK } else { exit::FAILED })
}

/// Runs work that Ctrl-C cancels cleanly: what was saved until then stays.
pub(super) async fn until_interrupted<T>(
    cancel: &Cancel,
    stopped: &AtomicBool,
    work: impl Future<Output = T>,
) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            interrupted = tokio::signal::ctrl_c() => {
                if interrupted.is_ok() {
                    stopped.store(true, Ordering::Relaxed);
                    cancel.cancel();
                }
            }
        }
    }
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, ApiError> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(
        |error| ApiError::new(ErrorCode::Internal, format!("cannot start threads: {error}")),
    )
}
