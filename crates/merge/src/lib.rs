//! How intents become Automerge changes, and documents become records and conflicts.
