//! Caches of what is signed elsewhere: status lists and trust lists, with their age (design, "Trust").

use primitives::Instant;
use rusqlite::{OptionalExtension as _, params};

use super::{StoredStatusToken, StoredTrustList, Transaction, bounded, limits};
use crate::StoreError;

impl Transaction<'_> {
    /// Keeps a status list token, in place of the one of the same signer kept for its address. One whose signer is not known stays: it may be
    /// another's. Of more signers than [`limits::STATUS_SIGNERS`] the one whose list was fetched longest ago makes room.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`].
    pub fn save_status_token(&self, status: &StoredStatusToken) -> Result<(), StoreError> {
        bounded(status.uri.len(), limits::SHORT_TEXT, "the address of a status list")?;
        bounded(status.token.len(), limits::STATUS_TOKEN, "a status list")?;
        let anchor = status.anchor.as_ref().map_or(&[][..], |anchor| &anchor[..]);
        self.inner.execute(
            "INSERT INTO status_tokens (uri, anchor, token, fetched_at) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (uri, anchor) DO UPDATE SET token = excluded.token, fetched_at = excluded.fetched_at",
            params![status.uri, anchor, status.token, status.fetched_at.unix_seconds()],
        )?;
        self.inner.execute(
            "DELETE FROM status_tokens WHERE uri = ?1 AND anchor <> ?2 AND anchor NOT IN
                (SELECT anchor FROM status_tokens WHERE uri = ?1 AND anchor <> ?2 ORDER BY fetched_at DESC LIMIT ?3)",
            params![status.uri, anchor, limits::STATUS_SIGNERS.saturating_sub(1)],
        )?;
        Ok(())
    }

    /// The status list tokens kept for an address, one of each signer, at most [`limits::STATUS_SIGNERS`]; the one fetched last comes first.
    ///
    /// # Errors
    /// The file system's.
    pub fn status_tokens(&self, uri: &str) -> Result<Vec<StoredStatusToken>, StoreError> {
        let mut statement = self.inner.prepare_cached(
            "SELECT uri, anchor, token, fetched_at FROM status_tokens WHERE uri = ?1
                ORDER BY fetched_at DESC, anchor LIMIT ?2",
        )?;
        let rows = statement.query_map(params![uri, limits::STATUS_SIGNERS], |row| {
            Ok(StoredStatusToken {
                uri: row.get(0)?,
                anchor: <[u8; 32]>::try_from(row.get::<_, Vec<u8>>(1)?).ok(),
                token: row.get(2)?,
                fetched_at: Instant::from_unix_seconds(row.get(3)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
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
