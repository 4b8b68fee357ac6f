//! Prices to start from, out of a smaller problem of the same kind.

use super::{Network, Transport};

/// Problems below this many items per bin are solved from zero prices.
const ITEMS_PER_BIN: usize = 2;

/// Returns prices that nearly balance the bins; zeros if the sample says nothing.
pub(super) fn starting_prices(problem: &Transport<'_>) -> Vec<f64> {
    let items = problem.supply.len();
    let zero = vec![0.0; problem.bins];
    if items / 4 < ITEMS_PER_BIN * problem.bins {
        return zero;
    }
    let chosen: Vec<usize> = (0..items).filter(|i| mixed(*i as u64) & 3 == 0).collect();
    let supply: Vec<f64> = chosen.iter().map(|i| problem.supply[*i]).collect();
    let cost: Vec<f64> = chosen.iter().flat_map(|i| problem.row(*i)).copied().collect();
    let share = supply.iter().sum::<f64>() / problem.supply.iter().sum::<f64>();
    let upper = shrink(problem.upper, share);
    let lower: Vec<f64> =
        shrink(problem.lower, share).iter().zip(&upper).map(|(l, u)| l.min(*u)).collect();
    let smaller = Transport {
        bins: problem.bins,
        cost: &cost,
        supply: &supply,
        lower: &lower,
        upper: &upper,
    };
    let start = starting_prices(&smaller);
    Network::new(&smaller, &start).run().map_or(zero, |flow| flow.price)
}

/// Scales limits to whole numbers whose running sums stay in proportion.
fn shrink(limits: &[f64], share: f64) -> Vec<f64> {
    let mut before = 0.0;
    let mut sum = 0.0;
    limits
        .iter()
        .map(|limit| {
            sum += limit * share;
            let now = sum.ceil();
            let whole = now - before;
            before = now;
            whole
        })
        .collect()
}

/// Mixes the bits of an index (finaliser of SplitMix64, Steele, Lea, Flood 2014), so that a
/// sample does not follow a period in the data.
fn mixed(index: u64) -> u64 {
    let mut z = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
