//! An answer as a server writes it: the items of its page are written one by one, and an accepted
//! envelope from the bytes that are stored of it, without reading those first.
//!
//! The bytes are those of the [`SyncResponse`] that it stands for: stored form and wire form of
//! header, parts and outcomes are the same.

use roadbook_domain::{DeviceId, IntentId};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::frame::{FrameError, frame_of};
use crate::message::{Checksum, Cursor, ServerHello, SyncResponse};
use crate::page::PageItem;
use crate::receipt::Receipt;
use crate::verdict::Verdict;

/// An accepted envelope, by what is stored of it.
#[derive(Debug, Clone)]
pub struct StoredItem<'a> {
    /// Its place in the log.
    pub seq: u64,
    /// When the server took it in, in milliseconds since 1970.
    pub accepted_ms: i64,
    /// Its header.
    pub header: &'a [u8],
    /// Per visible part, in order: the part with its salt, the raw change or nothing, what came of
    /// it.
    pub parts: Vec<(&'a [u8], &'a [u8], &'a [u8])>,
}

/// The items of a page, written one after the other.
#[derive(Debug, Clone, Default)]
pub struct PackedItems {
    bytes: Vec<u8>,
    count: usize,
}

/// The place of [`PageItem::Accepted`] among its siblings.
const ACCEPTED: u32 = 2;

impl PackedItems {
    /// Says whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds an item.
    ///
    /// # Errors
    /// [`FrameError::Body`] if it cannot be written.
    pub fn push(&mut self, item: &PageItem) -> Result<(), FrameError> {
        self.bytes.extend(postcard::to_allocvec(item).map_err(FrameError::Body)?);
        self.count += 1;
        Ok(())
    }

    /// Adds an accepted envelope.
    ///
    /// # Errors
    /// [`FrameError::Body`] if it cannot be written.
    pub fn push_stored(&mut self, item: &StoredItem<'_>) -> Result<(), FrameError> {
        let out = &mut self.bytes;
        put(out, &ACCEPTED)?;
        put(out, &item.seq)?;
        put(out, &item.accepted_ms)?;
        out.extend_from_slice(item.header);
        put(out, &item.parts.len())?;
        for (part, _, _) in &item.parts {
            out.extend_from_slice(part);
        }
        put(out, &item.parts.len())?;
        for (_, raw, _) in &item.parts {
            put(out, &raw.len())?;
            out.extend_from_slice(raw);
        }
        put(out, &item.parts.len())?;
        for (_, _, outcome) in &item.parts {
            out.extend_from_slice(outcome);
        }
        self.count += 1;
        Ok(())
    }
}

/// Writes a number as postcard does.
fn put<T: Serialize>(out: &mut Vec<u8>, number: &T) -> Result<(), FrameError> {
    let mut room = [0; 10];
    let written = postcard::to_slice(number, &mut room).map_err(FrameError::Body)?;
    out.extend_from_slice(written);
    Ok(())
}

/// A page whose items are written already; see [`crate::Page`].
#[derive(Debug, Clone)]
pub struct PackedPage {
    /// What happened.
    pub items: PackedItems,
    /// Where the device is after this page.
    pub next: Cursor,
    /// The place in the log that `next` stands for.
    pub position: u64,
    /// There is more to read.
    pub more: bool,
    /// About how many items are still to come.
    pub remaining: u64,
    /// The server's receipt for the envelopes of this page.
    pub receipt: Option<Receipt>,
    /// The names of the devices that the items speak of.
    pub devices: Vec<(DeviceId, String)>,
}

/// An answer whose page is written already; see [`SyncResponse`].
#[derive(Debug, Clone)]
pub struct PackedResponse {
    /// The server.
    pub hello: ServerHello,
    /// One verdict per pushed intent, in order.
    pub verdicts: Vec<(IntentId, Verdict)>,
    /// The receipt of the pushed envelopes that were taken in.
    pub receipt: Option<Receipt>,
    /// A page of the log.
    pub page: Option<PackedPage>,
    /// Intents whose quarantine is acknowledged.
    pub quarantined: Vec<IntentId>,
    /// The checksum, if it was asked for and the device is at the end of the log.
    pub checksum: Option<Checksum>,
}

impl PackedResponse {
    /// Writes the frame of the answer.
    ///
    /// # Errors
    /// [`FrameError::Body`] or [`FrameError::Compression`] if it cannot be written.
    pub fn encode(self) -> Result<Vec<u8>, FrameError> {
        frame_of(&self.into_body()?)
    }

    /// Reads what a device would read.
    ///
    /// # Errors
    /// [`FrameError::Body`] if something stored is damaged.
    pub fn read(self) -> Result<SyncResponse, FrameError> {
        read(&self.into_body()?)
    }

    fn into_body(self) -> Result<Vec<u8>, FrameError> {
        let Self { hello, verdicts, receipt, page, quarantined, checksum } = self;
        let mut out =
            postcard::to_allocvec(&(hello, verdicts, receipt)).map_err(FrameError::Body)?;
        match page {
            None => out.push(0),
            Some(page) => {
                let PackedPage { items, next, position, more, remaining, receipt, devices } = page;
                out.push(1);
                put(&mut out, &items.count)?;
                out.extend_from_slice(&items.bytes);
                let rest = (next, position, more, remaining, receipt, devices);
                out.extend(postcard::to_allocvec(&rest).map_err(FrameError::Body)?);
            }
        }
        out.extend(postcard::to_allocvec(&(quarantined, checksum)).map_err(FrameError::Body)?);
        Ok(out)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, FrameError> {
    postcard::from_bytes(body).map_err(FrameError::Body)
}
