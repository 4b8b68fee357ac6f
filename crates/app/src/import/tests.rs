//! Tests of whole imports of small tables, on a device without a server.

use std::future::Future;
use std::path::Path;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use roadbook_api::commands::device::ShowStatus;
use roadbook_api::commands::queries::ShowRecord;
use roadbook_api::commands::transfer::{ImportMode, ImportRecords};
use roadbook_api::commands::writes::{DeleteRecord, SetFields};
use roadbook_api::views::{ImportReport, ImportedKind, RecordView};
use roadbook_api::{ApiError, Assignment, ErrorCode};

use roadbook_domain::UserId;

use super::{ImportProgress, ImportWatch};
use crate::testing::{Log, device};
use crate::{App, Run as _};

const MAPPING: &str = r#"
format = 1
system = "crm"

[[lookups]]
column = "city_of_account"
file = "deals.csv"
match = "{account}"
value = "{city}"

[[records]]
section = "accounts"
entity = "account"
file = "accounts.csv"
key = "account:{account}"
[records.look_up]
city_of_account = "{account}"
[records.fields]
name = "{account}"
parent = { from = "[account:{parent}]", find = true }
revenue = { from = "{revenue}", currency = "USD", times = 1000000 }
employees = "{employees}"
city = "{city_of_account}"

[[records]]
section = "deals"
entity = "opportunity"
file = "deals.csv"
key = "{id}"
[records.clean.product]
GTXPro = "GTX Pro"
[records.fields]
name = "{product}[ for {account}]"
account = { from = "[account:{account}]", find = true }
amount = { from = "{value}", currency = "USD" }
close_date = "{closed}"
[records.fields.stage]
from = "{stage}"
[records.fields.stage.words]
Won = "Closed won"
Engaging = "Qualification"
"#;

const ACCOUNTS: &str = "\u{feff}account;parent;revenue;employees\n\
    Acme;;1100.04;2822\n\
    Bluth;Acme;1242.32;a few\n\
    Cheers;Bluth;1;5\n\
    Dattel;Acme;2,000;5\n\
    Dattel;;3;5\n";

const DEALS: &str = "id,product,account,city,stage,closed,value\n\
    A1,GTXPro,Acme,Berlin,Won,2017-03-01,1054.0\n\
    A2,GTX Pro,Acme,Berlin,Engaging,,\n\
    A3,GTXPro,,Paris,Won,2017-03-01,0.0\n\
    A4,GTXPro,Nobody,,Won,2017-03-01,5\n\
    A5,GTXPro,Acme,Bonn,Maybe,,\n\
    A6,GTXPro,Acme,,Won,1.3.2017,5\n\
    ,GTXPro,Acme,,Won,2017-03-01,5\n";

/// Runs a future that never waits.
fn now<T>(work: impl Future<Output = T>) -> T {
    let mut work = Box::pin(work);
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("it waited, though nothing is to be waited for"),
    }
}

fn import(app: &App, folder: &Path, mode: ImportMode) -> Result<ImportReport, ApiError> {
    let command = ImportRecords {
        mapping: folder.join("mapping.toml").display().to_string(),
        folder: folder.display().to_string(),
        mode,
    };
    now(app.import(&command, &ImportWatch { progress: &|_| {}, stop: &|| false }))
}

