//! Planning as an example: a quarter of a small company, its scores, plans and a day's route.
//! Long because it is one example, whose numbers must fit each other.

use roadbook_api::commands::planning::{ListModels, Scored, ShowScores};
use roadbook_api::views::RecordLink;
use roadbook_api::views::planning::{
    AccuracyView, AdjustmentView, AsOfView, AssignedLeadView, AssignmentView, BandPointView,
    BarView, CalibrationBinView, CandidateView, DealPartView, DriftView, ForecastView, MetricsView,
    ModelCardView, ModelView, ModelsView, MovedView, NextActionView, OutlookView, PointView,
    QualityView, QuotaCellView, QuotaRepView, QuotaTotalView, QuotasView, ReasonView, RepLoadView,
    RollUpRowView, RouteStopView, RouteView, ScoreView, ScoresView, SegmentView, SeriesView,
    SnapshotAccuracyView, StageRateView, TerritoriesView, TerritoryAccountView, TerritoryRepView,
    WaterfallPartView, WaterfallView,
};
use roadbook_domain::{Entity, RecordId};

use super::link;
use super::work::{is_lead, read, written};
use crate::bridge::script::ScriptWire;
use crate::words::Wall;

const DAY: i64 = 86_400_000;

/// As of when everything here is.
#[must_use]
pub fn as_of(wall: Wall) -> AsOfView {
    AsOfView {
        at_ms: wall.now_ms,
        today: wall.today().to_string(),
        synced_ms: Some(wall.now_ms - 120_000),
        unsent: 3,
        records: 1_284,
        disputed: 2,
    }
}

fn rep(number: u8) -> RecordLink {
    let names = ["Ana Lindqvist", "Ben Okafor", "Cleo Marchand", "Dmitri Wiśniewski-Baumgartner"];
    link(40 + number, Entity::User, names[usize::from(number) % names.len()])
}

fn deal(number: u8, title: &str) -> RecordLink {
    link(20 + number, Entity::Opportunity, title)
}

const DEALS: [(&str, &str, f64, f64); 6] = [
    ("Ward tablets", "Proposal", 40_000.0, 0.62),
    ("Renewal 2027", "Negotiation", 14_000.0, 0.78),
    ("Cold chain pilot", "Qualification", 8_500.0, 0.12),
    ("Fleet telematics roll-out, second wave", "Proposal", 62_000.0, 0.41),
    ("Site survey", "Prospecting", 3_200.0, 0.06),
    ("Berth scheduling", "Negotiation", 27_500.0, 0.55),
];

/// A forecast with something in every part.
#[must_use]
pub fn forecast(wall: Wall) -> ForecastView {
    ForecastView {
        as_of: as_of(wall),
        currency: "EUR".into(),
        other_currencies: 2,
        undated: 4,
        quarter: "2026-Q4".into(),
        first: "2026-10-01".into(),
        last: "2026-12-31".into(),
        revenue: SeriesView { depth: 0, ..series("All", 1.0) },
        products: vec![series("Telematics", 0.6), series("Tablets", 0.4)],
        people: people(),
        teams: vec![series("Field", 0.7), series("Inside", 0.3)],
        outlook: outlook(),
        stages: stages(),
        decided: 412,
        roll_up: roll_up(),
        adjustments: vec![AdjustmentView {
            number: 1,
            link: Some(rep(1)),
            category: "commit".into(),
            amount: -12_000.0,
            why: "Their board meets in January only".into(),
            at_ms: wall.now_ms - 2 * DAY,
            quarter: "2026-Q4".into(),
        }],
        waterfall: weeks(),
        accuracy: accuracy(),
    }
}

/// A forecast of a device with nothing on it.
#[must_use]
pub fn empty_forecast(wall: Wall) -> ForecastView {
    let full = forecast(wall);
    ForecastView {
        revenue: SeriesView { history: vec![], forecast: vec![], ..full.revenue },
        products: vec![],
        people: vec![],
        teams: vec![],
        stages: vec![],
        decided: 0,
        roll_up: vec![],
        adjustments: vec![],
        waterfall: vec![],
        ..full
    }
}

