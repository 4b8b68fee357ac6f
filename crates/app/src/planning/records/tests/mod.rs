//! An office of four reps: what planning says about its records, and what it keeps on a device.

mod plans;
mod revenue;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::ToSpan as _;
use jiff::civil::date;
use roadbook_api::commands::planning::{
    AdjustForecast, AssignLeads, ChooseModel, DesignTerritories, KeepPlaces, ListModels,
    ModelChoice, Place, PlanRoute, RefreshScores, Scored, ShowForecast, ShowScores, StopPlanning,
    TrainScores,
};
use roadbook_api::commands::writes::{MoveRecord, SetFields};
use roadbook_api::views::planning::{ForecastView, Refreshed};
use roadbook_api::{Assignment, ErrorCode};
use roadbook_domain::{Entity, RecordId, Value};

use super::book::{Book, Entry, Standing};
use super::kept;
use crate::host::tests::{SharedHost, TestHost};
use crate::testing::{self, TestApp, create};
use crate::{App, Run as _};

/// The tests' clock stands on 14 November 2023.
const TODAY: jiff::civil::Date = date(2023, 11, 14);

/// A device with 400 decided and 60 open deals of 20 accounts and 3 products, and some leads.
fn office() -> TestApp {
    let app = testing::device("Administrator");
    let accounts: Vec<RecordId> = (0..20)
        .map(|n| {
            let industry = ["industry=Retail", "industry=Medical"][n % 2];
            create(&app, "account", &[&format!("name=Account {n}"), industry])
        })
        .collect();
    let products: Vec<RecordId> = ["Basic", "Pro", "Max"]
        .iter()
        .zip(["list_price=100USD", "list_price=500USD", "list_price=2000USD"])
        .map(|(name, price)| create(&app, "product", &[&format!("name={name}"), price]))
        .collect();
    for n in 0..460_i32 {
        let at = usize::try_from(n).unwrap();
        let opened = TODAY.checked_sub((700 - n).days()).unwrap();
        // Those with the first product and the industry Retail are won more often.
        let likely = u8::from(at % 3 == 0) + u8::from(at % 2 == 0);
        let won = (at * 7 + at / 10) % 4 < usize::from(likely) + 1;
        let mut values = vec![
            format!("name=Deal {n}"),
            format!("account={}", accounts[at % 20]),
            format!("product={}", products[at % 3]),
            format!("opened_on={opened}"),
            "owner=me".to_owned(),
        ];
        if n < 400 {
            let days = 20 + (at * 13) % 60;
            let close = opened.checked_add(i64::try_from(days).unwrap().days()).unwrap();
            values.push(format!("close_date={close}"));
            values.push(format!("stage=Closed {}", if won { "won" } else { "lost" }));
            values.push(format!("amount={}USD", [100, 500, 2_000][at % 3]));
        } else {
            let close = TODAY.checked_add(i64::from(n % 40).days()).unwrap();
            values.push(format!("close_date={close}"));
            let stage = ["Proposal", "Negotiation", "Prospecting"][at % 3];
            values.push(format!("stage={stage}"));
            values.push("amount=1000USD".to_owned());
        }
        let texts: Vec<&str> = values.iter().map(String::as_str).collect();
        create(&app, "opportunity", &texts);
    }
    app
}

fn choose(choice: ModelChoice) -> ChooseModel {
    ChooseModel { what: Scored::Deals, choice }
}

fn forecast(app: &App) -> ForecastView {
    app.run(ShowForecast { months: Some(3), ..ShowForecast::default() }).unwrap()
}

