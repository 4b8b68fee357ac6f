//! The answer of a reading command, kept up to date.

use std::any::Any;
use std::rc::Rc;

use roadbook_api::{ApiError, Command};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::providers::{Revisions, use_bridge};
use crate::bridge::Ask;

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
    C: Command,
    C::Response: 'static,
{
    let found = use_asked(request.map(|command| Ask::of(&command)), watch);
    let data = found.data.and_then(|data| data.downcast().ok());
    Query { data, error: found.error, reload: found.reload }
}

/// [`Query`] with its type forgotten.
struct Found {
    data: Option<Rc<dyn Any>>,
    error: Option<Rc<ApiError>>,
    reload: Callback<()>,
}

#[hook]
fn use_asked(ask: Option<Ask>, watch: Watch) -> Found {
    let bridge = use_bridge();
    let revision = watch.revision(use_context::<Revisions>().unwrap_or_default());
    let data = use_state(|| None::<Rc<dyn Any>>);
    let error = use_state(|| None::<Rc<ApiError>>);
    let again = use_state(|| 0_u32);
    // Answers may overtake each other; only the one that was asked for last counts.
    let asked = use_mut_ref(|| 0_u32);
    {
        let (data, error) = (data.clone(), error.clone());
        use_effect_with((ask, revision, *again), move |(ask, ..)| {
            *asked.borrow_mut() += 1;
            let turn = *asked.borrow();
            if let (Some(bridge), Some(ask)) = (bridge, ask.clone()) {
                spawn_local(async move {
                    let answer = bridge.ask(ask).await;
                    if *asked.borrow() != turn {
                        return;
                    }
                    match answer {
                        Ok(found) => {
                            data.set(Some(found));
                            error.set(None);
                        }
                        Err(problem) => error.set(Some(Rc::new(problem))),
                    }
                });
            }
        });
    }
    let reload = Callback::from(move |()| again.set(again.wrapping_add(1)));
    Found { data: (*data).clone(), error: (*error).clone(), reload }
}
