//! The route of the day: the visits of the agenda in the order that drives least and keeps every
//! appointment, as a list with a small drawing.

use std::rc::Rc;

use roadbook_api::commands::pages::ShowToday;
use roadbook_api::commands::planning::{KeepPlaces, Place, PlanRoute};
use roadbook_api::views::TodayView;
use roadbook_api::views::planning::RouteView;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{AsOf, PlanNav, state_of};
use crate::components::chart::{MapChart, MapPoint, Shape};
use crate::components::{
    Button, ButtonKind, ChoiceChips, Dialog, Empty, Icon, PageHead, RecordName, Skeleton, TextArea,
    TextField,
};
use crate::context::{Watch, use_bridge, use_plan, use_query, use_session, use_toast, use_wall};
use crate::words::{Wall, counted, sentence};

/// Minutes by which a visit with a time may begin later.
const PATIENCE_MIN: i64 = 15;
const MINUTE_MS: i64 = 60_000;

/// An account that can be visited today.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// The account's id.
    pub account: AttrValue,
    /// Its name.
    pub name: AttrValue,
    /// As the app takes it: the id, with a window where there is a time.
    pub asked: String,
    /// It is on the agenda, and not only suggested.
    pub planned: bool,
}

/// The accounts of a day: those of the agenda that are not done, then suggested ones.
#[must_use]
pub fn visits(today: &TodayView, wall: Wall) -> Vec<Visit> {
    let mut out: Vec<Visit> = Vec::new();
    let open = today
        .agenda
        .iter()
        .filter(|it| !it.done && matches!(it.kind.as_str(), "visit" | "meeting"));
    for item in open {
        let Some(account) = &item.account else { continue };
        let id = account.record.to_string();
        let window = item.at_ms.map(|at| {
            let (from, to) = (wall.time(at), wall.time(at + PATIENCE_MIN * MINUTE_MS));
            format!("{id}@{from}-{to}")
        });
        out.push(Visit {
            asked: window.unwrap_or_else(|| id.clone()),
            account: id.into(),
            name: account.title.clone().into(),
            planned: true,
        });
    }
    for it in &today.suggested {
        let id = it.link.record.to_string();
        if out.iter().all(|known| known.account != id.as_str()) {
            let name = it.link.title.clone().into();
            out.push(Visit { asked: id.clone(), account: id.into(), name, planned: false });
        }
    }
    out
}

/// The route of the day.
#[function_component]
pub fn DayRoute() -> Html {
    let wall = use_wall();
    let day = wall.today().to_string();
    let request = ShowToday { day, offset_minutes: wall.offset_minutes };
    let today = use_query(Some(request), Watch::Records);
    let changed = use_state(Vec::<AttrValue>::new);
    let start = use_state(AttrValue::default);
    let typed = use_state(AttrValue::default);
    let placing = use_state(|| false);
    let all = today.data.as_ref().map(|today| visits(today, wall)).unwrap_or_default();
    let chosen: Vec<&Visit> =
        all.iter().filter(|it| it.planned != changed.contains(&it.account)).collect();
    let request = (!chosen.is_empty()).then(|| PlanRoute {
        accounts: chosen.iter().map(|it| it.asked.clone()).collect(),
        start: Some(start.to_string()).filter(|it| !it.is_empty()),
        ..PlanRoute::default()
    });
    let nobody = request.is_none();
    let plan = use_plan(request);
    let on_press = {
        let changed = changed.clone();
        Callback::from(move |account: AttrValue| {
            let mut next = (*changed).clone();
            match next.iter().position(|it| *it == account) {
                Some(at) => drop(next.remove(at)),
                None => next.push(account),
            }
            changed.set(next);
        })
    };
    let onsubmit = {
        let (start, typed) = (start.clone(), typed.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            start.set((*typed).clone());
        })
    };
    let put = {
        let typed = typed.clone();
        Callback::from(move |text: AttrValue| typed.set(text))
    };
    let open = |to: bool| {
        let placing = placing.clone();
        Callback::from(move |()| placing.set(to))
    };
    let options = all.iter().map(|it| (it.account.clone(), it.name.clone()));
    let kept = !use_session().is_hosted();
    let actions = html! {
        if kept {
            <Button label="Places" kind={ButtonKind::Plain} icon={Icon::Visit} on_press={open(true)} />
        }
    };
    html! {
        <div class="plan">
            <PageHead title="Route of the day" {actions} />
            <PlanNav />
            <form class="plan-choices" {onsubmit}>
                <ChoiceChips
                    name="Accounts to visit" options={options.collect::<Vec<_>>()}
                    chosen={chosen.iter().map(|it| it.account.clone()).collect::<Vec<_>>()} {on_press}
                />
                <TextField
                    id="route-start" label="Start from" value={(*typed).clone()}
                    hint={Some(AttrValue::from("A place kept here, or latitude,longitude; else your own"))}
                    on_change={put}
                />
                <Button label="Compute" submits=true disabled={*typed == *start} />
            </form>
            { state_of(&plan, "the route") }
            if let Some(view) = plan.data.as_ref().filter(|_| !nobody) {
                <RouteBody view={view.clone()} />
            } else if nobody && today.data.is_some() {
                <Empty
                    icon={Icon::Visit} title="No visit is planned for today"
                    text="Visits and meetings of the agenda stand here in the order that drives least. Choose an account above to add one."
                />
            } else if plan.error.is_none() {
                <Skeleton lines={6} />
            }
            if *placing {
                <PlacesDialog on_close={open(false)} on_kept={plan.again.clone()} />
            }
        </div>
    }
}

