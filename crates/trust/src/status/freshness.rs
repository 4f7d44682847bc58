//! How long a fetched status list may be used: sections 11.5 and 13.7 of the draft; ST-14.

use primitives::Instant;

use super::VerifiedStatusList;

/// What is reasonable for a status list, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreshnessPolicy {
    /// A list is not asked for again sooner than this, whatever its `ttl` says.
    pub shortest_ttl: i64,
    /// A list is asked for again after this at the latest, whatever its `ttl` says; also where it has no `ttl`.
    pub longest_ttl: i64,
    /// A list without `exp` counts no longer once it is this old.
    pub longest_life: i64,
}

impl Default for FreshnessPolicy {
    /// A minute, a day, and thirty days.
    fn default() -> Self {
        Self { shortest_ttl: 60, longest_ttl: 24 * 60 * 60, longest_life: 30 * 24 * 60 * 60 }
    }
}

/// How old a cached list is, for the verdict and for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Recent: use it.
    Fresh,
    /// Its time to live is over: fetch a new one; until that succeeds it may be used, and its age is shown.
    Stale,
    /// Expired: it says nothing any more.
    Expired,
}

/// The life of one cached list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// When it was fetched.
    pub fetched_at: Instant,
    /// From when on a new one should be fetched.
    pub stale_from: Instant,
    /// From when on it counts no longer.
    pub expires_at: Instant,
}

impl Freshness {
    /// The life of a list fetched at `fetched_at`.
    #[must_use]
    pub fn of(list: &VerifiedStatusList, fetched_at: Instant, policy: &FreshnessPolicy) -> Self {
        let expires_at = list.expires_at().unwrap_or_else(|| list.issued_at() + policy.longest_life);
        let longest = policy.longest_ttl.max(policy.shortest_ttl);
        let seconds = match list.time_to_live() {
            Some(ttl) => i64::try_from(ttl).unwrap_or(i64::MAX).clamp(policy.shortest_ttl, longest),
            None => longest,
        };
        Self { fetched_at, stale_from: (fetched_at + seconds).min(expires_at), expires_at }
    }

    /// How old the list is at `now`.
    #[must_use]
    pub fn at(&self, now: Instant) -> Age {
        if now >= self.expires_at {
            Age::Expired
        } else if now >= self.stale_from {
            Age::Stale
        } else {
            Age::Fresh
        }
    }
}
