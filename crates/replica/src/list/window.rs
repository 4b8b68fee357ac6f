//! Random access into long lists: the order of a whole list as row numbers, kept in memory until
//! anything is written.
//!
//! The database counts its changes, and this process alone has it open; so a count that stands
//! still proves that the order still holds.

use std::collections::VecDeque;

use roadbook_domain::Entity;
use rusqlite::params_from_iter;

use super::{Clause, ListQuery, Way};
use crate::{Replica, StoreError};

/// So many lists are remembered; a face scrolls through one or two at a time.
const KEPT: usize = 4;
/// Up to this row a list is read directly: the order need not be known beyond.
const NEAR: u32 = 200;

/// What is remembered of lists.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    /// The database's count of changes when this was true.
    changes: u64,
    orders: VecDeque<(Entity, Clause, String, Vec<i64>)>,
    counts: VecDeque<(Entity, Clause, u64)>,
}

impl Windows {
    /// Forgets everything that a change may have made untrue.
    fn at(&mut self, changes: u64) -> &mut Self {
        if self.changes != changes {
            self.orders.clear();
            self.counts.clear();
            self.changes = changes;
        }
        self
    }
}

impl Replica {
    /// The numbers of the rows in a window that lies far down a list, or in a list whose order is
    /// known already; `None` where reading directly is as quick.
    pub(super) fn window(
        &self,
        query: &ListQuery,
        way: Way,
        clause: &Clause,
        order: &str,
    ) -> Result<Option<Vec<i64>>, StoreError> {
        let cut = |numbers: &[i64]| {
            let from = numbers.len().min(query.offset as usize);
            let to = numbers.len().min(from + query.limit as usize);
            Some(numbers[from..to].to_vec())
        };
        let changes = self.connection.total_changes();
        let mut windows = self.windows.borrow_mut();
        let windows = windows.at(changes);
        let known = windows
            .orders
            .iter()
            .find(|(entity, of, by, _)| *entity == query.entity && of == clause && by == order);
        if let Some((_, _, _, numbers)) = known {
            return Ok(cut(numbers));
        }
        if way == Way::Direct && query.offset <= NEAR {
            return Ok(None);
        }
        let table = &self.tables.of(query.entity).name;
        let sql = format!("SELECT row_number FROM {table}{} ORDER BY {order}", clause.sql);
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(&clause.bound), |row| row.get(0))?;
        let numbers: Vec<i64> = rows.collect::<Result<_, _>>()?;
        let out = cut(&numbers);
        windows.orders.truncate(KEPT - 1);
        windows.orders.push_front((query.entity, clause.clone(), order.to_owned(), numbers));
        Ok(out)
    }

    /// How many rows a list has, where that is known.
    pub(super) fn counted(&self, entity: Entity, clause: &Clause) -> Option<u64> {
        let changes = self.connection.total_changes();
        let mut windows = self.windows.borrow_mut();
        let windows = windows.at(changes);
        let counted = windows.counts.iter().find(|(of, by, _)| *of == entity && by == clause);
        counted.map(|(_, _, count)| *count)
    }

    /// Remembers how many rows a list has.
    pub(super) fn note_count(&self, entity: Entity, clause: Clause, count: u64) {
        let changes = self.connection.total_changes();
        let mut windows = self.windows.borrow_mut();
        let windows = windows.at(changes);
        windows.counts.truncate(KEPT - 1);
        windows.counts.push_front((entity, clause, count));
    }
}
