//! A rep's own app, served for a browser by the real program.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;

use super::programs::{Device, PASSPHRASE, name, text};

/// A running `roadbook serve`; killed when it is dropped.
pub(crate) struct Serving {
    who: String,
    child: Option<Child>,
    pid: u32,
    link: Arc<Link>,
}

/// After a link was used, the program prints the next one within this time.
const PATIENCE: Duration = Duration::from_secs(20);

/// The newest link.
#[derive(Default)]
struct Link {
    newest: Mutex<String>,
    changed: Condvar,
}

impl Link {
    fn set(&self, link: String) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = link;
        self.changed.notify_all();
    }

    /// The newest one, at the latest when patience is over; another than the one that was used, if
    /// there is one by then.
    fn wait(&self, used: Option<&str>) -> String {
        self.changed
            .wait_timeout_while(
                self.newest.lock().unwrap_or_else(PoisonError::into_inner),
                PATIENCE,
                |newest| used == Some(newest.as_str()),
            )
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .clone()
    }
}

impl Serving {
    pub(crate) fn start(device: &Device, page: Option<&Path>) -> anyhow::Result<Self> {
        let mut command = command(&device.program, &device.folder, &device.temporary);
        command.env("ROADBOOK_PASSPHRASE", PASSPHRASE);
        Self::run(command, device.who, &device.log(), page)
    }

    /// The app where no device is yet; whoever opens it sets one up.
    pub(crate) fn blank(
        programs: &Path,
        who: &str,
        folder: &Path,
        page: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let command = command(&programs.join(name("roadbook")), &folder.join("device"), folder);
        Self::run(command, who, &folder.join("device.log"), page)
    }

    fn run(
        mut command: Command,
        who: &str,
        log: &Path,
        page: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let log = File::options().append(true).create(true).open(log)?;
        command.stderr(log);
        if let Some(page) = page {
            command.arg("--ui").arg(page);
        }
        let mut child = command.spawn().context("roadbook does not start")?;
        let out = child.stdout.take().context("roadbook has an output")?;
        let pid = child.id();
        let serving = Self { who: who.to_owned(), child: Some(child), pid, link: Arc::default() };
        let mut lines = BufReader::new(out).lines();
        let first = lines.next().context("roadbook serve said nothing; its log says why")??;
        serving.link.set(link_of(&first)?);
        let newest = Arc::clone(&serving.link);
        // Ends with the program. Each line is a link for the next window.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Ok(link) = link_of(&line) {
                    newest.set(link);
                }
            }
        });
        Ok(serving)
    }

    pub(crate) fn who(&self) -> &str {
        &self.who
    }

    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    /// The newest link that was not used yet.
    pub(crate) fn link(&self) -> String {
        self.link.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The newest link, once it is another than one that was used.
    pub(crate) fn link_after(&self, used: Option<&str>) -> anyhow::Result<String> {
        let newest = self.link.wait(used);
        ensure!(used != Some(newest.as_str()), "{}'s app offers no other link", self.who);
        Ok(newest)
    }

    /// Stops it as a person does.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("the app is served")?;
        // It may have heard the person's Ctrl-C itself.
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap_or_default();
        let ended = child.wait()?;
        ensure!(ended.success(), "{}'s app ended with {ended}", self.who);
        Ok(())
    }
}

impl Serving {
    /// Ends it as `kill -9` does.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("the app is served")?;
        let ended = child.try_wait()?;
        ensure!(ended.is_none(), "{}'s app ended by itself: {ended:?}", self.who);
        child.kill()?;
        let ended = child.wait()?;
        ensure!(ended.code().is_none(), "it was to be killed, and ended with {ended}");
        Ok(())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            drop((child.kill(), child.wait()));
        }
    }
}

fn command(program: &Path, device: &Path, temporary: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("TMPDIR", temporary)
        .arg("--json")
        .arg("--dir")
        .arg(device)
        .arg("serve")
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

fn link_of(line: &str) -> anyhow::Result<String> {
    let announced: Json = serde_json::from_str(line).with_context(|| line.to_owned())?;
    Ok(text(&announced, "/open")?.to_owned())
}
