//! CBOR of other parties (RFC 8949), bounded, whole and without repeated map keys.

use std::collections::HashSet;

pub use ciborium::Value;

/// The deepest nesting of arrays, maps and tags that is read.
pub const MAX_DEPTH: usize = 32;

/// The tags of big numbers (RFC 8949 section 3.4.3).
const TAG_BIG_POSITIVE: u64 = 2;
const TAG_BIG_NEGATIVE: u64 = 3;
/// The longest big number that is read as an integer and loses its leading zeros by it, in bytes.
const INTEGER_BYTES: usize = 16;
/// The longest big number that is an integer of its own, in bytes without leading zeros; a longer one stays tagged.
const PLAIN_BYTES: usize = 8;

/// Why bytes are not CBOR that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// More bytes than the caller allows.
    #[error("the CBOR item is too large")]
    TooLarge,
    /// A map has two entries of one key (RFC 8949 section 5.6).
    #[error("a CBOR map has two entries of one key")]
    DuplicateKey,
    /// Not one well-formed item and nothing after it, or it nests deeper than [`MAX_DEPTH`].
    #[error("the bytes are not one CBOR item")]
    Syntax,
}

/// Reads one item of at most `max_bytes` bytes.
///
/// # Errors
/// See [`CborError`].
pub fn parse(bytes: &[u8], max_bytes: usize) -> Result<Value, CborError> {
    if bytes.len() > max_bytes {
        return Err(CborError::TooLarge);
    }
    let mut rest = bytes;
    let value: Value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH)
        .map_err(|_| CborError::Syntax)?;
    if !rest.is_empty() {
        return Err(CborError::Syntax);
    }
    refuse_ambiguity(&value)?;
    Ok(value)
}

/// Encodes an item in the preferred serialisation (RFC 8949 section 4.1) with map entries in the order given.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a vector does not fail, and `Value` has no state that cannot be written.
    let written = ciborium::into_writer(value, &mut bytes);
    debug_assert!(written.is_ok());
    bytes
}

/// The value of an integer key in a map's entries.
pub fn by_label(entries: &[(Value, Value)], label: i64) -> Option<&Value> {
    entries.iter().find(|(key, _)| is_label(key, label)).map(|(_, value)| value)
}

fn is_label(key: &Value, label: i64) -> bool {
    key.as_integer().is_some_and(|integer| i128::from(integer) == i128::from(label))
}

/// Refuses repeated keys, and big numbers that were cut into chunks although they fit: those would be read as an item of its own here and
/// as the number itself once written again.
fn refuse_ambiguity(value: &Value) -> Result<(), CborError> {
    match value {
        Value::Array(elements) => elements.iter().try_for_each(refuse_ambiguity),
        Value::Tag(TAG_BIG_POSITIVE | TAG_BIG_NEGATIVE, inner)
            if inner.as_bytes().is_some_and(|bytes| is_shortened_when_read(bytes)) =>
        {
            Err(CborError::Syntax)
        }
        Value::Tag(_, inner) => refuse_ambiguity(inner),
        Value::Map(entries) => {
            let mut seen = HashSet::with_capacity(entries.len());
            for (key, value) in entries {
                if !seen.insert(encode(key)) {
                    return Err(CborError::DuplicateKey);
                }
                refuse_ambiguity(key)?;
                refuse_ambiguity(value)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Whether a big number of these bytes becomes another item once it is written and read again.
fn is_shortened_when_read(bytes: &[u8]) -> bool {
    bytes.len() <= PLAIN_BYTES || (bytes.len() <= INTEGER_BYTES && bytes.first() == Some(&0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_one_whole_item_is_refused() {
        for bytes in [
            &b""[..],
            &[0x01, 0x02],
            &[0x82, 0x01],
            &[0xff],
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(parse(bytes, 100), Err(CborError::Syntax), "{bytes:?}");
        }
        assert_eq!(parse(&[0x01, 0x02], 1), Err(CborError::TooLarge));
        assert_eq!(parse(&[0x01], 1), Ok(Value::from(1)));
    }

    #[test]
    fn repeated_keys_are_refused_at_every_depth_and_in_every_encoding() {
        // {1: 2, 1: 3}; [{"a": {1: 2, 1: 3}}]; {1: 2, 1 in two bytes: 3}; a tag around the first; the first as a key
        for bytes in [
            &[0xa2, 1, 2, 1, 3][..],
            &[0x81, 0xa1, 0x61, b'a', 0xa2, 1, 2, 1, 3],
            &[0xa2, 1, 2, 0x18, 1, 3],
            &[0xc1, 0xa2, 1, 2, 1, 3],
            &[0xa1, 0xa2, 1, 2, 1, 3, 0],
        ] {
            assert_eq!(parse(bytes, 100), Err(CborError::DuplicateKey), "{bytes:?}");
        }
        assert!(parse(&[0xa2, 1, 2, 2, 2], 100).is_ok());
    }

    #[test]
    fn a_number_is_read_alike_when_it_is_written_again() {
        // found by fuzzing: an empty big number in chunks
        assert_eq!(parse(&[0xc2, 0x5f, 0xff], 100), Err(CborError::Syntax));
        assert_eq!(parse(&[0xa1, 0x01, 0xc3, 0x5f, 0x41, 0x05, 0xff], 100), Err(CborError::Syntax));
        for bytes in [&[0xc2, 0x40][..], &[0xc2, 0x41, 0x05], &[0xc3, 0x42, 0x01, 0x00]] {
            assert!(parse(bytes, 100).unwrap().is_integer(), "{bytes:?}");
        }
        // Sixteen bytes that fit no integer stay the big number that they are, in one piece or in chunks: serial numbers of others.
        let whole = [&[0xc2, 0x50][..], &[0x7f; 16]].concat();
        let chunks = [&[0xc2, 0x5f, 0x50][..], &[0x7f; 16], &[0xff]].concat();
        assert_eq!(encode(&parse(&whole, 100).unwrap()), whole);
        assert_eq!(encode(&parse(&chunks, 100).unwrap()), whole);
        let zero_first = [&[0xc2, 0x5f, 0x50, 0][..], &[0x7f; 15], &[0xff]].concat();
        assert_eq!(parse(&zero_first, 100), Err(CborError::Syntax));
        assert_eq!(
            parse(&[&[0xc2, 0x5f, 0x48][..], &[0x7f; 8], &[0xff]].concat(), 100),
            Err(CborError::Syntax)
        );
        let nine = [&[0xc2, 0x5f, 0x49][..], &[0x7f; 9], &[0xff]].concat();
        assert_eq!(encode(&parse(&nine, 100).unwrap()), [&[0xc2, 0x49][..], &[0x7f; 9]].concat());
        let longer = [&[0xc2, 0x51, 0x01][..], &[0; 16]].concat();
        assert_eq!(parse(&encode(&parse(&longer, 100).unwrap()), 100), parse(&longer, 100));
    }

    #[test]
    fn depth_is_bounded() {
        let mut deep = vec![0x81; 10_000];
        deep.push(0x01);
        assert_eq!(parse(&deep, 20_000), Err(CborError::Syntax));
        let mut shallow = vec![0x81; 20];
        shallow.push(0x01);
        assert!(parse(&shallow, 100).is_ok());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_what_is_read_is_written_and_read_again(bytes: Vec<u8>) {
            if let Ok(value) = parse(&bytes, 1000) {
                let again = parse(&encode(&value), 100_000).unwrap();
                // Compared as bytes, since NaN is unlike itself.
                prop_assert_eq!(encode(&again), encode(&value));
            }
        }
    }
}
