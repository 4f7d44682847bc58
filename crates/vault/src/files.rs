//! Small private files, written whole or not at all: temporary file, fsync, rename, fsync of the folder.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;

use crate::StoreError;

/// Writes `bytes` in place of what `name` held, for the user alone. After a crash the file holds the old bytes or the new ones.
///
/// # Errors
/// See [`StoreError`]; the old bytes are then still there.
pub fn write_atomically(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let temporary = folder.join(format!("{name}.new"));
    let result = write_new(&temporary, bytes).and_then(|()| Ok(fs::rename(&temporary, folder.join(name))?));
    if result.is_err() {
        // What is left of a failed try is of no use; the next try overwrites it anyway.
        let _ = fs::remove_file(&temporary);
    }
    result?;
    sync_folder(folder)
}

/// Reads a file of at most `limit` bytes; a longer one is damage. `None` if there is none.
///
/// # Errors
/// See [`StoreError`].
pub fn read_bounded(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(StoreError::Damaged) } else { Ok(Some(bytes)) }
}

/// Makes the folder, open to its user only. One that is there stays as it is.
///
/// # Errors
/// See [`StoreError`].
pub fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    Ok(builder.create(folder)?)
}

/// Makes an empty file that only its user may open.
pub(crate) fn make_private_file(path: &Path) -> Result<(), StoreError> {
    private_options().create(true).truncate(true).write(true).open(path)?;
    Ok(())
}

/// Makes what was renamed or made in the folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    // Windows cannot open a folder for this; there the rename is durable by the file system's journal.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut file = private_options().create(true).truncate(true).write(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}

fn private_options() -> OpenOptions {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}
