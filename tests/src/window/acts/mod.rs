//! The journeys, one a file.

pub(super) mod conflict;
pub(super) mod keys;
pub(super) mod leaving;
pub(super) mod link;
pub(super) mod many;
pub(super) mod offline;
pub(super) mod revival;
pub(super) mod tree;
pub(super) mod walls;
