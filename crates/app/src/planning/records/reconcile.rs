//! Forecasts that add up: what is expected of the parts sums to what is expected of their totals.

use roadbook_planning::forecast::{Forecast, Hierarchy, Reconciliation};

/// Months between a value and the one that it is compared with.
const SEASON: usize = 12;
/// Errors of each series that are needed before their covariance says anything.
const ENOUGH: usize = 24;

/// Makes forecasts of totals and parts add up; `None` where they cannot be brought together.
///
/// `paths` are the forecasts, totals first, all of one length; `histories` what was, likewise.
/// `groups` names for each total the parts that it sums, counted from the first part.
///
/// Forecasts move by the covariance of their errors (MinT, shrunk) where the history is long enough
/// to know it; else all alike. The errors are those of repeating the month of the year before: an
/// error of the models themselves would take a fit for each month, and what counts here is only
/// how large errors are beside each other and which go together. No part sells less than nothing:
/// what falls below is set to nothing, and totals follow (Di Fonzo, Girolimetto (2023),
/// "Spatio-temporal reconciliation of solar forecasts", Solar Energy 251).
pub(super) fn add_up(
    paths: &[Vec<f64>],
    histories: &[&[f64]],
    groups: Vec<Vec<usize>>,
) -> Option<Vec<Vec<f64>>> {
    let totals = groups.len();
    let hierarchy = Hierarchy::new(paths.len().checked_sub(totals)?, groups).ok()?;
    let errors: Vec<Vec<f64>> = histories.iter().map(|history| seasonal_errors(history)).collect();
    let enough = errors.iter().all(|errors| errors.len() >= ENOUGH);
    let by_errors = enough.then(|| hierarchy.reconcile(paths, Reconciliation::Shrunk(&errors)));
    let found = match by_errors {
        Some(Ok(found)) => found,
        Some(Err(_)) | None => hierarchy.reconcile(paths, Reconciliation::Equal).ok()?,
    };
    let sound: Vec<Vec<f64>> =
        found.iter().map(|path| path.iter().map(|value| value.max(0.0)).collect()).collect();
    hierarchy.reconcile(&sound, Reconciliation::BottomUp).ok()
}

/// What each month was more than the same one of the year before.
fn seasonal_errors(history: &[f64]) -> Vec<f64> {
    let later = history.iter().skip(SEASON);
    later.zip(history).map(|(value, before)| value - before).collect()
}

/// Gives parts the shares of a total that their own forecasts have (top-down by forecast
/// proportions; Athanasopoulos, Ahmed, Hyndman (2009), "Hierarchical forecasts for Australian
/// domestic tourism", International Journal of Forecasting 25). Where they expect nothing, each
/// gets the share that it had, `before`, or all the same.
pub(super) fn share(total: &[f64], parts: &[Vec<f64>], before: &[f64]) -> Vec<Vec<f64>> {
    let had: f64 = before.iter().sum();
    let shares = |step: usize| -> Vec<f64> {
        let sum: f64 = parts.iter().map(|part| part[step].max(0.0)).sum();
        let of = |(part, before): (&Vec<f64>, &f64)| {
            if sum > 0.0 {
                part[step].max(0.0) / sum
            } else if had > 0.0 {
                before / had
            } else {
                1.0 / parts.len() as f64
            }
        };
        parts.iter().zip(before).map(of).collect()
    };
    let mut out = vec![Vec::with_capacity(total.len()); parts.len()];
    for (step, total) in total.iter().enumerate() {
        for (part, share) in out.iter_mut().zip(shares(step)) {
            part.push(share * total);
        }
    }
    out
}

