//! Each kind of damage is found, named and repaired; undamaged series stay as they are.

use super::super::rng::Random;
use super::super::series::Frequency;
use super::*;

/// Monthly sales with trend, season and 5 % noise.
fn sales(seed: u64) -> Vec<f64> {
    let season = [0.7, 0.8, 1.0, 1.1, 1.2, 1.3, 1.2, 1.1, 1.0, 0.9, 0.8, 0.9];
    let mut random = Random::new(seed);
    (0..84_usize)
        .map(|i| (1000.0 + 8.0 * i as f64) * season[i % 12] * (0.05 * random.normal()).exp())
        .collect()
}

fn cleaned(values: Vec<Option<f64>>) -> Cleaned {
    clean(&Series::new(values, Frequency::Monthly, None).unwrap(), LastPeriod::Unknown)
}

/// Damages one position and returns the only repair.
fn repair_of(position: usize, damage: impl Fn(f64) -> Option<f64>) -> (f64, Repair) {
    let whole = sales(1);
    let mut values: Vec<Option<f64>> = whole.iter().copied().map(Some).collect();
    values[position] = damage(whole[position]);
    let cleaned = cleaned(values);
    assert_eq!(cleaned.repairs.len(), 1, "{:?}", cleaned.repairs);
    (whole[position], cleaned.repairs[0])
}

#[test]
fn undamaged_series_stay_as_they_are() {
    for seed in 0..20 {
        let values: Vec<Option<f64>> = sales(seed).into_iter().map(Some).collect();
        let cleaned = cleaned(values.clone());
        assert_eq!(cleaned.repairs, [], "seed {seed}");
        assert_eq!(cleaned.series.values(), values);
    }
}

#[test]
fn a_missing_month_is_filled() {
    let (whole, repair) = repair_of(40, |_| None);
    assert_eq!((repair.position, repair.damage, repair.before), (40, Damage::Missing, None));
    assert!((repair.after / whole - 1.0).abs() < 0.2, "{repair:?} {whole}");
}

#[test]
fn a_false_zero_is_filled() {
    let (whole, repair) = repair_of(33, |_| Some(0.0));
    assert_eq!((repair.position, repair.damage), (33, Damage::FalseZero));
    assert!((repair.after / whole - 1.0).abs() < 0.2);
}

#[test]
fn a_doubled_month_is_halved() {
    let (whole, repair) = repair_of(50, |value| Some(value * 2.0));
    assert_eq!((repair.position, repair.damage), (50, Damage::Doubled));
    assert!((repair.after / whole - 1.0).abs() < 1e-9, "exactly what it was");
}

#[test]
fn keying_errors_are_taken_back() {
    let (whole, repair) = repair_of(20, |value| Some(value * 10.0));
    assert_eq!((repair.position, repair.damage), (20, Damage::TenTimes));
    assert!((repair.after / whole - 1.0).abs() < 1e-9);
    let (whole, repair) = repair_of(21, |value| Some(value / 10.0));
    assert_eq!((repair.position, repair.damage), (21, Damage::ATenth));
    assert!((repair.after / whole - 1.0).abs() < 1e-9);
}

#[test]
fn an_open_last_month_is_filled() {
    let (whole, repair) = repair_of(83, |value| Some(value * 0.4));
    assert_eq!((repair.position, repair.damage), (83, Damage::OpenPeriod));
    assert!((repair.after / whole - 1.0).abs() < 0.2);
}

#[test]
fn an_outage_is_filled() {
    let whole = sales(2);
    let mut values: Vec<Option<f64>> = whole.iter().copied().map(Some).collect();
    for value in &mut values[44..47] {
        *value = value.map(|value| value * 0.1);
    }
    let cleaned = cleaned(values);
    let found: Vec<(usize, Damage)> =
        cleaned.repairs.iter().map(|repair| (repair.position, repair.damage)).collect();
    assert_eq!(found, [44, 45, 46].map(|position| (position, Damage::Outage)));
    for repair in cleaned.repairs {
        assert!((repair.after / whole[repair.position] - 1.0).abs() < 0.25, "{repair:?}");
    }
}

#[test]
fn of_two_seasons_that_disagree_the_doubled_one_is_found() {
    let mut values: Vec<Option<f64>> = sales(4).into_iter().take(30).map(Some).collect();
    values[20] = values[20].map(|value| 2.0 * value);
    let cleaned = cleaned(values);
    let found: Vec<(usize, Damage)> =
        cleaned.repairs.iter().map(|repair| (repair.position, repair.damage)).collect();
    assert_eq!(found, [(20, Damage::Doubled)], "the place was seen twice only");
}

