//! Names of root keys (D1): `field`, `field/<member>`, and a few reserved ones.

use roadbook_domain::IntentId;

/// The record's kind, in the internal facet.
pub(crate) const ENTITY: &str = "entity";

/// The clock of the last edit; negative when the record is in the trash.
pub(crate) const ALIVE: &str = "alive";

/// The key of a set's or log's member.
pub(crate) fn member(field: &str, member: &str) -> String {
    format!("{field}/{member}")
}

/// The member name of a log entry: the intent that wrote it.
pub(crate) fn entry(field: &str, intent: IntentId) -> String {
    format!("{field}/{}", intent.0.simple())
}

/// The keys of a proposal in a conflict: its value and its reason.
pub(crate) fn proposal(field: &str, intent: IntentId) -> (String, String) {
    let key = format!("proposal/{field}/{}", intent.0.simple());
    let why = format!("{key}/why");
    (key, why)
}
