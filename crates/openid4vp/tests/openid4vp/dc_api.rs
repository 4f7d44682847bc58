//! Requests over the Digital Credentials API: what is answered, what is refused, and what goes back (VP-A1 to VP-A4, VP-H4).

use crate::support::*;
use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, Signer};
use openid4vp::dc_api::Protocol;
use openid4vp::holder::{
    AuthenticatedRequest, Delivery, Policy, RequestError as E, Unauthenticated, UnauthenticatedDcApiRequest,
};
use primitives::base64url;
use serde_json::{Map, Value, json};

const ORIGIN: &str = "https://verifier.example";
const WARN: Policy = Policy { unauthenticated: Unauthenticated::Warn, ..Policy::STRICT };

/// The parameters of a good request, with some members replaced (or, with `null`, removed).
fn parameters(changes: Value) -> Map<String, Value> {
    let asked = json!({
        "response_type": "vp_token",
        "response_mode": "dc_api",
        "nonce": "n-0S6_WzA2Mj",
        "expected_origins": [ORIGIN],
        "dcql_query": { "credentials": [{
            "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }]
        }] },
    });
    let mut asked = asked.as_object().unwrap().clone();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => asked.remove(name),
            value => asked.insert(name.clone(), value.clone()),
        };
    }
    asked
}

fn authenticate(
    world: &World,
    request: &Value,
    origin: &str,
    policy: &Policy,
) -> Result<AuthenticatedRequest, E> {
    let text = json!({ "digital": { "requests": [request] } }).to_string();
    UnauthenticatedDcApiRequest::parse(text.as_bytes(), origin, policy)?.authenticate(
        &world.trust(),
        world.now,
        policy,
    )
}

fn unsigned(world: &World, changes: Value) -> Result<AuthenticatedRequest, E> {
    let request = json!({ "protocol": "openid4vp-v1-unsigned", "data": parameters(changes) });
    authenticate(world, &request, ORIGIN, &WARN)
}

fn header(party: &Party) -> HeaderBuilder {
    HeaderBuilder::new("oauth-authz-req+jwt").x5c(&party.chain.to_der())
}

fn signed_data(world: &World, changes: Value) -> Value {
    let mut claims = parameters(json!({ "client_id": world.verifier.hash_id() }));
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.remove(name),
            value => claims.insert(name.clone(), value.clone()),
        };
    }
    json!({ "request": header(&world.verifier).sign_claims(&claims, &world.verifier.key).unwrap() })
}

fn signed(world: &World, changes: Value) -> Result<AuthenticatedRequest, E> {
    let request = json!({ "protocol": "openid4vp-v1-signed", "data": signed_data(world, changes) });
    authenticate(world, &request, ORIGIN, &Policy::STRICT)
}

/// One signature of a multi-signed request, its protected header with these members beside.
fn signature(party: &Party, claims: &Map<String, Value>, members: Value) -> Value {
    let mut own = header(party);
    for (name, value) in members.as_object().unwrap() {
        own = own.member(name, value.clone());
    }
    let compact = own.sign_claims(claims, &party.key).unwrap();
    let parts: Vec<&str> = compact.split('.').collect();
    json!({ "protected": parts[0], "signature": parts[2] })
}

fn multi_signed(
    world: &World,
    claims: &Map<String, Value>,
    signatures: Value,
) -> Result<AuthenticatedRequest, E> {
    let payload = base64url::encode(Value::Object(claims.clone()).to_string().as_bytes());
    let data = json!({ "request": { "payload": payload, "signatures": signatures } });
    authenticate(
        world,
        &json!({ "protocol": "openid4vp-v1-multisigned", "data": data }),
        ORIGIN,
        &Policy::STRICT,
    )
}

/// The claims of the key binding of the one presentation in an answer.
fn key_binding(data: &Map<String, Value>) -> Map<String, Value> {
    let presentation = data["vp_token"]["card"][0].as_str().unwrap();
    let proof = presentation.rsplit('~').next().unwrap();
    crypto::jws::UnverifiedJws::parse(proof).unwrap().dangerous_claims().unwrap()
}

fn answer(world: &World, request: &AuthenticatedRequest) -> openid4vp::dc_api::DcApiResponse {
    let solution = request.solve(&world.holdings());
    let selection = solution.required_only().unwrap();
    let response =
        request.respond(&solution, &selection, &[world.card_copy()], world.now, &world.entropy).unwrap();
    response.into_delivery().into_dc_api().unwrap()
}

