//! The sync server: gate, tenant log, stores, admin CLI.

pub mod admin;
pub mod config;
pub mod data_dir;
mod directory;
mod feed;
mod gate;
pub mod host;
pub mod http;
pub mod identity;
pub mod ids;
pub mod observe;
pub mod store;
pub mod tenant;

#[cfg(test)]
mod trial;
