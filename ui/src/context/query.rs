//! The answer of a reading command, kept up to date.

use std::rc::Rc;

use roadbook_api::{ApiError, Command};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::providers::{Revisions, use_bridge};

/// What changes make a query look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Watch {
    /// Records.
    Records,
    /// Unsent and denied work.
    Queue,
    /// Open conflicts.
    Conflicts,
    /// Records, the queue and conflicts.
    All,
    /// Nothing; it is asked once.
    Nothing,
}

impl Watch {
    fn revision(self, now: Revisions) -> u32 {
        match self {
            Self::Records => now.records,
            Self::Queue => now.queue,
            Self::Conflicts => now.conflicts,
            Self::All => now.records.wrapping_add(now.queue).wrapping_add(now.conflicts),
            Self::Nothing => 0,
        }
    }
}

/// An answer, or the wait for it. While it is looked up again, the old answer stays.
#[derive(Debug, Clone, PartialEq)]
pub struct Query<T> {
    /// The last good answer.
    pub data: Option<Rc<T>>,
    /// What went wrong last, if nothing good came after it.
    pub error: Option<Rc<ApiError>>,
    /// Looks it up again.
    pub reload: Callback<()>,
}

impl<T> Query<T> {
    /// Neither an answer nor an error is here yet.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.data.is_none() && self.error.is_none()
    }
}

/// Asks a reading command when the component is shown, when the request is another, and when what
/// it watches changed. `None` asks nothing.
#[hook]
pub fn use_query<C>(request: Option<C>, watch: Watch) -> Query<C::Response>
where
    C: Command + Clone + PartialEq + 'static,
    C::Response: 'static,
{
    let bridge = use_bridge();
    let revision = watch.revision(use_context::<Revisions>().unwrap_or_default());
    let data = use_state(|| None::<Rc<C::Response>>);
    let error = use_state(|| None::<Rc<ApiError>>);
    let again = use_state(|| 0_u32);
    // Answers may overtake each other; only the one that was asked for last counts.
    let asked = use_mut_ref(|| 0_u32);
    {
        let (data, error) = (data.clone(), error.clone());
        use_effect_with((request, revision, *again), move |(request, ..)| {
            *asked.borrow_mut() += 1;
            let turn = *asked.borrow();
            if let (Some(bridge), Some(request)) = (bridge, request.clone()) {
                spawn_local(async move {
                    let answer = bridge.call(request).await;
                    if *asked.borrow() != turn {
                        return;
                    }
                    match answer {
                        Ok(found) => {
                            data.set(Some(Rc::new(found)));
                            error.set(None);
                        }
                        Err(problem) => error.set(Some(Rc::new(problem))),
                    }
                });
            }
        });
    }
    let reload = Callback::from(move |()| again.set(again.wrapping_add(1)));
    Query { data: (*data).clone(), error: (*error).clone(), reload }
}
