//! Clients that the profile registered in advance (VP-C1, VP-R8, VP-R15, VP-S5).

use crate::support::signs::*;
use crate::support::*;
use crypto::jws::HeaderBuilder;
use crypto::{Jwks, PrivateKey, PublicJwk, Signer};
use openid4vp::holder::{
    Invocation, KeySource, KnownClient, KnownClientError, Next, Objection, Policy, RequestError as E,
    RespondError,
};
use primitives::Refusal;
use serde_json::{Value, json};

const CLIENT: &str = "rental-client";

/// A world in which a client is registered, with or without a key and metadata.
fn registered(signs: bool, metadata: Option<Value>) -> Signs {
    let mut world = Signs::new();
    world.world.policy = Policy::STRICT;
    let key = PublicJwk::new(world.key.public_key()).with_kid("k");
    let keys = if signs { Jwks::new(vec![key]) } else { Jwks::default() };
    let uris = vec![RESPONSE_URI.to_owned()];
    let client = KnownClient::new(CLIENT, name("Rental"), uris, keys, metadata.as_ref()).unwrap();
    world.world.known.clients.push(client);
    world
}

// rule: VP-C1
#[test]
fn a_registered_client_signs_with_its_registered_key() {
    let signs = registered(true, None);
    let request = |kid: Option<&str>, key: &PrivateKey| {
        let header = HeaderBuilder::new(TYPE);
        let header = match kid {
            Some(kid) => header.kid(kid),
            None => header,
        };
        signs.receive(CLIENT, header, key)
    };
    let good = request(Some("k"), &signs.key).unwrap();
    assert!(good.client().is_authenticated());
    assert_eq!(good.client().known_name(), Some(&name("Rental")));
    assert!(request(None, &signs.key).is_ok());
    for refused in [request(Some("other"), &signs.key), request(Some("k"), &signs.world.verifier.key)] {
        assert_eq!(refused.unwrap_err(), E::SignatureOf(KeySource::Registered));
    }
    assert_eq!(E::SignatureOf(KeySource::Registered).rule(), "VP-C1");
    // Nobody else is registered, and a certificate does not register.
    let certified = HeaderBuilder::new(TYPE).x5c(&signs.world.verifier.chain.to_der());
    let other = signs.receive("another-client", certified, &signs.world.verifier.key);
    assert_eq!(other.unwrap_err(), E::PrefixUnknown);
}

// rule: VP-C1
#[test]
fn what_is_no_prefix_may_be_a_client_that_was_registered_as_a_whole() {
    let mut signs = registered(true, None);
    let keys = Jwks::new(vec![PublicJwk::new(signs.key.public_key())]);
    let whole = "https://rental.example";
    let client = |id: &str, uris: Vec<String>| KnownClient::new(id, name("Rental"), uris, keys.clone(), None);
    let known = client(whole, vec![RESPONSE_URI.to_owned()]).unwrap();
    assert_eq!(known.id(), whole);
    signs.world.known.clients.push(known);
    assert!(signs.receive(whole, HeaderBuilder::new(TYPE), &signs.key).is_ok());
    let unknown = signs.receive("http://rental.example", HeaderBuilder::new(TYPE), &signs.key);
    assert_eq!(unknown.unwrap_err(), E::PrefixUnknown);
    for id in [
        "x509_hash:a",
        "redirect_uri:https://a/",
        "origin:https://a",
        "decentralized_identifier:did:web:a",
        "",
    ] {
        let refused = client(id, vec![RESPONSE_URI.to_owned()]).map(|_| ());
        assert_eq!(refused, Err(KnownClientError::ClientId), "{id}");
    }
    assert_eq!(client(CLIENT, Vec::new()).map(|_| ()), Err(KnownClientError::ResponseUris));
    let bad =
        KnownClient::new(CLIENT, name("R"), vec![RESPONSE_URI.to_owned()], keys, Some(&json!({ "jwks": 1 })));
    assert_eq!(bad.map(|_| ()), Err(KnownClientError::Metadata));
}