#[test]
fn a_forecast_adds_up_and_is_kept_once_a_week() {
    let app = office();
    let view = forecast(&app);
    assert_eq!((view.currency.as_str(), view.quarter.as_str()), ("USD", "2023-Q4"));
    assert!(view.as_of.synced_ms.is_none() && view.as_of.unsent >= 483, "{:?}", view.as_of);
    for (at, band) in view.revenue.forecast.iter().enumerate() {
        let parts: f64 = view.products.iter().map(|part| part.forecast[at].mean).sum();
        assert!((parts - band.mean).abs() < 1e-6 * band.mean.max(1.0), "products add up");
        assert!(band.lo95 <= band.lo80 && band.hi80 <= band.hi95);
    }
    let outlook = &view.outlook;
    assert!(outlook.lo95 <= outlook.lo80 && outlook.lo80 <= outlook.median);
    assert!(outlook.won <= outlook.mean && outlook.mean <= outlook.hi95);
    let all = &view.roll_up[0];
    assert_eq!((all.label.as_str(), all.depth), ("All", 0));
    assert!(all.commit_forecast <= all.best_case_forecast);
    assert!(all.best_case_forecast <= all.pipeline_forecast);
    for week in &view.waterfall {
        let parts: f64 = week.parts.iter().map(|part| part.amount).sum();
        assert!((week.start + parts - week.end).abs() < 1e-6, "{week:?}");
    }
    assert!(!view.accuracy.snapshots.is_empty(), "quarters that are over are judged");
    forecast(&app);
    let kept = app.with(|replica| kept::read::<kept::Snapshot>(replica, kept::SNAPSHOT)).unwrap();
    assert_eq!(kept.len(), 1, "one snapshot a week");
    assert_eq!(kept[0].1.quarter, "2023-Q4");
}

#[test]
fn one_persons_forecast_keeps_the_snapshot_of_all_and_is_not_judged_by_it() {
    let app = office();
    let mine = || {
        let whose = Some("me".to_owned());
        app.run(ShowForecast { whose, months: Some(1), ..ShowForecast::default() }).unwrap()
    };
    mine();
    let read = |app: &App| {
        app.with(|replica| kept::read::<kept::Snapshot>(replica, kept::SNAPSHOT)).unwrap()
    };
    let (day, mut snapshot) = read(&app).pop().expect("a week without a snapshot gets one");
    assert_eq!(snapshot.deals.iter().filter(|deal| deal.state == 'o').count(), 60);
    // A snapshot of all, of a quarter that is over, with a forecast that nobody reached.
    snapshot.quarter = "2023-Q3".into();
    snapshot.forecast = 1e9;
    app.with(|replica| kept::write(replica, kept::SNAPSHOT, day - 70, &snapshot)).unwrap();
    let told = |view: ForecastView| {
        view.accuracy.snapshots.iter().map(|one| one.forecast).fold(0.0, f64::max)
    };
    assert!(told(forecast(&app)) > 1e8, "all are judged by the snapshot of all");
    assert!(told(mine()) < 1e8, "one person is not");
    snapshot.currency = "EUR".into();
    app.with(|replica| kept::write(replica, kept::SNAPSHOT, day - 70, &snapshot)).unwrap();
    assert!(told(forecast(&app)) < 1e8, "nor is what was forecast in another currency");
}

#[test]
fn a_quota_an_adjustment_and_another_day_change_the_forecast() {
    let app = office();
    let asked = ShowForecast { quota: Some("500000USD".into()), ..ShowForecast::default() };
    let row = app.run(asked).unwrap().roll_up[0].clone();
    assert!(row.gap.unwrap() > 0.0 && row.coverage.unwrap() > 0.0 && row.attainment.unwrap() < 1.0);
    let add = |category: &str, amount: &str| AdjustForecast::Add {
        whose: None,
        category: category.into(),
        amount: amount.into(),
        why: "Acme slips".into(),
    };
    let before = forecast(&app).roll_up[0].clone();
    let told = app.run(add("commit", "-250USD")).unwrap();
    assert_eq!((told.len(), told[0].quarter.as_str()), (1, "2023-Q4"));
    let after = forecast(&app).roll_up[0].clone();
    assert!((before.commit_forecast - after.commit_forecast - 250.0).abs() < 1e-9);
    assert!((before.commit - after.commit).abs() < 1e-9, "the deals stay as they are");
    assert_eq!(app.run(add("omitted", "1USD")).unwrap_err().code, ErrorCode::BadInput);
    assert_eq!(app.run(add("commit", "1EUR")).unwrap_err().code, ErrorCode::BadInput);
    let earlier = ShowForecast { today: Some("2022-12-31".into()), ..ShowForecast::default() };
    let view = app.run(earlier).unwrap();
    assert_eq!(view.quarter, "2022-Q4");
    assert!(
        view.adjustments.is_empty() && view.roll_up[0].adjusted.abs() < 1e-9,
        "it had not come"
    );
    assert!(view.decided < 400, "what was decided later is not known: {}", view.decided);
    for bad in ["yesterday", "2023-13-01"] {
        let asked = ShowForecast { today: Some(bad.into()), ..ShowForecast::default() };
        assert_eq!(app.run(asked).unwrap_err().code, ErrorCode::BadInput);
    }
    assert!(app.run(AdjustForecast::Remove { number: 1 }).unwrap().is_empty());
    assert!(app.run(AdjustForecast::Remove { number: 1 }).is_err());
    let none = ShowForecast { months: Some(0), ..ShowForecast::default() };
    assert_eq!(app.run(none).unwrap_err().code, ErrorCode::BadInput);
}

