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
    let session = use_session();
    let (leads, hosted) = (session.can_review(), session.is_hosted());
    let of_a_manager = [
        (Icon::Territory, Route::Territories),
        (Icon::Quota, Route::Quotas),
        (Icon::Lead, Route::Assignment),
        (Icon::Review, Route::Review),
    ];
    let lines = [
        (Icon::Account, Route::List(Entity::Account)),
        (Icon::Contact, Route::List(Entity::Contact)),
        (Icon::Lead, Route::List(Entity::Lead)),
        (Icon::Quote, Route::List(Entity::Quote)),
        (Icon::Task, Route::List(Entity::Task)),
        (Icon::Forecast, Route::Forecast),
        (Icon::Opportunity, Route::Hot),
        (Icon::Visit, Route::DayRoute),
    ];
    let last = [
        (Icon::Sending, Route::Queue),
        (Icon::Refresh, Route::Sync),
        (Icon::Settings, Route::Settings),
    ];
    let waits = |route: &Route| {
        let strip = strip.as_ref()?;
        let number = if *route == Route::Queue {
            strip.saved + strip.sending + strip.needs_you
        } else if *route == Route::Review {
            strip.conflicts
        } else {
            0
        };
        (number > 0).then(|| crate::words::count(number))
    };
    let managing = of_a_manager.into_iter().filter(|_| leads);
    // A browser keeps no records, so there is nothing to sync.
    let last = last.into_iter().filter(|(_, route)| !(hosted && *route == Route::Sync));
    let all = lines.into_iter().chain(managing).chain(last);
    html! {
        <>
            <PageHead title="More" />
            <div class="more-strip"><SyncStrip strip={strip.clone()} /></div>
            <ul class="plain-list">
                { for all.map(|(icon, route)| html! {
                    <li key={route.to_string()}>
                        <Link to={route.clone()} class={classes!("list-line")}>
                            <Glyph {icon} />
                            <span class="spread">{ route.title() }</span>
                            if let Some(number) = waits(&route) {
                                <span class="quiet number">{ number }</span>
                            }
                            <Glyph icon={Icon::Next} size={16} />
                        </Link>
                    </li>
                }) }
            </ul>
        </>
    }
}
