//! The start of the page: the app over the bridge of this page.

use roadbook_ui::app::{App, AppProps};
use roadbook_ui::bridge::Bridge;
use roadbook_ui::browser;

fn main() {
    #[cfg(feature = "sample")]
    let bridge = {
        let wire = roadbook_ui::sample::wire(browser::wall());
        roadbook_ui::sample::desk::prepare(&wire, &browser::place());
        Bridge::over(wire)
    };
    #[cfg(not(feature = "sample"))]
    let bridge = Bridge::of_page();
    let props = AppProps { bridge: Some(bridge), place: browser::place(), wall: browser::wall() };
    yew::Renderer::<App>::with_props(props).render();
}
