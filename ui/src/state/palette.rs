//! The search field as a command palette: which lines fit what was typed, and which is at hand.

/// One line that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<T> {
    /// What choosing it does.
    pub what: T,
    /// Its words.
    pub label: String,
}

/// The lines that fit: every word typed begins a word of the label, the best first.
#[must_use]
pub fn fitting<'a, T>(lines: &'a [Line<T>], typed: &str) -> Vec<&'a Line<T>> {
    let typed = typed.to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let fits = |line: &&Line<T>| {
        let label = line.label.to_lowercase();
        words.iter().all(|word| label.split_whitespace().any(|part| part.starts_with(word)))
    };
    let mut found: Vec<_> = lines.iter().filter(fits).collect();
    found.sort_by_key(|line| !line.label.to_lowercase().starts_with(typed.trim()));
    found
}

/// The place after a step among `length` lines; round at both ends.
#[must_use]
pub fn stepped(at: usize, by: isize, length: usize) -> usize {
    if length == 0 {
        return 0;
    }
    let steps = by.rem_euclid(isize::try_from(length).unwrap_or(isize::MAX));
    (at + steps.unsigned_abs()) % length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginnings_of_words_are_enough_and_the_first_word_counts_most() {
        let lines = ["Go to Today", "Log a visit", "New task", "Task list"];
        let lines = lines.map(|label| Line { what: (), label: label.to_owned() });
        let found =
            |typed| fitting(&lines, typed).iter().map(|l| l.label.as_str()).collect::<Vec<_>>();
        assert_eq!(found("vis lo"), ["Log a visit"]);
        assert_eq!(found("task"), ["Task list", "New task"]);
        assert_eq!(found("ask"), Vec::<&str>::new());
        assert_eq!(found("").len(), 4);
    }

    #[test]
    fn steps_go_round() {
        assert_eq!(stepped(0, -1, 4), 3);
        assert_eq!(stepped(3, 1, 4), 0);
        assert_eq!(stepped(0, 1, 0), 0);
    }
}
