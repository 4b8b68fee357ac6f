//! Rail, top bar, screen, record panel and bottom bar; the sheet `80-frame.css` puts them in place
//! for a desktop, a narrow window and a phone.

use roadbook_domain::Entity;
use yew::prelude::*;

use super::keys_help::KeysHelp;
use super::search::SearchField;
use crate::browser;
use crate::components::{
    Avatar, Empty, Glyph, Icon, IconButton, Link, Menu, MenuItem, PageHead, SyncStrip, ToastStack,
};
use crate::context::{
    Making, use_action, use_go, use_make, use_panel, use_place, use_session, use_strip, use_toasts,
    use_write,
};
use crate::keys::Action;
use crate::parts::{Later, Part};
use crate::route::Route;
use crate::screens;
use crate::state::toasts::{Done, TakeBack, ToastAction};
use crate::theme::Theme;

/// The places of the rail, in order.
const RAIL: [(Icon, Route); 8] = [
    (Icon::Today, Route::Today),
    (Icon::Pipeline, Route::Pipeline),
    (Icon::Account, Route::List(Entity::Account)),
    (Icon::Contact, Route::List(Entity::Contact)),
    (Icon::Lead, Route::List(Entity::Lead)),
    (Icon::Quote, Route::List(Entity::Quote)),
    (Icon::Task, Route::List(Entity::Task)),
    (Icon::Forecast, Route::Forecast),
];

/// The frame. Before a device is ready there is no rail: one thing at a time.
#[function_component]
pub fn Frame() -> Html {
    let place = use_place();
    let session = use_session();
    let help = use_state(|| false);
    let go = use_go();
    use_going();
    {
        let help = help.clone();
        use_action(Action::Keys, Callback::from(move |()| help.set(true)));
    }
    let close_help = {
        let help = help.clone();
        Callback::from(move |()| help.set(false))
    };
    let bare =
        place.route == Route::SignIn || session.is_shut() && place.route != Route::Components;
    if bare {
        return html! {
            <><main class="bare" id="main"><screens::SignIn /></main><Toasts /></>
        };
    }
    // A phone has no rail: what is not in its bottom bar has a way back.
    let has_back = !place.route.is_in_bottom_bar();
    let back = Callback::from(move |()| go.back());
    html! {
        <div class={classes!("frame", place.panel.is_some().then_some("frame-panel"))}>
            <a class="skip" href="#main">{ "Skip to content" }</a>
            <Rail />
            <header class="top"><SearchField /><TopMenu /></header>
            <main class={classes!("content", has_back.then_some("content-below"))} id="main" tabindex="-1">
                <screens::FirstSyncLine />
                if has_back {
                    <div class="way-back">
                        <IconButton icon={Icon::Back} name="Back" on_press={back} />
                    </div>
                }
                { screen(&place.route) }
            </main>
            if let Some(record) = &place.panel {
                <RecordPanel record={record.clone()} />
            }
            <BottomBar />
            <screens::Makers />
            <Toasts />
            if *help {
                <KeysHelp on_close={close_help} />
            }
        </div>
    }
}

/// The screen of a route.
#[expect(clippy::wildcard_enum_match_arm, reason = "`Part::of` has taken the others")]
fn screen(route: &Route) -> Html {
    if let Some(part) = Part::of(route) {
        return html! { <Later key={part as usize} {part} route={route.clone()} /> };
    }
    match route {
        Route::SignIn => html! { <screens::SignIn /> },
        Route::List(entity) => html! { <screens::ListPage key={entity.name()} entity={*entity} /> },
        Route::Record(record) => html! { <screens::RecordPage record={record.clone()} /> },
        Route::Pipeline => html! { <screens::Pipeline /> },
        Route::Today => html! { <screens::Today /> },
        // All others are in a part.
        _ => html! {
            <>
                <PageHead title={Route::NotFound.title()} />
                <Empty
                    icon={Icon::Search} title="There is no such page"
                    text="The address may be mistyped. Today is one press away: g, then t."
                />
            </>
        },
    }
}

/// Hears the keys that go to a place.
#[hook]
fn use_going() {
    let go = use_go();
    let to = |route: Route| {
        let go = go.clone();
        Callback::from(move |()| go.to(route.clone()))
    };
    use_action(Action::GoToday, to(Route::Today));
    use_action(Action::GoPipeline, to(Route::Pipeline));
    use_action(Action::GoAccounts, to(Route::List(Entity::Account)));
    use_action(Action::GoContacts, to(Route::List(Entity::Contact)));
    use_action(Action::GoLeads, to(Route::List(Entity::Lead)));
    use_action(Action::GoQueue, to(Route::Queue));
    use_action(Action::GoForecast, to(Route::Forecast));
    use_action(Action::GoReview, to(Route::Review));
}

#[function_component]
fn Rail() -> Html {
    let here = use_place().route;
    let strip = use_strip();
    let session = use_session();
    let line = |(icon, route): &(Icon, Route)| rail_line(*icon, route, &here, None);
    let conflicts = strip.as_ref().map(|strip| strip.conflicts).filter(|count| *count > 0);
    html! {
        <nav class="rail" aria-label="Main">
            <div class="rail-brand"><img src="/assets/icon.svg" alt="" width="24" height="24" /><span>{ "Roadbook" }</span></div>
            <ul class="rail-list">
                { for RAIL.iter().map(line) }
                if session.can_review() {
                    { rail_line(Icon::Review, &Route::Review, &here, conflicts) }
                }
            </ul>
            <div class="rail-foot">
                <SyncStrip strip={strip.map(|strip| (*strip).clone())} />
            </div>
        </nav>
    }
}

