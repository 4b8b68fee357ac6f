//! The sentences of the settings and of the sync page.

use roadbook_api::ErrorCode;
use roadbook_api::events::{ReceivedKind, SyncStripView};
use roadbook_api::views::{DoctorView, KeyForm, SyncStatusView};
use roadbook_domain::Entity;

use crate::route::list_title;
use crate::words::{JUST_NOW, Wall, count, counted};

/// So many bytes as people say it: `64 kB`, `1.2 MB`.
pub(crate) fn bytes(number: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = number.saturating_mul(10) / unit;
        let tenth = tenths % 10;
        let whole = count(tenths / 10);
        if tenth == 0 || tenths >= 100 { whole } else { format!("{whole}.{tenth}") }
    };
    match number {
        0..1_000 => format!("{number} bytes"),
        1_000..1_000_000 => format!("{} kB", tenths(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}

/// The name of a kind of record in a list of counts.
pub(crate) fn kind(entity: &str) -> String {
    entity.parse::<Entity>().map_or_else(|_| entity.to_owned(), |it| list_title(it).to_owned())
}

/// What opens the device.
pub(crate) const fn opened_by(key: KeyForm) -> &'static str {
    match key {
        KeyForm::KeyStore => "The key store of this computer, without a question",
        KeyForm::Passphrase => "Your passphrase",
    }
}

/// Work that is nowhere else.
pub(crate) fn unsent(number: u64) -> String {
    if number == 0 {
        return "Nothing waits: all your work is at the server.".to_owned();
    }
    let what = counted(number, "change is", "changes are");
    format!("{what} nowhere but on this device.")
}

/// How far the first sync has come: `1,204 records so far: 312 accounts, 892 contacts`.
pub(crate) fn so_far(kinds: &[ReceivedKind], to_come: u64) -> String {
    let all: u64 = kinds.iter().map(|it| it.received).sum();
    let told: Vec<String> = kinds
        .iter()
        .filter(|it| it.received > 0)
        .map(|it| format!("{} {}", count(it.received), kind(&it.entity).to_lowercase()))
        .collect();
    let total = counted(all, "record", "records");
    let total = match to_come {
        0 => format!("{total} so far"),
        more => format!("{total} so far, about {} to come", count(more)),
    };
    if told.is_empty() {
        "Nothing here yet".to_owned()
    } else {
        format!("{total}: {}", told.join(", "))
    }
}

/// What is wrong with the sync and what to do; `None` where waiting is enough.
pub(crate) fn problem(strip: &SyncStripView) -> Option<&'static str> {
    let text = match strip.problem? {
        ErrorCode::DeviceRefused => {
            "The server no longer lets this device in: an administrator removed it. Export your \
             unsent work, then ask your administrator to let you enrol again."
        }
        ErrorCode::SignInFailed | ErrorCode::NotSignedIn => {
            "The server does not accept this device's sign-in. Ask your administrator whether your \
             account is still active."
        }
        ErrorCode::VersionMismatch => {
            "Roadbook on this device and the server are too far apart in version. Update Roadbook; \
             your work stays here until then."
        }
        ErrorCode::Storage => {
            "The disk of this device is full or cannot be written. Make room on it."
        }
        ErrorCode::Damaged => {
            "The database of this device is damaged. Export your unsent work and ask for support."
        }
        ErrorCode::TooMany => "The server asks for a break. It goes on by itself.",
        ErrorCode::Unreachable => return None,
        ErrorCode::BadInput
        | ErrorCode::UnknownField
        | ErrorCode::InvalidValue
        | ErrorCode::MissingField
        | ErrorCode::NotWritable
        | ErrorCode::NothingToDo
        | ErrorCode::NotFound
        | ErrorCode::Ambiguous
        | ErrorCode::Deleted
        | ErrorCode::Disputed
        | ErrorCode::NotDisputed
        | ErrorCode::Stale
        | ErrorCode::Refused
        | ErrorCode::UnsentWork
        | ErrorCode::NotHere
        | ErrorCode::NotEnrolled
        | ErrorCode::AlreadyThere
        | ErrorCode::NoDevice
        | ErrorCode::Locked
        | ErrorCode::Busy
        | ErrorCode::NewerDatabase
        | ErrorCode::ServerRefused
        | ErrorCode::Infeasible
        | ErrorCode::File
        | ErrorCode::Cancelled
        | ErrorCode::Internal => {
            "The server does not take what this device sends. Nothing is lost; check the device \
             below, and tell your administrator if it stays so."
        }
    };
    Some(text)
}

