//! Offers and metadata that the holder refuses, and where it asks.

use crate::common::*;
use openid4vci::holder::*;
use openid4vci::http::AnswerError;
use openid4vci::metadata::{
    ConfigurationEntry, IssuerMetadata, ServerMetadata, SignedMetadataError, Unusable, sign_issuer_metadata,
};
use openid4vci::offer::*;
use openid4vci::wire::{Identifier, OFFER_MAX_BYTES, OPAQUE_MAX_BYTES, WireError};
use primitives::Refusal;
use primitives::http::Response;
use serde_json::{Value, json};

fn offer_json() -> Value {
    json!({
        "credential_issuer": ISSUER,
        "credential_configuration_ids": ["resident"],
        "grants": { PRE_AUTHORIZED_CODE_GRANT: { "pre-authorized_code": "code-1" } },
    })
}

fn by_value(offer: &Value) -> Result<CredentialOffer, OfferError> {
    CredentialOffer::from_json(offer.to_string().as_bytes())
}

fn altered(alter: impl FnOnce(&mut Value)) -> Result<CredentialOffer, OfferError> {
    let mut offer = offer_json();
    alter(&mut offer);
    by_value(&offer)
}

// rule: CI-1
#[test]
fn a_link_of_any_scheme_carries_an_offer_by_value_or_by_reference() {
    let own = by_value(&offer_json()).unwrap();
    for scheme in ["openid-credential-offer", "haip-vci", "https"] {
        let link = own.link(scheme).replace("https://?", "https://wallet.example/?");
        let OfferSource::ByValue(offer) = OfferSource::parse(&link).unwrap() else { panic!("{scheme}") };
        assert_eq!(offer, own);
    }
    assert!(matches!(OfferSource::parse(&offer_json().to_string()), Ok(OfferSource::ByValue(_))));
    let uri = url::Url::parse("https://garam.example/offers/1?x=y").unwrap();
    let link = CredentialOffer::link_by_reference("haip-vci", &uri);
    let OfferSource::ByReference(fetch) = OfferSource::parse(&link).unwrap() else { panic!() };
    assert_eq!(fetch.url(), &uri);
    assert_eq!(fetch.request().url, uri);
    let answer = Response::of_json(200, &offer_json());
    assert_eq!(fetch.receive(&answer).unwrap(), own);
}

// rule: CI-1
#[test]
fn a_raw_plus_in_a_link_is_a_plus() {
    let offer = altered(|it| it["credential_configuration_ids"] = json!(["card_dc+sd-jwt"])).unwrap();
    let link = offer.link("haip-vci").replace("%2B", "+");
    assert!(link.contains("dc+sd"));
    let OfferSource::ByValue(read) = OfferSource::parse(&link).unwrap() else { panic!() };
    assert_eq!(read.configuration_ids(), ["card_dc+sd-jwt"]);
}

// rule: CI-1
#[test]
fn what_is_no_single_offer_is_refused() {
    let link = by_value(&offer_json()).unwrap().link("haip-vci");
    let error = |text: &str| OfferSource::parse(text).unwrap_err();
    assert_eq!(error("hello"), OfferError::NotAnOffer);
    assert_eq!(error("haip-vci://?x=y"), OfferError::NotAnOffer);
    assert_eq!(error(&format!("{link}&{}", link.split_once('?').unwrap().1)), OfferError::Ambiguous);
    assert_eq!(error(&format!("{link}&credential_offer_uri=https%3A%2F%2Fa.example")), OfferError::Ambiguous);
    let plain = error("haip-vci://?credential_offer_uri=http%3A%2F%2Fa.example");
    assert_eq!(plain, OfferError::Malformed(WireError::Member("credential_offer_uri")));
    let long = format!("{{{}", "x".repeat(OFFER_MAX_BYTES));
    assert_eq!(error(&long), OfferError::Malformed(WireError::TooLong { max: OFFER_MAX_BYTES }));
}

// rule: CI-1
#[test]
fn an_offer_by_reference_is_json_and_never_a_jwt_or_a_redirect() {
    let fetch = || match OfferSource::parse("haip-vci://?credential_offer_uri=https%3A%2F%2Fa.example") {
        Ok(OfferSource::ByReference(fetch)) => fetch,
        _ => panic!(),
    };
    let jwt = Response::new(200, offer_json().to_string()).with_header("content-type", "application/jwt");
    assert_eq!(fetch().receive(&jwt), Err(OfferError::Answer(AnswerError::MediaType)));
    let redirect = Response::new(302, "").with_header("location", "https://a.example/2");
    assert_eq!(fetch().receive(&redirect), Err(OfferError::Answer(AnswerError::Status(302))));
    let big =
        Response::new(200, vec![b' '; OFFER_MAX_BYTES + 1]).with_header("content-type", "application/json");
    assert!(matches!(fetch().receive(&big), Err(OfferError::Malformed(WireError::TooLong { .. }))));
}

