//! The tenants that a running server has open.
//!
//! A tenant that is added while the server runs is found at the first request that names it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use roadbook_domain::TenantId;

use crate::data_dir::{DataDir, DataDirError};
use crate::identity::token::key_id;
use crate::tenant::Tenant;

/// All open tenants. Blocking: a miss may look at the folder.
#[derive(Debug)]
pub(crate) struct Tenants {
    dir: DataDir,
    /// Replaced as a whole, so that readers hold no lock.
    open: RwLock<Arc<Open>>,
}

#[derive(Debug, Clone, Default)]
struct Open {
    /// Each under the name of its file.
    tenants: Vec<(String, Arc<Tenant>)>,
    /// When the folder had changed last, as of the last look.
    seen: Option<SystemTime>,
}

impl Tenants {
    /// Opens all tenants of a folder.
    ///
    /// # Errors
    /// [`DataDirError`] of the first that cannot be opened.
    pub(crate) fn open(dir: DataDir, now_ms: i64) -> Result<Self, DataDirError> {
        let tenants = Self { dir, open: RwLock::default() };
        tenants.look(now_ms)?;
        Ok(tenants)
    }

    /// All open tenants.
    pub(crate) fn all(&self) -> Vec<Arc<Tenant>> {
        let open = self.opened();
        open.tenants.iter().map(|(_, tenant)| Arc::clone(tenant)).collect()
    }

    /// The tenant of an id.
    pub(crate) fn by_id(&self, id: TenantId, now_ms: i64) -> Option<Arc<Tenant>> {
        self.find(now_ms, |_, tenant| tenant.id() == id)
    }

    /// The tenant of a name.
    pub(crate) fn by_name(&self, name: &str, now_ms: i64) -> Option<Arc<Tenant>> {
        self.find(now_ms, |file, _| file == name)
    }

    /// The tenant whose issuer has a key.
    pub(crate) fn by_key(&self, kid: &str, now_ms: i64) -> Option<Arc<Tenant>> {
        self.find(now_ms, |_, tenant| key_id(&tenant.keys().verifying()) == kid)
    }

    fn opened(&self) -> Arc<Open> {
        Arc::clone(&self.open.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn find(&self, now_ms: i64, fits: impl Fn(&str, &Tenant) -> bool) -> Option<Arc<Tenant>> {
        let known = || {
            let open = self.opened();
            let mut tenants = open.tenants.iter();
            let found = tenants.find(|(file, tenant)| fits(file, tenant));
            found.map(|(_, tenant)| Arc::clone(tenant))
        };
        known().or_else(|| match self.look(now_ms) {
            Ok(()) => known(),
            Err(error) => {
                let chain = anyhow::Error::new(error);
                tracing::error!(cause = format!("{chain:#}"), "a tenant cannot be opened");
                None
            }
        })
    }

    /// Opens what is in the folder and not open yet. One at a time, so that none is opened twice.
    fn look(&self, now_ms: i64) -> Result<(), DataDirError> {
        let changed = self.dir.changed();
        if changed.is_some() && self.opened().seen == changed {
            return Ok(());
        }
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Open::clone(&open);
        for name in self.dir.names()? {
            if next.tenants.iter().all(|(file, _)| *file != name) {
                let tenant = Arc::new(self.dir.open(&name, now_ms)?);
                next.tenants.push((name, tenant));
            }
        }
        next.seen = changed;
        *open = Arc::new(next);
        drop(open);
        Ok(())
    }
}
