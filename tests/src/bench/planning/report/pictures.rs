//! The pictures of the report.

use super::super::kept::Part;
use super::super::plot::{Group, bars};

/// The pictures for which there are figures, by file name.
pub(super) fn all(parts: &[Part]) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    if let Some(tasks) = parts.iter().find_map(|part| part.found.tasks.as_ref()) {
        let group = |label: &str, cpu_s: f64| Group { label: label.into(), values: vec![cpu_s] };
        let mut groups: Vec<Group> =
            tasks.tasks.iter().map(|task| group(&task.name, task.cpu_s)).collect();
        groups.push(group("all, step by step", tasks.steps_cpu_s()));
        groups.push(group("all, one process", tasks.pipeline_cpu_s));
        let title = "Four planning tasks, seconds of CPU";
        out.push(("planning-tasks.svg", bars(title, &["CPU"], &groups, " s", 1)));
    }
    // The first set is the one that is most like revenue.
    if let Some(experiment) = parts.iter().find_map(|part| part.found.experiments.first()) {
        let rows = || experiment.rows.iter();
        let group = |label: &str, values: Vec<f64>| Group { label: label.to_owned(), values };
        let errors: Vec<Group> = rows()
            .map(|row| group(&row.model, vec![row.damaged, row.cleaned, row.undamaged]))
            .collect();
        let title = format!("Mean absolute percentage error, {}", experiment.set);
        let names = ["damaged", "cleaned", "undamaged"];
        out.push(("planning-errors.svg", bars(&title, &names, &errors, " %", 1)));
        let saved: Vec<Group> = rows()
            .map(|row| {
                let (cleaning, fresh) = row.parts();
                group(&row.model, vec![cleaning, fresh])
            })
            .collect();
        let title = format!("Points of error saved, by what saves them, {}", experiment.set);
        out.push(("planning-parts.svg", bars(&title, &["cleaning", "fresh data"], &saved, "", 1)));
    }
    out.extend(owa(parts).map(|picture| ("planning-owa.svg", picture)));
    out
}

/// Our error over the peer's, for each model and set.
fn owa(parts: &[Part]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let all = parts.iter().flat_map(|part| &part.found.comparisons);
    for one in all.filter(|one| one.measure == "OWA") {
        let mut words = one.what.split(", ");
        let (Some(model), Some(set), Some(theirs)) = (words.next(), words.next(), one.theirs)
        else {
            continue;
        };
        let at = names.iter().position(|name| *name == set).unwrap_or_else(|| {
            names.push(set);
            names.len() - 1
        });
        if !groups.iter().any(|group| group.label == model) {
            groups.push(Group { label: model.to_owned(), values: Vec::new() });
        }
        let Some(group) = groups.iter_mut().find(|group| group.label == model) else { continue };
        if group.values.len() <= at {
            group.values.resize(at + 1, 0.0);
        }
        group.values[at] = one.ours / theirs;
    }
    let title = "OWA over the peer's (below 1: ours is better)";
    (!groups.is_empty()).then(|| bars(title, &names, &groups, "", 2))
}
