//! A request object as fetched. After `J` a whole token; after `j` the claims, which the verifier then signs.
#![no_main]
use citizen_wallet_fuzz::world::entropy;
use citizen_wallet_fuzz::*;
use crypto::jws::HeaderBuilder;
use libfuzzer_sys::fuzz_target;
use openid4vp::holder::*;
use openid4vp::verifier::{ClientIdentity, RequestBuilder, RequestSigner};
use primitives::http::Response;
use std::sync::OnceLock;

fn genuine() -> &'static (String, String) {
    static TOKEN: OnceLock<(String, String)> = OnceLock::new();
    TOKEN.get_or_init(|| {
        let query = serde_json::json!({ "credentials": [{ "id": "a", "format": "dc+sd-jwt",
            "meta": { "vct_values": ["urn:fuzz:Card:1"] }, "claims": [{ "path": ["name"] }] }] });
        let query = dcql::Query::from_value(query).unwrap();
        let verifier = &world().verifier;
        let identity = ClientIdentity::X509Hash(verifier.chain.clone());
        let builder = RequestBuilder::new(identity, query, "https://verifier.example/response");
        let prepared = builder.build(now(), &entropy()).unwrap();
        let signer = RequestSigner { chain: &verifier.chain, signer: &verifier.key };
        let link =
            prepared.link_by_reference("openid4vp", "https://verifier.example/request", false).unwrap();
        (prepared.request_object(&signer).unwrap(), link)
    })
}

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_texts(&["openid4vp"], |text| text.starts_with("eyJ")).into_iter().map(|seed| [b"J", &seed[..]].concat()).collect::<Vec<_>>();
        let payload = crypto::jws::UnverifiedJws::parse(&genuine().0).unwrap().dangerous_payload().to_vec();
        seeds.push([b"J", genuine().0.as_bytes()].concat());
        seeds.push([b"j", &payload[..]].concat());
        seeds
    }),
    |data: &[u8]| {
        let Some((kind, rest)) = data.split_first() else { return };
        let object = match kind {
            b'J' => rest.to_vec(),
            // Only what is JSON at all is worth a signature.
            b'j' if primitives::json::parse_strict_object(rest, 64 * 1024).is_ok() => {
                let header = HeaderBuilder::new("oauth-authz-req+jwt").x5c(&world().verifier.chain.to_der());
                header.sign(rest, &world().verifier.key).unwrap().into_bytes()
            }
            _ => return,
        };
        let policy = Policy { unauthenticated: Unauthenticated::Warn, transactions: TRANSACTIONS, ..Policy::STRICT };
        let invocation = Invocation::parse(&genuine().1, &policy).unwrap();
        let Next::Fetch(fetch) = invocation.next(&entropy()).unwrap() else { panic!("nothing to fetch") };
        let response = Response::new(200, object.clone()).with_header("content-type", "application/oauth-authz-req+jwt");
        let Ok(request) = fetch.receive(&response) else { return };
        let trust = RequestTrust::new(&world().verifiers, &world().registrars);
        let Ok(request) = request.authenticate(&trust, now(), &policy) else { return };
        assert!(request.client().is_authenticated());
        assert!(request.client().chain().unwrap().chain() == &world().verifier.chain);
        assert_eq!(request.response_uri().unwrap().scheme(), "https");
        if *kind == b'J' {
            // By their content: the corpus may hold what the same key signed in an earlier version, in another order.
            let claims = |text: &str| crypto::jws::UnverifiedJws::parse(text.trim_end()).unwrap().dangerous_claims().unwrap();
            assert_eq!(claims(text(&object).unwrap()), claims(&genuine().0));
        }
    }
);
