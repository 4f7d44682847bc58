//! Each step of the verification of a status list, left out: ST-1 to ST-15.

use std::io::Write;

use crypto::Signer;
use crypto::cbor::Value as Cbor;
use crypto::cose::{self, Sign1Builder};
use crypto::jws::HeaderBuilder;
use primitives::Instant;
use serde_json::{Value, json};
use trust::status::{
    Age, Bits, Freshness, FreshnessPolicy, MAX_INFLATED_BYTES, MAX_TOKEN_BYTES, Publication, PublishError,
    StatusAuthority, StatusError, StatusFormat, StatusListBuilder, StatusListToken, StatusReference,
    StatusReferenceError, StatusState, VerifiedStatusList,
};
use trust::{AnchorStore, CertificateChain, ChainFault, Issuer, StatusScope, StatusSigner, TrustAnchor};

use crate::people::*;

const URI: &str = "https://status.example/lists/1";

pub(crate) fn at(index: u64) -> StatusReference {
    StatusReference::new(URI, index).unwrap()
}

pub(crate) fn publication() -> Publication {
    Publication {
        uri: URI.to_owned(),
        issued_at: now() - 60,
        expires_at: Some(now() + DAY),
        time_to_live: Some(3600),
    }
}

pub(crate) fn list() -> StatusListBuilder {
    let mut list = StatusListBuilder::new(Bits::Two, 100).unwrap();
    list.set(1, StatusState::Invalid).unwrap();
    list.set(2, StatusState::Suspended).unwrap();
    list.set(99, StatusState::ApplicationSpecific(3)).unwrap();
    list
}

fn claims() -> Value {
    json!({
        "sub": URI,
        "iat": now().unix_seconds() - 60,
        "exp": now().unix_seconds() + DAY,
        "ttl": 3600,
        "status_list": { "bits": 1, "lst": "eNrbuRgAAhcBXQ" },
    })
}

fn sign(tree: &Tree, typ: &str, claims: &Value) -> String {
    let header = HeaderBuilder::new(typ).x5c(&tree.chain().to_der());
    header.sign_claims(claims.as_object().unwrap(), &tree.leaf_key).unwrap()
}

fn verify(tree: &Tree, token: &str, index: u64) -> Result<VerifiedStatusList, StatusError> {
    let credential = tree.issuer_anchor();
    let authority = StatusAuthority { credential: &credential, signers: &AnchorStore::new() };
    StatusListToken::parse_jwt(token)?.verify(&at(index), &authority, now())
}

/// The error for claims with one member replaced, or taken out.
fn fault_with(name: &str, value: Option<Value>) -> StatusError {
    let tree = Tree::named("가람", 1);
    let mut claims = claims();
    match value {
        Some(value) => claims[name] = value,
        None => drop(claims.as_object_mut().unwrap().remove(name)),
    }
    verify(&tree, &sign(&tree, "statuslist+jwt", &claims), 0).unwrap_err()
}

#[test]
fn a_jwt_as_published_holds_and_says_each_status() {
    let tree = Tree::named("가람", 1);
    let token = list().sign_jwt(&publication(), &tree.chain(), &tree.leaf_key).unwrap();
    let verified = verify(&tree, &token, 0).unwrap();
    assert_eq!(verified.state(&at(0)), Ok(StatusState::Valid));
    assert_eq!(verified.state(&at(1)), Ok(StatusState::Invalid));
    assert_eq!(verified.state(&at(2)), Ok(StatusState::Suspended));
    assert_eq!(verified.state(&at(99)), Ok(StatusState::ApplicationSpecific(3)));
    assert_eq!((verified.count(), verified.bits(), verified.time_to_live()), (100, Bits::Two, Some(3600)));
    assert_eq!((verified.uri(), verified.issued_at()), (URI, now() - 60));
}

