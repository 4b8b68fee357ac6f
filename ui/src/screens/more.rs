//! Everything that has no place in the bottom bar of a phone.

use roadbook_domain::Entity;
use yew::prelude::*;

use crate::components::{Glyph, Icon, Link, PageHead, SyncStrip};
use crate::context::{use_session, use_strip};
use crate::route::Route;

/// The list behind "More".
#[function_component]
pub fn More() -> Html {
    let strip = use_strip().map(|strip| (*strip).clone());
    let review = use_session().can_review().then_some((Icon::Review, Route::Review));
    let lines = [
        (Icon::Account, Route::List(Entity::Account)),
        (Icon::Contact, Route::List(Entity::Contact)),
        (Icon::Lead, Route::List(Entity::Lead)),
        (Icon::Quote, Route::List(Entity::Quote)),
        (Icon::Task, Route::List(Entity::Task)),
        (Icon::Forecast, Route::Forecast),
    ];
    let last = [(Icon::Sending, Route::Queue), (Icon::Settings, Route::Settings)];
    let all = lines.into_iter().chain(review).chain(last);
    html! {
        <>
            <PageHead title="More" />
            <SyncStrip {strip} />
            <ul class="plain-list">
                { for all.map(|(icon, route)| html! {
                    <li key={route.to_string()}>
                        <Link to={route.clone()} class={classes!("list-line")}>
                            <Glyph {icon} />
                            <span class="spread">{ route.title() }</span>
                            <Glyph icon={Icon::Next} size={16} />
                        </Link>
                    </li>
                }) }
            </ul>
        </>
    }
}
