//! The search field on top: records as one types, and commands. `/` puts records first, `Ctrl+K`
//! commands.

use std::rc::Rc;

use roadbook_api::commands::queries::{SearchPage, SearchRecords};
use yew::prelude::*;

use super::commands::{self, Does};
use crate::browser;
use crate::components::field::input_text;
use crate::components::{Glyph, Icon};
use crate::context::{
    KeyHub, Watch, use_action, use_go, use_panel, use_query, use_session, use_toast,
};
use crate::keys::Action;
use crate::route::{Place, Route};
use crate::screens::search::words;
use crate::state::palette::{fitting, stepped};
use crate::state::session::Reviewing;

/// How many records are shown under the field.
const SHOWN: u32 = 8;

/// How many commands are shown beside records.
const FEW: usize = 5;

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    Records,
    Commands,
}

/// What a line does.
#[derive(Debug, Clone, PartialEq)]
enum Chosen {
    Record(String),
    Command(Does),
    /// All results, on a page of their own.
    All(String),
}

/// One line under the field.
#[derive(Debug, Clone, PartialEq)]
struct Offer {
    chosen: Chosen,
    icon: Icon,
    label: String,
    note: String,
    keys: &'static str,
}

/// The lines for what was typed, in their order.
fn offers(
    text: &str,
    found: Option<&SearchPage>,
    first: First,
    reviewing: Reviewing,
) -> Vec<Offer> {
    let hits = found.filter(|_| !text.is_empty()).map(|page| page.hits.as_slice());
    let mut records: Vec<Offer> = hits
        .unwrap_or_default()
        .iter()
        .map(|hit| Offer {
            chosen: Chosen::Record(hit.link.record.to_string()),
            icon: words::icon(&hit.link),
            label: hit.link.title.clone(),
            note: words::note(hit),
            keys: "",
        })
        .collect();
    if !records.is_empty() {
        records.push(Offer {
            chosen: Chosen::All(text.to_owned()),
            icon: Icon::Search,
            label: format!("All results for “{text}”"),
            note: String::new(),
            keys: "",
        });
    }
    let all = commands::all(reviewing);
    let most = if first == First::Commands { all.len() } else { FEW };
    let commands: Vec<Offer> = fitting(&all, text)
        .into_iter()
        .take(most)
        .map(|line| Offer {
            chosen: Chosen::Command(line.what.clone()),
            icon: icon_of(&line.what),
            label: line.label.clone(),
            note: String::new(),
            keys: line.what.keys(),
        })
        .collect();
    match first {
        First::Records => [records, commands].concat(),
        First::Commands => [commands, records].concat(),
    }
}

fn icon_of(does: &Does) -> Icon {
    match does {
        Does::Go(_) => Icon::Next,
        Does::Act(Action::Undo) => Icon::Undo,
        Does::Act(Action::Keys) => Icon::Keys,
        Does::Act(_) => Icon::Plus,
        Does::Theme(_) => Icon::Theme,
    }
}

