//! Losses, order, several screens, and attackers with many frames.

use primitives::test_support::SequenceEntropy;
use proptest::prelude::*;

use super::*;
use crate::{FrameSize, Frames};

fn bytes(count: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; count];
    primitives::Entropy::fill(&SequenceEntropy::new(seed), &mut bytes).unwrap();
    bytes
}

fn frames(count: usize, seed: u64) -> (Vec<u8>, Frames) {
    let message = bytes(count, seed);
    let session = [u8::try_from(seed % 251).unwrap(), 1, 2, 3];
    let frames = Frames::of_session(Kind::Answer, &message, FrameSize::Small, session).unwrap();
    (message, frames)
}

fn complete(fed: Fed) -> Option<Vec<u8>> {
    match fed {
        Fed::Complete(message) => Some(message.bytes),
        _ => None,
    }
}

/// Neither `Fed` nor what it holds has a `Debug`.
fn is(fed: &Fed, expected: &Fed) -> bool {
    fed == expected
}

// rule: OQ-25
#[test]
fn the_pieces_once_each_are_enough_in_any_order() {
    let (message, frames) = frames(1000, 1);
    assert_eq!(frames.count(), 6);
    let mut collector = Collector::new(Kind::Answer);
    assert_eq!(collector.progress(), Progress::default());
    for (have, sequence) in (1..).zip([5, 0, 3, 4, 1]) {
        assert!(is(&collector.feed(&frames.text(sequence)), &Fed::New(Progress { have, need: 6 })));
        assert!(is(&collector.feed(&frames.text(sequence)), &Fed::Known(Progress { have, need: 6 })));
    }
    assert_eq!(complete(collector.feed(&frames.text(2))).unwrap(), message);
    // Its frames are shown for a while longer.
    assert!(is(&collector.feed(&frames.text(9)), &Fed::Known(Progress { have: 6, need: 6 })));
    assert_eq!(collector.series(), 0);
}

// rule: OQ-25
#[test]
fn mixtures_alone_are_enough() {
    for count in [1, 186, 187, 1500, 186 * 40] {
        let (message, frames) = frames(count, 2);
        let mut collector = Collector::new(Kind::Answer);
        let first = u16::from(frames.count());
        let found =
            (first..first + 400).find_map(|sequence| complete(collector.feed(&frames.text(sequence))));
        assert_eq!(found.unwrap(), message);
    }
}

// rule: OQ-26
#[test]
fn what_goes_the_other_way_is_no_part_of_it() {
    let (message, frames) = frames(500, 3);
    let request =
        Frames::of_session(Kind::Request, &message, FrameSize::Small, frames.series().session).unwrap();
    let mut collector = Collector::new(Kind::Answer);
    for sequence in 0..20 {
        assert!(is(&collector.feed(&request.text(sequence)), &Fed::OtherWay));
    }
    assert_eq!(collector.series(), 0);
}

// rule: OQ-26
#[test]
fn frames_of_another_session_never_mix_in() {
    let (first, of_first) = frames(1000, 4);
    // The same session bytes, count and length, but another message.
    let other = bytes(1000, 99);
    let session = of_first.series().session;
    let of_other = Frames::of_session(Kind::Answer, &other, FrameSize::Small, session).unwrap();
    let mut collector = Collector::new(Kind::Answer);
    assert!(is(&collector.feed(&of_first.text(0)), &Fed::New(Progress { have: 1, need: 6 })));
    assert!(is(&collector.feed(&of_first.text(1)), &Fed::New(Progress { have: 2, need: 6 })));
    assert!(is(&collector.feed(&of_other.text(2)), &Fed::Foreign(Progress { have: 2, need: 6 })));
    for sequence in 2..5 {
        assert!(complete(collector.feed(&of_first.text(sequence))).is_none());
        assert!(complete(collector.feed(&of_other.text(sequence))).is_none());
    }
    assert_eq!(collector.series(), 2);
    assert_eq!(complete(collector.feed(&of_first.text(5))).unwrap(), first);
    assert!(complete(collector.feed(&of_other.text(0))).is_none());
    assert!(complete(collector.feed(&of_other.text(1))).is_none());
    assert_eq!(complete(collector.feed(&of_other.text(5))).unwrap(), other);
}

// rule: OQ-27
#[test]
fn of_many_sessions_four_are_kept_and_the_one_at_hand_among_them() {
    let (message, ours) = frames(1000, 5);
    let mut collector = Collector::new(Kind::Answer);
    let mut found = None;
    for round in 0..6 {
        for other in 0..3 {
            let (_, frames) = frames(2000, 1000 + u64::from(round) * 3 + other);
            let _ = collector.feed(&frames.text(0));
            assert!(collector.series() <= MAX_SERIES);
        }
        found = complete(collector.feed(&ours.text(round)));
    }
    assert_eq!(found.unwrap(), message);
}

// rule: OQ-27
#[test]
fn a_session_that_ended_does_not_stay_in_front() {
    let (_, gone) = frames(1000, 6);
    let (_, shown) = frames(20_000, 7);
    let mut collector = Collector::new(Kind::Answer);
    for sequence in 0..5 {
        let _ = collector.feed(&gone.text(sequence));
    }
    assert!(is(&collector.feed(&shown.text(0)), &Fed::Foreign(Progress { have: 5, need: 6 })));
    for sequence in 1..70 {
        let _ = collector.feed(&shown.text(sequence));
    }
    assert_eq!((collector.series(), collector.progress().have), (1, 70));
}

