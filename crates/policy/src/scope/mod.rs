//! Scopes: through which doors a record can be seen, and which doors a user may use (D6, D8).
//!
//! A record is visible where one of its scopes is one of the user's; which of its documents, is a
//! matter of the compartments that the user's role may receive. Both are plain values, so that a
//! table can index them and keep them by position in the log.

use std::collections::{BTreeMap, BTreeSet};

use roadbook_domain::{Entity, Facet, RecordId, UserId};

use crate::{Policies, Role};

/// One door to records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Records of an owner.
    Owner(UserId),
    /// Records in a territory.
    Territory(RecordId),
    /// Records of an account team.
    Team(RecordId),
    /// Records that everyone sees.
    Everyone,
    /// All records.
    Everything,
}

/// A part of the data that a role may or may not receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Compartment {
    /// Internal fields of accounts, deals, quotes, the catalogue and the directory.
    Business = 0,
    /// Internal fields of records about people and talks with them.
    People = 1,
    /// Confidential fields of accounts, deals, quotes and the catalogue.
    BusinessConfidential = 2,
    /// Confidential fields of records about people.
    PeopleConfidential = 3,
}

impl Compartment {
    /// All compartments, in the order of their numbers.
    pub const ALL: [Self; 4] =
        [Self::Business, Self::People, Self::BusinessConfidential, Self::PeopleConfidential];

    /// The compartment of a document.
    #[must_use]
    pub const fn of(entity: Entity, facet: Facet) -> Self {
        let people = match entity {
            Entity::Contact | Entity::Lead | Entity::Activity | Entity::Task | Entity::Note => true,
            Entity::Account
            | Entity::Opportunity
            | Entity::Product
            | Entity::PriceBook
            | Entity::Quote
            | Entity::Territory
            | Entity::User
            | Entity::Team => false,
        };
        match (people, facet) {
            (false, Facet::Internal) => Self::Business,
            (true, Facet::Internal) => Self::People,
            (false, Facet::Confidential) => Self::BusinessConfidential,
            (true, Facet::Confidential) => Self::PeopleConfidential,
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Business),
            1 => Some(Self::People),
            2 => Some(Self::BusinessConfidential),
            3 => Some(Self::PeopleConfidential),
            _ => None,
        }
    }
}

/// A door to one compartment: what documents are indexed by. A user sees a document exactly if
/// they have an audience in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Audience {
    /// The door.
    pub scope: Scope,
    /// What lies behind it.
    pub compartment: Compartment,
}

impl Audience {
    /// A fixed byte form for tables: compartment (1), scope (1), id (16, zero where there is none).
    #[must_use]
    pub fn to_bytes(self) -> [u8; 18] {
        let (tag, id) = match self.scope {
            Scope::Owner(user) => (0, *user.as_bytes()),
            Scope::Territory(record) => (1, *record.as_bytes()),
            Scope::Team(record) => (2, *record.as_bytes()),
            Scope::Everyone => (3, [0; 16]),
            Scope::Everything => (4, [0; 16]),
        };
        let mut out = [0; 18];
        out[0] = self.compartment as u8;
        out[1] = tag;
        out[2..].copy_from_slice(&id);
        out
    }

    /// Reads the byte form; `None` for bytes that this version does not know.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [compartment, tag, id @ ..] = bytes else {
            return None;
        };
        let record = RecordId::from_slice(id)?;
        let scope = match tag {
            0 => Scope::Owner(UserId(record.0)),
            1 => Scope::Territory(record),
            2 => Scope::Team(record),
            3 => Scope::Everyone,
            4 => Scope::Everything,
            _ => return None,
        };
        Some(Self { scope, compartment: Compartment::from_number(*compartment)? })
    }
}

/// What decides the scopes of a record: its own fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordPlace {
    /// Its kind.
    pub entity: Entity,
    /// Its owner.
    pub owner: Option<UserId>,
    /// Its territory.
    pub territory: Option<RecordId>,
    /// Its account team.
    pub team: Option<RecordId>,
}

