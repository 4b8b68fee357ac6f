//! A window of the app under WebKitGTK's driver (W3C WebDriver), and what can be done in it.
//!
//! Waiting is the page's: a script ends as soon as what it looks for is there. A window that is
//! dropped is killed.
#![allow(clippy::disallowed_methods, reason = "it waits for a real window")]

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value as Json, json};

use super::desktop::{Desktop, end_group};
use super::pictures::from_base64;
use super::wire;

/// What is waited for must come within this time, on a machine with other work.
const PATIENCE: Duration = Duration::from_secs(120);
/// The name of an element in WebDriver's JSON (W3C WebDriver, 12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How a window is opened.
pub(crate) struct Opening<'a> {
    /// The folder of the programs.
    pub(crate) programs: &'a Path,
    /// The device's folder.
    pub(crate) device: &'a Path,
    /// What unlocks it, where nobody shall be asked.
    pub(crate) passphrase: Option<&'a str>,
    /// The address that it is opened with.
    pub(crate) address: Option<&'a str>,
}

/// A window.
pub(crate) struct Window {
    driver: Child,
    at: SocketAddr,
    session: String,
    pid: Pid,
}

impl Window {
    /// Opens the app in a window.
    pub(crate) fn open(desktop: &Desktop, opening: &Opening<'_>) -> anyhow::Result<Self> {
        let at = free_port()?;
        let log = log(desktop)?;
        let mut command = desktop.command("WebKitWebDriver");
        command.arg(format!("--port={}", at.port())).env("TAURI_WEBVIEW_AUTOMATION", "true");
        if let Some(words) = opening.passphrase {
            command.env("ROADBOOK_PASSPHRASE", words);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let driver = command.spawn().context("WebKitWebDriver does not start")?;
        let pid = Pid::from_child(&driver);
        let mut window = Self { driver, at, session: String::new(), pid };
        wait_for_port(at)?;
        window.begin(opening)?;
        Ok(window)
    }

    fn begin(&mut self, opening: &Opening<'_>) -> anyhow::Result<()> {
        let binary = opening.programs.join("roadbook-window");
        let mut arguments = vec!["--dir".to_owned(), opening.device.display().to_string()];
        arguments.extend(opening.address.map(str::to_owned));
        let asked = json!({ "capabilities": { "alwaysMatch": {
            // Both are needed: Tauri's engine by this name, and the program to start.
            "browserName": "wry",
            "webkitgtk:browserOptions": { "binary": binary, "args": arguments },
        }}});
        let made = wire::send(self.at, "POST", "/session", &asked).context("the window opens")?;
        let session = made.get("sessionId").and_then(Json::as_str);
        self.session = session.context("the driver names the session")?.to_owned();
        self.pid = child_of(Pid::from_child(&self.driver), "roadbook-window")?;
        let patience = u64::try_from(PATIENCE.as_millis())?;
        self.post("/timeouts", &json!({ "script": patience, "pageLoad": patience }))?;
        Ok(())
    }

    fn post(&self, path: &str, body: &Json) -> anyhow::Result<Json> {
        wire::send(self.at, "POST", &format!("/session/{}{path}", self.session), body)
    }

    /// The process of the app.
    pub(crate) const fn pid(&self) -> Pid {
        self.pid
    }

    /// Gives the window another size, in pixels.
    pub(crate) fn resize(&self, width: u32, height: u32) -> anyhow::Result<()> {
        self.post("/window/rect", &json!({ "width": width, "height": height }))?;
        self.wait("the window has its size", &format!("innerWidth === {width}"))?;
        Ok(())
    }

    /// The width and height of the page.
    pub(crate) fn size(&self) -> anyhow::Result<Json> {
        self.run("return [innerWidth, innerHeight]")
    }

    /// Runs a script in the page and returns what it returns.
    pub(crate) fn run(&self, script: &str) -> anyhow::Result<Json> {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until an expression of the page is true, or anything that is not nothing; returns it.
    pub(crate) fn wait(&self, what: &str, expression: &str) -> anyhow::Result<Json> {
        // Changes of the page are seen at once; the focus and what is typed change nothing there.
        let script = format!(
            "const done = arguments[arguments.length - 1];
            const look = () => {{ try {{ return {expression}; }} catch (_) {{ return null; }} }};
            const first = look();
            if (first) {{ done(first); return; }}
            const end = (value) => {{ clearInterval(again); changes.disconnect(); done(value); }};
            const check = () => {{ const value = look(); if (value) end(value); }};
            const changes = new MutationObserver(check);
            const all = {{ subtree: true, childList: true, attributes: true, characterData: true }};
            changes.observe(document, all);
            const again = setInterval(check, 50);
            setTimeout(() => end(null), {});",
            (PATIENCE - Duration::from_secs(5)).as_millis()
        );
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.post("/execute/async", &json!({ "script": script, "args": [] }));
            match found {
                Ok(Json::Null) => {}
                Ok(value) => return Ok(value),
                // The page is being loaded: the script went with the one before.
                Err(error) if Instant::now() > until => return Err(error.context(what.to_owned())),
                Err(_) => continue,
            }
            let text = self.text("body").unwrap_or_default();
            bail!("waited in vain until {what}; the page says:\n{text}");
        }
    }

    /// Waits for a promise of the page; it must keep it.
    pub(crate) fn asks(&self, promise: &str) -> anyhow::Result<Json> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
            ({promise}).then(done, (error) => done({{ failed: String(error) }}));"
        );
        self.post("/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// Waits until the page says a text.
    pub(crate) fn says(&self, text: &str) -> anyhow::Result<()> {
        let wanted = Json::String(text.to_owned());
        self.wait(
            &format!("the page says “{text}”"),
            &format!("document.body.innerText.includes({wanted})"),
        )?;
        Ok(())
    }

    /// The text of the first element of a kind.
    pub(crate) fn text(&self, css: &str) -> anyhow::Result<String> {
        let css = Json::String(css.to_owned());
        let found = self.run(&format!("return document.querySelector({css})?.innerText"))?;
        Ok(found.as_str().with_context(|| format!("nothing is {css}"))?.to_owned())
    }

    /// How many elements of a kind are on the page.
    pub(crate) fn count(&self, css: &str) -> anyhow::Result<u64> {
        let css = Json::String(css.to_owned());
        let found = self.run(&format!("return document.querySelectorAll({css}).length"))?;
        found.as_u64().context("a number of elements")
    }

    /// Presses what has a name: a button, a link or a choice, as soon as it can be pressed.
    pub(crate) fn press(&self, name: &str) -> anyhow::Result<()> {
        self.press_in("", name)
    }

    /// Presses what has a name inside an element.
    pub(crate) fn press_in(&self, css: &str, name: &str) -> anyhow::Result<()> {
        let wanted = Json::String(name.to_owned());
        let within = Json::String(format!(
            "{css} button, {css} a[href], {css} [role=tab], {css} [role=menuitem], {css} label"
        ));
        let found = format!(
            "[...document.querySelectorAll({within})].find((it) => {{
                const kbd = it.querySelector('kbd')?.innerText ?? '';
                const text = it.innerText.replace(kbd, '').trim();
                return [it.getAttribute('aria-label'), it.title, text].includes({wanted})
                    && !it.disabled && it.offsetWidth > 0; }})"
        );
        self.click(&format!("“{name}”"), &found)
    }

    /// Presses the first element of a kind, as soon as it is there.
    pub(crate) fn press_on(&self, css: &str) -> anyhow::Result<()> {
        self.click(css, &format!("document.querySelector({})", Json::String(css.to_owned())))
    }

    /// Types into a field in the place of what stands there.
    pub(crate) fn fill(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let wanted = Json::String(text.to_owned());
        let css = Json::String(css.to_owned());
        // A dialog that opens puts the focus where it thinks best; what is typed comes after that.
        self.wait(
            &format!("{css} can be typed into"),
            &format!(
                "[document.querySelector({css})].find((it) => {{
                    const dialog = it.closest('[role=dialog]');
                    return !dialog || dialog.contains(document.activeElement); }})"
            ),
        )?;
        // Not the driver's own clearing: it takes the focus away, which ends an edit in place.
        self.run(&format!("const it = document.querySelector({css}); it.focus(); it.select();"))?;
        let strokes: Vec<String> = text.chars().map(String::from).collect();
        self.keys(&strokes.iter().map(String::as_str).collect::<Vec<_>>())?;
        let what = format!("{css} holds what was typed");
        self.wait(&what, &format!("document.querySelector({css}).value === {wanted}"))?;
        Ok(())
    }

    /// Presses keys one after the other, wherever the focus is.
    pub(crate) fn keys(&self, keys: &[&str]) -> anyhow::Result<()> {
        let strokes = keys
            .iter()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })));
        let strokes: Vec<Json> = strokes.collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keys", "actions": strokes }] });
        self.post("/actions", &actions)?;
        Ok(())
    }

    /// A picture of the page, once what it has is painted.
    pub(crate) fn picture(&self) -> anyhow::Result<Vec<u8>> {
        self.asks(
            "document.fonts.ready.then(() => new Promise((done) =>
                requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))",
        )?;
        let path = format!("/session/{}/screenshot", self.session);
        let taken = wire::send(self.at, "GET", &path, &Json::Null)?;
        from_base64(taken.as_str().context("a picture")?)
    }

    /// Ends the app as `kill -9` does.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        kill_process(self.pid, Signal::KILL)?;
        self.end();
        Ok(())
    }

    /// Ends the app as the end of a desktop's session does, and waits until it has ended.
    pub(crate) fn close(mut self) -> anyhow::Result<()> {
        kill_process(self.pid, Signal::TERM)?;
        let gone = |pid: Pid| !Path::new(&format!("/proc/{}", pid.as_raw_nonzero())).exists();
        until("the app has ended", || gone(self.pid))?;
        self.end();
        Ok(())
    }

    /// Presses what an expression finds, once it stands still: it is the same in the same place twice
    /// in a row. If the page was read again between finding and pressing, it is looked for again.
    fn click(&self, what: &str, found: &str) -> anyhow::Result<()> {
        let still = format!(
            "((it) => {{ if (!it) return null;
                const place = JSON.stringify(it.getBoundingClientRect());
                const stands = it.stoodAt === place;
                it.stoodAt = place;
                return stands && it; }})({found})"
        );
        for tries in 1.. {
            let element = self.wait(&format!("{what} can be pressed"), &still)?;
            match self.post(&format!("/element/{}/click", id(&element)?), &json!({})) {
                Err(error) if tries < 5 && format!("{error:#}").contains("stale element") => {}
                pressed => return pressed.map(drop).with_context(|| format!("press {what}")),
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        // The app is in the driver's group.
        end_group(&mut self.driver);
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.end();
    }
}

