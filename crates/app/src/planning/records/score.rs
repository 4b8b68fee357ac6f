//! Scores of open deals with reasons and next steps, and the models of this device.
//!
//! A model learns from decided deals what was known the day before each was decided; amounts are
//! not read, because a lost deal often has none.

use jiff::civil::Date;
use roadbook_api::commands::planning::{
    ChooseModel, ListModels, RefreshScores, ShowScores, TrainScores,
};
use roadbook_api::views::planning::{
    ModelView, ModelsView, NextActionView, ReasonView, RefreshView, Refreshed, ScoreView,
    ScoresView,
};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::Entity;
use roadbook_planning::score::drift::Advice;
use roadbook_planning::score::explain::{
    Action, Change, Explanation, Reason, next_best_action, reasons,
};
use roadbook_planning::score::learner::Learner;
use roadbook_planning::score::model::{Registry, ScoreModel, TrainOptions, refresh, train_watched};
use roadbook_planning::score::priority::{Prospect, rank};
use roadbook_planning::score::validate::Pace;
use roadbook_replica::Replica;

use super::book::{Book, Deal, Standing};
use super::dates;
use super::kept;
use super::look::{Look, NUMBERS, phrases};
use crate::errors::{self, ApiResult, bad_input, not_found};
use crate::planning::PlanWatch;
use crate::planning::signed::{About, ModelKey, SignedModel, Trust, open};
use crate::planning::views::{self, TimeKind};
use crate::{App, Run, lookup};

/// Scores that are listed where nobody says how many.
const LIMIT: u32 = 20;
const MOST: u32 = 1_000;
/// Models that are kept; older ones go.
const MODELS: usize = 12;
const OUTCOME: &str = "the deal is won";

/// What a rep can do next, and what it costs in the currency of amounts.
fn actions() -> Vec<Action> {
    let action = |name: &str, feature: &str, cost: f64| Action {
        name: name.to_owned(),
        changes: vec![
            (feature.to_owned(), Change::Add(1.0)),
            ("quiet_days".to_owned(), Change::SetNumber(0.0)),
        ],
        cost,
    };
    vec![
        action("visit", "visits", 50.0),
        action("call", "calls", 5.0),
        action("e-mail", "mails", 1.0),
        action("meeting", "meetings", 50.0),
    ]
}

/// The key with which this device signs models.
fn key(replica: &Replica) -> ModelKey {
    ModelKey::from_seed(replica.model_seed())
}

fn registry(replica: &Replica) -> ApiResult<Registry> {
    let kept: Vec<(i64, Registry)> = kept::read(replica, kept::REGISTRY)?;
    Ok(kept.into_iter().next().map(|(_, registry)| registry).unwrap_or_default())
}

/// A model of this device; `None` where there is none of that version, or it was changed.
fn model(replica: &Replica, version: u32) -> ApiResult<Option<SignedModel>> {
    let kept = replica.planning(kept::MODEL).map_err(|error| errors::of_store(&error))?;
    let found = kept.into_iter().find(|(number, _)| *number == i64::from(version));
    let trust = Trust::Own(Some(key(replica).signer()));
    found.map(|(_, bytes)| open(&bytes, &trust)).transpose()
}

fn active(replica: &Replica) -> ApiResult<Option<SignedModel>> {
    match registry(replica)?.active() {
        Some(version) => model(replica, version),
        None => Ok(None),
    }
}

fn models(replica: &Replica) -> ApiResult<ModelsView> {
    let registry = registry(replica)?;
    let card = active(replica)?.map(|signed| card(&signed));
    let one = |entry: &roadbook_planning::score::model::Entry| ModelView {
        version: entry.version,
        trained_ms: entry.trained_at,
        auc: entry.auc,
        log_loss: entry.log_loss,
        active: registry.active() == Some(entry.version),
    };
    let models = registry.entries().iter().map(one).collect();
    Ok(ModelsView { models, pinned: registry.is_pinned(), card })
}

fn card(signed: &SignedModel) -> roadbook_api::views::planning::ModelCardView {
    let About { outcome, times, trained_ms } = &signed.about;
    views::card(&signed.model, outcome, *times, *trained_ms, &signed.signer.short())
}

/// The decided deals, each as it was the day before its decision.
struct Decided<'a> {
    deals: Vec<(&'a Deal, Date)>,
    won: Vec<bool>,
    /// When each was decided, in milliseconds.
    times: Vec<i64>,
}

