//! Snapshots, the weekly waterfall, and how forecasts did.
//!
//! One snapshot a week is kept when somebody looks at the forecast. For weeks without one, and for
//! the weeks before this device was there, a snapshot is worked out from the records: who was open
//! then is known from the days of opening and decision; changes of amounts and dates are not.

use std::collections::BTreeMap;

use jiff::civil::Date;
use roadbook_api::views::planning::{
    AccuracyView, MovedView, SnapshotAccuracyView, WaterfallPartView, WaterfallView,
};
use roadbook_domain::{Entity, RecordId};
use roadbook_planning::pipeline::{
    Alarm, Deal as PlainDeal, Move, State, Told, Window, accuracy, waterfall,
};
use roadbook_replica::Replica;

use super::book::{Book, Deal, Standing};
use super::dates::{self, Quarter};
use super::kept::{self, KeptDeal, Snapshot};
use super::outlook::{AsOf, JUDGING_RUNS, was_open};
use crate::errors::{self, ApiResult};
use crate::planning::PlanWatch;

/// Weeks that are shown.
const WEEKS: i32 = 8;
/// Quarters that are over and are judged.
const QUARTERS: i32 = 6;
/// Days of a quarter on which it is judged.
const DAYS: [i32; 2] = [30, 60];
/// Deals that moved, of the newest week.
const MOVES: usize = 100;

/// A snapshot, kept or worked out.
struct Picture {
    day: i32,
    deals: Vec<PlainDeal>,
    reconstructed: bool,
}

/// Whether this week has no snapshot yet.
pub(super) fn is_due(kept: &[(i64, Snapshot)], today: Date) -> bool {
    let week = |day: i64| (day + 3).div_euclid(7);
    let today = week(i64::from(dates::number(today)));
    !kept.iter().any(|(day, _)| week(*day) == today)
}

/// Keeps this week's snapshot, if there is none yet, and forgets in older ones what is no longer
/// on this device.
pub(super) fn keep(
    replica: &mut Replica,
    book: &Book,
    deals: &[&Deal],
    quarter: Quarter,
    forecast: f64,
) -> ApiResult<()> {
    let today = dates::number(book.today);
    let kept: Vec<(i64, Snapshot)> = kept::read(replica, kept::SNAPSHOT)?;
    for (number, mut snapshot) in kept.iter().cloned() {
        let before = snapshot.deals.len();
        let mut gone = Vec::new();
        for deal in &snapshot.deals {
            let there = replica.record(deal.id).map_err(|error| errors::of_store(&error))?;
            if there.is_none() {
                gone.push(deal.id);
            }
        }
        snapshot.deals.retain(|deal| !gone.contains(&deal.id));
        if snapshot.deals.len() < before {
            kept::write(replica, kept::SNAPSHOT, number, &snapshot)?;
        }
    }
    if !is_due(&kept, book.today) {
        return Ok(());
    }
    let one = |deal: &&Deal| KeptDeal {
        id: deal.id,
        amount: book.worth(deal),
        close: deal.close.map(dates::number),
        state: match deal.standing {
            Standing::Open => 'o',
            Standing::Won => 'w',
            Standing::Lost => 'l',
        },
    };
    // Deals that were decided long ago move no more.
    let recent = |deal: &&&Deal| {
        deal.standing == Standing::Open
            || deal.close.is_none_or(|day| dates::between(day, book.today) < 200)
    };
    let snapshot = Snapshot {
        deals: deals.iter().filter(recent).map(one).collect(),
        forecast,
        quarter: quarter.label(),
        currency: book.currency.as_str().to_owned(),
    };
    kept::write(replica, kept::SNAPSHOT, i64::from(today), &snapshot)
}

fn plain(book: &Book, deal: &Deal, state: State) -> PlainDeal {
    PlainDeal {
        id: *deal.id.as_bytes(),
        amount: book.worth(deal),
        close_day: deal.close.map(dates::number),
        state,
    }
}

fn of_today(book: &Book, deals: &[&Deal]) -> Vec<PlainDeal> {
    let state = |deal: &Deal| match deal.standing {
        Standing::Open => State::Open,
        Standing::Won => State::Won,
        Standing::Lost => State::Lost,
    };
    deals.iter().map(|deal| plain(book, deal, state(deal))).collect()
}

/// What the pipeline was on a day that is past, as far as the records of today tell.
fn worked_out(book: &Book, deals: &[&Deal], day: Date) -> Vec<PlainDeal> {
    let one = |deal: &&Deal| {
        if was_open(deal, day) {
            return Some(plain(book, deal, State::Open));
        }
        let decided = deal.decided().is_some_and(|decided| decided <= day);
        let state = if deal.standing == Standing::Won { State::Won } else { State::Lost };
        decided.then(|| plain(book, deal, state))
    };
    deals.iter().filter_map(one).collect()
}

