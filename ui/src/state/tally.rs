//! What came of many things that were asked for at once: how many were done, and why the others
//! were not.

use crate::words::{count, sentence};

/// So many different reasons are named; more of them nobody reads.
const NAMED: usize = 2;

/// What is said after something that takes effect when the server has confirmed it.
pub const REQUESTED: &str = ", requested: the server decides";

/// How many things are spoken of: `12 deals in the trash`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Many {
    /// One of them: `deal`.
    pub one: String,
    /// Several: `deals`.
    pub many: String,
    /// What is done with them: `in the trash`.
    pub done: String,
}

impl Many {
    /// These things, and what is done with them.
    #[must_use]
    pub fn new(one: &str, many: &str, done: impl Into<String>) -> Self {
        Self { one: one.to_owned(), many: many.to_owned(), done: done.into() }
    }

    fn noun(&self, number: usize) -> &str {
        if number == 1 { &self.one } else { &self.many }
    }
}

/// What came of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    done: usize,
    failed: usize,
    requested: usize,
    reasons: Vec<String>,
}

impl Tally {
    /// One more was done, or was not and why.
    pub fn add(&mut self, answer: Result<(), &str>) {
        match answer {
            Ok(()) => self.done += 1,
            Err(why) => {
                self.failed += 1;
                if !self.reasons.iter().any(|it| it == why) {
                    self.reasons.push(why.to_owned());
                }
            }
        }
    }

    /// One of those that were done takes effect only when the server confirms it.
    pub const fn request(&mut self) {
        self.requested += 1;
    }

    /// Something was not done.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        self.failed > 0
    }

    /// What is said of it: `11 of 12 deals in the trash; 1 was not: it is in the trash already.`
    #[must_use]
    pub fn said(&self, what: &Many) -> String {
        let all = self.done + self.failed;
        let (noun, done) = (what.noun(all), self.words(what));
        if self.failed == 0 {
            return format!("{} {noun} {done}", number(all));
        }
        if all == 1 {
            return sentence(&self.why());
        }
        let why = sentence(&self.why());
        if self.done == 0 {
            return format!("None of {} {noun} {done}. {why}", number(all));
        }
        let were = if self.failed == 1 { "was" } else { "were" };
        let (some, failed) = (number(self.done), number(self.failed));
        format!("{some} of {} {noun} {done}; {failed} {were} not. {why}", number(all))
    }

    /// What is said of those that were done: `11 deals in the trash`.
    #[must_use]
    pub fn said_of_done(&self, what: &Many) -> String {
        format!("{} {} {}", number(self.done), what.noun(self.done), self.words(what))
    }

    /// What is done with them, and whether that is final.
    fn words(&self, what: &Many) -> String {
        match self.requested {
            0 => what.done.clone(),
            some if some < self.done => {
                format!("{}, {}{}", what.done, number(some), &REQUESTED[1..])
            }
            _ => format!("{}{REQUESTED}", what.done),
        }
    }

    fn why(&self) -> String {
        let named: Vec<&str> = self.reasons.iter().take(NAMED).map(String::as_str).collect();
        let rest = if self.reasons.len() > NAMED { "; others for other reasons" } else { "" };
        format!("{}{rest}", named.join("; "))
    }
}

fn number(number: usize) -> String {
    count(u64::try_from(number).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(answers: &[Result<(), &str>]) -> String {
        let mut tally = Tally::default();
        answers.iter().for_each(|answer| tally.add(*answer));
        tally.said(&Many::new("deal", "deals", "in the trash"))
    }

    #[test]
    fn what_was_done_is_counted_and_what_was_not_says_why() {
        assert_eq!(said(&[Ok(()), Ok(())]), "2 deals in the trash");
        assert_eq!(said(&[Ok(())]), "1 deal in the trash");
        let mut most = vec![Ok(()); 11];
        most.insert(3, Err("only its owner may delete it"));
        assert_eq!(
            said(&most),
            "11 of 12 deals in the trash; 1 was not. Only its owner may delete it."
        );
        let none = [Err("no room"), Err("no room")];
        assert_eq!(said(&none), "None of 2 deals in the trash. No room.");
        assert_eq!(said(&[Err("no room")]), "No room.");
    }

    #[test]
    fn what_only_the_server_can_confirm_is_requested() {
        let many = Many::new("deal", "deals", "moved to Won");
        let mut tally = Tally::default();
        tally.add(Ok(()));
        tally.request();
        assert_eq!(tally.said(&many), "1 deal moved to Won, requested: the server decides");
        tally.add(Ok(()));
        assert_eq!(tally.said(&many), "2 deals moved to Won, 1 requested: the server decides");
    }

    #[test]
    fn the_same_reason_is_named_once_and_not_every_one() {
        let many = [Ok(()), Err("a"), Err("b"), Err("a"), Err("c")];
        assert_eq!(
            said(&many),
            "1 of 5 deals in the trash; 4 were not. A; b; others for other reasons."
        );
    }
}