#[test]
fn a_cwt_as_published_holds_and_says_each_status() {
    let tree = Tree::named("가람", 1);
    let token = list().sign_cwt(&publication(), &tree.chain(), &tree.leaf_key).unwrap();
    let credential = tree.issuer_anchor();
    let authority = StatusAuthority { credential: &credential, signers: &AnchorStore::new() };
    let parsed = StatusListToken::parse(StatusFormat::Cwt, &token).unwrap();
    let verified = parsed.verify(&at(1), &authority, now()).unwrap();
    assert_eq!(verified.state(&at(1)), Ok(StatusState::Invalid));
    assert_eq!(verified.expires_at(), Some(now() + DAY));
}

// rule: ST-1
#[test]
fn a_reference_needs_a_status_list_with_a_uri_and_an_index() {
    let read = |status: Value| StatusReference::from_json(&status);
    assert_eq!(read(at(7).to_json()), Ok(at(7)));
    assert_eq!(read(json!({ "other": {} })), Err(StatusReferenceError::OtherMechanism));
    let malformed = Err(StatusReferenceError::Malformed);
    assert_eq!(read(json!("x")), malformed);
    assert_eq!(read(json!({ "status_list": {} })), malformed);
    assert_eq!(read(json!({ "status_list": { "idx": -1, "uri": URI } })), malformed);
    assert_eq!(read(json!({ "status_list": { "idx": 1.5, "uri": URI } })), malformed);
    assert_eq!(read(json!({ "status_list": { "idx": "1", "uri": URI } })), malformed);
    assert_eq!(read(json!({ "status_list": { "idx": 1, "uri": "lists/1" } })), malformed);
    assert_eq!(read(json!({ "status_list": { "idx": 1, "uri": "https://status.example/a b" } })), malformed);
    assert_eq!(read(json!({ "status_list": { "idx": 1 } })), malformed);
}

// rule: ST-1
#[test]
fn a_reference_in_cbor_is_read_the_same() {
    assert_eq!(StatusReference::from_cbor(&at(412).to_cbor()), Ok(at(412)));
    let text = |value: &str| Cbor::Text(value.to_owned());
    let status = |entries| Cbor::Map(vec![(text("status_list"), Cbor::Map(entries))]);
    let malformed = Err(StatusReferenceError::Malformed);
    let negative = status(vec![(text("idx"), Cbor::from(-1)), (text("uri"), text(URI))]);
    assert_eq!(StatusReference::from_cbor(&negative), malformed);
    let twice =
        status(vec![(text("idx"), Cbor::from(1)), (text("idx"), Cbor::from(2)), (text("uri"), text(URI))]);
    assert_eq!(StatusReference::from_cbor(&twice), malformed);
    let other = Cbor::Map(vec![(text("identifier_list"), Cbor::Map(vec![]))]);
    assert_eq!(StatusReference::from_cbor(&other), Err(StatusReferenceError::OtherMechanism));
    assert_eq!(StatusReference::from_cbor(&Cbor::Null), malformed);
}

// rule: ST-2
#[test]
fn a_jwt_of_another_type_is_refused() {
    let tree = Tree::named("가람", 1);
    assert!(verify(&tree, &sign(&tree, "statuslist+jwt", &claims()), 0).is_ok());
    assert_eq!(verify(&tree, &sign(&tree, "JWT", &claims()), 0).unwrap_err(), StatusError::Type);
    let untyped = HeaderBuilder::without_type().x5c(&tree.chain().to_der());
    let untyped = untyped.sign_claims(claims().as_object().unwrap(), &tree.leaf_key).unwrap();
    assert_eq!(verify(&tree, &untyped, 0).unwrap_err(), StatusError::Type);
}

