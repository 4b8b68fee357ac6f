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

/// What a decision still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// A side, or a value.
    Value,
    /// Why: a proposal is nothing without it.
    Why,
}

impl Lacking {
    /// What to do about it, in a sentence.
    #[must_use]
    pub const fn said(self) -> &'static str {
        match self {
            Self::Value => "Choose a side or enter a value first.",
            Self::Why => "Say why, so that whoever decides can follow.",
        }
    }
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
    /// What was missing when it was to be sent.
    pub lacking: Option<Lacking>,
    /// Why it was not taken, if it was not.
    pub problem: Option<AttrValue>,
}

/// What happens to a decision.
#[derive(Debug, Clone, PartialEq)]
pub enum DecisionAction {
    /// Takes a side.
    Take(u32),
    /// Takes another value; begins with what the side that is chosen says.
    Type(AttrValue),
    /// Says why.
    Why(AttrValue),
    /// The sides are others now: their numbers mean nothing any more.
    OtherSides,
    /// It cannot be sent yet.
    Lacks(Lacking),
    /// Sends it.
    Send,
    /// It was not taken.
    Refused(AttrValue),
}

impl Decision {
    /// As it goes on later: with what was chosen and written, and not under way. A side is a number,
    /// so it is chosen only while the sides are the same.
    #[must_use]
    pub fn again(&self, is_same: bool) -> Self {
        let is_gone = matches!(self.chosen, Chosen::Side(_)) && !is_same;
        let chosen = if is_gone { Chosen::Nothing } else { self.chosen.clone() };
        Self { chosen, why: self.why.clone(), ..Self::default() }
    }

    /// The decision as the app takes it, where `to_send` writes a typed value as the app reads it.
    ///
    /// # Errors
    /// Nothing is chosen, or nothing is entered.
    pub fn choice(&self, to_send: impl Fn(&str) -> String) -> Result<Choice, Lacking> {
        match &self.chosen {
            Chosen::Side(side) => Ok(Choice::Side { side: *side }),
            Chosen::Typed(text) if !text.trim().is_empty() => {
                Ok(Choice::Value { value: to_send(text.trim()) })
            }
            Chosen::Nothing | Chosen::Typed(_) => Err(Lacking::Value),
        }
    }
}

impl Reducible for Decision {
    type Action = DecisionAction;

    fn reduce(self: Rc<Self>, action: DecisionAction) -> Rc<Self> {
        let now = Self { problem: None, lacking: None, ..(*self).clone() };
        Rc::new(match action {
            DecisionAction::Refused(why) => Self { busy: false, problem: Some(why), ..now },
            _ if self.busy => return self,
            DecisionAction::Take(side) => Self { chosen: Chosen::Side(side), ..now },
            DecisionAction::Type(text) => Self { chosen: Chosen::Typed(text), ..now },
            DecisionAction::Why(why) => Self { why, ..now },
            DecisionAction::OtherSides => self.again(false),
            DecisionAction::Lacks(what) => Self { lacking: Some(what), ..now },
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

    fn choice(state: &Decision) -> Result<Choice, Lacking> {
        state.choice(|text| format!("{text}!"))
    }

    #[test]
    fn nothing_can_be_sent_before_something_is_chosen() {
        use DecisionAction::{Lacks, Take, Type};
        assert_eq!(choice(&after(&[])), Err(Lacking::Value));
        assert_eq!(
            choice(&after(&[Type("  ".into())])),
            Err(Lacking::Value),
            "blanks are no value"
        );
        let state = after(&[Lacks(Lacking::Value)]);
        assert_eq!(state.lacking, Some(Lacking::Value));
        let state = state.reduce(Take(2));
        assert_eq!(state.lacking, None, "it is not missing any more");
        assert_eq!(choice(&state), Ok(Choice::Side { side: 2 }));
        let typed = choice(&after(&[Take(1), Type(" 13,000 ".into())]));
        assert_eq!(typed, Ok(Choice::Value { value: "13,000!".into() }), "as the app reads it");
    }

    #[test]
    fn a_decision_that_was_left_goes_on_and_takes_no_side_that_is_another_now() {
        use DecisionAction::{Send, Take, Type, Why};
        let left = after(&[Why("agreed".into()), Take(2), Send]).again(true);
        assert!(!left.busy, "what became of it was not heard");
        assert_eq!((choice(&left), left.why.as_str()), (Ok(Choice::Side { side: 2 }), "agreed"));
        let other = left.again(false);
        assert_eq!((choice(&other), other.why.as_str()), (Err(Lacking::Value), "agreed"));
        let typed = after(&[Type("13,000".into())]);
        assert_eq!(typed.again(false).chosen, typed.chosen, "a typed value is what it is");
    }

    #[test]
    fn a_choice_cannot_change_on_its_way_and_comes_back_whole_when_refused() {
        use DecisionAction::{Refused, Send, Take, Why};
        let sent = [Why("agreed".into()), Take(1), Send, Take(2), Why("no".into())];
        let state = after(&sent);
        let first = Ok(Choice::Side { side: 1 });
        assert_eq!((choice(&state), state.why.as_str()), (first.clone(), "agreed"));
        let state = state.reduce(Refused("it is decided already".into()));
        assert!(!state.busy);
        assert_eq!(state.problem.as_deref(), Some("it is decided already"));
        assert_eq!(choice(&state), first);
    }
}