// rule: VP-A1, VP-A2, VP-A4
#[test]
fn an_unsigned_request_is_answered_to_its_origin_whatever_client_it_names() {
    let world = World::new();
    let named = json!({ "client_id": "x509_hash:anybody", "expected_origins": ["https://other.example"], "state": "s s", "response_uri": 5 });
    for changes in [json!({}), json!({ "expected_origins": null }), named] {
        let request = unsigned(&world, changes).unwrap();
        assert_eq!(request.client().id().as_str(), "origin:https://verifier.example");
        assert!(!request.client().is_authenticated());
        assert_eq!(request.origin().unwrap().as_str(), ORIGIN);
        assert_eq!(request.response_uri(), None);
        assert_eq!(request.destination(), ORIGIN);
        let response = answer(&world, &request);
        assert_eq!(response.protocol(), Protocol::Unsigned);
        assert_eq!(response.to_json()["protocol"], "openid4vp-v1-unsigned");
        assert_eq!(response.data().keys().collect::<Vec<_>>(), ["vp_token"]);
        assert_eq!(key_binding(response.data())["aud"], "origin:https://verifier.example");
    }
}

// rule: VP-A2
#[test]
fn an_unsigned_request_is_for_profiles_that_let_it() {
    let world = World::new();
    let request = json!({ "protocol": "openid4vp-v1-unsigned", "data": parameters(json!({})) });
    assert_eq!(authenticate(&world, &request, ORIGIN, &Policy::STRICT).unwrap_err(), E::Unauthenticated);
}

// rule: VP-A2, VP-A4, VP-H1
#[test]
fn a_signed_request_has_an_authenticated_client_and_its_audience_is_the_origin() {
    let world = World::new();
    let request = signed(&world, json!({ "aud": "https://self-issued.me/v2", "iss": "anybody" })).unwrap();
    assert_eq!(request.client().id().as_str(), world.verifier.hash_id());
    assert_eq!(request.client().certified_name(), Some("Verifier"));
    assert_eq!(request.destination(), ORIGIN);
    let response = answer(&world, &request);
    assert_eq!(response.to_json()["protocol"], "openid4vp-v1-signed");
    assert_eq!(key_binding(response.data())["aud"], "origin:https://verifier.example");
    assert_eq!(key_binding(response.data())["nonce"], "n-0S6_WzA2Mj");
}

// rule: VP-A2
#[test]
fn a_signed_request_for_another_origin_is_refused() {
    let world = World::new();
    let refused =
        |origins: Value| signed(&world, json!({ "expected_origins": origins })).map(drop).unwrap_err();
    for origins in [
        json!(["https://other.example"]),
        json!(["https://verifier.example/"]),
        json!(["https://VERIFIER.example"]),
        json!(["https://verifier.example:443"]),
        json!([" https://verifier.example"]),
        json!(["android:apk-key-hash:abc"]),
    ] {
        assert!(matches!(refused(origins.clone()), E::OriginMismatch | E::ExpectedOrigins), "{origins}");
    }
    assert_eq!(refused(json!(["https://other.example"])), E::OriginMismatch);
    for origins in [json!(null), json!([]), json!(ORIGIN), json!([ORIGIN, 1]), json!({ "a": ORIGIN })] {
        assert_eq!(refused(origins.clone()), E::ExpectedOrigins, "{origins}");
    }
    for unsafe_one in ["http://verifier.example", "ftp://a", "javascript:a", "data:a", "ws://a", "WSS://a"] {
        assert_eq!(refused(json!([ORIGIN, unsafe_one])), E::ExpectedOrigins, "{unsafe_one}");
    }
    assert!(signed(&world, json!({ "expected_origins": ["https://other.example", ORIGIN] })).is_ok());
    // Origins of applications may stand beside ours; none is equal to it.
    for beside in ["android:apk-key-hash:abc", "com.example.verifier", "no scheme", ""] {
        assert!(signed(&world, json!({ "expected_origins": [beside, ORIGIN] })).is_ok(), "{beside}");
        assert_eq!(refused(json!([beside])), E::OriginMismatch, "{beside}");
    }
}

