//! One field that is edited in place: look, type, send, and what came of it.

use std::rc::Rc;

use yew::{AttrValue, Reducible};

/// Where an edit in place stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Edit {
    /// The value is shown.
    #[default]
    Shown,
    /// A person types.
    Typing(AttrValue),
    /// It is being saved; the text that was typed is shown meanwhile.
    Saving(AttrValue),
    /// It was not saved; the text that was typed is kept.
    Refused {
        /// What was typed.
        text: AttrValue,
        /// Why it was not saved.
        why: AttrValue,
    },
}

/// What happens to an edit in place.
#[derive(Debug, Clone, PartialEq)]
pub enum EditAction {
    /// Begins with the value as text.
    Begin(AttrValue),
    /// The text is another.
    Type(AttrValue),
    /// The text is being saved.
    Save,
    /// It was saved.
    Saved,
    /// It was not.
    Refused(AttrValue),
    /// Leaves it as it was.
    Revert,
}

impl Edit {
    /// The text in the field; `None` while the value is shown.
    #[must_use]
    pub fn text(&self) -> Option<&AttrValue> {
        match self {
            Self::Shown => None,
            Self::Typing(text) | Self::Saving(text) | Self::Refused { text, .. } => Some(text),
        }
    }
}

impl Reducible for Edit {
    type Action = EditAction;

    fn reduce(self: Rc<Self>, action: EditAction) -> Rc<Self> {
        match (&*self, action) {
            (Self::Shown, EditAction::Begin(text)) => Rc::new(Self::Typing(text)),
            (Self::Typing(_) | Self::Refused { .. }, EditAction::Type(text)) => {
                Rc::new(Self::Typing(text))
            }
            (Self::Typing(text) | Self::Refused { text, .. }, EditAction::Save) => {
                Rc::new(Self::Saving(text.clone()))
            }
            (Self::Saving(_), EditAction::Saved) => Rc::new(Self::Shown),
            (Self::Saving(text), EditAction::Refused(why)) => {
                Rc::new(Self::Refused { text: text.clone(), why })
            }
            (Self::Typing(_) | Self::Refused { .. }, EditAction::Revert) => Rc::new(Self::Shown),
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(actions: &[EditAction]) -> Rc<Edit> {
        actions.iter().fold(Rc::new(Edit::Shown), |state, action| state.reduce(action.clone()))
    }

    #[test]
    fn what_was_refused_keeps_its_text_and_can_be_sent_again() {
        use EditAction::{Begin, Refused, Save, Saved, Type};
        let typed = [Begin("12".into()), Type("a lot".into()), Save, Refused("no money".into())];
        let refused = after(&typed);
        assert_eq!(refused.text().map(AttrValue::as_str), Some("a lot"));
        let saved = refused.reduce(Type("14".into())).reduce(Save).reduce(Saved);
        assert_eq!(*saved, Edit::Shown);
    }

    #[test]
    fn an_edit_that_is_being_saved_cannot_be_reverted() {
        use EditAction::{Begin, Revert, Save};
        let state = after(&[Begin("12".into()), Save, Revert]);
        assert_eq!(*state, Edit::Saving("12".into()));
        assert_eq!(*after(&[Begin("12".into()), Revert]), Edit::Shown);
    }
}
