//! Roadbook in a window: a thin shell around the user interface.
//!
//! Each command of `roadbook-api` that a screen has is a Tauri command of one line over the session of
//! `roadbook-app`; the page may call these and listen to events, and nothing else: no file, shell or
//! network access of its own. No such command takes a path; what a person exports is written into
//! the folder for downloads, under a name that the app chooses. Nothing is decided here about records.
//!
//! The device is opened beside the window, not before it: the window is there at once, and the
//! first command waits for the device.

#[cfg(target_os = "linux")]
mod again;
mod args;
mod attention;
mod commands;
mod desk;
mod link;
mod machine;
mod news;
#[cfg(target_os = "linux")]
mod revive;
#[cfg(unix)]
mod signals;
mod window;

use std::process::ExitCode;

use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};

use args::{Args, Order};
use desk::Desk;

/// The window's name, which its capability names, too.
const WINDOW: &str = "main";

/// Reads the arguments of a program and opens the window; returns when it was closed.
#[must_use]
pub fn main() -> ExitCode {
    let words = std::env::args_os().skip(1);
    match args::parse(words) {
        Ok(Order::Open(args)) => open(args),
        Ok(Order::Help) => {
            eprintln!("{}", args::HELP);
            ExitCode::SUCCESS
        }
        Err(mistake) => {
            eprintln!("error: {mistake}\n\n{}", args::HELP);
            ExitCode::from(2)
        }
    }
}

/// Opens the app on a phone, which has no arguments.
#[cfg(mobile)]
#[tauri::mobile_entry_point]
fn on_phone() {
    // A phone's system ends the app; nobody reads a code.
    open(Args::default());
}

fn open(args: Args) -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ROADBOOK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let asked = args.link.clone();
    let register = args.register;
    let builder = plugins(&args);
    let built = builder
        .invoke_handler(commands::handler())
        .setup(move |app| {
            let desk = Desk::new(app.handle(), &args)?;
            desk.begin();
            app.manage(desk);
            link::listen(app.handle(), register);
            #[cfg(unix)]
            signals::listen(app.handle().clone());
            window::open(app.handle(), asked.as_ref())?;
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => ExitCode::from(
            u8::try_from(app.run_return(|app, event| on_event(app, &event))).unwrap_or(1),
        ),
        Err(error) => {
            #[cfg(target_os = "linux")]
            again::when_the_other_has_ended(&error);
            eprintln!("error: the window cannot be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(desktop)]
fn plugins(args: &Args) -> tauri::Builder<tauri::Wry> {
    use tauri_plugin_window_state::StateFlags;

    let flags = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED;
    // First, so that a second program ends before it does anything.
    let single = tauri_plugin_single_instance::Builder::new()
        .callback(|app, words, _folder| window::called_again(app, words))
        .dbus_id(args.instance());
    tauri::Builder::default()
        .plugin(single.build())
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_window_state::Builder::new().with_state_flags(flags).build())
}

#[cfg(mobile)]
fn plugins(_args: &Args) -> tauri::Builder<tauri::Wry> {
    tauri::Builder::default()
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_notification::init())
}

fn on_event(app: &AppHandle, event: &RunEvent) {
    if let RunEvent::WindowEvent { event: WindowEvent::Focused(true), .. } = event {
        app.state::<Desk>().wake();
    } else if matches!(event, RunEvent::Exit) {
        app.state::<Desk>().close();
    }
}
