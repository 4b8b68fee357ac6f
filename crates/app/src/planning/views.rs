//! From the words of `roadbook-planning` to those of `roadbook-api`.

use jiff::Timestamp;
use roadbook_api::views::planning::{
    CalibrationBinView, CandidateView, DriftView, FeatureDriftView, MetricsView, ModelCardView,
    SegmentView,
};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_planning::forecast::Note;
use roadbook_planning::forecast::clean::Damage;
use roadbook_planning::optimise::OptimiseError;
use roadbook_planning::score::ScoreError;
use roadbook_planning::score::calibrate::CalibrationKind;
use roadbook_planning::score::drift::{Advice, Drift};
use roadbook_planning::score::metrics::Metrics;
use roadbook_planning::score::model::ScoreModel;
use roadbook_planning::score::recalibrate::Recalibration;

use super::watch::cancelled;
use crate::errors::bad_input;

/// So many members of a clash are named.
const NAMED: usize = 8;

/// A count with the word for one or for several.
pub(crate) fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// The word and the sentence of a note on a forecast.
pub(crate) fn note(note: &Note) -> (&'static str, String) {
    match note {
        Note::GapsFilled { count } => (
            "gaps_filled",
            format!(
                "{} filled from neighbours and season",
                counted(*count, "missing value was", "missing values were")
            ),
        ),
        Note::OldPointsLeftOut { count } => {
            let values = counted(*count, "oldest value was", "oldest values were");
            ("old_points_left_out", format!("the {values} not read"))
        }
        Note::Constant => {
            ("constant", "all values are the same: the forecast repeats them".to_owned())
        }
        Note::Fallback { wanted, because } => {
            ("fallback", format!("naive2 answers instead of {wanted}: {because}"))
        }
        Note::RegressorsLeftOut { because } => {
            ("regressors_left_out", format!("regressors were not used: {because}"))
        }
    }
}

/// The word of a kind of damage.
pub(crate) const fn damage(damage: Damage) -> &'static str {
    match damage {
        Damage::Missing => "missing",
        Damage::FalseZero => "false_zero",
        Damage::Doubled => "doubled",
        Damage::TenTimes => "ten_times",
        Damage::ATenth => "a_tenth",
        Damage::Outage => "outage",
        Damage::OpenPeriod => "open_period",
    }
}

pub(crate) fn metrics(metrics: &Metrics) -> MetricsView {
    MetricsView {
        rows: metrics.rows,
        base_rate: metrics.base_rate,
        auc: metrics.auc,
        pr_auc: metrics.pr_auc,
        log_loss: metrics.log_loss,
        brier: metrics.brier,
        calibration_error: metrics.ece,
    }
}

/// The word of how a correction was found.
pub(crate) const fn recalibration(how: Recalibration) -> &'static str {
    match how {
        Recalibration::Kept => "kept",
        Recalibration::Fitted(kind) => calibration(kind),
        Recalibration::Followed => "followed",
    }
}

const fn calibration(kind: CalibrationKind) -> &'static str {
    match kind {
        CalibrationKind::Platt => "platt",
        CalibrationKind::Temperature => "temperature",
        CalibrationKind::Shift => "shift",
        CalibrationKind::Isotonic => "isotonic",
    }
}

/// How the times of a model's rows were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimeKind {
    /// Dates or points in time: milliseconds since 1970.
    Date,
    /// Numbers that rise with time: thousandths of them.
    Number,
    /// There was no time: the place in the file.
    Row,
}

impl TimeKind {
    pub(crate) fn text(self, time: i64) -> String {
        match self {
            Self::Date => Timestamp::from_millisecond(time)
                .map_or_else(|_| "an unknown day".to_owned(), |at| at.to_string()[..10].to_owned()),
            Self::Number if time % 1_000 == 0 => (time / 1_000).to_string(),
            Self::Number => (time as f64 / 1e3).to_string(),
            Self::Row => format!("row {}", time + 1),
        }
    }
}

/// The card of a model; `signer` is the beginning of the signer's public key.
pub(crate) fn card(
    model: &ScoreModel,
    outcome: &str,
    kind: TimeKind,
    trained_ms: i64,
    signer: &str,
) -> ModelCardView {
    let card = model.card();
    ModelCardView {
        version: card.version,
        trained_ms,
        kind: card.kind.clone(),
        outcome: outcome.to_owned(),
        rows: card.rows,
        base_rate: card.base_rate,
        from: kind.text(card.data_range.0),
        to: kind.text(card.data_range.1),
        features: model.schema().features.iter().map(|feature| feature.name.clone()).collect(),
        candidates: card
            .candidates
            .iter()
            .map(|tried| CandidateView {
                kind: tried.learner.name().to_owned(),
                auc: tried.auc,
                log_loss: tried.log_loss,
            })
            .collect(),
        calibration: card.calibration.map(|kind| calibration(kind).to_owned()),
        latest: metrics(&card.latest),
        plot: card
            .plot
            .iter()
            .map(|bin| CalibrationBinView { told: bin.told, seen: bin.seen, rows: bin.rows })
            .collect(),
        segments: card
            .segments
            .iter()
            .map(|segment| SegmentView {
                feature: segment.feature.clone(),
                category: segment.category.clone(),
                mean_told: segment.mean_told,
                metrics: metrics(&segment.metrics),
            })
            .collect(),
        signer: signer.to_owned(),
    }
}

