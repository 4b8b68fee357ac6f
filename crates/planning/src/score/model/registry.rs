//! Which model is in use: versions, pin, roll back. A plain value; the caller stores it.

use serde::{Deserialize, Serialize};

use super::super::ScoreError;
use super::ScoreModel;

/// A model that the device holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Version.
    pub version: u32,
    /// When it was trained.
    pub trained_at: i64,
    /// Area under the ROC curve on the newest data at that time.
    pub auc: f64,
    /// Log loss on the same data.
    pub log_loss: f64,
}

/// The models of a device, oldest first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Registry {
    entries: Vec<Entry>,
    active: Option<u32>,
    pinned: bool,
}

impl Registry {
    /// Adds a model. It becomes active unless another one is pinned.
    ///
    /// # Errors
    /// A version that is not above all others.
    pub fn add(&mut self, model: &ScoreModel) -> Result<(), ScoreError> {
        let card = model.card();
        if self.entries.last().is_some_and(|last| last.version >= card.version) {
            return Err(ScoreError::Setting { setting: "version" });
        }
        self.entries.push(Entry {
            version: card.version,
            trained_at: card.trained_at,
            auc: card.latest.auc,
            log_loss: card.latest.log_loss,
        });
        if !self.pinned {
            self.active = Some(card.version);
        }
        Ok(())
    }

    /// The version of the model that is added next: above all that are held, from 1.
    #[must_use]
    pub fn next_version(&self) -> u32 {
        self.entries.last().map_or(0, |entry| entry.version) + 1
    }

    /// All models, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The version in use.
    #[must_use]
    pub fn active(&self) -> Option<u32> {
        self.active
    }

    /// Whether newer models are kept from becoming active.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.pinned
    }

    /// Makes a version active and keeps it so.
    ///
    /// # Errors
    /// A version that is not held.
    pub fn pin(&mut self, version: u32) -> Result<(), ScoreError> {
        if !self.entries.iter().any(|e| e.version == version) {
            return Err(ScoreError::Setting { setting: "version" });
        }
        self.active = Some(version);
        self.pinned = true;
        Ok(())
    }

    /// Lets the newest version be active again.
    pub fn unpin(&mut self) {
        self.pinned = false;
        self.active = self.entries.last().map(|e| e.version);
    }

    /// Forgets a version that is not in use. Returns whether it was held.
    pub fn forget(&mut self, version: u32) -> bool {
        let before = self.entries.len();
        if self.active != Some(version) {
            self.entries.retain(|entry| entry.version != version);
        }
        self.entries.len() < before
    }

    /// Goes back to the version before the active one and pins it.
    ///
    /// # Errors
    /// No older version is held.
    pub fn roll_back(&mut self) -> Result<u32, ScoreError> {
        let older = self
            .entries
            .iter()
            .rev()
            .map(|e| e.version)
            .find(|v| self.active.is_some_and(|active| *v < active))
            .ok_or(ScoreError::Setting { setting: "version" })?;
        self.pin(older)?;
        Ok(older)
    }
}
