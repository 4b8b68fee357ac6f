//! A small company to look at: a server, two reps whose own apps are served, and a manager who
//! signs in by the browser.
//!
//! Everything is made by the real programs and through the gate, from one seed; only the days are
//! today's. The people are demo identities, so the server cannot be reached from other machines.

mod host;
mod people;
mod records;
mod serving;

use std::path::Path;

use crate::story::Tell;
use crate::story::programs::{PASSWORD, Server, TENANT};
use people::People;
use serving::Serving;

/// The demo, running until it is dropped or stopped.
pub struct Demo {
    /// The reps' own apps.
    apps: Vec<Serving>,
    // After the apps: their devices talk to it.
    server: Server,
    _people: People,
    _folder: tempfile::TempDir,
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demo").finish_non_exhaustive()
    }
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
        let folder = tempfile::Builder::new().prefix("roadbook-demo-").tempdir()?;
        tell.step("A small company: a server, two reps, a manager, and half a year of work");
        let server = Server::start_demo(programs, &folder.path().join("server"), page)?;
        tell.deed(&format!("roadbook-server listens on {}", server.address));
        let people = People::enrol(programs, folder.path(), &server, tell)?;
        records::make(&people, tell)?;
        tell.step("The reps' apps are served, and the server lets the manager's browser in");
        let mut apps = Vec::new();
        for device in [&people.ben, &people.ana] {
            apps.push(Serving::start(programs, device, page)?);
        }
        Ok(Self { apps, server, _people: people, _folder: folder })
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
        self.apps.iter().map(Serving::pid).chain(self.server.pid()).collect()
    }

    /// Stops everything, in peace.
    ///
    /// # Errors
    /// A program did not end well.
    pub fn stop(self) -> anyhow::Result<()> {
        for app in self.apps {
            app.stop()?;
        }
        self.server.stop()
    }
}
