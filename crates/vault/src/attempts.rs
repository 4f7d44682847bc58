//! The attempt counter (design, "Keys"): it deters a person at the desk and no more. Written before each try, with a
//! growing delay; nothing is ever wiped.

use primitives::Instant;
use serde::{Deserialize, Serialize};

/// Wrong tries before the first delay.
pub const FREE_ATTEMPTS: u32 = 3;

/// The longest delay, in seconds.
pub const LONGEST_DELAY_SECONDS: u32 = 300;

/// Tries that were begun since the last right passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempts {
    /// How many; a try counts from before it begins.
    pub begun: u32,
    /// When the last one began, Unix seconds.
    pub last_at: i64,
}

impl Attempts {
    /// The delay after this many tries, in seconds: none for the first [`FREE_ATTEMPTS`], then 2, 4, 8 and so on up to
    /// [`LONGEST_DELAY_SECONDS`].
    #[must_use]
    pub fn delay(self) -> u32 {
        match self.begun.checked_sub(FREE_ATTEMPTS) {
            None => 0,
            Some(over) => {
                2u32.checked_pow(over.saturating_add(1)).unwrap_or(u32::MAX).min(LONGEST_DELAY_SECONDS)
            }
        }
    }

    /// Seconds to wait at this moment. A clock that was set back does not shorten the wait, and does not lengthen it
    /// beyond one whole delay.
    #[must_use]
    pub fn wait(self, now: Instant) -> u32 {
        let passed = now.unix_seconds().saturating_sub(self.last_at).max(0);
        self.delay().saturating_sub(u32::try_from(passed).unwrap_or(u32::MAX))
    }

    /// The counter with one more try, begun now.
    #[must_use]
    pub(crate) fn one_more(self, now: Instant) -> Self {
        Self { begun: self.begun.saturating_add(1), last_at: now.unix_seconds() }
    }

    /// Whether the clock stands before the last try; then the wait is counted anew from now.
    pub(crate) fn is_from_the_future(self, now: Instant) -> bool {
        self.last_at > now.unix_seconds()
    }

    /// The same count with the wait beginning now.
    pub(crate) fn rebased(self, now: Instant) -> Self {
        Self { begun: self.begun, last_at: now.unix_seconds() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_seconds(seconds)
    }

    #[test]
    fn the_delay_grows_and_is_bounded() {
        let delays: Vec<u32> = (0..12).map(|begun| Attempts { begun, last_at: 0 }.delay()).collect();
        assert_eq!(delays, [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(Attempts { begun: u32::MAX, last_at: 0 }.delay(), 300);
    }

    #[test]
    fn the_wait_passes_with_time_and_not_with_a_clock_set_back() {
        let attempts = Attempts { begun: 5, last_at: 1000 };
        assert_eq!(attempts.wait(at(1000)), 8);
        assert_eq!(attempts.wait(at(1007)), 1);
        assert_eq!(attempts.wait(at(1008)), 0);
        assert_eq!(attempts.wait(at(10)), 8);
    }
}
