//! What only a host has: the clock and randomness (D13).

use roadbook_replica::Entropy;
pub use roadbook_replica::http::Host;

/// A new UUIDv7 (RFC 9562): 48 bits of the host's clock, the rest random.
#[must_use]
pub fn fresh_id(host: &dyn Host) -> [u8; 16] {
    let mut bytes = [0; 16];
    host.fill(&mut bytes);
    let millis = host.wall_ms().max(0).to_be_bytes();
    bytes[..6].copy_from_slice(&millis[2..]);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    bytes
}

/// The host's randomness, as the replica wants it.
pub(crate) struct HostEntropy<'a>(pub(crate) &'a dyn Host);

impl Entropy for HostEntropy<'_> {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    /// A clock that stands a millisecond further at each look, and randomness that repeats.
    pub(crate) struct TestHost(pub(crate) AtomicI64);

    impl TestHost {
        pub(crate) fn new() -> Self {
            Self(AtomicI64::new(1_700_000_000_000))
        }
    }

    impl Host for TestHost {
        fn wall_ms(&self) -> i64 {
            self.0.fetch_add(1, Ordering::Relaxed)
        }

        fn fill(&self, out: &mut [u8]) {
            for chunk in out.chunks_mut(8) {
                let n = self.0.fetch_add(1, Ordering::Relaxed).cast_unsigned();
                // The finalizer of splitmix64: neighbours come out far apart.
                let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                chunk.copy_from_slice(&(n ^ (n >> 31)).to_be_bytes()[..chunk.len()]);
            }
        }
    }

    /// A clock that a test puts forward while an app looks at it.
    pub(crate) struct SharedHost(pub(crate) std::sync::Arc<TestHost>);

    impl Host for SharedHost {
        fn wall_ms(&self) -> i64 {
            self.0.wall_ms()
        }

        fn fill(&self, out: &mut [u8]) {
            self.0.fill(out);
        }
    }

    #[test]
    fn fresh_ids_are_of_version_7_and_rise_with_the_clock() {
        let host = TestHost::new();
        let (first, second) = (fresh_id(&host), fresh_id(&host));
        assert_eq!(first[6] >> 4, 7, "version 7");
        assert_eq!(first[8] >> 6, 2, "variant of RFC 9562");
        assert!(first[..6] < second[..6], "the clock comes first");
    }
}
