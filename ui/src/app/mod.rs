//! The frame around the screens: rail, search, record panel, bottom bar, keys, toasts.

pub mod commands;
pub mod frame;
pub mod keys_help;
pub mod search;

use yew::prelude::*;

use crate::bridge::Bridge;
use crate::context::Providers;
use crate::route::Place;
use crate::words::Wall;

/// What the app is given at its start.
#[derive(Properties, PartialEq)]
pub struct AppProps {
    /// The way to the app; absent where it is rendered without one.
    #[prop_or_default]
    pub bridge: Option<Bridge>,
    /// Where the page is.
    pub place: Place,
    /// The time on the wall.
    pub wall: Wall,
}

/// The whole page.
#[function_component]
pub fn App(props: &AppProps) -> Html {
    html! {
        <Providers bridge={props.bridge.clone()} place={props.place.clone()} wall={props.wall}>
            <frame::Frame />
        </Providers>
    }
}
