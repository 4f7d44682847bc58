//! Clocks that stand still and entropy that repeats itself, for tests only (cargo feature `test-support`).

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::{Clock, Entropy, EntropyUnavailable, Instant};

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that says `now`.
    pub fn new(now: Instant) -> Self {
        Self(AtomicI64::new(now.unix_seconds()))
    }

    /// Sets the clock.
    pub fn set(&self, now: Instant) {
        self.0.store(now.unix_seconds(), Ordering::SeqCst);
    }

    /// Moves the clock by `seconds`, back if negative.
    pub fn advance(&self, seconds: i64) {
        self.set(self.now() + seconds);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        Instant::from_unix_seconds(self.0.load(Ordering::SeqCst))
    }
}

/// Entropy that gives the same sequence for the same seed (splitmix64), and can be told to fail.
#[derive(Debug)]
pub struct SequenceEntropy {
    state: AtomicU64,
    failing: Mutex<bool>,
}

impl SequenceEntropy {
    /// The sequence of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed), failing: Mutex::new(false) }
    }

    /// From now on every call fails.
    pub fn fail(&self) {
        if let Ok(mut failing) = self.failing.lock() {
            *failing = true;
        }
    }
}

impl Entropy for SequenceEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        if self.failing.lock().map_or(true, |failing| *failing) {
            return Err(EntropyUnavailable);
        }
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        for chunk in buffer.chunks_mut(8) {
            let mut z = self.state.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            for (to, from) in chunk.iter_mut().zip(z.to_le_bytes()) {
                *to = from;
            }
        }
        Ok(())
    }
}
