//! Every public entry of the library on any bytes: an answer that is sound, or an error with words;
//! never a panic.
//!
//! [`target`] is what a fuzzer calls; a package of `cargo fuzz` outside this workspace needs one
//! line, `fuzz_target!(|bytes: &[u8]| roadbook_planning::fuzz::target(bytes))`, and finds this module
//! because `cargo fuzz` sets `--cfg fuzzing`. libFuzzer needs a nightly compiler, which this workspace
//! does not ask for, so the corpus in `tests/corpus` is replayed by the tests on stable, each file as
//! it is and in seeded mutations of the kinds that a fuzzer makes (bits, bytes, cuts, repeats, two
//! files in one). An input that was ever found to break something is added to the corpus as a file.

mod deals;
mod plans;
mod scores;
mod series;
#[cfg(test)]
mod tests;

/// Bytes read as the parts of a problem; after the end come zeros.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A count from `least` to `most`.
    fn size(&mut self, least: usize, most: usize) -> usize {
        least + usize::from(self.byte()) % (most - least + 1)
    }

    /// A number: mostly sensible ones, and all that numbers can do to a program.
    fn number(&mut self) -> f64 {
        match self.byte() {
            240 => f64::NAN,
            241 => f64::INFINITY,
            242 => f64::NEG_INFINITY,
            243 => f64::MAX,
            244 => f64::MIN,
            245 => f64::MIN_POSITIVE,
            246 => 5e-324,
            247 => 1e300,
            248 => -1.0,
            249 => -1e9,
            250 => 1e9,
            251 => 4_503_599_627_370_497.0,
            252 => -0.0,
            253 => 1e-9,
            byte @ 200..240 => f64::from(byte - 200) / 40.0,
            byte => f64::from(byte),
        }
    }

    fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.number()).collect()
    }

    fn flags(&mut self, count: usize) -> Vec<bool> {
        (0..count).map(|_| !self.byte().is_multiple_of(3)).collect()
    }

    fn label(&mut self) -> bool {
        self.byte() % 2 == 1
    }
}

/// Does what the first byte says with the rest.
///
/// # Panics
/// Where an answer is not sound: that is what a fuzzer looks for.
pub fn target(bytes: &[u8]) {
    let (kind, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let mut rest = Bytes(rest);
    match kind % KINDS {
        0 => plans::instance(rest.0),
        1 => scores::scoring(&mut rest),
        2 => plans::assignment(&mut rest),
        3 => plans::territories(&mut rest),
        4 => plans::quotas(&mut rest),
        5 => plans::routes(&mut rest),
        6 => scores::artefact(rest.0),
        7 => scores::calibrations(&mut rest),
        8 => series::forecasting(&mut rest),
        9 => series::cleaning(&mut rest),
        10 => series::network(&mut rest),
        11 => series::sums(&mut rest),
        _ => deals::pipeline(&mut rest),
    }
}

/// Entries among which the first byte chooses.
const KINDS: u8 = 13;

/// Returns the answer, if there is one; an error must have words.
fn answered<T, E: std::error::Error>(answer: Result<T, E>) -> Option<T> {
    answer.map_err(|error| assert!(error.to_string().len() > 6, "{error:?}")).ok()
}

fn probability(p: f64) {
    assert!((0.0..=1.0).contains(&p), "{p} is no probability");
}
