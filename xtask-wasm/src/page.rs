//! The page that joins the parts, and the script that starts the program.
//!
//! Nothing is inline, so that a host can forbid inline scripts and style elements altogether.

use anyhow::ensure;

/// Where the links to style sheets go.
const STYLES_MARK: &str = "<!-- roadbook:styles -->";
/// Where the scripts go.
const SCRIPT_MARK: &str = "<!-- roadbook:script -->";

/// The names that the page links to.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    /// The style sheet.
    pub(crate) styles: &'a str,
    /// What the glue and the wasm begin with.
    pub(crate) program: &'a str,
    /// The parts that are loaded later.
    pub(crate) parts: &'a [String],
}

/// Returns the name of the script that starts the program.
pub(crate) fn starter_name(program: &str) -> String {
    format!("{program}-start.js")
}

/// Returns the name of the script that loads the parts.
pub(crate) fn parts_name(program: &str) -> String {
    format!("{program}-parts.js")
}

/// Returns the script that starts the program. A start that fails marks the body, so that the
/// style sheet can show the words that the page has for it.
pub(crate) fn starter(program: &str) -> String {
    format!(
        "import start from \"./{program}.js\";\n\
         start({{ module_or_path: new URL(\"./{program}_bg.wasm\", import.meta.url) }}).catch((error) => {{\n  \
         document.body.dataset.startFailed = String(error);\n  \
         console.error(error);\n\
         }});\n"
    )
}

/// Puts the links into the template; each mark must be there exactly once.
pub(crate) fn fill(template: &str, names: &Names<'_>) -> anyhow::Result<String> {
    for mark in [STYLES_MARK, SCRIPT_MARK] {
        let count = template.matches(mark).count();
        ensure!(count == 1, "ui/index.html must have `{mark}` once, it has it {count} times");
    }
    let Names { styles, program, parts } = names;
    let styles = format!("<link rel=\"stylesheet\" href=\"/assets/{styles}\">");
    let starter = starter_name(program);
    let mut script = format!(
        "<link rel=\"modulepreload\" href=\"/assets/{program}.js\">\n    \
         <link rel=\"preload\" href=\"/assets/{program}_bg.wasm\" as=\"fetch\" \
         type=\"application/wasm\" crossorigin>\n    \
         <script type=\"module\" src=\"/assets/{starter}\"></script>"
    );
    // Fetched when there is nothing else to do. They are loaded with `fetch`, so as that.
    for part in *parts {
        script += &format!(
            "\n    <link rel=\"prefetch\" href=\"/assets/{part}\" as=\"fetch\" crossorigin>"
        );
    }
    Ok(template.replace(STYLES_MARK, &styles).replace(SCRIPT_MARK, &script))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names<'static> = Names { styles: "s.css", program: "p", parts: &[] };

    #[test]
    fn the_marks_become_links_and_nothing_is_inline() {
        let template = format!("<head>{STYLES_MARK}{SCRIPT_MARK}</head><body></body>");
        let page = fill(&template, &NAMES).expect("both marks are there");
        assert!(page.contains("href=\"/assets/s.css\""), "{page}");
        assert!(page.contains("src=\"/assets/p-start.js\"></script>"), "{page}");
        assert!(page.contains("/assets/p_bg.wasm"), "{page}");
        assert!(!page.contains("<!--"), "no mark is left: {page}");
        assert!(!page.contains("prefetch"), "{page}");
        let names = Names { parts: &["p-split_a.wasm".to_owned()], ..NAMES };
        let page = fill(&template, &names).expect("both marks are there");
        assert!(page.contains("rel=\"prefetch\" href=\"/assets/p-split_a.wasm\""), "{page}");
    }

    #[test]
    fn a_missing_or_doubled_mark_is_named() {
        let missing = fill(STYLES_MARK, &NAMES).expect_err("no place for the script");
        assert!(missing.to_string().contains(SCRIPT_MARK), "{missing}");
        let twice = format!("{STYLES_MARK}{STYLES_MARK}{SCRIPT_MARK}");
        assert!(fill(&twice, &NAMES).is_err(), "two places for the styles");
    }
}
