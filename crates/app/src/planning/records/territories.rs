//! Territories of accounts, beside today's.
//!
//! Distance is that between places where reps and accounts have one; else it is the relation: how
//! much of an account's business was somebody else's.

use std::collections::HashMap;

use roadbook_api::commands::planning::{DesignTerritories, Place};
use roadbook_api::views::planning::{TerritoriesView, TerritoryAccountView, TerritoryRepView};
use roadbook_domain::{Entity, RecordId};
use roadbook_planning::optimise::OptimiseError;
use roadbook_planning::optimise::territory::{
    NEAREST, Territories, TerritoryProblem, design_watched, fragments, neighbours,
};
use roadbook_replica::Replica;

use super::assign::quality;
use super::book::{Book, Entry};
use super::kept;
use crate::errors::{ApiResult, bad_input};
use crate::planning::PlanWatch;
use crate::planning::views::{Names, of_optimise};
use crate::{App, Run, lookup};

/// How far a load may be from the average where nobody says: the first that whole accounts allow.
const BALANCES: [f64; 5] = [0.05, 0.1, 0.2, 0.35, 0.5];
/// The mean distance times this must be saved by a change where nobody says.
const CHANGE: f64 = 0.05;
/// Visits a month of an account whose frequency is not known, and more for each open deal.
const VISITS: f64 = 0.5;
const VISITS_PER_DEAL: f64 = 0.5;
/// Share of accounts that must have a place for places to count.
const ENOUGH: f64 = 0.8;
/// Radius of the earth in kilometres (mean radius of IUGG).
const EARTH_KM: f64 = 6_371.008_8;

/// Latitude and longitude in degrees.
pub(super) type Point = (f64, f64);

/// The places that the device keeps, by name in small letters.
pub(super) struct Places(HashMap<String, Point>);

impl Places {
    pub(super) fn read(replica: &Replica) -> ApiResult<Self> {
        let kept: Vec<(i64, Vec<Place>)> = kept::read(replica, kept::PLACES)?;
        let all = kept.into_iter().flat_map(|(_, places)| places);
        let one = |p: Place| (p.name.trim().to_lowercase(), (p.latitude, p.longitude));
        Ok(Self(all.map(one).collect()))
    }

    pub(super) fn named(&self, name: &str) -> Option<Point> {
        self.0.get(&name.trim().to_lowercase()).copied()
    }

    /// Where an account is: by its name, an external id, its city or its country.
    pub(super) fn of_account(&self, account: &Entry) -> Option<Point> {
        let ids = account.members("external_ids").iter().map(String::as_str);
        let own = std::iter::once(account.name.as_str()).chain(ids);
        let around = [account.text("city"), account.text("country")].into_iter().flatten();
        own.chain(around).find_map(|name| self.named(name))
    }

    /// Where a user starts from: by name, sign-in name or territory.
    pub(super) fn of_user(&self, book: &Book, user: &Entry) -> Option<Point> {
        let territory = book.name(user.reference("territory"));
        let names = [Some(user.name.as_str()), user.text("login"), Some(territory.as_str())];
        names.into_iter().flatten().find_map(|name| self.named(name))
    }
}

/// Kilometres between two places on a great circle (haversine; Sinnott, *Sky and Telescope* 68,
/// 1984).
pub(super) fn kilometres(from: Point, to: Point) -> f64 {
    let (north, south) = (from.0.to_radians(), to.0.to_radians());
    let (dy, dx) = (south - north, (to.1 - from.1).to_radians());
    let half = (dy / 2.0).sin().powi(2) + north.cos() * south.cos() * (dx / 2.0).sin().powi(2);
    2.0 * EARTH_KM * half.sqrt().min(1.0).asin()
}

impl Run<DesignTerritories> for App {
    fn run(&self, command: DesignTerritories) -> ApiResult<TerritoriesView> {
        let book = Book::read(self, None)?;
        let (places, pinned) = self.with(|replica| {
            let account = |text: &String| {
                lookup::record(replica, Some(Entity::Account), text).map(|row| row.record)
            };
            let pinned: ApiResult<Vec<RecordId>> = command.pinned.iter().map(account).collect();
            Ok::<_, roadbook_api::ApiError>((Places::read(replica)?, pinned?))
        })?;
        self.desk.run(|watch| {
            watch.step("solve", 0, 1)?;
            let made = designed(&book, &places, &pinned, &command, watch)?;
            watch.step("solve", 1, 1)?;
            Ok(made)
        })
    }
}

/// Who works with an account today: its owner, or the owner of most of its deals.
fn today(book: &Book, account: &Entry, reps: &HashMap<RecordId, usize>) -> Option<usize> {
    if let Some(rep) = account.reference("owner").and_then(|owner| reps.get(&owner)) {
        return Some(*rep);
    }
    let mut deals = vec![0_usize; reps.len()];
    for deal in book.deals.iter().filter(|deal| deal.account == Some(account.id)) {
        if let Some(rep) = deal.owner.and_then(|owner| reps.get(&owner)) {
            deals[*rep] += 1;
        }
    }
    let most = deals.iter().copied().max().filter(|most| *most > 0)?;
    deals.iter().position(|count| *count == most)
}

