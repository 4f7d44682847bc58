//! The post to a verifier's `response_uri`, plain; and, after `j`, the JSON that is then encrypted to it.
#![no_main]
use citizen_wallet_fuzz::world::{VCT, entropy};
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use openid4vp::verifier::*;
use std::sync::OnceLock;

fn session() -> &'static Session {
    static SESSION: OnceLock<Session> = OnceLock::new();
    SESSION.get_or_init(|| {
        let query = serde_json::json!({ "credentials": [
            { "id": "a", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }] },
            { "id": "b", "format": "mso_mdoc", "meta": { "doctype_value": "fuzz.example.card.1" }, "claims": [{ "path": ["fuzz.example.1", "name"] }] },
        ] });
        let query = dcql::Query::from_value(query).unwrap();
        let identity = ClientIdentity::X509Hash(world().verifier.chain.clone());
        let builder = RequestBuilder::new(identity, query, "https://verifier.example/response").unencrypted();
        builder.build(now(), &entropy()).unwrap().into_session()
    })
}

/// The `state` is drawn first thing with a fixed sequence: read from the request, so that seeds get past it.
fn state() -> String {
    let query = session().query().as_wire();
    let query = dcql::Query::from_value(serde_json::to_value(query).unwrap()).unwrap();
    let identity = ClientIdentity::X509Hash(world().verifier.chain.clone());
    let builder = RequestBuilder::new(identity, query, "https://verifier.example/response").unencrypted();
    let prepared = builder.build(now(), &entropy()).unwrap();
    let signer = RequestSigner { chain: &world().verifier.chain, signer: &world().verifier.key };
    let object = prepared.request_object(&signer).unwrap();
    let claims = crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
    claims.get("state").and_then(|state| state.as_str()).unwrap_or_default().to_owned()
}

fuzz_target!(
    init: plant(|| {
        let state = state();
        let form = |fields: &[(&str, &str)]| {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(fields);
            form.finish().into_bytes()
        };
        let token = vector_texts(&["sd-jwt"], |text| text.contains('~')).into_iter().next().unwrap_or_default();
        let token = String::from_utf8(token).unwrap();
        let vp_token = serde_json::json!({ "a": [token], "b": ["o2d2ZXJzaW9u"] }).to_string();
        vec![
            form(&[("state", &state), ("vp_token", &vp_token)]),
            form(&[("state", &state), ("error", "access_denied"), ("error_description", "x")]),
            form(&[("state", &state), ("vp_token", "{\"a\":[\"x~\"]}")]),
            form(&[("response", "eyJ..a.b.c")]),
        ]
    }),
    |data: &[u8]| {
        // No key of the country's holder ever signed for this session: nothing can be proved to it.
        if let Ok(Outcome::Verified(answer)) = session().validate(data, &world().issuers, now()) {
            assert!(answer.presentations.is_empty());
        }
    }
);
