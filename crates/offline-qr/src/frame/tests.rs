//! What a frame is, and that nothing else is one.

use proptest::prelude::*;

use super::*;
use crate::{FrameSize, Frames};

fn frame() -> Frame {
    let series = Series {
        kind: Kind::Answer,
        session: [0xde, 0xad, 0xbe, 0xef],
        length: 10,
        pieces: 3,
        checksum: 0x0102_0304,
    };
    Frame { series, sequence: 7, data: b"data".to_vec() }
}

#[test]
fn debug_tells_nothing_of_what_a_frame_carries() {
    let said = format!("{:?}", frame());
    assert!(said.contains("sequence: 7"), "{said}");
    assert!(!said.contains("data") && !said.contains("100") && !said.contains("97"), "{said}");
}

// rule: OQ-21
#[test]
fn every_byte_stands_where_the_format_says() {
    let bytes = frame().to_bytes();
    assert_eq!(bytes.len(), FRAME_OVERHEAD_BYTES + 4);
    assert_eq!(bytes[..14], [0x11, 0xde, 0xad, 0xbe, 0xef, 0, 10, 3, 0, 7, 1, 2, 3, 4]);
    assert_eq!(bytes[14..18], *b"data");
    assert_eq!(bytes[18..], crc32fast::hash(&bytes[..18]).to_be_bytes());
    assert!(frame().to_text().starts_with("OQ1:"));
    assert_eq!(Frame::parse(&frame().to_text()).unwrap(), frame());
}

/// With a checksum that holds.
fn sealed(mut change: impl FnMut(&mut Frame)) -> Result<Frame, FrameError> {
    let mut changed = frame();
    change(&mut changed);
    Frame::from_bytes(&changed.to_bytes())
}

// rule: OQ-21
#[test]
fn numbers_that_contradict_each_other_are_refused() {
    assert!(sealed(|_| {}).is_ok());
    // No pieces, more than 128, no message, a piece of filling only, data that are too long or too short.
    assert_eq!(sealed(|frame| frame.series.pieces = 0), Err(FrameError::Damaged));
    assert_eq!(sealed(|frame| frame.series.length = 0), Err(FrameError::Damaged));
    assert_eq!(sealed(|frame| frame.series.length = 9), Err(FrameError::Damaged));
    assert_eq!(sealed(|frame| frame.data.push(0)), Err(FrameError::Damaged));
    assert_eq!(sealed(|frame| frame.data.truncate(3)), Err(FrameError::Damaged));
    let of = |length: u16, pieces: u8, data: usize| {
        sealed(|frame| {
            frame.series.length = length;
            frame.series.pieces = pieces;
            frame.data = vec![0; data];
        })
    };
    assert!(of(10, 4, 3).is_ok() && of(10, 5, 2).is_ok() && of(10, 10, 1).is_ok());
    assert_eq!(of(10, 6, 2), Err(FrameError::Damaged));
    assert_eq!(of(10, 11, 1), Err(FrameError::Damaged));
    assert!(of(128, 128, 1).is_ok());
    assert_eq!(of(129, 129, 1), Err(FrameError::Damaged));
}

// rule: OQ-22
#[test]
fn another_version_is_told_apart() {
    let mut bytes = frame().to_bytes();
    bytes.truncate(18);
    bytes[0] = 0x21;
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    assert_eq!(Frame::from_bytes(&bytes), Err(FrameError::Version));
    assert_eq!(Frame::parse("OQ2:ABC"), Err(FrameError::Version));
    for text in ["OQ:ABC", "OQX:ABC", "OQ1234:A", "HC1:ABC", "", "openid4vp://?client_id=x"] {
        assert_eq!(Frame::parse(text), Err(FrameError::NotOurs), "{text}");
    }
    // A kind that is none.
    bytes.truncate(18);
    bytes[0] = 0x12;
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    assert_eq!(Frame::from_bytes(&bytes), Err(FrameError::Damaged));
}

#[test]
fn more_text_than_a_code_holds_is_not_read() {
    assert_eq!(Frame::parse(&format!("OQ1:{}", "0".repeat(MAX_FRAME_CHARACTERS))), Err(FrameError::NotOurs));
    assert_eq!(Frame::parse(&"가".repeat(MAX_FRAME_CHARACTERS * 2)), Err(FrameError::NotOurs));
    // As much as a code holds is: a still picture, filled to its last character.
    let frames = Frames::of_session(Kind::Answer, &[7; 2843], FrameSize::Still, [1, 2, 3, 4]).unwrap();
    let text = frames.text(0);
    assert_eq!(text.len(), MAX_FRAME_CHARACTERS);
    assert_eq!(Frame::parse(&text).unwrap(), frames.frame(0));
    // Blanks before it are bounded, too, before anything is done with them.
    let blanks = 4 * MAX_FRAME_CHARACTERS - text.len();
    assert_eq!(Frame::parse(&format!("{}{text}", " ".repeat(blanks))).unwrap(), frames.frame(0));
    assert_eq!(Frame::parse(&format!("{}{text}", " ".repeat(blanks + 1))), Err(FrameError::NotOurs));
}

// rule: OQ-9
#[test]
fn a_frame_that_a_scanner_typed_in_hangul_mode_is_the_frame() {
    let frames = Frames::of_session(Kind::Answer, &[7; 500], FrameSize::Standard, [1, 2, 3, 4]).unwrap();
    let text = frames.text(0);
    // With Shift and without, as scanners do with capital letters.
    for typed in [crate::hangul::tests::typed(&text), crate::hangul::tests::typed(&text.to_lowercase())] {
        assert!(crate::is_typed_in_hangul(&typed));
        assert_eq!(Frame::parse(&format!("{typed}\r\n")).unwrap(), frames.frame(0));
    }
    assert_eq!(Frame::parse(&format!(" {}\n", text.to_lowercase())).unwrap(), frames.frame(0));
}

// rule: OQ-23
#[test]
fn every_single_wrong_bit_is_found() {
    let bytes = frame().to_bytes();
    for bit in 0..bytes.len() * 8 {
        let mut wrong = bytes.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Frame::from_bytes(&wrong), Err(FrameError::Damaged), "{bit}");
    }
}

proptest! {
    // rule: OQ-21
    #[test]
    fn what_was_written_is_read(message in prop::collection::vec(any::<u8>(), 1..3000), session: [u8; 4], sequence: u16, small: bool) {
        let size = if small { FrameSize::Small } else { FrameSize::Standard };
        let frames = Frames::of_session(Kind::Request, &message, size, session).unwrap();
        let frame = frames.frame(sequence);
        prop_assert!(frame.to_text().len() <= size.characters());
        prop_assert_eq!(&Frame::parse(&frame.to_text()).unwrap(), &frame);
        prop_assert_eq!(Frame::from_bytes(&frame.to_bytes()).unwrap().to_bytes(), frame.to_bytes());
    }

    // rule: OQ-23
    #[test]
    fn a_wrong_character_is_found(place in 4_usize..60, to in "[0-9A-Z $%*+./:-]") {
        let text = frame().to_text();
        let mut wrong: Vec<char> = text.chars().collect();
        let place = place % (wrong.len() - 4) + 4;
        wrong[place] = to.chars().next().unwrap();
        let wrong: String = wrong.into_iter().collect();
        prop_assert!(wrong == text || Frame::parse(&wrong).is_err());
    }

    #[test]
    fn no_text_makes_it_panic(text: String, bytes: Vec<u8>) {
        let _ = Frame::parse(&text);
        let _ = Frame::parse(&format!("OQ1:{text}"));
        let _ = Frame::from_bytes(&bytes);
    }
}
