//! `roadbook-server`: the host of the sync server. Reads the clock, the environment, randomness
//! and the terminal, and passes them on; everything else lives in the library.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use clap::Parser as _;
use roadbook_server::admin::{Arguments, Host, run};
use roadbook_server::host::Clock;
use roadbook_server::ids::IdSource;

struct SystemClock {
    started: Instant,
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the host is where the clock is read")]
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

struct SystemRandom;

impl IdSource for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "the host is where chance comes from")]
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}

fn ask_password(words: &str) -> std::io::Result<Option<String>> {
    if std::io::stdin().is_terminal() {
        rpassword::prompt_password(words).map(Some)
    } else {
        Ok(None)
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    #[expect(clippy::disallowed_methods, reason = "the host is where the clock is read")]
    let started = Instant::now();
    let mut host = Host {
        clock: Arc::new(SystemClock { started }),
        ids: &|| Box::new(SystemRandom),
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        ask_password: &ask_password,
        input: &mut std::io::stdin().lock(),
        output: &mut std::io::stdout(),
        errors: &mut std::io::stderr(),
    };
    ExitCode::from(run(&arguments, &mut host) as u8)
}
