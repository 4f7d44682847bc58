//! The stream, its dictionary and its bounds.

use proptest::prelude::*;

use super::*;

// rule: OQ-13
#[test]
fn a_plain_deflate_reader_with_the_dictionary_reads_it() {
    // What any inflater makes of the dictionary as a stored block and the stream behind it.
    let text = br#"{"alg":"ES256","typ":"dc+sd-jwt"}"#;
    let stream = [stored(DICTIONARY, false), deflate(text)].concat();
    let mut all = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(&stream[..]), &mut all).unwrap();
    assert_eq!(all, [&DICTIONARY[..], text].concat());
    assert!(deflate(text).len() < text.len() / 2);
    assert_eq!(inflate(&deflate(text)).unwrap(), text);
}

// rule: OQ-13
#[test]
fn what_is_not_one_whole_stream_is_refused() {
    let whole = deflate(b"some text that is some text");
    assert!(inflate(&whole).is_ok());
    assert_eq!(inflate(&whole[..whole.len() - 1]), Err(InflateError::Malformed));
    assert_eq!(inflate(&[&whole[..], &[0]].concat()), Err(InflateError::Malformed));
    assert_eq!(inflate(&[&whole[..], &whole].concat()), Err(InflateError::Malformed));
    assert_eq!(inflate(&[]), Err(InflateError::Malformed));
    // Block type 3; a stored block whose length is not its complement; a distance before the dictionary's beginning.
    assert_eq!(inflate(&[0b111]), Err(InflateError::Malformed));
    assert_eq!(inflate(&[1, 1, 0, 1, 0, 7]), Err(InflateError::Malformed));
    // A stream that does not say that it ends.
    assert_eq!(inflate(&stored(b"abc", false)), Err(InflateError::Malformed));
    assert_eq!(inflate(&stored(b"abc", true)).unwrap(), b"abc");
    assert_eq!(inflate(&stored(b"", true)).unwrap(), b"");
}

// rule: OQ-14
#[test]
fn a_bomb_is_refused() {
    let bomb = |bytes: usize| {
        let zeros = vec![0; bytes];
        let mut stream = Vec::new();
        let mut encoder = flate2::write::DeflateEncoder::new(&mut stream, Compression::best());
        std::io::Write::write_all(&mut encoder, &zeros).unwrap();
        encoder.finish().unwrap();
        stream
    };
    for bytes in [FREE_BYTES + 1, 100_000, 10_000_000] {
        assert_eq!(inflate(&bomb(bytes)), Err(InflateError::TooLarge), "{bytes}");
    }
    assert_eq!(inflate(&bomb(FREE_BYTES)).unwrap().len(), FREE_BYTES);
    // In proportion as well as absolutely.
    let random: Vec<u8> = (0..3000_u32).flat_map(|number| crypto::sha256(&number.to_be_bytes())).collect();
    let (fits, over) = (deflate(&random[..MAX_INFLATED_BYTES]), deflate(&random[..=MAX_INFLATED_BYTES]));
    assert_eq!(inflate(&fits).unwrap().len(), MAX_INFLATED_BYTES);
    assert_eq!(inflate(&over), Err(InflateError::TooLarge));
}

proptest! {
    // rule: OQ-13
    #[test]
    fn what_was_deflated_inflates(bytes in prop::collection::vec(any::<u8>(), 0..5000), narrow in 1_u8..=255) {
        let bytes: Vec<u8> = bytes.iter().map(|byte| byte % narrow).collect();
        prop_assert_eq!(inflate(&deflate(&bytes)).unwrap(), bytes);
    }

    // rule: OQ-14
    #[test]
    fn no_bytes_make_it_panic_and_none_inflate_to_more(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(out) = inflate(&bytes) {
            prop_assert!(out.len() <= FREE_BYTES.max(bytes.len() * MAX_RATIO));
        }
    }
}
