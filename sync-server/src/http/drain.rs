//! Reads what a request still sends when it is answered early, so that its sender sees the answer.
//!
//! A connection that is closed while bytes are unread is reset, and the reset overtakes the answer:
//! who sends too much would see a broken connection instead of what was wrong with the request.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt as _;
use futures_util::future::poll_fn as future;
use futures_util::stream::poll_fn as stream;

/// How much of a request is read that nobody wants.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// How long that is waited for.
const LONGEST: Duration = Duration::from_secs(10);

/// Answers a request, and reads the rest of it first.
pub(super) async fn drain(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let body = Shared(Arc::new(Mutex::new(body.into_data_stream())));
    let read = body.clone();
    let seen = Body::from_stream(stream(move |cx| read.poll(cx)));
    let answer = next.run(Request::from_parts(head, seen)).await;
    let rest = async {
        let mut left = BYTES_MAX;
        while let Some(Ok(bytes)) = future(|cx| body.poll(cx)).await {
            match left.checked_sub(bytes.len()) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    // Who sends longer than that is cut off.
    drop(tokio::time::timeout(LONGEST, rest).await);
    answer
}

/// A body that is read from two places, one after the other.
#[derive(Clone)]
struct Shared(Arc<Mutex<BodyDataStream>>);

impl Shared {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, axum::Error>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(cx)
    }
}
