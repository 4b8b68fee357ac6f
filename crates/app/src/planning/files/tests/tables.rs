//! Tables as other programs write them.

use roadbook_planning::score::dataset::Values;

use super::sheet::{Outcomes, Sheet};
use super::*;

fn sheet(body: &str) -> crate::ApiResult<Sheet> {
    let folder = tempfile::tempdir().unwrap();
    Sheet::read(&file(&folder, "t.csv", body))
}

/// The numbers of a column as they are written; `None` where it is one of categories.
fn numbers(sheet: &Sheet, name: &str) -> Option<Vec<String>> {
    match sheet.feature(name).ok()?.ok()?.values {
        Values::Numeric(values) => Some(values.iter().map(f64::to_string).collect()),
        Values::Categorical { .. } => None,
    }
}

#[test]
fn the_delimiter_is_that_of_the_header_outside_of_quotes() {
    let table = sheet("\n  \n\"a,b,c\";d\n1;2\n3;4\n").unwrap();
    assert_eq!(table.columns, ["a,b,c", "d"]);
    assert_eq!(table.lines, [4, 5], "lines of the file, blank ones too");
    let table = sheet("pipe 1/2\";price\n1;2\n").unwrap();
    assert_eq!(table.columns.len(), 2, "a quote within a cell is a letter");
}

#[test]
fn a_comma_is_the_decimal_sign_where_a_semicolon_divides() {
    let table = sheet("a;b;c\n1,5;1.5;1,5\n2;2;2.5\n-;NULL;3\n").unwrap();
    let told = |name: &str| numbers(&table, name).unwrap_or_default();
    assert_eq!(told("a"), ["1.5", "2", "NaN"], "a dash is a blank");
    assert_eq!(told("b"), ["1.5", "2", "NaN"]);
    assert_eq!(numbers(&table, "c"), None, "both signs in one column");
    let table = sheet("a,b\n\"1,5\",x\n\"2,5\",y\n").unwrap();
    assert_eq!(numbers(&table, "a"), None, "a comma divides here");
    let table = sheet("t;a\n1,5;1\n20,25;2\n").unwrap();
    assert_eq!(table.times(Some("t")).unwrap().0, [1_500, 20_250]);
}

#[test]
fn a_mistyped_number_does_not_cost_a_column() {
    let rows: String = (0..80).map(|row| format!("{row}\n")).collect();
    let error = sheet(&format!("a\n{}", rows.replace("\n7\n", "\n7l\n"))).unwrap();
    let error = error.feature("a").unwrap_err();
    assert!(error.message.contains("line 9, a: `7l` is no number"), "{error}");
    let ids: String = (0..80).map(|row| format!("id-{row}\n")).collect();
    assert!(sheet(&format!("a\n{ids}")).unwrap().feature("a").unwrap().is_err(), "an id");
    let blanks = rows.replace("\n7\n", "\nNone\n").replace("\n8\n", "\nnone\n");
    assert!(numbers(&sheet(&format!("a\n{blanks}")).unwrap(), "a").is_some());
    let commas: String = (0..80).map(|row| format!("{row},5;1\n")).collect();
    let commas = sheet(&format!("a;b\n{}", commas.replace("\n7,5;", "\n7,5l;"))).unwrap();
    let error = commas.feature("a").unwrap_err();
    assert!(error.message.contains("line 9, a: `7,5l` is no number"), "{error}");
}

#[test]
fn what_means_nothing_among_numbers_may_be_a_word_among_words() {
    let table = sheet("contract,won\nnone,None\nyearly,sold\nnone,sold\n").unwrap();
    let Values::Categorical { levels, .. } = table.feature("contract").unwrap().unwrap().values
    else {
        panic!("words are categories");
    };
    assert!(levels.iter().any(|level| level == "none"), "{levels:?}");
    assert_eq!(table.labels("won", Some("sold"), Outcomes::Both).unwrap().0, [false, true, true]);
}

#[test]
fn a_time_that_is_none_is_named_where_it_stands() {
    let times = |cells: &[&str]| {
        sheet(&format!(
            "t,a\n{}",
            cells.iter().map(|cell| format!("{cell},1\n")).collect::<String>()
        ))
        .and_then(|table| table.times(Some("t")))
    };
    let told = |cells: &[&str]| times(cells).unwrap_err().message;
    assert!(told(&["1", "", "3"]).contains("line 3, t: is empty"));
    assert!(told(&["2026-01-01", "2026-01-02", ""]).contains("line 4, t: is empty"));
    assert!(told(&["2026-01-01", "2026-01-02 10:05 PM"]).contains("line 3, t: `2026-01-02 10:05"));
    assert!(told(&["1", "2", "soon"]).contains("line 4, t: `soon` is neither"));
    assert!(told(&["2026-01-01", "7"]).contains("line 3, t: `7` is a number"));
    let (months, _) = times(&["2026-02", "2026", "2026-03-01"]).unwrap();
    assert!(months[1] < months[0] && months[0] < months[2], "{months:?}");
}

#[test]
fn a_table_may_lack_the_outcome_that_has_not_happened_yet() {
    let table = sheet("won,a\nno,1\nno,2\n").unwrap();
    let labels = |positive: &str, outcomes| table.labels("won", Some(positive), outcomes);
    assert_eq!(labels("yes", Outcomes::MayLackPositive).unwrap().0, [false, false]);
    assert!(labels("yes", Outcomes::Both).is_err(), "nothing to learn from");
    let table = sheet("won,a\nno,1\nmaybe,2\n").unwrap();
    let error = table.labels("won", Some("yes"), Outcomes::MayLackPositive).unwrap_err();
    assert!(error.message.contains("there are: maybe, no"), "{error}");
}
