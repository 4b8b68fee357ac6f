//! The shipped table: what a record of each entity has (see `docs/data-model.md`).
//!
//! One line a field. Long because it is the table.

use crate::Entity;
use crate::schema::MergeClass::{
    Append, Confirmed, Counter, Derived, Preference, Review, Set, State, Structured, Text,
};
use crate::schema::field::Classification::{Confidential, Internal};
use crate::schema::field::Derivation;
use crate::schema::state::ForecastCategory::{BestCase, Closed, Commit, Omitted, Pipeline};
use crate::schema::{
    Classification, EntityDef, FieldDef, ForecastCategory, MergeClass, StateDef, StateMachine,
    ValueType as T,
};

const fn state(name: &'static str, rank: u8) -> StateDef {
    StateDef {
        name,
        rank,
        contested: false,
        closed: false,
        probability_percent: 0,
        category: None,
        needs: &[],
    }
}

const fn closed(name: &'static str, rank: u8) -> StateDef {
    StateDef { closed: true, ..state(name, rank) }
}

const fn stage(
    name: &'static str,
    rank: u8,
    probability_percent: u8,
    category: ForecastCategory,
    needs: &'static [&'static str],
) -> StateDef {
    let open = matches!(category, Pipeline | BestCase);
    let closed = matches!(category, Closed | Omitted);
    let category = Some(category);
    StateDef { name, rank, contested: !open, closed, probability_percent, category, needs }
}

const fn field(
    name: &'static str,
    label: &'static str,
    value_type: T,
    class: MergeClass,
    classification: Classification,
) -> FieldDef {
    FieldDef::new(name, label, value_type, class, classification)
}

/// Stages of an opportunity, with the usual probabilities.
pub static STAGE: StateMachine = StateMachine {
    name: "stage",
    states: &[
        stage("Prospecting", 0, 10, Pipeline, &["account", "next_step"]),
        stage("Qualification", 1, 20, Pipeline, &["account", "next_step", "close_date"]),
        stage("Needs analysis", 2, 35, Pipeline, &["contacts", "amount", "close_date"]),
        stage("Proposal", 3, 60, BestCase, &["amount", "close_date", "next_step"]),
        stage("Negotiation", 4, 80, Commit, &["amount", "close_date"]),
        stage("Closed won", 5, 100, Closed, &[]),
        stage("Closed lost", 5, 0, Omitted, &["loss_reason"]),
    ],
};

/// Statuses of a lead.
pub static LEAD_STATUS: StateMachine = StateMachine {
    name: "lead status",
    states: &[
        state("New", 0),
        state("Working", 1),
        state("Nurturing", 1),
        closed("Qualified", 2),
        closed("Unqualified", 2),
    ],
};

/// States of a quote.
pub static QUOTE_STATE: StateMachine = StateMachine {
    name: "quote state",
    states: &[
        state("Draft", 0),
        state("In review", 1),
        state("Approved", 2),
        state("Presented", 3),
        closed("Accepted", 4),
        closed("Rejected", 4),
        closed("Expired", 4),
    ],
};

/// States of a task.
pub static TASK_STATE: StateMachine =
    StateMachine { name: "task state", states: &[state("Open", 0), closed("Done", 1)] };

const CHANNELS: &[&str] = &["E-mail", "Phone", "Visit", "Message"];
const TIERS: &[&str] = &["A", "B", "C", "D"];
const ACTIVITIES: &[&str] = &["Visit", "Call", "Meeting", "E-mail", "Note"];
const OUTCOMES: &[&str] = &["Met", "No one there", "Call back", "Order"];
const PRIORITIES: &[&str] = &["High", "Normal", "Low"];
const CATEGORIES: &[&str] = &["Pipeline", "Best case", "Commit", "Closed", "Omitted"];
const CREDIT: &[&str] = &["Good", "Watch", "Blocked"];
const ROLES: &[&str] = &["Rep", "Senior rep", "Manager", "Administrator", "Service"];

