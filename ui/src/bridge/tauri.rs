//! The wire of the window: Tauri's invoke and its events, reached without a script of our own.

use js_sys::{Function, JSON, Object, Promise, Reflect};
use roadbook_api::{ApiError, ErrorCode};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::Callback;

use super::{Answer, News, Subscription, Wire};

/// The name under which the window sends events.
const EVENT: &str = "roadbook";

/// The wire of the window.
#[derive(Debug, Clone)]
pub struct TauriWire {
    internals: JsValue,
}

impl TauriWire {
    /// The wire, if the page is in the window.
    #[must_use]
    pub fn find() -> Option<Self> {
        let window = web_sys::window()?;
        let internals = Reflect::get(&window, &"__TAURI_INTERNALS__".into()).ok()?;
        internals.is_object().then_some(Self { internals })
    }

    async fn invoke(self, name: String, arguments: JsValue) -> Result<JsValue, JsValue> {
        let invoke: Function = Reflect::get(&self.internals, &"invoke".into())?.dyn_into()?;
        let promise: Promise =
            invoke.call2(&self.internals, &name.into(), &arguments)?.dyn_into()?;
        JsFuture::from(promise).await
    }

    async fn carry(self, name: &'static str, request: String) -> Result<String, ApiError> {
        let arguments = JSON::parse(&format!("{{\"request\":{request}}}"));
        let arguments = arguments.map_err(|_| broken())?;
        match self.invoke(name.to_owned(), arguments).await {
            Ok(value) => Ok(text_of(&value)),
            Err(error) => Err(serde_json::from_str(&text_of(&error)).unwrap_or_else(|_| broken())),
        }
    }
}

fn text_of(value: &JsValue) -> String {
    if value.is_undefined() {
        return "null".to_owned();
    }
    JSON::stringify(value).map_or_else(|_| "null".to_owned(), String::from)
}

fn broken() -> ApiError {
    ApiError::new(ErrorCode::Internal, "the window does not answer; close it and open it again")
}

/// The listener of the window; the closure must live as long as it listens.
struct Listening {
    wire: TauriWire,
    id: std::rc::Rc<std::cell::Cell<Option<f64>>>,
    _heard: Closure<dyn FnMut(JsValue)>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let Some(id) = self.id.get() else {
            return;
        };
        let wire = self.wire.clone();
        let arguments = Object::new();
        let named = Reflect::set(&arguments, &"event".into(), &EVENT.into());
        let numbered = Reflect::set(&arguments, &"eventId".into(), &id.into());
        if named.is_ok() && numbered.is_ok() {
            spawn_local(async move {
                // A window that is closing does not answer any more.
                drop(wire.invoke("plugin:event|unlisten".to_owned(), arguments.into()).await);
            });
        }
    }
}

impl Wire for TauriWire {
    fn call(&self, name: &'static str, request: String) -> Answer {
        Box::pin(self.clone().carry(name, request))
    }

    fn listen(&self, heard: Callback<News>) -> Subscription {
        let on_event = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            let payload = Reflect::get(&event, &"payload".into()).ok();
            let event = payload.and_then(|value| serde_json::from_str(&text_of(&value)).ok());
            if let Some(event) = event {
                heard.emit(News::Event(event));
            }
        });
        let id = std::rc::Rc::new(std::cell::Cell::new(None));
        if let Ok(arguments) = self.listen_arguments(&on_event) {
            let (wire, id) = (self.clone(), std::rc::Rc::clone(&id));
            spawn_local(async move {
                let answer = wire.invoke("plugin:event|listen".to_owned(), arguments).await;
                id.set(answer.ok().and_then(|value| value.as_f64()));
            });
        }
        Box::new(Listening { wire: self.clone(), id, _heard: on_event })
    }
}

impl TauriWire {
    fn listen_arguments(&self, heard: &Closure<dyn FnMut(JsValue)>) -> Result<JsValue, JsValue> {
        let transform: Function =
            Reflect::get(&self.internals, &"transformCallback".into())?.dyn_into()?;
        let handler = transform.call1(&self.internals, heard.as_ref())?;
        let (arguments, target) = (Object::new(), Object::new());
        Reflect::set(&target, &"kind".into(), &"Any".into())?;
        Reflect::set(&arguments, &"event".into(), &EVENT.into())?;
        Reflect::set(&arguments, &"target".into(), &target)?;
        Reflect::set(&arguments, &"handler".into(), &handler)?;
        Ok(arguments.into())
    }
}