fn cwt(
    tree: &Tree,
    typ: Option<&str>,
    entries: Vec<(Cbor, Cbor)>,
) -> Result<VerifiedStatusList, StatusError> {
    let builder = Sign1Builder::new().x5chain(&tree.chain().to_der());
    let builder = match typ {
        Some(typ) => builder.protected(cose::TYP, Cbor::Text(typ.to_owned())),
        None => builder.unprotected(cose::TYP, Cbor::Text("application/statuslist+cwt".to_owned())),
    };
    let payload = crypto::cbor::encode(&Cbor::Map(entries));
    let token = builder.sign(&tree.leaf_key, &payload, &[]).unwrap().to_bytes();
    let credential = tree.issuer_anchor();
    let authority = StatusAuthority { credential: &credential, signers: &AnchorStore::new() };
    StatusListToken::parse_cwt(&token)?.verify(&at(0), &authority, now())
}

fn cwt_claims() -> Vec<(Cbor, Cbor)> {
    let text = |value: &str| Cbor::Text(value.to_owned());
    let list = vec![
        (text("bits"), Cbor::from(1)),
        (text("lst"), Cbor::Bytes(primitives::base64url::decode("eNrbuRgAAhcBXQ").unwrap())),
    ];
    vec![
        (Cbor::from(2), text(URI)),
        (Cbor::from(6), Cbor::from(now().unix_seconds())),
        (Cbor::from(65533), Cbor::Map(list)),
    ]
}

// rule: ST-2
#[test]
fn a_cwt_of_another_type_is_refused() {
    let tree = Tree::named("가람", 1);
    assert!(cwt(&tree, Some("application/statuslist+cwt"), cwt_claims()).is_ok());
    assert_eq!(cwt(&tree, Some("application/cwt"), cwt_claims()).unwrap_err(), StatusError::Type);
    assert_eq!(cwt(&tree, None, cwt_claims()).unwrap_err(), StatusError::Type, "an unprotected type is none");
}

// rule: ST-3, ST-4, ST-5, ST-6, ST-7
#[test]
fn each_claim_of_a_cwt_is_judged() {
    let tree = Tree::named("가람", 1);
    let with = |name: i64, value: Cbor| {
        let mut claims: Vec<_> =
            cwt_claims().into_iter().filter(|(key, _)| *key != Cbor::from(name)).collect();
        claims.push((Cbor::from(name), value));
        cwt(&tree, Some("application/statuslist+cwt"), claims).unwrap_err()
    };
    assert_eq!(with(2, Cbor::Text("https://status.example/lists/2".to_owned())), StatusError::Subject);
    assert_eq!(with(6, Cbor::from(now().unix_seconds() + 3600)), StatusError::NotYetValid);
    assert_eq!(with(6, Cbor::Text("now".to_owned())), StatusError::Malformed);
    assert_eq!(with(4, Cbor::from(now().unix_seconds() - 1)), StatusError::Expired);
    assert_eq!(with(65534, Cbor::from(0)), StatusError::TimeToLive);
    assert_eq!(with(65534, Cbor::from(-5)), StatusError::TimeToLive);
    assert_eq!(with(65533, Cbor::Map(vec![])), StatusError::Bits);
    assert_eq!(with(65533, Cbor::Bytes(vec![])), StatusError::Malformed);
}

// rule: ST-3
#[test]
fn a_token_of_another_list_is_refused() {
    assert_eq!(fault_with("sub", Some(json!("https://status.example/lists/2"))), StatusError::Subject);
    assert_eq!(fault_with("sub", Some(json!("https://STATUS.example/lists/1"))), StatusError::Subject);
    assert_eq!(fault_with("sub", None), StatusError::Malformed);
}

// rule: ST-3
#[test]
fn a_verified_list_answers_for_its_own_address_alone() {
    let tree = Tree::named("가람", 1);
    let verified = verify(&tree, &sign(&tree, "statuslist+jwt", &claims()), 0).unwrap();
    let other = StatusReference::new("https://status.example/lists/2", 1).unwrap();
    assert_eq!(verified.state(&other), Err(StatusError::Subject));
}

// rule: ST-4
#[test]
fn a_token_of_the_future_is_refused() {
    let seconds = now().unix_seconds();
    assert_eq!(fault_with("iat", Some(json!(seconds + 120))), StatusError::NotYetValid);
    assert_eq!(fault_with("nbf", Some(json!(seconds + 120))), StatusError::NotYetValid);
    assert_eq!(fault_with("iat", None), StatusError::Malformed);
}

