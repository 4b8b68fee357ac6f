//! The demo company under the orders of another program: the tests in a browser.
//!
//! Reads orders from standard input and answers on standard output, a line of JSON each, in turn.
//! It ends, and stops everything, when its input ends. The first line that it writes says where the
//! company can be looked at.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use roadbook_tests::demo::{Demo, Line};
use roadbook_tests::story::Tell;
use serde::{Deserialize, Serialize};

const USAGE: &str = "usage: roadbook-company --bin-dir FOLDER --ui FOLDER [--deals NUMBER]";

/// What can be asked for.
#[derive(Deserialize)]
#[serde(tag = "order", rename_all = "snake_case", deny_unknown_fields)]
enum Order {
    /// Where everybody is; a link that was used has a new one.
    Addresses,
    /// A link into somebody's own app, another than the one that was used before.
    Link { who: String, used: Option<String> },
    /// Takes a rep's device off the network.
    Cut { login: String },
    /// Puts it back.
    Open { login: String },
    /// Kills a rep's app.
    Kill { who: String },
    /// Serves it again, at another address.
    ServeAgain { who: String },
    /// Stops the server.
    StopServer,
    /// Starts it again.
    StartServer,
    /// Serves the app of a machine without a device.
    ServeBlank { who: String },
    /// Runs a command of the server's administrator.
    Admin { words: Vec<String> },
}

/// Where somebody is.
#[derive(Serialize)]
struct Where {
    who: String,
    url: String,
    tenant: Option<String>,
    login: Option<String>,
    password: Option<String>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (programs, page, deals) = match words.as_slice() {
        ["--bin-dir", programs, "--ui", page] => (*programs, *page, Some(0)),
        ["--bin-dir", programs, "--ui", page, "--deals", deals] => {
            (*programs, *page, deals.parse().ok())
        }
        _ => ("", "", None),
    };
    let Some(deals) = deals else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(Path::new(programs), Path::new(page), deals) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the company went wrong: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(programs: &Path, page: &Path, deals: u32) -> anyhow::Result<()> {
    let mut demo = Demo::filled(programs, Some(page), deals, &mut Silent)?;
    answer(&whereabouts(&demo))?;
    for line in std::io::stdin().lines() {
        let order: Order = serde_json::from_str(&line?)?;
        match carry_out(&mut demo, order) {
            Ok(said) => answer(&said)?,
            Err(error) => answer(&serde_json::json!({ "error": format!("{error:#}") }))?,
        }
    }
    // Whoever gave the orders is gone; a server that was stopped by order is no failure.
    drop(demo);
    Ok(())
}

fn carry_out(demo: &mut Demo, order: Order) -> anyhow::Result<serde_json::Value> {
    match order {
        Order::Addresses => {}
        Order::Link { who, used } => {
            let link = demo.link_after(&who, used.as_deref())?;
            return Ok(serde_json::json!({ "link": link }));
        }
        Order::Cut { login } => demo.connect(&login, Line::Cut)?,
        Order::Open { login } => demo.connect(&login, Line::Open)?,
        Order::Kill { who } => demo.kill(&who)?,
        Order::ServeAgain { who } => demo.serve_again(&who)?,
        Order::StopServer => demo.stop_server()?,
        Order::StartServer => demo.start_server()?,
        Order::ServeBlank { who } => demo.serve_blank(&who)?,
        Order::Admin { words } => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            return demo.admin(&words);
        }
    }
    Ok(whereabouts(demo))
}

fn whereabouts(demo: &Demo) -> serde_json::Value {
    let all: Vec<Where> = demo
        .addresses()
        .into_iter()
        .map(|it| {
            let (tenant, login, password) = it.sign_in.map_or((None, None, None), |sign_in| {
                (Some(sign_in.tenant), Some(sign_in.login), Some(sign_in.password))
            });
            Where { who: it.who, url: it.url, tenant, login, password }
        })
        .collect();
    serde_json::json!({ "addresses": all, "processes": demo.processes() })
}

fn answer(said: &serde_json::Value) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{said}")?;
    out.flush()?;
    Ok(())
}

/// Tells nothing: standard output is for answers.
struct Silent;

impl Tell for Silent {
    fn step(&mut self, _: &str) {}
    fn deed(&mut self, _: &str) {}
    fn fact(&mut self, _: &str) {}
}
