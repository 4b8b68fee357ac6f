//! Commands that are declared and not carried out yet.

use roadbook_api::commands::{pages, queries, queue, session};
use roadbook_api::{ApiError, Command, ErrorCode};

use crate::errors::ApiResult;
use crate::{App, Run};

fn not_yet<C: Command>() -> ApiError {
    let message = format!("`{}` is not carried out here; update Roadbook", C::NAME);
    ApiError::new(ErrorCode::NotHere, message)
}

macro_rules! not_yet {
    ($($command:ty,)*) => {
        $(impl Run<$command> for App {
            fn run(&self, _: $command) -> ApiResult<<$command as Command>::Response> {
                Err(not_yet::<$command>())
            }
        })*
    };
}

not_yet! {
    pages::ShowToday,
    pages::ShowBoard,
    pages::ShowRelated,
    pages::ShowTimeline,
    pages::ListViews,
    pages::SaveView,
    pages::RemoveView,
    queries::ListChoices,
    queue::RestoreDiscarded,
    queue::UndoIntent,
    session::ShowStorage,
    session::ExportBundle,
    session::ChangePassphrase,
}
