//! Project Wycheproof on what we use: ECDSA P-256 with SHA-256 in both signature forms, ECDH on P-256, AES-GCM with 96-bit nonces.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit as _};
use crypto::{PrivateKey, PublicKey, SecretBytes, Signature};
use wycheproof::{TestResult, aead, ecdh, ecdsa};

#[test]
fn ecdsa_in_der() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap();
    let mut run = 0;
    for group in set.test_groups {
        let key = PublicKey::from_spki_der(&group.der).unwrap();
        for test in group.tests {
            let verified = Signature::from_der(&test.sig)
                .and_then(|signature| key.verify(&test.msg, &signature))
                .is_ok();
            assert_eq!(verified, test.result == TestResult::Valid, "case {}", test.tc_id);
            run += 1;
        }
    }
    assert!(run > 400, "{run}");
}

#[test]
fn ecdsa_in_r_and_s() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    let mut run = 0;
    for group in set.test_groups {
        let key = PublicKey::from_spki_der(&group.der).unwrap();
        for test in group.tests {
            let verified = Signature::from_slice(&test.sig)
                .is_some_and(|signature| key.verify(&test.msg, &signature).is_ok());
            assert_eq!(verified, test.result == TestResult::Valid, "case {}", test.tc_id);
            run += 1;
        }
    }
    assert!(run > 200, "{run}");
}

#[test]
fn ecdh() {
    let mut run = 0;
    for name in [ecdh::TestName::EcdhSecp256r1, ecdh::TestName::EcdhSecp256r1Ecpoint] {
        for group in ecdh::TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let public = match group.encoding {
                    ecdh::EcdhEncoding::Asn1 => PublicKey::from_spki_der(&test.public_key),
                    ecdh::EcdhEncoding::EcPoint => PublicKey::from_sec1(&test.public_key),
                };
                // Scalars come with leading zeros left out or one too many.
                let mut scalar = [0; 32];
                let bytes: Vec<u8> = test.private_key.iter().copied().skip_while(|byte| *byte == 0).collect();
                scalar[32 - bytes.len()..].copy_from_slice(&bytes);
                let private = PrivateKey::from_scalar(&SecretBytes::new(&scalar)).unwrap();
                let agreed = public.map(|public| private.agree(&public));
                match test.result {
                    TestResult::Valid => {
                        assert_eq!(
                            &agreed.unwrap().expose()[..],
                            &test.shared_secret[..],
                            "case {}",
                            test.tc_id
                        );
                    }
                    TestResult::Invalid => assert!(agreed.is_err(), "case {}", test.tc_id),
                    // Compressed points and unusual encodings: refused or right, never wrong.
                    TestResult::Acceptable => {
                        if let Ok(agreed) = agreed {
                            assert_eq!(&agreed.expose()[..], &test.shared_secret[..], "case {}", test.tc_id);
                        }
                    }
                }
                run += 1;
            }
        }
    }
    assert!(run > 500, "{run}");
}

#[test]
fn aes_gcm() {
    let mut run = 0;
    for group in aead::TestSet::load(aead::TestName::AesGcm).unwrap().test_groups {
        for test in group.tests {
            let (Ok(key), Ok(nonce), 16) = (
                <[u8; 32]>::try_from(&test.key[..])
                    .map(Some)
                    .or_else(|_| if test.key.len() == 16 { Ok(None) } else { Err(()) }),
                <[u8; 12]>::try_from(&test.nonce[..]),
                test.tag.len(),
            ) else {
                continue;
            };
            let sealed = [&test.ct[..], &test.tag[..]].concat();
            let message = Payload { msg: &sealed, aad: &test.aad };
            let opened = match key {
                Some(key) => Aes256Gcm::new(&key.into()).decrypt(&nonce.into(), message),
                None => Aes128Gcm::new_from_slice(&test.key).unwrap().decrypt(&nonce.into(), message),
            };
            match test.result {
                TestResult::Valid => assert_eq!(opened.unwrap(), &test.pt[..], "case {}", test.tc_id),
                TestResult::Invalid | TestResult::Acceptable => {
                    assert!(opened.is_err(), "case {}", test.tc_id)
                }
            }
            run += 1;
        }
    }
    assert!(run > 100, "{run}");
}
