//! Every public entry of scoring and optimisation on any bytes: an answer that is sound, or an
//! error with words; never a panic.
//!
//! [`target`] is what a fuzzer would call. libFuzzer needs a nightly compiler, which this workspace
//! does not ask for, so the corpus in `tests/corpus` is replayed here on stable, each file as it is
//! and in seeded mutations of the kinds that a fuzzer makes (bits, bytes, cuts, repeats, two files
//! in one). An input that was ever found to break something is added to the corpus as a file.
//!
//! Long because one target goes to every entry, and each has its own notion of a sound answer.

use std::path::Path;

use roadbook_planning::optimise::OptimiseError;
use roadbook_planning::optimise::assign::{
    AssignmentProblem, Fairness, Shortfall, assign, assign_one,
};
use roadbook_planning::optimise::instance::{read_arrays, write_arrays};
use roadbook_planning::optimise::quota::{Band, Edit, QuotaProblem, allocate, blended, split};
use roadbook_planning::optimise::route::{Finish, RouteProblem, Stop, plan, straight_line_minutes};
use roadbook_planning::optimise::territory::{
    TerritoryProblem, assess, bound, design, fragments, straight_line,
};
use roadbook_planning::score::ScoreError;
use roadbook_planning::score::calibrate::{Calibration, CalibrationKind, fit_calibration};
use roadbook_planning::score::dataset::{Cell, Column, Dataset};
use roadbook_planning::score::explain::{Action, Change, next_best_action, reasons};
use roadbook_planning::score::learner::Learner;
use roadbook_planning::score::linear::LogisticSettings;
use roadbook_planning::score::metrics::{calibration_plot, ece_by_chance, measure};
use roadbook_planning::score::model::{ScoreModel, TrainOptions, refresh, train};
use roadbook_planning::score::priority::{Prospect, rank};
use roadbook_planning::score::recalibrate::recalibrate;
use roadbook_planning::score::rolling::RollingCalibration;
use roadbook_planning::score::tree::{BoostSettings, ForestSettings, TreeSettings};
use roadbook_planning::score::validate::Pace;

/// Mutations of each file of the corpus.
const MUTATIONS: usize = 40;

/// Bytes read as the parts of a problem; after the end come zeros.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A count from `least` to `most`.
    fn size(&mut self, least: usize, most: usize) -> usize {
        least + usize::from(self.byte()) % (most - least + 1)
    }

    /// A number: mostly sensible ones, and all that numbers can do to a program.
    fn number(&mut self) -> f64 {
        match self.byte() {
            240 => f64::NAN,
            241 => f64::INFINITY,
            242 => f64::NEG_INFINITY,
            243 => f64::MAX,
            244 => f64::MIN,
            245 => f64::MIN_POSITIVE,
            246 => 5e-324,
            247 => 1e300,
            248 => -1.0,
            249 => -1e9,
            250 => 1e9,
            251 => 4_503_599_627_370_497.0,
            252 => -0.0,
            253 => 1e-9,
            byte @ 200..240 => f64::from(byte - 200) / 40.0,
            byte => f64::from(byte),
        }
    }

    fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.number()).collect()
    }

    fn flags(&mut self, count: usize) -> Vec<bool> {
        (0..count).map(|_| !self.byte().is_multiple_of(3)).collect()
    }

    fn label(&mut self) -> bool {
        self.byte() % 2 == 1
    }
}

