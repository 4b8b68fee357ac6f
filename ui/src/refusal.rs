//! What policy refuses, in the words of a salesperson: `only a manager or an administrator can
//! change the owner of a deal`.
//!
//! The exact text of the policy stays behind "details for support". Where who may do it is not
//! told, the text stays as it is.

use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::{Entity, Schema};

use crate::screens::queue::words::noun;

/// Who may do it, from a remedy: `ask a Manager or an Administrator to do it`.
fn who(remedy: &str) -> Option<String> {
    let rest = remedy.trim().trim_end_matches('.');
    let rest = rest.strip_prefix("ask ").or_else(|| rest.strip_prefix("Ask "))?;
    let (who, _) = rest.split_once(" to ")?;
    Some(who.to_lowercase())
}

/// A kind of record with its article, as salespeople call it: `a deal`, `an account`.
fn a_record(entity: Entity) -> String {
    let noun = if entity == Entity::Opportunity { "deal" } else { noun(entity) };
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// The label of a field, of a kind of record or of any that has it.
fn label(entity: Option<Entity>, field: &str) -> Option<String> {
    let schema = Schema::crm();
    let of = |entity| schema.field(entity, field);
    let found = entity.and_then(of).or_else(|| Entity::ALL.into_iter().find_map(of))?;
    Some(found.label.to_lowercase())
}

/// Who alone can do what was refused, as a clause; `None` where that is not told.
#[must_use]
pub fn only(
    kind: &str,
    entity: Option<Entity>,
    field: Option<&str>,
    remedy: &str,
) -> Option<String> {
    let who = who(remedy)?;
    let record = entity.map(a_record);
    let what = match (field.and_then(|field| label(entity, field)), record) {
        (Some(label), Some(record)) => format!("change the {label} of {record}"),
        (Some(label), None) => format!("change the {label}"),
        (None, Some(record)) => match kind {
            "create" => format!("make {record}"),
            "delete" => format!("put {record} in the trash"),
            "restore" => format!("take {record} out of the trash"),
            _ => return None,
        },
        (None, None) => return None,
    };
    Some(format!("only {who} can {what}"))
}

/// An error of the app with what policy refuses in plain words. A text that names a field as
/// programs do is not for people; any other stays.
#[must_use]
pub fn for_people(mut error: ApiError) -> ApiError {
    if error.code != ErrorCode::Refused {
        return error;
    }
    for it in &mut error.fields {
        let is_of_a_program = it.problem.contains(&format!("`{}`", it.field));
        if let Some(said) = only("", None, Some(&it.field), &it.remedy).filter(|_| is_of_a_program)
        {
            error.message = format!("{said}; {}", it.remedy);
            it.problem = said;
        }
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASK: &str = "ask a Manager or an Administrator to do it";

    #[test]
    fn who_may_change_a_field_is_said_in_plain_words() {
        let only = |kind, entity, field| only(kind, entity, field, ASK);
        assert_eq!(
            only("set_fields", Some(Entity::Opportunity), Some("owner")).unwrap(),
            "only a manager or an administrator can change the owner of a deal"
        );
        assert_eq!(
            only("delete", Some(Entity::Account), None).unwrap(),
            "only a manager or an administrator can put an account in the trash"
        );
        assert_eq!(only("set_fields", Some(Entity::Account), None), None);
    }

    #[test]
    fn nothing_is_made_up_where_nobody_may() {
        let remedy = "leave it as it is; nobody may do this from a device";
        assert_eq!(only("", Some(Entity::Account), Some("owner"), remedy), None);
    }

    #[test]
    fn an_error_speaks_as_a_colleague_and_keeps_what_has_a_reason_of_its_own() {
        let refused = |problem: &str| {
            let message = format!("{problem}; {ASK}");
            for_people(ApiError::new(ErrorCode::Refused, message).at("owner", problem, ASK))
        };
        let policy = refused("a Rep may not write `owner` of opportunities");
        assert_eq!(
            policy.message,
            format!("only a manager or an administrator can change the owner; {ASK}")
        );
        assert!(!policy.fields[0].problem.contains("may not write"));
        let reason = "a discount above 10 % needs a word of your manager";
        assert_eq!(refused(reason).fields[0].problem, reason);
    }
}
