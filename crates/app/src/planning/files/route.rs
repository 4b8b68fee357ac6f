//! The order of visits of a day, from a JSON file.

use std::path::PathBuf;

use roadbook_api::ApiError;
use roadbook_api::views::planning::{FileVisitView, RouteFileView};
use roadbook_planning::optimise::route::{
    Finish, Proof, Route, RouteProblem, Stop, plan_watched, straight_line_minutes,
};
use serde::Deserialize;

use super::Made;
use super::input::{self, shown, wrong};
use crate::errors::ApiResult;
use crate::planning::PlanWatch;
use crate::planning::views::{Names, clock, of_optimise};

/// A day to plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteFile {
    /// JSON.
    pub input: PathBuf,
}

/// The form of the file. Times are minutes of the day or `HH:MM`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Day {
    /// Where the day starts, `[x, y]` in kilometres; not needed with `travel_min`.
    #[serde(default)]
    start: Option<[f64; 2]>,
    #[serde(default = "eight")]
    starts: Time,
    #[serde(default = "eighteen")]
    ends: Time,
    #[serde(default)]
    finish: End,
    /// Kilometres an hour on straight lines.
    #[serde(default = "usual_speed")]
    speed_kmh: f64,
    /// Minutes from each place to each, the start first; instead of places.
    #[serde(default)]
    travel_min: Option<Vec<Vec<f64>>>,
    stops: Vec<Visit>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Visit {
    id: String,
    #[serde(default)]
    at: Option<[f64; 2]>,
    #[serde(default)]
    opens: Option<Time>,
    #[serde(default)]
    closes: Option<Time>,
    #[serde(default = "half_an_hour")]
    visit_min: f64,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    #[default]
    AtStart,
    AtLastStop,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Time {
    Minutes(f64),
    Clock(String),
}

const fn eight() -> Time {
    Time::Minutes(480.0)
}

const fn eighteen() -> Time {
    Time::Minutes(1080.0)
}

const fn usual_speed() -> f64 {
    50.0
}

const fn half_an_hour() -> f64 {
    30.0
}

impl Time {
    fn minutes(&self, place: &str) -> ApiResult<f64> {
        match self {
            Self::Minutes(minutes) => Ok(*minutes),
            Self::Clock(text) => {
                let parts = text.split_once(':');
                let read = parts.and_then(|(hours, minutes)| {
                    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
                    (hours <= 24 && minutes < 60).then_some(f64::from(hours * 60 + minutes))
                });
                read.ok_or_else(|| {
                    wrong(place, &format!("`{text}` is no time of day"), "write it like \"08:30\"")
                })
            }
        }
    }
}

/// Plans the day of a file; output: the plan as JSON.
///
/// # Errors
/// JSON that cannot be read, by line and column; a stop without a place; windows that clash, by
/// their stops; cancelled.
pub fn plan_route(command: &RouteFile, watch: &PlanWatch<'_>) -> ApiResult<Made<RouteFileView>> {
    watch.step("read", 0, 1)?;
    let text = input::text(&command.input)?;
    let day: Day = serde_json::from_str(&text).map_err(|error| {
        let place = format!("{} line {}", shown(&command.input), error.line());
        let remedy = "write {\"start\":[0,0],\"stops\":[{\"id\":\"a\",\"at\":[3,4],\
                      \"opens\":\"09:00\",\"closes\":\"12:00\",\"visit_min\":30}]}";
        wrong(&place, &error.to_string(), remedy)
    })?;
    let (starts_min, ends_min) = (day.starts.minutes("starts")?, day.ends.minutes("ends")?);
    let stops: ApiResult<Vec<Stop>> = day
        .stops
        .iter()
        .map(|visit| {
            let time = |time: &Option<Time>, field: &str, otherwise: f64| match time {
                Some(time) => time.minutes(&format!("stop {}, {field}", visit.id)),
                None => Ok(otherwise),
            };
            let opens_min = time(&visit.opens, "opens", starts_min)?;
            let closes_min = time(&visit.closes, "closes", ends_min)?;
            if closes_min < opens_min {
                let place = format!("stop {}", visit.id);
                return Err(wrong(&place, "closes before it opens", "mend opens or closes"));
            }
            if !(0.0..=1e6).contains(&visit.visit_min) {
                let problem = format!("is {}, which is no length of a visit", visit.visit_min);
                let place = format!("stop {}, visit_min", visit.id);
                return Err(wrong(&place, &problem, "give minutes, 0 or more"));
            }
            Ok(Stop { opens_min, closes_min, visit_min: visit.visit_min })
        })
        .collect();
    let (travel_min, travel) = travel(&day)?;
    watch.step("solve", 0, 1)?;
    let problem = RouteProblem {
        travel_min: &travel_min,
        stops: &stops?,
        starts_min,
        ends_min,
        finish: match day.finish {
            End::AtStart => Finish::AtStart,
            End::AtLastStop => Finish::AtLastStop,
        },
    };
    let id = |stop: usize| day.stops.get(stop).map_or_else(String::new, |stop| stop.id.clone());
    let pace = |done, total| watch.pace("solve", done, total);
    let route = plan_watched(&problem, &pace).map_err(|error| {
        of_optimise(&error, &Names { item: "stop", items: &id, reps: &id, ..Names::NUMBERS })
    })?;
    watch.step("solve", 1, 1)?;
    let report = view(&route, travel, &id);
    let output = serde_json::to_vec_pretty(&report).map_err(|_| super::forecast::not_json())?;
    Ok(Made { report, output, beside: Vec::new() })
}

fn view(route: &Route, travel: &str, id: &dyn Fn(usize) -> String) -> RouteFileView {
    let visit = |visit: &roadbook_planning::optimise::route::Visit| FileVisitView {
        id: id(visit.stop),
        drive_min: visit.drive_min,
        arrives: clock(visit.arrives_min),
        waits_min: visit.waits_min,
        slack_min: visit.slack_min,
    };
    RouteFileView {
        visits: route.visits.iter().map(visit).collect(),
        ends: clock(route.ends_min),
        objective: route.quality.objective,
        bound: route.quality.bound,
        gap: route.quality.gap(),
        drive_min: route.drive_min,
        wait_min: route.wait_min,
        proven: route.proof == Proof::Optimal,
        travel: travel.to_owned(),
    }
}

/// Travel times, as they are given or on straight lines, and which of the two.
fn travel(day: &Day) -> ApiResult<(Vec<f64>, &'static str)> {
    let places = day.stops.len() + 1;
    if let Some(rows) = &day.travel_min {
        let wrong_row = rows.iter().position(|row| row.len() != places);
        if rows.len() != places || wrong_row.is_some() {
            let problem = match wrong_row {
                Some(row) => format!("row {row} has {} entries", rows[row].len()),
                None => format!("has {} rows", rows.len()),
            };
            let remedy = format!("give {places} rows of {places}: the start, then every stop");
            return Err(wrong("travel_min", &problem, &remedy));
        }
        return Ok((rows.concat(), "given"));
    }
    let missing = |what: String| -> ApiError {
        wrong(&what, "has no place", "give places as [x, y] in kilometres, or travel_min for all")
    };
    let start = day.start.ok_or_else(|| missing("start".to_owned()))?;
    let mut points = vec![start];
    for stop in &day.stops {
        points.push(stop.at.ok_or_else(|| missing(format!("stop {}", stop.id)))?);
    }
    let minutes = straight_line_minutes(&points, day.speed_kmh / 60.0)
        .map_err(|error| of_optimise(&error, &Names { item: "stop", ..Names::NUMBERS }))?;
    Ok((minutes, "straight_line"))
}
