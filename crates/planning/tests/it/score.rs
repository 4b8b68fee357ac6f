//! Scores: contributions add up, models survive storage, and no data makes them panic.

use proptest::prelude::*;
use roadbook_planning::score::ScoreError;
use roadbook_planning::score::calibrate::{CalibrationKind, fit_calibration};
use roadbook_planning::score::dataset::{Cell, Column, Dataset};
use roadbook_planning::score::drift::Advice;
use roadbook_planning::score::explain::{Action, Change, Phrase, next_best_action, reasons};
use roadbook_planning::score::learner::Learner;
use roadbook_planning::score::linear::LogisticSettings;
use roadbook_planning::score::metrics::measure;
use roadbook_planning::score::model::{Registry, ScoreModel, TrainOptions, refresh, train};
use roadbook_planning::score::recalibrate::Recalibration;
use roadbook_planning::score::tree::{BoostSettings, ForestSettings, TreeSettings};
use roadbook_planning::score::validate::Pace;

/// A sequence of numbers from zero to one.
fn numbers(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Leads with e-mails, days since the last visit and a source; the more e-mails, the better.
fn leads(rows: usize, seed: u64) -> (Dataset, Vec<bool>, Vec<i64>) {
    leads_in(rows, seed, 0.0)
}

/// The same in a world where the log-odds of all have moved.
fn leads_in(rows: usize, seed: u64, moved: f64) -> (Dataset, Vec<bool>, Vec<i64>) {
    let mut next = numbers(seed);
    let (mut mails, mut days, mut source, mut label) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let mail = (next() * 6.0).floor();
        let day = if next() < 0.2 { f64::NAN } else { (next() * 90.0).floor() };
        let fair = next() < 0.4;
        let odds = 0.7 * mail - if day.is_nan() { 0.5 } else { 0.03 * day }
            + if fair { 1.0 } else { -1.0 };
        mails.push(mail);
        days.push(day);
        source.push(Some(if fair { "fair" } else { "web" }));
        label.push(next() < 1.0 / (1.0 + (-odds - moved).exp()));
    }
    let data = Dataset::new(vec![
        Column::numeric("mails", mails),
        Column::numeric("days", days),
        Column::categorical("source", &source),
    ])
    .expect("sound data");
    let times = (0..).take(rows).collect();
    (data, label, times)
}

fn small_learners() -> Vec<Learner> {
    vec![
        Learner::Logistic(LogisticSettings::standard()),
        Learner::Tree(TreeSettings { depth: 4, leaf_rows: 5 }),
        Learner::Forest(ForestSettings { trees: 5, leaf_rows: 5, seed: 1 }),
        Learner::Boosted(BoostSettings { rounds: 10, leaf_rows: 5, ..BoostSettings::standard(1) }),
    ]
}

fn options(candidates: Vec<Learner>) -> TrainOptions {
    TrainOptions { version: 1, trained_at: 1_000, candidates, segments: vec!["source".to_owned()] }
}

fn trained(learner: Learner) -> (ScoreModel, Dataset, Vec<bool>) {
    let (data, labels, times) = leads(800, 5);
    (train(&data, &labels, &times, &options(vec![learner])).expect("sound data"), data, labels)
}

#[test]
fn contributions_and_points_add_up_for_every_kind_of_model() {
    for learner in small_learners() {
        let (model, data, _) = trained(learner);
        let matrix = model.schema().matrix(&data).unwrap();
        for row in matrix.iter().take(60) {
            let told = model.probability(row).unwrap();
            let parts = model.explain(row).unwrap();
            let sum = parts.base_log_odds + parts.log_odds.iter().sum::<f64>();
            let off = 1.0 / (1.0 + (-sum).exp()) - told;
            assert!(off.abs() < 1e-6, "{}: off by {off}", learner.name());
            assert!((parts.probability - told).abs() < 1e-9, "the same score both ways");
            let points = parts.base_percent + parts.points.iter().sum::<i32>();
            assert!((f64::from(points) - 100.0 * told).abs() < 0.5 + 1e-6, "{points} for {told}");
        }
    }
}

