//! The queue: saved, sending, needs you; what was given up can be brought back.
//!
//! This file is the page; [`view`] shows, [`edit`] is the dialog before work is sent again, and
//! `words` makes the sentences.

pub mod edit;
pub mod view;
pub(crate) mod words;

use roadbook_api::ErrorCode;
use roadbook_api::commands::device::SyncNow;
use roadbook_api::commands::queue::{DiscardIntent, Queue as QueueView, RetryIntent, ShowQueue};
use roadbook_api::views::NeedsYouView;
use roadbook_domain::IntentId;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use self::edit::EditAgain;
use self::view::{Deed, QueueBody, has_values};
use crate::browser;
use crate::components::{Button, Icon, PageHead, Problem, Skeleton};
use crate::context::{
    Watch, Written, use_action, use_bridge, use_query, use_session, use_strip, use_toast, use_wall,
    use_write,
};
use crate::keys::Action;
use crate::state::strip::sentence as strip_sentence;
use crate::state::toasts::{Done, TakeBack};
use crate::words::{counted, sentence};

impl Written for QueueView {
    /// What is sent again has another intent, that the answer does not name.
    fn intent(&self) -> Option<AttrValue> {
        None
    }
}

/// The queue.
#[function_component]
pub fn Queue() -> Html {
    let found = use_query(Some(ShowQueue {}), Watch::Queue);
    let (wall, strip, session) = (use_wall(), use_strip(), use_session());
    let (write, bridge, toast) = (use_write(), use_bridge(), use_toast());
    let editing = use_state(|| None::<NeedsYouView>);
    let at = use_state(|| None::<usize>);
    let sending = use_state(|| false);
    let needs: Vec<NeedsYouView> =
        found.data.as_ref().map(|it| it.needs_you.clone()).unwrap_or_default();
    use_walking(&at, needs.len());

    let reload = found.reload.clone();
    let on_deed = {
        let (editing, needs, reload) = (editing.clone(), needs.clone(), reload.clone());
        let (bridge, toast) = (bridge.clone(), toast.clone());
        Callback::from(move |(deed, intent): (Deed, IntentId)| {
            let named = intent.to_string();
            let again = reload.clone();
            match deed {
                Deed::Edit => {
                    editing.set(needs.iter().find(|it| it.intent == intent).cloned());
                }
                Deed::TryAgain => {
                    let command = RetryIntent { intent: named, assignments: vec![], why: None };
                    let then = Callback::from(move |_| again.emit(()));
                    write.run_then(command, "Saved; it is sent again", then);
                }
                Deed::TakeBack => {
                    let undo = TakeBack::Restore(named.into());
                    write.undo(Done { text: AttrValue::default(), undo });
                    again.emit(());
                }
                Deed::Discard => {
                    let Some(bridge) = bridge.clone() else {
                        return;
                    };
                    let toast = toast.clone();
                    spawn_local(async move {
                        match bridge.write(DiscardIntent { intent: named.clone() }).await {
                            Ok(_) => toast.given_up("Given up, here and for the server", named),
                            Err(error) => toast.problem(sentence(&error.message)),
                        }
                        again.emit(());
                    });
                }
            }
        })
    };
    {
        let (editing, chosen) = (editing.clone(), (*at).and_then(|at| needs.get(at).cloned()));
        use_action(
            Action::Edit,
            Callback::from(move |()| {
                if chosen.as_ref().is_some_and(has_values) {
                    editing.set(chosen.clone());
                }
            }),
        );
    }
    let close = {
        let editing = editing.clone();
        Callback::from(move |()| {
            editing.set(None);
            reload.emit(());
        })
    };
    let send_now = {
        let sending = sending.clone();
        Callback::from(move |()| {
            let Some(bridge) = bridge.clone() else {
                return;
            };
            sending.set(true);
            let (sending, toast) = (sending.clone(), toast.clone());
            spawn_local(async move {
                match bridge.call(SyncNow {}).await {
                    Ok(done) => toast.done(sent(done.sent, done.needs_you), None),
                    Err(error) if error.code == ErrorCode::Unreachable => toast.done(
                        "No network now. Everything stays saved here and goes out by itself.",
                        None,
                    ),
                    Err(error) => toast.problem(sentence(&error.message)),
                }
                sending.set(false);
            });
        })
    };
    let actions = (!session.is_hosted()).then(|| {
        html! { <Button label="Send now" icon={Icon::Sending} busy={*sending} on_press={send_now} /> }
    });
    let note = strip.map(|strip| html! { strip_sentence(&strip, wall) });
    let body = match (&found.data, &found.error) {
        (Some(queue), _) => html! {
            <QueueBody queue={queue.clone()} {wall} at={*at} hosted={session.is_hosted()} {on_deed} />
        },
        (None, Some(error)) => html! {
            <Problem text={sentence(&error.message)} on_retry={found.reload.clone()} />
        },
        (None, None) => html! { <Skeleton lines={6} /> },
    };
    html! {
        <div class="desk">
            <PageHead title="Queue" note={note.unwrap_or_default()} actions={actions.unwrap_or_default()} />
            { body }
            if let Some(item) = (*editing).clone() {
                <EditAgain {item} on_close={close} />
            }
        </div>
    }
}

/// What an exchange did, as a colleague would say it.
pub(crate) fn sent(sent: u64, needs_you: u64) -> String {
    let what = if sent == 0 {
        "Nothing was waiting".to_owned()
    } else {
        format!("Sent {}", counted(sent, "change", "changes"))
    };
    if needs_you == 0 {
        return format!("{what}. Up to date.");
    }
    format!("{what}. {needs_you} {} you.", if needs_you == 1 { "needs" } else { "need" })
}

/// `j` and `k` walk over what needs a person; the focus goes with them.
#[hook]
fn use_walking(at: &UseStateHandle<Option<usize>>, length: usize) {
    let step = |by: isize| {
        let at = at.clone();
        Callback::from(move |()| {
            if length > 0 {
                let to = at.map_or(0, |at| at.saturating_add_signed(by).min(length - 1));
                at.set(Some(to));
                browser::focus(&format!("#queue-{to}"));
            }
        })
    };
    use_action(Action::Next, step(1));
    use_action(Action::Previous, step(-1));
}

#[cfg(test)]
mod tests {
    use super::sent;

    #[test]
    fn an_exchange_is_told_with_what_is_left_to_do() {
        assert_eq!(sent(0, 0), "Nothing was waiting. Up to date.");
        assert_eq!(sent(1, 0), "Sent 1 change. Up to date.");
        assert_eq!(sent(3, 1), "Sent 3 changes. 1 needs you.");
        assert_eq!(sent(3, 2), "Sent 3 changes. 2 need you.");
    }
}
