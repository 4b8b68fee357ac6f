//! Files that a person asked for: whole or not at all, and never in the place of another.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use roadbook_api::{ApiError, ErrorCode};

use crate::errors::ApiResult;

/// Writes a file of that name into a folder, which is made where it is missing. A name that is taken
/// gets a number before its ending. Returns where the file is, and what `write` returned.
///
/// # Errors
/// The folder or the file cannot be written; then there is no file.
pub(super) fn write_new<T>(
    folder: &Path,
    name: &str,
    write: impl FnOnce(&mut BufWriter<File>) -> ApiResult<T>,
) -> ApiResult<(PathBuf, T)> {
    let failed = |error: &std::io::Error| {
        let message = format!("cannot write {}: {error}", folder.join(name).display());
        ApiError::new(ErrorCode::File, message)
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    let part = folder.join(format!("{name}.part"));
    let written = write_part(&part, write, &failed).and_then(|made| {
        let file = free(folder, name);
        std::fs::rename(&part, &file).map_err(|error| failed(&error))?;
        Ok((file, made))
    });
    if written.is_err() {
        // It may not even be there; the error that matters is told.
        drop(std::fs::remove_file(&part));
    }
    written
}

fn write_part<T>(
    part: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> ApiResult<T>,
    failed: &impl Fn(&std::io::Error) -> ApiError,
) -> ApiResult<T> {
    let mut to = BufWriter::new(File::create(part).map_err(|error| failed(&error))?);
    let made = write(&mut to)?;
    let kept = to.flush().and_then(|()| to.get_ref().sync_all());
    kept.map_err(|error| failed(&error))?;
    Ok(made)
}

/// Returns the first path of that name, or of the name with a number, where nothing is.
fn free(folder: &Path, name: &str) -> PathBuf {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let numbered = (2_u32..).map(|number| folder.join(format!("{stem} ({number}).{ending}")));
    let mut all = std::iter::once(folder.join(name)).chain(numbered);
    all.find(|path| !path.exists()).unwrap_or_else(|| folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(folder: &Path, text: &str) -> ApiResult<PathBuf> {
        let write = |to: &mut BufWriter<File>| {
            to.write_all(text.as_bytes())
                .map_err(|error| ApiError::new(ErrorCode::File, error.to_string()))
        };
        write_new(folder, "work.json", write).map(|(file, ())| file)
    }

    #[test]
    fn what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("Downloads");
        let (one, two) = (put(&into, "one").unwrap(), put(&into, "two").unwrap());
        assert_eq!((one, two), (into.join("work.json"), into.join("work (2).json")));
        assert_eq!(std::fs::read_to_string(into.join("work.json")).unwrap(), "one");
        assert_eq!(std::fs::read_dir(&into).unwrap().count(), 2, "and nothing else is left");
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let full = |_: &mut BufWriter<File>| -> ApiResult<()> {
            Err(ApiError::new(ErrorCode::File, "the disk is full"))
        };
        assert!(write_new(folder.path(), "work.json", full).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let file = folder.path().join("a file");
        std::fs::write(&file, "").unwrap();
        let error = put(&file, "x").unwrap_err();
        assert_eq!(error.code, ErrorCode::File);
        assert!(error.message.contains("a file"), "it names the place: {}", error.message);
    }
}
