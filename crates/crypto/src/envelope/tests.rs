use super::*;
use primitives::test_support::SequenceEntropy;
use proptest::prelude::*;

fn key(byte: u8) -> SecretBytes<32> {
    SecretBytes::new(&[byte; 32])
}

fn sealed() -> Vec<u8> {
    seal(&key(1), "row", b"7", b"content", &SequenceEntropy::new(1)).unwrap()
}

#[test]
fn only_the_same_key_purpose_and_place_open_it() {
    let envelope = sealed();
    assert_eq!(open(&key(1), "row", b"7", &envelope).unwrap().expose(), b"content");
    assert_eq!(open(&key(2), "row", b"7", &envelope).unwrap_err(), OpenError::Authentication);
    assert_eq!(open(&key(1), "slot", b"7", &envelope).unwrap_err(), OpenError::Authentication);
    assert_eq!(open(&key(1), "row", b"8", &envelope).unwrap_err(), OpenError::Authentication);
    // Moving a byte from the purpose to the associated data is another place, too.
    assert_eq!(open(&key(1), "ro", b"w7", &envelope).unwrap_err(), OpenError::Authentication);
}

#[test]
fn a_newer_version_is_told_apart_from_damage() {
    let mut envelope = sealed();
    envelope[0] = 2;
    assert_eq!(open(&key(1), "row", b"7", &envelope).unwrap_err(), OpenError::Version);
}

#[test]
fn what_is_too_short_is_refused() {
    let envelope = seal(&key(1), "row", b"7", b"", &SequenceEntropy::new(1)).unwrap();
    assert_eq!(envelope.len(), OVERHEAD_BYTES);
    for length in 0..OVERHEAD_BYTES {
        assert_eq!(
            open(&key(1), "row", b"7", &envelope[..length]).unwrap_err(),
            OpenError::Malformed,
            "{length}"
        );
    }
}

#[test]
fn no_envelope_is_sealed_without_entropy() {
    let entropy = SequenceEntropy::new(1);
    entropy.fail();
    assert!(matches!(seal(&key(1), "row", b"7", b"content", &entropy), Err(SealError::Entropy(_))));
}

#[test]
fn two_envelopes_of_one_content_differ() {
    let entropy = SequenceEntropy::new(1);
    let one = seal(&key(1), "row", b"7", b"content", &entropy).unwrap();
    assert_ne!(one, seal(&key(1), "row", b"7", b"content", &entropy).unwrap());
}

proptest! {
    #[test]
    fn round_trip(content: Vec<u8>, place: Vec<u8>, seed: u64) {
        let envelope = seal(&key(1), "row", &place, &content, &SequenceEntropy::new(seed)).unwrap();
        prop_assert_eq!(envelope.len(), content.len() + OVERHEAD_BYTES);
        let opened = open(&key(1), "row", &place, &envelope).unwrap();
        prop_assert_eq!(opened.expose(), &content[..]);
    }

    #[test]
    fn any_changed_bit_is_noticed(at in 0usize..36, bit in 0u8..8) {
        let mut envelope = sealed();
        let at = at % envelope.len();
        envelope[at] ^= 1 << bit;
        prop_assert!(open(&key(1), "row", b"7", &envelope).is_err());
    }
}
