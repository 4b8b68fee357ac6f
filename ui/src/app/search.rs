//! The search field on top: records as one types, and commands.

use roadbook_api::commands::queries::SearchRecords;
use roadbook_api::views::SearchHitView;
use yew::prelude::*;

use crate::browser;
use crate::components::field::input_text;
use crate::components::{Glyph, Icon};
use crate::context::{Watch, use_action, use_go, use_panel, use_query};
use crate::keys::{Action, keys_of};
use crate::route::Route;
use crate::state::palette::{Line, fitting, stepped};

/// How many records are shown under the field.
const SHOWN: u32 = 8;

/// Commands of the palette: a place to go to, with the action whose keys do the same.
const COMMANDS: [(Action, Route, &str); 7] = [
    (Action::GoToday, Route::Today, "Go to Today"),
    (Action::GoPipeline, Route::Pipeline, "Go to Pipeline"),
    (Action::GoQueue, Route::Queue, "Go to Queue"),
    (Action::GoReview, Route::Review, "Go to Review"),
    (Action::GoForecast, Route::Forecast, "Go to Forecast"),
    (Action::Command, Route::Settings, "Settings"),
    (Action::Keys, Route::Components, "Components"),
];

/// What a line of the palette does.
#[derive(Debug, Clone, PartialEq)]
enum Chosen {
    Record(String),
    Place(Route, &'static str),
}

/// The search field.
#[function_component]
pub fn SearchField() -> Html {
    let typed = use_state(AttrValue::default);
    let open = use_state(|| false);
    let at = use_state(|| 0_usize);
    let (go, panel) = (use_go(), use_panel());
    let text = typed.trim().to_owned();
    let request = (!text.is_empty()).then(|| SearchRecords { text: text.clone(), limit: SHOWN });
    let found = use_query(request, Watch::Nothing);
    let to_field = {
        let open = open.clone();
        Callback::from(move |()| {
            open.set(true);
            browser::focus("#search");
        })
    };
    use_action(Action::Search, to_field.clone());
    use_action(Action::Command, to_field);
    let hits = found.data.as_ref().filter(|_| !text.is_empty()).map(|page| page.hits.clone());
    let hits = hits.unwrap_or_default();
    let commands = COMMANDS.map(|(action, route, label)| {
        let keys = if label.starts_with("Go") { keys_of(action) } else { "" };
        Line { what: Chosen::Place(route, keys), label: label.to_owned() }
    });
    let mut lines: Vec<(Chosen, String, String)> = hits.iter().map(hit_line).collect();
    for line in fitting(&commands, &text) {
        let keys = if let Chosen::Place(_, keys) = &line.what { *keys } else { "" };
        lines.push((line.what.clone(), line.label.clone(), keys.to_owned()));
    }
    let choose = {
        let (typed, open) = (typed.clone(), open.clone());
        Callback::from(move |chosen: Chosen| {
            open.set(false);
            typed.set(AttrValue::default());
            match chosen {
                Chosen::Record(record) => panel.open(record),
                Chosen::Place(route, _) => go.to(route),
            }
        })
    };
    let onkeydown = {
        let (at, open, choose, lines) = (at.clone(), open.clone(), choose.clone(), lines.clone());
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" => at.set(stepped(*at, 1, lines.len())),
                "ArrowUp" => at.set(stepped(*at, -1, lines.len())),
                "Enter" => {
                    if let Some((chosen, ..)) = lines.get(*at) {
                        choose.emit(chosen.clone());
                    }
                }
                "Escape" => {
                    open.set(false);
                    browser::focus("#main");
                }
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    let oninput = {
        let (typed, open, at) = (typed.clone(), open.clone(), at.clone());
        Callback::from(move |event: InputEvent| {
            typed.set(input_text(&event));
            at.set(0);
            open.set(true);
        })
    };
    let set_open = |to: bool| {
        let open = open.clone();
        Callback::from(move |_: FocusEvent| open.set(to))
    };
    let shown = *open && !lines.is_empty();
    html! {
        <div class="search" role="search">
            <Glyph icon={Icon::Search} size={16} />
            <input
                id="search" class="search-input" type="text" role="combobox" autocomplete="off"
                placeholder="Search or command" aria-label="Search or command"
                aria-expanded={shown.to_string()} aria-controls="search-lines"
                aria-activedescendant={shown.then(|| format!("search-{}", *at))}
                value={(*typed).clone()} {oninput} {onkeydown} onfocus={set_open(true)}
                onblur={set_open(false)}
            />
            <kbd aria-hidden="true">{ "/" }</kbd>
            if shown {
                <div class="search-lines" id="search-lines" role="listbox" aria-label="Found">
                    { for lines.iter().enumerate().map(|(n, line)| option(n, n == *at, line, &choose)) }
                </div>
            }
        </div>
    }
}

fn hit_line(hit: &SearchHitView) -> (Chosen, String, String) {
    let record = Chosen::Record(hit.link.record.to_string());
    (record, hit.link.title.clone(), hit.link.entity.name().replace('_', " "))
}

fn option(
    n: usize,
    at_hand: bool,
    (chosen, label, note): &(Chosen, String, String),
    choose: &Callback<Chosen>,
) -> Html {
    let (choose, chosen) = (choose.clone(), chosen.clone());
    // Pressing must not take the focus away first: the list would close under the pointer.
    let onmousedown = Callback::from(move |event: MouseEvent| {
        event.prevent_default();
        choose.emit(chosen.clone());
    });
    html! {
        <div
            key={n} id={format!("search-{n}")} class="search-line" role="option"
            aria-selected={at_hand.to_string()} {onmousedown}
        >
            <span class="truncate spread">{ label }</span>
            <span class="quiet small">{ note }</span>
        </div>
    }
}
