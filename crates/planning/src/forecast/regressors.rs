//! Regressors: what is known ahead (promotions, working days, prices, holidays) and moves values.
//!
//! The effect is estimated in the additive model beside trend and season, taken off the series,
//! and put back on the forecast of any method: a regression with the method as its error model
//! (Hyndman, Athanasopoulos, "Forecasting: Principles and Practice", 3rd edition, chapter 10, in
//! two steps instead of one).

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::additive::{self, Columns};
use super::error::ForecastError;
use super::method::{Method, check_horizon};
use super::outlook::{Forecast, Note};
use super::series::{Frequency, Series};

/// What a label tells of them.
const WITH: &str = " with regressors";

/// Columns that are known over the series and over the periods to forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct Regressors {
    columns: Vec<Vec<f64>>,
}

impl Regressors {
    /// Takes columns, each with one entry for each period of the series and of the horizon.
    ///
    /// # Errors
    /// With an entry that is not finite.
    pub fn new(columns: Vec<Vec<f64>>) -> Result<Self, ForecastError> {
        let wrong = |column: &Vec<f64>| column.iter().position(|value| !value.is_finite());
        match columns.iter().find_map(wrong) {
            Some(position) => Err(ForecastError::NotFinite { position }),
            None => Ok(Self { columns }),
        }
    }

    /// Returns one column for each holiday: how many of its days lie in each period of series and
    /// horizon. What one is worth is learned from the periods of the series that hold some, so that
    /// past and future days belong under one name. Other days are passed over.
    ///
    /// `None` where the series has no start.
    pub fn holidays(
        series: &Series,
        horizon: usize,
        holidays: &BTreeMap<String, Vec<Date>>,
    ) -> Option<Self> {
        let (start, frequency) = (series.start()?, series.frequency());
        let first = frequency.period_of(start);
        let column = |days: &Vec<Date>| {
            let mut column = vec![0.0; series.values().len() + horizon];
            for day in days {
                let at = usize::try_from(frequency.period_of(*day) - first).ok();
                if let Some(count) = at.and_then(|at| column.get_mut(at)) {
                    *count += 1.0;
                }
            }
            column
        };
        Some(Self { columns: holidays.values().map(column).collect() })
    }

    /// Returns these columns and the others'.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.columns.extend(other.columns);
        self
    }

    /// Returns whether there is no column at all.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Returns the trading days, Monday to Friday, of each month of series and horizon.
    ///
    /// `None` where the series is not monthly, has no start, or leaves the calendar.
    pub fn trading_days(series: &Series, horizon: usize) -> Option<Self> {
        let first = series.start()?.first_of_month();
        if series.frequency() != Frequency::Monthly {
            return None;
        }
        let days = |offset: usize| {
            let month = first.checked_add(i32::try_from(offset).ok()?.months()).ok()?;
            let workday = |day: &Date| day.weekday().to_monday_zero_offset() < 5;
            let all =
                (1..=month.days_in_month()).filter_map(|day| month.with().day(day).build().ok());
            Some(all.filter(workday).count() as f64)
        };
        let column: Option<Vec<f64>> = (0..series.values().len() + horizon).map(days).collect();
        Some(Self { columns: vec![column?] })
    }
}

