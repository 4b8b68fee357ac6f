//! The providers around the app: one place for everything that comes from outside.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Interval;
use roadbook_api::Event;
use roadbook_api::commands::session::{ShowSession, ShowSync};
use roadbook_api::events::{ReceivedKind, SyncStripView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::keys::KeyHub;
use super::making::MakingHandle;
use super::place::Here;
use super::planning::StepHandle;
use super::speech::{Announce, ToastDispatcher, ToastHandle};
use crate::bridge::{Bridge, News};
use crate::browser;
use crate::route::Place;
use crate::state::session::{Session, SessionAction};
use crate::state::strip;
use crate::state::toasts::Toasts;
use crate::state::work::Step;
use crate::words::Wall;

/// How often things changed; queries look again when the number that they watch grows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Revisions {
    pub(crate) records: u32,
    pub(crate) queue: u32,
    pub(crate) conflicts: u32,
    pub(crate) session: u32,
}

impl Reducible for Revisions {
    type Action = News;

    fn reduce(self: Rc<Self>, news: News) -> Rc<Self> {
        let Self { records, queue, conflicts, session } = *self;
        let next = match news {
            // Nothing is known to have changed, but the session may be over.
            News::Cut => Self { session: session.wrapping_add(1), ..*self },
            News::Missed => Self {
                records: records.wrapping_add(1),
                queue: queue.wrapping_add(1),
                conflicts: conflicts.wrapping_add(1),
                session: session.wrapping_add(1),
            },
            News::Event(Event::RecordsChanged { .. } | Event::FirstSync { .. }) => {
                Self { records: records.wrapping_add(1), ..*self }
            }
            News::Event(Event::QueueChanged { .. }) => {
                Self { queue: queue.wrapping_add(1), ..*self }
            }
            News::Event(Event::ConflictsChanged { .. }) => {
                Self { conflicts: conflicts.wrapping_add(1), ..*self }
            }
            News::Event(
                Event::SyncChanged { .. }
                | Event::SessionChanged { .. }
                | Event::PlanProgress { .. },
            ) => return self,
        };
        Rc::new(next)
    }
}

/// Looks at everything again.
#[derive(Clone, PartialEq)]
struct Refresh(Callback<()>);

/// Begins the page anew at a place, for somebody else.
#[derive(Clone, PartialEq)]
pub(crate) struct Anew(pub(crate) Callback<Place>);

/// How far the first sync has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstSync {
    /// What is here, by kind.
    pub kinds: Vec<ReceivedKind>,
    /// About how many more are to come; 0 where that is not known.
    pub to_come: u64,
    /// It has come to its end.
    pub finished: bool,
}

type First = Option<Rc<FirstSync>>;

type Strip = Option<Rc<SyncStripView>>;

/// What the app is given from outside.
#[derive(Properties, PartialEq)]
pub struct ProvidersProps {
    /// The way to the app; absent where components are rendered without one.
    pub bridge: Option<Bridge>,
    /// Where the page is.
    pub place: Place,
    /// The time on the wall at the start.
    pub wall: Wall,
    /// The app.
    pub children: Children,
}

