//! A score put in words: its reasons, which sum to it, and what to do next.

use roadbook_api::commands::planning::Scored;
use roadbook_api::views::planning::{NextActionView, ReasonView, ScoreView};
use roadbook_domain::Entity;
use roadbook_planning::score::explain::{
    Action, Change, Explanation, Reason, next_best_action, reasons,
};
use roadbook_planning::score::model::ScoreModel;

use super::subject::Subjects;
use crate::errors::ApiResult;
use crate::planning::views;

/// What a rep can do next, and what it costs in the currency of amounts.
fn actions() -> Vec<Action> {
    let action = |name: &str, feature: &str, cost: f64| Action {
        name: name.to_owned(),
        changes: vec![
            (feature.to_owned(), Change::Add(1.0)),
            ("quiet_days".to_owned(), Change::SetNumber(0.0)),
        ],
        cost,
    };
    vec![
        action("visit", "visits", 50.0),
        action("call", "calls", 5.0),
        action("e-mail", "mails", 1.0),
        action("meeting", "meetings", 50.0),
    ]
}

/// The entity of what is scored.
pub(super) const fn entity(what: Scored) -> Entity {
    match what {
        Scored::Deals => Entity::Opportunity,
        Scored::Leads => Entity::Lead,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a percentage")]
fn percent(probability: f64) -> i32 {
    (100.0 * probability).round() as i32
}

fn view<S: Subjects>(subjects: &S, subject: &S::Subject, probability: f64) -> ScoreView {
    let book = subjects.book();
    let amount = subjects.worth(subject);
    ScoreView {
        link: book.link(S::id(subject), entity(S::WHAT)),
        customer: subjects.customer(subject),
        owner: book.name(S::owner(subject)),
        stage: subjects.stage(subject),
        amount,
        probability,
        percent: percent(probability),
        base_percent: 0,
        reasons: Vec::new(),
        path: Vec::new(),
        next: None,
        expected: probability * amount,
        urgency: 1.0,
        value: 0.0,
    }
}

/// The score by a model.
pub(super) fn by_model<S: Subjects>(
    subjects: &S,
    model: &ScoreModel,
    subject: &S::Subject,
) -> ApiResult<ScoreView> {
    let schema = model.schema();
    let cells = subjects.cells(schema, subject, subjects.book().today);
    let row = schema.row(&cells).map_err(|error| views::of_score(&error))?;
    let told = model.explain(&row).map_err(|error| views::of_score(&error))?;
    let mut out = view(subjects, subject, told.probability);
    out.base_percent = told.base_percent;
    out.percent = told.base_percent + told.points.iter().sum::<i32>();
    let reason = |reason: Reason| ReasonView {
        feature: schema.features[reason.feature].name.clone(),
        text: reason.text,
        points: reason.points,
    };
    let all = reasons(&told, schema, &cells, &S::phrases(), schema.features.len());
    out.reasons = all.into_iter().map(reason).collect();
    let path = model.path(&row).map_err(|error| views::of_score(&error))?;
    out.path = path.iter().map(|step| step.text(schema)).collect();
    out.next = next::<S>(model, out.amount, &row, &told);
    Ok(out)
}

fn next<S: Subjects>(
    model: &ScoreModel,
    amount: f64,
    row: &[f64],
    now: &Explanation,
) -> Option<NextActionView> {
    let actions = actions();
    let found = next_best_action(model, row, amount, &actions)?;
    if percent(found.probability_then) <= percent(now.probability) {
        return None;
    }
    let name = &model.schema().features[found.because].name;
    let known = S::NUMBERS.iter().find(|feature| feature.name == name);
    let because = match known.map(|feature| (feature.name, row[found.because])) {
        Some(("quiet_days", days)) if !days.is_nan() => format!("no contact for {days} days"),
        Some(("quiet_days", _)) => "no contact yet".to_owned(),
        Some((_, count)) if count.is_nan() => {
            known.map(|feature| feature.missing.to_owned()).unwrap_or_default()
        }
        _ => {
            let (many, went_well) = S::MANY;
            format!("{many} with more {name} {went_well} more often")
        }
    };
    Some(NextActionView {
        action: actions[found.action].name.clone(),
        percent: percent(found.probability_then),
        gain: found.gain,
        because,
    })
}

/// The score where there is no model.
pub(super) fn by_rates<S: Subjects>(subjects: &S, subject: &S::Subject) -> ScoreView {
    let chance = subjects.chance(subject);
    let mut out = view(subjects, subject, chance.probability);
    out.base_percent = percent(chance.usual);
    let points = out.percent - out.base_percent;
    if points != 0 {
        let sign = if points < 0 { '\u{2212}' } else { '+' };
        out.reasons.push(ReasonView {
            feature: chance.feature.to_owned(),
            text: format!("{} {sign}{}", chance.because, points.abs()),
            points,
        });
    }
    out
}
