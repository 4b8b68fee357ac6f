//! How intents become Automerge changes, and how documents become records and conflicts.
//!
//! Pure: bytes in, values out. Knows no storage, no network, no clock and no user rights. The
//! invariant: whoever holds the same accepted changes computes the same record and the same
//! conflicts, in whatever order the changes arrived.
//!
//! - [`Document`]: one flat Automerge document per record and facet (D1).
//! - [`mutator`]: operations become exactly one change, the same bytes everywhere (D3).
//! - [`mod@view`]: the merged record and its open conflicts (D2, D7).
//! - [`envelope`]: header, parts, salts and digests (D3).
//! - [`journal`]: what a merge settled, in plain words (D7).
//!
//! # Recipe: change how a class merges
//!
//! 1. Change the rule in `register` (or `view`), and the second opinion in `tests/it/model.rs`,
//!    which computes every record again without Automerge.
//! 2. Take the rule out once and see a test fail; only then is it proved.
//!
//! # Recipe: change what a mutator writes
//!
//! 1. Released mutators are never edited: add a version beside the old one in [`mutator`] and
//!    raise [`MUTATOR_VERSION`]. Golden files pin the bytes of each version for one script.
//! 2. Write the new version's golden files with `ROADBOOK_WRITE_GOLDEN=1 cargo test -p
//!    roadbook-merge golden`, and keep the old ones.

mod actor;
mod chunk;
pub mod document;
pub mod envelope;
pub mod journal;
mod keys;
mod layout;
pub mod mutator;
mod register;
mod scalar;
pub mod view;

pub use actor::{Author, actor_of};
pub use document::{Arrived, Document, DocumentError};
pub use envelope::{Digest, Envelope, Header, Part, Salt, SaltKey, device_salt_key};
pub use journal::JournalEntry;
pub use mutator::{MUTATOR_VERSION, Performed, Refusal, Stamp};
pub use view::{Conflict, FieldState, RecordView, Rule, Side, view};
