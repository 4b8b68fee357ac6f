//! The page: its files, read into memory once, and again when they were built anew.
//!
//! Only what is in the folder when it is read can be asked for, by its very name; no path of a
//! request ever reaches the file system.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

/// No file of the page is larger.
const MAX_FILE_BYTES: u64 = 32 * 1024 * 1024;
/// All of it together is not larger.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The folder of files whose names may carry a hash of what is in them.
const ASSETS: &str = "assets/";

/// A page that cannot be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BundleError {
    /// There is no `index.html` in the folder.
    Missing(PathBuf),
    /// A file cannot be read, or is too large.
    Unreadable(PathBuf, String),
}

impl std::fmt::Display for BundleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(folder) => write!(
                f,
                "there is no page in {} (no index.html); build it with `cargo xtask ui`, or name \
                 the folder that has it",
                folder.display()
            ),
            Self::Unreadable(path, why) => {
                write!(f, "{} cannot be served: {why}", path.display())
            }
        }
    }
}

impl std::error::Error for BundleError {}

#[derive(Debug, Clone)]
struct File {
    kind: &'static str,
    plain: Bytes,
    gzip: Option<Bytes>,
    tag: HeaderValue,
    /// Its name changes with what is in it.
    lasting: bool,
}

#[derive(Debug)]
struct Read {
    files: HashMap<String, File>,
    built: Option<SystemTime>,
}

/// The files of the page.
#[derive(Debug)]
pub struct Bundle {
    folder: PathBuf,
    read: RwLock<Arc<Read>>,
}

impl Bundle {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`BundleError`] says what is missing.
    pub fn open(folder: &Path) -> Result<Self, BundleError> {
        let read = read(folder)?;
        Ok(Self { folder: folder.to_owned(), read: RwLock::new(Arc::new(read)) })
    }

    /// The page of a program: in the folder that was named, else beside the program (`ui/`), else
    /// where the build of a working copy puts it (`target/ui/dist/`). `None` if it is nowhere.
    ///
    /// # Errors
    /// [`BundleError`] if the named folder has no page, or one that is there cannot be read.
    pub fn find(named: Option<&Path>, program: Option<&Path>) -> Result<Option<Self>, BundleError> {
        if let Some(folder) = named {
            return Self::open(folder).map(Some);
        }
        let Some(beside) = program.and_then(Path::parent) else { return Ok(None) };
        let built = beside.parent().map(|target| target.join("ui/dist"));
        for folder in [Some(beside.join("ui")), built].into_iter().flatten() {
            if folder.join("index.html").is_file() {
                return Self::open(&folder).map(Some);
            }
        }
        Ok(None)
    }

    /// A file by its path without the first slash; the page itself for a path that names no file
    /// and no asset.
    pub(crate) fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        let read = self.fresh(path);
        let file = read.files.get(path).or_else(|| {
            // A missing script must not be answered with a page.
            let is_route = !path.starts_with(ASSETS) && !last_segment(path).contains('.');
            is_route.then(|| read.files.get("index.html")).flatten()
        });
        let Some(file) = file else { return StatusCode::NOT_FOUND.into_response() };
        let keep = if file.lasting {
            HeaderValue::from_static("public, max-age=31536000, immutable")
        } else {
            HeaderValue::from_static("no-cache")
        };
        let mut response = if headers.get(IF_NONE_MATCH) == Some(&file.tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let zipped = file.gzip.as_ref().filter(|_| takes_gzip(headers));
            let mut response = Response::new(Body::from(zipped.unwrap_or(&file.plain).clone()));
            let said = response.headers_mut();
            if zipped.is_some() {
                said.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            said.insert(CONTENT_TYPE, HeaderValue::from_static(file.kind));
            response
        };
        let said = response.headers_mut();
        said.insert(CACHE_CONTROL, keep);
        said.insert(ETAG, file.tag.clone());
        said.insert(VARY, HeaderValue::from_static("accept-encoding"));
        response
    }

    /// What was read; anew if the page was built again since. Looked at for the page alone, since
    /// whatever it names comes with it.
    fn fresh(&self, path: &str) -> Arc<Read> {
        let kept = || Arc::clone(&self.read.read().unwrap_or_else(PoisonError::into_inner));
        let known = kept();
        if last_segment(path).contains('.') || built(&self.folder) == known.built {
            return known;
        }
        match read(&self.folder) {
            Ok(read) => {
                let read = Arc::new(read);
                *self.read.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&read);
                read
            }
            // Half of a new page is worse than the old one.
            Err(error) => {
                tracing::warn!("the page is not read again: {error}");
                known
            }
        }
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING);
    accepted.iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|coding| {
            let mut words = coding.split(';').map(str::trim);
            words.next() == Some("gzip") && !words.any(|weight| weight == "q=0")
        })
    })
}

fn built(folder: &Path) -> Option<SystemTime> {
    std::fs::metadata(folder.join("index.html")).and_then(|data| data.modified()).ok()
}

fn read(folder: &Path) -> Result<Read, BundleError> {
    let built = built(folder).ok_or_else(|| BundleError::Missing(folder.to_owned()))?;
    let mut bytes = 0;
    let mut found = HashMap::new();
    collect(folder, "", &mut found, &mut bytes)?;
    let zipped: HashMap<String, Bytes> = found
        .iter()
        .filter_map(|(name, bytes)| Some((name.strip_suffix(".gz")?.to_owned(), bytes.clone())))
        .collect();
    let files = found
        .into_iter()
        .filter_map(|(name, plain)| {
            let file = File {
                kind: kind(&name)?,
                gzip: zipped.get(&name).cloned(),
                tag: tag(&plain),
                lasting: name.starts_with("assets/roadbook-"),
                plain,
            };
            Some((name, file))
        })
        .collect();
    Ok(Read { files, built: Some(built) })
}

fn collect(
    folder: &Path,
    prefix: &str,
    found: &mut HashMap<String, Bytes>,
    total: &mut usize,
) -> Result<(), BundleError> {
    let failed = |path: &Path, why: String| BundleError::Unreadable(path.to_owned(), why);
    let entries = std::fs::read_dir(folder).map_err(|error| failed(folder, error.to_string()))?;
    for entry in entries {
        let entry = entry.map_err(|error| failed(folder, error.to_string()))?;
        let path = entry.path();
        let Ok(name) = entry.file_name().into_string() else { continue };
        // `metadata` of the entry does not follow links, so that none leads out of the folder.
        let data = entry.metadata().map_err(|error| failed(&path, error.to_string()))?;
        if data.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), found, total)?;
        } else if data.is_file() {
            if data.len() > MAX_FILE_BYTES {
                return Err(failed(&path, format!("it is larger than {MAX_FILE_BYTES} bytes")));
            }
            let bytes = std::fs::read(&path).map_err(|error| failed(&path, error.to_string()))?;
            *total += bytes.len();
            if *total > MAX_BYTES {
                return Err(failed(&path, format!("the page is larger than {MAX_BYTES} bytes")));
            }
            found.insert(format!("{prefix}{name}"), Bytes::from(bytes));
        }
    }
    Ok(())
}

fn tag(bytes: &[u8]) -> HeaderValue {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let text: String = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    HeaderValue::from_str(&format!("\"{text}\"")).expect("hex digits are a header's value")
}

/// The media type of a file; `None` for one that is no part of a page.
fn kind(name: &str) -> Option<&'static str> {
    let (_, ending) = last_segment(name).rsplit_once('.')?;
    Some(match ending {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}
