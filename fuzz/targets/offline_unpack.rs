//! Packed texts: what comes out can be packed and comes out again, and is bounded; after `=` a text that is packed.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use offline_qr::deflate::{deflate, inflate};
use offline_qr::pack::{MAX_TEXT_BYTES, pack, unpack};

fuzz_target!(
    init: plant(|| {
        let tokens = vector_texts(&["sd-jwt"], |text| text.contains('~') || text.starts_with("eyJ"));
        let packed = |token: &Vec<u8>| crypto::cbor::encode(&pack(text(token).unwrap_or_default()));
        let mut seeds: Vec<Vec<u8>> = tokens.iter().take(40).map(packed).collect();
        seeds.extend(tokens.iter().take(40).map(|token| [b"=", &token[..]].concat()));
        seeds
    }),
    |data: &[u8]| {
        let unpacked = match data.split_first() {
            Some((b'=', bytes)) => text(bytes).map(str::to_owned),
            _ => crypto::cbor::parse(data, data.len()).ok().and_then(|value| unpack(&value).ok()),
        };
        if let Some(text) = unpacked {
            assert!(text.len() <= MAX_TEXT_BYTES);
            let packed = crypto::cbor::encode(&pack(&text));
            let again = crypto::cbor::parse(&packed, packed.len()).unwrap();
            assert_eq!(unpack(&again).unwrap(), text);
        }
        let deflated = deflate(data);
        match inflate(&deflated) {
            Ok(bytes) => assert_eq!(bytes, data),
            // Zeros upon zeros: refused in proportion.
            Err(_) => assert!(data.len() > offline_qr::deflate::FREE_BYTES),
        }
        let _ = inflate(data);
    }
);
