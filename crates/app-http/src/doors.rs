//! Who may come in: the part that a host decides.

use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use roadbook_api::ApiError;
use roadbook_api::views::SessionMode;
use roadbook_app::Backend;
use serde::Deserialize;
use tokio::sync::watch;

use crate::once::Once;

/// The answer at the door, when it is there.
pub type Coming<'a, T> = Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send + 'a>>;

/// Somebody who is in.
#[derive(Clone)]
pub struct Visit {
    /// What carries out the commands.
    pub backend: Arc<dyn Backend>,
    /// What each `POST` must carry.
    pub csrf: String,
    /// Ends when the session does: then the sender is gone.
    pub lasts: watch::Receiver<()>,
    /// The session's latest writes.
    pub once: Arc<Once>,
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").finish_non_exhaustive()
    }
}

/// A session that was just opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The value of the cookie. A secret.
    pub cookie: String,
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted").finish_non_exhaustive()
    }
}

/// A sign-in.
#[derive(Clone, Deserialize)]
pub struct SignIn {
    /// The tenant's name.
    pub tenant: String,
    /// The user's sign-in name.
    pub login: String,
    /// The user's password. Never stored, never logged.
    pub password: String,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// Decides who may come in.
pub trait Doors: Send + Sync + 'static {
    /// Where the app behind them runs.
    fn mode(&self) -> SessionMode;

    /// The session that a cookie opens. Refuses with `not_signed_in`, or says why the app behind
    /// it cannot be used.
    fn visit<'a>(&'a self, cookie: &'a str) -> Coming<'a, Visit>;

    /// Whether a session is still good, without counting this as use. For streams.
    fn is_open(&self, cookie: &str) -> bool;

    /// Turns a one-time link into a session; `None` where there are none, or for a wrong or used
    /// one.
    fn open(&self, token: &str) -> Option<Admitted>;

    /// Counts a sign-in from an address, before anything of it is read. Refuses with `too_many`.
    fn may_try(&self, from: IpAddr) -> Result<(), ApiError>;

    /// Signs in with a password; `None` where that is not how one comes in.
    fn sign_in(&self, request: SignIn, from: IpAddr) -> Option<Coming<'_, Admitted>>;

    /// Ends a session; `false` where signing out is the app's own command.
    fn sign_out(&self, cookie: &str) -> bool;

    /// Who is at the other end, as far as can be told.
    fn address(&self, parts: &axum::http::request::Parts) -> IpAddr;
}
