//! The clocks and entropy that exist in test builds only.
#![cfg(feature = "test-support")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use primitives::test_support::{FixedClock, SequenceEntropy};
use primitives::{Clock, Entropy, EntropyUnavailable, Instant};

#[test]
fn a_fixed_clock_moves_only_when_moved() {
    let clock = FixedClock::new(Instant::from_unix_seconds(100));
    assert_eq!(clock.now(), clock.now());
    clock.advance(-40);
    assert_eq!(clock.now().unix_seconds(), 60);
}

#[test]
fn a_sequence_repeats_for_its_seed_and_not_within_itself() {
    let take = |entropy: &SequenceEntropy| {
        let mut bytes = [0; 20];
        entropy.fill(&mut bytes).unwrap();
        bytes
    };
    let (one, two) = (SequenceEntropy::new(7), SequenceEntropy::new(7));
    let first = take(&one);
    assert_eq!(first, take(&two));
    assert_ne!(first, take(&one));
    one.fail();
    assert_eq!(one.fill(&mut [0; 1]), Err(EntropyUnavailable));
}
