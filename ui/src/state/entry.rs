//! The forms before the work: signing in, setting a device up, unlocking it.

use std::rc::Rc;

use yew::{AttrValue, Reducible};

/// Which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// Signing in from a browser.
    SignIn,
    /// Setting a device up that is not there yet.
    Enrol,
    /// Setting a device up that is there and belongs to nobody: it has its key already.
    EnrolAgain,
    /// Opening a device with its passphrase.
    Unlock,
}

/// One blank of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blank {
    /// The server's address.
    Server,
    /// The tenant's name.
    Tenant,
    /// The sign-in name.
    Login,
    /// The password.
    Password,
    /// The device's name.
    DeviceName,
    /// The passphrase.
    Passphrase,
    /// The passphrase once more.
    Again,
}

impl Blank {
    /// All of them, in the order of the forms.
    pub const ALL: [Self; 7] = [
        Self::Server,
        Self::Tenant,
        Self::Login,
        Self::Password,
        Self::DeviceName,
        Self::Passphrase,
        Self::Again,
    ];

    /// The id of its field.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Server => "entry-server",
            Self::Tenant => "entry-tenant",
            Self::Login => "entry-login",
            Self::Password => "entry-password",
            Self::DeviceName => "entry-device",
            Self::Passphrase => "entry-passphrase",
            Self::Again => "entry-again",
        }
    }

    /// The field of a command that it fills.
    #[must_use]
    pub fn of_field(field: &str) -> Option<Self> {
        Some(match field {
            "server" => Self::Server,
            "tenant" => Self::Tenant,
            "login" => Self::Login,
            "password" => Self::Password,
            "device_name" => Self::DeviceName,
            "passphrase" => Self::Passphrase,
            _ => return None,
        })
    }

    const fn missing(self) -> &'static str {
        match self {
            Self::Server => "Write the address of your server.",
            Self::Tenant => "Write the short name of your company.",
            Self::Login => "Write your sign-in name.",
            Self::Password => "Write your password.",
            Self::DeviceName => "Give this device a name.",
            Self::Passphrase => "Write the passphrase.",
            Self::Again => "Write the passphrase once more.",
        }
    }
}

/// What opens a device that is being set up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Opening {
    /// The key store of the system, without a question.
    #[default]
    KeyStore,
    /// A passphrase.
    Passphrase,
}

/// Something that is wrong: in a blank, or with the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrong {
    /// The blank; `None` for the whole form.
    pub blank: Option<Blank>,
    /// What is wrong and what to do.
    pub text: AttrValue,
}

/// A form as far as it is filled in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entry {
    texts: [AttrValue; Blank::ALL.len()],
    /// What shall open the device.
    pub opening: Opening,
    /// It is on its way.
    pub busy: bool,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
}

/// What happens to a form.
#[derive(Debug, Clone, PartialEq)]
pub enum EntryAction {
    /// A blank is filled in.
    Type(Blank, AttrValue),
    /// Another way to open the device is chosen.
    Open(Opening),
    /// It is sent.
    Send(Door),
    /// It was not taken. A secret that was wrong is not kept.
    Refused(Vec<Wrong>),
}

impl Entry {
    /// A form with a device name to begin with.
    #[must_use]
    pub fn of_device(name: impl Into<AttrValue>) -> Self {
        let mut entry = Self::default();
        entry.texts[Blank::DeviceName as usize] = name.into();
        entry
    }

    /// What stands in a blank.
    #[must_use]
    pub fn text(&self, blank: Blank) -> &AttrValue {
        &self.texts[blank as usize]
    }

    /// What is wrong with a blank.
    #[must_use]
    pub fn wrong_with(&self, blank: Blank) -> Option<AttrValue> {
        self.wrong.iter().find(|it| it.blank == Some(blank)).map(|it| it.text.clone())
    }

    /// The blanks of a form.
    #[must_use]
    pub fn blanks(&self, door: Door) -> Vec<Blank> {
        use Blank::{DeviceName, Login, Passphrase, Password, Server, Tenant};
        match door {
            Door::SignIn => vec![Tenant, Login, Password],
            Door::Unlock => vec![Passphrase],
            Door::EnrolAgain => vec![Server, Tenant, Login, Password, DeviceName],
            Door::Enrol if self.opening == Opening::Passphrase => Blank::ALL.to_vec(),
            Door::Enrol => vec![Server, Tenant, Login, Password, DeviceName],
        }
    }

    /// What must be filled in before it can be sent.
    #[must_use]
    pub fn missing(&self, door: Door) -> Vec<Wrong> {
        let blanks = self.blanks(door);
        let empty = |blank: &Blank| {
            let text = self.text(*blank);
            // A passphrase of blanks is nobody's wish either.
            text.trim().is_empty()
        };
        let mut found: Vec<Wrong> = blanks
            .iter()
            .filter(|blank| empty(blank))
            .map(|blank| Wrong { blank: Some(*blank), text: blank.missing().into() })
            .collect();
        let differ = self.text(Blank::Passphrase) != self.text(Blank::Again);
        if found.is_empty() && blanks.contains(&Blank::Again) && differ {
            let text = "The two are not the same. Write the passphrase once more.".into();
            found.push(Wrong { blank: Some(Blank::Again), text });
        }
        found
    }
}

impl Reducible for Entry {
    type Action = EntryAction;

