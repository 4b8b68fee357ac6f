//! The real binary, as a process: what no test inside the library can see.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod serving;
