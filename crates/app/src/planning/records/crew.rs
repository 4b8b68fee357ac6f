//! Who sold what by month: people, the territories above them, and teams.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use roadbook_domain::{Entity, RecordId};

use super::book::{Book, Deal};
use super::lines::{Line, Months, OTHERS, summed, total};
use super::tree::Tree;

/// People who are forecast on their own, those who sold most; the others of a territory go
/// together.
const PEOPLE: usize = 40;

/// A part: the node above it and that of the person; no person where several go together.
type Key = (usize, Option<usize>);

/// Territories, teams and people with what they sold.
#[derive(Default)]
pub(super) struct Crew {
    /// Territories, then teams.
    pub(super) totals: Vec<Line>,
    /// The places of teams among the totals.
    pub(super) teams: Range<usize>,
    /// People, and those of a territory that go together.
    pub(super) parts: Vec<Line>,
    /// The parts that each total sums.
    pub(super) groups: Vec<Vec<usize>>,
    /// Territories and people in the order in which they are shown: places among totals and parts.
    pub(super) shown: Vec<usize>,
}

impl Crew {
    /// Nobody where fewer than two sold anything: then there is nothing to add up.
    pub(super) fn of(book: &Book, deals: &[&Deal], span: &Months) -> Self {
        let tree = Tree::of(book);
        let sold = span.sums(book, deals, |deal| tree.node(deal.owner));
        let mut most: Vec<(usize, f64)> =
            sold.iter().map(|(node, values)| (*node, total(values))).collect();
        most.sort_by(|a, b| b.1.total_cmp(&a.1));
        let own: BTreeSet<usize> = most.iter().take(PEOPLE).map(|(node, _)| *node).collect();
        let mut parts: BTreeMap<Key, Vec<f64>> = BTreeMap::new();
        for (node, values) in &sold {
            let key = match tree.parents[*node] {
                Some(above) if !tree.above(*node).is_empty() => {
                    (above, Some(*node).filter(|node| own.contains(node)))
                }
                // Of nobody who is known here.
                Some(_) | None => (0, None),
            };
            let sum = parts.entry(key).or_insert_with(|| vec![0.0; span.count + 1]);
            *sum = summed(sum.len(), [sum.as_slice(), values.as_slice()].into_iter());
        }
        if parts.len() < 2 {
            return Self::default();
        }
        let keys: Vec<Key> = parts.keys().copied().collect();
        let mut crew = Self {
            parts: parts.into_iter().map(|((_, who), values)| part(&tree, who, values)).collect(),
            ..Self::default()
        };
        let territories = crew.add_territories(book, &tree, &keys);
        crew.add_teams(book, &tree, &keys, &sold);
        crew.show(&tree, &keys, &territories);
        crew
    }

    /// Adds the territories below which something was sold; returns their nodes.
    fn add_territories(&mut self, book: &Book, tree: &Tree, keys: &[Key]) -> Vec<usize> {
        let below = |node: usize| {
            let is_below = |above: usize| above == node || tree.above(above).contains(&node);
            (0..keys.len()).filter(|part| is_below(keys[*part].0)).collect::<Vec<usize>>()
        };
        let mut nodes = Vec::new();
        for node in 1..=book.territories.len() {
            let group = below(node);
            if !group.is_empty() {
                nodes.push(node);
                self.add(tree.labels[node].clone(), tree.links[node], group);
            }
        }
        self.teams = nodes.len()..nodes.len();
        nodes
    }

    /// Adds the teams of which everybody who sold anything is forecast alone; of the others the sum
    /// is not known.
    fn add_teams(
        &mut self,
        book: &Book,
        tree: &Tree,
        keys: &[Key],
        sold: &BTreeMap<usize, Vec<f64>>,
    ) {
        for team in &book.teams {
            let members = team.members("members").iter();
            let members: BTreeSet<usize> = members
                .filter_map(|member| Some(tree.node(Some(member.parse().ok()?))))
                .filter(|node| *node > 0)
                .collect();
            let part = |node: &usize| keys.iter().position(|(_, who)| *who == Some(*node));
            let group: Vec<usize> = members.iter().filter_map(part).collect();
            let sellers = members.iter().filter(|node| sold.contains_key(node)).count();
            if !group.is_empty() && group.len() == sellers {
                self.add(team.name.clone(), Some((Entity::Team, team.id)), group);
                self.teams.end += 1;
            }
        }
    }

    fn add(&mut self, label: String, link: Option<(Entity, RecordId)>, group: Vec<usize>) {
        let length = self.parts.first().map_or(0, |part| part.values.len());
        let values = summed(length, group.iter().map(|part| self.parts[*part].values.as_slice()));
        self.totals.push(Line { label, link, depth: 1, values });
        self.groups.push(group);
    }

    /// Puts territories and people in the order of the roll-up.
    fn show(&mut self, tree: &Tree, keys: &[Key], territories: &[usize]) {
        let totals = self.totals.len();
        let mut open = vec![(0_usize, 0_u32)];
        while let Some((node, depth)) = open.pop() {
            if let Some(at) = territories.iter().position(|known| *known == node) {
                self.totals[at].depth = depth;
                self.shown.push(at);
            }
            let mut people: Vec<usize> =
                (0..keys.len()).filter(|part| keys[*part].0 == node).collect();
            // Those that go together come last.
            people.sort_by_cached_key(|part| {
                (keys[*part].1.is_none(), self.parts[*part].label.clone())
            });
            for part in people {
                self.parts[part].depth = depth + 1;
                self.shown.push(totals + part);
            }
            let below = territories.iter().copied();
            let mut below: Vec<usize> =
                below.filter(|child| tree.parents[*child] == Some(node)).collect();
            below.sort_by(|a, b| tree.labels[*b].cmp(&tree.labels[*a]));
            open.extend(below.into_iter().map(|child| (child, depth + 1)));
        }
    }
}

fn part(tree: &Tree, who: Option<usize>, values: Vec<f64>) -> Line {
    let label = who.map_or_else(|| OTHERS.to_owned(), |node| tree.labels[node].clone());
    Line { label, link: who.and_then(|node| tree.links[node]), depth: 1, values }
}
