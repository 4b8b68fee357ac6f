//! Verdicts: what the server says to each intent. None without a reason, no denial without a
//! remedy.

use roadbook_domain::{ConflictId, IntentId};
use serde::{Deserialize, Serialize};

/// How far ahead of the server's clock the clock of an envelope may be, in milliseconds. Nothing in
/// the log was further ahead when it was taken in.
pub const CLOCK_AHEAD_MAX_MS: i64 = 5 * 60 * 1_000;

/// The code of the denial of work that an operator gave back to its author: it waited after a
/// restore for what no device has any more.
pub const GIVEN_BACK: &str = "given_back";

/// The server's answer to one intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Final: taken in as it was meant.
    Applied {
        /// Its place in the tenant's log.
        seq: u64,
    },
    /// Final: taken in and merged with what others wrote; the journal says what was settled.
    Merged {
        /// Its place in the tenant's log.
        seq: u64,
    },
    /// Final: taken in, and a person must settle what it disagrees about.
    Review {
        /// Its place in the tenant's log.
        seq: u64,
        /// The conflicts that it opened or joined, of facets that its author may see.
        conflicts: Vec<ConflictId>,
    },
    /// Final: not taken in.
    Denied(Denial),
    /// Provisional: waits for another intent.
    Held {
        /// The intent that it reads from or builds on.
        waits_for: IntentId,
        /// Why it waits.
        reason: String,
    },
    /// Provisional: meant well, but its bytes cannot be taken; the device issues it again under
    /// the same intent id.
    Rebase {
        /// Why.
        reason: String,
        /// How far the device's clock is off, when that is the cause: server time minus the
        /// envelope's time, in milliseconds.
        clock_offset_ms: Option<i64>,
    },
    /// The intent was judged before; this is the verdict that was given.
    Duplicate(Box<Verdict>),
}

/// Why an intent was not taken in, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// A stable word for programs.
    pub code: String,
    /// Why, in a sentence.
    pub reason: String,
    /// What to do, in a sentence.
    pub remedy: String,
    /// The field that it is about, if one.
    pub field: Option<String>,
    /// The policy that decided, if one did.
    pub policy: Option<String>,
}

impl Verdict {
    /// The verdict behind any number of `Duplicate`.
    #[must_use]
    pub fn given(&self) -> &Self {
        match self {
            Self::Duplicate(inner) => inner.given(),
            Self::Applied { .. }
            | Self::Merged { .. }
            | Self::Review { .. }
            | Self::Denied(_)
            | Self::Held { .. }
            | Self::Rebase { .. } => self,
        }
    }

    /// The place in the log; `None` if it was not taken in.
    #[must_use]
    pub fn seq(&self) -> Option<u64> {
        match self.given() {
            Self::Applied { seq } | Self::Merged { seq } | Self::Review { seq, .. } => Some(*seq),
            Self::Denied(_) | Self::Held { .. } | Self::Rebase { .. } | Self::Duplicate(_) => None,
        }
    }

    /// Says whether the verdict will never change.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(self.given(), Self::Held { .. } | Self::Rebase { .. })
    }

    /// A stable word for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.given() {
            Self::Applied { .. } => "applied",
            Self::Merged { .. } => "merged",
            Self::Review { .. } => "review",
            Self::Denied(_) => "denied",
            Self::Held { .. } => "held",
            Self::Rebase { .. } => "rebase",
            Self::Duplicate(_) => "duplicate",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duplicate_speaks_for_the_verdict_it_repeats() {
        let verdict = Verdict::Duplicate(Box::new(Verdict::Applied { seq: 4 }));
        assert_eq!(verdict.seq(), Some(4));
        assert_eq!(verdict.name(), "applied");
        assert!(verdict.is_final());
        let rebase = Verdict::Rebase { reason: "clock".into(), clock_offset_ms: Some(-5) };
        assert!(!rebase.is_final());
    }
}
