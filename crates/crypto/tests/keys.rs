//! Keys, JWK, derivation and secret types: what is refused, and known answers computed independently.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use crypto::derive::{Purpose, derive_private_key, derive_slot_key};
use crypto::jwk::{JwkError, MAX_KEYS};
use crypto::{
    Jwks, KeyError, PrivateKey, PublicJwk, PublicKey, SecretBytes, SecretVec, Signature, SignatureInvalid,
    Signer as _, SystemEntropy, constant_time_eq, sha256, sha384, sha512, webpki_algorithms,
};
use primitives::Entropy as _;
use primitives::test_support::SequenceEntropy;
use proptest::prelude::*;
use serde_json::{Value, json};

/// FIPS 180-4: the message of three letters in the examples of NIST.
#[test]
fn the_hashes_of_abc() {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(&sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(
        hex(&sha384(b"abc")),
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
    );
    assert_eq!(
        hex(&sha512(b"abc")),
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
         2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    );
}

fn key(seed: u64) -> PrivateKey {
    PrivateKey::generate(&SequenceEntropy::new(seed)).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn changed(jwk: &Value, name: &str, value: Value) -> Value {
    let mut jwk = jwk.clone();
    jwk[name] = value;
    jwk
}

/// RFC 7638 section 3: SHA-256 over the required members, in the order of their names, without spaces.
#[test]
fn a_keys_thumbprint_is_that_of_its_jwk() {
    for seed in 1..4 {
        let public = key(seed).public_key();
        let jwk = public.to_jwk().to_value();
        let members = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
        assert_eq!(public.thumbprint(), sha256(members.as_bytes()));
    }
}

#[test]
fn a_jwk_that_is_not_a_public_key_on_p256_is_refused() {
    let jwk = key(1).public_key().to_jwk().to_value();
    assert!(PublicJwk::from_value(&jwk).is_ok());
    let x = jwk["x"].as_str().unwrap();
    let cases = [
        (changed(&jwk, "d", json!("AA")), JwkError::Private),
        (changed(&jwk, "k", json!("AA")), JwkError::Private),
        (changed(&jwk, "kty", json!("OKP")), JwkError::Unsupported),
        (changed(&jwk, "kty", json!(1)), JwkError::Malformed),
        (changed(&jwk, "crv", json!("P-384")), JwkError::Unsupported),
        (changed(&jwk, "alg", json!("ES384")), JwkError::Unsupported),
        (changed(&jwk, "x", json!(format!("{x}="))), JwkError::Malformed),
        (changed(&jwk, "x", json!("AA")), JwkError::NotOnCurve),
        (changed(&jwk, "y", jwk["x"].clone()), JwkError::NotOnCurve),
        (changed(&jwk, "y", Value::Null), JwkError::Malformed),
        (changed(&jwk, "kid", json!(7)), JwkError::Malformed),
        (changed(&jwk, "kid", json!("k".repeat(513))), JwkError::Malformed),
        (changed(&jwk, "key_ops", json!("verify")), JwkError::Malformed),
        (changed(&jwk, "key_ops", json!([1])), JwkError::Malformed),
        (json!({}), JwkError::Malformed),
        (json!([]), JwkError::Malformed),
    ];
    for (jwk, error) in cases {
        assert_eq!(PublicJwk::from_value(&jwk), Err(error), "{jwk}");
    }
}

#[test]
fn a_key_for_one_use_is_not_given_for_another() {
    let jwk = key(1).public_key().to_jwk();
    assert!(jwk.verification_key().is_ok() && jwk.encryption_key().is_ok());
    let for_signing = |name: &str, value: Value| {
        let jwk = PublicJwk::from_value(&changed(&jwk.to_value(), name, value)).unwrap();
        assert_eq!(PublicJwk::from_value(&jwk.to_value()).unwrap(), jwk);
        (jwk.verification_key().is_ok(), jwk.encryption_key().is_ok())
    };
    assert_eq!(for_signing("use", json!("sig")), (true, false));
    assert_eq!(for_signing("use", json!("enc")), (false, true));
    assert_eq!(for_signing("alg", json!("ES256")), (true, false));
    assert_eq!(for_signing("alg", json!("ECDH-ES")), (false, true));
    assert_eq!(for_signing("key_ops", json!(["verify"])), (true, false));
    assert_eq!(for_signing("key_ops", json!(["deriveKey"])), (false, true));
    assert_eq!(for_signing("key_ops", json!([])), (false, true));
}

// rule: VP-S4
#[test]
fn unusable_keys_of_a_set_are_left_out_and_an_ambiguous_kid_finds_none() {
    let jwk = key(1).public_key().to_jwk().with_kid("a").to_value();
    let set = json!({"keys": [
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"}, {"kty": "oct", "k": "AA"}, 7, {},
        changed(&jwk, "crv", json!("P-521")), changed(&jwk, "d", json!("AA")), jwk,
    ]});
    let jwks = Jwks::from_value(&set).unwrap();
    assert_eq!(jwks.keys().len(), 1);
    assert_eq!(jwks.by_kid("a").unwrap().key(), &key(1).public_key());
    let other = key(2).public_key().to_jwk().with_kid("a");
    assert_eq!(serde_json::from_value::<Jwks>(set).unwrap().keys(), jwks.keys());
    assert!(serde_json::from_value::<Jwks>(json!({})).is_err());
    let twice = Jwks::new(vec![jwks.keys()[0].clone(), other]);
    assert!(twice.by_kid("a").is_none() && twice.by_kid("b").is_none());
    assert_eq!(Jwks::from_value(&json!({"keys": vec![jwk; MAX_KEYS + 1]})), Err(JwkError::Malformed));
    assert_eq!(Jwks::from_value(&json!({})), Err(JwkError::Malformed));
}

#[test]
fn points_that_are_not_uncompressed_points_of_the_curve_are_refused() {
    let sec1 = key(1).public_key().to_sec1();
    // The compressed form of the same point is another entrance, and takes nothing else.
    let mut compressed = vec![0x02 + (sec1[64] & 1)];
    compressed.extend_from_slice(&sec1[1..33]);
    assert_eq!(PublicKey::from_sec1_compressed(&compressed).unwrap(), key(1).public_key());
    assert_eq!(PublicKey::from_sec1_compressed(&sec1), Err(KeyError::Public));
    assert_eq!(PublicKey::from_sec1_compressed(&compressed[..32]), Err(KeyError::Public));
    compressed[0] = 0x05;
    assert_eq!(PublicKey::from_sec1_compressed(&compressed), Err(KeyError::Public));
    assert_eq!(PublicKey::from_sec1(&sec1).unwrap(), key(1).public_key());
    let mut off_curve = sec1;
    off_curve[64] ^= 1;
    let mut compressed = sec1[..33].to_vec();
    compressed[0] = 2 + (sec1[64] & 1);
    for bytes in [&off_curve[..], &compressed, &sec1[..64], &[0], &[], &[sec1.as_slice(), &[0]].concat()] {
        assert_eq!(PublicKey::from_sec1(bytes), Err(KeyError::Public));
    }
    assert_eq!(PublicKey::from_spki_der(&sec1), Err(KeyError::Public));
    let spki = key(1).public_key().to_spki_der().unwrap();
    assert_eq!(PublicKey::from_spki_der(&spki).unwrap(), key(1).public_key());
    // id-ecPublicKey with another curve's identifier (1.2.840.10045.3.1.7 ends in 07).
    let mut other_curve = spki;
    let at =
        other_curve.windows(8).position(|bytes| bytes == [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]).unwrap();
    other_curve[at + 7] = 6;
    assert_eq!(PublicKey::from_spki_der(&other_curve), Err(KeyError::Public));
}

#[test]
fn scalars_out_of_range_and_damaged_files_are_refused() {
    for scalar in [[0u8; 32], [0xff; 32]] {
        assert!(PrivateKey::from_scalar(&SecretBytes::new(&scalar)).is_err());
    }
    let pem = key(1).to_pkcs8_pem().unwrap();
    let pem = pem.expose_str().unwrap();
    assert_eq!(PrivateKey::from_pkcs8_pem(pem).unwrap().public_key(), key(1).public_key());
    assert!(PrivateKey::from_pkcs8_pem(&pem.replace("PRIVATE", "PUBLIC")).is_err());
    assert!(PrivateKey::from_pkcs8_pem(pem.get(..100).unwrap()).is_err());
    assert!(PrivateKey::from_pkcs8_der(b"\x30\x00").is_err());
}

#[test]
fn a_signature_fits_one_key_and_one_message() {
    let signature = key(1).sign(b"message").unwrap();
    assert_eq!(key(1).public_key().verify(b"message", &signature), Ok(()));
    assert_eq!(key(2).public_key().verify(b"message", &signature), Err(SignatureInvalid));
    assert_eq!(key(1).public_key().verify(b"massage", &signature), Err(SignatureInvalid));
    assert_eq!(Signature::from_der(&signature.to_der().unwrap()), Ok(signature));
    assert!(Signature::from_slice(&[0; 63]).is_none());
    let zero = Signature::from_bytes([0; 64]);
    assert_eq!(key(1).public_key().verify(b"message", &zero), Err(SignatureInvalid));
    assert_eq!(zero.to_der(), Err(SignatureInvalid));
    // The other s of the same signature is valid, too: neither JOSE nor COSE asks for the lower one.
    let mut negated = *signature.as_bytes();
    let mut borrow = 0i16;
    for at in (0..32).rev() {
        let difference = i16::from_str_radix(ORDER.get(at * 2..at * 2 + 2).unwrap(), 16).unwrap()
            - i16::from(negated[32 + at])
            - borrow;
        borrow = i16::from(difference < 0);
        negated[32 + at] = difference.rem_euclid(256) as u8;
    }
    assert_ne!(negated, *signature.as_bytes());
    assert_eq!(key(1).public_key().verify(b"message", &Signature::from_bytes(negated)), Ok(()));
}

/// n, the order of the group (SEC 2).
const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

#[test]
fn r_and_s_out_of_range_are_refused() {
    let mut order = [0; 32];
    for (byte, digits) in order.iter_mut().zip(ORDER.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    }
    let (mut below, mut above) = (order, order);
    below[31] -= 1;
    above[31] += 1;
    let good = *key(1).sign(b"message").unwrap().as_bytes();
    assert_eq!(key(1).public_key().verify(b"message", &Signature::from_bytes(good)), Ok(()));
    for scalar in [[0; 32], below, order, above, [0xff; 32]] {
        for at in [0, 32] {
            let mut changed = good;
            changed[at..at + 32].copy_from_slice(&scalar);
            let verdict = key(1).public_key().verify(b"message", &Signature::from_bytes(changed));
            assert_eq!(verdict, Err(SignatureInvalid), "{}", hex(&changed));
        }
    }
}

/// Computed with HMAC-SHA-256 and affine point arithmetic in another language.
#[test]
fn derived_keys_are_those_computed_independently() {
    let mut secret = [0; 32];
    for (at, byte) in secret.iter_mut().enumerate() {
        *byte = at as u8;
    }
    let secret = SecretBytes::new(&secret);
    for (purpose, x) in [
        (Purpose::Holder, "f07daad70cda58e5b000890b4fcc49355b4fe6af7181f21e37c9ef271313df83"),
        (Purpose::Dpop, "ea0e7f1e438a6ab801b2ec266400d11b486481e755ccde5e1f0826d698bc0223"),
        (Purpose::Attestation, "b1375c84568c4062f7b0d2e8e412925d0db7552c2931867a32b2d1d41127fd11"),
        (Purpose::ClientAuthentication, "e9d2a6eb45efe63738416d8eab7a1d37dbeb26bc7b01ea7c802187f7679054ba"),
    ] {
        let derived = derive_private_key(&secret, purpose, &[0xa5; 32]).public_key();
        assert_eq!(hex(&derived.coordinates().0), x, "{purpose:?}");
    }
    let slot = derive_slot_key(&secret, &[0xa5; 32]);
    assert_eq!(hex(slot.expose()), "b240cc962b64873bc874b421428bddb0e2cb9be00061be37611ce7ce9a189b8f");
    let other_salt = derive_private_key(&secret, Purpose::Holder, &[0xa6; 32]).public_key();
    assert_ne!(other_salt, derive_private_key(&secret, Purpose::Holder, &[0xa5; 32]).public_key());
    let other_secret =
        derive_private_key(&SecretBytes::new(&[1; 32]), Purpose::Holder, &[0xa5; 32]).public_key();
    assert_ne!(other_secret, derive_private_key(&secret, Purpose::Holder, &[0xa5; 32]).public_key());
}

#[test]
fn no_secret_prints() {
    let (bytes, vec) = (SecretBytes::new(&[0x41; 8]), SecretVec::from_string("AAAA".into()));
    let printed = format!("{bytes:?} {vec:?} {:?} {:?}", key(1), key(1).sign(b"m").unwrap());
    assert_eq!(printed, "SecretBytes(8 bytes) SecretVec(4 bytes) PrivateKey(..) Signature(64 bytes)");
    assert!(SecretBytes::<8>::from_slice(&[0; 7]).is_none());
    assert!(bytes == SecretBytes::new(&[0x41; 8]) && bytes != SecretBytes::new(&[0x42; 8]));
    assert!(vec != SecretVec::new(b"AAA".to_vec()));
}

#[test]
fn the_systems_entropy_fills_and_no_key_is_made_without_entropy() {
    let (mut one, mut two) = ([0; 32], [0; 32]);
    SystemEntropy.fill(&mut one).unwrap();
    SystemEntropy.fill(&mut two).unwrap();
    assert!(one != two && one != [0; 32]);
    assert_eq!(crypto::random::token(&SystemEntropy).unwrap().len(), 43);
    let entropy = SequenceEntropy::new(1);
    entropy.fail();
    assert!(PrivateKey::generate(&entropy).is_err() && crypto::random::token(&entropy).is_err());
}

#[test]
fn comparison_and_algorithms() {
    assert!(
        constant_time_eq(b"ab", b"ab") && !constant_time_eq(b"ab", b"ac") && !constant_time_eq(b"ab", b"abc")
    );
    assert_eq!(webpki_algorithms().len(), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    // Verification is ring's, signing p256's: the two libraries must agree, also on what is not a signature.
    #[test]
    fn two_libraries_say_the_same_of_a_signature(seed: u64, message: Vec<u8>, at in 0..64usize, bit in 0..8u32, change: bool) {
        use p256::ecdsa::signature::Verifier as _;
        let public = key(seed).public_key();
        let mut signature = *key(seed).sign(&message).unwrap().as_bytes();
        if change {
            signature[at] ^= 1 << bit;
        }
        let other = p256::ecdsa::VerifyingKey::from_sec1_bytes(&public.to_sec1()).unwrap();
        let theirs = p256::ecdsa::Signature::from_slice(&signature)
            .is_ok_and(|signature| other.verify(&message, &signature).is_ok());
        let ours = public.verify(&message, &Signature::from_bytes(signature)).is_ok();
        prop_assert_eq!(ours, theirs);
        prop_assert_eq!(ours, !change);
    }

    #[test]
    fn keys_survive_every_form(seed: u64) {
        let public = key(seed).public_key();
        prop_assert_eq!(PublicKey::from_sec1(&public.to_sec1()).unwrap(), public);
        prop_assert_eq!(PublicKey::from_spki_der(&public.to_spki_der().unwrap()).unwrap(), public);
        let jwk = public.to_jwk().with_kid("k").with_use("sig").with_alg("ES256");
        prop_assert_eq!(PublicJwk::from_value(&jwk.to_value()).unwrap(), jwk);
        prop_assert_eq!(crypto::cose::key_from_value(&crypto::cose::key_to_value(&public)).unwrap(), public);
        let pem = key(seed).to_pkcs8_pem().unwrap();
        prop_assert_eq!(PrivateKey::from_pkcs8_pem(pem.expose_str().unwrap()).unwrap().public_key(), public);
    }

    #[test]
    fn both_sides_agree(one: u64, two: u64) {
        prop_assert!(key(one).agree(&key(two).public_key()) == key(two).agree(&key(one).public_key()));
    }
}
