//! Records by stage, with what each column adds up to.

use roadbook_domain::RecordId;
use serde::{Deserialize, Serialize};

use super::record::{NamedValue, RecordLink};

/// A field that a record should have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldNeed {
    /// The field.
    pub field: String,
    /// Its name for people.
    pub label: String,
}

/// The sum of a money field, one amount for each currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotalView {
    /// The field.
    pub field: String,
    /// Its name for people.
    pub label: String,
    /// The sums, greatest count of records first.
    pub sums: Vec<NamedValue>,
    /// How many of the records added are disputed in this field: then it is never final.
    pub disputed: u64,
}

/// What is amiss with a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardMarker {
    /// Its close date has passed.
    Slipped,
    /// It stands in its stage for more than 30 days.
    Stalled,
}

/// A record on a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardView {
    /// The record.
    #[serde(flatten)]
    pub link: RecordLink,
    /// Its account.
    pub account: Option<RecordLink>,
    /// Its owner.
    pub owner: Option<RecordLink>,
    /// Its amount.
    pub amount: Option<NamedValue>,
    /// The day that it ends: close date, valid until, due.
    pub ends_on: Option<String>,
    /// Its next step.
    pub next_step: Option<String>,
    /// Since when it stands in this column; absent where that is not known here.
    pub since_ms: Option<i64>,
    /// For how many whole days it stands there.
    pub days: Option<u32>,
    /// What should be filled in before it leaves this column.
    pub missing: Vec<String>,
    /// What is amiss.
    pub markers: Vec<CardMarker>,
    /// The fields that are disputed.
    pub disputed: Vec<String>,
    /// Something about it waits on this device to be sent.
    pub pending: bool,
    /// When it was last edited.
    pub updated_ms: i64,
}

/// One column of a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnView {
    /// The stage, status or state.
    pub state: String,
    /// Records in it are finished.
    pub closed: bool,
    /// The usual probability of winning, in percent; for stages.
    pub probability_percent: Option<u8>,
    /// The forecast category; for stages.
    pub category: Option<String>,
    /// How many records are in it.
    pub count: u64,
    /// The sum of their amounts.
    pub total: Option<TotalView>,
    /// The sum of their amounts by probability.
    pub weighted: Option<TotalView>,
    /// What a record should have before it leaves this column.
    pub needs: Vec<FieldNeed>,
    /// The first cards.
    pub cards: Vec<CardView>,
    /// Where to go on; absent at the end.
    pub next: Option<String>,
}

/// A board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardView {
    /// The field that the columns are of.
    pub field: String,
    /// Its name for people.
    pub label: String,
    /// When this was read.
    pub as_of_ms: i64,
    /// The columns, in the order of the stages.
    pub columns: Vec<ColumnView>,
    /// Of the cards, those that are disputed in their stage, status or state.
    pub disputed: Vec<RecordId>,
}

#[cfg(test)]
mod tests {
    use super::super::tests::{amount, json, link};
    use super::*;

    #[test]
    fn the_json_of_a_board_is_pinned() {
        let total = |minor| TotalView {
            field: "amount".into(),
            label: "Amount".into(),
            sums: vec![amount(minor)],
            disputed: 1,
        };
        let card = CardView {
            link: link(),
            account: None,
            owner: None,
            amount: Some(amount(1_200_000)),
            ends_on: Some("2026-12-31".into()),
            next_step: Some("call".into()),
            since_ms: Some(1_000),
            days: Some(40),
            missing: vec!["contacts".into()],
            markers: vec![CardMarker::Slipped, CardMarker::Stalled],
            disputed: vec!["amount".into()],
            pending: false,
            updated_ms: 1_000,
        };
        let view = BoardView {
            field: "stage".into(),
            label: "Stage".into(),
            as_of_ms: 2_000,
            columns: vec![ColumnView {
                state: "Proposal".into(),
                closed: false,
                probability_percent: Some(60),
                category: Some("Best case".into()),
                count: 1,
                total: Some(total(1_200_000)),
                weighted: Some(total(720_000)),
                needs: vec![FieldNeed { field: "amount".into(), label: "Amount".into() }],
                cards: vec![card],
                next: Some("1".into()),
            }],
            disputed: vec![],
        };
        insta::assert_snapshot!(json(&view));
    }
}
