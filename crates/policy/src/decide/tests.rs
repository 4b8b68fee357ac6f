//! Who may do what, role by role and rule by rule.

use roadbook_domain::{FieldEdit, Money};

use super::*;

fn subject(role: Role) -> Subject {
    Subject {
        user: UserId::from_bytes([1; 16]),
        role,
        territory: Some(RecordId::from_bytes([7; 16])),
    }
}

fn edit(field: &str, to: Value) -> Operation {
    Operation::Edit(FieldEdit { field: field.into(), from: Value::Null, to })
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// A request on somebody else's record, without a rationale.
fn request(entity: Entity, kind: IntentKind, operations: &[Operation]) -> Request<'_> {
    Request {
        entity,
        facet: Facet::Internal,
        kind,
        operations,
        relation: Relation::Other,
        rationale: None,
    }
}

fn judged(role: Role, request: &Request<'_>) -> Decision {
    decide(&Policies::shipped(), &subject(role), request)
}

fn denial(role: Role, request: &Request<'_>) -> (&'static str, Option<String>) {
    match judged(role, request) {
        Decision::Deny { code, field, reason, remedy, policy } => {
            assert!(!reason.is_empty() && !remedy.is_empty() && !policy.is_empty());
            (code, field)
        }
        decision @ (Decision::Allow { .. }
        | Decision::NeedsApproval { .. }
        | Decision::ServerDecides { .. }) => panic!("{role} was not denied: {decision:?}"),
    }
}

fn create(fields: &[(&str, Value)]) -> Vec<Operation> {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    vec![Operation::Create { fields }]
}

const CUSTOMERS: [Entity; 8] = [
    Entity::Account,
    Entity::Contact,
    Entity::Lead,
    Entity::Opportunity,
    Entity::Quote,
    Entity::Activity,
    Entity::Task,
    Entity::Note,
];

#[test]
fn those_in_the_field_create_and_edit_customers_records() {
    let new = create(&[("name", text("Acme"))]);
    let change = [edit("next_step", text("call"))];
    for role in [Role::Rep, Role::SeniorRep, Role::Manager, Role::Administrator] {
        for entity in CUSTOMERS {
            let made = judged(role, &request(entity, IntentKind::Create, &new));
            assert!(made.is_allowed(), "{role} creates {entity}: {made:?}");
            assert!(!made.policy().is_empty());
            let edited = judged(role, &request(entity, IntentKind::EditFields, &change));
            assert!(edited.is_allowed(), "{role} edits {entity}: {edited:?}");
        }
    }
}

#[test]
fn reps_do_not_hand_records_to_others() {
    for field in ["owner", "territory", "team"] {
        let change = [edit(field, Value::Reference(RecordId::from_bytes([9; 16])))];
        let ask = request(Entity::Account, IntentKind::EditFields, &change);
        for role in [Role::Rep, Role::SeniorRep] {
            let denied = denial(role, &ask);
            assert_eq!(denied, ("not_permitted", Some(field.to_owned())));
        }
        assert!(judged(Role::Manager, &ask).is_allowed());
        assert!(judged(Role::Administrator, &ask).is_allowed());
    }
}

#[test]
fn a_denial_names_who_may_do_it() {
    let change = [edit("owner", Value::Null)];
    let ask = request(Entity::Account, IntentKind::EditFields, &change);
    let Decision::Deny { reason, remedy, .. } = judged(Role::Rep, &ask) else {
        panic!("a rep may not change owners");
    };
    assert_eq!(reason, "a Rep may not write `owner` of accounts");
    assert_eq!(remedy, "ask a Manager or an Administrator to do it");
}

#[test]
fn a_new_record_is_its_makers_own_and_in_the_makers_territory() {
    let me = Value::Reference(subject(Role::Rep).user.into());
    let home = Value::Reference(subject(Role::Rep).territory.unwrap());
    let stranger = Value::Reference(RecordId::from_bytes([9; 16]));
    let own = create(&[("name", text("Acme")), ("owner", me), ("territory", home)]);
    let made = judged(Role::Rep, &request(Entity::Account, IntentKind::Create, &own));
    assert!(made.is_allowed(), "{made:?}");
    for field in ["owner", "territory", "team"] {
        let foreign = create(&[("name", text("Acme")), (field, stranger.clone())]);
        let ask = request(Entity::Account, IntentKind::Create, &foreign);
        assert_eq!(denial(Role::Rep, &ask).1.as_deref(), Some(field));
        assert!(judged(Role::Manager, &ask).is_allowed());
    }
}

#[test]
fn a_rep_does_not_choose_the_price_book_of_an_account_or_a_quote() {
    let book = Value::Reference(RecordId::from_bytes([9; 16]));
    for (entity, title) in [(Entity::Account, "name"), (Entity::Quote, "number")] {
        let new = create(&[(title, text("Q-1")), ("price_book", book.clone())]);
        let ask = request(entity, IntentKind::Create, &new);
        for role in [Role::Rep, Role::SeniorRep] {
            assert_eq!(denial(role, &ask).1.as_deref(), Some("price_book"), "{role}, {entity}");
        }
        for role in [Role::Manager, Role::Administrator] {
            assert!(judged(role, &ask).is_allowed(), "{role}, {entity}");
        }
    }
}

