//! Wire types, codec, version handshake and signatures of the sync protocol.
//!
//! One exchange does everything: [`SyncRequest`] carries pushed envelopes, a pull cursor and
//! acknowledgements; [`SyncResponse`] carries verdicts, a receipt and a page of the log. A sync
//! with nothing to say is one round trip. No I/O here; `docs/sync-protocol.md` tells the story.
//!
//! # Recipe: change a wire type
//!
//! Every type here is pinned by a snapshot test. A change of a pinned form needs a new protocol
//! version in [`frame::VERSIONS`] and the old form kept for two releases. A new call needs a new
//! version too, and no old form: its frames bear the version that brought it
//! ([`frame::encode_in`]), and a neighbour that does not know the call says so.

pub mod account;
pub mod frame;
pub mod history;
pub mod message;
pub mod packed;
pub mod page;
pub mod proof;
pub mod receipt;
pub mod relay;
pub mod verdict;

pub use frame::{FrameError, decode, decode_request, encode, encode_in};
pub use history::{HistoryRequest, HistoryResponse, PastEntry};
pub use message::{
    Checksum, ClientHello, Cursor, PullRequest, PushBatch, PushEnvelope, PushPart, Quarantined,
    ServerHello, SyncRequest, SyncResponse,
};
pub use packed::{PackedItems, PackedPage, PackedResponse, StoredItem};
pub use page::{HistoryEntry, LogItem, Outcome, Page, PageItem, Provenance, Snapshot};
pub use proof::{RequestProof, batch_root};
pub use receipt::Receipt;
pub use relay::{LogSpan, RelayBatch, RelayRequest, RelayResponse, Relayed, Standing};
pub use verdict::Verdict;
