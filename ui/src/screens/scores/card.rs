//! The card of a model: what it was trained on, how good it is, whether it is fair.

use roadbook_api::views::planning::{
    CalibrationBinView, CandidateView, ModelCardView, SegmentView,
};
use yew::prelude::*;

use crate::components::chart::{Spot, SpotChart};
use crate::components::chip::ChipTone;
use crate::components::{Chip, Icon, Section};
use crate::context::use_wall;
use crate::words::{Wall, count, counted, percent};

/// A card.
#[derive(Properties, PartialEq)]
pub struct ModelCardProps {
    /// The card.
    pub card: ModelCardView,
}

/// An order that is worse than this is little better than a coin.
const WEAK: f64 = 0.58;

/// How good an order is, for who never heard of AUC.
#[must_use]
pub fn order(auc: f64) -> String {
    let chance = percent(auc);
    format!(
        "Of a won and a lost deal it puts the won one first in {chance} of cases (50 % is a coin)."
    )
}

/// The card of a model.
#[function_component]
pub fn ModelCard(props: &ModelCardProps) -> Html {
    let wall = use_wall();
    let card = &props.card;
    html! {
        <>
            <Section title={format!("Version {}", card.version)}>
                <div class="plan-part">
                    <p class="plan-lead">
                        { format!("Tells how likely it is that {}. {}", card.outcome, order(card.latest.auc)) }
                    </p>
                    if card.latest.auc < WEAK {
                        <p class="plan-alarm">
                            <Chip label="Weak" tone={ChipTone::Caution} icon={Icon::NeedsYou} />
                            <span>
                                { "What is written on these deals hardly tells them apart. Do not lean on its order; the win rates of stages are as good." }
                            </span>
                        </p>
                    }
                    { facts(card, wall) }
                </div>
            </Section>
            <div class="plan-columns">
                <Section title="Are its chances right?">
                    <div class="plan-part">{ calibration(card) }</div>
                </Section>
                <Section title="Is it fair?">{ fairness(&card.segments, card.latest.base_rate) }</Section>
            </div>
            <Section title="What was tried">{ candidates(&card.candidates, &card.kind) }</Section>
        </>
    }
}

fn facts(card: &ModelCardView, wall: Wall) -> Html {
    let day = |text: &str| text.parse().map_or_else(|_| text.to_owned(), |it| wall.day(it));
    let corrected = card
        .calibration
        .as_ref()
        .map_or_else(|| "left as they are".to_owned(), |kind| format!("corrected ({kind})"));
    let facts = [
        ("Kind", card.kind.clone()),
        ("Learned from", counted(card.rows, "decided deal", "decided deals")),
        ("Decided between", format!("{} and {}", day(&card.from), day(&card.to))),
        ("Won among them", percent(card.base_rate)),
        (
            "Judged on",
            format!(
                "the newest {}, which it had not seen",
                counted(card.latest.rows, "deal", "deals")
            ),
        ),
        ("AUC", format!("{:.3}", card.latest.auc)),
        ("Log loss", format!("{:.3}", card.latest.log_loss)),
        ("Brier", format!("{:.3}", card.latest.brier)),
        ("Calibration error", format!("{:.3}", card.latest.calibration_error)),
        ("Chances", corrected),
        ("Reads", card.features.join(", ").replace('_', " ")),
        ("Trained", wall.full(card.trained_ms)),
        ("Signed by", card.signer.clone()),
    ];
    html! {
        <dl class="facts plan-facts">
            { for facts.into_iter().map(|(name, value)| html! {
                <div key={name} class="fact"><dt>{ name }</dt><dd>{ value }</dd></div>
            }) }
        </dl>
    }
}

