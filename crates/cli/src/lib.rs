//! The headless device: the binary roadbook.
