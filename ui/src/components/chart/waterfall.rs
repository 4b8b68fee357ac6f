//! A waterfall as a list of bars that lie: what was, what came and went, what is. Each bar opens
//! what it is made of.

use yew::prelude::*;

use crate::state::scale::{Scale, extent};
use crate::words::{change_short, figure_short};

/// A bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Fall {
    /// What is opened by a press; empty where nothing is.
    pub what: AttrValue,
    /// Its words.
    pub label: AttrValue,
    /// A note beside them: how many deals.
    pub note: AttrValue,
    /// What it adds or takes away; for the first and last bar the level itself.
    pub amount: f64,
    /// It is a level and not a change.
    pub level: bool,
}

/// The waterfall.
#[derive(Properties, PartialEq)]
pub struct WaterfallProps {
    /// Its bars: a level, changes, a level.
    pub falls: Vec<Fall>,
    /// The bar that is open.
    #[prop_or_default]
    pub open: Option<AttrValue>,
    /// What the open bar is made of.
    #[prop_or_default]
    pub inside: Html,
    /// A bar was pressed.
    #[prop_or_default]
    pub on_open: Callback<AttrValue>,
}

/// From and to of each bar.
#[must_use]
pub fn spans(falls: &[Fall]) -> Vec<(f64, f64)> {
    let mut level = 0.0;
    let span = |fall: &Fall| {
        let from = if fall.level { 0.0 } else { level };
        level = if fall.level { fall.amount } else { level + fall.amount };
        (from, level)
    };
    falls.iter().map(span).collect()
}

/// The waterfall.
#[function_component]
pub fn Waterfall(props: &WaterfallProps) -> Html {
    let spans = spans(&props.falls);
    let all = spans.iter().flat_map(|(from, to)| [*from, *to]);
    let (low, high) = extent(all.chain([0.0])).unwrap_or((0.0, 1.0));
    let x = Scale::new((low, high), (0.0, 400.0));
    html! {
        <ul class="falls">
            { for props.falls.iter().zip(spans).map(|(fall, span)| row(fall, span, x, props)) }
        </ul>
    }
}

fn row(fall: &Fall, (from, to): (f64, f64), x: Scale, props: &WaterfallProps) -> Html {
    let (left, right) = (x.at(from.min(to)), x.at(from.max(to)));
    let kind = match fall.amount {
        _ if fall.level => "fall-level",
        less if less < 0.0 => "fall-less",
        _ => "fall-more",
    };
    let text = if fall.level { figure_short(fall.amount) } else { change_short(fall.amount) };
    let line = html! {
        <>
            <span class="fall-words"><span>{ &fall.label }</span><span class="quiet small">{ &fall.note }</span></span>
            <svg class="fall-bar" viewBox="0 0 400 16" preserveAspectRatio="none" aria-hidden="true">
                <rect
                    class={kind} x={format!("{left:.1}")} y="1" height="14"
                    width={format!("{:.1}", (right - left).max(1.0))}
                />
            </svg>
            <span class="fall-value number">{ text }</span>
        </>
    };
    let is_open = !fall.what.is_empty() && props.open.as_ref() == Some(&fall.what);
    let onclick = {
        let (on_open, what) = (props.on_open.clone(), fall.what.clone());
        Callback::from(move |_: MouseEvent| on_open.emit(what.clone()))
    };
    html! {
        <li key={fall.label.as_str()}>
            if fall.what.is_empty() {
                <div class="fall">{ line }</div>
            } else {
                <button type="button" class="fall fall-press" aria-expanded={is_open.to_string()} {onclick}>
                    { line }
                </button>
            }
            if is_open {
                <div class="fall-inside">{ props.inside.clone() }</div>
            }
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fall(amount: f64, level: bool) -> Fall {
        let (what, label, note) = (AttrValue::from(""), AttrValue::from(""), AttrValue::from(""));
        Fall { what, label, note, amount, level }
    }

    #[test]
    fn each_bar_begins_where_the_one_before_ended_and_the_last_is_a_level() {
        let falls = [fall(100.0, true), fall(40.0, false), fall(-60.0, false), fall(80.0, true)];
        assert_eq!(spans(&falls), [(0.0, 100.0), (100.0, 140.0), (140.0, 80.0), (0.0, 80.0)]);
    }
}
