//! The judgement: a request against the rules.
//!
//! The order is fixed: what the kind of the intent cannot contain is denied; a rule that forbids
//! wins; then a rule that wants approval; then one that permits; what nobody permits is denied.
//! Of all that a request asks, the most restricting decision counts.

use roadbook_domain::{Entity, Facet, IntentKind, Operation, RecordId, UserId, Value};

use crate::ask::{Action, Ask, asks_of, fits};
use crate::rule::{Condition, Effect, Fields, Policies, Rule};
use crate::{Decision, Role};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The user.
    pub user: UserId,
    /// What the user is.
    pub role: Role,
    /// The user's own territory.
    pub territory: Option<RecordId>,
}

/// Whose the record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The subject is its owner, or makes it.
    Own,
    /// Somebody else or nobody is its owner.
    Other,
    /// The owner is not known here.
    Unknown,
}

/// What is asked: what one intent does to one document.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The record's kind.
    pub entity: Entity,
    /// Which of its documents.
    pub facet: Facet,
    /// The kind of the intent.
    pub kind: IntentKind,
    /// What is done.
    pub operations: &'a [Operation],
    /// Whose the record is.
    pub relation: Relation,
    /// Why, in the words of who does it.
    pub rationale: Option<&'a str>,
}

/// Judges what an intent does to one document.
#[must_use]
pub fn decide(policies: &Policies, subject: &Subject, request: &Request<'_>) -> Decision {
    let mut permits: Vec<&'static str> = Vec::new();
    let mut worst: Option<Decision> = None;
    if request.operations.is_empty() {
        return malformed("the intent does nothing");
    }
    for operation in request.operations {
        if !fits(request.kind, request.facet, operation) {
            return malformed("the operations are not those of this kind of intent");
        }
        for ask in asks_of(request.kind, request.facet, operation) {
            match judge(policies, subject, request, &ask) {
                Ok(permit) => {
                    if !permits.contains(&permit) {
                        permits.push(permit);
                    }
                }
                Err(decision) => {
                    let severity = worst.as_ref().map_or(0, Decision::severity);
                    if decision.severity() > severity {
                        worst = Some(decision);
                    }
                }
            }
        }
    }
    worst.unwrap_or_else(|| Decision::Allow { policy: permits.join(", ") })
}

/// Judges whether a user may have the server write users, teams and territories.
#[must_use]
pub fn decide_directory(policies: &Policies, subject: &Subject) -> Decision {
    let request = Request {
        entity: Entity::User,
        facet: Facet::Internal,
        kind: IntentKind::Create,
        operations: &[],
        relation: Relation::Other,
        rationale: None,
    };
    let ask = Ask { action: Action::WriteDirectory, field: None, value: None };
    match judge(policies, subject, &request, &ask) {
        Ok(permit) => Decision::Allow { policy: permit.to_owned() },
        Err(decision) => decision,
    }
}

fn malformed(reason: &str) -> Decision {
    Decision::Deny {
        code: "kind_mismatch",
        policy: "intents-are-what-they-say".to_owned(),
        reason: reason.to_owned(),
        remedy: "update the app; this is not a mistake of yours".to_owned(),
        field: None,
    }
}

/// What is known of whether a rule's condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    Unknown,
}

/// The permitting rule, or the decision that stands against it.
fn judge(
    policies: &Policies,
    subject: &Subject,
    request: &Request<'_>,
    ask: &Ask<'_>,
) -> Result<&'static str, Decision> {
    let applying = || {
        policies
            .rules
            .iter()
            .filter(|rule| covers(rule, subject.role, request, ask))
            .map(|rule| (rule, holds(rule.condition, subject, request, ask)))
            .filter(|(_, holds)| *holds != Holds::No)
    };
    let field = ask.field.map(str::to_owned);
    for (rule, holds) in applying() {
        if let Effect::Forbid { code, reason, remedy } = rule.effect {
            return Err(match holds {
                Holds::Unknown => server_decides(rule),
                Holds::Yes | Holds::No => Decision::Deny {
                    code,
                    policy: rule.id.to_owned(),
                    reason: format!("{reason}: {}", sentence(subject.role, request, ask)),
                    remedy: remedy.to_owned(),
                    field,
                },
            });
        }
    }
    let permit = applying()
        .filter(|(rule, _)| rule.effect == Effect::Permit)
        .min_by_key(|(_, holds)| *holds == Holds::Unknown);
    let permit = match permit {
        Some((rule, Holds::Unknown)) => return Err(server_decides(rule)),
        Some((rule, _)) => rule.id,
        None => return Err(not_permitted(policies, subject, request, ask)),
    };
    for (rule, holds) in applying() {
        if let Effect::Approve { reason, approvers } = rule.effect {
            if approvers.contains(&subject.role) {
                continue;
            }
            return Err(match holds {
                Holds::Unknown => server_decides(rule),
                Holds::Yes | Holds::No => Decision::NeedsApproval {
                    policy: rule.id.to_owned(),
                    reason: reason.to_owned(),
                    approvers: approvers.to_vec(),
                    field,
                },
            });
        }
    }
    Ok(permit)
}

