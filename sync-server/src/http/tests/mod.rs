//! The server over a real loopback listener: who is let in, who is not, and how it stops.

mod account;
mod browser;
mod proofs;
mod running;
pub(super) mod world;
