//! What a browser has beside the log: the user's views of lists, which the server keeps for the next
//! replica, and history older than what devices keep.

use std::sync::{Arc, PoisonError};

use roadbook_api::commands::queries::ShowHistory;
use roadbook_replica::HistoryRequest;
use serde_json::Value;

use super::Inner;
use crate::dispatch::{self, Carry};
use crate::errors::{self, ApiResult, bad_input};
use crate::lookup;
use crate::session::blocking;

/// So many views are kept of a user.
const VIEWS_MAX: usize = 100;
/// They take at most so many bytes.
const VIEWS_BYTES_MAX: usize = 64 * 1024;

impl Inner {
    /// Puts the user's views where lists look for them. A replica without them is better than none.
    pub(super) fn take_views_in(&self) {
        let taken = self.upstream.views().and_then(|kept| self.app.take_views_in(&kept));
        if let Err(error) = taken {
            tracing::warn!("the saved views of a browser cannot be read: {error}");
        }
    }

    /// Saves or removes a view; done when the server keeps it. What the server has counts, since
    /// another replica of the user may have kept something meanwhile. Blocking.
    pub(super) fn keep_view(&self, carry: Carry, request: Value) -> ApiResult<Value> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.usable()?;
        let before = self.upstream.views()?;
        self.app.take_views_in(&before)?;
        let answer = carry(&self.app, request)?;
        let kept = self.bounded_views().and_then(|views| self.upstream.keep_views(&views));
        match kept {
            Ok(()) => Ok(answer),
            Err(error) => {
                self.app.take_views_in(&before)?;
                Err(error)
            }
        }
    }

    fn bounded_views(&self) -> ApiResult<Vec<u8>> {
        let (number, views) = self.app.views_to_keep()?;
        if number > VIEWS_MAX || views.len() > VIEWS_BYTES_MAX {
            return Err(bad_input("name", "is a view too many", "remove one that you do not use"));
        }
        Ok(views)
    }

    /// What happened to a record; what is older than what is here is asked for first, if it shall be.
    pub(super) async fn history(self: &Arc<Self>, request: Value) -> ApiResult<Value> {
        let asked: ShowHistory = dispatch::read(request.clone())?;
        if asked.older {
            // Waits for the record while the replica fills.
            self.read(dispatch::carry::<ShowHistory>, request.clone()).await?;
            let inner = Arc::clone(self);
            blocking(move || inner.fetch_history(&asked)).await?;
        }
        self.read(dispatch::carry::<ShowHistory>, request).await
    }

    fn fetch_history(&self, asked: &ShowHistory) -> ApiResult<()> {
        let found = self.app.with(|replica| {
            let entity = asked.entity.as_deref().map(errors::entity).transpose()?;
            lookup::record(replica, entity, &asked.record)
        })?;
        let mut before = None;
        loop {
            let came = self.upstream.history(HistoryRequest { record: found.record, before })?;
            let now_ms = self.app.host.wall_ms();
            let kept = self.app.with(|replica| replica.keep_history(&came, now_ms));
            kept.map_err(|error| errors::of_store(&error))?;
            before = came.goes_on(before);
            if before.is_none() {
                return Ok(());
            }
        }
    }
}
