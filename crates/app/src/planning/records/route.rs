//! The order of visits of a day.

use roadbook_api::commands::planning::PlanRoute;
use roadbook_api::views::RecordLink;
use roadbook_api::views::planning::{RouteStopView, RouteView};
use roadbook_domain::{Entity, RecordId};
use roadbook_planning::Pace;
use roadbook_planning::optimise::route::{Finish, Proof, RouteProblem, Stop, plan_watched};

use super::assign::quality;
use super::book::Book;
use super::dates::minutes;
use super::territories::{Places, Point, kilometres};
use crate::errors::{ApiResult, bad_input};
use crate::planning::views::{Names, clock, of_optimise};
use crate::{App, Run, lookup};

const STARTS: &str = "08:00";
const ENDS: &str = "18:00";
const VISIT_MIN: u32 = 30;
const SPEED_KMH: u32 = 50;

/// An account to visit, and when it may begin.
struct Wanted {
    account: RecordId,
    opens_min: f64,
    closes_min: f64,
}

/// Takes the window off the end of `Acme@09:00-11:30`.
fn window(text: &str, day: (f64, f64)) -> ApiResult<(&str, (f64, f64))> {
    let Some((name, window)) = text.rsplit_once('@') else { return Ok((text, day)) };
    let Some((opens, closes)) = window.split_once('-') else { return Ok((text, day)) };
    Ok((name, (minutes("accounts", opens)?, minutes("accounts", closes)?)))
}

impl Run<PlanRoute> for App {
    fn run(&self, command: PlanRoute) -> ApiResult<RouteView> {
        if command.accounts.is_empty() {
            return Err(bad_input("accounts", "none was named", "name the accounts to visit"));
        }
        let day = (
            minutes("starts", command.starts.as_deref().unwrap_or(STARTS))?,
            minutes("ends", command.ends.as_deref().unwrap_or(ENDS))?,
        );
        let book = Book::read(self, None)?;
        let (places, wanted) = self.with(|replica| {
            let one = |text: &String| {
                let (name, (opens_min, closes_min)) = window(text, day)?;
                let account = lookup::record(replica, Some(Entity::Account), name)?.record;
                Ok(Wanted { account, opens_min, closes_min })
            };
            let wanted: ApiResult<Vec<Wanted>> = command.accounts.iter().map(one).collect();
            Ok::<_, roadbook_api::ApiError>((Places::read(replica)?, wanted?))
        })?;
        let start = start(&book, &places, command.start.as_deref())?;
        self.desk.run(|watch| {
            watch.step("solve", 0, 1)?;
            let pace = |done, total| watch.pace("solve", done, total);
            let made = planned(&book, &places, wanted, start, day, &command, &pace)?;
            watch.step("solve", 1, 1)?;
            Ok(made)
        })
    }
}

/// Where the day starts.
fn start(book: &Book, places: &Places, asked: Option<&str>) -> ApiResult<Point> {
    let remedy = "give a start as LATITUDE,LONGITUDE, or keep places that name it";
    if let Some(text) = asked {
        let numbers = text.split_once(',').and_then(|(latitude, longitude)| {
            let point: Point = (latitude.trim().parse().ok()?, longitude.trim().parse().ok()?);
            (point.0.abs() <= 90.0 && point.1.abs() <= 180.0).then_some(point)
        });
        return numbers
            .or_else(|| places.named(text))
            .ok_or_else(|| bad_input("start", &format!("no place is known for `{text}`"), remedy));
    }
    let me = book.users.iter().find(|user| user.id == book.me);
    me.and_then(|me| places.of_user(book, me))
        .ok_or_else(|| bad_input("start", "your place is not known here", remedy))
}

fn planned(
    book: &Book,
    places: &Places,
    wanted: Vec<Wanted>,
    start: Point,
    (starts_min, ends_min): (f64, f64),
    command: &PlanRoute,
    pace: &dyn Fn(usize, usize) -> Pace,
) -> ApiResult<RouteView> {
    let link = |id: RecordId| book.link(id, Entity::Account);
    let mut without_place: Vec<RecordLink> = Vec::new();
    let mut points = vec![start];
    let mut stops = Vec::new();
    let mut visited = Vec::new();
    let visit_min = f64::from(command.visit_min.unwrap_or(VISIT_MIN));
    for Wanted { account, opens_min, closes_min } in wanted {
        let entry = book.accounts.iter().find(|entry| entry.id == account);
        let Some(point) = entry.and_then(|entry| places.of_account(entry)) else {
            without_place.push(link(account));
            continue;
        };
        points.push(point);
        stops.push(Stop { opens_min, closes_min, visit_min });
        visited.push(account);
    }
    if stops.is_empty() {
        let remedy = "keep places that name them, their cities or countries";
        return Err(bad_input("accounts", "none of them has a place here", remedy));
    }
    let speed = f64::from(command.speed_kmh.unwrap_or(SPEED_KMH).max(1)) / 60.0;
    let travel_min: Vec<f64> = points
        .iter()
        .flat_map(|from| points.iter().map(move |to| kilometres(*from, *to) / speed))
        .collect();
    let name = |stop: usize| visited.get(stop).map_or_else(String::new, |id| link(*id).title);
    let names = Names { item: "account", items: &name, reps: &name, ..Names::NUMBERS };
    let problem = RouteProblem {
        travel_min: &travel_min,
        stops: &stops,
        starts_min,
        ends_min,
        finish: Finish::AtStart,
    };
    let found = plan_watched(&problem, pace).map_err(|error| of_optimise(&error, &names))?;
    let stop = |visit: &roadbook_planning::optimise::route::Visit| RouteStopView {
        account: link(visited[visit.stop]),
        place: points[visit.stop + 1],
        drive_min: visit.drive_min,
        arrives: clock(visit.arrives_min),
        waits_min: visit.waits_min,
        slack_min: visit.slack_min,
    };
    Ok(RouteView {
        as_of: book.as_of.clone(),
        start,
        stops: found.visits.iter().map(stop).collect(),
        without_place,
        ends: clock(found.ends_min),
        drive_min: found.drive_min,
        quality: quality(found.quality),
        proven: found.proof == Proof::Optimal,
    })
}
