//! Receipts: what the server says that it took in must be signed by it, before anything is believed.

use ed25519_dalek::VerifyingKey;
use roadbook_domain::{IntentId, TenantId};
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
    ) -> Result<(), TakeInError> {
        let enrolment = self.enrolled()?;
        let key = VerifyingKey::from_bytes(&enrolment.server_key)
            .map_err(|_| StoreError::Unreadable { what: "the server's key" })?;
        if let Some(receipt) = receipt {
            check_pushed(connection, &key, enrolment.tenant, verdicts, receipt)?;
        }
        if let Some(page) = page {
            check_page(&key, enrolment.tenant, page)?;
        }
        Ok(())
    }
}

/// The receipt for what was pushed: verified where all of it is still known here.
fn check_pushed(
    connection: &Connection,
    key: &VerifyingKey,
    tenant: TenantId,
    verdicts: &[(IntentId, Verdict)],
    receipt: &Receipt,
) -> Result<(), TakeInError> {
    let mut leaves = Vec::with_capacity(receipt.seqs.len());
    for seq in &receipt.seqs {
        let intent = verdicts.iter().find(|(_, verdict)| verdict.seq() == Some(*seq));
        let Some((intent, _)) = intent else { return Err(TakeInError::BadReceipt) };
        // An answer that comes a second time speaks of work that has left the device's hands.
        let Some(entry) = pending::find(connection, *intent)? else { return Ok(()) };
        leaves.push((*seq, entry.envelope.header.leaf()));
    }
    if receipt.is_valid(key, tenant, &leaves) { Ok(()) } else { Err(TakeInError::BadReceipt) }
}

fn check_page(key: &VerifyingKey, tenant: TenantId, page: &Page) -> Result<(), TakeInError> {
    let Some(receipt) = &page.receipt else { return Ok(()) };
    let leaves: Vec<_> = page
        .items
        .iter()
        .filter_map(|item| match item {
            PageItem::Accepted(item) => Some(leaf(item)),
            PageItem::Forget(_) | PageItem::Snapshot(_) => None,
        })
        .collect();
    if receipt.is_valid(key, tenant, &leaves) { Ok(()) } else { Err(TakeInError::BadReceipt) }
}

/// Keeps a receipt for the envelopes of a page.
pub(super) fn store(
    connection: &Connection,
    receipt: Option<&Receipt>,
) -> Result<Option<i64>, StoreError> {
    let Some((receipt, last)) = receipt.and_then(|it| it.seqs.last().map(|last| (it, *last)))
    else {
        return Ok(None);
    };
    let body =
        postcard::to_allocvec(receipt).map_err(|_| StoreError::Unreadable { what: "a receipt" })?;
    connection
        .prepare_cached("INSERT INTO receipts (restore_epoch, last_seq, body) VALUES (?1, ?2, ?3)")?
        .execute(params![receipt.restore_epoch, last, body])?;
    Ok(Some(connection.last_insert_rowid()))
}
