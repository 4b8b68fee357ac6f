//! Sessions: random ids that only the browser keeps; the host keeps their hashes, in memory.
//!
//! A session ends when nobody used it for a while, after a fixed time in any case, or when it is
//! ended. It ends with the program, too, unless the host keeps [`Sessions::kept`] and brings it
//! back. Their number is bounded: the one that was idle longest makes room.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roadbook_app::Host;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::once::Once;

/// How long sessions last, and how many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Without use, in milliseconds.
    pub idle_ms: i64,
    /// In any case, in milliseconds.
    pub absolute_ms: i64,
    /// At most so many.
    pub max: usize,
}

type Hash = [u8; 32];

struct Entry<T> {
    value: T,
    csrf: String,
    opened_ms: i64,
    used_ms: i64,
    /// Dropped with the session, which ends its streams.
    lasts: watch::Sender<()>,
    once: Arc<Once>,
}

/// The open sessions.
pub struct Sessions<T> {
    lifetime: Lifetime,
    open: Mutex<HashMap<Hash, Entry<T>>>,
}

impl<T> std::fmt::Debug for Sessions<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

/// A session that is open.
#[derive(Debug, Clone)]
pub struct Opened<T> {
    /// What the host keeps of it.
    pub value: T,
    /// What each `POST` must carry.
    pub csrf: String,
    /// Ends with the session.
    pub lasts: watch::Receiver<()>,
    /// Its latest writes.
    pub once: Arc<Once>,
}

/// What is kept of a session beyond the program's end. The cookie cannot be told from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<T> {
    /// The hash of its cookie.
    pub hash: [u8; 32],
    /// What the host keeps of it.
    pub value: T,
    /// What each `POST` must carry.
    pub csrf: String,
    /// When it was opened, in milliseconds since 1970.
    pub opened_ms: i64,
    /// When it was used last, in milliseconds since 1970.
    pub used_ms: i64,
}

impl<T: Clone> Sessions<T> {
    /// No sessions.
    #[must_use]
    pub fn new(lifetime: Lifetime) -> Self {
        Self { lifetime, open: Mutex::default() }
    }

    /// Opens a session; gives the value of its cookie, which is kept nowhere.
    pub fn start(&self, value: T, host: &dyn Host) -> String {
        let (cookie, csrf) = (secret(host), secret(host));
        let now_ms = host.wall_ms();
        let entry = Entry {
            value,
            csrf,
            opened_ms: now_ms,
            used_ms: now_ms,
            lasts: watch::Sender::new(()),
            once: Arc::default(),
        };
        let mut open = self.lock();
        self.sweep(&mut open, now_ms);
        if open.len() >= self.lifetime.max {
            let oldest = open.iter().min_by_key(|(_, entry)| entry.used_ms).map(|(hash, _)| *hash);
            if let Some(oldest) = oldest {
                open.remove(&oldest);
            }
        }
        open.insert(hash(&cookie), entry);
        drop(open);
        cookie
    }

    /// The session of a cookie, used just now.
    pub fn take(&self, cookie: &str, now_ms: i64) -> Option<Opened<T>> {
        let mut open = self.lock();
        self.sweep(&mut open, now_ms);
        let entry = open.get_mut(&hash(cookie))?;
        entry.used_ms = now_ms;
        let opened = Opened {
            value: entry.value.clone(),
            csrf: entry.csrf.clone(),
            lasts: entry.lasts.subscribe(),
            once: Arc::clone(&entry.once),
        };
        drop(open);
        Some(opened)
    }

    /// The session of a cookie; looking is no use of it.
    pub fn look(&self, cookie: &str, now_ms: i64) -> Option<T> {
        let mut open = self.lock();
        self.sweep(&mut open, now_ms);
        open.get(&hash(cookie)).map(|entry| entry.value.clone())
    }

    /// Ends a session.
    pub fn end(&self, cookie: &str) -> Option<T> {
        self.lock().remove(&hash(cookie)).map(|entry| entry.value)
    }

    /// Ends those of which `is_over` says so.
    pub fn end_where(&self, is_over: impl Fn(&T) -> bool) {
        self.lock().retain(|_, entry| !is_over(&entry.value));
    }

    /// All that is open.
    pub fn all(&self, now_ms: i64) -> Vec<T> {
        let mut open = self.lock();
        self.sweep(&mut open, now_ms);
        open.values().map(|entry| entry.value.clone()).collect()
    }

    /// All that is open, to be kept.
    pub fn kept(&self, now_ms: i64) -> Vec<Kept<T>> {
        let mut open = self.lock();
        self.sweep(&mut open, now_ms);
        let one = |(hash, entry): (&Hash, &Entry<T>)| Kept {
            hash: *hash,
            value: entry.value.clone(),
            csrf: entry.csrf.clone(),
            opened_ms: entry.opened_ms,
            used_ms: entry.used_ms,
        };
        open.iter().map(one).collect()
    }

