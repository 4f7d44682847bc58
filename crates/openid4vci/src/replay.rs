//! What a server remembers so that a one-time value is taken once: `jti`s that were seen, nonces that were given.
//!
//! Clauses: RFC 9449 sections 8 and 11.1 (DP-10, DP-14); OpenID4VCI 1.0 sections 7 and 13.6 (CI-14). Plain values: the caller stores them or keeps them in
//! memory; both are bounded and forget what has expired.

use std::collections::{HashMap, VecDeque};

use crypto::{random, sha256};
use primitives::{Entropy, EntropyUnavailable, Instant};

/// Most values remembered at once. When full of live values, new ones are refused rather than old ones forgotten.
pub const REPLAY_MEMORY_MAX: usize = 100_000;
/// Most nonces outstanding at once: the oldest are forgotten first.
pub const NONCES_MAX: usize = 100_000;

/// One-time values that were seen, until they can no longer be used.
#[derive(Debug, Clone, Default)]
pub struct ReplayMemory {
    // hashed: bounded per entry whatever the client sends
    seen: HashMap<[u8; 32], Instant>,
}

impl ReplayMemory {
    /// Remembers `value` until `until`; `false` if it was there already, or the memory is full.
    pub fn first_time(&mut self, value: &str, now: Instant, until: Instant) -> bool {
        if self.seen.len() >= REPLAY_MEMORY_MAX {
            self.seen.retain(|_, end| *end >= now);
        }
        if self.seen.len() >= REPLAY_MEMORY_MAX {
            return false;
        }
        let key = sha256(value.as_bytes());
        if self.seen.get(&key).is_some_and(|end| *end >= now) {
            return false;
        }
        self.seen.insert(key, until);
        true
    }
}

/// Nonces that a server gave out and that can be used once, for a while.
#[derive(Debug, Clone)]
pub struct NonceBook {
    lifetime: i64,
    given: VecDeque<(String, Instant)>,
}

impl NonceBook {
    /// A book whose nonces live for `lifetime_seconds`.
    #[must_use]
    pub fn new(lifetime_seconds: i64) -> Self {
        Self { lifetime: lifetime_seconds, given: VecDeque::new() }
    }

    /// A fresh nonce: 256 random bits.
    ///
    /// # Errors
    /// No randomness.
    pub fn issue(&mut self, now: Instant, entropy: &dyn Entropy) -> Result<String, EntropyUnavailable> {
        self.forget_expired(now);
        if self.given.len() >= NONCES_MAX {
            self.given.pop_front();
        }
        let nonce = random::token(entropy)?;
        self.given.push_back((nonce.clone(), now + self.lifetime));
        Ok(nonce)
    }

    /// Takes a nonce back: `true` once for each that was given and has not expired.
    pub fn consume(&mut self, nonce: &str, now: Instant) -> bool {
        self.forget_expired(now);
        match self.given.iter().position(|(known, _)| known == nonce) {
            Some(at) => self.given.remove(at).is_some(),
            None => false,
        }
    }

    /// Whether a nonce was given and has not expired, without taking it.
    #[must_use]
    pub fn knows(&self, nonce: &str, now: Instant) -> bool {
        self.given.iter().any(|(known, end)| known == nonce && *end >= now)
    }

    fn forget_expired(&mut self, now: Instant) {
        self.given.retain(|(_, end)| *end >= now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crypto::SystemEntropy;

    const NOW: i64 = 1_800_000_000;

    // rule: DP-14
    #[test]
    fn a_value_is_taken_once_until_it_expires() {
        let now = Instant::from_unix_seconds(NOW);
        let mut memory = ReplayMemory::default();
        assert!(memory.first_time("a", now, now + 10));
        assert!(!memory.first_time("a", now + 10, now + 20));
        assert!(memory.first_time("b", now, now + 10));
        assert!(memory.first_time("a", now + 11, now + 20));
    }

    // rule: DP-14
    #[test]
    fn a_full_memory_forgets_what_expired_and_nothing_else() {
        let now = Instant::from_unix_seconds(NOW);
        let mut memory = ReplayMemory::default();
        assert!((0..REPLAY_MEMORY_MAX).all(|number| memory.first_time(&number.to_string(), now, now + 10)));
        assert!(!memory.first_time("one more", now + 10, now + 20));
        assert!(memory.first_time("one more", now + 11, now + 20));
    }

    // rule: CI-14
    #[test]
    fn a_nonce_is_consumed_once_and_expires() {
        let now = Instant::from_unix_seconds(NOW);
        let mut book = NonceBook::new(60);
        let nonce = book.issue(now, &SystemEntropy).unwrap();
        assert!(!book.consume("other", now));
        let second = book.issue(now, &SystemEntropy).unwrap();
        assert!(book.knows(&nonce, now) && book.knows(&second, now) && !book.knows("other", now));
        assert!(book.knows(&nonce, now + 60));
        assert!(book.consume(&nonce, now));
        assert!(!book.consume(&nonce, now));
        let late = book.issue(now, &SystemEntropy).unwrap();
        assert!(!book.knows(&late, now + 61));
        assert!(!book.consume(&late, now + 61));
    }
}
