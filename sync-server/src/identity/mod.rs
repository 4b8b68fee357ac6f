//! The local issuer: passwords and ID tokens.
//!
//! Knows no HTTP and no store. After enrolment a device's key speaks for it; a password is used
//! to enrol and for nothing else. Foreign issuers (OpenID Connect) will stand beside this one.

pub mod password;
pub mod token;

/// The longest name of a tenant or of a user who signs in, in bytes.
pub(crate) const NAME_MAX_BYTES: usize = 256;
