//! A rep's day.

use serde::{Deserialize, Serialize};

use super::record::{NamedValue, RecordLink};

/// What stands in the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaItemView {
    /// The task or activity.
    #[serde(flatten)]
    pub link: RecordLink,
    /// `task`, or the kind of activity in lower case: `visit`, `call`, `meeting`, `e-mail`, `note`.
    pub kind: String,
    /// When it begins; absent for what has no time of day.
    pub at_ms: Option<i64>,
    /// When it ends.
    pub ends_ms: Option<i64>,
    /// The day that it is due, year-month-day; for tasks.
    pub due_on: Option<String>,
    /// How many days it is late; 0 for what is not.
    pub days_late: u32,
    /// The account.
    pub account: Option<RecordLink>,
    /// The record that it is about, where that is not the account.
    pub about: Option<RecordLink>,
    /// The priority of a task.
    pub priority: Option<String>,
    /// The outcome of an activity that took place.
    pub outcome: Option<String>,
    /// The task is done, or the activity has its outcome.
    pub done: bool,
    /// Something about it waits on this device to be sent.
    pub pending: bool,
}

/// Why a deal wants attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NextReason {
    /// Its close date has passed.
    CloseDatePassed {
        /// So many days ago.
        days: u32,
    },
    /// It has no next step.
    NoNextStep,
    /// Nobody was in touch with its account.
    NoActivity {
        /// For so many days.
        days: u32,
    },
    /// Nobody was ever in touch with its account.
    NeverInTouch,
}

/// An open deal that wants attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextBestView {
    /// The deal.
    #[serde(flatten)]
    pub link: RecordLink,
    /// Its account.
    pub account: Option<RecordLink>,
    /// Its stage.
    pub stage: String,
    /// Its amount.
    pub amount: Option<NamedValue>,
    /// The amount is disputed: never final.
    pub disputed: bool,
    /// Its close date, year-month-day.
    pub close_date: Option<String>,
    /// Why, the weightiest first. Never empty.
    pub reasons: Vec<NextReason>,
}

/// Why an account is suggested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum SuggestedReason {
    /// It is in today's agenda.
    OnAgenda {
        /// When; absent for what has no time of day.
        at_ms: Option<i64>,
    },
    /// It is due for a visit.
    VisitDue {
        /// So many days late.
        days: u32,
    },
    /// Somebody worked on it lately.
    Recent {
        /// When.
        at_ms: i64,
    },
}

/// An account that is suggested for the quick log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuggestedAccountView {
    /// The account.
    #[serde(flatten)]
    pub link: RecordLink,
    /// Where it is.
    pub city: Option<String>,
    /// Why.
    #[serde(flatten)]
    pub reason: SuggestedReason,
}

/// The numbers of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodayCounts {
    /// Tasks and activities of the day.
    pub agenda: u64,
    /// Of these, done.
    pub done: u64,
    /// Overdue tasks, and earlier activities of the last 14 days without an outcome.
    pub overdue: u64,
    /// The user's open deals.
    pub open_deals: u64,
    /// Of these, those without a next step.
    pub without_next_step: u64,
    /// Visits that the user logged on this day.
    pub visits: u64,
}

/// A rep's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodayView {
    /// The day, year-month-day.
    pub day: String,
    /// When this was read.
    pub as_of_ms: i64,
    /// What has a time comes first, in its order; then tasks by priority.
    pub agenda: Vec<AgendaItemView>,
    /// What is overdue, the longest overdue first; at most 50, `counts` has them all.
    pub overdue: Vec<AgendaItemView>,
    /// Open deals that want attention; at most 10.
    pub next_best: Vec<NextBestView>,
    /// Accounts for the quick log; at most 8.
    pub suggested: Vec<SuggestedAccountView>,
    /// The numbers.
    pub counts: TodayCounts,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{amount, json, link};
    use super::*;
    use crate::views::tests::record;
    use roadbook_domain::Entity;

    #[test]
    fn the_json_of_a_day_is_pinned() {
        let account =
            RecordLink { record: record(9), entity: Entity::Account, title: "Acme".into() };
        let visit = AgendaItemView {
            link: RecordLink {
                record: record(7),
                entity: Entity::Activity,
                title: "Visit: Acme".into(),
            },
            kind: "visit".into(),
            at_ms: Some(1_000),
            ends_ms: None,
            due_on: None,
            days_late: 0,
            account: Some(account.clone()),
            about: Some(link()),
            priority: None,
            outcome: None,
            done: false,
            pending: true,
        };
        let view = TodayView {
            day: "2026-11-20".into(),
            as_of_ms: 2_000,
            agenda: vec![visit],
            overdue: vec![],
            next_best: vec![NextBestView {
                link: link(),
                account: Some(account.clone()),
                stage: "Proposal".into(),
                amount: Some(amount(1_200_000)),
                disputed: false,
                close_date: Some("2026-11-10".into()),
                reasons: vec![
                    NextReason::CloseDatePassed { days: 10 },
                    NextReason::NoNextStep,
                    NextReason::NoActivity { days: 60 },
                    NextReason::NeverInTouch,
                ],
            }],
            suggested: [
                SuggestedReason::OnAgenda { at_ms: Some(1_000) },
                SuggestedReason::VisitDue { days: 3 },
                SuggestedReason::Recent { at_ms: 900 },
            ]
            .into_iter()
            .map(|reason| SuggestedAccountView {
                link: account.clone(),
                city: Some("Kiel".into()),
                reason,
            })
            .collect(),
            counts: TodayCounts { agenda: 1, open_deals: 4, ..TodayCounts::default() },
        };
        insta::assert_snapshot!(json(&view));
    }
}
