//! Questions of offline QR and the request object in them; after `=`, a request object that is packed and deflated first.
#![no_main]
use citizen_wallet_fuzz::world::entropy;
use citizen_wallet_fuzz::*;
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
        vec![message.encode().unwrap(), [b"=", object.as_bytes()].concat(), b"=eyJhbGciOiJub25lIn0.e30.".to_vec()]
    }),
    |data: &[u8]| {
        let request = match data.split_first() {
            Some((b'=', object)) => {
                let Some(object) = text(object) else { return };
                RequestMessage { request_object: object.to_owned() }.encode().and_then(|bytes| RequestMessage::decode(&bytes))
            }
            _ => RequestMessage::decode(data),
        };
        let Ok(request) = request else { return };
        if let Ok(bytes) = request.encode() {
            assert!(RequestMessage::decode(&bytes).ok().unwrap() == request);
        }
        let trust = RequestTrust::new(&world().verifiers, &world().registrars);
        if let Ok(screen) = ScreenRequest::parse(&request.request_object)
            && let Ok(request) = screen.authenticate(&trust, now(), &Policy::STRICT)
        {
            assert!(request.client().is_authenticated());
        }
    }
);
