//! What reaches a server document, and what does not (D5).
//!
//! A batch is judged in one write transaction, envelope by envelope, in the order of cost: shape,
//! number and clock, fields, what it builds on, rights, and at last the operations themselves,
//! performed again. An envelope is taken in whole or not at all; a bad one never blocks its
//! neighbours; everything of one is judged in memory before the first row of it is written.
//!
//! The gate trusts no clock, actor, tenant or size that a client sent. It knows nothing of HTTP
//! and of pages.

mod accept;
mod batch;
mod causes;
mod confirm;
mod fields;
mod open;
mod own;
mod place;
mod relay;
mod shape;
#[cfg(test)]
mod tests;

use roadbook_domain::{Schema, TenantId};
use roadbook_merge::Digest;
use roadbook_policy::Policies;
use roadbook_sync_protocol::Verdict;
use roadbook_sync_protocol::verdict::Denial;

#[cfg(test)]
pub(crate) use accept::chained;
pub(crate) use batch::{Pushed, Pusher};
pub(crate) use open::{OpenDocuments, project_document};
pub(crate) use own::{Own, derived_intent};
pub(crate) use place::rescope_users;
pub(crate) use relay::{HandedBack, TakenBack, refused};
pub(crate) use shape::MEMBERS_MAX;

use crate::store::{StoreError, StoreWrite};
use crate::tenant::{TenantError, TenantKeys};

/// What every judgement looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) schema: &'a Schema,
    pub(crate) policies: &'a Policies,
    pub(crate) keys: &'a TenantKeys,
    pub(crate) now_ms: i64,
    /// The server's restore epoch; after a restore, when that was in milliseconds since 1970.
    pub(crate) restore_epoch: u64,
    /// How often the server was restored.
    pub(crate) restores: u32,
}

/// One batch on its way in.
pub(crate) struct Gate<'a> {
    pub(crate) rules: Rules<'a>,
    pub(crate) store: &'a mut dyn StoreWrite,
    pub(crate) open: &'a mut OpenDocuments,
    /// The end of the log, with what this batch has added.
    pub(crate) head: u64,
    /// The digest of the log up to there.
    pub(crate) chain: Digest,
}

impl<'a> Gate<'a> {
    /// Begins at the end of the log.
    pub(crate) fn new(
        rules: Rules<'a>,
        store: &'a mut dyn StoreWrite,
        open: &'a mut OpenDocuments,
    ) -> Result<Self, TenantError> {
        let head = store.head()?;
        let last = store.log_entry(head)?;
        let chain = last.map_or_else(Digest::default, |last| last.chain);
        Ok(Self { rules, store, open, head, chain })
    }
}

/// Why a judgement ends early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The envelope gets this verdict.
    Verdict(Verdict),
    /// The call as a whole failed.
    Failed(TenantError),
}

impl From<TenantError> for Stop {
    fn from(error: TenantError) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// A denial that no policy decided.
fn denied(code: &str, reason: impl Into<String>, remedy: impl Into<String>) -> Verdict {
    Verdict::Denied(Denial {
        code: code.to_owned(),
        reason: reason.into(),
        remedy: remedy.into(),
        field: None,
        policy: None,
    })
}

fn deny(code: &str, reason: impl Into<String>, remedy: impl Into<String>) -> Stop {
    Stop::Verdict(denied(code, reason, remedy))
}

/// The name of a field as it is repeated and stored: it may be anything that a client made up.
fn repeated(field: &str) -> String {
    field.chars().take(FIELD_NAME_MAX).collect()
}

/// A denial about one field.
fn deny_field(
    code: &str,
    field: &str,
    reason: impl Into<String>,
    remedy: impl Into<String>,
) -> Stop {
    let mut verdict = denied(code, reason, remedy);
    if let Verdict::Denied(denial) = &mut verdict {
        denial.field = Some(repeated(field));
    }
    Stop::Verdict(verdict)
}

/// What only a broken or forged client can send.
fn deny_forged(code: &str, reason: impl Into<String>) -> Stop {
    deny(code, reason, "update the app; if it happens again, enrol the device anew")
}

/// The longest name of a field that is repeated or stored, in characters.
const FIELD_NAME_MAX: usize = 64;