impl Method {
    /// Forecasts with regressors; otherwise as [`Method::forecast`]. Where the series is too short
    /// to tell effects from trend and season, they are left out, with a note.
    ///
    /// # Errors
    /// Where a column does not have the length of series and horizon together, or as
    /// [`Method::forecast`].
    pub fn forecast_with(
        self,
        series: &Series,
        horizon: usize,
        regressors: &Regressors,
    ) -> Result<Forecast, ForecastError> {
        check_horizon(horizon)?;
        let wanted = series.values().len() + horizon;
        if let Some(column) = regressors.columns.iter().find(|column| column.len() != wanted) {
            return Err(ForecastError::Shape { what: "a regressor", given: column.len(), wanted });
        }
        let history = series.history();
        let columns: Vec<Vec<f64>> =
            regressors.columns.iter().map(|column| column[history.first..].to_vec()).collect();
        let (n, columns) = (history.values.len(), Columns(&columns));
        let fitted = match additive::fit(&history.values, history.period, horizon, columns) {
            Ok(fitted) => fitted,
            Err(because) => {
                let mut told = self.forecast(series, horizon)?;
                told.notes.push(Note::RegressorsLeftOut { because: because.to_string() });
                return Ok(told);
            }
        };
        if self == Self::Additive {
            let fit = || additive::widened(&history.values, history.period, horizon, columns);
            let (mut outcome, notes) = self.outcome_of(&history, horizon, fit);
            if !notes.iter().any(Note::is_of_another_model) {
                outcome.label.push_str(WITH);
            }
            return Ok(outcome.finish(&history, notes));
        }
        let effect = fitted.effect();
        let mut plain = history.clone();
        plain.values.iter_mut().zip(&effect).for_each(|(value, part)| *value -= part);
        let (mut outcome, notes) = self.outcome(&plain, horizon);
        outcome.mean.iter_mut().zip(&effect[n..]).for_each(|(value, part)| *value += part);
        outcome.label.push_str(WITH);
        Ok(outcome.finish(&history, notes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promotion_to_come_is_in_the_forecast() {
        let promotion: Vec<f64> =
            (0..66_usize).map(|i| if i % 7 == 5 { 1.0 } else { 0.0 }).collect();
        let values = (0..60).map(|i| 100.0 + 30.0 * promotion[i]).collect();
        let series = Series::complete(values, Frequency::Monthly, None).unwrap();
        let regressors = Regressors::new(vec![promotion]).unwrap();
        for method in [Method::Ets, Method::Arima, Method::Additive, Method::Combination] {
            let mean = method.forecast_with(&series, 6, &regressors).unwrap().mean;
            assert!((mean[0] - 100.0).abs() < 3.0, "{method:?} {mean:?}");
            assert!((mean[1] - 130.0).abs() < 3.0, "{method:?} {mean:?}");
        }
    }

    #[test]
    fn what_is_done_beside_the_model_is_told_with_regressors_as_without() {
        let promotion: Vec<f64> =
            (0..2_206_usize).map(|i| if i % 7 == 5 { 1.0 } else { 0.0 }).collect();
        let mut values: Vec<Option<f64>> =
            (0..2_200).map(|i| Some(100.0 + (i * 7 % 11) as f64 + 30.0 * promotion[i])).collect();
        values[2_150] = None;
        let series = Series::new(values, Frequency::Monthly, None).unwrap();
        let regressors = Regressors::new(vec![promotion]).unwrap();
        for method in [Method::Additive, Method::Theta] {
            let plain = method.forecast(&series, 6).unwrap();
            let with = method.forecast_with(&series, 6, &regressors).unwrap();
            assert!(!plain.notes.is_empty(), "{method:?}: a gap, and points that are not read");
            assert_eq!(with.notes, plain.notes, "{method:?}");
            assert!(with.label.ends_with(WITH), "{}", with.label);
        }
        let same = Series::complete(vec![3.0; 60], Frequency::Monthly, None).unwrap();
        let none = Regressors::new(vec![vec![0.0; 66]]).unwrap();
        let told = Method::Additive.forecast_with(&same, 6, &none).unwrap();
        assert_eq!(told.notes, [Note::Constant]);
        assert!(!told.label.ends_with(WITH), "none is used: {}", told.label);
    }

    #[test]
    fn intervals_with_regressors_are_as_wide_as_earlier_errors_say() {
        // Nothing explains the steps, so that the model's own deviations are far too small.
        let mut random = super::super::rng::Random::new(3);
        let mut level = 100.0;
        let values: Vec<f64> = (0..96)
            .map(|_| {
                level += 6.0 * random.normal();
                level
            })
            .collect();
        let series = Series::complete(values, Frequency::Monthly, None).unwrap();
        let unknown = Regressors::new(vec![vec![0.0; 108]]).unwrap();
        let plain = Method::Additive.forecast(&series, 12).unwrap();
        let with = Method::Additive.forecast_with(&series, 12, &unknown).unwrap();
        let width =
            |forecast: &Forecast| forecast.interval95.upper[11] - forecast.interval95.lower[11];
        let ratio = width(&with) / width(&plain);
        assert!((ratio - 1.0).abs() < 0.02, "an empty column changes nothing: {ratio}");
    }

    #[test]
    fn trading_days_are_counted_by_month() {
        let start = jiff::civil::date(2026, 1, 1);
        let series = Series::complete(vec![1.0; 2], Frequency::Monthly, Some(start)).unwrap();
        let days = Regressors::trading_days(&series, 1).unwrap();
        assert_eq!(days.columns, [[22.0, 20.0, 22.0]], "January to March 2026");
        let undated = Series::complete(vec![1.0; 2], Frequency::Monthly, None).unwrap();
        assert!(Regressors::trading_days(&undated, 1).is_none());
    }

    #[test]
    fn days_of_a_holiday_are_counted_by_period() {
        let day = jiff::civil::date;
        let holidays = BTreeMap::from([
            ("easter".to_owned(), vec![day(2024, 3, 31), day(2024, 4, 1), day(2025, 4, 20)]),
            ("fair".to_owned(), vec![day(2023, 12, 31), day(2024, 5, 1), day(2024, 6, 1)]),
        ]);
        let columns = |frequency, start, length| {
            let series = Series::complete(vec![1.0; length], frequency, Some(start)).unwrap();
            Regressors::holidays(&series, 1, &holidays).unwrap().columns
        };
        let months = columns(Frequency::Monthly, day(2024, 2, 29), 3);
        assert_eq!(months, [[0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]], "February to May");
        let weeks = columns(Frequency::Weekly, day(2024, 3, 27), 1);
        assert_eq!(weeks[0], [1.0, 1.0], "Easter Sunday ends a week, and Monday begins one");
        let quarters = columns(Frequency::Quarterly, day(2023, 12, 31), 2);
        assert_eq!(quarters, [[0.0, 1.0, 1.0], [1.0, 0.0, 2.0]]);
        assert_eq!(columns(Frequency::Yearly, day(2024, 1, 1), 1)[0], [2.0, 1.0]);
        let undated = Series::complete(vec![1.0; 2], Frequency::Monthly, None).unwrap();
        assert!(Regressors::holidays(&undated, 1, &holidays).is_none());
    }

    #[test]
    fn a_column_that_ends_too_early_is_refused() {
        let series = Series::complete(vec![1.0, 2.0, 3.0], Frequency::Yearly, None).unwrap();
        let regressors = Regressors::new(vec![vec![0.0; 4]]).unwrap();
        let error = Method::Ets.forecast_with(&series, 2, &regressors);
        assert!(matches!(error, Err(ForecastError::Shape { given: 4, wanted: 5, .. })));
        assert!(Regressors::new(vec![vec![f64::NAN]]).is_err());
    }
}
