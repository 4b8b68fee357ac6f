//! ID tokens of the local issuer: compact JWTs, signed with the tenant's Ed25519 key.
//!
//! One algorithm, named by the verifier and never by the token. A token is good for enrolling one
//! device within minutes; rights are never read from it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use roadbook_domain::{TenantId, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Who issues.
pub const ISSUER: &str = "roadbook-server";

/// What the tokens are for.
pub const AUDIENCE: &str = "roadbook-enrol";

/// How far two clocks may differ, in seconds.
const LEEWAY_S: i64 = 60;

/// The largest token that is looked at, in bytes.
const MAX_BYTES: usize = 2_048;

/// What a token says (RFC 7519 names).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// What it is for.
    pub aud: String,
    /// The user.
    pub sub: UserId,
    /// The tenant.
    pub tid: TenantId,
    /// The token's own id, so that it is used once.
    pub jti: Uuid,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// A token that is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no token of this issuer.
    #[error("the token cannot be read")]
    Malformed,
    /// It is signed by another key, or changed.
    #[error("the token is not signed by this server")]
    BadSignature,
    /// It is for something else.
    #[error("the token is not for enrolling devices here")]
    WrongAudience,
    /// It is too old.
    #[error("the token has expired; sign in again")]
    Expired,
    /// It is from the future.
    #[error("the token is not valid yet")]
    NotYetValid,
}

impl TokenError {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "bad_token",
            Self::BadSignature => "bad_token_signature",
            Self::WrongAudience => "wrong_audience",
            Self::Expired => "token_expired",
            Self::NotYetValid => "token_not_yet_valid",
        }
    }
}

/// The name of a key in tokens and key sets: the first 16 hex digits of its SHA-256.
#[must_use]
pub fn key_id(key: &VerifyingKey) -> String {
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A key as in a JSON Web Key Set (RFC 8037).
#[derive(Debug, Clone, Serialize)]
pub struct Jwk {
    kty: &'static str,
    crv: &'static str,
    alg: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    kid: String,
    x: String,
}

impl Jwk {
    /// The public half of an issuer's key.
    #[must_use]
    pub fn of(key: &VerifyingKey) -> Self {
        Self {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            usage: "sig",
            kid: key_id(key),
            x: URL_SAFE_NO_PAD.encode(key.as_bytes()),
        }
    }
}

/// Signs a token.
#[must_use]
pub fn issue(key: &SigningKey, claims: &Claims) -> String {
    let header = Header {
        alg: "EdDSA".to_owned(),
        typ: "JWT".to_owned(),
        kid: key_id(&key.verifying_key()),
    };
    let encode = |json: serde_json::Result<Vec<u8>>| {
        URL_SAFE_NO_PAD.encode(json.expect("plain data always has a JSON form"))
    };
    let message =
        format!("{}.{}", encode(serde_json::to_vec(&header)), encode(serde_json::to_vec(claims)));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()).to_bytes());
    format!("{message}.{signature}")
}

/// The id of the key that a token names. Says nothing about who made the token.
#[must_use]
pub fn named_key(token: &str) -> Option<String> {
    let header = token.split('.').next().filter(|_| token.len() <= MAX_BYTES)?;
    let bytes = URL_SAFE_NO_PAD.decode(header).ok()?;
    serde_json::from_slice::<Header>(&bytes).ok().map(|header| header.kid)
}

