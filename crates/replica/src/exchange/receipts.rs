//! Receipts: what the server says that it took in must be signed by it, before anything is believed.

use ed25519_dalek::VerifyingKey;
use roadbook_domain::{IntentId, TenantId};
use roadbook_merge::{Digest, Envelope};
use roadbook_sync_protocol::page::leaf;
use roadbook_sync_protocol::{Page, PageItem, Receipt, Verdict};
use rusqlite::{Connection, params};

use crate::exchange::TakeInError;
use crate::{Replica, StoreError, pending};

impl Replica {
    /// Receipts must be the server's, before anything is believed.
    pub(super) fn check_receipts(
        &self,
        connection: &Connection,
        verdicts: &[(IntentId, Verdict)],
        receipt: Option<&Receipt>,
        page: Option<&Page>,
    ) -> Result<Checked, TakeInError> {
        let enrolment = self.enrolled()?;
        let key = VerifyingKey::from_bytes(&enrolment.server_key)
            .map_err(|_| StoreError::Unreadable { what: "the server's key" })?;
        let mut checked = Checked::default();
        if let Some(page) = page {
            checked.leaves = check_page(&key, enrolment.tenant, page)?;
        }
        let is_told = |seq| receipt.is_some_and(|receipt| receipt.seqs.contains(&seq));
        if !newly_accepted(verdicts).all(is_told) {
            return Err(TakeInError::BadReceipt);
        }
        if let Some(receipt) = receipt {
            let (tenant, key) = (enrolment.tenant, &key);
            checked.pushed = check_pushed(connection, key, tenant, verdicts, receipt)?;
        }
        Ok(checked)
    }
}

/// What the receipts of an answer speak of.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// What was taken in of the push, as far as it is still known here.
    pub(super) pushed: Vec<(u64, Envelope)>,
    /// The leaves of the page.
    pub(super) leaves: Vec<Digest>,
}

/// The places in the log of what these verdicts say was taken in now. What is told as a duplicate
/// had its receipt with the first answer.
fn newly_accepted(verdicts: &[(IntentId, Verdict)]) -> impl Iterator<Item = u64> {
    let given = verdicts.iter().map(|(_, verdict)| verdict);
    given.filter(|verdict| !matches!(verdict, Verdict::Duplicate(_))).filter_map(Verdict::seq)
}

/// The receipt for what was pushed: verified where all of it is still known here.
fn check_pushed(
    connection: &Connection,
    key: &VerifyingKey,
    tenant: TenantId,
    verdicts: &[(IntentId, Verdict)],
    receipt: &Receipt,
) -> Result<Vec<(u64, Envelope)>, TakeInError> {
    let mut pushed = Vec::with_capacity(receipt.seqs.len());
    for seq in &receipt.seqs {
        let intent = verdicts.iter().find(|(_, verdict)| verdict.seq() == Some(*seq));
        let Some((intent, _)) = intent else { return Err(TakeInError::BadReceipt) };
        // An answer that comes a second time speaks of work that has left the device's hands.
        let Some(entry) = pending::find(connection, *intent)? else { return Ok(Vec::new()) };
        pushed.push((*seq, entry.envelope));
    }
    let leaves: Vec<_> = pushed.iter().map(|(seq, it)| (*seq, it.header.leaf())).collect();
    if receipt.is_valid(key, tenant, &leaves) { Ok(pushed) } else { Err(TakeInError::BadReceipt) }
}

/// Places and leaves of the envelopes of a page.
fn leaves(page: &Page) -> Vec<(u64, Digest)> {
    page.items
        .iter()
        .filter_map(|item| match item {
            PageItem::Accepted(item) => Some(leaf(item)),
            PageItem::Forget(_) | PageItem::Snapshot(_) => None,
        })
        .collect()
}

/// The leaves of a page, which its receipt must speak of. A page without envelopes needs none.
fn check_page(
    key: &VerifyingKey,
    tenant: TenantId,
    page: &Page,
) -> Result<Vec<Digest>, TakeInError> {
    let leaves = leaves(page);
    let is_proved = match &page.receipt {
        Some(receipt) => receipt.is_valid(key, tenant, &leaves),
        None => leaves.is_empty(),
    };
    if !is_proved {
        return Err(TakeInError::BadReceipt);
    }
    Ok(leaves.into_iter().map(|(_, leaf)| leaf).collect())
}

/// Keeps a receipt, with the leaves that it speaks of.
pub(super) fn store(
    connection: &Connection,
    receipt: Option<&Receipt>,
    leaves: &[Digest],
) -> Result<Option<i64>, StoreError> {
    let Some((receipt, last)) = receipt.and_then(|it| it.seqs.last().map(|last| (it, *last)))
    else {
        return Ok(None);
    };
    let body =
        postcard::to_allocvec(receipt).map_err(|_| StoreError::Unreadable { what: "a receipt" })?;
    connection
        .prepare_cached(
            "INSERT INTO receipts (restore_epoch, last_seq, body, leaves) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![receipt.restore_epoch, last, body, leaves.concat()])?;
    Ok(Some(connection.last_insert_rowid()))
}
