//! Tests of the wrapped forms.

use super::*;
use crate::testing::Fixed;

fn key() -> RawKey {
    Zeroizing::new([7; 32])
}

fn wrapped(words: &str) -> KeyFile {
    let unlock = Unlock::Passphrase(words.into());
    KeyFile::wrap("device", &key(), &unlock, KeyCost::least(), &mut Fixed(1)).unwrap()
}

#[test]
fn the_right_passphrase_opens_and_a_wrong_one_is_an_error() {
    let file = wrapped("open sesame");
    let open = |words: &str| file.unwrap(&Unlock::Passphrase(words.into()));
    assert_eq!(*open("open sesame").unwrap(), [7; 32]);
    assert!(matches!(open("open sesam"), Err(KeyError::WrongPassphrase)));
    assert!(matches!(file.unwrap(&Unlock::KeyStore), Err(KeyError::NoSuchForm(..))));
}

#[test]
fn changing_the_passphrase_wraps_the_same_key_again() {
    let mut file = wrapped("old");
    let new = Unlock::Passphrase("new".into());
    file.rewrap(&key(), &new, KeyCost::least(), &mut Fixed(2)).unwrap();
    assert_eq!(*file.unwrap(&new).unwrap(), [7; 32]);
    assert!(file.unwrap(&Unlock::Passphrase("old".into())).is_err());
}

#[test]
fn the_recovery_key_opens_what_the_passphrase_closed() {
    let private = [9; 32];
    let public = x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(private));
    let mut file = wrapped("lost");
    file.wrap_for_recovery(&key(), public.as_bytes(), &mut Fixed(3));
    assert_eq!(*file.unwrap(&Unlock::Recovery(private)).unwrap(), [7; 32]);
    assert!(matches!(file.unwrap(&Unlock::Recovery([8; 32])), Err(KeyError::Unreadable(_))));
}

#[test]
fn the_file_survives_a_write_and_a_newer_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = wrapped("x");
    file.write(dir.path()).unwrap();
    assert_eq!(KeyFile::read(dir.path()).unwrap(), file);
    let text = std::fs::read_to_string(KeyFile::path(dir.path())).unwrap();
    assert!(!text.contains(&crate::hex::write(&[7; 32])), "the key itself is not there");
    file.version = VERSION + 1;
    file.write(dir.path()).unwrap();
    let error = KeyFile::read(dir.path()).unwrap_err().to_string();
    assert!(error.contains("newer"), "{error}");
}

#[cfg(not(feature = "key-store"))]
#[test]
fn without_a_key_store_the_error_names_the_passphrase() {
    let made = KeyFile::wrap("device", &key(), &Unlock::KeyStore, KeyCost::least(), &mut Fixed(1));
    let error = made.unwrap_err().to_string();
    assert!(error.contains("ROADBOOK_PASSPHRASE"), "{error}");
}
