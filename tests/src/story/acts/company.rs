//! The company: a server, five people, and their devices.

use std::path::Path;

use super::super::check;
use super::super::programs::{Device, Server, text};
use super::super::tell::Tell;

/// Everybody and everything.
pub(crate) struct Company {
    pub(crate) server: Server,
    /// A rep in the north: no confidential data.
    pub(crate) ben: Device,
    /// A senior rep in the north, Ben's colleague.
    pub(crate) ana: Device,
    /// The manager of both.
    pub(crate) mia: Device,
    /// A senior rep in the south.
    pub(crate) sam: Device,
}

/// Founds it.
pub(crate) fn found(
    programs: &Path,
    folder: &Path,
    tell: &mut dyn Tell,
) -> anyhow::Result<Company> {
    tell.step("A company: a server, two territories, two reps, a manager, and a rep elsewhere");
    let server = Server::start(programs, &folder.join("server"))?;
    tell.deed(&format!("roadbook-server listens on {}", server.address));
    server.admin(&["territory", "add", "Everywhere"])?;
    server.admin(&["territory", "add", "North", "--parent", "Everywhere"])?;
    server.admin(&["territory", "add", "South", "--parent", "Everywhere"])?;
    for (name, login, role, territory) in [
        ("Ben Berg", "ben", "Rep", "North"),
        ("Ana Silva", "ana", "Senior rep", "North"),
        ("Mia Meyer", "mia", "Manager", "Everywhere"),
        ("Sam Sand", "sam", "Senior rep", "South"),
    ] {
        let user = ["user", "add", name, "--login", login, "--role", role];
        let rest = ["--territory", territory, "--password-stdin"];
        let made = server.admin(&[&user[..], &rest[..]].concat())?;
        check::equal(tell, &format!("{name} is a {role}"), &text(&made, "/role")?, &role)?;
    }
    server.admin(&[
        "team",
        "add",
        "Account team",
        "--lead",
        "mia",
        "--member",
        "ben",
        "--member",
        "ana",
    ])?;

    tell.step("Each enrols a device and gets what is theirs to see");
    let enrol =
        |who, login: &str, name: &str| Device::enrol(programs, folder, &server, who, login, name);
    let ben = enrol("Ben", "ben", "Ben's phone")?;
    let ana = enrol("Ana", "ana", "Ana's tablet")?;
    let mia = enrol("Mia", "mia", "Mia's laptop")?;
    let sam = enrol("Sam", "sam", "Sam's phone")?;
    for device in [&ben, &ana, &mia, &sam] {
        device.sync()?;
        let users = device.ask(&["list", "users"])?;
        let count = users.pointer("/total").and_then(serde_json::Value::as_u64);
        let what = format!("{} is enrolled and knows the five people", device.who);
        check::equal(tell, &what, &count, &Some(5))?;
    }
    Ok(Company { server, ben, ana, mia, sam })
}
