//! The doctor: does what is stored agree with itself, and with the server?

use roadbook_sync_protocol::Checksum;

use crate::{Replica, StoreError};

/// One thing that was examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// A stable word: `database`, `documents`, `projections`, `search`, `pending`, `server`.
    pub name: &'static str,
    /// What is wrong; empty when all is well.
    pub problems: Vec<String>,
    /// How many things were looked at.
    pub examined: u64,
}

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctorReport {
    /// The examinations, in order.
    pub checks: Vec<Check>,
}

impl DoctorReport {
    /// Says whether nothing is wrong.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.checks.iter().all(|check| check.problems.is_empty())
    }
}

impl Replica {
    /// Examines everything. Reads all documents, so it takes its time.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read at all.
    pub fn doctor(&self) -> Result<DoctorReport, StoreError> {
        unimplemented!()
    }

    /// The checksum of all accepted documents here, as of the place that was read up to.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn checksum(&self) -> Result<Checksum, StoreError> {
        unimplemented!()
    }

    /// Makes all projections, search entries and open conflicts again from the documents.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub fn rebuild_projections(&mut self) -> Result<u64, StoreError> {
        unimplemented!()
    }
}
