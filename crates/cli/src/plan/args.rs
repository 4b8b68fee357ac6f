//! The words of `roadbook plan`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// The examples of `roadbook plan --help`.
pub(crate) const EXAMPLES: &str = "\
Examples:
  roadbook plan forecast --input sales.jsonl --model combination --out forecasts.jsonl
  roadbook plan clean --input sales.jsonl --out clean.jsonl --repairs repairs.jsonl
  roadbook plan score-train --input leads.csv --label won --time created --model leads.rbmodel
  roadbook plan assign --input leads.bin --out who.csv

Works on files, without a device and without a network. Nothing is written where a run fails or is
cancelled.";

const FORECAST: &str = "\
Examples:
  roadbook plan forecast --input sales.jsonl --model combination --out forecasts.jsonl
  roadbook plan forecast --input sales.jsonl --model arima --clean --level 80 > forecasts.jsonl

Input, one JSON object a line: {\"id\":\"north\",\"freq\":12,\"h\":6,\"x\":[10,12,null,15]}
  id    a text or a number, different on every line
  freq  1 yearly, 4 quarterly, 12 monthly, 52 weekly, 7 daily (the number of periods of a season),
        or a word, also as pandas writes it: ME, QE-DEC, W-SUN
  h     how many periods to forecast, 1 to 1000
  x     one number for each period, oldest first; null where nothing is known
  start \"2026-03\": the first period, if known
  dates one date for each value, instead of start: gaps become visible, and a period given twice
        with different values is refused
  regressors  lists of numbers that are known ahead, each for all periods of x and h
  holidays    {\"fair\":[\"2025-03-10\",\"2026-03-09\"]}: days by name, past and to come; what one is
        worth is learned where it was, and asks for start or dates
  trading_days  true: months are told by their days from Monday to Friday. Long series of months
        with dates know trading days and Easter without it

Output, one JSON object a line: {\"id\",\"f\",\"lo\",\"hi\",\"level\",\"intervals\",\"model\",\"notes\"}
  f          the expected value of each period
  lo, hi     the interval of --level
  intervals  the intervals of 80 and 95 per cent: {\"80\":{\"lo\",\"hi\"},\"95\":{\"lo\",\"hi\"}}
  model      what was chosen, such as ETS(M,Ad,M)
  notes      what was done beside the model: gaps filled, a simpler model used, and why

Models:
  naive           repeats the last value
  seasonal_naive  repeats the last season
  naive2          naive on the seasonally adjusted series
  drift           goes on along the line from the first to the last value
  ets             exponential smoothing, form chosen by AICc
  theta           dynamic optimised theta
  ces             complex exponential smoothing
  arima           seasonal ARIMA, orders chosen by AICc
  mstl            seasons by STL, exponential smoothing of the rest
  additive        trend with changepoints, Fourier seasons, regressors (Prophet's form)
  lstm            a small network, trained here over all series of the file
  combination     several of these, weighted by how well each, fitted to all of the series,
                  retells its newest values from those before

A series that a model cannot read (too short, all the same, negative where a logarithm is taken)
gets a simpler one, and a note that says so. A line that cannot be read ends the run, and nothing is
written; with --skip-bad its series is left out with a note, the others are forecast, and the exit
code is 5.";

const CLEAN: &str = "\
Example:
  roadbook plan clean --input sales.jsonl --out clean.jsonl --repairs repairs.jsonl

The lines come out as they were, with x repaired: missing values, zeros that mean that nothing was
synced, values imported twice, a digit too many or too few, outages, a last period that is not over.
Every repair is listed with its reason, values that were given twice among them; series without
damage are not touched. Nothing is made up before the first known value, and three zeros or more at
the beginning or the end stay, with a note: not sold yet, or no longer. A missing value beside them,
or --last open for those at the end, says that they are damage.";

const TRAIN: &str = "\
Examples:
  roadbook plan score-train --input leads.csv --label won --time created --model leads.rbmodel
  roadbook plan score-train --input bank.csv --label y --time row --segment job --model bank.rbmodel

The input is CSV with a header. A column whose known cells are all numbers is read as numbers, every
other one as categories; empty cells, -, NA, NaN, null and None are unknown. Where a semicolon
divides the cells, a comma may be the decimal sign. Logistic regression, a tree, a forest
and boosted trees are tried in the order of time, never on random folds; the best one is calibrated
and signed with the key of this device (models.key in the device's folder, made when first needed).";

const PREDICT: &str = "\
Examples:
  roadbook plan score-predict --input new.csv --model leads.rbmodel --keep id --out scores.csv
  roadbook plan score-predict --input later.csv --model leads.rbmodel --label won > scores.csv

Output, CSV: line, the columns of --keep, probability, log_odds, base, contribution:COLUMN for each
column (base and contributions sum to log_odds), reasons; where the model is a decision tree, path:
the questions that the row answered on its way. A category that the model has not seen counts as
unknown, and is told.";

const RECALIBRATE: &str = "\
Examples:
  roadbook plan score-recalibrate --input march.csv --model leads.rbmodel --label won --time created
  roadbook plan score-recalibrate --input march.csv --model leads.rbmodel --label won --card card.json

The input is CSV with the model's columns and the outcome of each row. Only rows later than all that
the model has learned from are used; without --time the rows follow on those of training. Weights and
trees stay: what changes is how scores become probabilities. Corrections are judged in the order of
time, each on rows that it has not seen, and the one in force stays where none is better. The card
tells how the correction does on the newest rows, the version goes up by one, and the model is signed
with the key of this device.";

const ASSIGN: &str = "\
Example:
  roadbook plan assign --input assign_10000x200.bin --out who.csv

Input, binary: value (leads x reps), eligibility (the same, 0 or 1), capacity (reps). Each array is
a little-endian u64 count of dimensions, the u64 sizes, then f64 values in row order. Leads and reps
are counted from 0. The answer is the exact optimum.";

const TERRITORY: &str = "\
Example:
  roadbook plan territory --input territory_5000x50.bin --out territories.csv

Input, binary (see assign): places of accounts (accounts x 2), work (accounts), homes of reps
(reps x 2); then, if wished, today's rep of each account and the rep that it is pinned to, -1 for
none.";

const QUOTA: &str = "\
Example:
  roadbook plan quota --input quota_1000x12.bin --out quotas.csv

Input, binary (see assign): potential and history (reps x products), territory (reps), goal
(products).";

const ROUTE: &str = "\
Example:
  roadbook plan route --input day.json

Input, JSON: {\"start\":[0,0],\"starts\":\"08:00\",\"ends\":\"18:00\",\"finish\":\"at_start\",\"speed_kmh\":50,
  \"stops\":[{\"id\":\"Acme\",\"at\":[12.5,3],\"opens\":\"09:00\",\"closes\":\"11:30\",\"visit_min\":45}]}
Places are kilometres on a plane; \"travel_min\" (a matrix of minutes, the start first) goes instead
of them. \"finish\" may be \"at_last_stop\". Up to 14 stops the order is proven to be the best one.";

/// `plan`
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(subcommand)]
    pub(crate) what: What,
}

/// What to plan.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Forecast series
    #[command(after_help = FORECAST)]
    Forecast(Forecast),
    /// Find and repair damage in series
    #[command(after_help = CLEAN)]
    Clean(Clean),
    /// Train a model that tells probabilities
    #[command(after_help = TRAIN)]
    ScoreTrain(ScoreTrain),
    /// Tell probabilities, and why
    #[command(after_help = PREDICT)]
    ScorePredict(ScorePredict),
    /// Correct a model's probabilities on the newest outcomes
    #[command(after_help = RECALIBRATE)]
    ScoreRecalibrate(ScoreRecalibrate),
    /// Assign leads to reps
    #[command(after_help = ASSIGN)]
    Assign(Assign),
    /// Design territories
    #[command(after_help = TERRITORY)]
    Territory(Territory),
    /// Allocate quotas
    #[command(after_help = QUOTA)]
    Quota(Quota),
    /// Order the visits of a day
    #[command(after_help = ROUTE)]
    Route(Route),
}

/// Per cent of values that an interval shall hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// Four of five.
    #[value(name = "80")]
    Eighty,
    /// Nineteen of twenty.
    #[value(name = "95")]
    NinetyFive,
}

/// `plan forecast`
#[derive(Debug, Args)]
pub(crate) struct Forecast {
    /// JSON lines; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// The model, see below
    #[arg(long, default_value = "combination", value_name = "NAME")]
    pub(crate) model: String,
    /// Where forecasts go [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Per cent of values that `lo` and `hi` shall hold
    #[arg(long, value_enum, default_value_t = Level::NinetyFive, value_name = "LEVEL")]
    pub(crate) level: Level,
    /// Clean the series first, as `plan clean` does
    #[arg(long)]
    pub(crate) clean: bool,
    /// Where chance starts (lstm)
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    pub(crate) seed: u64,
    /// Leave series out that cannot be read or forecast, each with a note, and exit with 5
    #[arg(long)]
    pub(crate) skip_bad: bool,
}

/// Whether the last period is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Last {
    /// It is over.
    Closed,
    /// It is not: its value is replaced by what is to be expected.
    Open,
    /// Nobody knows: open where it is far below what was to be expected.
    Unknown,
}

/// `plan clean`
#[derive(Debug, Args)]
pub(crate) struct Clean {
    /// JSON lines as for `plan forecast`, `h` is not needed; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// Where cleaned series go [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Where the list of repairs goes, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) repairs: Option<PathBuf>,
    /// Whether the last period is over
    #[arg(long, value_enum, default_value_t = Last::Unknown, value_name = "STATE")]
    pub(crate) last: Last,
    /// Leave series out that cannot be read, each with a note, and exit with 5
    #[arg(long)]
    pub(crate) skip_bad: bool,
}

/// `plan score-train`
#[derive(Debug, Args)]
pub(crate) struct ScoreTrain {
    /// CSV with a header; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// The column that says what became of a row
    #[arg(long, value_name = "COLUMN")]
    pub(crate) label: String,
    /// The column that says when a row was: dates or rising numbers [default: the rows' order]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) time: Option<String>,
    /// Which value of the label is the positive one [default: 1, yes, true or won]
    #[arg(long, value_name = "VALUE")]
    pub(crate) positive: Option<String>,
    /// A column that is not read; may be given several times
    #[arg(long, value_name = "COLUMN")]
    pub(crate) drop: Vec<String>,
    /// A column of categories by which the card tells how fair the model is
    #[arg(long, value_name = "COLUMN")]
    pub(crate) segment: Vec<String>,
    /// Where the model goes
    #[arg(long, value_name = "FILE")]
    pub(crate) model: PathBuf,
    /// Where the model's card goes, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) card: Option<PathBuf>,
    /// The model's version [default: one more than the model that is replaced, else 1]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) model_version: Option<u32>,
    /// Where chance starts
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    pub(crate) seed: u64,
    /// The key that signs [default: models.key in the device's folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

/// `plan score-predict`
#[derive(Debug, Args)]
pub(crate) struct ScorePredict {
    /// CSV with a header and the model's columns, in any order; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// The model
    #[arg(long, value_name = "FILE")]
    pub(crate) model: PathBuf,
    /// Where scores go [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// A column to repeat in the output; may be given several times
    #[arg(long, value_name = "COLUMN")]
    pub(crate) keep: Vec<String>,
    /// The column with what became of each row, to measure against
    #[arg(long, value_name = "COLUMN")]
    pub(crate) label: Option<String>,
    /// Which value of the label is the positive one [default: 1, yes, true or won]
    #[arg(long, value_name = "VALUE")]
    pub(crate) positive: Option<String>,
    /// Another device whose models are trusted: its public key, or the first 16 digits of it
    #[arg(long, value_name = "HEX")]
    pub(crate) signer: Option<String>,
    /// The key of this device [default: models.key in the device's folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

/// `plan score-recalibrate`
#[derive(Debug, Args)]
pub(crate) struct ScoreRecalibrate {
    /// CSV with a header, the model's columns and the outcomes; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// The model
    #[arg(long, value_name = "FILE")]
    pub(crate) model: PathBuf,
    /// The column that says what became of a row, named as in training
    #[arg(long, value_name = "COLUMN")]
    pub(crate) label: String,
    /// The column that says when a row was, if the model was trained with one
    #[arg(long, value_name = "COLUMN")]
    pub(crate) time: Option<String>,
    /// Which value of the label is the positive one [default: that of training]
    #[arg(long, value_name = "VALUE")]
    pub(crate) positive: Option<String>,
    /// Where the corrected model goes [default: in the place of the model]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Where the corrected model's card goes, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) card: Option<PathBuf>,
    /// The corrected model's version [default: one more than the model's]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) model_version: Option<u32>,
    /// Another device whose models are trusted: its public key, or the first 16 digits of it
    #[arg(long, value_name = "HEX")]
    pub(crate) signer: Option<String>,
    /// The key that signs [default: models.key in the device's folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

/// `plan assign`
#[derive(Debug, Args)]
pub(crate) struct Assign {
    /// The instance, see below
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// Where the assignment goes, as CSV
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The least share of the average number of leads that every rep gets, 0 to 1
    #[arg(long, value_name = "SHARE")]
    pub(crate) fairness: Option<f64>,
    /// Leave the least valuable leads out where capacities do not hold all
    #[arg(long)]
    pub(crate) leave_out: bool,
}

/// `plan territory`
#[derive(Debug, Args)]
pub(crate) struct Territory {
    /// The instance, see below
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// Where the design goes, as CSV
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// How far a load may be from the average, as a share
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    pub(crate) balance: f64,
    /// Distance that a change of rep must save per unit of work
    #[arg(long, default_value_t = 0.0, value_name = "DISTANCE")]
    pub(crate) change_penalty: f64,
    /// Let territories hang together where balance allows: neighbours are told from the places
    #[arg(long)]
    pub(crate) contiguous: bool,
}

/// `plan quota`
#[derive(Debug, Args)]
pub(crate) struct Quota {
    /// The instance, see below
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// Where the quotas go, as CSV
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Least quota, as a share of history
    #[arg(long, default_value_t = 0.7, value_name = "SHARE")]
    pub(crate) least: f64,
    /// Greatest quota, as a share of history
    #[arg(long, default_value_t = 1.5, value_name = "SHARE")]
    pub(crate) most: f64,
    /// Least total of a territory, as a share of its history
    #[arg(long, default_value_t = 0.95, value_name = "SHARE")]
    pub(crate) territory_least: f64,
    /// Greatest total of a territory, as a share of its history
    #[arg(long, default_value_t = 1.35, value_name = "SHARE")]
    pub(crate) territory_most: f64,
    /// Weight of the greatest stretch against deviations from fair shares
    #[arg(long, default_value_t = 1e3, value_name = "WEIGHT")]
    pub(crate) stretch_weight: f64,
    /// The unit of quotas
    #[arg(long, default_value_t = 0.01, value_name = "UNIT")]
    pub(crate) unit: f64,
}

/// `plan route`
#[derive(Debug, Args)]
pub(crate) struct Route {
    /// JSON, see below; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// Where the plan goes, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