// rule: VP-A2
#[test]
fn no_origin_but_that_of_a_site_may_ask() {
    let world = World::new();
    let request = json!({ "protocol": "openid4vp-v1-signed", "data": signed_data(&world, json!({})) });
    for origin in
        ["http://verifier.example", "javascript:1", "data:,", "null", "https://verifier.example/", ""]
    {
        assert_eq!(authenticate(&world, &request, origin, &WARN).unwrap_err(), E::Origin, "{origin}");
    }
}

// rule: VP-A2
#[test]
fn a_signed_request_over_the_api_is_checked_like_any_other() {
    let world = World::new();
    let refused = |changes: Value| signed(&world, changes).map(drop).unwrap_err();
    assert_eq!(refused(json!({ "client_id": null })), E::ClientIdMissing);
    assert_eq!(refused(json!({ "client_id": "x509_hash:other" })), E::CertificateHash);
    assert_eq!(refused(json!({ "client_id": "origin:https://verifier.example" })), E::PrefixOrigin);
    assert_eq!(
        refused(json!({ "client_id": "redirect_uri:https://verifier.example" })),
        E::SignatureExcluded
    );
    assert_eq!(refused(json!({ "client_id": "nonsense:x" })), E::PrefixUnknown);
    assert_eq!(refused(json!({ "aud": "https://other.example" })), E::Audience);
    assert_eq!(refused(json!({ "exp": world.now.unix_seconds() - 500 })), E::Time);
    assert_eq!(refused(json!({ "nonce": null })), E::Nonce);
    assert_eq!(refused(json!({ "dcql_query": null })), E::QueryMissing);
    assert_eq!(refused(json!({ "response_type": "code" })), E::ResponseType);

    let claims = parameters(json!({ "client_id": world.verifier.hash_id() }));
    let stranger = PrivateKey::generate(&world.entropy).unwrap();
    let sign = |header: HeaderBuilder, key: &PrivateKey| {
        let object = header.sign_claims(&claims, key).unwrap();
        let request = json!({ "protocol": "openid4vp-v1-signed", "data": { "request": object } });
        authenticate(&world, &request, ORIGIN, &Policy::STRICT).map(drop)
    };
    assert!(sign(header(&world.verifier), &world.verifier.key).is_ok());
    assert_eq!(sign(header(&world.verifier), &stranger).unwrap_err(), E::Signature);
    assert_eq!(
        sign(HeaderBuilder::new("oauth-authz-req+jwt"), &world.verifier.key).unwrap_err(),
        E::Certificate
    );
    let wrong_type = HeaderBuilder::new("JWT").x5c(&world.verifier.chain.to_der());
    assert_eq!(sign(wrong_type, &world.verifier.key).unwrap_err(), E::RequestObjectType);

    for data in [json!({}), json!({ "request": {} }), json!(parameters(json!({})))] {
        let request = json!({ "protocol": "openid4vp-v1-signed", "data": data });
        assert_eq!(authenticate(&world, &request, ORIGIN, &WARN).unwrap_err(), E::DcApi);
    }
}

// rule: VP-A4
#[test]
fn only_the_response_modes_of_the_api_are_answered() {
    let world = World::new();
    for mode in
        [json!(null), json!("direct_post"), json!("direct_post.jwt"), json!("fragment"), json!("dc_api.JWT")]
    {
        assert_eq!(
            unsigned(&world, json!({ "response_mode": mode })).unwrap_err(),
            E::ResponseMode,
            "{mode}"
        );
        assert_eq!(signed(&world, json!({ "response_mode": mode })).unwrap_err(), E::ResponseMode, "{mode}");
    }
    // Encryption that is asked for and impossible is no reason to answer in the clear.
    assert_eq!(unsigned(&world, json!({ "response_mode": "dc_api.jwt" })).unwrap_err(), E::Encryption);
}

// rule: VP-A4, VP-S3, VP-S5, HA-8
#[test]
fn an_encrypted_answer_is_the_single_member_response_and_a_refusal_the_single_member_error() {
    let world = World::new();
    let key = PrivateKey::generate(&world.entropy).unwrap();
    let jwk = crypto::PublicJwk::new(key.public_key()).with_kid("1").with_alg("ECDH-ES").with_use("enc");
    let metadata = json!({ "jwks": { "keys": [jwk.to_value()] }, "encrypted_response_enc_values_supported": ["A256GCM"] });
    let request =
        signed(&world, json!({ "response_mode": "dc_api.jwt", "client_metadata": metadata, "state": "s" }))
            .unwrap();
    let response = answer(&world, &request);
    assert_eq!(response.data().keys().collect::<Vec<_>>(), ["response"]);
    let jwe = crypto::jwe::Jwe::parse(response.data()["response"].as_str().unwrap()).unwrap();
    assert_eq!(jwe.kid(), Some("1"));
    let payload: Value = serde_json::from_slice(jwe.decrypt(&key).unwrap().expose()).unwrap();
    assert_eq!(payload.as_object().unwrap().keys().collect::<Vec<_>>(), ["vp_token"]);

    let Delivery::DcApi(refusal) = request.decline(&world.entropy) else { panic!("posted") };
    assert_eq!(
        refusal.to_json(),
        json!({ "protocol": "openid4vp-v1-signed", "data": { "error": "access_denied" } })
    );
}

