//! A model as a signed file: who made it can be told, and a changed byte is refused.
//!
//! Form: the magic word, a format number, the length of what is told about the model (JSON), the
//! signer's public key, the signature, that JSON, the model's canonical bytes. The signature
//! (Ed25519, RFC 8032) covers a fixed prefix and everything after itself.

use std::io::Write as _;
use std::path::Path;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_planning::score::model::ScoreModel;
use serde::{Deserialize, Serialize};

use super::views::{self, TimeKind};
use crate::Host;
use crate::errors::{ApiResult, bad_input};

const MAGIC: [u8; 4] = *b"RBMF";
/// Format that this code writes and reads.
const FORMAT: u16 = 1;
/// Keeps a signature over a model from being one over anything else.
const PREFIX: &[u8] = b"roadbook score model\0";
/// Hex digits by which people tell signers apart.
const SHORT: usize = 16;

/// What is told about a model beside its card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    /// What it tells the probability of.
    pub(crate) outcome: String,
    /// How the times of its rows were written.
    pub(crate) times: TimeKind,
    /// When it was trained.
    pub(crate) trained_ms: i64,
}

/// A model with what is told about it and who signed it.
#[derive(Debug, Clone)]
pub(crate) struct SignedModel {
    pub(crate) about: About,
    pub(crate) model: ScoreModel,
    pub(crate) signer: Signer,
}

/// A public key that signs models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer([u8; 32]);

impl Signer {
    /// The whole key in hex.
    #[must_use]
    pub fn hex(&self) -> String {
        use std::fmt::Write as _;
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Its beginning, by which people tell signers apart.
    #[must_use]
    pub fn short(&self) -> String {
        self.hex()[..SHORT].to_owned()
    }

    /// Says whether a text is this key in hex, or its beginning.
    fn is_named(&self, text: &str) -> bool {
        text.len() >= SHORT && self.hex().starts_with(&text.to_lowercase())
    }
}

/// The key with which this device signs models.
#[derive(Clone)]
pub struct ModelKey(SigningKey);

impl ModelKey {
    /// Reads the key of a file, and makes one where there is none.
    ///
    /// # Errors
    /// The file is no key, or cannot be read or written.
    pub fn open_or_create(path: &Path, host: &dyn Host) -> ApiResult<Self> {
        if let Some(key) = Self::open(path)? {
            return Ok(key);
        }
        let mut seed = [0; 32];
        host.fill(&mut seed);
        let failed = |error: std::io::Error| {
            let message = format!("cannot write the key for models to {}: {error}", path.display());
            ApiError::new(ErrorCode::File, message)
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        file.write_all(&seed).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// Reads the key of a file; `None` where there is none.
    ///
    /// # Errors
    /// The file is no key, or cannot be read.
    pub fn open(path: &Path) -> ApiResult<Option<Self>> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let message = format!("cannot read the key {}: {error}", path.display());
                return Err(ApiError::new(ErrorCode::File, message));
            }
        };
        let seed: [u8; 32] = bytes.try_into().map_err(|_| {
            bad_input(
                &path.display().to_string(),
                "is no key for models: it must have 32 bytes",
                "name another file, or move it away to have a new one made",
            )
        })?;
        Ok(Some(Self(SigningKey::from_bytes(&seed))))
    }

    /// The key that a seed makes.
    pub(crate) fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// The public key.
    #[must_use]
    pub fn signer(&self) -> Signer {
        Signer(self.0.verifying_key().to_bytes())
    }

    /// Signs a model: the bytes of its file.
    pub(crate) fn seal(&self, about: &About, model: &ScoreModel) -> ApiResult<Vec<u8>> {
        let broken = || ApiError::new(ErrorCode::Internal, "the model cannot be written");
        let about = serde_json::to_vec(about).map_err(|_| broken())?;
        let length = u32::try_from(about.len()).map_err(|_| broken())?;
        let mut body = length.to_le_bytes().to_vec();
        body.extend_from_slice(&about);
        body.extend_from_slice(&model.to_bytes().map_err(|error| views::of_score(&error))?);
        let signature = self.0.sign(&[PREFIX, &body].concat());
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&self.signer().0);
        out.extend_from_slice(&signature.to_bytes());
        out.extend_from_slice(&body);
        Ok(out)
    }
}

/// Whose models are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trust<'a> {
    /// Those of this device, if it has a key.
    Own(Option<Signer>),
    /// Those of this device and those of a signer that was named in hex.
    Named(Option<Signer>, &'a str),
}

/// Reads a model's file, checks its signature and who signed it.
///
/// # Errors
/// [`ErrorCode::Damaged`] where the bytes are not what was signed; [`ErrorCode::Refused`] where
/// the signer is not trusted.
pub(crate) fn open(bytes: &[u8], trust: &Trust<'_>) -> ApiResult<SignedModel> {
    let damaged = |problem: &str| {
        let message = format!("the model cannot be used: {problem}; train it again");
        ApiError::new(ErrorCode::Damaged, message)
    };
    let rest = bytes.strip_prefix(&MAGIC).ok_or_else(|| damaged("the file is no model"))?;
    let early = || damaged("the file ends early");
    let (format, rest) = rest.split_first_chunk::<2>().ok_or_else(early)?;
    if u16::from_le_bytes(*format) != FORMAT {
        let message = format!(
            "the model's file has format {}, this program reads {FORMAT}; use the program that \
             wrote it, or train it again",
            u16::from_le_bytes(*format)
        );
        return Err(ApiError::new(ErrorCode::VersionMismatch, message));
    }
    let (key, rest) = rest.split_first_chunk::<32>().ok_or_else(early)?;
    let (signature, body) = rest.split_first_chunk::<64>().ok_or_else(early)?;
    let signer = Signer(*key);
    let signed = VerifyingKey::from_bytes(key).is_ok_and(|key| {
        let signature = Signature::from_bytes(signature);
        key.verify_strict(&[PREFIX, body].concat(), &signature).is_ok()
    });
    if !signed {
        return Err(damaged("its signature does not hold, so it was changed after signing"));
    }
    let trusted = match trust {
        Trust::Own(own) => *own == Some(signer),
        Trust::Named(own, named) => *own == Some(signer) || signer.is_named(named),
    };
    if !trusted {
        let problem = format!("the model is signed by {}, which is not this device", signer.hex());
        let remedy = format!("if you trust it, say so with --signer {}", signer.short());
        return Err(ApiError::new(ErrorCode::Refused, format!("{problem}; {remedy}"))
            .at("signer", problem, remedy));
    }
    let (length, rest) = body.split_first_chunk::<4>().ok_or_else(early)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let (about, model) = rest.split_at_checked(length).ok_or_else(early)?;
    let about = serde_json::from_slice(about).map_err(|_| damaged("its description is damaged"))?;
    let model = ScoreModel::from_bytes(model).map_err(|error| damaged(&error.to_string()))?;
    Ok(SignedModel { about, model, signer })
}
