//! Why a deal or a lead has its score, and what to do next; on the record's page and in the list of
//! those most worth a call.

use roadbook_api::commands::planning::ShowScores;
use roadbook_api::views::planning::{NextActionView, ScoreView, ScoresView};
use yew::prelude::*;

use super::what::{of_score, words};
use crate::components::chart::{Reason, Reasons};
use crate::components::{Glyph, Icon, Link, Progress};
use crate::context::{use_plan, use_wall};
use crate::screens::planning::as_of;
use crate::words::figure;

/// Reasons that are shown before the rest is opened.
const FIRST: usize = 5;

/// A record by its id.
#[derive(Properties, PartialEq)]
pub struct RecordScoreProps {
    /// Its id.
    pub record: AttrValue,
}

/// The score of an open deal or lead: asks for it. Nothing where it cannot be scored.
#[function_component]
pub fn RecordScore(props: &RecordScoreProps) -> Html {
    let request = ShowScores {
        record: Some(props.record.to_string()),
        limit: Some(1),
        ..ShowScores::default()
    };
    let plan = use_plan(Some(request));
    match &plan.data {
        Some(scores) => html! { <ScoreBox scores={(**scores).clone()} /> },
        None if plan.error.is_none() => html! {
            <Progress label="Scoring on this device" done={0} on_cancel={Some(plan.stop.clone())} />
        },
        None => Html::default(),
    }
}

/// The score of one record.
#[derive(Properties, PartialEq)]
pub struct ScoreBoxProps {
    /// Scores with one score in them.
    pub scores: ScoresView,
}

/// The score of one record, with its reasons.
#[function_component]
pub fn ScoreBox(props: &ScoreBoxProps) -> Html {
    let wall = use_wall();
    let scores = &props.scores;
    let Some(score) = scores.scores.first() else {
        return Html::default();
    };
    html! {
        <section class="score" aria-label="Score">
            <div class="score-head">
                <span class="score-number number">{ format!("{} %", score.percent) }</span>
                <span>{ standing(score, scores.model.is_some()) }</span>
            </div>
            <Why score={score.clone()} />
            if let Some(next) = &score.next {
                <NextStep next={next.clone()} currency={scores.currency.clone()} />
            }
            <details class="queue-details small">
                <summary>{ "How this was computed" }</summary>
                <p>
                    { as_of(&scores.as_of, wall) }
                    if scores.model.is_none() {
                        { " No model is trained yet." }
                    }
                    { " " }<Link to={words(of_score(score)).scoring}><span>{ "About the model" }</span></Link>
                </p>
            </details>
        </section>
    }
}

/// What a score means beside an average deal or lead.
#[must_use]
pub fn standing(score: &ScoreView, by_model: bool) -> String {
    let words = words(of_score(score));
    let (one, good) = (words.one, words.good);
    if by_model {
        let more = score.percent - score.base_percent;
        let side = match more {
            0 => format!("as an average {one}"),
            more if more > 0 => format!("{more} points above an average {one}"),
            less => format!("{} points below an average {one}", less.abs()),
        };
        format!("chance to be {good}, {side}")
    } else {
        format!("chance to be {good}, by {}", words.without_one)
    }
}

/// The reasons of a score.
#[derive(Properties, PartialEq)]
pub struct WhyProps {
    /// The score.
    pub score: ScoreView,
}

/// The reasons of a score: the weightiest at once, the rest behind a press.
#[function_component]
pub fn Why(props: &WhyProps) -> Html {
    let score = &props.score;
    let told: Vec<Reason> = score
        .reasons
        .iter()
        .filter(|reason| reason.points != 0)
        .map(|it| Reason { text: it.text.clone().into(), points: it.points })
        .collect();
    let name = format!("Why {}", score.link.title);
    let (first, rest) = told.split_at(told.len().min(FIRST));
    html! {
        <>
            <Reasons name={name.clone()} reasons={first.to_vec()} />
            if !rest.is_empty() {
                <details class="chart-behind">
                    <summary>{ format!("{} smaller reasons", rest.len()) }</summary>
                    <Reasons name={format!("{name}, smaller reasons")} reasons={rest.to_vec()} />
                </details>
            }
        </>
    }
}

/// What to do next.
#[derive(Properties, PartialEq)]
pub struct NextStepProps {
    /// What.
    pub next: NextActionView,
    /// The currency of its gain.
    pub currency: AttrValue,
}

/// What to do next, and why.
#[function_component]
pub fn NextStep(props: &NextStepProps) -> Html {
    let next = &props.next;
    let icon = match next.action.as_str() {
        "call" => Icon::Call,
        "e-mail" => Icon::Mail,
        "meeting" => Icon::Meeting,
        _ => Icon::Visit,
    };
    let gain = figure(next.gain, &props.currency);
    html! {
        <p class="score-next">
            <Glyph {icon} size={16} />
            <span>
                <strong>{ format!("Next: {}", next.action) }</strong>
                { format!(" \u{2014} {}; {} % afterwards, {gain} more to expect.", next.because, next.percent) }
            </span>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_score_is_told_beside_an_average_deal() {
        let score = sample::planning::scores(sample::WALL).scores[0].clone();
        let with = |percent| ScoreView { percent, base_percent: 40, ..score.clone() };
        assert!(standing(&with(52), true).contains("12 points above"));
        assert!(standing(&with(30), true).contains("10 points below"));
        assert!(standing(&with(40), true).ends_with("as an average deal"));
        assert!(standing(&with(40), false).ends_with("by its stage and age"));
    }

    #[test]
    fn a_lead_is_told_beside_an_average_lead() {
        let score = sample::planning::lead_scores(sample::WALL).scores[0].clone();
        let with = |percent| ScoreView { percent, base_percent: 40, ..score.clone() };
        let words = "chance to be qualified, 12 points above an average lead";
        assert_eq!(standing(&with(52), true), words);
        assert!(standing(&with(52), false).contains("by its source"));
    }

    #[test]
    fn points_and_base_make_the_per_cent_that_is_shown() {
        let deals = sample::planning::scores(sample::WALL).scores;
        let leads = sample::planning::lead_scores(sample::WALL).scores;
        for score in deals.into_iter().chain(leads) {
            let points: i32 = score.reasons.iter().map(|reason| reason.points).sum();
            assert_eq!(score.base_percent + points, score.percent, "{}", score.link.title);
        }
    }
}