#[test]
fn making_a_record_is_no_way_to_take_one_over() {
    let me = Value::Reference(subject(Role::Rep).user.into());
    let take = [edit("owner", me)];
    let ask = request(Entity::Account, IntentKind::Create, &take);
    assert_eq!(denial(Role::Rep, &ask).0, "kind_mismatch");
}

#[test]
fn the_confidential_facet_is_for_those_with_the_right() {
    let change = [edit("margin", Value::Percent(1_000))];
    let ask = Request {
        facet: Facet::Confidential,
        ..request(Entity::Opportunity, IntentKind::EditFields, &change)
    };
    assert_eq!(denial(Role::Rep, &ask), ("confidential", Some("margin".into())));
    for role in [Role::SeniorRep, Role::Manager, Role::Administrator] {
        assert!(judged(role, &ask).is_allowed(), "{role}");
    }
}

#[test]
fn the_credit_status_is_kept_by_administrators() {
    let change = [edit("credit_status", text("Good"))];
    let ask = Request {
        facet: Facet::Confidential,
        ..request(Entity::Account, IntentKind::Create, &change)
    };
    assert_eq!(denial(Role::Manager, &ask).1.as_deref(), Some("credit_status"));
    assert_eq!(denial(Role::SeniorRep, &ask).0, "not_permitted");
    assert!(judged(Role::Administrator, &ask).is_allowed());
}

#[test]
fn products_and_price_books_are_kept_by_administrators() {
    let new = create(&[
        ("name", text("Pump")),
        ("list_price", Value::Money("5EUR".parse::<Money>().unwrap())),
    ]);
    let change = [edit("name", text("Pumps"))];
    for entity in [Entity::Product, Entity::PriceBook] {
        for (kind, operations) in
            [(IntentKind::Create, &new[..]), (IntentKind::EditFields, &change)]
        {
            let ask = request(entity, kind, operations);
            for role in [Role::Rep, Role::SeniorRep, Role::Manager] {
                assert_eq!(denial(role, &ask).0, "not_permitted", "{role}, {entity}");
            }
            assert!(judged(Role::Administrator, &ask).is_allowed());
        }
    }
}

#[test]
fn reps_delete_and_restore_their_own_only() {
    for (kind, operation) in
        [(IntentKind::Delete, Operation::Delete), (IntentKind::Restore, Operation::Restore)]
    {
        let operations = [operation];
        let others = request(Entity::Lead, kind, &operations);
        let own = Request { relation: Relation::Own, ..others };
        let unknown = Request { relation: Relation::Unknown, ..others };
        for role in [Role::Rep, Role::SeniorRep] {
            assert!(judged(role, &own).is_allowed());
            assert_eq!(denial(role, &others).0, "not_permitted");
            let Decision::ServerDecides { missing, .. } = judged(role, &unknown) else {
                panic!("the owner is not known");
            };
            assert_eq!(missing, ["owner"]);
        }
        assert!(judged(Role::Manager, &others).is_allowed());
        assert!(judged(Role::Manager, &unknown).is_allowed(), "needs no owner");
    }
}

#[test]
fn reps_propose_and_managers_resolve() {
    let propose =
        [Operation::Propose { field: "amount".into(), value: Value::Null, why: "seen".into() }];
    let resolve =
        [Operation::Resolve { field: "amount".into(), sides: vec![], choice: Value::Null }];
    let proposal = request(Entity::Opportunity, IntentKind::ProposeInConflict, &propose);
    let resolution = request(Entity::Opportunity, IntentKind::ResolveConflict, &resolve);
    for role in [Role::Rep, Role::SeniorRep] {
        assert!(judged(role, &proposal).is_allowed());
        assert_eq!(denial(role, &resolution), ("not_permitted", Some("amount".into())));
    }
    for role in [Role::Manager, Role::Administrator] {
        assert!(judged(role, &proposal).is_allowed() && judged(role, &resolution).is_allowed());
    }
}

#[test]
fn a_resolution_under_another_name_is_refused() {
    let resolve =
        [Operation::Resolve { field: "amount".into(), sides: vec![], choice: Value::Null }];
    let ask = request(Entity::Opportunity, IntentKind::EditFields, &resolve);
    assert_eq!(denial(Role::Manager, &ask).0, "kind_mismatch");
    let nothing = request(Entity::Opportunity, IntentKind::EditFields, &[]);
    assert_eq!(denial(Role::Manager, &nothing).0, "kind_mismatch");
}

