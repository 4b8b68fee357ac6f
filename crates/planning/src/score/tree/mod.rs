//! Trees on binned features: one tree, random forest, gradient boosting.
//!
//! Features become at most 255 bins (bin 0 is missing); splits are found on histograms of
//! gradients, as in LightGBM (Ke et al., NIPS 2017), and leaves are grown best first. A single
//! tree and the forest use the same grower with the label as gradient, which makes the gain the
//! decrease of the Gini impurity.

mod bins;
mod boost;
mod ensemble;
mod forest;
mod grow;
mod masks;
mod node;
mod path;
mod split;

pub use bins::Binner;
pub use boost::{BoostSettings, fit_boosted};
pub(super) use ensemble::Shares;
pub use ensemble::{Ensemble, Link};
pub use forest::{ForestSettings, TreeSettings, fit_forest, fit_tree};
pub(super) use node::{Go, Tree};
pub use path::{Step, Test};
