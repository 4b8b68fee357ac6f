//! The commands of the palette: places, what can be made, themes; each with its keys.

use roadbook_domain::Entity;

use crate::keys::{Action, keys_of};
use crate::route::Route;
use crate::state::palette::Line;
use crate::theme::Theme;

/// What a command does.
#[derive(Debug, Clone, PartialEq)]
pub enum Does {
    /// Goes to a place.
    Go(Route),
    /// What the keys of an action do.
    Act(Action),
    /// Shows another theme.
    Theme(Theme),
}

impl Does {
    /// The keys that do the same; empty where there are none.
    #[must_use]
    pub fn keys(&self) -> &'static str {
        match self {
            Self::Act(action) => keys_of(*action),
            Self::Theme(_) => "",
            Self::Go(route) => going(route).map_or("", keys_of),
        }
    }
}

/// The action that goes to a place.
fn going(route: &Route) -> Option<Action> {
    let known = [
        (Route::Today, Action::GoToday),
        (Route::Pipeline, Action::GoPipeline),
        (Route::List(Entity::Account), Action::GoAccounts),
        (Route::List(Entity::Contact), Action::GoContacts),
        (Route::List(Entity::Lead), Action::GoLeads),
        (Route::Queue, Action::GoQueue),
        (Route::Forecast, Action::GoForecast),
        (Route::Review, Action::GoReview),
    ];
    known.into_iter().find(|(place, _)| place == route).map(|(_, action)| action)
}

/// All commands, in the order of the palette.
#[must_use]
pub fn all(can_review: crate::state::session::Reviewing) -> Vec<Line<Does>> {
    let go =
        |route: Route| Line { label: format!("Go to {}", route.title()), what: Does::Go(route) };
    let act = |action, label: &str| Line { what: Does::Act(action), label: label.to_owned() };
    let mut lines = vec![
        act(Action::NewVisit, "Log a visit"),
        act(Action::NewCall, "Log a call"),
        act(Action::NewLead, "New lead"),
        act(Action::NewOpportunity, "New opportunity"),
        act(Action::NewTask, "New task"),
        act(Action::NewNote, "New note"),
        act(Action::Undo, "Undo the last action"),
    ];
    let places = [
        Route::Today,
        Route::Pipeline,
        Route::List(Entity::Account),
        Route::List(Entity::Contact),
        Route::List(Entity::Lead),
        Route::List(Entity::Opportunity),
        Route::List(Entity::Quote),
        Route::List(Entity::Task),
        Route::Forecast,
        Route::Hot,
        Route::Scoring,
        Route::DayRoute,
        Route::Queue,
        Route::Sync,
        Route::Settings,
    ];
    lines.extend(places.map(go));
    if can_review == crate::state::session::Reviewing::Yes {
        let led = [Route::Review, Route::Territories, Route::Quotas, Route::Assignment];
        lines.extend(led.map(go));
    }
    lines.push(act(Action::Keys, "Show all keys"));
    lines.extend(Theme::ALL.map(|theme| Line {
        label: format!("Theme: {}", theme.label().to_lowercase()),
        what: Does::Theme(theme),
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KEYS;
    use crate::state::session::Reviewing;

    #[test]
    fn every_place_and_everything_new_of_the_key_map_is_a_command_with_its_keys() {
        let lines = all(Reviewing::Yes);
        for line in KEYS.iter().filter(|line| ["Go to", "New"].contains(&line.group)) {
            let found = lines.iter().any(|it| it.what.keys() == line.keys);
            assert!(found, "{} ({}) is no command", line.label, line.keys);
        }
    }

    #[test]
    fn who_may_not_review_is_not_sent_there() {
        let has =
            |lines: Vec<Line<Does>>| lines.iter().any(|it| it.what == Does::Go(Route::Review));
        assert!(has(all(Reviewing::Yes)));
        assert!(!has(all(Reviewing::No)));
    }
}
