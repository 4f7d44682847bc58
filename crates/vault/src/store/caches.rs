//! Caches of what is signed elsewhere: status lists and trust lists, with their age (design, "Trust").

use primitives::Instant;
use rusqlite::{OptionalExtension as _, params};

use super::{StoredStatusToken, StoredTrustList, Transaction, bounded, limits};
use crate::StoreError;

impl Transaction<'_> {
    /// Keeps a status list token, in place of the one kept for its address.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`].
    pub fn save_status_token(&self, status: &StoredStatusToken) -> Result<(), StoreError> {
        bounded(status.uri.len(), limits::SHORT_TEXT, "the address of a status list")?;
        bounded(status.token.len(), limits::STATUS_TOKEN, "a status list")?;
        self.inner.execute(
            "INSERT INTO status_tokens (uri, token, fetched_at) VALUES (?1, ?2, ?3)
                ON CONFLICT (uri) DO UPDATE SET token = excluded.token, fetched_at = excluded.fetched_at",
            params![status.uri, status.token, status.fetched_at.unix_seconds()],
        )?;
        Ok(())
    }

    /// The status list token kept for an address, if one is.
    ///
    /// # Errors
    /// The file system's.
    pub fn status_token(&self, uri: &str) -> Result<Option<StoredStatusToken>, StoreError> {
        Ok(self
            .inner
            .query_row("SELECT uri, token, fetched_at FROM status_tokens WHERE uri = ?1", [uri], |row| {
                Ok(StoredStatusToken {
                    uri: row.get(0)?,
                    token: row.get(1)?,
                    fetched_at: Instant::from_unix_seconds(row.get(2)?),
                })
            })
            .optional()?)
    }

    /// Forgets status list tokens fetched before this moment. Returns how many.
    ///
    /// # Errors
    /// The file system's.
    pub fn prune_status_tokens(&self, fetched_before: Instant) -> Result<usize, StoreError> {
        Ok(self
            .inner
            .execute("DELETE FROM status_tokens WHERE fetched_at < ?1", [fetched_before.unix_seconds()])?)
    }

    /// Keeps a trust list. The same sequence number may be fetched again; an older one never replaces a newer one.
    ///
    /// # Errors
    /// [`StoreError::OlderTrustList`], [`StoreError::TooLarge`].
    pub fn save_trust_list(&self, list: &StoredTrustList) -> Result<(), StoreError> {
        bounded(list.uri.len(), limits::SHORT_TEXT, "the address of a trust list")?;
        bounded(list.token.len(), limits::TRUST_LIST, "a trust list")?;
        let sequence =
            i64::try_from(list.sequence).map_err(|_| StoreError::TooLarge { what: "a sequence number" })?;
        if let Some(kept) = self.trust_list(&list.uri)?
            && kept.sequence > list.sequence
        {
            return Err(StoreError::OlderTrustList { known: kept.sequence });
        }
        self.inner.execute(
            "INSERT INTO trust_lists (uri, sequence, token, fetched_at) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (uri) DO UPDATE SET sequence = excluded.sequence, token = excluded.token,
                    fetched_at = excluded.fetched_at",
            params![list.uri, sequence, list.token, list.fetched_at.unix_seconds()],
        )?;
        Ok(())
    }

    /// The trust list kept for an address, if one is.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn trust_list(&self, uri: &str) -> Result<Option<StoredTrustList>, StoreError> {
        let row: Option<(String, i64, Vec<u8>, i64)> = self
            .inner
            .query_row(
                "SELECT uri, sequence, token, fetched_at FROM trust_lists WHERE uri = ?1",
                [uri],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .optional()?;
        row.map(|(uri, sequence, token, fetched_at)| {
            Ok(StoredTrustList {
                uri,
                sequence: u64::try_from(sequence).map_err(|_| StoreError::Damaged)?,
                token,
                fetched_at: Instant::from_unix_seconds(fetched_at),
            })
        })
        .transpose()
    }
}
