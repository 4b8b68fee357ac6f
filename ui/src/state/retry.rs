//! A denied piece of work while a person edits it to send it again.

use std::rc::Rc;

use roadbook_api::views::{ChangeView, NamedValue};
use roadbook_api::{ApiError, Assignment, ValueView};
use yew::{AttrValue, Reducible};

use crate::words::sentence;

/// One value that can be another.
#[derive(Debug, Clone, PartialEq)]
pub struct Blank {
    /// The field.
    pub field: AttrValue,
    /// Its name for people.
    pub label: AttrValue,
    /// What the record showed when the person changed it.
    pub was: AttrValue,
    /// What was sent.
    pub sent: AttrValue,
    /// What shall be sent now.
    pub text: AttrValue,
    /// What stands in the field: the name of a record where its id is sent.
    pub shown: AttrValue,
    /// What is wrong with it.
    pub problem: Option<AttrValue>,
}

/// Work that is being edited.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Retry {
    /// Its values.
    pub blanks: Vec<Blank>,
    /// Why, in the person's words.
    pub why: AttrValue,
    /// It is on its way.
    pub busy: bool,
    /// What is wrong with the whole.
    pub problem: Option<AttrValue>,
}

/// What happens to it.
#[derive(Debug, Clone, PartialEq)]
pub enum RetryAction {
    /// A value, by its place, is another.
    Type(usize, AttrValue),
    /// A record was picked for a value, by its place: its id and its name.
    Pick(usize, AttrValue, AttrValue),
    /// Says why.
    Why(AttrValue),
    /// Sends it.
    Send,
    /// It was not taken.
    Refused(Rc<ApiError>),
}

/// The value as the app reads it: a record by its id, everything else by its text.
fn written(value: Option<&NamedValue>) -> AttrValue {
    let Some(named) = value else {
        return AttrValue::default();
    };
    if let ValueView::Reference { record } = &named.value {
        return record.to_string().into();
    }
    named.text.clone().into()
}

impl Retry {
    /// The values of some changes that can be edited; sets, counters and whole records cannot.
    #[must_use]
    pub fn of(changes: &[ChangeView]) -> Self {
        let editable = |change: &&ChangeView| {
            let action = change.action.as_str();
            matches!(action, "set" | "rewrite" | "move" | "resolve" | "propose")
        };
        let blank = |change: &ChangeView| Blank {
            field: change.field.clone().into(),
            label: change.label.clone().into(),
            was: change.from.as_ref().map(|it| it.text.clone().into()).unwrap_or_default(),
            sent: written(change.to.as_ref()),
            text: written(change.to.as_ref()),
            shown: change.to.as_ref().map(|it| it.text.clone().into()).unwrap_or_default(),
            problem: None,
        };
        Self { blanks: changes.iter().filter(editable).map(blank).collect(), ..Self::default() }
    }

    /// As it goes on later: with what was typed, and not under way.
    #[must_use]
    pub fn again(&self) -> Self {
        let typed = |it: &Blank| Blank { problem: None, ..it.clone() };
        let blanks = self.blanks.iter().map(typed).collect();
        Self { blanks, why: self.why.clone(), ..Self::default() }
    }

    /// The values that are not as they were sent.
    #[must_use]
    pub fn assignments(&self) -> Vec<Assignment> {
        let other = self.blanks.iter().filter(|it| it.text.trim() != it.sent.trim());
        other.map(|it| Assignment::set(it.field.as_str(), it.text.trim())).collect()
    }
}

impl Reducible for Retry {
    type Action = RetryAction;

    fn reduce(self: Rc<Self>, action: RetryAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            RetryAction::Refused(error) => {
                next.busy = false;
                for blank in &mut next.blanks {
                    let found = error.fields.iter().find(|it| blank.field == it.field.as_str());
                    blank.problem = found.map(|it| {
                        format!("{} {}", sentence(&it.problem), sentence(&it.remedy)).into()
                    });
                }
                let placed = next.blanks.iter().any(|it| it.problem.is_some());
                next.problem = (!placed).then(|| sentence(&error.message).into());
            }
            _ if self.busy => return self,
            RetryAction::Type(at, text) => {
                if let Some(blank) = next.blanks.get_mut(at) {
                    blank.shown = text.clone();
                    blank.text = text;
                    blank.problem = None;
                }
            }
            RetryAction::Pick(at, text, shown) => {
                if let Some(blank) = next.blanks.get_mut(at) {
                    (blank.text, blank.shown, blank.problem) = (text, shown, None);
                }
            }
            RetryAction::Why(why) => next.why = why,
            RetryAction::Send => {
                next.busy = true;
                next.problem = None;
            }
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use roadbook_api::ErrorCode;

    fn discount() -> Rc<Retry> {
        let queue = sample::desk::queue(sample::WALL);
        Rc::new(Retry::of(&queue.needs_you[0].changes))
    }

    #[test]
    fn only_what_was_edited_is_sent_instead() {
        let retry = discount();
        assert!(retry.assignments().is_empty(), "nothing was edited yet");
        let retry = retry.reduce(RetryAction::Type(0, " 13000 EUR ".into()));
        let assignments = retry.assignments();
        assert_eq!(assignments.len(), 1);
        assert_eq!(
            (assignments[0].field.as_str(), assignments[0].value.as_str()),
            ("amount", "13000 EUR")
        );
        let back = retry.reduce(RetryAction::Type(0, retry_sent()));
        assert!(back.assignments().is_empty());
    }

    #[test]
    fn a_record_is_picked_by_its_name_and_sent_by_its_id() {
        let retry = discount().reduce(RetryAction::Pick(0, "an-id".into(), "Bolt".into()));
        assert_eq!(
            (retry.blanks[0].shown.as_str(), retry.blanks[0].text.as_str()),
            ("Bolt", "an-id")
        );
        let typed = retry.reduce(RetryAction::Type(0, "Acme".into()));
        assert_eq!(typed.blanks[0].text, "Acme", "a name that was only typed is sent as typed");
    }

    fn retry_sent() -> AttrValue {
        discount().blanks[0].sent.clone()
    }

    #[test]
    fn what_is_wrong_stands_at_its_field_and_what_was_typed_stays() {
        let sent =
            discount().reduce(RetryAction::Type(0, "a lot".into())).reduce(RetryAction::Send);
        assert!(sent.busy);
        let error = ApiError::new(ErrorCode::InvalidValue, "no").at(
            "amount",
            "is not an amount of money",
            "write it like 12000EUR",
        );
        assert!(!sent.again().busy, "what became of it was not heard");
        let back = sent.reduce(RetryAction::Refused(Rc::new(error)));
        assert!(!back.busy && back.problem.is_none());
        assert_eq!(back.blanks[0].text, "a lot");
        assert_eq!(
            back.blanks[0].problem.as_deref(),
            Some("Is not an amount of money. Write it like 12000EUR.")
        );
        let later = back.again();
        assert_eq!((later.blanks[0].text.as_str(), &later.blanks[0].problem), ("a lot", &None));
        let other = ApiError::new(ErrorCode::Stale, "the record changed since");
        let back = back.reduce(RetryAction::Refused(Rc::new(other)));
        assert_eq!(back.problem.as_deref(), Some("The record changed since."));
    }
}