#[test]
fn a_fall_that_goes_on_to_the_end_is_no_open_period() {
    let mut values: Vec<Option<f64>> = sales(5).into_iter().map(Some).collect();
    for (step, value) in values[79..].iter_mut().enumerate() {
        *value = value.map(|value| value * 0.6_f64.powf((step + 1) as f64));
    }
    let open = |repair: &Repair| repair.damage == Damage::OpenPeriod;
    assert!(!cleaned(values).repairs.iter().any(open), "each month fell like the last one");
}

#[test]
fn a_lasting_fall_is_no_outage() {
    let mut values: Vec<Option<f64>> = sales(3).into_iter().map(Some).collect();
    for value in &mut values[60..] {
        *value = value.map(|value| value * 0.4);
    }
    let cleaned = cleaned(values);
    assert!(cleaned.repairs.len() < 2, "{:?}", cleaned.repairs);
}

#[test]
fn a_series_of_many_zeros_keeps_them() {
    let values = (0..60_usize).map(|i| Some(if i % 3 == 0 { 5.0 } else { 0.0 })).collect();
    assert_eq!(cleaned(values).repairs, []);
}

#[test]
fn every_reason_is_told() {
    let all = [
        Damage::Missing,
        Damage::FalseZero,
        Damage::Doubled,
        Damage::TenTimes,
        Damage::ATenth,
        Damage::Outage,
        Damage::OpenPeriod,
    ];
    assert!(all.iter().all(|damage| damage.reason().contains(';')), "cause; repair");
}

#[test]
fn a_digit_too_many_is_no_season_where_the_other_years_tell_nothing() {
    let whole: Vec<f64> = sales(1)[..44].to_vec();
    let mut values: Vec<Option<f64>> = whole.iter().copied().map(Some).collect();
    // The same month of four years: missing, not synced, ten times; the fourth is still to come.
    values[8] = None;
    values[20] = Some(0.0);
    values[32] = Some(10.0 * whole[32]);
    let cleaned = cleaned(values);
    let found: Vec<(usize, Damage)> =
        cleaned.repairs.iter().map(|repair| (repair.position, repair.damage)).collect();
    let expected = [(8, Damage::Missing), (20, Damage::FalseZero), (32, Damage::TenTimes)];
    assert_eq!(found, expected);
    for repair in &cleaned.repairs {
        let off = repair.after / whole[repair.position] - 1.0;
        assert!(off.abs() < 0.3, "{repair:?} against {}", whole[repair.position]);
    }
}

#[test]
fn nothing_is_made_up_before_the_first_known_value() {
    let mut values: Vec<Option<f64>> = sales(6).into_iter().take(48).map(Some).collect();
    values[20] = None;
    values.splice(0..0, vec![None; 24]);
    let cleaned = cleaned(values.clone());
    assert_eq!(cleaned.life, Life { unknown_before: 24, ..Life::default() });
    assert_eq!(cleaned.repairs.len(), 1, "{:?}", cleaned.repairs);
    assert_eq!((cleaned.repairs[0].position, cleaned.repairs[0].damage), (44, Damage::Missing));
    assert_eq!(cleaned.series.values()[..44], values[..44]);
}

#[test]
fn zeros_at_the_ends_are_the_life_of_a_product() {
    let all: Vec<Option<f64>> = sales(7).into_iter().map(Some).collect();
    for (begin, end) in [(3, 0), (0, 3), (12, 12), (4, 0), (0, 20)] {
        let mut values = all.clone();
        values[..begin].fill(Some(0.0));
        values[84 - end..].fill(Some(0.0));
        let cleaned = cleaned(values.clone());
        assert_eq!(cleaned.repairs, [], "{begin} zeros at the beginning, {end} at the end");
        assert_eq!((cleaned.life.zeros_before, cleaned.life.zeros_after), (begin, end));
        assert_eq!(cleaned.series.values(), values);
    }
}

#[test]
fn zeros_at_an_end_are_damage_where_something_says_so() {
    let mut values: Vec<Option<f64>> = sales(8).into_iter().map(Some).collect();
    values[80] = None;
    values[81..].fill(Some(0.0));
    let lost = cleaned(values.clone());
    assert_eq!((lost.repairs.len(), lost.life), (4, Life::default()), "a value is missing there");
    values[80] = Some(1_500.0);
    let series = Series::new(values.clone(), Frequency::Monthly, None).unwrap();
    let open = clean(&series, LastPeriod::Open);
    assert_eq!(open.repairs.len(), 3, "the last period is not over: {:?}", open.repairs);
    values[82..].fill(Some(1_500.0));
    assert_eq!(cleaned(values).repairs.len(), 1, "one zero alone is no life");
}
