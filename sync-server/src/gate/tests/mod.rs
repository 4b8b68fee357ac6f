//! The gate under attack and under honest disagreement.

mod attacks;
mod conversion;
mod disputes;
mod refusals;
mod revival;
mod room;

use roadbook_sync_protocol::Verdict;
use roadbook_sync_protocol::verdict::Denial;

/// The denial of a verdict, which has words in any case, and not many.
fn denial(verdict: &Verdict) -> &Denial {
    let Verdict::Denied(denial) = verdict.given() else {
        panic!("not denied: {verdict:?}");
    };
    assert!(!denial.reason.is_empty() && !denial.remedy.is_empty(), "{denial:?}");
    let size = postcard::to_allocvec(denial).unwrap().len();
    assert!(size <= 1_000, "it is stored and sent back, and says what a device sent at length");
    denial
}

/// A number that the store's file says.
fn asked(trial: &crate::trial::Trial, sql: &str) -> i64 {
    let store = rusqlite::Connection::open(trial.folder.path().join("tenant.db")).unwrap();
    store.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn code(verdict: &Verdict) -> &str {
    &denial(verdict).code
}
