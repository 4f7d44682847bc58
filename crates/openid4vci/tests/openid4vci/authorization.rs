//! Asking without an offer, and what the authorization request says (OpenID4VCI 1.0 sections 3.3, 5 and 12.3).

use std::collections::BTreeMap;

use crate::common::*;
use openid4vci::holder::*;
use openid4vci::metadata::{ConfigurationEntry, IssuerMetadata};
use openid4vci::offer::*;
use openid4vci::wire::WireError;
use primitives::http::{Request, Response};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

fn of_issuer() -> Discovery {
    Discovery::of_issuer(identifier(), DiscoveryPolicy::default())
}

fn with_metadata(alter: impl FnOnce(&mut Value)) -> World {
    let mut world = World::new();
    let mut json = issuer_json();
    alter(&mut json);
    world.metadata = IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
    world
}

fn by_code(world: &mut World, resolved: ResolvedOffer, ids: &[&str]) -> AwaitingCallback {
    let client = world.client();
    let ids: Vec<String> = ids.iter().map(|it| (*it).to_owned()).collect();
    let pushed =
        resolved.authorization_code(client, &ids, Url::parse(REDIRECT).unwrap(), &world.context()).unwrap();
    world.drive(pushed).unwrap()
}

/// The parameters of the pushed request.
fn pushed(world: &World) -> BTreeMap<String, String> {
    let request = world.sent.iter().rev().find(|it| it.url.path() == "/par").unwrap();
    form_urlencoded::parse(&request.body).into_owned().collect()
}

// rule: CI-1, CI-7, CI-8, HA-2
#[test]
fn without_an_offer_everything_that_is_usable_can_be_asked_for_by_code() {
    let mut world = with_metadata(|json| {
        json["credential_configurations_supported"]["foreign"] = json!({ "format": "ldp_vc" });
    });
    let discovery = of_issuer();
    let resolved = world.drive(discovery).unwrap();
    let ids: Vec<&str> = resolved.configurations().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["resident", "licence"], "in the issuer's order");
    assert!(resolved.has_authorization_code() && !resolved.has_pre_authorized_code());
    assert!(resolved.transaction_code().is_none());

    let awaiting = by_code(&mut world, resolved, &["resident"]);
    let parameters = pushed(&world);
    assert_eq!(parameters["scope"], "resident");
    assert!(!parameters.contains_key("issuer_state") && !parameters.contains_key("authorization_details"));
    let names: Vec<String> = awaiting.page().query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    let back = world.browse(awaiting.page(), true);
    let authorized = world.drive(awaiting.receive(&back).unwrap()).unwrap();
    assert_eq!(authorized.papers().len(), 1);
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(1);
    let exchange = authorized.request_credential(&paper, keys, None, &world.context()).unwrap();
    assert!(matches!(world.drive(exchange).unwrap().outcome, Outcome::Received(_)));
}

// rule: CI-7
#[test]
fn of_several_sessions_each_knows_its_own_answer() {
    let mut world = World::new();
    let mut begin = || {
        let resolved = world.drive(of_issuer()).unwrap();
        let awaiting = by_code(&mut world, resolved, &["resident"]);
        let back = world.browse(awaiting.page(), true);
        (awaiting, back)
    };
    let ((first, first_back), (second, second_back)) = (begin(), begin());
    assert!(first.recognises(&first_back) && second.recognises(&second_back));
    assert!(!first.recognises(&second_back) && !second.recognises(&first_back));
    assert!(!first.recognises(&Url::parse(REDIRECT).unwrap()));
}

// rule: CI-1, CI-3
#[test]
fn without_an_offer_the_metadata_are_checked_as_with_one() {
    let mut world = World::new();
    let other = |request: &Request, response: Response| match request.url.path() {
        "/.well-known/openid-credential-issuer/mobile" => {
            let mut json = issuer_json();
            json["credential_issuer"] = json!("https://other.example");
            Response::of_json(200, &json)
        }
        _ => response,
    };
    let error = world.drive_altered(of_issuer(), other).unwrap_err();
    assert_eq!(error, DiscoveryError::Issuer(WireError::Member("credential_issuer")));

    let mut world = with_metadata(|json| {
        json["credential_configurations_supported"] = json!({ "foreign": { "format": "ldp_vc" } });
    });
    // what cannot be used is not published by this test's issuer: the wire has it
    let unusable = |request: &Request, response: Response| match request.url.path() {
        "/.well-known/openid-credential-issuer/mobile" => {
            let mut json = issuer_json();
            json["credential_configurations_supported"] = json!({ "foreign": { "format": "ldp_vc" } });
            Response::of_json(200, &json)
        }
        _ => response,
    };
    assert!(matches!(world.metadata.configurations[0].1, ConfigurationEntry::Unusable(_)));
    let error = world.drive_altered(of_issuer(), unusable).unwrap_err();
    assert!(matches!(error, DiscoveryError::NothingUsable(_)), "{error:?}");
}

