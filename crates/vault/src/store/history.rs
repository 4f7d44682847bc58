//! The history: hash-chained from the first line, with items and never values (design, "States and errors").
//!
//! Each line's hash is SHA-256 over a domain, the hash before it and every column, each with its length in front. The number
//! and hash of the last line stand apart, so that a cut end shows too; when old lines are let go after their retention, the
//! number and hash of the last one let go stand apart likewise.
//!
//! The whole chain is checked once ([`Transaction::verify_history`]); from there on only what was written since
//! ([`Transaction::verify_history_since`]) and the lines that are shown ([`Transaction::verify_history_lines`]), so that reading
//! the history page by page costs what the history is long, and not its square.

use primitives::Instant;
use rusqlite::{Row, params};

use super::{
    HistoryBreak, HistoryEntry, HistoryKind, NewHistoryEntry, Outcome, PaperId, Transaction, bounded,
    from_json, hex, limits, stored, to_json,
};
use crate::StoreError;

const DOMAIN: &[u8] = b"citizen-wallet/v1/history";
const HEAD: &str = "history_head";
const BASE: &str = "history_base";

/// Bound of one JSON column of a line, in bytes.
const COLUMN_LIMIT: usize = 256 * 1024;

const COLUMNS: &str =
    "SELECT sequence, at, kind, party, items, papers, purpose, retention, rule, code, outcome, hash
    FROM history";

/// The history up to one line, found whole. Made by verifying alone; it says nothing of a database that was closed meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedHistory {
    count: u64,
    last: u64,
    hash: [u8; 32],
}

