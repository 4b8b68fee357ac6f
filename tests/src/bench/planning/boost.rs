//! Our boosting, run by the peers' script on its own folds: rows and codes as it writes them,
//! probabilities and times as it reads them.
//!
//! A file of rows is the count of rows and of columns (little-endian u64), the columns one after
//! the other, the labels, and a one for each column of categories (f64); not a number is missing.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use roadbook_planning::score::calibrate::Calibration;
use roadbook_planning::score::dataset::{Column, Dataset};
use roadbook_planning::score::explain::explain;
use roadbook_planning::score::learner::Learner;
use roadbook_planning::score::tree::BoostSettings;

use super::super::measure::{cpu_time, median};

/// The word by which the peers' script has the bench fit: then the files of both kinds of rows, the
/// model's name, and where probabilities go.
pub const BOOST: &str = "planning-boost";

/// Rows on which one row at a time, and contributions, are timed.
const TIMED_ROWS: usize = 2_000;

/// Rows with labels.
struct Rows {
    data: Dataset,
    labels: Vec<bool>,
}

/// Fits on the rows of one file, tells those of another, and returns a line of JSON about it.
///
/// # Errors
/// A file that cannot be read or written, labels of one kind, a model that is not known.
pub fn boost(arguments: &[String]) -> Result<String> {
    let [train, test, model, out] = arguments else {
        bail!("{BOOST} needs two files of rows, a model and a file for probabilities");
    };
    ensure!(model == "boosted", "there is no model `{model}`");
    let (train, test) = (bytes(train)?, bytes(test)?);
    // Coding categories counts, because it counts where peers are timed.
    let start = cpu_time();
    let train = read(&train)?;
    let schema = train.data.schema();
    let matrix = schema.matrix(&train.data)?;
    let learner = Learner::Boosted(BoostSettings::standard(1));
    let fitted = learner.fit(&schema, &matrix, &train.labels)?;
    let fit_cpu = (cpu_time() - start).as_secs_f64();
    let rows = schema.matrix(&read(&test)?.data)?;
    let start = cpu_time();
    let told = fitted.probabilities(&rows);
    let batch = (cpu_time() - start).as_secs_f64() * 1e6;
    let timed = rows.rows().min(TIMED_ROWS);
    let one_by_one: Vec<f64> = (0..timed)
        .map(|row| {
            let start = Instant::now();
            black_box(fitted.probability(black_box(rows.row(row))));
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    let start = cpu_time();
    for row in 0..timed {
        black_box(explain(&fitted, &Calibration::AsIs, black_box(rows.row(row))));
    }
    let contributions = (cpu_time() - start).as_secs_f64() * 1e6;
    let written: Vec<u8> = told.iter().flat_map(|p| p.to_le_bytes()).collect();
    std::fs::write(out, written).with_context(|| format!("write {out}"))?;
    let line = serde_json::json!({
        "fit_cpu": fit_cpu,
        "us_row_batch": batch / count(told.len()),
        "row_p50_us": median(&one_by_one),
        "shap_us_row": contributions / count(timed),
        "trees": BoostSettings::standard(1).rounds,
    });
    Ok(line.to_string())
}

fn bytes(path: &str) -> Result<Vec<u8>> {
    std::fs::read(Path::new(path)).with_context(|| format!("read {path}"))
}

#[allow(clippy::cast_precision_loss, reason = "a count of rows")]
fn count(rows: usize) -> f64 {
    rows.max(1) as f64
}

fn read(bytes: &[u8]) -> Result<Rows> {
    let (words, rest) = bytes.as_chunks::<8>();
    ensure!(rest.is_empty() && words.len() > 2, "a file of rows is cut off");
    let size = |word: &[u8; 8]| usize::try_from(u64::from_le_bytes(*word));
    let (rows, columns) = (size(&words[0])?, size(&words[1])?);
    let values: Vec<f64> = words[2..].iter().map(|word| f64::from_le_bytes(*word)).collect();
    let cells = rows.checked_mul(columns).context("a size")?;
    ensure!(rows > 0 && values.len() == cells + rows + columns, "a file of rows has other sizes");
    let (table, rest) = values.split_at(cells);
    let (labels, kinds) = rest.split_at(rows);
    let column = |(at, kind): (usize, &f64)| {
        let name = format!("c{at}");
        let values = &table[at * rows..(at + 1) * rows];
        if *kind > 0.5 {
            categories(&name, values)
        } else {
            Column::numeric(&name, values.to_vec())
        }
    };
    let data = Dataset::new(kinds.iter().enumerate().map(column).collect())?;
    Ok(Rows { data, labels: labels.iter().map(|label| *label > 0.5).collect() })
}

/// A column of categories whose names are the codes.
fn categories(name: &str, codes: &[f64]) -> Column {
    let bits: BTreeSet<u64> =
        codes.iter().filter(|code| !code.is_nan()).map(|code| code.to_bits()).collect();
    let names: Vec<(u64, String)> =
        bits.into_iter().map(|bits| (bits, f64::from_bits(bits).to_string())).collect();
    let named = |code: &f64| {
        let at = names.binary_search_by_key(&code.to_bits(), |(bits, _)| *bits).ok()?;
        Some(names[at].1.as_str())
    };
    Column::categorical(name, &codes.iter().map(named).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(rows: u64, columns: &[&[f64]], labels: &[f64], kinds: &[f64]) -> Vec<u8> {
        let mut out = rows.to_le_bytes().to_vec();
        out.extend((columns.len() as u64).to_le_bytes());
        let numbers = columns.iter().copied().chain([labels, kinds]).flatten();
        out.extend(numbers.flat_map(|number| number.to_le_bytes()));
        out
    }

    #[test]
    fn rows_are_read_column_by_column() {
        let bytes =
            file(3, &[&[1.0, f64::NAN, 0.0], &[0.5, 1.5, 2.5]], &[1.0, 0.0, 1.0], &[1.0, 0.0]);
        let rows = read(&bytes).unwrap();
        assert_eq!(rows.labels, [true, false, true]);
        let matrix = rows.data.schema().matrix(&rows.data).unwrap();
        assert_eq!((matrix.row(0), matrix.row(2)), (&[1.0, 0.5][..], &[0.0, 2.5][..]));
        assert!(matrix.row(1)[0].is_nan(), "not a number is missing");
        assert!(read(&bytes[..bytes.len() - 8]).is_err(), "cut off");
    }

    #[test]
    fn what_is_told_follows_what_was_learned() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let column: Vec<f64> = (0..400_u32).map(|row| f64::from(row % 2)).collect();
        std::fs::write(path("rows"), file(400, &[&column], &column, &[0.0])).unwrap();
        let words = [path("rows"), path("rows"), "boosted".to_owned(), path("told")];
        let line: serde_json::Value = serde_json::from_str(&boost(&words).unwrap()).unwrap();
        assert!(line["shap_us_row"].as_f64().is_some_and(|time| time >= 0.0));
        let told = std::fs::read(path("told")).unwrap();
        let told: Vec<f64> =
            told.as_chunks::<8>().0.iter().map(|word| f64::from_le_bytes(*word)).collect();
        assert!(told.len() == 400 && told[0] < 0.1 && told[1] > 0.9);
        assert!(boost(&words[..3]).is_err() && boost(&[]).is_err());
    }
}
