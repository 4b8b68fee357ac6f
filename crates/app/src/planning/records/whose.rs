//! Whose forecast it is: that of all, of one person, or of a territory with everything below it.
//!
//! One answer decides which deals, quotas and adjustments count, so that one person's deals are
//! held against that person's quota.

use std::collections::BTreeSet;

use roadbook_domain::{Entity, RecordId};
use roadbook_replica::Replica;

use super::book::{Book, Deal};
use crate::errors::{ApiResult, not_found};
use crate::lookup;

/// Those whose forecast it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    /// Everybody.
    All,
    /// One person.
    User(RecordId),
    /// A territory.
    Territory {
        /// The territory and all below it.
        territories: BTreeSet<RecordId>,
        /// The people who are at home in one of them.
        people: BTreeSet<RecordId>,
    },
}

impl Whose {
    /// Those whom a user or a territory stands for.
    pub(super) fn of(book: &Book, (entity, record): (Entity, RecordId)) -> Self {
        if entity == Entity::User {
            return Self::User(record);
        }
        let territories = book.below(record);
        let at_home = book.users.iter().filter(|user| {
            user.reference("territory").is_some_and(|home| territories.contains(&home))
        });
        let people = at_home.map(|user| user.id).collect();
        Self::Territory { territories, people }
    }

    /// Whether a deal is theirs: by its owner, or by its territory, which is that of its owner
    /// where it has none.
    pub(super) fn has_deal(&self, book: &Book, deal: &Deal) -> bool {
        match self {
            Self::All => true,
            Self::User(user) => deal.owner == Some(*user),
            Self::Territory { territories, .. } => {
                let home = deal.territory.or_else(|| book.home(deal.owner?));
                home.is_some_and(|home| territories.contains(&home))
            }
        }
    }

    /// Whether what is kept for a user or a territory is theirs; `None` is what is kept for all.
    pub(super) fn has(&self, whose: Option<RecordId>) -> bool {
        match (self, whose) {
            (Self::All, _) => true,
            (Self::User(_) | Self::Territory { .. }, None) => false,
            (Self::User(user), Some(whose)) => *user == whose,
            (Self::Territory { territories, people }, Some(whose)) => {
                territories.contains(&whose) || people.contains(&whose)
            }
        }
    }
}

/// The user or territory that a text names; `me` is the user.
///
/// # Errors
/// Where it names neither.
pub(super) fn named(replica: &Replica, text: &str) -> ApiResult<(Entity, RecordId)> {
    if text.trim().eq_ignore_ascii_case("me") {
        return Ok((Entity::User, crate::app::user(replica)?.into()));
    }
    for entity in [Entity::User, Entity::Territory] {
        if let Ok(row) = lookup::record(replica, Some(entity), text) {
            return Ok((entity, row.record));
        }
    }
    Err(not_found("user or territory", text))
}
