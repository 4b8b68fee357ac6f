//! Decisions: what the rules say, always with the rule that said it.

use crate::Role;

/// What the rules say to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may be done.
    Allow {
        /// The rules that permitted it, without doubles, joined by `, `.
        policy: String,
    },
    /// It may be proposed; one of the approvers must confirm it.
    NeedsApproval {
        /// The rule.
        policy: String,
        /// Why, in a sentence.
        reason: String,
        /// Who may approve. Never empty.
        approvers: Vec<Role>,
        /// The field that it is about, if one.
        field: Option<String>,
    },
    /// It may not be done.
    Deny {
        /// A stable word for programs.
        code: &'static str,
        /// The rule.
        policy: String,
        /// Why, in a sentence.
        reason: String,
        /// What to do, in a sentence.
        remedy: String,
        /// The field that it is about, if one.
        field: Option<String>,
    },
    /// What the rules need to know is not on this device.
    ServerDecides {
        /// The rule.
        policy: String,
        /// What is missing. Never empty.
        missing: Vec<&'static str>,
    },
}

impl Decision {
    /// Says whether it may be done at once.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allow { .. })
    }

    /// The rule or rules that decided.
    #[must_use]
    pub fn policy(&self) -> &str {
        match self {
            Self::Allow { policy }
            | Self::NeedsApproval { policy, .. }
            | Self::Deny { policy, .. }
            | Self::ServerDecides { policy, .. } => policy,
        }
    }

    /// How much it restricts: of several decisions the most restricting counts.
    pub(crate) const fn severity(&self) -> u8 {
        match self {
            Self::Allow { .. } => 0,
            Self::NeedsApproval { .. } => 1,
            Self::ServerDecides { .. } => 2,
            Self::Deny { .. } => 3,
        }
    }
}
