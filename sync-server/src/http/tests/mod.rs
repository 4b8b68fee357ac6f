//! The server over a real loopback listener: who is let in, who is not, and how it stops.

mod account;
mod proofs;
mod running;
mod world;