/// Does what the first byte says with the rest.
fn target(bytes: &[u8]) {
    let (kind, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let mut rest = Bytes(rest);
    match kind % 8 {
        0 => instance(rest.0),
        1 => scoring(&mut rest),
        2 => assignment(&mut rest),
        3 => territories(&mut rest),
        4 => quotas(&mut rest),
        5 => routes(&mut rest),
        6 => artefact(rest.0),
        _ => calibrations(&mut rest),
    }
}

fn told<T>(answer: Result<T, OptimiseError>) -> Option<T> {
    answer.map_err(|error| assert!(error.to_string().len() > 8, "{error:?}")).ok()
}

fn told_score<T>(answer: Result<T, ScoreError>) -> Option<T> {
    answer.map_err(|error| assert!(error.to_string().len() > 6, "{error:?}")).ok()
}

fn probability(p: f64) {
    assert!((0.0..=1.0).contains(&p), "{p} is no probability");
}

fn instance(bytes: &[u8]) {
    let Some(arrays) = told(read_arrays(bytes)) else { return };
    for array in &arrays {
        let count: usize = array.shape.iter().product();
        assert_eq!(count, array.values.len(), "sizes and values agree");
    }
    assert_eq!(write_arrays(&arrays), bytes, "nothing is lost");
    let values = |at: usize| arrays.get(at).map_or(&[][..], |array| &array.values[..]);
    // Sizes that agree get on to the solvers.
    let some = |at: usize| &values(at)[..values(at).len().min(400)];
    let whole = |list: &[f64]| -> Vec<u32> {
        list.iter().map(|v| if *v > 0.5 { 1 + u32::from(*v > 1.5) } else { 0 }).collect()
    };
    let eligible: Vec<bool> = some(1).iter().map(|v| *v > 0.5).collect();
    told(assign(&AssignmentProblem {
        value: some(0),
        eligible: &eligible,
        capacity: &whole(some(2)),
        unit: 0.01,
        fairness: Fairness::ValueOnly,
        shortfall: Shortfall::LeaveOut,
    }));
    let points = |list: &[f64]| -> Vec<[f64; 2]> { list.as_chunks::<2>().0.to_vec() };
    let (accounts, homes) = (points(some(0)), points(some(2)));
    territory(&TerritoryProblem {
        distance: &straight_line(&accounts, &homes),
        work: some(1),
        reps: homes.len(),
        balance: 0.2,
        today: &[],
        change_penalty: 0.0,
        pinned: &[],
        neighbours: &[],
    });
}

fn scoring(rest: &mut Bytes<'_>) {
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
    let Some(data) = told_score(Dataset::new(columns)) else { return };
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
    let Some(model) = told_score(train(&data, &labels, &times, &options)) else { return };
    for p in model.probabilities(&data).expect("the model's own columns") {
        probability(p);
    }
    told_score(model.drift(&data, Some(&labels)));
    told_score(model.recalibrated(&data, &labels, &times, 2));
    let newest: Vec<usize> = (0..labels.len() + 1).filter(|_| rest.label()).collect();
    told_score(refresh(&model, &data, &labels, &times, &newest, &options, &|_| Pace::Go));
    let cells = [Cell::Number(rest.number()), Cell::Missing, Cell::Category("new".to_owned())];
    if let Some(row) = told_score(model.schema().row(&cells)) {
        use_model(&model, &row, rest);
        let explained = model.explain(&row).expect("a row of the schema");
        assert!(reasons(&explained, model.schema(), &cells, &[], 3).len() <= 3);
    }
    let anything = rest.numbers(3);
    use_model(&model, &anything, rest);
}

/// Scores a row of whatever numbers.
fn use_model(model: &ScoreModel, row: &[f64], rest: &mut Bytes<'_>) {
    let Some(explained) = told_score(model.explain(row)) else { return };
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

fn assignment(rest: &mut Bytes<'_>) {
    let (leads, reps) = (rest.size(0, 9), rest.size(0, 4));
    let spoilt = usize::from(rest.byte() == 255);
    let value = rest.numbers(leads * reps + spoilt);
    let eligible = rest.flags(leads * reps);
    let capacity: Vec<u32> = (0..reps)
        .map(|_| if rest.byte() == 255 { u32::MAX } else { u32::from(rest.byte() % 4) })
        .collect();
    let fairness = match rest.byte() % 2 {
        0 => Fairness::ValueOnly,
        _ => Fairness::Floor { share: rest.number() },
    };
    let shortfall = if rest.label() { Shortfall::Refuse } else { Shortfall::LeaveOut };
    let unit = if rest.label() { 0.01 } else { rest.number() };
    let problem = AssignmentProblem {
        value: &value,
        eligible: &eligible,
        capacity: &capacity,
        unit,
        fairness,
        shortfall,
    };
    if let Some(found) = told(assign(&problem)) {
        for (lead, rep) in found.rep.iter().enumerate() {
            let allowed = rep.is_none_or(|rep| eligible[lead * reps + rep]);
            assert!(allowed, "lead {lead} goes to {rep:?}");
        }
        assert!(found.load.iter().zip(&capacity).all(|(load, most)| load <= most));
        assert!(found.quality.bound >= found.quality.objective - 1e-6, "{:?}", found.quality);
    }
    let row = |list: &[f64]| list[..list.len().min(reps)].to_vec();
    let flags = &eligible[..eligible.len().min(reps)];
    if let Some(one) = told(assign_one(&row(&value), flags, &capacity, &rest.numbers(reps))) {
        assert!(flags[one.rep] && capacity[one.rep] > 0, "{one:?}");
    }
}

fn territories(rest: &mut Bytes<'_>) {
    let (accounts, reps) = (rest.size(0, 14), rest.size(0, 4));
    let spoilt = usize::from(rest.byte() == 255);
    let distance = rest.numbers(accounts * reps + spoilt);
    let work = rest.numbers(accounts);
    let place = |rest: &mut Bytes<'_>| match rest.byte() {
        byte @ 0..128 => Some(usize::from(byte % 5)),
        _ => None,
    };
    let today: Vec<Option<usize>> = (0..accounts).map(|_| place(rest)).collect();
    let pins = rest.byte();
    let pinned: Vec<Option<usize>> =
        (0..accounts).map(|_| place(rest).filter(|_| pins < 64)).collect();
    let neighbours: Vec<(u32, u32)> = (0..rest.size(0, 12))
        .map(|_| (u32::from(rest.byte() % 16), u32::from(rest.byte() % 16)))
        .collect();
    territory(&TerritoryProblem {
        distance: &distance,
        work: &work,
        reps,
        balance: if rest.label() { 0.3 } else { rest.number() },
        today: if rest.label() { &today } else { &[] },
        change_penalty: rest.number(),
        pinned: if rest.label() { &pinned } else { &[] },
        neighbours: &neighbours,
    });
}

fn territory(problem: &TerritoryProblem<'_>) {
    told(bound(problem));
    let anybody: Vec<usize> = (0..problem.work.len()).map(|account| account % 5).collect();
    told(assess(problem, &anybody));
    assert_eq!(fragments(problem, &anybody).len(), problem.work.len());
    let Some(found) = told(design(problem)) else { return };
    assert!(found.rep.iter().all(|rep| *rep < problem.reps));
    assert!(found.after.worst_imbalance <= problem.balance + 1e-6, "{found:?}");
    let hair = 1e-6 * (1.0 + found.quality.objective.abs());
    assert!(found.quality.bound <= found.quality.objective + hair, "{:?}", found.quality);
    for (rep, pin) in found.rep.iter().zip(problem.pinned) {
        assert!(pin.is_none_or(|pin| pin == *rep), "pinned accounts stay");
    }
}

fn quotas(rest: &mut Bytes<'_>) {
    let (reps, products) = (rest.size(0, 6), rest.size(0, 3));
    let cells = reps * products;
    let potential = rest.numbers(cells);
    // Either whatever comes, or history and goals that may agree.
    let sensible = rest.label();
    let history: Vec<f64> =
        if sensible { potential.iter().map(|p| 0.8 * p).collect() } else { rest.numbers(cells) };
    let territory: Vec<usize> = (0..reps).map(|_| rest.size(0, reps)).collect();
    let goal: Vec<f64> = if sensible {
        (0..products).map(|p| history.iter().skip(p).step_by(products).sum()).collect()
    } else {
        rest.numbers(products)
    };
    let edits: Vec<Edit> = (0..rest.size(0, 3))
        .map(|_| Edit { rep: rest.size(0, 6), product: rest.size(0, 3), amount: rest.number() })
        .collect();
    let band = |rest: &mut Bytes<'_>| Band { lower: rest.number() / 100.0, upper: rest.number() };
    let problem = QuotaProblem {
        potential: &potential,
        history: &history,
        territory: &territory,
        goal: &goal,
        quota_band: if sensible { Band { lower: 0.5, upper: 1.7 } } else { band(rest) },
        territory_band: if sensible { Band { lower: 0.8, upper: 1.4 } } else { band(rest) },
        stretch_weight: rest.number(),
        edits: &edits,
        unit: if rest.label() { 1.0 } else { rest.number() },
    };
    if let Some(found) = told(allocate(&problem)) {
        assert!(found.amount.iter().all(|amount| amount.is_finite()), "{found:?}");
        for (total, goal) in found.by_product.iter().zip(&goal) {
            let goal = (goal / problem.unit).round() * problem.unit;
            assert!((total - goal).abs() <= 1e-6 * (problem.unit + goal), "{total} for {goal}");
        }
    }
    let units = i64::from(rest.byte()) * (i64::MAX / 255);
    assert_eq!(split(units, &history).iter().sum::<i64>(), if cells > 0 { units } else { 0 });
    let (before, days) = (u32::from(rest.byte()), u32::from(rest.byte()));
    assert!(blended(units, -units, before, days).abs() <= units);
}

fn routes(rest: &mut Bytes<'_>) {
    let count = rest.size(0, 18);
    let stops: Vec<Stop> = (0..count)
        .map(|_| {
            let opens_min = rest.number();
            let closes_min = opens_min + 9.0 * rest.number();
            Stop { opens_min, closes_min, visit_min: rest.number() }
        })
        .collect();
    let places = count + 1 + usize::from(rest.byte() == 255);
    let travel_min = rest.numbers(places * places);
    let problem = RouteProblem {
        travel_min: &travel_min,
        stops: &stops,
        starts_min: 0.0,
        ends_min: if rest.label() { 1e4 } else { rest.number() },
        finish: if rest.label() { Finish::AtStart } else { Finish::AtLastStop },
    };
    if let Some(route) = told(plan(&problem)) {
        let mut visited: Vec<usize> = route.visits.iter().map(|visit| visit.stop).collect();
        visited.sort_unstable();
        assert_eq!(visited, (0..count).collect::<Vec<_>>(), "each stop once");
        assert!(route.ends_min <= problem.ends_min + 1e-6, "{route:?}");
    }
    told(straight_line_minutes(&[[rest.number(), rest.number()]], rest.number()));
}

fn artefact(bytes: &[u8]) {
    if let Some(model) = told_score(ScoreModel::from_bytes(bytes)) {
        let row = vec![1.0; model.schema().features.len()];
        told_score(model.explain(&row));
    }
}

fn calibrations(rest: &mut Bytes<'_>) {
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
        if let Some(fitted) = told_score(fit_calibration(kind, &labels, &told)) {
            told.iter().for_each(|p| probability(fitted.apply(*p)));
        }
    }
    if let Some(found) = told_score(recalibrate(&Calibration::AsIs, &labels, &told)) {
        found.told.iter().for_each(|p| probability(*p));
    }
    let mut rolling = RollingCalibration::new(Calibration::AsIs);
    for (p, label) in told.iter().zip(&labels) {
        if told_score(rolling.observe(*p, *label)).is_some() {
            probability(rolling.apply(*p));
            probability(rolling.current().apply(*p));
        }
    }
    told_score(measure(&labels, &told));
    told_score(calibration_plot(&labels, &told));
    told_score(ece_by_chance(&told));
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

/// A sequence of numbers that repeats exactly.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }
}