// rule: VP-A3
#[test]
fn of_several_signatures_one_that_holds_and_is_trusted_suffices() {
    let world = World::new();
    let claims = parameters(json!({}));
    let ours = signature(&world.verifier, &claims, json!({ "client_id": world.verifier.hash_id() }));
    // Under a root that the profile does not know.
    let untrusted = signature(&world.issuer, &claims, json!({ "client_id": world.issuer.hash_id() }));
    let mut damaged = ours.clone();
    damaged["signature"] = untrusted["signature"].clone();
    for signatures in [
        json!([ours]),
        json!([untrusted, ours]),
        json!([ours, untrusted]),
        json!([damaged, ours]),
        json!([{ "protected": "e30", "signature": "" }, ours]),
    ] {
        let request = multi_signed(&world, &claims, signatures).unwrap();
        assert_eq!(request.client().id().as_str(), world.verifier.hash_id());
        let response = answer(&world, &request);
        assert_eq!(response.to_json()["protocol"], "openid4vp-v1-multisigned");
        assert_eq!(key_binding(response.data())["aud"], "origin:https://verifier.example");
    }
    assert_eq!(multi_signed(&world, &claims, json!([damaged])).unwrap_err(), E::Signature);
    assert!(matches!(multi_signed(&world, &claims, json!([untrusted])).unwrap_err(), E::Chain(_)));
    // The flattened form holds one signature only, and is not that of appendix A.3.2.
    let payload = base64url::encode(Value::Object(claims.clone()).to_string().as_bytes());
    let mut flattened = ours.clone();
    flattened["payload"] = json!(payload);
    let request = json!({ "protocol": "openid4vp-v1-multisigned", "data": { "request": flattened } });
    assert_eq!(authenticate(&world, &request, ORIGIN, &Policy::STRICT).unwrap_err(), E::RequestObject);
    for none in [json!([]), json!(null), json!({}), json!([1])] {
        assert_eq!(multi_signed(&world, &claims, none.clone()).unwrap_err(), E::RequestObject, "{none}");
    }
}

// rule: VP-A3
#[test]
fn in_a_multi_signed_request_the_client_stands_in_the_protected_header_only() {
    let world = World::new();
    let id = world.verifier.hash_id();
    let nameless = parameters(json!({}));
    let signatures = json!([signature(&world.verifier, &nameless, json!({}))]);
    assert_eq!(multi_signed(&world, &nameless, signatures).unwrap_err(), E::ClientIdMissing);
    let named = parameters(json!({ "client_id": id }));
    let signatures = json!([signature(&world.verifier, &named, json!({}))]);
    assert_eq!(multi_signed(&world, &named, signatures).unwrap_err(), E::ClientIdMissing);
    let signatures = json!([signature(&world.verifier, &named, json!({ "client_id": id }))]);
    assert_eq!(multi_signed(&world, &named, signatures).unwrap_err(), E::SharedClientId);
    // An unprotected header is nobody's word.
    let mut unprotected = signature(&world.verifier, &nameless, json!({}));
    unprotected["header"] = json!({ "client_id": id });
    assert_eq!(multi_signed(&world, &nameless, json!([unprotected])).unwrap_err(), E::ClientIdMissing);
    let other = json!([signature(&world.verifier, &nameless, json!({ "client_id": "x509_hash:other" }))]);
    assert_eq!(multi_signed(&world, &nameless, other).unwrap_err(), E::CertificateHash);
    let expected = parameters(json!({ "expected_origins": ["https://other.example"] }));
    let signatures = json!([signature(&world.verifier, &expected, json!({ "client_id": id }))]);
    assert_eq!(multi_signed(&world, &expected, signatures).unwrap_err(), E::OriginMismatch);
}

