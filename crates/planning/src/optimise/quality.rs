//! How good an answer is, with proof.

/// Which way an objective is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Larger is better.
    Maximise,
    /// Smaller is better.
    Minimise,
}

/// What an answer reached beside a proven bound on what any answer could reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Which way the objective is good.
    pub goal: Goal,
    /// What the answer reached.
    pub objective: f64,
    /// What no answer can surpass.
    pub bound: f64,
}

impl Quality {
    /// Returns the relative distance between objective and bound, never negative.
    #[must_use]
    pub fn gap(&self) -> f64 {
        let apart = match self.goal {
            Goal::Maximise => self.bound - self.objective,
            Goal::Minimise => self.objective - self.bound,
        };
        apart.max(0.0) / self.bound.abs().max(self.objective.abs()).max(1e-9)
    }
}