/// A territory with two people, and one with one.
fn people() -> Vec<SeriesView> {
    let person = |number: u8, share: f64| SeriesView {
        depth: 2,
        link: Some(rep(number)),
        ..series(&rep(number).title, share)
    };
    vec![series("North", 0.7), person(0, 0.4), person(1, 0.3), series("South", 0.3), person(2, 0.3)]
}

fn series(label: &str, share: f64) -> SeriesView {
    let months =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = |at: usize| {
        let (year, month) = (2025 + at / 12, at % 12);
        (format!("{year}-{:02}-01", month + 1), format!("{} {year}", months[month]))
    };
    let season = [52.0, 55.0, 71.0, 60.0, 58.0, 77.0, 49.0, 44.0, 80.0, 66.0, 70.0, 94.0];
    let value = |at: usize| share * 1_000.0 * (season[at % 12] + at as f64);
    let history = (0..23).map(|at| {
        let (date, label) = month(at);
        PointView { date, label, value: value(at), repaired: at == 7 || at == 22 }
    });
    let forecast = (22..28).map(|at| {
        let (date, label) = month(at);
        let (mean, width) = (value(at), share * (9_000.0 + 1_200.0 * (at - 22) as f64));
        BandPointView {
            date,
            label,
            mean,
            lo80: mean - width,
            hi80: mean + width,
            lo95: mean - 1.6 * width,
            hi95: mean + 1.6 * width,
        }
    });
    SeriesView {
        label: label.to_owned(),
        link: None,
        depth: 1,
        history: history.collect(),
        forecast: forecast.collect(),
        model: "Combination of ETS and Theta".into(),
        notes: vec!["Aug 2025: a month of zeros between sales: taken as not known".into()],
    }
}

fn outlook() -> OutlookView {
    let shares = [0.01, 0.04, 0.09, 0.15, 0.19, 0.18, 0.14, 0.1, 0.06, 0.03, 0.01];
    let bars = shares.iter().enumerate().map(|(at, share)| {
        let lower = 180_000.0 + 16_000.0 * at as f64;
        BarView { lower, upper: lower + 16_000.0, share: *share }
    });
    let part = |(at, (title, stage, amount, within)): (u8, &(&str, &str, f64, f64))| DealPartView {
        link: deal(at, title),
        stage: (*stage).to_owned(),
        amount: *amount,
        age_days: 40 + i64::from(at) * 9,
        probability: (within + 0.1).min(1.0),
        within: *within,
        expected: amount * within,
    };
    let mut deals: Vec<DealPartView> = (0_u8..).zip(&DEALS).map(part).collect();
    deals.sort_by(|a, b| b.expected.total_cmp(&a.expected));
    OutlookView {
        won: 171_500.0,
        weighted: 268_000.0,
        mean: 262_400.0,
        median: 260_900.0,
        lo80: 224_000.0,
        hi80: 304_000.0,
        lo95: 203_000.0,
        hi95: 329_000.0,
        new_business: 18_200.0,
        reach: Some(0.21),
        bars: bars.collect(),
        deals,
    }
}

fn stages() -> Vec<StageRateView> {
    let rows = [
        ("Prospecting", 0.1, 0.06, 9, 61_000.0),
        ("Qualification", 0.2, 0.17, 7, 74_500.0),
        ("Proposal", 0.5, 0.44, 5, 131_000.0),
        ("Negotiation", 0.75, 0.71, 3, 58_200.0),
    ];
    let row = |(stage, written, calibrated, deals, amount): (&str, f64, f64, u64, f64)| {
        StageRateView { stage: stage.to_owned(), written, calibrated, deals, amount }
    };
    rows.map(row).to_vec()
}