// rule: VP-A3, VP-R13
#[test]
fn in_a_multi_signed_request_each_signer_brings_its_own_registration() {
    let world = World::new();
    let id = world.verifier.hash_id();
    let registered = world.sign_registration(&world.registration());
    let info = json!([{ "format": trust::registration::REGISTRATION_FORMAT, "data": registered }]);
    let claims = parameters(json!({}));
    let own = json!([signature(&world.verifier, &claims, json!({ "client_id": id, "verifier_info": info }))]);
    assert!(multi_signed(&world, &claims, own).unwrap().registrations().count() == 1);
    let shared = parameters(json!({ "verifier_info": info }));
    let signatures = json!([signature(&world.verifier, &shared, json!({ "client_id": id }))]);
    assert!(multi_signed(&world, &shared, signatures).unwrap().registrations().count() == 0);
    let expired = trust::registration::Registration { expires_at: world.now, ..world.registration() };
    let expired = world.sign_registration(&expired);
    let over = json!([{ "format": trust::registration::REGISTRATION_FORMAT, "data": expired }]);
    let bad = signature(&world.verifier, &claims, json!({ "client_id": id, "verifier_info": over }));
    assert!(matches!(multi_signed(&world, &claims, json!([bad])).unwrap_err(), E::Registration(_)));
}

// rule: VP-A1, VP-A2
#[test]
fn a_signed_request_beside_an_unsigned_one_is_taken_where_only_it_may_ask() {
    let world = World::new();
    let requests = json!({ "digital": { "requests": [
        { "protocol": "openid4vp-v1-unsigned", "data": parameters(json!({})) },
        { "protocol": "openid4vp-v1-signed", "data": signed_data(&world, json!({})) },
    ] } });
    for (policy, protocol) in [(Policy::STRICT, Protocol::Signed), (WARN, Protocol::Unsigned)] {
        let request =
            UnauthenticatedDcApiRequest::parse(requests.to_string().as_bytes(), ORIGIN, &policy).unwrap();
        assert_eq!(request.protocol(), protocol);
        assert!(request.authenticate(&world.trust(), world.now, &policy).is_ok());
    }
}

// rule: VP-S5
#[test]
fn each_fault_has_its_name_in_the_protocol() {
    for (error, name) in [
        (E::Nonce, Some("invalid_request")),
        (E::OriginMismatch, Some("invalid_request")),
        (E::Query(dcql::QueryError::Empty), Some("invalid_request")),
        (E::RequestUriMethod, Some("invalid_request_uri_method")),
        (E::ClientMetadataKnown, Some("invalid_client")),
        (E::Formats, Some("vp_formats_not_supported")),
        (E::TransactionDataMalformed, Some("invalid_transaction_data")),
        (E::TransactionDataUnsupported, Some("invalid_transaction_data")),
        (E::TransactionDataCredentials, Some("invalid_transaction_data")),
        // The request itself is none of these.
        (E::FetchStatus, None),
        (E::FetchContentType, None),
        (E::Entropy(primitives::EntropyUnavailable), None),
    ] {
        assert_eq!(error.protocol_error(), name, "{error:?}");
    }
}

// rule: VP-A1
#[test]
fn what_is_no_request_of_the_api_is_refused() {
    let world = World::new();
    let parse = |text: &str| {
        UnauthenticatedDcApiRequest::parse(text.as_bytes(), ORIGIN, &WARN).map(drop).unwrap_err()
    };
    for text in [
        "",
        "{}",
        "[]",
        "openid4vp://?client_id=a",
        r#"{"digital":{"requests":[{"protocol":"org-iso-mdoc","data":{}}]}}"#,
    ] {
        assert_eq!(parse(text), E::DcApi, "{text}");
    }
    let request = json!({ "protocol": "openid4vp-v1-unsigned", "data": "text" });
    assert_eq!(authenticate(&world, &request, ORIGIN, &WARN).unwrap_err(), E::DcApi);
}

#[test]
fn the_replay_key_tells_origins_apart() {
    let world = World::new();
    let request = json!({ "protocol": "openid4vp-v1-unsigned", "data": parameters(json!({})) });
    let key = |origin: &str| authenticate(&world, &request, origin, &WARN).unwrap().replay_key();
    assert_eq!(key(ORIGIN), key(ORIGIN));
    assert_ne!(key(ORIGIN), key("https://other.example"));
}
