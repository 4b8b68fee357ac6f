//! Scores: deals most worth a call, the model behind them, and the reasons on a record.

pub mod card;
pub mod hot;
pub mod model;
pub mod reasons;

pub use hot::Hot;
pub use model::Scoring;
pub use reasons::RecordScore;
