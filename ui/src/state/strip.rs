//! The sync strip: a tone and one short sentence. Offline is a state, never an error.

use roadbook_api::ErrorCode;
use roadbook_api::events::{SyncState, SyncStripView};

use crate::words::Wall;

/// How the dot of the strip looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Everything is at the server.
    Good,
    /// Not known yet, or offline: quiet.
    Quiet,
    /// Something is on its way.
    Busy,
    /// A person is needed.
    NeedsYou,
}

impl Tone {
    /// The word in class names.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Quiet => "quiet",
            Self::Busy => "busy",
            Self::NeedsYou => "needs-you",
        }
    }
}

/// The tone of the strip.
#[must_use]
pub fn tone(strip: &SyncStripView) -> Tone {
    match strip.state {
        _ if strip.needs_you > 0 => Tone::NeedsYou,
        SyncState::Degraded => Tone::NeedsYou,
        SyncState::Offline => Tone::Quiet,
        SyncState::Syncing => Tone::Busy,
        SyncState::Online if strip.saved + strip.sending > 0 => Tone::Busy,
        SyncState::Online => Tone::Good,
    }
}

/// Whether what is saved on this device is on its way to the server.
#[must_use]
pub const fn is_sending(strip: &SyncStripView) -> bool {
    let waits = strip.saved + strip.sending > 0;
    waits && matches!(strip.state, SyncState::Syncing | SyncState::Online)
}

/// The app itself cannot be reached: nothing can be saved.
fn is_cut(strip: &SyncStripView) -> bool {
    strip.state == SyncState::Offline && strip.problem == Some(ErrorCode::Unreachable)
}

/// The sentence of the strip: `Up to date, 14:02`, `Offline since 13:10, 3 saved here`,
/// `Sending 3`, with `1 needs you` before it where it is so; alone where all is sent.
#[must_use]
pub fn sentence(strip: &SyncStripView, wall: Wall) -> String {
    let waiting = strip.saved + strip.sending;
    let mut text = match strip.state {
        SyncState::Offline => {
            let since = format!("Offline since {}", wall.short(strip.since_ms));
            if is_cut(strip) {
                format!("{since}: nothing can be saved until the server is back")
            } else if waiting > 0 {
                format!("{since}, {waiting} saved here")
            } else {
                since
            }
        }
        SyncState::Degraded => "The server does not take our changes".to_owned(),
        SyncState::Syncing | SyncState::Online if is_sending(strip) => format!("Sending {waiting}"),
        SyncState::Syncing => "Syncing".to_owned(),
        SyncState::Online => strip
            .last_sync_ms
            .map_or_else(|| "Online".to_owned(), |at| format!("Up to date, {}", wall.short(at))),
    };
    if strip.needs_you > 0 && strip.state == SyncState::Online && waiting == 0 {
        text = format!("{} {}", strip.needs_you, needs(strip.needs_you));
    } else if strip.needs_you > 0 {
        let needs = needs(strip.needs_you);
        text = format!("{} {needs}, {}", strip.needs_you, lower_first(&text));
    }
    text
}

/// How things stand when the app itself cannot be reached: nobody knows more than before, and
/// nothing is on its way, nor can be saved.
#[must_use]
pub fn cut(before: &SyncStripView, now_ms: i64) -> SyncStripView {
    let is_offline = before.state == SyncState::Offline;
    SyncStripView {
        state: SyncState::Offline,
        since_ms: if is_offline { before.since_ms } else { now_ms },
        saved: before.saved + before.sending,
        sending: 0,
        problem: Some(ErrorCode::Unreachable),
        ..before.clone()
    }
}

const fn needs(number: u64) -> &'static str {
    if number == 1 { "needs you" } else { "need you" }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// What a screen reader is told: only what changes the situation, so that a run of small exchanges
