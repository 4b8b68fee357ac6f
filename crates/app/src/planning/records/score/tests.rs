//! A desk whose leads come from three sources over most of a year: what scoring says about them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::civil::Date;
use roadbook_api::ErrorCode;
use roadbook_api::commands::planning::{
    ChooseModel, ListModels, ModelChoice, RefreshScores, Scored, ShowScores, TrainScores,
};
use roadbook_api::commands::writes::{LogActivity, MoveRecord, SetFields};
use roadbook_api::views::planning::{ScoreView, ScoresView};
use roadbook_domain::{Entity, RecordId};

use super::subject::Subjects as _;
use crate::Run as _;
use crate::host::tests::{SharedHost, TestHost};
use crate::planning::records::book::Book;
use crate::planning::records::lead::Lead;
use crate::planning::records::look::{Leads, Look};
use crate::planning::records::{dates, kept};
use crate::testing::{self, TestApp, assignments, create};

const DAY: i64 = 86_400_000;
/// How many days after it came a lead is decided.
const WAITS: usize = 4;
/// Of eight leads of a source so many are qualified.
const SOURCES: [(&str, usize); 3] = [("Referral", 7), ("Fair", 4), ("Bought list", 1)];

/// A device and its clock.
struct Desk {
    app: TestApp,
    clock: Arc<TestHost>,
    /// The leads in the order in which they came; the last ones are open.
    leads: Vec<RecordId>,
}

impl Desk {
    fn empty() -> Self {
        let clock = Arc::new(TestHost::new());
        let app = testing::device_with(0, "Ben", "Rep", Box::new(SharedHost(Arc::clone(&clock))));
        Self { app, clock, leads: Vec::new() }
    }

    /// A lead a day, each from the next source; all but the last ones are decided.
    fn of(days: usize) -> Self {
        let mut desk = Self::empty();
        for day in 0..days {
            let (source, _) = SOURCES[day % 3];
            let name = format!("name=Lead {day}");
            let source = format!("source={source}");
            let lead =
                create(&desk.app, "lead", &[&name, &source, "owner=me", "emails=a@b.example"]);
            desk.leads.push(lead);
            if let Some(old) = day.checked_sub(WAITS) {
                let (_, good) = SOURCES[old % 3];
                // Spread over the year, and not by the source alone.
                let is_good = (old / 3 * 3) % 8 < good;
                let status = if is_good { "Qualified" } else { "Unqualified" };
                desk.move_to(desk.leads[old], status);
            }
            desk.pass(1);
        }
        desk
    }

    fn pass(&self, days: i64) {
        self.clock.0.fetch_add(days * DAY, Ordering::Relaxed);
    }

    fn move_to(&self, lead: RecordId, to: &str) {
        let record = lead.to_string();
        self.app.run(MoveRecord { entity: None, record, to: to.into(), why: None }).unwrap();
    }

    fn log(&self, lead: RecordId, kind: &str) {
        let command = LogActivity {
            kind: kind.into(),
            entity: None,
            record: lead.to_string(),
            assignments: Vec::new(),
            why: None,
        };
        self.app.run(command).unwrap();
    }

    fn set(&self, lead: RecordId, texts: &[&str]) {
        let (record, assignments) = (lead.to_string(), assignments(texts));
        self.app.run(SetFields { entity: None, record, assignments, why: None }).unwrap();
    }

    fn scores(&self) -> ScoresView {
        let asked = ShowScores { what: Scored::Leads, limit: Some(100), ..ShowScores::default() };
        self.app.run(asked).unwrap()
    }

    fn score_of(&self, lead: RecordId) -> ScoreView {
        self.scores().scores.into_iter().find(|score| score.link.record == lead).unwrap()
    }

    fn train(&self) {
        self.app.run(TrainScores { what: Scored::Leads }).unwrap();
    }

    /// The features of a lead on the day before it was decided, as words.
    fn features(&self, lead: RecordId) -> Vec<(String, String)> {
        let book = Book::read(&self.app, None).unwrap();
        let leads = Leads::new(&book);
        let lead = leads.all.iter().find(|one| one.entry.id == lead).unwrap();
        let day = lead.decided.map_or(book.today, |(day, _)| day).yesterday().unwrap();
        let words = Leads::CATEGORIES.iter().map(|feature| {
            let value = leads.category(lead, feature.name);
            (feature.name.to_owned(), value.unwrap_or_default())
        });
        let numbers = Leads::NUMBERS.iter().map(|feature| {
            let value = leads.number(lead, feature.name, day);
            (feature.name.to_owned(), value.to_string())
        });
        words.chain(numbers).collect()
    }
}