impl<'a> Decided<'a> {
    fn of(book: &'a Book) -> ApiResult<Self> {
        let deals: Vec<(&Deal, Date)> = book
            .deals
            .iter()
            .filter_map(|deal| Some((deal, deal.decided()?.yesterday().ok()?)))
            .filter(|(_, day)| *day <= book.today)
            .collect();
        if deals.is_empty() {
            let remedy = "close deals as won and lost first, with their dates";
            return Err(bad_input("deals", "none is decided yet", remedy));
        }
        let won = deals.iter().map(|(deal, _)| deal.standing == Standing::Won).collect();
        let time = |(_, day): &(&Deal, Date)| i64::from(dates::number(*day)) * 86_400_000;
        let times = deals.iter().map(time).collect();
        Ok(Self { deals, won, times })
    }
}

/// Tells how far training is; stops it where somebody stopped planning.
fn pace(watch: &PlanWatch<'_>, done: usize, all: usize) -> Pace {
    match watch.step("train", done, all) {
        Ok(()) => Pace::Go,
        Err(_) => Pace::Stop,
    }
}

fn options(registry: &Registry, trained_at: i64) -> TrainOptions {
    TrainOptions {
        version: registry.entries().last().map_or(0, |entry| entry.version) + 1,
        trained_at,
        candidates: Learner::candidates(1),
        segments: vec!["territory".to_owned(), "industry".to_owned()],
    }
}

impl Run<TrainScores> for App {
    fn run(&self, _: TrainScores) -> ApiResult<ModelsView> {
        let book = Book::read(self, None)?;
        let look = Look::new(&book);
        let decided = Decided::of(&book)?;
        let trained_ms = book.as_of.at_ms;
        let before = self.with(|replica| registry(replica))?;
        let options = options(&before, trained_ms);
        let model = self.desk.run(|watch| {
            let data = look.dataset(&decided.deals)?;
            let all = options.candidates.len() + 1;
            let pace = |done| pace(watch, done, all);
            let model = train_watched(&data, &decided.won, &decided.times, &options, &pace)
                .map_err(|error| views::of_score(&error))?;
            watch.step("train", all, all)?;
            Ok::<_, ApiError>(model)
        })?;
        let about = About { outcome: OUTCOME.to_owned(), times: TimeKind::Date, trained_ms };
        self.with(|replica| keep(replica, before, &about, &model))
    }
}

impl Run<RefreshScores> for App {
    fn run(&self, _: RefreshScores) -> ApiResult<RefreshView> {
        let (before, signed) =
            self.with(|replica| Ok::<_, ApiError>((registry(replica)?, active(replica)?)))?;
        let Some(signed) = signed else {
            return Err(ApiError::new(ErrorCode::NotFound, "no model is trained yet; train one"));
        };
        if before.is_pinned() {
            let message = "the model in use is pinned: what is learned would not be used";
            return Err(bad_input("model", message, "follow the newest again first"));
        }
        let book = Book::read(self, None)?;
        let look = Look::new(&book);
        let decided = Decided::of(&book)?;
        let options = options(&before, book.as_of.at_ms);
        let found = self.desk.run(|watch| {
            let data = look.dataset(&decided.deals)?;
            let all = options.candidates.len() + 1;
            let pace = |done| pace(watch, done, all);
            let found =
                refresh(&signed.model, &data, &decided.won, &decided.times, &options, &pace)
                    .map_err(|error| views::of_score(&error))?;
            watch.step("train", all, all)?;
            Ok::<_, ApiError>(found)
        })?;
        let (newest, done) = (found.newest as u64, refreshed(found.done));
        let models = match found.model {
            None => self.with(|replica| models(replica))?,
            Some(model) => {
                // What it learned from stays as old as it is where only the correction is new.
                let trained_ms = match done {
                    Refreshed::Recalibrated => signed.about.trained_ms,
                    Refreshed::Kept | Refreshed::Retrained => options.trained_at,
                };
                let about = About { trained_ms, ..signed.about };
                self.with(|replica| keep(replica, before, &about, &model))?
            }
        };
        Ok(RefreshView { newest, done, models })
    }
}

const fn refreshed(done: Advice) -> Refreshed {
    match done {
        Advice::Keep => Refreshed::Kept,
        Advice::Recalibrate => Refreshed::Recalibrated,
        Advice::Retrain => Refreshed::Retrained,
    }
}