fn files(deals: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in
        [("mapping.toml", MAPPING), ("accounts.csv", ACCOUNTS), ("deals.csv", deals)]
    {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn counts(kind: &ImportedKind) -> (u64, u64, u64, u64, u64) {
    (kind.rows, kind.created, kind.changed, kind.unchanged, kind.rejected)
}

fn show(app: &App, record: &str) -> RecordView {
    app.run(ShowRecord { entity: None, record: record.into() }).unwrap()
}

#[test]
fn rows_become_records_and_bad_rows_say_why_without_hindering_others() {
    let (app, folder) = (device("Administrator"), files(DEALS));
    let report = import(&app, folder.path(), ImportMode::Write).unwrap();
    assert_eq!(counts(&report.kinds[0]), (5, 2, 0, 0, 3));
    assert_eq!(counts(&report.kinds[1]), (7, 3, 0, 0, 4));
    assert_eq!(report.intents, 5);
    let rejected: Vec<String> = report
        .rejected
        .iter()
        .map(|row| format!("{}:{} {} {}", row.file, row.line, row.column, row.reason))
        .collect();
    assert_eq!(
        rejected,
        [
            "accounts.csv:3 employees is not a whole number",
            "accounts.csv:6 account names the same record as line 5",
            "accounts.csv:4 parent refers to `crm:account:Bluth`, which is not there",
            "deals.csv:6 stage is not among the words of the mapping",
            "deals.csv:7 closed is not a date",
            "deals.csv:8 id is empty, so the row has no key",
            "deals.csv:5 account refers to `crm:account:Nobody`, which is not there",
        ]
    );
    assert!(report.rejected.iter().all(|row| !row.remedy.is_empty()));

    let deal = show(&app, "crm:A1");
    assert_eq!(deal.title, "GTX Pro for Acme");
    assert_eq!(deal.fields["account"].text, "Acme");
    assert_eq!(deal.fields["amount"].text, "1054 USD");
    assert_eq!(deal.fields["stage"].text, "Closed won");
    assert_eq!(show(&app, "crm:A3").title, "GTX Pro");
    let acme = show(&app, "crm:account:Acme");
    assert_eq!(acme.fields["revenue"].text, "1100040000 USD");
    assert_eq!(acme.fields["city"].text, "Berlin", "the most frequent city of its deals");
    assert_eq!(show(&app, "crm:account:Dattel").fields["parent"].text, "Acme");
}

#[test]
fn importing_again_makes_nothing_twice_and_changes_only_what_changed() {
    let (app, folder) = (device("Administrator"), files(DEALS));
    import(&app, folder.path(), ImportMode::Write).unwrap();
    let again = import(&app, folder.path(), ImportMode::Write).unwrap();
    assert_eq!(again.intents, 0, "nothing is written when nothing changed");
    assert_eq!(counts(&again.kinds[1]), (7, 0, 0, 3, 4));

    let deal = show(&app, "crm:A2").record.to_string();
    let note = vec![Assignment::set("next_step", "call")];
    app.run(SetFields { entity: None, record: deal, assignments: note, why: None }).unwrap();
    let moved = DEALS.replace("Engaging,,", "Won,2017-05-01,600");
    let folder = files(&moved);
    let changed = import(&app, folder.path(), ImportMode::Write).unwrap();
    assert_eq!((changed.intents, counts(&changed.kinds[1])), (1, (7, 0, 1, 2, 4)));
    let deal = show(&app, "crm:A2");
    assert_eq!(deal.fields["stage"].text, "Closed won");
    assert_eq!(deal.fields["next_step"].text, "call", "what the rows do not say stays");
}

#[test]
fn a_price_that_changed_is_told_and_the_rest_of_its_row_is_taken() {
    const PRODUCTS: &str = r#"
format = 1
system = "crm"

[[records]]
section = "products"
entity = "product"
file = "products.csv"
key = "product:{product}"
[records.fields]
name = "{product}"
family = "{series}"
list_price = { from = "{price}", currency = "USD" }
"#;
    let (app, folder) = (device("Administrator"), tempfile::tempdir().unwrap());
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("mapping.toml", PRODUCTS);
    write("products.csv", "product,series,price\nGTX,G,550\n");
    import(&app, folder.path(), ImportMode::Write).unwrap();
    write("products.csv", "product,series,price\nGTX,GT,4999\n");
    let again = import(&app, folder.path(), ImportMode::Write).unwrap();
    assert_eq!(counts(&again.kinds[0]), (1, 0, 1, 0, 1), "changed, and one cell rejected");
    let row = &again.rejected[0];
    assert_eq!((row.column.as_str(), row.given.as_str(), row.line), ("price", "4999 USD", 2));
    assert!(row.reason.starts_with("list_price: "), "{}", row.reason);
    assert!(!row.reason.contains(&row.remedy) && row.remedy.contains("stays"), "{}", row.remedy);
    let product = show(&app, "crm:product:GTX");
    assert_eq!(product.fields["family"].text, "GT");
    assert_eq!(product.fields["list_price"].text, "550 USD");
}

#[test]
fn a_dry_run_writes_nothing_and_says_the_same() {
    let (app, folder) = (device("Administrator"), files(DEALS));
    let dry = import(&app, folder.path(), ImportMode::DryRun).unwrap();
    assert!(dry.dry_run);
    assert_eq!(dry.intents, 0);
    let missing = app.run(ShowRecord { entity: None, record: "crm:A1".into() });
    assert_eq!(missing.unwrap_err().code, ErrorCode::NotFound);
    let wet = import(&app, folder.path(), ImportMode::Write).unwrap();
    assert_eq!(dry.kinds, wet.kinds);
    assert_eq!(dry.rejected, wet.rejected);
}

#[test]
fn a_cancelled_import_goes_on_where_it_stopped() {
    let (app, folder) = (device("Administrator"), files(DEALS));
    let command = ImportRecords {
        mapping: folder.path().join("mapping.toml").display().to_string(),
        folder: folder.path().display().to_string(),
        mode: ImportMode::Write,
    };
    let seen = Mutex::new(0_u64);
    let progress = |progress: ImportProgress<'_>| {
        if progress.section == "deals" {
            *seen.lock().unwrap() = progress.done;
        }
    };
    let stop = || *seen.lock().unwrap() == 1;
    let watch = ImportWatch { progress: &progress, stop: &stop };
    let report = now(app.import(&command, &watch)).unwrap();
    assert!(report.cancelled);
    assert_eq!(report.kinds[1].created, 1);
    let rest = import(&app, folder.path(), ImportMode::Write).unwrap();
    assert_eq!(counts(&rest.kinds[1]), (7, 2, 0, 1, 4));
}

#[test]
fn a_record_in_the_trash_is_not_made_again() {
    let (app, folder) = (device("Administrator"), files(DEALS));
    import(&app, folder.path(), ImportMode::Write).unwrap();
    app.run(DeleteRecord { entity: None, record: "crm:A1".into(), why: None }).unwrap();
    let again = import(&app, folder.path(), ImportMode::Write).unwrap();
    let row = again.rejected.iter().find(|row| row.given == "crm:A1").unwrap();
    assert!(row.reason.contains("trash") && row.remedy.contains("restore"));
    assert_eq!(again.intents, 0);
}

#[test]
fn only_an_administrator_may_import_and_files_must_fit() {
    let folder = files(DEALS);
    for role in ["Rep", "Senior rep", "Manager", "Service"] {
        let error = import(&device(role), folder.path(), ImportMode::DryRun).unwrap_err();
        assert_eq!(error.code, ErrorCode::Refused, "{role}");
        assert!(error.message.contains("Administrator"), "{error}");
    }
    let app = device("Administrator");
    let bad = files(&DEALS.replace("closed", "ended"));
    let error = import(&app, bad.path(), ImportMode::DryRun).unwrap_err();
    assert_eq!(error.code, ErrorCode::BadInput);
    assert!(error.message.contains("no column `closed`"), "{error}");
    std::fs::remove_file(folder.path().join("deals.csv")).unwrap();
    let error = import(&app, folder.path(), ImportMode::DryRun).unwrap_err();
    assert_eq!(error.code, ErrorCode::File);
}

#[test]
fn who_may_import_is_said_by_the_role_of_now_not_of_the_enrolment() {
    let folder = files(DEALS);
    let ben = UserId::from_bytes([2; 16]);
    for (before, now) in [("Administrator", "Rep"), ("Rep", "Administrator")] {
        let app = device(before);
        let may = |app: &App| import(app, folder.path(), ImportMode::DryRun).is_ok();
        let told = || app.run(ShowStatus {}).unwrap().role.unwrap();
        assert_eq!((may(&app), told().as_str()), (before == "Administrator", before));
        let mut log = Log::default();
        log.appoint(ben, now);
        log.read(&app);
        assert_eq!((may(&app), told().as_str()), (now == "Administrator", now));
    }
}

#[test]
fn the_directory_needs_the_server_and_says_when_it_is_not_there() {
    let app = device("Administrator");
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("crm_products.csv", "product,series,sales_price\nGTX Pro,GTX,4821\n");
    write(
        "crm_accounts.csv",
        "account,sector,year_established,revenue,employees,office_location,subsidiary_of\n\
         Cancity,retail,2001,718.62,2448,United States,\n",
    );
    write("crm_sales_teams.csv", "sales_agent,manager,regional_office\nMoses,Dustin,Central\n");
    write(
        "crm_sales_pipeline.csv",
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n\
         1C1I7A6R,Moses,GTXPro,Cancity,Won,2016-10-20,2017-03-01,1054.0\n\
         EC4QE1BX,Nora,GTX Pro,,Prospecting,,,\n",
    );
    let command = ImportRecords {
        mapping: "crm-export".into(),
        folder: folder.path().display().to_string(),
        mode: ImportMode::DryRun,
    };
    let watch = ImportWatch { progress: &|_| {}, stop: &|| false };
    let report = now(app.import(&command, &watch)).unwrap();
    let all: Vec<(&str, u64, u64)> = report
        .kinds
        .iter()
        .map(|kind| (kind.section.as_str(), kind.created, kind.rejected))
        .collect();
    assert_eq!(
        all,
        [
            ("territories", 1, 0),
            ("teams", 1, 0),
            ("users", 3, 0),
            ("products", 1, 0),
            ("accounts", 1, 0),
            ("opportunities", 2, 0)
        ],
        "{:?}",
        report.rejected
    );
}
