//! Where we are and how to go elsewhere.

use yew::prelude::*;

use crate::browser::{self, Step};
use crate::route::{Place, Route};

/// Where we are; kept by the providers, which hear the browser's back and forth.
pub(super) type Here = UseStateHandle<Place>;

/// Where we are.
#[hook]
pub fn use_place() -> Place {
    use_context::<Here>().map_or_else(|| Place::from(Route::Today), |here| (*here).clone())
}

/// Goes to places.
#[derive(Clone, PartialEq)]
pub struct Go(Option<Here>);

impl Go {
    /// To a place; back leads here again.
    pub fn to(&self, place: impl Into<Place>) {
        self.step(place.into(), Step::New);
    }

    /// To a place instead of this one.
    pub fn instead(&self, place: impl Into<Place>) {
        self.step(place.into(), Step::Instead);
    }

    /// Back to where the person came from; where that is not in the app, to the place above.
    pub fn back(&self) {
        if let Some(here) = &self.0
            && !browser::back()
        {
            self.instead(here.route.above());
        }
    }

    fn step(&self, place: Place, step: Step) {
        if let Some(here) = &self.0
            && place != **here
        {
            browser::go(&place, step);
            here.set(place);
        }
    }
}

/// Goes to places.
#[hook]
pub fn use_go() -> Go {
    Go(use_context::<Here>())
}

/// The record panel on the right.
#[derive(Clone, PartialEq)]
pub struct Panel {
    place: Place,
    go: Go,
}

impl Panel {
    /// The record that it shows.
    #[must_use]
    pub fn record(&self) -> Option<&str> {
        self.place.panel.as_deref()
    }

    /// Shows a record beside the screen. The first one is a step of the history, the next ones
    /// take its place, so that back closes the panel at once.
    pub fn open(&self, record: impl Into<String>) {
        let next = self.place.with_panel(Some(record.into()));
        if self.place.panel.is_some() { self.go.instead(next) } else { self.go.to(next) }
    }

    /// Closes it.
    pub fn close(&self) {
        self.go.to(self.place.with_panel(None));
    }
}

/// The record panel on the right.
#[hook]
pub fn use_panel() -> Panel {
    Panel { place: use_place(), go: use_go() }
}
