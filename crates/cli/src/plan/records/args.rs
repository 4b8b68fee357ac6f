//! The words of planning on records.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(crate) const FORECAST: &str = "\
Examples:
  roadbook forecast
  roadbook forecast --whose me --quota 100000EUR
  roadbook forecast adjust --category commit --amount -5000EUR --why \"Acme slips\"
  roadbook forecast remove 1

Revenue by month with bands; what is expected of each product, territory, person and team, which add
up; the quarter as the pipeline says (win rates of decided deals, thousands of simulated quarters),
roll-up, weekly waterfall and how earlier forecasts did. Computed on this device, without a network.";

pub(crate) const SCORE: &str = "\
Examples:
  roadbook score                    open deals, most worth a call first
  roadbook score --leads            open leads, likewise
  roadbook score 4f07398f           one deal or lead with every reason
  roadbook score train              learn from decided deals
  roadbook score train --leads      learn from leads that were qualified or not
  roadbook score models             roadbook score models --leads
  roadbook score pin 3              roadbook score roll-back   roadbook score unpin

Deals and leads have models of their own. Without a model a deal has the win rate of its stage and
age, and a lead the share of leads of its source that were qualified.";

pub(crate) const ASSIGN: &str = "\
Examples:
  roadbook assign
  roadbook assign --all --capacity 30 --fairness 0.5
  roadbook assign --lead \"Jo Weaver\"     one new lead, at once

A lead goes to somebody who is at home in its territory, where anybody is. Its worth is its score,
times how the rep does with leads of its source and with deals in its territory. A proposal with the
reason for each lead; nothing is written.";

pub(crate) const TERRITORIES: &str = "\
Examples:
  roadbook territories
  roadbook territories --places places.csv --pin \"Acme Corporation\" --balance 0.1

A proposal beside today's territories; nothing is written. --places is CSV with name,latitude,
longitude: accounts, users, cities, countries or territories by name. It is kept on this device.";

pub(crate) const QUOTAS: &str = "\
Examples:
  roadbook quotas --goal +10%
  roadbook quotas --goal 1200000EUR --edit \"Anna Snelling:GTX Pro=90000EUR\" --keep

Quotas of a year by rep and product. They always add up to the goal; with --keep they stay on this
device and `roadbook forecast` counts against them.";

pub(crate) const ROUTE: &str = "\
Examples:
  roadbook route \"Acme Corporation@09:00-11:30\" Betasoloin --start 52.52,13.40
  roadbook route Acme Betasoloin --starts 07:30 --visit-min 45

Places come from `roadbook territories --places FILE`. Straight lines, no network.";

/// `forecast`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Forecast {
    #[command(subcommand)]
    pub(crate) action: Option<ForecastAction>,
    /// Only deals of this user or territory; `me` is you
    #[arg(long, value_name = "USER|TERRITORY")]
    pub(crate) whose: Option<String>,
    /// The quota of the quarter [default: what `roadbook quotas --keep` kept]
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) quota: Option<String>,
    /// Months to forecast
    #[arg(long, default_value_t = 6, value_name = "NUMBER")]
    pub(crate) months: u32,
    /// The day that counts as today
    #[arg(long, value_name = "DAY")]
    pub(crate) today: Option<String>,
}

/// What to do with adjustments.
#[derive(Debug, Subcommand)]
pub(crate) enum ForecastAction {
    /// Add to or take from a forecast
    Adjust(Adjust),
    /// Remove an adjustment
    Remove {
        /// Its number
        #[arg(value_name = "NUMBER")]
        number: u32,
    },
}

/// `forecast adjust`
#[derive(Debug, Args)]
pub(crate) struct Adjust {
    /// Whose forecast: a user or territory [default: all]
    #[arg(long, value_name = "USER|TERRITORY")]
    pub(crate) whose: Option<String>,
    /// commit, best_case or pipeline
    #[arg(long, value_name = "CATEGORY")]
    pub(crate) category: String,
    /// What is added, such as 5000EUR or -5000EUR
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) amount: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
}

/// `score`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_precedence_over_arg = true)]
pub(crate) struct Score {
    #[command(subcommand)]
    pub(crate) action: Option<ScoreAction>,
    /// One deal or lead, with every reason
    #[arg(value_name = "OPPORTUNITY|LEAD")]
    pub(crate) record: Option<String>,
    /// Leads, and how likely each is to be qualified
    #[arg(long)]
    pub(crate) leads: bool,
    /// Only those of this user; `me` is you
    #[arg(long, value_name = "USER")]
    pub(crate) owner: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 20, value_name = "NUMBER")]
    pub(crate) limit: u32,
    /// The day that counts as today
    #[arg(long, value_name = "DAY")]
    pub(crate) today: Option<String>,
}

