//! The table at the end of a run. Pure: rows in, text out.

use crate::process::Outcome;

/// One stage as it ended.
#[derive(Debug)]
pub(crate) struct Row {
    /// The stage's name.
    pub(crate) stage: &'static str,
    /// Whether it passed.
    pub(crate) outcome: Outcome,
    /// Wall time.
    pub(crate) seconds: f64,
    /// What else there is to say, such as the number of tests.
    pub(crate) note: String,
}

/// Renders the rows and a last line that sums them up.
pub(crate) fn render(rows: &[Row]) -> String {
    let mut lines = vec![format!("{:<12} {:<8} {:>8}", "stage", "result", "seconds")];
    for row in rows {
        let result = match row.outcome {
            Outcome::Passed => "ok",
            Outcome::Failed => "FAILED",
        };
        let line = format!("{:<12} {result:<8} {:>8.1}  {}", row.stage, row.seconds, row.note);
        lines.push(line.trim_end().to_owned());
    }
    let failed: Vec<&str> =
        rows.iter().filter(|row| row.outcome == Outcome::Failed).map(|row| row.stage).collect();
    let seconds: f64 = rows.iter().map(|row| row.seconds).sum();
    let verdict = if failed.is_empty() {
        "all passed".to_owned()
    } else {
        format!("failed: {}", failed.join(", "))
    };
    lines.push(format!("{:<12} {:<8} {seconds:>8.1}  {verdict}", "total", ""));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_seen_in_its_row_and_in_the_last_line() {
        let row = |stage, outcome, note: &str| Row {
            stage,
            outcome,
            seconds: 1.25,
            note: note.to_owned(),
        };
        let rows = [row("fmt", Outcome::Passed, ""), row("tests", Outcome::Failed, "1 failed")];
        let expected = "\
stage        result    seconds
fmt          ok            1.2
tests        FAILED        1.2  1 failed
total                      2.5  failed: tests";
        assert_eq!(render(&rows), expected);
        assert!(render(&rows[..1]).ends_with("all passed"), "nothing failed in the first row");
    }
}
