//! The rules that Roadbook ships. Data only.

use roadbook_domain::{Entity, Facet};

use crate::rule::{Condition, Effect, Fields, Policies, Rule};
use crate::scope::Compartment;
use crate::{Action, Role};

/// The version of the shipped rules; raised by every change of them.
pub const POLICY_VERSION: u32 = 1;

const REPS: &[Role] = &[Role::Rep, Role::SeniorRep];
const FIELD: &[Role] = &[Role::Rep, Role::SeniorRep, Role::Manager, Role::Administrator];
const LEADS: &[Role] = &[Role::Manager, Role::Administrator];
const KEEPERS: &[Role] = &[Role::Administrator];
const SERVICES: &[Role] = &[Role::Service];

/// What reps work on.
const CUSTOMERS: &[Entity] = &[
    Entity::Account,
    Entity::Contact,
    Entity::Lead,
    Entity::Opportunity,
    Entity::Quote,
    Entity::Activity,
    Entity::Task,
    Entity::Note,
];
const CATALOGUE: &[Entity] = &[Entity::Product, Entity::PriceBook];
const DIRECTORY: &[Entity] = &[Entity::Territory, Entity::User, Entity::Team];

const INTERNAL: &[Facet] = &[Facet::Internal];
const CONFIDENTIAL: &[Facet] = &[Facet::Confidential];

/// Fields that decide who sees a quote.
const PLACE: &[&str] = &["owner", "territory"];
/// Fields of customers' records that a rep may not write: their place, and what the company says.
const KEPT: &[&str] = &["owner", "territory", "team", "credit_status", "price_book"];
/// Fields of customers' records that a manager may not write.
const COMPANY: &[&str] = &["credit_status"];

const fn permit(
    id: &'static str,
    roles: &'static [Role],
    actions: &'static [Action],
    entities: &'static [Entity],
    facets: &'static [Facet],
    fields: Fields,
) -> Rule {
    Rule {
        id,
        roles,
        actions,
        entities,
        facets,
        fields,
        condition: Condition::Always,
        effect: Effect::Permit,
    }
}

pub(crate) fn policies() -> Policies {
    use Compartment::{Business, People};
    Policies {
        version: POLICY_VERSION,
        rules: [reps(), leads(), services(), refusals()].concat(),
        receives: vec![
            (Role::Rep, &[Business, People]),
            (Role::SeniorRep, &Compartment::ALL),
            (Role::Manager, &Compartment::ALL),
            (Role::Administrator, &Compartment::ALL),
            (Role::Service, &[Business]),
        ],
    }
}

/// Everything that an intent can do.
const ALL: &[Action] = &[
    Action::Create,
    Action::SetFirst,
    Action::Write,
    Action::Delete,
    Action::Restore,
    Action::Resolve,
    Action::Propose,
];

/// What reps may do with customers' records.
fn reps() -> Vec<Rule> {
    use Action::{Create, Delete, Propose, Restore, SetFirst, Write};
    let write = &[SetFirst, Write, Propose];
    vec![
        permit("customers-create", FIELD, &[Create], CUSTOMERS, INTERNAL, Fields::All),
        permit("customers-write", REPS, write, CUSTOMERS, INTERNAL, Fields::Except(KEPT)),
        permit(
            "customers-write-confidential",
            &[Role::SeniorRep],
            write,
            CUSTOMERS,
            CONFIDENTIAL,
            Fields::Except(KEPT),
        ),
        Rule {
            condition: Condition::ValueIsSubject,
            ..permit(
                "customers-create-as-own",
                REPS,
                &[SetFirst],
                CUSTOMERS,
                INTERNAL,
                Fields::Only(&["owner"]),
            )
        },
        Rule {
            condition: Condition::ValueIsOwnTerritory,
            ..permit(
                "customers-create-in-own-territory",
                REPS,
                &[SetFirst],
                CUSTOMERS,
                INTERNAL,
                Fields::Only(&["territory"]),
            )
        },
        Rule {
            condition: Condition::OwnRecord,
            ..permit(
                "customers-delete-own",
                REPS,
                &[Delete, Restore],
                CUSTOMERS,
                INTERNAL,
                Fields::All,
            )
        },
    ]
}

