//! Records from files and into files, and shell completion.

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::CommandFactory as _;
use roadbook_api::commands::transfer::{ExportFormat, ExportRecords, ImportMode, ImportRecords};
use roadbook_api::views::{ExportReport, RejectedRow, SealedReport};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_app::Cancel;
use roadbook_app::import::{ImportProgress, ImportWatch};

use super::Place;
use super::device::{runtime, until_interrupted};
use crate::args::{Cli, Completions, Export, Format, Import};
use crate::exit::{self, Exit};
use crate::file;
use crate::show;
use crate::terminal::{Form, Milestone};

/// A log gets a line of progress every so many rows.
const ROWS_PER_LINE: u64 = 1_000;
/// A terminal is written to every so many rows.
const ROWS_PER_STEP: u64 = 20;

pub(super) fn import(at: &Place<'_>, args: &Import) -> Result<Exit, ApiError> {
    let app = at.open()?;
    let stopped = AtomicBool::new(false);
    let progress = |progress: ImportProgress<'_>| {
        let ImportProgress { section, done, total } = progress;
        let milestone = done % ROWS_PER_LINE == 0 || done == total;
        if milestone || done % ROWS_PER_STEP == 0 {
            let text = format!("importing {section}: {done} of {total}");
            at.terminal.progress(&text, if milestone { Milestone::Yes } else { Milestone::No });
        }
    };
    let stop = || stopped.load(Ordering::Relaxed);
    let watch = ImportWatch { progress: &progress, stop: &stop };
    let command = ImportRecords {
        mapping: args.mapping.clone(),
        folder: args.folder.display().to_string(),
        mode: if args.dry_run { ImportMode::DryRun } else { ImportMode::Write },
    };
    let runtime = runtime()?;
    // Saving blocks, so the import runs beside the thread that waits for Ctrl-C.
    let report = std::thread::scope(|scope| {
        let work = scope.spawn(|| runtime.block_on(app.import(&command, &watch)));
        let (tell, told) = tokio::sync::oneshot::channel::<()>();
        let listen = scope.spawn(|| {
            let cancel = Cancel::default();
            runtime.block_on(until_interrupted(&cancel, &stopped, async {
                // The sender going away ends the wait just as well.
                drop(told.await);
            }));
        });
        let report = work.join();
        drop(tell);
        drop(listen.join());
        report
    });
    let report = report.map_err(|_| {
        ApiError::new(ErrorCode::Internal, "the import stopped; what was saved stays")
    })??;
    if let Some(file) = &args.report {
        write_report(file, &report.rejected)?;
    }
    at.terminal.say(&report, |report| show::exchange::import(report, at.terminal))?;
    Ok(if report.cancelled { exit::CANCELLED } else { exit::OK })
}

fn write_report(file: &Path, rejected: &[RejectedRow]) -> Result<(), ApiError> {
    let failed = |error: &dyn std::fmt::Display| {
        let message = format!("cannot write {}: {error}", file.display());
        ApiError::new(ErrorCode::File, message)
    };
    let mut writer = csv::Writer::from_path(file).map_err(|error| failed(&error))?;
    let header = ["file", "line", "column", "given", "reason", "remedy"];
    writer.write_record(header).map_err(|error| failed(&error))?;
    for row in rejected {
        let line = row.line.to_string();
        let cells = [&row.file, &line, &row.column, &row.given, &row.reason, &row.remedy];
        writer.write_record(cells).map_err(|error| failed(&error))?;
    }
    writer.flush().map_err(|error| failed(&error))
}

pub(super) fn export(at: &Place<'_>, args: &Export) -> Result<Exit, ApiError> {
    let app = at.open()?;
    if args.unsent {
        let Some(file) = &args.to else {
            return Err(super::bad_input("to", "is missing", "name a file for the bundle"));
        };
        let sealed = app.export_unsent()?;
        file::write(file, &sealed)?;
        let report = SealedReport { file: file.display().to_string(), bytes: sealed.len() as u64 };
        at.terminal
            .say(&report, |report| format!("wrote the unsent work, sealed, to {}", report.file))?;
        return Ok(exit::OK);
    }
    let command = ExportRecords {
        entities: args.entities.clone(),
        format: match args.format {
            Format::Jsonl => ExportFormat::JsonLines,
            Format::Csv => ExportFormat::Csv,
        },
    };
    let report = match &args.to {
        None => app.export(&command, &mut BufWriter::new(std::io::stdout().lock()))?,
        Some(file) => {
            let report = file::write_whole(file, |to| app.export(&command, to))?;
            ExportReport { file: Some(file.display().to_string()), ..report }
        }
    };
    match (&args.to, at.terminal.form) {
        // The records themselves are the output.
        (None, _) => at.terminal.note(&show::exchange::export(&report)),
        (Some(_), Form::Json | Form::Text) => {
            at.terminal.say(&report, show::exchange::export)?;
        }
    }
    Ok(exit::OK)
}

pub(super) fn completions(args: &Completions) -> Result<Exit, ApiError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "roadbook", &mut script);
    std::io::stdout().lock().write_all(&script).map_err(|error| {
        ApiError::new(ErrorCode::File, format!("the output cannot be written: {error}"))
    })?;
    Ok(exit::OK)
}
