//! What the words after `roadbook-window` mean. Pure: words in, an order or a complaint out.

use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;

use crate::link::Link;

/// The text for `--help`.
pub(crate) const HELP: &str = "\
usage: roadbook-window [--dir FOLDER] [--register] [roadbook://record/ID]

  --dir FOLDER   the device's folder; else ROADBOOK_DIR, else the folder of `roadbook`
  --register     make this program the one that opens roadbook:// addresses
  roadbook://... what to show first

  ROADBOOK_PASSPHRASE unlocks the device, where it is set; ROADBOOK_LOG sets what is logged";

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Open the window.
    Open(Args),
    /// Print [`HELP`].
    Help,
}

/// How the window is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Args {
    /// The device's folder, where one was named.
    pub(crate) folder: Option<PathBuf>,
    /// Whether addresses of the scheme are to lead to this program from now on.
    pub(crate) register: Register,
    /// What to show first.
    pub(crate) link: Option<Link>,
}

/// Whether the program enters itself as the one that opens the scheme's addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Register {
    /// The package did that, or nobody wants it.
    #[default]
    No,
    /// Now.
    Yes,
}

impl Args {
    /// Returns a name under which a second program for the same device finds the first one.
    #[cfg_attr(mobile, expect(dead_code, reason = "a phone's system runs an app once"))]
    pub(crate) fn instance(&self) -> String {
        let Some(folder) = &self.folder else {
            return "app.roadbook.window".to_owned();
        };
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
        let mut hasher = DefaultHasher::new();
        folder.hash(&mut hasher);
        format!("app.roadbook.window.d{:016x}", hasher.finish())
    }
}

/// Parses the words after the program's name.
pub(crate) fn parse(words: impl Iterator<Item = OsString>) -> Result<Order, String> {
    let mut args = Args::default();
    let mut words = words;
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--help" | "-h") => return Ok(Order::Help),
            Some("--register") => args.register = Register::Yes,
            Some("--dir") => {
                let folder = words.next().ok_or("--dir needs a folder")?;
                args.folder = Some(PathBuf::from(folder));
            }
            Some(text) if !text.starts_with('-') => {
                let link = Link::parse(text);
                args.link = Some(link.ok_or_else(|| {
                    format!("`{text}` is no address that Roadbook opens (roadbook://record/ID)")
                })?);
            }
            _ => return Err(format!("`{}` is not understood", word.to_string_lossy())),
        }
    }
    Ok(Order::Open(args))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> Result<Order, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn a_folder_and_an_address_are_taken() {
        let opened = parse_line("--dir here roadbook://record/01a2b3").expect("all is known");
        let Order::Open(args) = opened else { panic!("it opens the window") };
        assert_eq!(args.folder, Some(PathBuf::from("here")));
        assert_eq!(args.link.expect("an address").path(), "/record/01a2b3");
        assert_eq!(parse_line("--help"), Ok(Order::Help));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for line in ["--dri x", "https://example.org", "--dir here --loud"] {
            let complaint = parse_line(line).expect_err("it holds something unknown");
            let word = line.split_whitespace().find(|word| complaint.contains(*word));
            assert!(word.is_some(), "{complaint}");
        }
        assert!(parse_line("--dir").is_err(), "the folder is missing");
    }

    #[test]
    fn two_devices_are_two_instances_and_one_is_one() {
        let at = |folder: &str| Args { folder: Some(folder.into()), ..Args::default() }.instance();
        assert_eq!(at("one"), at("./one"), "the same folder, written otherwise");
        assert_ne!(at("one"), at("two"));
        assert_ne!(at("one"), Args::default().instance());
    }
}
