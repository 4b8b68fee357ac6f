//! Opening the device, unlocking it, and enrolling it.

use std::sync::Arc;

use roadbook_api::commands::device::EnrolDevice;
use roadbook_api::commands::session::UnlockDevice;
use roadbook_api::views::{EnrolledView, SessionState, SessionView};
use roadbook_api::{ApiError, ErrorCode, Event};

use super::{Inner, Shared, Standing, blocking};
use crate::errors::ApiResult;
use crate::{App, Device, Unlock};

impl Inner {
    /// Opens the device if there is one and nobody needs to be asked.
    pub(super) async fn open_if_possible(self: &Arc<Self>) -> ApiResult<()> {
        let _turn = self.turn.lock().await;
        if !App::exists(&self.place.folder) {
            return Ok(());
        }
        let standing = match self.open_with(self.place.unlock()).await {
            Ok(app) => self.opened(app),
            Err(error) if error.code == ErrorCode::Locked => Standing::Locked,
            Err(error) => return Err(error),
        };
        *self.standing.write().await = standing;
        self.start_syncing().await;
        Ok(())
    }

    /// A device that was opened just now; its planning is watched.
    fn opened(&self, app: App) -> Standing {
        self.news.watch_planning(&app);
        Standing::Open(Arc::new(app))
    }

    async fn open_with(&self, unlock: Unlock) -> ApiResult<App> {
        let place = self.place.clone();
        blocking(move || {
            let device =
                Device { folder: &place.folder, unlock: &unlock, settings: &place.settings };
            App::open(&device, Box::new(Shared(Arc::clone(&place.host))))
        })
        .await
    }

    /// Unlocks the device. One that is open already stays as it is.
    pub(super) async fn unlock(self: &Arc<Self>, command: UnlockDevice) -> ApiResult<SessionView> {
        let turn = self.turn.lock().await;
        if self.show().await?.state == SessionState::Locked {
            let app = self.open_with(Unlock::Passphrase(command.passphrase)).await?;
            *self.standing.write().await = self.opened(app);
            self.start_syncing().await;
        }
        drop(turn);
        self.tell_session().await
    }

    /// Makes the device if there is none, signs in and enrols it.
    pub(super) async fn enrol(self: &Arc<Self>, command: EnrolDevice) -> ApiResult<EnrolledView> {
        let turn = self.turn.lock().await;
        match self.show().await?.state {
            SessionState::Absent => {
                let app = self.create(&command).await?;
                *self.standing.write().await = self.opened(app);
            }
            SessionState::Locked | SessionState::NotEnrolled => {}
            SessionState::Ready => {
                return Err(ApiError::new(
                    ErrorCode::AlreadyThere,
                    "this device is enrolled already; sign out first to enrol it under another user",
                ));
            }
        }
        let enrolled = self.app().await?.enrol(&command).await;
        if enrolled.is_ok() {
            self.start_syncing().await;
        }
        drop(turn);
        // Told after a failure too: the device is there now, and can be enrolled another time.
        self.tell_session().await?;
        enrolled
    }

    async fn create(&self, command: &EnrolDevice) -> ApiResult<App> {
        let place = self.place.clone();
        let name = command.device_name.trim().to_owned();
        let passphrase = command.passphrase.clone().filter(|words| !words.is_empty());
        blocking(move || {
            let unlock = passphrase.map_or_else(|| place.unlock(), Unlock::Passphrase);
            let device =
                Device { folder: &place.folder, unlock: &unlock, settings: &place.settings };
            App::create(&device, &name, Box::new(Shared(Arc::clone(&place.host))))
        })
        .await
        .map_err(|error| {
            if error.code != ErrorCode::Locked {
                return error;
            }
            // Without a key store somebody must think of a passphrase.
            let message = "this computer has no key store that can be reached; choose a passphrase \
                           for the device";
            ApiError::new(ErrorCode::Locked, message).at(
                "passphrase",
                "is needed on this computer",
                "choose one",
            )
        })
    }

    /// Tells what the session is now.
    pub(super) async fn tell_session(&self) -> ApiResult<SessionView> {
        let session = self.show().await?;
        self.news.tell(Event::SessionChanged { session: Box::new(session.clone()) });
        Ok(session)
    }
}
