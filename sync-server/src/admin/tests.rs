//! The commands, run in this process on a data directory of their own.

use std::path::Path;
use std::time::Duration;

use clap::Parser as _;
use serde_json::Value;

use super::*;

const PASSWORD: &str = "correct horse";

struct StillClock;

impl Clock for StillClock {
    fn now_ms(&self) -> i64 {
        1_700_000_000_000
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

struct Counter(u64);

impl IdSource for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = self.0.to_be_bytes()[0];
        }
    }
}

/// A data directory and a command line that works on it.
struct Desk {
    folder: tempfile::TempDir,
    seed: std::cell::Cell<u64>,
    environment: Vec<(String, String)>,
}

impl Desk {
    fn new() -> Self {
        let environment = vec![("ROADBOOK_PASSWORD".to_owned(), PASSWORD.to_owned())];
        let folder = tempfile::tempdir().unwrap();
        Self { folder, seed: std::cell::Cell::new(1), environment }
    }

    fn with_tenant() -> Self {
        let desk = Self::new();
        desk.done("init");
        desk
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command in JSON; words are split at spaces.
    fn run(&self, line: &str, input: &str) -> (Exit, Value) {
        let root = self.root().join("data");
        let words = line.split(' ').map(|word| word.replace('_', " "));
        let mut all =
            vec!["roadbook-server".to_owned(), "--json".to_owned(), "--data-dir".to_owned()];
        all.push(root.display().to_string());
        all.extend(words);
        let arguments = Arguments::try_parse_from(all).unwrap();
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let ids = || -> Box<dyn IdSource + Send> {
            self.seed.set(self.seed.get() + 1);
            Box::new(Counter(self.seed.get()))
        };
        let mut host = Host {
            clock: Arc::new(StillClock),
            ids: &ids,
            environment: self.environment.clone(),
            ask_password: &|_| Ok(None),
            input: &mut input.as_bytes(),
            output: &mut output,
            errors: &mut errors,
        };
        let exit = run(&arguments, &mut host);
        assert_eq!(exit == Exit::Done, errors.is_empty(), "{line}");
        let printed = if exit == Exit::Done { output } else { errors };
        (exit, serde_json::from_slice(&printed).unwrap())
    }

    fn done(&self, line: &str) -> Value {
        let (exit, value) = self.run(line, "");
        assert_eq!(exit, Exit::Done, "{line}: {value}");
        value
    }

    fn refused(&self, line: &str) -> (Exit, String) {
        let (exit, value) = self.run(line, "");
        let error = &value["error"];
        for key in ["message", "remedy"] {
            assert!(error[key].as_str().is_some_and(|words| !words.is_empty()), "{line}: {value}");
        }
        (exit, error["code"].as_str().unwrap().to_owned())
    }

    fn tenant(&self) -> Tenant {
        DataDir::new(self.root().join("data")).open("main", StillClock.now_ms()).unwrap()
    }
}

/// The words of a command line; double quotes keep words together.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('"').enumerate();
    let pieces = quoted.flat_map(|(at, piece)| match at % 2 {
        0 => piece.split_whitespace().map(str::to_owned).collect(),
        _ => vec![piece.to_owned()],
    });
    pieces.collect()
}

#[test]
fn every_command_has_help_with_an_example_that_can_be_run() {
    fn walk(command: &clap::Command, path: &str, seen: &mut Vec<String>) {
        let help = command.clone().render_long_help().to_string();
        let lines = help.lines().map(str::trim);
        let examples: Vec<&str> =
            lines.filter(|line| line.starts_with("roadbook-server ")).collect();
        let is_own = |line: &&str| *line == path || line.starts_with(&format!("{path} "));
        assert!(examples.iter().any(is_own), "`{path} --help` shows no example:\n{help}");
        for line in examples {
            let parsed = Arguments::try_parse_from(words(line));
            parsed.unwrap_or_else(|error| panic!("the help of `{path}` shows `{line}`: {error}"));
        }
        seen.push(path.to_owned());
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            walk(below, &format!("{path} {}", below.get_name()), seen);
        }
    }
    let mut seen = Vec::new();
    walk(&<Arguments as clap::CommandFactory>::command(), "roadbook-server", &mut seen);
    assert!(seen.len() > 30, "{seen:?}");
}

