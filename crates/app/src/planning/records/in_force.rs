//! What the device keeps for forecasts, and what of it counts for whom in which quarter.

use std::collections::{BTreeMap, BTreeSet};

use roadbook_domain::RecordId;
use roadbook_planning::optimise::quota::blended;
use roadbook_replica::Replica;

use super::book::Book;
use super::dates::{self, Quarter};
use super::kept::{self, KeptAdjustment, KeptQuotas, Snapshot};
use super::whose::Whose;
use crate::errors::ApiResult;

/// What the device keeps for forecasts.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) snapshots: Vec<(i64, Snapshot)>,
    pub(super) adjustments: Vec<(i64, KeptAdjustment)>,
    /// By the first day on which they hold, rising.
    pub(super) quotas: Vec<KeptQuotas>,
}

impl Kept {
    pub(super) fn read(replica: &Replica) -> ApiResult<Self> {
        let quotas: Vec<(i64, KeptQuotas)> = kept::read(replica, kept::QUOTAS)?;
        Ok(Self {
            snapshots: kept::read(replica, kept::SNAPSHOT)?,
            adjustments: kept::read(replica, kept::ADJUSTMENT)?,
            quotas: quotas.into_iter().map(|(_, quotas)| quotas).collect(),
        })
    }

    /// The quotas of a quarter by rep, in major units: a fourth of those of the year.
    ///
    /// A day counts against the newest quotas that begin on it or before; where quotas change
    /// within the quarter, each has its share of the days. Before the first quotas there is
    /// nothing to share with: they count from the first day of the quarter in which they begin.
    pub(super) fn quotas(
        &self,
        book: &Book,
        whose: &Whose,
        quarter: Quarter,
    ) -> BTreeMap<RecordId, f64> {
        let (first, last) = (dates::number(quarter.first), dates::number(quarter.last));
        let begun: Vec<&KeptQuotas> = self
            .quotas
            .iter()
            .filter(|one| one.currency == book.currency.as_str() && one.effective <= last)
            .collect();
        let start = begun.iter().rposition(|one| one.effective <= first).unwrap_or(0);
        let in_force = begun.get(start..).unwrap_or_default();
        let scale = 10_f64.powi(i32::try_from(book.currency.decimals()).unwrap_or(2));
        let mut units: BTreeMap<RecordId, i64> = BTreeMap::new();
        for (at, quotas) in in_force.iter().enumerate() {
            let until = in_force.get(at + 1).map_or(last + 1, |next| next.effective);
            let days = |day: i32| u32::try_from(day - first).unwrap_or(0);
            let before = if at == 0 { 0 } else { days(quotas.effective) };
            let new: BTreeMap<RecordId, i64> = quotas
                .reps
                .iter()
                .filter(|(rep, _)| whose.has(Some(*rep)))
                .map(|(rep, year)| (*rep, whole(year / 4.0 * scale)))
                .collect();
            let reps: BTreeSet<RecordId> = units.keys().chain(new.keys()).copied().collect();
            let blend = |rep: RecordId| {
                let of = |quotas: &BTreeMap<RecordId, i64>| quotas.get(&rep).copied().unwrap_or(0);
                (rep, blended(of(&units), of(&new), before, days(until)))
            };
            units = reps.into_iter().map(blend).collect();
        }
        units.into_iter().map(|(rep, units)| (rep, units as f64 / scale)).collect()
    }

    /// The adjustments of a quarter, with their numbers.
    pub(super) fn adjustments(
        &self,
        whose: &Whose,
        quarter: Quarter,
    ) -> Vec<(i64, KeptAdjustment)> {
        let label = quarter.label();
        let counts = |one: &KeptAdjustment| one.quarter() == label && whose.has(one.whose);
        self.adjustments.iter().filter(|(_, one)| counts(one)).cloned().collect()
    }
}

