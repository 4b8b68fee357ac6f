//! Leads to reps: the best batch, the answer for one lead, and the reason for each.
//!
//! A batch is a transportation problem in whole money units, solved exactly, so gap is zero up to
//! the rounding of values to [`AssignmentProblem::unit`]. Fairness is a floor: no rep gets less
//! than a share of the average, and what that costs is told by solving without it.

mod batch;
mod one;
mod reason;

pub use batch::{assign, unit_for};
pub use one::{OneLead, assign_one};
pub use reason::{Rationale, Why};

use super::Quality;

/// How evenly leads are spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fairness {
    /// Value alone decides.
    ValueOnly,
    /// Each rep gets at least this share (0 to 1) of the average number of leads, or its capacity
    /// or the number of leads it may take if those are smaller.
    Floor {
        /// Share of the average number of leads.
        share: f64,
    },
}

/// What happens when capacities cannot hold all leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortfall {
    /// The clash is reported and nothing is assigned.
    Refuse,
    /// As many leads as possible are assigned, and the least valuable ones are left.
    LeaveOut,
}

/// A batch of leads to assign.
#[derive(Debug, Clone, Copy)]
pub struct AssignmentProblem<'a> {
    /// Expected value of each lead with each rep, lead by lead; skill is part of it.
    pub value: &'a [f64],
    /// Whether a rep may take a lead, in the same order.
    pub eligible: &'a [bool],
    /// How many leads each rep can take.
    pub capacity: &'a [u32],
    /// The unit to which values are rounded, for example 0.01.
    pub unit: f64,
    /// How evenly leads are spread.
    pub fairness: Fairness,
    /// What happens when capacities cannot hold all leads.
    pub shortfall: Shortfall,
}

/// An optimal assignment.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The rep of each lead; `None` where it was left out.
    pub rep: Vec<Option<usize>>,
    /// Value reached, and the proven bound.
    pub quality: Quality,
    /// What one more place with each rep would be worth in value; where leads are left out, without
    /// what leaving one out counts for.
    pub price: Vec<f64>,
    /// How many leads each rep got.
    pub load: Vec<u32>,
    /// Value given up for fairness; zero without a floor.
    pub cost_of_fairness: f64,
    /// Why each lead went where it went.
    pub rationale: Vec<Rationale>,
}