/// stays silent.
#[must_use]
pub fn announcement(before: Option<&SyncStripView>, now: &SyncStripView) -> Option<String> {
    let before = before?;
    if now.needs_you > before.needs_you {
        return Some(format!("{} {}", now.needs_you, needs(now.needs_you)));
    }
    let standing = |strip: &SyncStripView| (is_cut(strip), strip.state == SyncState::Offline);
    let said = match standing(now) {
        same if same == standing(before) => return None,
        (true, _) => "The server cannot be reached. Nothing can be saved until it is back.",
        (false, true) => "Offline. What you do is saved on this device.",
        (false, false) => "Online again",
    };
    Some(said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: Wall = Wall { now_ms: 1_795_181_400_000, offset_minutes: 60 };

    fn strip(state: SyncState, saved: u64, sending: u64, needs_you: u64) -> SyncStripView {
        SyncStripView {
            state,
            since_ms: WALL.now_ms - 3_600_000,
            last_sync_ms: Some(WALL.now_ms - 60_000),
            saved,
            sending,
            needs_you,
            conflicts: 0,
            problem: None,
        }
    }

    #[test]
    fn the_strip_speaks_in_short_sentences() {
        let say = |view| sentence(&view, WALL);
        assert_eq!(say(strip(SyncState::Online, 0, 0, 0)), "Up to date, 14:29");
        assert_eq!(say(strip(SyncState::Offline, 3, 0, 0)), "Offline since 13:30, 3 saved here");
        assert_eq!(say(strip(SyncState::Offline, 0, 0, 0)), "Offline since 13:30");
        assert_eq!(say(strip(SyncState::Syncing, 1, 2, 0)), "Sending 3");
        assert_eq!(say(strip(SyncState::Online, 0, 0, 1)), "1 needs you");
        assert_eq!(say(strip(SyncState::Online, 0, 3, 2)), "2 need you, sending 3");
    }

    #[test]
    fn an_app_that_cannot_be_reached_is_offline_since_then() {
        let away = cut(&strip(SyncState::Syncing, 1, 2, 1), WALL.now_ms);
        assert_eq!(
            sentence(&away, WALL),
            "1 needs you, offline since 14:30: nothing can be saved until the server is back"
        );
        assert_eq!(cut(&away, WALL.now_ms + 60_000).since_ms, WALL.now_ms, "since the first time");
    }

    #[test]
    fn offline_is_quiet_and_only_a_person_who_is_needed_is_marked() {
        assert_eq!(tone(&strip(SyncState::Offline, 3, 0, 0)), Tone::Quiet);
        assert_eq!(tone(&strip(SyncState::Offline, 3, 0, 1)), Tone::NeedsYou);
        assert_eq!(tone(&strip(SyncState::Online, 0, 1, 0)), Tone::Busy);
        assert_eq!(tone(&strip(SyncState::Online, 0, 0, 0)), Tone::Good);
    }

    #[test]
    fn only_what_changes_the_situation_is_read_out() {
        let (on, off) = (strip(SyncState::Online, 0, 0, 0), strip(SyncState::Offline, 0, 0, 0));
        assert_eq!(announcement(None, &on), None);
        assert_eq!(announcement(Some(&on), &strip(SyncState::Syncing, 1, 0, 0)), None);
        assert!(announcement(Some(&on), &off).is_some_and(|text| text.starts_with("Offline")));
        assert_eq!(announcement(Some(&off), &on).as_deref(), Some("Online again"));
        let gone = cut(&on, WALL.now_ms);
        let said = announcement(Some(&on), &gone).unwrap();
        assert_eq!(said, "The server cannot be reached. Nothing can be saved until it is back.");
        assert_eq!(announcement(Some(&off), &gone), Some(said), "a device could save till then");
        assert_eq!(announcement(Some(&gone), &cut(&gone, WALL.now_ms)), None, "once");
        assert_eq!(announcement(Some(&gone), &on).as_deref(), Some("Online again"));
        let back = announcement(Some(&gone), &off);
        assert!(back.is_some_and(|text| text.contains("saved on this device")));
        let needs = strip(SyncState::Online, 0, 0, 2);
        assert_eq!(announcement(Some(&on), &needs).as_deref(), Some("2 need you"));
    }
}