/// Reads a token of this issuer and checks signature, algorithm, purpose and time.
///
/// # Errors
/// [`TokenError`] says what is wrong with it.
pub fn verify(key: &VerifyingKey, token: &str, now_ms: i64) -> Result<Claims, TokenError> {
    if token.len() > MAX_BYTES {
        return Err(TokenError::Malformed);
    }
    let mut pieces = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (pieces.next(), pieces.next(), pieces.next(), pieces.next())
    else {
        return Err(TokenError::Malformed);
    };
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Malformed);
    let parsed: Header =
        serde_json::from_slice(&decode(header)?).map_err(|_| TokenError::Malformed)?;
    if parsed.alg != "EdDSA" {
        return Err(TokenError::BadSignature);
    }
    let signature =
        Signature::from_slice(&decode(signature)?).map_err(|_| TokenError::BadSignature)?;
    let message = &token[..header.len() + 1 + claims.len()];
    key.verify_strict(message.as_bytes(), &signature).map_err(|_| TokenError::BadSignature)?;
    let claims: Claims =
        serde_json::from_slice(&decode(claims)?).map_err(|_| TokenError::Malformed)?;
    if claims.iss != ISSUER || claims.aud != AUDIENCE {
        return Err(TokenError::WrongAudience);
    }
    let now = now_ms.div_euclid(1_000);
    if now >= claims.exp {
        return Err(TokenError::Expired);
    }
    if claims.iat > now + LEEWAY_S {
        return Err(TokenError::NotYetValid);
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_700_000_000_000;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[5; 32])
    }

    fn claims() -> Claims {
        Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: UserId::from_bytes([1; 16]),
            tid: TenantId::from_bytes([2; 16]),
            jti: Uuid::from_bytes([3; 16]),
            iat: NOW_MS / 1_000,
            exp: NOW_MS / 1_000 + 600,
        }
    }

    fn verified(token: &str, now_ms: i64) -> Result<Claims, TokenError> {
        verify(&key().verifying_key(), token, now_ms)
    }

    #[test]
    fn a_fresh_token_says_what_was_put_in() {
        let token = issue(&key(), &claims());
        assert_eq!(verified(&token, NOW_MS), Ok(claims()));
        assert_eq!(named_key(&token), Some(key_id(&key().verifying_key())));
    }

    #[test]
    fn an_expired_token_is_refused() {
        let token = issue(&key(), &claims());
        assert!(verified(&token, NOW_MS + 599_000).is_ok());
        assert_eq!(verified(&token, NOW_MS + 600_000), Err(TokenError::Expired));
    }

    #[test]
    fn a_token_from_the_future_is_refused() {
        let token = issue(&key(), &claims());
        assert_eq!(verified(&token, NOW_MS - 61_000), Err(TokenError::NotYetValid));
    }

    #[test]
    fn a_token_for_something_else_is_refused() {
        let other = Claims { aud: "roadbook-console".to_owned(), ..claims() };
        assert_eq!(verified(&issue(&key(), &other), NOW_MS), Err(TokenError::WrongAudience));
        let other = Claims { iss: "somebody".to_owned(), ..claims() };
        assert_eq!(verified(&issue(&key(), &other), NOW_MS), Err(TokenError::WrongAudience));
    }

    #[test]
    fn a_token_of_another_key_is_refused() {
        let stranger = SigningKey::from_bytes(&[6; 32]);
        let token = issue(&stranger, &claims());
        assert_eq!(verified(&token, NOW_MS), Err(TokenError::BadSignature));
    }

    #[test]
    fn a_changed_token_is_refused() {
        let token = issue(&key(), &claims());
        let mut pieces: Vec<_> = token.split('.').map(str::to_owned).collect();
        let other = Claims { sub: UserId::from_bytes([9; 16]), ..claims() };
        pieces[1] = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&other).unwrap());
        assert_eq!(verified(&pieces.join("."), NOW_MS), Err(TokenError::BadSignature));
    }

    #[test]
    fn a_token_cannot_choose_its_algorithm() {
        let token = issue(&key(), &claims());
        let rest = token.split_once('.').unwrap().1;
        for alg in ["none", "HS256"] {
            let header = format!("{{\"alg\":\"{alg}\",\"typ\":\"JWT\",\"kid\":\"x\"}}");
            let forged = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
            assert_eq!(verified(&forged, NOW_MS), Err(TokenError::BadSignature));
        }
        for nonsense in ["", "a.b", "a.b.c.d", "a.b.c", &"x".repeat(5_000)] {
            assert_eq!(verified(nonsense, NOW_MS), Err(TokenError::Malformed));
        }
    }
}
