//! Requests that a screen shows, and everything that is refused of them (OQ-1, OQ-4).

use crate::support::signs::{Signs, TYPE, WARN, name};
use crate::support::*;
use crypto::jws::HeaderBuilder;
use crypto::{Jwks, PublicJwk, Signer};
use openid4vp::TransactionType;
use openid4vp::holder::{
    AuthenticatedRequest, Invocation, KnownClient, KnownDid, Next, Policy, RequestError as E, Resolution,
    ScreenRequest, UnauthenticatedDcApiRequest,
};
use openid4vp::screen::ScreenMode;
use openid4vp::verifier::{ClientIdentity, RequestBuilder, ResponseError};
use primitives::http::Response;
use primitives::{ClaimPath, base64url};
use sd_jwt_vc::{KeyBinding, TransactionData};
use serde_json::{Map, Value, json};

/// The claims of a good request on a screen, with some replaced (or, with `null`, removed).
fn claims(world: &World, changes: Value) -> Map<String, Value> {
    let identity = ClientIdentity::X509Hash(world.verifier.chain.clone());
    let prepared =
        RequestBuilder::for_screen(identity, card_query()).build(world.now, &world.entropy).unwrap();
    let object = prepared.request_object(&world.signer()).unwrap();
    let mut claims = claims_of(&object);
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.remove(name),
            value => claims.insert(name.clone(), value.clone()),
        };
    }
    claims
}

fn claims_of(object: &str) -> Map<String, Value> {
    crypto::jws::UnverifiedJws::parse(object).unwrap().dangerous_claims().unwrap()
}

fn signed_by(party: &Party, typ: &str, claims: &Map<String, Value>) -> String {
    HeaderBuilder::new(typ).x5c(&party.chain.to_der()).sign_claims(claims, &party.key).unwrap()
}

fn read(world: &World, object: &str) -> Result<AuthenticatedRequest, E> {
    ScreenRequest::parse(object)?.authenticate(&world.trust(), world.now, &world.policy)
}

fn with(world: &World, changes: Value) -> Result<AuthenticatedRequest, E> {
    read(world, &signed_by(&world.verifier, TYPE, &claims(world, changes)))
}

/// Why it is refused.
fn refusal(world: &World, changes: Value) -> E {
    with(world, changes).err().unwrap()
}

// rule: OQ-1
#[test]
fn what_asks_for_another_way_is_refused_from_a_screen() {
    let world = World::new();
    assert_eq!(with(&world, json!({})).unwrap().screen(), Some(ScreenMode::Request));
    for mode in ["direct_post", "direct_post.jwt", "dc_api", "dc_api.jwt", "fragment", "offline_qr.jwt", ""] {
        assert_eq!(refusal(&world, json!({ "response_mode": mode })), E::ResponseMode, "{mode}");
    }
    assert_eq!(refusal(&world, json!({ "response_mode": null })), E::ResponseMode);
    // The very object of a request over the network.
    let online = world.prepare(card_query()).request_object(&world.signer()).unwrap();
    assert_eq!(read(&world, &online).err(), Some(E::ResponseMode));
}

// rule: OQ-1
#[test]
fn what_asks_for_the_screen_is_refused_from_a_link_and_from_a_browser() {
    let world = World::new();
    let own = claims(&world, json!({}));
    let object = signed_by(&world.verifier, TYPE, &own);
    assert!(read(&world, &object).is_ok());
    // By reference.
    let fetched = world.receive_object(&link(&world.verifier.hash_id()), &object);
    assert_eq!(fetched.err(), Some(E::ResponseMode));
    // By value.
    let by_value = format!("openid4vp://?client_id={}&request={object}", world.verifier.hash_id());
    let Next::Request(request) =
        Invocation::parse(&by_value, &world.policy).unwrap().next(&world.entropy).unwrap()
    else {
        panic!("something to fetch")
    };
    let outcome = request.authenticate(&world.trust(), world.now, &world.policy);
    assert_eq!(outcome.err(), Some(E::ResponseMode));
    // With an address beside it, which would make it a request over the network otherwise.
    let both = claims(&world, json!({ "response_uri": RESPONSE_URI, "state": "abc" }));
    assert_eq!(world.receive_claims(&both).err(), Some(E::ResponseMode));
    // Through the browser.
    let origin = "https://verifier.example";
    let with_origin = claims(&world, json!({ "expected_origins": [origin] }));
    let object = signed_by(&world.verifier, TYPE, &with_origin);
    let request = json!({ "protocol": "openid4vp-v1-signed", "data": { "request": object } }).to_string();
    let request = UnauthenticatedDcApiRequest::parse(request.as_bytes(), origin, &world.policy).unwrap();
    let outcome = request.authenticate(&world.trust(), world.now, &world.policy);
    assert_eq!(outcome.err(), Some(E::ResponseMode));
}

