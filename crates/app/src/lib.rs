//! The use cases: the only place that joins replica and policy.