// rule: CI-2
#[test]
fn an_offer_that_breaks_its_shape_is_refused() {
    let member = |name| Err(OfferError::Malformed(WireError::Member(name)));
    let ids = "credential_configuration_ids";
    assert_eq!(altered(|it| it[ids] = json!([])), member(ids));
    assert_eq!(altered(|it| it[ids] = json!(["a", "a"])), member(ids));
    assert_eq!(altered(|it| it[ids] = json!([""])), member(ids));
    assert_eq!(
        altered(|it| it[ids] = json!((0..65).map(|n| n.to_string()).collect::<Vec<_>>())),
        member(ids)
    );
    for bad in ["http://a.example", "https://a.example?x", "https://u:p@a.example", "a"] {
        assert_eq!(altered(|it| it["credential_issuer"] = json!(bad)), member("credential_issuer"), "{bad}");
    }
    assert_eq!(altered(|it| it["grants"] = json!({ "urn:x": {} })), Err(OfferError::NoKnownGrant));
    let tx_code = |value: Value| altered(|it| it["grants"][PRE_AUTHORIZED_CODE_GRANT]["tx_code"] = value);
    assert_eq!(tx_code(json!({ "input_mode": "voice" })), member("input_mode"));
    assert_eq!(tx_code(json!({ "length": 0 })), member("length"));
    assert_eq!(tx_code(json!({ "description": "가".repeat(301) })), member("description"));
    assert!(tx_code(json!({ "description": "가".repeat(300) })).is_ok());
    let doubled = offer_json().to_string().replacen("{", "{\"credential_issuer\":\"https://b.example\",", 1);
    assert!(CredentialOffer::from_json(doubled.as_bytes()).is_err());
}

// rule: CI-2
#[test]
fn an_offer_is_bounded_and_what_just_fits_is_taken() {
    let ids = |ids: Vec<String>| altered(|it| it["credential_configuration_ids"] = json!(ids));
    assert!(ids((0..OFFER_CONFIGURATIONS_MAX).map(|n| n.to_string()).collect()).is_ok());
    assert!(ids((0..=OFFER_CONFIGURATIONS_MAX).map(|n| n.to_string()).collect()).is_err());
    assert!(ids(vec!["x".repeat(OPAQUE_MAX_BYTES)]).is_ok());
    assert!(ids(vec!["x".repeat(OPAQUE_MAX_BYTES + 1)]).is_err());
    assert!(ids(vec!["x".repeat(OPAQUE_MAX_BYTES + 2)]).is_err());
    let length = |length: u32| {
        altered(|it| it["grants"][PRE_AUTHORIZED_CODE_GRANT]["tx_code"] = json!({ "length": length }))
    };
    assert!(length(TX_CODE_LENGTH_MAX).is_ok());
    assert!(length(TX_CODE_LENGTH_MAX + 1).is_err());
    assert!(length(TX_CODE_LENGTH_MAX + 2).is_err());
}

// rule: CI-9
#[test]
fn a_transaction_code_fits_by_its_length_and_its_characters() {
    let code = |input_mode, length| TransactionCode { input_mode, length, description: None };
    let of_any_length = code(InputMode::Numeric, None);
    let longest = TX_CODE_LENGTH_MAX as usize;
    assert!(of_any_length.fits("1") && of_any_length.fits(&"1".repeat(longest)));
    for not in [String::new(), "1".repeat(longest + 1), "12a".into(), "１２".into()] {
        assert!(!of_any_length.fits(&not), "{not}");
    }
    let of_four = code(InputMode::Numeric, Some(4));
    assert!(of_four.fits("0123"));
    assert!(!of_four.fits("012") && !of_four.fits("01234") && !of_four.fits("012a"));
    let text = code(InputMode::Text, Some(4));
    assert!(text.fits("가나-a"));
    assert!(!text.fits("가나") && !text.fits(""));
}

// rule: CI-2
#[test]
fn an_offer_without_grants_leaves_them_to_the_server() {
    for grants in [json!({}), Value::Null] {
        let offer = altered(|it| it["grants"] = grants).unwrap();
        assert!(offer.grants().unnamed);
        let mut world = World::new();
        assert!(world.resolve(offer).has_authorization_code());
    }
}

