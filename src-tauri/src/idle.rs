//! When the wallet locks by itself: minutes without use, a warning before.

use std::time::{Duration, Instant, SystemTime};

/// How long before locking the person is warned.
pub(crate) const WARNING: Duration = Duration::from_secs(20);

/// How long a lock of the window's own waits for what an issuer gives once.
pub(crate) const GRACE: Duration = Duration::from_secs(60);

/// Since when nobody was here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Idle {
    since: Instant,
    /// The monotonic clock stands still while the computer sleeps; this one does not.
    since_wall: SystemTime,
    warned: bool,
}

/// What the time asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// Say that it locks in so many seconds.
    Warn(u64),
    Lock,
}

impl Idle {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), since_wall: SystemTime::now(), warned: false }
    }

    /// How long nobody was here; whichever clock says more.
    pub(crate) fn elapsed(&self) -> Duration {
        self.since.elapsed().max(self.since_wall.elapsed().unwrap_or_default())
    }

    /// What is due after `elapsed` of `limit`. A warning is given once; `receiving`: something is under way that an issuer gives once.
    pub(crate) fn due(&mut self, elapsed: Duration, limit: Duration, receiving: bool) -> Due {
        let left = limit.saturating_sub(elapsed);
        if left.is_zero() {
            let waits = receiving && elapsed < limit + GRACE;
            return if waits { Due::Nothing } else { Due::Lock };
        }
        if left > WARNING || self.warned {
            return Due::Nothing;
        }
        self.warned = true;
        // Rounded up: "0 seconds" while it is still open would be untrue.
        Due::Warn(left.as_secs() + u64::from(left.subsec_nanos() > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_warns_once_twenty_seconds_before_and_then_locks() {
        let limit = Duration::from_secs(300);
        let mut idle = Idle::new();
        assert_eq!(idle.due(Duration::from_secs(279), limit, false), Due::Nothing);
        assert_eq!(idle.due(Duration::from_millis(280_500), limit, false), Due::Warn(20));
        assert_eq!(idle.due(Duration::from_secs(282), limit, false), Due::Nothing);
        assert_eq!(idle.due(Duration::from_secs(300), limit, false), Due::Lock);
        assert_eq!(Idle::new().due(Duration::from_secs(9999), limit, false), Due::Lock);
    }

    #[test]
    fn what_an_issuer_gives_once_is_waited_for_a_minute_and_no_longer() {
        let limit = Duration::from_secs(300);
        let mut idle = Idle::new();
        assert_eq!(idle.due(Duration::from_secs(290), limit, true), Due::Warn(10));
        assert_eq!(idle.due(limit, limit, true), Due::Nothing);
        assert_eq!(idle.due(Duration::from_secs(359), limit, true), Due::Nothing);
        assert_eq!(idle.due(Duration::from_secs(359), limit, false), Due::Lock, "it is here by now");
        assert_eq!(idle.due(Duration::from_secs(360), limit, true), Due::Lock);
        // a computer that slept
        assert_eq!(Idle::new().due(Duration::from_secs(9999), limit, true), Due::Lock);
    }
}
