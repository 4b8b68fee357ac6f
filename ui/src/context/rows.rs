//! The rows of a list of any length: pages are fetched as they are seen, and again when records
//! changed. Until the new ones are here, the old ones stay.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use roadbook_api::ApiError;
use roadbook_api::commands::queries::ListRecords;
use roadbook_api::views::{RecordView, TotalView};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::providers::{Revisions, use_bridge};
use crate::bridge::Bridge;
use crate::state::window::{PAGE, Pages};

#[derive(Default)]
struct Store {
    request: Option<ListRecords>,
    /// Answers of an earlier turn come too late.
    turn: u32,
    pages: Pages<RecordView>,
    totals: Vec<TotalView>,
    error: Option<Rc<ApiError>>,
    /// The pages belong to another request: the first answer throws them away.
    outdated: bool,
    /// Pages to fetch again when they are seen.
    stale: BTreeSet<usize>,
    asked: BTreeSet<usize>,
    seen: (usize, usize),
}

impl Store {
    /// The pages to ask for now.
    fn wanted(&mut self) -> Vec<usize> {
        let seen = self.seen.0..self.seen.1.max(self.seen.0 + 1);
        let mut pages =
            if self.outdated { vec![seen.start / PAGE] } else { self.pages.missing(&seen) };
        let in_sight = seen.start / PAGE..=(seen.end - 1) / PAGE;
        pages.extend(self.stale.iter().copied().filter(|page| in_sight.contains(page)));
        pages.sort_unstable();
        pages.dedup();
        pages.retain(|page| self.asked.insert(*page));
        pages
    }
}

/// The rows of a list.
#[derive(Clone)]
pub struct Rows {
    store: Rc<RefCell<Store>>,
    /// The rows are of what is asked for, and not of a request before it.
    pub is_of_this: bool,
    /// These rows are seen now: what is missing is fetched.
    pub on_seen: Callback<(usize, usize)>,
    /// Fetches everything again.
    pub reload: Callback<()>,
}

impl Rows {
    /// How many rows there are; `None` until the first answer.
    #[must_use]
    pub fn total(&self) -> Option<usize> {
        self.store.borrow().pages.total
    }

    /// What becomes of the row at a place, if it is here.
    pub fn with_row<T>(&self, at: usize, of: impl FnOnce(&RecordView) -> T) -> Option<T> {
        self.store.borrow().pages.row(at).map(of)
    }

    /// Where a record stands, if its row is here.
    #[must_use]
    pub fn place(&self, record: &str) -> Option<usize> {
        let record = record.parse().ok()?;
        self.store.borrow().pages.place(|row| row.record == record)
    }

    /// Says whether nothing of the list is on its way.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let store = self.store.borrow();
        store.asked.is_empty() && !store.outdated
    }

    /// The sums over the whole list.
    #[must_use]
    pub fn totals(&self) -> Vec<TotalView> {
        self.store.borrow().totals.clone()
    }

    /// What went wrong last.
    #[must_use]
    pub fn error(&self) -> Option<Rc<ApiError>> {
        self.store.borrow().error.clone()
    }
}

fn fetch(bridge: &Bridge, store: &Rc<RefCell<Store>>, redraw: &UseForceUpdateHandle) {
    let (pages, turn, request) = {
        let mut state = store.borrow_mut();
        let Some(request) = state.request.clone() else {
            return;
        };
        (state.wanted(), state.turn, request)
    };
    for page in pages {
        let (bridge, store, redraw) = (bridge.clone(), Rc::clone(store), redraw.clone());
        let offset = u32::try_from(page * PAGE).unwrap_or(u32::MAX);
        let limit = u32::try_from(PAGE).unwrap_or(u32::MAX);
        let asked = request.clone();
        let request = ListRecords { offset: Some(offset), limit, ..request.clone() };
        spawn_local(async move {
            let answer = bridge.call(request).await;
            let mut state = store.borrow_mut();
            // Something changed while it was on its way. It is shown until a newer one is here,
            // so that a stream of changes does not keep the list empty.
            let late = state.turn != turn;
            let newer = !state.outdated
                && !state.stale.contains(&page)
                && state.pages.held().contains(&page);
            let other = state.request.as_ref() != Some(&asked);
            if late && (other || newer || answer.is_err()) {
                return;
            }
            if !late {
                state.asked.remove(&page);
            }
            match answer {
                Ok(found) => {
                    if std::mem::take(&mut state.outdated) {
                        state.pages = Pages::default();
                        state.stale.clear();
                    }
                    state.error = None;
                    if late {
                        state.stale.insert(page);
                    } else {
                        state.stale.remove(&page);
                    }
                    state.totals = found.totals;
                    let total = usize::try_from(found.total).unwrap_or(usize::MAX);
                    state.pages.take_in(page, found.records, total);
                }
                Err(error) => state.error = Some(Rc::new(error)),
            }
            drop(state);
            redraw.force_update();
        });
    }
}

/// The rows of a list. `limit`, `offset` and `after` of the request are set here.
#[hook]
pub fn use_rows(request: ListRecords) -> Rows {
    let bridge = use_bridge();
    let revision = use_context::<Revisions>().unwrap_or_default().records;
    let again = use_state(|| 0_u32);
    let store = use_mut_ref(Store::default);
    let redraw = use_force_update();
    let is_of_this = {
        let state = store.borrow();
        !state.outdated && state.request.as_ref() == Some(&request)
    };
    {
        let (store, bridge, redraw) = (Rc::clone(&store), bridge.clone(), redraw.clone());
        use_effect_with((request, revision, *again), move |(request, ..)| {
            {
                let mut state = store.borrow_mut();
                state.turn += 1;
                state.asked.clear();
                if state.request.as_ref() == Some(request) {
                    state.stale = state.pages.held().into_iter().collect();
                } else {
                    state.outdated = true;
                    state.seen = (0, 0);
                    state.request = Some(request.clone());
                }
            }
            if let Some(bridge) = &bridge {
                fetch(bridge, &store, &redraw);
            }
        });
    }
    let on_seen = {
        let store = Rc::clone(&store);
        Callback::from(move |seen: (usize, usize)| {
            store.borrow_mut().seen = seen;
            if let Some(bridge) = &bridge {
                fetch(bridge, &store, &redraw);
            }
        })
    };
    let reload = Callback::from(move |()| again.set(again.wrapping_add(1)));
    Rows { store, is_of_this, on_seen, reload }
}
