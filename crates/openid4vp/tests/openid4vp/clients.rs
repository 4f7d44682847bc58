//! Clients that a DID or an attestation vouches for (VP-C5, VP-C6, VP-C9, VP-R13, VP-R15).

use crate::support::signs::*;
use crate::support::*;
use crypto::jws::HeaderBuilder;
use crypto::{Jwks, PrivateKey, PublicJwk, Signer};
use openid4vp::holder::{
    AttestationFault as Fault, Attester, AttesterKeys, AuthenticatedRequest, Invocation, KeySource, KnownDid,
    Next, Policy, RequestError as E, Resolution,
};
use openid4vp::limits;
use primitives::Refusal;
use primitives::http::Response;
use serde_json::{Value, json};
use trust::registration::RegisteredVerifier;

// rule: VP-C5
#[test]
fn a_did_signs_with_the_key_that_kid_names() {
    let signs = Signs::new();
    let did = signs.did_jwk();
    let kid = format!("{did}#0");
    assert!(signs.did(&did, &kid).is_ok());
    assert!(signs.did(&did, "#0").is_ok());
    for other in ["#1", "", &did, "did:jwk:other#0"] {
        assert_eq!(signs.did(&did, other).map(|_| ()), Err(E::DidKey), "{other}");
    }
    let client_id = format!("decentralized_identifier:{did}");
    let nameless = signs.receive(&client_id, HeaderBuilder::new(TYPE), &signs.key);
    assert_eq!(nameless.unwrap_err(), E::DidKey);
    let another = signs.receive(&client_id, HeaderBuilder::new(TYPE).kid(&kid), &signs.world.issuer.key);
    assert_eq!(another.as_ref().unwrap_err(), &E::SignatureOf(KeySource::Did));
    assert_eq!(another.unwrap_err().rule(), "VP-C5");
    let typed = signs.receive(&client_id, HeaderBuilder::new("JWT").kid(&kid), &signs.key);
    assert_eq!(typed.unwrap_err(), E::RequestObjectType);
    // A certificate in the header says nothing of a DID.
    let certified = HeaderBuilder::new(TYPE).kid(&kid).x5c(&signs.world.verifier.chain.to_der());
    let refused = signs.receive(&client_id, certified, &signs.world.verifier.key);
    assert_eq!(refused.unwrap_err(), E::SignatureOf(KeySource::Did));
}

// rule: VP-C5
#[test]
fn did_key_is_taken_and_other_methods_are_not() {
    let signs = Signs::new();
    let sec1 = signs.key.public_key().to_sec1();
    let mut bytes = vec![0x80, 0x24, 0x02 + (sec1[64] & 1)];
    bytes.extend_from_slice(&sec1[1..33]);
    let text = format!("z{}", bs58::encode(bytes).into_string());
    let did = format!("did:key:{text}");
    assert!(signs.did(&did, &format!("{did}#{text}")).is_ok());
    assert_eq!(signs.did("did:example:1", "did:example:1#0").unwrap_err(), E::DidMethod);
    assert_eq!(signs.did("web:v.example", "#0").unwrap_err(), E::DidMalformed);
}

// rule: VP-C5
#[test]
fn an_unknown_did_is_authenticated_by_nobody_and_asks_only_where_the_profile_lets_it() {
    let mut signs = Signs::new();
    let did = signs.did_jwk();
    let request = signs.did(&did, "#0").unwrap();
    assert!(!request.client().is_authenticated() && request.client().is_signed());
    assert_eq!(request.client().known_name(), None);
    signs.world.policy = Policy::STRICT;
    assert_eq!(signs.did(&did, "#0").unwrap_err(), E::DidUnknown);
    signs.world.known.dids.push(KnownDid { did: did.clone(), name: name("Rental") });
    let request = signs.did(&did, "#0").unwrap();
    assert!(request.client().is_authenticated());
    assert_eq!(request.client().known_name(), Some(&name("Rental")));
    // Another DID stays unknown.
    signs.world.known.dids[0].did = "did:web:v.example".to_owned();
    assert_eq!(signs.did(&did, "#0").unwrap_err(), E::DidUnknown);
}

fn web(signs: &Signs, response: &Response, kid: &str) -> Result<AuthenticatedRequest, E> {
    let client_id = "decentralized_identifier:did:web:v.example:rental";
    let object = HeaderBuilder::new(TYPE).kid(kid);
    let object = object.sign_claims(&signs.claims(client_id, json!({})), &signs.key).unwrap();
    let world = &signs.world;
    let Next::Fetch(fetch) = Invocation::parse(&link(client_id), &world.policy)?.next(&world.entropy)? else {
        panic!("nothing to fetch")
    };
    let request = fetch.receive(&object_response(&object))?;
    let Resolution::Fetch(fetch) = request.resolve(&world.trust(), &world.policy)? else {
        panic!("no document to fetch")
    };
    assert_eq!(fetch.request().url.as_str(), "https://v.example/rental/did.json");
    fetch.receive(response)?.authenticate(&world.trust(), world.now, &world.policy)
}

