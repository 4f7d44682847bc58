//! COSE_Sign1, bare and as a CWT: written and read again; what verifies is what was signed.
#![no_main]
use citizen_wallet_fuzz::*;
use crypto::Signer as _;
use crypto::cose::{Sign1Builder, UnverifiedSign1};
use libfuzzer_sys::fuzz_target;

const PAYLOAD: &[u8] = &[0xa1, 0x02, 0x61, b'x'];

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_bytes(&["status-list", "mdoc"], |bytes| matches!(bytes.first(), Some(0x84 | 0xd2 | 0xd8)));
        let builder = || Sign1Builder::new().protected(16, crypto::cbor::Value::from("x")).x5chain(&world().issuer.chain.to_der());
        let signed = builder().sign(&world().holder, PAYLOAD, &[]).unwrap();
        seeds.push(signed.to_bytes());
        seeds.push(signed.to_tagged_bytes());
        seeds.push(builder().sign_detached(&world().holder, PAYLOAD, &[]).unwrap().to_bytes());
        seeds
    }),
    |data: &[u8]| {
        let bare = UnverifiedSign1::parse(data);
        let Ok(sign1) = UnverifiedSign1::parse_cwt(data) else {
            assert!(bare.is_err());
            return;
        };
        let again = UnverifiedSign1::parse(&sign1.to_bytes()).unwrap();
        assert!(again.to_bytes() == sign1.to_bytes());
        assert!(UnverifiedSign1::parse_cwt(&sign1.to_tagged_bytes()).unwrap().to_bytes() == sign1.to_bytes());
        let _ = sign1.x5chain();
        let key = world().holder.public_key();
        if let Ok(verified) = sign1.verify(&key, &[]) {
            assert_eq!(verified.payload(), PAYLOAD);
        }
    }
);