fn failure(exit: Exit, code: &str) -> (Exit, String) {
    (exit, code.to_owned())
}

#[test]
fn init_makes_a_tenant_with_keys_and_an_administrator_and_keeps_no_recovery_key() {
    let desk = Desk::new();
    let made = desk.done("init --admin Boss");
    assert_eq!((&made["tenant"], &made["admin"]["login"]), (&"main".into(), &"boss".into()));
    let private = made["recovery_private_key"].as_str().unwrap();
    assert_eq!(private.len(), 64);
    let bytes: Vec<u8> = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&private[at..at + 2], 16).unwrap())
        .collect();
    for entry in std::fs::read_dir(desk.root().join("data/tenants")).unwrap() {
        let file = std::fs::read(entry.unwrap().path()).unwrap();
        let found = file.windows(32).any(|window| window == bytes);
        assert!(!found, "the private half is stored nowhere");
    }
    let tenant = desk.tenant();
    let credential = tenant.credential("boss").unwrap().unwrap();
    assert!(crate::identity::password::is_right(PASSWORD, Some(&credential.password_hash)));
    assert!(!tenant.has_demo_identities().unwrap());
    assert_eq!(desk.refused("init"), failure(Exit::Refused, "tenant_exists"));
}

#[test]
fn a_tenant_without_an_administrator_is_not_left_behind() {
    let desk = Desk::new();
    let (exit, value) = desk.run("init --admin-name two\nlines", "");
    assert_ne!(exit, Exit::Done, "{value}");
    assert_eq!(desk.refused("init --admin-name _"), failure(Exit::Usage, "no_name"));
    assert_eq!(desk.done("tenant list")["tenants"], serde_json::json!([]));
    desk.done("init");
}

#[test]
fn a_dry_run_writes_nothing() {
    let desk = Desk::new();
    assert_eq!(desk.done("init --dry-run")["dry_run"], true);
    assert!(!desk.root().join("data").exists());
    let desk = Desk::with_tenant();
    let before = desk.done("status");
    for line in [
        "user add Ana --login ana --role Rep --dry-run",
        "user set-password admin --dry-run",
        "user change admin --role Rep --dry-run",
        "team add Blue --lead admin --dry-run",
        "territory add North --dry-run",
        "backup --dry-run",
    ] {
        assert_eq!(desk.done(line)["dry_run"], true, "{line}");
    }
    assert_eq!(desk.done("status"), before);
    assert!(!desk.root().join("data/backups").exists());
}

#[test]
fn users_teams_and_territories_are_made_found_and_listed() {
    let desk = Desk::with_tenant();
    let north = desk.done("territory add North");
    let city = desk.done("territory add City --parent north");
    assert_eq!(city["parent"], north["id"]);
    let ana = desk.done("user add Ana_Silva --login Ana --role senior_rep --territory city");
    assert_eq!((&ana["role"], &ana["territory"]), (&"Senior rep".into(), &city["id"]));
    let team = desk.done("team add Blue --lead admin --member ana");
    assert_eq!(team["members"][0], ana["id"]);
    let team = desk.done("team change blue --remove Ana_Silva --lead ana");
    assert_eq!((&team["lead"], team["members"].as_array().unwrap().len()), (&ana["id"], 0));
    let changed = desk.done("user change ana --role Manager --no-territory --deactivate");
    assert_eq!(changed["role"], "Manager");
    assert_eq!((&changed["territory"], &changed["active"]), (&Value::Null, &false.into()));
    let users = desk.done("user list");
    assert!(users["users"].as_array().unwrap().contains(&serde_json::json!({
        "id": ana["id"], "name": "Ana Silva", "login": "ana", "role": "Manager",
        "territory": null, "active": false, "external_ids": [],
    })));
    assert_eq!(desk.done("territory list")["territories"].as_array().unwrap().len(), 2);
    assert_eq!(desk.done("team list")["teams"][0]["name"], "Blue");
}

