//! Good files give what they should, and bad ones an error that names place and remedy.

use std::path::PathBuf;

use roadbook_api::ErrorCode;
use roadbook_planning::optimise::instance::{Array, write_arrays};
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
        ("{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":[1,1e999]}", "line 2", "JSON"),
        ("{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":[1,\"2\"]}", "line 2, x[1]", "number"),
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
    let made = clean(&CleanFile { input, last: LastPeriod::Closed }, &WATCH).unwrap();
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

fn leads(rows: usize) -> String {
    use std::fmt::Write as _;
    let mut body = String::from("id,visits,source,seen,won\n");
    for row in 0..rows {
        let visits = (row * 7) % 10;
        let source = ["web", "fair", "phone"][row % 3];
        let won = visits + 3 * usize::from(source == "fair") + (row * 13) % 5 > 9;
        let day = 1 + row % 28;
        let month = 1 + (row / 28) % 12;
        let year = 2020 + row / 336;
        let _ = writeln!(
            body,
            "id-{row},{visits},{source},{year}-{month:02}-{day:02},{}",
            if won { "yes" } else { "no" }
        );
    }
    body
}

fn training(folder: &TempDir, body: &str) -> TrainFile {
    TrainFile {
        input: file(folder, "leads.csv", body),
        label: "won".into(),
        positive: None,
        time: Some("seen".into()),
        drop: vec![],
        segments: vec!["source".into()],
        seed: 1,
        version: None,
        trained_ms: 1_700_000_000_000,
        model: folder.path().join("model.rbmodel"),
        key: ModelKey::open_or_create(&folder.path().join("models.key"), &TestHost::new()).unwrap(),
    }
}

#[test]
fn a_model_is_trained_signed_and_scores_with_contributions_that_sum_up() {
    let folder = tempfile::tempdir().unwrap();
    let command = training(&folder, &leads(600));
    let made = train(&command, &WATCH).unwrap();
    assert_eq!(made.report.card.version, 1);
    assert!(made.report.left_out[0].starts_with("id:"), "{:?}", made.report.left_out);
    assert!(made.report.card.latest.auc > 0.9, "{:?}", made.report.card.latest);
    assert_eq!(made.report.card.outcome, "won is yes");
    std::fs::write(&command.model, &made.output).unwrap();
    let again = train(&command, &WATCH).unwrap();
    assert_eq!(again.report.card.version, 2, "one more than the model that lies there");

    let new = "source,visits,who\nfair,9,Ann\nphone,,Ben\nmoon,1,Cy\n";
    let predicting = PredictFile {
        input: file(&folder, "new.csv", new),
        model: command.model.clone(),
        own: Some(command.key.signer()),
        signer: None,
        keep: vec!["who".into()],
        label: None,
        positive: None,
    };
    let told = predict(&predicting, &WATCH).unwrap();
    assert_eq!(told.report.unseen.len(), 1);
    assert_eq!(told.report.unseen[0].category, "moon");
    let mut reader = csv::Reader::from_reader(told.output.as_slice());
    let header = reader.headers().unwrap().clone();
    assert_eq!(
        &header.iter().collect::<Vec<_>>()[..5],
        ["line", "who", "probability", "log_odds", "base"]
    );
    for row in reader.records() {
        let row = row.unwrap();
        let number = |at: usize| row[at].parse::<f64>().unwrap();
        let total = number(4) + number(5) + number(6);
        let probability = 1.0 / (1.0 + (-total).exp());
        assert!((total - number(3)).abs() < 1e-9, "{row:?}");
        assert!((probability - number(2)).abs() < 1e-6, "{row:?}");
    }
}

#[test]
fn a_tree_tells_the_way_of_each_row_and_other_kinds_do_not() {
    use roadbook_planning::score::learner::Learner;
    use roadbook_planning::score::linear::LogisticSettings;
    use roadbook_planning::score::model::TrainOptions;
    use roadbook_planning::score::tree::TreeSettings;

    let folder = tempfile::tempdir().unwrap();
    let key = training(&folder, "").key;
    let days: Vec<f64> = (0..400).map(|row| f64::from(row * 7 % 20)).collect();
    let source: Vec<Option<&str>> =
        (0..400).map(|row| Some(if row % 3 == 0 { "fair" } else { "web" })).collect();
    let labels: Vec<bool> = (0..400).map(|row| row * 7 % 20 < 8 && row % 3 == 0).collect();
    let data =
        Dataset::new(vec![Column::numeric("days", days), Column::categorical("source", &source)])
            .unwrap();
    let paths = |learner: Learner| {
        let options =
            TrainOptions { version: 1, trained_at: 0, candidates: vec![learner], segments: vec![] };
        let times: Vec<i64> = (0..400).collect();
        let model =
            roadbook_planning::score::model::train(&data, &labels, &times, &options).unwrap();
        let about = About { outcome: "won".into(), times: TimeKind::Row, trained_ms: 0 };
        let predicting = PredictFile {
            input: file(&folder, "new.csv", "source,days\nfair,3\nfair,\nweb,3\n"),
            model: file(&folder, "tree.rbmodel", key.seal(&about, &model).unwrap()),
            own: Some(key.signer()),
            signer: None,
            keep: vec![],
            label: None,
            positive: None,
        };
        let told = predict(&predicting, &WATCH).unwrap();
        let mut reader = csv::Reader::from_reader(told.output.as_slice());
        let at = reader.headers().unwrap().iter().position(|name| name == "path")?;
        Some(reader.records().map(|row| row.unwrap()[at].to_owned()).collect::<Vec<String>>())
    };
    let told = paths(Learner::Tree(TreeSettings { depth: 2, leaf_rows: 5 })).unwrap();
    assert!(told[0].contains("days at most 7.5") && told[0].contains("source is fair"), "{told:?}");
    assert!(told[0].ends_with("in training"), "{told:?}");
    assert!(told[2].contains("source is web"), "{told:?}");
    assert_eq!(paths(Learner::Logistic(LogisticSettings::standard())), None);
}

#[test]
fn numbers_of_a_time_column_have_one_scale_whole_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let times = |body: &str| {
        let path = file(&folder, "t.csv", format!("when\n{body}\n"));
        sheet::Sheet::read(&path).unwrap().times(Some("when")).map(|(times, _)| times)
    };
    assert_eq!(times("7\n8\n9").unwrap(), [7_000, 8_000, 9_000]);
    assert_eq!(times("7.5\n8\n20.37").unwrap(), [7_500, 8_000, 20_370], "later than 7, not than 9");
    for cell in ["9300000000000000", "1e300", "inf"] {
        let error = times(&format!("1\n{cell}")).unwrap_err();
        assert!(error.message.contains("line 3, when") && error.message.contains(cell), "{error}");
    }
}

