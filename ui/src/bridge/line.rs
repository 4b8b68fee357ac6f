//! Work that waits for its turn.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

type Work = Pin<Box<dyn Future<Output = ()>>>;

/// Work that is done one after the other, in the order in which it came. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Line(Rc<RefCell<Waiting>>);

#[derive(Default)]
struct Waiting {
    work: VecDeque<Work>,
    is_running: bool,
}

impl Line {
    /// Takes work to its end of the line. Returns what does all that waits, if nothing does yet.
    pub(super) fn push(&self, work: impl Future<Output = ()> + 'static) -> Option<Work> {
        let mut waiting = self.0.borrow_mut();
        waiting.work.push_back(Box::pin(work));
        let is_idle = !std::mem::replace(&mut waiting.is_running, true);
        let line = self.clone();
        is_idle.then(|| Box::pin(line.run()) as Work)
    }

    async fn run(self) {
        while let Some(work) = self.next() {
            work.await;
        }
    }

    fn next(&self) -> Option<Work> {
        let mut waiting = self.0.borrow_mut();
        let next = waiting.work.pop_front();
        waiting.is_running = next.is_some();
        next
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn work_is_done_in_the_order_in_which_it_came_and_one_at_a_time() {
        let (line, done) = (Line::default(), Rc::new(RefCell::new(Vec::new())));
        let is_answered = Rc::new(Cell::new(false));
        let (answered, told) = (is_answered.clone(), done.clone());
        let mut first = Box::pin(async move { told.borrow_mut().push("first") });
        let slow = std::future::poll_fn(move |context| {
            if answered.get() { first.as_mut().poll(context) } else { Poll::Pending }
        });
        let told = done.clone();
        let quick = async move { told.borrow_mut().push("second") };
        let mut runner = line.push(slow).unwrap();
        assert!(line.push(quick).is_none(), "the line is run already");
        let mut context = Context::from_waker(Waker::noop());
        assert!(runner.as_mut().poll(&mut context).is_pending());
        assert!(done.borrow().is_empty(), "the second waits for the first");
        is_answered.set(true);
        assert!(runner.as_mut().poll(&mut context).is_ready());
        assert_eq!(*done.borrow(), ["first", "second"]);
        assert!(line.push(async {}).is_some(), "the line is idle again");
    }
}