// rule: ST-4
#[test]
fn a_clock_may_be_behind_by_the_leeway_and_no_second_more() {
    let tree = Tree::named("가람", 1);
    for name in ["iat", "nbf"] {
        let mut claims = claims();
        claims[name] = json!(now().unix_seconds() + trust::CLOCK_LEEWAY_SECONDS);
        assert!(verify(&tree, &sign(&tree, "statuslist+jwt", &claims), 0).is_ok(), "{name}");
        let beyond = json!(now().unix_seconds() + trust::CLOCK_LEEWAY_SECONDS + 1);
        assert_eq!(fault_with(name, Some(beyond)), StatusError::NotYetValid, "{name}");
    }
}

// rule: ST-5
#[test]
fn an_expired_token_is_refused() {
    let seconds = now().unix_seconds();
    assert_eq!(fault_with("exp", Some(json!(seconds - 1))), StatusError::Expired);
    assert_eq!(fault_with("exp", Some(json!(seconds))), StatusError::Expired);
    assert_eq!(fault_with("exp", Some(json!("soon"))), StatusError::Malformed);
}

// rule: ST-6
#[test]
fn a_time_to_live_is_a_positive_number() {
    assert_eq!(fault_with("ttl", Some(json!(0))), StatusError::TimeToLive);
    assert_eq!(fault_with("ttl", Some(json!(-1))), StatusError::TimeToLive);
    assert_eq!(fault_with("ttl", Some(json!("3600"))), StatusError::TimeToLive);
}

