//! Who a signed request is from where no certificate says it. After `D` the DID document of a `did:web` client, as fetched; after `A` a
//! Verifier Attestation JWT; after `a` its claims, which the attester then signs.
#![no_main]
use citizen_wallet_fuzz::world::entropy;
use citizen_wallet_fuzz::*;
use crypto::jws::{HeaderBuilder, UnverifiedJws};
use crypto::{Jwks, PublicJwk, Signer};
use libfuzzer_sys::fuzz_target;
use openid4vp::holder::*;
use openid4vp::verifier::{ClientIdentity, RequestBuilder, RequestSigner};
use primitives::LocalizedText;
use primitives::http::Response;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

const DID: &str = "did:web:verifier.example";
const TYPE: &str = "oauth-authz-req+jwt";
const ATTESTATION_TYPE: &str = "verifier-attestation+jwt";
const ATTESTER: &str = "https://registrar.example";

/// Who asks is known by both ways; the attester's key is the registrar's.
fn known() -> &'static KnownVerifiers {
    static KNOWN: OnceLock<KnownVerifiers> = OnceLock::new();
    KNOWN.get_or_init(|| KnownVerifiers {
        dids: vec![KnownDid { did: DID.to_owned(), name: LocalizedText { ko: "확인".into(), en: "Verifier".into() } }],
        attesters: vec![Attester {
            issuer: ATTESTER.to_owned(),
            keys: AttesterKeys::Keys(Jwks::new(vec![PublicJwk::new(world().registrar.key.public_key())])),
        }],
        ..KnownVerifiers::default()
    })
}

/// The claims of a request on a screen by this client.
fn claims(client_id: &str) -> Map<String, Value> {
    let query = json!({ "credentials": [
        { "id": "q0", "format": "dc+sd-jwt", "meta": { "vct_values": [world::VCT] }, "claims": [{ "path": ["name"] }] },
    ] });
    let verifier = &world().verifier;
    let identity = ClientIdentity::X509Hash(verifier.chain.clone());
    let builder = RequestBuilder::for_screen(identity, dcql::Query::from_value(query).unwrap());
    let signer = RequestSigner { chain: &verifier.chain, signer: &verifier.key };
    let object = builder.build(now(), &entropy()).unwrap().request_object(&signer).unwrap();
    let mut claims = UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
    claims.insert("client_id".to_owned(), client_id.into());
    claims
}

/// A request by the DID, signed once.
fn by_did() -> &'static String {
    static OBJECT: OnceLock<String> = OnceLock::new();
    OBJECT.get_or_init(|| {
        let header = HeaderBuilder::new(TYPE).kid(&format!("{DID}#key"));
        header.sign_claims(&claims(&format!("decentralized_identifier:{DID}")), &world().verifier.key).unwrap()
    })
}

fn by_attestation(attestation: &str) -> Option<String> {
    static CLAIMS: OnceLock<Map<String, Value>> = OnceLock::new();
    let claims = CLAIMS.get_or_init(|| claims("verifier_attestation:verifier.example"));
    HeaderBuilder::new(TYPE).member("jwt", attestation.into()).sign_claims(claims, &world().verifier.key).ok()
}

fn jwk() -> Value {
    serde_json::to_value(PublicJwk::new(world().verifier.key.public_key())).unwrap()
}

fn document() -> Vec<u8> {
    let method = json!({ "id": "#key", "type": "JsonWebKey2020", "controller": DID, "publicKeyJwk": jwk() });
    let other = json!({ "id": format!("{DID}#other"), "type": "JsonWebKey2020", "controller": DID, "publicKeyJwk": jwk() });
    let document = json!({ "id": DID, "verificationMethod": [method, other], "assertionMethod": ["#key"], "authentication": ["#key"] });
    serde_json::to_vec(&document).unwrap()
}

fn attested() -> Vec<u8> {
    let claims = json!({ "iss": ATTESTER, "sub": "verifier.example", "iat": now(), "exp": now() + 3600,
        "cnf": { "jwk": jwk() }, "redirect_uris": ["https://verifier.example/response"] });
    serde_json::to_vec(&claims).unwrap()
}

fuzz_target!(
    init: plant(|| {
        let attestation = HeaderBuilder::new(ATTESTATION_TYPE).sign(&attested(), &world().registrar.key).unwrap();
        let seeds = vec![
            [b"D", &document()[..]].concat(),
            [b"A", attestation.as_bytes()].concat(),
            [b"a", &attested()[..]].concat(),
        ];
        // What is genuine is authenticated: else nothing behind it would be reached.
        assert!(seeds.iter().all(|seed| authenticated(seed)));
        seeds
    }),
    |data: &[u8]| { authenticated(data); }
);

fn authenticated(data: &[u8]) -> bool {
    let Some((kind, rest)) = data.split_first() else { return false };
    let trust = RequestTrust::new(&world().verifiers, &world().registrars).with_known(known());
    let attestation = match kind {
        b'A' => text(rest).map(str::to_owned),
        // Only what is JSON at all is worth a signature.
        b'a' if primitives::json::parse_strict_object(rest, 64 * 1024).is_ok() => {
            HeaderBuilder::new(ATTESTATION_TYPE).sign(rest, &world().registrar.key).ok()
        }
        _ => None,
    };
    let request = match (kind, attestation) {
        (b'D', _) => {
            let screen = ScreenRequest::parse(by_did()).unwrap();
            let Ok(Resolution::Fetch(fetch)) = screen.resolve(&trust, &Policy::STRICT) else { panic!("nothing to fetch") };
            fetch.receive(&Response::new(200, rest.to_vec()).with_header("content-type", "application/did+json"))
        }
        (_, Some(attestation)) => match by_attestation(&attestation).map(|object| ScreenRequest::parse(&object)) {
            Some(request) => request,
            None => return false,
        },
        _ => return false,
    };
    let Ok(request) = request.and_then(|request| request.authenticate(&trust, now(), &Policy::STRICT)) else { return false };
    assert!(request.client().is_authenticated());
    assert!(request.client().chain().is_none());
    true
}