fn discover(
    world: &mut World,
    offer: CredentialOffer,
    policy: DiscoveryPolicy,
    alter: impl FnMut(&primitives::http::Request, Response) -> Response,
) -> Result<ResolvedOffer, DiscoveryError> {
    world.drive_altered(Discovery::new(offer, policy), alter)
}

fn replaced(file: &'static str, json: Value) -> impl FnMut(&primitives::http::Request, Response) -> Response {
    move |request, response| match request.url.path().contains(file) {
        true => Response::of_json(200, &json),
        false => response,
    }
}

// rule: CI-3, CI-5
#[test]
fn metadata_are_asked_for_at_one_address_each() {
    let mut world = World::new();
    let offer = world.offer(&["resident"], None);
    world.resolve(offer);
    let paths: Vec<&str> = world.sent.iter().map(|it| it.url.path()).collect();
    assert_eq!(
        paths,
        ["/.well-known/openid-credential-issuer/mobile", "/.well-known/oauth-authorization-server/mobile"]
    );
    // Who needs the issuer's alone asks for those alone.
    world.sent.clear();
    let issuer = world.drive(IssuerDiscovery::new(identifier(), DiscoveryPolicy::default())).unwrap();
    assert_eq!((issuer.issuer, world.sent.len()), (identifier(), 1));
}

// rule: CI-6
#[test]
fn an_address_that_grows_beyond_its_bound_when_it_is_escaped_is_refused() {
    let of = |characters: usize| {
        let mut server = server_json();
        server["token_endpoint"] = json!(format!("https://garam.example/{}", "가".repeat(characters)));
        ServerMetadata::from_json(server.to_string().as_bytes(), &identifier())
    };
    assert!(of(400).is_ok());
    assert_eq!(of(1300).unwrap_err(), WireError::Member("token_endpoint"));
}

// rule: CI-2, CI-3
#[test]
fn an_identifier_with_blanks_in_it_is_none() {
    for issuer in [
        " https://garam.example",
        "https://garam.example ",
        "https://ga\tram.example",
        "https://garam.example/a\nb",
    ] {
        let offer = altered(|offer| offer["credential_issuer"] = json!(issuer));
        assert_eq!(
            offer.unwrap_err(),
            OfferError::Malformed(WireError::Member("credential_issuer")),
            "{issuer:?}"
        );
    }
}

// rule: CI-2, CI-3, CI-5, CI-6
#[test]
fn metadata_that_do_not_fit_stop_the_flow() {
    let issuer = |alter: &dyn Fn(&mut Value)| {
        let mut world = World::new();
        let offer = world.offer(&["resident"], None);
        let mut json = issuer_json();
        alter(&mut json);
        let policy = DiscoveryPolicy::default();
        discover(&mut world, offer, policy, replaced("openid-credential-issuer", json)).unwrap_err()
    };
    let other = issuer(&|it| it["credential_issuer"] = json!("https://garam.example/mobile/"));
    assert_eq!(other, DiscoveryError::Issuer(WireError::Member("credential_issuer")));
    let plain = issuer(&|it| it["credential_endpoint"] = json!("http://garam.example/credential"));
    assert_eq!(plain, DiscoveryError::Issuer(WireError::Member("credential_endpoint")));
    let one = issuer(&|it| it["batch_credential_issuance"] = json!({ "batch_size": 1 }));
    assert_eq!(one, DiscoveryError::Issuer(WireError::Member("batch_size")));
    let gone = issuer(&|it| {
        it["credential_configurations_supported"].as_object_mut().unwrap().shift_remove("resident");
    });
    assert_eq!(gone, DiscoveryError::UnknownConfiguration);
    let unusable =
        issuer(&|it| it["credential_configurations_supported"]["resident"]["format"] = json!("ldp_vc"));
    assert_eq!(unusable, DiscoveryError::NothingUsable(Unusable::Format));

    let server = |alter: &dyn Fn(&mut Value)| {
        let mut world = World::new();
        let offer = world.offer(&["resident"], None);
        let mut json = server_json();
        alter(&mut json);
        let policy = DiscoveryPolicy::default();
        discover(&mut world, offer, policy, replaced("oauth-authorization-server", json)).unwrap_err()
    };
    let other = server(&|it| it["issuer"] = json!("https://other.example"));
    assert_eq!(other, DiscoveryError::Server(WireError::Member("issuer")));
    let page = server(&|it| it["authorization_endpoint"] = json!("http://127.0.0.1:8000/authorize"));
    assert_eq!(page, DiscoveryError::AuthorizationPage);
    let page = server(&|it| it["authorization_endpoint"] = json!("http://garam.example/authorize"));
    assert_eq!(page, DiscoveryError::Server(WireError::Member("authorization_endpoint")));
}

