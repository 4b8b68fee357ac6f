//! The scan: does a text stand anywhere on a device, or in anything that it was sent?
//!
//! Looks into every table as SQL shows it, the tables behind the search index, free pages, the
//! write-ahead log, logs, temporary files and the answers of the server; Automerge documents are
//! taken apart, because they may be compressed. A scan that finds nothing proves nothing by
//! itself: [`plant`] puts a canary into each of these places, and the scan must find it in all.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use automerge::legacy::OpType;
use automerge::{AutoCommit, Change, ScalarValue};
use rusqlite::types::ValueRef;

use super::unlocked::{self, RawKey};

/// Where a scan looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Tables,
    SearchTables,
    Documents,
    Pages,
    FreePages,
    WriteAheadLog,
    Logs,
    TemporaryFiles,
    Answers,
    /// What was packed in them.
    PackedAnswers,
}

impl Place {
    /// Where a canary is planted: everywhere. Pages and documents come with the tables.
    pub(crate) const PLANTED: [Self; 10] = [
        Self::Tables,
        Self::SearchTables,
        Self::Documents,
        Self::Pages,
        Self::FreePages,
        Self::WriteAheadLog,
        Self::Logs,
        Self::TemporaryFiles,
        Self::Answers,
        Self::PackedAnswers,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::SearchTables => "search tables",
            Self::Documents => "documents",
            Self::Pages => "pages",
            Self::FreePages => "free pages",
            Self::WriteAheadLog => "write-ahead log",
            Self::Logs => "logs",
            Self::TemporaryFiles => "temporary files",
            Self::Answers => "answers of the server",
            Self::PackedAnswers => "packed answers of the server",
        }
    }
}

/// Where everything of a device is.
#[derive(Debug, Clone)]
pub(crate) struct Where {
    pub(crate) folder: PathBuf,
    pub(crate) temporary: PathBuf,
    pub(crate) logs: Vec<PathBuf>,
    /// Everything that the server sent, connection by connection.
    pub(crate) answers: Vec<Vec<u8>>,
}

/// Everything of a device, in the clear.
pub(crate) struct Clear(Vec<(Place, Vec<u8>)>);

impl Clear {
    /// Reads it. The device must not be in use.
    pub(crate) fn read(at: &Where, passphrase: &str) -> anyhow::Result<Self> {
        let key = unlocked::key(&at.folder, passphrase)?;
        let mut clear = Self(Vec::new());
        // Before SQL looks at it: opening a database may tidy its log away.
        clear.pages(&at.folder, &key)?;
        clear.tables(&at.folder, &key)?;
        for log in at.logs.iter().filter(|log| log.exists()) {
            clear.0.push((Place::Logs, std::fs::read(log)?));
        }
        clear.files(&at.temporary)?;
        for answer in &at.answers {
            clear.answer(answer)?;
        }
        Ok(clear)
    }

    /// The places where a text stands, whatever the case.
    pub(crate) fn find(&self, text: &str) -> BTreeSet<Place> {
        let wanted = text.to_lowercase().into_bytes();
        let holds = |bytes: &[u8]| {
            bytes.windows(wanted.len()).any(|window| window.eq_ignore_ascii_case(&wanted))
        };
        self.0.iter().filter(|(_, bytes)| holds(bytes)).map(|(place, _)| *place).collect()
    }

    /// How many bytes were looked through.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    fn pages(&mut self, folder: &Path, key: &RawKey) -> anyhow::Result<()> {
        let pages = unlocked::pages(&database(folder), key)?;
        self.0.extend(pages.used.into_iter().map(|page| (Place::Pages, page)));
        self.0.extend(pages.free.into_iter().map(|page| (Place::FreePages, page)));
        self.0.extend(pages.log.into_iter().map(|page| (Place::WriteAheadLog, page)));
        Ok(())
    }

    fn tables(&mut self, folder: &Path, key: &RawKey) -> anyhow::Result<()> {
        let connection = unlocked::open(&database(folder), key)?;
        let mut names = connection
            .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE type = 'table'")?;
        let tables: Vec<(String, String)> =
            names.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let searches: Vec<&String> = tables
            .iter()
            .filter(|(_, sql)| sql.to_lowercase().contains("using fts5"))
            .map(|(name, _)| name)
            .collect();
        ensure!(!searches.is_empty(), "the device has no search index");
        // A virtual table shows what its tables hold, or cannot be read as a whole.
        let real = |sql: &str| !sql.to_lowercase().starts_with("create virtual");
        for (table, _) in tables.iter().filter(|(_, sql)| real(sql)) {
            let of_search = searches.iter().any(|search| table.starts_with(search.as_str()));
            let place = if of_search { Place::SearchTables } else { Place::Tables };
            let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
            let columns = statement.column_count();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for column in 0..columns {
                    self.cell(place, row.get_ref(column)?);
                }
            }
        }
        Ok(())
    }

    fn cell(&mut self, place: Place, cell: ValueRef<'_>) {
        match cell {
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {}
            ValueRef::Text(text) => self.0.push((place, text.to_vec())),
            ValueRef::Blob(blob) => {
                self.0.push((place, blob.to_vec()));
                self.document(blob);
            }
        }
    }

    /// Everything that was ever written into an Automerge document.
    fn document(&mut self, bytes: &[u8]) {
        let Ok(mut document) = AutoCommit::load(bytes) else { return };
        for change in document.get_changes(&[]) {
            self.change(&change);
        }
    }

    fn change(&mut self, change: &Change) {
        let mut out = String::new();
        for operation in change.decode().operations {
            // Texts are written character by character: only side by side do they make sense.
            if let OpType::Put(ScalarValue::Str(text)) = &operation.action {
                out.push_str(text);
            } else {
                write!(out, " {:?} ", operation.action).expect("a string takes it");
            }
        }
        self.0.push((Place::Documents, out.into_bytes()));
    }

    /// Automerge's documents and changes, wherever they stand in these bytes.
    fn chunks(&mut self, bytes: &[u8]) {
        const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
        let starts = bytes.windows(MAGIC.len()).enumerate().filter(|(_, w)| *w == MAGIC);
        for chunk in starts.filter_map(|(at, _)| chunk_at(&bytes[at..])) {
            match Change::try_from(chunk) {
                Ok(change) => self.change(&change),
                Err(_) => self.document(chunk),
            }
        }
    }

    fn files(&mut self, folder: &Path) -> anyhow::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.files(&path)?;
            } else {
                self.0.push((Place::TemporaryFiles, std::fs::read(path)?));
            }
        }
        Ok(())
    }

    /// A connection's bytes as they are, and every frame in them unpacked.
    fn answer(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.0.push((Place::Answers, bytes.to_vec()));
        self.chunks(bytes);
        // The start of a frame of any version, and of the zstd stream in it.
        let is_start =
            |window: &[u8]| window.starts_with(b"RB") && window[3..] == [0x28, 0xb5, 0x2f, 0xfd];
        let starts = bytes.windows(7).enumerate().filter(|(_, window)| is_start(window));
        for (at, _) in starts {
            let packed = std::io::BufReader::new(&bytes[at + 3..]);
            let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?.single_frame();
            let mut body = Vec::new();
            if std::io::copy(&mut decoder, &mut body).is_err() {
                continue;
            }
            self.chunks(&body);
            self.0.push((Place::PackedAnswers, body));
        }
        Ok(())
    }
}

