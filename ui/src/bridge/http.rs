//! The wire of a browser: `POST /api/{name}` and the event stream of the same origin.
//!
//! The session is a cookie that scripts cannot read; every command carries the token of the
//! session, which is fetched once and again when the host refuses it. A write whose answer was lost
//! with the connection is sent once more, with the same key: the host gives the first answer again.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use roadbook_api::commands::session::ShowSession;
use roadbook_api::views::{SessionMode, SessionState, SessionView};
use roadbook_api::{ApiError, Command as _, ErrorCode};
use serde::Deserialize;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventSource, MessageEvent, RequestInit, Response};
use yew::Callback;

use super::{Answer, News, Subscription, Wire};
use crate::browser;

/// The header that carries the token of the session.
const CSRF_HEADER: &str = "X-Roadbook-CSRF";
/// The header that carries the key of a write.
const ONCE_HEADER: &str = "X-Roadbook-Once";
/// The header that says, with a write that is sent again, which run of the host had it first.
const RUN_HEADER: &str = "X-Roadbook-Run";
/// How long it is waited before a write is sent again, in milliseconds.
const ONCE_MORE_MS: u32 = 1_500;

/// The wire of a browser.
#[derive(Debug, Clone, Default)]
pub struct HttpWire {
    token: Rc<RefCell<Option<SessionToken>>>,
    heard: Rc<RefCell<Option<Callback<News>>>>,
    out: Rc<Cell<bool>>,
}

/// What `GET /api/session` says that the wire needs.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
struct SessionToken {
    csrf: String,
    /// Which run of the host this is.
    #[serde(default)]
    run: String,
}

/// A write, by which the host knows it when it comes again.
struct Once {
    key: String,
    /// The run of the host that it was sent to first.
    sent_to: RefCell<Option<String>>,
    /// It is sent again.
    is_again: Cell<bool>,
}

impl Once {
    fn new() -> Self {
        // No secret: it only must not come twice in a session.
        let half = || js_sys::Math::random().to_bits();
        Self {
            key: format!("{:x}{:x}", half(), half()),
            sent_to: RefCell::default(),
            is_again: Cell::default(),
        }
    }
}

/// What `GET /api/session` says to who is not let in.
#[derive(Deserialize)]
struct Outside {
    code: ErrorCode,
    mode: SessionMode,
}

struct Raw {
    status: u16,
    body: String,
}

impl Raw {
    /// It tells of a failure, and not in the words of a host.
    fn is_of_another(&self) -> bool {
        self.status >= 500 && serde_json::from_str::<ApiError>(&self.body).is_err()
    }
}

impl HttpWire {
    async fn token(&self) -> Result<SessionToken, ApiError> {
        if let Some(token) = self.token.borrow().clone() {
            return Ok(token);
        }
        let raw = fetch("/api/session", &RequestInit::new()).await?;
        let found: SessionToken = read(&raw)?;
        *self.token.borrow_mut() = Some(found.clone());
        Ok(found)
    }

