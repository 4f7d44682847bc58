//! Questions of offline QR and the request object in them. After `=` the request object itself, after `j` its claims, which the verifier then
//! signs; after `>` a request object that is packed, deflated and read again.
#![no_main]
use citizen_wallet_fuzz::world::entropy;
use citizen_wallet_fuzz::*;
use crypto::jws::HeaderBuilder;
use libfuzzer_sys::fuzz_target;
use offline_qr::RequestMessage;
use openid4vp::holder::{Policy, RequestTrust, ScreenRequest};
use openid4vp::verifier::{ClientIdentity, RequestBuilder, RequestSigner};

fn object() -> String {
    let query = serde_json::json!({ "credentials": [
        { "id": "q0", "format": "dc+sd-jwt", "meta": { "vct_values": [world::VCT] }, "claims": [{ "path": ["name"] }] },
    ] });
    let identity = ClientIdentity::X509Hash(world().verifier.chain.clone());
    let builder = RequestBuilder::for_screen(identity, dcql::Query::from_value(query).unwrap());
    let prepared = builder.build(now(), &entropy()).unwrap();
    let signer = RequestSigner { chain: &world().verifier.chain, signer: &world().verifier.key };
    prepared.request_object(&signer).unwrap()
}

fuzz_target!(
    init: plant(|| {
        let object = object();
        let message = RequestMessage { request_object: object.clone() };
        let claims = crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_payload().to_vec();
        vec![
            message.encode().unwrap(),
            [b"=", object.as_bytes()].concat(),
            [b">", object.as_bytes()].concat(),
            [b"j", &claims[..]].concat(),
            b"=eyJhbGciOiJub25lIn0.e30.".to_vec(),
        ]
    }),
    |data: &[u8]| {
        let object = match data.split_first() {
            Some((b'=', object)) => text(object).map(str::to_owned),
            // Only what is JSON at all is worth a signature.
            Some((b'j', claims)) if primitives::json::parse_strict_object(claims, 64 * 1024).is_ok() => {
                let header = HeaderBuilder::new("oauth-authz-req+jwt").x5c(&world().verifier.chain.to_der());
                header.sign(claims, &world().verifier.key).ok()
            }
            Some((b'>', object)) => {
                let Some(object) = text(object) else { return };
                let request = RequestMessage { request_object: object.to_owned() };
                request.encode().and_then(|bytes| RequestMessage::decode(&bytes)).ok().map(|again| {
                    assert!(again == request);
                    again.request_object
                })
            }
            _ => RequestMessage::decode(data).ok().map(|request| {
                if let Ok(bytes) = request.encode() {
                    assert!(RequestMessage::decode(&bytes).ok().unwrap() == request);
                }
                request.request_object
            }),
        };
        let Some(object) = object else { return };
        let trust = RequestTrust::new(&world().verifiers, &world().registrars);
        if let Ok(screen) = ScreenRequest::parse(&object)
            && let Ok(request) = screen.authenticate(&trust, now(), &Policy::STRICT)
        {
            assert!(request.client().is_authenticated());
        }
    }
);
