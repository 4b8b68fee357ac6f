//! From a command's name and JSON to what carries it out.
//!
//! One line per command. Hosts that speak JSON (a window, a browser) go through here; a test walks
//! [`roadbook_api::commands::NAMES`] and fails for a command that has no line.

use roadbook_api::commands::{
    conflicts, device, pages, planning, queries, queue, session, transfer, writes,
};
use roadbook_api::{ApiError, Command, ErrorCode};
use serde::Serialize;
use serde_json::Value;

use crate::errors::{self, ApiResult};
use crate::{App, Run};

/// Carries a command out on an open device. Blocking, and never for long.
pub(crate) type Carry = fn(&App, Value) -> ApiResult<Value>;

/// How a command is carried out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    /// It looks at the device.
    Read(Carry),
    /// It writes records or the queue: one intent or more.
    Write(Carry),
    /// It keeps something for this device alone, which no server ever sees.
    Keep(Carry),
    /// It keeps a view of a list: for this device, or for whoever is signed in to a browser.
    View(Carry),
    /// It needs the device's own key or files: nothing for a browser.
    Own(Carry),
    /// The host of the session carries it out.
    Session(SessionWay),
}

/// What the host of the session carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionWay {
    /// `show_session`
    Show,
    /// `show_sync`
    ShowSync,
    /// `unlock_device`
    Unlock,
    /// `enrol_device`
    Enrol,
    /// `sign_out`
    SignOut,
    /// `show_history`
    History,
    /// `sync_now`
    Sync,
    /// `check_health`
    Check,
    /// `import_records`
    Import,
    /// `export_records`
    Export,
    /// `export_bundle`
    ExportBundle,
}

/// Carries a command out that came as JSON.
pub(crate) fn carry<C: Command>(app: &App, request: Value) -> ApiResult<Value>
where
    App: Run<C>,
{
    answer(&app.run(read::<C>(request)?)?)
}

/// The request of a command.
pub(crate) fn read<C: Command>(request: Value) -> ApiResult<C> {
    serde_json::from_value(request).map_err(|error| {
        let problem = format!("the request of `{}` cannot be read: {error}", C::NAME);
        errors::bad_input("request", &problem, "send the fields that the command has")
    })
}

/// A response as it travels.
pub(crate) fn answer<T: Serialize>(response: &T) -> ApiResult<Value> {
    serde_json::to_value(response)
        .map_err(|_| ApiError::new(ErrorCode::Internal, "the answer cannot be written as JSON"))
}

/// Whether a command only reads: however often it is asked for, nothing becomes of it.
#[must_use]
pub fn reads(name: &str) -> bool {
    matches!(way(name), Some(Way::Read(_)))
}

macro_rules! table {
    ($($way:ident: $($command:ty,)*;)* => $($own:ty => $what:ident,)*) => {
        /// How the command of a name is carried out; `None` if there is no such command.
        pub(crate) fn way(name: &str) -> Option<Way> {
            $($(if name == <$command as Command>::NAME {
                return Some(Way::$way(carry::<$command>));
            })*)*
            $(if name == <$own as Command>::NAME {
                return Some(Way::Session(SessionWay::$what));
            })*
            None
        }
    };
}

table! {
    Read:
        planning::ShowForecast,
        planning::ShowScores,
        planning::AllocateQuotas,
        planning::ListModels,
        planning::AssignLeads,
        planning::DesignTerritories,
        planning::PlanRoute,
        planning::StopPlanning,
        queries::ListRecords,
        queries::ShowRecord,
        queries::SearchRecords,
        queries::ShowJournal,
        queries::ListChoices,
        queries::PlanConversion,
        pages::ShowToday,
        pages::ShowBoard,
        pages::ShowRelated,
        pages::ShowTimeline,
        pages::ListViews,
        conflicts::ListConflicts,
        conflicts::ShowConflict,
        queue::ShowQueue,
        session::ShowStorage,
        device::ShowStatus,
    ;
    Write:
        writes::CreateRecord,
        writes::SetFields,
        writes::MoveRecord,
        writes::LogActivity,
        writes::CompleteTask,
        writes::ConvertLead,
        writes::AddNote,
        writes::TagRecord,
        writes::DeleteRecord,
        writes::RestoreRecord,
        conflicts::ResolveConflict,
        conflicts::ProposeValue,
        queue::RetryIntent,
        queue::DiscardIntent,
        queue::RestoreDiscarded,
        queue::UndoIntent,
    ;
    Keep:
        planning::AdjustForecast,
        planning::TrainScores,
        planning::RefreshScores,
        planning::ChooseModel,
        planning::KeepPlaces,
    ;
    View:
        pages::SaveView,
        pages::RemoveView,
    ;
    Own:
        session::ChangePassphrase,
    ;
    =>
        session::ShowSession => Show,
        session::ShowSync => ShowSync,
        session::UnlockDevice => Unlock,
        session::SignOut => SignOut,
        queries::ShowHistory => History,
        device::EnrolDevice => Enrol,
        device::SyncNow => Sync,
        device::CheckHealth => Check,
        transfer::ImportRecords => Import,
        transfer::ExportRecords => Export,
        session::ExportBundle => ExportBundle,
}

/// There is no such command.
pub(crate) fn unknown(name: &str) -> ApiError {
    let shown: String = name.chars().take(40).collect();
    ApiError::new(
        ErrorCode::BadInput,
        format!(
            "there is no command `{shown}`; this page and the program are of different versions, reload it"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn every_command_is_dispatched() {
        for name in roadbook_api::commands::NAMES {
            assert!(way(name).is_some(), "`{name}` has no line in the table of dispatch.rs");
        }
        assert!(way("drop_tables").is_none());
    }

    #[test]
    fn a_command_travels_as_json_and_a_bad_request_is_named() {
        let app = testing::device("Manager");
        let Some(Way::Write(create)) = way("create_record") else {
            panic!("create_record writes");
        };
        let request = serde_json::json!({
            "entity": "account",
            "assignments": [{ "field": "name", "change": "set", "value": "Acme" }],
        });
        let made = create(&app, request).unwrap();
        assert_eq!(made["title"], "Acme");
        assert_eq!(app.take_touched().len(), 1, "who watches is told which record it was");
        let error = create(&app, serde_json::json!({ "entity": 7 })).unwrap_err();
        assert_eq!(error.code, ErrorCode::BadInput);
        assert!(error.message.contains("create_record"), "{error}");
    }
}