    async fn post(&self, name: &str, request: &str, once: Option<&Once>) -> Result<Raw, ApiError> {
        let headers = web_sys::Headers::new().map_err(|_| unreachable_app())?;
        let SessionToken { csrf, run } = match self.token().await {
            Ok(token) => token,
            // Without a session there is no token yet; signing in makes both.
            Err(_) if name == "sign_in" => SessionToken::default(),
            Err(error) => return Err(error),
        };
        let set = |name: &str, value: &str| headers.set(name, value).map_err(|_| unreachable_app());
        set("content-type", "application/json")?;
        set(CSRF_HEADER, &csrf)?;
        if let Some(once) = once {
            let run = once.sent_to.borrow_mut().get_or_insert(run).clone();
            set(ONCE_HEADER, &once.key)?;
            if once.is_again.get() {
                set(RUN_HEADER, &run)?;
            }
        }
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(request));
        let answer = fetch(&format!("/api/{name}"), &init).await;
        match answer {
            Err(_) if once.is_some() => Err(maybe_saved()),
            // What stands between answers for a host that is gone, or too slow for it.
            Ok(raw) if once.is_some() && raw.is_of_another() => Err(maybe_saved()),
            answer => answer,
        }
    }

    /// Sends a write again whose answer was lost. The token is asked for anew: it says which run of
    /// the host is there now, for the next write.
    async fn once_more(&self, name: &str, request: &str, once: &Once) -> Result<Raw, ApiError> {
        TimeoutFuture::new(ONCE_MORE_MS).await;
        self.token.borrow_mut().take();
        once.is_again.set(true);
        let answer = self.post(name, request, Some(once)).await;
        answer.map_err(|error| {
            if error.code == ErrorCode::NotSignedIn {
                self.is_out();
            }
            maybe_saved()
        })
    }

    /// The session is over: said once, so that everybody looks again and finds it so.
    fn is_out(&self) {
        let heard = self.heard.borrow().clone();
        if let (Some(heard), false) = (heard, self.out.replace(true)) {
            *self.token.borrow_mut() = None;
            heard.emit(News::Missed);
        }
    }

    /// Who is in. To who is not, a server that keeps the records says so in the session's own
    /// words; a device's host lets nobody in but by its link.
    async fn session(&self) -> Option<String> {
        let raw = fetch("/api/session", &RequestInit::new()).await.ok()?;
        outside(&raw.body)
    }

    async fn carry(
        self,
        name: &'static str,
        request: String,
        once: Option<Once>,
    ) -> Result<String, ApiError> {
        let first = self.post(name, &request, once.as_ref()).await;
        let answer = match (first, &once) {
            (Err(error), Some(once)) if error.code == ErrorCode::Unreachable => {
                self.once_more(name, &request, once).await
            }
            (first, _) => first,
        };
        let mut raw = match answer {
            Err(error) if error.code == ErrorCode::NotSignedIn && name == ShowSession::NAME => {
                return self.session().await.ok_or(error);
            }
            answer => answer?,
        };
        if raw.status == 403 {
            let before = self.token.borrow_mut().take();
            let renewed = self.token().await.ok();
            if renewed.is_some() && renewed != before {
                raw = self.post(name, &request, once.as_ref()).await?;
            }
        }
        if matches!(name, "sign_in" | "sign_out") {
            *self.token.borrow_mut() = None;
        }
        if raw.status == 401 {
            self.is_out();
        }
        if (200..300).contains(&raw.status) {
            self.out.set(false);
            return Ok(if raw.body.is_empty() { "null".to_owned() } else { raw.body });
        }
        Err(refusal(&raw))
    }
}

/// The session of who is not signed in at a server that keeps the records.
fn outside(body: &str) -> Option<String> {
    let found: Outside = serde_json::from_str(body).ok()?;
    let hosted = found.code == ErrorCode::NotSignedIn && found.mode == SessionMode::Hosted;
    let nobody = SessionView {
        state: SessionState::Absent,
        mode: found.mode,
        user: None,
        who: None,
        role: None,
        device: None,
        device_name: None,
        tenant: None,
        tenant_name: None,
        can_review: false,
        confidential: Vec::new(),
        server: None,
    };
    hosted.then(|| serde_json::to_string(&nobody).expect("a session is plain data"))
}

/// The error in an answer that is none; hosts answer `ApiError`, whatever stands between may not.
fn refusal(raw: &Raw) -> ApiError {
    serde_json::from_str(&raw.body).unwrap_or_else(|_| {
        let text = format!("the app answered with status {}; try again", raw.status);
        ApiError::new(ErrorCode::Unreachable, text)
    })
}

fn read<T: serde::de::DeserializeOwned>(raw: &Raw) -> Result<T, ApiError> {
    if !(200..300).contains(&raw.status) {
        return Err(refusal(raw));
    }
    super::ask::read(&raw.body)
}

async fn fetch(path: &str, init: &RequestInit) -> Result<Raw, ApiError> {
    let window = web_sys::window().ok_or_else(unreachable_app)?;
    let response = JsFuture::from(window.fetch_with_str_and_init(path, init)).await;
    let response: Response =
        response.ok().and_then(|value| value.dyn_into().ok()).ok_or_else(unreachable_app)?;
    let text = response.text().map_err(|_| unreachable_app())?;
    let body = JsFuture::from(text).await.map_err(|_| unreachable_app())?;
    Ok(Raw { status: response.status(), body: body.as_string().unwrap_or_default() })
}

fn unreachable_app() -> ApiError {
    ApiError::new(
        ErrorCode::Unreachable,
        "the app cannot be reached: it was stopped, or the network is gone",
    )
}

/// A write whose answer was lost: nobody here knows whether it was carried out.
fn maybe_saved() -> ApiError {
    ApiError::new(
        ErrorCode::Unreachable,
        "the app cannot be reached: it was stopped, or the network is gone; this may have been \
         saved, so look before you do it again",
    )
}

impl Wire for HttpWire {
    fn call(&self, name: &'static str, request: String) -> Answer {
        Box::pin(self.clone().carry(name, request, None))
    }

    fn write(&self, name: &'static str, request: String) -> Answer {
        Box::pin(self.clone().carry(name, request, Some(Once::new())))
    }

    fn hold(&self) -> Subscription {
        Box::new(browser::on_leaving())
    }