/// A file, changed as a fuzzer would; `other` is another file of the corpus.
fn mutated(file: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..=chance.below(4) {
        // Past the end in an empty file, where only adding does anything.
        let at = chance.below(bytes.len());
        match chance.below(6) {
            0 => bytes.iter_mut().skip(at).take(1).for_each(|b| *b ^= 1 << (at % 8)),
            1 => {
                let byte = chance.byte();
                bytes.iter_mut().skip(at).take(1).for_each(|b| *b = byte);
            }
            2 => bytes.truncate(at),
            3 => {
                let part: Vec<u8> = bytes[at..].iter().copied().take(9).collect();
                bytes.splice(at..at, part);
            }
            4 => bytes.extend_from_slice(&other[chance.below(other.len())..]),
            _ => {
                let extreme = [0, 127, 128, 240, 241, 243, 251, 255][chance.below(8)];
                bytes.iter_mut().skip(at).take(8).for_each(|b| *b = extreme);
            }
        }
    }
    bytes
}

/// The corpus, by name.
fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .expect("the corpus is committed")
        .map(|entry| {
            let path = entry.expect("a readable folder").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, std::fs::read(path).expect("a readable file"))
        })
        .collect();
    files.sort();
    files
}

/// A small model's bytes, as a file of the corpus would hold them.
fn model_file() -> Vec<u8> {
    let numbers: Vec<f64> = (0..80).map(|row| f64::from(row * 7 % 20)).collect();
    let labels: Vec<bool> = (0..80).map(|row| row * 7 % 20 > 11 || row % 9 == 0).collect();
    let times: Vec<i64> = (0..80).collect();
    let data = Dataset::new(vec![Column::numeric("x", numbers)]).expect("sound data");
    let settings = BoostSettings { rounds: 3, leaf_rows: 3, ..BoostSettings::standard(1) };
    let options = TrainOptions {
        version: 1,
        trained_at: 0,
        candidates: vec![Learner::Boosted(settings)],
        segments: vec![],
    };
    let model = train(&data, &labels, &times, &options).expect("both labels");
    let mut bytes = vec![6];
    bytes.extend(model.to_bytes().expect("a trained model"));
    bytes
}

