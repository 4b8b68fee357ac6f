//! The program as scripts meet it: help, bad input and exit codes, without any server.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use std::path::Path;
use std::process::{Command, Output};

/// Runs the program on a device folder, cut off from the caller's environment.
fn roadbook(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_roadbook"))
        .env_clear()
        .env("ROADBOOK_DIR", folder)
        .env("ROADBOOK_PASSPHRASE", "correct horse battery staple")
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the program ends by itself")
}

#[test]
fn help_lists_commands_and_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let help = roadbook(folder.path(), &["--help"]);
    assert_eq!(code(&help), 0);
    let text = text(&help.stdout);
    for word in ["init", "import", "conflicts", "resolve", "Exit codes:", "refused by policy"] {
        assert!(text.contains(word), "`{word}` is missing in:\n{text}");
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    let folder = tempfile::tempdir().unwrap();
    let all = text(&roadbook(folder.path(), &["--help"]).stdout);
    let (_, listed) = all.split_once("Commands:\n").unwrap();
    let (listed, _) = listed.split_once("\n\n").unwrap();
    let commands: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() > 30, "{commands:?}");
    for command in commands {
        let help = roadbook(folder.path(), &[command, "--help"]);
        assert_eq!(code(&help), 0, "{command}");
        let text = text(&help.stdout);
        assert!(text.contains(&format!("roadbook {command} ")), "{command}:\n{text}");
    }
}

#[test]
fn the_help_of_the_doctor_says_that_it_sends_unsent_work_first() {
    let folder = tempfile::tempdir().unwrap();
    let help = text(&roadbook(folder.path(), &["doctor", "--help"]).stdout);
    for words in ["syncs first: unsent work is sent", "roadbook doctor --offline"] {
        assert!(help.contains(words), "`{words}` is missing in:\n{help}");
    }
}

#[test]
fn scores_of_leads_are_in_the_help_with_what_they_are_without_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let help = text(&roadbook(folder.path(), &["score", "--help"]).stdout);
    for words in ["roadbook score --leads", "OPPORTUNITY|LEAD", "leads of its source"] {
        assert!(help.contains(words), "`{words}` is missing in:\n{help}");
    }
    for action in ["train", "refresh", "models", "pin", "unpin", "roll-back"] {
        let help = text(&roadbook(folder.path(), &["score", action, "--help"]).stdout);
        let example = format!("roadbook score {action}");
        assert!(help.contains(&example) && help.contains("--leads"), "{action}:\n{help}");
    }
}

#[test]
fn without_a_device_every_command_says_how_to_make_one() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["list", "accounts"][..],
        &["status"],
        &["sync"],
        &["set", "4f07398f", "stage=Proposal"],
        &["conflicts"],
        &["export"],
        &["score", "--leads", "--limit", "5"],
        &["score", "train", "--leads"],
        &["score", "refresh", "--leads"],
        &["score", "models", "--leads"],
        &["score", "pin", "2", "--leads"],
        &["score", "unpin", "--leads"],
        &["score", "roll-back", "--leads"],
    ] {
        let output = roadbook(folder.path(), arguments);
        assert_eq!(code(&output), 3, "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains("roadbook init"), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}: nothing is a fact yet");
    }
}

#[test]
fn bad_input_names_the_field_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, part) in [
        (&["set", "opportunity", "4f07398f", "stage"][..], "stage=Negotiation"),
        (&["set", "opportunity", "4f07398f"], "say what to set"),
        (&["show", "opportunity"], "name the record"),
        (&["show", "4f07398f", "extra"], "one word too many"),
        (&["move", "opportunity", "4f07398f"], "say where to move it"),
        (&["list", "accounts", "--limit", "0"], "--limit"),
        (&["resolve", "4f07398f"], "--take"),
        (&["resolve", "4f07398f", "--take", "1", "--value", "2"], "--value"),
        (&["frobnicate"], "frobnicate"),
    ] {
        let output = roadbook(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
}

#[test]
fn errors_are_json_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let output = roadbook(folder.path(), &["--json", "set", "4f07398f", "stage"]);
    assert_eq!(code(&output), 2);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["error"]["code"], "bad_input");
    assert_eq!(json["error"]["fields"][0]["field"], "assignment");

    for arguments in [&["create", "opportunity", "--json"][..], &["--json", "shwo"], &["--json"]] {
        let output = roadbook(folder.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["error"]["code"], "bad_input", "{arguments:?}");
        assert_ne!(json["error"]["message"], "", "{arguments:?}");
        let remedy = json["error"]["fields"][0]["remedy"].as_str().unwrap();
        assert!(remedy.contains("roadbook"), "{remedy}");
    }
}

