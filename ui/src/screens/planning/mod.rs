//! What the planning screens share: the way between them, as of when their numbers are, and how
//! the work behind them stands.

pub mod accounts;
pub mod apply;
pub mod day;
pub mod leads;
pub mod quotas;
pub mod territories;

use roadbook_api::ErrorCode;
use roadbook_api::views::planning::{AsOfView, QualityView};
use yew::prelude::*;

use crate::browser;
use crate::components::{
    Button, ButtonKind, Empty, FieldMark, Icon, Link, Problem, Progress, Standing as Mark,
};
use crate::context::{Plan, use_place, use_session, use_wall};
use crate::route::Route;
use crate::state::session::Reviewing;
use crate::state::work::Standing;
use crate::words::{Wall, counted, percent, sentence};

/// The screens of planning, in order; those of a manager only where the user leads others, and no
/// models where nothing is kept.
#[must_use]
pub fn screens(reviewing: Reviewing, hosted: bool) -> Vec<Route> {
    let mut all = vec![Route::Forecast, Route::Hot, Route::Scoring, Route::DayRoute];
    all.retain(|route| !(hosted && *route == Route::Scoring));
    if reviewing == Reviewing::Yes {
        all.extend([Route::Territories, Route::Quotas, Route::Assignment]);
    }
    all
}

/// The way between the screens of planning.
#[function_component]
pub fn PlanNav() -> Html {
    let mut here = use_place().route;
    if here == Route::LeadScoring {
        here = Route::Scoring;
    }
    let session = use_session();
    let all = screens(session.reviewing(), session.is_hosted());
    // On a phone the row is longer than the screen: the one at hand is in sight.
    use_effect_with((here.clone(), all.len()), |_| browser::reveal(".plan-tab[aria-current]"));
    html! {
        <nav class="plan-nav" aria-label="Planning">
            <ul>
                { for all.into_iter().map(|route| html! {
                    <li key={route.to_string()}>
                        <Link to={route.clone()} class={classes!("plan-tab")} current={here == route}>
                            <span>{ route.title() }</span>
                        </Link>
                    </li>
                }) }
            </ul>
        </nav>
    }
}

/// As of when numbers are, and what went into them.
#[derive(Properties, PartialEq)]
pub struct AsOfProps {
    /// As of when.
    pub as_of: AsOfView,
}

/// As of when numbers are.
#[function_component]
pub fn AsOf(props: &AsOfProps) -> Html {
    let wall = use_wall();
    html! { <span>{ as_of(&props.as_of, wall) }</span> }
}

/// As of when numbers are, in a sentence or two.
#[must_use]
pub fn as_of(view: &AsOfView, wall: Wall) -> String {
    let today = view.today.parse().ok();
    let looking_back = today.filter(|day| *day != wall.today());
    let day = looking_back.map(|day| format!(", as it was on {}", wall.day(day)));
    let records = counted(view.records, "record", "records");
    let synced = match view.synced_ms {
        Some(at_ms) => format!("in step with the server {}", wall.short(at_ms)),
        None => "never in step with the server yet".to_owned(),
    };
    let mut out = format!(
        "Computed here {} from {records}{}, {synced}.",
        wall.short(view.at_ms),
        day.unwrap_or_default()
    );
    if view.unsent > 0 {
        let unsent = counted(view.unsent, "change", "changes");
        out.push_str(&format!(" {unsent} not sent yet count too."));
    }
    if view.disputed > 0 {
        let disputed = counted(view.disputed, "disputed value", "disputed values");
        out.push_str(&format!(" {disputed} as they stand here."));
    }
    out
}

/// How good a plan is, in a sentence.
#[must_use]
pub fn proof(quality: &QualityView) -> String {
    if quality.gap.abs() < 1e-6 {
        "No plan is better: this is proven.".to_owned()
    } else {
        format!("At most {:.2} % from the best plan that is possible.", 100.0 * quality.gap)
    }
}

/// A share that may be better or worse than before: `38 %, was 12 %`.
#[must_use]
pub fn was(now: f64, before: Option<f64>) -> String {
    match before {
        Some(before) => format!("{}, was {}", percent(now), percent(before)),
        None => percent(now),
    }
}