// rule: OQ-4
#[test]
fn a_request_on_a_screen_that_is_not_signed_is_refused_whatever_the_profile_says() {
    let world = World { policy: WARN, ..World::new() };
    let unsigned = |client_id: &str| {
        let header = base64url::encode(json!({ "alg": "none", "typ": TYPE }).to_string().as_bytes());
        let payload = Value::from(claims(&world, json!({ "client_id": client_id }))).to_string();
        format!("{header}.{}.", base64url::encode(payload.as_bytes()))
    };
    for client_id in [world.verifier.hash_id().as_str(), &format!("redirect_uri:{RESPONSE_URI}")] {
        assert_eq!(ScreenRequest::parse(&unsigned(client_id)).err(), Some(E::SignatureMissing));
    }
    for object in ["", "a", "a.b.c", "offline_qr", "openid4vp://?client_id=a"] {
        assert_eq!(ScreenRequest::parse(object).err(), Some(E::RequestObject), "{object}");
    }
}

// rule: OQ-4, VP-R1, VP-R12
#[test]
fn type_audience_and_time_of_a_request_on_a_screen_hold_as_online() {
    let world = World::new();
    let own = claims(&world, json!({}));
    for typ in ["jwt", "oauth-authz-req", "dc+sd-jwt"] {
        let outcome = read(&world, &signed_by(&world.verifier, typ, &own));
        assert_eq!(outcome.err(), Some(E::RequestObjectType), "{typ}");
    }
    let now = world.now.unix_seconds();
    for aud in [json!(null), json!("https://verifier.example"), json!(["a"])] {
        assert_eq!(refusal(&world, json!({ "aud": aud })), E::Audience);
    }
    for times in [
        json!({ "exp": null }),
        json!({ "exp": now - 121 }),
        json!({ "exp": "soon" }),
        json!({ "nbf": now + 121 }),
        json!({ "iat": now + 121 }),
    ] {
        assert_eq!(refusal(&world, times.clone()), E::Time, "{times}");
    }
    for nonce in [json!(null), json!(""), json!("a b")] {
        assert_eq!(refusal(&world, json!({ "nonce": nonce })), E::Nonce);
    }
    assert_eq!(refusal(&world, json!({ "response_type": "code" })), E::ResponseType);
    assert_eq!(refusal(&world, json!({ "client_id": null })), E::ClientIdMissing);
}

// rule: OQ-4
#[test]
fn a_request_on_a_screen_names_no_address_and_no_state() {
    let world = World::new();
    for address in [json!(RESPONSE_URI), json!(1)] {
        assert_eq!(refusal(&world, json!({ "response_uri": address })), E::ResponseUri);
    }
    assert_eq!(refusal(&world, json!({ "redirect_uri": RESPONSE_URI })), E::RedirectUriPresent);
    assert_eq!(refusal(&world, json!({ "state": "abc" })), E::State);
}

// rule: OQ-2
#[test]
fn a_request_on_a_screen_asks_for_the_holders_proof() {
    let world = World::new();
    let bearer = json!({ "credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] },
        "require_cryptographic_holder_binding": false
    }] });
    assert_eq!(refusal(&world, json!({ "dcql_query": bearer })), E::StateMissing);
}

// rule: OQ-4, VP-S3
#[test]
fn a_request_on_a_screen_without_a_key_for_the_answer_is_refused() {
    let world = World::new();
    for metadata in [json!(null), json!({}), json!({ "jwks": { "keys": [] } })] {
        let outcome = refusal(&world, json!({ "client_metadata": metadata }));
        assert_eq!(outcome, E::Encryption, "{metadata}");
    }
}