pub(crate) fn drift(drift: &Drift) -> DriftView {
    DriftView {
        features: drift
            .features
            .iter()
            .map(|one| FeatureDriftView { name: one.name.clone(), psi: one.psi })
            .collect(),
        score_psi: drift.score_psi,
        standard_errors: drift.error.map(|error| error.standard_errors),
        advice: match drift.advice {
            Advice::Keep => "keep",
            Advice::Recalibrate => "recalibrate",
            Advice::Retrain => "retrain",
        }
        .to_owned(),
    }
}

/// What a scoring problem is told as.
pub(crate) fn of_score(error: &ScoreError) -> ApiError {
    let message = error.to_string();
    match error {
        ScoreError::Empty { .. } | ScoreError::Shape { .. } => {
            bad_input("rows", &message, "give a table with rows and columns")
        }
        ScoreError::Infinite { column, .. } => {
            bad_input(column, &message, "leave the cell empty where the value is not known")
        }
        ScoreError::Duplicate { column } => {
            bad_input(column, &message, "give every column a name of its own")
        }
        ScoreError::Column { column } => {
            bad_input(column, &message, "give the columns that the model was trained on")
        }
        ScoreError::OneClass { .. } => bad_input(
            "label",
            &message,
            "there is nothing to tell apart; give rows of both outcomes",
        ),
        ScoreError::TooFew { .. } => {
            bad_input("label", &message, "give more rows, in the order of time")
        }
        ScoreError::Setting { setting } => bad_input(setting, &message, "choose another value"),
        ScoreError::Artefact { .. } => ApiError::new(ErrorCode::Damaged, message),
        ScoreError::Stopped => cancelled(),
        _ => ApiError::new(ErrorCode::Internal, message),
    }
}

/// What the members of a clash are called.
pub(crate) struct Names<'a> {
    /// One item, such as `lead`.
    pub(crate) item: &'a str,
    /// The name of an item by its place.
    pub(crate) items: &'a dyn Fn(usize) -> String,
    /// The name of a rep by its place.
    pub(crate) reps: &'a dyn Fn(usize) -> String,
    /// The name of a product by its place.
    pub(crate) products: &'a dyn Fn(usize) -> String,
    /// The name of a territory by its place.
    pub(crate) territories: &'a dyn Fn(usize) -> String,
    /// The field that makes reps receive at least something, and the remedy where that clashes.
    pub(crate) least: (&'a str, &'a str),
}

fn number(place: usize) -> String {
    place.to_string()
}

/// What to do where leads do not suffice for the least share of each rep.
pub(crate) const FAIRNESS: (&str, &str) =
    ("fairness", "ask for a smaller share of fairness, or let these reps take more leads");

impl Names<'static> {
    /// Everything is called by its number.
    pub(crate) const NUMBERS: Self = Self {
        item: "row",
        items: &number,
        reps: &number,
        products: &number,
        territories: &number,
        least: ("balance", "allow a greater difference, or let them take more"),
    };
}

/// Lists the first names of many.
fn list(places: &[usize], name: &dyn Fn(usize) -> String) -> String {
    let named: Vec<String> = places.iter().take(NAMED).map(|place| name(*place)).collect();
    let more = places.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", named.join(", ")) } else { named.join(", ") }
}

