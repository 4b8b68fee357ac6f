//! Carrying a writing command out: at once, with a toast, an undo and a word for screen readers.

use std::any::Any;

use roadbook_api::commands::queue::{RestoreDiscarded, UndoIntent};
use roadbook_api::views::{ChangeView, DisputeAfter, Leave, UndoneView, WrittenView};
use roadbook_api::{ApiError, Command, ErrorCode, ValueView};
use yew::prelude::*;

use super::providers::use_bridge;
use super::speech::{Say, use_toast};
use crate::bridge::{Ask, Bridge};
use crate::refusal::for_people;
use crate::screens::value::money_of;
use crate::state::tally::{Many, REQUESTED, Tally};
use crate::state::toasts::{Done, TakeBack};
use crate::words::{money, sentence};

/// The answer of a writing command, as far as undo needs it.
pub trait Written {
    /// The intent that undo takes back.
    fn intent(&self) -> Option<AttrValue>;

    /// It takes effect only when the server confirms it.
    fn is_requested(&self) -> bool {
        false
    }
}

impl Written for WrittenView {
    fn intent(&self) -> Option<AttrValue> {
        Some(self.intent.to_string().into())
    }

    fn is_requested(&self) -> bool {
        self.leave == Leave::NeedsConfirmation
    }
}

/// Carries writing commands out, in the order in which they were asked for.
#[derive(Clone)]
pub struct Write {
    bridge: Option<Bridge>,
    say: Say,
}

impl Write {
    /// Carries a command out. `words` says what was done, as a colleague would: `Visit logged`.
    pub fn run<C>(&self, command: C, words: impl Into<AttrValue>)
    where
        C: Command + 'static,
        C::Response: Written,
    {
        self.run_then(command, words, Callback::noop());
    }

    /// The same, and tells afterwards what came of it.
    pub fn run_then<C>(
        &self,
        command: C,
        words: impl Into<AttrValue>,
        then: Callback<Result<(), ApiError>>,
    ) where
        C: Command + 'static,
        C::Response: Written,
    {
        let say = self.say.clone();
        let then = Callback::from(move |answer: Result<(), ApiError>| {
            if let Err(error) = &answer {
                say.problem(sentence(&error.message));
            }
            then.emit(answer);
        });
        self.run_quietly(command, words, then);
    }

    /// The same where whoever asked says what went wrong, at its field: no toast of that.
    pub fn run_quietly<C>(
        &self,
        command: C,
        words: impl Into<AttrValue>,
        then: Callback<Result<(), ApiError>>,
    ) where
        C: Command + 'static,
        C::Response: Written,
    {
        self.run_one(Work::of(command), words.into(), then);
    }

    fn run_one(&self, work: Work, words: AttrValue, then: Callback<Result<(), ApiError>>) {
        let Some(bridge) = self.bridge.clone() else {
            return;
        };
        let say = self.say.clone();
        bridge.clone().in_turn(async move {
            let answer = work.done(&bridge).await;
            if let Ok(done) = &answer {
                say.done(done.said(words), done.intent.clone());
            }
            then.emit(answer.map(drop));
        });
    }

    /// Carries many commands out, one after the other; what cannot be done does not stop the
    /// others. One toast says what was done and why the rest was not; one undo takes back what was.
    pub fn run_all<C>(&self, commands: Vec<C>, what: Many)
    where
        C: Command + 'static,
        C::Response: Written,
    {
        self.run_all_then(commands, what, Callback::noop());
    }

    /// The same, and tells afterwards whether all of them were.
    pub fn run_all_then<C>(&self, commands: Vec<C>, what: Many, then: Callback<bool>)
    where
        C: Command + 'static,
        C::Response: Written,
    {
        self.run_each(commands.into_iter().map(Work::of).collect(), what, then);
    }

    /// Says what went wrong with something that [`Write::run_quietly`] was asked for.
    pub fn problem(&self, text: impl Into<AttrValue>) {
        self.say.problem(text);
    }

    fn run_each(&self, all: Vec<Work>, what: Many, then: Callback<bool>) {
        let Some(bridge) = self.bridge.clone() else {
            return;
        };
        let say = self.say.clone();
        bridge.clone().in_turn(async move {
            let (mut intents, mut tally) = (Vec::new(), Tally::default());
            for work in all {
                match work.done(&bridge).await {
                    Ok(done) => {
                        tally.add(Ok(()));
                        if done.is_requested {
                            tally.request();
                        }
                        intents.extend(done.intent);
                    }
                    Err(error) => tally.add(Err(&error.message)),
                }
            }
            let intents: Vec<&str> = intents.iter().map(AttrValue::as_str).collect();
            let undo = (!intents.is_empty()).then(|| AttrValue::from(intents.join(" ")));
            match undo {
                Some(undo) if tally.has_failed() => {
                    let undo = TakeBack::Undo(undo);
                    let done = Done { text: tally.said_of_done(&what).into(), undo };
                    say.partly(tally.said(&what), done);
                }
                None if tally.has_failed() => say.problem(tally.said(&what)),
                undo => say.done(tally.said(&what), undo),
            }
            then.emit(!tally.has_failed());
        });
    }

