//! `--secret-store file`: for servers without a keyring, and for tests. Off by default.
//!
//! What it gives up: the wallet secret lies in a file that only the user may open. Whoever reads that file and the wallet's folder,
//! a backup, a stolen disk without encryption, any program of the user, opens the wallet, unless a passphrase is set; and deleting
//! it does not wipe it from the disk. A keyring keeps it sealed under the login password instead.

use std::path::{Path, PathBuf};

use vault::{MAX_SECRET_ITEM_BYTES, SecretItem, SecretStore, SecretStoreError, StoreError, WalletId, files};

/// A folder with one file for each wallet id, mode 0600.
#[derive(Debug, Clone)]
pub struct FileSecretStore {
    folder: PathBuf,
}

impl FileSecretStore {
    /// Keeps the files in this folder, which is made when the first is written.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn path(&self, id: &WalletId) -> PathBuf {
        self.folder.join(name(id))
    }
}

impl SecretStore for FileSecretStore {
    fn load(&self, id: &WalletId) -> Result<SecretItem, SecretStoreError> {
        let path = self.path(id);
        let bytes = files::read_bounded(&path, MAX_SECRET_ITEM_BYTES as u64).map_err(of_store)?;
        let item =
            SecretItem::new(bytes.ok_or(SecretStoreError::NoEntry)?).ok_or(SecretStoreError::Unusable)?;
        refuse_if_others_may_read(&path)?;
        Ok(item)
    }

    fn save(&self, id: &WalletId, item: &SecretItem) -> Result<(), SecretStoreError> {
        files::make_folder(&self.folder).map_err(of_store)?;
        files::write_atomically(&self.folder, &name(id), item.expose()).map_err(of_store)
    }

    fn delete(&self, id: &WalletId) -> Result<(), SecretStoreError> {
        std::fs::remove_file(self.path(id)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => SecretStoreError::NoEntry,
            std::io::ErrorKind::PermissionDenied => SecretStoreError::Denied,
            _ => SecretStoreError::Failed,
        })
    }
}

fn name(id: &WalletId) -> String {
    format!("{id}.secret")
}

fn of_store(error: StoreError) -> SecretStoreError {
    match error {
        StoreError::Denied => SecretStoreError::Denied,
        StoreError::Damaged => SecretStoreError::Unusable,
        _ => SecretStoreError::Failed,
    }
}

/// A file that others may read is no secret any more: said, not used.
fn refuse_if_others_may_read(path: &Path) -> Result<(), SecretStoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).map_err(|_| SecretStoreError::Denied)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(SecretStoreError::Denied);
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
