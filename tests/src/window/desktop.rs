//! A desktop that nobody sees: a display, a message bus, a key store, and a home folder of its own.
//!
//! Nothing of the machine's own desktop is used or changed, and nothing is left running: each
//! program is in a process group of its own, which ends with the desktop.

use std::fs::{File, Permissions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use zbus::blocking::connection::Builder;
use zbus::blocking::fdo::DBusProxy;
use zbus::names::BusName;

use super::driver::until;
use super::notices::Notices;

/// The size of the display.
const SCREEN: &str = "1280x800x24";

/// How much of a program's log is told when something went wrong.
const LINES: usize = 20;

/// A desktop; it ends when it is dropped or stopped.
pub(crate) struct Desktop {
    home: PathBuf,
    display: String,
    bus: String,
    notices: Option<Notices>,
    running: Vec<Child>,
}

impl Desktop {
    /// Starts it, with a home folder in a folder of the caller's.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let home = folder.join("home");
        for name in ["run", "tmp", "config", "data", "cache"] {
            std::fs::create_dir_all(home.join(name))?;
        }
        std::fs::set_permissions(home.join("run"), Permissions::from_mode(0o700))?;
        let (display, bus) = (String::new(), String::new());
        let mut desktop = Self { home, display, bus, notices: None, running: Vec::new() };
        // The server picks a free number and writes it to standard output.
        let mut server = desktop.command("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]);
        desktop.display = format!(":{}", desktop.keep(server, "Xvfb")?);
        let mut bus = desktop.command("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        bus.arg(format!("--address=unix:dir={}", desktop.home.join("run").display()));
        desktop.bus = desktop.keep(bus, "dbus-daemon")?;
        desktop.notices = Some(Notices::serve(&desktop.bus)?);
        Ok(desktop)
    }

    /// Starts a key store whose collection is open, as after a person's sign-in.
    pub(crate) fn open_key_store(&mut self) -> anyhow::Result<()> {
        let mut store = self.command("gnome-keyring-daemon");
        store.args(["--foreground", "--unlock", "--components=secrets"]);
        let log = File::create(self.home.join("gnome-keyring-daemon.log"))?;
        store.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        let mut store = store.spawn().context("gnome-keyring-daemon does not start")?;
        let words = store.stdin.take().context("it reads what opens its collection")?;
        self.running.push(store);
        writeln!(&words, "the desktop's own")?;
        drop(words);
        let session = Builder::address(self.bus.as_str())?.build().context("the message bus")?;
        let bus = DBusProxy::new(&session)?;
        let name = BusName::try_from("org.freedesktop.secrets")?;
        until("the key store is on the bus", || bus.name_has_owner(name.as_ref()).unwrap_or(false))
    }

    /// A program on this desktop, with nothing else from the environment.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
        command.env_clear().env("PATH", path).env("LANG", "C.UTF-8").env("HOME", &self.home);
        for (name, folder) in [
            ("XDG_RUNTIME_DIR", "run"),
            ("TMPDIR", "tmp"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            command.env(name, self.home.join(folder));
        }
        if !self.display.is_empty() {
            command.env("DISPLAY", &self.display);
        }
        if !self.bus.is_empty() {
            command.env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
        }
        command.process_group(0);
        command
    }

    /// The address of the message bus.
    pub(crate) fn bus(&self) -> &str {
        &self.bus
    }

    /// The notifications that were shown since the last look.
    pub(crate) fn notices(&self) -> Vec<String> {
        self.notices.as_ref().map(Notices::take).unwrap_or_default()
    }

    /// The home folder.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// What runs here, and the end of what each of its programs has written.
    pub(crate) fn account(&self) -> String {
        let mut out = String::from("on the desktop:");
        for (pid, words) in self.processes().unwrap_or_default() {
            out += &format!("\n  {pid} {words}");
        }
        for entry in std::fs::read_dir(&self.home).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|it| it != "log") {
                continue;
            }
            let words = std::fs::read(&path).unwrap_or_default();
            let words = String::from_utf8_lossy(&words);
            let lines: Vec<_> = words.lines().collect();
            out += &format!("\n{}:", entry.file_name().display());
            for line in lines.iter().skip(lines.len().saturating_sub(LINES)) {
                out += &format!("\n  {line}");
            }
        }
        out
    }

    /// Starts a program, waits for the first line that it writes, and returns that.
    fn keep(&mut self, mut command: Command, name: &str) -> anyhow::Result<String> {
        let log = File::create(self.home.join(format!("{name}.log")))?;
        let child = command.stdout(Stdio::piped()).stderr(log).spawn();
        let mut child = child.with_context(|| format!("{name} does not start"))?;
        let out = child.stdout.take().with_context(|| format!("{name} has an output"))?;
        self.running.push(child);
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let line = line.trim().to_owned();
        ensure!(!line.is_empty(), "{name} ended; its log is in {}", self.home.display());
        Ok(line)
    }

    /// Ends everything; every app must have ended before, with all that it started.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        let mut left = Vec::new();
        // WebKit's own processes end a moment after the app.
        let ended = until("all processes of the app have ended", || {
            let all = self.processes().unwrap_or_default();
            left = all.into_iter().map(|(_, words)| words).filter(|it| is_of_app(it)).collect();
            left.is_empty()
        });
        ended.with_context(|| format!("they are: {left:?}"))
    }

    /// The processes on this desktop with their command lines.
    pub(crate) fn processes(&self) -> anyhow::Result<Vec<(Pid, String)>> {
        processes_with("DBUS_SESSION_BUS_ADDRESS", &self.bus)
    }

    fn end(&mut self) {
        self.notices = None;
        // The display goes last: whoever uses it should not see it break away.
        for mut child in self.running.drain(..).rev() {
            end_group(&mut child);
        }
        // What the bus has started for others outlives it at times.
        for (pid, _) in self.processes().unwrap_or_default() {
            kill_process(pid, Signal::KILL).unwrap_or_default();
        }
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.end();
    }
}

/// Ends a program with all that it started in its group.
pub(crate) fn end_group(child: &mut Child) {
    // It may have ended by itself.
    kill_process_group(Pid::from_child(child), Signal::KILL).unwrap_or_default();
    drop(child.wait());
}

fn is_of_app(words: &str) -> bool {
    let program = words.split(' ').next().unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or_default();
    name.starts_with("roadbook") || name.starts_with("WebKit")
}

/// The processes whose environment has a variable with a value.
fn processes_with(name: &str, value: &str) -> anyhow::Result<Vec<(Pid, String)>> {
    let wanted = format!("{name}={value}");
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let folder = entry?.path();
        let pid = folder.file_name().and_then(|name| name.to_str()?.parse::<i32>().ok());
        let pid = pid.and_then(Pid::from_raw);
        // A process that ended meanwhile, or is not ours, has nothing to read.
        let (Some(pid), Ok(environment)) = (pid, std::fs::read(folder.join("environ"))) else {
            continue;
        };
        if environment.split(|byte| *byte == 0).any(|part| part == wanted.as_bytes()) {
            let words = std::fs::read(folder.join("cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            found.push((pid, words.trim().to_owned()));
        }
    }
    Ok(found)
}
