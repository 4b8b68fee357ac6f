//! Before the work: which device state needs what. The full screen builds on it.

use roadbook_api::views::{SessionMode, SessionState};
use yew::prelude::*;

use crate::components::{Empty, Icon};
use crate::context::use_session;

/// What is missing before the screens can be used.
#[function_component]
pub fn SignIn() -> Html {
    let session = use_session();
    let text = match session.view().map(|view| (view.state, view.mode)) {
        Some((SessionState::Ready, _)) => "You are signed in.",
        Some((SessionState::Locked, _)) => "This device is locked. Unlock it with its passphrase.",
        Some((_, SessionMode::Hosted)) => "Sign in to go on.",
        Some((_, SessionMode::Device)) => {
            "This device belongs to nobody yet. Enrol it: roadbook enrol, or ask your administrator."
        }
        None => "Looking for the app.",
    };
    html! { <Empty icon={Icon::Lock} title="Roadbook" {text} /> }
}
