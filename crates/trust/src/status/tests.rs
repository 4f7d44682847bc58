//! The draft's own tokens name their key by `kid` and carry no chain, so they meet the steps after the chain here.

use std::path::PathBuf;

use crypto::{PublicJwk, PublicKey};
use primitives::Instant;
use serde_json::Value;

use super::*;

fn tokens() -> Option<Value> {
    let folder = std::env::var_os("CITIZEN_WALLET_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
        PathBuf::from,
    );
    let bytes = std::fs::read(folder.join("status-list/tokens.json")).ok()?;
    Some(serde_json::from_slice(&bytes).unwrap())
}

fn judge(token: &StatusListToken, key: &PublicKey) -> VerifiedStatusList {
    let reference = StatusReference::new("https://example.com/statuslists/1", 0).unwrap();
    let claims = token.signed_claims(key).unwrap();
    claims.judge(&reference, token::Standing::default(), Instant::from_unix_seconds(1_700_000_000)).unwrap()
}

// rule: ST-2, ST-3, ST-10, ST-12
#[test]
fn the_tokens_of_the_draft_hold() {
    let Some(file) = tokens() else {
        println!("left out: 2 cases of status-list/tokens.json (vectors absent)");
        return;
    };
    let key = *PublicJwk::from_value(&file["public_jwk"]).unwrap().key();
    let mut ran = 0;
    for case in file["tokens"].as_array().unwrap() {
        let token = match case["name"].as_str().unwrap() {
            "status list token (JWT)" => StatusListToken::parse_jwt(case["token"].as_str().unwrap()),
            "status list token (CWT)" => {
                let hex = case["token_hex"].as_str().unwrap();
                let bytes: Vec<u8> = (0..hex.len())
                    .step_by(2)
                    .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
                    .collect();
                StatusListToken::parse_cwt(&bytes)
            }
            _ => continue,
        };
        let list = judge(&token.unwrap(), &key);
        let statuses: Vec<u8> = (0..16)
            .map(|index| {
                let reference = StatusReference::new("https://example.com/statuslists/1", index).unwrap();
                list.state(&reference).unwrap().value()
            })
            .collect();
        assert_eq!(statuses, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
        assert_eq!(list.time_to_live(), Some(43200));
        ran += 1;
    }
    assert_eq!(ran, 2);
}

// rule: ST-10
#[test]
fn a_value_takes_the_place_of_the_one_before_and_of_no_other() {
    for bits in [Bits::One, Bits::Two, Bits::Four, Bits::Eight] {
        let highest = u8::try_from((1_u16 << bits.number()) - 1).unwrap();
        let mut list = list::StatusBits::all_valid(bits, 16).unwrap();
        for index in 0..16 {
            assert_eq!(list.set(index, highest), Ok(true));
        }
        assert_eq!(list.set(5, 0), Ok(true));
        let values: Vec<u8> = (0..16).map(|index| list.get(index).unwrap()).collect();
        assert!(values.iter().enumerate().all(|(at, value)| *value == if at == 5 { 0 } else { highest }));
        if let Some(more) = highest.checked_add(1) {
            assert_eq!(list.set(5, more), Ok(false), "{bits:?}");
            assert_eq!(list.get(5), Ok(0));
        }
    }
}

// rule: ST-1
#[test]
fn the_referenced_tokens_of_the_draft_refer_to_their_list() {
    let Some(file) = tokens() else {
        println!("left out: 1 case of status-list/tokens.json (vectors absent)");
        return;
    };
    let mut ran = 0;
    for case in file["tokens"].as_array().unwrap() {
        if let Some(status) = case["claims"].get("status") {
            let reference = StatusReference::from_json(status).unwrap();
            assert_eq!((reference.uri(), reference.index()), ("https://example.com/statuslists/1", 0));
            ran += 1;
        }
    }
    assert!(ran > 0);
}
