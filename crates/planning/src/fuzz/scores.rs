//! Scoring on any bytes.

use super::{Bytes, answered, probability};
use crate::Pace;
use crate::score::calibrate::{Calibration, CalibrationKind, fit_calibration};
use crate::score::dataset::{Cell, Column, Dataset};
use crate::score::explain::{Action, Change, next_best_action, reasons};
use crate::score::learner::Learner;
use crate::score::linear::LogisticSettings;
use crate::score::metrics::{calibration_plot, ece_by_chance, measure};
use crate::score::model::{ScoreModel, TrainOptions, refresh, train};
use crate::score::priority::{Prospect, rank};
use crate::score::recalibrate::recalibrate;
use crate::score::rolling::RollingCalibration;
use crate::score::tree::{BoostSettings, ForestSettings, TreeSettings};

pub(super) fn scoring(rest: &mut Bytes<'_>) {
    let rows = rest.size(0, 120);
    let levels = [None, Some("a"), Some("b"), Some(""), Some("\u{1f9ed}")];
    let (x, y) = (rest.numbers(rows), rest.numbers(rows));
    let level: Vec<Option<&str>> = (0..rows).map(|_| levels[rest.size(0, 4)]).collect();
    let labels: Vec<bool> = (0..rows).map(|_| rest.label()).collect();
    let times: Vec<i64> = (0..rows).map(|_| i64::from(rest.byte())).collect();
    let name = if rest.byte() == 255 { "x" } else { "y" };
    let columns = vec![
        Column::numeric("x", x),
        Column::numeric(name, y),
        Column::categorical("level", &level),
    ];
    let Some(data) = answered(Dataset::new(columns)) else { return };
    let seed = u64::from(rest.byte());
    let learner = match rest.byte() % 4 {
        0 => Learner::Logistic(LogisticSettings { penalty: rest.number(), half_life: 0.5 }),
        1 => Learner::Tree(TreeSettings { depth: rest.size(0, 20), leaf_rows: 3 }),
        2 => Learner::Forest(ForestSettings { trees: rest.size(0, 4), leaf_rows: 2, seed }),
        _ => Learner::Boosted(BoostSettings {
            rounds: rest.size(0, 6),
            leaf_rows: rest.size(0, 4),
            learning_rate: if rest.label() { 0.3 } else { rest.number() },
            ..BoostSettings::standard(seed)
        }),
    };
    let candidates = vec![learner; rest.size(0, 2)];
    let segments =
        vec![["level", "level", "level", "level", "x", "none"][rest.size(0, 5)].to_owned()];
    let options = TrainOptions { version: 1, trained_at: 0, candidates, segments };
    let Some(model) = answered(train(&data, &labels, &times, &options)) else { return };
    for p in model.probabilities(&data).expect("the model's own columns") {
        probability(p);
    }
    answered(model.drift(&data, Some(&labels)));
    answered(model.recalibrated(&data, &labels, &times, 2));
    let newest: Vec<usize> = (0..labels.len() + 1).filter(|_| rest.label()).collect();
    answered(refresh(&model, &data, &labels, &times, &newest, &options, &|_| Pace::Go));
    let cells = [Cell::Number(rest.number()), Cell::Missing, Cell::Category("new".to_owned())];
    if let Some(row) = answered(model.schema().row(&cells)) {
        use_model(&model, &row, rest);
        let explained = model.explain(&row).expect("a row of the schema");
        assert!(reasons(&explained, model.schema(), &cells, &[], 3).len() <= 3);
    }
    let anything = rest.numbers(3);
    use_model(&model, &anything, rest);
}

/// Scores a row of whatever numbers.
fn use_model(model: &ScoreModel, row: &[f64], rest: &mut Bytes<'_>) {
    let Some(explained) = answered(model.explain(row)) else { return };
    let way = model.path(row).expect("a row that can be explained");
    assert!(way.iter().all(|step| !step.text(model.schema()).is_empty()), "{way:?}");
    probability(explained.probability);
    assert!(explained.log_odds.iter().all(|part| part.is_finite()), "{explained:?}");
    let feature = model.schema().features[0].name.clone();
    let change = match rest.byte() % 3 {
        0 => Change::Add(rest.number()),
        1 => Change::SetNumber(rest.number()),
        _ => Change::SetCategory("a".to_owned()),
    };
    let action =
        Action { name: "any".to_owned(), changes: vec![(feature, change)], cost: rest.number() };
    if let Some(found) = next_best_action(model, row, rest.number(), &[action]) {
        probability(found.probability_then);
        assert!(found.gain > 0.0, "{found:?}");
    }
}

pub(super) fn artefact(bytes: &[u8]) {
    if let Some(model) = answered(ScoreModel::from_bytes(bytes)) {
        let row = vec![1.0; model.schema().features.len()];
        answered(model.explain(&row));
    }
}

pub(super) fn calibrations(rest: &mut Bytes<'_>) {
    let rows = rest.size(0, 200);
    let labels: Vec<bool> = (0..rows).map(|_| rest.label()).collect();
    let spoilt = rest.byte();
    let mut told: Vec<f64> = (0..rows).map(|_| f64::from(rest.byte()) / 255.0).collect();
    if let (true, Some(first)) = (spoilt > 200, told.first_mut()) {
        *first = rest.number();
    }
    for kind in [
        CalibrationKind::Platt,
        CalibrationKind::Temperature,
        CalibrationKind::Shift,
        CalibrationKind::Isotonic,
    ] {
        if let Some(fitted) = answered(fit_calibration(kind, &labels, &told)) {
            told.iter().for_each(|p| probability(fitted.apply(*p)));
        }
    }
    if let Some(found) = answered(recalibrate(&Calibration::AsIs, &labels, &told)) {
        found.told.iter().for_each(|p| probability(*p));
    }
    let mut rolling = RollingCalibration::new(Calibration::AsIs);
    for (p, label) in told.iter().zip(&labels) {
        if answered(rolling.observe(*p, *label)).is_some() {
            probability(rolling.apply(*p));
            probability(rolling.current().apply(*p));
        }
    }
    answered(measure(&labels, &told));
    answered(calibration_plot(&labels, &told));
    answered(ece_by_chance(&told));
    let prospects: Vec<Prospect> = told
        .iter()
        .map(|p| Prospect {
            probability: *p,
            amount_minor: i64::from(rest.byte()) - 9,
            days_left: rest.number(),
            days_quiet: rest.number(),
        })
        .collect();
    let ranked = rank(&prospects);
    assert_eq!(ranked.len(), prospects.len());
    assert!(ranked.windows(2).all(|pair| pair[0].value >= pair[1].value));
}