/// A route.
#[derive(Properties, PartialEq)]
pub struct RouteBodyProps {
    /// The route.
    pub view: Rc<RouteView>,
}

/// What a route comes to, in a sentence.
#[must_use]
pub fn summary(view: &RouteView) -> String {
    let stops = counted(view.stops.len() as u64, "visit", "visits");
    let proven = if view.proven { " No order is shorter." } else { "" };
    format!("{stops}, {:.0} minutes of driving, back at {}.{proven}", view.drive_min, view.ends)
}

/// A route: the list, and a drawing of it.
#[function_component]
pub fn RouteBody(props: &RouteBodyProps) -> Html {
    let view = &props.view;
    let stop = |(at, stop): (usize, &roadbook_api::views::planning::RouteStopView)| {
        let mut about = format!("{:.0} min drive", stop.drive_min);
        if stop.waits_min >= 1.0 {
            about.push_str(&format!(", {:.0} min early", stop.waits_min));
        }
        about.push_str(&format!(", could begin {:.0} min later", stop.slack_min));
        html! {
            <li class="stop" key={stop.account.record.to_string()}>
                <span class="stop-place number">{ at + 1 }</span>
                <span class="stop-time number">{ &stop.arrives }</span>
                <span class="stop-words">
                    <RecordName record={stop.account.record.to_string()} title={stop.account.title.clone()} />
                    <span class="quiet small">{ about }</span>
                </span>
            </li>
        }
    };
    let point = |(at, stop): (usize, &roadbook_api::views::planning::RouteStopView)| MapPoint {
        north: stop.place.0,
        east: stop.place.1,
        shape: Shape::Home,
        hue: 8,
        label: (at + 1).to_string().into(),
        tip: stop.account.title.clone().into(),
    };
    let start = MapPoint {
        north: view.start.0,
        east: view.start.1,
        shape: Shape::Ring,
        hue: 8,
        label: AttrValue::default(),
        tip: "Start".into(),
    };
    let points: Vec<MapPoint> =
        std::iter::once(start).chain(view.stops.iter().enumerate().map(point)).collect();
    let way: Vec<(f64, f64)> = std::iter::once(view.start)
        .chain(view.stops.iter().map(|stop| stop.place))
        .chain(std::iter::once(view.start))
        .collect();
    html! {
        <div class="plan-body">
            <p class="plan-as-of quiet small">
                <AsOf as_of={view.as_of.clone()} />{ " Driving is on straight lines." }
            </p>
            <p class="plan-part plan-lead">{ summary(view) }</p>
            <div class="plan-part plan-two">
                <ol class="stops">{ for view.stops.iter().enumerate().map(stop) }</ol>
                <MapChart summary={format!("The way, in the order of the list: {}", summary(view))} {points} {way} />
            </div>
            if !view.without_place.is_empty() {
                <p class="plan-part quiet">
                    { format!("Without a place here, and left out: {}.", view.without_place.iter().map(|it| it.title.as_str()).collect::<Vec<_>>().join(", ")) }
                </p>
            }
        </div>
    }
}