// rule: OQ-4, VP-C4
#[test]
fn a_request_on_a_screen_whose_certificate_is_not_a_verifiers_is_refused() {
    let world = World::new();
    // An issuer and a registrar, each under the name of its own certificate.
    for party in [&world.issuer, &world.registrar] {
        let own = claims(&world, json!({ "client_id": party.hash_id() }));
        let outcome = read(&world, &signed_by(party, TYPE, &own));
        assert!(matches!(outcome, Err(E::Chain(_))), "{:?}", outcome.err());
    }
    // Under the name of the verifier.
    let own = claims(&world, json!({}));
    let outcome = read(&world, &signed_by(&world.issuer, TYPE, &own));
    assert!(matches!(outcome, Err(E::Chain(_))), "{:?}", outcome.err());
    // The verifier's certificate under another name, with another's signature, or not there.
    let other = claims(&world, json!({ "client_id": world.issuer.hash_id() }));
    let outcome = read(&world, &signed_by(&world.verifier, TYPE, &other));
    assert_eq!(outcome.err(), Some(E::CertificateHash));
    let header = HeaderBuilder::new(TYPE).x5c(&world.verifier.chain.to_der());
    let forged = header.sign_claims(&own, &world.issuer.key).unwrap();
    assert_eq!(read(&world, &forged).err(), Some(E::Signature));
    let bare = HeaderBuilder::new(TYPE).sign_claims(&own, &world.verifier.key).unwrap();
    assert_eq!(read(&world, &bare).err(), Some(E::Certificate));
}

// rule: OQ-4
#[test]
fn only_an_authenticated_client_asks_on_a_screen() {
    let signs = Signs::new();
    let did = format!("decentralized_identifier:{}", signs.did_jwk());
    let kid = format!("{}#0", signs.did_jwk());
    let own = claims(&signs.world, json!({ "client_id": did }));
    let object = HeaderBuilder::new(TYPE).kid(&kid).sign_claims(&own, &signs.key).unwrap();
    // Online the profile lets a key that it does not know ask, with a warning.
    assert!(signs.did(&signs.did_jwk(), &kid).is_ok());
    let request = ScreenRequest::parse(&object).unwrap();
    assert_eq!(request.claimed_client_id().as_str(), did);
    let outcome = request.authenticate(&signs.world.trust(), signs.world.now, &WARN);
    assert_eq!(outcome.err(), Some(E::Unauthenticated));
    // Before anything is fetched for it: a screen makes the wallet call nobody whom the profile does not know.
    let stranger = "decentralized_identifier:did:web:stranger.example";
    let own = claims(&signs.world, json!({ "client_id": stranger }));
    for (kid, own) in
        [("did:web:stranger.example#k", own), (&kid, claims(&signs.world, json!({ "client_id": did })))]
    {
        let object = HeaderBuilder::new(TYPE).kid(kid).sign_claims(&own, &signs.key).unwrap();
        let outcome = ScreenRequest::parse(&object).unwrap().resolve(&signs.world.trust(), &WARN);
        assert_eq!(outcome.err(), Some(E::DidUnknown), "{kid}");
    }
}

// rule: OQ-4, VP-C5
#[test]
fn a_client_whose_key_has_to_be_fetched_is_looked_up_first() {
    let mut signs = Signs::new();
    let did = "did:web:v.example";
    signs.world.known.dids.push(KnownDid { did: did.to_owned(), name: name("Rental") });
    let client_id = format!("decentralized_identifier:{did}");
    let own = claims(&signs.world, json!({ "client_id": client_id }));
    let kid = format!("{did}#k");
    let object = HeaderBuilder::new(TYPE).kid(&kid).sign_claims(&own, &signs.key).unwrap();
    let trust = signs.world.trust();
    let request = || ScreenRequest::parse(&object).unwrap();
    // Without a network the request cannot be authenticated.
    let outcome = request().authenticate(&trust, signs.world.now, &signs.world.policy);
    assert_eq!(outcome.err(), Some(E::DidDocument));
    let Resolution::Fetch(fetch) = request().resolve(&trust, &signs.world.policy).unwrap() else {
        panic!("nothing to fetch")
    };
    assert_eq!(fetch.request().url.as_str(), "https://v.example/.well-known/did.json");
    let method = json!({ "id": kid, "type": "JsonWebKey", "controller": did, "publicKeyJwk": signs.jwk() });
    let document = json!({ "id": did, "verificationMethod": [method] });
    let response = Response::of_json(200, &document).with_header("content-type", "application/did+json");
    let request = fetch.receive(&response).unwrap();
    let request = request.authenticate(&trust, signs.world.now, &signs.world.policy).unwrap();
    assert_eq!(request.client().known_name(), Some(&name("Rental")));
}