    fn reduce(self: Rc<Self>, action: EntryAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            EntryAction::Refused(wrong) => {
                let secret = [Blank::Password, Blank::Passphrase];
                for blank in secret.into_iter().filter(|it| self.wrong_secret(&wrong, *it)) {
                    next.texts[blank as usize] = AttrValue::default();
                }
                // A computer without a key store can only be opened by a passphrase.
                if wrong.iter().any(|it| it.blank == Some(Blank::Passphrase)) {
                    next.opening = Opening::Passphrase;
                }
                next.busy = false;
                next.wrong = wrong;
            }
            _ if self.busy => return self,
            EntryAction::Type(blank, text) => {
                next.texts[blank as usize] = text;
                next.wrong.retain(|it| it.blank.is_some_and(|of| of != blank));
            }
            EntryAction::Open(opening) => next.opening = opening,
            EntryAction::Send(door) => {
                next.wrong = self.missing(door);
                next.busy = next.wrong.is_empty();
            }
        }
        Rc::new(next)
    }
}

impl Entry {
    fn wrong_secret(&self, wrong: &[Wrong], blank: Blank) -> bool {
        self.busy && wrong.iter().any(|it| it.blank == Some(blank))
    }
}

/// The address of a server as people write it: `crm.example` means `https://crm.example`; a server
/// on this machine needs no certificate.
#[must_use]
pub fn server_address(typed: &str) -> String {
    let typed = typed.trim().trim_end_matches('/');
    if typed.is_empty() || typed.contains("://") {
        return typed.to_owned();
    }
    let here = ["localhost", "127.", "[::1]"].iter().any(|name| typed.starts_with(name));
    format!("{}://{typed}", if here { "http" } else { "https" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(door: Door, texts: &[(Blank, &'static str)]) -> Rc<Entry> {
        let start = Rc::new(Entry::of_device("Laptop"));
        let filled = texts.iter().fold(start, |entry, (blank, text)| {
            entry.reduce(EntryAction::Type(*blank, (*text).into()))
        });
        filled.reduce(EntryAction::Send(door))
    }

    #[test]
    fn nothing_is_sent_before_all_blanks_are_filled_in() {
        let entry = typed(Door::SignIn, &[(Blank::Tenant, "acme"), (Blank::Login, "  ")]);
        assert!(!entry.busy);
        let blanks: Vec<_> = entry.wrong.iter().filter_map(|it| it.blank).collect();
        assert_eq!(blanks, [Blank::Login, Blank::Password]);
        let entry = entry.reduce(EntryAction::Type(Blank::Login, "ana".into()));
        assert!(entry.wrong_with(Blank::Login).is_none(), "typing takes the complaint away");
        assert!(entry.wrong_with(Blank::Password).is_some());
    }

    #[test]
    fn a_passphrase_is_asked_for_twice_and_only_where_it_is_chosen() {
        let all = [
            (Blank::Server, "crm.example"),
            (Blank::Tenant, "acme"),
            (Blank::Login, "ana"),
            (Blank::Password, "secret"),
            (Blank::Passphrase, "battery staple"),
            (Blank::Again, "battery stable"),
        ];
        assert!(typed(Door::Enrol, &all).busy, "the key store opens it");
        let chosen =
            Rc::new(Entry::of_device("Laptop")).reduce(EntryAction::Open(Opening::Passphrase));
        let filled = all.iter().fold(chosen, |entry, (blank, text)| {
            entry.reduce(EntryAction::Type(*blank, (*text).into()))
        });
        let sent = filled.reduce(EntryAction::Send(Door::Enrol));
        assert!(!sent.busy && sent.wrong_with(Blank::Again).is_some());
        let mended = sent
            .reduce(EntryAction::Type(Blank::Again, "battery staple".into()))
            .reduce(EntryAction::Send(Door::Enrol));
        assert!(mended.busy);
        let later = mended.reduce(EntryAction::Type(Blank::Tenant, "other".into()));
        assert_eq!(later.text(Blank::Tenant), "acme", "nothing changes on its way");
    }

    #[test]
    fn a_wrong_secret_is_not_kept_and_the_rest_is() {
        let sent = typed(Door::Unlock, &[(Blank::Passphrase, "wrong")]);
        assert!(sent.busy);
        let wrong = Wrong { blank: Some(Blank::Passphrase), text: "No.".into() };
        let back = sent.reduce(EntryAction::Refused(vec![wrong]));
        assert_eq!(back.text(Blank::Passphrase), "");
        assert_eq!(back.text(Blank::DeviceName), "Laptop");
        let all = [(Blank::Tenant, "acme"), (Blank::Login, "ana"), (Blank::Password, "right")];
        let sent = typed(Door::SignIn, &all);
        let gone = Wrong { blank: None, text: "Nobody answers.".into() };
        let back = sent.reduce(EntryAction::Refused(vec![gone]));
        assert_eq!(back.text(Blank::Password), "right", "it was not the password's fault");
    }

    #[test]
    fn an_address_is_read_as_people_write_it() {
        assert_eq!(server_address(" crm.example/ "), "https://crm.example");
        assert_eq!(server_address("localhost:8080"), "http://localhost:8080");
        assert_eq!(server_address("http://10.0.0.2"), "http://10.0.0.2");
        assert_eq!(server_address(" "), "");
    }
}