/// What was asked for of a plan.
#[derive(Properties, PartialEq)]
pub struct AskedProps {
    /// What moves, with its article: `a lead`.
    pub what: AttrValue,
}

/// Says what becomes of changes that were asked for: on a device the server decides with the next
/// sync; in a browser it has decided when the action is done.
#[function_component]
pub fn Asked(props: &AskedProps) -> Html {
    let (standing, word, text) = if use_session().is_hosted() {
        (
            Mark::Accepted,
            "Done",
            format!("The server has decided who owns {} that moved.", props.what),
        )
    } else {
        let text = format!(
            "Saved on this device. The server decides who owns {}; each shows as requested until then.",
            props.what
        );
        (Mark::Requested, "Requested", text)
    };
    html! {
        <p class="plan-state plan-note" role="status">
            <FieldMark {standing} words={Some(AttrValue::from(word))} />
            <span>{ text }</span>
        </p>
    }
}

/// How the work behind a screen stands: progress with a way to stop it, what went wrong, whether
/// records changed since. Nothing where all is well.
pub fn state_of<T>(plan: &Plan<T>, what: &str) -> Html {
    let again = |label: String| {
        let on_press = plan.again.clone();
        html! { <Button {label} kind={ButtonKind::Plain} icon={Icon::Refresh} {on_press} /> }
    };
    if plan.standing == Standing::Running {
        let step = plan.step.as_deref();
        let label = step.map_or_else(|| format!("Computing {what}"), |it| it.words().to_owned());
        return html! {
            <div class="plan-state" role="status">
                <Progress
                    {label} done={step.map_or(0, |step| step.done)}
                    total={step.map(|step| step.total)} on_cancel={Some(plan.stop.clone())}
                />
            </div>
        };
    }
    if let Some(error) = plan.error.as_ref().filter(|it| it.code != ErrorCode::Cancelled) {
        return html! {
            <Problem text={sentence(&error.message)} on_retry={Some(plan.again.clone())} />
        };
    }
    if plan.standing == Standing::Stopped {
        return html! {
            <div class="plan-state plan-note" role="status">
                <span>{ "Stopped. Nothing was changed." }</span>{ again(format!("Compute {what}")) }
            </div>
        };
    }
    if plan.stale {
        return html! {
            <div class="plan-state plan-note" role="status">
                <span>{ "Records changed since this was computed." }</span>
                { again("Compute again".to_owned()) }
            </div>
        };
    }
    Html::default()
}

/// What stands where a plan has nothing to say.
pub fn nothing(title: &'static str, text: &str) -> Html {
    html! { <Empty icon={Icon::Forecast} {title} text={text.to_owned()} /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> AsOfView {
        let at_ms = crate::sample::WALL.now_ms;
        AsOfView {
            at_ms,
            today: "2026-11-20".into(),
            synced_ms: Some(at_ms - 3_600_000),
            unsent: 0,
            records: 9_012,
            disputed: 0,
        }
    }

    #[test]
    fn as_of_says_when_from_what_and_what_is_not_sure() {
        let wall = crate::sample::WALL;
        let plain = "Computed here 14:30 from 9,012 records, in step with the server 13:30.";
        assert_eq!(as_of(&view(), wall), plain);
        let early = AsOfView { synced_ms: None, unsent: 1, disputed: 2, ..view() };
        let told = as_of(&early, wall);
        assert!(told.contains("never in step"), "{told}");
        assert!(told.contains("1 change not sent yet count too."), "{told}");
        assert!(told.ends_with("2 disputed values as they stand here."), "{told}");
        let back = as_of(&AsOfView { today: "2025-10-01".into(), ..view() }, wall);
        assert!(back.contains("as it was on 1 Oct 2025"), "{back}");
    }

    #[test]
    fn a_plan_that_cannot_be_bettered_says_so() {
        let quality = |gap| QualityView { objective: 1.0, bound: 1.0, gap };
        assert!(proof(&quality(0.0)).contains("proven"));
        assert_eq!(proof(&quality(0.0123)), "At most 1.23 % from the best plan that is possible.");
    }
}
