//! The commands: one request each, with its name and its response.
//!
//! A record is named by its id, by a unique beginning of it (6 hex digits or more), or by an
//! external id such as `crm:1C1I7A6R`. Values are written as people write them; the app reads
//! them by the schema.

pub mod conflicts;
pub mod device;
pub mod pages;
pub mod planning;
pub mod queries;
pub mod queue;
pub mod session;
pub mod transfer;
pub mod writes;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A request between a face and the app.
pub trait Command: Serialize + DeserializeOwned {
    /// The command's name: a verb and a noun.
    const NAME: &'static str;
    /// What comes back.
    type Response: Serialize + DeserializeOwned;
}

macro_rules! commands {
    ($($request:ty => $name:literal -> $response:ty;)*) => {
        $(impl Command for $request {
            const NAME: &'static str = $name;
            type Response = $response;
        })*

        /// The names of all commands; hosts allow them one by one.
        pub const NAMES: &[&str] = &[$($name,)*];
    };
}

/// The commands that no screen has. No host lets a page call them: two of them read and write files
/// wherever the request says, which is for whoever sits at the command line to say.
pub const NOT_FOR_PAGES: &[&str] = &["show_journal", "import_records", "export_records"];

/// The names of the commands that a page may call: all others.
#[must_use]
pub fn of_pages() -> Vec<&'static str> {
    NAMES.iter().copied().filter(|name| !NOT_FOR_PAGES.contains(name)).collect()
}

use crate::events::SyncStripView;
use crate::views::planning::{
    AdjustmentView, AssignmentView, ForecastView, ModelsView, PlacesView, QuotasView, RefreshView,
    RouteView, ScoresView, TerritoriesView,
};
use crate::views::{
    BoardView, BundleView, ChoiceView, ConflictView, ConversionView, ConvertedView, DoctorView,
    EnrolledView, ExportReport, HistoryEntryView, ImportReport, JournalView, RecordView,
    RelatedView, SavedView, SessionView, StorageView, SyncReport, SyncStatusView, TimelinePage,
    TodayView, UndoneView, WrittenView,
};

commands! {
    writes::CreateRecord => "create_record" -> WrittenView;
    writes::SetFields => "set_fields" -> WrittenView;
    writes::MoveRecord => "move_record" -> WrittenView;
    writes::LogActivity => "log_activity" -> WrittenView;
    writes::CompleteTask => "complete_task" -> WrittenView;
    writes::ConvertLead => "convert_lead" -> ConvertedView;
    writes::AddNote => "add_note" -> WrittenView;
    writes::TagRecord => "tag_record" -> WrittenView;
    writes::DeleteRecord => "delete_record" -> WrittenView;
    writes::RestoreRecord => "restore_record" -> WrittenView;
    queries::ListRecords => "list_records" -> queries::RecordPage;
    queries::ShowRecord => "show_record" -> RecordView;
    queries::SearchRecords => "search_records" -> queries::SearchPage;
    queries::ShowHistory => "show_history" -> Vec<HistoryEntryView>;
    queries::ShowJournal => "show_journal" -> Vec<JournalView>;
    queries::ListChoices => "list_choices" -> Vec<ChoiceView>;
    queries::PlanConversion => "plan_conversion" -> ConversionView;
    pages::ShowToday => "show_today" -> TodayView;
    pages::ShowBoard => "show_board" -> BoardView;
    pages::ShowRelated => "show_related" -> RelatedView;
    pages::ShowTimeline => "show_timeline" -> TimelinePage;
    pages::ListViews => "list_views" -> Vec<SavedView>;
    pages::SaveView => "save_view" -> Vec<SavedView>;
    pages::RemoveView => "remove_view" -> Vec<SavedView>;
    conflicts::ListConflicts => "list_conflicts" -> Vec<ConflictView>;
    conflicts::ShowConflict => "show_conflict" -> ConflictView;
    conflicts::ResolveConflict => "resolve_conflict" -> WrittenView;
    conflicts::ProposeValue => "propose_value" -> WrittenView;
    queue::ShowQueue => "show_queue" -> queue::Queue;
    queue::RetryIntent => "retry_intent" -> queue::Queue;
    queue::DiscardIntent => "discard_intent" -> queue::Queue;
    queue::RestoreDiscarded => "restore_discarded" -> queue::Queue;
    queue::UndoIntent => "undo_intent" -> UndoneView;
    session::ShowSession => "show_session" -> SessionView;
    session::ShowSync => "show_sync" -> SyncStripView;
    session::UnlockDevice => "unlock_device" -> SessionView;
    session::SignOut => "sign_out" -> SessionView;
    session::ChangePassphrase => "change_passphrase" -> StorageView;
    session::ShowStorage => "show_storage" -> StorageView;
    session::ExportBundle => "export_bundle" -> BundleView;
    device::EnrolDevice => "enrol_device" -> EnrolledView;
    device::SyncNow => "sync_now" -> SyncReport;
    device::ShowStatus => "show_status" -> SyncStatusView;
    device::CheckHealth => "check_health" -> DoctorView;
    planning::ShowForecast => "show_forecast" -> ForecastView;
    planning::AdjustForecast => "adjust_forecast" -> Vec<AdjustmentView>;
    planning::ShowScores => "show_scores" -> ScoresView;
    planning::TrainScores => "train_scores" -> ModelsView;
    planning::RefreshScores => "refresh_scores" -> RefreshView;
    planning::ListModels => "list_models" -> ModelsView;
    planning::ChooseModel => "choose_model" -> ModelsView;
    planning::AssignLeads => "assign_leads" -> AssignmentView;
    planning::DesignTerritories => "design_territories" -> TerritoriesView;
    planning::AllocateQuotas => "allocate_quotas" -> QuotasView;
    planning::PlanRoute => "plan_route" -> RouteView;
    planning::KeepPlaces => "keep_places" -> PlacesView;
    planning::StopPlanning => "stop_planning" -> ();
    transfer::ImportRecords => "import_records" -> ImportReport;
    transfer::ExportRecords => "export_records" -> ExportReport;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_start_with_a_verb() {
        let mut names = NAMES.to_vec();
        for name in &names {
            let words: Vec<_> = name.split('_').collect();
            assert_eq!(words.len(), 2, "{name} is a verb and a noun");
            let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(plain, "{name} is a plain word");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), NAMES.len(), "two commands share a name");
        assert_eq!(of_pages().len() + NOT_FOR_PAGES.len(), NAMES.len(), "each is a command");
    }

    #[test]
    fn a_request_is_plain_json() {
        let request = writes::SetFields {
            entity: None,
            record: "crm:1C1I7A6R".into(),
            assignments: vec![crate::Assignment::set("stage", "Negotiation")],
            why: None,
        };
        insta::assert_snapshot!(
            serde_json::to_string(&request).unwrap(),
            @r#"{"record":"crm:1C1I7A6R","assignments":[{"field":"stage","change":"set","value":"Negotiation"}]}"#
        );
        let choice = conflicts::Choice::Side { side: 2 };
        insta::assert_snapshot!(serde_json::to_string(&choice).unwrap(), @r#"{"take":"side","side":2}"#);
    }
}
