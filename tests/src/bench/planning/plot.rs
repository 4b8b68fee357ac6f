//! Plots: grouped bars as SVG, readable in light and dark, with a title and the values as text.

use std::fmt::Write as _;

/// A group of bars.
pub(super) struct Group {
    pub(super) label: String,
    pub(super) values: Vec<f64>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 20.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 36.0;
/// Told apart without colour, too: from light to dark.
const COLOURS: [&str; 4] = ["#f2b134", "#5b9bd5", "#2f7d5b", "#5a3e85"];

/// Draws groups of bars; every bar carries its value with so many digits behind the point.
pub(super) fn bars(
    title: &str,
    names: &[&str],
    groups: &[Group],
    unit: &str,
    digits: usize,
) -> String {
    let most = groups.iter().flat_map(|group| &group.values).copied().fold(1e-9, f64::max);
    #[allow(clippy::cast_precision_loss, reason = "a handful of bars")]
    let place = |index: usize| index as f64;
    let wide = (WIDTH - 2.0 * LEFT) / place(groups.len().max(1));
    let bar = 0.8 * wide / place(names.len().max(1));
    let floor = HEIGHT - BOTTOM;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<title>{title}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"15\" font-weight=\"bold\" fill=\"#1b1b1b\">{title}</text>\n"
    );
    let mut at = LEFT;
    for (name, colour) in names.iter().zip(COLOURS) {
        let _ = writeln!(
            out,
            "<rect x=\"{at:.0}\" y=\"34\" width=\"12\" height=\"12\" fill=\"{colour}\"/>\
             <text x=\"{:.0}\" y=\"44\" fill=\"#1b1b1b\">{name}</text>",
            at + 17.0
        );
        at += 34.0 + 7.0 * place(name.len());
    }
    for (group_at, group) in groups.iter().enumerate() {
        let start = LEFT + wide * place(group_at) + 0.1 * wide;
        for (bar_at, (value, colour)) in group.values.iter().zip(COLOURS).enumerate() {
            let height = (floor - TOP - 14.0) * (value / most).max(0.0);
            let x = start + bar * place(bar_at);
            let told = format!("{value:.digits$}{unit}");
            // A digit is a little wider than half its height: the value fits above its bar.
            let size = (bar / (0.58 * place(told.len()))).clamp(8.0, 12.0);
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" \
                 fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" \
                 font-size=\"{size:.1}\" fill=\"#1b1b1b\">{told}</text>",
                floor - height,
                0.92 * bar,
                x + 0.46 * bar,
                floor - height - 4.0
            );
        }
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#1b1b1b\">{}</text>",
            start + 0.4 * wide,
            HEIGHT - 14.0,
            group.label
        );
    }
    let end = WIDTH - LEFT;
    let _ = writeln!(
        out,
        "<line x1=\"{LEFT}\" y1=\"{floor}\" x2=\"{end}\" y2=\"{floor}\" stroke=\"#8a8a8a\"/>\n</svg>"
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_told_as_text() {
        let group =
            |label: &str, values: &[f64]| Group { label: label.into(), values: values.to_vec() };
        let groups = [group("arima", &[30.0, 12.5]), group("lstm", &[28.0, 0.0])];
        let svg = bars("Error", &["damaged", "cleaned"], &groups, " %", 1);
        for text in ["30.0 %", "12.5 %", "0.0 %", "arima", "lstm", "<title>Error</title>"] {
            assert!(svg.contains(text), "`{text}` is missing in {svg}");
        }
        assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
    }
}
