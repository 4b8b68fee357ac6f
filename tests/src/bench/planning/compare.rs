//! A figure of ours beside what it is held against, and whether the aim is met.

use serde::{Deserialize, Serialize};

/// What is aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) enum Aim {
    /// Told for comparison only.
    None,
    /// Ours over theirs, at most.
    RatioAtMost(f64),
    /// Ours over theirs is at most this far from one.
    RatioWithin(f64),
    /// Ours less theirs, at most.
    MoreByAtMost(f64),
    /// Theirs less ours, at most.
    LessByAtMost(f64),
    /// The distance of both, at most.
    Within(f64),
    /// Ours, at most.
    AtMost(f64),
    /// Ours, at least.
    AtLeast(f64),
}

/// How far floats may be beside a limit that they meet exactly.
const SLACK: f64 = 1e-12;

impl Aim {
    /// Whether it is met; `None` where nothing is aimed at.
    pub(super) fn is_met(self, ours: f64, theirs: f64) -> Option<bool> {
        Some(match self {
            Self::None => return None,
            Self::RatioAtMost(most) => ours / theirs <= most + SLACK,
            Self::RatioWithin(most) => (ours / theirs - 1.0).abs() <= most + SLACK,
            Self::MoreByAtMost(most) => ours - theirs <= most + SLACK,
            Self::LessByAtMost(most) => theirs - ours <= most + SLACK,
            Self::Within(most) => (ours - theirs).abs() <= most + SLACK,
            Self::AtMost(most) => ours <= most + SLACK,
            Self::AtLeast(least) => ours >= least - SLACK,
        })
    }

    /// The aim in words.
    pub(super) fn told(self) -> String {
        match self {
            Self::None => String::new(),
            Self::RatioAtMost(most) => format!("ratio at most {most}"),
            Self::RatioWithin(most) => format!("the same to {most:e}"),
            Self::MoreByAtMost(0.0) => "no more than the peer".to_owned(),
            Self::MoreByAtMost(most) => format!("at most {most} above the peer"),
            Self::LessByAtMost(most) => format!("at most {most} below the peer"),
            Self::Within(most) => format!("within {most}"),
            Self::AtMost(most) => format!("at most {most}"),
            Self::AtLeast(least) => format!("at least {least}"),
        }
    }
}

/// One figure of ours beside a peer's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Comparison {
    pub(super) what: String,
    pub(super) peer: String,
    pub(super) measure: String,
    pub(super) unit: String,
    pub(super) ours: f64,
    /// `None` where there is nothing beside it but the aim.
    pub(super) theirs: Option<f64>,
    pub(super) aim: Aim,
}

impl Comparison {
    pub(super) fn new(what: &str, measure: &str, unit: &str, ours: f64) -> Self {
        Self {
            what: what.to_owned(),
            peer: String::new(),
            measure: measure.to_owned(),
            unit: unit.to_owned(),
            ours,
            theirs: None,
            aim: Aim::None,
        }
    }

    pub(super) fn beside(self, peer: &str, theirs: f64) -> Self {
        Self { peer: peer.to_owned(), theirs: Some(theirs), ..self }
    }

    pub(super) fn aim(self, aim: Aim) -> Self {
        Self { aim, ..self }
    }

    /// Whether the aim is met. A figure that is no number meets nothing.
    pub(super) fn is_met(&self) -> Option<bool> {
        self.aim.is_met(self.ours, self.theirs.unwrap_or(f64::NAN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_met_up_to_its_limit_and_never_by_what_is_no_number() {
        let met = |aim: Aim, ours: f64, theirs: f64| aim.is_met(ours, theirs);
        assert_eq!(met(Aim::RatioAtMost(0.5), 1.0, 2.0), Some(true));
        assert_eq!(met(Aim::RatioAtMost(0.5), 1.01, 2.0), Some(false));
        assert_eq!(met(Aim::RatioWithin(1e-6), 1.0, 1.1), Some(false));
        assert_eq!(met(Aim::MoreByAtMost(0.0), 0.27, 0.27), Some(true));
        assert_eq!(met(Aim::LessByAtMost(0.001), 0.80, 0.801), Some(true));
        assert_eq!(met(Aim::Within(3.0), 76.9, 80.0), Some(false));
        assert_eq!(met(Aim::AtMost(8.0), f64::NAN, 1.0), Some(false));
        assert_eq!(met(Aim::AtLeast(0.745), 0.746, f64::NAN), Some(true));
        assert_eq!(met(Aim::None, 1.0, 1.0), None);
    }
}
