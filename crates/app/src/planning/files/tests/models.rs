//! Models from tables: trained, signed, corrected, and what cannot be read is refused.

use super::*;

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
        on_bad: OnBad::Refuse,
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

#[test]
fn a_model_is_judged_by_the_outcome_that_it_was_trained_for() {
    let folder = tempfile::tempdir().unwrap();
    let body = leads(600);
    let command = TrainFile { positive: Some("no".into()), ..training(&folder, &body) };
    std::fs::write(&command.model, train(&command, &WATCH).unwrap().output).unwrap();
    let predicting = PredictFile {
        input: file(&folder, "same.csv", &body),
        model: command.model.clone(),
        own: Some(command.key.signer()),
        signer: None,
        keep: vec![],
        label: Some("won".into()),
        positive: None,
    };
    let metrics = predict(&predicting, &WATCH).unwrap().report.metrics.unwrap();
    assert!(metrics.auc > 0.9, "{metrics:?}");
}

#[test]
fn what_cannot_be_trained_on_is_said_before_anything_is() {
    let folder = tempfile::tempdir().unwrap();
    let command = training(&folder, &leads(600));
    for (segment, drop) in [("visits", vec![]), ("source", vec!["source".into()])] {
        let asked = TrainFile { segments: vec![segment.into()], drop, ..command.clone() };
        let error = train(&asked, &WATCH).unwrap_err();
        assert!(error.message.contains(segment) && error.message.contains("dropped"), "{error}");
    }
    // All that failed before all that went well.
    let mut rows: Vec<String> = leads(600).lines().skip(1).map(str::to_owned).collect();
    rows.sort_by_key(|row| row.ends_with("yes"));
    let body = format!("id,visits,source,seen,won\n{}\n", rows.join("\n"));
    let asked = TrainFile { time: None, ..training(&folder, &body) };
    let error = train(&asked, &WATCH).unwrap_err();
    assert!(error.message.contains("in the order of time"), "{error}");
}
