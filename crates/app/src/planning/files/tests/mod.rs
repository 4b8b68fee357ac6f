//! Good files give what they should, and bad ones an error that names place and remedy.

mod lines;
mod models;
mod plans;
mod tables;

use std::path::PathBuf;

use roadbook_api::ErrorCode;
use roadbook_planning::score::dataset::{Column, Dataset};
use tempfile::TempDir;

use super::*;
use crate::host::tests::TestHost;
use crate::planning::signed::About;
use crate::planning::views::TimeKind;
use crate::planning::{ModelKey, PlanWatch};

const WATCH: PlanWatch<'static> = PlanWatch::UNWATCHED;

fn file(folder: &TempDir, name: &str, body: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, body).unwrap();
    path
}

fn forecast_of(
    body: &str,
    model: &str,
) -> crate::ApiResult<Made<roadbook_api::views::planning::ForecastFileView>> {
    let folder = tempfile::tempdir().unwrap();
    forecast(
        &ForecastFile {
            input: file(&folder, "series.jsonl", body),
            model: model.to_owned(),
            level: Level::NinetyFive,
            cleaning: Cleaning::Off,
            seed: 1,
            on_bad: OnBad::Refuse,
        },
        &WATCH,
    )
}

#[test]
fn every_model_forecasts_a_plain_series_with_both_intervals() {
    let x: Vec<f64> = (0..48_i32).map(|i| 100.0 + f64::from(i) + f64::from(i % 12)).collect();
    let body = format!("{{\"id\":\"a\",\"freq\":12,\"h\":3,\"start\":\"2020-01\",\"x\":{x:?}}}\n");
    for (model, _) in MODELS {
        let made = forecast_of(&body, model).unwrap();
        let line: serde_json::Value = serde_json::from_slice(&made.output).unwrap();
        assert_eq!(line["id"], "a");
        assert_eq!(line["level"], 95);
        let at = |value: &serde_json::Value| value[2].as_f64().unwrap();
        let outer = [&line["lo"], &line["intervals"]["80"]["lo"], &line["f"]].map(at);
        let upper = [&line["intervals"]["80"]["hi"], &line["intervals"]["95"]["hi"]].map(at);
        assert!(outer.is_sorted() && upper.is_sorted() && outer[2] <= upper[0], "{model}: {line}");
        assert_eq!(made.report.fallbacks, 0, "{model}: {:?}", made.report.notes);
    }
}

