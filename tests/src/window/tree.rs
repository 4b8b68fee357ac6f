//! The accessibility tree of a window, as a screen reader gets it: AT-SPI over the desktop's own
//! bus.

use std::collections::HashMap;

use anyhow::Context as _;
use rustix::process::Pid;
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::names::OwnedBusName;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

use super::desktop::Desktop;

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
/// Deeper than any page; a tree that goes in a circle ends here.
const DEEPEST: usize = 60;

/// Bits of the states (AtspiStateType).
const CHECKED: u32 = 4;
const FOCUSED: u32 = 12;
const PRESSED: u32 = 20;

/// One thing in the tree.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// What it is, such as `button`.
    pub(crate) role: String,
    /// What it is called.
    pub(crate) name: String,
    states: u64,
    /// What is in it.
    pub(crate) children: Vec<Node>,
}

/// Where a thing is: its program on the bus, and its path there.
type Place = (String, OwnedObjectPath);

/// The bus of a desktop.
pub(crate) struct Reader(Connection);

impl Reader {
    /// Goes to the bus, which starts when somebody asks for it.
    pub(crate) fn on(desktop: &Desktop) -> anyhow::Result<Self> {
        let session = Builder::address(desktop.bus())?.build().context("the message bus")?;
        let asked = session.call_method(
            Some("org.a11y.Bus"),
            "/org/a11y/bus",
            Some("org.a11y.Bus"),
            "GetAddress",
            &(),
        );
        let address: String = asked.context("the accessibility bus")?.body().deserialize()?;
        Ok(Self(Builder::address(address.as_str())?.build().context("the accessibility bus")?))
    }

    /// Reads the tree of the app with that process.
    pub(crate) fn tree(&self, pid: Pid) -> anyhow::Result<Node> {
        let registry = (
            "org.a11y.atspi.Registry".to_owned(),
            OwnedObjectPath::try_from("/org/a11y/atspi/accessible/root")?,
        );
        let number = u32::try_from(pid.as_raw_nonzero().get())?;
        for app in self.children(&registry)? {
            if self.process(&app.0)? == number {
                return self.read(&app, 0);
            }
        }
        anyhow::bail!("process {number} has no tree on the accessibility bus")
    }

    fn read(&self, place: &Place, depth: usize) -> anyhow::Result<Node> {
        let mut node = Node {
            role: role(self.ask(place, "GetRole")?),
            name: self.name(place)?,
            states: 0,
            children: Vec::new(),
        };
        let states: Vec<u32> = self.ask(place, "GetState")?;
        let [low, high] = [0, 1].map(|at| u64::from(states.get(at).copied().unwrap_or(0)));
        node.states = high << 32 | low;
        if depth < DEEPEST {
            for child in self.children(place)? {
                // What goes away while it is read is not in the tree any more.
                node.children.extend(self.read(&child, depth + 1).ok());
            }
        }
        Ok(node)
    }

    fn ask<T>(&self, (program, path): &Place, method: &str) -> anyhow::Result<T>
    where
        T: serde::de::DeserializeOwned + zbus::zvariant::Type,
    {
        let answer =
            self.0.call_method(Some(program.as_str()), path, Some(ACCESSIBLE), method, &())?;
        Ok(answer.body().deserialize()?)
    }

    /// The things in one, asked for one by one: where one program's tree goes on in another's,
    /// as the page's does, `GetChildren` gives nothing.
    fn children(&self, place: &Place) -> anyhow::Result<Vec<Place>> {
        let number = i32::try_from(self.property(place, "ChildCount")?)?;
        let mut children = Vec::new();
        for at in 0..number {
            let (program, path) = place;
            let answer = self.0.call_method(
                Some(program.as_str()),
                path,
                Some(ACCESSIBLE),
                "GetChildAtIndex",
                &at,
            )?;
            children.push(answer.body().deserialize()?);
        }
        Ok(children)
    }

    fn name(&self, place: &Place) -> anyhow::Result<String> {
        Ok(String::try_from(self.property(place, "Name")?)?)
    }

    fn property(&self, (program, path): &Place, name: &str) -> anyhow::Result<OwnedValue> {
        let answer = self.0.call_method(
            Some(program.as_str()),
            path,
            Some("org.freedesktop.DBus.Properties"),
            "Get",
            &(ACCESSIBLE, name),
        )?;
        Ok(answer.body().deserialize()?)
    }

    fn process(&self, program: &str) -> anyhow::Result<u32> {
        let bus = zbus::blocking::fdo::DBusProxy::new(&self.0)?;
        Ok(bus.get_connection_unix_process_id(OwnedBusName::try_from(program)?.into_inner())?)
    }
}