/// The waterfalls of the newest weeks, oldest first.
pub(super) fn waterfalls(
    book: &Book,
    deals: &[&Deal],
    quarter: Quarter,
    snapshots: &[(i64, Snapshot)],
) -> Vec<WaterfallView> {
    let today = dates::number(book.today);
    let mine: BTreeMap<RecordId, ()> = deals.iter().map(|deal| (deal.id, ())).collect();
    let mut pictures: Vec<Picture> = Vec::new();
    for back in (1..=WEEKS).rev() {
        let day = today - 7 * back;
        // A kept snapshot of that week, if there is one.
        let near = snapshots.iter().find(|(kept, snapshot)| {
            (i64::from(day) - 3..=i64::from(day) + 3).contains(kept)
                && snapshot.currency == book.currency.as_str()
        });
        pictures.push(match near {
            Some((kept, snapshot)) => Picture {
                day: i32::try_from(*kept).unwrap_or(day),
                deals: snapshot
                    .deals
                    .iter()
                    .filter(|d| mine.contains_key(&d.id))
                    .map(of_kept)
                    .collect(),
                reconstructed: false,
            },
            None => Picture {
                day,
                deals: worked_out(book, deals, dates::of_number(day)),
                reconstructed: true,
            },
        });
    }
    pictures.push(Picture { day: today, deals: of_today(book, deals), reconstructed: false });
    let window = Window { first: dates::number(quarter.first), last: dates::number(quarter.last) };
    let newest = pictures.len() - 2;
    let pairs = pictures.windows(2).enumerate();
    pairs.map(|(at, pair)| view(book, &pair[0], &pair[1], window, at == newest)).collect()
}

fn of_kept(deal: &KeptDeal) -> PlainDeal {
    PlainDeal {
        id: *deal.id.as_bytes(),
        amount: deal.amount,
        close_day: deal.close,
        state: match deal.state {
            'w' => State::Won,
            'l' => State::Lost,
            _ => State::Open,
        },
    }
}

const fn word(what: Move) -> &'static str {
    match what {
        Move::New => "new",
        Move::PulledIn => "pulled_in",
        Move::Pushed => "pushed",
        Move::Won => "won",
        Move::Lost => "lost",
        Move::Amount => "amount",
        Move::Gone => "gone",
    }
}

fn view(
    book: &Book,
    before: &Picture,
    after: &Picture,
    window: Window,
    with_moves: bool,
) -> WaterfallView {
    let found = waterfall(&before.deals, &after.deals, window);
    let part = |what: Move| {
        let (amount, deals) = found.sum(what);
        WaterfallPartView { what: word(what).to_owned(), amount, deals: deals as u64 }
    };
    let mut moves: Vec<MovedView> = Vec::new();
    if with_moves {
        moves.extend(found.moves.iter().map(|moved| MovedView {
            link: book.link(RecordId::from_bytes(moved.id), Entity::Opportunity),
            what: word(moved.what).to_owned(),
            amount: moved.amount,
        }));
        moves.sort_by(|a, b| b.amount.abs().total_cmp(&a.amount.abs()));
        moves.truncate(MOVES);
    }
    WaterfallView {
        from: dates::of_number(before.day).to_string(),
        to: dates::of_number(after.day).to_string(),
        start: found.start,
        parts: Move::ALL.into_iter().map(part).collect(),
        end: found.end,
        reconstructed: before.reconstructed,
        moves,
    }
}

/// How forecasts of quarters that are over did: kept ones, and ones worked out as of then.
pub(super) fn judged(
    book: &Book,
    deals: &[&Deal],
    snapshots: &[(i64, Snapshot)],
    watch: &PlanWatch<'_>,
) -> ApiResult<AccuracyView> {
    let current = Quarter::of(book.today);
    let first = deals.iter().filter_map(|deal| deal.opened).min();
    let mut told: Vec<SnapshotAccuracyView> = Vec::new();
    for back in (1..=QUARTERS).rev() {
        watch.step("validate", usize::try_from(QUARTERS - back).unwrap_or(0), 6)?;
        let quarter = current.away(-back);
        // Without a quarter of decided deals before it there is nothing to forecast from.
        if first.is_none_or(|first| first > quarter.away(-1).first) {
            continue;
        }
        let actual = AsOf::new(book, deals, quarter.last, quarter).won();
        let kept = snapshots.iter().filter(|(_, snapshot)| {
            snapshot.quarter == quarter.label() && snapshot.currency == book.currency.as_str()
        });
        let kept: Vec<(i32, f64)> = kept
            .map(|(day, snapshot)| (i32::try_from(*day).unwrap_or(0), snapshot.forecast))
            .collect();
        let mut add = |day: i32, forecast: f64, reconstructed: bool| {
            told.push(SnapshotAccuracyView {
                day: dates::of_number(day).to_string(),
                quarter: quarter.label(),
                forecast,
                actual,
                error_percent: (actual > 0.0).then(|| 100.0 * (actual - forecast) / actual),
                reconstructed,
            });
        };
        if kept.is_empty() {
            for day in DAYS {
                let day = dates::number(quarter.first) + day;
                let then = AsOf::new(book, deals, dates::of_number(day), quarter);
                add(day, then.simulate(None, JUDGING_RUNS).outlook.mean, true);
            }
        }
        for (day, forecast) in kept {
            add(day, forecast, false);
        }
    }
    let pairs: Vec<Told> =
        told.iter().map(|one| Told { forecast: one.forecast, actual: one.actual }).collect();
    let found = accuracy(&pairs);
    Ok(AccuracyView {
        snapshots: told,
        mape: found.mape,
        bias: found.bias,
        alarm: found.alarm.map(|alarm| match alarm {
            Alarm::Bias { .. } => "bias".to_owned(),
            Alarm::Size { .. } => "size".to_owned(),
        }),
    })
}
