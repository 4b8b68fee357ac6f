//! What planning shows: forecasts, scores, assignments, territories, quotas and routes.
//!
//! Numbers that are no money travel as JSON numbers. Every view that was computed from records
//! says as of when.

pub mod files;
pub mod forecast;
pub mod models;
pub mod plans;
pub mod scores;

pub use files::{
    AssignFileView, CleanFileView, FileVisitView, ForecastFileView, PredictFileView, QuotaFileView,
    RecalibrateFileView, RepairView, RouteFileView, SeriesNoteView, TerritoryFileView,
    TrainFileView, UnseenView,
};
pub use forecast::{
    AccuracyView, AdjustmentView, AsOfView, BandPointView, BarView, DealPartView, ForecastView,
    MovedView, OutlookView, PointView, RollUpRowView, SeriesView, SnapshotAccuracyView,
    StageRateView, WaterfallPartView, WaterfallView,
};
pub use models::{
    CalibrationBinView, CandidateView, DriftView, FeatureDriftView, MetricsView, ModelCardView,
    SegmentView,
};
pub use plans::{
    AssignedLeadView, AssignmentView, PlacesView, QualityView, QuotaCellView, QuotaRepView,
    QuotaTotalView, QuotasView, RepLoadView, RouteStopView, RouteView, TerritoriesView,
    TerritoryAccountView, TerritoryRepView,
};
pub use scores::{
    ModelView, ModelsView, NextActionView, ReasonView, RefreshView, Refreshed, ScoreView,
    ScoresView,
};
