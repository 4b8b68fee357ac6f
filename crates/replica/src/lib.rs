//! The device's truth: encrypted SQLite, intent log, projections, search and the sync loop.

pub mod commit;
pub mod conflicts;
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
pub mod pending;
mod replica;
pub mod row;
pub mod search;
pub mod settings;
pub mod status;

pub use commit::{CommitError, CommitStamp, Committed};
pub use conflicts::{ConflictSide, OpenConflict};
pub use doctor::{Check, DoctorReport};
pub use enrolment::{CreateDevice, Enrolment};
pub use error::{OpenError, StoreError};
pub use exchange::{RequestOptions, TakeInError, TakenIn, Verify};
pub use history::{HistoryRow, JournalRow, MadeBy};
pub use key::{Entropy, KeyError, Unlock};
pub use list::{Closed, Comparison, Direction, Filter, ListQuery, Order, Trash};
pub use pending::{NeedsYou, PendingIntent, PendingState};
pub use replica::Replica;
pub use row::{Row, SyncMark};
pub use search::Found;
pub use settings::{Durability, KeyCost, Settings};
pub use status::SyncStatus;

// What `http::Link::write_directory` takes and gives; faces name it through this crate.
pub use roadbook_sync_protocol::account::{DirectoryEntry, DirectoryRequest, DirectoryResponse};