    /// Takes something back and says what: an intent, or several with blanks between them, the
    /// last one first; or that an intent was given up.
    pub fn undo(&self, done: Done) {
        let Some(bridge) = self.bridge.clone() else {
            return;
        };
        let say = self.say.clone();
        // Not offered a second time while it is on its way.
        say.gone(done.undo.clone());
        bridge.clone().in_turn(take_back(bridge, say, done));
    }

    /// Takes back what was done last, when all that is on its way is done; `nothing` is said where
    /// there is nothing to take back.
    pub fn undo_last(&self, last: impl FnOnce() -> Option<Done> + 'static, nothing: &'static str) {
        let Some(bridge) = self.bridge.clone() else {
            return;
        };
        let say = self.say.clone();
        bridge.clone().in_turn(async move {
            match last() {
                Some(done) => {
                    say.gone(done.undo.clone());
                    take_back(bridge, say, done).await;
                }
                None => say.done(nothing, None),
            }
        });
    }
}

async fn take_back(bridge: Bridge, say: Say, done: Done) {
    match &done.undo {
        TakeBack::Undo(intents) => {
            let undone = undo_each(&bridge, intents).await;
            let left = undone.left.join(" ");
            let text = undone.said(&done.text);
            if undone.failed.is_some() {
                say.problem(text);
            } else {
                say.done(text, None);
            }
            if !left.is_empty() {
                let undo = TakeBack::Undo(left.into());
                say.again(Done { undo, ..done });
            }
        }
        TakeBack::Restore(intent) => {
            let command = RestoreDiscarded { intent: intent.to_string() };
            match bridge.write(command).await {
                Ok(_) => say.done("It is back in the queue", None),
                Err(error) => {
                    say.problem(sentence(&error.message));
                    if is_passing(error.code) {
                        say.again(done);
                    }
                }
            }
        }
    }
}

/// A writing command with its type forgotten, and how its answer is read.
struct Work {
    ask: Ask,
    read: fn(&dyn Any) -> Option<Wrote>,
}

/// What was written, with its type forgotten.
#[derive(Default)]
struct Wrote {
    intent: Option<AttrValue>,
    is_requested: bool,
}

impl Wrote {
    /// What is said of it at once.
    fn said(&self, words: AttrValue) -> AttrValue {
        if self.is_requested { format!("{words}{REQUESTED}").into() } else { words }
    }
}

impl Work {
    #[allow(clippy::needless_pass_by_value, reason = "a command is carried out once")]
    fn of<C>(command: C) -> Self
    where
        C: Command,
        C::Response: Written + 'static,
    {
        let read = |answer: &dyn Any| {
            let answer = answer.downcast_ref::<C::Response>()?;
            Some(Wrote { intent: answer.intent(), is_requested: answer.is_requested() })
        };
        Self { ask: Ask::of(&command), read }
    }

    async fn done(self, bridge: &Bridge) -> Result<Wrote, ApiError> {
        let answer = bridge.write_ask(self.ask).await.map_err(for_people)?;
        Ok((self.read)(&*answer).unwrap_or_default())
    }
}

/// What came of undoing intents.
#[derive(Debug, Default)]
struct Undone {
    /// So many were undone.
    number: usize,
    /// Why the first of the others was not.
    failed: Option<String>,
    /// Those that may be undone later, the first one first.
    left: Vec<String>,
    /// What stays as it is, because somebody changed it since.
    stays: Vec<String>,
    /// A decision was undone: what became of the dispute.
    dispute: Option<DisputeAfter>,
    /// What the fields of decisions that others have read show now: `Amount is 14,000 EUR`.
    stands: Vec<String>,
}

impl Undone {
    fn add(&mut self, intent: &str, answer: Result<UndoneView, ApiError>) {
        match answer {
            Ok(view) => {
                self.number += 1;
                self.stays.extend(view.left.into_iter().map(|change| change.label));
                self.dispute = self.dispute.or(view.dispute);
                if view.dispute == Some(DisputeAfter::StaysSettled) {
                    self.stands.extend(view.changes.iter().map(stands));
                }
            }
            Err(error) => {
                if is_passing(error.code) {
                    self.left.insert(0, intent.to_owned());
                }
                self.failed.get_or_insert(error.message);
            }
        }
    }

