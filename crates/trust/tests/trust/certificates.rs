//! Certificates and chains as sent, before anybody trusts them: PK-1, PK-16, PK-17, PK-19.

use const_oid::ObjectIdentifier;
use crypto::Signer;
use trust::certificate::builder::Subject;
use trust::certificate::{MAX_CERTIFICATE_BYTES, MAX_CHAIN_CERTIFICATES};
use trust::{Certificate, CertificateChain, CertificateError, ChainParseError};

use crate::people::*;

// rule: PK-1
#[test]
fn a_certificate_longer_than_the_bound_is_not_parsed() {
    let long = vec![0x30; MAX_CERTIFICATE_BYTES + 1];
    assert_eq!(Certificate::from_der(&long).unwrap_err(), CertificateError::TooLong);
}

// rule: PK-1
#[test]
fn bytes_behind_a_certificate_refuse_it() {
    let mut der = Tree::named("가람", 1).leaf.der().to_vec();
    assert!(Certificate::from_der(&der).is_ok());
    der.push(0);
    assert_eq!(Certificate::from_der(&der).unwrap_err(), CertificateError::Malformed);
    assert_eq!(Certificate::from_der(&der[..40]).unwrap_err(), CertificateError::Malformed);
    assert_eq!(Certificate::from_der(b"").unwrap_err(), CertificateError::Malformed);
}

// rule: PK-1
#[test]
fn only_version_3_is_read() {
    let mut der = Tree::named("가람", 1).leaf.der().to_vec();
    let at = der.windows(5).position(|window| window == [0xa0, 3, 2, 1, 2]).unwrap();
    der[at + 4] = 1;
    assert_eq!(Certificate::from_der(&der).unwrap_err(), CertificateError::NotVersion3);
}

// rule: PK-1
#[test]
fn a_chain_has_one_to_six_certificates() {
    let leaf = Tree::named("가람", 1).leaf;
    assert_eq!(CertificateChain::new(vec![]).unwrap_err(), ChainParseError::Empty);
    let many = vec![leaf.clone(); MAX_CHAIN_CERTIFICATES + 1];
    assert_eq!(CertificateChain::new(many.clone()).unwrap_err(), ChainParseError::TooMany);
    let ders: Vec<_> = many.iter().map(|one| one.der().to_vec()).collect();
    assert_eq!(CertificateChain::from_der(&ders).unwrap_err(), ChainParseError::TooMany);
    let texts = vec!["AAAA"; MAX_CHAIN_CERTIFICATES + 1];
    assert_eq!(CertificateChain::from_x5c(&texts).unwrap_err(), ChainParseError::TooMany);
    let bytes = vec![crypto::cbor::Value::Bytes(vec![]); MAX_CHAIN_CERTIFICATES + 1];
    let value = crypto::cbor::Value::Array(bytes);
    assert_eq!(CertificateChain::from_x5chain(&value).unwrap_err(), ChainParseError::TooMany);
}

#[test]
fn a_chain_survives_x5c_and_x5chain() {
    let tree = Tree::named("가람", 1);
    let chain = tree.chain();
    assert_eq!(CertificateChain::from_x5c(&chain.to_x5c()).unwrap(), chain);
    assert_eq!(CertificateChain::from_x5chain(&chain.to_x5chain()).unwrap(), chain);
    assert_eq!(CertificateChain::from_der(&chain.to_der()).unwrap(), chain);
    let alone = CertificateChain::new(vec![tree.leaf.clone()]).unwrap();
    assert!(alone.to_x5chain().is_bytes());
    assert_eq!(CertificateChain::from_x5chain(&alone.to_x5chain()).unwrap(), alone);
}

#[test]
fn x5c_is_base64_and_not_base64url() {
    let text = Tree::named("가람", 1).chain().to_x5c().remove(0);
    assert!(text.contains(['+', '/']), "the fixture shows the difference");
    let url = text.replace('+', "-").replace('/', "_");
    assert_eq!(CertificateChain::from_x5c(&[url]).unwrap_err(), ChainParseError::Encoding);
    assert_eq!(
        CertificateChain::from_x5chain(&crypto::cbor::Value::Bool(true)).unwrap_err(),
        ChainParseError::Encoding
    );
}

// rule: PK-19
#[test]
fn an_extension_that_appears_twice_refuses_the_certificate() {
    let own = ObjectIdentifier::new_unwrap("1.2.3.4");
    let key = key(5);
    let entropy = primitives::test_support::SequenceEntropy::new(5);
    let twice = leaf("둘").with_extension(own, false, vec![5, 0]).with_extension(own, false, vec![5, 0]);
    assert!(twice.self_signed(&key, &entropy).is_err(), "the builder reads what it made");
    let once = leaf("하나").with_extension(own, false, vec![5, 0]).self_signed(&key, &entropy).unwrap();
    // The second extension, 2.5.29.14, is renamed to 2.5.29.35, which is there already.
    let mut der = once.der().to_vec();
    let at = der.windows(5).position(|window| window == [0x06, 3, 0x55, 0x1d, 14]).unwrap();
    der[at + 4] = 35;
    assert_eq!(Certificate::from_der(&der).unwrap_err(), CertificateError::ExtensionTwice);
}