#[test]
fn an_earlier_day_knows_the_stage_that_a_deal_had_then() {
    let clock = Arc::new(TestHost::new());
    let app = testing::device_with(0, "Ben", "Rep", Box::new(SharedHost(Arc::clone(&clock))));
    let pass = |days: i64| {
        clock.0.fetch_add(days * 86_400_000, Ordering::Relaxed);
    };
    let values = ["name=Deal", "opened_on=2023-11-14", "stage=Prospecting", "amount=1000USD"];
    let record = create(&app, "opportunity", &values).to_string();
    let go = |to: &str| {
        let record = record.clone();
        app.run(MoveRecord { entity: None, record, to: to.into(), why: None }).unwrap();
    };
    pass(5);
    go("Proposal");
    pass(5);
    go("Negotiation");
    pass(5);
    let seen = |day: Option<&str>| {
        let book = Book::read(&app, day).unwrap();
        let deal = &book.deals[0];
        let written = format!("{:.0} %", 100.0 * deal.written);
        [book.stages[deal.stage].name.to_owned(), deal.category.clone(), written]
    };
    // Moves are noted, and not where a deal began: it is taken to have stood early.
    assert_eq!(seen(Some("2023-11-15")), ["Qualification", "Pipeline", "20 %"]);
    assert_eq!(seen(Some("2023-11-20")), ["Proposal", "Best case", "60 %"]);
    assert_eq!(seen(Some("2023-11-25")), ["Negotiation", "Commit", "80 %"]);
    go("Closed lost");
    let record = record.clone();
    let assignments = vec![Assignment::set("close_date", "2023-11-29")];
    app.run(SetFields { entity: None, record, assignments, why: None }).unwrap();
    assert_eq!(seen(Some("2023-11-25")), ["Negotiation", "Commit", "80 %"]);
    assert_eq!(seen(None), ["Closed lost", "Omitted", "0 %"]);
}

#[test]
fn an_empty_device_is_told_what_is_missing() {
    let app = testing::device("Rep");
    let view = forecast(&app);
    assert!(view.revenue.forecast.is_empty() && !view.revenue.notes.is_empty());
    assert!(view.outlook.mean.abs() < 1e-9);
    let nothing = |error: roadbook_api::ApiError| {
        assert_eq!(error.code, ErrorCode::BadInput, "{error}");
        assert!(!error.fields[0].remedy.is_empty());
    };
    nothing(app.run(TrainScores::default()).unwrap_err());
    nothing(app.run(AssignLeads::default()).unwrap_err());
    nothing(app.run(DesignTerritories::default()).unwrap_err());
    nothing(app.run(PlanRoute::default()).unwrap_err());
    assert!(app.run(ShowScores::default()).unwrap().scores.is_empty());
    assert!(app.run(ListModels::default()).unwrap().models.is_empty());
}

#[test]
fn scores_have_reasons_that_sum_up_and_models_can_be_rolled_back() {
    let app = office();
    let before = app.run(ShowScores::default()).unwrap();
    assert!(before.model.is_none() && before.total == 60 && before.scores.len() == 20);
    let trained = app.run(TrainScores::default()).unwrap();
    assert_eq!(trained.models.len(), 1);
    assert_eq!(trained.card.as_ref().unwrap().rows, 400);
    let view = app.run(ShowScores { limit: Some(60), ..ShowScores::default() }).unwrap();
    assert!(view.scores.windows(2).all(|pair| pair[0].value >= pair[1].value));
    for score in &view.scores {
        let points: i32 = score.reasons.iter().map(|reason| reason.points).sum();
        assert_eq!(score.base_percent + points, score.percent, "{score:?}");
        assert!((score.expected - score.probability * score.amount).abs() < 1e-9);
    }
    let one = view.scores[0].link.record.to_string();
    let asked = ShowScores { record: Some(one), ..ShowScores::default() };
    assert_eq!(app.run(asked).unwrap().scores.len(), 1);

    assert_eq!(app.run(TrainScores::default()).unwrap().models.len(), 2);
    let back = app.run(choose(ModelChoice::RollBack {})).unwrap();
    assert!(back.pinned && back.models[0].active && !back.models[1].active);
    assert!(app.run(TrainScores::default()).unwrap().models[0].active, "a pinned model stays");
    assert!(app.run(choose(ModelChoice::Pin { version: 9 })).is_err());
    assert!(app.run(choose(ModelChoice::Unpin {})).unwrap().models[2].active);
}

