//! Carrying a writing command out: at once, with a toast, an undo and a word for screen readers.

use roadbook_api::commands::queue::UndoIntent;
use roadbook_api::views::WrittenView;
use roadbook_api::{ApiError, Command};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::providers::use_bridge;
use super::speech::{Say, use_toast};
use crate::bridge::Bridge;

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
        let Some(bridge) = self.bridge.clone() else {
            return;
        };
        let (say, words) = (self.say.clone(), words.into());
        spawn_local(async move {
            let answer = bridge.call(command).await;
            match &answer {
                Ok(written) => say.done(words, written.intent()),
                Err(error) => say.problem(sentence(error)),
            }
            then.emit(answer.map(drop));
        });
    }

    /// Takes an intent back.
    pub fn undo(&self, intent: AttrValue) {
        let Some(bridge) = self.bridge.clone() else {
            return;
        };
        let say = self.say.clone();
        spawn_local(async move {
            match bridge.call(UndoIntent { intent: intent.to_string(), record: None }).await {
                Ok(_) => {
                    say.undone(intent);
                    say.done("Undone", None);
                }
                Err(error) => say.problem(sentence(&error)),
            }
        });
    }
}

/// The app's own sentence, as one begins and ends.
fn sentence(error: &ApiError) -> AttrValue {
    let text = error.message.trim_end_matches('.');
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    format!("{}.", first.chain(letters).collect::<String>()).into()
}

/// Carries writing commands out.
#[hook]
pub fn use_write() -> Write {
    Write { bridge: use_bridge(), say: use_toast() }
}
