//! Territory what-if: who looks after which account, today and in a balanced design, on a map where
//! places are known, and as bars of work either way.

use std::rc::Rc;

use roadbook_api::commands::planning::DesignTerritories;
use roadbook_api::views::RecordLink;
use roadbook_api::views::planning::{TerritoriesView, TerritoryAccountView, TerritoryRepView};
use yew::prelude::*;

use super::accounts::{AllAccounts, Changes};
use super::apply::{Handover, commands};
use super::day::PlacesDialog;
use super::{AsOf, Asked, PlanNav, proof, state_of, was};
use crate::components::avatar::initials;
use crate::components::chart::{ChartFigure, MapChart, MapPoint, Part, Shape, Stack};
use crate::components::{Button, ButtonKind, ChoiceChips, Icon, PageHead, Section, Skeleton};
use crate::context::{use_plan, use_session, use_write};
use crate::state::tally::Many;
use crate::words::{counted, percent};

/// How far a load may be from the average: what can be chosen.
const BALANCES: [(&str, &str, Option<f64>); 4] = [
    ("auto", "As even as it goes", None),
    ("5", "Within 5 %", Some(0.05)),
    ("10", "Within 10 %", Some(0.1)),
    ("20", "Within 20 %", Some(0.2)),
];

/// What nearness is told in where places are known.
const KILOMETRES: &str = "kilometres";

/// The chip for territories that hang together.
const CONTIGUOUS: &str = "contiguous";

/// Territory what-if.
#[function_component]
pub fn Territories() -> Html {
    let balance = use_state(|| AttrValue::from("auto"));
    let contiguous = use_state(|| false);
    let pinned = use_state(Vec::<String>::new);
    let requested = use_state(|| 0_usize);
    let placing = use_state(|| false);
    let request = DesignTerritories {
        balance: BALANCES.iter().find(|it| it.0 == balance.as_str()).and_then(|it| it.2),
        change_penalty: None,
        pinned: (*pinned).clone(),
        contiguous: *contiguous,
    };
    let plan = use_plan(Some(request));
    let write = use_write();
    let moved = plan.current().map(|view| handovers(view)).unwrap_or_default();
    let apply = {
        let (moved, requested) = (moved.clone(), requested.clone());
        Callback::from(move |()| {
            let what = Many::new("account", "accounts", "requested for their new reps");
            write.run_all(commands(&moved), what);
            requested.set(moved.len());
        })
    };
    let choose = {
        let (balance, requested) = (balance.clone(), requested.clone());
        Callback::from(move |value: AttrValue| {
            balance.set(value);
            requested.set(0);
        })
    };
    let join = {
        let (contiguous, requested) = (contiguous.clone(), requested.clone());
        Callback::from(move |_: AttrValue| {
            contiguous.set(!*contiguous);
            requested.set(0);
        })
    };
    let on_pin = {
        let (pinned, requested) = (pinned.clone(), requested.clone());
        Callback::from(move |account: String| {
            let mut next = (*pinned).clone();
            match next.iter().position(|it| *it == account) {
                Some(at) => drop(next.remove(at)),
                None => next.push(account),
            }
            pinned.set(next);
            requested.set(0);
        })
    };
    let open = |to: bool| {
        let placing = placing.clone();
        Callback::from(move |()| placing.set(to))
    };
    let options =
        BALANCES.map(|(value, label, _)| (AttrValue::from(value), AttrValue::from(label)));
    let kept = !use_session().is_hosted();
    let actions = html! {
        <>
            if kept {
                <Button label="Places" kind={ButtonKind::Plain} icon={Icon::Visit} on_press={open(true)} />
            }
            <Button
                label={format!("Request {}", counted(moved.len() as u64, "change", "changes"))}
                kind={ButtonKind::Primary} icon={Icon::Check}
                disabled={moved.is_empty() || *requested > 0} on_press={apply}
            />
        </>
    };
    html! {
        <div class="plan">
            <PageHead title="Territories" {actions} />
            <PlanNav />
            <div class="plan-choices">
                <ChoiceChips name="Balance" options={options.to_vec()} chosen={vec![(*balance).clone()]} on_press={choose} />
                if *contiguous || plan.data.as_ref().is_some_and(|view| is_on_the_map(view)) {
                    <ChoiceChips
                        name="Shape" options={vec![(CONTIGUOUS.into(), "Hanging together".into())]}
                        chosen={if *contiguous { vec![CONTIGUOUS.into()] } else { Vec::new() }} on_press={join}
                    />
                }
            </div>
            { state_of(&plan, "territories") }
            if *requested > 0 {
                <Asked what="an account" />
            }
            if let Some(view) = &plan.data {
                <TerritoriesBody view={view.clone()} pinned={(*pinned).clone()} {on_pin} />
            } else if plan.error.is_none() {
                <Skeleton lines={8} />
            }
            if *placing {
                <PlacesDialog on_close={open(false)} on_kept={plan.again.clone()} />
            }
        </div>
    }
}

