//! The exclusive lock on a data folder (design, "One wallet, several processes"): the operating system drops it when the process ends,
//! however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use primitives::{Blame, Left, Refusal};
use vault::files;

/// File name of the lock (decision 0001).
pub const LOCK_FILE: &str = "wallet.lock";

/// The lock on a folder, held until dropped.
#[derive(Debug)]
pub struct FolderLock {
    folder: PathBuf,
    file: File,
}

/// Why the folder is not locked for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Another process holds it: the window, or another command.
    #[error("another process uses this wallet")]
    InUse,
    /// The folder or file is not ours to write.
    #[error("access to the wallet's folder was refused")]
    Denied,
    /// The file system failed, or knows no locks.
    #[error("the wallet's folder could not be locked")]
    Failed,
}

impl FolderLock {
    /// Locks the folder, which is made if it is not there. Does not wait.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn acquire(folder: &Path) -> Result<Self, LockError> {
        files::make_folder(folder).map_err(|error| match error {
            vault::StoreError::Denied => LockError::Denied,
            _ => LockError::Failed,
        })?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = options.open(folder.join(LOCK_FILE)).map_err(|error| match error.kind() {
            std::io::ErrorKind::PermissionDenied => LockError::Denied,
            _ => LockError::Failed,
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), file }),
            Err(TryLockError::WouldBlock) => Err(LockError::InUse),
            Err(TryLockError::Error(_)) => Err(LockError::Failed),
        }
    }

    /// The folder that is locked.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The user who owns the lock file: ourselves, or root made it.
    #[cfg(unix)]
    pub(crate) fn owner(&self) -> std::io::Result<u32> {
        use std::os::unix::fs::MetadataExt as _;
        Ok(self.file.metadata()?.uid())
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // The file stays: removing it would let two processes hold locks on two files of one name.
        let _ = self.file.unlock();
    }
}

impl Refusal for LockError {
    fn code(&self) -> &'static str {
        match self {
            Self::InUse => "wallet_in_use",
            Self::Denied => "files_denied",
            Self::Failed => "wallet_lock_failed",
        }
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        Blame::Computer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}
