//! The tokens of the style sheet, checked: text reaches 4.5:1 and marks reach 3:1 in every theme.
//!
//! Contrast is that of WCAG 2.2 (relative luminance of sRGB, `(L1 + 0.05) / (L2 + 0.05)`).

use std::collections::BTreeMap;

/// The style sheet of the tokens.
const SHEET: &str = include_str!("../styles/10-tokens.css");
const THEMES: [&str; 3] = ["light", "dark", "contrast"];
const SURFACES: [&str; 4] = ["surface-0", "surface-1", "surface-2", "surface-3"];

fn colours(theme: &str) -> BTreeMap<String, [u8; 3]> {
    let start = SHEET.find(&format!("[data-theme=\"{theme}\"]")).expect("the theme is there");
    let block = SHEET[start..].split('}').next().expect("split gives one part at least");
    let read = |line: &str| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
        let hex = u32::from_str_radix(value.trim_end_matches(';'), 16).ok()?;
        let [_, red, green, blue] = hex.to_be_bytes();
        Some((name.to_owned(), [red, green, blue]))
    };
    block.lines().filter_map(read).collect()
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Every pair that falls short, as a line.
fn short_of(theme: &str, least: f64, pairs: &[(String, String)]) -> Vec<String> {
    let colours = colours(theme);
    let of = |name: &String| *colours.get(name).unwrap_or_else(|| panic!("{theme} has no {name}"));
    let found = pairs.iter().filter_map(|(front, back)| {
        let ratio = contrast(of(front), of(back));
        (ratio < least).then(|| format!("{theme}: {front} on {back} is {ratio:.2}, not {least}"))
    });
    found.collect()
}

fn pair(front: &str, back: &str) -> (String, String) {
    (front.to_owned(), back.to_owned())
}

#[test]
fn text_reaches_4_5_to_1_in_every_theme() {
    let mut pairs = vec![pair("on-accent", "accent"), pair("on-accent", "accent-hover")];
    for surface in &SURFACES[..3] {
        for text in ["text-1", "text-2", "text-3", "accent", "critical"] {
            pairs.push(pair(text, surface));
        }
    }
    pairs.extend([pair("text-1", "surface-3"), pair("text-2", "surface-3")]);
    for role in ["accent", "positive", "caution", "critical", "info"] {
        pairs.push(pair(role, &format!("{role}-soft")));
        pairs.push(pair(role, "surface-1"));
        pairs.push(pair("text-1", &format!("{role}-soft")));
        pairs.push(pair("text-2", &format!("{role}-soft")));
    }
    for hue in 1..=12 {
        pairs.push(pair(&format!("on-hue-{hue}"), &format!("hue-{hue}")));
    }
    for stage in 1..=2 {
        pairs.push(pair("text-1", &format!("stage-{stage}")));
    }
    let found: Vec<_> = THEMES.iter().flat_map(|theme| short_of(theme, 4.5, &pairs)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Text on a stage is dark on the light ones and light on the dark ones: one of the two fits each.
#[test]
fn every_stage_takes_text_at_4_5_to_1_in_every_theme() {
    let mut found = Vec::new();
    for theme in THEMES {
        for stage in (1..=6).map(|stage| format!("stage-{stage}")) {
            let of = |text| short_of(theme, 4.5, &[pair(text, &stage)]);
            let short: Vec<_> = ["text-1", "on-accent"].into_iter().map(of).collect();
            if short.iter().all(|it| !it.is_empty()) {
                found.extend(short.concat());
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Bars in the light stages have an edge (`line-strong`); the others stand for themselves.
#[test]
fn stages_that_have_no_edge_reach_3_to_1_in_every_theme() {
    let charts = include_str!("../styles/43-chart.css");
    let edged = charts.find("stroke: var(--line-strong);\n  stroke-width: 1;\n  vector-effect");
    assert!(edged.is_some(), "light bars have an edge");
    let pairs: Vec<_> = ["stage-5", "stage-6"]
        .into_iter()
        .flat_map(|stage| SURFACES[..3].iter().map(move |surface| pair(stage, surface)))
        .collect();
    let found: Vec<_> = THEMES.iter().flat_map(|theme| short_of(theme, 3.0, &pairs)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn marks_and_edges_of_controls_reach_3_to_1_in_every_theme() {
    let mut pairs = Vec::new();
    for surface in &SURFACES[..3] {
        for mark in ["line-strong", "accent", "positive", "caution", "critical", "info"] {
            pairs.push(pair(mark, surface));
        }
    }
    let found: Vec<_> = THEMES.iter().flat_map(|theme| short_of(theme, 3.0, &pairs)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_theme_has_the_same_tokens() {
    let names = |theme| colours(theme).into_keys().collect::<Vec<_>>();
    assert_eq!(names("light"), names("dark"));
    assert_eq!(names("light"), names("contrast"));
    assert!(names("light").len() > 40, "the sheet was read");
}

#[test]
fn black_on_white_is_21_to_1() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.01);
}