/// Fields that every record has.
#[rustfmt::skip]
fn common() -> Vec<FieldDef> {
    vec![
        field("owner", "Owner", T::Reference(Entity::User), Confirmed, Internal),
        field("territory", "Territory", T::Reference(Entity::Territory), Confirmed, Internal),
        field("tags", "Tags", T::Set, Set, Internal).searched(),
        field("external_ids", "External ids", T::Set, Set, Internal),
    ]
}

fn entity(
    entity: Entity,
    title: &'static str,
    parent: Option<&'static str>,
    mut fields: Vec<FieldDef>,
) -> EntityDef {
    fields.extend(common());
    EntityDef { entity, title, parent, server_written: false, fields }
}

fn directory(entity: Entity, mut fields: Vec<FieldDef>) -> EntityDef {
    fields.push(field("external_ids", "External ids", T::Set, Set, Internal));
    EntityDef { entity, title: "name", parent: None, server_written: true, fields }
}

/// The definitions, in the order of [`Entity::ALL`].
#[must_use]
pub fn entities() -> Vec<EntityDef> {
    vec![
        account(),
        contact(),
        lead(),
        opportunity(),
        product(),
        price_book(),
        quote(),
        activity(),
        task(),
        note(),
        territory(),
        user(),
        team(),
    ]
}

#[rustfmt::skip]
fn account() -> EntityDef {
    entity(Entity::Account, "name", None, vec![
        field("name", "Name", T::Text, Preference, Internal).required().searched(),
        field("nickname", "Nickname", T::Text, Preference, Internal).searched(),
        field("parent", "Parent account", T::Reference(Entity::Account), Preference, Internal),
        field("tier", "Tier", T::Choice(TIERS), Preference, Internal),
        field("industry", "Industry", T::Text, Preference, Internal).searched(),
        field("website", "Website", T::Text, Preference, Internal),
        field("phones", "Phones", T::Set, Set, Internal).searched(),
        field("street", "Street", T::Text, Preference, Internal).since(2),
        field("postal_code", "Postal code", T::Text, Preference, Internal).since(2),
        field("city", "City", T::Text, Preference, Internal).searched(),
        field("country", "Country", T::Text, Preference, Internal),
        field("address", "Address", T::Structure, Structured, Internal),
        field("employees", "Employees", T::Integer, Preference, Internal),
        field("revenue", "Yearly revenue", T::Money, Preference, Internal),
        field("founded", "Founded", T::Integer, Preference, Internal).unit("year"),
        field("payment_term_days", "Payment term", T::Integer, Preference, Internal).unit("days"),
        field("price_book", "Price book", T::Reference(Entity::PriceBook), Confirmed, Internal).since(2),
        field("visit_every_days", "Visit frequency", T::Integer, Preference, Internal).unit("days").indexed(),
        field("preferred_channel", "Preferred channel", T::Choice(CHANNELS), Preference, Internal),
        field("visits", "Visits", T::Integer, Counter, Internal),
        field("next_step", "Next step", T::Text, Preference, Internal),
        field("description", "Description", T::LongText, Text, Internal).searched(),
        field("team", "Account team", T::Reference(Entity::Team), Confirmed, Internal),
        field("tax_id", "Tax id", T::Text, Review, Confidential),
        field("credit_status", "Credit status", T::Choice(CREDIT), Confirmed, Confidential),
        field("briefing", "Confidential briefing", T::LongText, Text, Confidential),
    ])
}

#[rustfmt::skip]
fn contact() -> EntityDef {
    entity(Entity::Contact, "name", Some("account"), vec![
        field("name", "Name", T::Text, Preference, Internal).required().searched(),
        field("account", "Account", T::Reference(Entity::Account), Preference, Internal),
        field("role", "Role", T::Text, Preference, Internal).searched(),
        field("emails", "E-mails", T::Set, Set, Internal).searched(),
        field("phones", "Phones", T::Set, Set, Internal).searched(),
        field("preferred_channel", "Preferred channel", T::Choice(CHANNELS), Preference, Internal),
        field("description", "Description", T::LongText, Text, Internal).searched(),
        field("birthday", "Birthday", T::Date, Preference, Confidential),
        field("do_not_contact", "Do not contact", T::Boolean, Preference, Confidential),
        field("consent", "Consent", T::Structure, Structured, Confidential),
    ])
}