fn calibration(card: &ModelCardView) -> Html {
    let spot =
        |bin: &CalibrationBinView| Spot { x: bin.told, y: bin.seen, weight: bin.rows as f64 };
    let line = |bin: &CalibrationBinView| {
        vec![html! { percent(bin.told) }, html! { percent(bin.seen) }, html! { count(bin.rows) }]
    };
    let filled: Vec<&CalibrationBinView> = card.plot.iter().filter(|bin| bin.rows > 0).collect();
    let heads = ["Told", "Won", "Deals"].map(AttrValue::from).to_vec();
    html! {
        <SpotChart
            title="Chance that was told, and share that was won, in per cent"
            summary={format!(
                "{} groups of deals; on average what is told is {:.1} points from what came.",
                filled.len(), 100.0 * card.latest.calibration_error
            )}
            axes={(AttrValue::from("Told, %"), AttrValue::from("Won, %"))}
            spots={filled.iter().map(|bin| spot(bin)).collect::<Vec<_>>()} {heads}
            lines={filled.iter().map(|bin| line(bin)).collect::<Vec<_>>()}
        />
    }
}

/// Whether a segment is told more or less than it deserves, in a word; in points.
#[must_use]
pub fn favour(segment: &SegmentView) -> String {
    let points = 100.0 * (segment.mean_told - segment.metrics.base_rate);
    match points {
        more if more >= 5.0 => format!("{more:.0} points too high"),
        less if less <= -5.0 => format!("{:.0} points too low", -less),
        _ => "as it should be".to_owned(),
    }
}

fn fairness(segments: &[SegmentView], base_rate: f64) -> Html {
    if segments.is_empty() {
        return html! {
            <p class="plan-part quiet">
                { "There are no groups with enough decided deals to judge yet." }
            </p>
        };
    }
    let row = |(at, segment): (usize, &SegmentView)| {
        html! {
            <tr key={at}>
                <th scope="row">
                    { segment.category.clone().unwrap_or_else(|| "not known".to_owned()) }
                    <span class="quiet small plan-under">{ segment.feature.replace('_', " ") }</span>
                </th>
                <td class="number">{ count(segment.metrics.rows) }</td>
                <td class="number">{ percent(segment.mean_told) }</td>
                <td class="number">{ percent(segment.metrics.base_rate) }</td>
                <td class="plan-words">{ favour(segment) }</td>
            </tr>
        }
    };
    html! {
        <div class="plan-part">
            <p class="quiet small">
                { format!("What is told to a group beside what came; {} of all were won.", percent(base_rate)) }
            </p>
            <div class="chart-scroll" tabindex="0" role="group" aria-label="Is it fair?">
                <table class="plain-table">
                    <thead>
                        <tr>
                            <th scope="col">{ "Group" }</th><th scope="col">{ "Deals" }</th>
                            <th scope="col">{ "Told" }</th><th scope="col">{ "Won" }</th>
                            <th scope="col" class="plan-words">{ "It is" }</th>
                        </tr>
                    </thead>
                    <tbody>{ for segments.iter().enumerate().map(row) }</tbody>
                </table>
            </div>
        </div>
    }
}

fn candidates(tried: &[CandidateView], chosen: &str) -> Html {
    let row = |(at, one): (usize, &CandidateView)| {
        let mark = if one.kind == chosen { ", the chosen kind" } else { "" };
        html! {
            <tr key={at}>
                <th scope="row">{ &one.kind }<span class="quiet">{ mark }</span></th>
                <td class="number">{ format!("{:.3}", one.auc) }</td>
                <td class="number">{ format!("{:.3}", one.log_loss) }</td>
            </tr>
        }
    };
    html! {
        <div class="plan-part">
            <p class="quiet small">
                { "Each was trained on earlier deals and judged on later ones, several times over." }
            </p>
            <div class="chart-scroll" tabindex="0" role="group" aria-label="What was tried">
                <table class="plain-table">
                    <thead>
                        <tr>
                            <th scope="col">{ "Kind" }</th><th scope="col">{ "AUC" }</th>
                            <th scope="col">{ "Log loss" }</th>
                        </tr>
                    </thead>
                    <tbody>{ for tried.iter().enumerate().map(row) }</tbody>
                </table>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_group_that_is_told_too_much_is_named_in_points() {
        let card = sample::planning::models(sample::WALL).card.unwrap();
        let segment = card.segments[0].clone();
        let told = |mean_told| favour(&SegmentView { mean_told, ..segment.clone() });
        let rate = segment.metrics.base_rate;
        assert_eq!(told(rate + 0.08), "8 points too high");
        assert_eq!(told(rate - 0.08), "8 points too low");
        assert_eq!(told(rate), "as it should be");
    }
}
