use super::*;
use crate::envelope::{NONCE_BYTES, TAG_BYTES};
use primitives::test_support::SequenceEntropy;

fn passphrase(text: &str) -> SecretVec {
    SecretVec::from_string(text.to_owned())
}

#[test]
fn only_the_same_passphrase_purpose_and_place_open_it_and_the_header_is_authenticated() {
    let right = passphrase("푸른 하늘 은하수 하얀 쪽배");
    let envelope =
        seal(&right, "secret", b"wallet", Argon2Cost::DEFAULT, b"content", &SequenceEntropy::new(1)).unwrap();
    assert_eq!(cost_of(&envelope).unwrap(), Argon2Cost::DEFAULT);
    assert_eq!(open(&right, "secret", b"wallet", &envelope).unwrap().expose(), b"content");
    assert_eq!(
        open(&passphrase("푸른"), "secret", b"wallet", &envelope).unwrap_err(),
        OpenError::Authentication
    );
    assert_eq!(open(&right, "backup", b"wallet", &envelope).unwrap_err(), OpenError::Authentication);
    assert_eq!(open(&right, "secret", b"other", &envelope).unwrap_err(), OpenError::Authentication);
    // A salt byte, a nonce byte, a ciphertext byte, a tag byte.
    for at in [13, HEADER_BYTES, HEADER_BYTES + NONCE_BYTES, envelope.len() - 1] {
        let mut changed = envelope.clone();
        changed[at] ^= 1;
        assert_eq!(
            open(&right, "secret", b"wallet", &changed).unwrap_err(),
            OpenError::Authentication,
            "{at}"
        );
    }
}

#[test]
fn a_header_alone_binds_the_parameters() {
    // The same key, made from the cost, with another cost in the header: only the authentication of the header can notice.
    let key = SecretBytes::new(&[1; 32]);
    let entropy = SequenceEntropy::new(1);
    let sealed =
        envelope::seal_after_header(&key, b"cost 64", "password:p", b"", b"content", &entropy).unwrap();
    assert!(envelope::open_after_header(&key, b"cost 64", "password:p", b"", &sealed[7..]).is_ok());
    assert_eq!(
        envelope::open_after_header(&key, b"cost 65", "password:p", b"", &sealed[7..]).unwrap_err(),
        OpenError::Authentication
    );
}

#[test]
fn the_cost_has_a_floor_and_a_ceiling() {
    let floor = Argon2Cost::DEFAULT;
    assert_eq!(Argon2Cost::new(floor.memory_kib(), floor.passes(), floor.lanes()), Some(floor));
    assert_eq!(Argon2Cost::MIN_MEMORY_KIB, 65_536);
    for (memory, passes, lanes) in [
        (Argon2Cost::MIN_MEMORY_KIB - 1, 3, 1),
        (Argon2Cost::MAX_MEMORY_KIB + 1, 3, 1),
        (Argon2Cost::MIN_MEMORY_KIB, 2, 1),
        (Argon2Cost::MIN_MEMORY_KIB, Argon2Cost::MAX_PASSES + 1, 1),
        (Argon2Cost::MIN_MEMORY_KIB, 3, 0),
        (Argon2Cost::MIN_MEMORY_KIB, 3, Argon2Cost::MAX_LANES + 1),
    ] {
        assert_eq!(Argon2Cost::new(memory, passes, lanes), None);
    }
}

#[test]
fn parameters_out_of_bounds_are_refused_before_any_memory_is_taken() {
    for (memory, passes, lanes) in
        [(u32::MAX, 3u32, 1u32), (8, 3, 1), (65_536, 1, 1), (65_536, u32::MAX, 1), (65_536, 3, 0)]
    {
        let mut envelope = vec![VERSION];
        for parameter in [memory, passes, lanes] {
            envelope.extend_from_slice(&parameter.to_be_bytes());
        }
        envelope.extend_from_slice(&[0; SALT_BYTES + NONCE_BYTES + TAG_BYTES]);
        assert_eq!(open(&passphrase("p"), "secret", b"", &envelope).unwrap_err(), OpenError::Malformed);
        assert_eq!(cost_of(&envelope).unwrap_err(), OpenError::Malformed);
    }
}

#[test]
fn versions_and_lengths_are_checked() {
    assert_eq!(open(&passphrase("p"), "secret", b"", &[2]).unwrap_err(), OpenError::Version);
    assert_eq!(open(&passphrase("p"), "secret", b"", &[]).unwrap_err(), OpenError::Malformed);
    let mut short = vec![VERSION];
    for parameter in [65_536u32, 3, 1] {
        short.extend_from_slice(&parameter.to_be_bytes());
    }
    short.resize(HEADER_BYTES + NONCE_BYTES + TAG_BYTES - 1, 0);
    assert_eq!(open(&passphrase("p"), "secret", b"", &short).unwrap_err(), OpenError::Malformed);
    let long = SecretVec::new(vec![b'a'; MAX_PASSPHRASE_BYTES + 1]);
    let sealed = seal(&long, "secret", b"", Argon2Cost::DEFAULT, b"", &SequenceEntropy::new(1));
    assert_eq!(sealed.unwrap_err(), SealError::Failed);
}
