//! Where a tenant's log, documents and scopes lie.
mod error;
pub use error::StoreError;
