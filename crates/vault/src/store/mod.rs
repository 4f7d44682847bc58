//! What is kept, one file for each subject. All of it goes through [`Transaction`], so that what belongs together is stored
//! together.

mod caches;
mod copies;
mod grants;
pub(crate) mod hex;
mod history;
mod papers;
mod sessions;
mod settings;
mod types;

pub(crate) use copies::SOFTWARE_VERSION;
pub use grants::{Grant, PaperSource};
pub use history::VerifiedHistory;
pub(crate) use settings::PROFILE_HASH;
pub use types::*;

use crate::StoreError;

/// A transaction on the open database. Made by [`crate::UnlockedVault::transaction`] and [`crate::UnlockedVault::read`].
pub struct Transaction<'c> {
    pub(crate) inner: rusqlite::Transaction<'c>,
}

impl std::fmt::Debug for Transaction<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Transaction")
    }
}

/// Refuses what is larger than its bound.
fn bounded(length: usize, limit: usize, what: &'static str) -> Result<(), StoreError> {
    if length > limit { Err(StoreError::TooLarge { what }) } else { Ok(()) }
}

/// A stored column that does not parse is damage, not a default.
fn stored<T>(value: Option<T>) -> Result<T, StoreError> {
    value.ok_or(StoreError::Damaged)
}

/// JSON text of a value of ours, bounded.
fn to_json<T: serde::Serialize>(value: &T, limit: usize, what: &'static str) -> Result<String, StoreError> {
    let text = serde_json::to_string(value).map_err(|_| StoreError::TooLarge { what })?;
    bounded(text.len(), limit, what)?;
    Ok(text)
}

/// A value from stored JSON.
fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Damaged)
}

/// What a statement that inserts says when the row is there already.
fn inserted(result: Result<usize, rusqlite::Error>, what: &'static str) -> Result<(), StoreError> {
    match result {
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error) => Err(StoreError::Duplicate { what }),
        Err(error) if is_foreign_key(&error) => Err(StoreError::NotFound { what: "paper" }),
        Err(error) => Err(error.into()),
    }
}

fn is_duplicate(error: &rusqlite::Error) -> bool {
    matches!(
        extended_code(error),
        Some(rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY | rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE)
    )
}

fn is_foreign_key(error: &rusqlite::Error) -> bool {
    extended_code(error) == Some(rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY)
}

fn extended_code(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}

/// Seconds of an optional instant.
fn seconds(instant: Option<primitives::Instant>) -> Option<i64> {
    instant.map(primitives::Instant::unix_seconds)
}
