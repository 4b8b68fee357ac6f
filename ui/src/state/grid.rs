//! How a table is sorted, as the header shows it and as `list_records` takes it.

/// Which way a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Up,
    /// Greatest first.
    Down,
}

/// The column that a table is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sort {
    /// The field.
    pub field: String,
    /// Which way.
    pub direction: Direction,
}

impl Sort {
    /// The word for `ListRecords::order`: `field` or `-field`.
    #[must_use]
    pub fn order(&self) -> String {
        match self.direction {
            Direction::Up => self.field.clone(),
            Direction::Down => format!("-{}", self.field),
        }
    }
}

/// The sorting after the header of a column is pressed: up, down, then the list's own order.
#[must_use]
pub fn pressed(now: Option<&Sort>, field: &str) -> Option<Sort> {
    let sort = |direction| Some(Sort { field: field.to_owned(), direction });
    match now.filter(|sort| sort.field == field).map(|sort| sort.direction) {
        None => sort(Direction::Up),
        Some(Direction::Up) => sort(Direction::Down),
        Some(Direction::Down) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_goes_up_down_and_back_to_the_lists_own_order() {
        let up = pressed(None, "name");
        assert_eq!(up.as_ref().map(Sort::order).as_deref(), Some("name"));
        let down = pressed(up.as_ref(), "name");
        assert_eq!(down.as_ref().map(Sort::order).as_deref(), Some("-name"));
        assert_eq!(pressed(down.as_ref(), "name"), None);
        let other = pressed(down.as_ref(), "city");
        assert_eq!(other.as_ref().map(Sort::order).as_deref(), Some("city"));
    }
}