/// Puts everything that the hooks of [`crate::context`] give around the app.
#[function_component]
pub fn Providers(props: &ProvidersProps) -> Html {
    let session = use_reducer(Session::default);
    let strip = use_state(|| Strip::None);
    let first = use_state(|| First::None);
    let revisions = use_reducer(Revisions::default);
    let toasts = use_reducer(Toasts::default);
    let spoken = use_state(AttrValue::default);
    let here: Here = use_state(|| props.place.clone());
    let making: MakingHandle = use_state(|| None);
    let step: StepHandle = use_state(|| None);
    let wall = use_state(|| props.wall);
    let hub = use_memo((), |()| KeyHub::default());
    let speak = {
        let spoken = spoken.clone();
        use_callback((), move |text: AttrValue, ()| spoken.set(text))
    };

    let refresh = {
        let revisions = revisions.dispatcher();
        use_callback((), move |(), ()| revisions.dispatch(News::Missed))
    };
    let refresh = Refresh(refresh);

    use_page(&here, &wall, &hub);
    use_session_answers(props.bridge.clone(), session.clone(), revisions.session);
    use_events(props.bridge.clone(), &strip, &session, &revisions, &speak, (&first, &step));

    html! {
        <ContextProvider<Option<Bridge>> context={props.bridge.clone()}>
        <ContextProvider<Wall> context={*wall}>
        <ContextProvider<Here> context={here}>
        <ContextProvider<MakingHandle> context={making}>
        <ContextProvider<KeyHub> context={(*hub).clone()}>
        <ContextProvider<Revisions> context={*revisions}>
        <ContextProvider<Refresh> context={refresh}>
        <ContextProvider<ToastDispatcher> context={toasts.dispatcher()}>
        <ContextProvider<ToastHandle> context={toasts}>
        <ContextProvider<Callback<AttrValue>> context={speak}>
        <ContextProvider<Rc<Session>> context={Rc::new((*session).clone())}>
        <ContextProvider<First> context={(*first).clone()}>
        <ContextProvider<Strip> context={(*strip).clone()}>
        <ContextProvider<StepHandle> context={step}>
            { props.children.clone() }
            <p class="unseen" role="status" aria-live="polite">{ &*spoken }</p>
        </ContextProvider<StepHandle>>
        </ContextProvider<Strip>>
        </ContextProvider<First>>
        </ContextProvider<Rc<Session>>>
        </ContextProvider<Callback<AttrValue>>>
        </ContextProvider<ToastHandle>>
        </ContextProvider<ToastDispatcher>>
        </ContextProvider<Refresh>>
        </ContextProvider<Revisions>>
        </ContextProvider<KeyHub>>
        </ContextProvider<MakingHandle>>
        </ContextProvider<Here>>
        </ContextProvider<Wall>>
        </ContextProvider<Option<Bridge>>>
    }
}

/// How often the wall clock is read again, in milliseconds: relative times are to the minute.
const MINUTE_HAND_MS: u32 = 30_000;

#[hook]
fn use_page(here: &Here, wall: &UseStateHandle<Wall>, hub: &Rc<KeyHub>) {
    let setter = here.setter();
    use_effect_with((), move |()| {
        let listener = browser::on_back(Callback::from(move |place| setter.set(place)));
        move || drop(listener)
    });
    let setter = wall.setter();
    use_effect_with((), move |()| {
        let hand = Interval::new(MINUTE_HAND_MS, move || setter.set(browser::wall()));
        move || drop(hand)
    });
    use_effect_with(Rc::clone(hub), |hub| {
        let hub = Rc::clone(hub);
        let listener = browser::on_key(Callback::from(move |event| hub.press(&event)));
        move || drop(listener)
    });
    let title = here.route.title();
    use_effect_with(title, |title| browser::title(&format!("{title} · Roadbook")));
}

#[hook]
fn use_session_answers(bridge: Option<Bridge>, session: UseReducerHandle<Session>, revision: u32) {
    use_effect_with((bridge, revision), move |(bridge, _)| {
        if let Some(bridge) = bridge.clone() {
            let session = session.dispatcher();
            spawn_local(async move {
                session.dispatch(SessionAction::Answered(bridge.call(ShowSession {}).await));
            });
        }
    });
}

