//! The computer's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use primitives::{Clock, Instant};

/// The computer's clock. It may be wrong; the wallet compares it with the latest signed time.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
        };
        Instant::from_unix_seconds(seconds)
    }
}
