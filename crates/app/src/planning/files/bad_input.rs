//! Whatever a file holds, the answer is a result or an error that says what to do; never a panic.

use proptest::prelude::*;
use roadbook_api::ErrorCode;
use roadbook_planning::optimise::instance::{Array, write_arrays};

use super::*;
use crate::ApiResult;
use crate::host::tests::TestHost;
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

/// Gives a file to every use case.
fn everything(body: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input");
    std::fs::write(&path, body).unwrap();
    let input = || path.clone();
    for model in ["theta", "lstm", "additive"] {
        let command = ForecastFile {
            input: input(),
            model: model.to_owned(),
            level: Level::Eighty,
            cleaning: Cleaning::On,
            seed: 1,
        };
        sound(model, &forecast(&command, &WATCH));
    }
    for last in [LastPeriod::Open, LastPeriod::Closed, LastPeriod::Unknown] {
        sound("clean", &clean(&CleanFile { input: input(), last }, &WATCH));
    }
    sound("route", &plan_route(&RouteFile { input: input() }, &WATCH));
    let key = ModelKey::open_or_create(&folder.path().join("key"), &TestHost::new()).unwrap();
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
        model: folder.path().join("model"),
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
        model: trained_model(folder.path(), &key),
        label: "y".to_owned(),
        positive: None,
        time: None,
        signer: None,
        version: None,
        out: folder.path().join("corrected"),
        key,
    };
    sound("recalibrate", &recalibrate(&correcting, &WATCH));
    instances(&path);
}

/// A model of the tables that are made here, signed by a key.
fn trained_model(folder: &std::path::Path, key: &ModelKey) -> std::path::PathBuf {
    static MODEL: std::sync::OnceLock<roadbook_planning::score::model::ScoreModel> =
        std::sync::OnceLock::new();
    let model = MODEL.get_or_init(|| {
        use roadbook_planning::score::dataset::{Column, Dataset};
        use roadbook_planning::score::learner::Learner;
        use roadbook_planning::score::linear::LogisticSettings;
        use roadbook_planning::score::model::{TrainOptions, train};
        let column = |name: &str, turn: u32| {
            Column::numeric(name, (0..120_u32).map(|row| f64::from(row * turn % 9)).collect())
        };
        let data = Dataset::new(vec![column("a", 7), column("b", 5)]).unwrap();
        let labels: Vec<bool> = (0..120_u32).map(|row| row * 7 % 9 + row % 4 > 5).collect();
        let times: Vec<i64> = (0..120).collect();
        let candidates = vec![Learner::Logistic(LogisticSettings::standard())];
        let options = TrainOptions { version: 1, trained_at: 0, candidates, segments: vec![] };
        train(&data, &labels, &times, &options).unwrap()
    });
    let about = crate::planning::signed::About {
        outcome: "y is 1".to_owned(),
        times: crate::planning::views::TimeKind::Row,
        trained_ms: 0,
    };
    let path = folder.join("trained");
    std::fs::write(&path, key.seal(&about, model).unwrap()).unwrap();
    path
}

fn instances(path: &std::path::Path) {
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

/// A JSON value that may stand where another one should.
fn odd() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("NaN".to_owned()),
        Just("-Infinity".to_owned()),
        Just("1e308".to_owned()),
        Just("-1e-320".to_owned()),
        Just("[]".to_owned()),
        Just("[null,null]".to_owned()),
        Just("[[1,2],[3]]".to_owned()),
        Just("{}".to_owned()),
        Just("\"2026-02-30\"".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        ".{0,6}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ]
}

fn values() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        6 => (0.0..1e3_f64).prop_map(|n| n.to_string()),
        1 => Just("0".to_owned()),
        1 => Just("null".to_owned()),
        1 => (-1e3..0.0_f64).prop_map(|n| n.to_string()),
        1 => prop_oneof![Just("1e300"), Just("-1e300"), Just("1e-300")].prop_map(str::to_owned),
    ];
    proptest::collection::vec(number, 0..60).prop_map(|list| format!("[{}]", list.join(",")))
}

fn line() -> impl Strategy<Value = String> {
    let freq = prop_oneof![Just("1"), Just("4"), Just("12"), Just("52"), Just("7")];
    let plain = (values(), freq, 1..20_u32)
        .prop_map(|(x, freq, h)| format!("{{\"id\":\"a\",\"freq\":{freq},\"h\":{h},\"x\":{x}}}"));
    let field = prop_oneof![Just("freq"), Just("h"), Just("x"), Just("start"), Just("dates")];
    let hurt = (values(), field, odd()).prop_map(|(x, field, odd)| {
        let mut line = format!("{{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":{x}");
        line.push_str(&format!(",\"{field}\":{odd}}}"));
        line
    });
    prop_oneof![2 => plain, 1 => hurt]
}

fn table() -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        4 => (0..9_u8).prop_map(|n| n.to_string()),
        1 => prop_oneof![Just(""), Just("NA"), Just("inf"), Just("-1e400"), Just("a;b"), Just("\"")]
            .prop_map(str::to_owned),
        1 => "[a-c]{1,2}",
    ];
    let row = (cell.clone(), cell, 0..2_u8).prop_map(|(a, b, y)| format!("{a},{b},{y}"));
    proptest::collection::vec(row, 0..70).prop_map(|rows| format!("a,b,y\n{}\n", rows.join("\n")))
}

fn arrays() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        6 => 0.0..50.0_f64,
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(-1.0),
        1 => Just(1e308),
    ];
    let whole = (0..6_u8).prop_map(f64::from);
    let values = move |count: usize| {
        prop_oneof![
            3 => proptest::collection::vec(whole.clone(), count),
            1 => proptest::collection::vec(value.clone(), count),
        ]
    };
    (1..5_usize, 1..4_usize, 1..3_usize).prop_flat_map(move |(rows, columns, form)| {
        // The three forms of instances, so that most get past the sizes.
        let shapes: Vec<Vec<usize>> = match form {
            1 => vec![vec![rows, columns], vec![rows, columns], vec![columns]],
            _ => vec![vec![rows, 2], vec![rows], vec![columns, 2]],
        };
        let quota = vec![vec![rows, columns], vec![rows, columns], vec![rows], vec![columns]];
        let shapes = if rows > 2 { quota } else { shapes };
        let parts: Vec<_> = shapes.iter().map(|shape| values(shape.iter().product())).collect();
        parts.prop_map(move |parts| {
            let arrays: Vec<Array> = shapes
                .iter()
                .cloned()
                .zip(parts)
                .map(|(shape, values)| Array { shape, values })
                .collect();
            write_arrays(&arrays)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_an_answer(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        everything(&body);
    }

    #[test]
    fn any_series_get_an_answer(lines in proptest::collection::vec(line(), 1..4)) {
        // Ids differ, so that each line is read.
        let numbered = lines.iter().enumerate();
        let body: Vec<String> = numbered
            .map(|(n, line)| line.replacen("\"id\":\"a\"", &format!("\"id\":\"{n}\""), 1))
            .collect();
        everything(body.join("\n").as_bytes());
    }

    #[test]
    fn any_table_gets_an_answer(body in table()) {
        everything(body.as_bytes());
    }

    #[test]
    fn any_instance_gets_an_answer(body in arrays(), cut in 0..40_usize) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input");
        let end = if cut > 30 { body.len().saturating_sub(cut - 30) } else { body.len() };
        std::fs::write(&path, &body[..end]).unwrap();
        instances(&path);
    }
}