#[test]
fn bad_series_are_refused_by_line_field_and_remedy() {
    for (line, place, remedy) in [
        ("{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":[1,NaN]}", "line 2, x", "null"),
        ("{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":[1,Infinity]}", "line 2, x", "null"),
        ("{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":[1,1e999]}", "line 2, x", "too large"),
        ("{\"id\":\"a\",\"freq\":12,\"h\":-1e400,\"x\":[1]}", "line 2, h", "too large"),
        ("{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":[1,\"2\"]}", "line 2, x[1] of `a`", "number"),
        ("{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":[]}", "line 2, x", "at least one"),
        ("{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":[null]}", "line 2, x", "at least one"),
        ("{\"id\":\"a\",\"freq\":12,\"h\":3}", "line 2, x", "add"),
        ("{\"id\":\"a\",\"freq\":13,\"h\":3,\"x\":[1]}", "line 2, freq", "12 (monthly)"),
        ("{\"id\":\"a\",\"freq\":12,\"h\":0,\"x\":[1]}", "line 2, h", "1 to 1000"),
        ("{\"id\":\"a\",\"freq\":12,\"h\":-1,\"x\":[1]}", "line 2, h", "1 to 1000"),
        ("{\"id\":\"a\",\"freq\":12,\"x\":[1]}", "line 2, h", "how many"),
        ("{\"freq\":12,\"h\":3,\"x\":[1]}", "line 2, id", "add"),
        ("{\"id\":\"one\",\"freq\":12,\"h\":3,\"x\":[1]}", "line 2, id", "id of its own"),
        (
            "{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":[1],\"start\":\"May\"}",
            "line 2, start",
            "2026-03",
        ),
        (
            "{\"id\":\"a\",\"freq\":12,\"h\":1,\"x\":[1,2],\"regressors\":[[1,2]]}",
            "regressors[0]",
            "each period",
        ),
        (
            "{\"id\":\"a\",\"freq\":12,\"h\":1,\"x\":[1,2],\"dates\":[\"2026-01\",\"2026-01-31\"]}",
            "line 2, dates",
            "one value for each period",
        ),
        (
            "{\"id\":\"a\",\"freq\":12,\"h\":1,\"x\":[1,2],\"holidays\":{\"fair\":[\"2026-01-09\"]}}",
            "line 2, holidays",
            "add start",
        ),
        (
            "{\"id\":\"a\",\"freq\":12,\"h\":1,\"x\":[1,2],\"holidays\":{\"fair\":[\"soon\"]}}",
            "line 2, holidays.fair[0]",
            "2026-03-01",
        ),
        (
            "{\"id\":\"a\",\"freq\":12,\"h\":1,\"x\":[1,2],\"holidays\":[\"2026-01-09\"]}",
            "line 2, holidays",
            "each name with its days",
        ),
        (
            "{\"id\":\"a\",\"freq\":4,\"h\":1,\"x\":[1,2],\"start\":\"2026\",\"trading_days\":true}",
            "line 2, trading_days",
            "freq 12",
        ),
        (
            "{\"id\":\"a\",\"freq\":12,\"h\":1,\"x\":[2,1],\"regressors\":[[1,2,3]],\
             \"dates\":[\"2026-02\",\"2026-01\"]}",
            "line 2, regressors",
            "oldest first",
        ),
        ("[1,2", "line 2", "JSON object"),
    ] {
        let body = format!("{{\"id\":\"one\",\"freq\":12,\"h\":3,\"x\":[1,2,3]}}\n{line}\n");
        let error = forecast_of(&body, "ets").unwrap_err();
        assert_eq!(error.code, ErrorCode::BadInput, "{line}: {error}");
        assert!(error.message.contains(place), "{line}: {error}");
        assert!(error.message.contains(remedy), "{line}: {error}");
    }
    assert!(forecast_of("", "ets").unwrap_err().message.contains("holds no series"));
    let unknown = forecast_of("{\"id\":\"a\",\"freq\":1,\"h\":1,\"x\":[1]}", "magic").unwrap_err();
    assert!(unknown.message.contains("combination"), "the models are listed: {unknown}");
}

#[test]
fn what_a_holiday_is_worth_is_learned_and_put_where_it_will_be() {
    // The new year of the Chinese calendar, which moves between January and February.
    let days = [
        "2014-01-31",
        "2015-02-19",
        "2016-02-08",
        "2017-01-28",
        "2018-02-16",
        "2019-02-05",
        "2020-01-25",
        "2021-02-12",
        "2022-02-01",
        "2023-01-22",
        "2024-02-10",
    ];
    let x: Vec<f64> = (0..108_usize)
        .map(|month| {
            let name = format!("{}-{:02}", 2014 + month / 12, month % 12 + 1);
            let worth = if days.iter().any(|day| day.starts_with(&name)) { 40.0 } else { 0.0 };
            100.0 + 5.0 * (month % 12) as f64 + (month * 7 % 5) as f64 + worth
        })
        .collect();
    let line = |more: &str| {
        format!("{{\"id\":\"a\",\"freq\":12,\"h\":14,\"start\":\"2014-01\",\"x\":{x:?}{more}}}")
    };
    let told = |body: &str, model: &str| -> Vec<f64> {
        let made = forecast_of(body, model).unwrap();
        let line: serde_json::Value = serde_json::from_slice(&made.output).unwrap();
        line["f"].as_array().unwrap().iter().filter_map(serde_json::Value::as_f64).collect()
    };
    // January and February of 2023, then those of 2024: in the one it is in January, in the other
    // in February.
    let wanted = [(0, 142.0), (1, 107.0), (12, 102.0), (13, 147.0)];
    let off = |told: &[f64]| -> f64 {
        wanted.iter().map(|(at, value)| (told[*at] - value).abs()).fold(0.0, f64::max)
    };
    let with = line(&format!(",\"holidays\":{{\"new year\":{days:?}}}"));
    for model in ["additive", "ets", "combination"] {
        let (without, with) = (off(&told(&line(""), model)), off(&told(&with, model)));
        assert!(without > 15.0 && with < 6.0, "{model}: {without} without, {with} with");
    }
}

#[test]
fn trading_days_are_used_where_they_are_asked_for() {
    // Too short for what long series of months know without being asked.
    let start = jiff::civil::date(2020, 1, 1);
    let days = |month: i32| {
        let first = start.saturating_add(jiff::Span::new().months(month));
        let all = (0..i64::from(first.days_in_month()))
            .map(|day| first.saturating_add(jiff::Span::new().days(day)));
        all.filter(|day| day.weekday().to_monday_zero_offset() < 5).count() as f64
    };
    let x: Vec<f64> = (0..48).map(|month| 10.0 * days(month) + f64::from(month % 3)).collect();
    let body = |more: &str| {
        format!("{{\"id\":\"a\",\"freq\":12,\"h\":6,\"start\":\"2020-01\",\"x\":{x:?}{more}}}")
    };
    let off = |body: &str| -> f64 {
        let line: serde_json::Value =
            serde_json::from_slice(&forecast_of(body, "additive").unwrap().output).unwrap();
        (0..6)
            .map(|step| {
                let wanted = 10.0 * days(48 + i32::try_from(step).unwrap()) + 1.0;
                (line["f"][step].as_f64().unwrap() - wanted).abs()
            })
            .fold(0.0, f64::max)
    };
    let (without, with) = (off(&body("")), off(&body(",\"trading_days\":true")));
    assert!(with < 4.0 && without > 2.0 * with, "{without} without, {with} with");
}

#[test]
fn odd_series_get_a_stated_fallback() {
    for (x, code) in [
        ("[5,5,5,5,5,5]", "constant"),
        ("[7]", "constant"),
        ("[3,4]", "fallback"),
        ("[1,null,3,4,5,6,7,8,9,8,7,6]", "gaps_filled"),
    ] {
        for (model, _) in [("arima", 0), ("lstm", 0), ("additive", 0)] {
            let body = format!("{{\"id\":\"a\",\"freq\":12,\"h\":2,\"x\":{x}}}");
            let made = forecast_of(&body, model).unwrap();
            let codes: Vec<&str> = made.report.notes.iter().map(|n| n.code.as_str()).collect();
            assert!(codes.contains(&code), "{model} {x}: {codes:?}");
        }
    }
    let short = "{\"id\":\"a\",\"freq\":12,\"h\":2,\"x\":[3,4,5],\"regressors\":[[1,0,1,0,1]]}";
    for model in ["naive", "ets", "arima", "additive", "combination"] {
        let made = forecast_of(short, model).unwrap();
        let codes: Vec<&str> = made.report.notes.iter().map(|note| note.code.as_str()).collect();
        assert!(codes.contains(&"regressors_left_out"), "{model}: {codes:?}");
    }
    let twice = "{\"id\":\"a\",\"freq\":12,\"h\":1,\"x\":[1,1,2,4],\
                 \"dates\":[\"2026-01-01\",\"2026-01-01\",\"2026-02-01\",\"2026-04-01\"]}";
    let made = forecast_of(twice, "naive").unwrap();
    let codes: Vec<&str> = made.report.notes.iter().map(|note| note.code.as_str()).collect();
    assert_eq!(codes, ["duplicates_left_out", "gaps_filled"], "March is missing");
}

#[test]
fn long_series_are_read_from_the_newest_end_and_say_so() {
    let x: Vec<i32> = (0..10_000).map(|i| 100 + i % 7).collect();
    let body = format!("{{\"id\":\"a\",\"freq\":7,\"h\":2,\"x\":{x:?}}}");
    let made = forecast_of(&body, "theta").unwrap();
    assert_eq!(made.report.notes[0].code, "old_points_left_out");
}

#[test]
fn cleaning_lists_each_repair_and_leaves_sound_series_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let mut x: Vec<f64> = (0..48_i32).map(|i| 100.0 + f64::from(i % 12)).collect();
    let sound = format!("{{\"id\":\"sound\",\"freq\":12,\"h\":6,\"x\":{x:?}}}");
    x[20] = 0.0;
    x[30] *= 10.0;
    let damaged = format!("{{\"id\":\"hurt\",\"freq\":12,\"start\":\"2020-01\",\"x\":{x:?}}}");
    let input = file(&folder, "s.jsonl", format!("{sound}\n{damaged}\n"));
    let made = clean(&CleanFile { input, last: LastPeriod::Closed, on_bad: OnBad::Refuse }, &WATCH)
        .unwrap();
    let lines: Vec<&str> = std::str::from_utf8(&made.output).unwrap().lines().collect();
    assert_eq!(made.report.untouched, 1);
    assert_eq!(lines[0], sound, "to the letter");
    let object: serde_json::Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!(object["start"], "2020-01", "what stood there stays");
    let repairs: Vec<(u64, &str, Option<&str>)> = made
        .report
        .repairs
        .iter()
        .map(|repair| (repair.position, repair.damage.as_str(), repair.date.as_deref()))
        .collect();
    assert_eq!(
        repairs,
        [(20, "false_zero", Some("2021-09-01")), (30, "ten_times", Some("2022-07-01"))]
    );
    assert_eq!(made.beside.iter().filter(|byte| **byte == b'\n').count(), 2);
}

