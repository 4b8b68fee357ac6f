//! The ways in which a key is wrapped. Every form is authenticated: a wrong secret is an error,
//! never a wrong key.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::hex;
use crate::key::{Entropy, KeyError, RawKey, other_key};
use crate::settings::KeyCost;

const PASSPHRASE: &[u8] = b"roadbook key under passphrase 1";
const SECRET: &[u8] = b"roadbook key under secret 1";
const SEALED: &[u8] = b"roadbook sealed 1";

/// Bytes encrypted for an X25519 public key: ephemeral key agreement, then ChaCha20-Poly1305 under
/// SHA-256(domain, shared secret, ephemeral key, recipient).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Whose private key opens it: the public half, in hex.
    pub recipient: String,
    /// The sender's ephemeral public key, in hex.
    pub ephemeral: String,
    /// The encrypted bytes, in hex.
    pub sealed: String,
}

/// A key under a passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnderPassphrase {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    nonce: String,
    wrapped: String,
}

/// A key under a secret of 32 random bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UnderSecret {
    nonce: String,
    wrapped: String,
}

impl UnderPassphrase {
    pub(super) fn wrap(
        key: &RawKey,
        passphrase: &[u8],
        cost: KeyCost,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, KeyError> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let mut nonce = [0; 12];
        entropy.fill(&mut nonce);
        let under = derive(passphrase, &salt, cost)?;
        Ok(Self {
            memory_kib: cost.memory_kib,
            passes: cost.passes,
            lanes: cost.lanes,
            salt: hex::write(&salt),
            nonce: hex::write(&nonce),
            wrapped: hex::write(&encrypt(&under, &nonce, PASSPHRASE, key.as_slice())),
        })
    }

    pub(super) fn unwrap(&self, passphrase: &[u8]) -> Result<RawKey, KeyError> {
        let damaged = || KeyError::Unreadable("the passphrase form is damaged".into());
        let salt: [u8; 16] = hex::read(&self.salt).ok_or_else(damaged)?;
        let nonce: [u8; 12] = hex::read(&self.nonce).ok_or_else(damaged)?;
        let wrapped = hex::read_all(&self.wrapped).ok_or_else(damaged)?;
        let cost = KeyCost { memory_kib: self.memory_kib, passes: self.passes, lanes: self.lanes };
        let under = derive(passphrase, &salt, cost)?;
        let key = decrypt(&under, &nonce, PASSPHRASE, &wrapped);
        key.and_then(|key| raw(&key)).ok_or(KeyError::WrongPassphrase)
    }
}

impl UnderSecret {
    pub(super) fn wrap(key: &RawKey, secret: &RawKey, entropy: &mut dyn Entropy) -> Self {
        let mut nonce = [0; 12];
        entropy.fill(&mut nonce);
        Self {
            nonce: hex::write(&nonce),
            wrapped: hex::write(&encrypt(secret, &nonce, SECRET, key.as_slice())),
        }
    }

    pub(super) fn unwrap(&self, secret: &RawKey) -> Result<RawKey, KeyError> {
        let damaged = || KeyError::Unreadable("the key store form is damaged".into());
        let nonce: [u8; 12] = hex::read(&self.nonce).ok_or_else(damaged)?;
        let wrapped = hex::read_all(&self.wrapped).ok_or_else(damaged)?;
        let key = decrypt(secret, &nonce, SECRET, &wrapped);
        key.and_then(|key| raw(&key)).ok_or_else(|| other_key("the key store's secret"))
    }
}

/// Encrypts bytes so that only the holder of the recipient's private key reads them.
pub(crate) fn seal_for(recipient: &[u8; 32], plain: &[u8], entropy: &mut dyn Entropy) -> Sealed {
    let mut seed = Zeroizing::new([0; 32]);
    entropy.fill(seed.as_mut_slice());
    let private = StaticSecret::from(*seed);
    let ephemeral = PublicKey::from(&private);
    let shared = private.diffie_hellman(&PublicKey::from(*recipient));
    let under = agree(shared.as_bytes(), ephemeral.as_bytes(), recipient);
    // The key is used once, so a fixed nonce is safe.
    let sealed = encrypt(&under, &[0; 12], SEALED, plain);
    Sealed {
        recipient: hex::write(recipient),
        ephemeral: hex::write(ephemeral.as_bytes()),
        sealed: hex::write(&sealed),
    }
}

/// Bytes encrypted under a passphrase: sealed for a fresh key, which is wrapped under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SealedByPassphrase {
    private: UnderPassphrase,
    sealed: Sealed,
}

/// Encrypts bytes so that only who knows the passphrase reads them.
pub(crate) fn seal_by_passphrase(
    passphrase: &str,
    plain: &[u8],
    cost: KeyCost,
    entropy: &mut dyn Entropy,
) -> Result<SealedByPassphrase, KeyError> {
    let mut private = RawKey::default();
    entropy.fill(private.as_mut_slice());
    let public = PublicKey::from(&StaticSecret::from(*private));
    Ok(SealedByPassphrase {
        private: UnderPassphrase::wrap(&private, passphrase.as_bytes(), cost, entropy)?,
        sealed: seal_for(public.as_bytes(), plain, entropy),
    })
}

/// Opens bytes that were encrypted under a passphrase; `None` if it is another, or they are
/// damaged.
pub(crate) fn open_by_passphrase(
    passphrase: &str,
    sealed: &SealedByPassphrase,
) -> Option<Zeroizing<Vec<u8>>> {
    let private = sealed.private.unwrap(passphrase.as_bytes()).ok()?;
    open_sealed(&private, &sealed.sealed)
}

/// Opens sealed bytes with the recipient's private key; `None` if it is another's, or damaged.
#[must_use]
pub fn open_sealed(private: &[u8; 32], sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
    let private = StaticSecret::from(*private);
    let recipient = PublicKey::from(&private);
    let ephemeral: [u8; 32] = hex::read(&sealed.ephemeral)?;
    let shared = private.diffie_hellman(&PublicKey::from(ephemeral));
    let under = agree(shared.as_bytes(), &ephemeral, recipient.as_bytes());
    decrypt(&under, &[0; 12], SEALED, &hex::read_all(&sealed.sealed)?)
}

fn agree(shared: &[u8; 32], ephemeral: &[u8; 32], recipient: &[u8; 32]) -> RawKey {
    let mut hasher = Sha256::new();
    hasher.update(SEALED);
    hasher.update(shared);
    hasher.update(ephemeral);
    hasher.update(recipient);
    Zeroizing::new(hasher.finalize().into())
}

fn derive(passphrase: &[u8], salt: &[u8], cost: KeyCost) -> Result<RawKey, KeyError> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
        .map_err(|_| KeyError::BadCost)?;
    let mut out = RawKey::default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase, salt, out.as_mut_slice())
        .map_err(|_| KeyError::BadCost)?;
    Ok(out)
}

fn encrypt(key: &RawKey, nonce: &[u8; 12], domain: &[u8], plain: &[u8]) -> Vec<u8> {
    ChaCha20Poly1305::new(&Key::from(**key))
        .encrypt(&Nonce::from(*nonce), Payload { msg: plain, aad: domain })
        .expect("a vector takes any number of bytes")
}

fn decrypt(
    key: &RawKey,
    nonce: &[u8; 12],
    domain: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    ChaCha20Poly1305::new(&Key::from(**key))
        .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: domain })
        .ok()
        .map(Zeroizing::new)
}

fn raw(bytes: &[u8]) -> Option<RawKey> {
    bytes.try_into().ok().map(Zeroizing::new)
}
