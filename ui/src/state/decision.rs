//! A decision in a conflict while a person makes it: what is chosen, and why.

use std::rc::Rc;

use roadbook_api::commands::conflicts::Choice;
use yew::{AttrValue, Reducible};

/// What a person has chosen so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Chosen {
    /// Nothing yet.
    #[default]
    Nothing,
    /// The value of a side, by its number from 1.
    Side(u32),
    /// Another value, as typed.
    Typed(AttrValue),
}

/// A decision that is being made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// What is chosen.
    pub chosen: Chosen,
    /// Why, in the person's words.
    pub why: AttrValue,
    /// It is on its way; the choice cannot be changed meanwhile.
    pub busy: bool,
    /// Why it was not taken, if it was not.
    pub problem: Option<AttrValue>,
}

/// What happens to a decision.
#[derive(Debug, Clone, PartialEq)]
pub enum DecisionAction {
    /// Takes a side.
    Take(u32),
    /// Types another value; begins with what the side that is chosen says.
    Type(AttrValue),
    /// Says why.
    Why(AttrValue),
    /// Sends it.
    Send,
    /// It was not taken.
    Refused(AttrValue),
    /// Another conflict is looked at.
    Begin,
}

impl Decision {
    /// What goes to the app; `None` while nothing is chosen or nothing is typed.
    #[must_use]
    pub fn choice(&self) -> Option<Choice> {
        match &self.chosen {
            Chosen::Nothing => None,
            Chosen::Side(side) => Some(Choice::Side { side: *side }),
            Chosen::Typed(text) if text.trim().is_empty() => None,
            Chosen::Typed(text) => Some(Choice::Value { value: text.trim().to_owned() }),
        }
    }
}

impl Reducible for Decision {
    type Action = DecisionAction;

    fn reduce(self: Rc<Self>, action: DecisionAction) -> Rc<Self> {
        let now = Self { problem: None, ..(*self).clone() };
        Rc::new(match action {
            DecisionAction::Begin => Self::default(),
            DecisionAction::Refused(why) => Self { busy: false, problem: Some(why), ..now },
            _ if self.busy => return self,
            DecisionAction::Take(side) => Self { chosen: Chosen::Side(side), ..now },
            DecisionAction::Type(text) => Self { chosen: Chosen::Typed(text), ..now },
            DecisionAction::Why(why) => Self { why, ..now },
            DecisionAction::Send if self.choice().is_none() => {
                let what = "Choose a side or type a value first.";
                Self { problem: Some(what.into()), ..now }
            }
            DecisionAction::Send => Self { busy: true, ..now },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(actions: &[DecisionAction]) -> Rc<Decision> {
        actions.iter().fold(Rc::default(), |state: Rc<Decision>, it| state.reduce(it.clone()))
    }

    #[test]
    fn nothing_is_sent_before_something_is_chosen() {
        use DecisionAction::{Send, Take, Type};
        let state = after(&[Send]);
        assert!(!state.busy && state.problem.is_some());
        assert!(!after(&[Type("  ".into()), Send]).busy, "blanks are no value");
        let state = after(&[Send, Take(2), Send]);
        assert!(state.busy && state.problem.is_none());
        assert_eq!(state.choice(), Some(Choice::Side { side: 2 }));
    }

    #[test]
    fn a_choice_cannot_change_on_its_way_and_comes_back_whole_when_refused() {
        use DecisionAction::{Refused, Send, Take, Why};
        let sent = [Why("agreed".into()), Take(1), Send, Take(2), Why("no".into())];
        let state = after(&sent);
        assert_eq!(
            (state.choice(), state.why.as_str()),
            (Some(Choice::Side { side: 1 }), "agreed")
        );
        let state = state.reduce(Refused("it is decided already".into()));
        assert!(!state.busy);
        assert_eq!(state.problem.as_deref(), Some("it is decided already"));
        assert_eq!(state.choice(), Some(Choice::Side { side: 1 }));
    }
}
