//! The acts of the story, in order.

pub(crate) mod company;
pub(crate) mod conflict;
pub(crate) mod denial;
pub(crate) mod secrets;
pub(crate) mod territory;