    /// What is said of it, with what was said when it was done.
    fn said(&self, text: &str) -> String {
        let text = text.strip_suffix(REQUESTED).unwrap_or(text);
        let mut said = Vec::new();
        match (&self.failed, self.number) {
            (Some(why), 0) => return format!("Not undone: {text}. {}", sentence(why)),
            (Some(why), number) => {
                said.push(format!("Undone in part, {number}: {text}. {}", sentence(why)));
            }
            (None, _) => said.push(format!("Undone: {text}")),
        }
        if !self.stays.is_empty() {
            said.push(format!("{} stays: somebody changed it since.", self.stays.join(", ")));
        }
        said.extend(self.dispute.map(|dispute| match dispute {
            DisputeAfter::Reopened => "The conflict is open again.".to_owned(),
            DisputeAfter::StaysSettled => format!(
                "{}; the conflict stays settled. History has the other values.",
                self.stands.join(", ")
            ),
        }));
        said.join(". ").replace(".. ", ". ")
    }
}

/// What a field shows after a change: `Amount is 14,000 EUR`.
fn stands(change: &ChangeView) -> String {
    let text = change
        .to
        .as_ref()
        .filter(|it| it.value != ValueView::Null)
        .map(|it| money_of(&it.value).map_or_else(|| it.text.clone(), money));
    format!("{} is {}", change.label, text.as_deref().unwrap_or("empty"))
}

/// The same may work later: nothing is wrong with what was asked for.
const fn is_passing(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Unreachable
            | ErrorCode::Busy
            | ErrorCode::Storage
            | ErrorCode::TooMany
            | ErrorCode::NotSignedIn
            | ErrorCode::Locked
            | ErrorCode::Internal
    )
}

/// Undoes intents, the last one first; what cannot be undone does not stop the others.
async fn undo_each(bridge: &Bridge, intents: &str) -> Undone {
    let mut undone = Undone::default();
    for intent in intents.split_whitespace().rev() {
        let command = UndoIntent { intent: intent.to_owned(), record: None };
        undone.add(intent, bridge.write(command).await);
    }
    undone
}

/// Carries writing commands out.
#[hook]
pub fn use_write() -> Write {
    Write { bridge: use_bridge(), say: use_toast() }
}

#[cfg(test)]
mod tests {
    use roadbook_api::views::{NamedValue, UndoneHow};
    use roadbook_domain::{Currency, IntentId, Money, Value};

    use super::*;

    fn view() -> UndoneView {
        UndoneView {
            intent: IntentId::from_bytes([7; 16]),
            how: UndoneHow::Reversed,
            records: vec![],
            changes: vec![],
            left: vec![],
            reversed_by: vec![],
            set_aside: vec![],
            dispute: None,
        }
    }

    fn said(answers: Vec<Result<UndoneView, ApiError>>, text: &str) -> (String, Vec<String>) {
        let mut undone = Undone::default();
        for (at, answer) in answers.into_iter().enumerate() {
            undone.add(&format!("i{at}"), answer);
        }
        (undone.said(text), undone.left)
    }

    #[test]
    fn an_undo_says_what_it_undid_and_what_it_left() {
        assert_eq!(said(vec![Ok(view())], "Visit logged").0, "Undone: Visit logged");
        let requested = Wrote { intent: None, is_requested: true }.said("Moved to Won".into());
        assert_eq!(requested, "Moved to Won, requested: the server decides");
        assert_eq!(said(vec![Ok(view())], &requested).0, "Undone: Moved to Won");
        let change = ChangeView {
            field: "amount".into(),
            label: "Amount".into(),
            action: "set".into(),
            from: None,
            to: None,
            why: None,
        };
        let left = UndoneView { left: vec![change.clone()], ..view() };
        assert_eq!(
            said(vec![Ok(left)], "Deal saved").0,
            "Undone: Deal saved. Amount stays: somebody changed it since."
        );
        let decided = UndoneView { dispute: Some(DisputeAfter::Reopened), ..view() };
        assert_eq!(
            said(vec![Ok(decided)], "Decided: Amount").0,
            "Undone: Decided: Amount. The conflict is open again."
        );
        let euros = Value::Money(Money::new(1_400_000, Currency::EUR));
        let back = ChangeView { to: Some(NamedValue::plain(&euros)), ..change };
        let dispute = Some(DisputeAfter::StaysSettled);
        let sent = UndoneView { changes: vec![back], dispute, ..view() };
        assert_eq!(
            said(vec![Ok(sent)], "Decided: Amount").0,
            "Undone: Decided: Amount. Amount is 14,000 EUR; the conflict stays settled. History \
             has the other values."
        );
    }

    #[test]
    fn an_undo_that_fails_says_why_and_is_offered_again_only_where_that_may_help() {
        let gone = ApiError::new(ErrorCode::Stale, "somebody changed stage since");
        let (text, again) = said(vec![Err(gone.clone())], "Moved");
        assert_eq!(text, "Not undone: Moved. Somebody changed stage since.");
        assert!(again.is_empty());
        let away = ApiError::new(ErrorCode::Unreachable, "the server cannot be reached");
        let (text, again) = said(vec![Ok(view()), Err(away), Err(gone)], "3 deals moved");
        assert_eq!(text, "Undone in part, 1: 3 deals moved. The server cannot be reached.");
        assert_eq!(again, ["i1"]);
    }
}