#[test]
fn a_model_learns_and_its_card_tells_how_well() {
    let (model, data, labels) = trained(Learner::Boosted(BoostSettings::standard(1)));
    let metrics = measure(&labels, &model.probabilities(&data).unwrap()).unwrap();
    assert!(metrics.auc > 0.8, "auc {}", metrics.auc);
    let card = model.card();
    assert!(card.latest.auc > 0.7 && card.latest.auc < metrics.auc, "judged on unseen rows");
    assert_eq!(card.data_range, (0, 799));
    assert_eq!(card.segments.len(), 2);
    assert!(!card.plot.is_empty());
}

#[test]
fn the_card_is_judged_without_the_newest_labels() {
    // The rarer a yes becomes, the more a correction learned on the newest labels helps.
    let rows = 4_000;
    let (data, _, times) = leads(rows, 21);
    let labels_when = |newest: f64| -> Vec<bool> {
        let mut next = numbers(22);
        let matrix = data.schema().matrix(&data).expect("own data");
        let label = |(row, values): (usize, &[f64])| {
            let age = row as f64 / rows as f64;
            let moved = if age < 0.8 { -4.0 * age } else { newest };
            next() < 1.0 / (1.0 + (-0.7 * values[0] - 1.0 - moved).exp())
        };
        matrix.iter().enumerate().map(label).collect()
    };
    let learner = Learner::Logistic(LogisticSettings::standard());
    let card = |newest: f64| {
        let labels = labels_when(newest);
        train(&data, &labels, &times, &options(vec![learner])).expect("sound data")
    };
    let (falling, fallen) = (card(-3.6), card(-6.0));
    assert!(falling.card().calibration.is_some() && fallen.card().calibration.is_some());
    assert_ne!(falling.calibration(), fallen.calibration(), "the newest labels are learned from");
    let told = |model: &ScoreModel| -> Vec<f64> {
        model.card().segments.iter().map(|segment| segment.mean_told).collect()
    };
    assert_eq!(told(&falling), told(&fallen), "what is judged was told before they were known");
    assert!(
        fallen.card().latest.ece > falling.card().latest.ece + 0.05,
        "and it is judged by them"
    );
}

#[test]
fn reasons_are_told_in_the_callers_words() {
    let (model, _, _) = trained(Learner::Logistic(LogisticSettings::standard()));
    let cells = [Cell::Number(5.0), Cell::Missing, Cell::Category("fair".to_owned())];
    let row = model.schema().row(&cells).unwrap();
    let phrase = |feature: &str, known: &str, missing: &str| Phrase {
        feature: feature.to_owned(),
        known: known.to_owned(),
        missing: missing.to_owned(),
    };
    let phrases = [phrase("mails", "opened {value} e-mails", "no e-mail")];
    let explanation = model.explain(&row).unwrap();
    let told = reasons(&explanation, model.schema(), &cells, &phrases, 3);
    assert!(told[0].text.starts_with("opened 5 e-mails +"), "{told:?}");
    assert!(told.iter().any(|r| r.text.starts_with("source: fair +")), "{told:?}");
}

#[test]
fn the_next_best_action_gains_most_after_its_cost() {
    let (model, _, _) = trained(Learner::Logistic(LogisticSettings::standard()));
    let action = |name: &str, feature: &str, change, cost| Action {
        name: name.to_owned(),
        changes: vec![(feature.to_owned(), change)],
        cost,
    };
    let actions = [
        action("visit", "days", Change::SetNumber(0.0), 50.0),
        action("mail", "mails", Change::Add(1.0), 1.0),
        action("gift", "mails", Change::Add(2.0), 1e6),
        action("unknown", "nothing", Change::Add(1.0), 0.0),
    ];
    let found = next_best_action(&model, &[1.0, 20.0, 0.0], 1_000.0, &actions).unwrap();
    assert_eq!((found.action, found.because), (1, 0));
    assert!(found.probability_then > found.probability_now && found.points.1 > found.points.0);
    assert!(next_best_action(&model, &[1.0, 20.0, 0.0], 0.0, &actions).is_none());
}