// rule: VP-C5
#[test]
fn the_document_of_a_did_web_is_fetched_and_holds_the_key() {
    let signs = Signs::new();
    let did = "did:web:v.example:rental";
    let document = |id: &str, jwk: &Value| {
        let method = json!({ "id": format!("{did}#k"), "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": jwk });
        Response::of_json(200, &json!({ "id": id, "verificationMethod": [method] }))
    };
    let good = document(did, &signs.jwk());
    assert!(web(&signs, &good, &format!("{did}#k")).is_ok());
    assert_eq!(web(&signs, &good, &format!("{did}#other")).unwrap_err(), E::DidKey);
    assert_eq!(web(&signs, &document("did:web:v.example", &signs.jwk()), "#k").unwrap_err(), E::DidDocument);
    let missing = Response::of_json(404, &json!({ "id": did }));
    assert_eq!(web(&signs, &missing, "#k").unwrap_err(), E::DidDocument);
    let other = PublicJwk::new(signs.world.issuer.key.public_key()).to_value();
    assert_eq!(web(&signs, &document(did, &other), "#k").unwrap_err(), E::SignatureOf(KeySource::Did));
    // Without the document there is no key, and a profile that refuses the DID does not fetch it.
    let strict = Signs { world: World { policy: Policy::STRICT, ..World::new() }, key: signs.key };
    assert_eq!(web(&strict, &good, "#k").unwrap_err(), E::DidUnknown);
    let unresolved = strict.world;
    let unresolved = Signs { world: World { policy: WARN, ..unresolved }, key: strict.key };
    assert_eq!(unresolved.did(did, "#k").unwrap_err(), E::DidDocument);
}

// rule: VP-C5
#[test]
fn a_did_that_does_not_sign_is_refused_before_anything_is_fetched() {
    let world = World { policy: WARN, ..World::new() };
    let query = serde_json::to_string(card_query().as_wire()).unwrap();
    let link = format!(
        "openid4vp://?client_id=decentralized_identifier:did:web:v.example&response_type=vp_token\
         &response_mode=direct_post&nonce=n&response_uri={RESPONSE_URI}&dcql_query={query}"
    );
    let Next::Request(request) = Invocation::parse(&link, &WARN).unwrap().next(&world.entropy).unwrap()
    else {
        panic!("something to fetch")
    };
    assert_eq!(request.resolve(&world.trust(), &WARN).map(|_| ()).unwrap_err(), E::SignatureMissing);
}

// rule: VP-C9, VP-H1
#[test]
fn the_whole_client_identifier_is_the_audience() {
    let signs = Signs::new();
    let did = signs.did_jwk();
    let request = signs
        .receive_with(
            &format!("decentralized_identifier:{did}"),
            HeaderBuilder::new(TYPE).kid("#0"),
            &signs.key,
            json!({ "response_mode": "direct_post" }),
        )
        .unwrap();
    let answer = signs.world.answer(&request, &[signs.world.card_copy()]);
    let fields = form(&answer);
    let (_, token) = fields.iter().find(|(name, _)| name == "vp_token").unwrap();
    let token: Value = serde_json::from_str(token).unwrap();
    let binding = token["card"][0].as_str().unwrap().rsplit('~').next().unwrap().to_owned();
    let claims = crypto::jws::UnverifiedJws::parse(&binding).unwrap().dangerous_claims().unwrap();
    assert_eq!(claims["aud"], json!(format!("decentralized_identifier:{did}")));
}

// rule: VP-R13
#[test]
fn a_registration_is_bound_to_the_did_that_signed() {
    let signs = Signs::new();
    let client_id = format!("decentralized_identifier:{}", signs.did_jwk());
    let with = |verifier: RegisteredVerifier| {
        let registration = trust::registration::Registration { verifier, ..signs.world.registration() };
        let info =
            json!([{ "format": "registration_cert", "data": signs.world.sign_registration(&registration) }]);
        let header = HeaderBuilder::new(TYPE).kid("#0");
        signs.receive_with(&client_id, header, &signs.key, json!({ "verifier_info": info }))
    };
    assert!(with(RegisteredVerifier::ClientId(client_id.clone())).unwrap().registrations().count() == 1);
    for other in [
        RegisteredVerifier::ClientId("decentralized_identifier:did:web:v.example".to_owned()),
        RegisteredVerifier::of_certificate(signs.world.verifier.chain.leaf()),
    ] {
        assert!(matches!(with(other), Err(E::Registration(_))));
    }
}

const ATTESTER: &str = "https://attester.example";

