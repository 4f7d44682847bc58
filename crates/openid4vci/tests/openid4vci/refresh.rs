//! Copies fetched anew with a refresh token.

use crate::common::*;
use crypto::PrivateKey;
use openid4vci::dpop::{self, Target};
use openid4vci::holder::*;
use openid4vci::issuer::*;
use openid4vci::offer::CredentialOffer;
use openid4vci::replay::ReplayMemory;
use primitives::UniqueNonEmpty;
use primitives::http::{Method, Request};
use url::Url;

fn renewal(world: &mut World) -> ResolvedOffer {
    let ids = UniqueNonEmpty::one("resident".to_owned());
    world.resolve(CredentialOffer::renewal(identifier(), ids))
}

// rule: CI-13
#[test]
fn copies_are_fetched_anew_with_the_key_and_the_name_of_that_time() {
    let mut world = World::new();
    let offer = world.offer(&["resident"], None);
    let resolved = world.resolve(offer);
    let client = world.client();
    let authorized = world.drive(resolved.pre_authorized(client.clone(), &[], None).unwrap()).unwrap();
    let stored = serde_json::to_string(&authorized.stored_access()).unwrap();
    let stored: StoredAccess = serde_json::from_str(&stored).unwrap();
    assert!(stored.can_refresh());

    let exchange = renewal(&mut world).refresh(client.clone(), stored.clone()).unwrap();
    let authorized = world.drive(exchange).unwrap();
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(2);
    let exchange = authorized.request_credential(&paper, keys, None, &world.context()).unwrap();
    assert!(matches!(world.drive(exchange).unwrap().outcome, Outcome::Received(_)));

    // another DPoP key under the same reference: the server refuses
    let thief = Client::attested(client.attestation().unwrap().clone(), world.dpop_key());
    let exchange = renewal(&mut world).refresh(thief, stored.clone()).unwrap();
    assert!(world.drive(exchange).is_err());
    // under another reference, the wallet does not even ask
    let other =
        DpopKey::new(std::sync::Arc::new(PrivateKey::generate(&world.entropy).unwrap()), "other".into());
    let other = Client::attested(client.attestation().unwrap().clone(), other);
    assert_eq!(renewal(&mut world).refresh(other, stored).unwrap_err(), TokenError::GrantNotOffered);
}

// rule: CI-13
#[test]
fn a_refresh_token_is_taken_from_its_client_with_its_key_until_it_expires() {
    let world = World::new();
    let url = Url::parse("https://garam.example/token").unwrap();
    let target = Target { method: Method::Post, url: &url };
    let proof_of = |key: &PrivateKey| {
        let proof = dpop::proof(key, &target, None, None, now(), &world.entropy).unwrap();
        let expectation = dpop::Expectation { target, access: None, nonces: None, now: now() };
        dpop::verify(&[("dpop".into(), proof)], &expectation, &mut ReplayMemory::default()).unwrap()
    };
    let own = proof_of(&PrivateKey::generate(&world.entropy).unwrap());
    let foreign = proof_of(&PrivateKey::generate(&world.entropy).unwrap());
    let granted = Granted {
        subject: "p1".into(),
        configuration_ids: vec!["resident".into()],
        credential_identifiers: Vec::new(),
        client_id: Some(CLIENT_ID.into()),
    };
    let answer = primitives::http::Response::of_json(200, &serde_json::json!({}));
    let (token, answer) = RefreshToken::attach(granted, &own, 60, answer, now(), &world.entropy).unwrap();
    let text = answer.json().unwrap()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(RefreshToken::key_of(&text), token.key());
    let request = |token: &str, client: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", client)];
        TokenRequest::parse(&Inbound::of(&Request::post_form(url.clone(), fields))).unwrap()
    };
    let redeem =
        |request: &TokenRequest, proof, at| token.redeem(request, None, proof, at).map_err(|it| it.cause);
    let fits = request(&text, CLIENT_ID);
    assert!(redeem(&fits, &own, now()).is_ok());
    assert_eq!(redeem(&fits, &foreign, now()), Err(RefusalCause::CodeKey));
    assert_eq!(redeem(&fits, &own, now() + 60), Err(RefusalCause::UnknownOrExpired));
    assert_eq!(redeem(&request("other", CLIENT_ID), &own, now()), Err(RefusalCause::UnknownOrExpired));
    assert_eq!(redeem(&request(&text, "other"), &own, now()), Err(RefusalCause::Client(None)));
}

// rule: CI-10, CI-13
#[test]
fn a_renewed_grant_reaches_to_the_dataset_that_came_before_and_to_no_other() {
    let request = |configuration: &str, identifier: Option<&str>| PaperRequest {
        configuration_id: configuration.to_owned(),
        credential_identifier: identifier.map(str::to_owned),
    };
    let renewed = |named: &[(&str, &str)], paper: &PaperRequest| {
        let mut world = World::new();
        let offer = world.offer(&["resident"], None);
        let resolved = world.resolve(offer);
        let client = world.client();
        let exchange = resolved.pre_authorized(client, &[], None).unwrap();
        let details: Vec<_> = named
            .iter()
            .map(|(id, one)| serde_json::json!({ "type": "openid_credential", "credential_configuration_id": id, "credential_identifiers": [one] }))
            .collect();
        let authorized = world.drive_altered(exchange, |request, response| {
            if request.url.path() != "/token" || response.status != 200 || details.is_empty() {
                return response;
            }
            let mut body = response.json().unwrap();
            body["authorization_details"] = serde_json::Value::from(details.clone());
            primitives::http::Response::of_json(200, &body)
        });
        authorized.unwrap().renewing(paper).map(|it| it.papers().to_vec())
    };
    let plain = request("resident", None);
    let (first, second) = (request("resident", Some("a")), request("resident", Some("b")));
    // a server that says nothing of datasets at a refresh means those of before
    assert_eq!(renewed(&[], &plain), Some(vec![plain.clone()]));
    assert_eq!(renewed(&[], &first), Some(vec![first.clone()]));
    assert_eq!(renewed(&[("resident", "a"), ("resident", "b")], &second), Some(vec![second.clone()]));
    assert_eq!(renewed(&[("resident", "b")], &first), None, "another dataset is another paper");
    assert_eq!(renewed(&[("resident", "a")], &plain), Some(vec![first]));
    assert_eq!(renewed(&[("resident", "a"), ("resident", "b")], &plain), None, "which of them is not known");
    assert_eq!(renewed(&[], &request("licence", None)), None);
}
