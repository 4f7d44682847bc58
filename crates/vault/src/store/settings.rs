//! Small settings, what was seen, and the latest signed time.

use primitives::Instant;
use rusqlite::{OptionalExtension as _, params};

use super::{Transaction, bounded, limits};
use crate::StoreError;

/// Keys of the vault's own marks, in a table apart from the application's settings.
const LATEST_SIGNED_TIME: &str = "latest_signed_time";
pub(crate) const PROFILE_HASH: &str = "profile_hash";

impl Transaction<'_> {
    /// A setting, if it is set.
    ///
    /// # Errors
    /// The file system's.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .inner
            .query_row("SELECT value FROM settings WHERE key = ?1", [key], |row| row.get(0))
            .optional()?)
    }

    /// Sets a setting; `None` removes it.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`].
    pub fn set_setting(&self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        bounded(key.len(), limits::SHORT_TEXT, "the name of a setting")?;
        match value {
            Some(value) => {
                bounded(value.len(), limits::SETTING, "a setting")?;
                self.inner.execute(
                    "INSERT INTO settings (key, value) VALUES (?1, ?2)
                        ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    params![key, value],
                )?;
            }
            None => {
                self.inner.execute("DELETE FROM settings WHERE key = ?1", [key])?;
            }
        }
        Ok(())
    }

    /// Marks a notice or reminder as seen. The first time stays.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`].
    pub fn mark_seen(&self, key: &str, at: Instant) -> Result<(), StoreError> {
        bounded(key.len(), limits::SHORT_TEXT, "the name of a reminder")?;
        self.inner.execute(
            "INSERT INTO seen (key, seen_at) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING",
            params![key, at.unix_seconds()],
        )?;
        Ok(())
    }

    /// When a notice or reminder was seen first, if it was.
    ///
    /// # Errors
    /// The file system's.
    pub fn seen_at(&self, key: &str) -> Result<Option<Instant>, StoreError> {
        let at: Option<i64> = self
            .inner
            .query_row("SELECT seen_at FROM seen WHERE key = ?1", [key], |row| row.get(0))
            .optional()?;
        Ok(at.map(Instant::from_unix_seconds))
    }

    /// The latest time that somebody signed and we verified; a clock behind it is wrong (design, "Trust").
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn latest_signed_time(&self) -> Result<Option<Instant>, StoreError> {
        self.mark(LATEST_SIGNED_TIME)?
            .map(|text| text.parse().map(Instant::from_unix_seconds).map_err(|_| StoreError::Damaged))
            .transpose()
    }

    /// Moves the latest signed time forward; an earlier one changes nothing. Returns the latest.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn advance_signed_time(&self, signed: Instant) -> Result<Instant, StoreError> {
        match self.latest_signed_time()? {
            Some(known) if known >= signed => Ok(known),
            _ => {
                self.set_mark(LATEST_SIGNED_TIME, &signed.unix_seconds().to_string())?;
                Ok(signed)
            }
        }
    }

    pub(crate) fn mark(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .inner
            .query_row("SELECT value FROM marks WHERE name = ?1", [name], |row| row.get(0))
            .optional()?)
    }

    pub(crate) fn set_mark(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.inner.execute(
            "INSERT INTO marks (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            params![name, value],
        )?;
        Ok(())
    }
}
