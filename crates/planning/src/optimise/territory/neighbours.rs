//! Which accounts lie side by side, told from where they are.
//!
//! Each account and its nearest few, and the edges of a minimum spanning tree (Prim (1957),
//! "Shortest connection networks and some generalizations", Bell System Technical Journal 36), so
//! that all accounts hang together: a territory of two towns is only apart where somebody else's
//! accounts lie between.

use super::super::num::index_u32;

/// Nearest accounts of each that count as beside it. Six is the mean number of neighbours of a point
/// where the plane is divided among all.
pub const NEAREST: usize = 6;

/// Returns the pairs of points that lie side by side, each pair once, the smaller number first.
///
/// Points are on a plane, or on the unit sphere (three coordinates), where the chord orders distances
/// as the way on the ground does. Time grows with the square of their count: 5,000 points take some
/// tenths of a second.
#[must_use]
pub fn neighbours<const D: usize>(points: &[[f64; D]], nearest: usize) -> Vec<(u32, u32)> {
    let far = |a: usize, b: usize| -> f64 {
        points[a].iter().zip(&points[b]).map(|(x, y)| (x - y) * (x - y)).sum()
    };
    let mut pairs: Vec<(u32, u32)> = Vec::with_capacity(points.len() * (nearest + 1));
    let mut add = |a: usize, b: usize| pairs.push((index_u32(a.min(b)), index_u32(a.max(b))));
    let mut best: Vec<(f64, usize)> = Vec::with_capacity(nearest + 1);
    for a in 0..points.len() {
        best.clear();
        for b in (0..points.len()).filter(|b| *b != a) {
            let distance = far(a, b);
            if best.len() < nearest || best.last().is_some_and(|(most, _)| distance < *most) {
                let place = best.partition_point(|(other, _)| *other <= distance);
                best.insert(place, (distance, b));
                best.truncate(nearest);
            }
        }
        best.iter().for_each(|(_, b)| add(a, *b));
    }
    // Prim: the tree grows by the point that is nearest to it.
    let mut outside: Vec<(usize, f64, usize)> =
        (1..points.len()).map(|point| (point, f64::INFINITY, 0)).collect();
    let mut newest = 0;
    while !outside.is_empty() {
        for (point, least, from) in &mut outside {
            let distance = far(*point, newest);
            if distance < *least {
                (*least, *from) = (distance, newest);
            }
        }
        let next = (0..outside.len()).min_by(|a, b| outside[*a].1.total_cmp(&outside[*b].1));
        let Some(next) = next else { break };
        let (point, _, from) = outside.swap_remove(next);
        add(from, point);
        newest = point;
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_beside_each_other_and_all_hang_together() {
        // Two towns far from each other, each of four points.
        let town = |x: f64| [[x, 0.0], [x, 1.0], [x + 1.0, 0.0], [x + 1.0, 1.0]];
        let points: Vec<[f64; 2]> = [town(0.0), town(100.0)].concat();
        let pairs = neighbours(&points, 2);
        let within = |least: u32| -> Vec<(u32, u32)> {
            pairs.iter().copied().filter(|(a, b)| *a >= least && *b < least + 4).collect()
        };
        assert_eq!(within(0), [(0, 1), (0, 2), (1, 3), (2, 3)], "the sides of the square");
        assert_eq!(within(4), [(4, 5), (4, 6), (5, 7), (6, 7)]);
        assert_eq!(pairs.len(), 9, "one way from town to town: {pairs:?}");
    }

    #[test]
    fn points_in_one_place_few_points_and_none_have_an_answer() {
        assert_eq!(neighbours::<2>(&[], 6), []);
        assert_eq!(neighbours(&[[1.0, 2.0]], 6), []);
        assert_eq!(neighbours(&[[1.0; 3]; 3], 1).len(), 2, "a tree of three");
        let strange = [[f64::NAN, 0.0], [0.0, f64::INFINITY], [1.0, 1.0], [2.0, 1.0]];
        assert!(neighbours(&strange, 2).iter().all(|(a, b)| a < b && *b < 4));
    }
}
