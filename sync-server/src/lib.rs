//! The sync server: gate, tenant log, stores, admin CLI.

pub mod ids;
pub mod store;
pub mod tenant;
