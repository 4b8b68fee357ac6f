//! The sync strip: an icon and a few words; a press opens the queue.

use roadbook_api::events::SyncStripView;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use super::link::Link;
use crate::context::use_wall;
use crate::route::Route;
use crate::state::strip::{Tone, sentence, tone};

/// How things stand with the server.
#[derive(Properties, PartialEq)]
pub struct SyncStripProps {
    /// How things stand; absent until the first word.
    pub strip: Option<SyncStripView>,
}

/// The icon of how things stand; each state has its own, so that none is told by colour alone.
fn icon(strip: &SyncStripView) -> Icon {
    match tone(strip) {
        Tone::Good => Icon::Check,
        Tone::Quiet => Icon::Offline,
        Tone::Busy => Icon::Sending,
        Tone::NeedsYou => Icon::NeedsYou,
    }
}

/// The sync strip.
#[function_component]
pub fn SyncStrip(props: &SyncStripProps) -> Html {
    let wall = use_wall();
    let (word, icon, text) = props.strip.as_ref().map_or_else(
        || ("quiet", Icon::Clock, "Looking for the server".to_owned()),
        |strip| (tone(strip).word(), icon(strip), sentence(strip, wall)),
    );
    // The words are not seen in a narrow window: the icon differs too, and the name says it all.
    let said = AttrValue::from(format!("{text}. Open the queue"));
    html! {
        <Link
            to={Route::Queue} class={classes!("strip", format!("strip-{word}"))}
            name={said.clone()} {said}
        >
            <Glyph {icon} size={16} />
            <span class="strip-text number" dir="auto">{ text }</span>
        </Link>
    }
}
