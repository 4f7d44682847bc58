//! What a server keeps for a while: bounded in number, each until its time.

use std::collections::HashMap;

use primitives::Instant;

/// Most entries of one kind at once.
pub(crate) const ENTRIES_MAX: usize = 4096;

/// Values by key, each until its time.
pub(crate) struct Bounded<T> {
    entries: HashMap<String, (T, Instant)>,
}

impl<T> Bounded<T> {
    pub(crate) fn new() -> Self {
        Self { entries: HashMap::new() }
    }

    /// Keeps `value` until `until`; `false` if there is no room for it.
    pub(crate) fn put(&mut self, key: String, value: T, until: Instant, now: Instant) -> bool {
        if self.entries.len() >= ENTRIES_MAX {
            self.entries.retain(|_, (_, end)| *end > now);
        }
        if self.entries.len() >= ENTRIES_MAX {
            return false;
        }
        self.entries.insert(key, (value, until));
        true
    }

    /// The value, while it is its time.
    pub(crate) fn get(&self, key: &str, now: Instant) -> Option<&T> {
        self.entries.get(key).filter(|(_, until)| *until > now).map(|(value, _)| value)
    }

    /// Takes the value out, if it is still its time.
    pub(crate) fn take(&mut self, key: &str, now: Instant) -> Option<(T, Instant)> {
        self.entries.remove(key).filter(|(_, until)| *until > now)
    }
}
