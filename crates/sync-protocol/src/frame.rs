//! Frames: two magic bytes, a protocol version, and a zstd-compressed postcard body.
//!
//! Decompression is bounded before it starts and while it runs: a frame that claims or turns out
//! to be larger than the cap is refused.

use std::io::Read as _;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The protocol versions that this build speaks, lowest and highest.
///
/// Version 1: the exchange and surrender. Version 2 adds calls and changes no form of version 1:
/// relay, history, proofs.
pub const VERSIONS: (u8, u8) = (1, 2);

/// The version that brought relay, history and proofs.
pub const CALLS: u8 = 2;

/// The media type of a frame.
pub const MEDIA_TYPE: &str = "application/vnd.roadbook.sync";

/// The largest frame that is accepted, in bytes on the wire.
pub const MAX_FRAME_BYTES: usize = 8 * 1024 * 1024;

/// The largest body that is accepted, in bytes after decompression.
pub const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// The same for what a client sends; devices send at most half of it in one request.
pub const MAX_REQUEST_BODY_BYTES: usize = 8 * 1024 * 1024;

/// How far back a frame may refer: 8 MiB, four times what we write. Without this bound a frame of a
/// few bytes makes its receiver allocate 128 MiB.
const WINDOW_LOG_MAX: u32 = 23;

const MAGIC: [u8; 2] = *b"RB";
const ZSTD_LEVEL: i32 = 3;

/// A frame that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It does not begin like a frame.
    #[error("not a sync frame")]
    NotAFrame,
    /// It speaks a version that this build does not.
    #[error("protocol version {0} is not spoken here; this side speaks {min} to {max}", min = VERSIONS.0, max = VERSIONS.1)]
    UnknownVersion(u8),
    /// It is larger than the cap.
    #[error("frame of more than {cap} bytes")]
    TooLarge {
        /// The cap that it broke, in bytes.
        cap: usize,
    },
    /// The body cannot be decompressed.
    #[error("body cannot be decompressed")]
    Compression(#[source] std::io::Error),
    /// The body is not what was expected.
    #[error("body cannot be read")]
    Body(#[source] postcard::Error),
}

impl FrameError {
    /// A stable word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAFrame => "not_a_frame",
            Self::UnknownVersion(_) => "unknown_version",
            Self::TooLarge { .. } => "too_large",
            Self::Compression(_) => "bad_compression",
            Self::Body(_) => "bad_body",
        }
    }
}

/// Writes a frame of version 1, which every neighbour reads.
///
/// # Errors
/// [`FrameError::Body`] or [`FrameError::Compression`] if the value cannot be written.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, FrameError> {
    encode_in(VERSIONS.0, value)
}

/// Writes a frame of the version that brought the value's form, so that a neighbour that knows the
/// form reads it, and one that does not says so.
///
/// # Errors
/// [`FrameError::UnknownVersion`] for a version that is not spoken here; else as [`encode`].
pub fn encode_in<T: Serialize>(version: u8, value: &T) -> Result<Vec<u8>, FrameError> {
    if !(VERSIONS.0..=VERSIONS.1).contains(&version) {
        return Err(FrameError::UnknownVersion(version));
    }
    pack(version, &postcard::to_allocvec(value).map_err(FrameError::Body)?)
}

/// Writes a frame of version 1 around a body that is written already.
pub(crate) fn frame_of(body: &[u8]) -> Result<Vec<u8>, FrameError> {
    pack(VERSIONS.0, body)
}

fn pack(version: u8, body: &[u8]) -> Result<Vec<u8>, FrameError> {
    let mut out = vec![MAGIC[0], MAGIC[1], version];
    let packed = zstd::bulk::compress(body, ZSTD_LEVEL).map_err(FrameError::Compression)?;
    out.extend_from_slice(&packed);
    Ok(out)
}

/// Reads a frame.
///
/// # Errors
/// [`FrameError`] says what is wrong; nothing is allocated beyond the caps.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, FrameError> {
    decode_within(bytes, MAX_BODY_BYTES)
}

