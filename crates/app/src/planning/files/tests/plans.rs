//! Instances of assignment, territories and quotas, and days: solved, or what clashes is named.

use roadbook_planning::optimise::instance::{Array, write_arrays};

use super::*;

fn array(shape: &[usize], values: &[f64]) -> Array {
    Array { shape: shape.to_vec(), values: values.to_vec() }
}

#[test]
fn instances_are_solved_and_clashes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let lead_values = array(&[3, 2], &[10.0, 9.0, 10.0, 2.0, 4.0, 3.0]);
    let may = array(&[3, 2], &[1.0, 1.0, 1.0, 0.0, 1.0, 0.0]);
    let of = |capacity: &[f64]| {
        let bytes = write_arrays(&[lead_values.clone(), may.clone(), array(&[2], capacity)]);
        file(&folder, "a.bin", bytes)
    };
    let command = |input, leftover| AssignFile { input, fairness: None, leftover };
    let found = assign_leads(&command(of(&[2.0, 2.0]), Leftover::Refuse), &WATCH).unwrap();
    assert!((found.report.objective - 23.0).abs() < 1e-9 && found.report.gap < 1e-9);
    assert!(found.output.starts_with(b"lead,rep,value,reason\n0,1,9,"));
    let clash = assign_leads(&command(of(&[1.0, 2.0]), Leftover::Refuse), &WATCH).unwrap_err();
    assert_eq!(clash.code, ErrorCode::Infeasible);
    assert!(clash.message.contains("leads (1, 2)"), "{clash}");
    let left = assign_leads(&command(of(&[1.0, 2.0]), Leftover::LeaveOut), &WATCH).unwrap();
    assert_eq!(left.report.assigned, 2);
    let half = assign_leads(&command(of(&[1.5, 2.0]), Leftover::Refuse), &WATCH).unwrap_err();
    assert!(half.message.contains("capacity[0]"), "{half}");

    let [dear, open] = [[1e8, 9e7, 1e8, 2e7, 4e7, 3e7], [1.0, 1.0, 1.0, f64::NAN, 1.0, 0.0]];
    let with = |values: &[f64], may: &[f64]| {
        let parts = [array(&[3, 2], values), array(&[3, 2], may), array(&[2], &[2.0, 2.0])];
        assign_leads(
            &command(file(&folder, "a.bin", write_arrays(&parts)), Leftover::Refuse),
            &WATCH,
        )
    };
    let found = with(&dear.map(|value| value * 1e6), &[1.0; 6]).unwrap();
    assert!(found.report.gap < 1e-9, "values of any currency: {:?}", found.report);
    let unknown = with(&dear, &open).unwrap_err();
    assert!(unknown.message.contains("eligibility[3]"), "{unknown}");

    let places = array(&[4, 2], &[0.0, 0.0, 1.0, 0.0, 9.0, 0.0, 10.0, 0.0]);
    let homes = array(&[2, 2], &[0.0, 1.0, 10.0, 1.0]);
    let input = file(&folder, "t.bin", write_arrays(&[places, array(&[4], &[1.0; 4]), homes]));
    let territory = TerritoryFile { input, balance: 0.05, change_penalty: 0.0, shape: Shape::Any };
    let designed = design_territories(&territory, &WATCH).unwrap();
    assert!(designed.report.imbalance < 1e-9 && designed.report.changed.is_none());
    assert_eq!(designed.report.apart, None);
    let places = |first: f64| array(&[2, 2], &[first, 0.0, 1.0, 0.0]);
    let design_of = |first: f64, pinned: f64| {
        let today = array(&[2], &[-1.0, -1.0]);
        let homes = array(&[2, 2], &[0.0, 1.0, 10.0, 1.0]);
        let pinned = array(&[2], &[pinned, -1.0]);
        let parts = [places(first), array(&[2], &[1.0; 2]), homes, today, pinned];
        let input = file(&folder, "u.bin", write_arrays(&parts));
        design_territories(&TerritoryFile { input, ..territory.clone() }, &WATCH)
    };
    assert!(design_of(0.0, 1.0).is_ok());
    for (first, pinned, place) in
        [(f64::NAN, -1.0, "places[0][0]"), (0.0, 2.0, "pinned[0]"), (0.0, -7.0, "pinned[0]")]
    {
        let error = design_of(first, pinned).unwrap_err();
        assert!(error.message.contains(place), "{error}");
    }

    let quota = |goal: f64| {
        let bytes = write_arrays(&[
            array(&[2, 1], &[100.0, 300.0]),
            array(&[2, 1], &[90.0, 200.0]),
            array(&[2], &[0.0, 7.0]),
            array(&[1], &[goal]),
        ]);
        QuotaFile {
            input: file(&folder, "q.bin", bytes),
            quota_band: (0.7, 1.5),
            territory_band: (0.95, 1.35),
            stretch_weight: 1e3,
            unit: 0.01,
        }
    };
    let allocated = allocate_quotas(&quota(320.0), &WATCH).unwrap();
    assert!((allocated.report.by_product[0] - 320.0).abs() < 1e-9);
    assert_eq!(allocated.report.territories, 2, "numbers may have holes");
    let clash = allocate_quotas(&quota(900.0), &WATCH).unwrap_err();
    assert_eq!(clash.code, ErrorCode::Infeasible);
    assert!(clash.message.contains("the goal of product 0"), "{clash}");
}

