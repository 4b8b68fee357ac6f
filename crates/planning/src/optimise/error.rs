//! What can be wrong with an optimisation problem: bad numbers, or constraints that clash.

use thiserror::Error;

/// Why a problem has no answer.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum OptimiseError {
    /// There is nothing to decide about.
    #[error("{what} is empty")]
    Empty {
        /// The list that is empty.
        what: &'static str,
    },
    /// Two inputs that belong together have different lengths.
    #[error("{what} has {got} entries, expected {expected}")]
    Shape {
        /// The input with the wrong length.
        what: &'static str,
        /// The length that it should have.
        expected: usize,
        /// The length that it has.
        got: usize,
    },
    /// A number is not finite, negative where it must not be, or too large to be exact.
    #[error("{what} at {index} is {value}, which is out of range")]
    Number {
        /// The input that holds the number.
        what: &'static str,
        /// The place of the number in the input.
        index: usize,
        /// The number.
        value: f64,
    },
    /// A potential that is below zero or no number, or potentials that add up to nothing where some
    /// of them must be positive.
    #[error("{}", potential(*rep, *product, *value))]
    Potential {
        /// The rep; all of them where none is named.
        rep: Option<usize>,
        /// The product; all of them where none is named.
        product: Option<usize>,
        /// The potential, or the sum of potentials.
        value: f64,
    },
    /// The bytes of an instance file do not follow the format.
    #[error("instance file is damaged at byte {offset}: {reason}")]
    Instance {
        /// Where reading stopped.
        offset: usize,
        /// What is wrong there.
        reason: &'static str,
    },
    /// These items may only go to these bins, which together cannot hold them.
    #[error("{} items may only go to {} bins, which hold {capacity} of {demand}", items.len(), bins.len())]
    Overfull {
        /// The items (leads or accounts) that compete.
        items: Vec<usize>,
        /// The bins (reps) that are all they may go to; empty if an item may go nowhere.
        bins: Vec<usize>,
        /// What the bins hold together.
        capacity: f64,
        /// What the items need together.
        demand: f64,
    },
    /// These bins must receive more than all items that may go to them.
    #[error("{} bins must receive {required}, only {available} may go to them", bins.len())]
    Underfull {
        /// The bins (reps) with a lower limit.
        bins: Vec<usize>,
        /// The items (leads or accounts) that may go to them.
        items: Vec<usize>,
        /// What the bins must receive together.
        required: f64,
        /// What the items amount to together.
        available: f64,
    },
    /// Whole items cannot be packed into the limits, although fractions of them could be.
    #[error("whole items do not fit: bin {bin} holds {load}, limits are {lower} to {upper}")]
    Indivisible {
        /// The bin that stays outside its limits.
        bin: usize,
        /// What the bin holds in the best attempt.
        load: f64,
        /// The lower limit.
        lower: f64,
        /// The upper limit.
        upper: f64,
    },
    /// Limits on quotas clash: the smallest set of changes that would make them agree.
    #[error("quota limits clash in {} places", clashes.len())]
    QuotaClash {
        /// What would have to give way, and by how much.
        clashes: Vec<super::quota::Clash>,
    },
    /// A stop cannot be reached within its window.
    #[error(
        "stop {stop} cannot be served in its window: earliest arrival {arrival_min}, window closes {closes_min}"
    )]
    Unreachable {
        /// The stop.
        stop: usize,
        /// The earliest possible arrival in minutes.
        arrival_min: f64,
        /// When the window closes in minutes.
        closes_min: f64,
    },
    /// Each stop can be reached alone, but no order serves all of them in time.
    #[error("no order serves all {} stops in time; leaving out {} would do", stops, leave_out.len())]
    Windows {
        /// How many stops were asked for.
        stops: usize,
        /// Stops whose removal makes the day possible.
        leave_out: Vec<usize>,
    },
    /// Whoever watched stopped the work.
    #[error("stopped")]
    Stopped,
    /// The numbers are so badly scaled that the solver did not converge.
    #[error("the solver stopped after {iterations} steps without an answer that can be trusted")]
    NotConverged {
        /// Steps taken.
        iterations: usize,
    },
}

fn potential(rep: Option<usize>, product: Option<usize>, value: f64) -> String {
    let all = "the potentials of";
    match (rep, product) {
        (Some(rep), Some(product)) => format!(
            "the potential of rep {rep} with product {product} is {value}, and must be zero or positive"
        ),
        (Some(rep), None) => {
            format!("{all} rep {rep} add up to {value}; with some product it must be positive")
        }
        (None, Some(product)) => {
            format!("{all} product {product} add up to {value}; with some rep it must be positive")
        }
        (None, None) => format!("all potentials add up to {value}; some must be positive"),
    }
}