/// What a rerun of the same leads a year later says, when hardly anybody buys any more.
fn rarer(rows: usize) -> String {
    let later = leads(rows).replace(",2020-", ",2030-").replace(",2021-", ",2031-");
    let keep = |(row, line): (usize, &str)| {
        if row % 4 == 0 { line.to_owned() } else { line.replace(",yes", ",no") }
    };
    let lines: Vec<String> = later.lines().enumerate().map(keep).collect();
    lines.join("\n")
}

#[test]
fn a_model_is_corrected_on_newer_outcomes_and_only_on_those() {
    let folder = tempfile::tempdir().unwrap();
    let command = training(&folder, &leads(600));
    std::fs::write(&command.model, train(&command, &WATCH).unwrap().output).unwrap();
    let older = leads(50).lines().skip(1).collect::<Vec<_>>().join("\n");
    let correcting = |body: &str| RecalibrateFile {
        input: file(&folder, "newest.csv", body),
        model: command.model.clone(),
        label: "won".into(),
        positive: None,
        time: Some("seen".into()),
        signer: None,
        version: None,
        out: folder.path().join("corrected.rbmodel"),
        key: command.key.clone(),
    };
    let newest = rarer(400);
    let made = recalibrate(&correcting(&format!("{newest}\n{older}")), &WATCH).unwrap();
    let report = &made.report;
    assert_eq!((report.rows, report.older, report.from_version), (400, 50, 1));
    assert_ne!(report.how, "kept");
    assert!(report.after.log_loss < report.before.log_loss - 0.1, "{report:?}");
    assert_eq!(report.after, report.card.latest, "the card tells of the newest rows");
    assert_eq!((report.card.version, report.card.to.as_str()), (2, "2031-03-08"));
    assert_eq!(report.card.outcome, "won is yes", "as in training, without being told again");
    let card: serde_json::Value = serde_json::from_slice(&made.beside).unwrap();
    assert_eq!(card["version"], 2);

    let mean = |model: &[u8]| {
        let predicting = PredictFile {
            input: file(&folder, "newest.csv", &newest),
            model: file(&folder, "m.rbmodel", model),
            own: Some(command.key.signer()),
            signer: None,
            keep: vec![],
            label: Some("won".into()),
            positive: None,
        };
        predict(&predicting, &WATCH).unwrap().report
    };
    let (first, second) = (mean(&std::fs::read(&command.model).unwrap()), mean(&made.output));
    let (first, second) = (first.metrics.unwrap(), second.metrics.unwrap());
    assert!((first.auc - second.auc).abs() < 0.02, "the order of scores stays");
    assert!(second.calibration_error < first.calibration_error / 2.0, "{first:?} {second:?}");
}

