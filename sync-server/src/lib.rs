//! The sync server: gate, tenant log, stores, admin CLI.
