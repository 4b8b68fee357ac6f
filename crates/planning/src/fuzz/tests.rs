//! The target on its corpus, on changes of it, and on chance.

use std::path::Path;

use super::{KINDS, target};
use crate::optimise::OptimiseError;
use crate::optimise::assign::{AssignmentProblem, Fairness, Shortfall, assign};
use crate::optimise::route::{Finish, RouteProblem, Stop, plan};
use crate::optimise::territory::{TerritoryProblem, design};
use crate::score::dataset::{Column, Dataset};
use crate::score::learner::Learner;
use crate::score::model::{TrainOptions, train};
use crate::score::tree::BoostSettings;

/// Mutations of each file of the corpus.
const MUTATIONS: usize = 40;

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
    for round in 0..2_600_usize {
        let length = chance.below(240);
        let mut bytes = vec![u8::try_from(round % usize::from(KINDS)).unwrap_or(0)];
        // Half of them without the numbers that are refused at once.
        let most = if round % 2 == 0 { 256 } else { 200 };
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
