//! Scores: deals and leads most worth a call, the models behind them, and the reasons on a record.

pub mod card;
pub mod hot;
pub mod model;
pub mod reasons;
pub mod what;

pub use hot::Hot;
pub use model::Scoring;
pub use reasons::RecordScore;