#[test]
fn the_order_of_rows_does_not_matter_but_time_does() {
    let (data, labels, times) = leads(400, 9);
    let order: Vec<usize> = (0..400).map(|i| i * 7 % 400).collect();
    let pick = |values: &[f64]| order.iter().map(|i| values[*i]).collect::<Vec<f64>>();
    let matrix = data.schema().matrix(&data).unwrap();
    let column = |f: usize| matrix.iter().map(|row| row[f]).collect::<Vec<f64>>();
    let source: Vec<Option<&str>> =
        pick(&column(2)).iter().map(|v| Some(if *v < 0.5 { "fair" } else { "web" })).collect();
    let shuffled = Dataset::new(vec![
        Column::numeric("mails", pick(&column(0))),
        Column::numeric("days", pick(&column(1))),
        Column::categorical("source", &source),
    ])
    .unwrap();
    let labels_then: Vec<bool> = order.iter().map(|i| labels[*i]).collect();
    let times_then: Vec<i64> = order.iter().map(|i| times[*i]).collect();
    let straight = train(&data, &labels, &times, &options(small_learners())).unwrap();
    let turned = train(&shuffled, &labels_then, &times_then, &options(small_learners())).unwrap();
    assert_eq!(straight.to_bytes().unwrap(), turned.to_bytes().unwrap(), "canonical bytes");
}

#[test]
fn drift_asks_for_the_right_remedy() {
    let (model, data, labels) = trained(Learner::Logistic(LogisticSettings::standard()));
    assert_eq!(model.drift(&data, Some(&labels)).unwrap().advice, Advice::Keep);
    let (later, later_labels, _) = leads(600, 77);
    assert_eq!(model.drift(&later, Some(&later_labels)).unwrap().advice, Advice::Keep);
    // The same order of scores, but hardly anybody says yes any more.
    let mut next = numbers(3);
    let rarer: Vec<bool> = later_labels.iter().map(|l| *l && next() < 0.3).collect();
    let drift = model.drift(&later, Some(&rarer)).unwrap();
    assert!(drift.error.unwrap().standard_errors > 3.0);
    let newer: Vec<i64> = (800..1400).collect();
    let (again, found) = model.recalibrated(&later, &rarer, &newer, 2).unwrap();
    assert_ne!(found.how, Recalibration::Kept);
    assert!(found.after.log_loss < found.before.log_loss, "on rows that it had not seen");
    assert_eq!(again.card().latest, found.after);
    assert_eq!(again.card().data_range, (0, 1399), "these labels are not new any more");
    let loss = |m: &ScoreModel| measure(&rarer, &m.probabilities(&later).unwrap()).unwrap();
    assert!(loss(&again).log_loss < loss(&model).log_loss);
    assert!(loss(&again).ece < 0.06, "ece {}", loss(&again).ece);
    let opposite: Vec<bool> = later_labels.iter().map(|l| !l).collect();
    assert_eq!(model.drift(&later, Some(&opposite)).unwrap().advice, Advice::Retrain);
}

#[test]
fn rows_of_the_same_world_call_for_no_retraining_however_few_they_are() {
    for learner in small_learners() {
        let (model, _, _) = trained(learner);
        for (rows, seed) in [(20, 31), (20, 32), (40, 33), (60, 34), (120, 35), (300, 36)] {
            let (data, labels, _) = leads(rows, seed);
            let told = model.drift(&data, None).unwrap();
            assert_eq!(told.advice, Advice::Keep, "{} {rows} {seed}: {told:?}", learner.name());
            let told = model.drift(&data, Some(&labels)).unwrap();
            assert_ne!(told.advice, Advice::Retrain, "{} {rows} {seed}: {told:?}", learner.name());
        }
    }
}

/// Columns of the first data followed by those of the second.
fn joined(first: &Dataset, second: &Dataset) -> Dataset {
    let both = [first, second].map(|data| data.schema().matrix(data).expect("same columns"));
    let column = |f: usize| -> Vec<f64> {
        both.iter().flat_map(|m| m.iter().map(move |row| row[f])).collect()
    };
    let names = ["fair", "web"];
    let source: Vec<Option<&str>> =
        column(2).iter().map(|v| Some(names[usize::from(*v > 0.5)])).collect();
    Dataset::new(vec![
        Column::numeric("mails", column(0)),
        Column::numeric("days", column(1)),
        Column::categorical("source", &source),
    ])
    .expect("sound data")
}

