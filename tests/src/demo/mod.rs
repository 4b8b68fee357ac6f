//! A small company to look at: a server, two reps whose own apps are served or in a window, and a
//! manager who signs in by the browser.
//!
//! Everything is made by the real programs and through the gate, from one seed; only the days are
//! today's. The people are demo identities, so the server cannot be reached from other machines.
#![allow(clippy::disallowed_methods, reason = "the demo is a host")]

mod host;
mod people;
mod records;
mod window;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::story::Tell;
use crate::story::programs::{PASSWORD, Server, TENANT};
use crate::story::serving::Serving;
use people::People;
use window::Window;

/// The demo, running until it is dropped or stopped.
pub struct Demo {
    /// The reps' own apps.
    apps: Vec<Serving>,
    /// Ben's, where it is in a window.
    window: Option<Window>,
    // After the apps: their devices talk to it.
    server: Server,
    people: People,
    programs: PathBuf,
    page: Option<PathBuf>,
    folder: tempfile::TempDir,
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demo").finish_non_exhaustive()
    }
}

/// How a device stands to the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// It is on it.
    Open,
    /// It is off it.
    Cut,
}

/// Where somebody looks at the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Who.
    pub who: String,
    /// The address.
    pub url: String,
    /// What to sign in with; absent where the address lets one in.
    pub sign_in: Option<SignIn>,
}

/// What to sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The tenant's name.
    pub tenant: String,
    /// The sign-in name.
    pub login: String,
    /// The password, which everybody may know.
    pub password: String,
}

impl Demo {
    /// Founds the company and serves it, with the programs of a folder and the page of another.
    ///
    /// # Errors
    /// A program does not do what it should.
    pub fn open(programs: &Path, page: Option<&Path>, tell: &mut dyn Tell) -> anyhow::Result<Self> {
        Self::filled(programs, page, 0, tell)
    }

    /// The same, and a rep's book is filled up with so many deals more.
    ///
    /// # Errors
    /// A program does not do what it should.
    pub fn filled(
        programs: &Path,
        page: Option<&Path>,
        deals: u32,
        tell: &mut dyn Tell,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("roadbook-demo-").tempdir()?;
        tell.step("A small company: a server, two reps, a manager, and half a year of work");
        let server = Server::start_demo(programs, &folder.path().join("server"), page)?;
        tell.deed(&format!("roadbook-server listens on {}", server.address));
        let people = People::enrol(programs, folder.path(), &server, tell)?;
        records::make(&people, tell)?;
        if deals > 0 {
            records::fill(&people, deals)?;
        }
        tell.step("The reps' apps are served, and the server lets the manager's browser in");
        let mut apps = Vec::new();
        for device in [&people.ben, &people.ana] {
            apps.push(Serving::start(device, page)?);
        }
        let (programs, page) = (programs.to_owned(), page.map(Path::to_owned));
        Ok(Self { apps, window: None, server, people, programs, page, folder })
    }

    /// Opens Ben's app in a window of this desktop, and serves it no longer. Returns whether that
    /// could be: the window is built only where WebKitGTK is.
    ///
    /// # Errors
    /// His app does not end well, or the window does not start.
    pub fn open_window(&mut self) -> anyhow::Result<bool> {
        let Some(program) = Window::program(&self.programs) else {
            return Ok(false);
        };
        let ben = &self.people.ben;
        if let Some(served) = self.apps.iter().position(|app| app.who() == ben.who) {
            self.apps.remove(served).stop()?;
        }
        self.window = Some(Window::open(&program, ben)?);
        Ok(true)
    }

    /// Serves Ben's app again when somebody has closed his window. Returns whether it was closed.
    ///
    /// # Errors
    /// His app does not start.
    pub fn after_window(&mut self) -> anyhow::Result<bool> {
        let Some(window) = &mut self.window else {
            return Ok(false);
        };
        if !window.is_closed()? {
            return Ok(false);
        }
        self.window = None;
        let served = Serving::start(&self.people.ben, self.page.as_deref())?;
        self.apps.insert(0, served);
        Ok(true)
    }

