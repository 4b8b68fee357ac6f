//! Peers, where they are there: the same series, tables and instances, one thread, CPU seconds.
//!
//! Ours is the whole program: starting, reading, solving, writing. A peer's is what its script
//! counts: fitting or solving, without starting Python and reading files. So ratios lean against
//! us.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use serde_json::Value as Json;

use super::data::Sets;
use super::folder;
use super::run::{Ran, run};

/// The libraries behind the scripts.
const LIBRARIES: &str = "\
import importlib.metadata as m
names = 'statsforecast prophet keras lightgbm xgboost scikit-learn ortools scipy highspy'.split()
def version(name):
    try: return name + ' ' + m.version(name)
    except Exception: return None
print(', '.join(v for v in map(version, names) if v))";

/// Scripts of peers and who runs them.
pub(super) struct Peers {
    /// `None` where nobody named scripts or data.
    scripts: Option<PathBuf>,
    interpreters: Vec<String>,
    data: PathBuf,
    /// Where scripts write.
    pub(super) out: PathBuf,
    versions: String,
    /// What could not be run, and why.
    pub(super) missing: Vec<String>,
}

impl Peers {
    pub(super) fn find(scratch: &Path, sets: &Sets) -> Result<Self> {
        let named = std::env::var("ROADBOOK_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let out = scratch.join("peers");
        std::fs::create_dir_all(&out)?;
        // The scripts put the part's name after the folder.
        let data = sets.folder.as_deref().map(|data| data.parent().unwrap_or(data).to_owned());
        let mut all = Self {
            scripts: folder("ROADBOOK_BENCH_PEERS").filter(|_| data.is_some()),
            interpreters: named.split(':').map(str::to_owned).collect(),
            data: data.unwrap_or_default(),
            out,
            versions: String::new(),
            missing: Vec::new(),
        };
        if all.are_there() {
            let told = all.interpreters.iter().filter_map(|interpreter| {
                run(Command::new(interpreter).args(["-c", LIBRARIES])).ok()
            });
            let told: Vec<String> = told.map(|ran| ran.out.trim().to_owned()).collect();
            all.versions = told.join(", ");
        }
        Ok(all)
    }

    pub(super) fn are_there(&self) -> bool {
        self.scripts.is_some()
    }

    /// Names and versions of the peers' libraries.
    pub(super) fn versions(&self) -> &str {
        &self.versions
    }

    /// Runs a script; its lines of JSON, or none.
    pub(super) fn lines(&mut self, script: &str, arguments: &[&str]) -> Vec<Json> {
        self.lines_with(script, arguments, &[])
    }

    /// The same with variables set.
    pub(super) fn lines_with(
        &mut self,
        script: &str,
        arguments: &[&str],
        variables: &[(&str, String)],
    ) -> Vec<Json> {
        let ran = self.run(script, arguments, variables);
        ran.map_or_else(Vec::new, |ran| json_lines(&ran.out))
    }

    /// Runs a script for the lines that it adds to a file of the folder of results: some print
    /// what only Python reads, but write JSON.
    pub(super) fn written(&mut self, script: &str, arguments: &[&str], file: &str) -> Vec<Json> {
        let path = self.out.join(file);
        let before = std::fs::metadata(&path).map_or(0, |about| about.len());
        if self.run(script, arguments, &[]).is_none() {
            return Vec::new();
        }
        let all = std::fs::read_to_string(&path).unwrap_or_default();
        let new = usize::try_from(before).ok().and_then(|before| all.get(before..));
        json_lines(new.unwrap_or_default())
    }

    /// Runs a script with the first interpreter that can.
    fn run(
        &mut self,
        script: &str,
        arguments: &[&str],
        variables: &[(&str, String)],
    ) -> Option<Ran> {
        let scripts = self.scripts.as_ref()?;
        let mut last = String::new();
        for interpreter in &self.interpreters {
            let mut command = Command::new(interpreter);
            command.arg(scripts.join(script)).args(arguments);
            for threads in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"] {
                command.env(threads, "1");
            }
            command.env("PYTHONDONTWRITEBYTECODE", "1");
            command.env("NUMBA_CACHE_DIR", self.out.join("numba"));
            command.env("PEERS_DATA", &self.data).env("PEERS_OUT", &self.out);
            command.envs(variables.iter().map(|(name, value)| (name, value)));
            match run(&mut command) {
                Ok(ran) => return Some(ran),
                Err(error) => last = error.to_string().replace(interpreter, "the interpreter"),
            }
        }
        let why = last.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no answer");
        // Folders of this machine say nothing to whoever reads the report.
        let mut told = format!("{script} {}: {}", arguments.join(" "), why.trim());
        for folder in [&self.out, scripts, &self.data] {
            told = told.replace(&folder.display().to_string(), ".");
        }
        self.missing.push(told);
        None
    }
}

fn json_lines(text: &str) -> Vec<Json> {
    text.lines()
        .filter(|line| line.starts_with('{'))
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// A number of a line; not a number where it has none.
pub(super) fn number(line: &Json, key: &str) -> f64 {
    line[key].as_f64().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_of_json_count() {
        let told = json_lines("starting\n{\"OWA\": 0.9, \"fail\": 0}\n{'solver': 'x'}\n");
        assert_eq!(told.len(), 1);
        assert!((number(&told[0], "OWA") - 0.9).abs() < 1e-12);
        assert!(number(&told[0], "cpu_s").is_nan());
    }
}