/// Runs the target; an input that breaks something is remembered.
fn run(bytes: &[u8], what: &str, broken: &mut Vec<String>) {
    if std::panic::catch_unwind(|| target(bytes)).is_err() {
        broken.push(format!("{what}: {bytes:?}"));
    }
}

#[test]
fn the_corpus_and_its_mutations_get_answers() {
    let mut files = corpus();
    assert!(files.len() >= 20, "the corpus is there");
    files.push(("a model".to_owned(), model_file()));
    let mut chance = Chance(7);
    let mut broken = Vec::new();
    for (name, file) in &files {
        run(file, name, &mut broken);
        for _ in 0..MUTATIONS {
            let other = &files[chance.below(files.len())].1;
            run(&mutated(file, other, &mut chance), &format!("{name}, changed"), &mut broken);
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn any_bytes_for_any_entry_get_answers() {
    let mut chance = Chance(11);
    let mut broken = Vec::new();
    for round in 0..1_600_usize {
        let length = chance.below(240);
        let mut bytes = vec![u8::try_from(round % 8).unwrap_or(0)];
        // Half of them without the numbers that are refused at once.
        let most = if round % 16 < 8 { 256 } else { 200 };
        bytes.extend((0..length).map(|_| u8::try_from(chance.below(most)).unwrap_or(0)));
        run(&bytes, "by chance", &mut broken);
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn large_and_degenerate_problems_end() {
    // Everything costs the same and hardly fits.
    let (leads, reps) = (1_500, 12);
    let found = assign(&AssignmentProblem {
        value: &vec![1.0; leads * reps],
        eligible: &vec![true; leads * reps],
        capacity: &vec![125; reps],
        unit: 1e-9,
        fairness: Fairness::Floor { share: 1.0 },
        shortfall: Shortfall::Refuse,
    })
    .expect("it just fits");
    assert!(found.load.iter().all(|load| *load == 125));
    let (accounts, reps) = (1_200, 8);
    let same = TerritoryProblem {
        distance: &vec![3.0; accounts * reps],
        work: &vec![1.0; accounts],
        reps,
        balance: 0.0,
        today: &[],
        change_penalty: 0.0,
        pinned: &[],
        neighbours: &[],
    };
    assert!(design(&same).expect("150 for each").after.worst_imbalance < 1e-9);
    let indivisible = TerritoryProblem { work: &[7.0; 1_200], balance: 1e-4, reps: 7, ..same };
    let indivisible = TerritoryProblem { distance: &vec![1.0; 1_200 * 7], ..indivisible };
    assert!(matches!(design(&indivisible), Err(OptimiseError::Indivisible { .. })));
    let rows: i64 = 4_000;
    let constant = Dataset::new(vec![
        Column::numeric("same", vec![1.0; 4_000]),
        Column::numeric("unknown", vec![f64::NAN; 4_000]),
    ])
    .expect("sound data");
    let labels: Vec<bool> = (0..rows).map(|row| row % 3 == 0).collect();
    let times: Vec<i64> = (0..rows).collect();
    let options = TrainOptions {
        version: 1,
        trained_at: 0,
        candidates: Learner::candidates(1),
        segments: vec![],
    };
    let model = train(&constant, &labels, &times, &options).expect("both labels");
    let told = model.probability(&[1.0, f64::NAN]).expect("a row of two");
    assert!((told - 1.0 / 3.0).abs() < 0.02, "nothing to learn leaves the base rate: {told}");
    let stops = vec![Stop { opens_min: 0.0, closes_min: 1e6, visit_min: 0.0 }; 120];
    let still = RouteProblem {
        travel_min: &vec![0.0; 121 * 121],
        stops: &stops,
        starts_min: 0.0,
        ends_min: 1e6,
        finish: Finish::AtStart,
    };
    assert_eq!(plan(&still).expect("no way at all").visits.len(), 120);
}
