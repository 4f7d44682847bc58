//! Pending issuance sessions, and the memory of requests that were answered.

use primitives::Instant;
use rusqlite::{OptionalExtension as _, Row, params};
use zeroize::Zeroizing;

use super::papers::found;
use super::{PendingSession, SessionId, SessionKind, Transaction, bounded, limits, seconds, stored};
use crate::StoreError;

const COLUMNS: &str =
    "SELECT id, kind, issuer, state, created_at, next_try_at, expires_at FROM pending_sessions";

impl Transaction<'_> {
    /// Stores a session, in place of what was stored under its id.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`].
    pub fn save_session(&self, session: &PendingSession) -> Result<(), StoreError> {
        bounded(session.state.len(), limits::SESSION, "an issuance session")?;
        bounded(session.issuer.len(), limits::SHORT_TEXT, "the issuer's identifier")?;
        self.inner.execute(
            "INSERT INTO pending_sessions (id, kind, issuer, state, created_at, next_try_at, expires_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, issuer = excluded.issuer, state = excluded.state,
                    next_try_at = excluded.next_try_at, expires_at = excluded.expires_at",
            params![
                session.id.to_string(),
                session.kind.as_str(),
                session.issuer,
                session.state.as_slice(),
                session.created_at.unix_seconds(),
                seconds(session.next_try_at),
                seconds(session.expires_at),
            ],
        )?;
        Ok(())
    }

    /// Every pending session, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn sessions(&self) -> Result<Vec<PendingSession>, StoreError> {
        let mut statement = self.inner.prepare_cached(&format!("{COLUMNS} ORDER BY created_at, id"))?;
        let mut rows = statement.query([])?;
        let mut sessions = Vec::new();
        while let Some(row) = rows.next()? {
            sessions.push(session_of(row)?);
        }
        Ok(sessions)
    }

    /// One session.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn session(&self, id: SessionId) -> Result<PendingSession, StoreError> {
        let mut statement = self.inner.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
        let mut rows = statement.query([id.to_string()])?;
        match rows.next()? {
            Some(row) => session_of(row),
            None => Err(StoreError::NotFound { what: "session" }),
        }
    }

    /// Ends a session and gives up the keys it reserved and did not bind.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn end_session(&self, id: SessionId) -> Result<(), StoreError> {
        self.release_keys(id)?;
        found(self.inner.execute("DELETE FROM pending_sessions WHERE id = ?1", [id.to_string()])?, "session")
    }

    /// Remembers that a request is being answered. Commit before the answer leaves. `digest` is a hash of what makes the
    /// request unique (client id and `nonce`); `keep_until` is when the request would be too old anyway.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] if it was answered before: the request is a replay.
    pub fn remember_answered(
        &self,
        digest: &[u8; 32],
        now: Instant,
        keep_until: Instant,
    ) -> Result<(), StoreError> {
        self.inner.execute("DELETE FROM answered_requests WHERE keep_until < ?1", [now.unix_seconds()])?;
        let inserted = self.inner.execute(
            "INSERT INTO answered_requests (digest, answered_at, keep_until) VALUES (?1, ?2, ?3)
                ON CONFLICT (digest) DO NOTHING",
            params![digest.as_slice(), now.unix_seconds(), keep_until.unix_seconds()],
        )?;
        if inserted == 0 {
            return Err(StoreError::Duplicate { what: "request" });
        }
        self.inner.execute(
            "DELETE FROM answered_requests WHERE digest IN (
                SELECT digest FROM answered_requests ORDER BY keep_until DESC LIMIT -1 OFFSET ?1)",
            [limits::ANSWERED_REQUESTS],
        )?;
        Ok(())
    }

    /// Forgets that a request was being answered: it is certain that nothing of the answer left.
    ///
    /// # Errors
    /// The file system's.
    pub fn forget_answered(&self, digest: &[u8; 32]) -> Result<(), StoreError> {
        self.inner.execute("DELETE FROM answered_requests WHERE digest = ?1", [digest.as_slice()])?;
        Ok(())
    }

    /// Whether a request was answered before, for a refusal before the person is asked.
    ///
    /// # Errors
    /// The file system's.
    pub fn was_answered(&self, digest: &[u8; 32]) -> Result<bool, StoreError> {
        let row: Option<i64> = self
            .inner
            .query_row("SELECT 1 FROM answered_requests WHERE digest = ?1", [digest.as_slice()], |row| {
                row.get(0)
            })
            .optional()?;
        Ok(row.is_some())
    }
}

fn session_of(row: &Row<'_>) -> Result<PendingSession, StoreError> {
    let next_try_at: Option<i64> = row.get(5)?;
    let expires_at: Option<i64> = row.get(6)?;
    Ok(PendingSession {
        id: stored(SessionId::parse(&row.get::<_, String>(0)?))?,
        kind: stored(SessionKind::parse(&row.get::<_, String>(1)?))?,
        issuer: row.get(2)?,
        state: Zeroizing::new(row.get(3)?),
        created_at: Instant::from_unix_seconds(row.get(4)?),
        next_try_at: next_try_at.map(Instant::from_unix_seconds),
        expires_at: expires_at.map(Instant::from_unix_seconds),
    })
}
