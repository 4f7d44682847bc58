//! What a desk remembers from one day to the next: the latest time that somebody trusted signed, and how many checks there were today.

use std::sync::{Mutex, PoisonError};

use primitives::{Blame, CivilDate, Instant, Left, Refusal};

/// All that is remembered. Nothing of anybody is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeskRecord {
    /// The latest time in a list whose signature held. A clock behind it is wrong.
    pub latest_signed: Option<Instant>,
    /// The day that is counted, in Asia/Seoul.
    pub day: Option<CivilDate>,
    /// How many checks came to a verdict on that day, a count.
    pub checks: u32,
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