/// The accounts that get another rep.
#[must_use]
pub fn handovers(view: &TerritoriesView) -> Vec<Handover> {
    let one = |it: &TerritoryAccountView| Handover {
        record: it.account.clone(),
        to: it.rep.clone(),
        why: "Territory design: even work, few changes".to_owned(),
    };
    view.accounts.iter().filter(|it| it.changes).map(one).collect()
}

/// A design.
#[derive(Properties, PartialEq)]
pub struct TerritoriesBodyProps {
    /// The design.
    pub view: Rc<TerritoriesView>,
    /// Accounts that stay with their rep.
    pub pinned: Vec<String>,
    /// An account is to stay, or may change again.
    #[prop_or_default]
    pub on_pin: Callback<String>,
}

/// A design: map and bars before and after, all accounts, and those that change.
#[function_component]
pub fn TerritoriesBody(props: &TerritoriesBodyProps) -> Html {
    let view = &props.view;
    let hosted = use_session().is_hosted();
    let accounts = html! {
        <AllAccounts
            view={view.clone()} pinned={props.pinned.clone()} on_pin={props.on_pin.clone()}
        />
    };
    html! {
        <div class="plan-body">
            <p class="plan-as-of quiet small"><AsOf as_of={view.as_of.clone()} /></p>
            <p class="plan-part plan-lead">{ summary(view) }</p>
            <Section title="Map">
                { maps(view, hosted, accounts) }
            </Section>
            <Section title="Work of everybody">{ balances(view) }</Section>
            <Section title="Accounts that change" count={view.changes}>
                <Changes
                    view={view.clone()} pinned={props.pinned.clone()} on_pin={props.on_pin.clone()}
                />
            </Section>
        </div>
    }
}

/// What a design comes to, in sentences.
#[must_use]
pub fn summary(view: &TerritoriesView) -> String {
    let all = counted(view.accounts.len() as u64, "account", "accounts");
    let told = format!(
        "{} of {all} would change their rep. The largest distance from average work: {}. {}",
        view.changes,
        was(view.imbalance.1, view.imbalance.0),
        proof(&view.quality)
    );
    match view.apart {
        None => told,
        Some((today, design)) => format!("{told} {}", lying_apart(today, design)),
    }
}

/// `3 accounts lie apart from their rep's others; today 12 do.`
fn lying_apart(today: Option<u64>, design: u64) -> String {
    let (accounts, lie) =
        (counted(design, "account", "accounts"), if design == 1 { "lies" } else { "lie" });
    let today = today.map_or_else(String::new, |today| {
        format!("; today {today} {}", if today == 1 { "does" } else { "do" })
    });
    format!("{accounts} {lie} apart from their rep\u{2019}s others{today}.")
}

/// Whether nearness is in kilometres: territories can only hang together on a map.
fn is_on_the_map(view: &TerritoriesView) -> bool {
    view.distance == KILOMETRES
}

/// Hues far from each other, for people who stand side by side: a name's own hue may be near
/// another's.
const HUES: [u32; 12] = [9, 3, 6, 1, 11, 4, 8, 2, 7, 12, 5, 10];

/// The hue of a rep in this design.
fn hue_of(view: &TerritoriesView, rep: &RecordLink) -> u32 {
    let place = view.reps.iter().position(|it| it.rep.record == rep.record).unwrap_or(0);
    HUES[place % HUES.len()]
}

/// The points of a map: accounts in the hue of a rep, homes on top.
fn points(
    view: &TerritoriesView,
    rep: fn(&TerritoryAccountView) -> Option<&RecordLink>,
) -> Vec<MapPoint> {
    let account = |it: &TerritoryAccountView| {
        let ((north, east), rep) = (it.place?, rep(it)?);
        Some(MapPoint {
            north,
            east,
            shape: if it.changes { Shape::Ring } else { Shape::Dot },
            hue: hue_of(view, rep),
            label: AttrValue::default(),
            tip: format!("{}, {}", it.account.title, rep.title).into(),
        })
    };
    let home = |it: &TerritoryRepView| {
        let (north, east) = it.home?;
        Some(MapPoint {
            north,
            east,
            shape: Shape::Home,
            hue: hue_of(view, &it.rep),
            label: initials(&it.rep.title).into(),
            tip: it.rep.title.clone().into(),
        })
    };
    view.accounts.iter().filter_map(account).chain(view.reps.iter().filter_map(home)).collect()
}

