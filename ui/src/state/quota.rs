//! Quotas fixed by hand while a plan is tried out: one amount a rep and product.

use std::rc::Rc;

use roadbook_api::commands::planning::QuotaEdit;
use yew::Reducible;

/// Quotas fixed by hand, in the order in which they were fixed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    /// The edits.
    pub all: Vec<QuotaEdit>,
}

/// What a person does with edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditAction {
    /// Fixes one, in place of an earlier one of the same rep and product.
    Fix(QuotaEdit),
    /// Lets one go.
    Free {
        /// The rep.
        rep: String,
        /// The product.
        product: String,
    },
    /// Lets all go.
    Clear,
}

impl Edits {
    /// The amount that is fixed for a rep and product.
    #[must_use]
    pub fn of(&self, rep: &str, product: &str) -> Option<&str> {
        let found = self.all.iter().find(|edit| edit.rep == rep && edit.product == product);
        found.map(|edit| edit.amount.as_str())
    }
}

impl Reducible for Edits {
    type Action = EditAction;

    fn reduce(self: Rc<Self>, action: EditAction) -> Rc<Self> {
        let without = |rep: &str, product: &str| {
            let others = self.all.iter().filter(|it| it.rep != rep || it.product != product);
            others.cloned().collect::<Vec<_>>()
        };
        let all = match action {
            EditAction::Fix(edit) => {
                let mut all = without(&edit.rep, &edit.product);
                all.push(edit);
                all
            }
            EditAction::Free { rep, product } => without(&rep, &product),
            EditAction::Clear => Vec::new(),
        };
        Rc::new(Self { all })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(rep: &str, amount: &str) -> EditAction {
        let (rep, amount) = (rep.to_owned(), amount.to_owned());
        EditAction::Fix(QuotaEdit { rep, product: "Pro".into(), amount })
    }

    #[test]
    fn the_last_amount_of_a_rep_and_product_holds_until_it_is_let_go() {
        let edits = Rc::new(Edits::default()).reduce(fix("Ana", "5EUR")).reduce(fix("Ben", "7EUR"));
        let edits = edits.reduce(fix("Ana", "9EUR"));
        assert_eq!((edits.of("Ana", "Pro"), edits.of("Ben", "Pro")), (Some("9EUR"), Some("7EUR")));
        assert_eq!(edits.all.len(), 2, "one amount a rep and product");
        let free = EditAction::Free { rep: "Ana".into(), product: "Pro".into() };
        assert_eq!(edits.clone().reduce(free).of("Ana", "Pro"), None);
        assert!(edits.reduce(EditAction::Clear).all.is_empty());
    }
}
