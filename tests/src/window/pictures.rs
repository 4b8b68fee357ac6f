//! Pictures of the window, kept for people to look at.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

/// A folder of pictures.
pub(crate) struct Pictures(PathBuf);

impl Pictures {
    /// Makes the folder; pictures of an earlier run are replaced one by one.
    pub(crate) fn into(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        Ok(Self(folder.to_owned()))
    }

    /// Keeps a picture.
    pub(crate) fn keep(&self, name: &str, png: &[u8]) -> anyhow::Result<()> {
        ensure!(png.starts_with(b"\x89PNG"), "the picture {name} is no PNG");
        let file = self.0.join(format!("{name}.png"));
        std::fs::write(&file, png).with_context(|| format!("write {}", file.display()))
    }

    /// Keeps a text beside them.
    pub(crate) fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let file = self.0.join(format!("{name}.txt"));
        std::fs::write(&file, text).with_context(|| format!("write {}", file.display()))
    }
}

/// Reads base64 (RFC 4648, 4), which is how WebDriver sends pictures.
pub(super) fn from_base64(text: &str) -> anyhow::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut kept) = (0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| !matches!(byte, b'=' | b'\r' | b'\n')) {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            other => anyhow::bail!("{other} is no base64"),
        };
        bits = bits << 6 | u32::from(six);
        kept += 6;
        if kept >= 8 {
            kept -= 8;
            let [.., byte] = (bits >> kept).to_be_bytes();
            out.push(byte);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read() {
        assert_eq!(from_base64("Um9hZGJvb2s=").unwrap(), b"Roadbook");
        assert_eq!(from_base64("iVBORw0K").unwrap(), b"\x89PNG\r\n");
        assert!(from_base64("no-base64").is_err());
    }
}
