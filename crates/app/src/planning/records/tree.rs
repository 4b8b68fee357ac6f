//! Who stands below whom: all, territories as a tree, and people in the territories where they are at
//! home. The roll-up and the forecasts that add up go by it.

use std::collections::BTreeMap;

use roadbook_domain::{Entity, RecordId};

use super::book::Book;

/// Who stands below whom: all, territories as a tree, users in their territories.
pub(super) struct Tree {
    pub(super) labels: Vec<String>,
    pub(super) links: Vec<Option<(Entity, RecordId)>>,
    /// The node above each; none above the first one, which is all.
    pub(super) parents: Vec<Option<usize>>,
    places: BTreeMap<RecordId, usize>,
}

impl Tree {
    pub(super) fn of(book: &Book) -> Self {
        let mut tree = Self {
            labels: vec!["All".to_owned()],
            links: vec![None],
            parents: vec![None],
            places: BTreeMap::new(),
        };
        let entries = book
            .territories
            .iter()
            .map(|entry| (Entity::Territory, entry))
            .chain(book.users.iter().map(|entry| (Entity::User, entry)));
        for (entity, entry) in entries.clone() {
            tree.places.insert(entry.id, tree.labels.len());
            tree.labels.push(entry.name.clone());
            tree.links.push(Some((entity, entry.id)));
        }
        for (entity, entry) in entries {
            let field = if entity == Entity::User { "territory" } else { "parent" };
            let above = entry.reference(field).and_then(|above| tree.places.get(&above));
            tree.parents.push(Some(above.copied().unwrap_or(0)));
        }
        tree
    }

    /// The node of a user or territory; that of all where there is none or it is not known.
    pub(super) fn node(&self, whose: Option<RecordId>) -> usize {
        whose.and_then(|whose| self.places.get(&whose)).copied().unwrap_or(0)
    }

    /// The nodes above a node, nearest first, up to that of all; nothing where territories stand in
    /// a circle.
    pub(super) fn above(&self, node: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut next = self.parents[node];
        while let Some(above) = next {
            if found.len() > self.parents.len() {
                return Vec::new();
            }
            found.push(above);
            next = self.parents[above];
        }
        found
    }

    /// The nodes, parents before children, with their depth.
    pub(super) fn order(&self, worth_showing: &[bool]) -> Vec<(usize, u32)> {
        let mut out = Vec::new();
        let mut open = vec![(0, 0)];
        while let Some((node, depth)) = open.pop() {
            out.push((node, depth));
            let mut children: Vec<usize> = (1..self.parents.len())
                .filter(|child| self.parents[*child] == Some(node) && worth_showing[*child])
                .collect();
            children.sort_by(|a, b| self.labels[*b].cmp(&self.labels[*a]));
            open.extend(children.into_iter().map(|child| (child, depth + 1)));
        }
        out
    }
}
