//! Tests of the domain crate from outside.

mod data_model;
