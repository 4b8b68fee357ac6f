//! What the page in the window cannot do, tried by the page itself: it has the commands of its
//! screens, each by its name, and the app's events. No file, shell or network, nothing from elsewhere,
//! and none of the commands that only the command line has.

use anyhow::Context as _;
use roadbook_api::commands::{NOT_FOR_PAGES, of_pages};
use serde_json::{Value as Json, json};

use super::super::Stage;
use super::super::driver::Window;
use super::super::person::Rep;
use crate::story::Tell;
use crate::story::check;

/// Powers of the shell and its plugins; none is the page's.
const POWERS: [(&str, &str); 14] = [
    ("plugin:event|emit", r#"{ "event": "roadbook", "payload": {} }"#),
    ("plugin:event|emit_to", r#"{ "target": { "kind": "Any" }, "event": "roadbook" }"#),
    ("plugin:window|create", r#"{ "options": { "label": "other" } }"#),
    ("plugin:webview|create_webview_window", r#"{ "options": { "label": "other" } }"#),
    ("plugin:window|set_title", r#"{ "value": "x" }"#),
    ("plugin:app|version", "{}"),
    ("plugin:path|resolve_directory", r#"{ "directory": 21 }"#),
    ("plugin:notification|notify", r#"{ "options": { "title": "x" } }"#),
    ("plugin:deep-link|register", r#"{ "protocol": "https" }"#),
    ("plugin:window-state|save_window_state", r#"{ "flags": 1 }"#),
    ("plugin:fs|read_text_file", r#"{ "path": "/etc/passwd" }"#),
    ("plugin:shell|execute", r#"{ "program": "sh" }"#),
    ("plugin:http|fetch", r#"{ "clientConfig": {} }"#),
    ("no_such_command", "{}"),
];

/// Plays it.
pub(crate) fn play(stage: &Stage<'_>, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("In the window: what the page cannot do");
    let rep = Rep::new(stage)?;
    let window = rep.open(stage)?;
    window.says("Set up this device")?;
    let commands = of_pages();
    for name in &commands {
        let said = invoke(&window, name, "{ \"request\": {} }")?;
        // The app's own answer, be it a refusal, is an object with a code, or what was asked for.
        let answered = said.get("ok").is_some() || said.pointer("/no/code").is_some();
        anyhow::ensure!(answered, "the page may not call {name}: {said}");
    }
    tell.fact(&format!("it can call each of the {} commands of its screens", commands.len()));
    let others = NOT_FOR_PAGES.iter().map(|name| (*name, "{ \"request\": {} }"));
    for (name, arguments) in others.chain(POWERS) {
        let said = invoke(&window, name, arguments)?;
        let refused = said.get("no").and_then(Json::as_str).unwrap_or_default();
        let so = refused.contains("not allowed") || refused.contains("not found");
        anyhow::ensure!(so, "the page was not refused {name}: {said}");
    }
    tell.fact(&format!("none of {} powers of the shell is its own", POWERS.len()));
    tell.fact(&format!("nor any of {} commands that no screen has", NOT_FOR_PAGES.len()));
    let server = format!("http://{}/", stage.company.server.address);
    nothing_from_elsewhere(&window, &server, tell)?;
    nowhere_else(&window, &server, tell)?;
    window.close()
}

/// Calls a command as the page does; `ok` with its answer, or `no` with the refusal.
fn invoke(window: &Window, name: &str, arguments: &str) -> anyhow::Result<Json> {
    let name = json!(name);
    window.asks(&format!(
        "window.__TAURI_INTERNALS__.invoke({name}, {arguments})
            .then((ok) => ({{ ok: ok ?? null }}), (no) => ({{ no }}))"
    ))
}

fn nothing_from_elsewhere(
    window: &Window,
    server: &str,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    let address = json!(server);
    let fetched = window.asks(&format!(
        "fetch({address}, {{ mode: 'no-cors' }}).then(() => 'came', () => 'refused')"
    ))?;
    check::equal(tell, "it cannot fetch from the server", &fetched, &json!("refused"))?;
    let pictured = window.asks(&format!(
        "new Promise((done) => {{
            const picture = new Image();
            document.addEventListener('securitypolicyviolation',
                (it) => done(it.effectiveDirective), {{ once: true }});
            picture.onload = () => done('came');
            picture.src = {address} + 'x.png';
        }})"
    ))?;
    check::equal(tell, "nor show a picture from there", &pictured, &json!("img-src"))?;
    let ran = window.asks(
        "new Promise((done) => {
            document.addEventListener('securitypolicyviolation',
                (it) => done(it.effectiveDirective), { once: true });
            const script = document.createElement('script');
            script.textContent = 'window.planted = true';
            document.head.append(script);
            if (window.planted) done('ran');
        })",
    )?;
    let ran = ran.as_str().unwrap_or_default().starts_with("script-src");
    check::holds(tell, "a script put into it does not run", ran)?;
    let framed = window.asks(&format!(
        "new Promise((done) => {{
            document.addEventListener('securitypolicyviolation',
                (it) => done(it.effectiveDirective), {{ once: true }});
            const frame = document.createElement('iframe');
            frame.src = {address};
            document.body.append(frame);
        }})"
    ))?;
    check::equal(tell, "nor can it frame another page", &framed, &json!("frame-src"))
}

fn nowhere_else(window: &Window, server: &str, tell: &mut dyn Tell) -> anyhow::Result<()> {
    let address = json!(server);
    let opened = window.run(&format!("return window.open({address}) === null"))?;
    check::equal(tell, "it opens no other window", &opened, &json!(true))?;
    // What the page asks of the shell is answered in turn: when the command is, the page has been
    // refused the other place already.
    window.asks(&format!(
        "new Promise((done) => setTimeout(() => {{
            location.assign({address});
            setTimeout(() => window.__TAURI_INTERNALS__.invoke('show_session', {{ request: {{}} }})
                .then(done, done), 0);
        }}, 0))"
    ))?;
    window.wait("the page goes on", "document.querySelector('#entry-server')")?;
    let host = window.run("return location.protocol + location.host")?;
    let host = host.as_str().context("the page has an address")?.to_owned();
    check::equal(tell, "and goes nowhere else", &host, &"tauri:localhost".to_owned())
}
