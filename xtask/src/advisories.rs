//! Known vulnerabilities in dependencies, by cargo-deny or cargo-audit.
//!
//! Apart from `test`, because the database is fetched over the network and changes from day to
//! day: a build must not turn red by itself.

use std::process::ExitCode;

use crate::process;

/// Runs whichever checker is installed, or names the command that installs one and fails.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let checkers: [(&str, &[&str]); 2] =
        [("deny", &["deny", "check", "advisories"]), ("audit", &["audit"])];
    for (checker, arguments) in checkers {
        if !process::succeeds(&mut process::cargo([checker, "--version"])) {
            continue;
        }
        let status = process::run(&mut process::cargo(arguments))?;
        if !status.success() {
            eprintln!(
                "cargo {checker} did not pass: either it named an advisory above, or it could \
                 not fetch its database (it needs to reach github.com)"
            );
        }
        return Ok(process::pass_through(status));
    }
    eprintln!(
        "nothing was checked: neither cargo-deny nor cargo-audit is installed\n    \
         install one with: cargo install cargo-deny --locked"
    );
    Ok(ExitCode::FAILURE)
}