#[rustfmt::skip]
fn lead() -> EntityDef {
    entity(Entity::Lead, "name", None, vec![
        field("name", "Name", T::Text, Preference, Internal).required().searched(),
        field("person", "Person", T::Text, Preference, Internal).searched().since(2),
        field("company", "Company", T::Text, Preference, Internal).searched(),
        field("status", "Status", T::State(&LEAD_STATUS), State, Internal),
        field("status_history", "Status history", T::Log, Append, Internal),
        field("unqualified_reason", "Reason", T::Text, Preference, Internal),
        field("source", "Source", T::Text, Preference, Internal),
        field("emails", "E-mails", T::Set, Set, Internal).searched(),
        field("phones", "Phones", T::Set, Set, Internal).searched(),
        field("description", "Description", T::LongText, Text, Internal).searched(),
        field("converted_to", "Converted to", T::Reference(Entity::Opportunity), Preference, Internal),
    ])
}

#[rustfmt::skip]
fn opportunity() -> EntityDef {
    const WEIGHTED: Derivation = Derivation::Weighted {
        amount: "amount",
        probability: "probability",
        state: "stage",
    };
    const CATEGORY: Derivation = Derivation::Category {
        chosen: "category_override",
        state: "stage",
    };
    entity(Entity::Opportunity, "name", Some("account"), vec![
        field("name", "Name", T::Text, Preference, Internal).required().searched(),
        field("account", "Account", T::Reference(Entity::Account), Review, Internal),
        field("stage", "Stage", T::State(&STAGE), State, Internal),
        field("stage_history", "Stage history", T::Log, Append, Internal),
        field("amount", "Amount", T::Money, Review, Internal),
        field("close_date", "Close date", T::Date, Review, Internal).indexed(),
        field("opened_on", "Opened on", T::Date, Preference, Internal),
        field("probability", "Probability", T::Percent, Preference, Internal),
        field("category_override", "Category override", T::Choice(CATEGORIES), Preference, Internal),
        field("forecast_category", "Forecast category", T::Choice(CATEGORIES), Derived, Internal).derived(CATEGORY),
        field("weighted_amount", "Weighted amount", T::Money, Derived, Internal).derived(WEIGHTED),
        field("next_step", "Next step", T::Text, Preference, Internal).searched(),
        field("product", "Product", T::Reference(Entity::Product), Preference, Internal),
        field("competitor", "Competitor", T::Text, Preference, Internal),
        field("loss_reason", "Loss reason", T::Text, Preference, Internal),
        field("contacts", "Contact roles", T::Set, Set, Internal),
        field("description", "Description", T::LongText, Text, Internal).searched(),
        field("margin", "Margin", T::Percent, Review, Confidential),
        field("strategy", "Confidential strategy", T::LongText, Text, Confidential),
    ])
}

#[rustfmt::skip]
fn product() -> EntityDef {
    entity(Entity::Product, "name", None, vec![
        field("name", "Name", T::Text, Preference, Internal).required().searched(),
        field("sku", "SKU", T::Text, Preference, Internal).searched(),
        field("unit", "Unit", T::Text, Preference, Internal),
        field("family", "Family", T::Text, Preference, Internal).searched(),
        field("active", "Active", T::Boolean, Preference, Internal),
        field("list_price", "List price", T::Money, Confirmed, Internal),
        field("description", "Description", T::LongText, Text, Internal).searched(),
        field("cost", "Cost", T::Money, Confirmed, Confidential),
    ])
}

#[rustfmt::skip]
fn price_book() -> EntityDef {
    entity(Entity::PriceBook, "name", None, vec![
        field("name", "Name", T::Text, Preference, Internal).required().searched(),
        field("currency", "Currency", T::Text, Preference, Internal),
        field("valid_from", "Valid from", T::Date, Confirmed, Internal),
        field("valid_to", "Valid to", T::Date, Confirmed, Internal),
        field("entries", "Entries", T::Structure, Structured, Internal),
    ])
}

