//! A model as bytes: a magic word, a format number, then postcard.
//!
//! Postcard has one encoding for each value, and reading refuses bytes that are left over, so bytes
//! are canonical and a signature over them is a signature over the model.

use std::borrow::Cow;

use super::super::ScoreError;
use super::ScoreModel;

/// Format that this code writes. Older formats are read as long as they are listed in
/// [`ScoreModel::from_bytes`]. Format 2 ends with the number of rows behind the background.
pub const FORMAT: u16 = 2;

const MAGIC: [u8; 4] = *b"RBSM";

/// Largest model that is read.
const MOST_BYTES: usize = 256 << 20;

impl ScoreModel {
    /// Returns the canonical bytes of the model.
    ///
    /// # Errors
    /// [`ScoreError::Artefact`] if a value cannot be encoded, which no trained model holds.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ScoreError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        postcard::to_extend(self, bytes)
            .map_err(|_| ScoreError::Artefact { reason: "a value cannot be encoded" })
    }

    /// Reads a model. The caller has checked the signature; bytes are checked all the same, so that
    /// a model that is read can be used without a panic.
    ///
    /// # Errors
    /// [`ScoreError::Artefact`] with the reason.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ScoreError> {
        let broken = |reason| ScoreError::Artefact { reason };
        if bytes.len() > MOST_BYTES {
            return Err(broken("it is too large"));
        }
        let rest = bytes.strip_prefix(&MAGIC).ok_or(broken("it is not a score model"))?;
        let (format, body) = rest.split_first_chunk::<2>().ok_or(broken("it ends early"))?;
        let body = match u16::from_le_bytes(*format) {
            FORMAT => Cow::Borrowed(body),
            // What format 1 does not tell is a zero, which is one byte.
            1 => Cow::Owned([body, &[0]].concat()),
            _ => return Err(broken("its format is newer than this program")),
        };
        let (mut model, left) =
            postcard::take_from_bytes::<Self>(&body).map_err(|_| broken("its body is damaged"))?;
        if !left.is_empty() {
            return Err(broken("bytes are left over"));
        }
        let features = model.schema.features.len();
        if features == 0 || model.background.width() != features {
            return Err(broken("features differ"));
        }
        model.fitted.check(features)?;
        model.calibration.check()?;
        model.fitted.prepare();
        Ok(model)
    }
}