pub(super) fn designed(
    book: &Book,
    places: &Places,
    pinned: &[RecordId],
    command: &DesignTerritories,
    watch: &PlanWatch<'_>,
) -> ApiResult<TerritoriesView> {
    let reps = book.reps();
    let accounts: Vec<&Entry> = book.accounts.iter().collect();
    if reps.is_empty() || accounts.is_empty() {
        let remedy = "sync, or ask a Manager for access";
        return Err(bad_input("accounts", "there are no accounts or no reps here", remedy));
    }
    let index: HashMap<RecordId, usize> =
        reps.iter().enumerate().map(|(at, rep)| (rep.id, at)).collect();
    let now: Vec<Option<usize>> = accounts.iter().map(|a| today(book, a, &index)).collect();
    let homes: Vec<Option<Point>> = reps.iter().map(|rep| places.of_user(book, rep)).collect();
    let points: Vec<Option<Point>> =
        accounts.iter().map(|account| places.of_account(account)).collect();
    let placed = points.iter().flatten().count() as f64;
    let by_place = homes.iter().all(Option::is_some) && placed >= ENOUGH * accounts.len() as f64;
    let distance =
        if by_place { on_the_map(&points, &homes) } else { by_relation(book, &accounts, &index) };
    let work: Vec<f64> = accounts.iter().map(|account| visits(book, account)).collect();
    let mean = distance.iter().sum::<f64>() / distance.len() as f64;
    let fixed: Vec<Option<usize>> = accounts
        .iter()
        .zip(&now)
        .map(|(account, now)| now.filter(|_| pinned.contains(&account.id)))
        .collect();
    let name = |at: usize| accounts.get(at).map_or_else(String::new, |a| a.name.clone());
    let rep_name = |at: usize| reps.get(at).map_or_else(String::new, |rep| rep.name.clone());
    let names = Names { item: "account", items: &name, reps: &rep_name, ..Names::NUMBERS };
    let beside = match (command.contiguous, by_place) {
        (false, _) => Vec::new(),
        (true, true) => side_by_side(&points),
        (true, false) => return Err(without_places()),
    };
    let problem = |balance: f64| TerritoryProblem {
        distance: &distance,
        work: &work,
        reps: reps.len(),
        balance,
        today: &now,
        change_penalty: command.change_penalty.unwrap_or(CHANGE * mean),
        pinned: &fixed,
        neighbours: &beside,
    };
    let asked: Vec<f64> = command.balance.map_or_else(|| BALANCES.to_vec(), |one| vec![one]);
    let pace = |done, total| watch.pace("solve", done, total);
    let tried = asked.iter().map(|balance| (*balance, design_watched(&problem(*balance), &pace)));
    let last = asked.len() - 1;
    let ends = |made: &Result<Territories, OptimiseError>| {
        made.is_ok() || *made == Err(OptimiseError::Stopped)
    };
    let fits = tried.enumerate().find(|(at, (_, made))| *at == last || ends(made));
    let (balance, made) = fits
        .map(|(_, made)| made)
        .ok_or_else(|| bad_input("balance", "is missing", "give a share, such as 0.05"))?;
    let found = made.map_err(|error| of_optimise(&error, &names))?;
    let apart = |rep: &[usize]| apart(&problem(balance), rep, &points);
    let all_today: Option<Vec<usize>> = now.iter().copied().collect();
    let apart =
        command.contiguous.then(|| (all_today.map(|today| apart(&today)), apart(&found.rep)));
    let link = |rep: usize| book.link(reps[rep].id, Entity::User);
    let rows = accounts.iter().enumerate().map(|(at, account)| TerritoryAccountView {
        account: book.link(account.id, Entity::Account),
        place: points[at],
        work: work[at],
        today: now[at].map(link),
        rep: link(found.rep[at]),
        changes: now[at] != Some(found.rep[at]),
    });
    let rows: Vec<TerritoryAccountView> = rows.collect();
    let sums = |of: &dyn Fn(usize) -> Option<usize>, rep: usize| {
        let own = || (0..accounts.len()).filter(|at| of(*at) == Some(rep));
        // The sum of nothing is minus zero, and would be shown so.
        let load = 0.0 + own().map(|at| work[at]).sum::<f64>();
        let far: f64 = own().map(|at| work[at] * distance[at * reps.len() + rep]).sum();
        let count = u32::try_from(own().count()).unwrap_or(u32::MAX);
        (load, count, if load > 0.0 { far / load } else { 0.0 })
    };
    let views = reps.iter().enumerate().map(|(rep, entry)| {
        let before = sums(&|at| now[at], rep);
        let after = sums(&|at| Some(found.rep[at]), rep);
        TerritoryRepView {
            rep: book.link(entry.id, Entity::User),
            home: homes[rep],
            work: (before.0, after.0),
            accounts: (before.1, after.1),
            distance: (before.2, after.2),
        }
    });
    Ok(TerritoriesView {
        as_of: book.as_of.clone(),
        distance: if by_place { "kilometres" } else { "relation" }.to_owned(),
        reps: views.collect(),
        changes: rows.iter().filter(|row| row.changes).count() as u64,
        accounts: rows,
        quality: quality(found.quality),
        balance,
        imbalance: (found.before.map(|before| before.worst_imbalance), found.after.worst_imbalance),
        apart,
    })
}

