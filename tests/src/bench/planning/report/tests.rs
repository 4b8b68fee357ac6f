//! The report has what was found, says from where, and nothing else.

use super::super::compare::{Aim, Comparison};
use super::super::data::Source;
use super::super::errors::{Experiment, Row};
use super::super::kept::{Findings, Part, Stamp};
use super::super::tasks::{Task, Tasks};
use super::*;

fn part(scene: &str, found: Findings) -> Part {
    let stamp = Stamp {
        command: format!("cargo xtask bench planning:{scene}"),
        commit: "0123456789ab".into(),
        tree: "ba9876543210".into(),
        data: Source::Public,
        peers: "scipy 1.0".into(),
    };
    Part { scene: scene.to_owned(), stamp, found }
}

fn tasks() -> Findings {
    let task = Task { name: "quota allocation".into(), what: "1,000 reps".into(), cpu_s: 9.0 };
    let tasks = Tasks { tasks: vec![task], pipeline_cpu_s: 7.5 };
    Findings { tasks: Some(tasks), ..Findings::none() }
}

fn errors() -> Findings {
    let row = Row {
        model: "arima".into(),
        damaged: 20.0,
        cleaned: 10.5,
        undamaged: 10.0,
        undamaged_cleaned: 10.1,
        stale_damaged: 22.0,
        stale_cleaned: 11.5,
    };
    let experiment = Experiment {
        set: "retail".into(),
        series: 3,
        ahead: 18,
        rows: vec![row],
        damaged: 40,
        repaired: 39,
    };
    Findings { experiments: vec![experiment], ..Findings::none() }
}

fn forecasts() -> Findings {
    let owa = |model: &str, ours: f64| {
        Comparison::new(&format!("{model}, retail, 3 series"), "OWA", "", ours)
            .beside("AutoETS", 0.8)
            .aim(Aim::RatioAtMost(1.0))
    };
    let comparisons = vec![owa("ets", 0.78), owa("theta", 0.84)];
    let missing = vec!["fc_bench.py: no answer".into()];
    Findings { comparisons, missing, ..Findings::none() }
}

#[test]
fn what_is_missed_comes_first_and_every_figure_has_its_origin() {
    let parts = [part("tasks", tasks()), part("errors", errors()), part("forecasts", forecasts())];
    let text = text(&parts);
    // Two of the tasks, three of the errors, two of the forecasts; the steps took 9 s of 8.
    assert!(text.contains("5 of 7 figures that have an aim meet it."), "{text}");
    let in_short = text.split("## Where").next().unwrap();
    assert!(in_short.contains("| all four tasks | CPU, step by step | 9.00 s |"), "{in_short}");
    assert!(in_short.contains("| theta, retail, 3 series | OWA |"), "{in_short}");
    assert!(!in_short.contains("ets, retail"), "{in_short}");
    assert!(text.contains(
        "| errors | `cargo xtask bench planning:errors` | 0123456789ab | ba9876543210 | public |"
    ));
    assert!(text.contains("| scores | not run | | | |"), "what was not run is told");
    assert!(text.contains("Peers: scipy 1.0.\n"));
    assert!(
        text.contains("| arima | 20.00 % | 10.50 % | 10.00 % | 47.5 % (aim 28.1 %) | 50.0 % |")
    );
    assert!(text.contains("- fc_bench.py: no answer"));
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"));
}

#[test]
fn every_picture_that_is_shown_is_drawn() {
    let parts = [part("tasks", tasks()), part("errors", errors()), part("forecasts", forecasts())];
    let text = text(&parts);
    let drawn: Vec<&str> = pictures::all(&parts).into_iter().map(|(name, _)| name).collect();
    for name in &drawn {
        assert!(text.contains(&format!("(pictures/{name})")), "{name} is drawn, but not shown");
    }
    assert_eq!(text.matches("](pictures/").count(), drawn.len());
}