// rule: OQ-4, VP-S5
#[test]
fn metadata_that_is_known_is_not_sent_again_on_a_screen() {
    let mut signs = Signs::new();
    let metadata = claims(&signs.world, json!({}))["client_metadata"].clone();
    let keys = Jwks::new(vec![PublicJwk::new(signs.key.public_key())]);
    let uris = vec![RESPONSE_URI.to_owned()];
    let client = KnownClient::new("rental", name("Rental"), uris, keys, Some(&metadata)).unwrap();
    signs.world.known.clients.push(client);
    let outcome = |metadata: Value| {
        let own = claims(&signs.world, json!({ "client_id": "rental", "client_metadata": metadata }));
        read(&signs.world, &HeaderBuilder::new(TYPE).sign_claims(&own, &signs.key).unwrap())
    };
    assert!(outcome(json!(null)).unwrap().objection().is_none());
    assert_eq!(outcome(metadata).err(), Some(E::ClientMetadataKnown));
}

// rule: OQ-4, VP-S5
#[test]
fn formats_that_the_verifier_itself_excludes_are_refused_on_a_screen() {
    let world = World::new();
    let mut metadata = claims(&world, json!({}))["client_metadata"].clone();
    metadata["vp_formats_supported"] = json!({ "mso_mdoc": {} });
    // An error has no way back.
    assert_eq!(refusal(&world, json!({ "client_metadata": metadata })), E::Formats);
}

// rule: OQ-4, VP-R13
#[test]
fn a_registration_on_a_screen_is_that_of_the_client() {
    let world = World::new();
    let receive = |registration: &trust::registration::Registration| {
        let identity = ClientIdentity::X509Hash(world.verifier.chain.clone());
        let prepared = RequestBuilder::for_screen(identity, card_query())
            .registration(world.sign_registration(registration))
            .build(world.now, &world.entropy)
            .unwrap();
        read(&world, &prepared.request_object(&world.signer()).unwrap())
    };
    let own = world.registration();
    let request = receive(&own).unwrap();
    assert_eq!(request.registrations().next().unwrap().registration().name.en, "name");
    assert_eq!(request.over_asked(), Some(Vec::new()));
    let verifier = trust::registration::RegisteredVerifier::of_certificate(world.issuer.chain.leaf());
    let outcome = receive(&trust::registration::Registration { verifier, ..own });
    assert!(matches!(outcome, Err(E::Registration(_))), "{:?}", outcome.err());
}

const PAY: TransactionType = TransactionType {
    name: "urn:test:pay",
    fits: |members| members.len() == 1 && members.contains_key("amount"),
    element: ("org.example.transaction", "pay_hashes"),
};

// rule: OQ-4, VP-T1, VP-T2
#[test]
fn a_transaction_is_approved_on_a_screen_as_online() {
    let policy = Policy { transactions: &[PAY], ..Policy::STRICT };
    let world = World { policy, ..World::new() };
    let prepare = |amount: i64| {
        let identity = ClientIdentity::X509Hash(world.verifier.chain.clone());
        let details = Map::from_iter([("amount".to_owned(), amount.into())]);
        let builder = RequestBuilder::for_screen(identity, card_query()).transaction(PAY, ["card"], details);
        builder.build(world.now, &world.entropy).unwrap()
    };
    let prepared = prepare(1000);
    let object = prepared.request_object(&world.signer()).unwrap();
    let request = read(&world, &object).unwrap();
    assert_eq!(request.transactions().len(), 1);
    let solution = request.solve(&world.holdings());
    let selection = solution.required_only().unwrap();
    let response =
        request.respond(&solution, &selection, &[world.card_copy()], world.now, &world.entropy).unwrap();
    let shown = response.into_delivery().into_screen().unwrap();
    let check = |vp_token: &Map<String, Value>| {
        prepared.session().validate_screen(vp_token, world.now, &world.issuers, world.now)
    };
    assert_eq!(check(&shown.vp_token).unwrap().presentations[0].approved.len(), 1);
    // The same credential, proof and moment without the approval.
    let nonce = claims_of(&object)["nonce"].as_str().unwrap().to_owned();
    let binding = KeyBinding {
        audience: request.client().id().as_str(),
        nonce: &nonce,
        issued_at: world.now,
        transaction_data: TransactionData::default(),
    };
    let paths = [["name"].as_slice(), &["address", "city"]];
    let paths = paths.map(|path| ClaimPath::of_names(path.iter().copied()).unwrap());
    let unapproved =
        world.card.select(&paths).unwrap().with_key_binding(&binding, &world.holder_key).unwrap();
    let vp_token = Map::from_iter([("card".to_owned(), json!([unapproved]))]);
    assert_eq!(check(&vp_token).err(), Some(ResponseError::Transaction));
}