/// How many accounts with a place lie apart from most of their rep's.
fn apart(problem: &TerritoryProblem<'_>, rep: &[usize], points: &[Option<Point>]) -> u64 {
    let told = fragments(problem, rep);
    told.iter().zip(points).filter(|(apart, point)| **apart && point.is_some()).count() as u64
}

/// Which accounts lie side by side; one without a place lies beside none.
fn side_by_side(points: &[Option<Point>]) -> Vec<(u32, u32)> {
    let known: Vec<(u32, Point)> =
        (0..).zip(points).filter_map(|(at, point)| Some((at, (*point)?))).collect();
    // On the unit sphere the straight way orders distances as the one on the ground does.
    let on_sphere = |(_, (latitude, longitude)): &(u32, Point)| {
        let (north, east) = (latitude.to_radians(), longitude.to_radians());
        [north.cos() * east.cos(), north.cos() * east.sin(), north.sin()]
    };
    let places: Vec<[f64; 3]> = known.iter().map(on_sphere).collect();
    let number = |at: u32| known[at as usize].0;
    neighbours(&places, NEAREST).into_iter().map(|(a, b)| (number(a), number(b))).collect()
}

fn without_places() -> roadbook_api::ApiError {
    let problem = "asks for places, and too few are known here";
    let remedy = "keep places of accounts and reps first (roadbook territories --places FILE)";
    bad_input("contiguous", problem, remedy)
}

/// Visits a month.
fn visits(book: &Book, account: &Entry) -> f64 {
    let every = account.integer("visit_every_days").filter(|days| *days > 0);
    if let Some(days) = every {
        return 30.0 / days as f64;
    }
    let open = |deal: &&super::book::Deal| {
        deal.account == Some(account.id) && deal.standing == super::book::Standing::Open
    };
    VISITS + VISITS_PER_DEAL * book.deals.iter().filter(open).count() as f64
}

/// Kilometres; an account without a place is as far from everybody as accounts are on average.
fn on_the_map(points: &[Option<Point>], homes: &[Option<Point>]) -> Vec<f64> {
    let far = |point: Option<Point>, home: &Option<Point>| Some(kilometres(point?, (*home)?));
    let known: Vec<f64> =
        points.iter().flat_map(|p| homes.iter().filter_map(move |h| far(*p, h))).collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    points.iter().flat_map(|p| homes.iter().map(move |h| far(*p, h).unwrap_or(mean))).collect()
}

/// The share of an account's deals that was not the rep's; 1 for an account without deals, 0 for
/// its owner.
fn by_relation(book: &Book, accounts: &[&Entry], reps: &HashMap<RecordId, usize>) -> Vec<f64> {
    let mut deals: HashMap<RecordId, Vec<f64>> = HashMap::new();
    for deal in &book.deals {
        let rep = deal.owner.and_then(|owner| reps.get(&owner));
        if let (Some(account), Some(rep)) = (deal.account, rep) {
            deals.entry(account).or_insert_with(|| vec![0.0; reps.len()])[*rep] += 1.0;
        }
    }
    let row = |account: &&Entry| {
        let own = deals.get(&account.id).cloned().unwrap_or_else(|| vec![0.0; reps.len()]);
        let all: f64 = own.iter().sum();
        let owner = account.reference("owner").and_then(|owner| reps.get(&owner)).copied();
        own.into_iter()
            .enumerate()
            .map(move |(rep, count)| {
                if owner == Some(rep) {
                    0.0
                } else {
                    1.0 - if all > 0.0 { count / all } else { 0.0 }
                }
            })
            .collect::<Vec<f64>>()
    };
    accounts.iter().flat_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilometres_are_those_of_the_globe() {
        let (berlin, paris) = ((52.52, 13.405), (48.8566, 2.3522));
        assert!((kilometres(berlin, paris) - 877.5).abs() < 1.5, "as atlases say");
        assert!(kilometres(berlin, berlin) < 1e-9);
        assert!(
            (kilometres((0.0, 0.0), (0.0, 180.0)) - EARTH_KM * std::f64::consts::PI).abs() < 1.0
        );
    }
}