fn roll_up() -> Vec<RollUpRowView> {
    let row = |label: &str,
               link: Option<RecordLink>,
               depth: u32,
               parts: [f64; 4],
               adjusted: f64,
               quota: f64| {
        let [closed, commit, best_case, pipeline] = parts;
        let commit_forecast = closed + commit + adjusted;
        let gap = quota - closed;
        RollUpRowView {
            label: label.to_owned(),
            link,
            depth,
            closed,
            commit,
            best_case,
            pipeline,
            adjusted,
            commit_forecast,
            best_case_forecast: commit_forecast + best_case,
            pipeline_forecast: commit_forecast + best_case + pipeline,
            deals: 12,
            quota: Some(quota),
            attainment: Some(closed / quota),
            gap: Some(gap),
            coverage: (gap > 0.0).then(|| (commit + best_case + pipeline) / gap),
        }
    };
    let north = link(60, Entity::Territory, "North");
    let south = link(61, Entity::Territory, "South");
    let person = |number: u8, parts, adjusted, quota| {
        let link = rep(number);
        row(&link.title.clone(), Some(link), 2, parts, adjusted, quota)
    };
    vec![
        row("All", None, 0, [171_500.0, 58_200.0, 71_000.0, 134_500.0], -12_000.0, 300_000.0),
        row(
            "North",
            Some(north),
            1,
            [104_000.0, 41_500.0, 40_000.0, 70_500.0],
            -12_000.0,
            160_000.0,
        ),
        person(0, [70_000.0, 14_000.0, 40_000.0, 12_500.0], 0.0, 80_000.0),
        person(1, [34_000.0, 27_500.0, 0.0, 58_000.0], -12_000.0, 80_000.0),
        row("South", Some(south), 1, [67_500.0, 16_700.0, 31_000.0, 64_000.0], 0.0, 140_000.0),
        person(2, [45_000.0, 16_700.0, 31_000.0, 20_000.0], 0.0, 40_000.0),
        person(3, [22_500.0, 0.0, 0.0, 44_000.0], 0.0, 100_000.0),
    ]
}

fn weeks() -> Vec<WaterfallView> {
    let kinds = ["new", "pulled_in", "pushed", "won", "lost", "amount", "gone"];
    let week = |from: &str, to: &str, start: f64, amounts: [f64; 7], reconstructed: bool| {
        let part = |(what, amount): (&str, f64)| WaterfallPartView {
            what: what.to_owned(),
            amount,
            deals: u64::from(amount != 0.0) * 2,
        };
        WaterfallView {
            from: from.to_owned(),
            to: to.to_owned(),
            start,
            parts: kinds.into_iter().zip(amounts).map(part).collect(),
            end: start + amounts.iter().sum::<f64>(),
            reconstructed,
            moves: vec![],
        }
    };
    let first = [30_000.0, 0.0, -12_000.0, -18_000.0, -4_000.0, 0.0, 0.0];
    let amounts = [27_500.0, 8_500.0, -22_000.0, -14_000.0, -9_000.0, 2_000.0, 0.0];
    let mut newest = week("2026-11-13", "2026-11-20", 272_700.0, amounts, false);
    let moved = |at: u8, title: &str, what: &str, amount: f64| MovedView {
        link: deal(at, title),
        what: what.to_owned(),
        amount,
    };
    newest.moves = vec![
        moved(5, "Berth scheduling", "new", 27_500.0),
        moved(2, "Cold chain pilot", "pulled_in", 8_500.0),
        moved(7, "Depot refit", "pushed", -22_000.0),
        moved(8, "Pallet scanners", "won", -14_000.0),
        moved(9, "Yard gates", "lost", -9_000.0),
        moved(1, "Renewal 2027", "amount", 2_000.0),
    ];
    vec![week("2026-11-06", "2026-11-13", 276_700.0, first, true), newest]
}

