//! The real programs, started as a person would: the server, and one device after another.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use rustix::process::Pid;
use serde_json::Value as Json;

use super::relay::Relay;

/// The passphrase of every device of the story.
pub(crate) const PASSPHRASE: &str = "open sesame, says the story";
pub(crate) const PASSWORD: &str = "a long enough password";
pub(crate) const TENANT: &str = "acme";

/// Exit codes of `roadbook` that the story knows.
pub(crate) mod exit {
    pub(crate) const OK: i32 = 0;
    pub(crate) const NOT_FOUND: i32 = 3;
    pub(crate) const REFUSED: i32 = 4;
    pub(crate) const NEEDS_YOU: i32 = 5;
    pub(crate) const UNREACHABLE: i32 = 6;
}

/// What a program answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) json: Json,
    said: String,
}

/// The server and its folder.
pub(crate) struct Server {
    program: PathBuf,
    folder: PathBuf,
    settings: Vec<(&'static str, String)>,
    running: Option<Child>,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Makes a tenant and starts the server on a free port.
    pub(crate) fn start(programs: &Path, folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut server = Self::stopped(programs, folder);
        server.admin(&["init", "--admin-name", "Ada Admin", "--password-stdin"])?;
        server.serve(0)?;
        Ok(server)
    }

    /// The same with demo identities, for people to look at, with the page of a folder.
    pub(crate) fn start_demo(
        programs: &Path,
        folder: &Path,
        page: Option<&Path>,
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut server = Self::stopped(programs, folder);
        if let Some(page) = page {
            server.settings.push(("ROADBOOK_BROWSER_UI_DIR", page.display().to_string()));
        }
        // Few people, each with a few devices: what is shipped, or nearly so.
        server.settings.push(("ROADBOOK_LIMITS_SIGN_INS_PER_MINUTE", "20".to_owned()));
        server.admin(&["init", "--admin-name", "Ada Admin", "--demo", "--password-stdin"])?;
        server.serve(0)?;
        Ok(server)
    }

    /// Starts the server of a folder that has its tenant, on a free port.
    pub(crate) fn resume(programs: &Path, folder: &Path) -> anyhow::Result<Self> {
        let mut server = Self::stopped(programs, folder);
        server.serve(0)?;
        Ok(server)
    }

    fn stopped(programs: &Path, folder: &Path) -> Self {
        Self {
            program: programs.join(name("roadbook-server")),
            folder: folder.to_owned(),
            settings: Vec::new(),
            running: None,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        }
    }

    /// Starts it on a port; 0 takes a free one.
    fn serve(&mut self, port: u16) -> anyhow::Result<()> {
        let log = File::options().append(true).create(true).open(self.log())?;
        let mut child = self
            .command(&["serve", "--port", &port.to_string(), "--announce"])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("the server does not start")?;
        let out = child.stdout.take().context("the server has an output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        self.running = Some(child);
        let announced: Json = serde_json::from_str(&line).context("the server's announcement")?;
        self.address = text(&announced, "/address")?.parse()?;
        Ok(())
    }

    /// Kills the server, puts a backup in the place of its database, and starts it again where it
    /// was. Returns what the restore said.
    pub(crate) fn restore(&mut self, backup: &Path) -> anyhow::Result<Json> {
        if let Some(mut child) = self.running.take() {
            child.kill()?;
            child.wait()?;
        }
        let said = self.admin(&["restore", &backup.display().to_string()])?;
        self.serve(self.address.port())?;
        Ok(said)
    }

    /// Starts it again where it was, after [`Self::halt`].
    pub(crate) fn again(&mut self) -> anyhow::Result<()> {
        self.serve(self.address.port())
    }

    /// Stops it as its operator does. Its folder stays.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        self.halt()
    }

    /// The same, for a server that will be started again.
    pub(crate) fn halt(&mut self) -> anyhow::Result<()> {
        let mut child = self.running.take().context("the server runs")?;
        let pid = Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        let ended = child.wait()?;
        ensure!(ended.success(), "the server ended with {ended}");
        Ok(())
    }

    /// Runs an admin command; a password on standard input.
    pub(crate) fn admin(&self, arguments: &[&str]) -> anyhow::Result<Json> {
        let mut child = self
            .command(arguments)
            .arg("--json")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().context("the server has an input")?;
        // A command that asks for nothing may be gone already.
        drop(writeln!(stdin, "{PASSWORD}"));
        drop(stdin);
        let output = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "roadbook-server {arguments:?}: {said}");
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The server's process id while it runs.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(Child::id)
    }

    /// The file that the server's log goes to.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().env("TMPDIR", &self.folder);
        // Many devices are enrolled in one minute by the same few people.
        command.env("ROADBOOK_LIMITS_SIGN_INS_PER_MINUTE", "1000");
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.arg("--data-dir").arg(self.folder.join("data")).args(["--tenant", TENANT]);
        command.args(arguments);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            // It may have ended by itself.
            drop((child.kill(), child.wait()));
        }
    }
}

