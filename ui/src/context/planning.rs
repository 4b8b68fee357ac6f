//! Long work of the app: asked for, watched, stopped. It is not asked again by itself when records
//! change, because it takes a while: the screen says that its numbers are older instead.

use std::any::Any;
use std::rc::Rc;

use roadbook_api::commands::planning::StopPlanning;
use roadbook_api::{ApiError, Command, ErrorCode};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::providers::{Revisions, use_bridge};
use super::speech::use_announce;
use crate::bridge::Ask;
use crate::state::work::{Standing, Step, Work, WorkAction};

/// How far planning that is under way has come; kept by the providers.
pub(super) type StepHandle = UseStateHandle<Option<Rc<Step>>>;

/// Long work and its last answer.
#[derive(Clone, PartialEq)]
pub struct Plan<T> {
    /// The last good answer; it stays while new work runs.
    pub data: Option<Rc<T>>,
    /// What went wrong last, if nothing good came after it.
    pub error: Option<Rc<ApiError>>,
    /// How the work stands.
    pub standing: Standing,
    /// How far it has come, while it runs and has said so.
    pub step: Option<Rc<Step>>,
    /// Records changed since the answer was computed.
    pub stale: bool,
    /// Does the work again.
    pub again: Callback<()>,
    /// Stops it.
    pub stop: Callback<()>,
}

impl<T> Plan<T> {
    /// The answer, if it is of what is asked for now: no older one, and none that failed or was
    /// stopped stands for it.
    #[must_use]
    pub fn current(&self) -> Option<&Rc<T>> {
        let is_current = self.standing == Standing::Done && self.error.is_none();
        self.data.as_ref().filter(|_| is_current)
    }
}

/// Has the app do long work when the component is shown and when the request is another. `None`
/// asks nothing.
#[hook]
pub fn use_plan<C>(request: Option<C>) -> Plan<C::Response>
where
    C: Command,
    C::Response: 'static,
{
    let Plan { data, error, standing, step, stale, again, stop } =
        use_work(request.map(|command| Ask::of(&command)));
    let data = data.and_then(|found| Rc::clone(&*found).downcast().ok());
    Plan { data, error, standing, step, stale, again, stop }
}

#[hook]
fn use_work(ask: Option<Ask>) -> Plan<Rc<dyn Any>> {
    let bridge = use_bridge();
    let announce = use_announce();
    let step = use_context::<StepHandle>();
    let revision = use_context::<Revisions>().unwrap_or_default().records;
    let data = use_state(|| None::<Rc<Rc<dyn Any>>>);
    let error = use_state(|| None::<Rc<ApiError>>);
    let work = use_reducer(Work::default);
    let again = use_state(|| 0_u32);
    // What counts now, for answers that come later.
    let now = use_mut_ref(|| 0_u32);
    {
        let (data, error, now) = (data.clone(), error.clone(), now.clone());
        let (work, bridge, step) = (work.dispatcher(), bridge.clone(), step.clone());
        use_effect_with((ask, *again), move |(ask, _)| {
            *now.borrow_mut() += 1;
            let turn = *now.borrow();
            if let (Some(bridge), Some(ask)) = (bridge, ask.clone()) {
                if let Some(step) = &step {
                    step.set(None);
                }
                work.dispatch(WorkAction::Begin(revision));
                spawn_local(async move {
                    let answer = bridge.ask(ask).await;
                    if *now.borrow() != turn {
                        return;
                    }
                    match answer {
                        Ok(found) => {
                            data.set(Some(Rc::new(found)));
                            error.set(None);
                        }
                        Err(problem) if problem.code == ErrorCode::Cancelled => {
                            work.dispatch(WorkAction::Stop);
                        }
                        Err(problem) => error.set(Some(Rc::new(problem))),
                    }
                    work.dispatch(WorkAction::Ended);
                });
            }
        });
    }
    let stop = {
        let work = work.dispatcher();
        Callback::from(move |()| {
            *now.borrow_mut() += 1;
            work.dispatch(WorkAction::Stop);
            announce.say("Stopped");
            if let Some(bridge) = bridge.clone() {
                spawn_local(async move {
                    // What cannot be stopped ends by itself; its answer is not looked at.
                    drop(bridge.call(StopPlanning {}).await);
                });
            }
        })
    };
    let repeat = Callback::from(move |()| again.set(again.wrapping_add(1)));
    Plan {
        data: (*data).clone(),
        error: (*error).clone(),
        standing: work.standing,
        step: step.and_then(|step| (*step).clone()).filter(|_| work.is_running()),
        stale: work.is_stale(revision),
        again: repeat,
        stop,
    }
}

/// How far planning that is under way has come, for work that is no [`use_plan`].
#[hook]
pub fn use_planning_step() -> Option<Rc<Step>> {
    use_context::<StepHandle>().and_then(|step| (*step).clone())
}
