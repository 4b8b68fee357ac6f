//! Templates of a mapping: `{column}` stands for a cell, `[...]` is left out when a cell in it is
//! empty.

use std::collections::BTreeMap;

/// The cells of a row, by column; looked-up ones included.
pub(crate) type Cells = BTreeMap<String, String>;

/// A template that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` {problem}")]
pub(crate) struct InvalidTemplate {
    text: String,
    problem: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Cell(String),
    Optional(Vec<Piece>),
}

/// A template, read once and filled for every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

impl Template {
    /// Reads a template.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        let invalid = |problem| InvalidTemplate { text: text.to_owned(), problem };
        let mut outer: Vec<Piece> = Vec::new();
        let mut group: Option<Vec<Piece>> = None;
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '{' => {
                    let name: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    if name.is_empty() || name.contains(['{', '[', ']']) {
                        return Err(invalid("has a `{` without a column and a `}`"));
                    }
                    group.as_mut().unwrap_or(&mut outer).push(Piece::Cell(name));
                }
                '[' if group.is_some() => return Err(invalid("has brackets within brackets")),
                '[' => group = Some(Vec::new()),
                ']' => match group.take() {
                    Some(pieces) => outer.push(Piece::Optional(pieces)),
                    None => return Err(invalid("has a `]` without a `[`")),
                },
                '}' => return Err(invalid("has a `}` without a `{`")),
                c => {
                    let pieces = group.as_mut().unwrap_or(&mut outer);
                    match pieces.last_mut() {
                        Some(Piece::Text(text)) => text.push(c),
                        _ => pieces.push(Piece::Text(c.to_string())),
                    }
                }
            }
        }
        if group.is_some() {
            return Err(invalid("has a `[` without a `]`"));
        }
        if text.matches('{').count() != text.matches('}').count() {
            return Err(invalid("has a `{` without a `}`"));
        }
        Ok(Self { pieces: outer })
    }

    /// The columns that it names.
    pub(crate) fn columns(&self) -> Vec<&str> {
        fn collect<'a>(pieces: &'a [Piece], out: &mut Vec<&'a str>) {
            for piece in pieces {
                match piece {
                    Piece::Text(_) => {}
                    Piece::Cell(name) => out.push(name),
                    Piece::Optional(pieces) => collect(pieces, out),
                }
            }
        }
        let mut out = Vec::new();
        collect(&self.pieces, &mut out);
        out
    }

    /// Fills it; empty when every cell outside brackets is empty and there is nothing else.
    pub(crate) fn fill(&self, cells: &Cells) -> String {
        let mut out = String::new();
        fill(&self.pieces, cells, &mut out);
        out.trim().to_owned()
    }

    /// Fills it as a key: none when a cell of it is empty, and no sign that an external id may
    /// not have.
    pub(crate) fn key(&self, cells: &Cells) -> Option<String> {
        let named = self.columns();
        let empty = |name: &&str| cells.get(*name).is_none_or(|cell| cell.trim().is_empty());
        if named.iter().any(empty) {
            return None;
        }
        Some(escape(&self.fill(cells)))
    }
}

/// A filled template as part of an external id, which may hold no slash.
pub(crate) fn escape(filled: &str) -> String {
    filled.replace('%', "%25").replace('/', "%2F")
}

fn fill(pieces: &[Piece], cells: &Cells, out: &mut String) {
    let cell = |name: &str| cells.get(name).map_or("", |cell| cell.trim());
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Cell(name) => out.push_str(cell(name)),
            Piece::Optional(inner) => {
                let empty = |piece: &Piece| match piece {
                    Piece::Cell(name) => cell(name).is_empty(),
                    Piece::Text(_) | Piece::Optional(_) => false,
                };
                if !inner.iter().any(empty) {
                    fill(inner, cells, out);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(pairs: &[(&str, &str)]) -> Cells {
        pairs.iter().map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())).collect()
    }

    #[test]
    fn brackets_go_when_a_cell_in_them_is_empty() {
        let template = Template::parse("{product}[ for {account}]").unwrap();
        let with = cells(&[("product", "GTX"), ("account", " Acme ")]);
        assert_eq!(template.fill(&with), "GTX for Acme");
        let without = cells(&[("product", "GTX"), ("account", "")]);
        assert_eq!(template.fill(&without), "GTX");
        assert_eq!(template.columns(), ["product", "account"]);
    }

    #[test]
    fn a_key_needs_all_its_cells_and_has_no_slash() {
        let template = Template::parse("account:{account}").unwrap();
        assert_eq!(
            template.key(&cells(&[("account", "A/B 5%")])).as_deref(),
            Some("account:A%2FB 5%25")
        );
        assert_eq!(template.key(&cells(&[("account", " ")])), None);
        assert_eq!(template.key(&cells(&[])), None);
    }

    #[test]
    fn a_template_that_is_none_says_why() {
        for text in ["{", "{}", "a]", "[[a]]", "[a", "a}", "{a"] {
            let error = Template::parse(text).expect_err(text);
            assert!(error.to_string().starts_with(&format!("`{text}` has")), "{error}");
        }
    }
}
