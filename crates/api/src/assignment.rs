//! What a person writes to change a field: `stage=Negotiation`, `tags+=vip`, `visits-=1`.
//!
//! Splits the text only; whether the field exists and takes the value is the app's matter.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ValueView;

/// How a field shall change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It gets the value; an empty value clears it.
    Set,
    /// The value is added: a member of a set, an amount to a counter.
    Add,
    /// The value is taken away.
    Remove,
}

/// One field that shall change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The field's name.
    pub field: String,
    /// How.
    pub change: Change,
    /// The value as people write it.
    pub value: String,
    /// The value that the person saw; where absent, the one that the device holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<ValueView>,
}

/// A text that is no assignment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an assignment; write it like stage=Negotiation, tags+=vip or tags-=old")]
pub struct InvalidAssignment(pub String);

impl Assignment {
    /// A field that gets a value.
    #[must_use]
    pub fn set(field: impl Into<String>, value: impl Into<String>) -> Self {
        Self { field: field.into(), change: Change::Set, value: value.into(), seen: None }
    }
}

impl FromStr for Assignment {
    type Err = InvalidAssignment;
    fn from_str(text: &str) -> Result<Self, InvalidAssignment> {
        let invalid = || InvalidAssignment(text.chars().take(60).collect());
        let (left, value) = text.split_once('=').ok_or_else(invalid)?;
        let (name, change) = if let Some(name) = left.strip_suffix('+') {
            (name, Change::Add)
        } else if let Some(name) = left.strip_suffix('-') {
            (name, Change::Remove)
        } else {
            (left, Change::Set)
        };
        let field = name.trim().to_lowercase().replace(['-', ' '], "_");
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if field.is_empty() || !field.chars().all(plain) {
            return Err(invalid());
        }
        if change != Change::Set && value.trim().is_empty() {
            return Err(invalid());
        }
        Ok(Self { field, change, value: value.to_owned(), seen: None })
    }
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.change {
            Change::Set => "",
            Change::Add => "+",
            Change::Remove => "-",
        };
        write!(f, "{}{sign}={}", self.field, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, Change, String) {
        let assignment: Assignment = text.parse().unwrap();
        (assignment.field, assignment.change, assignment.value)
    }

    #[test]
    fn people_set_add_and_remove() {
        let of = |field: &str, change, value: &str| (field.to_owned(), change, value.to_owned());
        assert_eq!(parsed("stage=Negotiation"), of("stage", Change::Set, "Negotiation"));
        assert_eq!(parsed("tags+=vip"), of("tags", Change::Add, "vip"));
        assert_eq!(parsed("tags-=old"), of("tags", Change::Remove, "old"));
        assert_eq!(parsed("next_step=a=b"), of("next_step", Change::Set, "a=b"));
        assert_eq!(parsed("Next-Step="), of("next_step", Change::Set, ""));
    }

    #[test]
    fn what_is_no_assignment_says_how_to_write_one() {
        for text in ["stage", "=x", "+=x", "tags+=", "a b!=c", "ta/gs=x"] {
            let error = text.parse::<Assignment>().expect_err(text);
            assert!(error.to_string().contains("stage=Negotiation"), "{error}");
        }
    }

    #[test]
    fn an_assignment_prints_as_it_is_written() {
        for text in ["stage=Negotiation", "tags+=vip", "visits-=1"] {
            assert_eq!(text.parse::<Assignment>().unwrap().to_string(), text);
        }
    }
}
