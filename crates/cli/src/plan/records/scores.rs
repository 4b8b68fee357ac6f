//! Scores and their models, as people read them on a terminal.

use std::fmt::Write as _;

use roadbook_api::commands::planning::Scored;
use roadbook_api::views::planning::{ModelsView, RefreshView, Refreshed, ScoreView, ScoresView};
use roadbook_domain::Entity;

use super::show::{LEFT, RIGHT, amount, as_of, head, percent};
use crate::show::table::table;
use crate::show::words::{Now, count, grouped, short};
use crate::terminal::Terminal;

const REASONS_SHOWN: usize = 3;

/// How deals or leads are called.
struct Words {
    one: &'static str,
    many: &'static str,
    /// What it is when one goes well.
    good: &'static str,
    /// What scores are without a model.
    without: &'static str,
    train: &'static str,
    stage: &'static str,
    amount: &'static str,
}

const fn words(what: Scored) -> Words {
    match what {
        Scored::Deals => Words {
            one: "deal",
            many: "deals",
            good: "won",
            without: "win rates by stage and age",
            train: "roadbook score train",
            stage: "STAGE",
            amount: "AMOUNT",
        },
        Scored::Leads => Words {
            one: "lead",
            many: "leads",
            good: "qualified",
            without: "shares of leads of the same source that were qualified",
            train: "roadbook score train --leads",
            stage: "STATUS",
            amount: "WORTH",
        },
    }
}

fn model_line(view: &ScoresView, words: &Words, now: &Now) -> String {
    let many = words.many;
    let mut out = match &view.model {
        Some(card) => format!(
            "model {}: {}, AUC {:.3}, trained {}",
            card.version,
            card.kind,
            card.latest.auc,
            now.at(card.trained_ms)
        ),
        None => format!(
            "no model yet, so these are {}; `{}` learns from decided {many}",
            words.without, words.train
        ),
    };
    if let Some(drift) = view.drift.as_ref().filter(|drift| drift.advice != "keep") {
        let most = drift.features.first().map_or("scores", |feature| feature.name.as_str());
        let _ = write!(
            out,
            "\nopen {many} differ from those learned from, most in {most}: train again"
        );
    }
    out
}

/// Scores, most worth a call first.
pub(super) fn list(view: &ScoresView, what: Scored, terminal: &Terminal, now: &Now) -> String {
    let words = words(what);
    let name = words.one.to_uppercase();
    let header = [
        ("ID", LEFT),
        (name.as_str(), LEFT),
        (words.stage, LEFT),
        (words.amount, RIGHT),
        ("CHANCE", RIGHT),
        ("URGENCY", RIGHT),
        ("VALUE", RIGHT),
        ("WHY", LEFT),
    ];
    let row = |score: &ScoreView| {
        let why: Vec<&str> =
            score.reasons.iter().take(REASONS_SHOWN).map(|reason| reason.text.as_str()).collect();
        vec![
            short(&score.link.record),
            score.link.title.clone(),
            score.stage.clone(),
            amount(score.amount),
            format!("{} %", score.percent),
            format!("{:.2}", score.urgency),
            amount(score.value),
            why.join("; "),
        ]
    };
    let rows: Vec<Vec<String>> = view.scores.iter().map(row).collect();
    format!(
        "{} of {}, {}\n{}\n{}",
        grouped(&view.scores.len().to_string()),
        count(view.total, &format!("open {}", words.one), &format!("open {}", words.many)),
        as_of(&view.as_of, now),
        model_line(view, &words, now),
        table(&header, &rows, |text| head(terminal, text))
    )
}

/// One score with every reason. The record itself says whether it is a deal or a lead.
pub(super) fn one(view: &ScoresView, score: &ScoreView, terminal: &Terminal, now: &Now) -> String {
    let is_lead = score.link.entity == Entity::Lead;
    let words = words(if is_lead { Scored::Leads } else { Scored::Deals });
    let mut out = format!(
        "{}: {} % to be {} ({}, {})\n",
        head(terminal, &score.link.title),
        score.percent,
        words.good,
        score.stage,
        as_of(&view.as_of, now)
    );
    let _ = writeln!(out, "{:>4} %  an average {}", score.base_percent, words.one);
    for reason in &score.reasons {
        let _ = writeln!(out, "        {}", reason.text);
    }
    if !score.path.is_empty() {
        let _ = writeln!(out, "way through the tree: {}", score.path.join(", then "));
    }
    if let Some(next) = &score.next {
        let _ = writeln!(
            out,
            "next: {} ({}), then {} %, worth {}",
            next.action,
            next.because,
            next.percent,
            amount(next.gain)
        );
    }
    out.push_str(&model_line(view, &words, now));
    out
}

/// What came of looking at new outcomes.
pub(super) fn refreshed(
    view: &RefreshView,
    what: Scored,
    terminal: &Terminal,
    now: &Now,
) -> String {
    let Words { one, many, .. } = words(what);
    let decided = count(view.newest, &format!("{one} was"), &format!("{many} were"));
    let done = match view.done {
        Refreshed::Kept => "the model is kept",
        Refreshed::Recalibrated => "its probabilities are corrected",
        Refreshed::Retrained => "it was trained again",
    };
    format!(
        "{decided} decided since the model learned: {done}\n{}",
        models(&view.models, what, terminal, now)
    )
}

/// The models of this device, and the one in use.
pub(super) fn models(view: &ModelsView, what: Scored, terminal: &Terminal, now: &Now) -> String {
    let words = words(what);
    if view.models.is_empty() {
        return format!("no model of {} yet: {}", words.many, words.train);
    }
    let header = [
        ("VERSION", RIGHT),
        ("TRAINED", LEFT),
        ("AUC", RIGHT),
        ("LOG LOSS", RIGHT),
        ("IN USE", LEFT),
    ];
    let row = |model: &roadbook_api::views::planning::ModelView| {
        let used = match (model.active, view.pinned) {
            (true, true) => "yes, pinned",
            (true, false) => "yes",
            (false, _) => "",
        };
        vec![
            model.version.to_string(),
            now.time(model.trained_ms),
            format!("{:.4}", model.auc),
            format!("{:.4}", model.log_loss),
            used.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = view.models.iter().map(row).collect();
    let mut out = table(&header, &rows, |text| head(terminal, text));
    if let Some(card) = &view.card {
        let _ = writeln!(
            out,
            "version {}: {}, {} from {} to {}, {} {}; calibration error {:.4}; signed by {}",
            card.version,
            card.kind,
            count(card.rows, words.one, words.many),
            card.from,
            card.to,
            percent(card.base_rate),
            words.good,
            card.latest.calibration_error,
            card.signer
        );
    }
    out
}
