//! Every command between a face and the app: requests, responses, views and error codes.
//!
//! A face (the command line, the window, the browser) makes a request, gives it to `roadbook-app`
//! and shows the response. Names of fields are stable: they are the JSON that scripts read and
//! that goes between a window and its app. No I/O, no clock, no storage types; builds for wasm32.
//!
//! Sentences for people are written in the faces. What travels is typed values, each with its
//! plain text, and stable words.
//!
//! # Recipe: add a command
//!
//! 1. Write a request in the module of its area under [`commands`], with a view for its response
//!    under [`views`] if none fits, and name it in [`commands::NAMES`].
//! 2. Add the snapshot of its response to the tests beside the view.
//! 3. Carry it out in `roadbook-app`, and show it in the faces. A page may call it as soon as a
//!    screen uses it; until then it stands in [`commands::NOT_FOR_PAGES`].

pub mod assignment;
pub mod commands;
pub mod error;
pub mod events;
pub mod value;
pub mod views;

pub use assignment::{Assignment, Change};
pub use commands::Command;
pub use error::{ApiError, ErrorCode, FieldProblem};
pub use events::Event;
pub use value::ValueView;