// rule: VP-R15
#[test]
fn a_registered_client_is_answered_at_its_registered_addresses_only() {
    let signs = registered(true, None);
    for address in [
        "https://verifier.example/response/2",
        "https://other.example/",
        "https://verifier.example/response/1?x",
    ] {
        let changes = json!({ "response_uri": address });
        let refused = signs.receive_with(CLIENT, HeaderBuilder::new(TYPE), &signs.key, changes);
        assert_eq!(refused.unwrap_err(), E::ResponseUriForeign, "{address}");
    }
}

// rule: VP-R8, VP-S5
#[test]
fn metadata_that_is_known_is_used_and_sending_it_again_is_invalid_client() {
    let world = World::new();
    let metadata = world.claims()["client_metadata"].clone();
    let signs = registered(true, Some(metadata.clone()));
    let receive = |changes: Value| signs.receive_with(CLIENT, HeaderBuilder::new(TYPE), &signs.key, changes);
    let request = receive(json!({ "client_metadata": null })).unwrap();
    assert!(request.encryption().is_some() && request.objection().is_none());

    let again = receive(json!({ "client_metadata": metadata })).unwrap();
    assert_eq!(again.objection(), Some(Objection::MetadataIsKnown));
    assert_eq!(Objection::MetadataIsKnown.rule(), "VP-S5");
    let solution = again.solve(&signs.world.holdings());
    let selection = solution.required_only().unwrap();
    let refused = again.respond(
        &solution,
        &selection,
        &[signs.world.card_copy()],
        signs.world.now,
        &signs.world.entropy,
    );
    assert!(matches!(refused.err(), Some(RespondError::Objection(_))));
    let plain = receive(json!({ "client_metadata": metadata, "response_mode": "direct_post" })).unwrap();
    let post = plain.decline(&signs.world.entropy).into_post().unwrap();
    assert!(form(&post).contains(&("error".to_owned(), "invalid_client".to_owned())));
    // The encryption is that of what is known: another key in the request changes nothing.
    let other = json!({ "jwks": { "keys": [] } });
    assert_eq!(receive(json!({ "client_metadata": other })).unwrap().encryption(), again.encryption());

    // Where no metadata is registered, the request's own counts.
    let signs = registered(true, None);
    let request = signs.receive(CLIENT, HeaderBuilder::new(TYPE), &signs.key).unwrap();
    assert!(request.objection().is_none() && request.encryption().is_some());
}

// rule: VP-C1, VP-S5
#[test]
fn a_client_that_is_registered_without_a_key_comes_unsigned_where_the_profile_lets_it() {
    let mut signs = registered(false, None);
    let query = serde_json::to_string(card_query().as_wire()).unwrap();
    let plain = |client_id: &str, address: &str, more: &str| {
        format!(
            "openid4vp://?client_id={client_id}&response_type=vp_token&response_mode=direct_post&nonce=n\
             &response_uri={address}&dcql_query={query}{more}"
        )
    };
    let receive = |signs: &Signs, link: &str| {
        let world = &signs.world;
        match Invocation::parse(link, &world.policy)?.next(&world.entropy)? {
            Next::Request(request) => request.authenticate(&world.trust(), world.now, &world.policy),
            Next::Fetch(_) => panic!("something to fetch"),
        }
    };
    let good = plain(CLIENT, RESPONSE_URI, "");
    assert_eq!(receive(&signs, &good).unwrap_err(), E::Unauthenticated);
    signs.world.policy = WARN;
    let request = receive(&signs, &good).unwrap();
    assert!(!request.client().is_authenticated() && !request.client().is_signed());
    assert_eq!(request.client().known_name(), Some(&name("Rental")));
    let foreign = plain(CLIENT, "https://other.example/", "");
    assert_eq!(receive(&signs, &foreign).unwrap_err(), E::ResponseUriForeign);
    assert_eq!(receive(&signs, &plain("other", RESPONSE_URI, "")).unwrap_err(), E::PrefixUnknown);
    // A signature that nothing can be checked with is no signature.
    let signed = signs.receive(CLIENT, HeaderBuilder::new(TYPE), &signs.key);
    assert_eq!(signed.unwrap_err(), E::SignatureExcluded);
    // One that signs does not come unsigned.
    let mut with_key = registered(true, None);
    with_key.world.policy = WARN;
    assert_eq!(receive(&with_key, &good).unwrap_err(), E::SignatureMissing);
    // An error is owed to nobody who was not authenticated.
    let mut known = registered(false, Some(json!({})));
    known.world.policy = WARN;
    let twice = plain(CLIENT, RESPONSE_URI, "&client_metadata={}");
    assert_eq!(receive(&known, &twice).unwrap_err(), E::ClientMetadataKnown);
    assert!(receive(&known, &good).is_ok());
}