// rule: CI-2, CI-5
#[test]
fn of_several_servers_the_offered_or_the_fitting_one_is_taken() {
    let mut world = World::new();
    let mut json = issuer_json();
    json["authorization_servers"] = json!(["https://other.example", ISSUER]);
    world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
    let offer = world.offer(&["resident"], None);
    let other = json!({ "issuer": "https://other.example", "token_endpoint": "https://other.example/token",
        "grant_types_supported": ["client_credentials"] });
    let alter = |request: &primitives::http::Request, response: Response| match request.url.host_str() {
        Some("other.example") => Response::of_json(200, &other),
        _ => response,
    };
    let resolved = discover(&mut world, offer, DiscoveryPolicy::default(), alter).unwrap();
    assert_eq!(resolved.server().issuer.as_str(), ISSUER);

    let hinted = |server: &str| {
        altered(|it| it["grants"][PRE_AUTHORIZED_CODE_GRANT]["authorization_server"] = json!(server)).unwrap()
    };
    let asked = world.sent.len();
    assert!(discover(&mut world, hinted(ISSUER), DiscoveryPolicy::default(), alter).is_ok());
    assert_eq!(world.sent.len(), asked + 2, "the named server alone was asked");
    let error = discover(&mut world, hinted("https://evil.example"), DiscoveryPolicy::default(), alter);
    assert_eq!(error.unwrap_err(), DiscoveryError::ServerNotListed);
    let mut world = World::new();
    let error = discover(&mut world, hinted(ISSUER), DiscoveryPolicy::default(), |_, it| it);
    assert_eq!(error.unwrap_err(), DiscoveryError::ServerNotListed, "no list, no hint");
}

// rule: CI-5
#[test]
fn the_only_server_is_taken_whichever_grants_it_names_since_many_name_none() {
    for listed in [None, Some(json!([ISSUER]))] {
        let mut world = World::new();
        let mut json = issuer_json();
        json["authorization_servers"] = listed.unwrap_or(Value::Null);
        world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
        world.server.grant_types = vec![AUTHORIZATION_CODE_GRANT.to_owned()];
        let offer = world.offer(&["resident"], None);
        let resolved = discover(&mut world, offer, DiscoveryPolicy::default(), |_, it| it).unwrap();
        assert!(resolved.has_pre_authorized_code() && !resolved.server().takes(PRE_AUTHORIZED_CODE_GRANT));
    }
}

// rule: CI-4, HA-5
#[test]
fn signed_metadata_are_taken_from_a_trusted_signer_alone() {
    let policy = |signed_metadata| DiscoveryPolicy { signed_metadata, ..DiscoveryPolicy::default() };
    let run = |stranger: bool, alter: &dyn Fn(&mut IssuerMetadata), at: i64, policy: DiscoveryPolicy| {
        let mut world = World::new();
        let offer = world.offer(&["resident"], None);
        let mut metadata = world.metadata.clone();
        alter(&mut metadata);
        let party = if stranger { &world.stranger } else { &world.issuer_party };
        let jwt = sign_issuer_metadata(&metadata, now() + at, &party.chain, &party.key).unwrap();
        let answer = |request: &primitives::http::Request, response| match request
            .url
            .path()
            .contains("openid-credential-issuer")
        {
            true => Response::new(200, jwt.clone()).with_header("content-type", "application/jwt"),
            false => response,
        };
        let resolved = discover(&mut world, offer, policy, answer);
        // alone they are judged no otherwise
        let alone = world.drive_altered(IssuerDiscovery::new(identifier(), policy), answer).map(drop);
        assert_eq!(alone.err(), resolved.as_ref().err().cloned());
        resolved
    };
    let resident = trust::CredentialType::sd_jwt_vc(VCT);
    let signed = |stranger, alter: &dyn Fn(&mut IssuerMetadata), at| {
        let resolved = run(stranger, alter, at, policy(SignedMetadata::Require));
        resolved.map(|it| it.issuer().signer.as_ref().is_some_and(|chain| chain.may_issue(&resident).is_ok()))
    };
    assert_eq!(signed(false, &|_| (), 0), Ok(true));
    assert!(matches!(signed(true, &|_| (), 0), Err(DiscoveryError::Signed(SignedMetadataError::Chain(_)))));
    let other =
        |it: &mut IssuerMetadata| it.issuer = Identifier::parse("https://other.example", "x").unwrap();
    assert_eq!(signed(false, &other, 0), Err(DiscoveryError::Signed(SignedMetadataError::Subject)));
    assert_eq!(signed(false, &|_| (), 301), Err(DiscoveryError::Signed(SignedMetadataError::Time)));
    // not asked for, it is no answer; and where it is demanded, plain metadata are none
    let ignored = run(false, &|_| (), 0, policy(SignedMetadata::Ignore)).map(|_| ());
    assert_eq!(ignored, Err(DiscoveryError::Answer(AnswerError::MediaType)));
    let mut world = World::new();
    let offer = world.offer(&["resident"], None);
    let plain = discover(&mut world, offer, policy(SignedMetadata::Require), |_, it| it).map(|_| ());
    assert_eq!(plain, Err(DiscoveryError::Answer(AnswerError::MediaType)));
    let alone = IssuerDiscovery::new(identifier(), policy(SignedMetadata::Require));
    assert_eq!(world.drive(alone).map(drop), plain);
}

