//! Conversions and a seeded sequence of numbers.

/// Logistic function.
pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Smallest distance of a probability from 0 and 1.
pub(super) const EDGE: f64 = 1e-7;

/// Log-odds of a probability, kept away from infinity.
pub(super) fn logit(p: f64) -> f64 {
    let p = p.clamp(EDGE, 1.0 - EDGE);
    (p / (1.0 - p)).ln()
}

/// A whole number from a count held in floating point; negative and unordered become zero.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what both types share"
)]
pub(super) fn count(value: f64) -> usize {
    value.clamp(0.0, 4_294_967_295.0) as usize
}

/// An index into at most 2^32 things, which callers check.
#[allow(clippy::cast_possible_truncation, reason = "sizes are checked on entry")]
pub(super) fn index_u32(value: usize) -> u32 {
    value as u32
}

/// Rounds to single precision.
#[allow(clippy::cast_possible_truncation, reason = "gradients need no more")]
pub(super) fn single(value: f64) -> f32 {
    value as f32
}

/// A bin number; there are at most 256 bins.
#[allow(clippy::cast_possible_truncation, reason = "a feature has at most 256 bins")]
pub(super) fn bin_u8(value: usize) -> u8 {
    value as u8
}

/// A feature or set number; callers keep within 65,536.
#[allow(clippy::cast_possible_truncation, reason = "sizes are checked on entry")]
pub(super) fn index_u16(value: usize) -> u16 {
    value as u16
}

/// A seeded sequence of numbers (SplitMix64: Steele, Lea, Flood 2014).
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from zero (included) to one (excluded).
    pub(super) fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        count(self.unit() * end as f64).min(end.saturating_sub(1))
    }

    /// Puts `many` of the items, chosen by chance, first.
    pub(super) fn choose_first(&mut self, items: &mut [usize], many: usize) {
        for at in 0..many.min(items.len()) {
            let other = at + self.below(items.len() - at);
            items.swap(at, other);
        }
    }
}