#[test]
fn the_directory_is_written_by_the_server_only() {
    let change = [edit("role", text("Administrator"))];
    for entity in [Entity::User, Entity::Team, Entity::Territory] {
        for role in Role::ALL {
            let ask = Request {
                rationale: Some("wanted"),
                ..request(entity, IntentKind::EditFields, &change)
            };
            assert_eq!(denial(role, &ask).0, "server_written", "{role}, {entity}");
        }
    }
    let policies = Policies::shipped();
    assert!(decide_directory(&policies, &subject(Role::Administrator)).is_allowed());
    for role in [Role::Rep, Role::SeniorRep, Role::Manager, Role::Service] {
        assert!(!decide_directory(&policies, &subject(role)).is_allowed(), "{role}");
    }
}

#[test]
fn a_service_principal_may_create_quotes_and_may_not_read_contacts() {
    let new = create(&[("number", text("Q-1")), ("account", Value::Null)]);
    let ask = Request {
        rationale: Some("web shop order 12"),
        ..request(Entity::Quote, IntentKind::Create, &new)
    };
    let made = judged(Role::Service, &ask);
    assert!(made.is_allowed(), "{made:?}");
    let policies = Policies::shipped();
    for facet in Facet::ALL {
        assert!(!policies.may_receive(Role::Service, Entity::Contact, facet));
    }
    assert!(policies.may_receive(Role::Service, Entity::Account, Facet::Internal));
    assert!(policies.may_receive(Role::Service, Entity::Product, Facet::Internal));
    let contact = create(&[("name", text("Ana"))]);
    let ask = Request {
        rationale: Some("why not"),
        ..request(Entity::Contact, IntentKind::Create, &contact)
    };
    assert_eq!(denial(Role::Service, &ask).0, "not_permitted");
    let change = [edit("valid_until", Value::Null)];
    let ask = Request {
        rationale: Some("why not"),
        ..request(Entity::Quote, IntentKind::EditFields, &change)
    };
    assert_eq!(denial(Role::Service, &ask).0, "not_permitted");
}

#[test]
fn a_program_that_does_not_say_why_is_refused() {
    let new = create(&[("number", text("Q-1"))]);
    for rationale in [None, Some("  ")] {
        let ask = Request { rationale, ..request(Entity::Quote, IntentKind::Create, &new) };
        assert_eq!(denial(Role::Service, &ask).0, "rationale_missing");
        assert!(judged(Role::Rep, &ask).is_allowed(), "people need not say why");
    }
}

#[test]
fn one_forbidden_field_denies_the_whole_step() {
    let change = [edit("next_step", text("call")), edit("owner", Value::Null)];
    let ask = request(Entity::Account, IntentKind::EditFields, &change);
    assert_eq!(denial(Role::Rep, &ask).1.as_deref(), Some("owner"));
}

#[test]
fn a_logged_visit_counts_at_the_account() {
    let count = [Operation::Adjust { field: "visits".into(), by: 1 }];
    let ask = request(Entity::Account, IntentKind::LogActivity, &count);
    assert!(judged(Role::Rep, &ask).is_allowed());
}

#[test]
fn an_approval_rule_holds_back_what_others_permit() {
    let mut policies = Policies::shipped();
    policies.rules.push(Rule {
        id: "large-deals",
        roles: &[Role::Rep, Role::Manager],
        actions: &[Action::Write],
        entities: &[Entity::Opportunity],
        facets: &[Facet::Internal],
        fields: Fields::Only(&["amount"]),
        condition: Condition::Always,
        effect: Effect::Approve {
            reason: "amounts are agreed with a manager",
            approvers: &[Role::Manager],
        },
    });
    let change = [edit("amount", Value::Null)];
    let ask = request(Entity::Opportunity, IntentKind::EditFields, &change);
    let Decision::NeedsApproval { policy, approvers, field, .. } =
        decide(&policies, &subject(Role::Rep), &ask)
    else {
        panic!("a rep needs approval");
    };
    assert_eq!((policy.as_str(), field.as_deref()), ("large-deals", Some("amount")));
    assert_eq!(approvers, [Role::Manager]);
    assert!(decide(&policies, &subject(Role::Manager), &ask).is_allowed(), "approves by doing");
    let both = [edit("amount", Value::Null), edit("owner", Value::Null)];
    let ask = request(Entity::Opportunity, IntentKind::EditFields, &both);
    let worst = decide(&policies, &subject(Role::Rep), &ask);
    assert!(matches!(worst, Decision::Deny { .. }), "a denial outweighs: {worst:?}");
}

#[test]
fn without_rules_nothing_is_allowed() {
    let policies = Policies { version: 1, rules: vec![], receives: vec![] };
    let new = create(&[("name", text("Acme"))]);
    let ask = request(Entity::Account, IntentKind::Create, &new);
    for role in Role::ALL {
        assert!(!decide(&policies, &subject(role), &ask).is_allowed());
        assert!(!policies.may_receive(role, Entity::Account, Facet::Internal));
    }
}
