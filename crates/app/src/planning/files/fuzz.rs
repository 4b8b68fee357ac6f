//! Every use case on files, given any bytes: an answer that is sound, or an error that says where and
//! what to do; never a panic.
//!
//! [`target`] is what a fuzzer calls, as `roadbook_planning::fuzz::target` is for the library: `cargo
//! fuzz` sets `--cfg fuzzing`, which brings this module into the build. The tests beside it run it on
//! bytes of chance and on seeded changes of sound files.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use roadbook_api::ErrorCode;
use roadbook_planning::score::dataset::{Column, Dataset};
use roadbook_planning::score::learner::Learner;
use roadbook_planning::score::linear::LogisticSettings;
use roadbook_planning::score::model::{ScoreModel, TrainOptions, train as fit};

use super::*;
use crate::ApiResult;
use crate::planning::signed::About;
use crate::planning::views::TimeKind;
use crate::planning::{ModelKey, PlanWatch};

const WATCH: PlanWatch<'static> = PlanWatch::UNWATCHED;

/// Says that an answer is sound: finite numbers, or an error with a code and words.
fn sound<R>(what: &str, made: &ApiResult<Made<R>>) {
    match made {
        Ok(made) => {
            // What a table calls its categories may stand in a model and in reasons.
            let text = String::from_utf8_lossy(&made.output);
            for word in ["NaN", "inf", "Infinity"] {
                let own = ["train", "predict", "recalibrate", "clean"].contains(&what);
                assert!(own || !text.contains(word), "{what} writes {word}: {text}");
            }
        }
        Err(error) => {
            assert_ne!(error.code, ErrorCode::Internal, "{what}: {error}");
            assert!(error.message.len() > 10, "{what}: {error}");
            let told = !error.fields.is_empty() || error.code == ErrorCode::Damaged;
            assert!(told || error.code == ErrorCode::VersionMismatch, "{what}: {error:?}");
        }
    }
}

/// Gives bytes to every use case, as a file; `folder` is one to work in.
///
/// # Panics
/// Where an answer is not sound, which is what a fuzzer looks for; where the folder cannot be written
/// to.
pub fn target(folder: &Path, body: &[u8]) {
    let path = folder.join("input");
    std::fs::write(&path, body).expect("a folder to write to");
    let input = || path.clone();
    for model in ["theta", "lstm", "additive"] {
        let command = ForecastFile {
            input: input(),
            model: model.to_owned(),
            level: Level::Eighty,
            cleaning: Cleaning::On,
            seed: 1,
            on_bad: OnBad::Refuse,
        };
        let skipping = ForecastFile { on_bad: OnBad::LeaveOut, ..command.clone() };
        sound(model, &forecast(&skipping, &WATCH));
        sound(model, &forecast(&command, &WATCH));
    }
    for last in [LastPeriod::Open, LastPeriod::Closed, LastPeriod::Unknown] {
        let on_bad = if last == LastPeriod::Open { OnBad::LeaveOut } else { OnBad::Refuse };
        sound("clean", &clean(&CleanFile { input: input(), last, on_bad }, &WATCH));
    }
    sound("route", &plan_route(&RouteFile { input: input() }, &WATCH));
    let key = ModelKey::from_seed([7; 32]);
    let training = TrainFile {
        input: input(),
        label: "y".to_owned(),
        positive: None,
        time: None,
        drop: vec![],
        segments: vec![],
        seed: 1,
        version: None,
        trained_ms: 0,
        model: folder.join("model"),
        key: key.clone(),
    };
    sound("train", &train(&training, &WATCH));
    let predicting = PredictFile {
        input: input(),
        model: input(),
        own: Some(key.signer()),
        signer: None,
        keep: vec![],
        label: None,
        positive: None,
    };
    sound("predict", &predict(&predicting, &WATCH));
    let correcting = RecalibrateFile {
        input: input(),
        model: trained_model(folder, &key),
        label: "y".to_owned(),
        positive: None,
        time: None,
        signer: None,
        version: None,
        out: folder.join("corrected"),
        key,
    };
    sound("recalibrate", &recalibrate(&correcting, &WATCH));
    instances(&path);
}

/// A model of the tables that are made here, signed by a key.
fn trained_model(folder: &Path, key: &ModelKey) -> PathBuf {
    static MODEL: OnceLock<ScoreModel> = OnceLock::new();
    let model = MODEL.get_or_init(|| {
        let column = |name: &str, turn: u32| {
            Column::numeric(name, (0..120_u32).map(|row| f64::from(row * turn % 9)).collect())
        };
        let data = Dataset::new(vec![column("a", 7), column("b", 5)]).expect("two columns");
        let labels: Vec<bool> = (0..120_u32).map(|row| row * 7 % 9 + row % 4 > 5).collect();
        let times: Vec<i64> = (0..120).collect();
        let candidates = vec![Learner::Logistic(LogisticSettings::standard())];
        let options = TrainOptions { version: 1, trained_at: 0, candidates, segments: vec![] };
        fit(&data, &labels, &times, &options).expect("both labels")
    });
    let about = About { outcome: "y is 1".to_owned(), times: TimeKind::Row, trained_ms: 0 };
    let path = folder.join("trained");
    let bytes = key.seal(&about, model).expect("a trained model");
    std::fs::write(&path, bytes).expect("a folder to write to");
    path
}

pub(super) fn instances(path: &Path) {
    let input = || path.to_owned();
    for leftover in [Leftover::Refuse, Leftover::LeaveOut] {
        let command = AssignFile { input: input(), fairness: Some(0.5), leftover };
        sound("assign", &assign_leads(&command, &WATCH));
    }
    for shape in [Shape::Any, Shape::Connected] {
        let command = TerritoryFile { input: input(), balance: 0.2, change_penalty: 1.0, shape };
        sound("territory", &design_territories(&command, &WATCH));
    }
    let command = QuotaFile {
        input: input(),
        quota_band: (0.7, 1.5),
        territory_band: (0.95, 1.35),
        stretch_weight: 1e3,
        unit: 0.01,
    };
    sound("quota", &allocate_quotas(&command, &WATCH));
}
