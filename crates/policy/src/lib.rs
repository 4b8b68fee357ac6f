//! Entitlements: who may see and do what, with a decision and a reason (D8).
//!
//! Pure: no storage, no clock, no directory of its own. The same code judges on the device, where
//! it explains, and at the server's gate, where it binds. The invariant: no decision without the
//! policy that made it, no denial without a reason and a remedy.
//!
//! - [`Policies`]: the rules, as versioned data. Nothing is allowed that no rule permits; a rule
//!   that forbids wins over one that permits.
//! - [`decide`]: judges what an intent does to one document. A different engine can stand behind
//!   it without a change of its callers.
//! - [`Scope`], [`Audience`]: who sees a record, as values that a table can index.
//!
//! # Recipe: allow or forbid something
//!
//! 1. Add a [`Rule`] to [`Policies::shipped`] and raise [`POLICY_VERSION`].
//! 2. Add a test that names the role and what it may now do, or may no longer do.

mod ask;
mod decide;
mod decision;
mod role;
mod rule;
mod scope;
mod shipped;

pub use ask::Action;
pub use decide::{Relation, Request, Subject, decide, decide_directory};
pub use decision::Decision;
pub use role::{Role, UnknownRole};
pub use rule::{Condition, Effect, Fields, Policies, Rule};
pub use scope::{
    Audience, Compartment, Directory, RecordPlace, Scope, TeamEntry, UserEntry, record_audiences,
    record_scopes, user_audiences, user_scopes,
};
pub use shipped::POLICY_VERSION;
