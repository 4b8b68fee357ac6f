//! Plans on records, as people read them on a terminal.

use std::fmt::Write as _;

use roadbook_api::views::planning::{
    AssignmentView, QualityView, QuotasView, RouteView, TerritoriesView,
};

use super::super::show::lying_apart;
use super::show::{LEFT, RIGHT, amount, as_of, head, optional, percent};
use crate::show::table::table;
use crate::show::words::{Now, count, grouped};
use crate::terminal::Terminal;

fn quality(view: &QualityView) -> String {
    if view.gap < 1e-9 {
        "no plan is better".to_owned()
    } else {
        format!("a plan could be {:.2} % better at most", 100.0 * view.gap)
    }
}

pub(super) fn assignment(view: &AssignmentView, terminal: &Terminal, now: &Now) -> String {
    let header =
        [("LEAD", LEFT), ("REP", LEFT), ("CHANCE", RIGHT), ("WORTH", RIGHT), ("WHY", LEFT)];
    let row = |lead: &roadbook_api::views::planning::AssignedLeadView| {
        let rep = lead.rep.as_ref().map_or_else(|| "-".to_owned(), |rep| rep.title.clone());
        let (chance, worth) = (percent(lead.chance), amount(lead.value));
        vec![lead.lead.title.clone(), rep, chance, worth, lead.reason.clone()]
    };
    let rows: Vec<Vec<String>> = view.leads.iter().map(row).collect();
    let loads = [("REP", LEFT), ("HAS", RIGHT), ("GETS", RIGHT), ("PLACES", RIGHT)];
    let load = |rep: &roadbook_api::views::planning::RepLoadView| {
        let numbers = [rep.today, rep.gets, rep.capacity].map(|number| number.to_string());
        std::iter::once(rep.rep.title.clone()).chain(numbers).collect()
    };
    let reps: Vec<Vec<String>> = view.reps.iter().map(load).collect();
    format!(
        "proposal, {}\n{}\n{}worth {} {}; {}; fairness costs {}",
        as_of(&view.as_of, now),
        table(&header, &rows, |text| head(terminal, text)),
        table(&loads, &reps, |text| head(terminal, text)),
        amount(view.quality.objective),
        view.currency,
        quality(&view.quality),
        amount(view.cost_of_fairness)
    )
}

pub(super) fn territories(view: &TerritoriesView, terminal: &Terminal, now: &Now) -> String {
    let header = [
        ("REP", LEFT),
        ("WORK NOW", RIGHT),
        ("THEN", RIGHT),
        ("ACCOUNTS NOW", RIGHT),
        ("THEN", RIGHT),
        ("DISTANCE NOW", RIGHT),
        ("THEN", RIGHT),
    ];
    let row = |rep: &roadbook_api::views::planning::TerritoryRepView| {
        vec![
            rep.rep.title.clone(),
            format!("{:.1}", rep.work.0),
            format!("{:.1}", rep.work.1),
            rep.accounts.0.to_string(),
            rep.accounts.1.to_string(),
            format!("{:.2}", rep.distance.0),
            format!("{:.2}", rep.distance.1),
        ]
    };
    let rows: Vec<Vec<String>> = view.reps.iter().map(row).collect();
    let changes = [("ACCOUNT", LEFT), ("FROM", LEFT), ("TO", LEFT), ("WORK", RIGHT)];
    let changed: Vec<Vec<String>> = view
        .accounts
        .iter()
        .filter(|account| account.changes)
        .map(|account| {
            let from = account.today.as_ref().map_or_else(|| "-".into(), |rep| rep.title.clone());
            let work = format!("{:.1}", account.work);
            vec![account.account.title.clone(), from, account.rep.title.clone(), work]
        })
        .collect();
    let unit = if view.distance == "kilometres" {
        "distances are kilometres"
    } else {
        "places are not known here, so distance is the share of business that was another's"
    };
    let apart = view.apart.map_or_else(String::new, |apart| format!("; {}", lying_apart(apart)));
    format!(
        "proposal, {}\n{}\n{}{} of {} change their rep; largest load {} off the average ({} allowed), \
         today {}; {}; {unit}{apart}",
        as_of(&view.as_of, now),
        table(&header, &rows, |text| head(terminal, text)),
        table(&changes, &changed, |text| head(terminal, text)),
        grouped(&view.changes.to_string()),
        count(view.accounts.len() as u64, "account", "accounts"),
        percent(view.imbalance.1),
        percent(view.balance),
        optional(view.imbalance.0, percent),
        quality(&view.quality)
    )
}

pub(super) fn quotas(view: &QuotasView, terminal: &Terminal, now: &Now) -> String {
    let header = [
        ("REP", LEFT),
        ("TERRITORY", LEFT),
        ("SOLD", RIGHT),
        ("POTENTIAL", RIGHT),
        ("QUOTA", RIGHT),
        ("STRETCH", RIGHT),
    ];
    let row = |rep: &roadbook_api::views::planning::QuotaRepView| {
        vec![
            rep.rep.title.clone(),
            rep.territory.clone(),
            amount(rep.history),
            amount(rep.potential),
            amount(rep.quota),
            format!("{:.2}", rep.stretch),
        ]
    };
    let rows: Vec<Vec<String>> = view.reps.iter().map(row).collect();
    let totals = [("TOTAL", LEFT), ("SOLD", RIGHT), ("QUOTA", RIGHT)];
    let sums: Vec<Vec<String>> = view
        .products
        .iter()
        .chain(&view.territories)
        .map(|total| vec![total.label.clone(), amount(total.history), amount(total.quota)])
        .collect();
    format!(
        "{}, {}\n{}\n{}goal {} {} from {}; {}",
        if view.kept { "kept on this device" } else { "proposal" },
        as_of(&view.as_of, now),
        table(&header, &rows, |text| head(terminal, text)),
        table(&totals, &sums, |text| head(terminal, text)),
        amount(view.goal),
        view.currency,
        view.effective,
        quality(&view.quality)
    )
}

pub(super) fn route(view: &RouteView, terminal: &Terminal, now: &Now) -> String {
    let header =
        [("ARRIVES", LEFT), ("ACCOUNT", LEFT), ("DRIVE", RIGHT), ("WAIT", RIGHT), ("SLACK", RIGHT)];
    let minutes = |value: f64| format!("{value:.0} min");
    let row = |stop: &roadbook_api::views::planning::RouteStopView| {
        vec![
            stop.arrives.clone(),
            stop.account.title.clone(),
            minutes(stop.drive_min),
            minutes(stop.waits_min),
            minutes(stop.slack_min),
        ]
    };
    let rows: Vec<Vec<String>> = view.stops.iter().map(row).collect();
    let mut out = format!(
        "{}\n{}ends {}, {} of driving on straight lines; {}",
        as_of(&view.as_of, now),
        table(&header, &rows, |text| head(terminal, text)),
        view.ends,
        minutes(view.drive_min),
        if view.proven { "no order is shorter".to_owned() } else { quality(&view.quality) }
    );
    for account in &view.without_place {
        let _ = write!(out, "\nleft out, its place is not known here: {}", account.title);
    }
    out
}
