//! Telling the story: every step and every fact that was checked.

use std::io::Write as _;

/// Who is told.
pub trait Tell {
    /// A step begins.
    fn step(&mut self, title: &str);
    /// Something was done.
    fn deed(&mut self, what: &str);
    /// Something was checked and came out right.
    fn fact(&mut self, what: &str);
}

/// Tells on standard output.
#[derive(Debug)]
pub struct Console {
    steps: u32,
    of: u32,
}

impl Console {
    /// A console that counts the steps up to a number.
    #[must_use]
    pub const fn new(of: u32) -> Self {
        Self { steps: 0, of }
    }

    fn line(text: &str) {
        let mut out = std::io::stdout().lock();
        // A reader that went away does not end the story.
        drop(writeln!(out, "{text}").and_then(|()| out.flush()));
    }
}

impl Tell for Console {
    fn step(&mut self, title: &str) {
        self.steps += 1;
        Self::line(&format!("\n[{}/{}] {title}", self.steps, self.of));
    }

    fn deed(&mut self, what: &str) {
        Self::line(&format!("      {what}"));
    }

    fn fact(&mut self, what: &str) {
        Self::line(&format!("   ok {what}"));
    }
}

/// Keeps the facts for whoever asks afterwards.
#[derive(Debug, Default)]
pub struct Kept {
    /// The titles of the steps.
    pub steps: Vec<String>,
    /// The facts.
    pub facts: Vec<String>,
}

impl Tell for Kept {
    fn step(&mut self, title: &str) {
        self.steps.push(title.to_owned());
    }

    fn deed(&mut self, _: &str) {}

    fn fact(&mut self, what: &str) {
        self.facts.push(what.to_owned());
    }
}