// rule: PK-16
#[test]
fn a_name_is_matched_against_dns_names_whole() {
    let tree = Tree::named("가람", 1);
    let certificate = leaf("common.example")
        .with_dns_name("Verifier.Example")
        .with_dns_name("*.wild.example")
        .issued_by(&key(7).public_key(), &tree.middle, &tree.middle_key, &crypto::SystemEntropy)
        .unwrap();
    assert!(certificate.names_dns("verifier.example"));
    assert!(!certificate.names_dns("common.example"), "never the common name");
    assert!(!certificate.names_dns("a.wild.example"), "no wildcards");
    assert!(!certificate.names_dns("example"));
    assert!(!certificate.names_dns("x.verifier.example"));
    assert!(!certificate.names_dns(""));
}

// rule: PK-17
#[test]
fn the_hash_is_that_of_the_whole_der() {
    let leaf = Tree::named("가람", 1).leaf;
    assert_eq!(leaf.hash(), crypto::sha256(leaf.der()));
}

#[test]
fn a_name_that_could_disguise_itself_is_not_shown() {
    let entropy = crypto::SystemEntropy;
    let shown = |name: &str| {
        let builder = trust::certificate::builder::CertificateBuilder::leaf(Subject::new(name), year());
        builder.self_signed(&key(3), &entropy).unwrap().display_name().map(str::to_owned)
    };
    assert_eq!(shown("가람시(시연) 도서관").as_deref(), Some("가람시(시연) 도서관"));
    assert_eq!(shown("가람시\u{202E}관서도"), None);
    assert_eq!(shown("line\nbreak"), None);
    assert_eq!(shown("zero\u{200B}width"), None);
    assert_eq!(shown(&"가".repeat(201)), None);
}

#[test]
fn names_dates_and_key_identifiers_are_read_back() {
    let tree = Tree::named("가람", 1);
    assert_eq!(tree.leaf.organisation(), Some("가람(시연)"));
    assert_eq!(tree.leaf.not_before(), year().not_before);
    assert_eq!(tree.leaf.not_after(), year().not_after);
    assert_eq!(tree.leaf.authority_key_id(), tree.middle.subject_key_id());
    assert_eq!(tree.leaf.public_key().unwrap(), tree.leaf_key.public_key());
    assert_eq!(
        tree.chain().authority_key_ids(),
        vec![tree.middle.subject_key_id().unwrap().to_vec(), tree.root.subject_key_id().unwrap().to_vec()]
    );
}

#[test]
fn a_certificate_of_the_far_future_has_the_other_time_encoding() {
    let validity = trust::certificate::builder::Validity::days(now(), 365 * 40);
    let certificate =
        trust::certificate::builder::CertificateBuilder::authority(Subject::new("먼 훗날"), validity)
            .self_signed(&key(3), &crypto::SystemEntropy)
            .unwrap();
    assert_eq!(certificate.not_after(), validity.not_after);
}

// rule: PK-1
#[test]
fn a_certificate_survives_pem_and_nothing_else_does() {
    let certificate = Tree::named("가람", 1).leaf;
    let pem = certificate.to_pem().unwrap();
    assert_eq!(Certificate::from_pem(&format!("\n{pem}\n")).unwrap(), certificate);
    let key = pem.replace("CERTIFICATE", "PRIVATE KEY");
    assert_eq!(Certificate::from_pem(&key).unwrap_err(), CertificateError::Malformed);
    assert_eq!(Certificate::from_pem(&format!("{pem}{pem}")).unwrap_err(), CertificateError::Malformed);
    assert_eq!(Certificate::from_pem(&"A".repeat(100_000)).unwrap_err(), CertificateError::TooLong);
}

/// What other parties send never ends in anything but a value or an error.
mod any_bytes {
    use proptest::prelude::*;
    use trust::status::{StatusFormat, StatusListToken};
    use trust::{Certificate, CertificateChain};

    use crate::people::*;

    static TREE: std::sync::LazyLock<Tree> = std::sync::LazyLock::new(|| Tree::named("가람", 1));

    proptest! {
        #[test]
        fn are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Certificate::from_der(&bytes);
            let _ = StatusListToken::parse(StatusFormat::Jwt, &bytes);
            let _ = StatusListToken::parse(StatusFormat::Cwt, &bytes);
            let _ = Certificate::from_pem(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn in_the_place_of_others_are_read_without_panic(at in 0_usize..600, byte in any::<u8>()) {
            let sent = TREE.chain();
            let mut ders = sent.to_der();
            let length = ders[0].len();
            ders[0][at % length] = byte;
            if let Ok(chain) = CertificateChain::from_der(&ders) {
                let policy = trust::ChainPolicy::role_only();
                let verified = trust::verify_chain(&chain, &TREE.issuers(), now(), &policy);
                prop_assert_eq!(verified.is_ok(), chain == sent);
            }
        }
    }
}
