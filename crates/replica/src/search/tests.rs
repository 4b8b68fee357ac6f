//! Tests of the search box.

use roadbook_domain::{Entity, Intent, RecordId};

use crate::search::typing_errors;
use crate::testing::{Device, text};

fn names(device: &Device, words: &str) -> Vec<String> {
    let found = device.replica.search(words, 50).unwrap();
    found.rows.iter().map(|row| row.value("name").to_string()).collect()
}

fn with_accounts(all: &[&str]) -> (Device, Vec<RecordId>) {
    let mut device = Device::new(3, "Manager");
    let ids = all.iter().map(|name| device.create(Entity::Account, &[("name", text(name))]));
    let ids = ids.collect::<Vec<_>>();
    (device, ids)
}

#[test]
fn accents_and_case_do_not_matter_and_beginnings_are_enough() {
    let (device, _) = with_accounts(&["Hôtel Müller", "Hotel Zürich", "Crème SA", "Nothing"]);
    assert_eq!(names(&device, "hot"), ["Hotel Zürich", "Hôtel Müller"]);
    assert_eq!(names(&device, "HÔTEL MUL"), ["Hôtel Müller"]);
    assert_eq!(names(&device, "zurich hotel"), ["Hotel Zürich"], "in any order");
    assert_eq!(names(&device, "creme"), ["Crème SA"]);
    assert!(names(&device, "otel").is_empty(), "only beginnings");
}

#[test]
fn accents_may_be_characters_of_their_own_in_what_is_stored_and_what_is_typed() {
    let (one, two) = ("Hôtel Müller", "Ho\u{302}tel Mu\u{308}ller");
    let (device, _) = with_accounts(&[one, two, "Nothing"]);
    for words in ["müller", "mu\u{308}ller", "muller", "MU\u{308}LL", "ho\u{302}tel mül", "hôt"]
    {
        assert_eq!(names(&device, words), [two, one], "{words:?}");
    }
    assert_eq!(names(&device, "mu\u{308}lelr"), [two, one], "with a typing error, too");
    let (device, _) = with_accounts(&["İstanbul", "a\u{332}b", "किताब"]);
    assert_eq!(names(&device, "İstan"), ["İstanbul"]);
    assert_eq!(names(&device, "a\u{332}b"), ["a\u{332}b"]);
    assert_eq!(names(&device, "किताब"), ["किताब"]);
}

#[test]
fn what_changed_last_comes_first_and_a_limit_is_kept() {
    let (mut device, ids) = with_accounts(&["Acme one", "Acme two", "Acme three"]);
    assert_eq!(names(&device, "acme"), ["Acme three", "Acme two", "Acme one"]);
    device.set(ids[0], "employees", roadbook_domain::Value::Integer(5));
    assert_eq!(names(&device, "acme"), ["Acme one", "Acme three", "Acme two"]);
    assert_eq!(device.replica.search("acme", 2).unwrap().rows.len(), 2);
}

#[test]
fn typing_errors_are_forgiven_only_when_nothing_matches() {
    let (device, _) = with_accounts(&["Schneider", "Snyder", "Meier"]);
    let found = device.replica.search("schnieder", 10).unwrap();
    assert_eq!(found.corrected.as_deref(), Some("schneider"));
    assert_eq!(found.rows[0].value("name"), &text("Schneider"));
    assert_eq!(device.replica.search("schnei", 10).unwrap().corrected, None);
    assert_eq!(names(&device, "mier"), ["Meier"]);
    assert_eq!(names(&device, "shneider"), ["Schneider"], "also where the second letter is wrong");
    assert_eq!(names(&device, "nsyder"), ["Snyder"], "and where the first two are swapped");
    assert!(names(&device, "qqqqqq").is_empty());
    assert_eq!(device.replica.search("qqqqqq", 10).unwrap().corrected, None);
}

#[test]
fn a_number_is_not_taken_for_another_one() {
    let (device, _) = with_accounts(&["Acme 12345"]);
    assert_eq!(names(&device, "acme 123"), ["Acme 12345"]);
    assert!(names(&device, "acme 12354").is_empty());
}

#[test]
fn a_search_for_what_was_meant_ends() {
    let (device, _) = with_accounts(&["Schall", "Schneider"]);
    let letters = "schnieder".chars().collect();
    let mut looks = super::Looks { letters, reach: 2, left: 1, best: None };
    device.replica.look_through("s", &mut looks).unwrap();
    assert!(looks.best.is_none(), "the first word took all that was left");
}

#[test]
fn changed_deleted_and_restored_records_are_found_as_they_are_now() {
    let (mut device, ids) = with_accounts(&["Oldname"]);
    device.set(ids[0], "name", text("Newname"));
    assert!(names(&device, "oldname").is_empty());
    assert_eq!(names(&device, "newname"), ["Newname"]);
    let (record, entity) = (ids[0], Entity::Account);
    device.commit(&Intent::Delete { record, entity }).unwrap();
    assert!(names(&device, "newname").is_empty());
    device.commit(&Intent::Restore { record, entity }).unwrap();
    assert_eq!(names(&device, "newname"), ["Newname"]);
    assert!(device.replica.doctor().unwrap().is_healthy());
}

#[test]
fn anything_may_be_typed() {
    let (device, _) = with_accounts(&["O'Neill & Söhne (GmbH)", "ana@acme.example"]);
    for words in ["", "\"", "*", "a OR b", "(", "NEAR(", "o'neill", "ⓐ", "-", "name:x", "日本"]
    {
        device.replica.search(words, 5).unwrap();
    }
    assert_eq!(names(&device, "o'neill"), ["O'Neill & Söhne (GmbH)"]);
    assert_eq!(names(&device, "ana@acme.ex"), ["ana@acme.example"]);
}

#[test]
fn typing_errors_are_counted() {
    let errors = |word: &str, term: &str| typing_errors(&word.chars().collect::<Vec<_>>(), term, 2);
    assert_eq!(errors("acme", "acme"), Some(0));
    assert_eq!(errors("acme", "acmexyz"), Some(0), "the beginning of a longer word");
    assert_eq!(errors("acem", "acme"), Some(1), "swapped");
    assert_eq!(errors("akme", "acme"), Some(1), "changed");
    assert_eq!(errors("accme", "acme"), Some(1), "one more");
    assert_eq!(errors("ame", "acme"), Some(1), "one less");
    assert_eq!(errors("xyzw", "acme"), None);
}