/// What waits: `3 changes, the oldest since 09:12; 1 of them waits for another`.
pub(crate) fn waiting(status: &SyncStatusView, oldest: Option<&str>) -> String {
    if status.pending == 0 {
        return "Nothing".to_owned();
    }
    let what = counted(status.pending, "change", "changes");
    let oldest = oldest.map(|at| format!(", the oldest of {at}")).unwrap_or_default();
    let held = if status.held > 0 {
        format!("; {} of them behind another", status.held)
    } else {
        String::new()
    };
    format!("{what}{oldest}{held}")
}

/// How the clocks differ, where it matters: more than five seconds.
pub(crate) fn clock(offset_ms: i64) -> String {
    let seconds = offset_ms.unsigned_abs() / 1_000;
    if seconds < 5 {
        return "As at the server".to_owned();
    }
    let long = if seconds < 120 {
        counted(seconds, "second", "seconds")
    } else {
        counted(seconds / 60, "minute", "minutes")
    };
    let way = if offset_ms > 0 { "behind" } else { "ahead of" };
    format!("{long} {way} the server")
}

/// When something was, first how long ago: `5 min ago, Friday 20 November 2026, 14:25`.
pub(crate) fn since(at_ms: i64, wall: Wall) -> String {
    let ago = wall.ago(at_ms);
    let ago = if ago == JUST_NOW { "Just now".to_owned() } else { format!("{ago} ago") };
    format!("{ago}, {}", wall.full(at_ms))
}

/// What a check came to.
pub(crate) fn verdict(doctor: &DoctorView) -> &'static str {
    match (doctor.healthy, doctor.equal) {
        (true, Some(true)) => {
            "All is well: this device holds exactly what the server says it should."
        }
        (true, Some(false)) | (false, Some(false)) => {
            "This device does not hold what the server says it should. Send now and check again; if \
             it stays so, ask for support."
        }
        (true, None) => "The device itself is well. The server could not be asked now.",
        (false, _) => "Something is wrong; the lines below say what.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use roadbook_api::events::SyncState;

    #[test]
    fn room_is_told_in_one_unit() {
        let told = [999, 1_500, 65_536, 1_250_000, 48_300_000, 2_000_000_000].map(bytes);
        assert_eq!(told, ["999 bytes", "1.5 kB", "65 kB", "1.2 MB", "48 MB", "2 GB"]);
    }

    #[test]
    fn the_last_exchange_is_just_now_or_some_time_ago() {
        let wall = sample::WALL;
        assert!(since(wall.now_ms, wall).starts_with("Just now, "), "{}", since(wall.now_ms, wall));
        assert!(since(wall.now_ms - 300_000, wall).starts_with("5 min ago, "));
    }

    #[test]
    fn the_first_sync_tells_what_is_here_by_kind() {
        let come = |entity: &str, received| ReceivedKind { entity: entity.into(), received };
        let kinds = [come("account", 312), come("price_book", 1), come("task", 0)];
        assert_eq!(so_far(&kinds, 0), "313 records so far: 312 accounts, 1 price books");
        let more = so_far(&kinds, 1_204);
        assert!(more.starts_with("313 records so far, about 1,204 to come: "), "{more}");
        assert_eq!(so_far(&[], 0), "Nothing here yet");
    }

    #[test]
    fn offline_is_no_problem_and_a_removed_device_is() {
        let strip = sample::strip(sample::WALL, SyncState::Offline, 3, 0);
        assert_eq!(problem(&strip), None);
        let strip = |code| SyncStripView {
            problem: Some(code),
            ..sample::strip(sample::WALL, SyncState::Degraded, 3, 0)
        };
        assert_eq!(problem(&strip(ErrorCode::Unreachable)), None);
        assert!(problem(&strip(ErrorCode::DeviceRefused)).unwrap().contains("Export"));
        assert!(problem(&strip(ErrorCode::ServerRefused)).unwrap().contains("Nothing is lost"));
    }

    #[test]
    fn clocks_and_waiting_work_are_told_plainly() {
        assert_eq!(clock(4_000), "As at the server");
        assert_eq!(clock(61_000), "61 seconds behind the server");
        assert_eq!(clock(-600_000), "10 minutes ahead of the server");
        let status = sample::desk::status(sample::WALL);
        assert_eq!(
            waiting(&status, Some("13:55")),
            "3 changes, the oldest of 13:55; 1 of them behind another"
        );
        assert_eq!(waiting(&SyncStatusView { pending: 0, ..status }, None), "Nothing");
        assert!(unsent(1).starts_with("1 change is nowhere"));
    }
}
