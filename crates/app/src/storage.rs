//! What is on this device, what opens it, and unsent work as a bundle.

use std::collections::BTreeMap;

use roadbook_api::commands::session::{ChangePassphrase, ExportBundle, ShowStorage};
use roadbook_api::views::{BundleView, KeyForm, StorageView};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_domain::Entity;
use roadbook_replica::{Replica, Unlock};

use crate::errors::{self, ApiResult, bad_input};
use crate::host::HostEntropy;
use crate::{App, Run};

/// A passphrase has at least so many characters.
const PASSPHRASE_MIN: usize = 8;

impl Run<ShowStorage> for App {
    fn run(&self, _: ShowStorage) -> ApiResult<StorageView> {
        self.with(|replica| view(replica))
    }
}

impl Run<ChangePassphrase> for App {
    fn run(&self, command: ChangePassphrase) -> ApiResult<StorageView> {
        let old = match command.old {
            Some(words) => Unlock::Passphrase(words),
            None => Unlock::KeyStore,
        };
        long_enough("new", &command.new)?;
        self.with(|replica| {
            replica.prove_unlock(&old).map_err(|error| {
                let remedy = "write the passphrase that opens this device now";
                let locked = errors::of_store(&error);
                ApiError::new(ErrorCode::Locked, locked.message.clone()).at(
                    "old",
                    locked.message,
                    remedy,
                )
            })?;
            let new = Unlock::Passphrase(command.new.clone());
            replica
                .change_unlock(&new, &mut HostEntropy(&*self.host))
                .map_err(|error| errors::of_store(&error))?;
            view(replica)
        })
    }
}

impl Run<ExportBundle> for App {
    fn run(&self, command: ExportBundle) -> ApiResult<BundleView> {
        if let Some(passphrase) = &command.passphrase {
            long_enough("passphrase", passphrase)?;
        }
        self.with(|replica| {
            let of_store = |error| errors::of_store(&error);
            let intents = replica.nowhere_else().map_err(of_store)?;
            if intents == 0 {
                let message = "everything is on the server; there is nothing to export";
                return Err(ApiError::new(ErrorCode::NothingToDo, message));
            }
            let bundle = replica
                .export_unsent(command.passphrase.as_deref(), &mut HostEntropy(&*self.host))
                .map_err(of_store)?;
            let text = String::from_utf8(bundle).map_err(|_| {
                ApiError::new(ErrorCode::Internal, "the bundle cannot be written as text")
            })?;
            let file_name = format!("roadbook-unsent-{}.json", replica.device());
            Ok(BundleView { file_name, text, intents, file: None })
        })
    }
}

fn long_enough(field: &str, passphrase: &str) -> ApiResult<()> {
    if passphrase.chars().count() < PASSPHRASE_MIN {
        let remedy = format!("use {PASSPHRASE_MIN} characters or more");
        return Err(bad_input(field, "is too short", &remedy));
    }
    Ok(())
}

fn view(replica: &Replica) -> ApiResult<StorageView> {
    let storage = replica.storage().map_err(|error| errors::of_store(&error))?;
    let status = replica.status().map_err(|error| errors::of_store(&error))?;
    let mut records = BTreeMap::new();
    for entity in Entity::ALL {
        let count = replica.count_all(entity).map_err(|error| errors::of_store(&error))?;
        if count > 0 {
            records.insert(entity.name().to_owned(), count);
        }
    }
    Ok(StorageView {
        records,
        documents: storage.documents,
        bytes: storage.bytes,
        document_bytes: storage.document_bytes,
        history_bytes: storage.history_bytes,
        key: if storage.uses_key_store { KeyForm::KeyStore } else { KeyForm::Passphrase },
        recoverable: storage.recoverable,
        unsent: storage.unsent,
        last_sync_ms: status.last_sync_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Log, create, device};
    use crate::{Device, KeyCost, Settings};

    #[test]
    fn the_storage_is_told_and_the_passphrase_changed() {
        let app = device("Rep");
        create(&app, "account", &["name=Acme"]);
        let view = app.run(ShowStorage {}).unwrap();
        assert_eq!((view.records["account"], view.unsent), (1, 1));
        assert_eq!((view.key, view.recoverable), (KeyForm::Passphrase, true));
        let change = |old: &str, new: &str| ChangePassphrase {
            old: Some(old.to_owned()),
            new: new.to_owned(),
        };
        let wrong = app.run(change("open", "another one")).unwrap_err();
        assert_eq!((wrong.code, wrong.fields[0].field.as_str()), (ErrorCode::Locked, "old"));
        let short = app.run(change("open sesame", "short")).unwrap_err();
        assert_eq!(short.fields[0].field, "new");
        app.run(change("open sesame", "another one")).unwrap();
        let folder = app.folder;
        drop(app.app);
        let settings = Settings { key_cost: KeyCost::least(), ..Settings::shipped() };
        let open = |words: &str| {
            let unlock = Unlock::Passphrase(words.to_owned());
            let device = Device { folder: folder.path(), unlock: &unlock, settings: &settings };
            App::open(&device, Box::new(crate::host::tests::TestHost::new())).map(drop)
        };
        assert_eq!(open("open sesame").unwrap_err().code, ErrorCode::Locked);
        open("another one").unwrap();
    }

    #[test]
    fn a_bundle_holds_what_is_nowhere_else_and_shows_nothing_of_it() {
        let app = device("Rep");
        create(&app, "account", &["name=Zqcanary"]);
        let export = |passphrase: Option<&str>| {
            app.run(ExportBundle { passphrase: passphrase.map(str::to_owned) })
        };
        let bundle = export(Some("battery staple")).unwrap();
        assert_eq!(bundle.intents, 1);
        assert!(!bundle.text.contains("Zqcanary") && bundle.text.contains("for_passphrase"));
        assert_eq!(export(Some("short")).unwrap_err().fields[0].field, "passphrase");
        Log::default().accept(&app, 0);
        assert_eq!(export(None).unwrap_err().code, ErrorCode::NothingToDo);
    }
}
