//! A wire with its answers written down beforehand, for tests and for the sample of the app.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use roadbook_api::{ApiError, ErrorCode, Event};
use serde::Serialize;
use yew::Callback;

use super::{Answer, News, Subscription, Wire};

type Script = Rc<dyn Fn(&str) -> Result<String, ApiError>>;

/// A wire that answers from a script and remembers what it was asked.
#[derive(Clone, Default)]
pub struct ScriptWire {
    answers: Rc<RefCell<BTreeMap<&'static str, Script>>>,
    asked: Rc<RefCell<Vec<(&'static str, String)>>>,
    heard: Rc<RefCell<Vec<Callback<News>>>>,
    first: Rc<RefCell<Option<Event>>>,
    held: Rc<()>,
}

impl ScriptWire {
    /// Answers a command always in the same way.
    pub fn answer(&self, name: &'static str, response: &impl Serialize) {
        let text = serde_json::to_string(response).expect("a response is plain data");
        self.answer_by(name, move |_| Ok(text.clone()));
    }

    /// Answers a command by what was asked.
    pub fn answer_by(
        &self,
        name: &'static str,
        by: impl Fn(&str) -> Result<String, ApiError> + 'static,
    ) {
        self.answers.borrow_mut().insert(name, Rc::new(by));
    }

    /// Lets everybody who begins to listen hear this first.
    pub fn open_with(&self, event: Event) {
        *self.first.borrow_mut() = Some(event);
    }

    /// What was asked, in order: names and requests.
    #[must_use]
    pub fn asked(&self) -> Vec<(&'static str, String)> {
        self.asked.borrow().clone()
    }

    /// How often the page is held.
    #[must_use]
    pub fn holds(&self) -> usize {
        let clones = Rc::strong_count(&self.asked);
        Rc::strong_count(&self.held) - clones
    }

    /// Lets everybody who listens hear an event.
    pub fn say(&self, event: &Event) {
        for heard in self.heard.borrow().iter() {
            heard.emit(News::Event(event.clone()));
        }
    }
}

impl Wire for ScriptWire {
    fn call(&self, name: &'static str, request: String) -> Answer {
        let script = self.answers.borrow().get(name).cloned();
        let unknown = || ApiError::new(ErrorCode::NotFound, format!("the script lacks `{name}`"));
        let answer = script.map_or_else(|| Err(unknown()), |script| script(&request));
        self.asked.borrow_mut().push((name, request));
        Box::pin(std::future::ready(answer))
    }

    fn hold(&self) -> Subscription {
        Box::new(Rc::clone(&self.held))
    }

    fn listen(&self, heard: Callback<News>) -> Subscription {
        if let Some(event) = self.first.borrow().clone() {
            heard.emit(News::Event(event));
        }
        self.heard.borrow_mut().push(heard);
        Box::new(())
    }
}
