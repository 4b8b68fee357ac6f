//! How big the bundle is, and whether that is too much.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use flate2::Compression;
use flate2::write::GzEncoder;

/// What the gzipped wasm may have at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Budget {
    /// Any size: a build for work on the interface.
    None,
    /// So many bytes.
    Gzipped {
        /// The most that passes.
        bytes: u64,
    },
}

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Size {
    file: String,
    bytes: u64,
    gzipped: u64,
}

/// Measures the files of a folder, each gzipped by itself at the best level.
pub(crate) fn measure(folder: &Path, files: &[String]) -> anyhow::Result<Vec<Size>> {
    let measure_one = |file: &String| {
        let content = fs::read(folder.join(file)).with_context(|| format!("read {file}"))?;
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&content).context("gzip")?;
        let gzipped = packed.finish().context("gzip")?.len() as u64;
        Ok(Size { file: file.clone(), bytes: content.len() as u64, gzipped })
    };
    files.iter().map(measure_one).collect()
}

/// Returns a table of the files with their sum.
pub(crate) fn render(sizes: &[Size]) -> String {
    let sum = |of: fn(&Size) -> u64| sizes.iter().map(of).sum();
    let total = Size {
        file: "total".to_owned(),
        bytes: sum(|size| size.bytes),
        gzipped: sum(|size| size.gzipped),
    };
    let width = sizes.iter().map(|size| size.file.len()).max().unwrap_or_default().max(5);
    let mut text = format!("{:width$}  {:>10}  {:>10}", "file", "bytes", "gzipped");
    for size in sizes.iter().chain([&total]) {
        text += &format!("\n{:width$}  {:>10}  {:>10}", size.file, size.bytes, size.gzipped);
    }
    text
}

/// What the wasm that the page starts with ends with; the other wasm files are parts that are loaded
/// later.
const START: &str = "_bg.wasm";

/// Says whether the wasm that the page starts with is within the budget.
pub(crate) fn judge(sizes: &[Size], budget: Budget) -> Result<String, String> {
    let gzipped = |ending: &str| -> u64 {
        sizes.iter().filter(|size| size.file.ends_with(ending)).map(|size| size.gzipped).sum()
    };
    let (start, all) = (gzipped(START), gzipped(".wasm"));
    if start == 0 {
        return Err("the bundle has no wasm in it".to_owned());
    }
    let later = format!("{} bytes more in parts that are loaded later", all - start);
    match budget {
        Budget::None => Ok(format!("gzipped wasm: {start} bytes, not held to a budget; {later}")),
        Budget::Gzipped { bytes } if start <= bytes => {
            Ok(format!("gzipped wasm: {start} bytes of at most {bytes}; {later}"))
        }
        Budget::Gzipped { bytes } => Err(format!(
            "the gzipped wasm has {start} bytes, {bytes} is the most: look for what came in \
             (`cargo tree -p roadbook-ui`), or put a screen into a part (ui/src/parts.rs); {later}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(gzipped: u64) -> Vec<Size> {
        vec![
            Size { file: "a_bg.wasm".to_owned(), bytes: 10 * gzipped, gzipped },
            Size { file: "a-split_planning.wasm".to_owned(), bytes: 900, gzipped: 300 },
            Size { file: "a.js".to_owned(), bytes: 7, gzipped: 5 },
        ]
    }

    #[test]
    fn the_budget_counts_the_wasm_of_the_start_alone_and_to_the_byte() {
        let budget = Budget::Gzipped { bytes: 600 };
        assert!(judge(&sizes(600), budget).is_ok());
        assert!(judge(&sizes(601), budget).is_err());
        assert!(judge(&sizes(601), Budget::None).is_ok());
    }

    #[test]
    fn a_bundle_without_wasm_fails_whatever_the_budget() {
        assert!(judge(&sizes(1)[2..], Budget::None).is_err());
    }

    #[test]
    fn the_table_ends_with_the_sum() {
        let table = render(&sizes(600));
        let last: Vec<&str> = table.lines().last().expect("a line").split_whitespace().collect();
        assert_eq!(last, ["total", "6907", "905"]);
    }
}
