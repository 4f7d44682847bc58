//! What a desk remembers from one day to the next: the latest time that somebody trusted signed, and how many checks there were today.

use std::sync::{Mutex, PoisonError};

use primitives::{Blame, CivilDate, Instant, Left, Refusal, json};
use serde::{Deserialize, Serialize};

/// Longest record as it is kept, in bytes.
pub(super) const MAX_RECORD_BYTES: usize = 1024;
/// The version of the kept form.
const VERSION: u32 = 1;

/// All that is remembered. Nothing of anybody is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeskRecord {
    /// The latest time in a list whose signature held. A clock behind it is wrong.
    pub latest_signed: Option<Instant>,
    /// The day that is counted, in Asia/Seoul.
    pub day: Option<CivilDate>,
    /// How many checks came to a verdict on that day, a count.
    pub checks: u32,
    /// The latest moment that an answer named which nobody asked for and which was taken before that moment came: a wallet's clock may be
    /// ahead. A desk that opens before it takes none of up to then, since it does not remember which were taken (OQ-35).
    pub answered_until: Option<Instant>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeptRecord {
    version: u32,
    latest_signed: Option<i64>,
    day: Option<CivilDate>,
    checks: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered_until: Option<i64>,
}

impl DeskRecord {
    /// The record as it is kept: JSON.
    ///
    /// # Errors
    /// [`MemoryError::Unwritable`].
    pub fn to_kept(&self) -> Result<String, MemoryError> {
        let kept = KeptRecord {
            version: VERSION,
            latest_signed: self.latest_signed.map(Instant::unix_seconds),
            day: self.day,
            checks: self.checks,
            answered_until: self.answered_until.map(Instant::unix_seconds),
        };
        serde_json::to_string(&kept).map_err(|_| MemoryError::Unwritable)
    }

    /// A record that was kept.
    ///
    /// # Errors
    /// [`MemoryError::Unreadable`]: it is none, or of another version.
    pub fn from_kept(kept: &[u8]) -> Result<Self, MemoryError> {
        let kept: KeptRecord = json::parse_strict(kept, MAX_RECORD_BYTES)
            .ok()
            .and_then(|value| serde_json::from_value(value).ok())
            .filter(|kept: &KeptRecord| kept.version == VERSION)
            .ok_or(MemoryError::Unreadable)?;
        Ok(Self {
            latest_signed: kept.latest_signed.map(Instant::from_unix_seconds),
            day: kept.day,
            checks: kept.checks,
            answered_until: kept.answered_until.map(Instant::from_unix_seconds),
        })
    }
}

/// Why the record cannot be had or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    /// What was kept is not readable. It is left as it is.
    #[error("what the desk remembers cannot be read")]
    Unreadable,
    /// It cannot be written: the disk is full, or the folder may not be written to. What was kept before is still there.
    #[error("what the desk remembers cannot be written")]
    Unwritable,
}

impl Refusal for MemoryError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "desk_memory_unreadable",
            Self::Unwritable => "desk_memory_unwritable",
        }
    }
    fn rule(&self) -> &'static str {
        ""
    }
    fn blame(&self) -> Blame {
        Blame::Computer
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Where the record is kept.
pub trait DeskMemory: Send + Sync {
    /// The record; an empty one where there is none yet.
    ///
    /// # Errors
    /// [`MemoryError::Unreadable`].
    fn load(&self) -> Result<DeskRecord, MemoryError>;

    /// Replaces the record, whole or not at all.
    ///
    /// # Errors
    /// [`MemoryError::Unwritable`].
    fn save(&self, record: &DeskRecord) -> Result<(), MemoryError>;
}

/// A record that ends with the process.
#[derive(Default)]
pub struct PassingMemory(Mutex<DeskRecord>);

impl PassingMemory {
    /// One that begins with this record.
    #[must_use]
    pub fn of(record: DeskRecord) -> Self {
        Self(Mutex::new(record))
    }
}

impl DeskMemory for PassingMemory {
    fn load(&self) -> Result<DeskRecord, MemoryError> {
        Ok(*self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
    fn save(&self, record: &DeskRecord) -> Result<(), MemoryError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = *record;
        Ok(())
    }
}
