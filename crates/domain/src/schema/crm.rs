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
    EntityDef, FieldDef, ForecastCategory, StateDef, StateMachine, ValueType as T,
};

const fn state(name: &'static str, rank: u8) -> StateDef {
    StateDef {
        name,
        rank,
        contested: false,
        closed: false,
        probability_percent: 0,
        category: None,
    }
}

const fn closed(name: &'static str, rank: u8) -> StateDef {
    StateDef {
        closed: true,
        ..state(name, rank)
    }
}

const fn stage(
    name: &'static str,
    rank: u8,
    probability_percent: u8,
    category: ForecastCategory,
) -> StateDef {
    let open = matches!(category, Pipeline | BestCase);
    let closed = matches!(category, Closed | Omitted);
    StateDef {
        name,
        rank,
        contested: !open,
        closed,
        probability_percent,
        category: Some(category),
    }
}

/// Stages of an opportunity, with the usual probabilities.
pub static STAGE: StateMachine = StateMachine {
    name: "stage",
    states: &[
        stage("Prospecting", 0, 10, Pipeline),
        stage("Qualification", 1, 20, Pipeline),
        stage("Needs analysis", 2, 35, Pipeline),
        stage("Proposal", 3, 60, BestCase),
        stage("Negotiation", 4, 80, Commit),
        stage("Closed won", 5, 100, Closed),
        stage("Closed lost", 5, 0, Omitted),
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
pub static TASK_STATE: StateMachine = StateMachine {
    name: "task state",
    states: &[state("Open", 0), closed("Done", 1)],
};

const CHANNELS: &[&str] = &["E-mail", "Phone", "Visit", "Message"];
const TIERS: &[&str] = &["A", "B", "C", "D"];
const ACTIVITIES: &[&str] = &["Visit", "Call", "Meeting", "E-mail", "Note"];
const OUTCOMES: &[&str] = &["Met", "No one there", "Call back", "Order"];
const PRIORITIES: &[&str] = &["High", "Normal", "Low"];
const CATEGORIES: &[&str] = &["Pipeline", "Best case", "Commit", "Closed", "Omitted"];
const CREDIT: &[&str] = &["Good", "Watch", "Blocked"];
const ROLES: &[&str] = &["Rep", "Senior rep", "Manager", "Administrator", "Service"];

/// Fields that every record has.
fn common() -> Vec<FieldDef> {
    vec![
        FieldDef::new(
            "owner",
            "Owner",
            T::Reference(Entity::User),
            Confirmed,
            Internal,
        ),
        FieldDef::new(
            "territory",
            "Territory",
            T::Reference(Entity::Territory),
            Confirmed,
            Internal,
        ),
        FieldDef::new("tags", "Tags", T::Set, Set, Internal).searched(),
        FieldDef::new("external_ids", "External ids", T::Set, Set, Internal),
    ]
}

fn entity(
    entity: Entity,
    title: &'static str,
    parent: Option<&'static str>,
    mut fields: Vec<FieldDef>,
) -> EntityDef {
    fields.extend(common());
    EntityDef {
        entity,
        title,
        parent,
        server_written: false,
        fields,
    }
}

fn directory(entity: Entity, mut fields: Vec<FieldDef>) -> EntityDef {
    fields.push(FieldDef::new(
        "external_ids",
        "External ids",
        T::Set,
        Set,
        Internal,
    ));
    EntityDef {
        entity,
        title: "name",
        parent: None,
        server_written: true,
        fields,
    }
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

fn account() -> EntityDef {
    entity(
        Entity::Account,
        "name",
        None,
        vec![
            FieldDef::new("name", "Name", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new("nickname", "Nickname", T::Text, Preference, Internal).searched(),
            FieldDef::new(
                "parent",
                "Parent account",
                T::Reference(Entity::Account),
                Preference,
                Internal,
            ),
            FieldDef::new("tier", "Tier", T::Choice(TIERS), Preference, Internal),
            FieldDef::new("industry", "Industry", T::Text, Preference, Internal).searched(),
            FieldDef::new("website", "Website", T::Text, Preference, Internal),
            FieldDef::new("phones", "Phones", T::Set, Set, Internal).searched(),
            FieldDef::new("city", "City", T::Text, Preference, Internal).searched(),
            FieldDef::new("country", "Country", T::Text, Preference, Internal),
            FieldDef::new("address", "Address", T::Structure, Structured, Internal),
            FieldDef::new("employees", "Employees", T::Integer, Preference, Internal),
            FieldDef::new("revenue", "Yearly revenue", T::Money, Preference, Internal),
            FieldDef::new("founded", "Founded", T::Integer, Preference, Internal).unit("year"),
            FieldDef::new(
                "payment_term_days",
                "Payment term",
                T::Integer,
                Preference,
                Internal,
            )
            .unit("days"),
            FieldDef::new(
                "visit_every_days",
                "Visit frequency",
                T::Integer,
                Preference,
                Internal,
            )
            .unit("days"),
            FieldDef::new(
                "preferred_channel",
                "Preferred channel",
                T::Choice(CHANNELS),
                Preference,
                Internal,
            ),
            FieldDef::new("visits", "Visits", T::Integer, Counter, Internal),
            FieldDef::new("next_step", "Next step", T::Text, Preference, Internal),
            FieldDef::new("description", "Description", T::LongText, Text, Internal).searched(),
            FieldDef::new(
                "team",
                "Account team",
                T::Reference(Entity::Team),
                Confirmed,
                Internal,
            ),
            FieldDef::new("tax_id", "Tax id", T::Text, Review, Confidential),
            FieldDef::new(
                "credit_status",
                "Credit status",
                T::Choice(CREDIT),
                Confirmed,
                Confidential,
            ),
            FieldDef::new(
                "briefing",
                "Confidential briefing",
                T::LongText,
                Text,
                Confidential,
            ),
        ],
    )
}

fn contact() -> EntityDef {
    entity(
        Entity::Contact,
        "name",
        Some("account"),
        vec![
            FieldDef::new("name", "Name", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new(
                "account",
                "Account",
                T::Reference(Entity::Account),
                Preference,
                Internal,
            ),
            FieldDef::new("role", "Role", T::Text, Preference, Internal).searched(),
            FieldDef::new("emails", "E-mails", T::Set, Set, Internal).searched(),
            FieldDef::new("phones", "Phones", T::Set, Set, Internal).searched(),
            FieldDef::new(
                "preferred_channel",
                "Preferred channel",
                T::Choice(CHANNELS),
                Preference,
                Internal,
            ),
            FieldDef::new("description", "Description", T::LongText, Text, Internal).searched(),
            FieldDef::new("birthday", "Birthday", T::Date, Preference, Confidential),
            FieldDef::new(
                "do_not_contact",
                "Do not contact",
                T::Boolean,
                Preference,
                Confidential,
            ),
            FieldDef::new("consent", "Consent", T::Structure, Structured, Confidential),
        ],
    )
}

fn lead() -> EntityDef {
    entity(
        Entity::Lead,
        "name",
        None,
        vec![
            FieldDef::new("name", "Name", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new("company", "Company", T::Text, Preference, Internal).searched(),
            FieldDef::new("status", "Status", T::State(&LEAD_STATUS), State, Internal),
            FieldDef::new("status_history", "Status history", T::Log, Append, Internal),
            FieldDef::new(
                "unqualified_reason",
                "Reason",
                T::Text,
                Preference,
                Internal,
            ),
            FieldDef::new("source", "Source", T::Text, Preference, Internal),
            FieldDef::new("emails", "E-mails", T::Set, Set, Internal).searched(),
            FieldDef::new("phones", "Phones", T::Set, Set, Internal).searched(),
            FieldDef::new("description", "Description", T::LongText, Text, Internal).searched(),
            FieldDef::new(
                "converted_to",
                "Converted to",
                T::Reference(Entity::Opportunity),
                Preference,
                Internal,
            ),
        ],
    )
}

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
    entity(
        Entity::Opportunity,
        "name",
        Some("account"),
        vec![
            FieldDef::new("name", "Name", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new(
                "account",
                "Account",
                T::Reference(Entity::Account),
                Review,
                Internal,
            ),
            FieldDef::new("stage", "Stage", T::State(&STAGE), State, Internal),
            FieldDef::new("stage_history", "Stage history", T::Log, Append, Internal),
            FieldDef::new("amount", "Amount", T::Money, Review, Internal),
            FieldDef::new("close_date", "Close date", T::Date, Review, Internal),
            FieldDef::new("opened_on", "Opened on", T::Date, Preference, Internal),
            FieldDef::new(
                "probability",
                "Probability",
                T::Percent,
                Preference,
                Internal,
            ),
            FieldDef::new(
                "category_override",
                "Category override",
                T::Choice(CATEGORIES),
                Preference,
                Internal,
            ),
            FieldDef::new(
                "forecast_category",
                "Forecast category",
                T::Choice(CATEGORIES),
                Derived,
                Internal,
            )
            .derived(CATEGORY),
            FieldDef::new(
                "weighted_amount",
                "Weighted amount",
                T::Money,
                Derived,
                Internal,
            )
            .derived(WEIGHTED),
            FieldDef::new("next_step", "Next step", T::Text, Preference, Internal).searched(),
            FieldDef::new(
                "product",
                "Product",
                T::Reference(Entity::Product),
                Preference,
                Internal,
            ),
            FieldDef::new("competitor", "Competitor", T::Text, Preference, Internal),
            FieldDef::new("loss_reason", "Loss reason", T::Text, Preference, Internal),
            FieldDef::new("contacts", "Contact roles", T::Set, Set, Internal),
            FieldDef::new("description", "Description", T::LongText, Text, Internal).searched(),
            FieldDef::new("margin", "Margin", T::Percent, Review, Confidential),
            FieldDef::new(
                "strategy",
                "Confidential strategy",
                T::LongText,
                Text,
                Confidential,
            ),
        ],
    )
}

fn product() -> EntityDef {
    entity(
        Entity::Product,
        "name",
        None,
        vec![
            FieldDef::new("name", "Name", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new("sku", "SKU", T::Text, Preference, Internal).searched(),
            FieldDef::new("unit", "Unit", T::Text, Preference, Internal),
            FieldDef::new("family", "Family", T::Text, Preference, Internal).searched(),
            FieldDef::new("active", "Active", T::Boolean, Preference, Internal),
            FieldDef::new("list_price", "List price", T::Money, Confirmed, Internal),
            FieldDef::new("description", "Description", T::LongText, Text, Internal).searched(),
            FieldDef::new("cost", "Cost", T::Money, Confirmed, Confidential),
        ],
    )
}

fn price_book() -> EntityDef {
    entity(
        Entity::PriceBook,
        "name",
        None,
        vec![
            FieldDef::new("name", "Name", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new("currency", "Currency", T::Text, Preference, Internal),
            FieldDef::new("valid_from", "Valid from", T::Date, Confirmed, Internal),
            FieldDef::new("valid_to", "Valid to", T::Date, Confirmed, Internal),
            FieldDef::new("entries", "Entries", T::Structure, Structured, Internal),
        ],
    )
}

fn quote() -> EntityDef {
    entity(
        Entity::Quote,
        "number",
        Some("account"),
        vec![
            FieldDef::new("number", "Number", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new(
                "account",
                "Account",
                T::Reference(Entity::Account),
                Review,
                Internal,
            ),
            FieldDef::new(
                "opportunity",
                "Opportunity",
                T::Reference(Entity::Opportunity),
                Preference,
                Internal,
            ),
            FieldDef::new("state", "State", T::State(&QUOTE_STATE), State, Internal),
            FieldDef::new("state_history", "State history", T::Log, Append, Internal),
            FieldDef::new("valid_until", "Valid until", T::Date, Review, Internal),
            FieldDef::new(
                "price_book",
                "Price book",
                T::Reference(Entity::PriceBook),
                Confirmed,
                Internal,
            ),
            FieldDef::new("lines", "Lines", T::Structure, Structured, Internal),
            FieldDef::new("terms", "Terms", T::LongText, Text, Internal),
        ],
    )
}

fn activity() -> EntityDef {
    entity(
        Entity::Activity,
        "subject",
        Some("account"),
        vec![
            FieldDef::new("subject", "Subject", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new("kind", "Kind", T::Choice(ACTIVITIES), Preference, Internal),
            FieldDef::new(
                "account",
                "Account",
                T::Reference(Entity::Account),
                Preference,
                Internal,
            ),
            FieldDef::new("about", "About", T::AnyReference, Preference, Internal),
            FieldDef::new("started_at", "Start", T::Instant, Preference, Internal),
            FieldDef::new("ended_at", "End", T::Instant, Preference, Internal),
            FieldDef::new(
                "outcome",
                "Outcome",
                T::Choice(OUTCOMES),
                Preference,
                Internal,
            ),
            FieldDef::new("participants", "Participants", T::Set, Set, Internal),
            FieldDef::new("report", "Report", T::LongText, Text, Internal).searched(),
        ],
    )
}

fn task() -> EntityDef {
    entity(
        Entity::Task,
        "subject",
        Some("account"),
        vec![
            FieldDef::new("subject", "Subject", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new(
                "account",
                "Account",
                T::Reference(Entity::Account),
                Preference,
                Internal,
            ),
            FieldDef::new("about", "About", T::AnyReference, Preference, Internal),
            FieldDef::new("state", "State", T::State(&TASK_STATE), State, Internal),
            FieldDef::new("due_on", "Due", T::Date, Preference, Internal),
            FieldDef::new("remind_at", "Remind", T::Instant, Preference, Internal),
            FieldDef::new("repeat", "Repeat", T::Text, Preference, Internal),
            FieldDef::new(
                "priority",
                "Priority",
                T::Choice(PRIORITIES),
                Preference,
                Internal,
            ),
            FieldDef::new(
                "completed_at",
                "Completed",
                T::Instant,
                Preference,
                Internal,
            ),
        ],
    )
}

fn note() -> EntityDef {
    entity(
        Entity::Note,
        "title",
        Some("account"),
        vec![
            FieldDef::new("title", "Title", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new(
                "account",
                "Account",
                T::Reference(Entity::Account),
                Preference,
                Internal,
            ),
            FieldDef::new("about", "About", T::AnyReference, Preference, Internal),
            FieldDef::new("body", "Text", T::LongText, Text, Internal).searched(),
        ],
    )
}

fn territory() -> EntityDef {
    directory(
        Entity::Territory,
        vec![
            FieldDef::new("name", "Name", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new(
                "parent",
                "Parent",
                T::Reference(Entity::Territory),
                Confirmed,
                Internal,
            ),
        ],
    )
}

fn user() -> EntityDef {
    directory(
        Entity::User,
        vec![
            FieldDef::new("name", "Name", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new("login", "Sign-in name", T::Text, Confirmed, Internal),
            FieldDef::new("role", "Role", T::Choice(ROLES), Confirmed, Internal),
            FieldDef::new(
                "territory",
                "Territory",
                T::Reference(Entity::Territory),
                Confirmed,
                Internal,
            ),
            FieldDef::new("active", "Active", T::Boolean, Confirmed, Internal),
        ],
    )
}

fn team() -> EntityDef {
    directory(
        Entity::Team,
        vec![
            FieldDef::new("name", "Name", T::Text, Preference, Internal)
                .required()
                .searched(),
            FieldDef::new(
                "lead",
                "Lead",
                T::Reference(Entity::User),
                Confirmed,
                Internal,
            ),
            FieldDef::new("members", "Members", T::Set, Set, Internal),
        ],
    )
}