    /// A link into somebody's own app, once there is another than one that was used.
    ///
    /// # Errors
    /// Nobody's app is served under that name, or it offers no other link.
    pub fn link_after(&self, who: &str, used: Option<&str>) -> anyhow::Result<String> {
        let app = self.apps.iter().find(|app| app.who() == who);
        app.with_context(|| format!("no app is served for `{who}`"))?.link_after(used)
    }

    /// Takes a rep's device off the network, or puts it back.
    ///
    /// # Errors
    /// No rep has that sign-in name.
    pub fn connect(&self, login: &str, line: Line) -> anyhow::Result<()> {
        let device = match login {
            "ben" => &self.people.ben,
            "ana" => &self.people.ana,
            other => anyhow::bail!("no rep of the demo is called `{other}`"),
        };
        match line {
            Line::Open => device.relay.open(),
            Line::Cut => device.relay.cut(),
        }
        Ok(())
    }

    /// Ends a rep's app as `kill -9` does.
    ///
    /// # Errors
    /// No app of that name runs.
    pub fn kill(&mut self, who: &str) -> anyhow::Result<()> {
        let place = self.apps.iter().position(|app| app.who() == who);
        let place = place.with_context(|| format!("no app is served for `{who}`"))?;
        self.apps.remove(place).kill()
    }

    /// Serves a rep's app again, on another port.
    ///
    /// # Errors
    /// No rep of the demo has that name, or the program does not start.
    pub fn serve_again(&mut self, who: &str) -> anyhow::Result<()> {
        let reps = [&self.people.ben, &self.people.ana];
        let device = reps.into_iter().find(|device| device.who == who);
        let device = device.with_context(|| format!("no rep of the demo is called `{who}`"))?;
        self.apps.push(Serving::start(device, self.page.as_deref())?);
        Ok(())
    }

    /// Stops the server as its operator does.
    ///
    /// # Errors
    /// It does not run, or did not end well.
    pub fn stop_server(&mut self) -> anyhow::Result<()> {
        self.server.halt()
    }

    /// Starts the server again where it was.
    ///
    /// # Errors
    /// It does not start.
    pub fn start_server(&mut self) -> anyhow::Result<()> {
        self.server.again()
    }

    /// Runs a command of the server's administrator.
    ///
    /// # Errors
    /// The command failed.
    pub fn admin(&self, arguments: &[&str]) -> anyhow::Result<serde_json::Value> {
        self.server.admin(arguments)
    }

    /// Serves the app of a machine that has no device yet, for somebody to enrol one there.
    ///
    /// # Errors
    /// The program does not start.
    pub fn serve_blank(&mut self, who: &str) -> anyhow::Result<()> {
        let folder = self.folder.path().join("blank").join(who);
        std::fs::create_dir_all(&folder)?;
        let page = self.page.as_deref();
        self.apps.push(Serving::blank(&self.programs, who, &folder, page)?);
        Ok(())
    }

    /// Where the demo can be looked at: the reps' apps, then the manager's browser.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        let mut addresses: Vec<Address> = self
            .apps
            .iter()
            .map(|app| Address { who: app.who().to_owned(), url: app.link(), sign_in: None })
            .collect();
        addresses.push(Address {
            who: "Mia, their manager".to_owned(),
            url: format!("http://{}/", self.server.address),
            sign_in: Some(SignIn {
                tenant: TENANT.to_owned(),
                login: "mia".to_owned(),
                password: PASSWORD.to_owned(),
            }),
        });
        addresses
    }

    /// The processes that run.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        let window = self.window.iter().map(Window::pid);
        self.apps.iter().map(Serving::pid).chain(window).chain(self.server.pid()).collect()
    }

    /// Stops everything, in peace.
    ///
    /// # Errors
    /// A program did not end well.
    pub fn stop(self) -> anyhow::Result<()> {
        if let Some(window) = self.window {
            window.close()?;
        }
        for app in self.apps {
            app.stop()?;
        }
        self.server.stop()
    }
}