/// Whose models are meant.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Models {
    /// The models of leads, not those of deals
    #[arg(long)]
    pub(crate) leads: bool,
}

/// What to do with models.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ScoreAction {
    /// Learn from decided deals, or from leads that were qualified or not
    #[command(after_help = "\
Examples:
  roadbook score train
  roadbook score train --leads")]
    Train(Models),
    /// Learn from what was decided since: correct the model in use, or train again
    #[command(after_help = "\
Examples:
  roadbook score refresh
  roadbook score refresh --leads")]
    Refresh(Models),
    /// List the models of this device
    #[command(after_help = "\
Examples:
  roadbook score models
  roadbook score models --leads")]
    Models(Models),
    /// Use a version, whatever is trained later
    #[command(after_help = "\
Examples:
  roadbook score pin 3
  roadbook score pin 2 --leads")]
    Pin {
        /// The version
        #[arg(value_name = "VERSION")]
        version: u32,
        #[command(flatten)]
        models: Models,
    },
    /// Use the newest model again
    #[command(after_help = "\
Examples:
  roadbook score unpin
  roadbook score unpin --leads")]
    Unpin(Models),
    /// Go back to the model before the one in use
    #[command(after_help = "\
Examples:
  roadbook score roll-back
  roadbook score roll-back --leads")]
    RollBack(Models),
}

/// `assign`
#[derive(Debug, Args)]
pub(crate) struct Assign {
    /// Only this lead, between two assignments of all
    #[arg(long, value_name = "LEAD", conflicts_with_all = ["all", "fairness"])]
    pub(crate) lead: Option<String>,
    /// Assign leads anew that somebody has, too
    #[arg(long)]
    pub(crate) all: bool,
    /// Open leads that a rep can have
    #[arg(long, default_value_t = 50, value_name = "NUMBER")]
    pub(crate) capacity: u32,
    /// The least share of the average that every rep gets, 0 to 1
    #[arg(long, value_name = "SHARE")]
    pub(crate) fairness: Option<f64>,
}

/// `territories`
#[derive(Debug, Args)]
pub(crate) struct Territories {
    /// Keep the places of this CSV file (name,latitude,longitude) first
    #[arg(long, value_name = "FILE")]
    pub(crate) places: Option<PathBuf>,
    /// How far a load may be from the average, as a share [default: 0.05, or more where whole
    /// accounts do not fit]
    #[arg(long, value_name = "SHARE")]
    pub(crate) balance: Option<f64>,
    /// How much a change must save, in the unit of distance [default: a twentieth of the mean]
    #[arg(long, value_name = "DISTANCE")]
    pub(crate) change_penalty: Option<f64>,
    /// An account that stays with its rep; may be given several times
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) pin: Vec<String>,
    /// Let territories hang together where balance allows; asks for places
    #[arg(long)]
    pub(crate) contiguous: bool,
}

/// `quotas`
#[derive(Debug, Args)]
pub(crate) struct Quotas {
    /// The goal of the year: an amount, or growth such as +10%
    #[arg(long, value_name = "GOAL", allow_hyphen_values = true)]
    pub(crate) goal: String,
    /// A quota fixed by hand: REP:PRODUCT=AMOUNT; may be given several times
    #[arg(long, value_name = "EDIT")]
    pub(crate) edit: Vec<String>,
    /// The first day from which they hold [default: today]
    #[arg(long, value_name = "DAY")]
    pub(crate) effective: Option<String>,
    /// The day that counts as today
    #[arg(long, value_name = "DAY")]
    pub(crate) today: Option<String>,
    /// Keep them on this device
    #[arg(long)]
    pub(crate) keep: bool,
}

/// `route`
#[derive(Debug, Args)]
pub(crate) struct Route {
    /// The accounts to visit, each perhaps with a window
    #[arg(value_name = "ACCOUNT[@HH:MM-HH:MM]", required = true)]
    pub(crate) accounts: Vec<String>,
    /// Where the day starts: a place, or latitude,longitude [default: your place]
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    pub(crate) start: Option<String>,
    /// When it starts
    #[arg(long, default_value = "08:00", value_name = "TIME")]
    pub(crate) starts: String,
    /// When it ends at the latest
    #[arg(long, default_value = "18:00", value_name = "TIME")]
    pub(crate) ends: String,
    /// Minutes of a visit
    #[arg(long, default_value_t = 30, value_name = "MINUTES")]
    pub(crate) visit_min: u32,
    /// Kilometres an hour
    #[arg(long, default_value_t = 50, value_name = "SPEED")]
    pub(crate) speed_kmh: u32,
}