/// Reads a frame that a client sent. Small values take many times their bytes in memory once they
/// are read, so a client gets less room than a server.
///
/// # Errors
/// Those of [`decode`], with [`MAX_REQUEST_BODY_BYTES`] as the cap of the body.
pub fn decode_request<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, FrameError> {
    decode_within(bytes, MAX_REQUEST_BODY_BYTES)
}

fn decode_within<T: DeserializeOwned>(bytes: &[u8], cap: usize) -> Result<T, FrameError> {
    if bytes.len() > MAX_FRAME_BYTES {
        return Err(FrameError::TooLarge { cap: MAX_FRAME_BYTES });
    }
    let [m0, m1, version, packed @ ..] = bytes else {
        return Err(FrameError::NotAFrame);
    };
    if [*m0, *m1] != MAGIC {
        return Err(FrameError::NotAFrame);
    }
    if !(VERSIONS.0..=VERSIONS.1).contains(version) {
        return Err(FrameError::UnknownVersion(*version));
    }
    let mut decoder =
        zstd::stream::Decoder::with_buffer(packed).map_err(FrameError::Compression)?;
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(FrameError::Compression)?;
    let mut body = Vec::new();
    let room = u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(room).read_to_end(&mut body).map_err(FrameError::Compression)?;
    if body.len() > cap {
        return Err(FrameError::TooLarge { cap });
    }
    postcard::from_bytes(&body).map_err(FrameError::Body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_round_trip() {
        let value = ("hello".to_owned(), vec![1_u64, 2, 3]);
        let bytes = encode(&value).unwrap();
        assert_eq!(decode::<(String, Vec<u64>)>(&bytes).unwrap(), value);
    }

    #[test]
    fn a_frame_is_of_the_version_that_brought_its_form() {
        assert_eq!(encode(&1_u8).unwrap()[2], 1, "a build of version 1 reads it");
        let frame = encode_in(CALLS, &1_u8).unwrap();
        assert_eq!((frame[2], decode::<u8>(&frame).unwrap()), (2, 1));
        assert_eq!(encode_in(VERSIONS.1 + 1, &1_u8).unwrap_err().code(), "unknown_version");
        assert_eq!(encode_in(0, &1_u8).unwrap_err().code(), "unknown_version");
    }

    #[test]
    fn a_frame_that_inflates_beyond_the_cap_is_refused() {
        let bomb = vec![0_u8; MAX_BODY_BYTES + 10];
        let mut frame = vec![b'R', b'B', 1];
        frame.extend(zstd::bulk::compress(&bomb, 3).unwrap());
        assert!(frame.len() < 49_000, "the bomb is small: {}", frame.len());
        let error = decode::<Vec<u8>>(&frame).unwrap_err();
        assert_eq!(error.code(), "too_large");
    }

    #[test]
    fn a_frame_that_wants_to_refer_far_back_is_refused() {
        let body = postcard::to_allocvec("a few words").unwrap();
        let packed = |window_log: u32| {
            let mut encoder = zstd::stream::Encoder::new(b"RB\x01".to_vec(), 3).unwrap();
            encoder.window_log(window_log).unwrap();
            std::io::Write::write_all(&mut encoder, &body).unwrap();
            encoder.finish().unwrap()
        };
        assert_eq!(decode::<String>(&packed(21)).unwrap(), "a few words");
        assert_eq!(decode::<String>(&packed(27)).unwrap_err().code(), "bad_compression");
        let large = vec![b'x'; MAX_BODY_BYTES - 10];
        let large = String::from_utf8(large).unwrap();
        assert!(decode::<String>(&encode(&large).unwrap()).is_ok(), "what we write can be read");
        let refused = decode_request::<String>(&encode(&large).unwrap()).unwrap_err();
        assert_eq!(refused.code(), "too_large", "a client gets less room");
    }

    #[test]
    fn strange_bytes_are_errors_with_codes() {
        let code = |bytes: &[u8]| decode::<String>(bytes).unwrap_err().code();
        assert_eq!(code(b""), "not_a_frame");
        assert_eq!(code(b"GET / HTTP/1.1"), "not_a_frame");
        assert_eq!(code(b"RB\x63rest"), "unknown_version");
        assert_eq!(code(b"RB\x01rest"), "bad_compression");
    }
}
