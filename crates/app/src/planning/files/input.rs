//! Reading an input file, and errors that name a place in it.

use std::io::Read as _;
use std::path::Path;

use roadbook_api::{ApiError, ErrorCode};

use crate::errors::ApiResult;

/// Larger inputs are refused, in bytes.
const MOST_BYTES: u64 = 1 << 30;

/// Reads a file, or standard input for `-`.
pub(super) fn bytes(path: &Path) -> ApiResult<Vec<u8>> {
    let failed = |error: &std::io::Error| {
        let message = format!("cannot read {}: {error}; name a file that is there", shown(path));
        ApiError::new(ErrorCode::File, message)
    };
    let mut out = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut out)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut out))
    };
    read.map_err(|error| failed(&error))?;
    if out.len() as u64 > MOST_BYTES {
        let problem = format!("is larger than {} MiB", MOST_BYTES >> 20);
        return Err(wrong(&shown(path), &problem, "split it into several files"));
    }
    Ok(out)
}

/// Reads a file that must be UTF-8, without its byte order mark.
pub(super) fn text(path: &Path) -> ApiResult<String> {
    let bytes = bytes(path)?;
    let bare = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    match std::str::from_utf8(bare) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let line = bare[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            let place = format!("{} line {}", shown(path), line + 1);
            Err(wrong(&place, "is not UTF-8", "save the file as UTF-8"))
        }
    }
}

/// A path for people.
pub(super) fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// An error at a place of an input.
pub(super) fn wrong(place: &str, problem: &str, remedy: &str) -> ApiError {
    crate::errors::bad_input(place, problem, remedy)
}