/// The search field.
#[function_component]
pub fn SearchField() -> Html {
    let typed = use_state(AttrValue::default);
    let open = use_state(|| false);
    let first = use_state(|| First::Records);
    let at = use_state(|| 0_usize);
    let go = use_go();
    let reviewing = use_session().reviewing();
    let hosted = use_session().is_hosted();
    let text = typed.trim().to_owned();
    let request = (!text.is_empty()).then(|| SearchRecords { text: text.clone(), limit: SHOWN });
    let found = use_query(request, Watch::Nothing);
    let to_field = |wanted: First| {
        let (open, first, at, go) = (open.clone(), first.clone(), at.clone(), go.clone());
        Callback::from(move |()| {
            // A phone has no bar on top, but a page of its own.
            if !browser::is_seen("#search") {
                go.to(Route::Search);
                return;
            }
            first.set(wanted);
            at.set(0);
            open.set(true);
            browser::focus("#search");
        })
    };
    use_action(Action::Search, to_field(First::Records));
    use_action(Action::Command, to_field(First::Commands));
    // What an earlier text found is not what Enter opens.
    let (is_of_this, failed) = (found.is_of_this, found.error.is_some());
    let late = !text.is_empty() && !is_of_this && !failed;
    let page = found.data.filter(|_| !text.is_empty() && is_of_this);
    let entered = use_state(|| false);
    let lines = Rc::new(offers(&text, page.as_deref(), *first, reviewing));
    let carry = use_carrying();
    let choose = {
        let (typed, open) = (typed.clone(), open.clone());
        Callback::from(move |chosen: Chosen| {
            open.set(false);
            typed.set(AttrValue::default());
            browser::focus("#main");
            carry.emit(chosen);
        })
    };
    let onkeydown = {
        let (at, open, choose, lines) = (at.clone(), open.clone(), choose.clone(), lines.clone());
        let waits = late && *first == First::Records;
        let entered = entered.clone();
        Callback::from(move |event: KeyboardEvent| {
            match event.key().as_str() {
                "ArrowDown" => at.set(stepped(*at, 1, lines.len())),
                "ArrowUp" => at.set(stepped(*at, -1, lines.len())),
                // It waits for what was typed, and runs no command meanwhile.
                "Enter" if waits => entered.set(true),
                "Enter" => {
                    if let Some(line) = lines.get(*at) {
                        choose.emit(line.chosen.clone());
                    }
                }
                "Escape" => {
                    open.set(false);
                    entered.set(false);
                    browser::focus("#main");
                }
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    {
        let (entered, found) = (entered.clone(), lines.first().map(|line| line.chosen.clone()));
        let choose = choose.clone();
        use_effect_with((late, *entered), move |(late, waits)| {
            if *waits && !*late {
                entered.set(false);
                if let Some(found) = found {
                    choose.emit(found);
                }
            }
        });
    }
    use_in_sight(*at, *open);
    let oninput = {
        let (typed, open, at) = (typed.clone(), open.clone(), at.clone());
        let entered = entered.clone();
        Callback::from(move |event: InputEvent| {
            entered.set(false);
            typed.set(input_text(&event));
            at.set(0);
            open.set(true);
        })
    };
    let onfocus = {
        let open = open.clone();
        Callback::from(move |_: FocusEvent| open.set(true))
    };
    let onblur = {
        let (open, first) = (open.clone(), first.clone());
        Callback::from(move |_: FocusEvent| {
            entered.set(false);
            open.set(false);
            first.set(First::Records);
        })
    };
    let shown = *open && !lines.is_empty();
    let said = page.as_ref().and_then(|page| words::said(&text, page, hosted));
    let at = (*at).min(lines.len().saturating_sub(1));
    html! {
        <div class="search" role="search">
            <Glyph icon={Icon::Search} size={16} />
            <input
                id="search" class="search-input" type="text" role="combobox" autocomplete="off"
                placeholder="Search or command" aria-label="Search or command"
                aria-expanded={shown.to_string()} aria-controls="search-lines"
                aria-activedescendant={shown.then(|| format!("search-{at}"))}
                value={(*typed).clone()} {oninput} {onkeydown} {onfocus} {onblur}
            />
            <kbd aria-hidden="true">{ "/" }</kbd>
            if *open && (shown || said.is_some()) {
                <div class="search-lines">
                    if let Some(said) = &said {
                        <p class="search-said small" role="status">{ said }</p>
                    }
                    if shown {
                    <div id="search-lines" role="listbox" aria-label="Found">
                        { for lines.iter().enumerate().map(|(n, line)| option(n, n == at, line, &choose)) }
                    </div>
                    }
                </div>
            }
        </div>
    }
}

/// Carries out what was chosen.
#[hook]
fn use_carrying() -> Callback<Chosen> {
    let (go, panel, toast) = (use_go(), use_panel(), use_toast());
    let hub = use_context::<KeyHub>().unwrap_or_default();
    Callback::from(move |chosen: Chosen| match chosen {
        Chosen::Record(record) => panel.open(record),
        Chosen::All(text) => go.to(Place { query: Some(text), ..Route::Search.into() }),
        Chosen::Command(Does::Go(route)) => go.to(route),
        Chosen::Command(Does::Theme(theme)) => browser::set_theme(theme),
        Chosen::Command(Does::Act(action)) => {
            if hub.tell(action) {
                return;
            }
            if matches!(action, Action::NewVisit | Action::NewCall) {
                go.to(Place { query: Some("log".to_owned()), ..Route::Today.into() });
            } else {
                toast.problem("That cannot be done on this screen. Go to a list first.");
            }
        }
    })
}

/// The line at hand stays in sight.
#[hook]
fn use_in_sight(at: usize, open: bool) {
    use_effect_with((at, open), |(at, open)| {
        if *open {
            browser::reveal(&format!("#search-{at}"));
        }
    });
}

fn option(n: usize, at_hand: bool, line: &Offer, choose: &Callback<Chosen>) -> Html {
    let (choose, chosen) = (choose.clone(), line.chosen.clone());
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
            <Glyph icon={line.icon} size={16} />
            <span class="truncate spread" dir="auto" title={line.label.clone()}>{ &line.label }</span>
            if !line.note.is_empty() {
                <span class="quiet small truncate search-note" dir="auto" title={line.note.clone()}>{ &line.note }</span>
            }
            { for line.keys.split(' ').filter(|key| !key.is_empty()).map(|key| html! { <kbd aria-hidden="true">{ key }</kbd> }) }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn labels(text: &str, found: Option<&SearchPage>, first: First) -> Vec<String> {
        offers(text, found, first, Reviewing::No).into_iter().map(|it| it.label).collect()
    }

    #[test]
    fn records_come_first_after_a_slash_and_commands_after_control_k() {
        let page = sample::desk::found(sample::WALL);
        let records = labels("lo", Some(&page), First::Records);
        assert_eq!(records[0], page.hits[0].link.title);
        assert!(records.contains(&"All results for “lo”".to_owned()));
        let commands = labels("lo", Some(&page), First::Commands);
        assert_eq!(commands[0], "Log a visit");
        assert_eq!(records.len(), commands.len());
    }

    #[test]
    fn an_empty_field_offers_a_few_commands_or_all() {
        assert_eq!(labels("", None, First::Records).len(), FEW);
        assert_eq!(labels("", None, First::Commands).len(), commands::all(Reviewing::No).len());
        assert_eq!(labels("xyzzy", None, First::Records).len(), 0);
    }
}
