//! `serve` as a process: it announces itself, answers, keeps a second one out and stops in peace.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roadbook-server"));
    command
        .env_clear()
        .env("ROADBOOK_DATA_DIR", data)
        .env("ROADBOOK_PASSWORD", "correct horse")
        .stdin(Stdio::null());
    command
}

/// A running server; killed if a test fails.
struct Running {
    child: Child,
    announced: Value,
}

impl Running {
    fn start(data: &Path) -> Self {
        let mut child = program(data)
            .args(["serve", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let announced = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut errors = String::new();
            child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
            panic!("not announced: {line}{errors}")
        });
        Self { child, announced }
    }

    fn get(&self, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(self.announced["address"].as_str().unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends a signal and waits; the exit code and what was logged.
    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that stopped it has nothing left to kill.
        self.child.kill().unwrap_or_default();
        self.child.wait().map(|_| ()).unwrap_or_default();
    }
}

fn initialized() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let status = program(folder.path()).arg("init").stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    folder
}

#[test]
fn a_served_data_directory_is_announced_and_a_signal_stops_it_in_peace() {
    let folder = initialized();
    for signal in ["-TERM", "-INT"] {
        let server = Running::start(folder.path());
        assert_eq!(server.announced["pid"], server.child.id());
        assert!(server.get("/health/ready", "").starts_with("HTTP/1.1 200"));
        let (code, log) = server.stop(signal);
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("\"message\":\"stopped\""), "{log}");
    }
}

#[test]
fn a_second_server_is_kept_out_and_commands_are_not() {
    let folder = initialized();
    let server = Running::start(folder.path());
    let second = program(folder.path()).args(["serve", "--port", "0"]).output().unwrap();
    assert_eq!(second.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another server"));
    let status = program(folder.path()).args(["status", "--json"]).output().unwrap();
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["serving"], true);
    assert_eq!(server.stop("-TERM").0, Some(0));
}

#[test]
fn logs_are_json_with_request_ids_and_without_what_was_asked() {
    let folder = initialized();
    let server = Running::start(folder.path());
    let canary = "canary-that-must-not-be-logged";
    let answer =
        server.get(&format!("/{canary}?{canary}"), &format!("Authorization: {canary}\r\n"));
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    let id =
        answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap().to_owned();
    let log = server.stop("-TERM").1;
    assert!(!log.contains(canary), "{log}");
    for line in log.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(!event["level"].is_null(), "{line}");
    }
    assert!(log.contains(&id), "the answer's request id is in the log: {log}");
}
