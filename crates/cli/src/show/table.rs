//! Tables with aligned columns.

use super::words::shortened;

/// A cell has at most so many characters.
const CELL_CHARS: usize = 44;

/// Which way a column leans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lean {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// Writes a table; the header goes through `style`. Empty without rows.
pub(crate) fn table(
    columns: &[(&str, Lean)],
    rows: &[Vec<String>],
    style: impl Fn(&str) -> String,
) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let cut = |cell: &str| shortened(cell, CELL_CHARS);
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at));
        let widest = cells.map(|cell| cut(cell).chars().count()).max().unwrap_or(0);
        widest.max(columns[at].0.chars().count())
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = String>| {
        let padded: Vec<String> = cells
            .zip(columns.iter().zip(&widths))
            .map(|(cell, ((_, lean), width))| {
                let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
                match lean {
                    Lean::Left => format!("{cell}{gap}"),
                    Lean::Right => format!("{gap}{cell}"),
                }
            })
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut out = style(&line(&mut columns.iter().map(|(name, _)| (*name).to_owned())));
    for row in rows {
        out.push('\n');
        out.push_str(&line(&mut row.iter().map(|cell| cut(cell))));
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_long_cells_are_cut() {
        let columns = [("ID", Lean::Left), ("NAME", Lean::Left), ("AMOUNT", Lean::Right)];
        let row = |a: &str, b: &str, c: &str| vec![a.to_owned(), b.to_owned(), c.to_owned()];
        let rows = [row("1", "Müller", "9 EUR"), row("22", "Acme", "12,000 EUR")];
        let text = table(&columns, &rows, str::to_owned);
        assert_eq!(
            text,
            "ID  NAME        AMOUNT\n\
             1   Müller       9 EUR\n\
             22  Acme    12,000 EUR\n"
        );
        let long = table(&columns, &[row(&"x".repeat(60), "b", "c")], str::to_owned);
        assert!(long.contains(&format!("{}\u{2026}", "x".repeat(43))), "{long}");
        assert_eq!(table(&columns, &[], str::to_owned), "");
    }
}
