//! Asking for what a plan proposes. Who owns a record is confirmed by the server, so applying a plan
//! is a request: saved here at once, and marked as requested until the server has decided.

use roadbook_api::Assignment;
use roadbook_api::commands::writes::SetFields;
use roadbook_api::views::RecordLink;

/// A record that is to have another owner, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Handover {
    /// The record.
    pub record: RecordLink,
    /// Its new owner.
    pub to: RecordLink,
    /// Why, for those who read its history.
    pub why: String,
}

/// The commands of handovers, in their order.
#[must_use]
pub fn commands(handovers: &[Handover]) -> Vec<SetFields> {
    let one = |it: &Handover| SetFields {
        entity: Some(it.record.entity.name().to_owned()),
        record: it.record.record.to_string(),
        assignments: vec![Assignment::set("owner", it.to.record.to_string())],
        why: Some(it.why.clone()),
    };
    handovers.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::link;
    use roadbook_domain::Entity;

    #[test]
    fn a_handover_sets_the_owner_and_says_why() {
        let handover = Handover {
            record: link(5, Entity::Lead, "Bolt"),
            to: link(2, Entity::User, "Ana"),
            why: "worth most with this rep".into(),
        };
        let [command] = &commands(&[handover])[..] else { panic!("one command a record") };
        assert_eq!(command.entity.as_deref(), Some("lead"));
        assert_eq!(command.assignments[0].field, "owner");
        assert_eq!(command.assignments[0].value, link(2, Entity::User, "").record.to_string());
        assert_eq!(command.why.as_deref(), Some("worth most with this rep"));
    }
}