    /// Brings sessions back that were kept: those that have not ended meanwhile.
    pub fn bring_back(&self, kept: Vec<Kept<T>>, now_ms: i64) {
        let mut open = self.lock();
        for Kept { hash, value, csrf, opened_ms, used_ms } in kept {
            // Nobody is in for longer because a clock was set back.
            let (opened_ms, used_ms) = (opened_ms.min(now_ms), used_ms.min(now_ms));
            if open.len() < self.lifetime.max {
                let lasts = watch::Sender::new(());
                let once = Arc::default();
                open.insert(hash, Entry { value, csrf, opened_ms, used_ms, lasts, once });
            }
        }
        self.sweep(&mut open, now_ms);
        drop(open);
    }

    fn sweep(&self, open: &mut HashMap<Hash, Entry<T>>, now_ms: i64) {
        let Lifetime { idle_ms, absolute_ms, .. } = self.lifetime;
        open.retain(|_, entry| {
            now_ms.saturating_sub(entry.used_ms) < idle_ms
                && now_ms.saturating_sub(entry.opened_ms) < absolute_ms
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Hash, Entry<T>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hash under which a secret is kept or compared, so that neither the memory nor the time that
/// a comparison takes tells it.
pub(crate) fn hash(secret: &str) -> Hash {
    Sha256::digest(secret.as_bytes()).into()
}

/// Whether two secrets are the same, in a time that does not tell how much of them is.
pub(crate) fn same(one: &str, other: &str) -> bool {
    hash(one) == hash(other)
}

/// 256 random bits in hex.
pub(crate) fn secret(host: &dyn Host) -> String {
    let mut bytes = [0; 32];
    host.fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    struct Manual {
        now_ms: AtomicI64,
        drawn: AtomicU64,
    }

    impl Host for Manual {
        fn wall_ms(&self) -> i64 {
            self.now_ms.load(Ordering::Relaxed)
        }

        fn fill(&self, out: &mut [u8]) {
            for chunk in out.chunks_mut(8) {
                let n = self.drawn.fetch_add(1, Ordering::Relaxed);
                chunk.copy_from_slice(&n.to_be_bytes()[..chunk.len()]);
            }
        }
    }

    fn host() -> Manual {
        Manual { now_ms: AtomicI64::new(1_000), drawn: AtomicU64::new(1) }
    }

    const LIFETIME: Lifetime = Lifetime { idle_ms: 100, absolute_ms: 250, max: 2 };

    #[test]
    fn a_session_ends_when_idle_and_after_its_time_and_when_it_is_ended() {
        let (host, sessions) = (host(), Sessions::new(LIFETIME));
        let cookie = sessions.start("ana", &host);
        assert_eq!(cookie.len(), 64, "256 bits");
        assert_eq!(sessions.take(&cookie, 1_099).map(|open| open.value), Some("ana"));
        assert_eq!(sessions.look(&cookie, 1_198), Some("ana"));
        assert!(sessions.take(&cookie, 1_199).is_none(), "looking was no use of it");
        let cookie = sessions.start("ana", &host);
        for now_ms in [1_090, 1_180, 1_249] {
            assert!(sessions.take(&cookie, now_ms).is_some(), "used at {now_ms}");
        }
        assert!(sessions.take(&cookie, 1_250).is_none(), "its time is over");
        let cookie = sessions.start("ana", &host);
        let mut lasts = sessions.take(&cookie, 1_000).unwrap().lasts;
        assert_eq!(sessions.end(&cookie), Some("ana"));
        assert!(sessions.take(&cookie, 1_000).is_none());
        assert!(lasts.has_changed().is_err(), "streams are told");
        lasts.mark_unchanged();
    }

    #[test]
    fn a_session_that_was_kept_goes_on_and_lasts_no_longer() {
        let (host, before) = (host(), Sessions::new(LIFETIME));
        let cookie = before.start("ana", &host);
        let csrf = before.take(&cookie, 1_080).unwrap().csrf;
        let kept = before.kept(1_090);
        assert!(!format!("{kept:?}").contains(&cookie), "the cookie is kept nowhere");
        let after = Sessions::new(LIFETIME);
        after.bring_back(kept.clone(), 1_150);
        let opened = after.take(&cookie, 1_150).unwrap();
        assert_eq!((opened.value, opened.csrf), ("ana", csrf));
        let late = Sessions::new(LIFETIME);
        late.bring_back(kept, 1_180);
        assert!(late.take(&cookie, 1_180).is_none(), "it was idle for too long meanwhile");
    }

    #[test]
    fn the_number_is_bounded_and_a_guess_opens_nothing() {
        let (host, sessions) = (host(), Sessions::new(LIFETIME));
        let first = sessions.start(1, &host);
        let second = sessions.start(2, &host);
        assert!(sessions.take(&first, 1_050).is_some());
        let third = sessions.start(3, &host);
        assert!(sessions.take(&second, 1_050).is_none(), "idle longest");
        assert!(sessions.take(&first, 1_050).is_some() && sessions.take(&third, 1_050).is_some());
        assert!(
            sessions.take("", 1_050).is_none() && sessions.take(&"0".repeat(64), 1_050).is_none()
        );
        sessions.end_where(|value| *value == 3);
        assert_eq!(sessions.all(1_050), [1]);
    }
}
