//! What is read, what is refused, and that the bytes are kept (MD-1, MD-2, MD-3).

use proptest::prelude::*;

use super::*;

const SMALL: Bounds = Bounds { bytes: 64, depth: 4, items: 8 };

fn refused(bytes: &[u8]) -> CborError {
    Item::parse(bytes, SMALL).err().unwrap()
}

// rule: MD-1
#[test]
fn bytes_nesting_and_items_are_bounded() {
    assert_eq!(refused(&[0; 65]), CborError::TooLarge);
    let largest = [&[0x58, 62][..], &[0; 62]].concat();
    assert_eq!(Item::parse(&largest, SMALL).ok().unwrap().as_bytes(), Some(&[0; 62][..]));
    assert!(Item::parse(&[0x81, 0x81, 0x81, 0x00], SMALL).is_ok());
    assert_eq!(refused(&[0x81, 0x81, 0x81, 0x81, 0x00]), CborError::TooDeep);
    assert_eq!(refused(&[0xc0, 0xc0, 0xc0, 0xc0, 0x00]), CborError::TooDeep);
    assert!(Item::parse(&[0x87, 0, 0, 0, 0, 0, 0, 0], SMALL).is_ok());
    assert_eq!(refused(&[0x88, 0, 0, 0, 0, 0, 0, 0, 0]), CborError::TooManyItems);
    assert_eq!(refused(&[0x82, 0x83, 0, 0, 0, 0x83, 0, 0, 0]), CborError::TooManyItems);
    assert_eq!(refused(&[0x82, 0x86, 0, 0, 0, 0, 0, 0, 0]), CborError::TooManyItems);
}

// rule: MD-2, MD-3
#[test]
fn the_content_of_a_tag_is_given_for_its_own_number_alone() {
    // 24(h'00'), 0("a"), 1(0)
    let embedded = Item::parse(&[0xd8, 0x18, 0x41, 0x00], SMALL).ok().unwrap();
    assert_eq!(embedded.as_embedded(), Some(&[0][..]));
    let dated = Item::parse(&[0xc0, 0x61, b'a'], SMALL).ok().unwrap();
    assert_eq!(dated.as_tagged(DATE_TIME).and_then(Item::as_text), Some("a"));
    for (bytes, number) in [(&[0xc1, 0x61, b'a'][..], DATE_TIME), (&[0xd7, 0x41, 0x00], EMBEDDED)] {
        let other = Item::parse(bytes, SMALL).ok().unwrap();
        assert!(other.as_tagged(number).is_none());
    }
    assert!(Item::parse(&[0x61, b'a'], SMALL).ok().unwrap().as_tagged(DATE_TIME).is_none());
}

// rule: MD-1
#[test]
fn a_head_that_promises_more_than_there_is_reserves_nothing() {
    for (bytes, expected) in [
        (&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..], CborError::TooManyItems),
        (&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], CborError::TooManyItems),
        (&[0xba, 0x80, 0x00, 0x00, 0x00], CborError::TooManyItems),
        (&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], CborError::Malformed),
        (&[0x7a, 0x7f, 0xff, 0xff, 0xff], CborError::Malformed),
    ] {
        assert_eq!(refused(bytes), expected, "{bytes:02x?}");
    }
}

// rule: MD-1
#[test]
fn indefinite_lengths_are_refused() {
    for bytes in
        [&[0x9f, 0x00, 0xff][..], &[0xbf, 0xff], &[0x5f, 0x41, 0x00, 0xff], &[0x7f, 0x61, 0x61, 0xff]]
    {
        assert_eq!(refused(bytes), CborError::IndefiniteLength, "{bytes:02x?}");
    }
}

// rule: MD-1
#[test]
fn what_is_not_one_whole_item_is_refused() {
    for (bytes, expected) in [
        (&[][..], CborError::Malformed),
        (&[0x82, 0x00], CborError::Malformed),
        (&[0x18], CborError::Malformed),
        (&[0x1c], CborError::Malformed),
        (&[0xff], CborError::Malformed),
        (&[0x00, 0x00], CborError::TrailingBytes),
        (&[0x61, 0xff], CborError::NotUtf8),
        (&[0xa1, 0x80, 0x00], CborError::UnexpectedKey),
        (&[0xa1, 0xf6, 0x00], CborError::UnexpectedKey),
    ] {
        assert_eq!(refused(bytes), expected, "{bytes:02x?}");
    }
}

// rule: MD-2
#[test]
fn a_key_twice_is_refused_in_whatever_spelling() {
    for bytes in [
        &[0xa2, 0x61, 0x61, 0x00, 0x61, 0x61, 0x01][..],
        &[0xa2, 0x61, 0x61, 0x00, 0x78, 0x01, 0x61, 0x01],
        &[0xa2, 0x01, 0x00, 0x18, 0x01, 0x01],
        &[0x81, 0xa2, 0x20, 0x00, 0x38, 0x00, 0x01],
        &[0xa2, 0x41, 0x61, 0x00, 0x41, 0x61, 0x01],
    ] {
        assert_eq!(refused(bytes), CborError::DuplicateKey, "{bytes:02x?}");
    }
    // The text and the byte string of the same bytes are two keys.
    assert!(Item::parse(&[0xa2, 0x41, 0x61, 0x00, 0x61, 0x61, 0x01], SMALL).is_ok());
}

// rule: MD-3
#[test]
fn every_item_keeps_its_bytes_with_heads_as_long_as_they_came() {
    let bytes = [0xb9, 0x00, 0x01, 0x61, 0x61, 0xd8, 0x18, 0x59, 0x00, 0x01, 0x17];
    let item = Item::parse(&bytes, SMALL).ok().unwrap();
    assert_eq!(item.raw, bytes);
    let member = item.member("a").unwrap();
    assert_eq!(member.raw, &bytes[5..]);
    assert_eq!(member.as_embedded(), Some(&[0x17][..]));
}

#[test]
fn integers_are_written_and_read_over_their_whole_range() {
    for integer in [0, 23, 24, 255, 65_536, i64::MAX, -1, -24, -25, -256, i64::MIN] {
        let mut bytes = Vec::new();
        write::integer(&mut bytes, integer);
        assert_eq!(Item::parse(&bytes, SMALL).ok().unwrap().as_integer(), Some(i128::from(integer)));
    }
    let least = [0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(Item::parse(&least, SMALL).ok().unwrap().as_integer(), Some(-(1_i128 << 64)));
}

proptest! {
    // rule: MD-1
    #[test]
    fn no_bytes_stop_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..96)) {
        if let Ok(item) = Item::parse(&bytes, Bounds { bytes: 96, depth: 8, items: 40 }) {
            prop_assert_eq!(item.raw, &bytes[..]);
        }
    }
}