/// What managers and administrators may do besides.
fn leads() -> Vec<Rule> {
    use Action::{Delete, Propose, Resolve, Restore, SetFirst, Write, WriteDirectory};
    vec![
        permit(
            "customers-lead",
            LEADS,
            &[SetFirst, Write, Propose, Resolve, Delete, Restore],
            CUSTOMERS,
            &Facet::ALL,
            Fields::Except(COMPANY),
        ),
        permit(
            "company-values",
            KEEPERS,
            &[SetFirst, Write, Propose, Resolve],
            CUSTOMERS,
            CONFIDENTIAL,
            Fields::Only(COMPANY),
        ),
        permit("catalogue-keep", KEEPERS, ALL, CATALOGUE, &Facet::ALL, Fields::All),
        permit("directory-import", KEEPERS, &[WriteDirectory], DIRECTORY, INTERNAL, Fields::All),
    ]
}

/// What programs may do.
fn services() -> Vec<Rule> {
    use Action::{Create, SetFirst};
    let quotes = &[Entity::Quote];
    vec![
        permit("service-creates-quotes", SERVICES, &[Create], quotes, INTERNAL, Fields::All),
        permit(
            "service-fills-new-quotes",
            SERVICES,
            &[SetFirst],
            quotes,
            INTERNAL,
            Fields::Except(PLACE),
        ),
        Rule {
            condition: Condition::NoRationale,
            effect: Effect::Forbid {
                code: "rationale_missing",
                reason: "a program must say why it writes",
                remedy: "send it again with a rationale",
            },
            ..permit("service-says-why", SERVICES, ALL, &Entity::ALL, &Facet::ALL, Fields::All)
        },
    ]
}

/// What is refused whatever else permits it.
fn refusals() -> Vec<Rule> {
    vec![
        Rule {
            effect: Effect::Forbid {
                code: "server_written",
                reason: "users, teams and territories are written by the server only",
                remedy: "ask an Administrator to change them at the server",
            },
            ..permit(
                "directory-is-server-written",
                &Role::ALL,
                ALL,
                DIRECTORY,
                &Facet::ALL,
                Fields::All,
            )
        },
        Rule {
            effect: Effect::Forbid {
                code: "confidential",
                reason: "this role has no right to confidential fields",
                remedy: "ask a Senior rep or a Manager to change it",
            },
            ..permit(
                "confidential-data",
                &[Role::Rep, Role::Service],
                ALL,
                &Entity::ALL,
                CONFIDENTIAL,
                Fields::All,
            )
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_has_its_own_name_and_can_apply() {
        let policies = Policies::shipped();
        let ids: BTreeSet<_> = policies.rules.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), policies.rules.len(), "names are unique");
        for rule in &policies.rules {
            let empty = rule.roles.is_empty()
                || rule.actions.is_empty()
                || rule.entities.is_empty()
                || rule.facets.is_empty();
            assert!(!empty, "{} can never apply", rule.id);
        }
    }

    #[test]
    fn only_the_trusted_receive_confidential_data() {
        let trusted = [Role::SeniorRep, Role::Manager, Role::Administrator];
        let policies = Policies::shipped();
        for role in Role::ALL {
            for entity in Entity::ALL {
                let receives = policies.may_receive(role, entity, Facet::Confidential);
                assert_eq!(receives, trusted.contains(&role), "{role}, {entity}");
            }
        }
    }

    #[test]
    fn named_fields_exist() {
        let schema = roadbook_domain::Schema::crm();
        for rule in &Policies::shipped().rules {
            let (Fields::Only(names) | Fields::Except(names)) = rule.fields else {
                continue;
            };
            for name in names {
                let known =
                    rule.entities.iter().any(|entity| schema.field(*entity, name).is_some());
                assert!(known, "{}: no entity of it has a field {name}", rule.id);
            }
        }
    }
}
