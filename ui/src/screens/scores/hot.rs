//! Deals most worth a call: chance times amount times urgency, each with its reasons.

use std::rc::Rc;

use roadbook_api::commands::planning::ShowScores;
use roadbook_api::views::planning::{ScoreView, ScoresView};
use yew::prelude::*;

use super::reasons::{NextStep, Why};
use crate::components::{
    Button, ButtonKind, ChoiceChips, Empty, Icon, Link, PageHead, RecordName, Skeleton,
};
use crate::context::{Making, use_make, use_plan, use_session};
use crate::route::Route;
use crate::screens::planning::{AsOf, PlanNav, state_of};
use crate::words::{counted, figure_short};

/// Deals that are asked for.
const LIMIT: u32 = 25;

/// Deals most worth a call.
#[function_component]
pub fn Hot() -> Html {
    let session = use_session();
    let mine = use_state(|| None::<bool>);
    let leads = session.view().map(|view| view.can_review);
    let only_mine = mine.unwrap_or(leads == Some(false));
    let request = leads.map(|_| ShowScores {
        record: None,
        owner: only_mine.then(|| "me".to_owned()),
        limit: Some(LIMIT),
        today: None,
    });
    let plan = use_plan(request);
    let options = vec![("mine".into(), "Mine".into()), ("all".into(), "All".into())];
    let chosen = vec![AttrValue::from(if only_mine { "mine" } else { "all" })];
    let on_press = Callback::from(move |value: AttrValue| mine.set(Some(value == "mine")));
    let note = plan.data.as_ref().map(|scores| {
        let total = counted(scores.total, "open deal", "open deals");
        format!("{total} scored \u{b7} {}", scores.currency)
    });
    html! {
        <div class="plan">
            <PageHead title="Hot" note={html! { note.unwrap_or_default() }} />
            <PlanNav />
            <div class="plan-choices"><ChoiceChips name="Whose deals" {options} {chosen} {on_press} /></div>
            { state_of(&plan, "scores") }
            if let Some(scores) = &plan.data {
                <HotList scores={scores.clone()} />
            } else if plan.error.is_none() {
                <Skeleton lines={8} />
            }
        </div>
    }
}

/// Scores.
#[derive(Properties, PartialEq)]
pub struct HotListProps {
    /// The scores, most worth a call first.
    pub scores: Rc<ScoresView>,
}

/// The list of hot deals.
#[function_component]
pub fn HotList(props: &HotListProps) -> Html {
    let scores = &props.scores;
    let hosted = use_session().is_hosted();
    let make = use_make();
    let on_log = Callback::from(move |record: String| make.open(Making::log("call", Some(record))));
    if scores.scores.is_empty() {
        return html! {
            <Empty
                icon={Icon::Opportunity} title="No deal is open"
                text="Open deals stand here, those most worth a call first, each with its reasons."
            />
        };
    }
    html! {
        <div class="plan-body">
            <p class="plan-as-of quiet small">
                <AsOf as_of={scores.as_of.clone()} />
                { " Sorted by chance \u{d7} amount \u{d7} urgency. " }
                if hosted {
                    { "The win rates of stages count; models are made on a device. " }
                } else if scores.model.is_none() {
                    { "No model is trained yet, so the win rates of stages count. " }
                    <Link to={Route::Scoring}><span>{ "Train one" }</span></Link>
                } else if let Some(words) = drifted(scores) {
                    { words }{ " " }<Link to={Route::Scoring}><span>{ "About the model" }</span></Link>
                }
            </p>
            <ol class="hot">
                { for scores.scores.iter().enumerate().map(|(at, score)| {
                    line(at, score, &scores.currency, &on_log)
                }) }
            </ol>
        </div>
    }
}

/// What is said where the world has moved since training.
#[must_use]
pub fn drifted(scores: &ScoresView) -> Option<&'static str> {
    match scores.drift.as_ref()?.advice.as_str() {
        "retrain" => {
            Some("Deals look different from those that the model learned from: train it again.")
        }
        "recalibrate" => {
            Some("Chances have moved since the model was trained: train it again soon.")
        }
        _ => None,
    }
}

/// How much of a hurry there is, in a word.
#[must_use]
pub fn hurry(urgency: f64) -> Option<&'static str> {
    match urgency {
        now if now >= 1.6 => Some("urgent"),
        soon if soon >= 1.3 => Some("soon"),
        _ => None,
    }
}

fn line(at: usize, score: &ScoreView, currency: &str, on_log: &Callback<String>) -> Html {
    let record = score.link.record.to_string();
    let about = [
        Some(score.stage.clone()),
        Some(score.owner.clone()).filter(|owner| !owner.is_empty()),
        hurry(score.urgency).map(str::to_owned),
    ];
    let call = {
        let record = record.clone();
        on_log.reform(move |()| record.clone())
    };
    let main = score.reasons.iter().filter(|it| it.points != 0).take(2);
    let main: Vec<&str> = main.map(|it| it.text.as_str()).collect();
    html! {
        <li key={record.clone()} class="hot-line">
            <span class="hot-place number quiet">{ at + 1 }</span>
            <div class="hot-words">
                <p class="hot-name"><RecordName record={record.clone()} title={score.link.title.clone()} /></p>
                <p class="quiet small">{ about.into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} ") }</p>
                if !main.is_empty() {
                    <details class="chart-behind hot-why">
                        <summary>{ main.join(", ") }</summary>
                        <Why score={score.clone()} />
                    </details>
                }
                if let Some(next) = &score.next {
                    <NextStep next={next.clone()} currency={currency.to_owned()} />
                }
            </div>
            <dl class="hot-numbers">
                <div><dt class="quiet small">{ "Chance" }</dt><dd class="number">{ format!("{} %", score.percent) }</dd></div>
                <div><dt class="quiet small">{ "Amount" }</dt><dd class="number">{ figure_short(score.amount) }</dd></div>
                <div><dt class="quiet small">{ "Expected" }</dt><dd class="number">{ figure_short(score.expected) }</dd></div>
            </dl>
            <Button label="Log a call" kind={ButtonKind::Quiet} icon={Icon::Call} on_press={call} />
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn drift_is_told_only_where_something_is_to_do() {
        let mut scores = sample::planning::scores(sample::WALL);
        let mut advise = |advice: &str| {
            if let Some(drift) = &mut scores.drift {
                advice.clone_into(&mut drift.advice);
            }
            drifted(&scores)
        };
        assert_eq!(advise("keep"), None);
        assert!(advise("retrain").is_some_and(|words| words.contains("train it again")));
        assert_eq!(hurry(1.0), None);
        assert_eq!(hurry(1.9), Some("urgent"));
    }
}
