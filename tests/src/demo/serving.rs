//! A rep's own app, served for a browser by the real program.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value as Json;

use crate::story::programs::{Device, PASSPHRASE, text};

/// A running `roadbook serve`; killed when it is dropped.
pub(super) struct Serving {
    who: &'static str,
    child: Option<Child>,
    pid: u32,
    /// The newest link that was not used yet.
    link: Arc<Mutex<String>>,
}

impl Serving {
    pub(super) fn start(
        programs: &Path,
        device: &Device,
        page: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let program = programs.join(format!("roadbook{}", std::env::consts::EXE_SUFFIX));
        let log = File::options().append(true).create(true).open(device.log())?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("ROADBOOK_PASSPHRASE", PASSPHRASE)
            .env("TMPDIR", &device.temporary)
            .arg("--json")
            .arg("--dir")
            .arg(&device.folder)
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        if let Some(page) = page {
            command.arg("--ui").arg(page);
        }
        let mut child = command.spawn().context("roadbook does not start")?;
        let out = child.stdout.take().context("roadbook has an output")?;
        let pid = child.id();
        let mut serving = Self { who: device.who, child: Some(child), pid, link: Arc::default() };
        let mut lines = BufReader::new(out).lines();
        let first = lines.next().context("roadbook serve said nothing; its log says why")??;
        serving.link = Arc::new(Mutex::new(link_of(&first)?));
        let newest = Arc::clone(&serving.link);
        // Ends with the program. Each line is a link for the next window.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Ok(link) = link_of(&line) {
                    *newest.lock().unwrap_or_else(PoisonError::into_inner) = link;
                }
            }
        });
        Ok(serving)
    }

    pub(super) const fn who(&self) -> &'static str {
        self.who
    }

    pub(super) const fn pid(&self) -> u32 {
        self.pid
    }

    /// The newest link that was not used yet.
    pub(super) fn link(&self) -> String {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stops it as a person does.
    pub(super) fn stop(mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("the app is served")?;
        // It may have heard the person's Ctrl-C itself.
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap_or_default();
        let ended = child.wait()?;
        ensure!(ended.success(), "{}'s app ended with {ended}", self.who);
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

fn link_of(line: &str) -> anyhow::Result<String> {
    let announced: Json = serde_json::from_str(line).with_context(|| line.to_owned())?;
    Ok(text(&announced, "/open")?.to_owned())
}