fn keep(
    replica: &mut Replica,
    mut registry: Registry,
    about: &About,
    model: &ScoreModel,
) -> ApiResult<ModelsView> {
    let bytes = key(replica).seal(about, model)?;
    registry.add(model).map_err(|error| views::of_score(&error))?;
    let version = i64::from(model.card().version);
    replica
        .keep_planning(kept::MODEL, version, &bytes)
        .map_err(|error| errors::of_store(&error))?;
    let surplus = registry.entries().len().saturating_sub(MODELS);
    let old: Vec<u32> = registry.entries().iter().take(surplus).map(|e| e.version).collect();
    for version in old {
        // The one in use stays, however old.
        if registry.forget(version) {
            replica
                .drop_planning(kept::MODEL, i64::from(version))
                .map_err(|error| errors::of_store(&error))?;
        }
    }
    kept::write(replica, kept::REGISTRY, 0, &registry)?;
    models(replica)
}

impl Run<ListModels> for App {
    fn run(&self, _: ListModels) -> ApiResult<ModelsView> {
        self.with(|replica| models(replica))
    }
}

impl Run<ChooseModel> for App {
    fn run(&self, command: ChooseModel) -> ApiResult<ModelsView> {
        self.with(|replica| {
            let mut registry = registry(replica)?;
            match command {
                ChooseModel::Pin { version } => registry
                    .pin(version)
                    .map_err(|_| not_found("model of version", &version.to_string()))?,
                ChooseModel::Unpin {} => registry.unpin(),
                ChooseModel::RollBack {} => {
                    registry.roll_back().map(drop).map_err(|_| {
                        let message = "there is no older model to go back to; train one first";
                        ApiError::new(ErrorCode::NotFound, message)
                    })?;
                }
            }
            kept::write(replica, kept::REGISTRY, 0, &registry)?;
            models(replica)
        })
    }
}

impl Run<ShowScores> for App {
    fn run(&self, command: ShowScores) -> ApiResult<ScoresView> {
        let limit = command.limit.unwrap_or(LIMIT);
        if limit > MOST {
            return Err(bad_input("limit", "is too high", &format!("ask for {MOST} at most")));
        }
        let book = Book::read(self, command.today.as_deref())?;
        let (signed, record, owner) = self.with(|replica| {
            let deal = |text: &String| lookup::record(replica, Some(Entity::Opportunity), text);
            let record = command.record.as_ref().map(deal).transpose()?.map(|row| row.record);
            let owner = match command.owner.as_deref() {
                None => None,
                Some(text) => {
                    lookup::reference(replica, "owner", Some(Entity::User), text)?.as_reference()
                }
            };
            Ok::<_, ApiError>((active(replica)?, record, owner))
        })?;
        let wanted = |deal: &&Deal| {
            deal.standing == Standing::Open
                && record.is_none_or(|record| deal.id == record)
                && owner.is_none_or(|owner| deal.owner == Some(owner))
        };
        let open: Vec<&Deal> = book.deals.iter().filter(wanted).collect();
        if let (Some(record), true) = (record, open.is_empty()) {
            let name = book.name(Some(record));
            return Err(bad_input("record", &format!("`{name}` is decided"), "name an open deal"));
        }
        self.desk.run(|watch| scores(&book, &open, signed.as_ref(), limit, watch))
    }
}

fn scores(
    book: &Book,
    open: &[&Deal],
    signed: Option<&SignedModel>,
    limit: u32,
    watch: &PlanWatch<'_>,
) -> ApiResult<ScoresView> {
    let look = Look::new(book);
    let rates = book.rates(book.today);
    let mut all = Vec::with_capacity(open.len());
    for (at, deal) in open.iter().enumerate() {
        if at % 64 == 0 {
            watch.step("score", at, open.len())?;
        }
        all.push(match signed {
            Some(signed) => by_model(&look, &signed.model, deal)?,
            None => by_rates(&look, &rates, deal),
        });
    }
    let prospects: Vec<Prospect> = open
        .iter()
        .zip(&all)
        .map(|(deal, score)| {
            let quiet = look.number(deal, "quiet_days", book.today);
            let quiet = if quiet.is_nan() { f64::from(deal.age(book.today)) } else { quiet };
            let left = deal.close.map_or(90.0, |day| f64::from(dates::between(book.today, day)));
            Prospect {
                probability: score.probability,
                amount_minor: whole(score.amount * 100.0),
                days_left: left,
                days_quiet: quiet,
            }
        })
        .collect();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let ranked = rank(&prospects).into_iter().take(limit).map(|place| ScoreView {
        urgency: place.urgency,
        value: place.value / 100.0,
        ..all[place.record].clone()
    });
    let drift = match signed {
        Some(signed) if !open.is_empty() => {
            let today: Vec<(&Deal, Date)> = open.iter().map(|deal| (*deal, book.today)).collect();
            let data = look.dataset(&today)?;
            let found = signed.model.drift(&data, None).map_err(|e| views::of_score(&e))?;
            Some(views::drift(&found))
        }
        Some(_) | None => None,
    };
    Ok(ScoresView {
        as_of: book.as_of.clone(),
        currency: book.currency.as_str().to_owned(),
        model: signed.map(card),
        drift,
        total: all.len() as u64,
        scores: ranked.collect(),
    })
}