/// The names of the roles that are looked for (AtspiRole). WebKit tells numbers alone.
const ROLES: [(u32, &str); 21] = [
    (7, "check box"),
    (11, "combo box"),
    (16, "dialog"),
    (23, "frame"),
    (27, "image"),
    (31, "list"),
    (32, "list item"),
    (39, "panel"),
    (40, "password"),
    (43, "button"),
    (44, "radio button"),
    (61, "entry"),
    (62, "toggle button"),
    (75, "application"),
    (79, "entry"),
    (83, "heading"),
    (87, "form"),
    (88, "link"),
    (95, "document web"),
    (109, "article"),
    (110, "landmark"),
];

fn role(number: u32) -> String {
    let known = ROLES.iter().find(|(role, _)| *role == number);
    known.map_or_else(|| format!("role {number}"), |(_, name)| (*name).to_owned())
}

impl Node {
    /// This thing and all in it, from top to bottom.
    pub(crate) fn all(&self) -> Vec<&Self> {
        let below = self.children.iter().flat_map(Self::all);
        std::iter::once(self).chain(below).collect()
    }

    /// The first thing of a role and name.
    pub(crate) fn find(&self, role: &str, name: &str) -> Option<&Self> {
        self.all().into_iter().find(|node| node.role == role && node.name == name)
    }

    /// The same, and an error that shows the tree when there is none.
    pub(crate) fn get(&self, role: &str, name: &str) -> anyhow::Result<&Self> {
        let found = self.find(role, name);
        found.with_context(|| format!("no {role} is called “{name}” in\n{}", self.outline()))
    }

    /// The names of all things of a role.
    pub(crate) fn names(&self, role: &str) -> Vec<&str> {
        let of_role = self.all().into_iter().filter(|node| node.role == role);
        of_role.map(|node| node.name.as_str()).collect()
    }

    /// The thing that has the focus, the innermost.
    pub(crate) fn focused(&self) -> Option<&Self> {
        self.all().into_iter().rfind(|node| node.is(FOCUSED))
    }

    /// Whether it is chosen, as a radio button or a toggle is.
    pub(crate) fn is_chosen(&self) -> bool {
        self.is(CHECKED) || self.is(PRESSED)
    }

    fn is(&self, state: u32) -> bool {
        self.states >> state & 1 == 1
    }

    /// The tree as text: one thing a line.
    pub(crate) fn outline(&self) -> String {
        let mut text = String::new();
        self.write(0, &mut text);
        text
    }

    fn write(&self, depth: usize, text: &mut String) {
        text.push_str(&"  ".repeat(depth));
        text.push_str(&self.role);
        if !self.name.is_empty() {
            text.push_str(&format!(" “{}”", self.name));
        }
        for (state, word) in [(FOCUSED, "focused"), (CHECKED, "checked"), (PRESSED, "pressed")] {
            if self.is(state) {
                text.push_str(&format!(" ({word})"));
            }
        }
        text.push('\n');
        for child in &self.children {
            child.write(depth + 1, text);
        }
    }

    /// What can be worked with and has no name, by role: a screen reader says nothing of use there.
    pub(crate) fn nameless(&self) -> HashMap<&str, usize> {
        let worked = [
            "button",
            "link",
            "entry",
            "password",
            "check box",
            "radio button",
            "combo box",
            "dialog",
        ];
        let mut found = HashMap::new();
        for node in self.all() {
            if worked.contains(&node.role.as_str()) && node.name.trim().is_empty() {
                *found.entry(node.role.as_str()).or_default() += 1;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(role: &str, name: &str, states: u64, children: Vec<Node>) -> Node {
        Node { role: role.into(), name: name.into(), states, children }
    }

    #[test]
    fn a_tree_is_searched_and_what_has_no_name_is_found() {
        let met = node("button", "Met", 1 << FOCUSED, vec![]);
        let dialog = node("dialog", "Log it", 0, vec![met, node("button", " ", 0, vec![])]);
        let tree = node("frame", "Roadbook", 0, vec![dialog]);
        assert_eq!(tree.focused().map(|node| node.name.as_str()), Some("Met"));
        assert!(tree.find("button", "Met").is_some() && tree.find("link", "Met").is_none());
        assert_eq!(tree.names("button"), ["Met", " "]);
        assert_eq!(tree.nameless()["button"], 1);
        let missing = tree.get("button", "Order").unwrap_err().to_string();
        assert!(missing.contains("button “Met” (focused)"), "{missing}");
    }
}