/// The maps of today and of the design, with all accounts as the table behind both.
fn maps(view: &TerritoriesView, hosted: bool, accounts: Html) -> Html {
    let before = points(view, |it| it.today.as_ref());
    let after = points(view, |it| Some(&it.rep));
    if after.is_empty() {
        let why = if hosted {
            "Places are kept on devices, so there is no map here: nearness is how much of an account\u{2019}s business was somebody\u{2019}s already."
        } else {
            "No places are kept on this device, so there is no map: nearness is how much of an account\u{2019}s business was somebody\u{2019}s already. Places gives accounts, cities and people a place."
        };
        return html! { <div class="plan-part"><p class="quiet">{ why }</p>{ accounts }</div> };
    }
    let map = |title: &'static str, points: Vec<MapPoint>| {
        let summary = format!("{title}: {} places, in the hues of their reps", points.len());
        html! { <div><p class="chart-title">{ title }</p><MapChart {summary} {points} /></div> }
    };
    html! {
        <figure class="chart plan-part">
            <figcaption class="chart-title">{ "Who looks after which account" }</figcaption>
            <div class="plan-maps">{ map("Today", before) }{ map("Design", after) }</div>
            <p class="quiet small">
                { "Squares are where people start from, circles accounts, rings accounts that change. Every account is in the table below." }
            </p>
            { accounts }
        </figure>
    }
}

/// Visits a month; nobody has minus nothing, which is what an empty sum of numbers comes to.
fn visits(work: f64) -> String {
    format!("{:.1}", work + 0.0)
}

fn balances(view: &TerritoriesView) -> Html {
    let most = view.reps.iter().map(|rep| rep.work.0.max(rep.work.1)).fold(0.0, f64::max);
    let sum: f64 = view.reps.iter().map(|rep| rep.work.1).sum();
    let average = sum / view.reps.len().max(1) as f64;
    let bar = |shade, value| {
        html! { <Stack parts={vec![Part { shade, value }]} goal={Some(average)} most={most.max(average)} /> }
    };
    let row = |rep: &TerritoryRepView| {
        html! {
            <li class="balance" key={rep.rep.record.to_string()}>
                <span class="truncate" title={rep.rep.title.clone()}>
                    <span class={format!("balance-mark hue-{}", hue_of(view, &rep.rep))} aria-hidden="true">{ initials(&rep.rep.title) }</span>
                    { &rep.rep.title }
                </span>
                <span class="balance-two">{ bar(4, rep.work.0) }{ bar(1, rep.work.1) }</span>
                <span class="number">{ format!("{} \u{2192} {}", visits(rep.work.0), visits(rep.work.1)) }</span>
            </li>
        }
    };
    let unit = if is_on_the_map(view) { "km" } else { "of others" };
    let far = |value: f64| {
        if is_on_the_map(view) { format!("{value:.0} {unit}") } else { percent(value) }
    };
    let line = |rep: &TerritoryRepView| {
        vec![
            html! { &rep.rep.title },
            html! { visits(rep.work.0) },
            html! { visits(rep.work.1) },
            html! { rep.accounts.0 },
            html! { rep.accounts.1 },
            html! { far(rep.distance.0) },
            html! { far(rep.distance.1) },
        ]
    };
    let distance = if unit == "km" { "Distance" } else { "Business of others" };
    let heads = [
        "Who".to_owned(),
        "Work today".to_owned(),
        "Work in the design".to_owned(),
        "Accounts today".to_owned(),
        "Accounts in the design".to_owned(),
        format!("{distance} today"),
        format!("{distance} in the design"),
    ];
    html! {
        <div class="plan-part">
            <ChartFigure
                title="Visits a month: today (light) and in the design (dark); the line is the average"
                heads={heads.map(AttrValue::from).to_vec()}
                lines={view.reps.iter().map(line).collect::<Vec<_>>()}
            >
                <ul class="balances">{ for view.reps.iter().map(row) }</ul>
            </ChartFigure>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn only_accounts_that_change_are_handed_over() {
        let view = sample::planning::territories(sample::WALL);
        assert_eq!(handovers(&view).len() as u64, view.changes);
        assert!(summary(&view).starts_with(&format!("{} of ", view.changes)));
    }

    #[test]
    fn accounts_that_lie_apart_are_told_where_territories_hang_together() {
        assert_eq!(
            lying_apart(Some(12), 1),
            "1 account lies apart from their rep\u{2019}s others; today 12 do."
        );
        let view = sample::planning::territories(sample::WALL);
        assert!(!summary(&view).contains("apart"));
        let view = TerritoriesView { apart: Some((None, 0)), ..view };
        assert!(summary(&view).ends_with("0 accounts lie apart from their rep\u{2019}s others."));
    }

    #[test]
    fn nobody_has_minus_nothing_to_do() {
        let nothing: f64 = std::iter::empty::<f64>().sum();
        assert_eq!(visits(nothing), "0.0");
    }

    #[test]
    fn accounts_without_a_place_are_not_on_the_map_and_homes_lie_on_top() {
        let view = sample::planning::territories(sample::WALL);
        let points = points(&view, |it| Some(&it.rep));
        let placed = view.accounts.iter().filter(|it| it.place.is_some()).count();
        assert_eq!(points.len(), placed + view.reps.len());
        assert_eq!(points.last().map(|it| it.shape), Some(Shape::Home));
    }
}
