//! The sync strip: a dot and a few words; a press opens the queue.

use roadbook_api::events::SyncStripView;
use yew::prelude::*;

use super::link::Link;
use crate::context::use_wall;
use crate::route::Route;
use crate::state::strip::{sentence, tone};

/// How things stand with the server.
#[derive(Properties, PartialEq)]
pub struct SyncStripProps {
    /// How things stand; absent until the first word.
    pub strip: Option<SyncStripView>,
}

/// The sync strip.
#[function_component]
pub fn SyncStrip(props: &SyncStripProps) -> Html {
    let wall = use_wall();
    let (word, text) = props.strip.as_ref().map_or_else(
        || ("quiet", "Looking for the server".to_owned()),
        |strip| (tone(strip).word(), sentence(strip, wall)),
    );
    html! {
        <Link to={Route::Queue} class={classes!("strip", format!("strip-{word}"))} name="Open the queue">
            <span class="strip-dot" aria-hidden="true"></span>
            <span class="strip-text number">{ text }</span>
        </Link>
    }
}
