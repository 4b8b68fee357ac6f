//! What goes to the terminal: facts to stdout, progress and errors to stderr.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use roadbook_api::{ApiError, ErrorCode};
use serde::Serialize;

use crate::args::Color;

/// How facts come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The terminal, or what stands for it.
pub(crate) struct Terminal {
    pub(crate) form: Form,
    styled: bool,
    /// The progress line on stderr has no end yet.
    open_line: AtomicBool,
}

/// A style of text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    /// What matters.
    Bold,
    /// What matters less.
    Dim,
    /// What waits for somebody.
    Warn,
}

impl Terminal {
    pub(crate) fn new(json: bool, color: Color) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let styled = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stdout().is_terminal() && !plain,
        };
        Self {
            form: if json { Form::Json } else { Form::Text },
            styled: styled && !json,
            open_line: AtomicBool::new(false),
        }
    }

    /// Text in a style, where styles are wanted.
    pub(crate) fn style(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Warn => "33",
        };
        if self.styled { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Writes a fact: JSON for programs, what `text` makes of it for people.
    pub(crate) fn say<T: Serialize>(
        &self,
        fact: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), ApiError> {
        match self.form {
            Form::Json => {
                let json = serde_json::to_string_pretty(fact).map_err(|_| {
                    ApiError::new(ErrorCode::Internal, "the answer cannot be written as JSON")
                })?;
                self.line(&json)
            }
            Form::Text => self.line(text(fact).trim_end()),
        }
    }

    /// Writes a line of JSON, for streams.
    pub(crate) fn json_line<T: Serialize>(&self, fact: &T) -> Result<(), ApiError> {
        let json = serde_json::to_string(fact).map_err(|_| {
            ApiError::new(ErrorCode::Internal, "the answer cannot be written as JSON")
        })?;
        self.line(&json)
    }

    /// Writes a line to stdout. A reader that went away is no error.
    pub(crate) fn line(&self, text: &str) -> Result<(), ApiError> {
        self.raw(format!("{text}\n").as_bytes())
    }

    /// Writes bytes to stdout as they are. A reader that went away is no error.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Result<(), ApiError> {
        self.end_line();
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(ApiError::new(
                ErrorCode::File,
                format!("the output cannot be written: {error}"),
            )),
        }
    }

    /// Writes a note to stderr.
    pub(crate) fn note(&self, text: &str) {
        self.end_line();
        // Nothing can be told of a terminal that cannot be written to.
        drop(writeln!(std::io::stderr(), "{text}"));
    }

    /// Shows how far something has come: a line that is written over on a terminal, and a line
    /// now and then elsewhere.
    pub(crate) fn progress(&self, text: &str, milestone: Milestone) {
        let mut err = std::io::stderr();
        if err.is_terminal() {
            drop(write!(err, "\r\u{1b}[2K{text}").and_then(|()| err.flush()));
            self.open_line.store(true, Ordering::Relaxed);
        } else if milestone == Milestone::Yes {
            drop(writeln!(err, "{text}"));
        }
    }

    fn end_line(&self) {
        if self.open_line.swap(false, Ordering::Relaxed) {
            drop(write!(std::io::stderr(), "\r\u{1b}[2K"));
        }
    }

    /// Tells an error: one sentence for people, the whole of it for programs.
    pub(crate) fn error(&self, error: &ApiError) {
        match self.form {
            Form::Json => {
                drop(self.json_line(&serde_json::json!({ "error": error })));
            }
            Form::Text => {
                let mut text = format!("roadbook: {}", error.message);
                for problem in &error.fields {
                    if !error.message.contains(&problem.remedy) {
                        let _ = write!(text, "\n  {}: {}", problem.field, problem.remedy);
                    }
                }
                self.note(&text);
            }
        }
    }
}

/// Whether a step of progress is worth a line of its own in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Milestone {
    /// It is.
    Yes,
    /// It is not.
    No,
}
