//! Papers: what the citizen sees.

use primitives::{Instant, NonEmpty};
use rusqlite::{OptionalExtension as _, Row, params};

use super::{
    BatchId, CredentialFormat, IssuerLabel, NewCopy, NewHistoryEntry, NewPaper, Paper, PaperId, PaperState,
    Shelf, Transaction, bounded, from_json, inserted, limits, seconds, stored, to_json,
};
use crate::StoreError;

const LISTED: &str =
    "SELECT p.id, p.type_key, p.shelf, p.issuer_id, p.issuer_name, p.formats, p.summary, p.received_at,
        p.expires_at, p.state,
        (SELECT count(*) FROM copies c WHERE c.paper = p.id),
        (SELECT count(*) FROM copies c WHERE c.paper = p.id AND c.used_count = 0)
    FROM papers p";

impl Transaction<'_> {
    /// Stores a paper, its copies and the line of the history that tells of it: all or nothing, as everything in one
    /// transaction. The reserved keys that the copies name move to them.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::Duplicate`], [`StoreError::NotFound`] for a key that was not reserved.
    pub fn receive(
        &self,
        paper: &NewPaper,
        batch: BatchId,
        copies: &[NewCopy],
        history: &NewHistoryEntry,
    ) -> Result<(), StoreError> {
        self.add_paper(paper)?;
        self.add_copies(paper.id, batch, copies)?;
        self.append_history(history)?;
        Ok(())
    }

    /// Stores a paper without copies yet. [`Self::receive`] is the usual way.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::Duplicate`].
    pub fn add_paper(&self, paper: &NewPaper) -> Result<(), StoreError> {
        bounded(paper.type_key.len(), limits::SHORT_TEXT, "the type of a paper")?;
        bounded(paper.issuer.id.len(), limits::SHORT_TEXT, "the issuer's identifier")?;
        let name = to_json(&paper.issuer.display, limits::SHORT_TEXT, "the issuer's name")?;
        let metadata = to_json(&paper.metadata, limits::METADATA, "the metadata of a paper")?;
        let summary = to_json(&paper.summary, limits::SUMMARY, "the summary of a paper")?;
        let result = self.inner.prepare_cached(
            "INSERT INTO papers (id, type_key, shelf, issuer_id, issuer_name, formats, metadata, summary, received_at,
                expires_at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?.execute(params![
            paper.id.to_string(),
            paper.type_key,
            paper.shelf.as_str(),
            paper.issuer.id,
            name,
            formats_to_text(&paper.formats),
            metadata,
            summary,
            paper.received_at.unix_seconds(),
            seconds(paper.expires_at),
            PaperState::Ready.as_str(),
        ]);
        inserted(result, "paper")
    }

    /// Every paper, newest first: one query over the index, no credential is read.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn papers(&self) -> Result<Vec<Paper>, StoreError> {
        let mut statement =
            self.inner.prepare_cached(&format!("{LISTED} ORDER BY p.received_at DESC, p.id"))?;
        let mut rows = statement.query([])?;
        let mut papers = Vec::new();
        while let Some(row) = rows.next()? {
            papers.push(paper_of(row)?);
        }
        Ok(papers)
    }

    /// The papers of one shelf, newest first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn papers_on(&self, shelf: Shelf) -> Result<Vec<Paper>, StoreError> {
        let mut statement = self
            .inner
            .prepare_cached(&format!("{LISTED} WHERE p.shelf = ?1 ORDER BY p.received_at DESC, p.id"))?;
        let mut rows = statement.query([shelf.as_str()])?;
        let mut papers = Vec::new();
        while let Some(row) = rows.next()? {
            papers.push(paper_of(row)?);
        }
        Ok(papers)
    }

    /// One paper.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn paper(&self, id: PaperId) -> Result<Paper, StoreError> {
        let mut statement = self.inner.prepare_cached(&format!("{LISTED} WHERE p.id = ?1"))?;
        let mut rows = statement.query([id.to_string()])?;
        match rows.next()? {
            Some(row) => paper_of(row),
            None => Err(StoreError::NotFound { what: "paper" }),
        }
    }

    /// The type and issuer metadata of a paper, as received.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn paper_metadata(&self, id: PaperId) -> Result<serde_json::Value, StoreError> {
        let text: Option<String> = self
            .inner
            .query_row("SELECT metadata FROM papers WHERE id = ?1", [id.to_string()], |row| row.get(0))
            .optional()?;
        from_json(&text.ok_or(StoreError::NotFound { what: "paper" })?)
    }

    /// Puts a paper into another state.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn set_paper_state(&self, id: PaperId, state: PaperState) -> Result<(), StoreError> {
        let changed = self
            .inner
            .execute("UPDATE papers SET state = ?2 WHERE id = ?1", params![id.to_string(), state.as_str()])?;
        found(changed, "paper")
    }

    /// Writes another summary and end date, after a refresh.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::TooLarge`].
    pub fn set_paper_summary(
        &self,
        id: PaperId,
        summary: &serde_json::Value,
        expires_at: Option<Instant>,
    ) -> Result<(), StoreError> {
        let summary = to_json(summary, limits::SUMMARY, "the summary of a paper")?;
        let changed = self.inner.execute(
            "UPDATE papers SET summary = ?2, expires_at = ?3 WHERE id = ?1",
            params![id.to_string(), summary, seconds(expires_at)],
        )?;
        found(changed, "paper")
    }

    /// Puts a newer paper in the place of the one that has its id: what it says, when it came, and it is in use. Its copies are
    /// the caller's to exchange in the same transaction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::TooLarge`].
    pub fn replace_paper(&self, paper: &NewPaper) -> Result<(), StoreError> {
        let name = to_json(&paper.issuer.display, limits::SHORT_TEXT, "the issuer's name")?;
        let metadata = to_json(&paper.metadata, limits::METADATA, "the metadata of a paper")?;
        let summary = to_json(&paper.summary, limits::SUMMARY, "the summary of a paper")?;
        let changed = self.inner.execute(
            "UPDATE papers SET issuer_name = ?2, formats = ?3, metadata = ?4, summary = ?5, received_at = ?6,
                expires_at = ?7, state = ?8 WHERE id = ?1",
            params![
                paper.id.to_string(),
                name,
                formats_to_text(&paper.formats),
                metadata,
                summary,
                paper.received_at.unix_seconds(),
                seconds(paper.expires_at),
                PaperState::Ready.as_str(),
            ],
        )?;
        found(changed, "paper")
    }

    /// Removes a paper with its copies, and with their salts the keys.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn remove_paper(&self, id: PaperId) -> Result<(), StoreError> {
        // The copies go by the foreign key's cascade; secure_delete overwrites them.
        let changed = self.inner.execute("DELETE FROM papers WHERE id = ?1", [id.to_string()])?;
        found(changed, "paper")
    }
}

