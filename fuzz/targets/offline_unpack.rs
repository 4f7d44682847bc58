//! Packed texts: what comes out can be packed and comes out again, and is bounded. After `=` a text that is packed, after `>` bytes that are
//! deflated and inflated.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use offline_qr::deflate::{FREE_BYTES, MAX_RATIO, deflate, inflate};
use offline_qr::pack::{MAX_TEXT_BYTES, pack, unpack};

fuzz_target!(
    init: plant(|| {
        let tokens = vector_texts(&["sd-jwt"], |text| text.contains('~') || text.starts_with("eyJ"));
        let packed = |token: &Vec<u8>| crypto::cbor::encode(&pack(text(token).unwrap_or_default()));
        let mut seeds: Vec<Vec<u8>> = tokens.iter().take(40).map(packed).collect();
        for kind in [b"=", b">"] {
            seeds.extend(tokens.iter().take(40).map(|token| [&kind[..], &token[..]].concat()));
        }
        seeds.extend(tokens.iter().take(40).map(|token| deflate(token)));
        seeds
    }),
    |data: &[u8]| {
        let unpacked = match data.split_first() {
            Some((b'=', bytes)) => text(bytes).map(str::to_owned),
            Some((b'>', bytes)) => {
                match inflate(&deflate(bytes)) {
                    Ok(again) => assert_eq!(again, bytes),
                    // Zeros upon zeros: refused in proportion.
                    Err(_) => assert!(bytes.len() > FREE_BYTES),
                }
                return;
            }
            _ => crypto::cbor::parse(data, data.len()).ok().and_then(|value| unpack(&value).ok()),
        };
        if let Some(text) = unpacked {
            assert!(text.len() <= MAX_TEXT_BYTES);
            let packed = crypto::cbor::encode(&pack(&text));
            let again = crypto::cbor::parse(&packed, packed.len()).unwrap();
            assert_eq!(unpack(&again).unwrap(), text);
        }
        if let Ok(inflated) = inflate(data) {
            assert!(inflated.len() <= FREE_BYTES.max(data.len() * MAX_RATIO));
        }
    }
);
