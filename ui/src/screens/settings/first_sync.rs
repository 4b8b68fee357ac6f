//! The line while the first records come to a device: what is here already, by kind.

use roadbook_api::commands::device::ShowStatus;
use roadbook_api::events::ReceivedKind;
use yew::prelude::*;

use super::words;
use crate::components::{Button, ButtonKind};
use crate::context::{Watch, use_announce, use_first_sync, use_query, use_session};

/// The first sync, while it runs; nothing at any other time.
#[function_component]
pub fn FirstSyncLine() -> Html {
    let session = use_session();
    let hidden = use_state(|| false);
    let heard = use_first_sync();
    // In a browser the records come each time that somebody signs in; only what is heard counts.
    let on_device = session.is_ready() && !session.is_hosted();
    let asked = use_query(on_device.then_some(ShowStatus {}), Watch::Nothing);
    let announce = use_announce();
    let finished = heard.as_ref().is_some_and(|it| it.finished);
    use_effect_with(finished, move |finished| {
        if *finished {
            announce.say("All your records are here now.");
        }
    });
    let to_come = heard.as_ref().map_or(0, |heard| heard.to_come);
    let kinds: Option<Vec<ReceivedKind>> = match (&heard, &asked.data) {
        (Some(heard), _) => (!heard.finished).then(|| heard.kinds.clone()),
        (None, Some(status)) if status.first_sync_unfinished || status.last_sync_ms.is_none() => {
            let of = |(entity, received): (&String, &u64)| ReceivedKind {
                entity: entity.clone(),
                received: *received,
            };
            Some(status.records.iter().map(of).collect())
        }
        (None, _) => None,
    };
    let on_hide = {
        let hidden = hidden.setter();
        Callback::from(move |()| hidden.set(true))
    };
    match kinds {
        Some(kinds) if session.is_ready() && !*hidden => html! {
            <FirstSync {kinds} {to_come} {on_hide} />
        },
        _ => Html::default(),
    }
}

/// What is here already.
#[derive(Properties, PartialEq)]
pub struct FirstSyncProps {
    /// By kind.
    pub kinds: Vec<ReceivedKind>,
    /// About how many more are to come; 0 where that is not known.
    #[prop_or_default]
    pub to_come: u64,
    /// The line is put away; the sync goes on.
    #[prop_or_default]
    pub on_hide: Callback<()>,
}

/// What is here already.
#[function_component]
pub fn FirstSync(props: &FirstSyncProps) -> Html {
    let received: u64 = props.kinds.iter().map(|it| it.received).sum();
    let is_known = props.to_come > 0;
    html! {
        <section class="first-sync" aria-label="First sync">
            <div class="queue-words">
                <strong>{ "Your records are coming. You can work meanwhile." }</strong>
                <span class="small quiet number">{ words::so_far(&props.kinds, props.to_come) }</span>
            </div>
            <Button label="Hide" kind={ButtonKind::Quiet} on_press={props.on_hide.clone()} />
            <progress
                aria-label="First sync"
                max={is_known.then(|| (received + props.to_come).to_string())}
                value={is_known.then(|| received.to_string())}
            />
        </section>
    }
}
