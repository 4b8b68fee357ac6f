//! The JSON bodies of signing in, enrolling a device and writing the directory.

use roadbook_domain::{DeviceId, RecordId, TenantId, UserId};
use serde::{Deserialize, Serialize};

/// `POST /v1/sign-in`: a user proves who they are to the local issuer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInRequest {
    /// The tenant's name.
    pub tenant: String,
    /// The user's sign-in name.
    pub login: String,
    /// The password. Never logged.
    pub password: String,
}

impl std::fmt::Debug for SignInRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInRequest").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// The answer to a sign-in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInResponse {
    /// A short-lived ID token (JWT, EdDSA), good for enrolling one device.
    pub id_token: String,
}

/// `POST /v1/enrol` with `Authorization: Bearer <ID token>`: a device is bound to the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The device's id, made on the device.
    pub device: DeviceId,
    /// Its name for people.
    pub name: String,
    /// Its Ed25519 public key, in hex (32 bytes).
    pub public_key: String,
}

/// The answer to an enrolment: all that the device must remember.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolResponse {
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// The user's name for people.
    pub user_name: String,
    /// The user's role, as the schema spells it.
    pub role: String,
    /// The server's Ed25519 public key for receipts, in hex.
    pub server_key: String,
    /// The tenant's X25519 recovery key (public half), in hex.
    pub recovery_key: String,
    /// The key from which the device derives salts, in hex. A secret.
    pub salt_key: String,
    /// The server's restore epoch.
    pub restore_epoch: u64,
    /// The server's wall clock, in milliseconds since 1970.
    pub wall_ms: i64,
}

impl std::fmt::Debug for EnrolResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolResponse")
            .field("tenant", &self.tenant)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// `POST /v1/directory`, by an administrator's device: users, teams and territories that shall
/// exist. Matched by external id, or by a name that can mean one alone which the same system has not
/// named yet (for a user: a rep, or a manager for a team's lead); the server writes what is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRequest {
    /// Territories, parents before children.
    pub territories: Vec<DirectoryEntry>,
    /// Teams.
    pub teams: Vec<DirectoryEntry>,
    /// Users; made without sign-in.
    pub users: Vec<DirectoryEntry>,
}

/// One entry of the directory that shall exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryEntry {
    /// `system:id` in the system that it comes from.
    pub external_id: String,
    /// The name for people.
    pub name: String,
    /// The external id of its parent territory, of the user's territory, or of the team's lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub belongs_to: Option<String>,
    /// The external ids of the teams that a user is a member of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
}

/// The answer: one id per entry, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryResponse {
    /// The territories' record ids.
    pub territories: Vec<RecordId>,
    /// The teams' record ids.
    pub teams: Vec<RecordId>,
    /// The users' record ids.
    pub users: Vec<RecordId>,
    /// How many were new.
    pub created: u64,
}

/// An error of the JSON API: RFC 9457 problem details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable word for programs, as a URI reference: `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, in a sentence, and what to do.
    pub detail: String,
    /// The server's wall clock, in milliseconds since 1970, when the device's clock is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_wall_ms: Option<i64>,
}

impl Problem {
    /// The stable word.
    #[must_use]
    pub fn code(&self) -> &str {
        self.kind.strip_prefix("/problems/").unwrap_or(&self.kind)
    }
}