#[test]
fn a_day_is_planned_and_impossible_windows_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let day = |closes: &str| {
        let body = format!(
            "{{\"start\":[0,0],\"speed_kmh\":60,\"stops\":[\
             {{\"id\":\"far\",\"at\":[60,0],\"closes\":\"{closes}\"}},\
             {{\"id\":\"near\",\"at\":[30,0],\"opens\":\"10:00\"}}]}}"
        );
        RouteFile { input: file(&folder, "day.json", body) }
    };
    let found = plan_route(&day("17:00"), &WATCH).unwrap();
    assert!(found.report.proven);
    let order: Vec<&str> = found.report.visits.iter().map(|visit| visit.id.as_str()).collect();
    assert_eq!(order, ["far", "near"], "the near one opens late");
    let late = plan_route(&day("08:30"), &WATCH).unwrap_err();
    assert_eq!(late.code, ErrorCode::Infeasible);
    assert!(late.message.contains("stop far"), "{late}");
    let wrong = plan_route(&day("noon"), &WATCH).unwrap_err();
    assert!(wrong.message.contains("stop far, closes"), "{wrong}");
    let shut = plan_route(&day("07:00"), &WATCH).unwrap_err();
    assert!(shut.message.contains("stop far") && shut.message.contains("closes"), "{shut}");
    let nowhere = RouteFile { input: file(&folder, "n.json", "{\"stops\":[{\"id\":\"a\"}]}") };
    assert!(plan_route(&nowhere, &WATCH).unwrap_err().message.contains("start: has no place"));
}

#[test]
fn territories_of_a_file_hang_together_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let array =
        |shape: &[usize], values: &[f64]| Array { shape: shape.to_vec(), values: values.to_vec() };
    // A map of 12 by 12 whose accounts are with reps at random, who keep most of them.
    let at = |account: u32| [f64::from(account % 12), f64::from(account / 12)];
    let places: Vec<f64> = (0..144).flat_map(at).collect();
    let today: Vec<f64> = (0..144_u32).map(|account| f64::from(account * 7 / 3 % 4)).collect();
    let homes = [1.0, 1.0, 10.0, 2.0, 3.0, 9.0, 8.0, 8.0];
    let input = file(
        &folder,
        "t.bin",
        write_arrays(&[
            array(&[144, 2], &places),
            array(&[144], &[1.0; 144]),
            array(&[4, 2], &homes),
            array(&[144], &today),
        ]),
    );
    let made = |shape| {
        let command =
            TerritoryFile { input: input.clone(), balance: 0.05, change_penalty: 4.0, shape };
        design_territories(&command, &WATCH).unwrap()
    };
    let (any, connected) = (made(Shape::Any), made(Shape::Connected));
    assert_eq!(any.report.apart, None, "nobody asked");
    assert_ne!(any.output, connected.output);
    let Some((Some(before), after)) = connected.report.apart else { panic!("{connected:?}") };
    assert!(before > 20 && after * 3 < before, "{after} after, {before} before");
    assert!(connected.report.imbalance <= 0.05 + 1e-9, "balance still holds");
}
