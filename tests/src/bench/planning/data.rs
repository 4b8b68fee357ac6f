//! Series and tables: public ones where there are some, else made up here.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::{folder, text};
use crate::world::dice::Dice;

/// The public sets that are read, revenue first.
const NAMES: [&str; 4] = ["ausretail", "tourism", "m1", "m3"];
/// Series that are made up.
const MADE_UP: usize = 80;
/// Series of the forecasting task.
pub(super) const TASK_SERIES: usize = 1_000;

/// Where the series come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Source {
    /// Public sets.
    Public,
    /// Made up here.
    MadeUp,
}

/// A series with what came after it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sales {
    pub(super) id: String,
    pub(super) freq: usize,
    pub(super) h: usize,
    pub(super) x: Vec<Option<f64>>,
    #[serde(default, skip_serializing)]
    pub(super) xx: Vec<f64>,
}

/// The sets by name.
pub(super) struct Sets {
    pub(super) folder: Option<PathBuf>,
    /// The one that is most like revenue first.
    pub(super) sets: Vec<(String, Vec<Sales>)>,
}

impl Sets {
    pub(super) fn read() -> Result<Self> {
        let folder = folder("ROADBOOK_BENCH_DATA");
        let mut sets = Vec::new();
        for name in NAMES {
            let Some(folder) = &folder else { continue };
            let path = folder.join(format!("{name}_monthly.jsonl"));
            if path.exists() {
                sets.push((name.to_owned(), lines(&path)?));
            }
        }
        if sets.is_empty() {
            sets.push(("made up".to_owned(), made_up(MADE_UP, 1)));
        }
        Ok(Self { folder, sets })
    }

    pub(super) fn source(&self) -> Source {
        if self.sets[0].0 == "made up" { Source::MadeUp } else { Source::Public }
    }
}

fn lines(path: &Path) -> Result<Vec<Sales>> {
    let read = |line: &str| serde_json::from_str(line).context("a line of a set");
    text(path)?.lines().map(read).collect()
}

/// Writes series as the public commands read them.
pub(super) fn write(path: &Path, series: &[Sales]) -> Result<()> {
    let lines: Result<Vec<String>, _> = series.iter().map(serde_json::to_string).collect();
    std::fs::write(path, lines?.join("\n")).with_context(|| format!("write {}", path.display()))
}

/// Monthly sales with a trend, a season and chance, seeded.
pub(super) fn made_up(count: usize, seed: u64) -> Vec<Sales> {
    let mut dice = Dice::new(seed);
    let mut unit = || f64::from(u32::try_from(dice.roll() >> 32).unwrap_or(0)) / 4_294_967_296.0;
    let one = |n: usize| {
        let (level, growth) = (50.0 + 2_000.0 * unit(), 0.006 * (unit() - 0.3));
        let (swing, phase) = (0.25 * unit(), 12.0 * unit());
        let mut drift = 0.0_f64;
        let values: Vec<f64> = (0..138_u32)
            .map(|month| {
                // A sum of uniform numbers is nearly normal.
                let noise = unit() + unit() + unit() + unit() - 2.0;
                drift += 0.012 * noise;
                let turn = std::f64::consts::TAU * (f64::from(month) + phase) / 12.0;
                let season = 1.0 + swing * turn.sin();
                let chance = 1.0 + 0.06 * (unit() + unit() - 1.0);
                level * (growth * f64::from(month) + drift).exp() * season * chance
            })
            .collect();
        Sales {
            id: format!("sales-{n}"),
            freq: 12,
            h: 18,
            x: values[..120].iter().copied().map(Some).collect(),
            xx: values[120..].to_vec(),
        }
    };
    (0..count).map(one).collect()
}
