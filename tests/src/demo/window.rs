//! A rep's own app in a window of this desktop, by the real program.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::story::programs::{Device, PASSPHRASE};

/// A running `roadbook-window`; killed when it is dropped.
pub(super) struct Window {
    who: &'static str,
    child: Child,
}

impl Window {
    /// The program, where it was built with the others.
    pub(super) fn program(programs: &Path) -> Option<PathBuf> {
        let program = programs.join(format!("roadbook-window{}", std::env::consts::EXE_SUFFIX));
        program.is_file().then_some(program)
    }

    /// Opens it on this desktop, whose environment it needs.
    pub(super) fn open(program: &Path, device: &Device) -> anyhow::Result<Self> {
        let log = std::fs::File::options().append(true).create(true).open(device.log())?;
        let mut command = Command::new(program);
        command.arg("--dir").arg(&device.folder).env("ROADBOOK_PASSPHRASE", PASSPHRASE);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().context("roadbook-window does not start")?;
        Ok(Self { who: device.who, child })
    }

    /// Whether somebody has closed it.
    pub(super) fn is_closed(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Closes it as the end of a desktop's session does.
    pub(super) fn close(mut self) -> anyhow::Result<()> {
        // It may have been closed, or have heard the person's Ctrl-C itself.
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap_or_default();
        let ended = self.child.wait()?;
        ensure!(ended.success(), "{}'s window ended with {ended}", self.who);
        Ok(())
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop((self.child.kill(), self.child.wait()));
    }
}