/// The scopes of a record: its own, and those of its parent account.
#[must_use]
pub fn record_scopes(place: &RecordPlace, parent: Option<&BTreeSet<Scope>>) -> BTreeSet<Scope> {
    let mut scopes = BTreeSet::from([Scope::Everything]);
    match place.entity {
        Entity::Product | Entity::PriceBook | Entity::Territory | Entity::User | Entity::Team => {
            scopes.insert(Scope::Everyone);
        }
        Entity::Account
        | Entity::Contact
        | Entity::Lead
        | Entity::Opportunity
        | Entity::Quote
        | Entity::Activity
        | Entity::Task
        | Entity::Note => {
            scopes.extend(place.owner.map(Scope::Owner));
            scopes.extend(place.territory.map(Scope::Territory));
            scopes.extend(place.team.map(Scope::Team));
            scopes.extend(parent.into_iter().flatten());
        }
    }
    scopes
}

/// The audiences of one document of a record.
#[must_use]
pub fn record_audiences(
    entity: Entity,
    facet: Facet,
    scopes: &BTreeSet<Scope>,
) -> BTreeSet<Audience> {
    let compartment = Compartment::of(entity, facet);
    scopes.iter().map(|scope| Audience { scope: *scope, compartment }).collect()
}

/// A user, as the directory knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserEntry {
    /// What the user is.
    pub role: Role,
    /// The user's own territory.
    pub territory: Option<RecordId>,
    /// An inactive user sees nothing.
    pub active: bool,
}

/// A team, as the directory knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TeamEntry {
    /// Who leads it.
    pub lead: Option<UserId>,
    /// Who is in it.
    pub members: BTreeSet<UserId>,
}

/// Users, teams and the territory tree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    /// The users.
    pub users: BTreeMap<UserId, UserEntry>,
    /// The teams.
    pub teams: BTreeMap<RecordId, TeamEntry>,
    /// The territories, each with its parent.
    pub territories: BTreeMap<RecordId, Option<RecordId>>,
}

impl Directory {
    /// A territory and all below it. Ends even where the tree has a circle.
    #[must_use]
    pub fn territory_and_below(&self, territory: RecordId) -> BTreeSet<RecordId> {
        let mut found = BTreeSet::from([territory]);
        let mut open = vec![territory];
        while let Some(parent) = open.pop() {
            for (child, of) in &self.territories {
                if *of == Some(parent) && found.insert(*child) {
                    open.push(*child);
                }
            }
        }
        found
    }
}

/// The scopes of a user: none for one who is unknown or inactive.
#[must_use]
pub fn user_scopes(directory: &Directory, user: UserId) -> BTreeSet<Scope> {
    let Some(entry) = directory.users.get(&user).filter(|entry| entry.active) else {
        return BTreeSet::new();
    };
    let mut scopes = BTreeSet::from([Scope::Owner(user), Scope::Everyone]);
    if entry.role == Role::Administrator {
        scopes.insert(Scope::Everything);
    }
    if let Some(territory) = entry.territory {
        let below = directory.territory_and_below(territory);
        scopes.extend(below.into_iter().map(Scope::Territory));
    }
    for (id, team) in &directory.teams {
        let leads = team.lead == Some(user);
        if leads || team.members.contains(&user) {
            scopes.insert(Scope::Team(*id));
        }
        if leads {
            scopes.extend(team.members.iter().copied().map(Scope::Owner));
        }
    }
    scopes
}

/// The audiences of a user: each scope for each compartment that the role may receive.
#[must_use]
pub fn user_audiences(
    policies: &Policies,
    directory: &Directory,
    user: UserId,
) -> BTreeSet<Audience> {
    let Some(entry) = directory.users.get(&user) else {
        return BTreeSet::new();
    };
    let scopes = user_scopes(directory, user);
    policies
        .compartments(entry.role)
        .iter()
        .flat_map(|compartment| {
            scopes.iter().map(|scope| Audience { scope: *scope, compartment: *compartment })
        })
        .collect()
}

#[cfg(test)]
mod tests;
