//! The card of a model: what it was trained on, how good it is, whether it is fair.

use roadbook_api::commands::planning::Scored;
use roadbook_api::views::planning::{
    CalibrationBinView, CandidateView, ModelCardView, SegmentView,
};
use yew::prelude::*;

use super::what::{Words, words};
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
    /// Deals or leads.
    #[prop_or_default]
    pub what: Scored,
}

/// An order that is worse than this is little better than a coin.
const WEAK: f64 = 0.58;

/// How good an order is, for who never heard of AUC.
#[must_use]
pub fn order(auc: f64, what: Scored) -> String {
    let chance = percent(auc);
    let pair = match what {
        Scored::Deals => "a won and a lost deal it puts the won one",
        Scored::Leads => "a qualified lead and one that was not it puts the qualified one",
    };
    format!("Of {pair} first in {chance} of cases (50 % is a coin).")
}

/// The card of a model.
#[function_component]
pub fn ModelCard(props: &ModelCardProps) -> Html {
    let wall = use_wall();
    let card = &props.card;
    let words = words(props.what);
    html! {
        <>
            <Section title={format!("Version {}", card.version)}>
                <div class="plan-part">
                    <p class="plan-lead">
                        { format!("Learns from {}, and tells how likely it is that {}. {}", words.learns, card.outcome, order(card.latest.auc, props.what)) }
                    </p>
                    if card.latest.auc < WEAK {
                        <p class="plan-alarm">
                            <Chip label="Weak" tone={ChipTone::Caution} icon={Icon::NeedsYou} />
                            <span>
                                { format!(
                                    "What is written on these {} hardly tells them apart. Do not lean on its order; {} are as good.",
                                    words.many, words.without
                                ) }
                            </span>
                        </p>
                    }
                    { facts(card, &words, wall) }
                </div>
            </Section>
            <div class="plan-columns">
                <Section title="Are its chances right?">
                    <div class="plan-part">{ calibration(card, &words) }</div>
                </Section>
                <Section title="Is it fair?">{ fairness(card, &words) }</Section>
            </div>
            <Section title="What was tried">{ candidates(&card.candidates, &card.kind, words.many) }</Section>
        </>
    }
}

fn facts(card: &ModelCardView, words: &Words, wall: Wall) -> Html {
    let day = |text: &str| text.parse().map_or_else(|_| text.to_owned(), |it| wall.day(it));
    let corrected = card
        .calibration
        .as_ref()
        .map_or_else(|| "left as they are".to_owned(), |kind| format!("corrected ({kind})"));
    let [decided, decided_many] = [words.one, words.many].map(|name| format!("decided {name}"));
    let among = format!("{} among them", capital(words.good));
    let facts = [
        ("Kind", card.kind.clone()),
        ("Learned from", counted(card.rows, &decided, &decided_many)),
        ("Decided between", format!("{} and {}", day(&card.from), day(&card.to))),
        (among.as_str(), percent(card.base_rate)),
        (
            "Judged on",
            format!(
                "the newest {}, which it had not seen",
                counted(card.latest.rows, words.one, words.many)
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
                <div key={name.to_owned()} class="fact"><dt>{ name.to_owned() }</dt><dd>{ value }</dd></div>
            }) }
        </dl>
    }
}

/// A word at the beginning of a heading.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn calibration(card: &ModelCardView, words: &Words) -> Html {
    let spot =
        |bin: &CalibrationBinView| Spot { x: bin.told, y: bin.seen, weight: bin.rows as f64 };
    let line = |bin: &CalibrationBinView| {
        vec![html! { percent(bin.told) }, html! { percent(bin.seen) }, html! { count(bin.rows) }]
    };
    let filled: Vec<&CalibrationBinView> = card.plot.iter().filter(|bin| bin.rows > 0).collect();
    let (good, many) = (words.good, words.many);
    let heads = ["Told".to_owned(), capital(good), capital(many)].map(AttrValue::from).to_vec();
    html! {
        <SpotChart
            title={format!("Chance that was told, and share that was {good}, in per cent")}
            summary={format!(
                "{} groups of {many}; on average what is told is {:.1} points from what came.",
                filled.len(), 100.0 * card.latest.calibration_error
            )}
            axes={(AttrValue::from("Told, %"), AttrValue::from(format!("{}, %", capital(good))))}
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

fn fairness(card: &ModelCardView, words: &Words) -> Html {
    let (segments, base_rate) = (&card.segments, card.latest.base_rate);
    let (good, many) = (words.good, words.many);
    if segments.is_empty() {
        return html! {
            <p class="plan-part quiet">
                { format!("There are no groups with enough decided {many} to judge yet.") }
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
                { format!("What is told to a group beside what came; {} of all were {good}.", percent(base_rate)) }
            </p>
            <div class="chart-scroll" tabindex="0" role="group" aria-label="Is it fair?">
                <table class="plain-table">
                    <thead>
                        <tr>
                            <th scope="col">{ "Group" }</th><th scope="col">{ capital(many) }</th>
                            <th scope="col">{ "Told" }</th><th scope="col">{ capital(good) }</th>
                            <th scope="col" class="plan-words">{ "It is" }</th>
                        </tr>
                    </thead>
                    <tbody>{ for segments.iter().enumerate().map(row) }</tbody>
                </table>
            </div>
        </div>
    }
}

fn candidates(tried: &[CandidateView], chosen: &str, many: &str) -> Html {
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
                { format!("Each was trained on earlier {many} and judged on later ones, several times over.") }
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
