//! Rules: what is permitted, forbidden or subject to approval, as data.

use roadbook_domain::{Entity, Facet};

use crate::scope::Compartment;
use crate::{Action, Role};

/// Which fields a rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fields {
    /// The whole record and each of its fields.
    All,
    /// These fields only.
    Only(&'static [&'static str]),
    /// The whole record and each of its fields but these.
    Except(&'static [&'static str]),
}

/// What else must hold for a rule to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Nothing else.
    Always,
    /// The record belongs to the subject.
    OwnRecord,
    /// The field gets the subject as its value.
    ValueIsSubject,
    /// The field gets the subject's own territory as its value.
    ValueIsOwnTerritory,
    /// Nobody said why.
    NoRationale,
}

/// What a rule does when it applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It permits.
    Permit,
    /// It makes what others permit wait for one of these roles.
    Approve {
        /// Why, in a sentence.
        reason: &'static str,
        /// Who may approve. Never empty.
        approvers: &'static [Role],
    },
    /// It forbids, whatever others permit.
    Forbid {
        /// A stable word for programs.
        code: &'static str,
        /// Why, in a sentence.
        reason: &'static str,
        /// What to do, in a sentence.
        remedy: &'static str,
    },
}

/// One rule. It applies when all its lists contain what is asked and its condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The name in decisions and logs.
    pub id: &'static str,
    /// Who asks.
    pub roles: &'static [Role],
    /// What is done.
    pub actions: &'static [Action],
    /// To which kinds of records.
    pub entities: &'static [Entity],
    /// To which facets.
    pub facets: &'static [Facet],
    /// To which fields.
    pub fields: Fields,
    /// What else must hold.
    pub condition: Condition,
    /// What then.
    pub effect: Effect,
}

/// The rules in force.
#[derive(Debug, Clone)]
pub struct Policies {
    /// The version that envelopes and answers name.
    pub version: u32,
    /// What may be done.
    pub rules: Vec<Rule>,
    /// What each role may receive. A role that is not listed receives nothing.
    pub receives: Vec<(Role, &'static [Compartment])>,
}

impl Policies {
    /// The rules that Roadbook ships.
    #[must_use]
    pub fn shipped() -> Self {
        crate::shipped::policies()
    }

    /// The parts of the data that a role may receive, of the records that its scopes let it see.
    #[must_use]
    pub fn compartments(&self, role: Role) -> &'static [Compartment] {
        self.receives
            .iter()
            .find(|(listed, _)| *listed == role)
            .map_or(&[], |(_, compartments)| compartments)
    }

    /// Says whether a role may receive a facet of a kind of records at all.
    #[must_use]
    pub fn may_receive(&self, role: Role, entity: Entity, facet: Facet) -> bool {
        self.compartments(role).contains(&Compartment::of(entity, facet))
    }
}
