//! Settings: what the host chooses when it opens a replica. Passed explicitly, never read here.

use std::num::NonZeroUsize;

/// How much a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A commit survives a crash of the program; a power cut may take the last ones with it.
    Normal,
    /// A commit survives a power cut too.
    Full,
}

/// What guessing a passphrase costs (Argon2id). Stored in `keys.json` with each wrapped key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl KeyCost {
    /// 64 MiB, 3 passes, 1 lane: above the second recommendation of RFC 9106 for one lane, and
    /// bearable on a phone.
    #[must_use]
    pub const fn strong() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 }
    }

    /// The least that Argon2id takes. For tests and throw-away devices only.
    #[must_use]
    pub const fn least() -> Self {
        Self { memory_kib: 8, passes: 1, lanes: 1 }
    }
}

/// What the host chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How much a commit waits for the disk.
    pub durability: Durability,
    /// What guessing the passphrase shall cost, when it is set or changed.
    pub key_cost: KeyCost,
    /// How many documents stay open between intents.
    pub open_documents: NonZeroUsize,
    /// How much of the database stays in memory at most, in KiB.
    pub page_cache_kib: u32,
    /// How large the database may become, in KiB; what does not fit is refused like on a full
    /// disk. 1 lets it grow no further; `None` leaves it to the disk.
    pub database_max_kib: Option<u32>,
}

impl Settings {
    /// What the shipped programs use (ADR 0007).
    #[must_use]
    pub const fn shipped() -> Self {
        Self {
            durability: Durability::Full,
            key_cost: KeyCost::strong(),
            open_documents: match NonZeroUsize::new(64) {
                Some(number) => number,
                None => NonZeroUsize::MIN,
            },
            page_cache_kib: 32_000,
            database_max_kib: None,
        }
    }

    /// What a server uses for replicas that it hosts: many beside each other, each a cache that a
    /// power cut may take, under a key that nobody can guess.
    #[must_use]
    pub const fn hosted() -> Self {
        Self {
            durability: Durability::Normal,
            key_cost: KeyCost::least(),
            open_documents: match NonZeroUsize::new(8) {
                Some(number) => number,
                None => NonZeroUsize::MIN,
            },
            page_cache_kib: 4_000,
            database_max_kib: None,
        }
    }
}
