//! Who sees what: scopes of users and records, and the compartments of roles.

use super::*;

fn id(byte: u8) -> RecordId {
    RecordId::from_bytes([byte; 16])
}

fn user(byte: u8) -> UserId {
    UserId::from_bytes([byte; 16])
}

/// North (1) over city (2) over street (3); south (4). Ana in the city, Ben in the south leads
/// the team (5) of Ana and Cy.
fn directory() -> Directory {
    let entry = |role, territory| UserEntry { role, territory, active: true };
    Directory {
        users: BTreeMap::from([
            (user(11), entry(Role::Rep, Some(id(2)))),
            (user(12), entry(Role::Manager, Some(id(4)))),
            (user(13), entry(Role::SeniorRep, None)),
            (user(14), entry(Role::Administrator, None)),
            (user(15), entry(Role::Service, None)),
        ]),
        teams: BTreeMap::from([(
            id(5),
            TeamEntry { lead: Some(user(12)), members: BTreeSet::from([user(11), user(13)]) },
        )]),
        territories: BTreeMap::from([
            (id(1), None),
            (id(2), Some(id(1))),
            (id(3), Some(id(2))),
            (id(4), None),
        ]),
    }
}

fn place(entity: Entity) -> RecordPlace {
    RecordPlace { entity, owner: None, territory: None, team: None }
}

fn sees(viewer: UserId, entity: Entity, facet: Facet, scopes: &BTreeSet<Scope>) -> bool {
    let theirs = user_audiences(&Policies::shipped(), &directory(), viewer);
    !record_audiences(entity, facet, scopes).is_disjoint(&theirs)
}

#[test]
fn a_user_sees_the_own_territory_and_all_below_it() {
    let scopes = user_scopes(&directory(), user(11));
    assert!(scopes.contains(&Scope::Territory(id(2))) && scopes.contains(&Scope::Territory(id(3))));
    assert!(!scopes.contains(&Scope::Territory(id(1))), "not above");
    assert!(!scopes.contains(&Scope::Territory(id(4))), "not beside");
}

#[test]
fn members_share_the_teams_records_and_the_lead_sees_the_members_own() {
    let member = user_scopes(&directory(), user(13));
    assert!(member.contains(&Scope::Team(id(5))));
    assert!(!member.contains(&Scope::Owner(user(11))), "a member does not see a colleague's own");
    let lead = user_scopes(&directory(), user(12));
    assert!(lead.contains(&Scope::Team(id(5))) && lead.contains(&Scope::Owner(user(11))));
    assert!(!lead.contains(&Scope::Everything));
}

#[test]
fn only_administrators_see_everything_and_the_inactive_see_nothing() {
    let mut directory = directory();
    assert!(user_scopes(&directory, user(14)).contains(&Scope::Everything));
    for other in [11, 12, 13, 15] {
        assert!(!user_scopes(&directory, user(other)).contains(&Scope::Everything));
    }
    directory.users.get_mut(&user(14)).unwrap().active = false;
    assert!(user_scopes(&directory, user(14)).is_empty());
    assert!(user_audiences(&Policies::shipped(), &directory, user(14)).is_empty());
    assert!(user_scopes(&directory, user(99)).is_empty(), "unknown");
}

#[test]
fn a_circle_in_the_territory_tree_ends() {
    let mut directory = directory();
    directory.territories.insert(id(2), Some(id(3)));
    assert_eq!(directory.territory_and_below(id(2)), BTreeSet::from([id(2), id(3)]));
}

#[test]
fn a_record_inherits_the_scopes_of_its_account() {
    let account = RecordPlace {
        owner: Some(user(11)),
        territory: Some(id(4)),
        team: Some(id(5)),
        ..place(Entity::Account)
    };
    let account = record_scopes(&account, None);
    let deal = RecordPlace { owner: Some(user(13)), ..place(Entity::Opportunity) };
    let deal = record_scopes(&deal, Some(&account));
    assert!(deal.is_superset(&account) && deal.contains(&Scope::Owner(user(13))));
    let alone = record_scopes(&place(Entity::Opportunity), None);
    assert_eq!(alone, BTreeSet::from([Scope::Everything]), "only administrators see it");
}

#[test]
fn the_catalogue_and_the_directory_are_for_everyone() {
    for entity in
        [Entity::Product, Entity::PriceBook, Entity::User, Entity::Team, Entity::Territory]
    {
        let scopes = record_scopes(&place(entity), None);
        for viewer in [11, 12, 13, 14, 15] {
            assert!(sees(user(viewer), entity, Facet::Internal, &scopes), "{entity}, {viewer}");
        }
    }
    let product = record_scopes(&place(Entity::Product), None);
    assert!(!sees(user(11), Entity::Product, Facet::Confidential, &product), "not the cost");
    assert!(sees(user(13), Entity::Product, Facet::Confidential, &product));
}

#[test]
fn roles_decide_which_documents_of_a_visible_record_are_received() {
    let scopes = record_scopes(&RecordPlace { team: Some(id(5)), ..place(Entity::Account) }, None);
    assert!(sees(user(11), Entity::Account, Facet::Internal, &scopes));
    assert!(!sees(user(11), Entity::Account, Facet::Confidential, &scopes));
    assert!(sees(user(13), Entity::Account, Facet::Confidential, &scopes));
    let service = RecordPlace { owner: Some(user(15)), ..place(Entity::Contact) };
    let scopes = record_scopes(&service, None);
    assert!(!sees(user(15), Entity::Contact, Facet::Internal, &scopes), "not even its own");
    assert!(sees(user(15), Entity::Account, Facet::Internal, &scopes));
}

#[test]
fn audiences_round_trip_through_bytes() {
    let scopes = [
        Scope::Owner(user(1)),
        Scope::Territory(id(2)),
        Scope::Team(id(3)),
        Scope::Everyone,
        Scope::Everything,
    ];
    let mut seen = BTreeSet::new();
    for scope in scopes {
        for compartment in Compartment::ALL {
            let audience = Audience { scope, compartment };
            let bytes = audience.to_bytes();
            assert_eq!(Audience::from_bytes(&bytes), Some(audience));
            assert!(seen.insert(bytes), "no two audiences share their bytes");
        }
    }
    assert_eq!(Audience::from_bytes(&[9; 18]), None);
    assert_eq!(Audience::from_bytes(&[]), None);
}
