//! The answer of a reading command, kept up to date.

use std::any::Any;
use std::cell::Cell;
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
    /// Which look-up the answer is of. They count up from 1.
    pub turn: u32,
    /// The look-ups that were begun.
    pub turns: Turns,
    /// The answer is of this request, and not of one before it.
    pub is_of_this: bool,
}

/// How many look-ups a query has begun: what was written before a later one is in its answer.
#[derive(Debug, Clone, Default)]
pub struct Turns(Rc<Cell<u32>>);

impl Turns {
    /// The newest look-up.
    #[must_use]
    pub fn newest(&self) -> u32 {
        self.0.get()
    }

    fn next(&self) -> u32 {
        self.0.set(self.0.get().wrapping_add(1));
        self.0.get()
    }
}

impl PartialEq for Turns {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Query<T> {
    /// Neither an answer nor an error is here yet.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.data.is_none() && self.error.is_none()
    }
}

/// Asks a reading command when the component is shown, when the request is another, and when what
/// it watches changed. `None` asks nothing. While an answer is awaited the same is not asked twice:
/// it is looked up once more when the answer is here, so that a stream of changes neither piles
/// look-ups up nor keeps an answer from being shown.
#[hook]
pub fn use_query<C>(request: Option<C>, watch: Watch) -> Query<C::Response>
where
    C: Command,
    C::Response: 'static,
{
    let ask = request.map(|command| Ask::of(&command));
    let found = use_asked(ask.clone(), watch);
    let (answer, turn) = found.data.unzip();
    let is_of_this = answer.as_ref().map(|(_, of)| of) == ask.as_ref();
    Query {
        data: answer.and_then(|(data, _)| data.downcast().ok()),
        // What went wrong with another request says nothing of this one.
        error: found.error.filter(|(_, of)| Some(of) == ask.as_ref()).map(|(error, _)| error),
        reload: found.reload,
        turn: turn.unwrap_or_default(),
        turns: found.turns,
        is_of_this,
    }
}

/// An answer with what it answers, and its turn.
type Answer = ((Rc<dyn Any>, Ask), u32);

/// [`Query`] with its type forgotten.
struct Found {
    data: Option<Answer>,
    error: Option<(Rc<ApiError>, Ask)>,
    reload: Callback<()>,
    turns: Turns,
}

/// What is being looked up.
#[derive(Default)]
struct Asking {
    /// The request that is out; `None` when none is.
    out: Option<Ask>,
    /// Something changed since it went out.
    again: bool,
}

impl Asking {
    /// Whether a request must go out now; if it is out already, it goes once more afterwards.
    fn begin(&mut self, ask: &Ask) -> bool {
        self.again = self.out.as_ref() == Some(ask);
        if !self.again {
            self.out = Some(ask.clone());
        }
        !self.again
    }

    /// An answer came: whether the request goes out once more.
    fn answered(&mut self) -> bool {
        if !self.again {
            self.out = None;
        }
        std::mem::take(&mut self.again)
    }
}

#[hook]
fn use_asked(ask: Option<Ask>, watch: Watch) -> Found {
    let bridge = use_bridge();
    let revision = watch.revision(use_context::<Revisions>().unwrap_or_default());
    let data = use_state(|| None::<Answer>);
    let error = use_state(|| None::<(Rc<ApiError>, Ask)>);
    let again = use_state(|| 0_u32);
    let asking = use_mut_ref(Asking::default);
    let turns = use_memo((), |()| Turns::default());
    {
        let (data, error, turns) = (data.clone(), error.clone(), (*turns).clone());
        use_effect_with((ask, revision, *again), move |(ask, ..)| {
            let (Some(bridge), Some(ask)) = (bridge, ask.clone()) else {
                turns.next();
                *asking.borrow_mut() = Asking::default();
                return;
            };
            if asking.borrow_mut().begin(&ask) {
                let mut turn = turns.next();
                spawn_local(async move {
                    loop {
                        let answer = bridge.ask(ask.clone()).await;
                        // Another request went out meanwhile: only that one counts.
                        if turns.newest() != turn {
                            return;
                        }
                        match answer {
                            Ok(found) => {
                                data.set(Some(((found, ask.clone()), turn)));
                                error.set(None);
                            }
                            Err(problem) => error.set(Some((Rc::new(problem), ask.clone()))),
                        }
                        if !asking.borrow_mut().answered() {
                            return;
                        }
                        turn = turns.next();
                    }
                });
            }
        });
    }
    let reload = Callback::from(move |()| again.set(again.wrapping_add(1)));
    Found { data: (*data).clone(), error: (*error).clone(), reload, turns: (*turns).clone() }
}

#[cfg(test)]
mod tests {
    use roadbook_api::commands::session::ShowSession;

    use super::*;

    #[test]
    fn while_an_answer_is_awaited_any_number_of_changes_ask_once_more() {
        let ask = Ask::of(&ShowSession {});
        let mut asking = Asking::default();
        assert!(asking.begin(&ask), "nothing is out");
        assert!(!asking.begin(&ask) && !asking.begin(&ask), "it is out");
        assert!(asking.answered(), "once more");
        assert!(!asking.answered(), "and no more than that");
        assert!(asking.begin(&ask));
    }
}
