//! The device's truth: encrypted SQLite, intent log, accepted and pending state, projections,
//! search and the sync loop (D3, D4, D6, D9).
//!
//! A [`Replica`] owns one database. [`Replica::commit`] saves an intent in one transaction;
//! [`Replica::next_request`] and [`Replica::take_in`] are the exchange with the server, without
//! any I/O; [`http`] carries it over the network. Lists, search and boards read projected rows and
//! never load a document. Invariants: what was acknowledged as saved is in the database whatever
//! happens next; taking the same answer in twice changes nothing; what was forgotten leaves
//! nothing readable behind.
//!
//! Does not decide who may do what ([`roadbook_policy`]), how values merge ([`roadbook_merge`]) or
//! how things look.
//!
//! # Recipe: add a migration
//!
//! 1. Add `migrations/<next number>_<purpose>.sql`, opening with a `--` comment that says what for
//!    and what it does to older clients. Add first, fill, and remove two releases later.
//! 2. Append it to the list in `database`. Never edit one that has landed.
//! 3. `ROADBOOK_UPDATE=1 cargo test -p roadbook-replica schema_file` writes `schema.sql` anew.
//!
//! Projections need none: they are made again when the schema's fingerprint or their own format
//! number changes.

pub mod commit;
pub mod conflicts;
mod create;
mod database;
pub mod doctor;
pub mod enrolment;
pub mod error;
pub mod exchange;
pub mod export;
mod hex;
pub mod history;
pub mod http;
pub mod key;
pub mod list;
mod opened;
pub mod pending;
mod planning;
mod projection;
mod replica;
pub mod row;
pub mod search;
pub mod settings;
pub mod status;
pub mod storage;
#[cfg(test)]
mod testing;
pub mod views;

pub use commit::{CommitError, CommitStamp, Committed};
pub use conflicts::{ConflictSide, OpenConflict};
pub use doctor::{Check, DoctorReport};
pub use enrolment::{CreateDevice, Enrolment, HostedDevice, InvalidEnrolment};
pub use error::{OpenError, StoreError};
pub use exchange::{HandedBack, RequestOptions, TakeInError, TakenIn, Verify};
pub use export::ExportError;
pub use history::{HistoryRow, JournalRow, MadeBy};
pub use key::{Entropy, KeyError, Unlock};
pub use list::{
    Closed, Comparison, Direction, Filter, Group, IdPart, ListQuery, Moment, Order, Sum, Trash,
};
pub use pending::{Discarded, DonePart, NeedsYou, PendingIntent, PendingState, Standing, Wanted};
pub use replica::Replica;
pub use row::{Row, SyncMark};
pub use search::Found;
pub use settings::{Durability, KeyCost, Settings};
pub use status::SyncStatus;
pub use storage::Storage;
pub use views::SavedView;

// What `http::Link::write_directory` takes and gives, and what a host that carries exchanges itself
// must name; others name it through this crate.
pub use roadbook_sync_protocol::account::{
    DirectoryEntry, DirectoryRequest, DirectoryResponse, EnrolResponse,
};
pub use roadbook_sync_protocol::{
    HistoryRequest, HistoryResponse, SyncRequest, SyncResponse, Verdict,
};

/// The version of the client, as major * 1_000_000 + minor * 1_000 + patch.
pub const CLIENT_VERSION: u32 = version(env!("CARGO_PKG_VERSION"));

/// Reads `major.minor.patch`.
const fn version(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let (mut total, mut number, mut at) = (0_u32, 0_u32, 0);
    while at < bytes.len() {
        match bytes[at] {
            digit @ b'0'..=b'9' => number = number * 10 + (digit - b'0') as u32,
            b'.' => {
                total = (total + number) * 1_000;
                number = 0;
            }
            _ => break,
        }
        at += 1;
    }
    total + number
}
