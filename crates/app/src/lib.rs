//! The use cases: the only place that joins replica and policy.
//!
//! A face opens an [`App`] and runs commands of `roadbook-api` on it. Each write becomes one
//! intent, saved on this device before the command returns; nothing here waits for a network but
//! [`App::enrol`], [`App::sync`], [`App::keep_in_sync`] and the directory part of an import, and
//! no lock that a write waits for is held while they wait.
//!
//! A face with a screen holds a [`Session`] instead: it opens the device when it can be opened,
//! carries commands out by name, keeps the device in sync in the background and tells of changes.
//!
//! What it does not do: it writes no sentences for people (faces do), reads no clock and makes no
//! randomness (the [`Host`] does), and knows no SQL and no Automerge.
//!
//! # Recipe: carry out a command
//!
//! 1. Declare it in `roadbook-api` (its recipe says how).
//! 2. Implement [`Run`] for it in the module of its area; a write builds an
//!    [`Intent`](roadbook_domain::Intent) and hands it to `App::save`.
//! 3. Give it its line in the table of `dispatch`, which says whether it reads or writes.
//! 4. Show it in the faces.

mod app;
mod around;
mod assign;
mod backend;
mod board;
mod choices;
mod conflicts;
mod convert;
mod day;
mod describe;
mod dispatch;
mod errors;
mod exchange;
mod export;
mod history;
mod host;
mod hosted;
pub mod import;
mod lookup;
mod news;
pub mod planning;
mod queries;
mod queue;
mod records;
mod retry;
mod search;
mod session;
mod status;
mod storage;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod today;
mod undo;
mod views;
mod writes;

pub use app::{App, Device, Run};
pub use backend::{Answer, Backend};
pub use dispatch::reads;
pub use errors::ApiResult;
pub use exchange::{Exchanged, Step, Watch};
pub use export::ExportTarget;
pub use host::{Host, fresh_id};
pub use hosted::{Hosted, HostedPlace, PageBytes, Upstream};
pub use roadbook_replica::http::{Cancel, Progress};
pub use roadbook_replica::{Durability, KeyCost, Settings, Unlock};
pub use roadbook_replica::{
    EnrolResponse, HistoryRequest, HistoryResponse, SyncRequest, SyncResponse,
};
pub use session::{Place, Session};
