//! The frame around the screens: rail, search, record panel, bottom bar, keys, toasts.

pub mod commands;
pub mod frame;
pub mod keys_help;
pub mod search;

use yew::prelude::*;

use crate::bridge::Bridge;
use crate::browser::{self, Step};
use crate::context::{Anew, Drafts, Providers};
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

/// Where and when the page began, and how often it began anew.
#[derive(PartialEq)]
struct Start {
    number: u32,
    place: Place,
    wall: Wall,
}

/// The whole page. It begins anew for who signs in: nothing that was looked up for somebody else is
/// there any more, and what somebody typed and did not save is theirs alone.
#[function_component]
pub fn App(props: &AppProps) -> Html {
    let start = use_state(|| Start { number: 0, place: props.place.clone(), wall: props.wall });
    let drafts = use_memo((), |()| Drafts::default());
    let anew = {
        let start = start.clone();
        Callback::from(move |place: Place| {
            browser::go(&place, Step::Instead);
            let number = start.number + 1;
            start.set(Start { number, place, wall: browser::wall() });
        })
    };
    html! {
        <ContextProvider<Anew> context={Anew(anew)}>
        <ContextProvider<Drafts> context={(*drafts).clone()}>
            <Providers
                key={start.number} bridge={props.bridge.clone()} place={start.place.clone()}
                wall={start.wall}
            >
                <frame::Frame />
            </Providers>
        </ContextProvider<Drafts>>
        </ContextProvider<Anew>>
    }
}
