//! Rate limits: the generic cell rate algorithm, one cell per key.
//!
//! Time comes in as a parameter. Memory is bounded: cells that are full again are dropped, and
//! when too many are left, new keys are let through uncounted rather than everyone refused.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many keys are counted at the same time.
const MAX_KEYS: usize = 10_000;

/// A limit for each of many keys.
#[derive(Debug)]
pub(crate) struct Limiter<K> {
    /// The time that one request takes up.
    interval: Duration,
    /// How far a key may be ahead of that.
    tolerance: Duration,
    /// When each key will have made up for its requests.
    cells: Mutex<HashMap<K, Duration>>,
}

impl<K: Eq + Hash> Limiter<K> {
    /// A limit of so many a minute, and so many at once.
    pub(crate) fn new(per_minute: u32, at_once: u32) -> Self {
        let interval = Duration::from_secs(60) / per_minute.max(1);
        Self {
            interval,
            tolerance: interval * at_once.max(1).saturating_sub(1),
            cells: Mutex::new(HashMap::new()),
        }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// How long to wait; the request is not counted then.
    pub(crate) fn take(&self, key: K, now: Duration) -> Result<(), Duration> {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let due = cells.get(&key).copied().unwrap_or(now).max(now);
        let ahead = due - now;
        if ahead > self.tolerance {
            return Err(ahead - self.tolerance);
        }
        if cells.len() >= MAX_KEYS {
            cells.retain(|_, due| *due > now);
        }
        if cells.len() < MAX_KEYS || cells.contains_key(&key) {
            cells.insert(key, due + self.interval);
        }
        drop(cells);
        Ok(())
    }

    /// Says whether a request would be let through, without counting it.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn ask(&self, key: &K, now: Duration) -> Result<(), Duration> {
        let due = {
            let cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
            cells.get(key).copied().unwrap_or(now)
        };
        let ahead = due.saturating_sub(now);
        if ahead > self.tolerance { Err(ahead - self.tolerance) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(100);

    #[test]
    fn so_many_at_once_and_then_one_per_interval() {
        let limiter = Limiter::new(60, 3);
        for _ in 0..3 {
            assert_eq!(limiter.take("a", START), Ok(()));
        }
        let wait = limiter.take("a", START).unwrap_err();
        assert_eq!(wait, Duration::from_secs(1));
        assert_eq!(limiter.ask(&"a", START), Err(wait));
        assert_eq!(limiter.take("a", START + wait), Ok(()));
        assert!(limiter.take("a", START + wait).is_err());
        assert_eq!(limiter.take("b", START), Ok(()), "keys do not share");
    }

    #[test]
    fn a_pause_gives_no_more_than_the_burst() {
        let limiter = Limiter::new(60, 2);
        assert_eq!(limiter.take("a", START), Ok(()));
        let later = START + Duration::from_secs(3_600);
        assert_eq!(limiter.take("a", later), Ok(()));
        assert_eq!(limiter.take("a", later), Ok(()));
        assert!(limiter.take("a", later).is_err());
    }

    #[test]
    fn asking_does_not_count() {
        let limiter = Limiter::new(60, 1);
        for _ in 0..10 {
            assert_eq!(limiter.ask(&"a", START), Ok(()));
        }
        assert_eq!(limiter.take("a", START), Ok(()));
        assert!(limiter.ask(&"a", START).is_err());
    }

    #[test]
    fn many_keys_take_bounded_memory() {
        let limiter = Limiter::new(1, 1);
        for key in 0..MAX_KEYS + 10 {
            assert_eq!(limiter.take(key, START), Ok(()));
        }
        assert_eq!(limiter.cells.lock().unwrap().len(), MAX_KEYS);
        let later = START + Duration::from_secs(61);
        assert_eq!(limiter.take(MAX_KEYS + 20, later), Ok(()));
        assert_eq!(limiter.cells.lock().unwrap().len(), 1, "what has recovered is dropped");
    }
}
