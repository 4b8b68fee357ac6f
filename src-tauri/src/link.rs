//! Addresses from outside: `roadbook://record/ID`.
//!
//! Anybody can write such an address, so it can only ask to show something. What is taken is read
//! strictly and written anew; nothing of it reaches the page as it came.

use tauri::{AppHandle, Manager as _};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::args::Register;
use crate::window;

/// The longest name of a record that is taken.
const NAME_MAX: usize = 64;

/// A place in the app that an address may lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    record: String,
}

impl Link {
    /// Reads an address; `None` when it is anything but `roadbook://record/ID`.
    pub(crate) fn parse(address: &str) -> Option<Self> {
        let record = address.strip_prefix("roadbook://record/")?;
        let record = record.strip_suffix('/').unwrap_or(record);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let fits = !record.is_empty() && record.len() <= NAME_MAX && record.chars().all(is_name);
        fits.then(|| Self { record: record.to_owned() })
    }

    /// Returns the path of the page.
    pub(crate) fn path(&self) -> String {
        format!("/record/{}", self.record)
    }
}

/// Shows what an address asks for, from now on.
pub(crate) fn listen(app: &AppHandle, register: Register) {
    // A phone's system knows the scheme from the package.
    let entered = match register {
        Register::Yes if cfg!(desktop) => app.deep_link().register_all(),
        Register::Yes | Register::No => Ok(()),
    };
    if let Err(error) = entered {
        tracing::warn!("roadbook:// addresses cannot be registered: {error}");
    }
    let handle = app.clone();
    app.deep_link().on_open_url(move |event| {
        let mut links = event.urls().into_iter().filter_map(|url| Link::parse(url.as_str()));
        if let (Some(link), Some(page)) =
            (links.next_back(), handle.get_webview_window(crate::WINDOW))
        {
            window::show(&page, &link);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_by_its_address() {
        let link = Link::parse("roadbook://record/019a7c1e-8f00-7000-8000-000000000001");
        let path = link.expect("it is well formed").path();
        assert_eq!(path, "/record/019a7c1e-8f00-7000-8000-000000000001");
        assert!(Link::parse("roadbook://record/01a2b3/").is_some(), "some systems add a slash");
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("roadbook://record/{}", "a".repeat(NAME_MAX + 1));
        for address in [
            "roadbook://record/",
            "roadbook://settings",
            "roadbook://record/../settings",
            "roadbook://record/1?x=y",
            "roadbook://record/\"+alert(1)+\"",
            "https://record/1",
            long.as_str(),
        ] {
            assert_eq!(Link::parse(address), None, "{address}");
        }
    }
}