#[test]
fn new_outcomes_are_learned_from_and_a_pinned_model_is_not_changed() {
    let app = office();
    let none = app.run(RefreshScores::default()).unwrap_err();
    assert_eq!(none.code, ErrorCode::NotFound, "{none}");
    app.run(TrainScores::default()).unwrap();
    let view = app.run(RefreshScores::default()).unwrap();
    assert_eq!((view.newest, view.done, view.models.models.len()), (0, Refreshed::Kept, 1));

    // The market has turned: what used to be won is lost now, and the other way round.
    let open = app.run(ShowScores { limit: Some(60), ..ShowScores::default() }).unwrap().scores;
    let yesterday = TODAY.yesterday().unwrap().to_string();
    for (at, score) in open.iter().enumerate() {
        let stage = if at < 40 { "Closed lost" } else { "Closed won" };
        let record = score.link.record.to_string();
        let to = MoveRecord { entity: None, record: record.clone(), to: stage.into(), why: None };
        app.run(to).unwrap();
        let assignments = vec![Assignment::set("close_date", &yesterday)];
        app.run(SetFields { entity: None, record, assignments, why: None }).unwrap();
    }
    let view = app.run(RefreshScores::default()).unwrap();
    assert_eq!(view.newest, 60);
    assert_ne!(view.done, Refreshed::Kept);
    assert_eq!(view.models.models.len(), 2);
    assert!(view.models.models[1].active, "the new version is in use");
    let recalibrated = view.done == Refreshed::Recalibrated;
    let [first, second] = [0, 1].map(|at| view.models.models[at].trained_ms);
    assert_eq!(first == second, recalibrated, "a correction does not make it younger");

    app.run(choose(ModelChoice::RollBack {})).unwrap();
    let pinned = app.run(RefreshScores::default()).unwrap_err();
    assert_eq!(pinned.code, ErrorCode::BadInput, "{pinned}");
    assert_eq!(app.run(ListModels::default()).unwrap().models.len(), 2);
}

#[test]
fn outcomes_that_come_late_are_new_and_so_are_changed_ones() {
    let app = office();
    app.run(TrainScores::default()).unwrap();
    let newest = || {
        let view = app.run(RefreshScores::default()).unwrap();
        assert_eq!(view.done, Refreshed::Kept, "they are few");
        view.newest
    };
    assert_eq!(newest(), 0);
    let open = app.run(ShowScores { limit: Some(1), ..ShowScores::default() }).unwrap().scores;
    let decide = |record: &str, stage: &str| {
        let (record, to) = (record.to_owned(), stage.to_owned());
        app.run(MoveRecord { entity: None, record: record.clone(), to, why: None }).unwrap();
        // Long before the last one that the model knows.
        let assignments = vec![Assignment::set("close_date", "2023-01-15")];
        app.run(SetFields { entity: None, record, assignments, why: None }).unwrap();
    };
    decide(&open[0].link.record.to_string(), "Closed won");
    assert_eq!(newest(), 1);
    let book = Book::read(&app, None).unwrap();
    let lost = book.deals.iter().find(|deal| deal.standing == Standing::Lost).unwrap();
    decide(&lost.id.to_string(), "Closed won");
    assert_eq!(newest(), 2);
    // A model of an earlier version does not say what it learned from: later ones are new.
    assert!(app.with(|replica| replica.drop_planning(kept::LEARNED, 1)).unwrap());
    assert_eq!(newest(), 0);
}

#[test]
fn a_model_that_was_changed_on_the_disk_is_refused() {
    let app = office();
    app.run(TrainScores::default()).unwrap();
    app.with(|replica| {
        let mut kept = replica.planning(kept::MODEL).unwrap();
        let last = kept[0].1.len() - 1;
        kept[0].1[last] ^= 1;
        replica.keep_planning(kept::MODEL, kept[0].0, &kept[0].1).unwrap();
    });
    let error = app.run(ShowScores::default()).unwrap_err();
    assert_eq!(error.code, ErrorCode::Damaged, "{error}");
}

