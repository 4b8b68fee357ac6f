//! The commands of the app over HTTP and server-sent events, and the page that uses them.
//!
//! [`router`] serves the same routes in two places: `roadbook serve` shows one device's own app on
//! loopback ([`OwnDevice`]), and the sync server gives a browser a replica that it hosts
//! ([`hosted`]). Who may come in is decided by [`Doors`]; everything else is the same.
//!
//! | route | what |
//! |---|---|
//! | `POST /api/{name}` | a command that a screen has; request and response as JSON, refusals as `ApiError` |
//! | `GET /api/session` | the CSRF token of this session, where the app runs, and which run of the host this is |
//! | `GET /api/events` | events, as `text/event-stream` |
//! | `POST /api/sign_in`, `POST /api/sign_out` | only where the doors have them |
//! | `GET /open?token=` | a one-time link becomes a session, where the doors have them |
//! | every other `GET` | a file of the page, or the page itself |
//!
//! # What keeps strangers out
//!
//! - The name in `Host` must be one that this host goes by, so a page whose name was pointed at
//!   loopback (DNS rebinding) is not answered.
//! - A `POST` must come from this origin (`Origin`, `Sec-Fetch-Site`), must be JSON, and must carry
//!   the session's token in `X-Roadbook-CSRF`. That keeps the pages of other sites out, to which the
//!   browser lends the cookie but not the token. It keeps out nobody who holds the cookie itself:
//!   `GET /api/session` hands the token to whoever sends the cookie and is not another site's page.
//!   Such a session is ended by signing out, by its time, or by the host ([`Doors::visit`]).
//! - The cookie is `HttpOnly`, `SameSite=Strict`, host-only, and `Secure` behind TLS. The host keeps
//!   a hash of it.
//! - The page may load nothing from elsewhere, and nobody may frame it.
//!
//! # What is sent twice is done once
//!
//! A page whose connection broke before the answer to a write was there cannot know whether it was
//! carried out. Each write has a random key in `X-Roadbook-Once`, and the session keeps the latest
//! answers by their keys ([`Once`]): the page sends the write once more and gets the first answer.
//! The second time it says in `X-Roadbook-Run` which run of the host had the first; another one
//! that does not know the key refuses, because nobody can tell any more.
//!
//! What it does not do: it decides nothing about records, opens no database and reads no clock.

mod api;
mod bundle;
mod doors;
mod events;
mod guard;
mod headers;
mod once;
mod own;
mod router;
mod serve;
mod sessions;

pub use bundle::{Bundle, BundleError};
pub use doors::{Admitted, Coming, Doors, SignIn, Visit};
pub use once::Once;
pub use own::OwnDevice;
pub use roadbook_api::views::SessionMode;
pub use roadbook_api::{ApiError, ErrorCode, Event};
pub use roadbook_app::{Answer, Backend, Host};
pub use router::{Face, Hosts, Transport, router};
pub use serve::serve;
pub use sessions::{Kept, Lifetime, Opened, Sessions};

/// Replicas that a server hosts for browsers: what they are made of, for the server alone.
pub mod hosted {
    pub use roadbook_app::{
        EnrolResponse, HistoryRequest, HistoryResponse, Hosted, HostedPlace, PageBytes,
        SyncRequest, SyncResponse, Upstream,
    };
}