#[test]
fn a_refresh_does_what_new_outcomes_call_for() {
    let (model, data, labels) = trained(Learner::Logistic(LogisticSettings::standard()));
    let (later, later_labels, _) = leads(600, 77);
    let all = joined(&data, &later);
    let times: Vec<i64> = (0..1400).collect();
    let newest: Vec<usize> = (800..1400).collect();
    let next = TrainOptions { version: 2, ..options(small_learners()) };
    let look = |newer: &[bool]| {
        let labels = [&labels, newer].concat();
        refresh(&model, &all, &labels, &times, &newest, &next, &|_| Pace::Go).unwrap()
    };
    let same = look(&later_labels);
    assert_eq!((same.newest, same.done, same.model), (600, Advice::Keep, None));
    let (_, rarer, _) = leads_in(600, 77, -1.5);
    let found = look(&rarer);
    assert_eq!(found.done, Advice::Recalibrate);
    let again = found.model.unwrap();
    assert_eq!((again.card().version, again.fitted()), (2, model.fitted()), "weights stay");
    let opposite: Vec<bool> = later_labels.iter().map(|l| !l).collect();
    let found = look(&opposite);
    assert_eq!((found.done, found.model.unwrap().card().rows), (Advice::Retrain, 1400));
    let silent = look(&[false; 600]);
    assert_eq!((silent.done, silent.drift), (Advice::Keep, None), "one kind says nothing");
    // What is new is what the model has not learned from, whenever it came to be.
    let labels = [&labels[..], &rarer].concat();
    let twice = refresh(&again, &all, &labels, &times, &[], &next, &|_| Pace::Go).unwrap();
    assert_eq!((twice.newest, twice.model), (0, None));
    let late: Vec<i64> = times.iter().map(|time| if *time < 800 { *time } else { 5 }).collect();
    let found = refresh(&model, &all, &labels, &late, &newest, &next, &|_| Pace::Go).unwrap();
    assert_eq!((found.newest, found.done), (600, Advice::Recalibrate), "they came late");
    let none = refresh(&model, &all, &labels, &times, &[1400], &next, &|_| Pace::Go);
    assert!(matches!(none, Err(ScoreError::Shape { what: "newest", .. })));
}

#[test]
fn versions_are_pinned_and_rolled_back() {
    let (model, data, labels) = trained(Learner::Logistic(LogisticSettings::standard()));
    let times: Vec<i64> = (800..1600).collect();
    let (second, _) = model.recalibrated(&data, &labels, &times, 2).unwrap();
    let (third, _) = model.recalibrated(&data, &labels, &times, 3).unwrap();
    let mut registry = Registry::default();
    registry.add(&model).unwrap();
    registry.add(&second).unwrap();
    assert_eq!(registry.roll_back(), Ok(1));
    registry.add(&third).unwrap();
    assert_eq!(registry.active(), Some(1), "a pin holds against newer models");
    registry.unpin();
    assert_eq!(registry.active(), Some(3));
    assert!(registry.add(&second).is_err(), "versions rise");
}

#[test]
fn the_artefact_keeps_its_form() {
    let (model, _, _) = trained(Learner::Logistic(LogisticSettings::standard()));
    let bytes = model.to_bytes().unwrap();
    assert_eq!(&bytes[..6], b"RBSM\x02\x00", "magic word and format number");
    assert_eq!(ScoreModel::from_bytes(&bytes).unwrap(), model);
    // Format 1 ended before the rows of the background: 800, in two bytes.
    let mut first = bytes[..bytes.len() - 2].to_vec();
    first[4] = 1;
    let read = ScoreModel::from_bytes(&first).unwrap();
    let (data, labels, _) = leads(300, 77);
    assert_eq!(read.drift(&data, Some(&labels)), model.drift(&data, Some(&labels)));
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(ScoreModel::from_bytes(&longer).is_err(), "bytes left over are refused");
    let mut newer = bytes;
    newer[4] = 9;
    assert!(ScoreModel::from_bytes(&newer).is_err(), "a newer format is refused");
}

#[test]
fn hopeless_labels_are_refused() {
    let (data, labels, times) = leads(100, 1);
    let refuse =
        |labels: &[bool]| train(&data, labels, &times, &options(small_learners())).unwrap_err();
    assert!(matches!(refuse(&[true; 100]), ScoreError::OneClass { label: true, .. }));
    assert!(matches!(refuse(&labels[..50]), ScoreError::Shape { what: "labels", .. }));
    let mut one = [false; 100];
    one[3] = true;
    assert!(matches!(refuse(&one), ScoreError::TooFew { .. }));
}