#[test]
fn training_tells_how_far_it_is_and_ends_when_it_is_stopped() {
    let app = Arc::new(office());
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (worker, heard) = (Arc::downgrade(&app), Arc::clone(&told));
    app.watch_planning(Some(Arc::new(move |progress: crate::planning::PlanProgress| {
        heard.lock().unwrap().push((progress.what, progress.done, progress.total));
        if progress.done == 1 {
            worker.upgrade().unwrap().run(StopPlanning {}).unwrap();
        }
    })));
    assert_eq!(app.run(TrainScores::default()).unwrap_err().code, ErrorCode::Cancelled);
    let all = roadbook_planning::score::learner::Learner::candidates(1).len() + 1;
    let all = u64::try_from(all).unwrap();
    let first = [("train", 0, all), ("train", 1, all)];
    assert_eq!(*told.lock().unwrap(), first, "it ends before the next one");
    assert!(app.run(ListModels::default()).unwrap().models.is_empty(), "nothing was kept");
}

#[test]
fn a_model_that_is_pinned_during_training_stays_in_use() {
    let app = Arc::new(office());
    app.run(TrainScores::default()).unwrap();
    let worker = Arc::downgrade(&app);
    app.watch_planning(Some(Arc::new(move |progress: crate::planning::PlanProgress| {
        if progress.done == 1 {
            // Somebody else at the same time: a pin, and a training that ends first.
            let app = worker.upgrade().unwrap();
            app.watch_planning(None);
            app.run(choose(ModelChoice::Pin { version: 1 })).unwrap();
            assert_eq!(app.run(TrainScores::default()).unwrap().models.len(), 2);
        }
    })));
    let view = app.run(TrainScores::default()).unwrap();
    let versions: Vec<(u32, bool)> =
        view.models.iter().map(|model| (model.version, model.active)).collect();
    assert_eq!(versions, [(1, true), (2, false), (3, false)]);
    assert!(view.pinned);
    app.run(choose(ModelChoice::Pin { version: 3 })).unwrap();
    let scores = app.run(ShowScores::default()).unwrap();
    assert_eq!(scores.model.unwrap().version, 3, "it bears the number under which it is kept");
}

#[test]
fn stopped_planning_ends_and_bad_places_are_refused() {
    let app = office();
    app.watch_planning(Some(Arc::new({
        let stops = Arc::new(std::sync::atomic::AtomicU64::new(0));
        move |_| {
            stops.fetch_add(1, Ordering::Relaxed);
        }
    })));
    let stopped = app.desk.run(|watch| {
        app.run(StopPlanning {}).unwrap();
        watch.step("solve", 0, 1)
    });
    assert_eq!(stopped.unwrap_err().code, ErrorCode::Cancelled);
    assert!(app.desk.run(|watch| watch.step("solve", 0, 1)).is_ok(), "later work goes on");
    let place = |latitude: f64| Place { name: "Berlin".into(), latitude, longitude: 13.4 };
    assert!(app.run(KeepPlaces { places: vec![place(91.0)] }).is_err());
    assert!(app.run(KeepPlaces { places: vec![place(f64::NAN)] }).is_err());
    assert_eq!(app.run(KeepPlaces { places: vec![place(52.5)] }).unwrap().places, 1);
}

/// The office with four reps who have the deals in turn, as a synced device would know them.
pub(super) fn staffed() -> Book {
    let app = office();
    let mut book = Book::read(&app, None).unwrap();
    let text = |text: &str| Value::Text(text.to_owned());
    let rep = |n: u8| {
        let values = [("name", text(&format!("Rep {n}"))), ("role", text("Rep"))];
        Entry::made(Entity::User, n, &values)
    };
    let reps: Vec<Entry> = (1..=4).map(rep).collect();
    for (at, deal) in book.deals.iter_mut().enumerate() {
        deal.owner = Some(reps[at % 4].id);
    }
    book.hire(reps);
    let lead = |n: u8| {
        let values = [("name", text(&format!("Lead {n}"))), ("status", text("New"))];
        Entry::made(Entity::Lead, n, &values)
    };
    book.leads = (1..=10).map(lead).collect();
    book
}
