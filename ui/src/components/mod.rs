//! The parts that screens are made of, each once. `/components` shows all of them in every state.
//!
//! A part takes plain values and callbacks and knows no command. Only a few ask the context:
//! [`link`] where we are, [`figures`] what time it is, [`chart`] how much room there is.

pub mod avatar;
pub mod button;
pub mod chart;
pub mod chip;
pub mod combo;
pub mod dialog;
pub mod diff;
pub mod empty;
pub mod field;
pub mod figures;
pub mod icon;
pub mod inline_field;
pub mod link;
pub mod mark;
pub mod menu;
pub mod page;
pub mod progress;
pub mod stage_steps;
pub mod sync_strip;
pub mod table;
pub mod tabs;
pub mod toast;

pub use avatar::Avatar;
pub use button::{Button, ButtonKind, IconButton};
pub use chart::{BarChart, ChartRow};
pub use chip::{Chip, ChoiceChips};
pub use combo::{Combo, Offer, Offers};
pub use dialog::Dialog;
pub use diff::Diff;
pub use empty::{Empty, Problem};
pub use field::{DateField, MoneyField, Select, TextArea, TextField};
pub use figures::{Amount, When};
pub use icon::{Glyph, Icon};
pub use inline_field::{Editor, InlineField, LabelPlace};
pub use link::{Link, RecordName};
pub use mark::{FieldMark, Standing};
pub use menu::{Menu, MenuItem};
pub use page::{PageHead, Section};
pub use progress::{Progress, Skeleton};
pub use stage_steps::StageSteps;
pub use sync_strip::SyncStrip;
pub use table::{Align, Column, Table};
pub use tabs::{Tab, Tabs};
pub use toast::ToastStack;
