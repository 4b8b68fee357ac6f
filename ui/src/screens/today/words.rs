//! The sentences of Today.

use roadbook_api::views::{NextReason, SuggestedReason};

use crate::words::{Wall, counted};

/// Why a deal wants attention.
pub(super) fn reason(reason: &NextReason) -> String {
    match reason {
        NextReason::CloseDatePassed { days } => {
            format!("Its close date passed {} ago", counted((*days).into(), "day", "days"))
        }
        NextReason::NoNextStep => "It has no next step".to_owned(),
        NextReason::NoActivity { days } => {
            format!("Nobody was in touch for {}", counted((*days).into(), "day", "days"))
        }
        NextReason::NeverInTouch => "Nobody was ever in touch".to_owned(),
    }
}

/// Why an account is suggested.
pub(super) fn suggestion(reason: &SuggestedReason, wall: Wall) -> String {
    match reason {
        SuggestedReason::OnAgenda { at_ms: Some(at_ms) } => {
            format!("On the agenda, {}", wall.time(*at_ms))
        }
        SuggestedReason::OnAgenda { at_ms: None } => "On the agenda".to_owned(),
        SuggestedReason::VisitDue { days: 0 } => "A visit is due".to_owned(),
        SuggestedReason::VisitDue { days } => {
            format!("A visit is due since {}", counted((*days).into(), "day", "days"))
        }
        SuggestedReason::Recent { at_ms } => format!("Worked on, {}", wall.short(*at_ms)),
    }
}

/// What the toast says: `Visit at Acme logged`.
pub(in crate::screens) fn logged(kind: &str, account: &str) -> String {
    let preposition = if kind == "visit" { "at" } else { "with" };
    let mut letters = kind.chars();
    let kind: String =
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    if account.is_empty() {
        format!("{kind} logged")
    } else {
        format!("{kind} {preposition} {account} logged")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_plain_sentences() {
        assert_eq!(reason(&NextReason::NoActivity { days: 60 }), "Nobody was in touch for 60 days");
        assert_eq!(
            reason(&NextReason::CloseDatePassed { days: 1 }),
            "Its close date passed 1 day ago"
        );
        assert_eq!(logged("visit", "Acme"), "Visit at Acme logged");
        assert_eq!(logged("call", "Bolt"), "Call with Bolt logged");
    }
}
