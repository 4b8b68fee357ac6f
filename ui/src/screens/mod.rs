//! The screens, each a page that asks and a view that shows; [`today`] is the model.

pub mod create;
pub mod list;
pub mod more;
pub mod not_here_yet;
pub mod pipeline;
pub mod queue;
pub mod record;
pub mod review;
pub mod search;
pub mod settings;
pub mod sign_in;
pub mod today;
pub mod value;

pub use create::Makers;
pub use list::ListPage;
pub use more::More;
pub use not_here_yet::NotHereYet;
pub use pipeline::Pipeline;
pub use queue::Queue;
pub use record::{RecordBody, RecordPage};
pub use review::{ConflictPage, Review};
pub use search::Search;
pub use settings::first_sync::FirstSyncLine;
pub use settings::{Settings, SyncPage};
pub use sign_in::SignIn;
pub use today::Today;