// rule: CI-2, CI-7
#[test]
fn a_configuration_without_a_scope_is_asked_for_by_details_with_its_location_and_the_offers_state() {
    let mut world = with_metadata(|json| {
        json["credential_configurations_supported"]["licence"].as_object_mut().unwrap().remove("scope");
        json["authorization_servers"] = json!([ISSUER]);
    });
    let mut offer = world.code_offer(&["resident", "licence"]).to_json();
    offer["grants"]["authorization_code"] =
        json!({ "issuer_state": "state of the issuer", "authorization_server": ISSUER });
    let offer = CredentialOffer::from_json(offer.to_string().as_bytes()).unwrap();
    let resolved = world.resolve(offer);
    let client = world.client();
    let exchange =
        resolved.authorization_code(client, &[], Url::parse(REDIRECT).unwrap(), &world.context()).unwrap();
    let request = exchange.request(&world.context()).unwrap();
    // the first request may fetch a challenge: its answer leads to the push
    let request = match request.url.path() {
        "/par" => request,
        _ => {
            let answer = world.answer(&request);
            let Step::Again(exchange) = exchange.receive(&answer, &world.context()).unwrap() else {
                panic!()
            };
            exchange.request(&world.context()).unwrap()
        }
    };
    let parameters: BTreeMap<String, String> = form_urlencoded::parse(&request.body).into_owned().collect();
    assert_eq!(parameters["issuer_state"], "state of the issuer");
    assert!(!parameters.contains_key("scope"), "one way for all of them");
    let details: Value = serde_json::from_str(&parameters["authorization_details"]).unwrap();
    let of = |id: &str| json!({ "type": "openid_credential", "credential_configuration_id": id, "locations": [ISSUER] });
    assert_eq!(details, json!([of("resident"), of("licence")]));
}

// rule: CI-7, HA-2
#[test]
fn a_server_that_takes_details_gets_them_beside_the_scope() {
    let mut world = with_metadata(|json| {
        for name in ["resident", "licence"] {
            json["credential_configurations_supported"][name]["scope"] = json!("shared");
        }
    });
    world.server.authorization_details = true;
    let resolved = world.drive(of_issuer()).unwrap();
    let awaiting = by_code(&mut world, resolved, &["licence"]);
    let parameters = pushed(&world);
    assert_eq!(parameters["scope"], "shared");
    let details: Value = serde_json::from_str(&parameters["authorization_details"]).unwrap();
    assert_eq!(details, json!([{ "type": "openid_credential", "credential_configuration_id": "licence" }]));
    let back = world.browse(awaiting.page(), true);
    let authorized = world.drive(awaiting.receive(&back).unwrap()).unwrap();
    let papers: Vec<&str> = authorized.papers().iter().map(|it| it.configuration_id.as_str()).collect();
    assert_eq!(papers, ["licence"], "the scope does not widen what the details say");
}

// rule: CI-5
#[test]
fn a_listed_server_that_cannot_be_used_leaves_it_to_the_next_and_the_last_one_says_why() {
    let listed = json!(["https://broken.example", ISSUER]);
    let broken = |request: &Request, response: Response| match request.url.host_str() {
        Some("broken.example") => Response::new(500, ""),
        _ => response,
    };
    let mut world = with_metadata(|json| json["authorization_servers"] = listed.clone());
    let resolved = world.drive_altered(of_issuer(), broken).unwrap();
    assert_eq!(resolved.server().issuer.as_str(), ISSUER);

    let mut world = with_metadata(|json| {
        json["authorization_servers"] = json!([ISSUER, "https://broken.example"]);
    });
    world.server.grant_types = vec![PRE_AUTHORIZED_CODE_GRANT.to_owned()];
    let error = world.drive_altered(of_issuer(), broken).unwrap_err();
    assert!(matches!(error, DiscoveryError::Answer(_)), "{error:?}");
    let mut world = with_metadata(|json| {
        json["authorization_servers"] = json!(["https://broken.example", ISSUER]);
    });
    world.server.grant_types = vec![PRE_AUTHORIZED_CODE_GRANT.to_owned()];
    let error = world.drive_altered(of_issuer(), broken).unwrap_err();
    assert_eq!(error, DiscoveryError::NoServerFits);
}

// rule: CI-5, CI-8, HA-2
#[test]
fn of_several_servers_one_with_par_and_pkce_is_taken_and_without_such_the_refusal_says_what_is_lacking() {
    for (lacking, servers, taken) in [
        ("pushed_authorization_request_endpoint", ["https://weak.example", ISSUER], ISSUER),
        ("code_challenge_methods_supported", ["https://weak.example", ISSUER], ISSUER),
        ("pushed_authorization_request_endpoint", [ISSUER, "https://weak.example"], ISSUER),
        (
            "pushed_authorization_request_endpoint",
            ["https://weak.example", "https://none.example"],
            "https://weak.example",
        ),
        (
            "code_challenge_methods_supported",
            ["https://none.example", "https://weak.example"],
            "https://weak.example",
        ),
    ] {
        let mut world = with_metadata(|json| json["authorization_servers"] = json!(servers));
        let mut weak = world.server.to_json();
        // Nothing said of PKCE is no refusal of it.
        weak[lacking] = if lacking.starts_with("code") { json!(["plain"]) } else { Value::Null };
        weak["issuer"] = json!("https://weak.example");
        let answers = |request: &Request, response: Response| match request.url.host_str() {
            Some("weak.example") => Response::of_json(200, &weak),
            Some("none.example") => Response::new(500, ""),
            _ => response,
        };
        let resolved = world.drive_altered(of_issuer(), answers).unwrap();
        assert_eq!(resolved.server().issuer.as_str(), taken, "{lacking} {servers:?}");
        let client = world.client();
        let begun = resolved
            .authorization_code(client, &[], Url::parse(REDIRECT).unwrap(), &world.context())
            .map(drop);
        let expected = if taken == ISSUER { Ok(()) } else { Err(AuthorizationError::ServerTooWeak) };
        assert_eq!(begun, expected, "{lacking} {servers:?}");
    }
}
