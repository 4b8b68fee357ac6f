//! The one key map: which keys do what, and how two keys in a row make one action.
//!
//! Pure. The list that `?` shows, the hints in menus and the matching all come from [`KEYS`].

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Puts the caret into the search field.
    Search,
    /// Opens the command palette.
    Command,
    /// Shows the list of keys.
    Keys,
    /// Goes to Today.
    GoToday,
    /// Goes to the pipeline.
    GoPipeline,
    /// Goes to the accounts.
    GoAccounts,
    /// Goes to the contacts.
    GoContacts,
    /// Goes to the leads.
    GoLeads,
    /// Goes to the queue.
    GoQueue,
    /// Goes to the forecast.
    GoForecast,
    /// Goes to the review inbox.
    GoReview,
    /// Logs a visit.
    NewVisit,
    /// Logs a call.
    NewCall,
    /// Makes a lead.
    NewLead,
    /// Makes an opportunity.
    NewOpportunity,
    /// Makes a task.
    NewTask,
    /// Makes a note.
    NewNote,
    /// Edits the field or record at hand.
    Edit,
    /// To the next row.
    Next,
    /// To the row before.
    Previous,
    /// Selects the row.
    Select,
    /// Takes the first side of a conflict.
    TakeFirst,
    /// Takes the second side of a conflict.
    TakeSecond,
    /// Takes both sides of a conflict, one text after the other.
    TakeBoth,
    /// Says something about a conflict without deciding it.
    Comment,
    /// Asks the people of a conflict.
    Ask,
    /// One stage back.
    StageBack,
    /// One stage on.
    StageOn,
    /// Opens the actions of the row or record.
    Actions,
    /// Undoes the last action.
    Undo,
    /// Opens the row.
    Open,
    /// Closes what is open.
    Close,
}

/// One line of the key map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyLine {
    /// What the keys do.
    pub action: Action,
    /// The keys, one after the other, separated by blanks; `Ctrl+` before a key.
    pub keys: &'static str,
    /// What they do, in words.
    pub label: &'static str,
    /// The heading under which they stand.
    pub group: &'static str,
}

const fn line(
    action: Action,
    keys: &'static str,
    label: &'static str,
    group: &'static str,
) -> KeyLine {
    KeyLine { action, keys, label, group }
}

/// All keys, in the order of the list.
pub const KEYS: [KeyLine; 32] = [
    line(Action::Search, "/", "Search", "Everywhere"),
    line(Action::Command, "Ctrl+k", "Command", "Everywhere"),
    line(Action::Undo, "u", "Undo", "Everywhere"),
    line(Action::Close, "Escape", "Close", "Everywhere"),
    line(Action::Keys, "?", "This list", "Everywhere"),
    line(Action::GoToday, "g t", "Today", "Go to"),
    line(Action::GoPipeline, "g p", "Pipeline", "Go to"),
    line(Action::GoAccounts, "g a", "Accounts", "Go to"),
    line(Action::GoContacts, "g c", "Contacts", "Go to"),
    line(Action::GoLeads, "g l", "Leads", "Go to"),
    line(Action::GoQueue, "g q", "Queue", "Go to"),
    line(Action::GoForecast, "g f", "Forecast", "Go to"),
    line(Action::GoReview, "g r", "Review", "Go to"),
    line(Action::NewVisit, "n v", "Log a visit", "New"),
    line(Action::NewCall, "n c", "Log a call", "New"),
    line(Action::NewLead, "n l", "Lead", "New"),
    line(Action::NewOpportunity, "n o", "Opportunity", "New"),
    line(Action::NewTask, "n t", "Task", "New"),
    line(Action::NewNote, "n n", "Note", "New"),
    line(Action::Next, "j", "Next row", "Lists"),
    line(Action::Previous, "k", "Row before", "Lists"),
    line(Action::Select, "x", "Select", "Lists"),
    line(Action::Open, "Enter", "Open", "Lists"),
    line(Action::Edit, "e", "Edit a field, or the result", "Records"),
    line(Action::StageBack, "[", "Stage back", "Records"),
    line(Action::StageOn, "]", "Stage on", "Records"),
    line(Action::Actions, ".", "Actions", "Records"),
    line(Action::TakeFirst, "1", "Take the first side", "Conflicts"),
    line(Action::TakeSecond, "2", "Take the second side", "Conflicts"),
    line(Action::TakeBoth, "b", "Take both", "Conflicts"),
    line(Action::Comment, "c", "Comment", "Conflicts"),
    line(Action::Ask, "a", "Ask them", "Conflicts"),
];

/// The keys of an action, for the hint beside a menu item.
#[must_use]
pub fn keys_of(action: Action) -> &'static str {
    KEYS.iter().find(|line| line.action == action).map_or("", |line| line.keys)
}