pub(super) fn found(changed: usize, what: &'static str) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::NotFound { what }) } else { Ok(()) }
}

fn paper_of(row: &Row<'_>) -> Result<Paper, StoreError> {
    let expires_at: Option<i64> = row.get(8)?;
    Ok(Paper {
        id: stored(PaperId::parse(&row.get::<_, String>(0)?))?,
        type_key: row.get(1)?,
        shelf: stored(Shelf::parse(&row.get::<_, String>(2)?))?,
        issuer: IssuerLabel { id: row.get(3)?, display: from_json(&row.get::<_, String>(4)?)? },
        formats: formats_of_text(&row.get::<_, String>(5)?)?,
        summary: from_json(&row.get::<_, String>(6)?)?,
        received_at: Instant::from_unix_seconds(row.get(7)?),
        expires_at: expires_at.map(Instant::from_unix_seconds),
        state: stored(PaperState::parse(&row.get::<_, String>(9)?))?,
        copies: row.get(10)?,
        unused_copies: row.get(11)?,
    })
}

fn formats_to_text(formats: &NonEmpty<CredentialFormat>) -> String {
    formats.as_slice().iter().map(|format| format.as_str()).collect::<Vec<_>>().join(" ")
}

fn formats_of_text(text: &str) -> Result<NonEmpty<CredentialFormat>, StoreError> {
    let formats: Option<Vec<CredentialFormat>> = text.split(' ').map(CredentialFormat::parse).collect();
    NonEmpty::new(stored(formats)?).map_err(|_| StoreError::Damaged)
}
