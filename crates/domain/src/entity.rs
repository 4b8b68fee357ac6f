//! The kinds of records.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Entity {
    /// A company or person that buys.
    Account = 0,
    /// A person at an account.
    Contact = 1,
    /// A possible customer that is not qualified yet.
    Lead = 2,
    /// A deal with an account.
    Opportunity = 3,
    /// A thing that is sold.
    Product = 4,
    /// A list of prices.
    PriceBook = 5,
    /// An offer to an account.
    Quote = 6,
    /// A visit, call, meeting or e-mail that took place.
    Activity = 7,
    /// A thing to do.
    Task = 8,
    /// A text about a record.
    Note = 9,
    /// A part of the market; territories form a tree.
    Territory = 10,
    /// A person who uses Roadbook.
    User = 11,
    /// A group of users who work on the same accounts.
    Team = 12,
}

/// A text that names no entity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no kind of record called `{0}`; there are: {list}", list = Entity::names())]
pub struct UnknownEntity(pub String);

impl Entity {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 13] = [
        Self::Account,
        Self::Contact,
        Self::Lead,
        Self::Opportunity,
        Self::Product,
        Self::PriceBook,
        Self::Quote,
        Self::Activity,
        Self::Task,
        Self::Note,
        Self::Territory,
        Self::User,
        Self::Team,
    ];

    /// The name in commands, tables and stored documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Contact => "contact",
            Self::Lead => "lead",
            Self::Opportunity => "opportunity",
            Self::Product => "product",
            Self::PriceBook => "price_book",
            Self::Quote => "quote",
            Self::Activity => "activity",
            Self::Task => "task",
            Self::Note => "note",
            Self::Territory => "territory",
            Self::User => "user",
            Self::Team => "team",
        }
    }

    /// The name of its tables and lists.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Account => "accounts",
            Self::Contact => "contacts",
            Self::Lead => "leads",
            Self::Opportunity => "opportunities",
            Self::Product => "products",
            Self::PriceBook => "price_books",
            Self::Quote => "quotes",
            Self::Activity => "activities",
            Self::Task => "tasks",
            Self::Note => "notes",
            Self::Territory => "territories",
            Self::User => "users",
            Self::Team => "teams",
        }
    }

    /// The kind with this number; `None` for a number this version does not know.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Entity {
    type Err = UnknownEntity;
    fn from_str(text: &str) -> Result<Self, UnknownEntity> {
        let lower = text.to_lowercase().replace('-', "_");
        Self::ALL
            .into_iter()
            .find(|entity| entity.name() == lower || entity.plural() == lower)
            .ok_or_else(|| UnknownEntity(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_lead_back_to_the_entity() {
        for (number, entity) in (0_u8..).zip(Entity::ALL) {
            assert_eq!(entity as u8, number);
            assert_eq!(Entity::from_number(number), Some(entity));
            assert_eq!(entity.name().parse(), Ok(entity));
            assert_eq!(entity.plural().parse(), Ok(entity));
        }
        assert_eq!(Entity::from_number(200), None);
        assert!("deal".parse::<Entity>().unwrap_err().to_string().contains("opportunity"));
    }
}
