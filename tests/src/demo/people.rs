//! The people of the demo and their devices.

use std::path::Path;

use anyhow::Context as _;
use roadbook_app::{App, Cancel, Device as AppDevice, Durability, Settings, Unlock};

use super::host::DemoHost;
use crate::story::Tell;
use crate::story::programs::{Device, PASSPHRASE, Server};

/// Two reps and their manager.
pub(super) struct People {
    pub(super) ben: Device,
    pub(super) ana: Device,
    pub(super) mia: Device,
    runtime: tokio::runtime::Runtime,
}

impl People {
    /// Makes the people on the server and enrols their devices.
    pub(super) fn enrol(
        programs: &Path,
        folder: &Path,
        server: &Server,
        tell: &mut dyn Tell,
    ) -> anyhow::Result<Self> {
        server.admin(&["territory", "add", "Everywhere"])?;
        server.admin(&["territory", "add", "North", "--parent", "Everywhere"])?;
        for (name, login, role, territory) in [
            ("Ben Berg", "ben", "Rep", "North"),
            ("Ana Silva", "ana", "Senior rep", "North"),
            ("Mia Meyer", "mia", "Manager", "Everywhere"),
        ] {
            let user = ["user", "add", name, "--login", login, "--role", role];
            let rest = ["--territory", territory, "--demo", "--password-stdin"];
            server.admin(&[&user[..], &rest[..]].concat())?;
        }
        let team = ["team", "add", "North team", "--lead", "mia", "--member", "ben"];
        server.admin(&[&team[..], &["--member", "ana"]].concat())?;
        let enrol = |who, login: &str, name: &str| {
            Device::enrol(programs, folder, server, who, login, name)
        };
        let people = Self {
            ben: enrol("Ben", "ben", "Ben's phone")?,
            ana: enrol("Ana", "ana", "Ana's tablet")?,
            mia: enrol("Mia", "mia", "Mia's laptop")?,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        };
        for device in [&people.ben, &people.ana, &people.mia] {
            device.sync()?;
        }
        tell.deed("Ben and Ana sell in the north, Mia leads their team; each has a device");
        Ok(people)
    }

    /// Opens a device in this process, for work that would take too many programs.
    pub(super) fn open(&self, device: &Device, seed: u64) -> anyhow::Result<App> {
        let unlock = Unlock::Passphrase(PASSPHRASE.to_owned());
        let settings = Settings { durability: Durability::Normal, ..Settings::shipped() };
        let place = AppDevice { folder: &device.folder, unlock: &unlock, settings: &settings };
        App::open(&place, Box::new(DemoHost::new(seed)))
            .with_context(|| format!("{}'s device does not open", device.who))
    }

    /// Syncs a device that is open in this process.
    pub(super) fn sync(&self, app: &App) -> anyhow::Result<()> {
        let cancel = Cancel::default();
        let progress = |_| {};
        self.runtime.block_on(app.sync(&progress, &cancel)).context("a device does not sync")?;
        Ok(())
    }
}
