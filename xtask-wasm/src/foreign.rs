//! Finds addresses elsewhere in what a browser reads. The bundle loads nothing that it does not
//! bring, so that it works without a network and tells nobody who uses it.
//!
//! The wasm and its glue are not read: they hold addresses that people typed or may follow. What
//! they fetch is bounded by the hosts' content security policy.

/// What kind of text a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// HTML or SVG: attributes that load.
    Markup,
    /// CSS: `url()` and `@import`.
    Styles,
}

impl Kind {
    /// Returns the kind by the ending of the name; other files are not read.
    pub(crate) fn of(file: &str) -> Option<Self> {
        match file.rsplit('.').next() {
            Some("html" | "svg") => Some(Self::Markup),
            Some("css") => Some(Self::Styles),
            _ => None,
        }
    }
}

/// Returns each place that loads from elsewhere, as it is written.
pub(crate) fn addresses(kind: Kind, text: &str) -> Vec<String> {
    let openings: &[&str] = match kind {
        Kind::Markup => &["src=", "href=", "srcset=", "poster=", "action=", "url("],
        Kind::Styles => &["url(", "@import"],
    };
    let mut found = Vec::new();
    for opening in openings {
        for (at, _) in text.match_indices(opening) {
            let rest = &text[at + opening.len()..];
            let value = rest.trim_start_matches(|c: char| c.is_whitespace() || "\"'(".contains(c));
            let value = value.strip_prefix("url(").unwrap_or(value).trim_start_matches(['"', '\'']);
            let lower = value.get(..8).unwrap_or(value).to_ascii_lowercase();
            if ["http:", "https:", "//", "ftp:"].iter().any(|start| lower.starts_with(start)) {
                let end = value.find(|c: char| c.is_whitespace() || "\"')>".contains(c));
                found.push(value[..end.unwrap_or(value.len())].to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_loads_from_elsewhere_is_found() {
        let page = "<link href='https://fonts.example/a.css'><img src=\"//cdn.example/b.png\">";
        assert_eq!(
            addresses(Kind::Markup, page),
            ["//cdn.example/b.png", "https://fonts.example/a.css"]
        );
        let sheet =
            "@import \"https://a.example/x.css\"; b{background:url( 'HTTP://c.example/d' )}";
        assert_eq!(addresses(Kind::Styles, sheet).len(), 2);
        assert_eq!(addresses(Kind::Styles, "@import url(https://a.example/x.css)").len(), 2);
    }

    #[test]
    fn own_files_names_of_kinds_and_data_are_fine() {
        let picture = "<svg xmlns=\"http://www.w3.org/2000/svg\"><use href=\"#a\"/></svg>";
        assert_eq!(addresses(Kind::Markup, picture), Vec::<String>::new());
        let sheet =
            "@font-face{src:url(/assets/inter.woff2)} a{background:url(data:image/svg+xml,x)}";
        assert_eq!(addresses(Kind::Styles, sheet), Vec::<String>::new());
        assert_eq!(Kind::of("assets/inter.woff2"), None);
    }
}
