//! Carrying a writing command out: at once, with a toast, an undo and a word for screen readers.

use std::any::Any;

use roadbook_api::commands::queue::{RestoreDiscarded, UndoIntent};
use roadbook_api::views::WrittenView;
use roadbook_api::{ApiError, Command};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::providers::use_bridge;
use super::speech::{Say, use_toast};
use crate::bridge::{Ask, Bridge};
use crate::state::toasts::TakeBack;
use crate::words::sentence;

/// The answer of a writing command, as far as undo needs it.
pub trait Written {
    /// The intent that undo takes back.
    fn intent(&self) -> Option<AttrValue>;
}

impl Written for WrittenView {
    fn intent(&self) -> Option<AttrValue> {
        Some(self.intent.to_string().into())
    }
}

/// Carries writing commands out.
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
        spawn_local(async move {
            let answer = work.done(&bridge).await;
            if let Ok(intent) = &answer {
                say.done(words, intent.clone());
            }
            then.emit(answer.map(drop));
        });
    }

    /// Carries many commands out, one after the other, with one toast and one undo for all.
    pub fn run_all<C>(&self, commands: Vec<C>, words: impl Into<AttrValue>)
    where
        C: Command + 'static,
        C::Response: Written,
    {
        self.run_each(commands.into_iter().map(Work::of).collect(), words.into());
    }

    fn run_each(&self, all: Vec<Work>, words: AttrValue) {
        let Some(bridge) = self.bridge.clone() else {
            return;
        };
        let say = self.say.clone();
        spawn_local(async move {
            let (mut intents, mut problem) = (Vec::new(), None);
            for work in all {
                match work.done(&bridge).await {
                    Ok(intent) => intents.extend(intent),
                    Err(error) => {
                        problem = Some(error);
                        break;
                    }
                }
            }
            if !intents.is_empty() {
                let intents: Vec<&str> = intents.iter().map(AttrValue::as_str).collect();
                say.done(words, Some(intents.join(" ").into()));
            }
            if let Some(error) = problem {
                say.problem(sentence(&error.message));
            }
        });
    }

    /// Takes an intent back, or several with blanks between them, the last one first; or takes
    /// back that one was given up.
    pub fn undo(&self, what: TakeBack) {
        let Some(bridge) = self.bridge.clone() else {
            return;
        };
        let say = self.say.clone();
        spawn_local(async move {
            let intent = what.intent().to_string();
            let answer = match &what {
                TakeBack::Undo(_) => undo_each(&bridge, &intent).await.map(|()| "Undone"),
                TakeBack::Restore(_) => bridge
                    .call(RestoreDiscarded { intent })
                    .await
                    .map(|_| "It is back in the queue"),
            };
            match answer {
                Ok(words) => {
                    say.undone(what);
                    say.done(words, None);
                }
                Err(error) => say.problem(sentence(&error.message)),
            }
        });
    }
}

/// A writing command with its type forgotten, and how undo finds its intent.
struct Work {
    ask: Ask,
    intent: fn(&dyn Any) -> Option<AttrValue>,
}

impl Work {
    #[allow(clippy::needless_pass_by_value, reason = "a command is carried out once")]
    fn of<C>(command: C) -> Self
    where
        C: Command,
        C::Response: Written + 'static,
    {
        let intent = |answer: &dyn Any| answer.downcast_ref::<C::Response>()?.intent();
        Self { ask: Ask::of(&command), intent }
    }

    async fn done(self, bridge: &Bridge) -> Result<Option<AttrValue>, ApiError> {
        let answer = bridge.ask(self.ask).await?;
        Ok((self.intent)(&*answer))
    }
}

/// Undoes intents, the last one first; stops at the first that cannot be undone.
async fn undo_each(bridge: &Bridge, intents: &str) -> Result<(), ApiError> {
    for intent in intents.split_whitespace().rev() {
        bridge.call(UndoIntent { intent: intent.to_owned(), record: None }).await?;
    }
    Ok(())
}

/// Carries writing commands out.
#[hook]
pub fn use_write() -> Write {
    Write { bridge: use_bridge(), say: use_toast() }
}
