//! What the citizen set: read before the vault is open, since language, size and contrast stand before the first paint.
//!
//! Nothing in it says who the citizen is, so it lies beside the vault as a plain file. A file that cannot be read is the
//! defaults.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use vault::StoreError;

use crate::app::Wallet;
use crate::error::WalletError;
use crate::view::Settings;

const FILE: &str = "settings.json";
/// The largest settings file that is read, in bytes.
const MAX_BYTES: u64 = 16 * 1024;

pub(crate) struct SettingsFile(PathBuf);

impl SettingsFile {
    pub(crate) fn at(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    pub(crate) fn read(&self) -> Settings {
        let small = std::fs::metadata(&self.0).is_ok_and(|file| file.len() <= MAX_BYTES);
        small
            .then(|| std::fs::read(&self.0).ok())
            .flatten()
            .and_then(|bytes| serde_json::from_slice::<Settings>(&bytes).ok())
            .filter(Settings::is_valid)
            .unwrap_or_default()
    }

    /// Whole or not at all: a new file takes the old one's place.
    fn write(&self, settings: &Settings) -> std::io::Result<()> {
        let new = self.0.with_extension("json.new");
        if let Some(folder) = self.0.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = std::fs::File::create(&new)?;
        file.write_all(&serde_json::to_vec_pretty(settings)?)?;
        file.sync_all()?;
        std::fs::rename(&new, &self.0)
    }
}

impl Wallet {
    /// What the citizen set.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.state().settings.clone()
    }

    /// Sets it.
    ///
    /// # Errors
    /// [`WalletError::Invalid`] for a value that no screen offers; the store's error where the file cannot be written.
    pub fn set_settings(&self, settings: Settings) -> Result<(), WalletError> {
        if !settings.is_valid() {
            return Err(WalletError::Invalid("settings"));
        }
        SettingsFile::at(self.folder()).write(&settings).map_err(|error| {
            WalletError::Store(match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::DiskFull,
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    StoreError::Denied
                }
                _ => StoreError::Io,
            })
        })?;
        self.state().settings = settings;
        Ok(())
    }
}