/// How long the second key of two may take, in milliseconds.
pub const PATIENCE_MS: f64 = 1_200.0;

/// Which modifier was held; Shift is in the key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// None.
    Nothing,
    /// Control, or Command on a Mac.
    Control,
    /// Another one; such a key is not ours.
    Other,
}

/// Whether the caret is in a field: there, only Escape and keys with Control are ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caret {
    /// It is in no field.
    Away,
    /// It is in a field.
    InField,
}

/// What was pressed.
#[derive(Debug, Clone, PartialEq)]
pub struct Press<'a> {
    /// The key, as the browser names it.
    pub key: &'a str,
    /// The modifier.
    pub held: Held,
    /// Where the caret is.
    pub caret: Caret,
    /// When, in milliseconds on any clock that does not go back.
    pub at_ms: f64,
}

/// The first key of two, remembered for a moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chord {
    first: Option<(String, f64)>,
}

impl Chord {
    /// Takes in one key; the action if it is complete.
    pub fn press(&mut self, press: &Press<'_>) -> Option<Action> {
        let first = self.first.take();
        if press.held == Held::Other {
            return None;
        }
        if press.caret == Caret::InField && press.held == Held::Nothing && press.key != "Escape" {
            return None;
        }
        let key = match press.held {
            Held::Control => format!("Ctrl+{}", press.key.to_lowercase()),
            Held::Nothing | Held::Other => press.key.to_owned(),
        };
        if let Some((before, at_ms)) = first
            && press.at_ms - at_ms <= PATIENCE_MS
            && let Some(found) = exact(&format!("{before} {key}"))
        {
            return Some(found);
        }
        let begins = KEYS.iter().any(|line| {
            line.keys.split_once(' ').is_some_and(|(before, _)| before == key.as_str())
        });
        if begins {
            self.first = Some((key, press.at_ms));
            return None;
        }
        exact(&key)
    }
}

fn exact(keys: &str) -> Option<Action> {
    KEYS.iter().find(|line| line.keys == keys).map(|line| line.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: &str, at_ms: f64) -> Press<'_> {
        Press { key, held: Held::Nothing, caret: Caret::Away, at_ms }
    }

    #[test]
    fn no_keys_are_listed_twice_and_no_key_hides_the_first_of_two() {
        for (at, line) in KEYS.iter().enumerate() {
            for other in &KEYS[at + 1..] {
                assert_ne!(line.keys, other.keys, "{} and {}", line.label, other.label);
                assert_ne!(line.action, other.action, "{} twice", line.label);
            }
            let begins =
                KEYS.iter().any(|other| other.keys.starts_with(&format!("{} ", line.keys)));
            assert!(!begins, "`{}` would never be heard", line.keys);
        }
    }

    #[test]
    fn two_keys_in_a_row_make_one_action() {
        let mut chord = Chord::default();
        assert_eq!(chord.press(&press("g", 0.0)), None);
        assert_eq!(chord.press(&press("t", 200.0)), Some(Action::GoToday));
        assert_eq!(chord.press(&press("j", 300.0)), Some(Action::Next), "nothing is left over");
    }

    #[test]
    fn a_late_second_key_counts_for_itself() {
        let mut chord = Chord::default();
        chord.press(&press("g", 0.0));
        assert_eq!(chord.press(&press("u", PATIENCE_MS + 1.0)), Some(Action::Undo));
    }

    #[test]
    fn a_first_key_may_be_pressed_again() {
        let mut chord = Chord::default();
        chord.press(&press("n", 0.0));
        assert_eq!(chord.press(&press("n", 100.0)), Some(Action::NewNote), "n n is a note");
        chord.press(&press("g", 200.0));
        assert_eq!(chord.press(&press("g", 300.0)), None);
        assert_eq!(chord.press(&press("p", 400.0)), Some(Action::GoPipeline));
    }

    #[test]
    fn typing_in_a_field_is_left_alone_but_escape_and_control_work() {
        let mut chord = Chord::default();
        let typed = Press { caret: Caret::InField, ..press("j", 0.0) };
        assert_eq!(chord.press(&typed), None);
        let escape = Press { caret: Caret::InField, ..press("Escape", 0.0) };
        assert_eq!(chord.press(&escape), Some(Action::Close));
        let command = Press { caret: Caret::InField, held: Held::Control, ..press("K", 0.0) };
        assert_eq!(chord.press(&command), Some(Action::Command));
    }

    #[test]
    fn keys_with_another_modifier_are_not_ours() {
        let alt = Press { held: Held::Other, ..press("e", 0.0) };
        assert_eq!(Chord::default().press(&alt), None);
    }
}
