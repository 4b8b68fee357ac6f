//! Passwords: argon2id, with the same work for names that exist and names that do not.

use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::ids::IdSource;

/// The shortest password that may be set, in characters.
pub const MIN_CHARACTERS: usize = 10;

/// The longest password that is looked at, in bytes.
pub const MAX_BYTES: usize = 1_024;

/// A password that cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It is too short.
    #[error("the password is too short; write at least {MIN_CHARACTERS} characters")]
    TooShort,
    /// It is too long.
    #[error("the password is too long; write at most {MAX_BYTES} bytes")]
    TooLong,
}

/// The hash of no password, of the same cost as a real one: what an unknown name is checked
/// against.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$cm9hZGJvb2stbm9ib2R5IQ$8JzLUx0kBzQ4Fg1lH7wvGZ1oTqMZ5vQkC2bXyTzJq3E";

fn argon2() -> Argon2<'static> {
    // 19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet, argon2id.
    let params = Params::new(19_456, 2, 1, Some(32)).expect("constant parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// An allocation of at least this many bytes goes back to the system when it is freed: the most
/// that glibc's threshold for that rises to on 64 bits (mallopt(3), `M_MMAP_THRESHOLD`) and some.
/// Smaller ones stay with the thread that asked, 19 MiB for each thread that ever checked a
/// password.
const GIVEN_BACK_BYTES: usize = 33 * 1024 * 1024;

/// Hashes a password for storage, as a PHC string.
///
/// # Errors
/// [`WeakPassword`] says what to change.
pub fn hash(password: &str, ids: &mut dyn IdSource) -> Result<String, WeakPassword> {
    if password.chars().count() < MIN_CHARACTERS {
        return Err(WeakPassword::TooShort);
    }
    if password.len() > MAX_BYTES {
        return Err(WeakPassword::TooLong);
    }
    let mut salt = [0; 16];
    ids.fill(&mut salt);
    let hash: PasswordHash = argon2()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .expect("salt and password are within argon2's bounds");
    Ok(hash.to_string())
}

/// Says whether a password is the one behind a stored hash. Without a hash it takes as long and
/// says no. Slow on purpose: call it where waiting is allowed.
#[must_use]
pub fn is_right(password: &str, stored: Option<&str>) -> bool {
    if password.len() > MAX_BYTES {
        return false;
    }
    let known = stored.and_then(|text| PasswordHash::new(text).ok());
    let nobody = || PasswordHash::new(NOBODY).expect("a constant that parses");
    let (hash, exists) = match known {
        Some(hash) => (hash, true),
        None => (nobody(), false),
    };
    let matches = gives(password.as_bytes(), &hash).unwrap_or(false);
    matches && exists
}

/// Whether a password gives a hash; compared in constant time. `None` for a hash that is not
/// argon2's.
fn gives(password: &[u8], hash: &PasswordHash) -> Option<bool> {
    let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let params = Params::try_from(hash).ok()?;
    let blocks = params.block_count();
    // Pages that are never touched cost nothing.
    let mut memory = Vec::with_capacity(blocks.max(GIVEN_BACK_BYTES / Block::SIZE));
    memory.resize(blocks, Block::new());
    let mut out = vec![0; expected.len()];
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(password, salt, &mut out, &mut memory)
        .ok()?;
    Some(Output::new(&out).ok()? == *expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counter(u8);

    impl IdSource for Counter {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                self.0 = self.0.wrapping_add(1);
                *byte = self.0;
            }
        }
    }

    #[test]
    fn only_the_right_password_matches() {
        let stored = hash("correct horse", &mut Counter(0)).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(is_right("correct horse", Some(&stored)));
        assert!(!is_right("correct horsf", Some(&stored)));
        assert!(!is_right("", Some(&stored)));
    }

    #[test]
    fn equal_passwords_have_different_hashes() {
        let mut ids = Counter(0);
        let first = hash("correct horse", &mut ids).unwrap();
        assert_ne!(first, hash("correct horse", &mut ids).unwrap());
    }

    #[test]
    fn nobody_has_a_hash_of_the_same_cost_that_no_password_opens() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let real = hash("correct horse", &mut Counter(0)).unwrap();
        let real = PasswordHash::new(&real).unwrap();
        let cost = |hash: &PasswordHash| Params::try_from(hash).unwrap();
        assert_eq!(cost(&nobody).m_cost(), cost(&real).m_cost());
        assert_eq!(cost(&nobody).t_cost(), cost(&real).t_cost());
        assert!(!is_right("correct horse", None));
        assert!(!is_right("correct horse", Some("damaged")));
    }

    #[test]
    fn a_hash_of_another_cost_or_kind_is_read_as_what_it_says() {
        let cheap = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(64, 1, 1, Some(16)).unwrap(),
        );
        let stored: PasswordHash =
            cheap.hash_password_with_salt(b"correct horse", b"sixteen bytes ok").unwrap();
        assert!(is_right("correct horse", Some(&stored.to_string())));
        assert!(!is_right("correct horsf", Some(&stored.to_string())));
        let other = stored.to_string().replace("argon2id", "scrypt");
        assert!(!is_right("correct horse", Some(&other)));
    }

    #[test]
    fn short_and_endless_passwords_are_not_set() {
        let ids = &mut Counter(0);
        assert_eq!(hash("short", ids), Err(WeakPassword::TooShort));
        assert_eq!(hash(&"x".repeat(2_000), ids), Err(WeakPassword::TooLong));
        assert!(!is_right(&"x".repeat(2_000), None));
    }
}
