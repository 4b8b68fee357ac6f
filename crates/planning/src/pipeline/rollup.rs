//! The roll-up: closed, commit, best case and pipeline, from reps up to the top, with adjustments.
//!
//! Sums always add up: what a node shows is its own deals and adjustments plus what is below it.

/// How sure a deal is, by forecast category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Won.
    Closed,
    /// Promised.
    Commit,
    /// Possible if all goes well.
    BestCase,
    /// Everything else that is open.
    Pipeline,
}

impl Category {
    /// All categories, surest first.
    pub const ALL: [Self; 4] = [Self::Closed, Self::Commit, Self::BestCase, Self::Pipeline];

    const fn place(self) -> usize {
        match self {
            Self::Closed => 0,
            Self::Commit => 1,
            Self::BestCase => 2,
            Self::Pipeline => 3,
        }
    }
}

/// What somebody adds to or takes from a category of a node.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adjustment {
    /// The node.
    pub node: usize,
    /// The category.
    pub category: Category,
    /// What is added; negative to take away.
    pub amount: f64,
}

/// The sums of a node.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sums {
    by_category: [f64; 4],
    adjusted: [f64; 4],
    /// Deals, closed ones included.
    pub deals: usize,
}

impl Sums {
    /// The deals of a category, without adjustments.
    #[must_use]
    pub fn of(&self, category: Category) -> f64 {
        self.by_category[category.place()]
    }

    /// What adjustments add to a category.
    #[must_use]
    pub fn adjustment(&self, category: Category) -> f64 {
        self.adjusted[category.place()]
    }

    /// The category and all that are surer, adjustments included: the forecast of that name.
    #[must_use]
    pub fn up_to(&self, category: Category) -> f64 {
        let to = category.place();
        self.by_category[..=to].iter().sum::<f64>() + self.adjusted[..=to].iter().sum::<f64>()
    }

    /// How the node stands against a quota.
    #[must_use]
    pub fn against(&self, quota: f64) -> Target {
        let closed = self.up_to(Category::Closed);
        let gap = (quota - closed).max(0.0);
        let open = self.up_to(Category::Pipeline) - closed;
        Target {
            quota,
            attainment: (quota > 0.0).then(|| closed / quota),
            gap,
            coverage: (gap > 0.0).then(|| open / gap),
        }
    }

    fn add(&mut self, other: &Self) {
        for place in 0..4 {
            self.by_category[place] += other.by_category[place];
            self.adjusted[place] += other.adjusted[place];
        }
        self.deals += other.deals;
    }
}

/// A node against its quota.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target {
    /// What is to be reached.
    pub quota: f64,
    /// Closed over quota; `None` without a quota.
    pub attainment: Option<f64>,
    /// What is missing, never negative.
    pub gap: f64,
    /// Open pipeline over the gap; `None` where nothing is missing.
    pub coverage: Option<f64>,
}

/// Adds up deals and adjustments, each node with all that is below it.
///
/// `parents` names the node above each node. Nodes in a circle hang below nothing; deals and
/// adjustments of nodes that there are not are passed over, as are amounts that are not finite.
#[must_use]
pub fn roll_up(
    parents: &[Option<usize>],
    deals: &[(usize, Category, f64)],
    adjustments: &[Adjustment],
) -> Vec<Sums> {
    let mut own = vec![Sums::default(); parents.len()];
    for (node, category, amount) in deals.iter().filter(|(_, _, amount)| amount.is_finite()) {
        if let Some(sums) = own.get_mut(*node) {
            sums.by_category[category.place()] += amount;
            sums.deals += 1;
        }
    }
    for adjustment in adjustments.iter().filter(|one| one.amount.is_finite()) {
        if let Some(sums) = own.get_mut(adjustment.node) {
            sums.adjusted[adjustment.category.place()] += adjustment.amount;
        }
    }
    let mut all = own.clone();
    for (node, sums) in own.iter().enumerate() {
        let (mut above, mut steps) = (parents[node], 0);
        let mut chain = Vec::new();
        while let Some(place) = above.filter(|place| *place < parents.len()) {
            chain.push(place);
            steps += 1;
            if place == node || steps > parents.len() {
                // A circle: nobody stands above.
                chain.clear();
                break;
            }
            above = parents[place];
        }
        for place in chain {
            all[place].add(sums);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_adds_up_above() {
        // 0 is the top, 1 and 2 report to it, 3 to 2.
        let parents = [None, Some(0), Some(0), Some(2)];
        let deals = [
            (1, Category::Closed, 10.0),
            (2, Category::Commit, 20.0),
            (3, Category::BestCase, 30.0),
            (3, Category::Pipeline, 40.0),
            (9, Category::Closed, 1e9),
            (1, Category::Closed, f64::NAN),
        ];
        let cut = Adjustment { node: 2, category: Category::Commit, amount: -5.0 };
        let sums = roll_up(&parents, &deals, &[cut]);
        assert!((sums[0].up_to(Category::Pipeline) - 95.0).abs() < 1e-9);
        assert!((sums[0].up_to(Category::Commit) - 25.0).abs() < 1e-9);
        assert!((sums[2].of(Category::Commit) - 20.0).abs() < 1e-9, "without the adjustment");
        assert!((sums[2].adjustment(Category::Commit) + 5.0).abs() < 1e-9);
        assert_eq!(sums[0].deals, 4);
        let target = sums[0].against(50.0);
        assert!((target.attainment.unwrap() - 0.2).abs() < 1e-9);
        assert!((target.gap - 40.0).abs() < 1e-9);
        assert!((target.coverage.unwrap() - 85.0 / 40.0).abs() < 1e-9);
        assert!(sums[0].against(5.0).coverage.is_none(), "nothing is missing");
    }

    #[test]
    fn a_circle_ends() {
        let sums = roll_up(&[Some(1), Some(0), Some(1)], &[(2, Category::Closed, 1.0)], &[]);
        assert!((sums[2].of(Category::Closed) - 1.0).abs() < 1e-9);
    }
}