#[rustfmt::skip]
fn quote() -> EntityDef {
    entity(Entity::Quote, "number", Some("account"), vec![
        field("number", "Number", T::Text, Preference, Internal).required().searched(),
        field("account", "Account", T::Reference(Entity::Account), Review, Internal),
        field("opportunity", "Opportunity", T::Reference(Entity::Opportunity), Preference, Internal),
        field("state", "State", T::State(&QUOTE_STATE), State, Internal),
        field("state_history", "State history", T::Log, Append, Internal),
        field("valid_until", "Valid until", T::Date, Review, Internal),
        field("price_book", "Price book", T::Reference(Entity::PriceBook), Confirmed, Internal),
        field("lines", "Lines", T::Structure, Structured, Internal),
        field("terms", "Terms", T::LongText, Text, Internal),
    ])
}

#[rustfmt::skip]
fn activity() -> EntityDef {
    entity(Entity::Activity, "subject", Some("account"), vec![
        field("subject", "Subject", T::Text, Preference, Internal).required().searched(),
        field("kind", "Kind", T::Choice(ACTIVITIES), Preference, Internal),
        field("account", "Account", T::Reference(Entity::Account), Preference, Internal),
        field("about", "About", T::AnyReference, Preference, Internal),
        field("started_at", "Start", T::Instant, Preference, Internal).indexed(),
        field("ended_at", "End", T::Instant, Preference, Internal),
        field("outcome", "Outcome", T::Choice(OUTCOMES), Preference, Internal),
        field("participants", "Participants", T::Set, Set, Internal),
        field("report", "Report", T::LongText, Text, Internal).searched(),
    ])
}

#[rustfmt::skip]
fn task() -> EntityDef {
    entity(Entity::Task, "subject", Some("account"), vec![
        field("subject", "Subject", T::Text, Preference, Internal).required().searched(),
        field("account", "Account", T::Reference(Entity::Account), Preference, Internal),
        field("about", "About", T::AnyReference, Preference, Internal),
        field("state", "State", T::State(&TASK_STATE), State, Internal),
        field("due_on", "Due", T::Date, Preference, Internal).indexed(),
        field("remind_at", "Remind", T::Instant, Preference, Internal),
        field("repeat", "Repeat", T::Text, Preference, Internal),
        field("priority", "Priority", T::Choice(PRIORITIES), Preference, Internal),
        field("completed_at", "Completed", T::Instant, Preference, Internal),
    ])
}

#[rustfmt::skip]
fn note() -> EntityDef {
    entity(Entity::Note, "title", Some("account"), vec![
        field("title", "Title", T::Text, Preference, Internal).required().searched(),
        field("account", "Account", T::Reference(Entity::Account), Preference, Internal),
        field("about", "About", T::AnyReference, Preference, Internal),
        field("body", "Text", T::LongText, Text, Internal).searched(),
    ])
}

#[rustfmt::skip]
fn territory() -> EntityDef {
    directory(Entity::Territory, vec![
        field("name", "Name", T::Text, Preference, Internal).required().searched(),
        field("parent", "Parent", T::Reference(Entity::Territory), Confirmed, Internal),
    ])
}

#[rustfmt::skip]
fn user() -> EntityDef {
    directory(Entity::User, vec![
        field("name", "Name", T::Text, Preference, Internal).required().searched(),
        field("login", "Sign-in name", T::Text, Confirmed, Internal),
        field("role", "Role", T::Choice(ROLES), Confirmed, Internal),
        field("territory", "Territory", T::Reference(Entity::Territory), Confirmed, Internal),
        field("active", "Active", T::Boolean, Confirmed, Internal),
    ])
}

#[rustfmt::skip]
fn team() -> EntityDef {
    directory(Entity::Team, vec![
        field("name", "Name", T::Text, Preference, Internal).required().searched(),
        field("lead", "Lead", T::Reference(Entity::User), Confirmed, Internal),
        field("members", "Members", T::Set, Set, Internal),
    ])
}