#[allow(clippy::cast_possible_truncation, reason = "the cast saturates far beyond any deal")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

#[allow(clippy::cast_possible_truncation, reason = "a percentage")]
fn percent(probability: f64) -> i32 {
    (100.0 * probability).round() as i32
}

fn view(look: &Look<'_>, deal: &Deal, probability: f64) -> ScoreView {
    let book = look.book;
    let amount = book.worth(deal);
    ScoreView {
        link: book.link(deal.id, Entity::Opportunity),
        owner: book.name(deal.owner),
        stage: book.stages[deal.stage].name.to_owned(),
        amount,
        probability,
        percent: percent(probability),
        base_percent: 0,
        reasons: Vec::new(),
        next: None,
        expected: probability * amount,
        urgency: 1.0,
        value: 0.0,
    }
}

fn by_model(look: &Look<'_>, model: &ScoreModel, deal: &Deal) -> ApiResult<ScoreView> {
    let schema = model.schema();
    let cells = look.cells(schema, deal, look.book.today);
    let row = schema.row(&cells).map_err(|error| views::of_score(&error))?;
    let told = model.explain(&row).map_err(|error| views::of_score(&error))?;
    let mut out = view(look, deal, told.probability);
    out.base_percent = told.base_percent;
    out.percent = told.base_percent + told.points.iter().sum::<i32>();
    let reason = |reason: Reason| ReasonView {
        feature: schema.features[reason.feature].name.clone(),
        text: reason.text,
        points: reason.points,
    };
    let phrases = phrases();
    let all = reasons(&told, schema, &cells, &phrases, schema.features.len());
    out.reasons = all.into_iter().map(reason).collect();
    out.next = next(look, model, deal, &row, &told);
    Ok(out)
}

fn next(
    look: &Look<'_>,
    model: &ScoreModel,
    deal: &Deal,
    row: &[f64],
    now: &Explanation,
) -> Option<NextActionView> {
    let actions = actions();
    let found = next_best_action(model, row, look.book.worth(deal), &actions)?;
    if percent(found.probability_then) <= percent(now.probability) {
        return None;
    }
    let name = &model.schema().features[found.because].name;
    let known = NUMBERS.iter().find(|feature| feature.name == name);
    let because = match known.map(|feature| (feature.name, row[found.because])) {
        Some(("quiet_days", days)) if !days.is_nan() => format!("no contact for {days} days"),
        Some(("quiet_days", _)) => "no contact yet".to_owned(),
        Some((_, count)) if count.is_nan() => {
            known.map(|feature| feature.missing.to_owned()).unwrap_or_default()
        }
        _ => format!("deals with more {name} were won more often"),
    };
    Some(NextActionView {
        action: actions[found.action].name.clone(),
        percent: percent(found.probability_then),
        gain: found.gain,
        because,
    })
}

/// The score where there is no model: the win rate of stage and age.
fn by_rates(
    look: &Look<'_>,
    rates: &roadbook_planning::pipeline::WinRates,
    deal: &Deal,
) -> ScoreView {
    let age = deal.age(look.book.today);
    let probability = rates.probability(deal.stage, f64::from(age));
    let mut out = view(look, deal, probability);
    out.base_percent = percent(rates.of_stage(deal.stage));
    let points = out.percent - out.base_percent;
    if points != 0 {
        let sign = if points < 0 { '\u{2212}' } else { '+' };
        out.reasons.push(ReasonView {
            feature: "age_days".to_owned(),
            text: format!("open for {age} days {sign}{}", points.abs()),
            points,
        });
    }
    out
}
