//! Opens the demo company, says where to look at it, and stops everything at Ctrl-C.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

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
    let mut demo = Demo::open(programs, page, &mut Console::new(2))?;
    let in_window = has_display() && page.is_some() && demo.open_window()?;
    let mut shown = demo.addresses();
    if in_window {
        line("\nBen's app is open in a window.");
    }
    say(&shown);
    let ended: anyhow::Result<()> = runtime.block_on(async {
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(500));
        loop {
            tokio::select! {
                () = &mut stop => return Ok(()),
                _ = ticks.tick() => {
                    if demo.after_window()? {
                        line("Ben's window is closed; his app is served now.");
                    }
                    let now = demo.addresses();
                    for new in now.iter().filter(|new| shown.iter().all(|old| old.url != new.url)) {
                        line(&format!("  {}, in another window: {}", new.who, new.url));
                    }
                    shown = now;
                }
            }
        }
    });
    ended?;
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