#[test]
fn what_cannot_correct_a_model_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let command = training(&folder, &leads(600));
    std::fs::write(&command.model, train(&command, &WATCH).unwrap().output).unwrap();
    let correcting = |body: &str, time: Option<&str>, positive: Option<&str>| {
        let correcting = RecalibrateFile {
            input: file(&folder, "newest.csv", body),
            model: command.model.clone(),
            label: "won".into(),
            positive: positive.map(str::to_owned),
            time: time.map(str::to_owned),
            signer: None,
            version: None,
            out: folder.path().join("corrected.rbmodel"),
            key: command.key.clone(),
        };
        recalibrate(&correcting, &WATCH)
    };
    let (good, seen) = (rarer(400), Some("seen"));
    for (made, part) in [
        (correcting(&leads(600), seen, None), "no row that is later"),
        (correcting(&good, None, None), "--time"),
        (correcting(&good, Some("visits"), None), "dates"),
        (correcting(&good, seen, Some("no")), "the model tells when won is yes"),
        (correcting(&good.replace(",yes", ",no"), seen, None), "no row says `yes`"),
        (correcting(&rarer(30), seen, None), "10"),
        (correcting(&good.replace("visits", "calls"), seen, None), "no column `visits`"),
        (correcting(&good.replacen("id-1,7", "id-1,inf", 1), seen, None), "`inf` is not finite"),
    ] {
        let error = made.unwrap_err();
        assert_eq!(error.code, ErrorCode::BadInput, "{part}: {error}");
        assert!(error.message.contains(part), "{part}: {error}");
    }
}

#[test]
fn a_changed_or_foreign_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let command = training(&folder, &leads(400));
    let made = train(&command, &WATCH).unwrap();
    let scores = |bytes: &[u8], own, signer: Option<&str>| {
        predict(
            &PredictFile {
                input: file(&folder, "new.csv", "source,visits\nfair,1\n"),
                model: file(&folder, "m.rbmodel", bytes),
                own,
                signer: signer.map(str::to_owned),
                keep: vec![],
                label: None,
                positive: None,
            },
            &WATCH,
        )
    };
    let own = Some(command.key.signer());
    assert!(scores(&made.output, own, None).is_ok());
    for at in [0, 5, 20, 80, 110, 150, made.output.len() - 1] {
        let mut changed = made.output.clone();
        changed[at] ^= 1;
        let error = scores(&changed, own, None).unwrap_err();
        let refused = [ErrorCode::Damaged, ErrorCode::VersionMismatch].contains(&error.code);
        assert!(refused, "byte {at}: {error}");
    }
    for length in [0, 3, 6, 40, 101, made.output.len() - 1] {
        assert!(scores(&made.output[..length], own, None).is_err(), "{length} bytes");
    }
    let error = scores(&made.output, None, None).unwrap_err();
    assert_eq!(error.code, ErrorCode::Refused);
    assert!(error.message.contains("--signer"), "{error}");
    assert!(scores(&made.output, None, Some(&command.key.signer().short())).is_ok());
    assert!(scores(&made.output, None, Some("00")).is_err(), "two digits name nobody");
}