fn points(score: &ScoreView) -> i32 {
    score.reasons.iter().map(|reason| reason.points).sum()
}

#[test]
fn a_tree_tells_the_way_of_a_lead() {
    use roadbook_planning::score::learner::Learner;
    use roadbook_planning::score::model::{TrainOptions, train};
    use roadbook_planning::score::tree::TreeSettings;

    let desk = Desk::of(120);
    let book = Book::read(&desk.app, None).unwrap();
    let leads = Leads::new(&book);
    let decided = leads.all().iter().filter_map(|lead| {
        let (day, is_good) = Leads::decided(lead)?;
        Some(((lead, day.yesterday().ok()?), is_good))
    });
    let (rows, good): (Vec<(&Lead, Date)>, Vec<bool>) = decided.unzip();
    let times: Vec<i64> = (0..).take(rows.len()).collect();
    let options = TrainOptions {
        version: 1,
        trained_at: 0,
        candidates: vec![Learner::Tree(TreeSettings { depth: 2, leaf_rows: 5 })],
        segments: vec![],
    };
    let model = train(&leads.dataset(&rows).unwrap(), &good, &times, &options).unwrap();
    let told = super::told::by_model(&leads, &model, rows[0].0).unwrap();
    assert!(!told.path.is_empty() && told.path.len() <= 2, "{:?}", told.path);
    assert!(told.path[0].contains("source is"), "what sets leads apart: {:?}", told.path);
    assert!(desk.scores().scores.iter().all(|score| score.path.is_empty()), "no model, no tree");
}

#[test]
fn without_a_model_a_lead_has_the_share_of_its_source_drawn_to_that_of_all() {
    let desk = Desk::of(60);
    let view = desk.scores();
    assert!(view.model.is_none() && view.drift.is_none());
    assert_eq!((view.total, view.scores.len()), (4, 4));
    let book = Book::read(&desk.app, None).unwrap();
    let leads = Leads::new(&book);
    let share = |wanted: Option<&str>| {
        let decided = leads.all.iter().filter(|lead| lead.decided.is_some());
        let found: Vec<&Lead<'_>> =
            decided.filter(|lead| wanted.is_none() || lead.source() == wanted).collect();
        let good = found.iter().filter(|lead| lead.status == "Qualified").count();
        (good as f64, found.len() as f64)
    };
    let (good, all) = share(None);
    assert!((all - 56.0).abs() < 1e-9, "four are open");
    let usual = (good + 1.0) / (all + 2.0);
    for score in &view.scores {
        let source = book.leads.iter().find(|lead| lead.id == score.link.record).unwrap();
        let (good, all) = share(source.text("source"));
        let expected = (good + 20.0 * usual) / (all + 20.0);
        assert!((score.probability - expected).abs() < 1e-9, "{score:?}");
        assert_eq!(score.base_percent + points(score), score.percent, "{score:?}");
        assert!(score.reasons.iter().all(|reason| reason.text.contains("source ")), "{score:?}");
        assert_eq!((score.link.entity, score.stage.as_str()), (Entity::Lead, "New"));
        assert!((score.amount - 500.0).abs() < 1e-9, "half of the usual 1,000 without deals");
        assert!((score.expected - score.probability * score.amount).abs() < 1e-9);
    }
    let new = create(&desk.app, "lead", &["name=Nobody knows", "owner=me"]);
    let score = desk.score_of(new);
    assert_eq!((score.percent, score.reasons.len()), (score.base_percent, 0), "{score:?}");
}

#[test]
fn a_model_learns_which_source_brings_leads_that_are_qualified() {
    let desk = Desk::of(244);
    desk.train();
    let view = desk.scores();
    let card = view.model.as_ref().unwrap();
    assert_eq!((card.outcome.as_str(), card.rows), ("the lead is qualified", 240));
    assert!(view.drift.is_some());
    assert!(view.scores.windows(2).all(|pair| pair[0].value >= pair[1].value), "best first");
    for score in &view.scores {
        assert_eq!(score.base_percent + points(score), score.percent, "{score:?}");
        assert!(score.urgency < 1.4, "without a close date only silence presses");
    }
    let by_source = |source: &str| {
        let book = Book::read(&desk.app, None).unwrap();
        let is_open = |lead: &&Lead<'_>| lead.decided.is_none() && lead.source() == Some(source);
        let leads = Leads::new(&book);
        let lead = leads.all.iter().find(is_open).unwrap().entry.id;
        desk.score_of(lead)
    };
    let (best, middle, worst) =
        (by_source("Referral"), by_source("Fair"), by_source("Bought list"));
    assert!(best.percent > middle.percent + 10, "{best:?} {middle:?}");
    assert!(middle.percent > worst.percent + 10, "{middle:?} {worst:?}");
    assert!(best.reasons.iter().any(|reason| reason.text.starts_with("source Referral +")));
    assert!(
        worst.reasons.iter().any(|reason| reason.text.starts_with("source Bought list \u{2212}"))
    );
}

