//! What is being made: a visit to be logged, a new record. One dialog for it, in the frame.

use roadbook_domain::Entity;
use yew::prelude::*;

/// What is being made, and about which record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Making {
    /// What.
    pub what: Made,
    /// The record that it is about, by its id.
    pub about: Option<String>,
}

/// What can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// An activity that took place: `visit`, `call` or `meeting`.
    Log(&'static str),
    /// A record.
    Record(Entity),
    /// Of a lead, what it becomes.
    Conversion,
}

impl Making {
    /// Logging something.
    #[must_use]
    pub const fn log(kind: &'static str, about: Option<String>) -> Self {
        Self { what: Made::Log(kind), about }
    }

    /// A new record.
    #[must_use]
    pub const fn record(entity: Entity, about: Option<String>) -> Self {
        Self { what: Made::Record(entity), about }
    }

    /// What a lead becomes.
    #[must_use]
    pub const fn conversion(lead: String) -> Self {
        Self { what: Made::Conversion, about: Some(lead) }
    }
}

/// What is being made; kept by the providers.
pub(crate) type MakingHandle = UseStateHandle<Option<Making>>;

/// Opens and closes the dialog in which something is made.
#[derive(Clone, PartialEq)]
pub struct Make(Option<MakingHandle>);

impl Make {
    /// What is being made now.
    #[must_use]
    pub fn now(&self) -> Option<Making> {
        self.0.as_ref().and_then(|making| (**making).clone())
    }

    /// Opens the dialog.
    pub fn open(&self, making: Making) {
        if let Some(handle) = &self.0 {
            handle.set(Some(making));
        }
    }

    /// Closes it.
    pub fn close(&self) {
        if let Some(handle) = &self.0 {
            handle.set(None);
        }
    }
}

/// Opens and closes the dialog in which something is made.
#[hook]
pub fn use_make() -> Make {
    Make(use_context::<MakingHandle>())
}