#[test]
fn bad_input_has_a_code_and_an_exit_code() {
    let desk = Desk::with_tenant();
    desk.done("user add Ana --login ana --role Rep");
    for (line, exit, code) in [
        ("user add Ben --role Boss", Exit::Usage, "unknown_role"),
        ("user add Ben --login ANA --role Rep", Exit::Refused, "login_taken"),
        ("user add Ben --role Rep --territory Nowhere", Exit::NotFound, "not_found"),
        ("user change ana", Exit::Usage, "nothing_to_do"),
        ("user set-password nobody", Exit::NotFound, "not_found"),
        ("team change Blue", Exit::NotFound, "not_found"),
        ("device revoke nonsense", Exit::Usage, "bad_id"),
        ("device revoke 0192f0c1-2b7a-7cc3-98c4-dc0c0c07398f", Exit::NotFound, "not_found"),
        ("status --tenant other", Exit::NotFound, "no_tenant"),
        ("init --tenant Bad.Name", Exit::Usage, "bad_name"),
        ("config check --config /nowhere/x.toml", Exit::Configuration, "no_config_file"),
    ] {
        assert_eq!(desk.refused(line), failure(exit, code), "{line}");
    }
    let long = format!("user add Ben --role Rep --login {}", "b".repeat(257));
    assert_eq!(desk.refused(&long), failure(Exit::Usage, "bad_login"));
    let empty = Desk::new();
    assert_eq!(empty.refused("user list"), failure(Exit::NotFound, "no_tenant"));
    assert_eq!(empty.refused("serve"), failure(Exit::NotFound, "no_tenant"));
}

#[test]
fn several_tenants_must_be_named() {
    let desk = Desk::with_tenant();
    desk.done("init --tenant second");
    assert_eq!(desk.refused("user list"), failure(Exit::Usage, "which_tenant"));
    assert_eq!(desk.done("user list --tenant second")["users"].as_array().unwrap().len(), 1);
    let tenants = desk.done("tenant list");
    let names: Vec<_> =
        tenants["tenants"].as_array().unwrap().iter().map(|tenant| &tenant["name"]).collect();
    assert_eq!(names, ["main", "second"]);
    assert_eq!(desk.done("status")["tenants"].as_array().unwrap().len(), 2);
}

#[test]
fn passwords_come_from_standard_input_or_the_environment_and_must_be_long() {
    let mut desk = Desk::with_tenant();
    let add = "user add Ana --login ana --role Rep --password-stdin";
    assert_eq!(desk.run(add, "short\n").0, Exit::Refused);
    assert_eq!(desk.run(add, "from standard input\n").0, Exit::Done);
    let is_right = |password: &str| {
        let hash = desk.tenant().credential("ana").unwrap().unwrap().password_hash;
        crate::identity::password::is_right(password, Some(&hash))
    };
    assert!(is_right("from standard input"));
    desk.done("user set-password ana");
    assert!(is_right(PASSWORD) && !is_right("from standard input"));
    desk.environment.clear();
    let refused = desk.refused("user set-password ana");
    assert_eq!(refused, failure(Exit::Usage, "no_password"));
}

#[test]
fn demo_identities_are_flagged() {
    let desk = Desk::with_tenant();
    desk.done("user add Demo --login demo --role Rep --demo");
    assert!(desk.tenant().has_demo_identities().unwrap());
    assert_eq!(
        desk.refused("serve --listen 0.0.0.0:0"),
        failure(Exit::Refused, "demo_beyond_loopback")
    );
}

