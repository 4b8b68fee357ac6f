//! A device's database as somebody with its passphrase can read it, page by page.
//!
//! Written from the formats alone (`keys.json`; SQLCipher 4 pages: AES-256-CBC, the IV and an
//! HMAC-SHA512 in the last 80 bytes), so that it sees what the device's own code would not show:
//! free pages, the write-ahead log, the tables behind the search index.

use std::collections::BTreeSet;
use std::path::Path;

use aes::Aes256;
use anyhow::{Context as _, ensure};
use argon2::{Algorithm, Argon2, Params, Version};
use cbc::Decryptor;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value as Json;

use super::programs::{number, text};

const PAGE: usize = 4096;
/// What SQLCipher keeps for itself at the end of each page.
const RESERVED: usize = 80;
const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// The raw key of a device.
pub(crate) type RawKey = [u8; 32];

/// Unwraps the key of a device with its passphrase.
pub(crate) fn key(folder: &Path, passphrase: &str) -> anyhow::Result<RawKey> {
    let file: Json = serde_json::from_slice(&std::fs::read(folder.join("keys.json"))?)?;
    let form = file.get("passphrase").context("the device is opened by a passphrase")?;
    let cost = |name| Ok::<_, anyhow::Error>(u32::try_from(number(form, name)?)?);
    let params = Params::new(cost("/memory_kib")?, cost("/passes")?, cost("/lanes")?, Some(32))
        .map_err(|error| anyhow::anyhow!("the cost of the passphrase: {error}"))?;
    let mut under = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), &bytes(text(form, "/salt")?)?, &mut under)
        .map_err(|error| anyhow::anyhow!("the passphrase: {error}"))?;
    let nonce: [u8; 12] = as_array(&bytes(text(form, "/nonce")?)?)?;
    let wrapped = bytes(text(form, "/wrapped")?)?;
    let payload = Payload { msg: &wrapped, aad: b"roadbook key under passphrase 1" };
    let key = ChaCha20Poly1305::new(&Key::from(under))
        .decrypt(&Nonce::from(nonce), payload)
        .map_err(|_| anyhow::anyhow!("the passphrase does not open keys.json"))?;
    as_array(&key)
}

/// Opens the database with a raw key, as SQLCipher does.
pub(crate) fn open(path: &Path, key: &RawKey) -> anyhow::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    connection.execute_batch(&format!("PRAGMA key = \"x'{hex}'\";"))?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// The decrypted pages of a database and of its write-ahead log.
pub(crate) struct Pages {
    /// Pages that hold something.
    pub(crate) used: Vec<Vec<u8>>,
    /// Pages on the free list.
    pub(crate) free: Vec<Vec<u8>>,
    /// Pages in the write-ahead log, old versions included.
    pub(crate) log: Vec<Vec<u8>>,
}

/// Decrypts every page.
pub(crate) fn pages(path: &Path, key: &RawKey) -> anyhow::Result<Pages> {
    let file = std::fs::read(path)?;
    let all: Vec<Vec<u8>> = file
        .chunks_exact(PAGE)
        .enumerate()
        .map(|(at, page)| decrypt(key, page, if at == 0 { 16 } else { 0 }))
        .collect::<anyhow::Result<_>>()?;
    let first = all.first().context("the database is empty")?;
    ensure!(
        first[16..18] == [0x10, 0x00] && first[20] == 80,
        "the first page does not decrypt to a database header"
    );
    let free = free_list(&all)?;
    let (free, used): (Vec<_>, Vec<_>) =
        all.into_iter().enumerate().partition(|(at, _)| free.contains(at));
    let pages_of = |pages: Vec<(usize, Vec<u8>)>| pages.into_iter().map(|(_, page)| page).collect();
    Ok(Pages { used: pages_of(used), free: pages_of(free), log: write_ahead_log(path, key)? })
}

/// A page in the clear; the first one keeps its salt where the file's magic belongs.
fn decrypt(key: &RawKey, page: &[u8], skip: usize) -> anyhow::Result<Vec<u8>> {
    let end = PAGE - RESERVED;
    let iv: [u8; 16] = as_array(&page[end..end + 16])?;
    let mut body = page[skip..end].to_vec();
    Decryptor::<Aes256>::new(&(*key).into(), &iv.into())
        .decrypt_padded::<NoPadding>(&mut body)
        .map_err(|_| anyhow::anyhow!("a page is not made of whole blocks"))?;
    let mut out = page[..skip].to_vec();
    out.extend(body);
    Ok(out)
}

/// The numbers of the pages on the free list (from 0), by the database's header.
fn free_list(pages: &[Vec<u8>]) -> anyhow::Result<BTreeSet<usize>> {
    let word = |page: &[u8], at: usize| -> anyhow::Result<usize> {
        let four: [u8; 4] = as_array(page.get(at..at + 4).context("a page is cut")?)?;
        Ok(usize::try_from(u32::from_be_bytes(four))?)
    };
    let mut free = BTreeSet::new();
    let mut trunk = word(&pages[0], 32)?;
    while trunk != 0 {
        ensure!(free.insert(trunk - 1), "the free list goes in a circle");
        let page = pages.get(trunk - 1).context("the free list leaves the file")?;
        for leaf in 0..word(page, 4)? {
            free.insert(word(page, 8 + 4 * leaf)?.saturating_sub(1));
        }
        trunk = word(page, 0)?;
    }
    Ok(free)
}

fn write_ahead_log(path: &Path, key: &RawKey) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    let Ok(file) = std::fs::read(&name) else { return Ok(Vec::new()) };
    let frames = file.get(WAL_HEADER..).unwrap_or_default();
    frames
        .chunks_exact(FRAME_HEADER + PAGE)
        .map(|frame| {
            let first = frame[..4] == [0, 0, 0, 1];
            decrypt(key, &frame[FRAME_HEADER..], if first { 16 } else { 0 })
        })
        .collect()
}

fn bytes(hex: &str) -> anyhow::Result<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
}

fn as_array<const N: usize>(bytes: &[u8]) -> anyhow::Result<[u8; N]> {
    bytes.try_into().with_context(|| format!("{} bytes where {N} belong", bytes.len()))
}
