//! A small seeded source of random numbers: the same seed gives the same numbers everywhere.
//!
//! `SplitMix64` of Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators",
//! OOPSLA; normal numbers by the polar method of Marsaglia, Bray (1964).

/// The source.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
    spare: Option<f64>,
}

impl Random {
    /// Starts at a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: seed, spare: None }
    }

    /// Returns 64 random bits.
    pub(crate) const fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from 0 up to 1.
    pub(crate) const fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Returns a number of the standard normal distribution.
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(y * factor);
                return x * factor;
            }
        }
    }

    /// Shuffles in place.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let bound = last as f64 + 1.0;
            items.swap(last, super::number::floor_to_usize(self.unit() * bound).min(last));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::number::mean;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let (mut one, mut other) = (Random::new(5), Random::new(5));
        assert!((0..9).all(|_| one.bits() == other.bits()));
        assert_ne!(Random::new(1).bits(), Random::new(2).bits());
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut random = Random::new(1);
        let values: Vec<f64> = (0..4_000).map(|_| random.normal()).collect();
        let squares: Vec<f64> = values.iter().map(|value| value * value).collect();
        assert!(mean(&values).abs() < 0.05 && (mean(&squares) - 1.0).abs() < 0.08);
    }

    #[test]
    fn shuffling_keeps_every_item() {
        let mut items: Vec<u32> = (0..50).collect();
        Random::new(3).shuffle(&mut items);
        assert!(!items.is_sorted());
        items.sort_unstable();
        assert!(items.into_iter().eq(0..50));
    }
}
