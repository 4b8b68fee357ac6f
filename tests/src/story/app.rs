//! A device's own app while it lives: commands go to the process of `roadbook serve`, as a browser
//! sends them, so that what answered can be killed.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, ensure};
use roadbook_api::Command;
use serde_json::Value as Json;

use super::programs::{Device, text};
use super::serving::Serving;

/// An app that is served, and a session with it.
pub(crate) struct App {
    serving: Serving,
    host: String,
    cookie: String,
    csrf: String,
}

/// What the app answered.
struct Answer {
    head: String,
    body: String,
}

impl App {
    /// Starts a device's app and comes in by its link.
    pub(crate) fn start(device: &Device) -> anyhow::Result<Self> {
        let serving = Serving::start(device, None)?;
        let link = serving.link();
        let place = link.strip_prefix("http://").and_then(|rest| rest.split_once('/'));
        let (host, path) = place.with_context(|| format!("`{link}` is no link"))?;
        let host = host.to_owned();
        let entered = ask(&host, "GET", &format!("/{path}"), "", "")?;
        let cookie = entered.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("set-cookie").then(|| value.trim())
        });
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.with_context(|| format!("no cookie in {}", entered.head))?.to_owned();
        let session = ask(&host, "GET", "/api/session", &format!("cookie: {cookie}\r\n"), "")?;
        let session: Json = serde_json::from_str(&session.body)?;
        let csrf = text(&session, "/csrf")?.to_owned();
        Ok(Self { serving, host, cookie, csrf })
    }

    /// Runs a command in the app's process.
    pub(crate) fn run<C: Command>(&self, command: &C) -> anyhow::Result<C::Response> {
        let headers = format!(
            "cookie: {}\r\nx-roadbook-csrf: {}\r\ncontent-type: application/json\r\n",
            self.cookie, self.csrf
        );
        let path = format!("/api/{}", C::NAME);
        let answer = ask(&self.host, "POST", &path, &headers, &serde_json::to_string(command)?)?;
        let status = answer.head.split(' ').nth(1);
        ensure!(status == Some("200"), "{}: {} {}", C::NAME, answer.head, answer.body);
        Ok(serde_json::from_str(&answer.body)?)
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(self) -> anyhow::Result<()> {
        self.serving.kill()
    }
}

fn ask(host: &str, method: &str, path: &str, headers: &str, body: &str) -> anyhow::Result<Answer> {
    let mut stream = TcpStream::connect(host)?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer has a head")?;
    Ok(Answer { head: head.to_owned(), body: body.to_owned() })
}