#[test]
fn a_backup_is_whole_private_and_never_overwrites() {
    let desk = Desk::with_tenant();
    let to = desk.root().join("copy.db");
    let line = format!("backup --to {}", to.display());
    let report = desk.done(&line);
    assert_eq!(report["bytes"], std::fs::metadata(&to).unwrap().len());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&to).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds keys");
    }
    assert_eq!(desk.refused(&line), failure(Exit::Refused, "file_exists"));
    let named = desk.done("backup")["path"].as_str().unwrap().to_owned();
    assert!(named.ends_with("/backups/main-20231114T221320Z.db"), "{named}");
    let restored = Desk::new();
    let dir = DataDir::new(restored.root().join("data"));
    dir.make().unwrap();
    std::fs::copy(&to, dir.path_of("main").unwrap()).unwrap();
    let before = desk.done("status")["tenants"][0]["restore_epoch"].as_u64().unwrap();
    let after = restored.done("status")["tenants"][0]["restore_epoch"].as_u64().unwrap();
    assert!(after > before, "a restored tenant has a new restore epoch");
}

#[test]
fn a_backup_that_was_cut_off_does_not_hinder_the_next_one() {
    let desk = Desk::with_tenant();
    let left = desk.root().join("main.partial");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("tenant.db"), "cut off in the middle").unwrap();
    let nowhere = desk.root().join("copy.db").join("");
    let refused = desk.refused(&format!("backup --to {}", nowhere.display()));
    assert_eq!(refused, failure(Exit::Failed, "io"), "a file cannot take a folder's name");
    assert_eq!(desk.done("status")["tenants"][0]["backup_watermark"], 0, "there is no backup");
    let to = desk.root().join("copy.db");
    let report = desk.done(&format!("backup --to {}", to.display()));
    let watermark = &desk.done("status")["tenants"][0]["backup_watermark"];
    assert_eq!(watermark, &report["head"]);
    assert!(!left.exists());
}

#[test]
fn a_wrong_setting_is_named_before_anything_is_done() {
    let mut desk = Desk::with_tenant();
    desk.environment.push(("ROADBOOK_LOG_FORMAT".to_owned(), "loud".to_owned()));
    let (exit, value) = desk.run("user list", "");
    assert_eq!(exit, Exit::Configuration);
    assert_eq!(value["error"]["details"][0]["key"], "log.format");
}

#[test]
fn a_restore_puts_a_backup_in_place_and_keeps_what_was_there() {
    let desk = Desk::with_tenant();
    let backup = desk.root().join("backup.db");
    let to = backup.display().to_string();
    let head = desk.done(&format!("backup --to {to}"))["head"].clone();
    desk.done("territory add North");
    let epoch = desk.tenant().restore_epoch();
    let dry = desk.done(&format!("restore {to} --dry-run"));
    assert_eq!((&dry["dry_run"], &dry["head"]), (&true.into(), &head));
    assert_eq!(desk.done("territory list")["territories"].as_array().unwrap().len(), 1);
    let held = DataDir::new(desk.root().join("data")).lock().unwrap();
    assert_eq!(desk.refused(&format!("restore {to}")), failure(Exit::Refused, "locked"));
    drop(held);
    let done = desk.done(&format!("restore {to}"));
    assert!(done["restore_epoch"].as_u64().unwrap() > epoch);
    assert!(desk.done("territory list")["territories"].as_array().unwrap().is_empty());
    let replaced = Path::new(done["replaced"].as_str().unwrap());
    assert!(Tenant::open(replaced, 0).unwrap().territories().unwrap().len() == 1, "kept aside");
    assert!(backup.exists(), "the backup stays");
}

