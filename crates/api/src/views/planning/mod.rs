//! What planning shows: forecasts, scores, assignments, territories, quotas and routes.
//!
//! Numbers that are no money travel as JSON numbers. Every view that was computed from records
//! says as of when.

pub mod files;
pub mod models;

pub use files::{
    AssignFileView, CleanFileView, FileVisitView, ForecastFileView, PredictFileView, QuotaFileView,
    RepairView, RouteFileView, SeriesNoteView, TerritoryFileView, TrainFileView, UnseenView,
};
pub use models::{
    CalibrationBinView, CandidateView, DriftView, FeatureDriftView, MetricsView, ModelCardView,
    SegmentView,
};