#[test]
fn cleaning_says_where_it_does_not_look_and_fills_a_long_gap() {
    let folder = tempfile::tempdir().unwrap();
    let refund = "{\"id\":\"a\",\"freq\":12,\"x\":[5,6,-5,6,5,6,5,6]}\n";
    let mut long = vec![serde_json::Value::Null; 9_990];
    long.splice(0..3, [5, 6, 7].map(serde_json::Value::from));
    let gap = serde_json::json!({ "id": "b", "freq": 7, "x": long });
    let input = file(&folder, "series.jsonl", format!("{refund}{gap}\n"));
    let made =
        clean(&CleanFile { input, last: LastPeriod::Unknown, on_bad: OnBad::Refuse }, &WATCH)
            .unwrap();
    let notes: Vec<&str> = made.report.notes.iter().map(|note| note.code.as_str()).collect();
    assert_eq!(notes, ["not_examined"]);
    assert_eq!(made.report.series, 2);
}

#[test]
fn stopped_work_is_told_as_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let input = file(&folder, "s.jsonl", "{\"id\":\"a\",\"freq\":1,\"h\":1,\"x\":[1,2]}");
    let watch = PlanWatch { progress: &|_| {}, stop: &|| true };
    let error =
        clean(&CleanFile { input, last: LastPeriod::Unknown, on_bad: OnBad::Refuse }, &watch)
            .unwrap_err();
    assert_eq!(error.code, ErrorCode::Cancelled);
}