// rule: CI-15, CI-16, CI-25
#[test]
fn a_configuration_that_cannot_be_used_says_why() {
    let entry = |alter: &dyn Fn(&mut Value)| {
        let mut json = issuer_json();
        alter(&mut json["credential_configurations_supported"]["resident"]);
        let metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
        match metadata.configuration("resident").unwrap() {
            ConfigurationEntry::Usable(_) => None,
            ConfigurationEntry::Unusable(why) => Some(*why),
        }
    };
    assert_eq!(entry(&|_| ()), None);
    assert_eq!(entry(&|it| it["format"] = json!("jwt_vc_json")), Some(Unusable::Format));
    assert_eq!(entry(&|it| it["vct"] = json!("")), Some(Unusable::Malformed));
    let without = |it: &mut Value| drop(it.as_object_mut().unwrap().shift_remove("proof_types_supported"));
    assert_eq!(entry(&without), Some(Unusable::NotKeyBound));
    let rs256 = |it: &mut Value| {
        it["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"] = json!(["RS256"])
    };
    assert_eq!(entry(&rs256), Some(Unusable::ProofType));
    let did = |it: &mut Value| it["cryptographic_binding_methods_supported"] = json!(["did:web"]);
    assert_eq!(entry(&did), Some(Unusable::ProofType));
    let signing = |it: &mut Value| it["credential_signing_alg_values_supported"] = json!(["EdDSA"]);
    assert_eq!(entry(&signing), Some(Unusable::Algorithm));
    let display = |it: &mut Value| {
        it["credential_metadata"] =
            json!({ "display": [{ "name": "a", "locale": "ko" }, { "name": "b", "locale": "ko" }] });
    };
    assert_eq!(entry(&display), Some(Unusable::Malformed));
    let claims = |it: &mut Value| {
        it["credential_metadata"] = json!({ "claims": [{ "path": ["a"] }, { "path": ["a"] }] })
    };
    assert_eq!(entry(&claims), Some(Unusable::Malformed));
}

// rule: CI-3, CI-5
#[test]
fn what_an_issuer_publishes_is_what_a_holder_reads() {
    let world = World::new();
    let again =
        IssuerMetadata::from_json(world.metadata.to_json().to_string().as_bytes(), &identifier()).unwrap();
    assert_eq!(again, world.metadata);
    let again =
        ServerMetadata::from_json(world.server.to_json().to_string().as_bytes(), &identifier()).unwrap();
    assert_eq!(again, world.server);
}

// rule: CI-8
#[test]
fn a_server_without_par_or_pkce_is_too_weak() {
    for (name, value) in [
        ("pushed_authorization_request_endpoint", Value::Null),
        ("code_challenge_methods_supported", json!(["plain"])),
    ] {
        let mut world = World::new();
        let mut json = server_json();
        json[name] = value;
        world.server = ServerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
        if name == "code_challenge_methods_supported" {
            world.server.pkce_s256 = false;
        }
        let offer = world.code_offer(&["resident"]);
        let resolved = discover(
            &mut world,
            offer,
            DiscoveryPolicy::default(),
            replaced("oauth-authorization-server", json),
        )
        .unwrap();
        let client = world.client();
        let redirect = url::Url::parse(REDIRECT).unwrap();
        let error = resolved.authorization_code(client, &[], redirect, &world.context()).unwrap_err();
        assert_eq!(error, AuthorizationError::ServerTooWeak);
        assert_eq!(error.rule(), "CI-8");
    }
}
