//! Features as bins.

use serde::{Deserialize, Serialize};

use super::super::dataset::{Kind, Matrix, Schema};
use super::super::num::{bin_u8, count};

/// Most bins of a number, missing apart.
const NUMBER_BINS: usize = 127;
/// Most bins of a category, missing apart.
const CATEGORY_BINS: usize = 254;
/// Categories seen less often share one bin.
const RARE: usize = 10;

/// How one feature is binned. Bin 0 is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) enum FeatureBins {
    /// Bin `i + 1` ends at `edges[i]` (included); the last bin has no end.
    Number {
        /// Ends of the bins.
        edges: Vec<f64>,
    },
    /// The bin of each category; those never seen in training are missing.
    Category {
        /// Bins by code.
        bin_of: Vec<u8>,
        /// Number of bins with missing.
        bins: u16,
    },
}

impl FeatureBins {
    /// The bin of a value.
    fn bin(&self, value: f64) -> u8 {
        match self {
            Self::Number { .. } | Self::Category { .. } if value.is_nan() => 0,
            Self::Number { edges } => bin_u8(1 + edges.partition_point(|e| *e < value)),
            Self::Category { bin_of, .. } => bin_of.get(count(value)).copied().unwrap_or(0),
        }
    }

    /// Number of bins with missing.
    pub(in super::super) fn bins(&self) -> usize {
        match self {
            Self::Number { edges } => edges.len() + 2,
            Self::Category { bins, .. } => usize::from(*bins),
        }
    }

    /// Whether every value has a bin among [`Self::bins`], for models read from bytes.
    fn is_sound(&self) -> bool {
        match self {
            Self::Number { edges } => self.bins() <= 256 && edges.windows(2).all(|w| w[0] <= w[1]),
            Self::Category { bin_of, bins } => {
                (1..=256).contains(bins) && bin_of.iter().all(|bin| u16::from(*bin) < *bins)
            }
        }
    }

    /// Whether bins have an order.
    pub(in super::super) fn is_ordered(&self) -> bool {
        match self {
            Self::Number { .. } => true,
            Self::Category { .. } => false,
        }
    }
}

/// How all features are binned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Binner {
    pub(in super::super) features: Vec<FeatureBins>,
}

impl Binner {
    /// Chooses bins: distinct numbers where there are few, equal counts where there are many.
    #[must_use]
    pub fn fit(schema: &Schema, data: &Matrix) -> Self {
        let fit = |(f, kind): (usize, &Kind)| match kind {
            Kind::Numeric => {
                let mut values: Vec<f64> =
                    data.iter().map(|row| row[f]).filter(|v| !v.is_nan()).collect();
                values.sort_unstable_by(f64::total_cmp);
                FeatureBins::Number { edges: edges(&values) }
            }
            Kind::Categorical { levels } => {
                let mut seen = vec![0_usize; levels.len()];
                // A code beyond the levels is that of another schema; it counts as missing.
                for value in data.iter().map(|row| row[f]).filter(|v| !v.is_nan()) {
                    if let Some(seen) = seen.get_mut(count(value)) {
                        *seen += 1;
                    }
                }
                categories(&seen)
            }
        };
        let kinds = schema.features.iter().map(|f| &f.kind);
        Self { features: kinds.enumerate().map(fit).collect() }
    }

    pub(super) fn is_sound(&self) -> bool {
        self.features.iter().all(FeatureBins::is_sound)
    }

    /// Bins one row.
    pub fn bin_row(&self, row: &[f64], into: &mut Vec<u8>) {
        into.clear();
        into.extend(self.features.iter().zip(row).map(|(f, value)| f.bin(*value)));
    }

    /// Bins all rows.
    pub(in super::super) fn bin_all(&self, data: &Matrix) -> Vec<u8> {
        data.iter()
            .flat_map(|row| self.features.iter().zip(row))
            .map(|(f, value)| f.bin(*value))
            .collect()
    }
}

/// Ends of bins of sorted values, halfway to the next value.
fn edges(sorted: &[f64]) -> Vec<f64> {
    let mut distinct: Vec<(f64, usize)> = Vec::new();
    for value in sorted {
        match distinct.last_mut() {
            Some((last, times)) if last.total_cmp(value).is_eq() => *times += 1,
            Some(_) | None => distinct.push((*value, 1)),
        }
    }
    let per_bin =
        if distinct.len() <= NUMBER_BINS { 0.0 } else { sorted.len() as f64 / NUMBER_BINS as f64 };
    let mut edges = Vec::new();
    let mut held = 0.0;
    for pair in distinct.windows(2) {
        held += pair[0].1 as f64;
        if held >= per_bin && edges.len() + 1 < NUMBER_BINS {
            edges.push(pair[0].0 + (pair[1].0 - pair[0].0) / 2.0);
            held = 0.0;
        }
    }
    edges
}

/// Frequent categories get bins of their own, the others share one.
fn categories(seen: &[usize]) -> FeatureBins {
    let mut order: Vec<usize> = (0..seen.len()).collect();
    order.sort_by_key(|c| std::cmp::Reverse(seen[*c]));
    let mut bin_of = vec![0_u8; seen.len()];
    let mut next = 1;
    let mut shared = None;
    for category in order.into_iter().filter(|c| seen[*c] > 0) {
        let bin = if seen[category] >= RARE && next < CATEGORY_BINS {
            next += 1;
            next - 1
        } else {
            *shared.get_or_insert_with(|| {
                next += 1;
                next - 1
            })
        };
        bin_of[category] = bin_u8(bin);
    }
    FeatureBins::Category { bin_of, bins: super::super::num::index_u16(next) }
}
