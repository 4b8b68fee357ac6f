//! Answers: the same facts as text for people and as JSON for programs.

use std::io::Write;

use jiff::Timestamp;
use serde_json::Value;

/// What a command answers.
#[derive(Debug)]
pub(super) struct Answer {
    /// For programs; `Null` for a command that has printed what it had to say.
    pub(super) json: Value,
    /// For people.
    pub(super) text: String,
}

impl Answer {
    pub(super) fn print(&self, as_json: bool, out: &mut dyn Write) -> std::io::Result<()> {
        match (as_json, &self.json) {
            (_, Value::Null) => Ok(()),
            (true, json) => writeln!(out, "{json}"),
            (false, _) => writeln!(out, "{}", self.text.trim_end()),
        }
    }
}

/// A table with aligned columns and a line of headings.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([headings[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (cell, width) in cells.zip(&widths) {
            text.push_str(&format!("{cell:<width$}  "));
        }
        text.trim_end().to_owned()
    };
    let mut lines = vec![line(&mut headings.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

/// A moment for people, in UTC to the second; a dash for none.
pub(super) fn moment(ms: Option<i64>) -> String {
    ms.and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .map_or_else(|| "-".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![
            vec!["Ana".to_owned(), "Rep".to_owned()],
            vec!["Émile".to_owned(), "Manager".to_owned()],
        ];
        let text = table(&["name", "role"], &rows);
        assert_eq!(text, "name   role\nAna    Rep\nÉmile  Manager");
    }

    #[test]
    fn moments_are_written_for_people() {
        assert_eq!(moment(Some(1_700_000_000_000)), "2023-11-14 22:13:20");
        assert_eq!(moment(None), "-");
    }
}