/// Copies a device and plants a text in every place where a scan looks.
pub(crate) fn plant(at: &Where, to: &Path, passphrase: &str, text: &str) -> anyhow::Result<Where> {
    let folder = to.join("device");
    let temporary = to.join("temporary");
    std::fs::create_dir_all(&folder)?;
    std::fs::create_dir_all(&temporary)?;
    for entry in std::fs::read_dir(&at.folder)? {
        let path = entry?.path();
        let name = path.file_name().context("a file has a name")?;
        std::fs::copy(&path, folder.join(name))?;
    }
    let key = unlocked::key(&folder, passphrase)?;
    let connection = unlocked::open(&database(&folder), &key)?;
    let mut document = AutoCommit::new();
    automerge::transaction::Transactable::put(
        &mut document,
        automerge::ROOT,
        "planted",
        format!("{text} {}", "compressible ".repeat(100)),
    )?;
    // A whole page of it goes to the free list with what it held.
    let page = format!("{text} {}", "x".repeat(3_000));
    connection.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA secure_delete = OFF;")?;
    connection.execute_batch(
        "CREATE TABLE planted (body);
         CREATE TABLE planted_and_gone (body);
         CREATE VIRTUAL TABLE planted_search USING fts5(body);",
    )?;
    connection.execute("INSERT INTO planted VALUES (?1), (?2)", (text, document.save()))?;
    connection.execute("INSERT INTO planted_search VALUES (?1)", [text])?;
    for _ in 0..20 {
        connection.execute("INSERT INTO planted_and_gone VALUES (?1)", [&page])?;
    }
    connection.execute_batch("DROP TABLE planted_and_gone;")?;
    // What is in the log and in no table any more: its pages are written, and then written over.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON;",
    )?;
    connection.execute("INSERT INTO planted VALUES (?1)", [&page])?;
    let log = std::fs::read(folder.join("device.db-wal"))?;
    drop(connection);
    // Whoever closes a database tidies its log away; a process that is killed does not.
    std::fs::write(folder.join("device.db-wal"), log)?;
    std::fs::write(temporary.join("planted.tmp"), text)?;
    let log = to.join("planted.log");
    std::fs::write(&log, text)?;
    // Plain, packed in a frame, and in a change that Automerge packs, in a frame of version 2.
    let frame = |version: u8, body: &[u8]| -> anyhow::Result<Vec<u8>> {
        Ok([&b"RB"[..], &[version], &zstd::encode_all(body, 3)?].concat())
    };
    let repeated = format!("{text} ").repeat(50);
    let packed: Vec<u8> = document
        .get_changes(&[])
        .into_iter()
        .flat_map(|mut change| change.bytes().into_owned())
        .collect();
    let answers = vec![
        text.as_bytes().to_vec(),
        [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), frame(1, repeated.as_bytes())?].concat(),
        frame(2, &packed)?,
    ];
    Ok(Where { folder, temporary, logs: vec![log], answers })
}

/// The chunk of Automerge at the start of these bytes: magic, checksum, kind, length in LEB128,
/// contents. `None` if it is not whole.
fn chunk_at(bytes: &[u8]) -> Option<&[u8]> {
    let (mut length, mut at) = (0_usize, 9);
    for shift in (0..35).step_by(7) {
        let byte = *bytes.get(at)?;
        at += 1;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return bytes.get(..at.checked_add(length)?);
        }
    }
    None
}

fn database(folder: &Path) -> PathBuf {
    folder.join("device.db")
}
