//! Whatever a file holds, the answer is a result or an error that says what to do; never a panic.

use proptest::prelude::*;
use roadbook_planning::optimise::instance::{Array, write_arrays};

use super::fuzz::{instances, target};

/// Gives a file to every use case.
fn everything(body: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    target(folder.path(), body);
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
    let field = proptest::sample::select(vec![
        "freq",
        "h",
        "x",
        "start",
        "dates",
        "regressors",
        "holidays",
        "trading_days",
    ]);
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

/// Sound files of every kind.
fn sound_files() -> Vec<Vec<u8>> {
    let x: Vec<i32> = (0..50).map(|month| 100 + month % 12 * 5 + month * 7 % 5).collect();
    let lines = format!(
        "{{\"id\":\"a\",\"freq\":12,\"h\":3,\"start\":\"2020-01\",\"x\":{x:?},\"holidays\":{{\"fair\":\
         [\"2020-03-09\",\"2021-04-12\"]}},\"trading_days\":true}}\n\
         {{\"id\":\"b\",\"freq\":4,\"h\":2,\"x\":[1,null,3],\"dates\":[\"2020-01\",\"2020-04\",\"2020-07\"]}}\n"
    );
    let rows: Vec<String> =
        (0..60).map(|row| format!("{},{},{}", row * 7 % 9, row * 5 % 9, row * 3 % 2)).collect();
    let table = format!("a,b,y\n{}\n", rows.join("\n"));
    let day = "{\"start\":[0,0],\"starts\":\"08:00\",\"ends\":\"18:00\",\"finish\":\"at_start\",\
               \"speed_kmh\":50,\"stops\":[{\"id\":\"a\",\"at\":[12.5,3],\"opens\":\"09:00\",\
               \"closes\":\"11:30\",\"visit_min\":45},{\"id\":\"b\",\"at\":[1,2]}]}";
    let array =
        |shape: &[usize], values: &[f64]| Array { shape: shape.to_vec(), values: values.to_vec() };
    let accounts: Vec<f64> = (0..16).map(f64::from).collect();
    let territory = write_arrays(&[
        array(&[8, 2], &accounts),
        array(&[8], &[1.0; 8]),
        array(&[2, 2], &[0.0, 1.0, 9.0, 9.0]),
        array(&[8], &[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, -1.0]),
    ]);
    vec![lines.into_bytes(), table.into_bytes(), day.as_bytes().to_vec(), territory]
}

#[test]
fn sound_files_with_seeded_damage_get_an_answer() {
    let mut state = 5_u64;
    let mut below = |end: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % end.max(1)
    };
    for file in sound_files() {
        everything(&file);
        for _ in 0..12 {
            let mut bytes = file.clone();
            for _ in 0..=below(3) {
                let at = below(bytes.len());
                match below(4) {
                    0 => bytes.truncate(at),
                    1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (at % 8)),
                    2 => {
                        let part: Vec<u8> = bytes[at..].iter().copied().take(30).collect();
                        bytes.splice(at..at, part);
                    }
                    _ => {
                        bytes.splice(at..bytes.len().min(at + 3), *b"null");
                    }
                }
            }
            everything(&bytes);
        }
    }
}
