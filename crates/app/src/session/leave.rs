//! Signing out: everything of the device goes, but never unsent work (lesson 6).

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use roadbook_api::views::SessionView;
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::IntentId;
use tokio::sync::OwnedRwLockWriteGuard;

use super::{Inner, Standing, blocking};
use crate::App;
use crate::errors::{self, ApiResult};

impl Inner {
    /// Removes the device. Refused while there is work that the server does not have and that is
    /// not in the last bundle either.
    pub(super) async fn sign_out(self: &Arc<Self>) -> ApiResult<SessionView> {
        let turn = self.turn.lock().await;
        // An exchange that is under way would change what is unsent.
        self.stop_syncing().await;
        let gone = self.remove_if_safe().await;
        if gone.is_err() {
            self.start_syncing().await;
        }
        drop(turn);
        gone?;
        self.news.reset(self.place.now_ms());
        self.tell_session().await
    }

    async fn remove_if_safe(&self) -> ApiResult<()> {
        let bundled: HashSet<IntentId> =
            self.bundled.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        let folder = self.place.folder.clone();
        // Waits for whatever is being saved; what comes later finds no device.
        let standing = Arc::clone(&self.standing).write_owned().await;
        blocking(move || remove(standing, &folder, &bundled)).await
    }
}

fn remove(
    mut standing: OwnedRwLockWriteGuard<Standing>,
    folder: &Path,
    bundled: &HashSet<IntentId>,
) -> ApiResult<()> {
    let unsent = match &*standing {
        Standing::Open(app) => app.unsent_intents()?,
        Standing::Absent => return Ok(()),
        Standing::Locked => {
            let message = "this device is locked, so nobody can say whether it holds unsent work; \
                           unlock it first";
            return Err(ApiError::new(ErrorCode::Locked, message));
        }
    };
    let loose = unsent.iter().filter(|intent| !bundled.contains(intent)).count();
    if loose > 0 {
        return Err(unsent_work(loose));
    }
    *standing = Standing::Absent;
    App::remove(folder)
}

fn unsent_work(count: usize) -> ApiError {
    let what = if count == 1 { "one change is" } else { "changes are" };
    let number = if count == 1 { String::new() } else { format!("{count} ") };
    ApiError::new(
        ErrorCode::UnsentWork,
        format!(
            "{number}{what} nowhere but on this device; sync, settle what needs you, or export an \
             encrypted bundle, and sign out then"
        ),
    )
}

impl App {
    /// All work that the server does not have: waiting, held, denied, and set aside for the
    /// server's quarantine.
    pub(crate) fn unsent_intents(&self) -> ApiResult<Vec<IntentId>> {
        let unsent = self.with(|replica| replica.surrendered());
        let unsent = unsent.map_err(|error| errors::of_store(&error))?;
        Ok(unsent.iter().map(|item| item.intent).collect())
    }
}
