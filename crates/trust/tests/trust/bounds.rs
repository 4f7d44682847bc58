//! Every bound holds up to itself and not one further, and is asked before anything is decoded.

use const_oid::ObjectIdentifier;
use crypto::cbor::Value as Cbor;
use crypto::cose::{MAX_SIGN1_BYTES, Sign1Builder};
use der::Decode;
use primitives::test_support::SequenceEntropy;
use trust::certificate::builder::Subject;
use trust::certificate::{MAX_CERTIFICATE_BYTES, MAX_CHAIN_CERTIFICATES};
use trust::status::{
    Bits, MAX_TOKEN_BYTES, Publication, StatusAuthority, StatusError, StatusFormat, StatusListBuilder,
    StatusListToken, StatusReference, StatusReferenceError, StatusState,
};
use trust::{AnchorStore, Certificate, CertificateChain, CertificateError, ChainParseError};

use crate::people::*;

const MAX_EXTENSIONS: usize = 64;
/// Base64 of the largest certificate.
const MAX_ENCODED: usize = MAX_CERTIFICATE_BYTES.div_ceil(3) * 4;

// rule: PK-1
#[test]
fn the_largest_certificate_is_parsed_and_one_byte_more_is_not() {
    let of = |bytes: usize| Certificate::from_der(&vec![0x30; bytes]).unwrap_err();
    assert_eq!(of(MAX_CERTIFICATE_BYTES), CertificateError::Malformed);
    assert_eq!(of(MAX_CERTIFICATE_BYTES + 1), CertificateError::TooLong);
    let text = |bytes: usize| Certificate::from_pem(&"A".repeat(bytes)).unwrap_err();
    assert_eq!(text(MAX_CERTIFICATE_BYTES * 2), CertificateError::Malformed);
    assert_eq!(text(MAX_CERTIFICATE_BYTES * 2 + 1), CertificateError::TooLong);
}

// rule: PK-1
#[test]
fn a_certificate_has_at_most_so_many_extensions() {
    let with = |count: usize| {
        let arc = |number: usize| ObjectIdentifier::new(&format!("1.2.3.{number}")).unwrap();
        let builder =
            (0..count).fold(leaf("많이"), |it, number| it.with_extension(arc(number), false, vec![5, 0]));
        builder.self_signed(&key(5), &SequenceEntropy::new(5))
    };
    let plain = x509_cert::Certificate::from_der(with(0).unwrap().der()).unwrap();
    let already = plain.tbs_certificate().extensions().map_or(0, Vec::len);
    assert!(with(MAX_EXTENSIONS - already).is_ok());
    assert!(with(MAX_EXTENSIONS - already + 1).is_err(), "the builder reads what it made");
}

// rule: PK-1
#[test]
fn a_chain_of_the_greatest_length_is_read_and_a_longer_one_is_not_even_decoded() {
    let chain = CertificateChain::new(vec![Tree::named("가람", 1).leaf; MAX_CHAIN_CERTIFICATES]).unwrap();
    assert_eq!(CertificateChain::from_der(&chain.to_der()), Ok(chain.clone()));
    assert_eq!(CertificateChain::from_x5c(&chain.to_x5c()), Ok(chain.clone()));
    assert_eq!(CertificateChain::from_x5chain(&chain.to_x5chain()), Ok(chain));
    let more = MAX_CHAIN_CERTIFICATES + 1;
    assert_eq!(CertificateChain::from_der(&vec![[0_u8]; more]), Err(ChainParseError::TooMany));
    assert_eq!(CertificateChain::from_x5c(&vec!["!"; more]), Err(ChainParseError::TooMany));
    let items = Cbor::Array(vec![Cbor::Null; more]);
    assert_eq!(CertificateChain::from_x5chain(&items), Err(ChainParseError::TooMany));
}

// rule: PK-1
#[test]
fn a_certificate_in_x5c_is_measured_before_it_is_decoded() {
    let of = |characters: usize| CertificateChain::from_x5c(&["!".repeat(characters)]).unwrap_err();
    assert_eq!(of(MAX_ENCODED), ChainParseError::Encoding);
    assert_eq!(of(MAX_ENCODED + 1), ChainParseError::Certificate(CertificateError::TooLong));
}

// rule: PK-3
#[test]
fn both_ends_of_a_certificates_validity_are_inside_it() {
    let certificate = Tree::named("가람", 1).leaf;
    assert!(certificate.is_valid_at(now()));
    assert!(certificate.is_valid_at(year().not_before) && certificate.is_valid_at(year().not_after));
    assert!(!certificate.is_valid_at(year().not_before - 1));
    assert!(!certificate.is_valid_at(year().not_after + 1));
}

