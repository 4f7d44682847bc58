use std::path::{Path, PathBuf};

use crate::LaunchError;

/// The data folder: the one named, or the platform's (decision 0001).
///
/// # Errors
/// [`LaunchError::NoDataFolder`] where the environment names no home.
pub fn data_folder(named: Option<&Path>) -> Result<PathBuf, LaunchError> {
    match named {
        // A lock and a socket at a relative path would be others for a process that stands elsewhere.
        Some(named) => std::path::absolute(named).map_err(|_| LaunchError::NoDataFolder),
        None => host::paths::data_folder().ok_or(LaunchError::NoDataFolder),
    }
}