fn covers(rule: &Rule, role: Role, request: &Request<'_>, ask: &Ask<'_>) -> bool {
    let field = match (rule.fields, ask.field) {
        (Fields::All, _) | (Fields::Except(_), None) => true,
        (Fields::Only(names), Some(field)) => names.contains(&field),
        (Fields::Only(_), None) => false,
        (Fields::Except(names), Some(field)) => !names.contains(&field),
    };
    field
        && rule.roles.contains(&role)
        && rule.actions.contains(&ask.action)
        && rule.entities.contains(&request.entity)
        && rule.facets.contains(&request.facet)
}

fn holds(condition: Condition, subject: &Subject, request: &Request<'_>, ask: &Ask<'_>) -> Holds {
    let known = |yes| if yes { Holds::Yes } else { Holds::No };
    match condition {
        Condition::Always => Holds::Yes,
        Condition::OwnRecord => match request.relation {
            Relation::Own => Holds::Yes,
            Relation::Other => Holds::No,
            Relation::Unknown => Holds::Unknown,
        },
        Condition::ValueIsSubject => {
            known(ask.value == Some(&Value::Reference(subject.user.into())))
        }
        Condition::ValueIsOwnTerritory => known(
            subject
                .territory
                .is_some_and(|territory| ask.value == Some(&Value::Reference(territory))),
        ),
        Condition::NoRationale => {
            known(request.rationale.is_none_or(|words| words.trim().is_empty()))
        }
    }
}

fn server_decides(rule: &Rule) -> Decision {
    Decision::ServerDecides { policy: rule.id.to_owned(), missing: vec!["owner"] }
}

/// The denial of what no rule permits: it says who may, as the rules themselves tell.
fn not_permitted(
    policies: &Policies,
    subject: &Subject,
    request: &Request<'_>,
    ask: &Ask<'_>,
) -> Decision {
    let roles: Vec<Role> = Role::ALL
        .into_iter()
        .filter(|role| {
            *role != Role::Service
                && policies.rules.iter().any(|rule| {
                    rule.effect == Effect::Permit
                        && rule.condition == Condition::Always
                        && covers(rule, *role, request, ask)
                })
        })
        .collect();
    let words: Vec<_> = roles.iter().map(|role| role.with_article()).collect();
    let remedy = if words.is_empty() {
        "leave it as it is; nobody may do this from a device".to_owned()
    } else {
        format!("ask {} to do it", words.join(" or "))
    };
    Decision::Deny {
        code: "not_permitted",
        policy: "nothing-without-a-permit".to_owned(),
        reason: sentence(subject.role, request, ask),
        remedy,
        field: ask.field.map(str::to_owned),
    }
}

/// "a Rep may not write `owner` of an account that belongs to somebody else".
fn sentence(role: Role, request: &Request<'_>, ask: &Ask<'_>) -> String {
    let role = role.with_article();
    let verb = ask.action.verb();
    let entity = request.entity.plural().replace('_', " ");
    let whose = match (ask.action, request.relation) {
        (Action::Delete | Action::Restore, Relation::Other) => " of somebody else",
        _ => "",
    };
    match ask.field {
        Some(field) => format!("{role} may not {verb} `{field}` of {entity}{whose}"),
        None => format!("{role} may not {verb} {entity}{whose}"),
    }
}

#[cfg(test)]
mod tests;