impl VerifiedHistory {
    /// The number of lines that were checked, those let go since included.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}

/// A line as its columns hold it: what is hashed is exactly what is stored.
struct Line {
    at: i64,
    kind: String,
    party: Option<String>,
    items: String,
    papers: String,
    purpose: Option<String>,
    retention: Option<String>,
    rule: Option<String>,
    code: Option<String>,
    outcome: String,
}

impl Transaction<'_> {
    /// Writes a line at the end. Returns its number.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::Damaged`] if the end of the chain is not readable.
    pub fn append_history(&self, entry: &NewHistoryEntry) -> Result<u64, StoreError> {
        bounded(entry.items.len(), limits::HISTORY_ITEMS, "a line of the history")?;
        let line = Line::of(entry)?;
        let (last, previous) = self.history_mark(HEAD)?;
        let sequence = last.checked_add(1).ok_or(StoreError::Damaged)?;
        let hash = line.hash(sequence, &previous);
        self.inner.execute(
            "INSERT INTO history (sequence, at, kind, party, items, papers, purpose, retention, rule, code, outcome,
                previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                stored(i64::try_from(sequence).ok())?,
                line.at,
                line.kind,
                line.party,
                line.items,
                line.papers,
                line.purpose,
                line.retention,
                line.rule,
                line.code,
                line.outcome,
                previous.as_slice(),
                hash.as_slice(),
            ],
        )?;
        self.set_history_mark(HEAD, sequence, &hash)?;
        Ok(sequence)
    }

    /// The newest lines first, from before `before` on if given, at most `count`.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn history(&self, before: Option<u64>, count: u32) -> Result<Vec<HistoryEntry>, StoreError> {
        let before = before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
        let mut statement = self
            .inner
            .prepare_cached(&format!("{COLUMNS} WHERE sequence < ?1 ORDER BY sequence DESC LIMIT ?2"))?;
        let mut rows = statement.query(params![before, count])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(entry_of(row)?);
        }
        Ok(entries)
    }

    /// The lines that name a paper, newest first.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn history_of(&self, paper: PaperId) -> Result<Vec<HistoryEntry>, StoreError> {
        let mut statement = self.inner.prepare_cached(&format!(
            "{COLUMNS} WHERE EXISTS (SELECT 1 FROM json_each(papers) WHERE value = ?1) ORDER BY sequence DESC"
        ))?;
        let mut rows = statement.query([paper.to_string()])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(entry_of(row)?);
        }
        Ok(entries)
    }

    /// Checks the whole chain, from the last line let go to the last line written. `Ok(Ok(count))` is the number of lines.
    ///
    /// # Errors
    /// The file system's. A broken chain is the inner error.
    pub fn verify_history(&self) -> Result<Result<u64, HistoryBreak>, StoreError> {
        Ok(self.verify_history_since(None)?.map(|verified| verified.count))
    }

    /// Checks the chain from the last line that was found whole, or the whole chain where none was, to the last line written.
    ///
    /// # Errors
    /// The file system's. A broken chain is the inner error.
    pub fn verify_history_since(
        &self,
        known: Option<&VerifiedHistory>,
    ) -> Result<Result<VerifiedHistory, HistoryBreak>, StoreError> {
        let (base, base_hash) = self.history_mark(BASE)?;
        let (head, head_hash) = self.history_mark(HEAD)?;
        // Lines after the one known that were let go meanwhile leave nothing to go on from.
        let known = known.filter(|known| known.last >= base);
        let (mut last, mut previous) = known.map_or((base, base_hash), |known| (known.last, known.hash));
        let mut count = known.map_or(0, |known| known.count);
        // Without a line to start from every row is read, so that one that should be gone shows.
        let after = known.map_or(Ok(i64::MIN), |known| stored(i64::try_from(known.last).ok()))?;
        let mut statement = self.inner.prepare_cached(
            "SELECT sequence, at, kind, party, items, papers, purpose, retention, rule, code, outcome, previous, hash
                FROM history WHERE sequence > ?1 ORDER BY sequence",
        )?;
        let mut rows = statement.query([after])?;
        while let Some(row) = rows.next()? {
            let sequence = u64::try_from(row.get::<_, i64>(0)?).map_err(|_| StoreError::Damaged)?;
            if sequence != last.saturating_add(1) {
                return Ok(Err(HistoryBreak::Missing(sequence)));
            }
            let stored_previous: Vec<u8> = row.get(11)?;
            let stored_hash: Vec<u8> = row.get(12)?;
            let hash = Line::of_row(row)?.hash(sequence, &previous);
            if stored_previous != previous || stored_hash != hash {
                return Ok(Err(HistoryBreak::Changed(sequence)));
            }
            (last, previous) = (sequence, hash);
            count += 1;
        }
        match last.cmp(&head) {
            std::cmp::Ordering::Less => Ok(Err(HistoryBreak::Cut(last))),
            std::cmp::Ordering::Equal if previous == head_hash => {
                Ok(Ok(VerifiedHistory { count, last, hash: previous }))
            }
            _ => Ok(Err(HistoryBreak::Changed(last))),
        }
    }

    /// Checks the lines that [`Self::history`] gives for the same arguments: each by its own hash, and each against the line after
    /// it, up to the line `before` or the end of the chain.
    ///
    /// # Errors
    /// The file system's. A broken chain is the inner error.
    pub fn verify_history_lines(
        &self,
        before: Option<u64>,
        count: u32,
    ) -> Result<Result<(), HistoryBreak>, StoreError> {
        let (base, base_hash) = self.history_mark(BASE)?;
        let (head, head_hash) = self.history_mark(HEAD)?;
        // Number and hash that the newest of the lines must have.
        let (mut last, mut expected) = match before.filter(|before| *before <= head) {
            None => (head, head_hash),
            Some(before) if before <= base.saturating_add(1) => return Ok(Ok(())),
            Some(before) => match self.history_link(before)? {
                Some(link) => (before.saturating_sub(1), link),
                None => return Ok(Err(HistoryBreak::Missing(before))),
            },
        };
        let before = before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
        let mut statement = self.inner.prepare_cached(
            "SELECT sequence, at, kind, party, items, papers, purpose, retention, rule, code, outcome, previous, hash
                FROM history WHERE sequence < ?1 ORDER BY sequence DESC LIMIT ?2",
        )?;
        let mut rows = statement.query(params![before, count])?;
        let mut read = 0u32;
        while let Some(row) = rows.next()? {
            let sequence = u64::try_from(row.get::<_, i64>(0)?).map_err(|_| StoreError::Damaged)?;
            if sequence != last || sequence <= base {
                return Ok(Err(HistoryBreak::Missing(last)));
            }
            let previous: [u8; 32] =
                row.get::<_, Vec<u8>>(11)?.try_into().map_err(|_| StoreError::Damaged)?;
            let stored_hash: Vec<u8> = row.get(12)?;
            let hash = Line::of_row(row)?.hash(sequence, &previous);
            if hash != expected || stored_hash != hash {
                return Ok(Err(HistoryBreak::Changed(sequence)));
            }
            (last, expected) = (sequence.saturating_sub(1), previous);
            read = read.saturating_add(1);
        }
        // Fewer lines than asked for: what is older was let go, and ends in the hash that stands apart.
        let ends_whole = read == count || (last == base && expected == base_hash);
        Ok(if ends_whole { Ok(()) } else { Err(HistoryBreak::Missing(last.saturating_add(1))) })
    }

    /// The hash that a line says the line before it has.
    fn history_link(&self, sequence: u64) -> Result<Option<[u8; 32]>, StoreError> {
        let sequence = stored(i64::try_from(sequence).ok())?;
        let mut statement = self.inner.prepare_cached("SELECT previous FROM history WHERE sequence = ?1")?;
        let mut rows = statement.query([sequence])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        row.get::<_, Vec<u8>>(0)?.try_into().map(Some).map_err(|_| StoreError::Damaged)
    }

    /// Lets go of the oldest lines up to the last one before this moment (retention). The chain stays verifiable. Returns how
    /// many.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and the file system's.
    pub fn prune_history(&self, before: Instant) -> Result<usize, StoreError> {
        // The first line that stays: numbers are in order of writing, times need not be.
        let first_kept: Option<i64> = self.inner.query_row(
            "SELECT min(sequence) FROM history WHERE at >= ?1",
            [before.unix_seconds()],
            |row| row.get(0),
        )?;
        let limit = first_kept.unwrap_or(i64::MAX);
        let mut statement = self.inner.prepare(
            "SELECT sequence, hash FROM history WHERE sequence < ?1 ORDER BY sequence DESC LIMIT 1",
        )?;
        let mut rows = statement.query([limit])?;
        let Some(row) = rows.next()? else { return Ok(0) };
        let sequence = u64::try_from(row.get::<_, i64>(0)?).map_err(|_| StoreError::Damaged)?;
        let hash: [u8; 32] = row.get::<_, Vec<u8>>(1)?.try_into().map_err(|_| StoreError::Damaged)?;
        drop(rows);
        self.set_history_mark(BASE, sequence, &hash)?;
        Ok(self.inner.execute("DELETE FROM history WHERE sequence < ?1", [limit])?)
    }

    fn history_mark(&self, name: &str) -> Result<(u64, [u8; 32]), StoreError> {
        let Some(text) = self.mark(name)? else { return Ok((0, [0; 32])) };
        let (sequence, hash) = stored(text.split_once(' '))?;
        Ok((sequence.parse().map_err(|_| StoreError::Damaged)?, stored(hex::decode(hash))?))
    }

    fn set_history_mark(&self, name: &str, sequence: u64, hash: &[u8; 32]) -> Result<(), StoreError> {
        self.set_mark(name, &format!("{sequence} {}", hex::encode(hash)))
    }
}

