//! Bytes as hexadecimal text.

use std::fmt::Write as _;

/// Writes bytes in lower case.
pub(crate) fn write(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Reads exactly `N` bytes; `None` for anything else.
pub(crate) fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = read_all(text)?;
    bytes.try_into().ok()
}

/// Reads any number of bytes; `None` for anything that is not hexadecimal.
pub(crate) fn read_all(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_round_trips_and_refuses_the_rest() {
        assert_eq!(read(&write(&[0, 10, 255])), Some([0, 10, 255]));
        assert_eq!(read::<2>("00ff11"), None, "too long");
        assert_eq!(read_all("0g"), None);
        assert_eq!(read_all("abc"), None);
    }
}
