//! The parts and the screens, rendered on the host and compared with what was accepted.

mod desk;
mod planning;
mod review;
mod work;

use yew::prelude::*;

use crate::app::{App, AppProps};
use crate::gallery::EXHIBITS;
use crate::route::{Place, Route};
use crate::sample;
use crate::screens::today::view::TodayBody;
use crate::words::Wall;

/// Renders a component as the browser would get it, one element a line.
pub(crate) fn rendered<C>(props: impl FnOnce() -> C::Properties + Send + 'static) -> String
where
    C: BaseComponent,
    C::Properties: 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let renderer = yew::ServerRenderer::<C>::with_props(props).hydratable(false);
    runtime.block_on(renderer.render()).replace("><", ">\n<")
}

#[derive(Properties, PartialEq)]
struct AtProps {
    at: usize,
}

/// One exhibit of the gallery.
#[function_component]
fn ExhibitAt(props: &AtProps) -> Html {
    (EXHIBITS[props.at].show)()
}

#[test]
fn every_part_looks_as_it_was_accepted() {
    for (at, exhibit) in EXHIBITS.iter().enumerate() {
        let html = rendered::<ExhibitAt>(move || AtProps { at });
        insta::assert_snapshot!(exhibit.name.to_lowercase().replace([' ', ','], "_"), html);
    }
}

#[derive(Properties, PartialEq)]
struct DayProps {
    day: roadbook_api::views::TodayView,
    #[prop_or_default]
    conflicts: u64,
}

/// Today with a wall around it.
#[function_component]
fn Day(props: &DayProps) -> Html {
    let today = props.day.clone();
    let strip = sample::strip(sample::WALL, roadbook_api::events::SyncState::Offline, 3, 0);
    html! {
        <ContextProvider<Wall> context={sample::WALL}>
            <TodayBody {today} strip={Some(strip)} conflicts={props.conflicts} />
        </ContextProvider<Wall>>
    }
}

#[test]
fn a_full_day_and_an_empty_one_look_as_they_were_accepted() {
    insta::assert_snapshot!(
        "today_full",
        rendered::<Day>(|| DayProps { day: sample::today(sample::WALL), conflicts: 0 })
    );
    insta::assert_snapshot!(
        "today_empty",
        rendered::<Day>(|| DayProps { day: sample::empty_today(sample::WALL), conflicts: 0 })
    );
}

#[test]
fn who_may_settle_conflicts_sees_on_today_that_some_wait() {
    let day = |conflicts| move || DayProps { day: sample::empty_today(sample::WALL), conflicts };
    let told = rendered::<Day>(day(2));
    assert!(
        told.contains("href=\"/review\"") && told.contains("2 conflicts wait for you"),
        "{told}"
    );
    assert!(rendered::<Day>(day(1)).contains("1 conflict waits for you"));
    assert!(!rendered::<Day>(day(0)).contains("for you"));
}

fn page(place: Place) -> String {
    rendered::<App>(move || AppProps { bridge: None, place, wall: sample::WALL })
}

#[test]
fn the_frame_waits_for_its_answers_without_a_bridge() {
    insta::assert_snapshot!("frame", page(Route::Today.into()));
}

#[test]
fn every_route_has_a_heading_or_says_that_there_is_nothing() {
    for path in [
        "/pipeline",
        "/accounts",
        "/queue",
        "/more",
        "/components",
        "/nowhere",
        "/forecast",
        "/hot",
        "/scoring",
        "/scoring/leads",
        "/route",
        "/territories",
        "/quotas",
        "/assignment",
    ] {
        let html = page(Place::read(path, ""));
        assert!(html.contains("<h1>") || html.contains("There is no such page"), "{path}");
    }
}

#[test]
fn a_press_for_every_control_has_a_name() {
    let html = page(Route::Components.into());
    for button in html.split("<button").skip(1) {
        let (head, rest) = button.split_once('>').unwrap();
        let inside = rest.split("</button>").next().unwrap();
        let words: String =
            inside.split('<').filter_map(|part| part.split_once('>')).map(|it| it.1).collect();
        let named = head.contains("aria-label=") || inside.contains("aria-label=");
        let written = inside.split('<').next().is_some_and(|text| !text.trim().is_empty());
        assert!(named || written || !words.trim().is_empty(), "a button without a name: {head}");
    }
}

#[test]
fn an_id_stands_on_a_page_only_once() {
    let html = page(Route::Components.into());
    let mut ids: Vec<&str> =
        html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    ids.sort_unstable();
    let before = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), before, "an id is there twice");
}