#[test]
fn bad_tables_are_refused_by_line_column_and_remedy() {
    let good = leads(60);
    let replaced = |from: &str, to: &str| good.replacen(from, to, 1);
    for (body, part) in [
        (String::new(), "has no rows"),
        ("won\nyes\nno\n".to_owned(), "no column `seen`"),
        (good.replace(",yes\n", ",no\n"), "every row says `no`"),
        (replaced(",no\n", ",maybe\n"), "which value counts as yes"),
        (replaced(",no\n", ",\n"), "is empty"),
        (replaced("id-1,7", "id-1,inf"), "`inf` is not finite"),
        (replaced("2020-01-02", "yesterday"), "line 3, seen"),
        (replaced("id-1,7", "id-1,7,7"), "line 3"),
        (replaced("id,visits", "visits,visits"), "two columns `visits`"),
        (leads(8), "label"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let error = train(&training(&folder, &body), &WATCH).unwrap_err();
        assert_eq!(error.code, ErrorCode::BadInput, "{error}");
        assert!(error.message.contains(part), "{part}: {error}");
    }
}

fn array(shape: &[usize], values: &[f64]) -> Array {
    Array { shape: shape.to_vec(), values: values.to_vec() }
}

#[test]
fn instances_are_solved_and_clashes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let lead_values = array(&[3, 2], &[10.0, 9.0, 10.0, 2.0, 4.0, 3.0]);
    let may = array(&[3, 2], &[1.0, 1.0, 1.0, 0.0, 1.0, 0.0]);
    let of = |capacity: &[f64]| {
        let bytes = write_arrays(&[lead_values.clone(), may.clone(), array(&[2], capacity)]);
        file(&folder, "a.bin", bytes)
    };
    let command = |input, leftover| AssignFile { input, fairness: None, leftover };
    let found = assign_leads(&command(of(&[2.0, 2.0]), Leftover::Refuse), &WATCH).unwrap();
    assert!((found.report.objective - 23.0).abs() < 1e-9 && found.report.gap < 1e-9);
    assert!(found.output.starts_with(b"lead,rep,value,reason\n0,1,9,"));
    let clash = assign_leads(&command(of(&[1.0, 2.0]), Leftover::Refuse), &WATCH).unwrap_err();
    assert_eq!(clash.code, ErrorCode::Infeasible);
    assert!(clash.message.contains("leads (1, 2)"), "{clash}");
    let left = assign_leads(&command(of(&[1.0, 2.0]), Leftover::LeaveOut), &WATCH).unwrap();
    assert_eq!(left.report.assigned, 2);
    let half = assign_leads(&command(of(&[1.5, 2.0]), Leftover::Refuse), &WATCH).unwrap_err();
    assert!(half.message.contains("capacity[0]"), "{half}");

    let places = array(&[4, 2], &[0.0, 0.0, 1.0, 0.0, 9.0, 0.0, 10.0, 0.0]);
    let homes = array(&[2, 2], &[0.0, 1.0, 10.0, 1.0]);
    let input = file(&folder, "t.bin", write_arrays(&[places, array(&[4], &[1.0; 4]), homes]));
    let territory = TerritoryFile { input, balance: 0.05, change_penalty: 0.0, shape: Shape::Any };
    let designed = design_territories(&territory, &WATCH).unwrap();
    assert!(designed.report.imbalance < 1e-9 && designed.report.changed.is_none());
    assert_eq!(designed.report.apart, None);

    let quota = |goal: f64| {
        let bytes = write_arrays(&[
            array(&[2, 1], &[100.0, 300.0]),
            array(&[2, 1], &[90.0, 200.0]),
            array(&[2], &[0.0, 7.0]),
            array(&[1], &[goal]),
        ]);
        QuotaFile {
            input: file(&folder, "q.bin", bytes),
            quota_band: (0.7, 1.5),
            territory_band: (0.95, 1.35),
            stretch_weight: 1e3,
            unit: 0.01,
        }
    };
    let allocated = allocate_quotas(&quota(320.0), &WATCH).unwrap();
    assert!((allocated.report.by_product[0] - 320.0).abs() < 1e-9);
    assert_eq!(allocated.report.territories, 2, "numbers may have holes");
    let clash = allocate_quotas(&quota(900.0), &WATCH).unwrap_err();
    assert_eq!(clash.code, ErrorCode::Infeasible);
    assert!(clash.message.contains("the goal of product 0"), "{clash}");
}

#[test]
fn a_day_is_planned_and_impossible_windows_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let day = |closes: &str| {
        let body = format!(
            "{{\"start\":[0,0],\"speed_kmh\":60,\"stops\":[\
             {{\"id\":\"far\",\"at\":[60,0],\"closes\":\"{closes}\"}},\
             {{\"id\":\"near\",\"at\":[30,0],\"opens\":\"10:00\"}}]}}"
        );
        RouteFile { input: file(&folder, "day.json", body) }
    };
    let found = plan_route(&day("17:00"), &WATCH).unwrap();
    assert!(found.report.proven);
    let order: Vec<&str> = found.report.visits.iter().map(|visit| visit.id.as_str()).collect();
    assert_eq!(order, ["far", "near"], "the near one opens late");
    let late = plan_route(&day("08:30"), &WATCH).unwrap_err();
    assert_eq!(late.code, ErrorCode::Infeasible);
    assert!(late.message.contains("stop far"), "{late}");
    let wrong = plan_route(&day("noon"), &WATCH).unwrap_err();
    assert!(wrong.message.contains("stop far, closes"), "{wrong}");
    let nowhere = RouteFile { input: file(&folder, "n.json", "{\"stops\":[{\"id\":\"a\"}]}") };
    assert!(plan_route(&nowhere, &WATCH).unwrap_err().message.contains("start: has no place"));
}