impl Line {
    fn of(entry: &NewHistoryEntry) -> Result<Self, StoreError> {
        const WHAT: &str = "a line of the history";
        for text in [&entry.rule, &entry.code].into_iter().flatten() {
            bounded(text.len(), limits::SHORT_TEXT, WHAT)?;
        }
        Ok(Self {
            at: entry.at.unix_seconds(),
            kind: entry.kind.as_str().to_owned(),
            party: entry.party.as_ref().map(|party| to_json(party, COLUMN_LIMIT, WHAT)).transpose()?,
            items: to_json(&entry.items, COLUMN_LIMIT, WHAT)?,
            papers: to_json(&entry.papers, COLUMN_LIMIT, WHAT)?,
            purpose: entry.purpose.as_ref().map(|text| to_json(text, COLUMN_LIMIT, WHAT)).transpose()?,
            retention: entry.retention.as_ref().map(|text| to_json(text, COLUMN_LIMIT, WHAT)).transpose()?,
            rule: entry.rule.clone(),
            code: entry.code.clone(),
            outcome: entry.outcome.as_str().to_owned(),
        })
    }

    /// The columns 1 to 10 of [`COLUMNS`].
    fn of_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            at: row.get(1)?,
            kind: row.get(2)?,
            party: row.get(3)?,
            items: row.get(4)?,
            papers: row.get(5)?,
            purpose: row.get(6)?,
            retention: row.get(7)?,
            rule: row.get(8)?,
            code: row.get(9)?,
            outcome: row.get(10)?,
        })
    }

    fn hash(&self, sequence: u64, previous: &[u8; 32]) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(512);
        let mut part = |content: Option<&[u8]>| match content {
            // Absent and empty differ.
            None => bytes.push(0),
            Some(content) => {
                bytes.push(1);
                bytes.extend_from_slice(&(content.len() as u64).to_be_bytes());
                bytes.extend_from_slice(content);
            }
        };
        part(Some(DOMAIN));
        part(Some(previous));
        part(Some(&sequence.to_be_bytes()));
        part(Some(&self.at.to_be_bytes()));
        part(Some(self.kind.as_bytes()));
        part(self.party.as_deref().map(str::as_bytes));
        part(Some(self.items.as_bytes()));
        part(Some(self.papers.as_bytes()));
        part(self.purpose.as_deref().map(str::as_bytes));
        part(self.retention.as_deref().map(str::as_bytes));
        part(self.rule.as_deref().map(str::as_bytes));
        part(self.code.as_deref().map(str::as_bytes));
        part(Some(self.outcome.as_bytes()));
        crypto::sha256(&bytes)
    }
}

fn entry_of(row: &Row<'_>) -> Result<HistoryEntry, StoreError> {
    let line = Line::of_row(row)?;
    Ok(HistoryEntry {
        sequence: u64::try_from(row.get::<_, i64>(0)?).map_err(|_| StoreError::Damaged)?,
        entry: NewHistoryEntry {
            at: Instant::from_unix_seconds(line.at),
            kind: stored(HistoryKind::parse(&line.kind))?,
            party: line.party.as_deref().map(from_json).transpose()?,
            items: from_json(&line.items)?,
            papers: from_json(&line.papers)?,
            purpose: line.purpose.as_deref().map(from_json).transpose()?,
            retention: line.retention.as_deref().map(from_json).transpose()?,
            rule: line.rule,
            code: line.code,
            outcome: stored(Outcome::parse(&line.outcome))?,
        },
        hash: row.get::<_, Vec<u8>>(11)?.try_into().map_err(|_| StoreError::Damaged)?,
    })
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
