//! `roadbook plan`: planning on files, without a device. Its words, its runs and what it shows.

pub(crate) mod args;
mod run;
mod show;
pub(crate) mod work;

pub(crate) use run::run;