#[test]
fn plans_are_made_on_files_without_a_device() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let x: Vec<u32> = (0..36).map(|i| 100 + i % 12).collect();
    let line = format!("{{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":{x:?}}}\n");
    std::fs::write(path("s.jsonl"), line).unwrap();
    let help = text(&roadbook(folder.path(), &["plan", "forecast", "--help"]).stdout);
    for word in ["seasonal_naive", "combination", "lstm", "dates", "intervals", "Example"] {
        assert!(help.contains(word), "`{word}` is missing in:\n{help}");
    }
    let (input, out) = (path("s.jsonl"), path("f.jsonl"));
    let call = ["plan", "forecast", "--input", &input, "--model", "theta", "--json", "--out", &out];
    let output = roadbook(folder.path(), &call);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["series"], 1);
    let line: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!(line["f"].as_array().unwrap().len(), 3);
    let piped = roadbook(folder.path(), &["plan", "clean", "--input", &input]);
    assert_eq!(code(&piped), 0);
    assert!(text(&piped.stdout).starts_with("{\"id\":\"a\""), "the series are the output");
    assert!(text(&piped.stderr).contains("repaired 0 values"), "{}", text(&piped.stderr));

    std::fs::write(path("bad.jsonl"), "{\"id\":\"a\",\"freq\":12,\"h\":3,\"x\":[NaN]}\n").unwrap();
    let bad = roadbook(
        folder.path(),
        &["plan", "forecast", "--input", &path("bad.jsonl"), "--out", &out],
    );
    assert_eq!(code(&bad), 2);
    assert!(text(&bad.stderr).contains("line 1, x"), "{}", text(&bad.stderr));
    let missing = roadbook(folder.path(), &["plan", "assign", "--input", &path("none.bin")]);
    assert_eq!(code(&missing), 1, "{}", text(&missing.stderr));

    let day = "{\"start\":[0,0],\"stops\":[{\"id\":\"a\",\"at\":[500,0],\"closes\":\"09:00\"}]}";
    std::fs::write(path("day.json"), day).unwrap();
    let late = roadbook(folder.path(), &["plan", "route", "--input", &path("day.json")]);
    assert_eq!(code(&late), 9, "{}", text(&late.stderr));
    assert!(text(&late.stderr).contains("stop a"), "{}", text(&late.stderr));
}

#[test]
fn a_model_is_trained_corrected_and_asked_on_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let rows = |rows: std::ops::Range<u32>, rare: u32| {
        let line = |row: u32| {
            let won = row * 7 % 10 + row * 13 % 5 > 6 && row.is_multiple_of(rare);
            format!("{row},{},{}\n", row * 7 % 10, if won { "yes" } else { "no" })
        };
        format!("at,visits,won\n{}", rows.map(line).collect::<String>())
    };
    std::fs::write(path("old.csv"), rows(0..500, 1)).unwrap();
    std::fs::write(path("new.csv"), rows(500..900, 3)).unwrap();
    let run = |words: &[&str]| {
        let output = roadbook(folder.path(), &[&["plan"], words].concat());
        assert_eq!(code(&output), 0, "{words:?}: {}", text(&output.stderr));
        output
    };
    let help = text(&run(&["score-recalibrate", "--help"]).stdout);
    assert!(help.contains("Example") && help.contains("later than all"), "{help}");
    let (model, card) = (path("m.rbmodel"), path("card.json"));
    let said = ["--label", "won", "--time", "at", "--model", &model];
    run(&[&["score-train", "--input", &path("old.csv")], &said[..]].concat());
    let words = ["score-recalibrate", "--input", &path("new.csv"), "--card", &card];
    let told = run(&[&words[..], &said].concat());
    let told = text(&told.stdout);
    assert!(told.contains("version 2 from version 1") && told.contains("corrected:"), "{told}");
    let card: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&card).unwrap()).unwrap();
    assert_eq!((&card["version"], &card["to"]), (&2.into(), &"899".into()));
    let words = ["score-predict", "--input", &path("new.csv"), "--model", &model];
    let scores = text(&run(&words).stdout);
    assert_eq!(scores.lines().count(), 401, "the corrected model lies in the model's place");
    let again = roadbook(
        folder.path(),
        &[&["plan", "score-recalibrate", "--input", &path("new.csv")], &said[..]].concat(),
    );
    assert_eq!(code(&again), 2, "{}", text(&again.stderr));
    assert!(text(&again.stderr).contains("no row that is later"), "{}", text(&again.stderr));
}

