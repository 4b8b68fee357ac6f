//! What scenes found, kept between runs: the long bench may be run scene by scene.
//!
//! One JSON file a scene, in `docs/planning-figures`, committed with the report that is written from
//! them: a scene that is run anew takes nothing from the others, whoever ran them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::compare::Comparison;
use super::data::{Sets, Source};
use super::errors::Experiment;
use super::peers::Peers;
use super::tasks::Tasks;
use super::{Figure, run};

/// What a scene found.
#[derive(Serialize, Deserialize)]
pub(super) struct Findings {
    pub(super) tasks: Option<Tasks>,
    pub(super) experiments: Vec<Experiment>,
    pub(super) comparisons: Vec<Comparison>,
    /// What could not be compared, and why.
    pub(super) missing: Vec<String>,
}

impl Findings {
    pub(super) fn none() -> Self {
        Self { tasks: None, experiments: vec![], comparisons: vec![], missing: vec![] }
    }

    /// The figures, for whoever reads lines.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let mut out = Vec::new();
        if let Some(tasks) = &self.tasks {
            out.extend(tasks.figures());
        }
        out.extend(self.experiments.iter().flat_map(Experiment::figures));
        out.extend(self.comparisons.iter().map(|one| {
            let name = format!("{}: {} {}", one.what, one.measure, one.unit);
            let figure = Figure::new("planning", name.trim(), one.ours, "");
            match one.theirs {
                Some(theirs) => figure.against(theirs),
                None => figure,
            }
        }));
        out
    }
}

/// From where findings come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// The command that finds them.
    pub(super) command: String,
    /// The commit, and whether files differed from it.
    pub(super) commit: String,
    /// The tree of `crates/planning`: the same wherever the same code was committed.
    pub(super) tree: String,
    pub(super) data: Source,
    /// Names and versions of the peers' libraries.
    pub(super) peers: String,
}

impl Stamp {
    pub(super) fn now(command: String, sets: &Sets, peers: &Peers) -> Result<Self> {
        let git = |words: &[&str]| -> Result<String> {
            let mut git = Command::new("git");
            git.arg("-C").arg(env!("CARGO_MANIFEST_DIR")).args(words);
            Ok(run::run(&mut git)?.out.trim().to_owned())
        };
        let mut commit = git(&["rev-parse", "--short=12", "HEAD"])?;
        if !git(&["status", "--porcelain", "--", "../crates", "../tests"])?.is_empty() {
            commit.push_str(" with changes");
        }
        let tree = git(&["rev-parse", "--short=12", "HEAD:crates/planning"])?;
        Ok(Self { command, commit, tree, data: sets.source(), peers: peers.versions().to_owned() })
    }
}

/// What one scene found, and from where.
#[derive(Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) scene: String,
    pub(super) stamp: Stamp,
    pub(super) found: Findings,
}

/// The folder of what was found.
pub(super) struct Kept(PathBuf);

impl Kept {
    pub(super) fn of(docs: &Path) -> Result<Self> {
        let folder = docs.join("planning-figures");
        std::fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
        Ok(Self(folder))
    }

    fn path(&self, scene: &str) -> PathBuf {
        self.0.join(format!("{scene}.json"))
    }

    pub(super) fn keep(&self, scene: &str, stamp: &Stamp, mut found: Findings) -> Result<()> {
        // JSON has no word for what is no number; it is told as missing.
        let is_there =
            |one: &Comparison| one.ours.is_finite() && one.theirs.is_none_or(f64::is_finite);
        for one in found.comparisons.iter().filter(|one| !is_there(one)) {
            found.missing.push(format!("{}: {} gave no number", one.what, one.measure));
        }
        found.comparisons.retain(is_there);
        let part = Part { scene: scene.to_owned(), stamp: stamp.clone(), found };
        std::fs::write(self.path(scene), serde_json::to_string_pretty(&part)? + "\n")?;
        Ok(())
    }

    /// What was found of the scenes, in their order. What an older bench left in another form does
    /// not count.
    pub(super) fn all(&self, scenes: &[&str]) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        for scene in scenes {
            let path = self.path(scene);
            if path.exists() {
                parts.extend(serde_json::from_str::<Part>(&super::text(&path)?).ok());
            }
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare::Aim;
    use super::*;

    #[test]
    fn what_was_kept_comes_back_in_the_order_of_the_scenes() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::of(folder.path()).unwrap();
        let stamp = Stamp {
            command: "cargo xtask bench planning:plans".into(),
            commit: "0123".into(),
            tree: "4567".into(),
            data: Source::MadeUp,
            peers: String::new(),
        };
        let mut found = Findings::none();
        found.comparisons.push(Comparison::new("quota", "CPU", "s", 0.25).aim(Aim::AtMost(1.0)));
        found.comparisons.push(Comparison::new("quota", "objective", "", f64::NAN));
        kept.keep("plans", &stamp, found).unwrap();
        kept.keep("tasks", &stamp, Findings::none()).unwrap();
        std::fs::write(kept.path("scores"), "{\"form\":\"another\"}").unwrap();
        let all = kept.all(&["tasks", "scores", "plans"]).unwrap();
        let names: Vec<&str> = all.iter().map(|part| part.scene.as_str()).collect();
        assert_eq!(names, ["tasks", "plans"]);
        assert_eq!(all[1].stamp, stamp);
        assert_eq!(all[1].found.comparisons.len(), 1);
        assert_eq!(all[1].found.comparisons[0].is_met(), Some(true));
        assert_eq!(all[1].found.missing, ["quota: objective gave no number"]);
    }
}
