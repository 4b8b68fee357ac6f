//! State machines: stages, statuses and how two concurrent moves join.

/// A forecast category (DATA-MODEL, default stages).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ForecastCategory {
    /// Open and early.
    Pipeline,
    /// Open and likely if all goes well.
    BestCase,
    /// Open and promised.
    Commit,
    /// Won.
    Closed,
    /// Lost.
    Omitted,
}

impl ForecastCategory {
    /// The name in commands and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pipeline => "Pipeline",
            Self::BestCase => "Best case",
            Self::Commit => "Commit",
            Self::Closed => "Closed",
            Self::Omitted => "Omitted",
        }
    }
}

/// One state of a machine.
#[derive(Debug, Clone, Copy)]
pub struct StateDef {
    /// The name, as stored and shown.
    pub name: &'static str,
    /// How far along: a join goes to the farther of two forward moves.
    pub rank: u8,
    /// Concurrent moves that start here or end here always go to a person.
    pub contested: bool,
    /// A record in this state is finished.
    pub closed: bool,
    /// The usual probability of winning, in percent, for stages.
    pub probability_percent: u8,
    /// The forecast category, for stages.
    pub category: Option<ForecastCategory>,
    /// The fields that a record should have before it leaves this state: a hint, never a block.
    pub needs: &'static [&'static str],
}

/// A named list of states.
#[derive(Debug)]
pub struct StateMachine {
    /// The name of the machine.
    pub name: &'static str,
    /// The states, in order; the first is where a record starts.
    pub states: &'static [StateDef],
}

impl StateMachine {
    /// The state where a record starts.
    #[must_use]
    pub fn initial(&self) -> &'static StateDef {
        &self.states[0]
    }

    /// The state of this name, whatever the case.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&'static StateDef> {
        self.states.iter().find(|state| state.name.eq_ignore_ascii_case(name))
    }

    /// The names of all states.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.states.iter().map(|state| state.name)
    }

    /// Joins two different concurrent moves from `base`: the farther one if both went forward to
    /// different ranks and neither end nor the base is contested; `None` sends it to a person.
    #[must_use]
    pub fn join(&self, base: Option<&str>, a: &str, b: &str) -> Option<&'static str> {
        let (a, b) = (self.state(a)?, self.state(b)?);
        let base = match base {
            Some(name) => self.state(name)?,
            None => self.initial(),
        };
        if a.contested || b.contested || base.contested {
            return None;
        }
        if a.rank < base.rank || b.rank < base.rank || a.rank == b.rank {
            return None;
        }
        Some(if a.rank > b.rank { a.name } else { b.name })
    }
}

#[cfg(test)]
mod tests {
    use crate::schema::crm::{LEAD_STATUS, STAGE};

    #[test]
    fn two_moves_forward_join_at_the_farther() {
        let join = |base, a, b| STAGE.join(Some(base), a, b);
        assert_eq!(join("Prospecting", "Qualification", "Proposal"), Some("Proposal"));
        assert_eq!(join("Prospecting", "Proposal", "Qualification"), Some("Proposal"));
        assert_eq!(join("Proposal", "Prospecting", "Needs analysis"), None, "backwards");
        assert_eq!(join("Prospecting", "Negotiation", "Proposal"), None, "a side in Commit");
        assert_eq!(join("Negotiation", "Proposal", "Closed won"), None, "the base in Commit");
        assert_eq!(LEAD_STATUS.join(Some("Working"), "Qualified", "Unqualified"), None);
        assert_eq!(LEAD_STATUS.join(Some("New"), "Working", "Qualified"), Some("Qualified"));
    }
}