// rule: OQ-27
#[test]
fn a_million_frames_stay_bounded() {
    // Whole frames, since a checksum costs the sender nothing: a few as long as can be, then very many short ones.
    let mut collector = Collector::new(Kind::Answer);
    let mut feed = |number: u32, length: u16| {
        let series = Series {
            kind: Kind::Answer,
            session: (number / 500 % 7).to_be_bytes(),
            length,
            pieces: 128,
            checksum: number / 500 % 5,
        };
        let sequence = u16::try_from(number % 128).unwrap();
        let data = vec![0xa5; series.piece_bytes()];
        let fed = collector.feed_frame(&Frame { series, sequence, data });
        assert!(complete(fed).is_none());
        assert!(collector.series() <= MAX_SERIES && collector.done.len() <= MAX_SERIES);
        if number.is_multiple_of(1000) {
            let rows = collector.collecting.iter().flat_map(|one| one.rows.iter().flatten());
            assert!(rows.map(|row| row.1.len()).sum::<usize>() <= MAX_SERIES * 128 * 512);
        }
    };
    (0..5000).for_each(|number| feed(number, u16::MAX));
    (5000..1_000_000).for_each(|number| feed(number, 128));
}

// rule: OQ-28
#[test]
fn frames_that_fit_each_other_but_not_their_checksum_are_dropped() {
    let (message, frames) = frames(400, 8);
    let mut series = *frames.series();
    series.checksum ^= 1;
    let mut collector = Collector::new(Kind::Answer);
    for sequence in 0..2 {
        let frame = Frame { series, ..frames.frame(sequence) };
        assert!(complete(collector.feed_frame(&frame)).is_none());
    }
    assert!(is(&collector.feed_frame(&Frame { series, ..frames.frame(2) }), &Fed::Damaged));
    assert_eq!(collector.series(), 0);
    // And the filling behind the message is zeros.
    let mut last = frames.frame(2);
    *last.data.last_mut().unwrap() = 1;
    assert!(usize::from(series.length) < 3 * series.piece_bytes());
    let mut collector = Collector::new(Kind::Answer);
    let _ = collector.feed(&frames.text(0));
    let _ = collector.feed(&frames.text(1));
    assert!(is(&collector.feed_frame(&last), &Fed::Damaged));
    // What went before does not hinder the real one.
    for sequence in 0..2 {
        let _ = collector.feed(&frames.text(sequence));
    }
    assert_eq!(complete(collector.feed(&frames.text(2))).unwrap(), message);
}

// rule: OQ-23
#[test]
fn a_flipped_bit_is_refused_and_what_contradicts_too() {
    let (message, frames) = frames(400, 9);
    let mut collector = Collector::new(Kind::Answer);
    let _ = collector.feed(&frames.text(0));
    let flipped = |sequence: u16| {
        let mut bytes = frames.frame(sequence).to_bytes();
        bytes[20] ^= 4;
        format!("OQ1:{}", crate::base45::encode(&bytes))
    };
    assert!(is(&collector.feed(&flipped(1)), &Fed::Damaged));
    assert_eq!(collector.progress().have, 1);
    // Sealed again, the piece contradicts the one that is known.
    let mut again = frames.frame(0);
    again.data[3] ^= 4;
    assert!(is(&collector.feed(&again.to_text()), &Fed::Damaged));
    let _ = collector.feed(&frames.text(1));
    assert_eq!(complete(collector.feed(&frames.text(2))).unwrap(), message);
}

#[test]
fn other_texts_change_nothing() {
    let mut collector = Collector::new(Kind::Answer);
    for text in ["", "hello", "OQ", "https://example.com"] {
        assert!(is(&collector.feed(text), &Fed::NotOurs));
    }
    assert!(is(&collector.feed("OQ1:"), &Fed::Damaged) && is(&collector.feed("OQ9:00"), &Fed::Version));
    assert_eq!(collector.series(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    // rule: OQ-25
    #[test]
    fn whatever_is_lost_and_however_it_is_ordered_the_message_comes(
        count in 1_usize..12_000,
        seed: u64,
        lost_of_hundred in 0_u64..70,
        order in any::<u64>(),
    ) {
        let (message, frames) = frames(count, seed);
        let mut collector = Collector::new(Kind::Answer);
        let dice = SequenceEntropy::new(order);
        let roll = || {
            let mut bytes = [0; 8];
            primitives::Entropy::fill(&dice, &mut bytes).unwrap();
            u64::from_le_bytes(bytes)
        };
        let mut received = 0_u32;
        let found = (0..5000).find_map(|_| {
            // Any frame of the series, early or late, shown again or not.
            let sequence = u16::try_from(roll() % 1000).unwrap();
            if roll() % 100 < lost_of_hundred {
                return None;
            }
            received += 1;
            complete(collector.feed_frame(&frames.frame(sequence)))
        });
        prop_assert!(found == Some(message));
        // Few more than the pieces are needed.
        prop_assert!(received < 4 * u32::from(frames.count()) + 40, "{} of {}", received, frames.count());
    }
}
