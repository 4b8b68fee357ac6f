//! Opens the demo company, says where to look at it, and stops everything at Ctrl-C.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use roadbook_tests::demo::{Address, Demo};
use roadbook_tests::story::Console;

const USAGE: &str = "usage: roadbook-demo --bin-dir FOLDER [--ui FOLDER]";

fn main() -> ExitCode {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (programs, page) = match words.as_slice() {
        [flag, programs] if flag == Path::new("--bin-dir") => (programs, None),
        [flag, programs, ui, page] if flag == Path::new("--bin-dir") && ui == Path::new("--ui") => {
            (programs, Some(page.as_path()))
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(programs, page) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThe demo went wrong: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(programs: &Path, page: Option<&Path>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Before anything runs, so that an early Ctrl-C stops all of it too.
    let mut stop = runtime.block_on(async { stop_signal() })?;
    let demo = Demo::open(programs, page, &mut Console::new(2))?;
    let addresses = demo.addresses();
    say(&addresses);
    if has_display() && page.is_some() {
        for address in [addresses.first(), addresses.last()].into_iter().flatten() {
            open_browser(&address.url);
        }
    }
    let mut shown = addresses;
    runtime.block_on(async {
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(500));
        loop {
            tokio::select! {
                () = &mut stop => return,
                _ = ticks.tick() => {
                    let now = demo.addresses();
                    for (new, old) in now.iter().zip(&shown) {
                        if new.url != old.url {
                            line(&format!("  {}, in another window: {}", new.who, new.url));
                        }
                    }
                    shown = now;
                }
            }
        }
    });
    line("\nstopping");
    demo.stop()?;
    line("everything is stopped, and the demo's folder is removed");
    Ok(())
}

fn say(addresses: &[Address]) {
    line("\nThe demo runs until Ctrl-C. Each link of a rep lets one browser in, once.\n");
    for address in addresses {
        line(&format!("  {}: {}", address.who, address.url));
        if let Some(sign_in) = &address.sign_in {
            line(&format!(
                "      tenant {}, sign-in name {}, password {}",
                sign_in.tenant, sign_in.login, sign_in.password
            ));
        }
    }
    line("");
}

fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that went away does not end the demo.
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

fn open_browser(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let quiet = Stdio::null;
    let opened =
        Command::new(program).arg(url).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
    if opened.is_err() {
        line("  (no browser could be opened; open the addresses yourself)");
    }
}

/// Done at Ctrl-C, or when the process is asked to end.
fn stop_signal() -> anyhow::Result<std::pin::Pin<Box<dyn Future<Output = ()>>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(Box::pin(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }))
}