#[test]
fn a_name_is_shown_up_to_its_bound() {
    let shown = |name: &str| {
        let builder = trust::certificate::builder::CertificateBuilder::leaf(Subject::new(name), year());
        let certificate = builder.self_signed(&key(3), &crypto::SystemEntropy).unwrap();
        (certificate.common_name().map(str::to_owned), certificate.organisation().map(str::to_owned))
    };
    let longest = "가".repeat(200);
    assert_eq!(shown(&longest), (Some(longest), None));
    assert_eq!(shown("   "), (None, None));
}

// rule: ST-1
#[test]
fn the_address_of_a_list_is_bounded_and_written_as_one() {
    let address = |bytes: usize| {
        let start = "https://status.example/";
        StatusReference::new(format!("{start}{}", "a".repeat(bytes - start.len())), 0)
    };
    assert!(address(2048).is_ok());
    assert_eq!(address(2049), Err(StatusReferenceError::Malformed));
    assert_eq!(StatusReference::from_cbor(&Cbor::Array(vec![])), Err(StatusReferenceError::Malformed));
}

// rule: ST-15
#[test]
fn the_largest_token_is_parsed_and_one_byte_more_is_not() {
    let of =
        |bytes: usize| Sign1Builder::new().sign(&key(1), &vec![0; bytes], &[]).unwrap().to_tagged_bytes();
    let around = of(MAX_TOKEN_BYTES).len() - MAX_TOKEN_BYTES;
    let largest = of(MAX_TOKEN_BYTES - around);
    assert_eq!(largest.len(), MAX_TOKEN_BYTES);
    assert_eq!(StatusListToken::parse_cwt(&largest).err(), None);
    let larger = of(MAX_TOKEN_BYTES - around + 1);
    assert_eq!(StatusListToken::parse_cwt(&larger).err(), Some(StatusError::TooLong));
}

/// A list that no compression shortens: 2^20 statuses of eight bits, the size of the draft's own test vectors.
// rule: ST-15
#[test]
fn a_list_of_a_million_mixed_statuses_is_read_in_either_encoding() {
    let count = 1_u64 << 20;
    let mut list = StatusListBuilder::new(Bits::Eight, count).unwrap();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for index in 0..count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        list.set(index, StatusState::from_value(state.to_be_bytes()[0])).unwrap();
    }
    let tree = Tree::named("가람", 1);
    let uri = "https://status.example/lists/1";
    let publication =
        Publication { uri: uri.to_owned(), issued_at: now(), expires_at: None, time_to_live: None };
    let jwt = list.sign_jwt(&publication, &tree.chain(), &tree.leaf_key).unwrap();
    let cwt = list.sign_cwt(&publication, &tree.chain(), &tree.leaf_key).unwrap();
    assert!(cwt.len() > MAX_SIGN1_BYTES, "{}", cwt.len());
    let credential = tree.issuer_anchor();
    let authority = StatusAuthority { credential: &credential, signers: &AnchorStore::new() };
    let last = StatusReference::new(uri, count - 1).unwrap();
    for token in [StatusListToken::parse_jwt(&jwt), StatusListToken::parse_cwt(&cwt)] {
        let verified = token.unwrap().verify(&last, &authority, now()).unwrap();
        assert_eq!(verified.state(&last), Ok(list.get(count - 1).unwrap()));
    }
}

// rule: ST-7, ST-10
#[test]
fn every_width_keeps_each_status_in_its_place() {
    for (bits, number) in [(Bits::One, 1_u8), (Bits::Two, 2), (Bits::Four, 4), (Bits::Eight, 8)] {
        assert_eq!(Bits::from_number(u64::from(number)), Some(bits));
        assert_eq!(bits.number(), number);
        let greatest = u8::try_from((1_u16 << number) - 1).unwrap();
        let mut list = StatusListBuilder::new(bits, 16).unwrap();
        assert_eq!(list.count(), 16);
        for index in (0..16).step_by(3) {
            list.set(index, StatusState::from_value(greatest)).unwrap();
        }
        for index in 0..16 {
            let expected = if index % 3 == 0 { greatest } else { 0 };
            assert_eq!(list.get(index), Ok(StatusState::from_value(expected)), "{bits:?} {index}");
        }
    }
}

#[test]
fn a_token_is_known_by_its_media_type_and_a_kept_one_by_its_first_byte() {
    for (format, media_type) in
        [(StatusFormat::Jwt, "application/statuslist+jwt"), (StatusFormat::Cwt, "application/statuslist+cwt")]
    {
        assert_eq!(StatusFormat::from_media_type(media_type), Some(format));
    }
    assert_eq!(StatusFormat::from_media_type("application/jwt"), None);
    assert_eq!(StatusFormat::accept(), "application/statuslist+jwt, application/statuslist+cwt");
    assert_eq!(StatusFormat::of_kept(b"eyJ"), StatusFormat::Jwt);
    assert_eq!(StatusFormat::of_kept(&[0xd2, 0x84]), StatusFormat::Cwt);
    assert_eq!(StatusFormat::of_kept(b""), StatusFormat::Cwt);
}
