//! What faces show: views without behaviour, with stable field names.
//!
//! Times are milliseconds since 1970 (UTC), in fields that end in `_ms`. Ids travel as text. Words
//! such as `state`, `rule` or `kind` are stable; faces turn them into sentences.

pub mod around;
pub mod board;
pub mod conflict;
pub mod conversion;
pub mod exchange;
pub mod health;
pub mod history;
pub mod planning;
pub mod record;
pub mod session;
pub mod today;
pub mod undo;
pub mod work;

pub use around::{
    ChoiceView, Layout, RelatedGroupView, RelatedView, SavedView, TimelineEntryView, TimelinePage,
    TimelineWhat,
};
pub use board::{BoardView, CardMarker, CardView, ColumnView, FieldNeed, TotalView};
pub use conflict::{ConflictView, MadeByView, ProposalView, SideView};
pub use conversion::{AccountWas, ConversionView, ConvertedView};
pub use exchange::{
    EnrolledView, ExportReport, ImportReport, ImportedKind, RejectedRow, SealedReport, SyncReport,
    Word,
};
pub use health::{CheckOutcome, CheckView, DoctorView, SyncStatusView};
pub use history::{ChangeView, HistoryEntryView, JournalView, SetAsideView};
pub use record::{FieldView, Mark, NamedValue, RecordLink, RecordView, SearchHitView};
pub use session::{BundleView, KeyForm, SessionMode, SessionState, SessionView, StorageView};
pub use today::{
    AgendaItemView, NextBestView, NextReason, SuggestedAccountView, SuggestedReason, TodayCounts,
    TodayView,
};
pub use undo::{DiscardedView, DisputeAfter, UndoneHow, UndoneView};
pub use work::{Leave, NeedsYouView, PendingState, PendingView, WrittenView};

/// An entity travels by its name in commands, such as `price_book`.
pub mod entity_name {
    use roadbook_domain::Entity;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes the name.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(entity: &Entity, to: S) -> Result<S::Ok, S::Error> {
        entity.name().serialize(to)
    }

    /// Reads the name, singular or plural.
    ///
    /// # Errors
    /// A name that no entity has.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Entity, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    //! Examples that the snapshots share.

    use super::*;
    use roadbook_domain::{DeviceId, Entity, IntentId, RecordId, UserId, Value};
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    /// The pretty JSON of a view, after a proof that it reads back as itself.
    pub(crate) fn json<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
        view: &T,
    ) -> String {
        let text = serde_json::to_string_pretty(view).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), view);
        text
    }

    pub(crate) fn record(n: u8) -> RecordId {
        RecordId::from_bytes([n; 16])
    }

    pub(crate) fn intent(n: u8) -> IntentId {
        IntentId::from_bytes([n; 16])
    }

    pub(crate) fn link() -> RecordLink {
        RecordLink { record: record(1), entity: Entity::Opportunity, title: "Renewal".into() }
    }

    pub(crate) fn made_by() -> MadeByView {
        MadeByView {
            user: UserId::from_bytes([2; 16]),
            who: "Ben".into(),
            device: DeviceId::from_bytes([3; 16]),
            device_name: Some("Ben's phone".into()),
            at_ms: 1_000,
            accepted_ms: Some(1_500),
            offline: Some(false),
            client: "0.1.0".into(),
            policy: 1,
            rationale: None,
        }
    }

    pub(crate) fn amount(minor: i64) -> NamedValue {
        let money = roadbook_domain::Money::new(minor, roadbook_domain::Currency::EUR);
        NamedValue::plain(&Value::Money(money))
    }
}