#[test]
fn a_restore_takes_nothing_but_a_backup_of_this_tenant() {
    let desk = Desk::with_tenant();
    let at = |name: &str| desk.root().join(name).display().to_string();
    assert_eq!(
        desk.refused(&format!("restore {}", at("nothing.db"))),
        failure(Exit::NotFound, "no_file")
    );
    std::fs::write(at("notes.db"), "some notes, much longer than nothing").unwrap();
    let (_, code) = desk.refused(&format!("restore {}", at("notes.db")));
    assert_eq!(code, "not_a_tenant");
    let live = desk.root().join("data/tenants/main.db").display().to_string();
    std::fs::copy(live, at("live.db")).unwrap();
    assert_eq!(
        desk.refused(&format!("restore {}", at("live.db"))),
        failure(Exit::Refused, "not_a_backup")
    );
    desk.done(&format!("backup --to {}", at("backup.db")));
    desk.done("init --tenant other");
    assert_eq!(
        desk.refused(&format!("restore {} --tenant other", at("backup.db"))),
        failure(Exit::Refused, "other_tenant")
    );
}

#[test]
fn the_quarantine_is_listed_and_what_is_not_there_is_told() {
    let desk = Desk::with_tenant();
    assert!(desk.done("quarantine list --all")["quarantine"].as_array().unwrap().is_empty());
    let id = "0192f0c1-2b7a-7cc3-98c4-dc0c0c07398f";
    for line in [
        format!("quarantine show {id}"),
        format!("quarantine readmit {id} --reason why"),
        format!("quarantine drop {id} --note why"),
    ] {
        assert_eq!(desk.refused(&line), failure(Exit::NotFound, "not_found"), "{line}");
    }
    assert_eq!(desk.refused("quarantine show nonsense"), failure(Exit::Usage, "bad_id"));
    let blank = format!("quarantine drop {id} --note _");
    assert_eq!(desk.refused(&blank), failure(Exit::Usage, "no_reason"));
}

#[test]
fn the_quarantine_is_shown_dropped_and_listed_with_its_note() {
    let desk = Desk::with_tenant();
    let intent = roadbook_domain::IntentId::from_bytes([7; 16]);
    let tenant = desk.tenant();
    let user = tenant.users().unwrap()[0].id;
    let id = roadbook_domain::DeviceId::from_bytes([9; 16]);
    let key = ed25519_dalek::SigningKey::from_bytes(&[5; 32]).verifying_key().to_bytes();
    let new = crate::tenant::NewDevice { id, user, name: "phone".into(), public_key: key };
    let device = tenant.enrol(&new, 0).unwrap();
    let item = roadbook_sync_protocol::Quarantined {
        intent,
        envelope: vec![1, 2, 3],
        reason: "revoked".into(),
    };
    tenant.surrender(&device, vec![item], 5).unwrap();
    drop(tenant);
    let listed = desk.done("quarantine list")["quarantine"][0].clone();
    assert_eq!((&listed["device_name"], &listed["reason"]), (&"phone".into(), &"revoked".into()));
    assert_eq!(listed["readable"], false, "it is no envelope, and says so");
    let shown = desk.done(&format!("quarantine show {intent}"));
    assert!(shown["parts"].as_array().unwrap().is_empty());
    let refused = desk.refused(&format!("quarantine readmit {intent} --reason why"));
    assert_eq!(refused, failure(Exit::Refused, "not_its_own"));
    assert_eq!(desk.done(&format!("quarantine drop {intent} --note x --dry-run"))["dry_run"], true);
    desk.done(&format!("quarantine drop {intent} --note broken"));
    assert!(desk.done("quarantine list")["quarantine"].as_array().unwrap().is_empty());
    let all = desk.done("quarantine list --all")["quarantine"][0].clone();
    assert_eq!((&all["settled"], &all["note"]), (&"dropped".into(), &"broken".into()));
    let again = desk.refused(&format!("quarantine drop {intent} --note twice"));
    assert_eq!(again, failure(Exit::Refused, "settled"));
}