/// Moves a forecast to another path, and its bands with it; none goes below nothing.
pub(super) fn move_to(forecast: &mut Forecast, path: Vec<f64>) {
    let moved: Vec<f64> = path.iter().zip(&forecast.mean).map(|(to, from)| to - from).collect();
    let Forecast { interval80, interval95, .. } = forecast;
    for limits in
        [&mut interval80.lower, &mut interval80.upper, &mut interval95.lower, &mut interval95.upper]
    {
        for (limit, moved) in limits.iter_mut().zip(&moved) {
            *limit = (*limit + moved).max(0.0);
        }
    }
    forecast.mean = path;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-6
    }

    /// All = north + south, north = 0 + 1, south = 2.
    fn groups() -> Vec<Vec<usize>> {
        vec![vec![0, 1, 2], vec![0, 1], vec![2]]
    }

    fn adds_up(paths: &[Vec<f64>]) -> bool {
        (0..paths[0].len()).all(|step| {
            let of = |index: usize| paths[index][step];
            near(of(0), of(1) + of(2)) && near(of(1), of(3) + of(4)) && near(of(2), of(5))
        })
    }

    /// A season with changes from year to year of a size; they alternate, so that they do not
    /// cancel.
    fn history(months: usize, size: f64) -> Vec<f64> {
        let change = |at: usize| if (at / 12 + at % 5).is_multiple_of(2) { size } else { -size };
        (0..months).map(|at| 100.0 + (at % 12) as f64 + change(at)).collect()
    }

    #[test]
    fn totals_are_the_sums_of_their_parts_whatever_the_length_of_the_history() {
        let paths: Vec<Vec<f64>> =
            [90.0, 50.0, 20.0, 30.0, 30.0, 30.0].map(|value| vec![value, 2.0 * value]).to_vec();
        for months in [4, 14, 60] {
            let sizes = [1.0, 6.0, 4.0, 3.0, 5.0, 4.0];
            let histories: Vec<Vec<f64>> = sizes.map(|size| history(months, size)).to_vec();
            let histories: Vec<&[f64]> = histories.iter().map(Vec::as_slice).collect();
            let found = add_up(&paths, &histories, groups()).unwrap();
            assert!(adds_up(&found), "{months} months: {found:?}");
        }
    }

    #[test]
    fn a_long_history_says_which_forecast_is_to_move() {
        let paths = [vec![100.0], vec![40.0], vec![40.0]];
        let moved = |months: usize| {
            let histories = [history(months, 0.1), history(months, 9.0), history(months, 9.0)];
            let histories: Vec<&[f64]> = histories.iter().map(Vec::as_slice).collect();
            let found = add_up(&paths, &histories, vec![vec![0, 1]]).unwrap();
            assert!(near(found[0][0], found[1][0] + found[2][0]));
            100.0 - found[0][0]
        };
        assert!(near(moved(24), 20.0 / 3.0), "all alike: a third of the gap each");
        assert!(moved(60).abs() < 0.5, "a total that has been steady stays: {}", moved(60));
    }

    #[test]
    fn no_part_falls_below_nothing() {
        let paths = [vec![10.0], vec![60.0], vec![1.0]];
        let histories = [history(6, 1.0), history(6, 1.0), history(6, 1.0)];
        let histories: Vec<&[f64]> = histories.iter().map(Vec::as_slice).collect();
        let found = add_up(&paths, &histories, vec![vec![0, 1]]).unwrap();
        assert!(near(found[2][0], 0.0), "it would be 16 less than nothing: {found:?}");
        assert!(near(found[0][0], found[1][0]));
    }

    #[test]
    fn a_total_is_shared_as_the_parts_expect_or_as_it_was() {
        let found = share(&[100.0, 50.0], &[vec![1.0, 0.0], vec![3.0, 0.0]], &[4.0, 1.0]);
        assert!(near(found[0][0], 25.0) && near(found[1][0], 75.0));
        assert!(near(found[0][1], 40.0) && near(found[1][1], 10.0), "as before: {found:?}");
        let even = share(&[8.0], &[vec![0.0], vec![-1.0]], &[0.0, 0.0]);
        assert!(near(even[0][0], 4.0) && near(even[1][0], 4.0));
    }
}
