//! What a CRM is: records and their fields, money, ids, the hybrid clock and the intents.
//!
//! Pure data and pure functions. No I/O, no clock, no randomness: time and ids come in as
//! parameters. Builds for wasm32.
//!
//! # Recipe: add a field
//!
//! 1. Add one line to the entity's list in [`schema::crm`]: name, label, type, merge class and
//!    classification are all required, so a field without a merge class does not compile.
//! 2. Say `.since(n)` with the next version, and raise [`schema::SCHEMA_VERSION`] to it: devices of
//!    an earlier version get the changes of the field as bytes, because they cannot make them.
//! 3. Write `docs/data-model.md` anew: `ROADBOOK_UPDATE=1 cargo test -p roadbook-domain --test it`.
//! 4. That is all. `merge` merges it by its class, `replica` and the server make its projection
//!    column and search entry, policy filters it by its classification, and every face shows it.
//!
//! A confirmed field needs a word in the policies on who gives it its first value (ADR 0015). What
//! the table does not have yet, and what it takes, is in ADR 0014.
//!
//! # Recipe: add an entity
//!
//! 1. Add a variant to [`Entity`] and to [`Entity::ALL`].
//! 2. Add its definition to [`schema::crm`].

pub mod clock;
pub mod entity;
pub mod id;
pub mod intent;
pub mod money;
pub mod operation;
pub mod schema;
pub mod value;

pub use clock::{Hlc, HlcClock};
pub use entity::Entity;
pub use id::{
    ChangeHash, ConflictId, DeviceId, DocumentKey, Facet, IntentId, RecordId, TenantId, UserId,
};
pub use intent::{FirstValues, Intent, IntentKind, InvalidIntent, Step};
pub use money::{Currency, Money};
pub use operation::{FieldEdit, Operation};
pub use schema::{Classification, EntityDef, FieldDef, MergeClass, Schema, ValueType};
pub use value::Value;
