//! What a session rests on: a seat, and the password that opened it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::seat::Seat;

/// What is kept of who came in by a session.
#[derive(Clone)]
pub(super) struct Pass {
    pub(super) seat: Arc<Seat>,
    /// The mark of the password that was right at sign-in
    /// ([`Credential::mark`](crate::tenant::Credential::mark)).
    pub(super) password: [u8; 32],
}

/// Whether a session may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It may.
    Good,
    /// The user has another password since; sessions of the new one go on.
    OldPassword,
    /// The user or the device may not come any more, in no session.
    Over,
}

impl Pass {
    /// Looks whether the session may go on. A store that cannot be read says nothing about that.
    /// Blocking.
    pub(super) fn standing(&self) -> Standing {
        if self.seat.over.load(Ordering::SeqCst) || !self.seat.may_stay() {
            return Standing::Over;
        }
        let credential = self.seat.tenant.credential_of(self.seat.user);
        let is_same = |found: &crate::tenant::Credential| found.mark() == self.password;
        match credential {
            Ok(found) if !found.as_ref().is_some_and(is_same) => Standing::OldPassword,
            Ok(_) | Err(_) => Standing::Good,
        }
    }

    /// Whether both were opened at the same seat by the same password.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.seat, &other.seat) && self.password == other.password
    }
}
