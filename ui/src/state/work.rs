//! Long work that was asked for: whether it runs, how far it is, whether somebody stopped it, and
//! whether records changed since its answer.

use std::rc::Rc;

use yew::Reducible;

/// How far work has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done: a word of the app, such as `train`.
    pub what: String,
    /// Pieces done.
    pub done: u64,
    /// Pieces to do.
    pub total: u64,
}

impl Step {
    /// The word of the app as people say it.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self.what.as_str() {
            "read" => "Reading records",
            "clean" => "Checking the history",
            "train" => "Training and comparing models",
            "forecast" => "Forecasting",
            "validate" => "Judging earlier forecasts",
            "score" => "Scoring",
            _ => "Computing",
        }
    }
}

/// How the work stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// Nobody asked yet.
    #[default]
    Idle,
    /// It runs.
    Running,
    /// It ended with an answer or an error.
    Done,
    /// A person stopped it.
    Stopped,
}

/// Work that was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// How it stands.
    pub standing: Standing,
    /// How often records had changed when it began.
    pub began_at: u32,
}

/// What becomes of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkAction {
    /// It begins, when records had changed so often.
    Begin(u32),
    /// Its answer or error came.
    Ended,
    /// A person stopped it.
    Stop,
}

impl Work {
    /// It runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.standing == Standing::Running
    }

    /// It has an answer, and records changed since it began.
    #[must_use]
    pub fn is_stale(&self, revision: u32) -> bool {
        self.standing == Standing::Done && self.began_at != revision
    }
}

impl Reducible for Work {
    type Action = WorkAction;

    fn reduce(self: Rc<Self>, action: WorkAction) -> Rc<Self> {
        match action {
            WorkAction::Begin(revision) => {
                Rc::new(Self { standing: Standing::Running, began_at: revision })
            }
            WorkAction::Ended if self.is_running() => {
                Rc::new(Self { standing: Standing::Done, ..*self })
            }
            WorkAction::Stop if self.is_running() => {
                Rc::new(Self { standing: Standing::Stopped, ..*self })
            }
            WorkAction::Ended | WorkAction::Stop => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(actions: &[WorkAction]) -> Work {
        *actions.iter().fold(Rc::new(Work::default()), |work, it| work.reduce(*it))
    }

    #[test]
    fn what_was_stopped_stays_so_until_it_begins_again() {
        let stopped = after(&[WorkAction::Begin(0), WorkAction::Stop, WorkAction::Ended]);
        assert_eq!(stopped.standing, Standing::Stopped);
        let again = after(&[WorkAction::Begin(0), WorkAction::Stop, WorkAction::Begin(1)]);
        assert!(again.is_running());
    }

    #[test]
    fn an_answer_is_old_when_records_changed_after_it_began() {
        let done = after(&[WorkAction::Begin(7), WorkAction::Ended]);
        assert!(!done.is_stale(7));
        assert!(done.is_stale(8));
        assert!(!after(&[WorkAction::Begin(7)]).is_stale(8), "it is under way");
    }

    #[test]
    fn stopping_what_does_not_run_changes_nothing() {
        let done = after(&[WorkAction::Begin(0), WorkAction::Ended, WorkAction::Stop]);
        assert_eq!(done.standing, Standing::Done);
    }
}
