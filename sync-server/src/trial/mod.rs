//! For tests: a tenant with people and devices, small, fast and under a seed.
//!
//! The devices keep the rules of the protocol unless a test makes them break one. They store
//! nothing and know no projections.

mod device;

use std::collections::BTreeMap;

use roadbook_domain::{
    Currency, DeviceId, Entity, Facet, FieldEdit, Intent, Money, RecordId, UserId, Value,
};
use roadbook_policy::Role;
use tempfile::TempDir;

pub(crate) use device::{Synced, TrialDevice};

use crate::ids::IdSource;
use crate::tenant::{NewUser, Tenant, TenantKeys};

/// 2026-11-20 08:00 UTC.
pub(crate) const START_MS: i64 = 1_795_161_600_000;
pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Random bytes from a seed (xorshift64*).
#[derive(Debug, Clone)]
pub(crate) struct Seeded(pub(crate) u64);

impl IdSource for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            *byte = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d).to_be_bytes()[0];
        }
    }
}

/// North with Ana (Rep) and Ben (Senior rep), who are a team that Mia (Manager) leads; south with
/// Zoe (Rep); Ada (Administrator).
pub(crate) struct Trial {
    pub(crate) folder: TempDir,
    pub(crate) tenant: Tenant,
    pub(crate) ids: Seeded,
    pub(crate) now_ms: i64,
    pub(crate) north: RecordId,
    pub(crate) south: RecordId,
    pub(crate) team: RecordId,
    pub(crate) ana: UserId,
    pub(crate) ben: UserId,
    pub(crate) mia: UserId,
    pub(crate) zoe: UserId,
    pub(crate) ada: UserId,
}

impl Trial {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut ids = Seeded(7);
        let keys = TenantKeys::generate([9; 32], &mut ids);
        let path = folder.path().join("tenant.db");
        let tenant = Tenant::create(&path, "acme", keys, START_MS, &mut ids).unwrap();
        let north = tenant.add_territory("North", None, START_MS, &mut ids).unwrap().id;
        let south = tenant.add_territory("South", None, START_MS, &mut ids).unwrap().id;
        let mut user = |name: &str, role, territory| {
            let login = Some(name.to_lowercase());
            let new = NewUser { name: name.to_owned(), login, role, territory };
            tenant.add_user(&new, START_MS, &mut ids).unwrap().id
        };
        let ana = user("Ana", Role::Rep, Some(north));
        let ben = user("Ben", Role::SeniorRep, Some(north));
        let mia = user("Mia", Role::Manager, Some(north));
        let zoe = user("Zoe", Role::Rep, Some(south));
        let ada = user("Ada", Role::Administrator, None);
        let team = tenant.add_team("Field", Some(mia), START_MS, &mut ids).unwrap().id;
        let change = crate::tenant::TeamChange {
            add: vec![ana, ben],
            ..crate::tenant::TeamChange::default()
        };
        tenant.change_team(team, &change, START_MS, &mut ids).unwrap();
        let now_ms = START_MS + 60_000;
        Self { folder, tenant, ids, now_ms, north, south, team, ana, ben, mia, zoe, ada }
    }

    /// A device of a user that has never synced.
    pub(crate) fn device(&mut self, user: UserId) -> TrialDevice {
        TrialDevice::enrolled(self, user)
    }

    pub(crate) fn record(&mut self) -> RecordId {
        self.now_ms += 1;
        self.ids.record(self.now_ms)
    }

    pub(crate) fn device_id(&mut self) -> DeviceId {
        DeviceId(self.ids.uuid(self.now_ms))
    }

    /// A row of the tables for the central pipeline.
    pub(crate) fn projected(
        &self,
        entity: Entity,
        facet: Facet,
        record: RecordId,
    ) -> BTreeMap<String, String> {
        let row = self.tenant.projected(entity, facet, record).unwrap();
        row.expect("the record has a row").into_iter().collect()
    }

    /// An account of Ana's in the north that everybody there has, and its maker.
    pub(crate) fn with_account(&mut self) -> (RecordId, TrialDevice) {
        let account = self.record();
        let mut ana = self.device(self.ana);
        ana.sync(self);
        let fields = [
            ("name", text("Acme")),
            ("owner", Value::Reference(self.ana.into())),
            ("territory", Value::Reference(self.north)),
        ];
        ana.commit(self, &create(account, Entity::Account, &fields));
        ana.sync_clean(self);
        (account, ana)
    }

    /// An opportunity of that account with an amount of 1000 EUR.
    pub(crate) fn with_deal(&mut self) -> (RecordId, RecordId, TrialDevice) {
        let (account, mut ana) = self.with_account();
        let deal = self.record();
        let fields = [
            ("name", text("Renewal")),
            ("account", Value::Reference(account)),
            ("amount", money(1_000)),
        ];
        ana.commit(self, &create(deal, Entity::Opportunity, &fields));
        ana.sync_clean(self);
        (account, deal, ana)
    }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Whole euros.
pub(crate) fn money(euros: i64) -> Value {
    Value::Money(Money::new(euros * 100, Currency::EUR))
}

pub(crate) fn create(record: RecordId, entity: Entity, fields: &[(&str, Value)]) -> Intent {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Intent::Create { record, entity, fields }
}

pub(crate) fn edit(
    record: RecordId,
    entity: Entity,
    field: &str,
    from: Value,
    to: Value,
) -> Intent {
    let edits = vec![FieldEdit { field: field.to_owned(), from, to }];
    Intent::EditFields { record, entity, edits }
}
