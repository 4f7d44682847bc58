//! The encrypted store, the key hierarchy, lock and attempts.
