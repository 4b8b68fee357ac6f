//! The device's truth: encrypted SQLite, intent log, projections, search and the sync loop.
