//! Copies and the keys reserved for them (design, "Papers and copies", "Keys").

use std::collections::BTreeMap;

use primitives::{Entropy, Instant};
use rusqlite::{Row, params};

use super::papers::found;
use super::{
    BatchId, Copy, CopyId, CredentialBytes, CredentialFormat, KeyBackend, KeyRef, NewCopy, PaperId,
    ReservedKey, ReservedKeyId, SessionId, Transaction, bounded, inserted, limits, stored,
};
use crate::StoreError;

/// Version of the software backend: the derivation `citizen-wallet/v1/…`.
pub(crate) const SOFTWARE_VERSION: u16 = 1;

/// Bytes of a software key's salt.
const SALT_BYTES: usize = 32;

const COLUMNS: &str =
    "SELECT id, paper, format, credential, key_backend, key_version, key_handle, used_count, last_used_at,
    batch FROM copies";

impl Transaction<'_> {
    /// Reserves fresh software keys for a session. Commit before a proof made with them leaves: then a crash never leaves a
    /// credential bound to a key that nobody can derive again.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] for more than [`limits::RESERVED_KEYS`], [`StoreError::NoRandomness`].
    pub fn reserve_keys(
        &self,
        session: SessionId,
        count: usize,
        entropy: &dyn Entropy,
        now: Instant,
    ) -> Result<Vec<ReservedKey>, StoreError> {
        bounded(count, limits::RESERVED_KEYS, "a reservation of keys")?;
        let mut keys = Vec::with_capacity(count);
        for _ in 0..count {
            let mut salt = vec![0u8; SALT_BYTES];
            entropy.fill(&mut salt)?;
            let key_ref = KeyRef { backend: KeyBackend::Software, version: SOFTWARE_VERSION, handle: salt };
            let id = ReservedKeyId::random(entropy)?;
            let result = self.inner.prepare_cached(
                "INSERT INTO reserved_keys (id, session, key_backend, key_version, key_handle, reserved_at)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?.execute(params![
                id.to_string(),
                session.to_string(),
                key_ref.backend.as_str(),
                key_ref.version,
                key_ref.handle,
                now.unix_seconds(),
            ]);
            inserted(result, "reserved key")?;
            keys.push(ReservedKey { id, key_ref });
        }
        Ok(keys)
    }

    /// The keys that a session reserved and has not bound to copies yet, in the order they were reserved.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn reserved_keys(&self, session: SessionId) -> Result<Vec<ReservedKey>, StoreError> {
        let mut statement = self.inner.prepare_cached(
            "SELECT id, key_backend, key_version, key_handle FROM reserved_keys WHERE session = ?1 ORDER BY rowid",
        )?;
        let mut rows = statement.query([session.to_string()])?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            let id = stored(ReservedKeyId::parse(&row.get::<_, String>(0)?))?;
            keys.push(ReservedKey { id, key_ref: stored(key_ref_of(row, 1)?)? });
        }
        Ok(keys)
    }

    /// Gives up the keys a session reserved and did not bind: refused, cancelled or done with. Returns how many.
    ///
    /// # Errors
    /// The file system's.
    pub fn release_keys(&self, session: SessionId) -> Result<usize, StoreError> {
        Ok(self.inner.execute("DELETE FROM reserved_keys WHERE session = ?1", [session.to_string()])?)
    }

    /// Gives up the keys of sessions that are not pending: what a crash or a lock in the middle of receiving left behind. Returns
    /// how many. Only at a moment when nothing is being received.
    ///
    /// # Errors
    /// The file system's.
    pub fn release_abandoned_keys(&self) -> Result<usize, StoreError> {
        Ok(self.inner.execute(
            "DELETE FROM reserved_keys WHERE session NOT IN (SELECT id FROM pending_sessions)",
            [],
        )?)
    }

    /// Adds copies to a paper (a refresh, or the rest of [`Self::receive`]).
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::Duplicate`], [`StoreError::NotFound`] for the paper or a reserved key.
    pub fn add_copies(&self, paper: PaperId, batch: BatchId, copies: &[NewCopy]) -> Result<(), StoreError> {
        bounded(copies.len(), limits::COPIES, "a delivery of copies")?;
        for copy in copies {
            bounded(copy.credential.expose().len(), limits::CREDENTIAL, "a credential")?;
            let key = copy.key.map(|reserved| self.take_reserved_key(reserved)).transpose()?;
            let result = self.inner.prepare_cached(
                "INSERT INTO copies (id, paper, format, credential, key_backend, key_version, key_handle, used_count,
                    last_used_at, batch) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, NULL, ?8)",
            )?.execute(params![
                copy.id.to_string(),
                paper.to_string(),
                copy.format.as_str(),
                copy.credential.expose(),
                key.as_ref().map(|key| key.backend.as_str()),
                key.as_ref().map(|key| key.version),
                key.as_ref().map(|key| key.handle.as_slice()),
                batch.to_string(),
            ]);
            inserted(result, "copy")?;
        }
        Ok(())
    }

    /// The copies of a paper, never used ones first, then the one used longest ago.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn copies(&self, paper: PaperId) -> Result<Vec<Copy>, StoreError> {
        let mut statement = self.inner.prepare_cached(&format!(
            "{COLUMNS} WHERE paper = ?1 ORDER BY used_count, last_used_at, rowid"
        ))?;
        let mut rows = statement.query([paper.to_string()])?;
        let mut copies = Vec::new();
        while let Some(row) = rows.next()? {
            copies.push(copy_of(row)?);
        }
        Ok(copies)
    }

    /// One copy.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn copy(&self, id: CopyId) -> Result<Copy, StoreError> {
        let mut statement = self.inner.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
        let mut rows = statement.query([id.to_string()])?;
        match rows.next()? {
            Some(row) => copy_of(row),
            None => Err(StoreError::NotFound { what: "copy" }),
        }
    }

    /// Takes copies for one presentation: marks each used, if each was used as often as it was when it was chosen (`Copy::used_count`). Where
    /// one is gone or was taken meanwhile none is marked, and the answer is `false`: choose anew. Commit before the answer leaves, so that a
    /// crash can waste a copy but never reuse one unseen.
    ///
    /// # Errors
    /// The file system's.
    pub fn take_copies(&self, chosen: &BTreeMap<CopyId, u32>, at: Instant) -> Result<bool, StoreError> {
        for (id, used_count) in chosen {
            let mut as_chosen =
                self.inner.prepare_cached("SELECT 1 FROM copies WHERE id = ?1 AND used_count = ?2")?;
            if !as_chosen.exists(params![id.to_string(), used_count])? {
                return Ok(false);
            }
        }
        for id in chosen.keys() {
            self.inner.execute(
                "UPDATE copies SET used_count = used_count + 1, last_used_at = ?2 WHERE id = ?1",
                params![id.to_string(), at.unix_seconds()],
            )?;
        }
        Ok(true)
    }

    /// Removes a copy and its salt, and with it the key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn remove_copy(&self, id: CopyId) -> Result<(), StoreError> {
        found(self.inner.execute("DELETE FROM copies WHERE id = ?1", [id.to_string()])?, "copy")
    }

    /// Removes the copies of a paper in one format, their salts and with them the keys. Returns how many.
    ///
    /// # Errors
    /// The file system's.
    pub fn remove_copies(&self, paper: PaperId, format: CredentialFormat) -> Result<usize, StoreError> {
        Ok(self.inner.execute(
            "DELETE FROM copies WHERE paper = ?1 AND format = ?2",
            params![paper.to_string(), format.as_str()],
        )?)
    }

    fn take_reserved_key(&self, id: ReservedKeyId) -> Result<KeyRef, StoreError> {
        let mut statement = self.inner.prepare_cached(
            "DELETE FROM reserved_keys WHERE id = ?1 RETURNING key_backend, key_version, key_handle",
        )?;
        let mut rows = statement.query([id.to_string()])?;
        let key = match rows.next()? {
            Some(row) => stored(key_ref_of(row, 0)?)?,
            None => return Err(StoreError::NotFound { what: "reserved key" }),
        };
        // A RETURNING statement is only finished when it has been stepped to its end.
        while rows.next()?.is_some() {}
        Ok(key)
    }
}

/// The key in three columns from `first` on; all NULL is no key.
fn key_ref_of(row: &Row<'_>, first: usize) -> Result<Option<KeyRef>, StoreError> {
    let Some(backend) = row.get::<_, Option<String>>(first)? else { return Ok(None) };
    Ok(Some(KeyRef {
        backend: stored(KeyBackend::parse(&backend))?,
        version: row.get(first + 1)?,
        handle: row.get(first + 2)?,
    }))
}

fn copy_of(row: &Row<'_>) -> Result<Copy, StoreError> {
    let last_used_at: Option<i64> = row.get(8)?;
    Ok(Copy {
        id: stored(CopyId::parse(&row.get::<_, String>(0)?))?,
        paper: stored(PaperId::parse(&row.get::<_, String>(1)?))?,
        format: stored(CredentialFormat::parse(&row.get::<_, String>(2)?))?,
        credential: CredentialBytes::new(row.get(3)?),
        key: key_ref_of(row, 4)?,
        used_count: row.get(7)?,
        last_used_at: last_used_at.map(Instant::from_unix_seconds),
        batch: stored(BatchId::parse(&row.get::<_, String>(9)?))?,
    })
}
