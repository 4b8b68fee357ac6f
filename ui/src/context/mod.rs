//! What every screen can ask for, each behind a named hook.
//!
//! | hook | what it gives |
//! |---|---|
//! | [`use_query`] | the answer of a reading command, looked up again when something changed |
//! | [`use_plan`] | the answer of long work, with its progress and a way to stop it |
//! | [`use_rows`] | the rows of a list of any length, page by page as they are seen |
//! | [`use_room`] | whether the window is that of a phone |
//! | [`use_write`] | carries a writing command out, with a toast and its undo |
//! | [`use_bridge`] | the bridge itself, for what the two above do not cover |
//! | [`use_place`], [`use_go`], [`use_panel`] | where we are, going elsewhere, the record panel |
//! | [`use_make`] | opens the dialog in which a visit is logged or a record is made |
//! | `use_draft` | what somebody types, kept until it is saved |
//! | `use_shown` | whether the component is still there, for what is told later |
//! | [`use_action`] | hears a key of the key map |
//! | [`use_wall`] | now, and the zone of the place |
//! | [`use_session`], [`use_strip`] | who is here, how things stand with the server |
//! | [`use_first_sync`] | how far the first sync has come |
//! | [`use_refresh`] | looks at everything again |
//! | [`use_anew`] | begins the page anew, for who has signed in |
//! | [`use_toast`], [`use_announce`] | says something: to everybody, to screen readers |
//!
//! [`Providers`] puts all of them around the app.

mod drafts;
mod keys;
mod making;
mod place;
mod planning;
mod providers;
mod query;
mod room;
mod rows;
mod shown;
mod speech;
mod write;

pub(crate) use drafts::{Draft, Drafts, use_draft, use_stored};
pub use keys::{KeyHub, use_action};
pub(crate) use keys::{KeyScope, use_action_in, use_dialog_scope};
pub use making::{Made, Make, Making, use_make};
pub use place::{Go, Panel, use_go, use_panel, use_place};
pub use planning::{Plan, use_plan, use_planning_step};
pub(crate) use providers::Anew;
pub use providers::{
    FirstSync, Providers, ProvidersProps, use_anew, use_bridge, use_first_sync, use_refresh,
    use_session, use_strip, use_wall,
};
pub use query::{Query, Turns, Watch, use_query};
pub use room::{Room, use_room};
pub use rows::{Rows, use_rows};
pub(crate) use shown::use_shown;
pub(crate) use speech::use_toasts;
pub use speech::{Announce, Say, use_announce, use_toast};
pub use write::{Write, Written, use_write};
