//! Writes that are sent a second time, because the connection broke before their answer was there.
//!
//! A page gives each write a random key. The first time, the command is carried out, to its end
//! even if nobody waits any more; with the same key again its answer is given again, and what is
//! still under way is waited for. Answers live as long as their session, in memory alone.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use roadbook_api::{ApiError, ErrorCode};
use serde_json::Value;
use tokio::sync::watch;
use tracing::Instrument as _;

/// So many answers of one session are kept: a page sends again within seconds.
const KEPT: usize = 64;

/// What came of a command.
type Answered = Result<Value, ApiError>;

/// The latest writes of one session, by their keys.
#[derive(Debug, Default)]
pub struct Once {
    latest: Mutex<VecDeque<(String, watch::Receiver<Option<Answered>>)>>,
}

impl Once {
    /// Carries a write out, or gives the answer to the one that came with this key before.
    pub(crate) async fn answer(
        &self,
        key: String,
        write: impl Future<Output = Answered> + Send + 'static,
    ) -> Answered {
        let mut answer = self.begin(key, write);
        let told = answer.wait_for(Option::is_some).await;
        told.ok().and_then(|told| told.clone()).unwrap_or_else(|| {
            let message = "the command broke off; look whether it was saved before you do it again";
            Err(ApiError::new(ErrorCode::Internal, message))
        })
    }

    /// A write came with this key, not long ago.
    pub(crate) fn knows(&self, key: &str) -> bool {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.iter().any(|(known, _)| known == key)
    }

    fn begin(
        &self,
        key: String,
        write: impl Future<Output = Answered> + Send + 'static,
    ) -> watch::Receiver<Option<Answered>> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, answer)) = latest.iter().find(|(known, _)| *known == key) {
            return answer.clone();
        }
        let (told, answer) = watch::channel(None);
        // Apart from the request, which ends when its connection does.
        let write = async move {
            told.send_replace(Some(write.await));
        };
        tokio::spawn(write.in_current_span());
        if latest.len() >= KEPT {
            latest.pop_front();
        }
        latest.push_back((key, answer.clone()));
        drop(latest);
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// How often something was written.
    #[derive(Clone, Default)]
    struct Book(Arc<AtomicU64>);

    impl Book {
        fn write(&self) -> impl Future<Output = Answered> + Send + 'static {
            let book = self.clone();
            async move { Ok(Value::from(book.0.fetch_add(1, Ordering::SeqCst) + 1)) }
        }
    }

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
    }

    #[test]
    fn the_same_key_is_one_write_with_one_answer_and_another_key_is_another() {
        run(async {
            let (once, book) = (Once::default(), Book::default());
            let first = once.answer("a".into(), book.write()).await;
            assert_eq!(once.answer("a".into(), book.write()).await, first);
            assert_eq!(first, Ok(Value::from(1)));
            assert_eq!(once.answer("b".into(), book.write()).await, Ok(Value::from(2)));
            let refused = Err(ApiError::new(ErrorCode::Stale, "it changed since"));
            let answer = refused.clone();
            assert_eq!(once.answer("c".into(), async move { answer }).await, refused);
            assert_eq!(once.answer("c".into(), book.write()).await, refused, "refused once, too");
        });
    }

    #[test]
    fn the_second_waits_for_the_first_whose_connection_is_gone() {
        run(async {
            let (once, book) = (Once::default(), Book::default());
            let (go, mut may) = watch::channel(false);
            let write = book.write();
            let slow = async move {
                may.wait_for(|may| *may).await.unwrap();
                write.await
            };
            {
                let mut first = std::pin::pin!(once.answer("a".into(), slow));
                let mut context = std::task::Context::from_waker(std::task::Waker::noop());
                assert!(first.as_mut().poll(&mut context).is_pending());
            }
            assert!(once.knows("a") && !once.knows("b"));
            let go_on = async { assert!(!go.send_replace(true)) };
            let (second, ()) = tokio::join!(once.answer("a".into(), book.write()), go_on);
            assert_eq!(second, Ok(Value::from(1)));
            assert_eq!(book.0.load(Ordering::SeqCst), 1);
        });
    }

    #[test]
    fn so_many_answers_are_kept_and_the_oldest_makes_room() {
        run(async {
            let (once, book) = (Once::default(), Book::default());
            for at in 0..=KEPT {
                once.answer(at.to_string(), book.write()).await.unwrap();
            }
            assert!(!once.knows("0") && once.knows("1"));
            assert_eq!(once.latest.lock().unwrap().len(), KEPT);
        });
    }
}