/// The attestation of a client, as the attester signs it, with changes (`null` removes).
fn attestation(signs: &Signs, typ: &str, key: &PrivateKey, changes: Value) -> String {
    let now = signs.world.now;
    let mut claims = json!({
        "iss": ATTESTER,
        "sub": "rental.example",
        "exp": (now + 3600).unix_seconds(),
        "cnf": { "jwk": signs.jwk() },
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    HeaderBuilder::new(typ).sign_claims(claims.as_object().unwrap(), key).unwrap()
}

struct Attested {
    signs: Signs,
    attester: PrivateKey,
}

impl Attested {
    fn new() -> Self {
        let mut signs = Signs::new();
        signs.world.policy = Policy::STRICT;
        let attester = PrivateKey::generate(&signs.world.entropy).unwrap();
        let keys = AttesterKeys::Keys(Jwks::new(vec![PublicJwk::new(attester.public_key())]));
        signs.world.known.attesters.push(Attester { issuer: ATTESTER.to_owned(), keys });
        Self { signs, attester }
    }

    fn with(&self, changes: Value) -> Result<AuthenticatedRequest, E> {
        let attestation = attestation(&self.signs, "verifier-attestation+jwt", &self.attester, changes);
        self.present(Some(json!(attestation)))
    }

    fn present(&self, attestation: Option<Value>) -> Result<AuthenticatedRequest, E> {
        self.present_by(attestation, &self.signs.key)
    }

    fn present_by(&self, attestation: Option<Value>, key: &PrivateKey) -> Result<AuthenticatedRequest, E> {
        let header = HeaderBuilder::new(TYPE);
        let header = match attestation {
            Some(attestation) => header.member("jwt", attestation),
            None => header,
        };
        self.signs.receive("verifier_attestation:rental.example", header, key)
    }
}

// rule: VP-C6
#[test]
fn an_attested_client_is_believed_where_the_profile_trusts_the_attester() {
    let attested = Attested::new();
    let request = attested.with(json!({})).unwrap();
    assert!(request.client().is_authenticated());
    assert_eq!(request.client().attested_name(), Some("rental.example"));
    assert_eq!(request.client().id().as_str(), "verifier_attestation:rental.example");
    let unknown = attested.with(json!({ "iss": "https://other.example" }));
    assert_eq!(unknown.unwrap_err(), E::Attestation(Fault::Issuer));
    let mut nobody = Attested::new();
    nobody.signs.world.known.attesters.clear();
    assert_eq!(nobody.with(json!({})).unwrap_err(), E::Attestation(Fault::Issuer));
}

// rule: VP-C6
#[test]
fn each_fault_of_an_attestation_refuses_the_request() {
    let attested = Attested::new();
    let refused = |changes: Value| match attested.with(changes) {
        Err(E::Attestation(fault)) => fault,
        other => panic!("{:?}", other.map(|_| ())),
    };
    let at = |seconds: i64| json!((attested.signs.world.now + seconds).unix_seconds());
    let skew = limits::CLOCK_SKEW_SECONDS;
    assert_eq!(refused(json!({ "sub": "other.example" })), Fault::Subject);
    assert_eq!(refused(json!({ "sub": "verifier_attestation:rental.example" })), Fault::Subject);
    assert_eq!(refused(json!({ "sub": null })), Fault::Subject);
    assert_eq!(refused(json!({ "exp": at(-skew) })), Fault::Time);
    assert_eq!(refused(json!({ "exp": null })), Fault::Malformed);
    assert_eq!(refused(json!({ "nbf": at(skew + 1) })), Fault::Time);
    assert_eq!(refused(json!({ "iat": at(skew + 1) })), Fault::Time);
    assert_eq!(refused(json!({ "iss": null })), Fault::Malformed);
    assert_eq!(refused(json!({ "cnf": null })), Fault::Malformed);
    assert_eq!(refused(json!({ "cnf": { "kid": "k" } })), Fault::Malformed);
    assert_eq!(refused(json!({ "redirect_uris": "https://verifier.example/" })), Fault::Malformed);
    assert_eq!(refused(json!({ "redirect_uris": [1] })), Fault::Malformed);
    assert!(attested.with(json!({ "iat": at(0), "nbf": at(0), "x-unknown": 1 })).is_ok());

    let fault = |jwt: Option<Value>| match attested.present(jwt) {
        Err(E::Attestation(fault)) => fault,
        other => panic!("{:?}", other.map(|_| ())),
    };
    assert_eq!(fault(None), Fault::Missing);
    assert_eq!(fault(Some(json!({}))), Fault::Missing);
    assert_eq!(fault(Some(json!("a.b.c"))), Fault::Malformed);
    assert_eq!(fault(Some(json!("a".repeat(limits::MAX_ATTESTATION_BYTES + 1)))), Fault::Malformed);
    let typed = attestation(&attested.signs, "JWT", &attested.attester, json!({}));
    assert_eq!(fault(Some(json!(typed))), Fault::Type);
    let forged = attestation(&attested.signs, "verifier-attestation+jwt", &attested.signs.key, json!({}));
    assert_eq!(fault(Some(json!(forged))), Fault::Signature);
    assert_eq!(E::Attestation(Fault::Signature).rule(), "VP-C6");
}

// rule: VP-C6
#[test]
fn the_request_is_signed_with_the_attested_key() {
    let attested = Attested::new();
    let token = attestation(&attested.signs, "verifier-attestation+jwt", &attested.attester, json!({}));
    // A captured attestation, and the attester itself: neither is the client.
    for key in [&attested.signs.world.issuer.key, &attested.attester] {
        let refused = attested.present_by(Some(json!(token)), key);
        assert_eq!(refused.unwrap_err(), E::SignatureOf(KeySource::Attestation));
    }
}

// rule: VP-C6, VP-R15
#[test]
fn an_attestation_that_lists_addresses_allows_no_other() {
    let attested = Attested::new();
    assert!(attested.with(json!({ "redirect_uris": ["https://x.example/", RESPONSE_URI] })).is_ok());
    for others in [json!([]), json!(["https://verifier.example/"]), json!([format!("{RESPONSE_URI}/")])] {
        let refused = attested.with(json!({ "redirect_uris": others }));
        assert_eq!(refused.unwrap_err(), E::ResponseUriForeign, "{others}");
    }
    // As many as there may be, the right one last.
    let many = |count: usize| {
        let mut uris = vec!["https://x.example/"; count - 1];
        uris.push(RESPONSE_URI);
        attested.with(json!({ "redirect_uris": uris })).map(drop)
    };
    assert_eq!(many(openid4vp::limits::MAX_RESPONSE_URIS), Ok(()));
    assert!(many(openid4vp::limits::MAX_RESPONSE_URIS + 1).is_err());
}

// rule: VP-C6
#[test]
fn an_attester_with_certificates_signs_under_its_own_anchor() {
    let mut attested = Attested::new();
    let world = &attested.signs.world;
    let anchors = world.registrar.anchors();
    attested.signs.world.known.attesters[0].keys = AttesterKeys::Anchors(anchors);
    let world = &attested.signs.world;
    let token = |party: &Party, key: &PrivateKey| {
        let claims = json!({
            "iss": ATTESTER,
            "sub": "rental.example",
            "exp": (world.now + 3600).unix_seconds(),
            "cnf": { "jwk": attested.signs.jwk() },
        });
        let header = HeaderBuilder::new("verifier-attestation+jwt").x5c(&party.chain.to_der());
        json!(header.sign_claims(claims.as_object().unwrap(), key).unwrap())
    };
    assert!(attested.present(Some(token(&world.registrar, &world.registrar.key))).is_ok());
    let stranger = attested.present(Some(token(&world.verifier, &world.verifier.key)));
    assert_eq!(stranger.unwrap_err(), E::Attestation(Fault::Issuer));
    let forged = attested.present(Some(token(&world.registrar, &world.verifier.key)));
    assert_eq!(forged.unwrap_err(), E::Attestation(Fault::Signature));
    let without = attested.with(json!({}));
    assert_eq!(without.unwrap_err(), E::Attestation(Fault::Issuer));
}

// rule: VP-C6
#[test]
fn kid_chooses_among_the_keys_of_an_attester() {
    let mut attested = Attested::new();
    let signs = &attested.signs;
    let other = PublicJwk::new(signs.world.issuer.key.public_key()).with_kid("other");
    let own = PublicJwk::new(attested.attester.public_key()).with_kid("own");
    attested.signs.world.known.attesters[0].keys = AttesterKeys::Keys(Jwks::new(vec![other, own]));
    let with = |kid: Option<&str>| {
        let now = attested.signs.world.now;
        let claims = json!({
            "iss": ATTESTER,
            "sub": "rental.example",
            "exp": (now + 3600).unix_seconds(),
            "cnf": { "jwk": attested.signs.jwk() },
        });
        let header = HeaderBuilder::new("verifier-attestation+jwt");
        let header = match kid {
            Some(kid) => header.kid(kid),
            None => header,
        };
        let token = header.sign_claims(claims.as_object().unwrap(), &attested.attester).unwrap();
        attested.present(Some(json!(token))).map(|_| ())
    };
    assert_eq!(with(Some("own")), Ok(()));
    assert_eq!(with(Some("other")), Err(E::Attestation(Fault::Signature)));
    assert_eq!(with(Some("none")), Err(E::Attestation(Fault::Issuer)));
    assert_eq!(with(None), Err(E::Attestation(Fault::Issuer)));
}
