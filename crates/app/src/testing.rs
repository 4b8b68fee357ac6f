//! What the tests share: a device in a temporary folder that belongs to a user with a role.

use roadbook_api::Assignment;
use roadbook_api::commands::writes::CreateRecord;
use roadbook_domain::{RecordId, TenantId, UserId};
use roadbook_replica::{Enrolment, Settings, Unlock};
use tempfile::TempDir;

use crate::host::HostEntropy;
use crate::host::tests::TestHost;
use crate::{App, Device, KeyCost, Run as _};

/// An app and the folder that it lives in.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) folder: TempDir,
}

impl std::ops::Deref for TestApp {
    type Target = App;
    fn deref(&self) -> &App {
        &self.app
    }
}

/// A device of a user, as if enrolled; there is no server.
pub(crate) fn device(role: &str) -> TestApp {
    let folder = tempfile::tempdir().unwrap();
    let unlock = Unlock::Passphrase("open sesame".into());
    let settings = Settings { key_cost: KeyCost::least(), ..Settings::shipped() };
    let device = Device { folder: folder.path(), unlock: &unlock, settings: &settings };
    let app = App::create(&device, "Ben's phone", Box::new(TestHost::new())).unwrap();
    let enrolment = Enrolment {
        server_url: "http://127.0.0.1:1".into(),
        tenant_name: "acme".into(),
        tenant: TenantId::from_bytes([1; 16]),
        user: UserId::from_bytes([2; 16]),
        user_name: "Ben".into(),
        role: role.into(),
        server_key: [3; 32],
        recovery_key: [9; 32],
        salt_key: [4; 32],
        restore_epoch: 1,
    };
    let host = TestHost::new();
    app.with(|replica| replica.enrol(&enrolment, &mut HostEntropy(&host))).unwrap();
    TestApp { app, folder }
}

pub(crate) fn assignments(texts: &[&str]) -> Vec<Assignment> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Makes a record.
pub(crate) fn create(app: &App, entity: &str, values: &[&str]) -> RecordId {
    let assignments = assignments(values);
    app.run(CreateRecord { entity: entity.into(), assignments, why: None }).unwrap().link.record
}