fn wild() -> impl Strategy<Value = f64> {
    prop_oneof![
        10 => -5.0..5.0,
        2 => Just(f64::NAN),
        1 => Just(0.0),
        1 => Just(1e300),
        1 => Just(-1e300),
        1 => Just(5e-324),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_data_makes_a_model_panic(
        cells in prop::collection::vec((wild(), wild(), 0_usize..5, any::<bool>()), 1..80),
        unseen in wild(),
    ) {
        let names = [None, Some("a"), Some("b"), Some("c"), Some("")];
        let category: Vec<Option<&str>> = cells.iter().map(|c| names[c.2]).collect();
        let data = Dataset::new(vec![
            Column::numeric("x", cells.iter().map(|c| c.0).collect()),
            Column::numeric("y", cells.iter().map(|c| c.1).collect()),
            Column::categorical("source", &category),
        ]).unwrap();
        let labels: Vec<bool> = cells.iter().map(|c| c.3).collect();
        let times: Vec<i64> = cells.iter().map(|c| i64::from(c.3)).collect();
        for learner in small_learners() {
            let Ok(model) = train(&data, &labels, &times, &options(vec![learner])) else { continue };
            for row in [[unseen, 0.0, f64::NAN], [f64::NAN, unseen, 2.0], [0.0, unseen, 1e9]] {
                let parts = model.explain(&row).unwrap();
                prop_assert!((0.0..=1.0).contains(&parts.probability), "{parts:?}");
                prop_assert!(parts.log_odds.iter().all(|p| p.is_finite()));
            }
            let _drift = model.drift(&data, Some(&labels));
            let _again = model.recalibrated(&data, &labels, &times, 2);
            let rows: Vec<usize> = (0..labels.len()).collect();
            let _again = refresh(&model, &data, &labels, &times, &rows, &options(vec![learner]), &|_| Pace::Go);
        }
    }

    #[test]
    fn damaged_models_are_refused_or_usable(at in any::<prop::sample::Index>(), byte in any::<u8>(), kind in 0_usize..4) {
        let (data, labels, times) = leads(120, 3);
        let model = train(&data, &labels, &times, &options(vec![small_learners()[kind]])).unwrap();
        let mut bytes = model.to_bytes().unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(model) = ScoreModel::from_bytes(&bytes) {
            let _answer = model.explain(&[1.0, f64::NAN, 0.0]);
            let _answer = model.drift(&data, None);
        }
        prop_assert!(ScoreModel::from_bytes(&bytes[..at]).is_err(), "cut short");
    }

    #[test]
    fn auc_counts_pairs(rows in prop::collection::vec((any::<bool>(), 0_u32..8), 2..40)) {
        let labels: Vec<bool> = rows.iter().map(|r| r.0).collect();
        let told: Vec<f64> = rows.iter().map(|r| f64::from(r.1) / 8.0).collect();
        let (mut right, mut pairs) = (0.0, 0.0);
        for yes in rows.iter().filter(|r| r.0) {
            for no in rows.iter().filter(|r| !r.0) {
                pairs += 1.0;
                right += match yes.1.cmp(&no.1) {
                    std::cmp::Ordering::Greater => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Less => 0.0,
                };
            }
        }
        let auc = measure(&labels, &told).unwrap().auc;
        let counted = if pairs > 0.0 { right / pairs } else { 0.5 };
        prop_assert!((auc - counted).abs() < 1e-12);
    }

    #[test]
    fn corrections_keep_the_order(rows in prop::collection::vec((any::<bool>(), 0.0..1.0), 2..200)) {
        let labels: Vec<bool> = rows.iter().map(|r| r.0).collect();
        let told: Vec<f64> = rows.iter().map(|r| r.1).collect();
        for kind in [CalibrationKind::Platt, CalibrationKind::Shift, CalibrationKind::Isotonic] {
            if let Ok(fitted) = fit_calibration(kind, &labels, &told) {
                let mut before = 0.0;
                for p in (0..=50).map(|p| f64::from(p) / 50.0) {
                    let now = fitted.apply(p);
                    prop_assert!((0.0..=1.0).contains(&now) && now >= before - 1e-12);
                    before = now;
                }
            }
        }
    }
}
