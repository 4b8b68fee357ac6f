//! Charts: drawings in SVG with their labels on them, and the same numbers as a table behind each,
//! for screen readers and for copying.
//!
//! A drawing is geometry and classes only: colours are in `43-chart.css`, by the tokens. A chart of
//! lines or points is one picture with a sentence as its name; a chart of bars is a list whose words
//! stand beside the bars, so that it needs no other name.

pub mod band;
pub mod bars;
pub mod figure;
pub mod histogram;
pub mod map;
pub mod reasons;
pub mod stack;
pub mod waterfall;
pub mod xy;

pub use band::{Band, BandChart, BandPoint};
pub use bars::{BarChart, ChartRow};
pub use figure::{ChartFigure, Line};
pub use histogram::{Bar, Histogram, Mark};
pub use map::{MapChart, MapLine, MapPoint, Shape};
pub use reasons::{Reason, Reasons};
pub use stack::{Part, Stack};
pub use waterfall::{Fall, Waterfall};
pub use xy::{Spot, SpotChart};