/// The dialog in which places are kept.
#[derive(Properties, PartialEq)]
pub struct PlacesDialogProps {
    /// It closes.
    pub on_close: Callback<()>,
    /// Places are kept.
    pub on_kept: Callback<()>,
}

/// Reads places, one a line: name, latitude, longitude. The line that is wrong, if one is.
///
/// # Errors
/// The text of the first line that is no place.
pub fn places(text: &str) -> Result<Vec<Place>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let mut parts = line.rsplitn(3, [',', ';', '\t']);
            let number = |part: Option<&str>| part?.trim().parse::<f64>().ok();
            let (longitude, latitude) = (number(parts.next()), number(parts.next()));
            let name = parts.next().map(str::trim).filter(|name| !name.is_empty());
            match (name, latitude, longitude) {
                (Some(name), Some(latitude), Some(longitude)) => {
                    Ok(Place { name: name.to_owned(), latitude, longitude })
                }
                _ => Err(line.to_owned()),
            }
        })
        .collect()
}

/// The dialog in which places are kept.
#[function_component]
pub fn PlacesDialog(props: &PlacesDialogProps) -> Html {
    let text = use_state(AttrValue::default);
    let (bridge, say) = (use_bridge(), use_toast());
    let read = places(&text);
    let wrong = read
        .as_ref()
        .err()
        .map(|line| AttrValue::from(format!("\u{201c}{line}\u{201d} is no place.")));
    let keep = {
        let (read, say) = (read.clone().unwrap_or_default(), say);
        let (on_close, on_kept) = (props.on_close.clone(), props.on_kept.clone());
        Callback::from(move |()| {
            let Some(bridge) = bridge.clone() else {
                return;
            };
            let (say, places) = (say.clone(), read.clone());
            let (on_close, on_kept) = (on_close.clone(), on_kept.clone());
            spawn_local(async move {
                match bridge.write(KeepPlaces { places }).await {
                    Ok(kept) => {
                        let words = counted(kept.places, "place", "places");
                        say.done(format!("{words} kept on this device"), None);
                        on_close.emit(());
                        on_kept.emit(());
                    }
                    Err(error) => say.problem(sentence(&error.message)),
                }
            });
        })
    };
    let on_change = {
        let text = text.clone();
        Callback::from(move |typed| text.set(typed))
    };
    let ready = read.is_ok_and(|places| !places.is_empty());
    let actions = html! {
        <Button label="Keep" kind={ButtonKind::Primary} disabled={!ready} on_press={keep} />
    };
    html! {
        <Dialog title="Places on this device" on_close={props.on_close.clone()} {actions}>
            <TextArea
                id="places" label="One a line: name, latitude, longitude" value={(*text).clone()} lines=8
                hint="A name is that of an account, a city, a country, a person or a territory. They take the place of those kept before."
                problem={wrong} {on_change}
            />
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_agenda_comes_first_with_its_times_and_what_is_done_is_left_out() {
        let visits = visits(&sample::today(sample::WALL), sample::WALL);
        let names: Vec<&str> = visits.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(&names[..2], ["Acme Logistics", "Cyan Health"], "a visit and a meeting");
        assert!(visits[0].asked.ends_with("@14:10-14:25"), "{}", visits[0].asked);
        assert!(visits.iter().skip(2).all(|it| !it.planned && !it.asked.contains('@')));
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), names.len(), "nobody stands there twice");
    }

    #[test]
    fn places_are_read_line_by_line_and_the_wrong_one_is_named() {
        let read = places("Kiel, 54.32, 10.14\n\nGump, Ltd; 52.5; 13.4").unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[1].name, "Gump, Ltd");
        assert_eq!(places("Kiel, north").unwrap_err(), "Kiel, north");
        assert_eq!(places(" \n").unwrap(), vec![]);
    }

    #[test]
    fn a_route_says_what_it_comes_to() {
        let view = sample::planning::route(sample::WALL);
        assert!(summary(&view).contains("minutes of driving"));
    }
}