#[test]
fn models_of_leads_and_of_deals_are_kept_apart() {
    let desk = Desk::of(124);
    desk.train();
    desk.train();
    let list = |what: Scored| desk.app.run(ListModels { what }).unwrap();
    assert_eq!((list(Scored::Leads).models.len(), list(Scored::Deals).models.len()), (2, 0));
    let bytes = |kind: &str| desk.app.with(|replica| replica.planning(kind)).unwrap().len();
    assert_eq!((bytes(kept::LEAD_MODEL), bytes(kept::MODEL)), (2, 0));
    let choose = |what: Scored, choice: ModelChoice| desk.app.run(ChooseModel { what, choice });
    let none = choose(Scored::Deals, ModelChoice::RollBack {}).unwrap_err();
    assert_eq!(none.code, ErrorCode::NotFound, "{none}");
    assert!(choose(Scored::Leads, ModelChoice::RollBack {}).unwrap().models[0].active);
    let refresh = |what: Scored| desk.app.run(RefreshScores { what });
    let pinned = refresh(Scored::Leads).unwrap_err();
    assert_eq!(pinned.code, ErrorCode::BadInput, "{pinned}");
    assert!(choose(Scored::Leads, ModelChoice::Unpin {}).unwrap().models[1].active);
    assert_eq!(refresh(Scored::Leads).unwrap().newest, 0);
    assert_eq!(refresh(Scored::Deals).unwrap_err().code, ErrorCode::NotFound);
    let deals = desk.app.run(ShowScores::default()).unwrap();
    assert!(deals.model.is_none() && deals.total == 0);
}

#[test]
fn leads_decided_later_on_the_day_of_training_are_new() {
    let desk = Desk::of(124);
    let open = &desk.leads[120..];
    desk.move_to(open[0], "Qualified");
    desk.train();
    let newest = || desk.app.run(RefreshScores { what: Scored::Leads }).unwrap().newest;
    assert_eq!(newest(), 0);
    desk.move_to(open[1], "Unqualified");
    desk.move_to(open[2], "Qualified");
    assert_eq!(newest(), 2);
}

#[test]
fn what_came_with_a_decision_or_after_it_is_not_learned_from() {
    let desk = Desk::empty();
    let first = create(&desk.app, "lead", &["name=First", "source=Fair"]);
    desk.pass(5);
    let lead = create(&desk.app, "lead", &["name=Second", "source=Fair"]);
    desk.log(lead, "Call");
    desk.pass(10);
    desk.move_to(lead, "Working");
    desk.pass(10);
    let account = create(&desk.app, "account", &["name=Acme"]);
    let deal = create(&desk.app, "opportunity", &["name=Deal", &format!("account={account}")]);
    // On the day of the decision: the visit in which it was told.
    desk.log(lead, "Visit");
    desk.move_to(lead, "Qualified");
    let on_the_day = desk.features(lead);
    let value = |name: &str| {
        let found = on_the_day.iter().find(|(feature, _)| feature == name).unwrap();
        found.1.clone()
    };
    assert_eq!(
        (value("visits"), value("calls"), value("quiet_days")),
        ("NaN".into(), "1".into(), "19".into())
    );
    assert_eq!(value("age_days"), "19", "the day before it was decided");
    for feature in ["status", "status_history", "unqualified_reason", "converted_to"] {
        assert!(on_the_day.iter().all(|(name, _)| name != feature), "{feature} is no feature");
    }
    desk.pass(1);
    desk.set(lead, &[&format!("converted_to={deal}"), "unqualified_reason=none"]);
    desk.log(lead, "Meeting");
    desk.log(lead, "Call");
    desk.pass(30);
    desk.move_to(first, "Unqualified");
    let other = create(&desk.app, "lead", &["name=Third", "source=Fair"]);
    desk.move_to(other, "Qualified");
    desk.pass(30);
    assert_eq!(desk.features(lead), on_the_day, "what came later changes nothing");
}

