//! Who is at the app: unknown until the first answer, then what the app says.

use std::rc::Rc;

use roadbook_api::views::{SessionMode, SessionState, SessionView};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::Entity;
use yew::Reducible;

/// Who is at the app.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Session {
    /// Not known yet.
    #[default]
    Unknown,
    /// What the app says.
    Known(Rc<SessionView>),
    /// The app could not be asked.
    Lost(Rc<ApiError>),
}

/// Whether a user may settle conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reviewing {
    /// The user may.
    Yes,
    /// Not.
    No,
}

/// What becomes known.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionAction {
    /// The app answered.
    Answered(Result<SessionView, ApiError>),
}

impl Session {
    /// The answer of the app, if it is known.
    #[must_use]
    pub fn view(&self) -> Option<&SessionView> {
        match self {
            Self::Known(view) => Some(view),
            Self::Unknown | Self::Lost(_) => None,
        }
    }

    /// The screens with records can be shown.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.view().is_some_and(|view| view.state == SessionState::Ready)
    }

    /// It is known that the screens with records cannot be shown: something is needed first.
    #[must_use]
    pub fn is_shut(&self) -> bool {
        !matches!(self, Self::Unknown) && !self.is_ready()
    }

    /// The user may settle conflicts.
    #[must_use]
    pub fn can_review(&self) -> bool {
        self.view().is_some_and(|view| view.can_review)
    }

    /// Whether the user may settle conflicts, as a word.
    #[must_use]
    pub fn reviewing(&self) -> Reviewing {
        if self.can_review() { Reviewing::Yes } else { Reviewing::No }
    }

    /// The user gets the confidential fields of a kind of records.
    #[must_use]
    pub fn gets_confidential(&self, entity: Entity) -> bool {
        self.view().is_some_and(|view| view.confidential.contains(&entity))
    }

    /// The app runs on the server, for a browser.
    #[must_use]
    pub fn is_hosted(&self) -> bool {
        self.view().is_some_and(|view| view.mode == SessionMode::Hosted)
    }
}

impl Reducible for Session {
    type Action = SessionAction;

    fn reduce(self: Rc<Self>, action: SessionAction) -> Rc<Self> {
        let SessionAction::Answered(answer) = action;
        match answer {
            Ok(view) => Rc::new(Self::Known(Rc::new(view))),
            // A hiccup after a good answer does not throw a person out of the work at hand.
            Err(error)
                if matches!(*self, Self::Known(_)) && error.code != ErrorCode::NotSignedIn =>
            {
                self
            }
            Err(error) => Rc::new(Self::Lost(Rc::new(error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn fails() -> SessionAction {
        SessionAction::Answered(Err(ApiError::new(ErrorCode::Internal, "no")))
    }

    #[test]
    fn a_hiccup_keeps_the_session_that_is_known() {
        let lost = Rc::new(Session::Unknown).reduce(fails());
        assert!(matches!(*lost, Session::Lost(_)));
        let known = lost.reduce(SessionAction::Answered(Ok(sample::session())));
        assert!(known.is_ready() && !known.is_hosted());
        assert!(known.clone().reduce(fails()).is_ready());
        let out = ApiError::new(ErrorCode::NotSignedIn, "sign in first");
        let out = known.reduce(SessionAction::Answered(Err(out)));
        assert!(out.is_shut(), "a session that is over is no hiccup");
        assert!(!Session::Unknown.is_shut(), "nothing is said before the first answer");
    }
}