fn rail_line(icon: Icon, route: &Route, here: &Route, count: Option<u64>) -> Html {
    let planning = [
        Route::Hot,
        Route::Scoring,
        Route::LeadScoring,
        Route::DayRoute,
        Route::Territories,
        Route::Quotas,
        Route::Assignment,
    ];
    let inside = matches!((here, route), (Route::Conflict(_), Route::Review))
        || *route == Route::Forecast && planning.contains(here);
    let current = here == route || inside;
    html! {
        <li key={route.to_string()}>
            <Link to={route.clone()} class={classes!("rail-line")} {current} name={route.title()}>
                <Glyph {icon} />
                <span class="rail-word">{ route.title() }</span>
                if let Some(count) = count {
                    <span class="rail-count number">{ count }</span>
                }
            </Link>
        </li>
    }
}

#[function_component]
fn TopMenu() -> Html {
    let session = use_session();
    let go = use_go();
    let chosen = use_state(|| None::<Theme>);
    let setter = chosen.setter();
    // The settings choose one, too.
    use_effect_with((), move |()| {
        setter.set(Some(browser::theme()));
        let again = Callback::from(move |()| setter.set(Some(browser::theme())));
        let listener = browser::on_theme(again);
        move || drop(listener)
    });
    let theme = |theme: Theme| {
        let on_choose = Callback::from(move |()| browser::set_theme(theme));
        let item = MenuItem::new(theme.label(), on_choose);
        if *chosen == Some(theme) { item.chosen() } else { item }
    };
    let settings = Callback::from(move |()| go.to(Route::Settings));
    let who = session.view().and_then(|view| view.who.clone());
    html! {
        <div class="top-menu">
            <Menu name="Theme" icon={Icon::Theme} items={Theme::ALL.map(theme).to_vec()} />
            <IconButton icon={Icon::Settings} name="Settings" on_press={settings} />
            if let Some(who) = who {
                <Avatar name={who} />
            }
        </div>
    }
}

#[function_component]
fn BottomBar() -> Html {
    let (place, make) = (use_place(), use_make());
    let here = place.route.clone();
    let tab = |icon: Icon, route: Route| {
        let current = here == route;
        html! {
            <Link to={route.clone()} class={classes!("bottom-tab")} {current}>
                <Glyph {icon} /><span>{ route.title() }</span>
            </Link>
        }
    };
    let plus = Callback::from(move |_: MouseEvent| {
        make.open(Making::log("visit", screens::create::about(&place)));
    });
    html! {
        <nav class="bottom" aria-label="Main">
            { tab(Icon::Today, Route::Today) }
            { tab(Icon::Pipeline, Route::Pipeline) }
            <button type="button" class="bottom-plus" aria-label="Log a visit or call" onclick={plus}>
                <Glyph icon={Icon::Plus} />
            </button>
            { tab(Icon::Search, Route::Search) }
            { tab(Icon::More, Route::More) }
        </nav>
    }
}

/// The record panel.
#[derive(Properties, PartialEq)]
struct RecordPanelProps {
    record: AttrValue,
}

#[function_component]
fn RecordPanel(props: &RecordPanelProps) -> Html {
    let panel = use_panel();
    let go = use_go();
    let close = Callback::from(move |()| panel.close());
    use_action(Action::Close, close.clone());
    let full = {
        let record = props.record.to_string();
        Callback::from(move |()| go.to(Route::Record(record.clone())))
    };
    html! {
        <aside class="panel" aria-label="Record">
            <div class="panel-head">
                <IconButton icon={Icon::Back} name="Close the panel" on_press={close} />
                <span class="spread"></span>
                <crate::components::Button
                    label="Open full" kind={crate::components::ButtonKind::Quiet} on_press={full}
                />
            </div>
            <div class="panel-body"><screens::RecordBody record={props.record.clone()} /></div>
        </aside>
    }
}

/// What `u` says where nothing of this session is left to take back.
const NOTHING_TO_UNDO: &str = "Everything since you opened Roadbook is undone. Older work has its Undo in the record's History.";

#[function_component]
fn Toasts() -> Html {
    let (toasts, write) = (use_toasts(), use_write());
    {
        let (write, toasts) = (write.clone(), toasts.clone());
        use_action(
            Action::Undo,
            Callback::from(move |()| {
                let toasts = toasts.clone();
                // Looked up in its turn: what is still on its way was done last.
                let last = move || toasts.as_ref().and_then(|it| it.undoable().cloned());
                write.undo_last(last, NOTHING_TO_UNDO);
            }),
        );
    }
    let Some(toasts) = toasts else {
        return Html::default();
    };
    let on_close = {
        let toasts = toasts.dispatcher();
        Callback::from(move |id| toasts.dispatch(ToastAction::Close(id)))
    };
    let on_undo = {
        let toasts = toasts.clone();
        Callback::from(move |undo: TakeBack| {
            let text = toasts.said_of(&undo).cloned().unwrap_or_default();
            write.undo(Done { text, undo });
        })
    };
    html! { <ToastStack toasts={toasts.shown.clone()} {on_close} {on_undo} /> }
}