/// One person's device, behind its own relay.
pub(crate) struct Device {
    pub(crate) program: PathBuf,
    pub(crate) who: &'static str,
    /// The device's name for people.
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) temporary: PathBuf,
    pub(crate) relay: Relay,
    /// The device's id.
    pub(crate) id: String,
}

impl Device {
    /// Makes the device, signs in and enrols it.
    pub(crate) fn enrol(
        programs: &Path,
        folder: &Path,
        server: &Server,
        who: &'static str,
        login: &str,
        device_name: &str,
    ) -> anyhow::Result<Self> {
        let folder = folder.join(login);
        let temporary = folder.join("temporary");
        std::fs::create_dir_all(&temporary)?;
        let mut device = Self {
            program: programs.join(name("roadbook")),
            who,
            name: device_name.to_owned(),
            folder: folder.join("device"),
            temporary,
            relay: Relay::start(server.address)?,
            id: String::new(),
        };
        let url = device.relay.url();
        let answer = device.ask(&[
            "init",
            "--server",
            &url,
            "--tenant",
            TENANT,
            "--user",
            login,
            "--device-name",
            device_name,
        ])?;
        device.id = text(&answer, "/device")?.to_owned();
        Ok(device)
    }

    /// Runs a command that must end well, and returns its JSON.
    pub(crate) fn ask(&self, arguments: &[&str]) -> anyhow::Result<Json> {
        let answer = self.run(arguments)?;
        if answer.code != exit::OK {
            let Answer { code, json, said } = answer;
            bail!("{}: roadbook {arguments:?} ended with {code}: {json} {said}", self.who);
        }
        Ok(answer.json)
    }

    /// Runs a command and returns how it ended.
    pub(crate) fn run(&self, arguments: &[&str]) -> anyhow::Result<Answer> {
        let output = self.command(arguments).output().context("roadbook does not start")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut log = File::options().append(true).create(true).open(self.log())?;
        log.write_all(&output.stderr)?;
        let code = output.status.code().context("roadbook was killed")?;
        let json = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{}: roadbook {arguments:?} said: {said}", self.who))?;
        Ok(Answer { code, json, said })
    }

    /// Syncs; the report.
    pub(crate) fn sync(&self) -> anyhow::Result<Json> {
        self.ask(&["sync"])
    }

    /// Starts `sync --watch`; it goes on until it is killed.
    pub(crate) fn watch(&self) -> anyhow::Result<Watching> {
        let log = File::options().append(true).create(true).open(self.log())?;
        let mut child = self
            .command(&["sync", "--watch"])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("roadbook does not start")?;
        let out = child.stdout.take().context("roadbook has an output")?;
        Ok(Watching { child, out: BufReader::new(out) })
    }

    /// What the device's programs wrote to standard error.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.with_file_name("device.log")
    }

    fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("ROADBOOK_PASSPHRASE", PASSPHRASE)
            .env("ROADBOOK_PASSWORD", PASSWORD)
            .env("TMPDIR", &self.temporary)
            .arg("--json")
            .arg("--dir")
            .arg(&self.folder)
            .args(arguments);
        command
    }
}

/// A `sync --watch` that runs.
pub(crate) struct Watching {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
}

impl Watching {
    /// The next line that it writes.
    pub(crate) fn line(&mut self) -> anyhow::Result<Json> {
        let mut line = String::new();
        self.out.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("a watching sync wrote `{line}`"))
    }

    /// Kills it as `kill -9` does.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        ensure!(self.child.try_wait()?.is_none(), "a watching sync ended by itself");
        self.child.kill()?;
        let status = self.child.wait()?;
        ensure!(status.code().is_none(), "it was to be killed, and ended with {status}");
        Ok(())
    }
}

/// The text at a place of a JSON document.
pub(crate) fn text<'j>(json: &'j Json, place: &str) -> anyhow::Result<&'j str> {
    json.pointer(place)
        .and_then(Json::as_str)
        .with_context(|| format!("no text at {place} in {json}"))
}

/// The list at a place of a JSON document.
pub(crate) fn list<'j>(json: &'j Json, place: &str) -> anyhow::Result<&'j Vec<Json>> {
    json.pointer(place)
        .and_then(Json::as_array)
        .with_context(|| format!("no list at {place} in {json}"))
}

/// The number at a place of a JSON document.
pub(crate) fn number(json: &Json, place: &str) -> anyhow::Result<i64> {
    json.pointer(place)
        .and_then(Json::as_i64)
        .with_context(|| format!("no number at {place} in {json}"))
}

/// The file name of a program.
pub(crate) fn name(program: &str) -> String {
    format!("{program}{}", std::env::consts::EXE_SUFFIX)
}