fn accuracy() -> AccuracyView {
    let one = |day: &str, quarter: &str, forecast: f64, actual: f64, reconstructed| {
        let error_percent = Some(100.0 * (actual - forecast) / actual);
        SnapshotAccuracyView {
            day: day.to_owned(),
            quarter: quarter.to_owned(),
            forecast,
            actual,
            error_percent,
            reconstructed,
        }
    };
    AccuracyView {
        snapshots: vec![
            one("2026-05-01", "2026-Q2", 208_000.0, 231_000.0, true),
            one("2026-07-31", "2026-Q3", 214_000.0, 243_000.0, false),
        ],
        mape: Some(10.9),
        bias: Some(0.11),
        alarm: Some("bias".into()),
    }
}

/// Scores of open deals with their reasons.
#[must_use]
pub fn scores(wall: Wall) -> ScoresView {
    let reasons: [&[(&str, i32)]; 3] = [
        &[("2 visits in 90 days", 11), ("3 e-mails in 90 days", 8), ("no meeting in 90 days", -4)],
        &[("4 deals won with the account before", 19), ("open for 96 days", -7)],
        &[("no contact for 60 days", -12), ("industry Retail", 5), ("list price 8500", -2)],
    ];
    let score = |at: u8| {
        let (title, stage, amount, _) = DEALS[usize::from(at)];
        let told = reasons[usize::from(at)];
        let points: i32 = told.iter().map(|(_, points)| points).sum();
        let percent = 38 + points;
        let probability = f64::from(percent) / 100.0;
        let sign = |points: i32| if points < 0 { '\u{2212}' } else { '+' };
        let reason = |(text, points): &(&str, i32)| ReasonView {
            feature: "visits".into(),
            text: format!("{text} {}{}", sign(*points), points.abs()),
            points: *points,
        };
        ScoreView {
            link: deal(at, title),
            customer: "Acme".to_owned(),
            owner: rep(at).title,
            stage: stage.to_owned(),
            amount,
            probability,
            percent,
            base_percent: 38,
            reasons: told.iter().map(reason).collect(),
            path: vec![],
            next: (at != 1).then(|| NextActionView {
                action: "visit".into(),
                percent: percent + 9,
                gain: 0.09 * amount,
                because: "no contact for 60 days".into(),
            }),
            expected: probability * amount,
            urgency: 1.0 + f64::from(at) * 0.35,
            value: probability * amount,
        }
    };
    ScoresView {
        as_of: as_of(wall),
        currency: "EUR".into(),
        model: models(wall).card,
        drift: Some(DriftView {
            features: vec![],
            score_psi: 0.31,
            standard_errors: None,
            advice: "retrain".into(),
        }),
        scores: (0..3).map(score).collect(),
        total: 24,
    }
}

