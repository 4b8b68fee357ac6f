//! The sales pipeline: how likely deals are won and when, what a quarter will bring, how forecasts
//! roll up, what moved from week to week, and whether forecasts have been right.
//!
//! Amounts are plain numbers in one currency; days are numbers of days on one calendar. Stages,
//! owners and deals are counted from 0 or named by numbers that the caller gives.

mod accuracy;
mod rates;
mod rollup;
mod simulate;
mod snapshot;

pub use accuracy::{Accuracy, Alarm, Told, accuracy};
pub use rates::{Past, WinRates};
pub use rollup::{Adjustment, Category, Sums, Target, roll_up};
pub use simulate::{Bar, NewBusiness, OpenDeal, Outlook, Quarter, simulate};
pub use snapshot::{Deal, Move, Moved, State, Waterfall, Window, waterfall};
