//! Whom an import of the directory takes for whom.

use roadbook_domain::{RecordId, UserId};
use roadbook_policy::Role;
use roadbook_sync_protocol::account::{DirectoryEntry, DirectoryRequest, DirectoryResponse};

use super::tests::entry;
use super::{NewUser, User};
use crate::trial::Trial;

/// Has Ada import a request.
fn import(trial: &mut Trial, request: &DirectoryRequest) -> DirectoryResponse {
    let ada = trial.device(trial.ada);
    trial.tenant.apply_directory(&ada.device, request, trial.now_ms, &mut trial.ids).unwrap()
}

fn users(trial: &mut Trial, users: &[(&str, &str)]) -> DirectoryResponse {
    let users = users.iter().map(|(id, name)| entry(id, name, None)).collect();
    import(trial, &DirectoryRequest { users, ..DirectoryRequest::default() })
}

fn found(trial: &Trial, id: RecordId) -> User {
    trial.tenant.user(UserId(id.0)).unwrap().expect("it is there")
}

fn signing_in(trial: &mut Trial, name: &str, login: &str, role: Role) -> RecordId {
    let new =
        NewUser { name: name.to_owned(), login: Some(login.to_owned()), role, territory: None };
    trial.tenant.add_user(&new, trial.now_ms, &mut trial.ids).unwrap().id.into()
}

#[test]
fn two_agents_of_one_name_are_two_users() {
    let mut trial = Trial::new();
    let two = [("crm:user:1", "J. Smith"), ("crm:user:2", "J. Smith")];
    let first = users(&mut trial, &two);
    assert_eq!(first.created, 2);
    assert_ne!(first.users[0], first.users[1]);
    assert_eq!(found(&trial, first.users[1]).external_ids, ["crm:user:2"]);
    let again = users(&mut trial, &two);
    assert_eq!((again.created, &again.users), (0, &first.users), "found again, each as itself");
}

#[test]
fn an_agent_who_comes_later_is_not_the_agent_of_the_same_name_who_was_imported() {
    let mut trial = Trial::new();
    let first = users(&mut trial, &[("crm:user:1", "J. Smith")]);
    let second = users(&mut trial, &[("crm:user:2", "J. Smith")]);
    assert_ne!(first.users, second.users);
    let other = users(&mut trial, &[("erp:9", "J. Smith")]);
    assert_eq!(other.created, 1, "nobody knows which of the two the other system means");
}

#[test]
fn a_rep_who_can_sign_in_is_the_only_agent_of_that_name() {
    let mut trial = Trial::new();
    let moses = signing_in(&mut trial, "Moses Frase", "moses", Role::Rep);
    let first = users(&mut trial, &[("crm:user:1", "Moses Frase")]);
    assert_eq!((first.created, first.users[0]), (0, moses));
    let seen = found(&trial, moses);
    assert_eq!((seen.login.as_deref(), seen.external_ids.len()), (Some("moses"), 1));
    let second = users(&mut trial, &[("crm:user:1", "Moses Frase"), ("crm:user:2", "Moses Frase")]);
    assert_eq!((second.created, second.users[0]), (1, moses));
    assert_eq!(found(&trial, second.users[1]).login, None, "an unknown agent cannot sign in");
    let other = users(&mut trial, &[("erp:9", "Ben")]);
    assert_eq!(other.users[0], trial.ben.into(), "another system may know the same person");
}

#[test]
fn of_two_unknown_agents_with_a_reps_name_neither_is_that_rep() {
    let mut trial = Trial::new();
    let moses = signing_in(&mut trial, "Moses Frase", "moses", Role::Rep);
    let made = users(&mut trial, &[("crm:user:1", "Moses Frase"), ("crm:user:2", "Moses Frase")]);
    assert_eq!(made.created, 2);
    assert!(!made.users.contains(&moses));
    assert!(found(&trial, moses).external_ids.is_empty());
}

#[test]
fn an_agent_with_a_managers_name_is_somebody_else_and_a_lead_is_that_manager() {
    let mut trial = Trial::new();
    let made = users(&mut trial, &[("crm:user:1", "Mia"), ("crm:user:2", "Ada")]);
    assert_eq!(made.created, 2, "an agent gets neither their rights nor they the agent's records");
    for (id, name) in [(made.users[0], "Mia"), (made.users[1], "Ada")] {
        let seen = found(&trial, id);
        assert_eq!((&*seen.name, seen.login, seen.role), (name, None, Some(Role::Rep)));
    }
    let mut trial = Trial::new();
    let request = DirectoryRequest {
        teams: vec![entry("crm:west", "West", Some("crm:user:1"))],
        users: vec![entry("crm:user:1", "Mia", None)],
        ..DirectoryRequest::default()
    };
    let led = import(&mut trial, &request);
    assert_eq!((led.created, led.users[0]), (1, trial.mia.into()));
}

#[test]
fn two_territories_or_teams_of_one_name_are_two() {
    let mut trial = Trial::new();
    let two = |kind: &str, name: &str| -> Vec<DirectoryEntry> {
        (1..=2).map(|at| entry(&format!("crm:{kind}:{at}"), name, None)).collect()
    };
    let request = DirectoryRequest {
        territories: two("place", "North"),
        teams: two("team", "Field"),
        ..DirectoryRequest::default()
    };
    let made = import(&mut trial, &request);
    assert_eq!(made.created, 4, "neither is the one that was there: {made:?}");
    assert_ne!(made.territories[0], made.territories[1]);
    assert_ne!(made.teams[0], made.teams[1]);
    assert_eq!(import(&mut trial, &request).created, 0);
}
