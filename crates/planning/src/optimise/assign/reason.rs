//! Why a lead went where it went.

use super::AssignmentProblem;

/// The reason for one lead.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// No eligible rep is worth more with this lead.
    FirstChoice,
    /// The rep worth most with this lead gives more with other leads.
    FirstChoiceFull {
        /// That rep.
        rep: usize,
        /// What this lead would have been worth there.
        value: f64,
        /// What one place there is worth to the leads that hold it.
        place_worth: f64,
    },
    /// A rep short of leads had a floor to reach.
    Fairness {
        /// The rep worth most with this lead.
        rep: usize,
        /// What this lead would have been worth there.
        value: f64,
    },
    /// The rep worth most with this lead has no place for it: all are taken, or going there would
    /// leave another lead out.
    NoPlace {
        /// That rep.
        rep: usize,
        /// What this lead would have been worth there.
        value: f64,
    },
    /// Only this rep may take the lead.
    OnlyEligible,
    /// All places of the reps that may take it went to leads worth more.
    LeftOut,
}

/// One lead's rep, value, reason and runner-up.
#[derive(Debug, Clone, PartialEq)]
pub struct Rationale {
    /// Value with the chosen rep; zero when left out.
    pub value: f64,
    /// Why.
    pub why: Why,
    /// The next best rep at the prices of this batch.
    pub runner_up: Option<usize>,
    /// How much better the chosen rep is than the runner-up after prices; zero is a tie.
    pub margin: f64,
}

/// Explains every lead of a batch.
pub(super) fn explain(
    problem: &AssignmentProblem<'_>,
    rep: &[Option<usize>],
    price: &[f64],
) -> Vec<Rationale> {
    let reps = problem.capacity.len();
    rep.iter()
        .enumerate()
        .map(|(lead, chosen)| {
            let row = lead * reps..(lead + 1) * reps;
            let (value, eligible) = (&problem.value[row.clone()], &problem.eligible[row]);
            explain_one(value, eligible, *chosen, price, problem.unit)
        })
        .collect()
}

/// Explains one lead at given prices, which are exact to the unit.
pub(super) fn explain_one(
    value: &[f64],
    eligible: &[bool],
    chosen: Option<usize>,
    price: &[f64],
    unit: f64,
) -> Rationale {
    let Some(chosen) = chosen else {
        return Rationale { value: 0.0, why: Why::LeftOut, runner_up: None, margin: 0.0 };
    };
    let mut best = chosen;
    let mut runner_up: Option<usize> = None;
    let mut allowed = 0;
    for rep in (0..value.len()).filter(|r| eligible[*r]) {
        allowed += 1;
        if value[rep] > value[best] {
            best = rep;
        }
        let net = value[rep] - price[rep];
        if rep != chosen && runner_up.is_none_or(|r| net > value[r] - price[r]) {
            runner_up = Some(rep);
        }
    }
    let why = if allowed == 1 {
        Why::OnlyEligible
    } else if best == chosen {
        Why::FirstChoice
    } else if price[best] > 0.0
        && value[best] - price[best] <= value[chosen] - price[chosen].max(0.0) + unit
    {
        Why::FirstChoiceFull { rep: best, value: value[best], place_worth: price[best] }
    } else if price[chosen] < 0.0 {
        // Only a floor that binds makes a place cost less than nothing.
        Why::Fairness { rep: best, value: value[best] }
    } else {
        Why::NoPlace { rep: best, value: value[best] }
    };
    let margin =
        runner_up.map_or(0.0, |r| (value[chosen] - price[chosen]) - (value[r] - price[r])).max(0.0);
    Rationale { value: value[chosen], why, runner_up, margin }
}
