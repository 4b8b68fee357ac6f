//! Tests of the doctor: it finds what is wrong, and what can be made again is.

use roadbook_domain::Entity;

use crate::testing::{Device, text};

fn problems(device: &Device) -> Vec<&'static str> {
    let report = device.replica.doctor().unwrap();
    report.checks.iter().filter(|check| !check.problems.is_empty()).map(|it| it.name).collect()
}

#[test]
fn a_row_that_is_not_what_the_documents_say_is_found_and_made_again() {
    let mut device = Device::new(3, "Rep");
    let account = device.create(Entity::Account, &[("name", text("Acme"))]);
    assert_eq!(problems(&device), Vec::<&str>::new());
    let execute = |sql: &str| device.replica.connection.execute(sql, []).unwrap();
    execute("UPDATE row_accounts SET name = 'Else'");
    assert_eq!(problems(&device), ["projections"]);
    execute("DELETE FROM search_rows");
    assert_eq!(problems(&device), ["projections", "search"]);
    assert_eq!(device.replica.rebuild_projections().unwrap(), 1);
    assert_eq!(problems(&device), Vec::<&str>::new());
    assert_eq!(device.value(account, "name"), text("Acme"));
    assert_eq!(device.replica.search("acme", 5).unwrap().rows.len(), 1);
}

#[test]
fn pending_work_without_its_change_is_found() {
    let mut device = Device::new(3, "Rep");
    device.create(Entity::Account, &[("name", text("Acme"))]);
    device.replica.connection.execute("DELETE FROM pending_parts", []).unwrap();
    device.replica.open.clear();
    assert!(problems(&device).contains(&"pending"));
}
