//! Roles: the names that the schema gives to what a user may be.
//!
//! What a role may do stands in the rules, not here.

use std::fmt;
use std::str::FromStr;

/// What a user is to the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sells in the field.
    Rep,
    /// Sells in the field and receives confidential data.
    SeniorRep,
    /// Leads a team: assigns records and settles conflicts.
    Manager,
    /// Keeps the tenant: products, price books, directory, import.
    Administrator,
    /// A program that acts for itself. Must always say why.
    Service,
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no role called `{0}`; there are: Rep, Senior rep, Manager, Administrator, Service"
)]
pub struct UnknownRole(pub String);

impl Role {
    /// All roles, in the order of the schema.
    pub const ALL: [Self; 5] =
        [Self::Rep, Self::SeniorRep, Self::Manager, Self::Administrator, Self::Service];

    /// The name, as the schema spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rep => "Rep",
            Self::SeniorRep => "Senior rep",
            Self::Manager => "Manager",
            Self::Administrator => "Administrator",
            Self::Service => "Service",
        }
    }

    /// The name with its article, for sentences.
    #[must_use]
    pub(crate) const fn with_article(self) -> &'static str {
        match self {
            Self::Rep => "a Rep",
            Self::SeniorRep => "a Senior rep",
            Self::Manager => "a Manager",
            Self::Administrator => "an Administrator",
            Self::Service => "a Service",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.name().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadbook_domain::{Entity, Schema, ValueType};

    #[test]
    fn roles_are_those_of_the_schema() {
        let schema = Schema::crm();
        let field = schema.field(Entity::User, "role").unwrap();
        let ValueType::Choice(names) = field.value_type else {
            panic!("the role of a user is a choice");
        };
        assert_eq!(Role::ALL.map(Role::name).as_slice(), names);
    }

    #[test]
    fn roles_are_read_whatever_the_case_and_unknown_ones_are_named() {
        assert_eq!("senior REP".parse(), Ok(Role::SeniorRep));
        let error = "Boss".parse::<Role>().unwrap_err();
        assert!(error.to_string().contains("Boss") && error.to_string().contains("Manager"));
    }
}
