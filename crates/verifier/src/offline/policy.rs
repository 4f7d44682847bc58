//! How old is green, amber and red (house, `docs/offline-qr.md`). Ages are counted from what was signed, never from a file's date.

use primitives::Instant;

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// What becomes of a paper whose status list is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownStatus {
    /// A weak confirmation.
    Amber,
    /// None.
    Red,
}

/// How old lists may be, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimePolicy {
    /// Up to this age a status list is as good as new.
    pub status_green: i64,
    /// Up to this age it makes a weak confirmation, beyond it none.
    pub status_amber: i64,
    /// Up to this age the trust list counts, beyond it nothing does.
    pub trust_list: i64,
    /// What an unknown status is.
    pub unknown_status: UnknownStatus,
}

impl Default for TimePolicy {
    /// 24 hours, 7 days, 30 days, amber.
    fn default() -> Self {
        Self {
            status_green: DAY,
            status_amber: 7 * DAY,
            trust_list: 30 * DAY,
            unknown_status: UnknownStatus::Amber,
        }
    }
}

/// What the policy makes of an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// New enough.
    Green,
    /// Old.
    Amber,
    /// Too old.
    Red,
}

impl Grade {
    /// The stable word in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

/// A list's date, and what the policy makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aged {
    /// When the list was signed.
    pub as_of: Instant,
    /// What its age amounts to now.
    pub grade: Grade,
}

impl TimePolicy {
    /// A status list signed at `as_of`.
    pub fn status(&self, as_of: Instant, now: Instant) -> Aged {
        let age = now.seconds_since(as_of);
        let grade = match age {
            age if age <= self.status_green => Grade::Green,
            age if age <= self.status_amber => Grade::Amber,
            _ => Grade::Red,
        };
        Aged { as_of, grade }
    }

    /// A trust list signed at `as_of`, which says itself that it ends at `next_update`.
    pub fn trust_list(&self, as_of: Instant, next_update: Option<Instant>, now: Instant) -> Aged {
        let ended = next_update.is_some_and(|next_update| next_update <= now);
        let old = now.seconds_since(as_of) > self.trust_list;
        Aged { as_of, grade: if ended || old { Grade::Red } else { Grade::Green } }
    }
}
