//! Export: everything visible as JSON Lines, and unsent work as an encrypted bundle.

use std::io::Write;

use crate::key::Entropy;
use crate::{Replica, StoreError};

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The target cannot be written.
    #[error("the export cannot be written")]
    Write(#[from] std::io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Replica {
    /// Writes every visible record, one JSON object a line. Returns how many.
    ///
    /// # Errors
    /// [`ExportError`] when reading or writing fails.
    pub fn export_records(&self, to: &mut dyn Write) -> Result<u64, ExportError> {
        unimplemented!("{}", to.write(b"")?)
    }

    /// All unsent work (pending, waiting, needs you, quarantine), encrypted for the tenant's
    /// recovery key.
    ///
    /// # Errors
    /// [`StoreError::NotEnrolled`] before enrolment: then there is no key to encrypt for.
    pub fn export_unsent(&self, entropy: &mut dyn Entropy) -> Result<Vec<u8>, StoreError> {
        let mut byte = [0];
        entropy.fill(&mut byte);
        unimplemented!()
    }
}
