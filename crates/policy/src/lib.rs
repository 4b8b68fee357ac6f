//! Entitlements: who may see and do what, with a decision and a reason.