#[test]
fn territories_of_a_file_hang_together_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let array =
        |shape: &[usize], values: &[f64]| Array { shape: shape.to_vec(), values: values.to_vec() };
    // A map of 12 by 12 whose accounts are with reps at random, who keep most of them.
    let at = |account: u32| [f64::from(account % 12), f64::from(account / 12)];
    let places: Vec<f64> = (0..144).flat_map(at).collect();
    let today: Vec<f64> = (0..144_u32).map(|account| f64::from(account * 7 / 3 % 4)).collect();
    let homes = [1.0, 1.0, 10.0, 2.0, 3.0, 9.0, 8.0, 8.0];
    let input = file(
        &folder,
        "t.bin",
        write_arrays(&[
            array(&[144, 2], &places),
            array(&[144], &[1.0; 144]),
            array(&[4, 2], &homes),
            array(&[144], &today),
        ]),
    );
    let made = |shape| {
        let command =
            TerritoryFile { input: input.clone(), balance: 0.05, change_penalty: 4.0, shape };
        design_territories(&command, &WATCH).unwrap()
    };
    let (any, connected) = (made(Shape::Any), made(Shape::Connected));
    assert_eq!(any.report.apart, None, "nobody asked");
    assert_ne!(any.output, connected.output);
    let Some((Some(before), after)) = connected.report.apart else { panic!("{connected:?}") };
    assert!(before > 20 && after * 3 < before, "{after} after, {before} before");
    assert!(connected.report.imbalance <= 0.05 + 1e-9, "balance still holds");
}

#[test]
fn stopped_work_is_told_as_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let input = file(&folder, "s.jsonl", "{\"id\":\"a\",\"freq\":1,\"h\":1,\"x\":[1,2]}");
    let watch = PlanWatch { progress: &|_| {}, stop: &|| true };
    let error = clean(&CleanFile { input, last: LastPeriod::Unknown }, &watch).unwrap_err();
    assert_eq!(error.code, ErrorCode::Cancelled);
}

/// Runs work that is stopped at its `most`th step of training; what was told of training.
fn trained_until<R: std::fmt::Debug>(
    most: usize,
    work: impl Fn(&PlanWatch<'_>) -> crate::ApiResult<R>,
) -> (Result<R, ErrorCode>, Vec<(u64, u64)>) {
    let told = std::sync::Mutex::new(Vec::new());
    let progress = |step: crate::planning::PlanProgress| {
        if step.what == "train" {
            told.lock().unwrap().push((step.done, step.total));
        }
    };
    let stop = || told.lock().unwrap().len() >= most;
    let made = work(&PlanWatch { progress: &progress, stop: &stop });
    (made.map_err(|error| error.code), told.into_inner().unwrap())
}

#[test]
fn training_from_a_file_tells_how_far_it_is_and_stops_within() {
    let folder = tempfile::tempdir().unwrap();
    let command = training(&folder, &leads(400));
    let x: Vec<i32> = (0..60).map(|i| 100 + i + i * 7 % 5).collect();
    let input =
        file(&folder, "s.jsonl", format!("{{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":{x:?}}}"));
    let forecasting = ForecastFile {
        input,
        model: "lstm".into(),
        level: Level::NinetyFive,
        cleaning: Cleaning::Off,
        seed: 1,
    };
    let score = |watch: &PlanWatch<'_>| train(&command, watch).map(|made| made.output);
    let network = |watch: &PlanWatch<'_>| forecast(&forecasting, watch).map(|made| made.output);
    type Work<'a> = &'a dyn Fn(&PlanWatch<'_>) -> crate::ApiResult<Vec<u8>>;
    let works: [(&str, Work<'_>); 2] = [("score-train", &score), ("lstm", &network)];
    for (name, work) in works {
        let (made, told) = trained_until(usize::MAX, work);
        assert!(made.is_ok(), "{name}");
        assert!(told.len() > 5 && told.is_sorted(), "{name}: piece by piece: {told:?}");
        let (stopped, told) = trained_until(3, work);
        assert_eq!((stopped, told.len()), (Err(ErrorCode::Cancelled), 3), "{name}");
    }
}