/// A lead: its name, its status, and its reasons with their points.
type LeadLine<'a> = (&'a str, &'a str, &'a [(&'a str, i32)]);

/// Scores of open leads with their reasons.
#[must_use]
pub fn lead_scores(wall: Wall) -> ScoresView {
    let leads: [LeadLine<'_>; 3] = [
        ("Petra Petersen", "Working", &[("source Recommendation", 16), ("2 calls in 90 days", 6)]),
        ("Jonas Holm", "Nurturing", &[("no contact for 40 days", -6), ("company known", 3)]),
        ("Agnieszka Nowak", "New", &[("source Bought list", -14), ("no phone number", -2)]),
    ];
    let deals = scores(wall);
    let one = |(at, (title, status, told)): (usize, &LeadLine<'_>)| {
        let percent = 27 + told.iter().map(|(_, points)| points).sum::<i32>();
        let probability = f64::from(percent) / 100.0;
        let number = u8::try_from(at).unwrap_or_default();
        let reason = |(text, points): &(&str, i32)| ReasonView {
            feature: "source".into(),
            text: format!("{text} {}{}", if *points < 0 { '\u{2212}' } else { '+' }, points.abs()),
            points: *points,
        };
        ScoreView {
            link: link(80 + number, Entity::Lead, title),
            customer: "Bolt".to_owned(),
            owner: rep(number).title,
            stage: (*status).to_owned(),
            amount: 5_200.0,
            probability,
            percent,
            base_percent: 27,
            reasons: told.iter().map(reason).collect(),
            path: vec![],
            next: (at == 1).then(|| NextActionView {
                action: "call".into(),
                percent: percent + 5,
                gain: 260.0,
                because: "no contact for 40 days".into(),
            }),
            expected: probability * 5_200.0,
            urgency: 1.1,
            value: probability * 5_200.0 * 1.1,
        }
    };
    let all = leads.iter().enumerate().map(one).collect();
    ScoresView { model: lead_models(wall).card, scores: all, total: 61, ..deals }
}

/// The first model of leads.
#[must_use]
pub fn lead_models(wall: Wall) -> ModelsView {
    let ModelsView { models, card, .. } = models(wall);
    let card = card.map(|card| ModelCardView {
        version: 1,
        outcome: "the lead is qualified".into(),
        rows: 530,
        base_rate: 0.27,
        features: vec!["source".into(), "company".into(), "phones".into(), "calls".into()],
        ..card
    });
    let first = models.into_iter().take(1).map(|model| ModelView { active: true, ..model });
    ModelsView { models: first.collect(), pinned: false, card }
}

fn metrics(rows: u64, base_rate: f64) -> MetricsView {
    MetricsView {
        rows,
        base_rate,
        auc: 0.741,
        pr_auc: 0.66,
        log_loss: 0.588,
        brier: 0.201,
        calibration_error: 0.021,
    }
}

/// Two models, the newer one in use.
#[must_use]
pub fn models(wall: Wall) -> ModelsView {
    let model = |version: u32, auc: f64, active: bool| ModelView {
        version,
        trained_ms: wall.now_ms - i64::from(4 - version) * 30 * DAY,
        auc,
        log_loss: 0.6,
        active,
    };
    let segment = |category: Option<&str>, mean_told: f64, rate: f64| SegmentView {
        feature: "territory".into(),
        category: category.map(str::to_owned),
        mean_told,
        metrics: metrics(41, rate),
    };
    let bin = |told: f64, seen: f64, rows: u64| CalibrationBinView { told, seen, rows };
    let candidate =
        |kind: &str, auc: f64| CandidateView { kind: kind.to_owned(), auc, log_loss: 0.6 };
    let card = ModelCardView {
        version: 2,
        trained_ms: wall.now_ms - 60 * DAY,
        kind: "logistic regression".into(),
        outcome: "the deal is won".into(),
        rows: 412,
        base_rate: 0.384,
        from: "2024-01-09".into(),
        to: "2026-09-18".into(),
        features: vec!["product".into(), "industry".into(), "quiet_days".into(), "visits".into()],
        candidates: vec![
            candidate("logistic regression", 0.741),
            candidate("boosted trees", 0.722),
        ],
        calibration: Some("platt".into()),
        latest: metrics(82, 0.378),
        plot: vec![
            bin(0.08, 0.1, 14),
            bin(0.25, 0.22, 22),
            bin(0.46, 0.5, 26),
            bin(0.71, 0.68, 20),
        ],
        segments: vec![
            segment(Some("North"), 0.41, 0.4),
            segment(Some("South"), 0.38, 0.29),
            segment(None, 0.3, 0.31),
        ],
        signer: "6f2a90c1d4e8b35f".into(),
    };
    let models = vec![model(1, 0.712, false), model(2, 0.741, true)];
    ModelsView { models, pinned: false, card: Some(card) }
}

fn quality(objective: f64, gap: f64) -> QualityView {
    QualityView { objective, bound: objective * (1.0 + gap), gap }
}

/// Leads with their reps; one stays where it is, and one is left out.
#[must_use]
pub fn assignment(wall: Wall) -> AssignmentView {
    let lead =
        |number: u8, title: &str, to: Option<u8>, why: &str, reason: &str| AssignedLeadView {
            lead: link(80 + number, Entity::Lead, title),
            rep: to.map(rep),
            had: (number == 2).then(|| rep(2)),
            chance: to.map_or(0.0, |_| 0.4 - 0.03 * f64::from(number)),
            value: 4_200.0 - 310.0 * f64::from(number),
            why: why.to_owned(),
            reason: reason.to_owned(),
            runner_up: to.map(|to| rep(to + 1)),
            margin: 180.0,
        };
    let full = "Ana Lindqvist would make it worth 4100, but a place there is worth 350 to others";
    let load = |number: u8, today: u32, gets: u32, capacity: u32| RepLoadView {
        rep: rep(number),
        today,
        gets,
        capacity,
        price: 0.0,
    };
    AssignmentView {
        as_of: as_of(wall),
        currency: "EUR".into(),
        leads: vec![
            lead(0, "Harbour authority", Some(0), "first_choice", "worth most with this rep"),
            lead(1, "Kiosk chain", Some(1), "first_choice_full", full),
            lead(2, "Clinic group Mitte", Some(2), "only_eligible", "nobody else has a place left"),
            lead(3, "Small bakery", None, "left_out", "all places went to leads worth more"),
        ],
        reps: vec![load(0, 31, 1, 1), load(1, 22, 1, 28), load(2, 40, 1, 10)],
        quality: quality(11_700.0, 0.0),
        cost_of_fairness: 0.0,
    }
}

/// Two territories of eight accounts, some of which change.
#[must_use]
pub fn territories(wall: Wall) -> TerritoriesView {
    let places = [
        ("Kiel Yards", 54.32, 10.14),
        ("Lübeck Foods", 53.87, 10.69),
        ("Hamburg Port", 53.55, 9.99),
        ("Bremen Steel", 53.08, 8.8),
        ("Hannover Rail", 52.37, 9.73),
        ("Kassel Optics", 51.31, 9.48),
        ("Leipzig Cargo", 51.34, 12.37),
    ];
    let account = |(at, (name, north, east)): (u8, &(&str, f64, f64))| {
        let (today, now) = (u8::from(at > 4), u8::from(at > 3));
        TerritoryAccountView {
            account: link(100 + at, Entity::Account, name),
            place: Some((*north, *east)),
            work: 1.0 + f64::from(at % 3) * 0.5,
            today: Some(rep(today)),
            rep: rep(now),
            changes: today != now,
        }
    };
    let mut accounts: Vec<TerritoryAccountView> = (0_u8..).zip(&places).map(account).collect();
    accounts.push(TerritoryAccountView {
        account: link(120, Entity::Account, "Nowhere Ltd"),
        place: None,
        work: 0.5,
        today: None,
        rep: rep(1),
        changes: true,
    });
    let view = |number: u8, home, work, accounts, distance| TerritoryRepView {
        rep: rep(number),
        home: Some(home),
        work,
        accounts,
        distance,
    };
    TerritoriesView {
        as_of: as_of(wall),
        distance: "kilometres".into(),
        reps: vec![
            view(0, (53.9, 10.0), (7.5, 6.0), (5, 4), (92.0, 71.0)),
            view(1, (51.8, 11.0), (3.5, 5.5), (2, 4), (110.0, 118.0)),
        ],
        changes: accounts.iter().filter(|it| it.changes).count() as u64,
        accounts,
        quality: quality(940.0, 0.0018),
        balance: 0.05,
        imbalance: (Some(0.36), 0.043),
        apart: None,
    }
}

/// Quotas of two people and two products.
#[must_use]
pub fn quotas(wall: Wall) -> QuotasView {
    let cell = |product: &str, history: f64, quota: f64| QuotaCellView {
        product: product.to_owned(),
        history,
        quota,
        reason: "follows potential".into(),
        edited: false,
    };
    let person = |number: u8, territory: &str, cells: [(f64, f64); 2]| {
        let [a, b] = cells;
        QuotaRepView {
            rep: rep(number),
            territory: territory.to_owned(),
            history: a.0 + b.0,
            potential: (a.0 + b.0) * 1.15,
            quota: a.1 + b.1,
            stretch: (a.1 + b.1) / ((a.0 + b.0) * 1.15),
            products: vec![cell("Telematics", a.0, a.1), cell("Tablets", b.0, b.1)],
        }
    };
    let reps = vec![
        person(0, "North", [(420_000.0, 455_000.0), (160_000.0, 181_000.0)]),
        person(2, "South", [(210_000.0, 238_000.0), (98_000.0, 102_800.0)]),
    ];
    let total = |label: &str, history: f64, quota: f64| QuotaTotalView {
        label: label.to_owned(),
        history,
        quota,
    };
    QuotasView {
        as_of: as_of(wall),
        currency: "EUR".into(),
        goal: 976_800.0,
        effective: "2027-01-01".into(),
        products: vec![
            total("Telematics", 630_000.0, 693_000.0),
            total("Tablets", 258_000.0, 283_800.0),
        ],
        territories: vec![
            total("North", 580_000.0, 636_000.0),
            total("South", 308_000.0, 340_800.0),
        ],
        reps,
        quality: quality(0.11, 0.0),
        kept: false,
    }
}

/// A day of three visits.
#[must_use]
pub fn route(wall: Wall) -> RouteView {
    let stop = |number: u8, name: &str, place, arrives: &str, waits_min: f64| RouteStopView {
        account: link(100 + number, Entity::Account, name),
        place,
        drive_min: 21.0 + f64::from(number),
        arrives: arrives.to_owned(),
        waits_min,
        slack_min: 12.0,
    };
    RouteView {
        as_of: as_of(wall),
        start: (54.1, 10.0),
        stops: vec![
            stop(2, "Acme Logistics", (54.32, 10.14), "09:12", 18.0),
            stop(4, "Cyan Health", (54.2, 10.4), "11:00", 0.0),
            stop(9, "Fjord Marine", (53.9, 10.3), "12:10", 0.0),
        ],
        without_place: vec![link(103, Entity::Account, "Bolt & Sons")],
        ends: "13:20".into(),
        drive_min: 96.0,
        quality: quality(260.0, 0.0),
        proven: true,
    }
}

/// Answers planning on a wire.
pub(super) fn answers(wire: &ScriptWire, wall: Wall) {
    wire.answer("show_forecast", &forecast(wall));
    wire.answer("adjust_forecast", &forecast(wall).adjustments);
    wire.answer_by("show_scores", move |request| {
        let request: ShowScores = read(request)?;
        let record = request.record.and_then(|record| record.parse::<RecordId>().ok());
        match (record, request.what) {
            (Some(record), _) if is_lead(record) => written(&lead_scores(wall)),
            (None, Scored::Leads) => written(&lead_scores(wall)),
            (Some(_), _) | (None, Scored::Deals) => written(&scores(wall)),
        }
    });
    for name in ["train_scores", "list_models", "choose_model"] {
        wire.answer_by(name, move |request| {
            let ListModels { what } = read(request)?;
            match what {
                Scored::Deals => written(&models(wall)),
                Scored::Leads => written(&lead_models(wall)),
            }
        });
    }
    wire.answer("assign_leads", &assignment(wall));
    wire.answer("design_territories", &territories(wall));
    wire.answer("allocate_quotas", &quotas(wall));
    wire.answer("plan_route", &route(wall));
    wire.answer("stop_planning", &());
}
