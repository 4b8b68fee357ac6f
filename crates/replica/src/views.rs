//! Saved views of lists: of this device alone, kept as the app writes them.

use roadbook_domain::Entity;
use rusqlite::params;

use crate::{Replica, StoreError};

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// The kind of record that it lists.
    pub entity: Entity,
    /// Its name for people.
    pub name: String,
    /// What it shows, as the app writes it.
    pub body: String,
}

impl Replica {
    /// The saved views, by kind of record and name.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn saved_views(&self) -> Result<Vec<SavedView>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT entity, name, body FROM saved_views ORDER BY entity, name")?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            // A view of a kind that this version does not know waits for the version that does.
            let Some(entity) = Entity::from_number(row.get(0)?) else { continue };
            out.push(SavedView { entity, name: row.get(1)?, body: row.get(2)? });
        }
        Ok(out)
    }

    /// Saves a view, in place of an earlier one of its name.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub fn save_view(&mut self, view: &SavedView) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO saved_views (entity, name, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET body = excluded.body",
            )?
            .execute(params![view.entity as u8, view.name, view.body])?;
        Ok(())
    }

    /// Removes a view. Returns whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written.
    pub fn remove_view(&mut self, entity: Entity, name: &str) -> Result<bool, StoreError> {
        let removed = self
            .connection
            .prepare_cached("DELETE FROM saved_views WHERE entity = ?1 AND name = ?2")?
            .execute(params![entity as u8, name])?;
        Ok(removed > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Device;

    #[test]
    fn views_are_saved_replaced_and_removed_and_go_with_the_rest() {
        let mut device = Device::new(3, "Rep");
        let view = |name: &str, body: &str| SavedView {
            entity: Entity::Opportunity,
            name: name.into(),
            body: body.into(),
        };
        for (name, body) in [("Mine", "a"), ("All", "b"), ("Mine", "c")] {
            device.replica.save_view(&view(name, body)).unwrap();
        }
        assert_eq!(device.replica.saved_views().unwrap(), [view("All", "b"), view("Mine", "c")]);
        assert!(device.replica.remove_view(Entity::Opportunity, "All").unwrap());
        assert!(!device.replica.remove_view(Entity::Account, "Mine").unwrap());
        device.replica.purge_all().unwrap();
        assert!(device.replica.saved_views().unwrap().is_empty());
    }
}