    fn listen(&self, heard: Callback<News>) -> Subscription {
        *self.heard.borrow_mut() = Some(heard.clone());
        let stream = Rc::new(Stream { heard, ..Stream::default() });
        stream.open();
        Box::new(Listening(stream))
    }
}

/// After how many milliseconds a cut stream is news: most are mended before a person looks.
const CUT_MS: u32 = 4_000;
/// How long it is waited before a stream that the browser has given up is opened again, in
/// milliseconds: at first, and at most.
const AGAIN_MS: (u32, u32) = (1_000, 30_000);

/// The stream of events, opened again for as long as somebody listens.
#[derive(Default)]
struct Stream {
    heard: Callback<News>,
    source: RefCell<Option<(EventSource, [EventListener; 3])>>,
    /// Something may have been missed.
    is_cut: Cell<bool>,
    /// Says that it is cut.
    telling: RefCell<Option<Timeout>>,
    /// Opens it again.
    opening: RefCell<Option<Timeout>>,
    tries: Cell<u32>,
}

impl Stream {
    fn open(self: &Rc<Self>) {
        let Ok(source) = EventSource::new("/api/events") else {
            return;
        };
        let on_event = {
            let heard = self.heard.clone();
            EventListener::new(&source, "roadbook", move |event| {
                let message = event.dyn_ref::<MessageEvent>().and_then(|it| it.data().as_string());
                if let Some(event) = message.and_then(|text| serde_json::from_str(&text).ok()) {
                    heard.emit(News::Event(event));
                }
            })
        };
        let on_error = {
            let (stream, source) = (Rc::downgrade(self), source.clone());
            EventListener::new(&source.clone(), "error", move |_| {
                if let Some(stream) = stream.upgrade() {
                    stream.failed(source.ready_state() == EventSource::CLOSED);
                }
            })
        };
        let on_open = {
            let stream = Rc::downgrade(self);
            EventListener::new(&source, "open", move |_| {
                if let Some(stream) = stream.upgrade() {
                    stream.opened();
                }
            })
        };
        *self.source.borrow_mut() = Some((source, [on_event, on_error, on_open]));
    }

    fn opened(&self) {
        self.tries.set(0);
        *self.telling.borrow_mut() = None;
        // What was said meanwhile is lost.
        if self.is_cut.replace(false) {
            self.heard.emit(News::Missed);
        }
    }

    /// The browser mends a stream by itself, unless the host answered with an error.
    fn failed(self: &Rc<Self>, is_given_up: bool) {
        if !self.is_cut.replace(true) {
            let heard = self.heard.clone();
            let telling = Timeout::new(CUT_MS, move || heard.emit(News::Cut));
            *self.telling.borrow_mut() = Some(telling);
        }
        if is_given_up {
            let (first, most) = AGAIN_MS;
            let tries = self.tries.replace(self.tries.get().saturating_add(1));
            let wait = first.saturating_mul(1 << tries.min(8)).min(most);
            let stream = Rc::downgrade(self);
            let opening = Timeout::new(wait, move || {
                if let Some(stream) = stream.upgrade() {
                    stream.open();
                }
            });
            *self.opening.borrow_mut() = Some(opening);
        }
    }
}

/// Somebody listens; the stream closes when this is dropped.
struct Listening(Rc<Stream>);

impl Drop for Listening {
    fn drop(&mut self) {
        *self.0.telling.borrow_mut() = None;
        *self.0.opening.borrow_mut() = None;
        if let Some((source, _)) = self.0.source.borrow_mut().take() {
            source.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(status: u16, body: &str) -> Raw {
        Raw { status, body: body.to_owned() }
    }

    #[test]
    fn an_error_of_the_app_keeps_its_code() {
        let error = refusal(&raw(409, r#"{"code":"disputed","message":"it is disputed"}"#));
        assert_eq!(error.code, ErrorCode::Disputed);
    }

    #[test]
    fn who_is_not_signed_in_at_a_server_gets_an_empty_session() {
        let body =
            |mode| format!(r#"{{"code":"not_signed_in","message":"sign in","mode":"{mode}"}}"#);
        let session: SessionView =
            serde_json::from_str(&outside(&body("hosted")).unwrap()).unwrap();
        assert_eq!(session.state, SessionState::Absent);
        assert_eq!(session.mode, SessionMode::Hosted);
        assert_eq!(outside(&body("device")), None, "a device's host has no sign-in");
        assert_eq!(outside("<html>"), None);
    }

    #[test]
    fn an_answer_of_something_in_between_says_its_status() {
        let error = refusal(&raw(502, "<html>Bad gateway</html>"));
        assert_eq!(error.code, ErrorCode::Unreachable);
        assert!(error.message.contains("502"));
    }
}