// rule: ST-7
#[test]
fn bits_are_one_two_four_or_eight() {
    for bits in [json!(0), json!(3), json!(16), json!("1"), Value::Null] {
        let list = json!({ "bits": bits, "lst": "eNrbuRgAAhcBXQ" });
        assert_eq!(fault_with("status_list", Some(list)), StatusError::Bits);
    }
    assert_eq!(fault_with("status_list", None), StatusError::Malformed);
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn fault_with_list(compressed: &[u8]) -> StatusError {
    let list = json!({ "bits": 1, "lst": primitives::base64url::encode(compressed) });
    fault_with("status_list", Some(list))
}

// rule: ST-8
#[test]
fn a_list_that_inflates_beyond_the_bound_is_refused() {
    let tree = Tree::named("가람", 1);
    let bomb = deflated(&vec![0; MAX_INFLATED_BYTES + 1]);
    assert!(bomb.len() < 20_000, "small on the wire: {}", bomb.len());
    assert_eq!(fault_with_list(&bomb), StatusError::ListTooLong);
    let mut largest = claims();
    let lst = primitives::base64url::encode(&deflated(&vec![0; MAX_INFLATED_BYTES]));
    largest["status_list"] = json!({ "bits": 8, "lst": lst });
    assert!(verify(&tree, &sign(&tree, "statuslist+jwt", &largest), 0).is_ok());
}

// rule: ST-8
#[test]
fn a_list_that_is_not_one_zlib_stream_is_refused() {
    let whole = deflated(&[1, 2, 3]);
    assert_eq!(fault_with_list(b"not zlib"), StatusError::List);
    assert_eq!(fault_with_list(&whole[..whole.len() - 1]), StatusError::List, "cut off");
    let mut wrong_sum = whole.clone();
    *wrong_sum.last_mut().unwrap() ^= 1;
    assert_eq!(fault_with_list(&wrong_sum), StatusError::List, "checksum");
    assert_eq!(fault_with_list(&[whole, vec![0]].concat()), StatusError::List, "something behind");
    let not_base64 = json!({ "bits": 1, "lst": "eNrbuRgAAhcBXQ==" });
    assert_eq!(fault_with("status_list", Some(not_base64)), StatusError::List);
}

// rule: ST-9
#[test]
fn an_index_outside_the_list_is_refused() {
    let tree = Tree::named("가람", 1);
    let verified = verify(&tree, &sign(&tree, "statuslist+jwt", &claims()), 0).unwrap();
    assert_eq!(verified.count(), 16);
    assert!(verified.state(&at(15)).is_ok());
    for index in [16, 17, u64::from(u32::MAX), u64::MAX] {
        assert_eq!(verified.state(&at(index)), Err(StatusError::OutOfRange));
    }
}

// rule: ST-11
#[test]
fn only_zero_is_valid() {
    for value in 0..=u8::MAX {
        let state = StatusState::from_value(value);
        assert_eq!(state.is_valid(), value == 0);
        assert_eq!(state.value(), value);
    }
    assert_eq!(StatusState::from_value(4), StatusState::Reserved(4));
    assert_eq!(StatusState::from_value(0x0C), StatusState::ApplicationSpecific(0x0C));
}

// rule: ST-12
#[test]
fn a_changed_token_is_refused() {
    let tree = Tree::named("가람", 1);
    let token = sign(&tree, "statuslist+jwt", &claims());
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let mut changed = claims();
    changed["ttl"] = json!(3601);
    parts[1] = primitives::base64url::encode(changed.to_string().as_bytes());
    assert_eq!(verify(&tree, &parts.join("."), 0).unwrap_err(), StatusError::Signature);
}

// rule: ST-12
#[test]
fn a_token_signed_with_another_key_than_its_leaf_is_refused() {
    let tree = Tree::named("가람", 1);
    let header = HeaderBuilder::new("statuslist+jwt").x5c(&tree.chain().to_der());
    let forged = header.sign_claims(claims().as_object().unwrap(), &key(70)).unwrap();
    assert_eq!(verify(&tree, &forged, 0).unwrap_err(), StatusError::Signature);
    let builder = Sign1Builder::new().x5chain(&tree.chain().to_der());
    let builder = builder.protected(cose::TYP, Cbor::Text("application/statuslist+cwt".to_owned()));
    let payload = crypto::cbor::encode(&Cbor::Map(cwt_claims()));
    let forged = builder.sign(&key(70), &payload, &[]).unwrap().to_bytes();
    let credential = tree.issuer_anchor();
    let authority = StatusAuthority { credential: &credential, signers: &AnchorStore::new() };
    let refused = StatusListToken::parse_cwt(&forged).unwrap().verify(&at(0), &authority, now());
    assert_eq!(refused.unwrap_err(), StatusError::Signature);
}

// rule: ST-12
#[test]
fn a_token_unsigned_or_without_a_chain_is_refused() {
    let tree = Tree::named("가람", 1);
    let bare = HeaderBuilder::new("statuslist+jwt");
    let bare = bare.sign_claims(claims().as_object().unwrap(), &tree.leaf_key).unwrap();
    assert_eq!(verify(&tree, &bare, 0).unwrap_err(), StatusError::NoCertificates);
    let header = primitives::base64url::encode(br#"{"alg":"none","typ":"statuslist+jwt"}"#);
    let payload = primitives::base64url::encode(claims().to_string().as_bytes());
    let unsigned = StatusListToken::parse_jwt(&format!("{header}.{payload}.")).err().unwrap();
    assert!(matches!(unsigned, StatusError::Signature | StatusError::Malformed), "{unsigned:?}");
    let mac = primitives::base64url::encode(br#"{"alg":"HS256","typ":"statuslist+jwt"}"#);
    let signature = primitives::base64url::encode(&[0; 64]);
    let mac = StatusListToken::parse_jwt(&format!("{mac}.{payload}.{signature}")).err().unwrap();
    assert_eq!(mac, StatusError::Signature);
}

fn signer_fault(error: StatusError) -> ChainFault {
    match error {
        StatusError::Signer(chain) => chain.fault,
        other => panic!("{other:?}"),
    }
}

// rule: ST-13
#[test]
fn the_list_of_another_issuer_is_refused() {
    let (tree, other) = (Tree::named("가람", 1), Tree::named("나루", 100));
    let token = sign(&other, "statuslist+jwt", &claims());
    assert_eq!(verify(&other, &token, 0).unwrap().anchor(), other.root.hash());
    assert_eq!(signer_fault(verify(&tree, &token, 0).unwrap_err()), ChainFault::UnknownAnchor);
}

// rule: ST-13
#[test]
fn a_status_signer_speaks_for_the_anchor_it_is_named_for() {
    let (tree, other, signer) = (Tree::named("가람", 1), Tree::named("나루", 100), Tree::named("상태", 200));
    let token = sign(&signer, "statuslist+jwt", &claims());
    let credential = tree.issuer_anchor();
    let verify_with = |scope: StatusScope| {
        let anchor = TrustAnchor::for_status_signer(signer.root.clone(), scope).unwrap();
        let signers: AnchorStore<StatusSigner> = std::iter::once(anchor).collect();
        let authority = StatusAuthority { credential: &credential, signers: &signers };
        StatusListToken::parse_jwt(&token).unwrap().verify(&at(0), &authority, now())
    };
    assert_eq!(verify_with(StatusScope::of(&tree.root)).unwrap().anchor(), signer.root.hash());
    let for_another = verify_with(StatusScope::of(&other.root)).unwrap_err();
    assert_eq!(signer_fault(for_another), ChainFault::UnknownAnchor);
    assert_eq!(signer_fault(verify_with(StatusScope::default()).unwrap_err()), ChainFault::UnknownAnchor);
}

// rule: ST-13
#[test]
fn a_list_that_is_kept_for_any_credential_is_some_trusted_issuers() {
    let (first, own, stranger) = (Tree::named("가람", 1), Tree::named("나루", 100), Tree::named("상태", 200));
    let issuers: AnchorStore<Issuer> = [first.issuer_anchor(), own.issuer_anchor()].into_iter().collect();
    let signers = AnchorStore::<StatusSigner>::default();
    let kept = |tree: &Tree, uri: &str, when| {
        let token = StatusListToken::parse_jwt(&sign(tree, "statuslist+jwt", &claims())).unwrap();
        token.verify_for_any(uri, &issuers, &signers, when)
    };
    let uri = at(0).uri().to_owned();
    assert_eq!(kept(&first, &uri, now()).unwrap().anchor(), first.root.hash());
    assert_eq!(kept(&own, &uri, now()).unwrap().anchor(), own.root.hash());
    assert_eq!(signer_fault(kept(&stranger, &uri, now()).unwrap_err()), ChainFault::UnknownAnchor);
    // Whose list it is says what is wrong with it, not the one that was asked before.
    assert_eq!(kept(&own, "https://lists.example/other", now()).unwrap_err(), StatusError::Subject);
    assert_eq!(kept(&own, "https://lists.example/other list", now()).unwrap_err(), StatusError::Subject);
    // A signer that is named for an issuer speaks for its list, whichever issuer it is.
    let anchor = TrustAnchor::for_status_signer(stranger.root.clone(), StatusScope::of(&own.root)).unwrap();
    let named: AnchorStore<StatusSigner> = std::iter::once(anchor).collect();
    let token = StatusListToken::parse_jwt(&sign(&stranger, "statuslist+jwt", &claims())).unwrap();
    let list = token.verify_for_any(&uri, &issuers, &named, now()).unwrap();
    assert_eq!(list.anchor(), stranger.root.hash());
    // Nobody is trusted.
    let nobody = AnchorStore::<Issuer>::default();
    let refused = token.verify_for_any(&uri, &nobody, &named, now()).unwrap_err();
    assert_eq!(refused, StatusError::NoCertificates);
}

// rule: ST-13
#[test]
fn an_expired_signer_is_refused() {
    let tree = Recipe {
        leaf: trust::certificate::builder::CertificateBuilder::leaf(
            trust::certificate::builder::Subject::new("옛 서명(시연)"),
            gone(),
        ),
        ..recipe("가람", 1)
    }
    .grow();
    let token = sign(&tree, "statuslist+jwt", &claims());
    assert_eq!(signer_fault(verify(&tree, &token, 0).unwrap_err()), ChainFault::Expired);
}

// rule: ST-14
#[test]
fn a_list_grows_stale_and_then_expires() {
    let tree = Tree::named("가람", 1);
    let token = list().sign_jwt(&publication(), &tree.chain(), &tree.leaf_key).unwrap();
    let verified = verify(&tree, &token, 0).unwrap();
    let fresh = Freshness::of(&verified, now(), &FreshnessPolicy::default());
    assert_eq!(fresh.at(now()), Age::Fresh);
    assert_eq!(fresh.at(now() + 3599), Age::Fresh);
    assert_eq!(fresh.at(now() + 3600), Age::Stale);
    assert_eq!(fresh.at(now() + DAY - 1), Age::Stale);
    assert_eq!(fresh.at(now() + DAY), Age::Expired);
}

// rule: ST-14
#[test]
fn a_time_to_live_is_clamped_and_a_list_without_end_still_ends() {
    let tree = Tree::named("가람", 1);
    let life = |time_to_live, expires_at: Option<Instant>| {
        let publication = Publication { time_to_live, expires_at, ..publication() };
        let token = list().sign_jwt(&publication, &tree.chain(), &tree.leaf_key).unwrap();
        Freshness::of(&verify(&tree, &token, 0).unwrap(), now(), &FreshnessPolicy::default())
    };
    assert_eq!(life(Some(1), None).stale_from, now() + 60);
    assert_eq!(life(Some(u64::MAX >> 1), None).stale_from, now() + DAY);
    assert_eq!(life(None, None).stale_from, now() + DAY);
    assert_eq!(life(None, None).expires_at, now() - 60 + 30 * DAY);
    assert_eq!(life(None, Some(now() + 100)).stale_from, now() + 100);
}

// rule: ST-15
#[test]
fn a_token_longer_than_the_bound_is_not_parsed() {
    let long = "a".repeat(MAX_TOKEN_BYTES + 1);
    assert_eq!(StatusListToken::parse_jwt(&long).err(), Some(StatusError::TooLong));
    assert_eq!(StatusListToken::parse_cwt(long.as_bytes()).err(), Some(StatusError::TooLong));
    assert!(StatusListToken::parse(StatusFormat::Jwt, &[0xff, 0xfe]).is_err());
}

#[test]
fn a_publisher_sets_what_fits() {
    let mut list = StatusListBuilder::new(Bits::One, 8).unwrap();
    assert_eq!(list.set(8, StatusState::Invalid), Err(PublishError::OutOfRange));
    assert_eq!(list.set(0, StatusState::Suspended), Err(PublishError::Status));
    list.set(0, StatusState::Invalid).unwrap();
    list.set(0, StatusState::Valid).unwrap();
    assert_eq!(list.get(0), Ok(StatusState::Valid));
    let restored = StatusListBuilder::from_compressed(Bits::One, &list.compressed().unwrap()).unwrap();
    assert_eq!(restored.count(), 8);
    assert!(StatusListBuilder::new(Bits::Eight, u64::MAX).is_err());
}

#[test]
fn a_chain_of_the_signer_alone_is_enough_under_its_root() {
    // A status signer directly under the issuer's root, as small agencies have it.
    let tree = Tree::named("가람", 1);
    let signer = key(80);
    let certificate = leaf("상태(시연)")
        .issued_by(&signer.public_key(), &tree.root, &tree.root_key, &crypto::SystemEntropy)
        .unwrap();
    let chain = CertificateChain::new(vec![certificate]).unwrap();
    let token = list().sign_jwt(&publication(), &chain, &signer).unwrap();
    assert!(verify(&tree, &token, 0).is_ok());
}
