//! Who sees a record: recomputed when its owner, territory, team or account changes, in the same
//! transaction, its children with it (D6).

use std::collections::BTreeSet;

use roadbook_domain::{Entity, Facet, RecordId, Schema, UserId, Value};
use roadbook_merge::{Part, view};
use roadbook_policy::{
    Policies, RecordPlace, Scope, record_audiences, record_scopes, user_audiences,
};

use super::Gate;
use super::causes::creates;
use crate::directory::Directory;
use crate::store::{RecordRow, StoreWrite};
use crate::tenant::TenantError;

/// The fields that decide who sees a record.
const PLACE_FIELDS: [&str; 3] = ["owner", "territory", "team"];

/// Says whether a part writes what decides who sees its record.
fn writes_place(schema: &Schema, part: &Part) -> bool {
    let parent = schema.entity(part.entity).parent;
    let mut written = part.operations.iter().flat_map(roadbook_domain::Operation::fields);
    part.document.facet == Facet::Internal
        && written.any(|name| PLACE_FIELDS.contains(&name) || Some(name) == parent)
}

/// What a value getter says of a record's place.
fn place_of<'a>(
    schema: &Schema,
    entity: Entity,
    value: impl Fn(&str) -> Option<&'a Value>,
) -> (RecordPlace, Option<RecordId>) {
    let reference = |name: &str| value(name).and_then(Value::as_reference);
    let place = RecordPlace {
        entity,
        owner: reference("owner").map(|owner| UserId(owner.0)),
        territory: reference("territory"),
        team: reference("team"),
    };
    (place, schema.entity(entity).parent.and_then(reference))
}

impl Gate<'_> {
    /// Brings scopes in line with what an envelope just wrote at `seq`.
    pub(super) fn place_parts(
        &mut self,
        user: UserId,
        parts: &[&Part],
        seq: u64,
    ) -> Result<(), TenantError> {
        for part in parts {
            let record = part.document.record;
            if creates(part) {
                let has_confidential = |other: &&Part| {
                    other.document.record == record && other.document.facet == Facet::Confidential
                };
                self.place_new(user, part, parts.iter().any(has_confidential), seq)?;
            } else if part.document.facet == Facet::Confidential {
                self.place_confidential(record, seq)?;
            } else if writes_place(self.rules.schema, part) {
                self.replace(part, seq)?;
            }
        }
        Ok(())
    }

    fn place_new(
        &mut self,
        user: UserId,
        part: &Part,
        confidential: bool,
        seq: u64,
    ) -> Result<(), TenantError> {
        let record = part.document.record;
        let Some(roadbook_domain::Operation::Create { fields }) = part.operations.first() else {
            return Ok(());
        };
        let value =
            |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value);
        let (place, parent) = place_of(self.rules.schema, part.entity, value);
        let row =
            RecordRow { record, place, parent, confidential, created_by: user, created_seq: seq };
        self.store.put_record(&row)?;
        self.store.clear_refused_record(record)?;
        let scopes = self.scopes(&row)?;
        for facet in row.facets() {
            for audience in record_audiences(part.entity, facet, &scopes) {
                self.store.open_document(record, facet, audience, seq)?;
            }
        }
        self.rescope_children(&row, seq)
    }

    fn place_confidential(&mut self, record: RecordId, seq: u64) -> Result<(), TenantError> {
        let Some(mut row) = self.store.record(record)? else { return Ok(()) };
        if row.confidential {
            return Ok(());
        }
        row.confidential = true;
        self.store.put_record(&row)?;
        let scopes = self.scopes(&row)?;
        self.rescope(&row, &scopes, seq)
    }

    fn replace(&mut self, part: &Part, seq: u64) -> Result<(), TenantError> {
        let Some(row) = self.store.record(part.document.record)? else { return Ok(()) };
        let schema = self.rules.schema;
        let open = self.open.get(self.store, schema, part.document, part.entity)?;
        let Some(open) = open else { return Ok(()) };
        let merged = view(schema, part.entity, &[&open.document]);
        let (place, parent) = place_of(schema, part.entity, |name| Some(merged.value(name)));
        let new = RecordRow { place, parent, ..row };
        if new == row {
            return Ok(());
        }
        self.store.put_record(&new)?;
        let scopes = self.scopes(&new)?;
        self.rescope(&new, &scopes, seq)?;
        self.rescope_children(&new, seq)
    }

    fn scopes(&self, row: &RecordRow) -> Result<BTreeSet<Scope>, TenantError> {
        let parent = match row.parent {
            Some(parent) => self.store.record(parent)?,
            None => None,
        };
        let lent = parent.map(|parent| record_scopes(&parent.effective_place(), None));
        Ok(record_scopes(&row.effective_place(), lent.as_ref()))
    }

    fn rescope_children(&mut self, parent: &RecordRow, seq: u64) -> Result<(), TenantError> {
        if parent.place.entity != Entity::Account {
            return Ok(());
        }
        let lent = record_scopes(&parent.effective_place(), None);
        for child in self.store.children(parent.record)? {
            let scopes = record_scopes(&child.effective_place(), Some(&lent));
            self.rescope(&child, &scopes, seq)?;
        }
        Ok(())
    }

    fn rescope(
        &mut self,
        row: &RecordRow,
        scopes: &BTreeSet<Scope>,
        seq: u64,
    ) -> Result<(), TenantError> {
        for facet in row.facets() {
            let before = self.store.document_audiences(row.record, facet)?;
            let after = record_audiences(row.place.entity, facet, scopes);
            for gone in before.difference(&after) {
                self.store.close_document(row.record, facet, *gone, seq)?;
            }
            for new in after.difference(&before) {
                self.store.open_document(row.record, facet, *new, seq)?;
            }
        }
        Ok(())
    }
}

/// Brings what users see in line with the directory, as of a place in the log.
pub(crate) fn rescope_users(
    store: &mut dyn StoreWrite,
    policies: &Policies,
    directory: &Directory,
    seq: u64,
) -> Result<(), TenantError> {
    for user in directory.users.keys() {
        let before = store.user_audiences(*user)?;
        let after = user_audiences(policies, &directory.rules, *user);
        for gone in before.difference(&after) {
            store.close_user(*user, *gone, seq)?;
        }
        for new in after.difference(&before) {
            store.open_user(*user, *new, seq)?;
        }
    }
    Ok(())
}
