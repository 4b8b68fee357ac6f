//! The words of `today`, `board`, `timeline`, `related` and `views`.

use clap::{Args, Subcommand};

/// The examples of `board`.
pub(crate) const BOARD: &str = "\
Examples:
  roadbook board opportunities owner=me
  roadbook board opportunities --column Proposal --limit 50
  roadbook board leads

`pipeline` is short for `board opportunities`. Conditions are those of `list`.";

/// The examples of `views`.
pub(crate) const VIEWS: &str = "\
Examples:
  roadbook views
  roadbook views save Mine opportunities owner=me --open --order -amount
  roadbook views remove Mine opportunities
  roadbook list opportunities --view Mine

Saved views are of this device alone.";

/// `today`
#[derive(Debug, Args)]
pub(crate) struct Today {
    /// The day, like 2026-11-20 [default: today]
    #[arg(long, value_name = "DAY")]
    pub(crate) day: Option<String>,
}

/// `board`
#[derive(Debug, Args)]
pub(crate) struct Board {
    /// The kind of records, such as opportunities
    #[arg(value_name = "KIND")]
    pub(crate) entity: String,
    #[command(flatten)]
    pub(crate) shown: BoardShown,
}

/// What a board shows.
#[derive(Debug, Args)]
pub(crate) struct BoardShown {
    /// Conditions that must all hold
    #[arg(value_name = "CONDITION")]
    pub(crate) filters: Vec<String>,
    /// Only this stage, status or state
    #[arg(long, value_name = "STAGE")]
    pub(crate) column: Option<String>,
    /// Sort cards by a field; -FIELD for greatest first [default: newest edit first]
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub(crate) order: Option<String>,
    /// At most so many cards in a column
    #[arg(long, default_value_t = 5, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) limit: u32,
    /// Go on after this place of the column
    #[arg(long, value_name = "PLACE", requires = "column")]
    pub(crate) after: Option<String>,
}

/// `timeline`
#[derive(Debug, Args)]
pub(crate) struct Timeline {
    /// The record, after its kind if you like
    #[arg(value_name = "[KIND] RECORD", required = true, num_args = 1..=2)]
    pub(crate) words: Vec<String>,
    /// At most so many entries
    #[arg(long, default_value_t = 20, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) limit: u32,
    /// Go on after this place: `next` of the page before
    #[arg(long, value_name = "PLACE")]
    pub(crate) after: Option<String>,
}

/// `related`
#[derive(Debug, Args)]
pub(crate) struct Related {
    /// The record, after its kind if you like
    #[arg(value_name = "[KIND] RECORD", required = true, num_args = 1..=2)]
    pub(crate) words: Vec<String>,
    /// At most so many records of each group
    #[arg(long, default_value_t = 5, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) limit: u32,
}

/// `views`
#[derive(Debug, Args)]
pub(crate) struct Views {
    #[command(subcommand)]
    pub(crate) action: Option<ViewsAction>,
}

/// What to do with saved views.
#[derive(Debug, Subcommand)]
pub(crate) enum ViewsAction {
    /// Save a view under a name
    Save(SaveView),
    /// Remove a view
    Remove(RemoveView),
}

/// `views save`
#[derive(Debug, Args)]
pub(crate) struct SaveView {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The kind of records
    #[arg(value_name = "KIND")]
    pub(crate) entity: String,
    /// Conditions that must all hold
    #[arg(value_name = "CONDITION")]
    pub(crate) filters: Vec<String>,
    /// Only records that are not finished
    #[arg(long)]
    pub(crate) open: bool,
    /// Sort by a field; -FIELD for greatest first
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub(crate) order: Option<String>,
}

/// `views remove`
#[derive(Debug, Args)]
pub(crate) struct RemoveView {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The kind of records
    #[arg(value_name = "KIND")]
    pub(crate) entity: String,
}