fn id(element: &Json) -> anyhow::Result<&str> {
    element.get(ELEMENT).and_then(Json::as_str).with_context(|| format!("{element} is no element"))
}

fn log(desktop: &Desktop) -> anyhow::Result<File> {
    let file = desktop.home().join("window.log");
    Ok(File::options().append(true).create(true).open(file)?)
}

fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").context("a free port")?.local_addr()?)
}

fn wait_for_port(at: SocketAddr) -> anyhow::Result<()> {
    until("the driver listens", || TcpStream::connect(at).is_ok())
}

/// Looks again and again at something outside the page that gives no sign when it is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        ensure!(Instant::now() < end, "waited in vain until {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    Ok(())
}

/// The process of a name that a process started.
fn child_of(parent: Pid, name: &str) -> anyhow::Result<Pid> {
    let parent = parent.as_raw_nonzero().to_string();
    for entry in std::fs::read_dir("/proc")? {
        let folder = entry?.path();
        let Ok(stat) = std::fs::read_to_string(folder.join("stat")) else {
            continue;
        };
        let words = std::fs::read(folder.join("cmdline")).unwrap_or_default();
        let program = words.split(|byte| *byte == 0).next().unwrap_or_default();
        // After the name in brackets: the state, then the parent (proc(5)).
        let of_parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
        if of_parent == Some(&parent) && String::from_utf8_lossy(program).ends_with(name) {
            let pid = stat.split_whitespace().next().and_then(|pid| pid.parse().ok());
            return pid.and_then(Pid::from_raw).context("a process has a number");
        }
    }
    bail!("the driver started no {name}")
}
