//! Planning: `roadbook plan` on files, without a device, and on this device's records.

pub(crate) mod args;
pub(crate) mod records;
mod run;
mod show;
pub(crate) mod work;

pub(crate) use run::run;
