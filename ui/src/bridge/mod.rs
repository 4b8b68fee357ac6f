//! The way from the screens to the app: typed commands out, events in.
//!
//! [`Bridge`] is what screens hold; behind it is a [`Wire`], which knows JSON and nothing of
//! commands: HTTP in a browser, Tauri in the window, a script in tests.

mod ask;
pub mod http;
mod line;
#[cfg(any(test, feature = "sample"))]
pub mod script;
pub mod tauri;

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use roadbook_api::{ApiError, Command, Event};
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

pub use ask::Ask;
use line::Line;

/// An answer on its way: the response as JSON, or what went wrong.
pub type Answer = Pin<Box<dyn Future<Output = Result<String, ApiError>>>>;

/// Ends a subscription when it is dropped.
pub type Subscription = Box<dyn Any>;

/// What is heard from the app without asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// An event.
    Event(Event),
    /// The wire was cut and mended: events may have been missed, so everything is looked at again.
    Missed,
    /// The wire is cut, and has been for a while.
    Cut,
}

/// Carries JSON to the app and events back.
pub trait Wire {
    /// Sends a command by name with its request as JSON.
    fn call(&self, name: &'static str, request: String) -> Answer;

    /// Sends a command that must not be carried out twice.
    fn write(&self, name: &'static str, request: String) -> Answer {
        self.call(name, request)
    }

    /// Has whoever leaves the page asked first, until this is dropped: something would be lost.
    fn hold(&self) -> Subscription {
        Box::new(())
    }

    /// Hears news until the subscription is dropped.
    fn listen(&self, heard: Callback<News>) -> Subscription;
}

/// Signs in at a server that keeps the records: known to hosts only, not to the app.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// The tenant's name.
    pub tenant: String,
    /// The sign-in name.
    pub login: String,
    /// The password. Never stored.
    pub password: String,
}

/// The answer to a sign-in that was right; the session itself is a cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {}

impl Command for SignIn {
    const NAME: &'static str = "sign_in";
    type Response = SignedIn;
}

/// How long the next write waits for the answer to the one before it, in milliseconds.
const PATIENCE_MS: u32 = 15_000;

/// The way to the app. Cheap to clone.
#[derive(Clone)]
pub struct Bridge {
    wire: Rc<dyn Wire>,
    line: Line,
}

impl PartialEq for Bridge {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.wire, &other.wire)
    }
}

impl Bridge {
    /// A bridge over a wire.
    #[must_use]
    pub fn over(wire: impl Wire + 'static) -> Self {
        Self { wire: Rc::new(wire), line: Line::default() }
    }

    /// The bridge of this page: Tauri in the window, HTTP in a browser.
    #[must_use]
    pub fn of_page() -> Self {
        tauri::TauriWire::find().map_or_else(|| Self::over(http::HttpWire::default()), Self::over)
    }

    /// Carries a command out.
    ///
    /// # Errors
    /// What the app says; `unreachable` when it cannot be asked, and `version_mismatch` when its
    /// answer is not understood.
    pub async fn call<C: Command>(&self, command: C) -> Result<C::Response, ApiError> {
        let request = serde_json::to_string(&command).unwrap_or_default();
        ask::read(&self.wire.call(C::NAME, request).await?)
    }

    /// Carries a command out whose type was forgotten.
    ///
    /// # Errors
    /// As for [`Bridge::call`].
    pub async fn ask(&self, ask: Ask) -> Result<Rc<dyn Any>, ApiError> {
        let answer = self.wire.call(ask.name, ask.request.to_string()).await?;
        (ask.read)(&answer)
    }

    /// Carries out a command that writes: where its answer is lost, it is asked for again, and
    /// what was done is not done twice.
    ///
    /// # Errors
    /// As for [`Bridge::call`].
    pub async fn write<C: Command>(&self, command: C) -> Result<C::Response, ApiError> {
        let request = serde_json::to_string(&command).unwrap_or_default();
        ask::read(&self.wire.write(C::NAME, request).await?)
    }

    /// The same for a command whose type was forgotten.
    ///
    /// # Errors
    /// As for [`Bridge::call`].
    pub async fn write_ask(&self, ask: Ask) -> Result<Rc<dyn Any>, ApiError> {
        let answer = self.wire.write(ask.name, ask.request.to_string()).await?;
        (ask.read)(&answer)
    }

    /// Has whoever leaves the page asked first, until this is dropped: something would be lost.
    #[must_use]
    pub fn hold(&self) -> Subscription {
        self.wire.hold()
    }

    /// Hears news until the subscription is dropped.
    #[must_use]
    pub fn listen(&self, heard: Callback<News>) -> Subscription {
        self.wire.listen(heard)
    }

    /// Does work that writes, when all that was given before is done: of two requests that are out
    /// together, either may be carried out first. What is not answered for long keeps nothing else
    /// waiting; its own answer still counts.
    pub fn in_turn(&self, work: impl Future<Output = ()> + 'static) {
        let work = self.held(work);
        let work = async move {
            let limit = TimeoutFuture::new(PATIENCE_MS);
            if let Either::Right(((), work)) = select(Box::pin(work), limit).await {
                spawn_local(work);
            }
        };
        if let Some(run) = self.line.push(work) {
            spawn_local(run);
        }
    }

    /// Work that holds the page from now on until it is done, be it overtaken meanwhile.
    fn held(&self, work: impl Future<Output = ()> + 'static) -> impl Future<Output = ()> + 'static {
        let held = self.hold();
        async move {
            work.await;
            drop(held);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadbook_api::ErrorCode;
    use roadbook_api::commands::session::ShowSession;
    use std::task::{Context, Poll, Waker};

    fn now<T>(future: impl Future<Output = T>) -> T {
        let mut future = std::pin::pin!(future);
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("the script answers at once"),
        }
    }

    #[test]
    fn a_command_is_answered_by_its_own_response() {
        let script = script::ScriptWire::default();
        script.answer("show_session", &crate::sample::session());
        let bridge = Bridge::over(script);
        let view = now(bridge.call(ShowSession {})).unwrap();
        assert_eq!(view, crate::sample::session());
    }

    #[test]
    fn the_page_is_held_from_the_moment_that_work_waits_until_it_is_done() {
        let script = script::ScriptWire::default();
        let bridge = Bridge::over(script.clone());
        let (first, second) = (bridge.held(async {}), bridge.held(async {}));
        assert_eq!(script.holds(), 2, "it waits in the line and was not asked for yet");
        now(first);
        assert_eq!(script.holds(), 1);
        now(second);
        assert_eq!(script.holds(), 0);
    }

    #[test]
    fn an_answer_of_another_shape_says_that_versions_differ() {
        let script = script::ScriptWire::default();
        script.answer("show_session", &"surprise");
        let error = now(Bridge::over(script).call(ShowSession {})).unwrap_err();
        assert_eq!(error.code, ErrorCode::VersionMismatch);
    }
}
