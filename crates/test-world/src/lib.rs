//! What the worlds of the tests have in common: parties under roots of their own ([`Party`]), and what they sign.
//!
//! Each crate's tests still have a world of their own, which knows what that crate is about; this one knows no protocol. Everything is
//! drawn from the randomness that is handed in, in an order that never changes: the same sequence makes the same keys and certificates,
//! byte for byte, which published test vectors and the corpora of the fuzz targets rely on.
//!
//! Whatever should never fail here ends the test that it fails in.
#![allow(clippy::unwrap_used, clippy::panic)]

mod papers;
mod party;

pub use papers::{card, holding, mdoc, registration, verified_card};
pub use party::{Party, Recipe};
use primitives::Instant;

/// A day, in seconds.
pub const DAY: i64 = 24 * 60 * 60;

/// The time of the tests that need no other: 2027-01-15 08:00:00 UTC.
pub fn now() -> Instant {
    Instant::from_unix_seconds(1_800_000_000)
}
