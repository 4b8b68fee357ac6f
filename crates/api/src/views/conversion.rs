//! What a lead becomes.

use roadbook_domain::IntentId;
use serde::{Deserialize, Serialize};

use super::record::RecordLink;

/// What a lead would become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversionView {
    /// The lead.
    pub lead: RecordLink,
    /// Its company; its own name where it has none.
    pub company: String,
    /// The accounts on this device that are called so.
    pub accounts: Vec<RecordLink>,
    /// The contact's name.
    pub contact: String,
    /// What the opportunity would be called.
    pub opportunity: String,
}

/// Whether an account was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountWas {
    /// It was there.
    There,
    /// It was made.
    Made,
}

/// What a lead became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvertedView {
    /// The intent that did it: one, so that all of it is saved, taken in and undone together.
    pub intent: IntentId,
    /// The lead.
    pub lead: RecordLink,
    /// The account.
    pub account: RecordLink,
    /// Whether the account was there before.
    pub account_was: AccountWas,
    /// The contact.
    pub contact: RecordLink,
    /// The opportunity.
    pub opportunity: RecordLink,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{intent, json, link};
    use super::*;

    #[test]
    fn the_json_of_a_conversion_is_pinned() {
        let plan = ConversionView {
            lead: link(),
            company: "Acme".into(),
            accounts: vec![link()],
            contact: "Ana".into(),
            opportunity: "Acme".into(),
        };
        insta::assert_snapshot!(json(&plan));
        let done = ConvertedView {
            intent: intent(4),
            lead: link(),
            account: link(),
            account_was: AccountWas::Made,
            contact: link(),
            opportunity: link(),
        };
        insta::assert_snapshot!(json(&done));
    }
}
