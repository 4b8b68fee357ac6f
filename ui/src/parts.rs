//! The parts of the page that are loaded after its first screen: what a rep opens once a day, and
//! not at every start.
//!
//! A part is a wasm file of its own (`cargo xtask ui` splits it off at the functions below), loaded
//! when one of its screens is shown first. A browser fetches all of them when it has nothing else
//! to do (`prefetch` in the page's head), so that they are at hand then.

use std::cell::Cell;

use roadbook_api::commands::planning::Scored;
use wasm_bindgen_futures::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use yew::prelude::*;

use crate::components::{Problem, Skeleton};
use crate::gallery::Gallery;
use crate::route::Route;
use crate::screens;

/// A part of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Forecast, scores, the route of the day, territories, quotas, lead assignment; and the score
    /// on a record's page.
    Planning,
    /// What merges could not settle.
    Review,
    /// The queue, settings, how the sync stands, search as a page, and what else there is to go to.
    Device,
    /// The dialogs in which something new is made, asked for by a key or from a record.
    Making,
    /// Every component in every state.
    Gallery,
}

/// Shows a screen of a part.
type Show = fn(&Route) -> Html;

/// How many parts there are.
const PARTS: usize = Part::Gallery as usize + 1;

thread_local! {
    static LOADED: [Cell<Option<Show>>; PARTS] = const { [const { Cell::new(None) }; PARTS] };
}

impl Part {
    /// The part that a screen is in; `None` for what the page starts with.
    #[must_use]
    pub const fn of(route: &Route) -> Option<Self> {
        match route {
            Route::Forecast
            | Route::Hot
            | Route::Scoring
            | Route::LeadScoring
            | Route::DayRoute
            | Route::Territories
            | Route::Quotas
            | Route::Assignment => Some(Self::Planning),
            Route::Review | Route::Conflict(_) => Some(Self::Review),
            Route::Queue | Route::Settings | Route::Sync | Route::Search | Route::More => {
                Some(Self::Device)
            }
            Route::Components => Some(Self::Gallery),
            Route::Today
            | Route::Pipeline
            | Route::List(_)
            | Route::Record(_)
            | Route::SignIn
            | Route::NotFound => None,
        }
    }

    /// How its screens are shown, once it is loaded.
    fn loaded(self) -> Option<Show> {
        // Outside a page everything is one program.
        #[cfg(not(target_family = "wasm"))]
        LOADED.with(|all| {
            all[Self::Planning as usize].set(Some(show_planning));
            all[Self::Review as usize].set(Some(show_review));
            all[Self::Device as usize].set(Some(show_device));
            all[Self::Making as usize].set(Some(show_making));
            all[Self::Gallery as usize].set(Some(show_gallery));
        });
        LOADED.with(|all| all[self as usize].get())
    }

    /// Loads it, unless it is there.
    async fn load(self) -> Option<Show> {
        if let Some(show) = self.loaded() {
            return Some(show);
        }
        let came = match self {
            Self::Planning => planning().await,
            Self::Review => review().await,
            Self::Device => device().await,
            Self::Making => making().await,
            Self::Gallery => gallery().await,
        };
        let show = came.ok()?;
        LOADED.with(|all| all[self as usize].set(Some(show)));
        Some(show)
    }
}

#[wasm_split(planning, fallible)]
fn planning() -> Result<Show, SplitLoaderError> {
    Ok(show_planning)
}

#[wasm_split(review, fallible)]
fn review() -> Result<Show, SplitLoaderError> {
    Ok(show_review)
}

#[wasm_split(device, fallible)]
fn device() -> Result<Show, SplitLoaderError> {
    Ok(show_device)
}

#[wasm_split(making, fallible)]
fn making() -> Result<Show, SplitLoaderError> {
    Ok(show_making)
}

#[wasm_split(gallery, fallible)]
fn gallery() -> Result<Show, SplitLoaderError> {
    Ok(show_gallery)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`Part::of` says what comes here")]
fn show_planning(route: &Route) -> Html {
    match route {
        Route::Hot => html! { <screens::Hot /> },
        Route::Scoring => html! { <screens::Scoring key="deals" what={Scored::Deals} /> },
        Route::LeadScoring => html! { <screens::Scoring key="leads" what={Scored::Leads} /> },
        Route::DayRoute => html! { <screens::DayRoute /> },
        Route::Territories => html! { <screens::Territories /> },
        Route::Quotas => html! { <screens::Quotas /> },
        Route::Assignment => html! { <screens::Assignment /> },
        // Of a record's page only its score is here.
        Route::Record(record) => html! { <screens::RecordScore record={record.clone()} /> },
        _ => html! { <screens::Forecast /> },
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`Part::of` says what comes here")]
fn show_review(route: &Route) -> Html {
    match route {
        Route::Conflict(conflict) => html! {
            <screens::ConflictPage conflict={conflict.clone()} />
        },
        _ => html! { <screens::Review /> },
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`Part::of` says what comes here")]
fn show_device(route: &Route) -> Html {
    match route {
        Route::Queue => html! { <screens::Queue /> },
        Route::Sync => html! { <screens::SyncPage /> },
        Route::Search => html! { <screens::Search /> },
        Route::More => html! { <screens::More /> },
        _ => html! { <screens::Settings /> },
    }
}

fn show_making(_: &Route) -> Html {
    html! { <screens::Asked /> }
}

fn show_gallery(_: &Route) -> Html {
    html! { <Gallery /> }
}

/// A screen of a part.
#[derive(Properties, PartialEq)]
pub struct LaterProps {
    /// The part.
    pub part: Part,
    /// The screen.
    pub route: Route,
}

/// Shows a screen of a part, loads the part if it is not there, and says so if that fails.
#[function_component]
pub fn Later(props: &LaterProps) -> Html {
    let part = props.part;
    let came = use_state(|| part.loaded().map(Some));
    let again = use_state(|| 0_u32);
    {
        let came = came.setter();
        use_effect_with(*again, move |_| {
            if part.loaded().is_none() {
                spawn_local(async move { came.set(Some(part.load().await)) });
            }
        });
    }
    match *came {
        Some(Some(show)) => show(&props.route),
        Some(None) => {
            let (came, tries) = (came.setter(), *again);
            let on_retry = Callback::from(move |()| {
                came.set(None);
                again.set(tries + 1);
            });
            html! {
                <Problem
                    text="This screen could not be loaded. Check the network, then try again; what you did is saved."
                    {on_retry}
                />
            }
        }
        None => html! { <Skeleton lines={6} /> },
    }
}
