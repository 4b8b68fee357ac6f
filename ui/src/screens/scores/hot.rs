//! Deals or leads most worth a call: chance times amount times urgency, each with its reasons.

use std::rc::Rc;

use roadbook_api::commands::planning::{Scored, ShowScores};
use roadbook_api::views::planning::{ScoreView, ScoresView};
use yew::prelude::*;

use super::reasons::{NextStep, Why};
use super::what::{WhatChoice, of_score, words};
use crate::components::{
    Button, ButtonKind, ChoiceChips, Empty, Icon, Link, PageHead, RecordName, Skeleton,
};
use crate::context::{Making, use_make, use_plan, use_session};
use crate::screens::planning::{AsOf, PlanNav, state_of};
use crate::words::{counted, figure_short, sentence};

/// Deals or leads that are asked for.
const LIMIT: u32 = 25;

/// Deals or leads most worth a call.
#[function_component]
pub fn Hot() -> Html {
    let session = use_session();
    let mine = use_state(|| None::<bool>);
    let what = use_state(Scored::default);
    let words = words(*what);
    let leads_others = session.view().map(|view| view.can_review);
    let only_mine = mine.unwrap_or(leads_others == Some(false));
    let request = leads_others.map(|_| ShowScores {
        what: *what,
        owner: only_mine.then(|| "me".to_owned()),
        limit: Some(LIMIT),
        ..ShowScores::default()
    });
    let plan = use_plan(request);
    let options = vec![("mine".into(), "Mine".into()), ("all".into(), "All".into())];
    let chosen = vec![AttrValue::from(if only_mine { "mine" } else { "all" })];
    let on_press = Callback::from(move |value: AttrValue| mine.set(Some(value == "mine")));
    let on_choose = {
        let what = what.clone();
        Callback::from(move |chosen| what.set(chosen))
    };
    // While the others are asked for, what was shown before has other words.
    let shown = plan.data.as_ref().filter(|scores| is_of(scores, *what));
    let note = shown.map(|scores| {
        let [one, many] = [words.one, words.many].map(|name| format!("open {name}"));
        let total = counted(scores.total, &one, &many);
        format!("{total} scored \u{b7} {}", scores.currency)
    });
    html! {
        <div class="plan">
            <PageHead title="Hot" note={html! { note.unwrap_or_default() }} />
            <PlanNav />
            <div class="plan-choices">
                <WhatChoice name="Deals or leads" what={*what} {on_choose} />
                <ChoiceChips name={format!("Whose {}", words.many)} {options} {chosen} {on_press} />
            </div>
            { state_of(&plan, "scores") }
            if let Some(scores) = shown {
                <HotList scores={scores.clone()} what={*what} />
            } else if plan.error.is_none() {
                <Skeleton lines={8} />
            }
        </div>
    }
}

/// Whether these are scores of deals, or of leads; none are of both.
fn is_of(scores: &ScoresView, what: Scored) -> bool {
    scores.scores.first().is_none_or(|score| of_score(score) == what)
}

/// Scores.
#[derive(Properties, PartialEq)]
pub struct HotListProps {
    /// The scores, most worth a call first.
    pub scores: Rc<ScoresView>,
    /// Deals or leads.
    #[prop_or_default]
    pub what: Scored,
}

/// The list of hot deals or leads.
#[function_component]
pub fn HotList(props: &HotListProps) -> Html {
    let scores = &props.scores;
    let words = words(props.what);
    let (one, many) = (words.one, words.many);
    let hosted = use_session().is_hosted();
    let make = use_make();
    let on_log = Callback::from(move |record: String| make.open(Making::log("call", Some(record))));
    if scores.scores.is_empty() {
        return html! {
            <Empty
                icon={if props.what == Scored::Leads { Icon::Lead } else { Icon::Opportunity }}
                title={format!("No {one} is open")}
                text={format!("Open {many} stand here, those most worth a call first, each with its reasons.")}
            />
        };
    }
    html! {
        <div class="plan-body">
            <p class="plan-as-of quiet small">
                <AsOf as_of={scores.as_of.clone()} />
                { format!(" Sorted by chance \u{d7} {} \u{d7} urgency. ", words.amount.to_lowercase()) }
                if hosted {
                    { sentence(&format!("{} count; models are made on a device", words.without)) }
                } else if scores.model.is_none() {
                    { format!("No model is trained yet, so {} count. ", words.without) }
                    <Link to={words.scoring}><span>{ "Train one" }</span></Link>
                } else if let Some(told) = drifted(scores, props.what) {
                    { told }{ " " }<Link to={words.scoring}><span>{ "About the model" }</span></Link>
                }
            </p>
            <ol class="hot">
                { for scores.scores.iter().enumerate().map(|(at, score)| {
                    line(at, score, words.amount, &scores.currency, &on_log)
                }) }
            </ol>
        </div>
    }
}

/// What is said where the world has moved since training.
#[must_use]
pub fn drifted(scores: &ScoresView, what: Scored) -> Option<String> {
    let many = words(what).many;
    match scores.drift.as_ref()?.advice.as_str() {
        "retrain" => Some(sentence(&format!(
            "{many} look different from those that the model learned from: train it again"
        ))),
        "recalibrate" => {
            Some("Chances have moved since the model was trained: train it again soon.".to_owned())
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

fn line(
    at: usize,
    score: &ScoreView,
    amount: &'static str,
    currency: &str,
    on_log: &Callback<String>,
) -> Html {
    let record = score.link.record.to_string();
    let about = [
        Some(score.customer.clone()).filter(|customer| !customer.is_empty()),
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
                <div><dt class="quiet small">{ amount }</dt><dd class="number">{ figure_short(score.amount) }</dd></div>
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
            drifted(&scores, Scored::Deals)
        };
        assert_eq!(advise("keep"), None);
        assert!(advise("retrain").is_some_and(|words| words.contains("train it again")));
        let leads = drifted(&sample::planning::lead_scores(sample::WALL), Scored::Leads);
        assert!(leads.is_some_and(|words| words.starts_with("Leads look different")));
        assert_eq!(hurry(1.0), None);
        assert_eq!(hurry(1.9), Some("urgent"));
    }
}