#[hook]
fn use_events(
    bridge: Option<Bridge>,
    strip: &UseStateHandle<Strip>,
    session: &UseReducerHandle<Session>,
    revisions: &UseReducerHandle<Revisions>,
    speak: &Callback<AttrValue>,
    come: (&UseStateHandle<First>, &StepHandle),
) {
    let (first, step) = (come.0.setter(), come.1.setter());
    let (strip, session) = (strip.setter(), session.dispatcher());
    let revisions = revisions.dispatcher();
    let speak = Announce::by(Some(speak.clone()));
    let latest = use_mut_ref(|| Strip::None);
    let known = Rc::clone(&latest);
    let shown = Rc::clone(&latest);
    let show = use_callback((), move |now: SyncStripView, ()| {
        let before = shown.borrow_mut().replace(Rc::new(now.clone()));
        if let Some(text) = strip::announcement(before.as_deref(), &now) {
            speak.say(text);
        }
        strip.set(Some(Rc::new(now)));
    });
    use_effect_with(bridge, move |bridge| {
        let subscription = bridge.clone().map(|bridge| {
            let (heard, asked) = (show.clone(), bridge.clone());
            let subscription = bridge.listen(Callback::from(move |news| match news {
                News::Event(Event::SyncChanged { status }) => heard.emit(status),
                News::Event(Event::SessionChanged { session: view }) => {
                    session.dispatch(SessionAction::Answered(Ok(*view)));
                }
                News::Event(Event::FirstSync { kinds, to_come, finished }) => {
                    first.set(Some(Rc::new(FirstSync { kinds, to_come, finished })));
                    let event = Event::FirstSync { kinds: vec![], to_come, finished };
                    revisions.dispatch(News::Event(event));
                }
                News::Event(Event::PlanProgress { what, done, total }) => {
                    step.set(Some(Rc::new(Step { what, done, total })));
                }
                News::Cut => {
                    let before = known.borrow().clone();
                    if let Some(before) = before {
                        heard.emit(strip::cut(&before, browser::wall().now_ms));
                    }
                    revisions.dispatch(News::Cut);
                }
                News::Missed => {
                    ask_strip(asked.clone(), &known, heard.clone());
                    revisions.dispatch(News::Missed);
                }
                other @ News::Event(_) => revisions.dispatch(other),
            }));
            ask_strip(bridge, &latest, show);
            subscription
        });
        move || drop(subscription)
    });
}

/// Asks how things stand. Where that cannot be asked, the strip stays as it is until an event; and
/// an event that comes before the answer is newer than the answer.
fn ask_strip(bridge: Bridge, known: &Rc<RefCell<Strip>>, show: Callback<SyncStripView>) {
    let known = Rc::clone(known);
    let before = known.borrow().clone();
    spawn_local(async move {
        let answer = bridge.call(ShowSync {}).await;
        let is_latest = match (before.as_ref(), known.borrow().as_ref()) {
            (None, None) => true,
            (Some(before), Some(latest)) => Rc::ptr_eq(before, latest),
            _ => false,
        };
        if let (Ok(now), true) = (answer, is_latest) {
            show.emit(now);
        }
    });
}

/// The bridge itself; `None` where components are rendered without one.
#[hook]
pub fn use_bridge() -> Option<Bridge> {
    use_context::<Option<Bridge>>().flatten()
}

/// Now, and the zone of the place. Read again every half minute.
#[hook]
pub fn use_wall() -> Wall {
    use_context::<Wall>().unwrap_or(Wall { now_ms: 0, offset_minutes: 0 })
}

/// Who is at the app.
#[hook]
pub fn use_session() -> Rc<Session> {
    use_context::<Rc<Session>>().unwrap_or_default()
}

/// How things stand with the server; `None` until the first word.
#[hook]
pub fn use_strip() -> Option<Rc<SyncStripView>> {
    use_context::<Strip>().flatten()
}

/// Looks at everything again, the session too: after what changes more than an event says.
#[hook]
pub fn use_refresh() -> Callback<()> {
    use_context::<Refresh>().map_or_else(Callback::noop, |refresh| refresh.0)
}

/// How far the first sync has come; `None` where nothing was heard of one.
#[hook]
pub fn use_first_sync() -> Option<Rc<FirstSync>> {
    use_context::<First>().flatten()
}

/// Begins the page anew at a place: somebody else is here now.
#[hook]
pub fn use_anew() -> Callback<Place> {
    use_context::<Anew>().map_or_else(Callback::noop, |anew| anew.0)
}