/// Whole minor units; amounts are far below the limits.
#[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use roadbook_api::views::planning::ForecastView;
    use roadbook_domain::{Entity, Value};

    use super::super::book::{Entry, Standing};
    use super::super::forecast::{Ask, forecast};
    use super::super::quotas;
    use super::super::tests::staffed;
    use super::*;
    use crate::testing;

    /// Four reps: the second and the third work in the territory North.
    fn office() -> (Book, RecordId) {
        let mut book = staffed();
        // A quarter in which something was sold.
        book.today = date(2023, 3, 1);
        let text = |text: &str| Value::Text(text.to_owned());
        let north = Entry::made(Entity::Territory, 1, &[("name", text("North"))]);
        let id = north.id;
        let rep = |n: u8| {
            let home = if n == 2 || n == 3 { Value::Reference(id) } else { Value::Null };
            let name = text(&format!("Rep {n}"));
            let values = [("name", name), ("role", text("Rep")), ("territory", home)];
            Entry::made(Entity::User, n, &values)
        };
        book.hire((1..=4).map(rep).collect());
        book.territories = vec![north];
        (book, id)
    }

    fn quotas_from(book: &Book, effective: Date, years: [f64; 4]) -> KeptQuotas {
        KeptQuotas {
            currency: "USD".into(),
            effective: dates::number(effective),
            reps: book.users.iter().map(|user| user.id).zip(years).collect(),
        }
    }

    fn adjustment(whose: Option<RecordId>, amount: f64, quarter: Option<&str>) -> KeptAdjustment {
        KeptAdjustment {
            whose,
            category: "commit".into(),
            amount,
            why: "Acme slips".into(),
            // 14 November 2023.
            at_ms: 1_700_000_000_000,
            quarter: quarter.map(str::to_owned),
        }
    }

    fn seen(book: &Book, kept: &Kept, whose: &Whose) -> ForecastView {
        let app = testing::device("Rep");
        let ask = Ask { whose, quota: None, months: 1 };
        app.desk.run(|watch| forecast(book, kept, &ask, watch)).unwrap()
    }

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-6
    }

    #[test]
    fn a_forecast_is_held_against_the_quotas_and_adjustments_of_those_it_is_about() {
        let (book, north) = office();
        let [first, second] = [0, 1].map(|at: usize| book.users[at].id);
        let whose = [None, Some(first), Some(second), Some(north)];
        let amounts = [1_000.0, 100.0, 10.0, 1.0];
        let adjustments = whose.into_iter().zip(amounts).enumerate();
        let adjustments = adjustments.map(|(at, (whose, amount))| {
            (i64::try_from(at).unwrap() + 1, adjustment(whose, amount, Some("2023-Q1")))
        });
        let kept = Kept {
            quotas: vec![quotas_from(&book, date(2023, 1, 1), [4e4, 8e4, 16e4, 32e4])],
            adjustments: adjustments.collect(),
            snapshots: Vec::new(),
        };
        let sold = |whose: &Whose| -> f64 {
            let quarter = Quarter::of(book.today);
            let won = book.deals.iter().filter(|deal| {
                whose.has_deal(&book, deal)
                    && deal.standing == Standing::Won
                    && deal.close.is_some_and(|day| quarter.holds(day))
            });
            won.map(|deal| book.worth(deal)).sum()
        };
        let all = Whose::All;
        let one = Whose::of(&book, (Entity::User, first));
        let team = Whose::of(&book, (Entity::Territory, north));
        for (whose, quota, adjusted, numbers) in [
            (&all, 15e4, 1_111.0, vec![1, 2, 3, 4]),
            (&one, 1e4, 100.0, vec![2]),
            (&team, 6e4, 11.0, vec![3, 4]),
        ] {
            let view = seen(&book, &kept, whose);
            let row = &view.roll_up[0];
            assert!(near(row.quota.unwrap(), quota), "{whose:?}: {row:?}");
            assert!(near(row.adjusted, adjusted), "{whose:?}: {row:?}");
            let sold = sold(whose);
            assert!(
                sold > 0.0 && near(row.attainment.unwrap(), sold / quota),
                "{whose:?}: {row:?}"
            );
            let told: Vec<u32> = view.adjustments.iter().map(|one| one.number).collect();
            assert_eq!(told, numbers, "{whose:?}");
        }
        // The quarter is simulated against one person's quota, too.
        let small = Kept {
            quotas: vec![quotas_from(&book, date(2023, 1, 1), [4.0, 8e9, 8e9, 8e9])],
            ..Kept::default()
        };
        let reach = |whose: &Whose| seen(&book, &small, whose).outlook.reach.unwrap();
        assert!(near(reach(&one), 1.0), "one dollar was sold");
        assert!(near(reach(&all), 0.0), "six billions were not");
    }

    #[test]
    fn quotas_of_a_later_day_leave_those_before_it_in_force() {
        let (book, _) = office();
        let app = testing::device("Administrator");
        let table = quotas::table(&book).unwrap();
        let keep = |effective: Date, goal: f64| {
            let view = quotas::allocated(&book, &table, goal, &[]).unwrap();
            app.with(|replica| quotas::keep(replica, &book, effective, &view)).unwrap();
        };
        let whole = |quarter: Date| -> f64 {
            let kept = app.with(|replica| Kept::read(replica)).unwrap();
            kept.quotas(&book, &Whose::All, Quarter::of(quarter)).values().sum()
        };
        keep(date(2023, 2, 1), 400_000.0);
        keep(date(2024, 1, 1), 800_000.0);
        assert!(near(whole(date(2022, 11, 1)), 0.0), "nothing was kept for it");
        assert!(near(whole(date(2023, 2, 1)), 100_000.0), "the first ones hold for their quarter");
        assert!(near(whole(date(2023, 11, 14)), 100_000.0), "those of next year do not hold yet");
        assert!(near(whole(date(2024, 1, 1)), 200_000.0));
        // From the first of December: 61 days of the quarter of the old ones, 31 of these.
        keep(date(2023, 12, 1), 1_200_000.0);
        let blended = (61.0 * 100_000.0 + 31.0 * 300_000.0) / 92.0;
        assert!((whole(date(2023, 11, 14)) - blended).abs() < 0.05, "each by its days");
        assert!(near(whole(date(2024, 1, 1)), 200_000.0));
    }

    #[test]
    fn three_changes_in_a_quarter_each_count_by_their_days_and_a_new_rep_from_the_first() {
        let (book, _) = office();
        let mut kept = Kept {
            quotas: vec![
                quotas_from(&book, date(2023, 6, 1), [400.0, 0.0, 0.0, 0.0]),
                quotas_from(&book, date(2023, 10, 11), [800.0, 0.0, 0.0, 0.0]),
                quotas_from(&book, date(2023, 11, 10), [4_000.0, 3_680.0, 0.0, 0.0]),
            ],
            ..Kept::default()
        };
        kept.quotas[0].reps.truncate(1);
        kept.quotas[1].reps.truncate(1);
        let found = kept.quotas(&book, &Whose::All, Quarter::of(date(2023, 12, 31)));
        let of = |at: usize| found[&book.users[at].id];
        let wanted = (10.0 * 100.0 + 30.0 * 200.0 + 52.0 * 1_000.0) / 92.0;
        assert!((of(0) - wanted).abs() < 0.02, "{} is not {wanted}", of(0));
        assert!((of(1) - 920.0 * 52.0 / 92.0).abs() < 0.02, "{}", of(1));
        let other = Kept {
            quotas: vec![KeptQuotas { currency: "EUR".into(), ..kept.quotas[0].clone() }],
            ..Kept::default()
        };
        assert!(other.quotas(&book, &Whose::All, Quarter::of(date(2023, 12, 31))).is_empty());
    }

    #[test]
    fn an_adjustment_ends_with_its_quarter() {
        let kept = Kept {
            adjustments: vec![
                (1, adjustment(None, 1.0, Some("2023-Q3"))),
                (2, adjustment(None, 2.0, Some("2023-Q4"))),
                // Of an earlier version: it counts in the quarter in which it was made.
                (3, adjustment(None, 4.0, None)),
            ],
            ..Kept::default()
        };
        let numbers = |day: Date| -> Vec<i64> {
            let all = kept.adjustments(&Whose::All, Quarter::of(day));
            all.into_iter().map(|(number, _)| number).collect()
        };
        assert_eq!(numbers(date(2023, 8, 1)), [1]);
        assert_eq!(numbers(date(2023, 11, 14)), [2, 3]);
        assert_eq!(numbers(date(2024, 1, 1)), Vec::<i64>::new());
        let old = r#"{"whose":null,"category":"commit","amount":4.0,"why":"x","at_ms":0}"#;
        let old: KeptAdjustment = serde_json::from_str(old).unwrap();
        assert_eq!(old.quarter(), "1970-Q1");
    }
}
