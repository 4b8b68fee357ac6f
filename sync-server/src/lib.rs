//! The sync server: gate, tenant log, stores, admin CLI.

pub mod config;
pub mod host;
pub mod identity;
pub mod ids;
pub mod store;
pub mod tenant;
