//! What issuers granted, by which copies are fetched anew, and which paper came by which (design, "Papers and copies").

use primitives::Instant;
use rusqlite::{OptionalExtension as _, Row, params};
use zeroize::Zeroizing;

use super::{CredentialFormat, GrantId, PaperId, Transaction, bounded, limits, stored};
use crate::StoreError;

/// What an issuer granted once: with it copies are fetched anew, without asking the person again.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// The credential issuer identifier.
    pub issuer: String,
    /// When it was given or exchanged.
    pub updated_at: Instant,
    /// The grant as the wallet serialised it. Secret (tokens): wiped when dropped. At most [`limits::SESSION`].
    pub state: Zeroizing<Vec<u8>>,
}

/// Where the copies of a paper in one format come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperSource {
    /// The format.
    pub format: CredentialFormat,
    /// By which grant.
    pub grant: GrantId,
    /// The issuer's configuration. At most [`limits::IDENTIFIER`].
    pub configuration_id: String,
    /// The issuer's dataset, if it named one. At most [`limits::IDENTIFIER`].
    pub credential_identifier: Option<String>,
}

impl Transaction<'_> {
    /// Stores a grant unless it is there: the one that is there may be newer.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`].
    pub fn add_grant(&self, grant: &Grant) -> Result<(), StoreError> {
        self.put_grant(grant, "ON CONFLICT (id) DO NOTHING")
    }

    /// Stores a grant in place of what was stored under its id: its token was exchanged.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`].
    pub fn save_grant(&self, grant: &Grant) -> Result<(), StoreError> {
        self.put_grant(
            grant,
            "ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, state = excluded.state",
        )
    }

    fn put_grant(&self, grant: &Grant, conflict: &str) -> Result<(), StoreError> {
        bounded(grant.state.len(), limits::SESSION, "a grant")?;
        bounded(grant.issuer.len(), limits::SHORT_TEXT, "the issuer's identifier")?;
        self.inner.execute(
            &format!("INSERT INTO grants (id, issuer, updated_at, state) VALUES (?1, ?2, ?3, ?4) {conflict}"),
            params![
                grant.id.to_string(),
                grant.issuer,
                grant.updated_at.unix_seconds(),
                grant.state.as_slice()
            ],
        )?;
        Ok(())
    }

    /// One grant.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn grant(&self, id: GrantId) -> Result<Grant, StoreError> {
        let mut statement =
            self.inner.prepare_cached("SELECT id, issuer, updated_at, state FROM grants WHERE id = ?1")?;
        let mut rows = statement.query([id.to_string()])?;
        match rows.next()? {
            Some(row) => Ok(Grant {
                id: stored(GrantId::parse(&row.get::<_, String>(0)?))?,
                issuer: row.get(1)?,
                updated_at: Instant::from_unix_seconds(row.get(2)?),
                state: Zeroizing::new(row.get(3)?),
            }),
            None => Err(StoreError::NotFound { what: "grant" }),
        }
    }

    /// Says where the copies of a paper come from, in place of what was said before about the formats that are named. The grants are there.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::NotFound`] for a paper that is not there.
    pub fn set_paper_sources(&self, paper: PaperId, sources: &[PaperSource]) -> Result<(), StoreError> {
        for source in sources {
            bounded(source.configuration_id.len(), limits::IDENTIFIER, "a configuration's identifier")?;
            let identifier = source.credential_identifier.as_deref();
            bounded(identifier.map_or(0, str::len), limits::IDENTIFIER, "a credential's identifier")?;
            self.inner.execute(
                "INSERT INTO paper_sources (paper, format, grant_id, configuration_id, credential_identifier)
                    VALUES (?1, ?2, ?3, ?4, ?5)
                    ON CONFLICT (paper, format) DO UPDATE SET grant_id = excluded.grant_id,
                        configuration_id = excluded.configuration_id,
                        credential_identifier = excluded.credential_identifier",
                params![
                    paper.to_string(),
                    source.format.as_str(),
                    source.grant.to_string(),
                    source.configuration_id,
                    identifier,
                ],
            )?;
        }
        Ok(())
    }

    /// Where the copies of a paper come from; empty for papers of version 1, and where no issuer granted more than once.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn paper_sources(&self, paper: PaperId) -> Result<Vec<PaperSource>, StoreError> {
        let mut statement = self.inner.prepare_cached(
            "SELECT format, grant_id, configuration_id, credential_identifier FROM paper_sources
                WHERE paper = ?1 ORDER BY format",
        )?;
        let mut rows = statement.query([paper.to_string()])?;
        let mut sources = Vec::new();
        while let Some(row) = rows.next()? {
            sources.push(source_of(row)?);
        }
        Ok(sources)
    }

    /// Whether copies of this paper can be fetched anew.
    ///
    /// # Errors
    /// The file system's.
    pub fn has_source(&self, paper: PaperId) -> Result<bool, StoreError> {
        let row: Option<i64> = self
            .inner
            .query_row("SELECT 1 FROM paper_sources WHERE paper = ?1 LIMIT 1", [paper.to_string()], |row| {
                row.get(0)
            })
            .optional()?;
        Ok(row.is_some())
    }

    /// Forgets the grants by which no paper comes any more, except those that `awaited` names: pending sessions go on with them. Returns how
    /// many.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn forget_unused_grants(&self, awaited: &[GrantId]) -> Result<usize, StoreError> {
        let mut statement = self
            .inner
            .prepare_cached("SELECT id FROM grants WHERE id NOT IN (SELECT grant_id FROM paper_sources)")?;
        let mut rows = statement.query([])?;
        let mut unused = Vec::new();
        while let Some(row) = rows.next()? {
            unused.push(stored(GrantId::parse(&row.get::<_, String>(0)?))?);
        }
        let mut forgotten = 0;
        for id in unused.iter().filter(|id| !awaited.contains(id)) {
            forgotten += self.inner.execute("DELETE FROM grants WHERE id = ?1", [id.to_string()])?;
        }
        Ok(forgotten)
    }
}

fn source_of(row: &Row<'_>) -> Result<PaperSource, StoreError> {
    Ok(PaperSource {
        format: stored(CredentialFormat::parse(&row.get::<_, String>(0)?))?,
        grant: stored(GrantId::parse(&row.get::<_, String>(1)?))?,
        configuration_id: row.get(2)?,
        credential_identifier: row.get(3)?,
    })
}
