//! `init`: a tenant with its keys, and its first administrator.

use std::path::Path;

use roadbook_policy::Role;
use serde_json::json;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::arguments::{Common, Init};
use super::failure::{Exit, Failure};
use super::output::Answer;
use super::{Host, data_dir, login_of, name_of, password};
use crate::tenant::{Credential, IdentityKind, NewUser, Tenant, TenantError, TenantKeys, User};

/// The name of a tenant that was not named.
const DEFAULT_TENANT: &str = "main";

pub(super) fn init(
    options: &Init,
    common: &Common,
    host: &mut Host<'_>,
) -> Result<Answer, Failure> {
    let dir = data_dir(common, host)?;
    let name = common.tenant.as_deref().unwrap_or(DEFAULT_TENANT);
    let path = dir.path_of(name).map_err(crate::data_dir::DataDirError::from)?;
    if path.exists() {
        return Err(Failure::new(
            Exit::Refused,
            "tenant_exists",
            format!("there is a tenant `{name}` in {} already", dir.root().display()),
            "choose another name with --tenant, or another folder with --data-dir",
        ));
    }
    let login = login_of(&options.admin)?;
    let admin_name = name_of(&options.admin_name)?;
    let password_hash = password::hashed(&options.password, host)?;
    if options.writing.dry_run {
        let root = dir.root().display().to_string();
        return Ok(Answer {
            text: format!("would make tenant `{name}` in {root} with administrator `{login}`"),
            json: json!({
                "dry_run": true, "tenant": name, "data_dir": root, "admin": { "login": login },
            }),
        });
    }
    dir.make()?;
    let mut ids = (host.ids)();
    let now_ms = host.clock.now_ms();
    let private = StaticSecret::from(ids.secret());
    let public = PublicKey::from(&private);
    let keys = TenantKeys::generate(public.to_bytes(), ids.as_mut());
    let tenant = Tenant::create(&path, name, keys, now_ms, ids.as_mut())?;
    let new = NewUser {
        name: admin_name,
        login: Some(login.clone()),
        role: Role::Administrator,
        territory: None,
    };
    let kind = if options.demo { IdentityKind::Demo } else { IdentityKind::Real };
    let administrator = || -> Result<User, TenantError> {
        let user = tenant.add_user(&new, now_ms, ids.as_mut())?;
        let login = login.clone();
        tenant.put_credential(&Credential { user: user.id, login, password_hash, kind })?;
        Ok(user)
    };
    let user = match administrator() {
        Ok(user) => user,
        Err(error) => {
            // A tenant that nobody can sign in to is none; its keys were shown to nobody.
            drop(tenant);
            remove(&path);
            return Err(error.into());
        }
    };
    let recovery = Zeroizing::new(hex(private.as_bytes()));
    let server_key = hex(tenant.keys().verifying().as_bytes());
    let text = format!(
        "made tenant `{name}` ({id}) in {root}\n\
         administrator: {login}\n\
         \n\
         RECOVERY KEY, shown this once and stored nowhere:\n\
         \n    {key}\n\n\
         Write it down and keep it offline. It opens device databases of this tenant whose own\n\
         key is lost; without it, unsent work on such a device is gone.\n\
         \n\
         next: roadbook-server serve --data-dir {root}",
        id = tenant.id(),
        root = dir.root().display(),
        key = recovery.as_str(),
    );
    let json = json!({
        "dry_run": false,
        "tenant": name,
        "tenant_id": tenant.id(),
        "data_dir": dir.root().display().to_string(),
        "admin": { "id": user.id, "login": login, "demo": options.demo },
        "server_key": server_key,
        "recovery_public_key": hex(public.as_bytes()),
        "recovery_private_key": recovery.as_str(),
    });
    Ok(Answer { json, text })
}

/// Removes the files of a tenant that was not finished; what cannot be removed stays to be seen.
fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        std::fs::remove_file(file).unwrap_or_default();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