#[test]
fn completions_are_made_for_shells() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let output = roadbook(folder.path(), &["completions", shell]);
        assert_eq!(code(&output), 0, "{shell}");
        assert!(text(&output.stdout).contains("conflicts"), "{shell}");
    }
    assert_eq!(code(&roadbook(folder.path(), &["completions", "abacus"])), 2);
}

#[test]
fn a_password_is_never_taken_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let output = roadbook(folder.path(), &["init", "--password", "secret"]);
    assert_eq!(code(&output), 2, "other users of the machine see command lines");
    let incomplete = roadbook(folder.path(), &["init", "--server", "http://127.0.0.1:1"]);
    assert_eq!(code(&incomplete), 2);
    assert!(text(&incomplete.stderr).contains("--tenant"));
}

#[test]
fn offline_locked_and_not_enrolled_have_their_own_exits() {
    let folder = tempfile::tempdir().unwrap();
    let init = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_roadbook"))
            .env_clear()
            .env("ROADBOOK_DIR", folder.path())
            .env("ROADBOOK_PASSPHRASE", "correct horse battery staple")
            .env("ROADBOOK_PASSWORD", "secret password")
            .args(["init", "--server", "http://127.0.0.1:1", "--tenant", "acme"])
            .args(["--user", "ben", "--device-name", "Ben's phone"])
            .args(arguments)
            .output()
            .unwrap()
    };
    let offline = init(&[]);
    assert_eq!(code(&offline), 6, "{}", text(&offline.stderr));
    assert!(!text(&offline.stderr).contains("secret"), "a password is never repeated");
    let said = text(&roadbook(folder.path(), &["status"]).stdout);
    assert!(said.contains("not enrolled yet"), "the device is there and can be enrolled: {said}");
    let sync = roadbook(folder.path(), &["sync"]);
    assert_eq!(code(&sync), 8, "{}", text(&sync.stderr));
    let bad = roadbook(folder.path(), &["list", "unicorns"]);
    assert_eq!(code(&bad), 2);
    assert!(text(&bad.stderr).contains("there are: account, contact"), "{}", text(&bad.stderr));
    let missing = roadbook(folder.path(), &["--json", "show", "crm:nothing"]);
    assert_eq!(code(&missing), 3);
    let locked = Command::new(env!("CARGO_BIN_EXE_roadbook"))
        .env_clear()
        .env("ROADBOOK_PASSPHRASE", "a guess")
        .args(["--dir", folder.path().to_str().unwrap(), "status"])
        .output()
        .unwrap();
    assert_eq!(code(&locked), 7, "{}", text(&locked.stderr));
}

/// A running `roadbook serve`; killed if a test fails.
struct Serving {
    child: std::process::Child,
    lines: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
    announced: serde_json::Value,
}

impl Serving {
    fn start(folder: &Path) -> Self {
        use std::io::BufRead as _;
        let mut child = Command::new(env!("CARGO_BIN_EXE_roadbook"))
            .env_clear()
            .env("ROADBOOK_DIR", folder)
            .args(["serve", "--json"])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut lines = std::io::BufReader::new(stdout).lines();
        let line = lines.next().unwrap().unwrap();
        Self { child, lines, announced: serde_json::from_str(&line).unwrap() }
    }

    fn get(&self, url: &str) -> String {
        use std::io::{Read as _, Write as _};
        let rest = url.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // A test that stopped it has nothing left to kill.
        self.child.kill().unwrap_or_default();
        self.child.wait().map(|_| ()).unwrap_or_default();
    }
}

#[test]
fn a_served_app_lets_one_browser_in_by_each_link_and_stops_in_peace() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(folder.path());
    let open = serving.announced["open"].as_str().unwrap().to_owned();
    assert!(open.starts_with("http://127.0.0.1:"), "loopback alone: {open}");
    let opened = serving.get(&open);
    assert!(opened.starts_with("HTTP/1.1 303"), "{opened}");
    let again = serving.get(&open);
    assert!(again.starts_with("HTTP/1.1 403"), "{again}");
    let next: serde_json::Value =
        serde_json::from_str(&serving.lines.next().unwrap().unwrap()).unwrap();
    assert_ne!(next["open"], open.as_str(), "a link for the next window");
    assert!(serving.get(next["open"].as_str().unwrap()).starts_with("HTTP/1.1 303"));
    let id = serving.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
    let missing = roadbook(folder.path(), &["serve", "--ui", "/nowhere"]);
    assert_eq!(code(&missing), 2);
    assert!(text(&missing.stderr).contains("index.html"), "{}", text(&missing.stderr));
}
