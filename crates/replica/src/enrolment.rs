//! What a device knows of itself and of the tenant it was enrolled in.

use ed25519_dalek::SigningKey;
use roadbook_domain::{DeviceId, TenantId, UserId};
use roadbook_merge::SaltKey;
use roadbook_policy::Role;
use roadbook_sync_protocol::account::{EnrolRequest, EnrolResponse};
use serde::{Deserialize, Serialize};

use crate::hex;

/// What makes a device: its id, its name for people, and the seed of its signing key.
#[derive(Clone)]
pub struct CreateDevice {
    /// The device's id, made by the host.
    pub device: DeviceId,
    /// Its name for people.
    pub name: String,
}

/// What makes a device that a server keeps for a browser.
#[derive(Clone)]
pub struct HostedDevice {
    /// The device's id.
    pub device: DeviceId,
    /// Its name for people.
    pub name: String,
    /// The seed of its signing key. A secret of the server.
    pub seed: [u8; 32],
    /// Which installation it is; higher than any before.
    pub install_epoch: u32,
}

/// An answer of the server that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server's enrolment is unusable: `{0}` is malformed; is the server a newer version?")]
pub struct InvalidEnrolment(pub &'static str);

/// All that a device must remember of its enrolment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Where the server is.
    pub server_url: String,
    /// The tenant's name, as given at sign-in.
    pub tenant_name: String,
    /// The tenant.
    pub tenant: TenantId,
    /// The user.
    pub user: UserId,
    /// The user's name for people.
    pub user_name: String,
    /// The user's role, as the schema spells it.
    pub role: String,
    /// The server's Ed25519 public key, for receipts.
    pub server_key: [u8; 32],
    /// The tenant's X25519 recovery key (public half).
    pub recovery_key: [u8; 32],
    /// The key from which salts are derived. A secret.
    pub salt_key: SaltKey,
    /// The server's restore epoch.
    pub restore_epoch: u64,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enrolment")
            .field("server_url", &self.server_url)
            .field("tenant", &self.tenant)
            .field("user", &self.user)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl Enrolment {
    /// Reads the server's answer.
    ///
    /// # Errors
    /// [`InvalidEnrolment`] names the malformed member.
    pub fn from_response(
        server_url: &str,
        tenant_name: &str,
        response: &EnrolResponse,
    ) -> Result<Self, InvalidEnrolment> {
        let key = |text: &str, name| hex::read(text).ok_or(InvalidEnrolment(name));
        response.role.parse::<Role>().map_err(|_| InvalidEnrolment("role"))?;
        Ok(Self {
            server_url: server_url.to_owned(),
            tenant_name: tenant_name.to_owned(),
            tenant: response.tenant,
            user: response.user,
            user_name: response.user_name.clone(),
            role: response.role.clone(),
            server_key: key(&response.server_key, "server_key")?,
            recovery_key: key(&response.recovery_key, "recovery_key")?,
            salt_key: key(&response.salt_key, "salt_key")?,
            restore_epoch: response.restore_epoch,
        })
    }
}

/// What the device is: never leaves it but for the id, the name and the public key.
pub(crate) struct Identity {
    pub(crate) device: DeviceId,
    pub(crate) name: String,
    pub(crate) signing: SigningKey,
}

impl Identity {
    /// The body of `POST /v1/enrol`.
    pub(crate) fn enrol_request(&self) -> EnrolRequest {
        EnrolRequest {
            device: self.device,
            name: self.name.clone(),
            public_key: hex::write(self.signing.verifying_key().as_bytes()),
        }
    }
}
