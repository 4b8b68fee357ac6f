//! Files that a command writes: whole or not at all.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use roadbook_api::{ApiError, ErrorCode};

/// Writes a file whole or not at all: what stood there stays until all of the new is on the disk.
/// A pipe or a device is written to as it is.
pub(crate) fn write_whole<T>(
    file: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let is_special = std::fs::metadata(file).is_ok_and(|data| !data.is_file());
    let place = if is_special {
        file.to_owned()
    } else {
        let mut part = file.as_os_str().to_owned();
        part.push(".part");
        PathBuf::from(part)
    };
    let open = File::create(&place).map_err(|error| unwritable(file, &error))?;
    let mut to = BufWriter::new(open);
    let written = write(&mut to).and_then(|value| {
        let flushed = to.flush();
        let kept = if is_special {
            flushed
        } else {
            flushed
                .and_then(|()| to.get_ref().sync_all())
                .and_then(|()| std::fs::rename(&place, file))
        };
        kept.map_err(|error| unwritable(file, &error))?;
        Ok(value)
    });
    if written.is_err() && !is_special {
        // It may not even be there; the error that matters is told.
        drop(std::fs::remove_file(&place));
    }
    written
}

/// Writes bytes, whole or not at all.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> Result<(), ApiError> {
    write_whole(file, |to| to.write_all(bytes).map_err(|error| unwritable(file, &error)))
}

fn unwritable(file: &Path, error: &std::io::Error) -> ApiError {
    ApiError::new(ErrorCode::File, format!("cannot write {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_export_leaves_what_stood_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("accounts.csv");
        std::fs::write(&file, "of last week").unwrap();
        let failed = write_whole(&file, |to| {
            to.write_all(b"half of it").unwrap();
            Err::<(), _>(ApiError::new(ErrorCode::Storage, "the disk is full"))
        });
        assert_eq!(failed.unwrap_err().code, ErrorCode::Storage);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "of last week", "nothing was lost");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no half is left behind");
        write_whole(&file, |to| to.write_all(b"of today").map_err(|e| unwritable(&file, &e)))
            .unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "of today");
        let special = write_whole(Path::new("/dev/null"), |to| {
            to.write_all(b"x").map_err(|e| unwritable(&file, &e))
        });
        assert!(special.is_ok(), "a device is written to as it is: {special:?}");
    }
}
