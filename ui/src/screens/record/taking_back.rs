//! Taking back what one did oneself, where it stands in a history or a timeline.

use roadbook_api::views::HistoryEntryView;
use roadbook_domain::UserId;
use yew::prelude::*;

use super::words;
use crate::components::{Button, ButtonKind, Icon};
use crate::context::{use_session, use_write};
use crate::state::toasts::{Done, TakeBack};
use crate::words::Wall;

/// Who may take entries back, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct TakingBack {
    /// The user: only one's own entries can be taken back.
    pub user: UserId,
    /// An entry is taken back.
    pub on_undo: Callback<Done>,
}

/// Takes entries back for whoever is signed in.
#[hook]
pub fn use_taking_back() -> Option<TakingBack> {
    let (session, write) = (use_session(), use_write());
    let user = session.view()?.user?;
    Some(TakingBack { user, on_undo: Callback::from(move |done| write.undo(done)) })
}

/// Whether an entry can be taken back: it is one's own, and no proposal that others have read.
fn can_be(entry: &HistoryEntryView, user: UserId) -> bool {
    let proposed = entry.changes.iter().any(|change| change.action == "propose");
    entry.made_by.user == user && !(proposed && entry.accepted)
}

/// The button that takes an entry back; nothing where that cannot be done.
pub(super) fn button(entry: &HistoryEntryView, wall: Wall, how: Option<&TakingBack>) -> Html {
    let Some(how) = how.filter(|how| can_be(entry, how.user)) else {
        return Html::default();
    };
    let text = words::changes(entry, wall).join(", ");
    let name = format!("Undo: {text}");
    let done = Done { text: text.into(), undo: TakeBack::Undo(entry.intent.to_string().into()) };
    let on_press = how.on_undo.reform(move |()| done.clone());
    html! { <Button label="Undo" {name} kind={ButtonKind::Quiet} icon={Icon::Undo} {on_press} /> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{WALL, work};

    #[test]
    fn only_ones_own_entries_can_be_taken_back_and_no_proposal_that_was_sent() {
        let mut entry = work::history(WALL).remove(0);
        let me = entry.made_by.user;
        assert!(can_be(&entry, me));
        assert!(!can_be(&entry, UserId::from_bytes([99; 16])), "that is a colleague's");
        entry.changes[0].action = "propose".into();
        entry.accepted = true;
        assert!(!can_be(&entry, me), "others have read it");
        entry.accepted = false;
        assert!(can_be(&entry, me));
    }
}
