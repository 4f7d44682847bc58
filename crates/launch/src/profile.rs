//! The profile of a data folder: chosen once, at the first run, and remembered beside the vault.
//!
//! The vault holds the hash of the profile's bytes, so the bytes themselves are remembered: a file that was moved or edited
//! afterwards changes nothing. It may hold a developer's key and is open to the user only.

use std::path::Path;

use serde::{Deserialize, Serialize};
use vault::files;
use wallet::profile::MAX_PROFILE_BYTES;

use crate::{LaunchError, ProfileChoice};

/// File name of what is remembered.
pub(crate) const FILE: &str = "profile.json";
const VERSION: u32 = 1;
/// A JSON string may be longer than what it holds: quotation marks and line ends are written as two characters.
const MAX_FILE_BYTES: u64 = 2 * MAX_PROFILE_BYTES as u64 + 1024;

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Demo,
    File,
}

/// A profile's text and where it came from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Remembered {
    version: u32,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

impl Remembered {
    pub(crate) fn new(kind: Kind, text: String) -> Self {
        Self { version: VERSION, kind, text }
    }

    /// What the folder remembers, if anything.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, LaunchError> {
        let bytes = files::read_bounded(&folder.join(FILE), MAX_FILE_BYTES).map_err(|error| match error {
            vault::StoreError::Damaged => LaunchError::RememberedProfile,
            other => LaunchError::Store(other),
        })?;
        let Some(bytes) = bytes else { return Ok(None) };
        serde_json::from_slice::<Self>(&bytes)
            .ok()
            .filter(|remembered| remembered.version == VERSION)
            .map(Some)
            .ok_or(LaunchError::RememberedProfile)
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), LaunchError> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|_| LaunchError::RememberedProfile)?;
        files::write_atomically(folder, FILE, &bytes)?;
        Ok(())
    }

    /// The profile in this file.
    pub(crate) fn of_file(path: &Path) -> Result<Self, LaunchError> {
        let bytes = files::read_bounded(path, MAX_PROFILE_BYTES as u64)
            .ok()
            .flatten()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or(LaunchError::ProfileFile)?;
        Ok(Self::new(Kind::File, bytes))
    }
}

/// Which profile is to be used, from what was asked for and what is remembered.
pub(crate) enum Plan {
    /// This text.
    Text(Remembered),
    /// That of the demo government, which is to be asked for it.
    AskGovernment,
}

pub(crate) fn plan(
    asked: Option<&ProfileChoice>,
    remembered: Option<Remembered>,
) -> Result<Plan, LaunchError> {
    match (asked, remembered) {
        (Some(ProfileChoice::File(path)), _) => Ok(Plan::Text(Remembered::of_file(path)?)),
        (None, Some(remembered)) => Ok(Plan::Text(remembered)),
        (Some(ProfileChoice::Demo), Some(remembered)) if remembered.kind == Kind::Demo => {
            Ok(Plan::Text(remembered))
        }
        (Some(ProfileChoice::Demo) | None, _) => Ok(Plan::AskGovernment),
    }
}
