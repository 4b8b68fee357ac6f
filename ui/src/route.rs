//! Where in the app a person is: the path of the page and the record panel beside it.
//!
//! Own, because a place here is a screen and an optional panel (`/pipeline?panel=...`), both typed;
//! because it is pure (path in, path out) and needs no browser in tests; and because it is less
//! code than the adapter that a router crate would want.

use std::fmt;

use roadbook_domain::Entity;

/// A screen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Route {
    /// What to do today.
    Today,
    /// Opportunities by stage.
    Pipeline,
    /// The list of one kind of record.
    List(Entity),
    /// Forecasts.
    Forecast,
    /// Deals or leads most worth a call.
    Hot,
    /// The model behind the scores of deals.
    Scoring,
    /// The model behind the scores of leads.
    LeadScoring,
    /// The visits of today in order.
    DayRoute,
    /// Territories, tried out.
    Territories,
    /// Quotas, tried out.
    Quotas,
    /// Who should get which lead.
    Assignment,
    /// The conflict inbox.
    Review,
    /// One conflict.
    Conflict(String),
    /// Saved, sending, needs you.
    Queue,
    /// One record, as a full page.
    Record(String),
    /// Search with its results.
    Search,
    /// Everything that has no place in the bottom bar of a phone.
    More,
    /// Settings of the device.
    Settings,
    /// How the sync stands, and checking it.
    Sync,
    /// Every component in every state.
    Components,
    /// Sign in or enrol this device.
    SignIn,
    /// No such place.
    NotFound,
}

/// Lists that have a path, with the last word of it.
const LISTS: [(Entity, &str); 6] = [
    (Entity::Account, "accounts"),
    (Entity::Contact, "contacts"),
    (Entity::Lead, "leads"),
    (Entity::Opportunity, "opportunities"),
    (Entity::Quote, "quotes"),
    (Entity::Task, "tasks"),
];

impl Route {
    /// Reads a path such as `/record/0f3a`; `/` is Today.
    #[must_use]
    pub fn read(path: &str) -> Self {
        let mut words = path.split('/').filter(|word| !word.is_empty());
        let found = match (words.next(), words.next()) {
            (None | Some("today"), None) => Self::Today,
            (Some("pipeline"), None) => Self::Pipeline,
            (Some("forecast"), None) => Self::Forecast,
            (Some("hot"), None) => Self::Hot,
            (Some("scoring"), None) => Self::Scoring,
            (Some("scoring"), Some("leads")) => Self::LeadScoring,
            (Some("route"), None) => Self::DayRoute,
            (Some("territories"), None) => Self::Territories,
            (Some("quotas"), None) => Self::Quotas,
            (Some("assignment"), None) => Self::Assignment,
            (Some("review"), None) => Self::Review,
            (Some("review"), Some(conflict)) => Self::Conflict(decoded(conflict)),
            (Some("queue"), None) => Self::Queue,
            (Some("record"), Some(record)) => Self::Record(decoded(record)),
            (Some("search"), None) => Self::Search,
            (Some("more"), None) => Self::More,
            (Some("settings"), None) => Self::Settings,
            (Some("sync"), None) => Self::Sync,
            (Some("components"), None) => Self::Components,
            (Some("sign-in"), None) => Self::SignIn,
            (Some(word), None) => {
                let list = LISTS.iter().find(|(_, path)| *path == word);
                list.map_or(Self::NotFound, |(entity, _)| Self::List(*entity))
            }
            _ => Self::NotFound,
        };
        if words.next().is_some() { Self::NotFound } else { found }
    }

    /// The name in headings, in the title of the page and in the rail.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Pipeline => "Pipeline",
            Self::List(entity) => list_title(*entity),
            Self::Forecast => "Forecast",
            Self::Hot => "Hot",
            Self::Scoring | Self::LeadScoring => "Scoring",
            Self::DayRoute => "Route of the day",
            Self::Territories => "Territories",
            Self::Quotas => "Quotas",
            Self::Assignment => "Lead assignment",
            Self::Review => "Review",
            Self::Conflict(_) => "Conflict",
            Self::Queue => "Queue",
            Self::Record(_) => "Record",
            Self::Search => "Search",
            Self::More => "More",
            Self::Settings => "Settings",
            Self::Sync => "Sync",
            Self::Components => "Components",
            Self::SignIn => "Sign in",
            Self::NotFound => "Not found",
        }
    }

    /// The place above: where back leads when nobody came from anywhere.
    #[must_use]
    pub const fn above(&self) -> Self {
        match self {
            Self::Conflict(_) => Self::Review,
            Self::Sync => Self::Settings,
            Self::LeadScoring => Self::Scoring,
            Self::List(_)
            | Self::Forecast
            | Self::Hot
            | Self::Scoring
            | Self::DayRoute
            | Self::Territories
            | Self::Quotas
            | Self::Assignment
            | Self::Review
            | Self::Queue
            | Self::Settings => Self::More,
            Self::Today
            | Self::Pipeline
            | Self::Record(_)
            | Self::Search
            | Self::More
            | Self::Components
            | Self::SignIn
            | Self::NotFound => Self::Today,
        }
    }

    /// It has a place in the bottom bar of a phone.
    #[must_use]
    pub const fn is_in_bottom_bar(&self) -> bool {
        matches!(self, Self::Today | Self::Pipeline | Self::Search | Self::More)
    }
}

