//! Lines as other programs write them, and files of which some series cannot be read.

use super::*;

fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap()
}

fn lines(output: &[u8]) -> Vec<serde_json::Value> {
    std::str::from_utf8(output).unwrap().lines().map(json).collect()
}

#[test]
fn whole_numbers_may_have_decimals_and_ids_may_be_numbers() {
    let x: Vec<f64> = (0..24_i32).map(|i| 100.0 + f64::from(i % 12)).collect();
    let body = format!(
        "{{\"id\":7,\"freq\":12.0,\"h\":3.0,\"x\":{x:?}}}\n{{\"id\":\"8\",\"freq\":\"ME\",\"h\":1,\"x\":{x:?}}}"
    );
    let made = forecast_of(&body, "naive").unwrap();
    let out = lines(&made.output);
    assert_eq!((&out[0]["id"], &out[1]["id"]), (&json("7"), &json("\"8\"")));
    assert_eq!(out[0]["f"].as_array().map(Vec::len), Some(3));
    let twice = body.replace("\"8\"", "\"7\"");
    assert!(forecast_of(&twice, "naive").unwrap_err().message.contains("line 1 already"));
    let part = body.replace("3.0", "3.5");
    assert!(forecast_of(&part, "naive").unwrap_err().message.contains("line 1, h of `7`"));

    let folder = tempfile::tempdir().unwrap();
    let hurt = "{\"id\":7,\"freq\":12,\"x\":[5,6,null,6,5,6,5,6]}";
    let input = file(&folder, "s.jsonl", hurt);
    let command = CleanFile { input, last: LastPeriod::Closed, on_bad: OnBad::Refuse };
    let made = clean(&command, &WATCH).unwrap();
    assert_eq!(
        (&lines(&made.output)[0]["id"], &lines(&made.beside)[0]["id"]),
        (&json("7"), &json("7"))
    );
}

#[test]
fn one_bad_series_costs_the_others_nothing_where_that_is_asked_for() {
    let sound = |id: usize| format!("{{\"id\":\"s{id}\",\"freq\":12,\"h\":2,\"x\":[1,2,3,4,5,6]}}");
    let body = [
        sound(1),
        "{\"id\":\"bad\",\"freq\":12,\"h\":2,\"x\":[1,\"two\"]}".to_owned(),
        "nothing at all".to_owned(),
        sound(1),
        sound(2),
    ]
    .join("\n");
    let folder = tempfile::tempdir().unwrap();
    let command = |model: &str, body: &str, on_bad| ForecastFile {
        input: file(&folder, "s.jsonl", body),
        model: model.to_owned(),
        level: Level::Eighty,
        cleaning: Cleaning::Off,
        seed: 1,
        on_bad,
    };
    for model in ["naive", "lstm"] {
        let refused = forecast(&command(model, &body, OnBad::Refuse), &WATCH).unwrap_err();
        assert!(refused.message.starts_with("line 2, x[1] of `bad`"), "{refused}");
        let made = forecast(&command(model, &body, OnBad::LeaveOut), &WATCH).unwrap();
        assert_eq!((made.report.series, made.report.left_out), (2, 3), "{model}");
        let ids: Vec<_> = lines(&made.output).iter().map(|line| line["id"].clone()).collect();
        assert_eq!(ids, ["s1", "s2"]);
        let told: Vec<(u64, &str)> = made
            .report
            .notes
            .iter()
            .filter(|note| note.code == "left_out")
            .map(|note| (note.line, note.id.as_str()))
            .collect();
        assert_eq!(told, [(2, "bad"), (3, ""), (4, "s1")]);
        assert!(made.report.notes[0].text.contains("is no finite number"));
    }
    let with = format!(
        "{}\n{}",
        sound(1).replace("}", ",\"trading_days\":true,\"start\":\"2020\"}"),
        sound(2)
    );
    let made = forecast(&command("lstm", &with, OnBad::LeaveOut), &WATCH).unwrap();
    assert_eq!(
        (made.report.series, made.report.left_out),
        (1, 1),
        "the network reads no regressors"
    );
    assert!(forecast(&command("lstm", &with, OnBad::Refuse), &WATCH).is_err());
    let none = forecast(&command("naive", "nothing", OnBad::LeaveOut), &WATCH).unwrap_err();
    assert!(none.message.contains("line 1"), "all of them are bad: {none}");

    let cleaning = CleanFile {
        input: file(&folder, "s.jsonl", &body),
        last: LastPeriod::Closed,
        on_bad: OnBad::LeaveOut,
    };
    let made = clean(&cleaning, &WATCH).unwrap();
    assert_eq!((made.report.series, made.report.left_out), (2, 3));
    assert_eq!(lines(&made.output).len(), 2);
}

#[test]
fn what_was_given_twice_is_in_the_list_of_repairs() {
    let folder = tempfile::tempdir().unwrap();
    let body = "{\"id\":\"a\",\"freq\":12,\"x\":[4,4,5,6],\
                \"dates\":[\"2026-01-01\",\"2026-01-31\",\"2026-02-01\",\"2026-03-01\"]}";
    let input = file(&folder, "s.jsonl", body);
    let command = CleanFile { input, last: LastPeriod::Closed, on_bad: OnBad::Refuse };
    let made = clean(&command, &WATCH).unwrap();
    let repair = &made.report.repairs[0];
    assert_eq!((repair.position, repair.damage.as_str()), (0, "duplicate"));
    assert_eq!((repair.date.as_deref(), repair.after), (Some("2026-01-01"), 4.0));
    assert_eq!(lines(&made.beside)[0]["damage"], "duplicate");
    assert!(made.report.notes[0].text.starts_with("1 value stood"), "{:?}", made.report.notes);
}

#[test]
fn the_ends_of_a_life_are_kept_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let sold = (0..48_i32).map(|i| serde_json::json!(100 + i % 12));
    let x: Vec<serde_json::Value> = (0..24)
        .map(|_| serde_json::Value::Null)
        .chain(sold)
        .chain((0..4).map(|_| serde_json::json!(0)))
        .collect();
    let body = serde_json::json!({ "id": "a", "freq": 12, "x": x }).to_string();
    let input = file(&folder, "s.jsonl", &body);
    let command = CleanFile { input, last: LastPeriod::Unknown, on_bad: OnBad::Refuse };
    let made = clean(&command, &WATCH).unwrap();
    assert_eq!((made.report.repairs.len(), made.report.untouched), (0, 1));
    assert_eq!(made.output, format!("{body}\n").as_bytes(), "to the letter");
    let codes: Vec<&str> = made.report.notes.iter().map(|note| note.code.as_str()).collect();
    assert_eq!(codes, ["unknown_before", "zeros_kept"]);
}
