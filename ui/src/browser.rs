//! What the screens ask of the browser itself. Nothing here runs in tests on the host.

use gloo_events::EventListener;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{Element, History, HtmlElement, ResizeObserver, Window};
use yew::Callback;

use crate::route::Place;
use crate::words::Wall;

fn window() -> Window {
    web_sys::window().expect("the screens run in a page")
}

/// The time on the wall, from the browser's clock and zone.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "milliseconds and minutes are whole and small")]
pub fn wall() -> Wall {
    let now = js_sys::Date::new_0();
    Wall { now_ms: now.get_time() as i64, offset_minutes: -(now.get_timezone_offset() as i32) }
}

/// Notes the moment on the page's timeline, for whoever measures. A browser that cannot is no matter.
pub fn mark(name: &str) {
    if let Some(clock) = window().performance() {
        drop(clock.mark(name));
    }
}

/// Where the page is.
#[must_use]
pub fn place() -> Place {
    let location = window().location();
    Place::read(&location.pathname().unwrap_or_default(), &location.search().unwrap_or_default())
}

/// Goes to a place: a new step in the history, or instead of this one.
pub fn go(place: &Place, step: Step) {
    let Ok(history) = window().history() else {
        return;
    };
    let path = place.to_string();
    let depth = depth(&history);
    let gone = match step {
        Step::New => history.push_state_with_url(&(depth + 1.0).into(), "", Some(&path)),
        Step::Instead => history.replace_state_with_url(&depth.into(), "", Some(&path)),
    };
    // A browser refuses only a flood of steps; the screen then changes without one.
    drop(gone);
}

/// How many steps of ours lead here; before the first one lies what is not ours.
fn depth(history: &History) -> f64 {
    history.state().ok().and_then(|it| it.as_f64()).unwrap_or_default()
}

/// Goes one step back, if a step of ours led here; `false` if none did.
pub fn back() -> bool {
    let history = window().history().ok().filter(|it| depth(it) > 0.0);
    // A browser that refuses stays where it is, as at any other press on back.
    history.is_some_and(|history| history.back().is_ok())
}

/// How a step in the history is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A new one; back leads here again.
    New,
    /// Instead of this one.
    Instead,
}

/// Hears when the person goes back or forth.
pub fn on_back(heard: Callback<Place>) -> EventListener {
    EventListener::new(&window(), "popstate", move |_| heard.emit(place()))
}

/// Hears every key.
pub fn on_key(heard: Callback<web_sys::KeyboardEvent>) -> EventListener {
    let options = gloo_events::EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&window(), "keydown", options, move |event| {
        if let Some(event) = event.dyn_ref::<web_sys::KeyboardEvent>() {
            heard.emit(event.clone());
        }
    })
}

/// Has the browser ask whoever leaves the page whether they mean it, until this is dropped.
pub fn on_leaving() -> EventListener {
    let options = gloo_events::EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&window(), "beforeunload", options, |event| {
        event.prevent_default();
    })
}

/// Hears when a theme is chosen.
pub fn on_theme(heard: Callback<()>) -> EventListener {
    EventListener::new(&window(), "roadbook-theme", move |_| heard.emit(()))
}

/// Hears when the window gets another size.
pub fn on_resize(heard: Callback<()>) -> EventListener {
    EventListener::new(&window(), "resize", move |_| heard.emit(()))
}

/// The name of the page in the window's title and in tabs.
pub fn title(text: &str) {
    if let Some(document) = window().document() {
        document.set_title(text);
    }
}

/// The element that has the focus.
#[must_use]
pub fn focused() -> Option<HtmlElement> {
    window().document()?.active_element()?.dyn_into().ok()
}

/// Whether nothing has the focus: what had it is gone, or nobody took it.
#[must_use]
pub fn is_focus_free() -> bool {
    focused().is_none_or(|element| element.tag_name() == "BODY")
}

/// Gives the focus to an element of the page, if it is there.
pub fn focus(selector: &str) {
    let found = window().document().and_then(|it| it.query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        // An element that is being removed does not take the focus.
        drop(element.focus());
    }
}

fn find(selector: &str) -> Option<HtmlElement> {
    let found = window().document()?.query_selector(selector).ok().flatten()?;
    found.dyn_into().ok()
}

/// Whether an element is there and takes room.
#[must_use]
pub fn is_seen(selector: &str) -> bool {
    find(selector).is_some_and(|element| element.offset_width() > 0)
}

/// Scrolls no more than is needed to see an element.
pub fn reveal(selector: &str) {
    if let Some(element) = find(selector) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Gives a text to the browser as a file to keep. Where files cannot be kept, nothing happens.
pub fn keep_file(name: &str, text: &str) {
    let made = window().document().and_then(|it| it.create_element("a").ok());
    let link = made.and_then(|it| it.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    let encoded = js_sys::encode_uri_component(text).as_string();
    if let (Some(link), Some(encoded)) = (link, encoded) {
        link.set_href(&format!("data:application/json;charset=utf-8,{encoded}"));
        link.set_download(name);
        link.click();
    }
}

/// The theme that the person chose.
#[must_use]
pub fn theme() -> crate::theme::Theme {
    let storage = window().local_storage().ok().flatten();
    let chosen = storage.and_then(|it| it.get_item("roadbook.theme").ok().flatten());
    crate::theme::Theme::read(chosen.as_deref().unwrap_or_default())
}

/// Chooses a theme and shows it at once.
pub fn set_theme(theme: crate::theme::Theme) {
    let window = window();
    if let Ok(Some(storage)) = window.local_storage() {
        // Where storage is off, the theme is that of the system.
        drop(storage.set_item("roadbook.theme", theme.word()));
    }
    if let Ok(event) = web_sys::CustomEvent::new("roadbook-theme") {
        drop(window.dispatch_event(&event));
    }
}

/// Loads the page anew, as it is.
pub fn load_again() {
    // A page that cannot be loaded again stays as it is.
    drop(window().location().reload());
}

/// What kind of device this is, in words, for a first name.
#[must_use]
pub fn kind_of_device() -> &'static str {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let kinds = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android phone"),
        ("Mac", "Mac"),
        ("Windows", "Windows computer"),
        ("Linux", "Linux computer"),
    ];
    kinds.iter().find(|(sign, _)| agent.contains(sign)).map_or("My device", |(_, name)| name)
}

/// Whether a media query holds now.
#[must_use]
pub fn is_media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|found| found.matches())
}

/// Is told when an element gets another size, until it is dropped.
pub struct SizeWatch {
    observer: ResizeObserver,
    _heard: Closure<dyn FnMut()>,
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Hears when an element gets another size.
pub fn on_size(element: &Element, heard: Callback<()>) -> Option<SizeWatch> {
    let closure = Closure::new(move || heard.emit(()));
    let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
    observer.observe(element);
    Some(SizeWatch { observer, _heard: closure })
}

/// Presses the first of these that is on the page, as a person would. `false` if none is.
pub fn press(selectors: &[&str]) -> bool {
    let Some(document) = window().document() else {
        return false;
    };
    let found = selectors.iter().find_map(|it| document.query_selector(it).ok().flatten());
    let element = found.and_then(|found| found.dyn_into::<HtmlElement>().ok());
    element.inspect(HtmlElement::click).is_some()
}

/// Gives the focus to the element of this id, if it is there.
pub fn focus_id(id: &str) {
    let found = window().document().and_then(|it| it.get_element_by_id(id));
    if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        drop(element.focus());
    }
}