/// What an optimisation problem is told as; clashes name their members.
pub(crate) fn of_optimise(error: &OptimiseError, names: &Names<'_>) -> ApiError {
    use roadbook_planning::optimise::quota::Place;
    let infeasible = |message: String, field: &str, remedy: &str| {
        ApiError::new(ErrorCode::Infeasible, format!("{message}; {remedy}"))
            .at(field, message, remedy)
    };
    let message = error.to_string();
    let Names { item, items, reps, products, territories, least } = names;
    match error {
        OptimiseError::Empty { what } | OptimiseError::Shape { what, .. } => {
            bad_input(what, &message, "check how many rows and columns the input has")
        }
        OptimiseError::Number { what, .. } => {
            bad_input(what, &message, "give a finite number in range")
        }
        OptimiseError::Potential { rep, product, value } => {
            potential(rep.map(reps), product.map(products), *value)
        }
        OptimiseError::Instance { .. } => bad_input(
            "input",
            &message,
            "write per array the count of dimensions, the sizes (u64) and the values (f64), all \
             little-endian",
        ),
        OptimiseError::Overfull { items: who, bins, capacity, demand } if bins.is_empty() => {
            infeasible(
                format!(
                    "{item} {} may go to no rep at all ({capacity} places for {demand})",
                    list(who, items)
                ),
                "eligible",
                "let a rep take it",
            )
        }
        OptimiseError::Overfull { items: who, bins, capacity, demand } => infeasible(
            format!(
                "{} {item}s ({}) may only go to {} reps ({}), which hold {capacity} of {demand}",
                who.len(),
                list(who, items),
                bins.len(),
                list(bins, reps)
            ),
            "capacity",
            "raise a capacity, let other reps take some, or leave some out",
        ),
        OptimiseError::Underfull { bins, items: who, required, available } => infeasible(
            format!(
                "{} reps ({}) must receive {required}, and only {available} may go to them ({} \
                 {item}s)",
                bins.len(),
                list(bins, reps),
                who.len()
            ),
            least.0,
            least.1,
        ),
        OptimiseError::Indivisible { bin, load, lower, upper } => infeasible(
            format!(
                "whole {item}s do not fit: rep {} would hold {load:.1}, limits are {lower:.1} to \
                 {upper:.1}",
                reps(*bin)
            ),
            "balance",
            "allow a greater difference, or split the largest one",
        ),
        OptimiseError::QuotaClash { clashes } => {
            let told: Vec<String> = clashes
                .iter()
                .take(NAMED)
                .map(|clash| {
                    let by = clash.by;
                    match clash.place {
                        Place::GoalTooHigh { product } => format!(
                            "the goal of product {} is {by:.2} more than its reps may carry",
                            products(product)
                        ),
                        Place::GoalTooLow { product } => format!(
                            "the goal of product {} is {by:.2} less than its reps must carry",
                            products(product)
                        ),
                        Place::TerritoryFloor { territory } => format!(
                            "the least total of territory {} is {by:.2} more than its reps may carry",
                            territories(territory)
                        ),
                        Place::TerritoryCeiling { territory } => format!(
                            "the greatest total of territory {} is {by:.2} less than its reps must carry",
                            territories(territory)
                        ),
                    }
                })
                .collect();
            infeasible(told.join("; "), "limits", "widen the band, or change the goal")
        }
        OptimiseError::Unreachable { stop, arrival_min, closes_min } => infeasible(
            format!(
                "{item} {} cannot be served in time: earliest {}, latest {}",
                items(*stop),
                clock(*arrival_min),
                clock(*closes_min)
            ),
            "closes",
            "start earlier, widen its window, or leave it out",
        ),
        OptimiseError::Windows { stops, leave_out } => infeasible(
            format!(
                "no order serves all {stops} stops in time; leaving out {} would do",
                list(leave_out, items)
            ),
            "stops",
            "leave them out, or widen windows",
        ),
        OptimiseError::Stopped => cancelled(),
        OptimiseError::NotConverged { .. } => {
            bad_input("input", &message, "bring the amounts to comparable sizes")
        }
        _ => ApiError::new(ErrorCode::Internal, message),
    }
}

/// What a potential that cannot be is told as: one of a rep and a product, or all of either.
fn potential(rep: Option<String>, product: Option<String>, value: f64) -> ApiError {
    let is_one = rep.is_some() && product.is_some();
    let of = [rep.map(|rep| format!("rep {rep}")), product.map(|name| format!("product {name}"))];
    let of = of.into_iter().flatten().collect::<Vec<_>>().join(" and ");
    if is_one {
        let problem = format!("of {of} is {value}, which is neither zero nor positive");
        return bad_input("potential", &problem, "give zero or a positive amount");
    }
    let problem = format!("of {of} adds up to {value}, and quotas are shared out by it");
    bad_input("potential", &problem, "give a positive amount in one place at least, or take it out")
}

/// Minutes of the day as `HH:MM`, rounded down to the minute.
pub(crate) fn clock(minutes: f64) -> String {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "minutes of a day, and the cast saturates"
    )]
    let whole = minutes.max(0.0) as u64;
    format!("{:02}:{:02}", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clash_names_its_members_and_a_remedy() {
        let error = OptimiseError::Overfull {
            items: (0..12).collect(),
            bins: vec![3],
            capacity: 4.0,
            demand: 12.0,
        };
        let names = Names { item: "lead", ..Names::NUMBERS };
        let told = of_optimise(&error, &names);
        assert_eq!(told.code, ErrorCode::Infeasible);
        assert!(told.message.contains("0, 1, 2, 3, 4, 5, 6, 7 and 4 more"), "{told}");
        assert!(told.message.contains("1 reps (3)"), "{told}");
    }

    #[test]
    fn a_floor_that_clashes_has_the_remedy_of_whoever_asked_for_it() {
        let error = OptimiseError::Underfull {
            bins: vec![0, 1],
            items: vec![4],
            required: 2.0,
            available: 1.0,
        };
        let of = |names: &Names<'_>| of_optimise(&error, names).fields[0].field.clone();
        assert_eq!(of(&Names::NUMBERS), "balance");
        assert_eq!(of(&Names { item: "lead", least: FAIRNESS, ..Names::NUMBERS }), "fairness");
    }

    #[test]
    fn times_of_rows_are_told_as_they_were_written() {
        assert_eq!(TimeKind::Date.text(1_700_000_000_000), "2023-11-14");
        assert_eq!(TimeKind::Number.text(42_000), "42");
        assert_eq!(TimeKind::Number.text(2_024_250), "2024.25");
        assert_eq!(TimeKind::Row.text(0), "row 1");
        assert_eq!(TimeKind::Date.text(i64::MAX), "an unknown day");
    }
}