/// The heading of a list.
#[must_use]
pub fn list_title(entity: Entity) -> &'static str {
    match entity {
        Entity::Account => "Accounts",
        Entity::Contact => "Contacts",
        Entity::Lead => "Leads",
        Entity::Opportunity => "Opportunities",
        Entity::Product => "Products",
        Entity::PriceBook => "Price books",
        Entity::Quote => "Quotes",
        Entity::Activity => "Activities",
        Entity::Task => "Tasks",
        Entity::Note => "Notes",
        Entity::Territory => "Territories",
        Entity::User => "People",
        Entity::Team => "Teams",
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Today => f.write_str("/today"),
            Self::Pipeline => f.write_str("/pipeline"),
            Self::List(entity) => write!(f, "/{}", entity.plural().replace('_', "-")),
            Self::Forecast => f.write_str("/forecast"),
            Self::Hot => f.write_str("/hot"),
            Self::Scoring => f.write_str("/scoring"),
            Self::LeadScoring => f.write_str("/scoring/leads"),
            Self::DayRoute => f.write_str("/route"),
            Self::Territories => f.write_str("/territories"),
            Self::Quotas => f.write_str("/quotas"),
            Self::Assignment => f.write_str("/assignment"),
            Self::Review => f.write_str("/review"),
            Self::Conflict(conflict) => write!(f, "/review/{}", encoded(conflict)),
            Self::Queue => f.write_str("/queue"),
            Self::Record(record) => write!(f, "/record/{}", encoded(record)),
            Self::Search => f.write_str("/search"),
            Self::More => f.write_str("/more"),
            Self::Settings => f.write_str("/settings"),
            Self::Sync => f.write_str("/sync"),
            Self::Components => f.write_str("/components"),
            Self::SignIn => f.write_str("/sign-in"),
            Self::NotFound => f.write_str("/not-found"),
        }
    }
}

/// A screen, the record panel that is open beside it, and the words after `q=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The screen.
    pub route: Route,
    /// The record in the panel.
    pub panel: Option<String>,
    /// The words of a search, or the filter of a list.
    pub query: Option<String>,
}

impl Place {
    /// Reads a path and the part after `?`, with or without the question mark.
    #[must_use]
    pub fn read(path: &str, query: &str) -> Self {
        let part = |name: &str| {
            let parts = query.trim_start_matches('?').split('&');
            let mut named = parts.filter_map(|part| part.split_once('='));
            named.find(|(found, _)| *found == name).map(|(_, value)| decoded(value))
        };
        let filled = |value: Option<String>| value.filter(|text| !text.is_empty());
        Self { route: Route::read(path), panel: filled(part("panel")), query: filled(part("q")) }
    }

    /// The same screen with a record in the panel, or without one.
    #[must_use]
    pub fn with_panel(&self, record: Option<String>) -> Self {
        Self { panel: record, ..self.clone() }
    }
}

impl From<Route> for Place {
    fn from(route: Route) -> Self {
        Self { route, panel: None, query: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.route)?;
        let parts = [("panel", &self.panel), ("q", &self.query)];
        let given = parts.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        for (at, (name, value)) in given.enumerate() {
            write!(f, "{}{name}={}", if at == 0 { '?' } else { '&' }, encoded(value))?;
        }
        Ok(())
    }
}

/// Percent-encodes what is not a letter, digit or one of `-_.~` (RFC 3986).
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Undoes [`encoded`]; `+` is a blank; what is not well formed stays as it is.
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = &after[2..];
            }
            (b'+', _) => {
                out.push(b' ');
                rest = after;
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_reads_back_from_its_own_path() {
        let lists = LISTS.map(|(entity, _)| Route::List(entity));
        let rest = [
            Route::Today,
            Route::Pipeline,
            Route::Forecast,
            Route::Hot,
            Route::Scoring,
            Route::LeadScoring,
            Route::DayRoute,
            Route::Territories,
            Route::Quotas,
            Route::Assignment,
            Route::Review,
            Route::Conflict("a.b/c".into()),
            Route::Queue,
            Route::Record("crm:1C1I 7A6R".into()),
            Route::Search,
            Route::More,
            Route::Settings,
            Route::Sync,
            Route::Components,
            Route::SignIn,
        ];
        for route in lists.into_iter().chain(rest) {
            assert_eq!(Route::read(&route.to_string()), route, "{route}");
        }
    }

    #[test]
    fn the_root_is_today_and_an_unknown_path_is_not_found() {
        assert_eq!(Route::read("/"), Route::Today);
        for path in ["/nothing", "/today/more", "/record", "/record/a/b"] {
            assert_eq!(Route::read(path), Route::NotFound, "{path}");
        }
    }

    #[test]
    fn a_place_keeps_its_panel_and_its_words() {
        let place = Place {
            route: Route::Pipeline,
            panel: Some("0f3a".into()),
            query: Some("größe & co".into()),
        };
        let text = place.to_string();
        let (path, query) = text.split_once('?').unwrap();
        assert_eq!(Place::read(path, query), place);
        assert_eq!(place.with_panel(None).panel, None);
        assert_eq!(Place::read("/today", "?panel=&q="), Place::from(Route::Today));
    }

    #[test]
    fn a_path_that_is_not_well_encoded_stays_as_it_is() {
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz"), "%zz");
    }
}
