//! What a person does in the window, in the words of the page.

use anyhow::Context as _;

use super::Stage;
use super::driver::{Opening, Window};
use crate::story::programs::{PASSPHRASE, PASSWORD, TENANT, text};
use crate::story::relay::Relay;

/// A device in the window, with the line between it and the server.
pub(crate) struct Rep {
    pub(crate) relay: Relay,
    pub(crate) folder: std::path::PathBuf,
}

impl Rep {
    /// A machine without a device yet.
    pub(crate) fn new(stage: &Stage<'_>) -> anyhow::Result<Self> {
        let relay = Relay::start(stage.company.server.address)?;
        Ok(Self { relay, folder: stage.folder.join("device") })
    }

    /// Opens the app; a device that has a passphrase asks for it.
    pub(crate) fn open(&self, stage: &Stage<'_>) -> anyhow::Result<Window> {
        self.open_at(stage, None)
    }

    /// Opens the app, at an address if there is one.
    pub(crate) fn open_at(
        &self,
        stage: &Stage<'_>,
        address: Option<&str>,
    ) -> anyhow::Result<Window> {
        let (programs, device) = (stage.programs, &self.folder);
        Window::open(stage.desktop, &Opening { programs, device, passphrase: None, address })
    }
}

/// WebDriver's name of the key (W3C WebDriver, 17.4.2).
pub(crate) const ENTER: &str = "\u{E007}";

/// Sets the device up under a user, with a passphrase.
pub(crate) fn enrol(window: &Window, relay: &Relay, login: &str) -> anyhow::Result<()> {
    fill_in(window, relay, login)?;
    window.press_on(".entry-check")?;
    window.fill("#entry-passphrase", PASSPHRASE)?;
    window.fill("#entry-again", PASSPHRASE)?;
    window.press("Set up")?;
    is_ready(window).context("the device is set up")
}

/// Sets the device up under a user; the desktop's key store shall open it.
pub(crate) fn enrol_with_key_store(
    window: &Window,
    relay: &Relay,
    login: &str,
) -> anyhow::Result<()> {
    fill_in(window, relay, login)?;
    window.press("Set up")?;
    is_ready(window).context("the device is set up")
}

fn fill_in(window: &Window, relay: &Relay, login: &str) -> anyhow::Result<()> {
    window.says("Set up this device")?;
    window.fill("#entry-server", &relay.url())?;
    window.fill("#entry-tenant", TENANT)?;
    window.fill("#entry-login", login)?;
    window.fill("#entry-password", PASSWORD)?;
    window.fill("#entry-device", &format!("{login}'s window"))
}

/// Unlocks the device with its passphrase.
pub(crate) fn unlock(window: &Window) -> anyhow::Result<()> {
    window.fill("#entry-passphrase", PASSPHRASE)?;
    window.press("Unlock")?;
    is_ready(window).context("the device is unlocked")
}

/// Waits until the records can be worked with.
pub(crate) fn is_ready(window: &Window) -> anyhow::Result<()> {
    window.wait("the day is shown", "document.querySelector('.today .figures')")?;
    Ok(())
}

/// Waits until nothing is on its way any more.
pub(crate) fn is_up_to_date(window: &Window) -> anyhow::Result<()> {
    let strip = "document.querySelector('.rail .strip')?.innerText.startsWith('Up to date')";
    window.wait("the strip says that it is up to date", strip)?;
    Ok(())
}

/// Sends what waits, from the queue.
pub(crate) fn send_now(window: &Window) -> anyhow::Result<()> {
    window.press_on(".rail .strip")?;
    window.press("Send now")?;
    is_up_to_date(window)
}

/// The manager makes an account with a deal of 10,000 EUR that both reps see; the deal.
pub(crate) fn deal(stage: &Stage<'_>, name: &str) -> anyhow::Result<String> {
    let mia = &stage.company.mia;
    let named = format!("name={name}");
    let account =
        mia.ask(&["create", "account", &named, "team=Account team", "territory=North"])?;
    let of = format!("account={}", text(&account, "/record")?);
    let named = format!("name={name} renewal");
    let deal =
        mia.ask(&["create", "opportunity", &named, &of, "amount=10000EUR", "stage=Proposal"])?;
    mia.sync()?;
    Ok(text(&deal, "/record")?.to_owned())
}

/// Goes to a record's page as a link within the page does.
pub(crate) fn visit(window: &Window, record: &str) -> anyhow::Result<()> {
    let path = serde_json::Value::String(format!("/record/{record}"));
    window.run(&format!(
        "history.pushState(null, '', {path}); dispatchEvent(new PopStateEvent('popstate'));"
    ))?;
    window.wait("the record is shown", "document.querySelector('.record')")?;
    Ok(())
}
