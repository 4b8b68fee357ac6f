//! Reading delimited files: UTF-8 with or without a byte order mark, the delimiter detected.

use std::path::Path;

use super::template::Cells;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TableError {
    /// The file is not there or cannot be opened.
    #[error("cannot read {path}: {source}")]
    File {
        /// Which.
        path: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file is not UTF-8.
    #[error("{path} is not UTF-8; save it as UTF-8 and try again")]
    Encoding {
        /// Which.
        path: String,
    },
    /// The file has no header.
    #[error("{path} is empty; its first line must name the columns")]
    Empty {
        /// Which.
        path: String,
    },
    /// The mapping names a column that there is not.
    #[error("{path} has no column `{column}`; it has: {known}")]
    Column {
        /// Which file.
        path: String,
        /// The column that the mapping names.
        column: String,
        /// The columns that there are.
        known: String,
    },
}

/// One line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number in the file; the header is line 1.
    pub(crate) number: u64,
    /// Its cells; an error text where the line cannot be read.
    pub(crate) cells: Result<Cells, String>,
}

/// A table in memory.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// The file's name, for reports.
    pub(crate) file: String,
    columns: Vec<String>,
    /// Its lines.
    pub(crate) lines: Vec<Line>,
}

impl Table {
    /// Reads a file of a folder.
    pub(crate) fn read(folder: &Path, file: &str) -> Result<Self, TableError> {
        let path = folder.join(file);
        let shown = path.display().to_string();
        let bytes = std::fs::read(&path)
            .map_err(|source| TableError::File { path: shown.clone(), source })?;
        Self::parse(file, &shown, &bytes)
    }

    fn parse(file: &str, shown: &str, bytes: &[u8]) -> Result<Self, TableError> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes)
            .map_err(|_| TableError::Encoding { path: shown.to_owned() })?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter(text))
            .flexible(true)
            .from_reader(text.as_bytes());
        let columns: Vec<String> = match reader.headers() {
            Ok(headers) => headers.iter().map(|name| name.trim().to_owned()).collect(),
            Err(_) => Vec::new(),
        };
        if columns.iter().all(String::is_empty) {
            return Err(TableError::Empty { path: shown.to_owned() });
        }
        let mut lines = Vec::new();
        for record in reader.records() {
            let number = match &record {
                Ok(record) => record.position().map_or(0, csv::Position::line),
                Err(error) => error.position().map_or(0, csv::Position::line),
            };
            let cells = match record {
                Ok(record) if record.len() == columns.len() => {
                    Ok(columns.iter().cloned().zip(record.iter().map(str::to_owned)).collect())
                }
                Ok(record) => Err(format!(
                    "has {} cells where the header has {}",
                    record.len(),
                    columns.len()
                )),
                Err(_) => Err("cannot be read".to_owned()),
            };
            lines.push(Line { number, cells });
        }
        Ok(Self { file: file.to_owned(), columns, lines })
    }

    /// Checks that the columns are there; `extra` are those that lookups add.
    pub(crate) fn require(&self, columns: &[&str], extra: &[&str]) -> Result<(), TableError> {
        let known =
            |name: &&&str| self.columns.iter().any(|c| c == **name) || extra.contains(*name);
        match columns.iter().find(|name| !known(name)) {
            None => Ok(()),
            Some(missing) => Err(TableError::Column {
                path: self.file.clone(),
                column: (*missing).to_owned(),
                known: self.columns.join(", "),
            }),
        }
    }
}

/// The delimiter that the header uses most, outside quotes.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let mut counts = [0_u32; DELIMITERS.len()];
    let mut quoted = false;
    for byte in header.bytes() {
        if byte == b'"' {
            quoted = !quoted;
        } else if let (false, Some(at)) = (quoted, DELIMITERS.iter().position(|d| *d == byte)) {
            counts[at] += 1;
        }
    }
    // The first of the most frequent: a comma where there is no delimiter at all.
    let best = (0..DELIMITERS.len()).rev().max_by_key(|at| counts[*at]);
    best.map_or(b',', |at| DELIMITERS[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Table {
        Table::parse("a.csv", "a.csv", text.as_bytes()).unwrap()
    }

    fn cell(table: &Table, line: usize, column: &str) -> String {
        table.lines[line].cells.as_ref().unwrap()[column].clone()
    }

    #[test]
    fn delimiters_are_detected_and_a_byte_order_mark_is_tolerated() {
        for delimiter in [",", ";", "\t", "|"] {
            let text = format!("\u{feff}name{delimiter}city\nAcme{delimiter}Berlin\n");
            let table = parse(&text);
            assert_eq!(cell(&table, 0, "name"), "Acme", "{delimiter:?}");
            assert_eq!(cell(&table, 0, "city"), "Berlin", "{delimiter:?}");
        }
    }

    #[test]
    fn quoted_cells_keep_delimiters_and_line_numbers_count_from_the_header() {
        let table = parse("\"a,b\";c\n\"x;y\";\"two\nlines\"\nlast;1\n");
        assert_eq!(cell(&table, 0, "a,b"), "x;y");
        assert_eq!(table.lines[0].number, 2);
        assert_eq!(table.lines[1].number, 4, "a cell of two lines counts as two");
    }

    #[test]
    fn a_short_line_is_kept_with_what_is_wrong() {
        let table = parse("a,b\n1\n2,3\n");
        let problem = table.lines[0].cells.as_ref().unwrap_err();
        assert_eq!(problem, "has 1 cells where the header has 2");
        assert!(table.lines[1].cells.is_ok(), "one bad line blocks no other");
    }

    #[test]
    fn missing_columns_files_and_text_are_named() {
        let table = parse("a,b\n");
        assert!(table.require(&["a", "late"], &["late"]).is_ok());
        let error = table.require(&["c"], &[]).unwrap_err().to_string();
        assert_eq!(error, "a.csv has no column `c`; it has: a, b");
        let empty = Table::parse("a.csv", "a.csv", b"").unwrap_err();
        assert!(empty.to_string().contains("first line"), "{empty}");
        let latin = Table::parse("a.csv", "a.csv", b"a\n\xe4\n").unwrap_err();
        assert!(latin.to_string().contains("UTF-8"), "{latin}");
    }
}