#[test]
fn experience_with_a_source_is_what_was_decided_before_a_lead_came() {
    let desk = Desk::of(40);
    let before = desk.features(desk.leads[30]);
    let count = |name: &str| -> f64 {
        before.iter().find(|(feature, _)| feature == name).unwrap().1.parse().unwrap()
    };
    // Of the leads before it those of its source had been decided, but for the newest.
    let known = (0..30 - WAITS).filter(|at| at % 3 == 0).count() as f64;
    let counted = count("qualified_before") + count("unqualified_before");
    assert!((counted - known).abs() < 1e-9, "{counted} of {known}");
    desk.pass(90);
    let late = create(&desk.app, "lead", &["name=Late", "source=Referral"]);
    let late = desk.features(late);
    let value = |name: &str| late.iter().find(|(feature, _)| feature == name).unwrap().1.clone();
    assert_eq!(value("qualified_before"), "0", "what is long past does not count");
}

#[test]
fn a_record_says_itself_what_it_is_and_what_has_no_score_is_refused_with_a_remedy() {
    let desk = Desk::of(8);
    let account = create(&desk.app, "account", &["name=Acme"]);
    let values = ["name=Deal", "stage=Proposal", &format!("account={account}"), "owner=me"];
    let deal = create(&desk.app, "opportunity", &values);
    let ask = |what: Scored, record: &str| {
        let record = Some(record.to_owned());
        desk.app.run(ShowScores { what, record, ..ShowScores::default() })
    };
    let open = desk.leads[7].to_string();
    for (what, text, entity) in [
        (Scored::Deals, open.as_str(), Entity::Lead),
        (Scored::Leads, "Lead 7", Entity::Lead),
        (Scored::Deals, "Lead 7", Entity::Lead),
        (Scored::Leads, &deal.to_string(), Entity::Opportunity),
        (Scored::Deals, "Deal", Entity::Opportunity),
    ] {
        let view = ask(what, text).unwrap();
        assert_eq!((view.total, view.scores[0].link.entity), (1, entity), "{text}");
    }
    let refused = |record: &str, problem: &str, remedy: &str| {
        let error = ask(Scored::Deals, record).unwrap_err();
        assert_eq!(error.code, ErrorCode::BadInput, "{error}");
        assert!(error.fields[0].problem.contains(problem), "{error}");
        assert_eq!(error.fields[0].remedy, remedy, "{error}");
    };
    refused(&desk.leads[0].to_string(), "`Lead 0` is decided", "name an open lead");
    refused(&account.to_string(), "no deal and no lead", "name an open deal or an open lead");
    assert_eq!(ask(Scored::Leads, "No such lead").unwrap_err().code, ErrorCode::NotFound);
    let mine =
        ShowScores { what: Scored::Leads, owner: Some("me".into()), ..ShowScores::default() };
    assert_eq!(desk.app.run(mine).unwrap().total, 4);
}

#[test]
fn an_earlier_day_knows_nothing_of_what_came_after_it() {
    let desk = Desk::of(20);
    let book = Book::read(&desk.app, None).unwrap();
    let day = |at: usize| -> Date { dates::of_ms(desk.leads[at].made_ms()) };
    let then = |at: usize, asked: usize| {
        let entry = book.leads.iter().find(|entry| entry.id == desk.leads[at]).unwrap();
        Lead::of(entry, Some(day(asked)))
    };
    assert!(then(10, 9).is_none(), "it had not come");
    let open = then(10, 10 + WAITS - 1).unwrap();
    assert_eq!((open.status.as_str(), open.decided), ("New", None));
    let decided = then(10, 10 + WAITS).unwrap();
    assert_eq!(decided.decided.map(|(on, _)| on), Some(day(10 + WAITS)));
    let asked = ShowScores {
        what: Scored::Leads,
        today: Some(day(10).to_string()),
        ..ShowScores::default()
    };
    let view = desk.app.run(asked).unwrap();
    assert_eq!(view.total, 4, "the newest four of eleven");
}

#[test]
fn a_device_without_decided_leads_is_told_what_is_missing() {
    let desk = Desk::of(3);
    let error = desk.app.run(TrainScores { what: Scored::Leads }).unwrap_err();
    assert_eq!(error.code, ErrorCode::BadInput, "{error}");
    assert!(error.message.contains("Qualified and Unqualified"), "{error}");
    assert_eq!(desk.scores().scores[0].percent, 50, "nothing speaks for or against it");
}