// rule: VP-S5, VP-H1
#[test]
fn formats_that_no_paper_could_answer_have_an_error_of_their_own_for_whoever_was_authenticated() {
    let signs = registered(true, None);
    let receive = |changes: Value| signs.receive_with(CLIENT, HeaderBuilder::new(TYPE), &signs.key, changes);
    let excluded = json!({ "vp_formats_supported": { "mso_mdoc": {} } });
    let foreign = json!({ "credentials": [{ "id": "w", "format": "ldp_vc", "meta": {} }] });
    for changes in [
        json!({ "client_metadata": excluded, "response_mode": "direct_post" }),
        json!({ "dcql_query": foreign, "response_mode": "direct_post" }),
    ] {
        let request = receive(changes.clone()).unwrap();
        assert_eq!(request.objection(), Some(Objection::FormatsNotSupported), "{changes}");
        let sent = form(&request.decline(&signs.world.entropy).into_post().unwrap());
        assert!(sent.contains(&("error".to_owned(), "vp_formats_not_supported".to_owned())));
        assert!(sent.iter().any(|(name, _)| name == "state") && sent.len() == 2);
    }
    let objection = Objection::FormatsNotSupported;
    assert_eq!((objection.rule(), objection.code()), ("VP-S5", "request_formats_not_supported"));
    // One paper of another kind beside one of ours is asked for in vain, and says nothing of formats.
    let mut mixed = serde_json::to_value(card_query().as_wire()).unwrap();
    mixed["credentials"].as_array_mut().unwrap().push(foreign["credentials"][0].clone());
    assert!(receive(json!({ "dcql_query": mixed })).unwrap().objection().is_none());
    // Known metadata stays the first thing to be objected.
    let metadata = signs.world.claims()["client_metadata"].clone();
    let signs = registered(true, Some(metadata.clone()));
    let both = json!({ "client_metadata": metadata, "dcql_query": foreign });
    let request = signs.receive_with(CLIENT, HeaderBuilder::new(TYPE), &signs.key, both).unwrap();
    assert_eq!(request.objection(), Some(Objection::MetadataIsKnown));

    // Who was not authenticated hears of no error but the citizen's no.
    let mut signs = registered(false, None);
    signs.world.policy.unauthenticated = openid4vp::holder::Unauthenticated::Warn;
    let link = |query: &Value, more: &str| {
        format!(
            "openid4vp://?client_id={CLIENT}&response_type=vp_token&response_mode=direct_post&nonce=n\
             &response_uri={RESPONSE_URI}&dcql_query={query}{more}"
        )
    };
    let receive = |link: &str| {
        let world = &signs.world;
        match Invocation::parse(link, &world.policy)?.next(&world.entropy)? {
            Next::Request(request) => request.authenticate(&world.trust(), world.now, &world.policy),
            Next::Fetch(_) => panic!("something to fetch"),
        }
    };
    assert!(receive(&link(&foreign, "")).unwrap().objection().is_none());
    let ours = serde_json::to_value(card_query().as_wire()).unwrap();
    let refused = receive(&link(&ours, &format!("&client_metadata={excluded}")));
    assert_eq!(refused.unwrap_err(), E::Formats);
}
