//! Tests of planning: what is refused and how intents split into steps.

use super::*;
use crate::{Money, Schema};

fn record(n: u8) -> RecordId {
    RecordId::from_bytes([n; 16])
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn change(field: &str, from: Value, to: Value) -> FieldEdit {
    FieldEdit { field: field.into(), from, to }
}

fn edit_opportunity(edits: Vec<FieldEdit>) -> Result<Vec<Step>, InvalidIntent> {
    Intent::EditFields { record: record(1), entity: Entity::Opportunity, edits }
        .plan(&Schema::crm())
}

#[test]
fn creating_fills_the_first_state_and_splits_off_the_confidential_facet() {
    let intent = Intent::Create {
        record: record(1),
        entity: Entity::Opportunity,
        fields: vec![("margin".into(), Value::Percent(1_200)), ("name".into(), text("Renewal"))],
    };
    let steps = intent.plan(&Schema::crm()).unwrap();
    assert_eq!(steps.len(), 2);
    assert_eq!(
        steps[0].operations,
        [Operation::Create {
            fields: vec![("name".into(), text("Renewal")), ("stage".into(), text("Prospecting"))],
        }]
    );
    assert_eq!(steps[1].facet, Facet::Confidential);
    let json = format!("{:?}", steps[0]);
    assert!(!json.contains("margin"), "the internal part knows nothing of the other: {json}");
}

#[test]
fn edits_become_the_operation_of_their_merge_class() {
    let amount = Value::Money(Money::new(5, crate::Currency::EUR));
    let steps = edit_opportunity(vec![
        change("amount", Value::Null, amount.clone()),
        change("description", text("old"), text("new")),
        change("tags", Value::Set(vec!["a".into()]), Value::Set(vec!["b".into()])),
        change("stage", text("Prospecting"), text("proposal")),
        change("strategy", Value::Null, text("secret")),
        change("next_step", text("same"), text("same")),
    ])
    .unwrap();
    assert_eq!(steps.len(), 2);
    assert_eq!(
        steps[0].operations,
        [
            Operation::Edit(change("amount", Value::Null, amount)),
            Operation::EditText {
                field: "description".into(),
                base: "old".into(),
                text: "new".into()
            },
            Operation::ChangeSet {
                field: "tags".into(),
                add: vec!["b".into()],
                remove: vec!["a".into()],
            },
            Operation::Move { edit: change("stage", text("Prospecting"), text("Proposal")) },
        ]
    );
    assert_eq!(steps[1].operations.len(), 1);
}

#[test]
fn what_cannot_be_written_is_refused_with_a_code() {
    let code = |edit| edit_opportunity(vec![edit]).unwrap_err().code();
    assert_eq!(code(change("weighted_amount", Value::Null, text("x"))), "derived");
    assert_eq!(code(change("stage_history", Value::Null, text("x"))), "append_only");
    assert_eq!(code(change("nonsense", Value::Null, text("x"))), "unknown_field");
    assert_eq!(code(change("amount", Value::Null, text("x"))), "invalid_value");
    assert_eq!(code(change("amount", Value::Null, Value::Null)), "nothing_to_do");

    let refused = |entity, field: &str, to| {
        Intent::EditFields {
            record: record(1),
            entity,
            edits: vec![change(field, Value::Null, to)],
        }
        .plan(&Schema::crm())
        .unwrap_err()
        .code()
    };
    assert_eq!(refused(Entity::Account, "address", text("x")), "unsupported_class");
    assert_eq!(refused(Entity::Quote, "lines", text("x")), "unsupported_class");
    assert_eq!(refused(Entity::Account, "credit_status", text("Good")), "confirmed_only");
    let missing = Intent::Create { record: record(1), entity: Entity::Account, fields: vec![] };
    assert_eq!(missing.plan(&Schema::crm()).unwrap_err().code(), "missing_field");
}

#[test]
fn a_visit_counts_at_its_account_and_a_call_does_not() {
    let log = |kind: &str| {
        Intent::LogActivity {
            activity: record(2),
            account: Some(record(1)),
            fields: vec![("subject".into(), text("Basement")), ("kind".into(), text(kind))],
        }
        .plan(&Schema::crm())
        .unwrap()
    };
    assert_eq!(log("Visit").len(), 2);
    assert_eq!(log("Call").len(), 1);
}

#[test]
fn completing_a_task_moves_it_and_stamps_the_time() {
    let done = Intent::CompleteTask { task: record(3), from: text("Open"), at_ms: 7 };
    let steps = done.plan(&Schema::crm()).unwrap();
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].operations.len(), 2);
}

#[test]
fn a_conversion_makes_everything_and_qualifies_the_lead_in_one_intent() {
    let first = |n, entity, name: &str| FirstValues {
        record: record(n),
        entity,
        fields: vec![("name".into(), text(name))],
    };
    let convert = |from: &str, made: Vec<FirstValues>| {
        let (lead, opportunity) = (record(1), record(4));
        let from = text(from);
        Intent::ConvertLead { lead, from, made, opportunity }.plan(&Schema::crm())
    };
    let made = vec![
        first(2, Entity::Account, "Hafen"),
        first(3, Entity::Contact, "Wiebke"),
        first(4, Entity::Opportunity, "Cranes"),
    ];
    let steps = convert("New", made.clone()).unwrap();
    let of: Vec<_> = steps.iter().map(|step| (step.record, step.operations.len())).collect();
    assert_eq!(of, [(record(2), 1), (record(3), 1), (record(4), 1), (record(1), 2)]);
    let qualified = convert("Qualified", made).unwrap();
    assert_eq!(qualified[3].operations.len(), 1, "it is qualified already");
    let nameless = FirstValues { fields: vec![], ..first(2, Entity::Account, "") };
    let missing = convert("New", vec![nameless]).unwrap_err();
    assert_eq!(missing.code(), "missing_field");
}
