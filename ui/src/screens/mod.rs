//! The screens, each a page that asks and a view that shows; [`today`] is the model.

pub mod create;
pub mod forecast;
pub mod list;
pub mod more;
mod offers;
pub mod pipeline;
pub mod planning;
pub mod queue;
pub mod record;
pub mod review;
pub mod scores;
pub mod search;
pub mod settings;
pub mod sign_in;
pub mod today;
pub mod value;

pub use create::{Asked, Makers};
pub use forecast::Forecast;
pub use list::ListPage;
pub use more::More;
pub use pipeline::Pipeline;
pub use planning::day::DayRoute;
pub use planning::leads::Assignment;
pub use planning::quotas::Quotas;
pub use planning::territories::Territories;
pub use queue::Queue;
pub use record::{RecordBody, RecordPage};
pub use review::{ConflictPage, Review};
pub use scores::{Hot, RecordScore, Scoring};
pub use search::Search;
pub use settings::first_sync::FirstSyncLine;
pub use settings::{Settings, SyncPage};
pub use sign_in::SignIn;
pub use today::Today;
