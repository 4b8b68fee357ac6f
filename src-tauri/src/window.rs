//! The window: opening it, bringing it forward, leading it to a place.

use std::ffi::OsString;

use tauri::{AppHandle, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

use crate::WINDOW;
use crate::args::{self, Order};
use crate::link::Link;

/// Opens the window on its first page, or on what an address asked for.
pub(crate) fn open(app: &AppHandle, link: Option<&Link>) -> tauri::Result<()> {
    let windows = &app.config().app.windows;
    let mut config = windows
        .iter()
        .find(|window| window.label == WINDOW)
        .cloned()
        .expect("tauri.conf.json describes the window");
    if let Some(link) = link {
        config.url = WebviewUrl::App(link.path().trim_start_matches('/').into());
    }
    let builder = WebviewWindowBuilder::from_config(app, &config)?;
    // The page stays the page: a link to elsewhere leads nowhere.
    // Files are written by the app, where it says so, and never by the page.
    let page = builder.on_navigation(is_own).on_download(|_, _| false).build()?;
    #[cfg(target_os = "linux")]
    crate::revive::watch(&page)?;
    #[cfg(not(target_os = "linux"))]
    drop(page);
    Ok(())
}

/// Returns whether an address is one of the app's own pages.
fn is_own(address: &Url) -> bool {
    let host = address.host_str();
    match address.scheme() {
        "tauri" => host == Some("localhost"),
        // How Windows and Android write the same.
        "http" | "https" => host == Some("tauri.localhost"),
        _ => false,
    }
}

/// Leads the page to a place without loading it again: what was being typed elsewhere stays.
pub(crate) fn show(page: &WebviewWindow, link: &Link) {
    let path = serde_json::Value::String(link.path());
    let step = format!(
        "history.pushState(null, \"\", {path}); dispatchEvent(new PopStateEvent(\"popstate\"));"
    );
    if let Err(error) = page.eval(step) {
        tracing::warn!("the page cannot be led to {path}: {error}");
    }
}

/// Somebody started the program again: this window is the one, and it shows what was asked for.
#[cfg(desktop)]
pub(crate) fn called_again(app: &AppHandle, words: Vec<String>) {
    come_forward(app);
    let order = args::parse(words.into_iter().skip(1).map(OsString::from));
    if let Ok(Order::Open(args)) = order
        && let (Some(link), Some(page)) = (args.link, app.get_webview_window(WINDOW))
    {
        show(&page, &link);
    }
}

#[cfg(desktop)]
fn come_forward(app: &AppHandle) {
    let Some(page) = app.get_webview_window(WINDOW) else {
        return;
    };
    let steps = [page.unminimize(), page.show(), page.set_focus()];
    for error in steps.into_iter().filter_map(Result::err) {
        tracing::warn!("the window cannot come forward: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_pages_are_navigated_to() {
        let own = |address: &str| is_own(&Url::parse(address).expect("an address"));
        assert!(own("tauri://localhost/today"));
        assert!(own("http://tauri.localhost/today"));
        for address in
            ["https://example.org/", "tauri://elsewhere/", "file:///etc/passwd", "data:text/html,x"]
        {
            assert!(!own(address), "{address}");
        }
    }
}
